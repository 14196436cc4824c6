//! A stranger's commit, checked out and run where the repository's own rights are held.

use super::executed;
use super::head::{self, Checkout, Guard};
use super::reach::{self, Calls, Cause, Holder, Run};
use crate::diag::{Confidence, Impact, Severity};
use crate::graph::ci::Privilege;
use crate::graph::ci::condition::{Passage, passage};
use crate::graph::kinds::workflow::Step;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "untrusted-checkout",
    title: "a stranger's commit is checked out and run",
    many: "{n} jobs check out and run a stranger's commit",
    severity: Severity::Critical,
    since: "0.1",
    docs: include_str!("untrusted_checkout.md"),
    check,
};

/// What of the events is in force for a checkout.
struct Exposure<'c> {
    cause: &'c Cause,
    passage: Passage,
    refused: bool,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let calls = reach::calls(scene);
    for (workflow, job) in scene.jobs() {
        let causes: Vec<Cause> =
            reach::causes(calls, workflow, job).into_iter().filter(|c| reach::is_stranger_event(&c.event)).collect();
        if causes.is_empty() {
            continue;
        }
        let run = Run {
            file: workflow.file,
            steps: &job.steps,
            holder: Some(reach::holder(calls, workflow, job)),
            action: None,
            template: None,
            stage: None,
        };
        for (index, step) in job.steps.iter().enumerate() {
            let Some(found) = head::checkout(scene, calls, &run, step) else { continue };
            let Some(exposure) = exposure(&run, step, &found, &causes) else { continue };
            let own = step.run.as_ref().and_then(|_| after_in_script(&run, step, &found));
            if let Some(first) =
                own.or_else(|| executed_later(scene, calls, &run, index, &found, &exposure.cause.event))
            {
                say(report, &run, step, &found, &exposure, first);
            }
        }
    }
}

fn exposure<'c>(run: &Run<'_>, step: &Step, found: &Checkout, causes: &'c [Cause]) -> Option<Exposure<'c>> {
    let condition = step.condition.as_ref().map_or("", |c| c.value.as_str());
    let each = causes.iter().map(|cause| {
        let mut at = reach::narrower(cause.passage, passage(condition, &cause.event));
        if reach::checks_permission(run.steps, step.index) {
            at = reach::narrower(at, Passage::Gated);
        }
        // The guard knows two events and no other.
        let guarded = matches!(cause.event.as_str(), "pull_request_target" | "workflow_run");
        Exposure { cause, passage: at, refused: guarded && found.guard == Guard::Present }
    });
    let rank = |e: &Exposure<'_>| (!e.refused, e.passage == Passage::Open);
    each.filter(|e| e.passage != Passage::Closed).reduce(|a, b| if rank(&b) > rank(&a) { b } else { a })
}

/// What the script that fetched the commit runs of it afterwards.
fn after_in_script(run: &Run<'_>, step: &Step, found: &Checkout) -> Option<(String, Place)> {
    let (what, place) = executed::executes(run, step, &found.folder, step.index)?;
    (place.span.start > found.span.start).then_some((what, place))
}

/// The first later step that runs what was checked out, unless something else took its place.
fn executed_later(
    scene: &Scene<'_>,
    calls: &Calls<'_>,
    run: &Run<'_>,
    index: usize,
    found: &Checkout,
    event: &str,
) -> Option<(String, Place)> {
    for step in run.steps.iter().skip(index + 1) {
        let condition = step.condition.as_ref().map_or("", |c| c.value.as_str());
        if passage(condition, event) == Passage::Closed {
            continue;
        }
        let replaced = step
            .uses
            .as_ref()
            .is_some_and(|u| u.value.to_string().to_ascii_lowercase().starts_with("actions/checkout@"))
            && step.input("path").map_or("", |p| p.value.trim_matches(['.', '/'])) == found.folder
            && head::checkout(scene, calls, run, step).is_none();
        if replaced {
            return None;
        }
        if let Some(first) = executed::executes(run, step, &found.folder, index) {
            return Some(first);
        }
    }
    None
}

fn say(
    report: &mut Reporter<'_>,
    run: &Run<'_>,
    step: &Step,
    found: &Checkout,
    exposure: &Exposure<'_>,
    (what, place): (String, Place),
) {
    let Some(Holder { workflow, job, privilege, .. }) = &run.holder else { return };
    let weighty = privilege.is_weighty();
    let gated = exposure.passage == Passage::Gated;
    let (mut severity, mut confidence) = match (weighty || privilege.token_unknown, gated) {
        (true, false) => (Severity::Critical, Confidence::High),
        (true, true) => (Severity::High, Confidence::Medium),
        (false, false) => (Severity::High, Confidence::High),
        // Somebody trusted says yes, and there is little to take.
        (false, true) => (Severity::Medium, Confidence::Low),
    };
    if exposure.refused {
        severity = Severity::Medium;
        confidence = Confidence::Low;
    } else if found.guard == Guard::Unknown || found.indirect || job.environment.is_some() {
        confidence = confidence.min(Confidence::Medium);
    }
    let cause = exposure.cause;
    let mut draft = report
        .at(Place::new(run.file, found.span), "fetches the commit")
        .severity(severity)
        .confidence(confidence)
        .impact(Some(Impact::StrangerExecutes))
        .about("job", job.id.value.clone(), None)
        .content(format!("{} {what}", found.what))
        .related(place, format!("runs it: {what}"))
        .via(cause.event.clone(), Some(cause.place));
    for (text, at) in &cause.through {
        draft = draft.via(text.clone(), Some(*at));
    }
    draft = draft.via(format!("job {}", job.id.value), Some(Place::new(workflow.file, job.id.span)));
    draft = draft.via(step.title(), Some(Place::new(run.file, found.span))).via(what.clone(), Some(place));
    if weighty {
        draft = draft.via(privilege.describe(), privilege.shown_at().map(|span| Place::new(workflow.file, span)));
    }
    if privilege.token_unknown {
        draft = draft.evidence("no `permissions`: the token has what the repository grants by default");
    }
    if gated {
        let moving =
            if found.moving { "; the reference moves, so what runs need not be what was looked at" } else { "" };
        draft = draft.evidence(format!(
            "a condition asks for somebody trusted (a label, a role, a named account) first{moving}"
        ));
    }
    if let Some(environment) = &job.environment {
        draft = draft
            .evidence(format!("environment `{}` may ask for a review; that is not in the files", environment.value));
    }
    draft = match found.guard {
        Guard::Present if exposure.refused => draft.evidence(
            "this `actions/checkout` refuses commits of forks under this event, so the step fails for strangers; \
             with `allow-unsafe-pr-checkout: true` or an older version it would not",
        ),
        Guard::Unknown => draft.evidence(
            "whether this commit of `actions/checkout` refuses forks is not known: no version stands beside it",
        ),
        _ => draft,
    };
    let held = if weighty { format!(" in a job that {}", privilege.clause()) } else { String::new() };
    draft
        .advise(advice(privilege, step, found))
        .say(format!("a stranger's commit is run by `{what}` under {}{held}", cause.event));
}

/// What is left to do: a job that holds nothing needs no other event, and one that is there to reach
/// a cloud needs somebody to look first.
fn advice(privilege: &Privilege, step: &Step, found: &Checkout) -> String {
    const CLOUDS: &[&str] = &["AWS_", "GCP_", "GCS_", "GOOGLE_", "AZURE_", "ARM_CLIENT"];
    let cloud = privilege.writes.iter().any(|scope| scope == "id-token" || scope == "*")
        || privilege.secrets.iter().any(|s| CLOUDS.iter().any(|c| s.value.to_ascii_uppercase().contains(c)));
    if cloud {
        return "where the credentials are the purpose, hold each run for a review of the commit that runs: `environment` \
                with required reviewers, and ref: ${{ github.event.pull_request.head.sha }}; else build under \
                `pull_request`, without secrets"
            .to_owned();
    }
    if privilege.is_weighty() || privilege.token_unknown {
        return "build strangers' commits under `pull_request`, without secrets, and hand the results over as an artifact \
                to a `workflow_run` job that reads them as data"
            .to_owned();
    }
    let mut left = Vec::new();
    if found.moving {
        left.push("resolve the head's commit once, when somebody trusted agrees, and check that out");
    }
    if step.uses.is_some() && step.input("persist-credentials").is_none_or(|v| v.value.trim() != "false") {
        left.push("turn `persist-credentials` off, so that the token is not left in the folder");
    }
    left.push("write no cache, since it is the default branch's");
    format!("the job holds no secrets and its token writes nothing of weight; what is left: {}", left.join("; "))
}
