//! What `db update` makes of the feeds it fetched: the text of each, and the table of all.
//!
//! The table is compiled as the embedded one is, with the same hand-kept files laid over the feeds. It
//! differs in two ways: it keeps titles, and it knows several databases of one ecosystem, so that one
//! flaw may have a record in each.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use sha2::{Digest, Sha256};

use super::{Feed, Report};
use crate::advisory::cluster::CURATED;
use crate::advisory::encode::EncodeError;
use crate::advisory::index::{Index, IndexError};
use crate::advisory::model::{Advisory, Date, Ecosystem, Kind, Section, SourceInfo};
use crate::advisory::text;

/// The ecosystems that are fetched, in the order they are.
pub const FETCHED: [Ecosystem; 3] = [Ecosystem::CratesIo, Ecosystem::PyPi, Ecosystem::GitHubActions];

/// What no feed holds: files kept by hand, and the toolchain's advisories, which OSV does not publish.
const LAID_OVER: [(&str, &str); 3] = [
    ("github-actions.tsv", include_str!("../../../advisories-cache/github-actions.tsv")),
    ("curated.tsv", include_str!("../../../advisories-cache/curated.tsv")),
    ("rust.tsv", include_str!("../../../advisories-cache/rust.tsv")),
];

/// A feed as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedText {
    /// Its ecosystem.
    pub ecosystem: Ecosystem,
    /// The text form, with titles.
    pub text: String,
    /// Advisory and package pairs.
    pub records: u64,
    /// The day the feed stands for.
    pub as_of: Date,
    /// How reading it went; empty where it was read on another day.
    pub report: Report,
}

/// Reads the zip that OSV publishes for an ecosystem. Packages of other ecosystems are left to their
/// own zips. The feed stands for the day given, or else for that of its newest change, but never for a
/// day after `today`.
///
/// # Errors
/// When it is no zip, unpacks to too much, or holds nothing about the ecosystem.
pub fn feed(bytes: &[u8], ecosystem: Ecosystem, as_of: Option<Date>, today: Date) -> io::Result<FeedText> {
    let mut feed = Feed { titles: true, ..Feed::default() };
    feed.read_zip(bytes)?;
    let Feed { mut advisories, mut report, .. } = feed;
    report.malformed.sort();
    advisories.retain(|a| a.ecosystem == ecosystem);
    if advisories.is_empty() {
        return Err(io::Error::other(format!("the zip holds no advisory about {ecosystem}")));
    }
    let newest = advisories.iter().filter_map(|a| a.modified.or(a.published)).max();
    let as_of = as_of.or(newest).unwrap_or(today).min(today);
    if ecosystem == Ecosystem::CratesIo {
        follow_rustsec(&mut advisories);
    }
    keep_marks(&mut advisories);
    let source = SourceInfo {
        ecosystem,
        name: "osv".to_owned(),
        commit: Sha256::digest(bytes).iter().take(6).map(|b| format!("{b:02x}")).collect(),
        as_of,
        licence: "CC0-1.0 AND CC-BY-4.0".to_owned(),
        url: "https://osv.dev".to_owned(),
        count: 0,
    };
    let mut section = Section { source, advisories };
    section.sort();
    let records = section.source.count;
    Ok(FeedText { ecosystem, text: text::print(&[section]), records, as_of, report })
}

/// Reads the text of a feed that was kept and is still the one that is published. It stands for the day
/// given, or else for the day it stood for.
///
/// # Errors
/// When it is not what [`feed`] writes.
pub fn kept(ecosystem: Ecosystem, text: String, as_of: Option<Date>) -> Result<FeedText, text::TextError> {
    let mut sections = text::parse(&text)?;
    match sections.as_mut_slice() {
        [one] if one.source.ecosystem == ecosystem => {
            let as_of = as_of.unwrap_or(one.source.as_of).max(one.source.as_of);
            let text = if as_of == one.source.as_of {
                text
            } else {
                one.source.as_of = as_of;
                text::print(std::slice::from_ref(one))
            };
            Ok(FeedText { ecosystem, records: one.source.count, as_of, report: Report::default(), text })
        }
        _ => Err(text::TextError { line: 1, message: format!("expected one source of {ecosystem}") }),
    }
}

/// Compiles feeds into a table. The hand-kept files come last, so that they are laid over the feeds.
///
/// # Errors
/// A text that is not in the form, or a table beyond 4 GiB.
pub fn table(feeds: &[FeedText]) -> Result<Vec<u8>, EncodeError> {
    let mut files: Vec<(String, String)> =
        feeds.iter().map(|f| (file_name(f.ecosystem).to_owned(), f.text.clone())).collect();
    files.extend(LAID_OVER.iter().map(|(name, text)| ((*name).to_owned(), text.replace("\r\n", "\n"))));
    super::table(&files)
}

/// Name of the text of a feed.
#[must_use]
pub fn file_name(ecosystem: Ecosystem) -> &'static str {
    match ecosystem {
        Ecosystem::CratesIo => "osv-crates-io.tsv",
        Ecosystem::Rust => "osv-rust.tsv",
        Ecosystem::PyPi => "osv-pypi.tsv",
        Ecosystem::GitHubActions => "osv-github-actions.tsv",
    }
}

/// Records of each ecosystem that come from feeds; where all is kept by hand, what follows a database.
///
/// # Errors
/// When the table is damaged where it names its sources.
pub fn counts(index: &Index) -> Result<BTreeMap<Ecosystem, u64>, IndexError> {
    let sources = index.sources()?;
    let mut out = BTreeMap::new();
    for ecosystem in Ecosystem::ALL {
        let of = || sources.iter().filter(|s| s.ecosystem == ecosystem);
        let feeds: u64 = of().filter(|s| s.is_feed()).map(|s| s.count).sum();
        let by_hand: u64 = of().filter(|s| s.name != CURATED).map(|s| s.count).sum();
        let count = if feeds > 0 { feeds } else { by_hand };
        if count > 0 {
            out.insert(ecosystem, count);
        }
    }
    Ok(out)
}

/// Gives records of other databases the kind of RustSec's record of the same flaw. Others file an
/// unsound or unmaintained crate as a plain vulnerability, and it would be told twice.
fn follow_rustsec(advisories: &mut [Advisory]) {
    let mut kinds: BTreeMap<(String, String), Kind> = BTreeMap::new();
    for a in advisories.iter().filter(|a| a.id.starts_with("RUSTSEC-") && a.withdrawn.is_none()) {
        for id in std::iter::once(&a.id).chain(&a.aliases) {
            let kind = kinds.entry((a.package.clone(), id.clone())).or_insert(a.kind);
            *kind = (*kind).min(a.kind);
        }
    }
    for a in advisories.iter_mut().filter(|a| a.kind == Kind::Vulnerability && !a.id.starts_with("RUSTSEC-")) {
        let same =
            std::iter::once(&a.id).chain(&a.aliases).filter_map(|id| kinds.get(&(a.package.clone(), id.clone())));
        if let Some(kind) = same.min() {
            a.kind = *kind;
        }
    }
}

/// Marks as malicious what the embedded index marks so. RustSec says so of crates that were taken down,
/// which its records in OSV's form do not tell.
fn keep_marks(advisories: &mut [Advisory]) {
    let mut marked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for a in advisories {
        let ids = marked.entry(a.key()).or_insert_with(|| {
            // An index that cannot be read marks nothing; the audit refuses it by itself.
            let known = Index::embedded().lookup(a.ecosystem, &a.package).unwrap_or_default();
            known.into_iter().filter(|k| k.kind == Kind::Malicious).map(|k| k.id).collect()
        });
        if ids.contains(&a.id) {
            a.kind = Kind::Malicious;
        }
    }
}

#[cfg(test)]
#[path = "local_tests.rs"]
mod tests;
