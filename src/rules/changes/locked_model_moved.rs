//! What `custody.lock` holds is another state than before, or a lock that is new holds it in the place of another.

use std::collections::BTreeMap;

use super::compared::Compared;
use super::compared::listed;
use super::compared::short;
use super::held;
use super::held::Taken;
use crate::diag::Severity;
use crate::graph::Document;
use crate::graph::kinds::lock::CustodyLock;
use crate::graph::kinds::workflow::Uses;
use crate::lock;
use crate::lock::Change;
use crate::lock::Subject;
use crate::rules::Reporter;
use crate::rules::Rule;
use crate::rules::Scene;

pub(super) static RULE: Rule = Rule {
    id: "locked-model-moved",
    title: "custody.lock holds another state than before",
    many: "custody.lock holds other states than before, {n} times",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("locked_model_moved.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(compared) = Compared::of(scene) else { return };
    for (document, was) in compared.touched() {
        let (Document::CustodyLock(now), Some(Document::CustodyLock(old))) = (document, was) else { continue };
        let (subjects, before) = (subjects(now), subjects(old));
        let changes = lock::diff(&old.read.lock, &now.read.lock);
        for change in changes.iter().filter(|change| change.what == "changed" && what(change).is_some()) {
            let named = |name: &str| (change.kind.clone(), name.to_owned());
            let is = subjects.get(&named(&change.name));
            let was = before.get(&named(change.was_named.as_ref().unwrap_or(&change.name)));
            // What contradicts itself is told as that.
            if let (Some(is), Some(was)) = (is, was)
                && !now.read.broken.contains_key(*is)
            {
                say(&compared, report, (now, is), (old, was), change);
            }
        }
    }
    for taken in held::taken_over(&compared) {
        say_taken(&compared, report, &taken);
    }
}

/// What a lock holds, by kind and name as [`Change`] says them.
fn subjects(lock: &CustodyLock) -> BTreeMap<(String, String), &Subject> {
    let named = |subject: &Subject| match subject {
        Subject::Entry(key) => Some((key.kind.word().to_owned(), key.identity())),
        Subject::Image(name) => Some(("image".to_owned(), name.clone())),
        Subject::Tool(url) => Some(("tool".to_owned(), url.clone())),
        Subject::Elsewhere(_) => None,
    };
    lock.read.places.keys().filter_map(|subject| Some((named(subject)?, subject))).collect()
}

/// What is told of a change; none where there is nothing to tell, or another rule tells it.
fn what(change: &Change) -> Option<String> {
    let Change { revision, files, signer, .. } = change;
    let is_other = files.added + files.removed + files.changed > 0;
    let shown = |side: &Option<String>| {
        side.as_deref().map_or_else(
            || "no commit".to_owned(),
            |text| if Uses::is_commit(text) { short(text) } else { text.to_owned() },
        )
    };
    if !revision.is_same() {
        return Some(match change.kind.as_str() {
            "image" | "tool" => {
                let digest = |side: &Option<String>| {
                    side.as_deref().map_or(String::new(), |d| short(d.split(' ').next().unwrap_or(d)))
                };
                format!(
                    "is held with the digest {} and was held with {}",
                    digest(&revision.after),
                    digest(&revision.before)
                )
            }
            _ => format!("is held at {} and was held at {}", shown(&revision.after), shown(&revision.before)),
        });
    }
    // Files under one commit are the matter of `checksum-changed`.
    let is_commit = revision.after.as_deref().is_some_and(Uses::is_commit);
    if is_other && !is_commit {
        return Some("is held with other files than before".to_owned());
    }
    match (&signer.before, &signer.after) {
        (before, Some(after)) if before.as_ref() != Some(after) => {
            Some(format!("is now said to be signed by `{after}`"))
        }
        _ => None,
    }
}

fn say(
    compared: &Compared<'_>,
    report: &mut Reporter<'_>,
    (now, is): (&CustodyLock, &Subject),
    (old, was): (&CustodyLock, &Subject),
    change: &Change,
) {
    let Some(told) = what(change) else { return };
    let Change { kind, name, files, approvals, .. } = change;
    let is_unapproved = !approvals.lost.is_empty() && approvals.now == 0;
    let severity = if is_unapproved { Severity::Medium } else { Severity::Low };
    let place = now.place(is);
    let (before, after) = (&change.revision.before, &change.revision.after);
    let state = |side: &Option<String>| side.clone().unwrap_or_default();
    let mut draft = report
        .at(place, "another state than before")
        .about(kind, name.clone(), after.clone())
        .severity(severity)
        .content(format!("{kind} {name} {} {} {told}", state(before), state(after)))
        .via(compared.scene.sources.path(now.file).to_owned(), Some(place))
        .evidence(compared.was(old.place(was)));
    if files.added + files.removed + files.changed > 0 {
        draft = draft.evidence(format!(
            "files: {} changed, {} added, {} removed: {}",
            files.changed,
            files.added,
            files.removed,
            listed(&files.names)
        ));
    }
    if !approvals.lost.is_empty() {
        draft = draft.evidence(format!("approvals that hold no longer: {}", listed(&approvals.lost)));
    }
    if !approvals.gained.is_empty() {
        draft = draft.evidence(format!("approvals that are new: {}", listed(&approvals.gained)));
    }
    for (fact, said) in [("scan", &change.scan.after), ("signer", &change.signer.after)] {
        if let Some(said) = said {
            draft = draft.evidence(format!("the lock claims {fact} `{said}`: whoever writes the lock can write that"));
        }
    }
    draft
        .advise(format!(
            "find out who wants the new state and why: `cargo custody lock diff` shows it, `cargo custody verify` \
             holds files against it, and `cargo custody lock approve {name}` says that it was reviewed"
        ))
        .say(format!("the {kind} `{name}` {told}"));
}

fn say_taken(compared: &Compared<'_>, report: &mut Reporter<'_>, taken: &Taken<'_>) {
    let Taken { lock, from, entries } = taken;
    let Some((first, ..)) = entries.first() else { return };
    let sources = compared.scene.sources;
    let path = sources.path(lock.file);
    let place = lock.place(&Subject::Entry((*first).clone()));
    let names: Vec<String> = entries.iter().map(|(key, _)| key.to_string()).collect();
    let others: Vec<String> =
        entries.iter().filter(|(_, is_other)| *is_other).map(|(key, _)| key.to_string()).collect();
    let severity = if others.is_empty() { Severity::Low } else { Severity::Medium };
    let said = if others.is_empty() { String::new() } else { format!(", in another state: {}", listed(&others)) };
    report
        .at(place, format!("{from} held it"))
        .about("lock", path, None)
        .severity(severity)
        .also(entries.iter().map(|(key, _)| lock.place(&Subject::Entry((*key).clone()))))
        .content(format!("{path} {from}\n{}\n{}", names.join("\n"), others.join("\n")))
        .via(path.to_owned(), Some(place))
        .evidence(format!("{path} is new, and the nearest lock speaks of what lies below its folder"))
        .advise(format!(
            "find out why {path} is there: who may change {from} need not be who may change it; keep one lock, or \
             have both reviewed by the same people"
        ))
        .say(format!("{path} takes over what {from} held: {}{said}", listed(&names)));
}
