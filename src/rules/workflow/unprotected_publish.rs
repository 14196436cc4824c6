//! A job that publishes and that many can start, with nobody asked in between.

use super::reach;
use super::releasing::{self, Release, Shelf};
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::workflow::{Trigger, Workflow};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "unprotected-publish",
    title: "a job publishes without an environment",
    many: "{n} jobs publish without an environment",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unprotected_publish.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for run in reach::runs(scene) {
        let Some(holder) = releasing::holder(run) else { continue };
        // An environment of a caller's job holds nothing back: a call has none.
        if holder.job.environment.is_some() {
            continue;
        }
        let releases = releasing::releases(run);
        let Some(release) = releases.iter().find(|r| r.shelf != Shelf::Images && is_out(r)) else { continue };
        let first: &Workflow = holder.through.first().map_or(holder.workflow, |(caller, _)| *caller);
        let Some((trigger, who)) = first.triggers.iter().find_map(|t| Some((t, starts(t)?))) else { continue };
        let draft = report
            .at(release.place, "publishes")
            .confidence(Confidence::Medium)
            .about("job", holder.job.id.value.clone(), None)
            .content(release.what.clone())
            .also(releases.iter().filter(|r| r.shelf != Shelf::Images).map(|r| r.place))
            .related(Place::new(first.file, trigger.name.span), who);
        holder
            .hops(draft)
            .evidence("the job names no `environment`; rules on branches and tags are not in the files")
            .advise(
                "give the job an `environment` with required reviewers or with rules on branches and tags, and keep what \
                 publishes in it",
            )
            .say(format!("job {} publishes by {} for {who}", holder.job.id.value, release.what));
    }
}

/// Whether it goes out by itself from any branch: no draft that a person publishes, no step for tags alone.
fn is_out(release: &Release<'_>) -> bool {
    let step = release.step;
    let is_draft = step.input("draft").is_some_and(|v| v.value.trim() == "true");
    let on_tags = step.condition.as_ref().is_some_and(|c| c.value.contains("refs/tags/"));
    !is_draft && !on_tags
}

/// Who can start it, where that is many.
fn starts(trigger: &Trigger) -> Option<&'static str> {
    match trigger.name.value.as_str() {
        "workflow_dispatch" => Some("everybody who may write, from any branch"),
        "push" if trigger.tags.is_empty() => Some("everybody who may push to a branch"),
        _ => None,
    }
}
