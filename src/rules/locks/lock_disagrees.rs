//! Code that names another revision than the lock holds.

use super::entries::short;
use crate::diag::Severity;
use crate::graph::assets::Load;
use crate::graph::locked::Hold;
use crate::lock::Key;
use crate::lock::Subject;
use crate::references::Pin;
use crate::rules::Reporter;
use crate::rules::Rule;
use crate::rules::Scene;
use crate::rules::loads::group;
use crate::rules::loads::group::Group;

pub(super) static RULE: Rule = Rule {
    id: "lock-disagrees",
    title: "code names another revision than custody.lock holds",
    many: "{n} names are at other revisions in code than in custody.lock",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("lock_disagrees.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let groups = group::by(scene, |load| {
        let (at, key) = differs(scene, load)?;
        Some((at, key, load.loaded.reference.revision.as_deref()))
    });
    for group in groups {
        say(scene, report, &group);
    }
}

/// The lock and the entry that say something else than a load.
fn differs<'a>(scene: &Scene<'a>, load: &'a Load) -> Option<(usize, &'a Key)> {
    match &load.hold {
        Hold::Elsewise(at, key) => Some((*at, key)),
        Hold::At(at, key) => {
            let (lock, held, _) = scene.assets.entry(scene.documents, load)?;
            let entry = lock.sound(held)?;
            let reference = &load.loaded.reference;
            let written = reference.revision.as_deref().filter(|_| reference.pin == Pin::Commit)?;
            let is_same = entry.revision.as_deref().is_some_and(|held| held.eq_ignore_ascii_case(written));
            (!is_same).then_some((*at, key))
        }
        _ => None,
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, group: &Group<'_>) {
    let main = group.main();
    let Some((at, key)) = differs(scene, main) else { return };
    let Some(lock) = scene.assets.lock(scene.documents, at) else { return };
    let reference = &main.loaded.reference;
    let noun = group::noun(reference.kind);
    let name = &reference.name;
    let written = reference.revision.as_deref();
    let held = lock.read.lock.entries.get(key).and_then(|entry| entry.revision.as_deref());
    let (label, message) = match &main.hold {
        Hold::At(..) => {
            let written = short(written.unwrap_or_default());
            let held = held.map_or_else(|| "no commit".to_owned(), short);
            (
                format!("at {written}"),
                format!("the {noun} `{name}` is loaded at {written} and custody.lock holds it at {held}"),
            )
        }
        _ => {
            let held = key.requested.as_deref().map_or_else(|| "the default branch".to_owned(), |r| format!("`{r}`"));
            (
                group::at(main),
                format!("the {noun} `{name}` is loaded {} and custody.lock holds what {held} was", group::at(main)),
            )
        }
    };
    let path = scene.sources.path(lock.file);
    group::draft(report, group, label, Severity::Medium)
        .content(format!("{noun} {name} {} {}", written.unwrap_or("-"), held.unwrap_or("-")))
        .related(lock.place(&Subject::Entry(key.clone())), "held here")
        .evidence(format!("what was scanned and reviewed for {path} is not what runs"))
        .advise(format!(
            "find out which of the two was reviewed: write that one at the call, or take this one into the lock with \
             `cargo custody lock --update {key}` and have it reviewed"
        ))
        .say(message);
}
