//! Which places of a finding the base's finding does not have.

use std::collections::BTreeMap;

use super::ground::{Ground, Was};
use crate::audit::Spot;

/// Places of the first tree that are not yet found again.
struct Left<'a> {
    places: &'a [Spot],
    is_taken: Vec<bool>,
}

impl<'a> Left<'a> {
    /// Takes a place for each of `open` that has the same key; gives back those that found none.
    fn take<'h, K: Ord>(
        &mut self,
        open: Vec<&'h Spot>,
        before: impl Fn(&'a Spot) -> Option<K>,
        after: impl Fn(&'h Spot) -> Option<K>,
    ) -> Vec<&'h Spot> {
        let mut left: BTreeMap<K, Vec<usize>> = BTreeMap::new();
        for (index, spot) in self.places.iter().enumerate().rev().filter(|(index, _)| !self.is_taken[*index]) {
            if let Some(key) = before(spot) {
                left.entry(key).or_default().push(index);
            }
        }
        open.into_iter()
            .filter(|spot| {
                let found = after(spot).and_then(|key| left.get_mut(&key)).and_then(Vec::pop);
                if let Some(found) = found {
                    self.is_taken[found] = true;
                }
                found.is_none()
            })
            .collect()
    }
}

/// The places of `after` that are not among those of `before`, as a multiset: the same line first, then a line of
/// the same text in the same file, then as many in that file as there were, if the content is the same, then a line
/// of the same text that went from one changed file to another.
pub(super) fn new(before: &[Spot], after: &[Spot], same: bool, elsewhere: bool, ground: &Ground<'_>) -> Vec<Spot> {
    matched(before, after, same, elsewhere, ground).0
}

/// The same, and which places of `before` were found again.
pub(super) fn matched(
    before: &[Spot],
    after: &[Spot],
    same: bool,
    elsewhere: bool,
    ground: &Ground<'_>,
) -> (Vec<Spot>, Vec<bool>) {
    let mut left = Left { places: before, is_taken: vec![false; before.len()] };
    let open: Vec<&Spot> = after.iter().collect();
    let open = left.take(
        open,
        |spot| Some((spot.path.as_str(), spot.line)),
        |spot| match ground.was(&spot.path, spot.line) {
            Was::At(line) => Some((ground.before(&spot.path), line)),
            Was::Unknown | Was::Nowhere => None,
        },
    );
    let open = left.take(
        open,
        |spot| Some((spot.path.as_str(), ground.plain_before(&spot.path, spot.line)?)),
        |spot| Some((ground.before(&spot.path), ground.plain_after(&spot.path, spot.line)?)),
    );
    if !same {
        return (open.into_iter().cloned().collect(), left.is_taken);
    }
    // Lines that the change did not write come first in line.
    let mut open = open;
    open.sort_by_key(|spot| matches!(ground.was(&spot.path, spot.line), Was::Nowhere));
    let open = left.take(open, |spot| Some(spot.path.as_str()), |spot| Some(ground.before(&spot.path)));
    let went = |spot: &Spot| ground.was_touched(&spot.path);
    let came = |spot: &Spot| ground.is_touched(&spot.path);
    let open = left.take(
        open,
        |spot| ground.plain_before(&spot.path, spot.line).filter(|text| !text.is_empty() && went(spot)),
        |spot| ground.plain_after(&spot.path, spot.line).filter(|_| came(spot)),
    );
    let open = if elsewhere {
        left.take(open, |spot| went(spot).then_some(()), |spot| came(spot).then_some(()))
    } else {
        open
    };
    (open.into_iter().cloned().collect(), left.is_taken)
}
