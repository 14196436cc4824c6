//! Which versions an advisory calls affected.

use std::cell::OnceCell;
use std::sync::Arc;

use pep440_rs::Version;

use super::line::{Cut, Stretch};
use super::read;
use crate::advisory::model::{Advisory, Event, Range};
use crate::advisory::ranges::FixedIn;

/// A version that is asked about, with and without its local label.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    bare: Version,
    full: Version,
}

impl Candidate {
    pub(super) fn of(version: Version) -> Self {
        Self { bare: version.clone().without_local(), full: version }
    }

    /// Whether another version is newer.
    pub(super) fn is_below(&self, other: &Version) -> bool {
        self.beside(other) < other
    }

    /// The form that may be compared with a version of an advisory.
    fn beside(&self, other: &Version) -> &Version {
        if other.is_local() { &self.full } else { &self.bare }
    }

    fn is_behind(&self, cut: &Cut) -> bool {
        cut.is_before(cut.version().map_or(&self.bare, |v| self.beside(v)))
    }

    fn is_in(&self, stretch: &Stretch) -> bool {
        self.is_behind(&stretch.from) && !self.is_behind(&stretch.to)
    }
}

/// An advisory, what it says of versions read once: reading a version costs more than comparing it.
#[derive(Debug)]
pub(super) struct Flaw {
    pub(super) advisory: Arc<Advisory>,
    /// What its ranges affect.
    stretches: Vec<Stretch>,
    fixes: OnceCell<Vec<(Cut, FixedIn)>>,
}

impl Flaw {
    pub(super) fn of(advisory: Arc<Advisory>) -> Self {
        let stretches = advisory.ranges.iter().flat_map(|range| stretches(events(range))).collect();
        Self { advisory, stretches, fixes: OnceCell::new() }
    }

    /// Whether any of the ranges covers the version. Commits say nothing of versions.
    pub(super) fn affects(&self, candidate: &Candidate) -> bool {
        // Lists are long, ranges are short; so ranges first.
        self.stretches.iter().any(|s| candidate.is_in(s))
            || self.advisory.ranges.iter().any(|range| match range {
                Range::Versions(list) => list.iter().any(|text| is_listed(text, candidate)),
                _ => false,
            })
    }

    /// Whether the ranges leave no version after which the flaw is gone.
    pub(super) fn has_no_end(&self) -> bool {
        self.stretches.iter().any(|s| s.to == Cut::End)
    }

    /// Versions that it gives as fixed, as far as they can be read.
    pub(super) fn fixed_at(&self) -> impl Iterator<Item = Version> {
        let events = self.advisory.ranges.iter().flat_map(events);
        events.filter_map(|event| if let Event::Fixed(text) = event { read(text) } else { None })
    }

    /// The nearest version, from `candidate` upwards, that the ranges do not affect and that they give as
    /// fixed; `None` when they name none.
    pub(super) fn fixed_above(&self, candidate: &Candidate) -> Option<FixedIn> {
        let is_below = |cut: &Cut| cut.version().is_some_and(|v| v < candidate.beside(v));
        let ahead = self.fixes.get_or_init(|| self.fixes()).iter().filter(|(cut, _)| !is_below(cut));
        ahead.min_by(|(one, _), (other, _)| one.cmp(other)).map(|(_, fixed)| fixed.clone())
    }

    /// Every place from which on the flaw may be gone.
    fn fixes(&self) -> Vec<(Cut, FixedIn)> {
        let place = |event: &Event| match (event, at(event.at())?) {
            (Event::Fixed(text), At { version, is_exact: true }) => {
                let is_free = !self.affects(&Candidate::of(version.clone()));
                is_free.then(|| (Cut::Before(version), FixedIn::At(text.clone())))
            }
            // A fix that cannot be read lies somewhere after the version it begins with.
            (Event::Fixed(_) | Event::LastAffected(_), at) => {
                let text = at.version.to_string();
                let cut = Cut::After(at.version);
                // Not in the middle of what is affected.
                let is_inside = self.stretches.iter().any(|s| s.from <= cut && cut < s.to);
                (!is_inside).then_some((cut, FixedIn::After(text)))
            }
            _ => None,
        };
        self.advisory.ranges.iter().flat_map(events).filter_map(place).collect()
    }
}

fn is_listed(text: &str, candidate: &Candidate) -> bool {
    // Most entries are of another release, which shows in their numbers.
    !is_of_another_release(text, candidate.bare.release())
        && read(text).is_some_and(|listed| listed == *candidate.beside(&listed))
}

/// Whether a version is of another release than the one of these numbers. Where that takes more than a
/// look at its numbers, it is not.
fn is_of_another_release(text: &str, release: &[u64]) -> bool {
    // Bytes, since hundreds of versions are looked at for each that is asked about.
    let bytes = text.as_bytes();
    let end = bytes.iter().position(|b| !b.is_ascii_digit() && *b != b'.').unwrap_or(bytes.len());
    let (numbers, rest) = bytes.split_at(end);
    if rest.starts_with(b"!") {
        // The numbers are those of an epoch.
        return false;
    }
    let mut known = release.iter();
    for part in numbers.strip_suffix(b".").unwrap_or(numbers).split(|b| *b == b'.') {
        let Some(number) = number(part) else { return false };
        if known.next().copied().unwrap_or(0) != number {
            return true;
        }
    }
    known.any(|number| *number != 0)
}

/// The number that digits stand for; none where there are none or too many.
fn number(digits: &[u8]) -> Option<u64> {
    let next = |sum: u64, digit: &u8| sum.checked_mul(10)?.checked_add(u64::from(digit.wrapping_sub(b'0')));
    digits.iter().try_fold(0, next).filter(|_| !digits.is_empty())
}

/// A bound of a range. `is_exact` is false where PEP 440 cannot read the text and the version it begins
/// with stands for it.
struct At {
    version: Version,
    is_exact: bool,
}

fn at(text: &str) -> Option<At> {
    if let Some(version) = read(text) {
        return Some(At { version, is_exact: true });
    }
    // From the back, so that the longest beginning is taken.
    let mut ends = text.char_indices().rev().map(|(end, _)| end).filter(|end| *end <= super::LONGEST);
    ends.find_map(|end| {
        let head = text.get(..end)?.trim_end_matches(['-', '.', '_', '+']);
        read(head).map(|version| At { version, is_exact: false })
    })
}

/// The events as affected stretches, in order of version.
///
/// A bound that cannot be read in part either widens the range: nothing is hidden by it. Where several
/// last affected versions follow each other, the highest counts.
pub(super) fn stretches(events: &[Event]) -> Vec<Stretch> {
    let mut steps: Vec<(Cut, &Event)> = events
        .iter()
        .map(|event| {
            let place = if event.at() == "0" { None } else { at(event.at()) };
            let cut = match (event, place) {
                (Event::Introduced(_), None) => Cut::Start,
                (Event::Introduced(_), Some(at)) => Cut::Before(at.version),
                (Event::Fixed(text) | Event::Limit(text), None) if text == "0" => Cut::Start,
                (_, None) => Cut::End,
                (Event::Fixed(_) | Event::Limit(_), Some(At { version, is_exact: true })) => Cut::Before(version),
                (_, Some(at)) => Cut::After(at.version),
            };
            (cut, event)
        })
        .collect();
    // Stable: at one version the order given stands (`fixed`, then `introduced`, is affected again).
    steps.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut out: Vec<Stretch> = Vec::new();
    let has_start = events.iter().any(|e| matches!(e, Event::Introduced(_)));
    let mut open: Option<Cut> = None;
    let mut may_grow = false;
    for (cut, event) in steps {
        match (event, open.take()) {
            (Event::Introduced(_), before) => {
                open = Some(before.unwrap_or(cut));
                may_grow = false;
            }
            (event, Some(from)) => {
                may_grow = matches!(event, Event::LastAffected(_));
                out.push(Stretch { from, to: cut });
            }
            (Event::LastAffected(_), None) => match out.last_mut() {
                Some(last) if may_grow => last.to = cut,
                // Some records leave `introduced` out.
                None if !has_start => out.push(Stretch { from: Cut::Start, to: cut }),
                _ => {}
            },
            (Event::Fixed(_) | Event::Limit(_), None) => may_grow = false,
        }
    }
    if let Some(from) = open {
        out.push(Stretch { from, to: Cut::End });
    }
    out
}

/// The events of a range over versions; none for the other kinds.
pub(super) fn events(range: &Range) -> &[Event] {
    match range {
        Range::Ecosystem(events) | Range::Semver(events) => events,
        Range::Versions(_) | Range::Git { .. } | Range::RustSec { .. } => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_alone_tell_releases_apart_or_say_nothing() {
        for (text, release, expected) in [
            ("1.2", &[1, 2][..], false),
            ("1.2.0", &[1, 2][..], false),
            ("1.2", &[1, 2, 0][..], false),
            ("1.2", &[1, 2, 1][..], true),
            ("1.2.1", &[1, 2][..], true),
            ("1.2rc1", &[1, 2][..], false),
            ("1.3rc1", &[1, 2][..], true),
            ("1.2.dev3", &[1, 2][..], false),
            ("1.2-1", &[1, 2][..], false),
            // Nothing is said of what is read in another way, or not at all.
            ("9!1.2", &[1, 2][..], false),
            ("v7", &[1, 2][..], false),
            (" 7", &[1, 2][..], false),
            ("", &[1, 2][..], false),
            ("99999999999999999999", &[1][..], false),
        ] {
            assert_eq!(is_of_another_release(text, release), expected, "{text:?}");
        }
    }
}
