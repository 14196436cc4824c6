//! Which advisories speak of a release. One flaw is one match, however many databases list it.
//!
//! Kinds: a vulnerability and an unsoundness that share a CVE stay two matches, because policies treat
//! them apart and RustSec files them apart on purpose. Malware filed a second time as a plain
//! vulnerability is one match, malicious. Identifiers: the canonical one (RUSTSEC, else PYSEC, else
//! GHSA, else the rest; the oldest first) names the match, all others are its aliases. A withdrawn
//! advisory never matches.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use semver::Version;

use super::index::{Index, IndexError};
use super::model::{Advisory, Ecosystem, Event, Kind, Range, Window};
use super::ranges::{self, FixedIn};
use super::score::{self, Score};

/// Why an advisory matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// The version lies in an affected range.
    Version,
    /// The commit is listed as bad.
    Commit,
    /// The tag names an affected version of an action. Tags can move; the commit behind it was not
    /// looked at.
    Tag,
    /// The tag is one that pointed to malicious code for a time (UTC). What matters is whether a job
    /// ran then; tags were usually put back afterwards.
    TagDuring(Window),
}

/// One flaw that a release has.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// Canonical identifier; stable as long as the databases are.
    pub id: String,
    /// Every other identifier of the flaw, sorted.
    pub aliases: Vec<String>,
    /// Worst kind among the records.
    pub kind: Kind,
    /// Why it matches.
    pub basis: Basis,
    /// Nearest version above the current one that is not affected, where an advisory names one.
    pub fixed: Option<FixedIn>,
    /// The nearest version above the current one that is free of every known flaw of the package that
    /// anything fixes, where that was looked for (PyPI) and is known.
    pub clear: Option<String>,
    /// All that the advisories say of fixed versions, as requirements of the ecosystem; empty means no
    /// fix.
    pub patched: Vec<String>,
    /// CVSS base score; `None` is unscored, not harmless.
    pub score: Option<Score>,
    /// The records behind the match, canonical first.
    pub advisories: Vec<Arc<Advisory>>,
}

impl Match {
    /// The record that speaks for the match.
    #[must_use]
    pub fn advisory(&self) -> Option<&Advisory> {
        self.advisories.first().map(AsRef::as_ref)
    }

    /// What a database calls the flaw, the canonical record before the others. Text of strangers, and
    /// `None` in the embedded index, which has no titles.
    #[must_use]
    pub fn title(&self) -> Option<String> {
        self.advisories.iter().find_map(|a| a.title.clone())
    }
}

/// Advisories that affect a version of a crate, worst kind first, then by identifier. `name` is
/// compared as written. The source of the package is the caller's business: a fork under the same
/// name may or may not share the flaw.
///
/// # Errors
/// When the table is damaged where it was read.
pub fn match_crate(index: &Index, name: &str, version: &Version) -> Result<Vec<Match>, IndexError> {
    Ok(match_semver(index.lookup(Ecosystem::CratesIo, name)?, version))
}

/// Advisories that call every release of a name an attack, whichever comes next. The name is normalised as
/// its ecosystem does.
///
/// # Errors
/// When the table is damaged where it was read.
pub fn malware(index: &Index, ecosystem: Ecosystem, name: &str) -> Result<Vec<Match>, IndexError> {
    let of_every = |range: &Range| match range {
        Range::RustSec { patched, unaffected } => patched.is_empty() && unaffected.is_empty(),
        Range::Semver(events) | Range::Ecosystem(events) => {
            let starts =
                |event: &Event| matches!(event, Event::Introduced(at) if matches!(at.as_str(), "0" | "0.0.0-0"));
            events.iter().any(starts) && events.iter().all(|event| matches!(event, Event::Introduced(_)))
        }
        Range::Git { .. } | Range::Versions(_) => false,
    };
    let hits = index
        .lookup(ecosystem, name)?
        .into_iter()
        .filter(|a| a.kind == Kind::Malicious && a.withdrawn.is_none() && a.ranges.iter().any(of_every))
        .map(|a| (Arc::new(a), Basis::Version))
        .collect();
    Ok(collapse(hits, |_| None, by_version))
}

/// Parts of the toolchain that RustSec knows.
const TOOLCHAIN: [&str; 4] = ["std", "cargo", "rustc", "rustdoc"];

/// Advisories that affect what a toolchain ships. `channel` is what `rust-toolchain.toml` says:
/// `1.70.0`, `1.70`, either followed by a host (`1.70-x86_64-unknown-linux-gnu`). `1.70` is taken as
/// its last patch release, which is what rustup installs. `None` when the channel names no version
/// (`stable`, `nightly-2024-01-01`): unknown is not the same as clean.
///
/// # Errors
/// When the table is damaged where it was read.
pub fn match_toolchain(index: &Index, channel: &str) -> Result<Option<Vec<Match>>, IndexError> {
    let Some(version) = channel_version(channel) else { return Ok(None) };
    let mut out = Vec::new();
    for part in TOOLCHAIN {
        out.extend(match_semver(index.lookup(Ecosystem::Rust, part)?, &version));
    }
    Ok(Some(out))
}

/// No toolchain has this many patch releases; stands for "the last one".
pub(super) const LAST: u64 = u32::MAX as u64;

fn channel_version(channel: &str) -> Option<Version> {
    let channel = channel.trim();
    let (numbers, rest) = channel.split_at(channel.find('-').unwrap_or(channel.len()));
    let parts: Vec<u64> = numbers.split('.').map(|p| p.parse().ok()).collect::<Option<_>>()?;
    match *parts.as_slice() {
        [major, minor] => Some(Version::new(major, minor, LAST)),
        [major, minor, patch] => {
            let mut version = Version::new(major, minor, patch);
            let pre = rest.strip_prefix('-').unwrap_or_default();
            if pre.starts_with("beta") {
                version.pre = semver::Prerelease::new(pre.split('-').next()?).ok()?;
            }
            Some(version)
        }
        _ => None,
    }
}

fn match_semver(advisories: Vec<Advisory>, version: &Version) -> Vec<Match> {
    let hits = advisories
        .into_iter()
        .filter(|a| a.withdrawn.is_none() && ranges::affects(&a.ranges, version))
        .map(|a| (Arc::new(a), Basis::Version))
        .collect();
    collapse(hits, |a| ranges::fixed_above(&a.ranges, version), by_version)
}

/// A record that speaks of what was asked about, and why.
pub(super) type Hit = (Arc<Advisory>, Basis);

/// One match per cluster and family of kinds. Where records disagree on the fix, the highest counts, in
/// the order of the ecosystem: only there all of them call the release fixed.
pub(super) fn collapse(
    hits: Vec<Hit>,
    fix: impl Fn(&Arc<Advisory>) -> Option<FixedIn>,
    order: impl Fn(&FixedIn, &FixedIn) -> Ordering,
) -> Vec<Match> {
    let mut clusters: BTreeMap<(String, String, u8), Vec<Hit>> = BTreeMap::new();
    for (advisory, basis) in hits {
        let key = (advisory.package.clone(), advisory.cluster.clone(), advisory.kind.family());
        clusters.entry(key).or_default().push((advisory, basis));
    }
    let mut out: Vec<Match> = Vec::new();
    for ((_, id, _), mut records) in clusters {
        records.sort_by(|(a, _), (b, _)| (a.id != id, &a.id).cmp(&(b.id != id, &b.id)));
        let (advisories, bases): (Vec<Arc<Advisory>>, Vec<Basis>) = records.into_iter().unzip();
        let mut aliases: Vec<String> =
            advisories.iter().flat_map(|a| std::iter::once(&a.id).chain(&a.aliases)).cloned().collect();
        aliases.sort();
        aliases.dedup();
        aliases.retain(|a| *a != id);
        let mut patched: Vec<String> = Vec::new();
        for text in advisories.iter().flat_map(|a| ranges::patched_text(&a.ranges)) {
            if !patched.contains(&text) {
                patched.push(text);
            }
        }
        let vectors: Vec<String> = advisories.iter().flat_map(|a| a.cvss.iter().cloned()).collect();
        let kind = advisories.iter().map(|a| a.kind).min().unwrap_or(Kind::Vulnerability);
        let fixes: Option<Vec<FixedIn>> = advisories.iter().map(&fix).collect();
        let fixed = fixes.and_then(|f| f.into_iter().max_by(&order));
        // A listed commit is stronger evidence than a tag.
        let basis = bases.iter().find(|b| **b == Basis::Commit).or(bases.first()).cloned().unwrap_or(Basis::Version);
        let score = score::best(&vectors);
        out.push(Match { id, aliases, kind, basis, fixed, clear: None, patched, score, advisories });
    }
    out.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    out
}

/// Order of fixes in Semantic Versioning.
pub(super) fn by_version(a: &FixedIn, b: &FixedIn) -> Ordering {
    let key = |f: &FixedIn| match f {
        FixedIn::At(v) => (ranges::lenient(v), false),
        FixedIn::After(v) => (ranges::lenient(v), true),
    };
    key(a).cmp(&key(b))
}

#[cfg(test)]
#[path = "matching_tests.rs"]
mod tests;
