//! What a job of another project made, taken by the name of a branch.

use std::collections::BTreeMap;

use super::included::{Fixed, is_own};
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::gitlab::ForeignNeed;
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "unpinned-artifact",
    title: "another project's artifact by a name that moves",
    many: "{n} artifacts of other projects are taken by names that move",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unpinned_artifact.md"),
    check,
};

/// One job that takes it.
struct Use<'a, 'r> {
    place: Place,
    run: &'r Run<'a>,
    need: &'a ForeignNeed,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<(&str, &str), Vec<Use<'_, '_>>> = BTreeMap::new();
    let jobs = reach::gitlab(scene);
    for run in reach::runs(scene) {
        let Some((workflow, job)) = run.job() else { continue };
        let Some(whole) = jobs.find(workflow, job) else { continue };
        for need in &whole.more.foreign_needs {
            let reference = need.reference.as_ref().map_or("", |r| r.value.as_str());
            if !need.fetches || is_own(&need.project.value) || Fixed::of(reference) == Fixed::Commit {
                continue;
            }
            let span = need.reference.as_ref().map_or(need.span, |r| r.span);
            let key = (need.project.value.as_str(), reference);
            found.entry(key).or_default().push(Use { place: Place::new(run.file, span), run, need });
        }
    }
    for ((project, reference), uses) in &found {
        let heavier = uses.iter().reduce(|best, next| if next.run.weight() > best.run.weight() { next } else { best });
        let Some(Use { place, run, need }) = heavier else { continue };
        let is_weighty = run.impact().is_some();
        let from = need.job.as_ref().map_or_else(String::new, |job| format!("job `{}` of ", job.value));
        let how = if reference.is_empty() {
            "the last run of its default branch".to_owned()
        } else {
            format!("the last run of `{reference}`")
        };
        let draft = report
            .at(*place, how.clone())
            .severity(if is_weighty { Severity::Medium } else { Severity::Low })
            .confidence(Confidence::Medium)
            .also(uses.iter().map(|one| one.place))
            .about("artifact", *project, Some((*reference).to_owned()).filter(|r| !r.is_empty()))
            .content(format!("{project}@{reference}"))
            .evidence(format!("{how}; nothing compares what it made with anything"))
            .advise(
                "have the other project publish a version, and fetch it by number and digest: \
                 curl -fsSLO <package>/<version>/<file> && echo \"<sha256>  <file>\" | sha256sum -c -",
            );
        let held = if is_weighty { run.held() } else { String::new() };
        run.route(scene, draft).say(format!("what {from}`{project}` made last is taken{held}"));
    }
}
