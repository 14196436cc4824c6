//! Findings of one tree that are the same thing with the same content, and are told apart by the release they name or
//! by which of their files comes first. Where one list is raised to the release of another, two findings become one;
//! so places that are left over after the joining are held against those of findings that found no partner.

use std::collections::{BTreeMap, BTreeSet};

use super::ground::Ground;
use super::join::{How, Joined, known};
use super::places;
use crate::audit::{Finding, Spot};
use crate::diag::Impact;

/// A finding among others that are alike.
#[derive(Debug)]
pub(super) struct Alike {
    /// Its places that none of the base's has.
    pub(super) places: Vec<Spot>,
    /// The weightiest of the base that is like it and has no partner.
    pub(super) base: usize,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// By position in the second audit.
    pub(super) heads: BTreeMap<usize, Alike>,
    /// Positions of those of the first that are not gone: others have all their places now.
    pub(super) kept: BTreeSet<usize>,
}

/// Findings that are alike, by position: what is left of the base, and what the change has.
type Group = (Vec<usize>, Vec<usize>);

/// Holds places that are left over on both sides against each other.
pub(super) fn of(base: &[Finding], head: &[Finding], joined: &Joined, ground: &Ground<'_>) -> Found {
    let mut groups: BTreeMap<(&str, &str), Group> = BTreeMap::new();
    // An attack is no less for having stood elsewhere.
    let is_attack = |finding: &Finding| finding.impact == Some(Impact::Malicious);
    for index in &joined.left {
        if let Some((finding, key)) = base.get(*index).and_then(|finding| Some((finding, known(finding)?)))
            && !is_attack(finding)
        {
            groups.entry(key).or_default().0.push(*index);
        }
    }
    for (index, finding) in head.iter().enumerate().filter(|(_, finding)| !is_attack(finding)) {
        if let Some(group) = known(finding).and_then(|key| groups.get_mut(&key)) {
            group.1.push(index);
        }
    }
    let mut found = Found::default();
    for (before, after) in groups.into_values() {
        // Findings are in order of weight.
        let Some(first) = before.first().copied() else { continue };
        let mut open: Vec<(usize, Vec<Spot>)> = Vec::new();
        for index in after {
            let (Some(finding), Some(pair)) = (head.get(index), joined.pairs.get(index)) else { continue };
            let own = match pair.and_then(|pair| Some((pair, base.get(pair.base)?))) {
                Some((pair, _)) if pair.how == How::Other => continue,
                Some((pair, was)) => {
                    places::new(&was.places, &finding.places, true, pair.how == How::Elsewhere, ground)
                }
                None => finding.places.clone(),
            };
            open.push((index, own));
        }
        let spare = before.iter().filter_map(|index| Some((*index, base.get(*index)?)));
        let spare: Vec<(usize, &Spot)> =
            spare.flat_map(|(at, f)| f.places.iter().map(move |spot| (at, spot))).collect();
        let pool: Vec<Spot> = spare.iter().map(|(_, spot)| (*spot).clone()).collect();
        let mut all: Vec<Spot> = open.iter().flat_map(|(_, own)| own.iter().cloned()).collect();
        all.sort();
        let (new, is_taken) = places::matched(&pool, &all, true, false, ground);
        let mut left: BTreeMap<Spot, usize> = BTreeMap::new();
        for spot in new {
            *left.entry(spot).or_default() += 1;
        }
        for (index, mut own) in open {
            own.retain(|spot| left.get_mut(spot).filter(|left| **left > 0).map(|left| *left -= 1).is_some());
            found.heads.insert(index, Alike { places: own, base: first });
        }
        let gone = spare.iter().zip(&is_taken).filter(|(_, is_taken)| !**is_taken).map(|((at, _), _)| *at);
        let gone: BTreeSet<usize> = gone.collect();
        found.kept.extend(before.iter().filter(|index| !gone.contains(index)));
    }
    found
}
