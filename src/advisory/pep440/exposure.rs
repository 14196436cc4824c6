//! What a requirement that is not locked may let in.
//!
//! Offline nobody knows every release of a distribution. Known are the releases that advisories list
//! and the bounds they name. So *every* and *newest* are said of stretches of versions: whatever is
//! released in them, now or later, has the flaw as far as the advisory goes. A list of versions covers
//! what it lists and nothing in between.
//!
//! As pip has it, pre-releases count only where the requirement names one, or nothing else is allowed.

use std::collections::HashMap;
use std::sync::Arc;

use pep440_rs::Version;

use super::flaw::{self, Candidate, Flaw};
use super::line::{Cut, Stretch, covers, tidy};
use super::specifiers::Allowed;
use super::{Flaws, order, read};
use crate::advisory::index::{Index, IndexError};
use crate::advisory::matching::{Basis, Match, collapse};
use crate::advisory::model::{Advisory, Ecosystem, Range};

/// How far a flaw reaches into what is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Whatever is installed has it.
    Every,
    /// Older releases that are allowed may be free of it; the newest that could be allowed has it.
    Newest,
    /// Some releases have it; which one is installed decides.
    Some,
}

/// A flaw that a requirement may let in.
#[derive(Debug, Clone, PartialEq)]
pub struct Exposed {
    /// The flaw; [`Match::fixed`] is the nearest fix above the lowest allowed release that has it.
    pub flaw: Match,
    /// How far it reaches.
    pub reach: Reach,
    /// Known releases that are allowed and have it.
    pub affected: usize,
}

/// What a requirement may let in.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Exposure {
    /// The flaws, those of every allowed release first; empty where none is known.
    pub flaws: Vec<Exposed>,
    /// Known releases that are allowed. Advisories name them; there may be more.
    pub known: usize,
    /// The lowest lower bound that keeps all known flaws out that have a fix: the release itself has
    /// none of them and no known release above it that the requirement allows has one. It may lie
    /// above what is allowed now. `None` where no such release is known or nothing is to be kept out.
    pub safe: Option<String>,
}

/// What PEP 440 specifiers (`>=1.2,<2`, or nothing at all) allow of the flaws of a distribution. The
/// name is compared after PEP 503. `None` where the specifiers cannot be read and an advisory speaks of
/// the name.
///
/// # Errors
/// When the table is damaged where it was read.
pub fn expose(index: &Index, name: &str, specifiers: &str) -> Result<Option<Exposure>, IndexError> {
    Ok(Flaws::of(index.lookup(Ecosystem::PyPi, name)?).exposure(specifiers))
}

impl Flaws {
    /// [`expose`] over these advisories.
    #[must_use]
    pub fn exposure(&self, specifiers: &str) -> Option<Exposure> {
        if self.live.is_empty() {
            return Some(Exposure::default());
        }
        let allowed = Allowed::parse(specifiers)?;
        let releases = self.releases.get_or_init(|| Releases::of(&self.live, &self.withdrawn));
        let within = releases.within(&allowed);
        let mut hits = Vec::new();
        for (flaw, covered) in self.live.iter().zip(&releases.affected) {
            let touches = within.iter().any(|i| covered.releases.holds(*i))
                || (within.is_empty() && !super::line::both(&covered.stretches, allowed.stretches()).is_empty());
            if touches {
                hits.push((Arc::clone(&flaw.advisory), Basis::Version));
            }
        }
        let affected = |advisory: &Arc<Advisory>| releases.affected.get(self.position(advisory)?);
        let lowest = |advisory: &Arc<Advisory>| {
            let of = affected(advisory)?;
            let first = within.iter().find(|i| of.releases.holds(**i)).map(|i| releases.sorted[*i].clone());
            let first = first.or_else(|| allowed.stretches().first()?.from.version().cloned())?;
            self.flaw(advisory)?.fixed_above(&Candidate::of(first))
        };
        let matches = collapse(hits, lowest, order);
        let flaws: Vec<Exposed> = matches
            .into_iter()
            .map(|flaw| {
                let of = Affected::union(flaw.advisories.iter().filter_map(affected));
                let count = within.iter().filter(|i| of.releases.holds(**i)).count();
                let reach = reach(&allowed, &of);
                Exposed { flaw, reach, affected: count }
            })
            .collect();
        let has_end = |e: &Exposed| e.flaw.advisories.iter().any(|a| affected(a).is_some_and(|a| !a.has_no_end()));
        let safe = if flaws.iter().any(has_end) { releases.safe(&allowed, &within) } else { None };
        let mut out = Exposure { flaws, known: within.len(), safe };
        out.flaws.sort_by_key(|e| e.reach);
        Some(out)
    }
}

/// The releases that the advisories of a distribution speak of.
#[derive(Debug)]
pub(super) struct Releases {
    /// Each once, in order.
    sorted: Vec<Version>,
    /// What each of the advisories that hold covers.
    affected: Vec<Affected>,
}

/// Positions of releases: whether it holds each, as far as the last it holds.
#[derive(Debug, Default)]
struct Positions(Vec<bool>);

impl Positions {
    fn insert(&mut self, positions: std::ops::Range<usize>) {
        if self.0.len() < positions.end {
            self.0.resize(positions.end, false);
        }
        self.0.get_mut(positions).unwrap_or_default().fill(true);
    }

    fn extend(&mut self, others: &Self) {
        if self.0.len() < others.0.len() {
            self.0.resize(others.0.len(), false);
        }
        self.0.iter_mut().zip(&others.0).for_each(|(one, other)| *one |= *other);
    }

    fn holds(&self, position: usize) -> bool {
        self.0.get(position).copied().unwrap_or(false)
    }
}

/// What one flaw covers.
#[derive(Debug, Default)]
struct Affected {
    releases: Positions,
    /// Stretches that are affected whatever is released in them.
    stretches: Vec<Stretch>,
}

impl Affected {
    fn union<'a>(parts: impl Iterator<Item = &'a Self>) -> Self {
        let mut out = Self::default();
        for part in parts {
            out.releases.extend(&part.releases);
            out.stretches.extend(part.stretches.iter().cloned());
        }
        out.stretches = tidy(out.stretches);
        out
    }

    /// Whether nothing that is yet to come is free of the flaw.
    fn has_no_end(&self) -> bool {
        self.stretches.last().is_some_and(|s| s.to == Cut::End)
    }
}

impl Releases {
    fn of(live: &[Flaw], withdrawn: &[Advisory]) -> Self {
        let mut spelt: HashMap<&str, Option<Version>> = HashMap::new();
        let advisories = live.iter().map(|flaw| &*flaw.advisory).chain(withdrawn);
        for range in advisories.flat_map(|a| &a.ranges) {
            let list: &[String] = if let Range::Versions(list) = range { list } else { &[] };
            let bounds = flaw::events(range).iter().map(|e| e.at()).filter(|at| *at != "0");
            for text in list.iter().map(String::as_str).chain(bounds) {
                spelt.entry(text).or_insert_with(|| read(text));
            }
        }
        let mut sorted: Vec<Version> = spelt.values().flatten().cloned().collect();
        sorted.sort();
        sorted.dedup();
        let spelt = spelt
            .into_iter()
            .filter_map(|(text, version)| Some((text, sorted.binary_search(&version?).ok()?)))
            .collect();
        let affected = live.iter().map(|flaw| affected(&sorted, &spelt, &flaw.advisory.ranges)).collect();
        Self { sorted, affected }
    }

    /// Positions of the releases that a requirement allows.
    fn within(&self, allowed: &Allowed) -> Vec<usize> {
        let all: Vec<usize> = (0..self.sorted.len()).filter(|i| allowed.contains(&self.sorted[*i])).collect();
        let stable: Vec<usize> = all.iter().copied().filter(|i| self.sorted[*i].is_stable()).collect();
        if allowed.wants_prereleases() || stable.is_empty() { all } else { stable }
    }

    fn safe(&self, allowed: &Allowed, within: &[usize]) -> Option<String> {
        let flaws = self.affected.iter().filter(|f| !f.has_no_end());
        let mut bad = Positions::default();
        flaws.for_each(|flaw| bad.extend(&flaw.releases));
        // Above the last allowed release with a flaw, and without one itself.
        let lowest = match (within.iter().rev().find(|i| bad.holds(**i)), allowed.stretches().first()) {
            (Some(last), _) => last + 1,
            // Nothing known is allowed; a stretch reaches over it all the same.
            (None, Some(first)) if within.is_empty() => self.sorted.partition_point(|v| !first.from.is_before(v)),
            (None, _) => return None,
        };
        let prereleases = allowed.wants_prereleases();
        let found =
            (lowest..self.sorted.len()).find(|i| !bad.holds(*i) && (prereleases || self.sorted[*i].is_stable()))?;
        Some(self.sorted[found].to_string())
    }
}

/// What ranges cover of sorted releases, whose positions are given by their spelling.
fn affected(sorted: &[Version], spelt: &HashMap<&str, usize>, ranges: &[Range]) -> Affected {
    let mut out = Affected::default();
    for range in ranges {
        if let Range::Versions(list) = range {
            let listed = list.iter().filter_map(|text| spelt.get(text.as_str()));
            for index in listed {
                out.releases.insert(*index..*index + 1);
                let version = &sorted[*index];
                let stretch = Stretch { from: Cut::Before(version.clone()), to: Cut::After(version.clone()) };
                out.stretches.push(stretch);
            }
        }
        out.stretches.extend(flaw::stretches(flaw::events(range)));
    }
    out.stretches = tidy(out.stretches);
    for stretch in &out.stretches {
        let first = sorted.partition_point(|v| !stretch.from.is_before(v));
        let end = sorted.partition_point(|v| !stretch.to.is_before(v));
        out.releases.insert(first..end);
    }
    out
}

fn reach(allowed: &Allowed, of: &Affected) -> Reach {
    // A wildcard begins before the pre-releases of its first release, which nobody gets by it.
    let asked = |stretch: &Stretch| match &stretch.from {
        Cut::Before(v) if v.min().is_some() && !allowed.wants_prereleases() => {
            Stretch { from: Cut::Before(v.clone().with_min(None)), to: stretch.to.clone() }
        }
        _ => stretch.clone(),
    };
    let stretches = allowed.stretches();
    let Some(last) = stretches.last() else { return Reach::Some };
    if stretches.iter().all(|s| covers(&of.stretches, &asked(s))) {
        return Reach::Every;
    }
    let is_newest = of.stretches.iter().any(|s| s.from < last.to && last.to <= s.to);
    if is_newest { Reach::Newest } else { Reach::Some }
}
