//! Stretches of the line of versions. Bounds are cuts between versions, so that open and closed ends
//! need no cases.

use std::cmp::Ordering;

use pep440_rs::Version;

/// A place between versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cut {
    /// Before every version.
    Start,
    /// Just before a version.
    Before(Version),
    /// Just after a version.
    After(Version),
    /// After every version.
    End,
}

impl Cut {
    /// The version and on which side of it the cut lies.
    fn key(&self) -> (u8, Option<&Version>, bool) {
        match self {
            Self::Start => (0, None, false),
            Self::Before(v) => (1, Some(v), false),
            Self::After(v) => (1, Some(v), true),
            Self::End => (2, None, false),
        }
    }

    /// Whether a version lies behind the cut.
    pub(super) fn is_before(&self, version: &Version) -> bool {
        match self {
            Self::Start => true,
            Self::Before(v) => version >= v,
            Self::After(v) => version > v,
            Self::End => false,
        }
    }

    /// The version the cut lies at.
    pub(super) fn version(&self) -> Option<&Version> {
        self.key().1
    }
}

impl PartialOrd for Cut {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cut {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

/// All versions between two cuts; empty where the cuts are not in order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stretch {
    pub(super) from: Cut,
    pub(super) to: Cut,
}

impl Stretch {
    pub(super) fn is_empty(&self) -> bool {
        self.from >= self.to
    }
}

/// What lies in both sets. Each set is sorted and without overlaps, and so is the result.
pub(super) fn both(one: &[Stretch], other: &[Stretch]) -> Vec<Stretch> {
    let (mut out, mut i, mut j) = (Vec::new(), 0, 0);
    while let (Some(a), Some(b)) = (one.get(i), other.get(j)) {
        let shared = Stretch { from: a.from.clone().max(b.from.clone()), to: a.to.clone().min(b.to.clone()) };
        if !shared.is_empty() {
            out.push(shared);
        }
        if a.to <= b.to { i += 1 } else { j += 1 }
    }
    out
}

/// Sorts, and joins what touches.
pub(super) fn tidy(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    stretches.retain(|s| !s.is_empty());
    stretches.sort();
    let mut out: Vec<Stretch> = Vec::with_capacity(stretches.len());
    for next in stretches {
        match out.last_mut() {
            Some(last) if next.from <= last.to => {
                if next.to > last.to {
                    last.to = next.to;
                }
            }
            _ => out.push(next),
        }
    }
    out
}

/// Whether the tidy set holds the whole stretch.
pub(super) fn covers(set: &[Stretch], stretch: &Stretch) -> bool {
    stretch.is_empty() || set.iter().any(|s| s.from <= stretch.from && stretch.to <= s.to)
}
