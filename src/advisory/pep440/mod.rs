//! Python's versions: is a release of PyPI affected, and what does a requirement let in?
//!
//! Order and spelling are PEP 440's, through `pep440_rs`; an OSV range of the `ECOSYSTEM` kind is read
//! as the OSV schema says. Two things differ on purpose from a bare comparison:
//!
//! - A local label (`2.6.0+cu124`) names a build of a release, not another release. It is left out
//!   wherever the advisory's version has none.
//! - Some records carry bounds that PEP 440 cannot read (`2.6.0-NA`, from the CPE field "update"). Such a
//!   bound is taken at the version it begins with, and that version is inside: better one too many.
//!
//! Knows nothing of files, locks or requirements lines. A version that cannot be compared has no
//! answer; it is never clean.

mod exposure;
mod flaw;
mod line;
mod specifiers;

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::str::FromStr;

use pep440_rs::Version;

pub use exposure::{Exposed, Exposure, Exposures, Reach, expose, exposure};
pub use specifiers::Allowed;

use super::index::{Index, IndexError};
use super::matching::{Basis, Match, collapse};
use super::model::{Advisory, Ecosystem, Event};
use super::ranges::FixedIn;
use flaw::Candidate;

/// Bytes of a version that are looked at; PyPI has none half as long.
const LONGEST: usize = 256;

/// A version as PEP 440 reads it, in any of its spellings.
pub(super) fn read(text: &str) -> Option<Version> {
    if text.len() > LONGEST { None } else { Version::from_str(text.trim()).ok() }
}

/// How two versions stand to each other; `None` where PEP 440 cannot read one of them.
#[must_use]
pub fn compare(one: &str, other: &str) -> Option<Ordering> {
    Some(read(one)?.cmp(&read(other)?))
}

/// Advisories that affect a release of PyPI, worst kind first, then by identifier. The name is compared
/// after PEP 503. `None` where PEP 440 cannot read the version and an advisory speaks of the name, so
/// that nothing can be said. Whether the package comes from PyPI is the caller's business.
///
/// # Errors
/// When the table is damaged where it was read.
pub fn match_distribution(index: &Index, name: &str, version: &str) -> Result<Option<Vec<Match>>, IndexError> {
    Ok(matching(&index.lookup(Ecosystem::PyPi, name)?, version))
}

/// [`match_distribution`] over advisories that were looked up before.
#[must_use]
pub fn matching(advisories: &[Advisory], version: &str) -> Option<Vec<Match>> {
    Comparison::of(advisories).with(version)
}

/// The advisories of one distribution, compared with many of its releases.
#[derive(Debug)]
pub struct Comparison<'a> {
    live: Vec<&'a Advisory>,
    /// Fixed versions in order, and whether no advisory affects them: found out where it is asked.
    bounds: OnceCell<Vec<(Version, OnceCell<bool>)>>,
}

impl<'a> Comparison<'a> {
    /// Takes the advisories.
    #[must_use]
    pub fn of(advisories: &'a [Advisory]) -> Self {
        Self { live: advisories.iter().filter(|a| a.withdrawn.is_none()).collect(), bounds: OnceCell::new() }
    }

    /// Advisories that affect a release; see [`match_distribution`].
    #[must_use]
    pub fn with(&self, version: &str) -> Option<Vec<Match>> {
        if self.live.is_empty() {
            return Some(Vec::new());
        }
        let candidate = Candidate::of(read(version)?);
        let hits = self.live.iter().filter(|a| flaw::affects(&a.ranges, &candidate));
        let hits = hits.map(|a| (flaw::without_lists(a), Basis::Version)).collect();
        let mut matches = collapse(hits, |a| flaw::fixed_above(&a.ranges, &candidate), order);
        if !matches.is_empty() {
            let clear = self.clear_above(&candidate);
            matches.iter_mut().filter(|m| m.fixed.is_some()).for_each(|m| m.clear.clone_from(&clear));
        }
        Some(matches)
    }

    /// The nearest fixed version above that no advisory affects. What nothing fixes cannot be cleared and
    /// does not count. A pre-release is taken only where there is nothing else.
    fn clear_above(&self, candidate: &Candidate) -> Option<String> {
        let fixable = || self.live.iter().filter(|a| !flaw::has_no_end(&a.ranges));
        let bounds = self.bounds.get_or_init(|| {
            let events = fixable().flat_map(|a| &a.ranges).flat_map(flaw::events);
            let fixed = events.filter_map(|e| if let Event::Fixed(text) = e { read(text) } else { None });
            fixed.collect::<BTreeSet<Version>>().into_iter().map(|version| (version, OnceCell::new())).collect()
        });
        let is_clear = |(version, known): &&(Version, OnceCell<bool>)| {
            *known.get_or_init(|| {
                let asked = Candidate::of(version.clone());
                !fixable().any(|a| flaw::affects(&a.ranges, &asked))
            })
        };
        let above = || bounds.iter().filter(|(version, _)| candidate.is_below(version));
        let stable = above().filter(|(version, _)| version.is_stable()).find(is_clear);
        stable.or_else(|| above().find(is_clear)).map(|(version, _)| version.to_string())
    }
}

/// Order of fixes: by version, and what lies after a version behind the version itself.
fn order(one: &FixedIn, other: &FixedIn) -> Ordering {
    let key = |fixed: &FixedIn| match fixed {
        FixedIn::At(version) => (read(version), false),
        FixedIn::After(version) => (read(version), true),
    };
    key(one).cmp(&key(other))
}

#[cfg(test)]
mod tests;
