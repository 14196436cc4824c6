//! A waiver that excuses grave findings without an end, or for too long.

use super::waivers::{Around, Entry, about, content, later, name};
use crate::diag::{Confidence, Severity};
use crate::rules::{Reporter, Rule};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "unjustified-waiver",
    title: "waiver of something grave that has no end",
    many: "{n} waivers of something grave have no end",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unjustified_waiver.md"),
    check: later,
};

pub(super) fn tell(one: &Entry<'_>, around: &Around<'_>, report: &mut Reporter<'_>) {
    let Some(severity) = one.refused else { return };
    let (kind, named, place) = name(one.entry);
    let days = around.max_days;
    let (place, label, why) = match &one.entry.until {
        Some(until) => {
            let why = format!("for longer than the {days} days that the policy allows");
            (Place::new(one.entry.file, until.span), "too far ahead", why)
        }
        None => (place, "has no `until`", "without an end".to_owned()),
    };
    report
        .at(place, label)
        .about(kind, named, None)
        .confidence(Confidence::High)
        .content(content(one.entry))
        .evidence("the finding is reported as if the waiver were not there")
        .advise(format!("give it an `until` at most {days} days ahead, by which somebody looks again"))
        .say(format!("{} of {} severity cannot be waived {why}", about(one.entry), severity.as_str()));
}
