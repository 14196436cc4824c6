//! A flaw of a package that the base has already, in another list.

use std::collections::BTreeMap;

use super::Brought;
use super::ground::Ground;
use super::risen;
use crate::audit::{Finding, State};
use crate::diag::{Impact, Topic};

/// Whether a finding weighs less for the base having the same flaw elsewhere. An attack never does.
pub(super) fn may(finding: &Finding) -> bool {
    finding.advisory.is_some() && finding.impact != Some(Impact::Malicious)
}

/// The base's findings that are about a flaw, by the package that has it: kind and name.
pub(super) struct Flaws<'a>(BTreeMap<(&'a str, &'a str), Vec<&'a Finding>>);

impl<'a> Flaws<'a> {
    pub(super) fn of(base: &'a [Finding]) -> Self {
        let mut out: BTreeMap<_, Vec<&Finding>> = BTreeMap::new();
        for finding in base.iter().filter(|finding| finding.advisory.is_some()) {
            if let Some(subject) = &finding.subject {
                out.entry((subject.kind.as_str(), subject.name.as_str())).or_default().push(finding);
            }
        }
        Self(out)
    }
}

/// Findings about one package that one is held against. Some packages have hundreds of flaws.
const MOST: usize = 4096;

/// What a finding brings that the base has nowhere in its place.
pub(super) fn of(base: &Flaws<'_>, finding: &Finding, ground: &Ground<'_>) -> Brought {
    let mut out = Brought { state: State::New, places: Vec::new(), evidence: Vec::new() };
    let Some(topic) = finding.advisory.as_ref().filter(|_| may(finding)) else { return out };
    let Some(subject) = &finding.subject else { return out };
    let own = ground.before(&finding.path);
    let all = base.0.get(&(subject.kind.as_str(), subject.name.as_str())).map(Vec::as_slice).unwrap_or_default();
    let sibling = all.iter().take(MOST).find(|other| {
        other.path != own
            && other.advisory.as_ref().is_some_and(|other| is_same_flaw(topic, other))
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
