//! A crate that a lock holds in several versions, though one was wanted.

use std::collections::BTreeMap;

use crate::diag::Severity;
use crate::graph::kinds::cargo::LockPackage;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "denied-duplicate",
    title: "several versions of a crate that should be one",
    many: "{n} crates are locked in several versions",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("denied_duplicate.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(custody) = scene.custody() else { return };
    for name in &custody.policy.single {
        for view in scene.cargo.locks.iter().filter(|view| !view.role.is_set_aside()) {
            let Some(lock) = scene.lock(view.document) else { continue };
            let held: BTreeMap<&str, &LockPackage> = lock
                .packages
                .iter()
                .filter(|p| p.name.value == name.value)
                .map(|package| (package.version.value.as_str(), package))
                .collect();
            if held.len() < 2 {
                continue;
            }
            let Some((_, first)) = held.first_key_value() else { continue };
            let versions: Vec<&str> = held.keys().copied().collect();
            let places = held.values().map(|package| Place::new(lock.file, package.name.span));
            report
                .at(Place::new(lock.file, first.name.span), format!("{} {}", name.value, first.version.value))
                .about("crate", name.value.clone(), None)
                .role(view.role)
                .also(places)
                .related(Place::new(custody.file, name.span), "one version was wanted")
                .each(versions.iter().map(|one| format!("{} {one}", name.value)))
                .evidence("the lock")
                .advise(format!("see who needs which: cargo tree -d -i {}@{}", name.value, first.version.value))
                .say(format!("the lock holds `{}` in {} versions, {}", name.value, held.len(), versions.join(" and ")));
        }
    }
}
