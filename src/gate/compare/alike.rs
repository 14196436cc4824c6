//! Findings of one tree that are the same thing with the same content, and are told apart by the release they name or
//! by where they stand. A place may go from one to another: where one list is raised to the release of another, two
//! findings become one. So their places are held against those of the base all at once.

use std::collections::BTreeMap;

use super::ground::Ground;
use super::join::{How, Joined, known};
use super::places;
use crate::audit::{Finding, Spot};

/// A finding among others that are alike.
#[derive(Debug)]
pub(super) struct Alike {
    /// Its places that none of the base's has.
    pub(super) places: Vec<Spot>,
    /// The weightiest of the base that is like it.
    pub(super) base: usize,
}

/// By position of the second audit, those that have more than one of their kind beside or before them, or were not
/// joined with the one there was: which of its files a finding stands in changes with their weight.
pub(super) fn of(base: &[Finding], head: &[Finding], joined: &Joined, ground: &Ground<'_>) -> BTreeMap<usize, Alike> {
    let mut groups: BTreeMap<(&str, &str), (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (index, finding) in base.iter().enumerate() {
        if let Some(key) = known(finding) {
            groups.entry(key).or_default().0.push(index);
        }
    }
    for (index, finding) in head.iter().enumerate() {
        if let Some(group) = known(finding).and_then(|key| groups.get_mut(&key)) {
            group.1.push(index);
        }
    }
    let mut out = BTreeMap::new();
    let is_open = |index: &usize| joined.pairs.get(*index).is_some_and(Option::is_none);
    for (before, after) in groups.into_values() {
        if before.len().max(after.len()) < 2 && !after.iter().any(is_open) {
            continue;
        }
        // Findings are in order of weight.
        let Some(first) = before.first().copied() else { continue };
        let all = |findings: &[Finding], indices: &[usize]| -> Vec<Spot> {
            indices.iter().filter_map(|index| findings.get(*index)).flat_map(|f| f.places.iter().cloned()).collect()
        };
        let pairs = || after.iter().filter_map(|index| joined.pairs.get(*index).copied().flatten());
        let elsewhere = pairs().any(|pair| pair.how == How::Elsewhere);
        let mut left: BTreeMap<Spot, usize> = BTreeMap::new();
        for spot in places::new(&all(base, &before), &all(head, &after), true, elsewhere, ground) {
            *left.entry(spot).or_default() += 1;
        }
        for index in after {
            let Some(finding) = head.get(index) else { continue };
            let mut own = finding.places.clone();
            own.retain(|spot| left.get_mut(spot).filter(|left| **left > 0).map(|left| *left -= 1).is_some());
            out.insert(index, Alike { places: own, base: first });
        }
    }
    out
}
