//! A flaw of a package that the base has already, in another list.

use super::Brought;
use super::ground::Ground;
use super::risen;
use crate::audit::{Finding, State};
use crate::diag::{Impact, Topic};

/// Whether a finding weighs less for the base having the same flaw elsewhere. An attack never does.
pub(super) fn may(finding: &Finding) -> bool {
    finding.advisory.is_some() && finding.impact != Some(Impact::Malicious)
}

/// What a finding brings that the base has nowhere in its place.
pub(super) fn of(base: &[Finding], finding: &Finding, ground: &Ground<'_>) -> Brought {
    let mut out = Brought { state: State::New, places: Vec::new(), evidence: Vec::new() };
    let Some(topic) = finding.advisory.as_ref().filter(|_| may(finding)) else { return out };
    let own = ground.before(&finding.path);
    let sibling = base.iter().find(|other| {
        other.path != own
            && other.advisory.as_ref().is_some_and(|other| is_same_flaw(topic, other))
            && is_same_package(finding, other)
            // What the base has where nobody is hurt by it, the product does not have yet.
            && risen(other, finding).is_none()
    });
    if let Some(sibling) = sibling {
        out.state = State::Spread;
        out.evidence.push(format!("the base has the same flaw in {} line {}", sibling.path, sibling.line));
    }
    out
}

/// Whether two advisories speak of the same flaw: they share a name.
fn is_same_flaw(one: &Topic, two: &Topic) -> bool {
    let names = |topic: &Topic, id: &str| topic.id == id || topic.aliases.iter().any(|alias| alias == id);
    names(two, &one.id) || one.aliases.iter().any(|alias| names(two, alias))
}

fn is_same_package(one: &Finding, two: &Finding) -> bool {
    match (&one.subject, &two.subject) {
        (Some(one), Some(two)) => one.kind == two.kind && one.name == two.name,
        _ => false,
    }
}
