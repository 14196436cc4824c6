//! A waiver that ends soon.

use super::waivers::{Entry, about, content, end, later, name, owner};
use crate::diag::{Confidence, Severity};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "expiring-waiver",
    title: "waiver that ends soon",
    many: "{n} waivers end soon",
    severity: Severity::Info,
    since: "0.1",
    docs: include_str!("expiring_waiver.md"),
    check: later,
};

/// Days ahead that are soon.
const SOON: i64 = 14;
/// Days ahead that are worth a line on the screen.
const NOW: i64 = 3;

pub(super) fn tell(scene: &Scene<'_>, one: &Entry<'_>, report: &mut Reporter<'_>) {
    // What is waived no more ends without anybody minding.
    let left = end(one.entry, scene.today).filter(|(_, _, left)| (0..=SOON).contains(left) && one.met > 0);
    let Some((place, until, left)) = left else { return };
    let (kind, named, _) = name(one.entry);
    let severity = if left <= NOW { Severity::Medium } else { Severity::Info };
    let findings = if one.met == 1 { "one finding comes".to_owned() } else { format!("{} findings come", one.met) };
    report
        .at(place, format!("ends on {until}"))
        .about(kind, named, None)
        .severity(severity)
        .confidence(Confidence::High)
        .content(format!("{} {until}", content(one.entry)))
        .evidence(format!("{findings} back after that day"))
        .advise("mend what it excuses, or look at it again and give it another date and a reason")
        .say(format!("{} is waived{} until {until}, which is near", about(one.entry), owner(one.entry)));
}
