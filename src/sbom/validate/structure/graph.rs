//! References of a document: who has which, who names which, and what is reached from what the document is about.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Place;
use crate::sbom::validate::Check;
use crate::sbom::validate::Findings;
use crate::sbom::validate::interpret::short;

/// Parts by their references, and what leads from one to another.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// Where each reference is had first.
    parts: BTreeMap<String, Place>,
    /// What leads from one to others.
    edges: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    /// A part has a reference; told where another one has it.
    pub(super) fn have(&mut self, reference: &str, place: Place, findings: &mut Findings) {
        if let Some(first) = self.parts.get(reference) {
            let line = findings.line(first.start);
            let message = format!("the part at line {line} has the reference \"{}\", too", short(reference));
            findings.at(Check::DuplicateReference, &place, message);
        } else {
            self.parts.insert(reference.to_owned(), place);
        }
    }

    /// Whether a part has it.
    pub(super) fn has(&self, reference: &str) -> bool {
        self.parts.contains_key(reference)
    }

    /// One part leads to another.
    pub(super) fn lead(&mut self, from: &str, to: &str) {
        self.edges.entry(from.to_owned()).or_default().insert(to.to_owned());
    }

    /// Whether anything leads anywhere.
    pub(super) fn has_edges(&self) -> bool {
        !self.edges.is_empty()
    }

    /// Of these parts, those that are not reached from these roots.
    pub(super) fn unreached<'p>(&self, roots: &[&str], parts: &'p [String]) -> Vec<&'p str> {
        let mut seen: BTreeSet<&str> = roots.iter().copied().collect();
        let mut open: Vec<&str> = roots.to_vec();
        while let Some(one) = open.pop() {
            for next in self.edges.get(one).into_iter().flatten() {
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        parts.iter().map(String::as_str).filter(|part| !seen.contains(part)).collect()
    }

    /// Tells of what is not reached, once.
    pub(super) fn tell_unreached(&self, root: &str, parts: &[String], place: &Place, findings: &mut Findings) {
        let unreached = self.unreached(&[root], parts);
        if let Some(first) = unreached.first() {
            let few = unreached.iter().take(3).map(|one| format!("\"{}\"", short(one))).collect::<Vec<_>>().join(", ");
            let (count, all) = (unreached.len(), parts.len());
            let message = format!("nothing leads from what the document is about to {count} of {all} parts: {few}");
            let place = self.parts.get(*first).unwrap_or(place);
            findings.at(Check::Unreachable, place, message);
        }
    }
}
