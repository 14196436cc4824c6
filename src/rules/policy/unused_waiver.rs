//! A waiver that excuses nothing.

use super::waivers::{Around, Entry, about, content, end, later, name};
use crate::config::glob;
use crate::diag::{Confidence, Severity};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "unused-waiver",
    title: "waiver of something that is not found",
    many: "{n} waivers are of something that is not found",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unused_waiver.md"),
    check: later,
};

/// Families whose rules speak only where registries are asked or two trees are compared.
const SOMETIMES: &[&str] = &["registry", "changes"];

pub(super) fn tell(scene: &Scene<'_>, one: &Entry<'_>, around: &Around<'_>, report: &mut Reporter<'_>) {
    let entry = one.entry;
    // What is over is told of by itself.
    let is_over = end(entry, scene.today).is_some_and(|(_, _, left)| left < 0);
    if one.met > 0 || is_over || !is_sure(one, around) {
        return;
    }
    let (kind, named, _) = name(entry);
    report
        .at(Place::new(entry.file, entry.span), "excuses nothing")
        .about(kind, named, None)
        .confidence(Confidence::High)
        .content(content(entry))
        .evidence("no finding fits all that it names; malicious code is excused by nothing")
        .advise("take it out, so that the finding is told should it come back: cargo custody waivers --prune")
        .say(format!("{} is waived, and nothing of it is found", about(entry)));
}

/// Whether what it speaks of would have been found.
fn is_sure(one: &Entry<'_>, around: &Around<'_>) -> bool {
    let has_run = match &one.entry.rule {
        Some(rule) => crate::rules::find(rule.as_str())
            .is_some_and(|(family, rule)| !SOMETIMES.contains(&family.id) && (around.ran)(rule.id)),
        None => around.all_ran,
    };
    let is_lost = |path: &String| one.entry.path.as_ref().is_none_or(|glob| glob::fits(glob.as_str(), path));
    has_run && !around.lost.iter().any(is_lost)
}
