//! GitHub's lock of actions that no longer says what the workflows use.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::Severity;
use crate::graph::ci::pins::{self, canonical};
use crate::graph::kinds::workflow::{ActionsLock, LockedAction, Uses, Workflow};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place, RepoPath, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "stale-actions-lock",
    title: "lock of actions that does not fit the workflows",
    many: "{n} entries of the lock of actions do not fit the workflows",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("stale_actions_lock.md"),
    check,
};

const WRITE: &str = "write the lock again: gh actions-lock";

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(lock) = scene.actions_lock() else { return };
    let pins: BTreeMap<String, &LockedAction> =
        lock.pins.iter().filter_map(|pin| Some((canonical(&pin.pin.value)?, pin))).collect();
    let workflows: BTreeMap<FileId, &Workflow> = scene.workflows().map(|workflow| (workflow.file, workflow)).collect();
    let mut listed = BTreeSet::new();
    for (path, names) in &lock.workflows {
        listed.extend(names.iter().filter_map(|name| canonical(&name.value)));
        let file = RepoPath::new(&path.value).and_then(|path| scene.sources.by_path(&path));
        match file.and_then(|file| workflows.get(&file.id)) {
            Some(workflow) => of_workflow(report, (lock, &pins), workflow, (path, names)),
            // One that could not be read is a gap of its own.
            None if file.is_none() => report
                .at(Place::new(lock.file, path.span), "no such workflow")
                .about("workflow", path.value.clone(), None)
                .severity(Severity::Low)
                .content(format!("gone {}", path.value))
                .advise(WRITE)
                .say(format!("the lock of actions lists `{}`, which is not there", path.value)),
            None => {}
        }
    }
    for (key, pin) in &pins {
        contradiction(report, lock, key, pin);
    }
    // What is used by what is listed is listed as well; the rest nobody needs.
    let mut needed = listed;
    let mut queue: Vec<String> = needed.iter().cloned().collect();
    while let Some(key) = queue.pop() {
        let inner = pins.get(&key).into_iter().flat_map(|pin| pin.uses.iter().filter_map(|u| canonical(&u.value)));
        queue.extend(inner.filter(|key| needed.insert(key.clone())));
    }
    let spare: Vec<&LockedAction> =
        pins.iter().filter(|(key, _)| !needed.contains(*key)).map(|(_, pin)| *pin).collect();
    if let Some(first) = spare.first() {
        let more = match spare.len() - 1 {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        report
            .at(Place::new(lock.file, first.pin.span), "no workflow needs it")
            .severity(Severity::Low)
            .also(spare.iter().map(|pin| Place::new(lock.file, pin.pin.span)))
            .content("spare")
            .advise(WRITE)
            .say(format!("the lock of actions holds `{}`{more}, which no workflow of it needs", first.pin.value));
    }
}

type Lock<'a> = (&'a ActionsLock, &'a BTreeMap<String, &'a LockedAction>);
/// A workflow's path, and the first entry for it by repository.
type Listed<'a> = (&'a Spanned<String>, &'a BTreeMap<String, &'a Spanned<String>>);

/// What a workflow uses and the lock does not hold for it.
fn of_workflow(
    report: &mut Reporter<'_>,
    (lock, pins): Lock<'_>,
    workflow: &Workflow,
    (path, names): (&Spanned<String>, &Vec<Spanned<String>>),
) {
    let held: BTreeSet<String> = names.iter().filter_map(|name| canonical(&name.value)).collect();
    let mut missing: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    for used in workflow.jobs.iter().flat_map(|job| job.steps.iter().filter_map(|step| step.uses.as_ref())) {
        let Uses::Repository { owner, repo, reference, .. } = &used.value else { continue };
        let key = pins::key(&format!("{owner}/{repo}"), reference);
        if !held.contains(&key) || !pins.contains_key(&key) {
            missing.entry(key).or_default().push(Place::new(workflow.file, used.span));
        }
    }
    let mut others: BTreeMap<String, &Spanned<String>> = BTreeMap::new();
    for name in names {
        let key = canonical(&name.value);
        if let Some((repository, _)) = key.as_ref().and_then(|key| key.split_once('@')) {
            others.entry(repository.to_owned()).or_insert(name);
        }
    }
    for (key, places) in &missing {
        say_missing(report, lock, (path, &others), key, places);
    }
    let lost = names.iter().filter(|name| canonical(&name.value).is_none_or(|key| !pins.contains_key(&key)));
    let lost: Vec<&Spanned<String>> =
        lost.filter(|name| canonical(&name.value).is_none_or(|key| !missing.contains_key(&key))).collect();
    if let Some(first) = lost.first() {
        report
            .at(Place::new(lock.file, first.span), "no commit is held for it")
            .about("workflow", path.value.clone(), None)
            .also(lost.iter().map(|name| Place::new(lock.file, name.span)))
            .content(format!("lost {}", path.value))
            .advise(WRITE)
            .say(format!("the lock of actions lists `{}` for `{}` and holds no commit of it", first.value, path.value));
    }
}

fn say_missing(report: &mut Reporter<'_>, lock: &ActionsLock, (path, others): Listed<'_>, key: &str, places: &[Place]) {
    let Some(first) = places.first() else { return };
    let (name, reference) = key.split_once('@').unwrap_or((key, ""));
    let other = others.get(name);
    let but = other.and_then(|other| other.value.split_once('@')).map(|(_, held)| format!(", but `{held}` of it"));
    let mut draft = report
        .at(*first, format!("`{reference}` is not in the lock"))
        .about("action", name, Some(reference.to_owned()))
        .also(places.iter().copied())
        .content(format!("missing {} {key}", path.value))
        .evidence("the lock lists this workflow, so that everything it uses should be held")
        .advise(WRITE);
    if let Some(other) = other {
        draft = draft.related(Place::new(lock.file, other.span), format!("the lock holds `{}`", other.value));
    }
    draft.say(format!(
        "`{name}@{reference}` is used by `{}`, for which the lock of actions does not hold it{}",
        path.value,
        but.unwrap_or_default()
    ));
}

/// A pin by commit that is locked to another one.
fn contradiction(report: &mut Reporter<'_>, lock: &ActionsLock, key: &str, pin: &LockedAction) {
    let (Some((name, reference)), Some(commit)) = (key.split_once('@'), &pin.commit) else { return };
    if !Uses::is_commit(reference) || commit.value.eq_ignore_ascii_case(reference) {
        return;
    }
    report
        .at(Place::new(lock.file, commit.span), "another commit")
        .about("action", name, Some(reference.to_owned()))
        .severity(Severity::High)
        .content(format!("contradiction {key}"))
        .advise("find out who changed the lock by hand, then write it again: gh actions-lock")
        .say(format!("the lock of actions holds `{key}` to another commit, {}", commit.value));
}
