//! A waiver whose end has passed.

use super::waivers::{Entry, about, content, end, later, name, owner};
use crate::diag::{Confidence, Severity};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "expired-waiver",
    title: "waiver whose time is over",
    many: "{n} waivers are past their time",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("expired_waiver.md"),
    check: later,
};

pub(super) fn tell(scene: &Scene<'_>, one: &Entry<'_>, report: &mut Reporter<'_>) {
    let Some((place, until, _)) = end(one.entry, scene.today).filter(|(_, _, left)| *left < 0) else { return };
    let (kind, named, _) = name(one.entry);
    let back = match one.met {
        0 => "nothing of it is found any more".to_owned(),
        1 => "one finding is back".to_owned(),
        n => format!("{n} findings are back"),
    };
    let mend = match one.met {
        0 => "take the entry out".to_owned(),
        _ => "mend what is reported, or look at it again and give it another date and a reason".to_owned(),
    };
    report
        .at(place, format!("over since {until}"))
        .about(kind, named, None)
        .confidence(Confidence::High)
        .content(format!("{} {until}", content(one.entry)))
        .evidence(back)
        .advise(mend)
        .say(format!("{} was waived{} until {until}, which is past", about(one.entry), owner(one.entry)));
}
