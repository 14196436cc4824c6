//! Pull requests that are merged or approved because a bot acted on them last.

use super::actor::{self, Merge};
use super::reach::{self, Cause};
use super::written::{self, Written, shown};
use crate::diag::{Confidence, Impact, Severity};
use crate::graph::kinds::workflow::Job;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "confused-auto-merge",
    title: "a stranger's pull request is merged for a bot's",
    many: "{n} jobs merge a stranger's pull request for a bot's",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("confused_auto_merge.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for file in written::files(scene) {
        let Some(workflow) = file.workflow else { continue };
        for job in &workflow.jobs {
            let merges = actor::merges_of(&file, job);
            let Some(first) = merges.iter().min_by_key(|m| m.is_verified) else { continue };
            let Some(cause) = actor::taken_over(reach::calls(scene), workflow, job) else { continue };
            say(report, &file, job, &cause, first, &merges);
        }
    }
}

fn say(
    report: &mut Reporter<'_>,
    file: &Written<'_>,
    job: &Job,
    cause: &Cause,
    first: &Merge<'_>,
    merges: &[Merge<'_>],
) {
    let asked = &first.asked;
    let place = file.at(asked.template.place(asked.of, asked.part));
    let step = Place::new(file.file, first.step.uses.as_ref().map_or(first.step.span, |u| u.span));
    let (severity, confidence, impact) = match (first.is_verified, asked.is_alone) {
        // Dependabot's action says nothing where the pull request is not Dependabot's.
        (true, _) => (Severity::Low, Confidence::Low, None),
        (false, true) => (Severity::High, Confidence::High, Some(Impact::StrangerExecutes)),
        (false, false) => (Severity::High, Confidence::Medium, Some(Impact::StrangerExecutes)),
    };
    let mut draft = report
        .at(place, "whoever set off the last event")
        .severity(severity)
        .confidence(confidence)
        .impact(impact)
        .about("job", job.id.value.clone(), None)
        .content(format!("{} {}", first.with, asked.template.written(asked.of, asked.part)))
        .via(cause.event.clone(), Some(cause.place));
    for (text, place) in &cause.through {
        draft = draft.via(text.clone(), Some(*place));
    }
    draft = draft
        .via(format!("job {}", job.id.value), Some(file.at(job.id.span)))
        .via(format!("step {}: {}", first.step.title(), first.with), Some(step));
    for more in merges.iter().filter(|m| m.step.index != first.step.index).take(4) {
        draft = draft.related(file.at(more.step.span), format!("step {}: {}", more.step.title(), more.with));
    }
    if first.is_verified {
        draft = draft.evidence("dependabot/fetch-metadata looks before, and fails for others unless it is told not to");
    }
    draft
        .evidence(format!("the condition is `{}`", shown(&asked.template.text.text)))
        .advise("ask for the author: github.event.pull_request.user.login == 'dependabot[bot]'")
        .advise("and let checks that must pass, or a person, decide what is merged")
        .say(format!(
            "job {} runs `{}` on a stranger's pull request once a bot has acted on it last",
            job.id.value, first.with
        ));
}
