//! A crate that RustSec has something to say about that is no flaw.

use super::hits;
use crate::advisory::Kind;
use crate::diag::Severity;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "noticed-crate",
    title: "crate with a notice from RustSec",
    many: "{n} crates have a notice from RustSec",
    severity: Severity::Info,
    since: "0.1",
    docs: include_str!("noticed_crate.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for hit in hits::hits(scene, Kind::Notice) {
        let severity = if hit.is_direct() { Severity::Low } else { Severity::Info };
        hits::say(scene, report, &hit, severity, &format!("has a notice ({})", hit.flaw.id));
    }
}
