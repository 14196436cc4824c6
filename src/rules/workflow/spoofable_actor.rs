//! A condition that takes the last to act for the author of a pull request.

use std::collections::BTreeSet;

use super::actor::{self, Asked};
use super::reach;
use super::written::{self, Written, and_others, shown};
use crate::diag::{Confidence, Edit, Severity};
use crate::graph::kinds::workflow::{Job, Workflow};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "spoofable-actor",
    title: "a condition that trusts whoever acted last",
    many: "{n} workflows trust whoever acted last",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("spoofable_actor.md"),
    check,
};

/// The author of what an event is about, as name and number. Source: GitHub Docs, "Webhook events and payloads".
const AUTHORS: &[(&str, &str)] = &[
    ("pull_request", "pull_request.user"),
    ("pull_request_target", "pull_request.user"),
    ("pull_request_review", "review.user"),
    ("pull_request_review_comment", "comment.user"),
    ("issue_comment", "comment.user"),
    ("discussion_comment", "comment.user"),
    ("issues", "issue.user"),
    ("discussion", "discussion.user"),
    ("release", "release.author"),
];

/// A condition with what it is worth.
struct Told<'a> {
    asked: Asked<'a>,
    event: Option<String>,
    severity: Severity,
    confidence: Confidence,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for file in written::files(scene) {
        let Some(workflow) = file.workflow else { continue };
        let mut told: Vec<Told<'_>> =
            workflow.jobs.iter().flat_map(|job| judged(scene, &file, workflow, job)).collect();
        told.sort_by_key(|t| (std::cmp::Reverse((t.severity, t.confidence)), t.asked.template.span.start));
        let Some(first) = told.first() else { continue };
        let place = |asked: &Asked<'_>| file.at(asked.template.place(asked.of, asked.part));
        let (by_name, by_number) = (author(workflow, false), author(workflow, true));
        let author = |asked: &Asked<'_>| if actor::is_number(asked.context) { &by_number } else { &by_name };
        let edits =
            told.iter().map(|t| answer(&file, author(&t.asked).as_ref()?, &t.asked)).collect::<Option<Vec<_>>>();
        let context = first.asked.template.written(first.asked.of, first.asked.context);
        let mut draft = report
            .at(place(&first.asked), "whoever set off the last event")
            .severity(first.severity)
            .confidence(first.confidence)
            .about("condition", shown(first.asked.template.written(first.asked.of, first.asked.part)), None)
            .also(told.iter().map(|t| place(&t.asked)))
            .fix(edits.unwrap_or_default());
        draft = match &first.event {
            Some(event) => draft.evidence(format!(
                "under {event} a stranger's pull request runs with the repository's rights, and the bot can be \
                 brought to act on it last"
            )),
            None => draft.evidence("no event of this workflow gives a stranger's pull request the repository's rights"),
        };
        draft
            .advise(match author(&first.asked) {
                Some(author) => format!("ask for the author instead: `{author}`"),
                None => "ask for the author of what the event is about, such as `github.event.pull_request.user.login`"
                    .to_owned(),
            })
            .say(format!(
                "`{context}` is whoever acted last, so that a bot's name proves nothing in {}{}",
                file.owner(first.asked.template.span),
                and_others(told.len())
            ));
    }
}

/// The conditions of a job that ask who acted last.
fn judged<'a>(scene: &Scene<'_>, file: &Written<'a>, workflow: &Workflow, job: &'a Job) -> Vec<Told<'a>> {
    let asked: Vec<Asked<'a>> = file.conditions_in(job.span).filter_map(actor::asked).collect();
    if asked.is_empty() {
        return Vec::new();
    }
    let calls = reach::calls(scene);
    let cause = actor::taken_over(calls, workflow, job);
    // What merges is said with what it lets through.
    let merges = if cause.is_some() { actor::merges_of(file, job) } else { Vec::new() };
    let said: BTreeSet<u64> = merges.iter().map(|m| m.asked.template.span.start).collect();
    let holder = reach::holder(calls, workflow, job);
    let held = holder.privilege.is_weighty() || holder.privilege.token_unknown;
    let judge = |asked: Asked<'a>| {
        let step = file.step(asked.template.span);
        let verified = actor::is_verified(&job.steps, step.map_or(usize::MAX, |s| s.index));
        let severity = match &cause {
            Some(_) if verified => Severity::Low,
            Some(_) if held => Severity::High,
            Some(_) => Severity::Medium,
            None => Severity::Low,
        };
        let confidence = if asked.is_alone { Confidence::High } else { Confidence::Medium };
        Told { asked, event: cause.as_ref().map(|c| c.event.clone()), severity, confidence }
    };
    asked.into_iter().filter(|asked| !said.contains(&asked.template.span.start)).map(judge).collect()
}

/// The author's context, where all events of a workflow name the same.
fn author(workflow: &Workflow, by_number: bool) -> Option<String> {
    let mut known = workflow
        .triggers
        .iter()
        .map(|t| AUTHORS.iter().find(|(event, _)| *event == t.name.value).map(|(_, path)| *path));
    let first = known.next()??;
    let is_one = known.all(|each| each == Some(first));
    is_one.then(|| format!("github.event.{first}.{}", if by_number { "id" } else { "login" }))
}

fn answer(file: &Written<'_>, author: &str, asked: &Asked<'_>) -> Option<Edit> {
    let span = asked.template.text.editable(asked.of.inner(asked.context))?;
    Some(Edit { place: file.at(span), text: author.to_owned() })
}
