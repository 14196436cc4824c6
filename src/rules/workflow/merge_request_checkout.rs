//! The source of a merge request, fetched from its fork by a job that holds something.

use std::collections::BTreeMap;

use super::reach::{self, Run};
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::workflow::{Script, Service, Step};
use crate::parse::shell::{Invocation, Part};
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
    let mut found: BTreeMap<(FileId, &str), Vec<(Place, &Run<'_>, &Step, &'static str)>> = BTreeMap::new();
    for run in reach::runs(scene) {
        let Some((_, job)) = run.job().filter(|(workflow, _)| workflow.service == Service::GitLab) else { continue };
        // Without anything to gain the fork's own pipeline does as well.
        if run.impact().is_none() {
            continue;
        }
        for step in run.steps {
            let Some(script) = &step.run else { continue };
            for (variable, range) in fetched(script) {
                let place = Place::new(run.file, script.text.host_span(range));
                found.entry((run.file, job.id.value.as_str())).or_default().push((place, run, step, variable));
            }
        }
    }
    for ((_, job), places) in &found {
        let Some((place, run, step, variable)) = places.first() else { continue };
        let draft = report
            .at(*place, format!("`${variable}` leads to the fork"))
            .confidence(Confidence::Medium)
            .also(places.iter().map(|(place, ..)| *place))
            .about("job", *job, None)
            .content(*variable)
            .evidence("a merge request of a fork runs here once a member starts its pipeline")
            .advise("do what needs the fork's code in a job without secrets, and hand on what it made as an artifact");
        let draft = run.route(scene, draft).via(step.title(), Some(*place));
        draft.say(format!("the code of a merge request's fork is fetched{}", run.held()));
    }
}

/// Where git is told to fetch from the fork.
fn fetched(script: &Script) -> Vec<(&'static str, std::ops::Range<usize>)> {
    let mut out = Vec::new();
    for command in &script.program.commands {
        let Some(invocation) = Invocation::of(&script.program, command) else { continue };
        let fetches = invocation
            .args
            .iter()
            .any(|arg| matches!(arg.text.as_str(), "clone" | "fetch" | "pull" | "remote" | "submodule"));
        if invocation.name != "git" || !fetches {
            continue;
        }
        let parts = invocation.args.iter().flat_map(|arg| &arg.word.parts);
        let names = parts.filter_map(|part| if let Part::Variable(name) = part { Some(name.as_str()) } else { None });
        let fork = names.filter_map(|name| FORK.iter().copied().find(|known| *known == name)).reduce(|first, _| first);
        out.extend(fork.map(|variable| (variable, command.range.clone())));
    }
    out
}
