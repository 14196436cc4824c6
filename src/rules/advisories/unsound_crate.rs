//! A crate whose safe functions can cause undefined behaviour.

use super::hits;
use crate::advisory::Kind;
use crate::diag::Severity;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "unsound-crate",
    title: "crate whose safe interface is unsound",
    many: "{n} crates are unsound",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unsound_crate.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for hit in hits::hits(scene, Kind::Unsound) {
        // Unsound code is a hazard for its callers, not yet a way in; a direct caller is nearer to it.
        let severity = if hit.is_direct() { Severity::Medium } else { Severity::Low };
        hits::say(scene, report, &hit, severity, &format!("is unsound ({})", hit.flaw.id));
    }
}
