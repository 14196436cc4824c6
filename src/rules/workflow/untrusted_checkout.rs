//! A stranger's commit, checked out and run where the repository's own rights are held.

use crate::diag::{Confidence, Impact, Severity};
use crate::graph::ci::Privilege;
use crate::graph::ci::condition::Passage;
use crate::graph::ci::trust::{Checkout, Guard, Intrusion, JobTrust};
use crate::graph::kinds::workflow::{Job, Workflow};
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

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for (workflow, job) in scene.jobs() {
        let Some(trust) = scene.trust.of(workflow, job) else { continue };
        for found in &trust.intrusions {
            if let Some(checkout) = &found.checkout {
                say(report, (workflow, job), trust, found, checkout);
            }
        }
    }
}

fn say(
    report: &mut Reporter<'_>,
    (workflow, job): (&Workflow, &Job),
    trust: &JobTrust,
    intrusion: &Intrusion,
    found: &Checkout,
) {
    let Some(cause) = trust.causes.get(intrusion.cause) else { return };
    let (privilege, runs) = (&trust.privilege, &intrusion.runs);
    let (what, place) = (&runs.what, runs.place);
    let weighty = privilege.is_weighty();
    let gated = intrusion.passage == Passage::Gated;
    let (mut severity, mut confidence) = match (weighty || privilege.token_unknown, gated) {
        (true, false) => (Severity::Critical, Confidence::High),
        (true, true) => (Severity::High, Confidence::Medium),
        (false, false) => (Severity::High, Confidence::High),
        // Somebody trusted says yes, and there is little to take.
        (false, true) => (Severity::Medium, Confidence::Low),
    };
    if intrusion.is_refused {
        severity = Severity::Medium;
        confidence = Confidence::Low;
    } else if found.guard == Guard::Unknown || found.indirect || job.environment.is_some() {
        confidence = confidence.min(Confidence::Medium);
    }
    let mut draft = report
        .at(found.place, "fetches the commit")
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
    draft = draft.via(found.what.clone(), Some(found.place)).via(what.clone(), Some(place));
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
        Guard::Present if intrusion.is_refused => draft.evidence(
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
        .advise(advice(privilege, found))
        .say(format!("a stranger's commit is run by `{what}` under {}{held}", cause.event));
}

/// What is left to do: a job that holds nothing needs no other event, and one that is there to reach
/// a cloud needs somebody to look first.
fn advice(privilege: &Privilege, found: &Checkout) -> String {
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
    if found.keeps_token {
        left.push("turn `persist-credentials` off, so that the token is not left in the folder");
    }
    left.push("write no cache, since it is the default branch's");
    format!("the job holds no secrets and its token writes nothing of weight; what is left: {}", left.join("; "))
}
