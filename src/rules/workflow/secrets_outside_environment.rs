//! Secrets of the whole repository, read by jobs without an environment.

use std::collections::BTreeSet;

use super::written;
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::workflow::Job;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Span;

pub(super) static RULE: Rule = Rule {
    id: "secrets-outside-environment",
    title: "secrets that every job may read",
    many: "{n} workflows read secrets that every job may read",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("secrets_outside_environment.md"),
    check,
};

/// Names of secrets listed in a message.
const LISTED: usize = 4;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for file in written::files(scene) {
        let Some(workflow) = file.workflow else { continue };
        // What a called workflow is handed is its caller's.
        if workflow.triggers.iter().any(|t| t.name.value == "workflow_call") {
            continue;
        }
        let mut names: BTreeSet<String> = BTreeSet::new();
        let mut places: Vec<Span> = Vec::new();
        let mut jobs: Vec<&Job> = Vec::new();
        for (template, of, part) in file.parts() {
            let Some(name) = part.context().and_then(|name| Some(name.strip_prefix("secrets.")?.to_ascii_uppercase()))
            else {
                continue;
            };
            let Some(job) = file.job(template.span).filter(|job| job.environment.is_none() && job.uses.is_none())
            else {
                continue;
            };
            if name == "GITHUB_TOKEN" {
                continue;
            }
            places.push(template.place(of, part));
            names.insert(name);
            // In the order of the file.
            if jobs.last().is_none_or(|last| last.id.span != job.id.span) {
                jobs.push(job);
            }
        }
        places.sort_unstable();
        let Some(first) = places.first() else { continue };
        let more = names.len().saturating_sub(LISTED);
        let mut listed = names.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
        if more > 0 {
            listed.push_str(&format!(" and {more} more"));
        }
        let many = if jobs.len() > 1 { format!("{} jobs", jobs.len()) } else { file.owner_job(*first) };
        let mut draft = report
            .at(file.at(*first), "no environment holds it back")
            .confidence(Confidence::Medium)
            .about("workflow", scene.sources.path(file.file), None)
            .each(names.iter().cloned())
            .also(places.iter().map(|span| file.at(*span)));
        for job in jobs.iter().take(5) {
            draft = draft.related(file.at(job.id.span), format!("job {}", job.id.value));
        }
        draft
            .evidence("whether the repository keeps them in an environment as well is not in the files")
            .advise("keep them in an environment that only the branches and people concerned may use, and name it in the job")
            .say(format!("{many} of `{}` {} {listed} without an environment", scene.sources.path(file.file), if jobs.len() > 1 { "read" } else { "reads" }));
    }
}
