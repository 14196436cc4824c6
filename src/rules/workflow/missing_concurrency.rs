//! Workflows of which any number may run at once.

use crate::diag::{Confidence, Severity};
use crate::graph::ci;
use crate::graph::kinds::workflow::{Job, Workflow};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Span};

pub(super) static RULE: Rule = Rule {
    id: "missing-concurrency",
    title: "workflow that may run many times at once",
    many: "{n} workflows may run many times at once",
    severity: Severity::Info,
    since: "0.1",
    docs: include_str!("missing_concurrency.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for workflow in scene.workflows().filter(|w| w.concurrency.is_none()) {
        // A called workflow shares its caller's groups, and a group of its own may lock both out.
        if workflow.triggers.is_empty() || workflow.triggers.iter().any(|t| t.name.value == "workflow_call") {
            continue;
        }
        let open: Vec<&Job> = workflow.jobs.iter().filter(|j| j.concurrency.is_none() && j.uses.is_none()).collect();
        let Some(first) = open.first() else { continue };
        let path = scene.sources.path(workflow.file);
        let name = path.rsplit('/').next().unwrap_or(path);
        let putting_out = open.iter().find(|job| {
            let held = ci::privilege(workflow, job);
            !held.publishes.is_empty() || !held.sites.is_empty() || held.pushes_image.is_some()
        });
        let place = ci::trigger_place(workflow).unwrap_or(Place::new(workflow.file, Span::new(0, 0)));
        let draft = report
            .at(place, "no `concurrency` here or in the jobs")
            .confidence(Confidence::Medium)
            .about("workflow", path, None)
            .each(open.iter().map(|j| j.id.value.as_str()))
            .related(Place::new(workflow.file, putting_out.unwrap_or(first).id.span), "a job");
        match putting_out {
            Some(job) => draft
                .advise(
                    "let one release run after the other, in the job: \
                     concurrency: { group: release, cancel-in-progress: false }",
                )
                .say(format!("two runs of `{name}` may publish at once, in job {}", job.id.value)),
            None => draft
                .advise(format!(
                    "end what a newer run has overtaken: concurrency: \
                     {{ group: '${{{{ github.workflow }}}}-${{{{ {} }}}}', cancel-in-progress: true }}",
                    subject(workflow)
                ))
                .say(format!("any number of runs of `{name}` go on at once")),
        }
    }
}

/// What tells runs apart of which one overtakes the other. Under some events the ref is the default branch's, and
/// the runs of all pull requests or issues would end each other.
fn subject(workflow: &Workflow) -> &'static str {
    let has = |events: &[&str]| workflow.triggers.iter().any(|t| events.contains(&t.name.value.as_str()));
    if has(&["issues", "issue_comment"]) {
        "github.event.issue.number || github.event.pull_request.number || github.ref"
    } else if has(&["pull_request_target"]) {
        "github.event.pull_request.number || github.ref"
    } else {
        "github.ref"
    }
}
