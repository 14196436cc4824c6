//! A crate that nobody looks after any more.

use super::hits;
use crate::advisory::Kind;
use crate::diag::Severity;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "unmaintained-crate",
    title: "crate that nobody maintains",
    many: "{n} crates are no longer maintained",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unmaintained_crate.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for hit in hits::hits(scene, Kind::Unmaintained) {
        // Only a direct dependency is the project's own to replace.
        let severity = if hit.is_direct() { Severity::Low } else { Severity::Info };
        hits::say(scene, report, &hit, severity, &format!("is no longer maintained ({})", hit.flaw.id));
    }
}
