//! The source of a merge request, fetched from its fork by a job that holds something.

use std::collections::BTreeMap;

use super::reach::{self, Run};
use crate::diag::{Confidence, Severity};
use crate::graph::ci::trust;
use crate::graph::kinds::workflow::{Script, Service, Step};
use crate::parse::shell::Part;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place};

pub(super) static RULE: Rule = Rule {
    id: "merge-request-checkout",
    title: "a fork's code is fetched into a job with secrets",
    many: "{n} jobs with secrets fetch the code of forks",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("merge_request_checkout.md"),
    check,
};

/// Variables that lead to the fork.
const FORK: &[&str] = &["CI_MERGE_REQUEST_SOURCE_PROJECT_PATH", "CI_MERGE_REQUEST_SOURCE_PROJECT_URL"];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<(FileId, &str), Vec<Found<'_, '_>>> = BTreeMap::new();
    for run in reach::runs(scene) {
        let Some((_, job)) = run.job().filter(|(workflow, _)| workflow.service == Service::GitLab) else { continue };
        // Without anything to gain the fork's own pipeline does as well.
        if run.impact().is_none() {
            continue;
        }
        for step in run.steps {
            let Some(script) = &step.run else { continue };
            for (variable, command) in fetched(script) {
                let range = script.program.commands.get(command).map(|c| c.range.clone()).unwrap_or_default();
                let place = Place::new(run.file, script.text.host_span(range));
                let one = Found { place, run, step, variable, runs: runs_after(script, command) };
                found.entry((run.file, job.id.value.as_str())).or_default().push(one);
            }
        }
    }
    for ((_, job), places) in &found {
        let running = places.iter().find(|one| one.runs.is_some());
        let Some(Found { place, run, step, variable, runs }) = running.or(places.first()) else { continue };
        let mut draft = report
            .at(*place, format!("`${variable}` leads to the fork"))
            .severity(if runs.is_some() { Severity::Medium } else { Severity::Low })
            .confidence(Confidence::Medium)
            .also(places.iter().map(|one| one.place))
            .about("job", *job, None)
            .content(*variable)
            .evidence("a merge request of a fork runs here once a member starts its pipeline")
            .advise("do what needs the fork's code in a job without secrets, and hand on what it made as an artifact");
        if let Some(runs) = runs {
            draft = draft.evidence(format!("`{runs}` runs after it"));
        }
        let draft = run.route(scene, draft).via(step.title(), Some(*place));
        let does = if runs.is_some() { "fetched and run" } else { "fetched" };
        draft.say(format!("the code of a merge request's fork is {does}{}", run.held()));
    }
}

/// One place where it is fetched.
struct Found<'a, 'r> {
    place: Place,
    run: &'r Run<'a>,
    step: &'a Step,
    variable: &'static str,
    /// What runs after it in the same script.
    runs: Option<String>,
}

/// The first command after another one that runs what lies in the tree.
fn runs_after(script: &Script, command: usize) -> Option<String> {
    let called = script.acts.iter().find(|act| act.command > command && act.called().is_some());
    let called = called.and_then(|act| Some((act.command, act.called()?.0.to_owned())));
    let later = script.program.calls_of(trust::runs_tree).filter(|(index, _)| *index > command);
    let built = later.map(|(index, call)| (index, call.name));
    built.chain(called).min_by_key(|(index, _)| *index).map(|(_, name)| name)
}

/// Where git is told to fetch from the fork: the variable and the command.
fn fetched(script: &Script) -> Vec<(&'static str, usize)> {
    let mut out = Vec::new();
    for (index, invocation) in script.program.calls_of(|name| name == "git") {
        let fetches = invocation
            .args
            .iter()
            .any(|arg| matches!(arg.text.as_str(), "clone" | "fetch" | "pull" | "remote" | "submodule"));
        if !fetches {
            continue;
        }
        let parts = invocation.args.iter().flat_map(|arg| &arg.word.parts);
        let names = parts.filter_map(|part| if let Part::Variable(name) = part { Some(name.as_str()) } else { None });
        let fork = names.filter_map(|name| FORK.iter().copied().find(|known| *known == name)).reduce(|first, _| first);
        out.extend(fork.map(|variable| (variable, index)));
    }
    out
}
