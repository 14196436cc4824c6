//! Triggers under which strangers meet the repository's rights, and whether anything came of it.

use crate::diag::{Confidence, Severity};
use crate::graph::ci::condition::Passage;
use crate::graph::ci::trust::{Brought, JobTrust};
use crate::graph::kinds::workflow::{Trigger, Uses, Workflow};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "dangerous-trigger",
    title: "strangers start a workflow that has the repository's rights",
    many: "{n} workflows give strangers' events the repository's rights",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("dangerous_trigger.md"),
    check,
};

/// Events by which a stranger's commit comes near. Issues bring text alone, which other rules follow.
const EVENTS: &[&str] = &["pull_request_target", "workflow_run", "issue_comment"];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for workflow in scene.workflows() {
        let triggers: Vec<&Trigger> =
            workflow.triggers.iter().filter(|t| EVENTS.contains(&t.name.value.as_str())).collect();
        if triggers.is_empty() || only_labels(workflow) {
            continue;
        }
        let jobs: Vec<&JobTrust> = workflow.jobs.iter().filter_map(|job| scene.trust.of(workflow, job)).collect();
        say(scene, report, workflow, &triggers, &jobs);
    }
}

/// The one use that GitHub's own documentation has: a step that labels and nothing beside it.
fn only_labels(workflow: &Workflow) -> bool {
    let [job] = workflow.jobs.as_slice() else { return false };
    let [step] = job.steps.as_slice() else { return false };
    step.uses.as_ref().is_some_and(|u| u.value.to_string().to_ascii_lowercase().starts_with("actions/labeler@"))
}

/// A stranger's commit that lies open beside rights, while nothing known runs it.
fn open_commit<'v>(jobs: &[&'v JobTrust]) -> Option<(&'v JobTrust, &'v Brought)> {
    let found = jobs.iter().filter(|job| job.intrusions.is_empty() && job.privilege.is_weighty()).flat_map(|job| {
        let open = job.brought.iter().filter(|b| b.passage == Passage::Open && !b.is_refused && b.is_unclear);
        open.map(move |brought| (*job, brought))
    });
    found.max_by_key(|(job, _)| job.privilege.weight())
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, workflow: &Workflow, triggers: &[&Trigger], jobs: &[&JobTrust]) {
    let Some(first) = triggers.first() else { return };
    let names = triggers.iter().map(|t| t.name.value.as_str()).collect::<Vec<_>>().join(" and ");
    let places = triggers.iter().map(|t| Place::new(workflow.file, t.name.span));
    let draft = report
        .at(Place::new(workflow.file, first.name.span), "runs with the repository's token and secrets")
        .confidence(Confidence::Medium)
        .about("workflow", names.clone(), None)
        .content(names.clone())
        .also(places);
    let spoken: Vec<&str> = jobs
        .iter()
        .filter(|job| !job.intrusions.is_empty() || has_artifact(scene, job))
        .map(|job| job.id.0.as_str())
        .collect();
    if let Some((job, brought)) = open_commit(jobs)
        && spoken.is_empty()
    {
        let puts = if names.contains(" and ") { "put" } else { "puts" };
        let mut draft = draft.severity(Severity::Medium);
        if let Some(cause) = job.causes.get(brought.cause) {
            draft = draft.via(cause.event.clone(), Some(cause.place));
            for (text, at) in &cause.through {
                draft = draft.via(text.clone(), Some(*at));
            }
        }
        draft = draft
            .via(format!("job {}", job.id.0), Some(job.id.1))
            .via(brought.checkout.what.clone(), Some(brought.checkout.place));
        if let Some(span) = job.privilege.shown_at() {
            draft = draft.via(job.privilege.describe(), Some(Place::new(job.file, span)));
        }
        draft
            .related(brought.checkout.place, "fetches a stranger's commit")
            .evidence(
                "steps after it use actions or programs of which is not known whether they run what lies in the folder",
            )
            .advise(
                "look at the commit in a job that holds nothing, under `pull_request`, and hand on the result as data",
            )
            .say(format!("{names} {puts} a stranger's commit into job {}, which {}", job.id.0, job.privilege.clause()));
        return;
    }
    let elsewhere = workflow.jobs.iter().find_map(|job| match &job.uses.as_ref()?.value {
        uses @ Uses::Repository { .. } => Some(uses.to_string()),
        _ => None,
    });
    let draft = match (spoken.as_slice(), elsewhere) {
        ([], Some(called)) => draft.evidence(format!(
            "what `{called}` does with the event is not in this tree and was not looked at; what is in it was, and \
             leads to nothing"
        )),
        ([], None) => draft.evidence(
            "looked for: a stranger's commit that is run, their text in scripts, their artifacts that are more than read, \
             caches they can fill; found none",
        ),
        ([first, ..], _) => draft.evidence(format!("what it leads to in job {first} is a finding of its own")),
    };
    let starts = if names.contains(" and ") { "start" } else { "starts" };
    let rights = jobs
        .iter()
        .find(|job| job.privilege.is_weighty())
        .map(|job| format!("; job {} {}", job.id.0, job.privilege.clause()));
    draft
        .advise("use `pull_request` where no rights are needed; else keep strangers' commits, texts and artifacts away from what runs")
        .say(format!("{names} {starts} this workflow with the repository's own token{}", rights.unwrap_or_default()));
}

fn has_artifact(scene: &Scene<'_>, job: &JobTrust) -> bool {
    scene.trust.artifacts.iter().any(|flow| scene.trust.job(flow.reader).is_some_and(|reader| reader.id.1 == job.id.1))
}
