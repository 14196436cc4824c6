//! A flaw of a package that the base has already, in the same list or in another.

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

/// The flaws of the base, by package.
#[derive(Debug)]
pub(super) struct Flaws<'a>(BTreeMap<(&'a str, &'a str), Vec<&'a Finding>>);

impl<'a> Flaws<'a> {
    pub(super) fn of(base: &'a [Finding]) -> Self {
        let mut out: BTreeMap<(&str, &str), Vec<&Finding>> = BTreeMap::new();
        for finding in base.iter().filter(|finding| may(finding)) {
            if let Some(subject) = &finding.subject {
                out.entry((&subject.kind, &subject.name)).or_default().push(finding);
            }
        }
        Self(out)
    }

    /// Findings of the base that tell the same flaw of the same package, of whatever release.
    fn same<'s>(&'s self, finding: &'s Finding) -> impl Iterator<Item = &'a Finding> + 's {
        let package = finding.subject.as_ref().map(|subject| (subject.kind.as_str(), subject.name.as_str()));
        let all = package.and_then(|package| self.0.get(&package)).into_iter().flatten().copied();
        let topic = finding.advisory.as_ref().filter(|_| may(finding));
        all.filter(move |other| {
            topic.zip(other.advisory.as_ref()).is_some_and(|(topic, other)| is_same_flaw(topic, other))
        })
    }

    /// The finding that tells the flaw in a file of the base.
    pub(super) fn in_file(&self, finding: &Finding, path: &str) -> Option<&'a Finding> {
        self.same(finding).find(|other| other.path == path || other.places.iter().any(|spot| spot.path == path))
    }

    /// What a finding brings that the base has nowhere in its place.
    pub(super) fn brought(&self, finding: &Finding, ground: &Ground<'_>) -> Brought {
        let mut out = Brought { state: State::New, places: Vec::new(), evidence: Vec::new() };
        // What the base has where nobody is hurt by it, the product does not have yet.
        if let Some(sibling) = self.same(finding).find(|other| risen(other, finding, ground).is_none()) {
            out.state = State::Spread;
            out.evidence.push(format!("the base has the same flaw in {} line {}", sibling.path, sibling.line));
        }
        out
    }
}

/// Whether two advisories speak of the same flaw: they share a name.
fn is_same_flaw(one: &Topic, two: &Topic) -> bool {
    let names = |topic: &Topic, id: &str| topic.id == id || topic.aliases.iter().any(|alias| alias == id);
    names(two, &one.id) || one.aliases.iter().any(|alias| names(two, alias))
}
