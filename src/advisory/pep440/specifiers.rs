//! What a requirement lets in: PEP 440 specifiers as a test of one version and as stretches.
//!
//! `pep440_rs` parses; the test is ours, because its own takes `1` for `==1.2.*`, and because what is
//! allowed is needed as stretches anyway. A table made with `packaging` holds it to what pip does.

use std::str::FromStr;

use pep440_rs::{Operator, Version, VersionSpecifier};

use super::line::{Cut, Stretch, both, tidy};
use super::read;

/// Bytes of a list of specifiers that are looked at.
const LONGEST: usize = 4096;
/// Specifiers in one list.
const MOST: usize = 64;

/// The versions that a list of PEP 440 specifiers allows (`>=1.2,<2`); an empty list allows all.
#[derive(Debug, Clone)]
pub struct Allowed {
    specifiers: Vec<(VersionSpecifier, Vec<Stretch>)>,
    stretches: Vec<Stretch>,
}

impl Allowed {
    /// Reads specifiers, separated by commas. `None` where one cannot be read: what it allows is then
    /// not known.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let parts: Vec<&str> = text.split(',').map(str::trim).filter(|p| !p.is_empty()).collect();
        if parts.len() > MOST {
            return None;
        }
        let mut specifiers = Vec::new();
        let mut all = vec![Stretch { from: Cut::Start, to: Cut::End }];
        for part in parts {
            let specifier = specifier(part)?;
            let own = stretches(&specifier);
            all = both(&all, &own);
            specifiers.push((specifier, own));
        }
        Some(Self { specifiers, stretches: all })
    }

    /// Whether a version is allowed, pre-releases like any other; `false` where it cannot be read.
    #[must_use]
    pub fn admits(&self, version: &str) -> bool {
        read(version).is_some_and(|v| self.contains(&v))
    }

    pub(super) fn contains(&self, version: &Version) -> bool {
        self.specifiers.iter().all(|(specifier, own)| satisfies(specifier, own, version))
    }

    /// The one version the list allows, as written after `==` or `===`; `None` where it allows more.
    #[must_use]
    pub fn exact(&self) -> Option<String> {
        self.specifiers
            .iter()
            .map(|(specifier, _)| specifier)
            .find(|s| matches!(s.operator(), Operator::Equal | Operator::ExactEqual))
            .map(|s| s.version().to_string())
    }

    /// Whether there is an end to what is allowed.
    #[must_use]
    pub fn is_capped(&self) -> bool {
        self.stretches.last().is_none_or(|s| s.to != Cut::End)
    }

    /// Whether pre-releases are asked for: as pip has it, a specifier that names one opens the door.
    pub(super) fn wants_prereleases(&self) -> bool {
        self.specifiers.iter().any(|(s, _)| {
            s.version().any_prerelease()
                && !matches!(
                    s.operator(),
                    Operator::NotEqual | Operator::NotEqualStar | Operator::LessThan | Operator::GreaterThan
                )
        })
    }

    /// All that is allowed, without local labels. Sorted, without overlaps.
    pub(super) fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }
}

/// One specifier. Bounds with a local label (`>=2.0+cu118`) are no PEP 440, though pip took them for
/// long; the label is left out of them.
fn specifier(text: &str) -> Option<VersionSpecifier> {
    let bare = || VersionSpecifier::from_str(text.split_once('+')?.0).ok();
    VersionSpecifier::from_str(text).ok().or_else(bare)
}

fn satisfies(specifier: &VersionSpecifier, stretches: &[Stretch], version: &Version) -> bool {
    if *specifier.operator() == Operator::ExactEqual {
        return specifier.version().to_string() == version.to_string();
    }
    // A label is compared only where the specifier has one.
    let is_local = specifier.version().is_local();
    let version = if is_local { version.clone() } else { version.clone().without_local() };
    stretches.iter().any(|s| s.from.is_before(&version) && !s.to.is_before(&version))
}

fn stretches(specifier: &VersionSpecifier) -> Vec<Stretch> {
    let bound = specifier.version().clone();
    let one = |from, to| vec![Stretch { from, to }];
    match specifier.operator() {
        Operator::Equal | Operator::ExactEqual => one(Cut::Before(bound.clone()), Cut::After(bound)),
        Operator::EqualStar => with_prefix(bound.epoch(), bound.release()),
        Operator::NotEqual => outside(Stretch { from: Cut::Before(bound.clone()), to: Cut::After(bound) }),
        Operator::NotEqualStar => {
            with_prefix(bound.epoch(), bound.release()).into_iter().next().map_or_else(Vec::new, outside)
        }
        Operator::TildeEqual => {
            let head = bound.release().split_last().map_or(&[] as &[u64], |(_, head)| head);
            both(&with_prefix(bound.epoch(), head), &one(Cut::Before(bound), Cut::End))
        }
        Operator::LessThan => one(Cut::Start, below(bound)),
        Operator::LessThanEqual => one(Cut::Start, Cut::After(bound)),
        Operator::GreaterThan => one(above(bound), Cut::End),
        Operator::GreaterThanEqual => one(Cut::Before(bound), Cut::End),
    }
}

/// Where `>` begins: behind the post-releases of a version that is none itself.
fn above(bound: Version) -> Cut {
    Cut::After(if bound.is_post() || bound.is_dev() { bound } else { bound.with_max(Some(0)) })
}

/// Where `<` ends: before the pre-releases of a version that is none itself.
fn below(bound: Version) -> Cut {
    Cut::Before(match (bound.any_prerelease(), bound.is_post()) {
        (true, _) => bound,
        (false, true) => bound.with_dev(Some(0)),
        (false, false) => bound.with_min(Some(0)),
    })
}

/// All releases that begin with some numbers, their pre-releases included.
fn with_prefix(epoch: u64, release: &[u64]) -> Vec<Stretch> {
    let Some((last, head)) = release.split_last() else { return vec![Stretch { from: Cut::Start, to: Cut::End }] };
    let first = |numbers: &[u64]| Cut::Before(Version::new(numbers).with_epoch(epoch).with_min(Some(0)));
    let mut next = head.to_vec();
    let to = match last.checked_add(1) {
        Some(number) => {
            next.push(number);
            first(&next)
        }
        None => Cut::End,
    };
    vec![Stretch { from: first(release), to }]
}

fn outside(hole: Stretch) -> Vec<Stretch> {
    tidy(vec![Stretch { from: Cut::Start, to: hole.from }, Stretch { from: hole.to, to: Cut::End }])
}
