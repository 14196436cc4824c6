//! Is a Cargo version affected? RustSec requirements and OSV SEMVER events.
//!
//! RustSec does not use `VersionReq::matches`, which leaves pre-releases out: it turns requirements
//! into intervals in Semantic Versioning order and takes the complement. So `1.0.0-rc.1` is affected
//! by an advisory patched in `>=1.0.0`, and `2.0.0-alpha` is not covered by `^1`. A property test
//! holds this file against the `rustsec` crate.

use semver::{Comparator, Op, Prerelease, Version, VersionReq};

use super::model::{Event, Range};

/// One end of an interval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// No end.
    Open,
    /// The version itself is inside.
    Inclusive(Version),
    /// The version itself is outside.
    Exclusive(Version),
}

/// Versions between two bounds, in Semantic Versioning precedence (build metadata does not count).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// Lower end.
    pub start: Bound,
    /// Upper end.
    pub end: Bound,
}

impl Interval {
    /// Whether a version lies inside.
    #[must_use]
    pub fn contains(&self, v: &Version) -> bool {
        let above = match &self.start {
            Bound::Open => true,
            Bound::Inclusive(s) => v.cmp_precedence(s).is_ge(),
            Bound::Exclusive(s) => v.cmp_precedence(s).is_gt(),
        };
        let below = match &self.end {
            Bound::Open => true,
            Bound::Inclusive(e) => v.cmp_precedence(e).is_le(),
            Bound::Exclusive(e) => v.cmp_precedence(e).is_lt(),
        };
        above && below
    }

    /// The versions a Cargo requirement covers, as RustSec understands it. `None` for a requirement
    /// RustSec refuses: two bounds on one side, or `=`, `^`, `~` beside another comparator.
    #[must_use]
    pub fn of(requirement: &str) -> Option<Self> {
        let req = VersionReq::parse(requirement).ok()?;
        let (mut start, mut end) = (Bound::Open, Bound::Open);
        for c in &req.comparators {
            let alone = req.comparators.len() == 1;
            let v = base(c);
            let low = matches!(c.op, Op::Greater | Op::GreaterEq);
            let taken = if low { start != Bound::Open } else { end != Bound::Open };
            match c.op {
                Op::Greater | Op::GreaterEq | Op::Less | Op::LessEq if taken => return None,
                Op::Greater => start = Bound::Exclusive(v),
                Op::GreaterEq => start = Bound::Inclusive(v),
                Op::Less => end = Bound::Exclusive(v),
                Op::LessEq => end = Bound::Inclusive(v),
                Op::Exact if alone => {
                    start = Bound::Inclusive(v.clone());
                    end = Bound::Inclusive(v);
                }
                Op::Caret | Op::Tilde if alone => {
                    end = Bound::Exclusive(next_incompatible(c)?);
                    start = Bound::Inclusive(v);
                }
                _ => return None,
            }
        }
        Some(Self { start, end })
    }
}

fn base(c: &Comparator) -> Version {
    let mut v = Version::new(c.major, c.minor.unwrap_or(0), c.patch.unwrap_or(0));
    v.pre = c.pre.clone();
    v
}

/// The first version, pre-releases included, beyond what `^` or `~` covers.
fn next_incompatible(c: &Comparator) -> Option<Version> {
    let (major, minor, patch) = match (c.op, c.major, c.minor, c.patch) {
        (Op::Caret, 0, Some(0), Some(p)) => (0, 0, p.checked_add(1)?),
        (Op::Caret, 0, Some(m), _) => (0, m.checked_add(1)?, 0),
        (Op::Tilde, major, Some(m), _) => (major, m.checked_add(1)?, 0),
        (_, major, _, _) => (major.checked_add(1)?, 0, 0),
    };
    let mut v = Version::new(major, minor, patch);
    v.pre = Prerelease::new("0").ok()?;
    Some(v)
}

/// A version at which a fix exists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FixedIn {
    /// This version and, as far as the advisory says, the ones after it.
    At(String),
    /// Something after this version; the advisory does not name the release.
    After(String),
}

/// Whether a Cargo version is affected by any of the ranges. Ranges in another ecosystem's order
/// (PEP 440, commits) cover nothing here. A requirement that cannot be read covers nothing either,
/// so that it hides no version: an advisory whose every requirement is unreadable affects all.
#[must_use]
pub fn affects(ranges: &[Range], version: &Version) -> bool {
    ranges.iter().any(|range| match range {
        Range::RustSec { patched, unaffected } => {
            !patched.iter().chain(unaffected).filter_map(|r| Interval::of(r)).any(|interval| interval.contains(version))
        }
        Range::Semver(events) => events_cover(events, version),
        Range::Versions(list) => list.iter().filter_map(|v| lenient(v)).any(|v| v == *version),
        Range::Ecosystem(_) | Range::Git { .. } => false,
    })
}

/// A version as OSV records write it: `0`, `1.2` and `1.2.3` all count.
#[must_use]
pub fn lenient(text: &str) -> Option<Version> {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    if let Ok(version) = Version::parse(text) {
        return Some(version);
    }
    let cut = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at(cut);
    let full = match numbers.split('.').count() {
        1 => format!("{numbers}.0.0{rest}"),
        2 => format!("{numbers}.0{rest}"),
        _ => return None,
    };
    Version::parse(&full).ok()
}

/// The events as affected intervals, in order of version.
#[must_use]
pub fn intervals(events: &[Event]) -> Vec<Interval> {
    let mut steps: Vec<(Option<Version>, &Event)> = events
        .iter()
        .filter_map(|e| match e.at() {
            "0" => Some((None, e)),
            text => lenient(text).map(|v| (Some(v), e)),
        })
        .collect();
    // At one version the order given stands (`fixed` then `introduced` is affected again), but the last
    // affected version is still affected, so that event goes last.
    steps.sort_by(|(a, e), (b, f)| {
        let by_version = match (a, b) {
            (Some(a), Some(b)) => a.cmp_precedence(b),
            _ => a.is_some().cmp(&b.is_some()),
        };
        by_version.then_with(|| matches!(e, Event::LastAffected(_)).cmp(&matches!(f, Event::LastAffected(_))))
    });
    let mut out = Vec::new();
    let mut open: Option<Bound> = None;
    for (version, event) in steps {
        let end = match event {
            Event::Introduced(_) => {
                if open.is_none() {
                    open = Some(version.map_or(Bound::Open, Bound::Inclusive));
                }
                continue;
            }
            // A limit bounds what the range speaks of; beyond it nothing is said to be affected.
            Event::Fixed(_) | Event::Limit(_) => version.map_or(Bound::Open, Bound::Exclusive),
            Event::LastAffected(_) => version.map_or(Bound::Open, Bound::Inclusive),
        };
        if let Some(start) = open.take() {
            out.push(Interval { start, end });
        } else if let (Event::LastAffected(_), true) = (event, out.is_empty()) {
            // Some records leave `introduced` out.
            out.push(Interval { start: Bound::Open, end });
        }
    }
    if let Some(start) = open {
        out.push(Interval { start, end: Bound::Open });
    }
    out
}

fn events_cover(events: &[Event], version: &Version) -> bool {
    intervals(events).iter().any(|i| i.contains(version))
}

/// The nearest version above `version` that the ranges do not affect and that the advisory gives as
/// fixed; `None` when it names none.
#[must_use]
pub fn fixed_above(ranges: &[Range], version: &Version) -> Option<FixedIn> {
    let mut best: Option<(Version, FixedIn)> = None;
    let mut offer = |v: &Version, fixed: FixedIn, safe: bool| {
        let nearer = best.as_ref().is_none_or(|(b, _)| v.cmp_precedence(b).is_lt());
        if safe && nearer && v.cmp_precedence(version).is_ge() {
            best = Some((v.clone(), fixed));
        }
    };
    for range in ranges {
        match range {
            Range::RustSec { patched, .. } => {
                for interval in patched.iter().filter_map(|r| Interval::of(r)) {
                    match &interval.start {
                        Bound::Inclusive(v) => offer(v, FixedIn::At(v.to_string()), !affects(ranges, v)),
                        Bound::Exclusive(v) => offer(v, FixedIn::After(v.to_string()), true),
                        Bound::Open => {}
                    }
                }
            }
            Range::Semver(events) | Range::Ecosystem(events) => {
                for event in events {
                    let Some(v) = lenient(event.at()) else { continue };
                    match event {
                        Event::Fixed(text) => offer(&v, FixedIn::At(text.clone()), !affects(ranges, &v)),
                        Event::LastAffected(text) => offer(&v, FixedIn::After(text.clone()), true),
                        Event::Introduced(_) | Event::Limit(_) => {}
                    }
                }
            }
            Range::Git { .. } | Range::Versions(_) => {}
        }
    }
    best.map(|(_, fixed)| fixed)
}

/// All that the advisory says of fixed versions, as text for people: Cargo requirements.
#[must_use]
pub fn patched_text(ranges: &[Range]) -> Vec<String> {
    let mut out = Vec::new();
    for range in ranges {
        match range {
            Range::RustSec { patched, .. } => out.extend(patched.iter().cloned()),
            Range::Semver(events) | Range::Ecosystem(events) => {
                out.extend(events.iter().filter_map(|e| match e {
                    Event::Fixed(v) => Some(format!(">={v}")),
                    Event::LastAffected(v) => Some(format!(">{v}")),
                    Event::Introduced(_) | Event::Limit(_) => None,
                }));
            }
            Range::Git { .. } | Range::Versions(_) => {}
        }
    }
    out
}

#[cfg(test)]
#[path = "ranges_tests.rs"]
mod tests;
