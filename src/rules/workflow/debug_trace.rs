//! A log that shows every variable of a job.

use std::collections::BTreeMap;

use crate::diag::Severity;
use crate::graph::kinds::workflow::{Pair, Service};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place};

pub(super) static RULE: Rule = Rule {
    id: "debug-trace",
    title: "the log shows all variables",
    many: "{n} pipelines show all variables in their logs",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("debug_trace.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<(FileId, &'static str), Vec<Place>> = BTreeMap::new();
    for workflow in scene.pipelines() {
        let jobs = workflow.jobs.iter().map(|job| job.env.as_slice());
        for (name, value) in jobs.chain([workflow.env.as_slice()]).flatten() {
            if let Some(shown) = traces(workflow.service, &(name.clone(), value.clone())) {
                found.entry((workflow.file, shown)).or_default().push(Place::new(workflow.file, value.span));
            }
        }
    }
    for ((_, name), places) in &found {
        let Some(&first) = places.iter().min() else { continue };
        report
            .at(first, "on for every run")
            .severity(if *name == "CI_DEBUG_TRACE" { Severity::Medium } else { Severity::Low })
            .also(places.iter().copied())
            .about("variable", *name, None)
            .content(*name)
            .evidence("masking hides the exact value of a masked variable, and nothing else")
            .advise(format!("take `{name}` out, and set it for one run by hand where it is needed"))
            .say(format!("`{name}` {}", effect(name)));
    }
}

/// What a variable does. Source: GitLab Docs, "Debug a job"; Azure Pipelines, "Define variables", and its task
/// library, which prints each input and variable that a task asks for.
fn effect(name: &str) -> &'static str {
    match name {
        "CI_DEBUG_TRACE" => "writes all variables of a job into its log",
        "CI_DEBUG_SERVICES" => "mixes the logs of services into the log of a job, where a masked value may show",
        _ => "has the tasks of a job write what they are given into its log",
    }
}

/// The variable's name, where it is one that shows others and is on.
fn traces(service: Service, (name, value): &Pair) -> Option<&'static str> {
    let known: &[&str] = match service {
        Service::GitLab => &["CI_DEBUG_TRACE", "CI_DEBUG_SERVICES"],
        Service::Azure => &["System.Debug"],
        Service::GitHub => &[],
    };
    let is_on = value.value.trim().eq_ignore_ascii_case("true") || value.value.trim() == "1";
    known.iter().copied().find(|known| is_on && known.eq_ignore_ascii_case(&name.value))
}
