//! Which versions an advisory calls affected.

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

/// Whether any of the ranges covers the version. Commits say nothing of versions.
pub(super) fn affects(ranges: &[Range], candidate: &Candidate) -> bool {
    // Lists are long, ranges are short; so ranges first.
    ranges.iter().any(|range| match range {
        Range::Ecosystem(events) | Range::Semver(events) => stretches(events).iter().any(|s| candidate.is_in(s)),
        Range::Versions(_) | Range::Git { .. } | Range::RustSec { .. } => false,
    }) || ranges.iter().any(|range| match range {
        Range::Versions(list) => list.iter().any(|text| is_listed(text, candidate)),
        _ => false,
    })
}

fn is_listed(text: &str, candidate: &Candidate) -> bool {
    // Most entries differ in the first number, and reading it alone is cheap.
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    if let Ok(number) = number.parse::<u64>()
        && !rest.starts_with('!')
        && candidate.bare.release().first() != Some(&number)
    {
        return false;
    }
    read(text).is_some_and(|listed| listed == *candidate.beside(&listed))
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

/// Whether the ranges leave no version after which the flaw is gone.
pub(super) fn has_no_end(ranges: &[Range]) -> bool {
    ranges.iter().flat_map(|r| stretches(events(r))).any(|s| s.to == Cut::End)
}

/// The nearest version, from `candidate` upwards, that the ranges do not affect and that they give as
/// fixed; `None` when they name none.
pub(super) fn fixed_above(ranges: &[Range], candidate: &Candidate) -> Option<FixedIn> {
    let mut best: Option<(Cut, FixedIn)> = None;
    for event in ranges.iter().flat_map(events) {
        let (cut, fixed) = match (event, at(event.at())) {
            (Event::Fixed(text), Some(At { version, is_exact: true })) => {
                if affects(ranges, &Candidate::of(version.clone())) {
                    continue;
                }
                (Cut::Before(version), FixedIn::At(text.clone()))
            }
            // A fix that cannot be read lies somewhere after the version it begins with.
            (Event::Fixed(_) | Event::LastAffected(_), Some(at)) => {
                let text = at.version.to_string();
                (Cut::After(at.version), FixedIn::After(text))
            }
            _ => continue,
        };
        // Not behind the candidate, and not in the middle of what is affected.
        let is_below = cut.version().is_some_and(|v| v < candidate.beside(v));
        let is_inside = matches!(cut, Cut::After(_))
            && ranges.iter().flat_map(|r| stretches(events(r))).any(|s| s.from <= cut && cut < s.to);
        let is_nearer = best.as_ref().is_none_or(|(known, _)| cut < *known);
        if !is_below && !is_inside && is_nearer {
            best = Some((cut, fixed));
        }
    }
    best.map(|(_, fixed)| fixed)
}

/// An advisory without its lists of versions, which are long and of no use once it is known to speak of a
/// release.
pub(super) fn without_lists(advisory: &Advisory) -> Advisory {
    let mut out = advisory.clone();
    out.ranges.retain(|range| !matches!(range, Range::Versions(_)));
    out
}

/// The events of a range over versions; none for the other kinds.
pub(super) fn events(range: &Range) -> &[Event] {
    match range {
        Range::Ecosystem(events) | Range::Semver(events) => events,
        Range::Versions(_) | Range::Git { .. } | Range::RustSec { .. } => &[],
    }
}
