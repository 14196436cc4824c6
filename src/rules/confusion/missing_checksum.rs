//! A locked crate of a registry without its checksum.

use crate::diag::Severity;
use crate::graph::identity::{lock_source, source_name};
use crate::graph::kinds::cargo::{LockPackage, LockSource};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "missing-checksum",
    title: "locked crate without a checksum",
    many: "{n} locks hold crates without a checksum",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("missing_checksum.md"),
    check,
};

/// Crates named in the message.
const NAMED: usize = 3;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for view in &scene.cargo.locks {
        let Some(lock) = scene.lock(view.document) else { continue };
        let bare: Vec<&LockPackage> = lock.packages.iter().filter(|p| p.checksum.is_none() && is_registry(p)).collect();
        let Some(first) = bare.first() else { continue };
        let held = lock.packages.iter().filter(|p| p.checksum.is_some()).count();
        let names: Vec<String> =
            bare.iter().take(NAMED).map(|p| format!("`{}` {}", p.name.value, p.version.value)).collect();
        let more = bare.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let path = scene.sources.path(view.file);
        let from = source_name(&lock_source(first.source.as_ref().map(|s| s.value.as_str())));
        report
            .at(Place::new(lock.file, first.name.span), format!("no checksum, though the source is {from}"))
            .about("lock", path, None)
            .also(bare.iter().map(|p| Place::new(lock.file, p.name.span)))
            .role(view.role)
            .each(bare.iter().map(|p| format!("{} {}", p.name.value, p.version.value)))
            .evidence(format!("the lock: {held} other entries carry one"))
            .advise("remove the entries without checksum, run `cargo update --workspace` with no source replaced, and compare what changes")
            .say(format!("{path} holds {}{more} without a checksum, so what is fetched is not compared", names.join(", ")));
    }
}

fn is_registry(package: &LockPackage) -> bool {
    let source = package.source.as_ref().map(|s| s.value.as_str());
    matches!(lock_source(source), LockSource::CratesIo | LockSource::Registry(_))
}
