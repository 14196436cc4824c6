//! A cache that a stranger's code can fill, taken where something is released or held.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Confidence, Impact, Severity};
use crate::graph::ci;
use crate::graph::ci::condition::Passage;
use crate::graph::ci::trust::{CacheFlow, CacheToken, CacheUse, JobTrust};
use crate::graph::kinds::workflow::{Job, Workflow};
use crate::parse::expression::{Expression, ExpressionKind, Function, Operator, parse};
use crate::rules::{Draft, Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "cache-poisoning",
    title: "what is released is built from a cache that others may fill",
    many: "{n} workflows that release or hold secrets take from a cache",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("cache_poisoning.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    // One finding a workflow: its gravest flow.
    let mut flows: BTreeMap<usize, Vec<&CacheFlow>> = BTreeMap::new();
    for flow in &scene.trust.caches {
        if let Some(reader) = scene.trust.job(flow.reader) {
            flows.entry(reader.document).or_default().push(flow);
        }
    }
    let told: BTreeSet<usize> = flows.keys().copied().collect();
    for found in flows.values() {
        path(scene, report, found);
    }
    let mut jobs = scene.jobs().peekable();
    while let Some((workflow, first)) = jobs.next() {
        let mut all = vec![first];
        while let Some((_, job)) = jobs.next_if(|(next, _)| next.file == workflow.file) {
            all.push(job);
        }
        let trusts: Vec<&JobTrust> = all.iter().filter_map(|job| scene.trust.of(workflow, job)).collect();
        if trusts.first().is_some_and(|trust| !told.contains(&trust.document)) {
            no_path(report, workflow, &all, &trusts);
        }
    }
}

/// How grave a flow is.
fn grade(scene: &Scene<'_>, flow: &CacheFlow) -> (Severity, Confidence, Option<Impact>) {
    let intrusion = scene.trust.job(flow.writer).and_then(|job| job.intrusions.get(flow.intrusion));
    let (refused, gated) = intrusion.map_or((true, true), |i| (i.is_refused, i.passage == Passage::Gated));
    let weighty = scene.trust.job(flow.reader).is_some_and(|job| job.privilege.weight() >= 3);
    match (&flow.token, refused, gated) {
        (_, true, _) => (Severity::Medium, Confidence::Low, None),
        (CacheToken::Writes(_), _, false) => {
            let severity = if weighty { Severity::Critical } else { Severity::High };
            // Without a cache of that key the stranger's code has to write it with the runner's own token.
            let confidence = if flow.save.is_some() { Confidence::High } else { Confidence::Medium };
            (severity, confidence, Some(Impact::StrangerExecutes))
        }
        (CacheToken::Writes(_), _, true) => (Severity::High, Confidence::Medium, Some(Impact::StrangerExecutes)),
        // What holds it off is a setting of the service, not of the repository.
        (_, _, false) => (Severity::Medium, Confidence::Medium, None),
        (_, _, true) => (Severity::Medium, Confidence::Low, None),
    }
}

fn path(scene: &Scene<'_>, report: &mut Reporter<'_>, flows: &[&CacheFlow]) {
    let rank = |flow: &CacheFlow| {
        let (severity, confidence, _) = grade(scene, flow);
        let weight = scene.trust.job(flow.reader).map_or(0, |job| job.privilege.weight());
        (severity, confidence, weight)
    };
    let Some(flow) = flows.iter().copied().reduce(|a, b| if rank(b) > rank(a) { b } else { a }) else { return };
    let (Some(writer), Some(reader)) = (scene.trust.job(flow.writer), scene.trust.job(flow.reader)) else { return };
    let Some((restore, intrusion)) = reader.caches.get(flow.restore).zip(writer.intrusions.get(flow.intrusion)) else {
        return;
    };
    let Some(cause) = writer.causes.get(intrusion.cause) else { return };
    let (severity, confidence, impact) = grade(scene, flow);
    let save = flow.save.and_then(|at| writer.caches.get(at));
    let others = flows.iter().filter_map(|f| scene.trust.job(f.reader)?.caches.get(f.restore)).map(|cache| cache.place);
    let mut draft = report
        .at(restore.place, "takes the cache")
        .severity(severity)
        .confidence(confidence)
        .impact(impact)
        .about("job", reader.id.0.clone(), None)
        .content(format!("{} {} {}", writer.id.0, reader.id.0, restore.key.shown()))
        .also(others)
        .via(cause.event.clone(), Some(cause.place));
    for (text, at) in &cause.through {
        draft = draft.via(text.clone(), Some(*at));
    }
    draft = draft.via(format!("job {}", writer.id.0), Some(writer.id.1));
    if let Some(checkout) = &intrusion.checkout {
        draft = draft.via(checkout.what.clone(), Some(checkout.place));
    }
    draft = draft.via(intrusion.runs.what.clone(), Some(intrusion.runs.place));
    draft = match save {
        Some(save) => draft.via(format!("cache {}", save.key.shown()), Some(save.place)),
        None => draft.via("the cache, by the runner's own token", Some(writer.id.1)),
    };
    let reading = scene.documents.get(reader.document);
    if let Some(crate::graph::Document::Workflow(workflow)) = reading {
        draft = draft.via(ci::events(workflow), ci::trigger_place(workflow));
    }
    draft = draft
        .via(format!("job {}", reader.id.0), Some(reader.id.1))
        .via(format!("takes it by {}", restore.by), Some(restore.place));
    if let Some(span) = reader.privilege.shown_at() {
        draft = draft.via(reader.privilege.describe(), Some(Place::new(reader.file, span)));
    }
    draft = told_of_token(draft, flow, intrusion.passage);
    if intrusion.is_refused {
        draft = draft.evidence("the version of `actions/checkout` in use refuses commits of forks under this event");
    }
    draft
        .advise(format!(
            "take no cache in job {}: what it releases or holds is then built from what the lock names",
            reader.id.0
        ))
        .advise(format!(
            "give job {} `cache-mode: read` or `none`, and run no stranger's code where `{}` starts it",
            writer.id.0, cause.event
        ))
        .say(format!(
            "job {} {} and takes a cache that a stranger's code in job {} can fill under {}",
            reader.id.0,
            reader.privilege.clause(),
            writer.id.0,
            cause.event
        ));
}

fn told_of_token<'r, 'g>(draft: Draft<'r, 'g>, flow: &CacheFlow, passage: Passage) -> Draft<'r, 'g> {
    let draft = match &flow.token {
        CacheToken::Writes(place) => draft
            .related(*place, "lets it write")
            .evidence("`cache-mode` lets the job write the default branch's cache, which every run takes from"),
        _ => draft.evidence(
            "since 2026-06-26 GitHub gives jobs under this event a token that only reads the default branch's cache; \
             an older server, or a `cache-mode` that writes, would open the way",
        ),
    };
    let draft = if flow.save.is_some() {
        draft.evidence("both jobs use the same key: what is hashed into it lies in the tree, so anybody can compute it")
    } else {
        draft.evidence("the job saves no cache of that key; code in it can do so with the runner's own token")
    };
    if passage == Passage::Gated {
        draft.evidence("a condition asks for somebody trusted (a label, a role, a named account) first")
    } else {
        draft
    }
}

/// A workflow that releases and takes from a cache, where nobody was found who could fill it.
fn no_path(report: &mut Reporter<'_>, workflow: &Workflow, jobs: &[&Job], trusts: &[&JobTrust]) {
    let by_trigger = releases(workflow);
    let only_tags = by_trigger && only_tags(workflow);
    let mut places = Vec::new();
    let mut first: Option<(&JobTrust, &CacheUse)> = None;
    for trust in trusts {
        let publishes = reach_release(trust);
        if !by_trigger && !publishes {
            continue;
        }
        for cache in trust.caches.iter().filter(|c| !(only_tags && c.asked.as_deref().is_some_and(is_off_for_tags))) {
            places.push(cache.place);
            let better = first.is_none_or(|(known, _)| publishes && !reach_release(known));
            if better {
                first = Some((trust, cache));
            }
        }
    }
    let Some((trust, cache)) = first else { return };
    let why = match (reach_release(trust), by_trigger) {
        (true, _) => trust.privilege.clause(),
        _ => "runs for releases".to_owned(),
    };
    let default = if cache.by_default { ", which it does unless told otherwise" } else { "" };
    report
        .at(cache.place, "takes from the cache")
        .severity(Severity::Low)
        .confidence(Confidence::Low)
        .about("job", trust.id.0.clone(), None)
        .content(format!("{} {}", trust.id.0, cache.by))
        .also(places)
        .via(ci::events(workflow), ci::trigger_place(workflow))
        .via(format!("job {}", trust.id.0), Some(trust.id.1))
        .evidence(format!(
            "looked for jobs that strangers cause, whose token writes the cache and in which their code runs, in {} jobs of this \
             workflow and in all others: none",
            jobs.len()
        ))
        .advise("build releases without a cache; the time is spent seldom")
        .say(format!("job {} {why} and takes from the cache by {}{default}", trust.id.0, cache.by));
}

fn reach_release(trust: &JobTrust) -> bool {
    let held = &trust.privilege;
    !held.publishes.is_empty() || held.pushes_image.is_some() || !held.sites.is_empty()
}

/// Whether a workflow starts for releases: the event, a tag, a branch of that name.
fn releases(workflow: &Workflow) -> bool {
    workflow.triggers.iter().any(|trigger| match trigger.name.value.as_str() {
        "release" => true,
        "push" => {
            !trigger.tags.is_empty() || trigger.branches.iter().any(|b| b.value.to_lowercase().contains("release"))
        }
        _ => false,
    })
}

fn only_tags(workflow: &Workflow) -> bool {
    workflow.triggers.iter().all(|trigger| match trigger.name.value.as_str() {
        "release" => true,
        "push" => !trigger.tags.is_empty() && trigger.branches.is_empty(),
        _ => false,
    })
}

/// Whether an expression is false for each tag.
fn is_off_for_tags(text: &str) -> bool {
    parse(text).ok().and_then(|found| for_tag(&found)) == Some(false)
}

/// The value of an expression in a run for a tag, where that can be told.
fn for_tag(expression: &Expression) -> Option<bool> {
    match &expression.kind {
        ExpressionKind::Bool(value) => Some(*value),
        ExpressionKind::Not(inner) => for_tag(inner).map(|value| !value),
        ExpressionKind::Call(Function::StartsWith, arguments) => {
            let [text, start] = arguments.as_slice() else { return None };
            let ExpressionKind::Text(start) = &start.kind else { return None };
            (text.context().as_deref() == Some("github.ref")).then(|| "refs/tags/".starts_with(start.as_str()))
        }
        ExpressionKind::Binary(Operator::And, left, right) => match (for_tag(left), for_tag(right)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        ExpressionKind::Binary(Operator::Or, left, right) => match (for_tag(left), for_tag(right)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        ExpressionKind::Binary(operator @ (Operator::Equal | Operator::NotEqual), left, right) => {
            let ExpressionKind::Text(text) = &right.kind else { return None };
            let equal = match left.context().as_deref() {
                Some("github.ref_type") => text == "tag",
                Some("github.ref") if text.starts_with("refs/heads/") => false,
                Some("github.event_name") if !matches!(text.as_str(), "push" | "release") => false,
                _ => return None,
            };
            Some(equal == (*operator == Operator::Equal))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_told_for_tags() {
        for (text, off) in [
            ("!startsWith(github.ref, 'refs/tags/')", true),
            ("startsWith(github.ref, 'refs/tags/')", false),
            ("github.ref == 'refs/heads/main'", true),
            ("github.ref_type != 'tag' && github.event_name == 'push'", true),
            ("github.event_name == 'pull_request' || inputs.cache", false),
            ("inputs.cache", false),
            ("!(startsWith(github.ref, 'refs/'))", true),
        ] {
            assert_eq!(is_off_for_tags(text), off, "{text}");
        }
    }
}
