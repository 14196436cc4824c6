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
use std::str::FromStr;
use std::sync::Arc;

use pep440_rs::Version;

pub use exposure::{Exposed, Exposure, Reach, expose};
pub use specifiers::Allowed;

use super::index::{Index, IndexError};
use super::matching::{Basis, Match, collapse};
use super::model::{Advisory, Ecosystem};
use super::ranges::FixedIn;
use exposure::Releases;
use flaw::{Candidate, Flaw};

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

/// A version in one spelling for all that PEP 440 takes for equal, without its local label; `None` where
/// PEP 440 cannot read it.
#[must_use]
pub fn canonical(text: &str) -> Option<String> {
    let version = read(text)?.without_local();
    let mut release = version.release().to_vec();
    while release.len() > 1 && release.last() == Some(&0) {
        release.pop();
    }
    Some(version.with_release(release).to_string())
}

/// Advisories that affect a release of PyPI, worst kind first, then by identifier. The name is compared
/// after PEP 503. `None` where PEP 440 cannot read the version and an advisory speaks of the name, so
/// that nothing can be said. Whether the package comes from PyPI is the caller's business.
///
/// # Errors
/// When the table is damaged where it was read.
pub fn match_distribution(index: &Index, name: &str, version: &str) -> Result<Option<Vec<Match>>, IndexError> {
    Ok(Flaws::of(index.lookup(Ecosystem::PyPi, name)?).matching(version))
}

/// What advisories say of one distribution, read once for any number of questions about it.
#[derive(Debug)]
pub struct Flaws {
    live: Vec<Flaw>,
    withdrawn: Vec<Advisory>,
    /// Versions that give a fixed flaw as fixed, in order, and whether each is free of all such flaws.
    fixes: OnceCell<Vec<(Version, OnceCell<bool>)>>,
    releases: OnceCell<Releases>,
}

impl Flaws {
    /// Takes the advisories of one distribution.
    #[must_use]
    pub fn of(advisories: Vec<Advisory>) -> Self {
        let (live, withdrawn) = advisories.into_iter().partition::<Vec<_>, _>(|a| a.withdrawn.is_none());
        let live = live.into_iter().map(|a| Flaw::of(Arc::new(a))).collect();
        Self { live, withdrawn, fixes: OnceCell::new(), releases: OnceCell::new() }
    }

    /// Whether no advisory that stands speaks of it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.live.is_empty()
    }

    /// [`match_distribution`] over these advisories.
    #[must_use]
    pub fn matching(&self, version: &str) -> Option<Vec<Match>> {
        if self.live.is_empty() {
            return Some(Vec::new());
        }
        let candidate = Candidate::of(read(version)?);
        let hits = self.live.iter().filter(|flaw| flaw.affects(&candidate));
        let hits = hits.map(|flaw| (Arc::clone(&flaw.advisory), Basis::Version)).collect();
        let mut matches = collapse(hits, |a| self.flaw(a)?.fixed_above(&candidate), order);
        if !matches.is_empty() {
            let clear = self.clear_above(&candidate);
            matches.iter_mut().filter(|m| m.fixed.is_some()).for_each(|m| m.clear.clone_from(&clear));
        }
        Some(matches)
    }

    /// Where one of these advisories stands among those that hold.
    fn position(&self, advisory: &Arc<Advisory>) -> Option<usize> {
        self.live.iter().position(|flaw| Arc::ptr_eq(&flaw.advisory, advisory))
    }

    fn flaw(&self, advisory: &Arc<Advisory>) -> Option<&Flaw> {
        self.live.get(self.position(advisory)?)
    }

    /// The nearest fixed version above that no advisory affects. What nothing fixes cannot be cleared and
    /// does not count. A pre-release is taken only where there is nothing else.
    fn clear_above(&self, candidate: &Candidate) -> Option<String> {
        let fixable = || self.live.iter().filter(|flaw| !flaw.has_no_end());
        let fixes = self.fixes.get_or_init(|| {
            let mut versions: Vec<Version> = fixable().flat_map(Flaw::fixed_at).collect();
            versions.sort();
            versions.dedup();
            versions.into_iter().map(|version| (version, OnceCell::new())).collect()
        });
        let is_clear = |(version, known): &&(Version, OnceCell<bool>)| {
            *known.get_or_init(|| {
                let asked = Candidate::of(version.clone());
                !fixable().any(|flaw| flaw.affects(&asked))
            })
        };
        let above = || fixes.iter().filter(|(version, _)| candidate.is_below(version));
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
