//! Entries that nothing of the tree loads.

use super::entries;
use super::entries::Held;
use crate::diag::Confidence;
use crate::diag::Severity;
use crate::rules::Reporter;
use crate::rules::Rule;
use crate::rules::Scene;

pub(super) static RULE: Rule = Rule {
    id: "stale-lock-entry",
    title: "custody.lock holds what nothing loads",
    many: "{n} locks hold what nothing loads",
    severity: Severity::Info,
    since: "0.1",
    docs: include_str!("stale_lock_entry.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let held = entries::held(scene);
    for of_lock in held.chunk_by(|one, next| one.at == next.at) {
        let used = of_lock.first().and_then(|first| Some(&scene.assets.locks.get(first.at)?.used));
        let is_stale = |one: &&Held<'_>| used.is_some_and(|used| !used.contains(one.key));
        let stale: Vec<&Held<'_>> = of_lock.iter().filter(is_stale).collect();
        say(scene, report, &stale);
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, stale: &[&Held<'_>]) {
    let Some(first) = stale.first() else { return };
    let more = match stale.len() - 1 {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let path = scene.sources.path(first.lock.file);
    let unknown = scene.assets.unresolved.len();
    let mut draft = report
        .at(first.place(), "nothing loads it")
        .about("lock", path, None)
        .also(stale.iter().map(|one| one.place()))
        .each(stale.iter().map(|one| format!("{} {}", one.key.kind.word(), one.key)))
        .advise("`cargo custody lock` lets go of it; where another tree loads it, it belongs into the lock there");
    if unknown > 0 {
        draft = draft
            .confidence(Confidence::Medium)
            .evidence(format!("no name in the tree leads to it; {unknown} calls load what only their running tells"));
    } else {
        draft = draft.evidence("no name in the tree leads to it");
    }
    draft.say(format!("{path} holds the {} `{}`{more}, which nothing loads", first.key.kind.word(), first.key));
}
