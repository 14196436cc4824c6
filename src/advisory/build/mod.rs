//! Makes the text index from feeds: a RustSec checkout, or OSV records in a folder or zip.
//!
//! The only part of `advisory` that opens files; it writes none. Nothing is dropped in silence: a
//! record that cannot be used is reported with its path and the reason. The same input gives the same
//! bytes, whatever order the file system lists it in.

mod archive;
mod links;
pub mod local;
mod osv;
mod rustsec_db;
mod yaml;

use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::encode::{self, EncodeError};
use super::model::{Date, Ecosystem, Section, SourceInfo};
use super::text;

pub use osv::record;

/// Largest single record read. Real ones stay below 1 MiB.
pub const MAX_RECORD: usize = 16 << 20;

/// What a feed is, for the header of its section. The builder cannot know it: archives carry no
/// commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Short name, e.g. `rustsec/advisory-db`; no blanks.
    pub name: String,
    /// Commit or other revision; `-` when there is none.
    pub commit: String,
    /// The day the data stands for.
    pub as_of: Date,
    /// SPDX expression.
    pub licence: String,
    /// Home page.
    pub url: String,
}

/// A record that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Malformed {
    /// Path within the feed, `/`-separated.
    pub path: String,
    /// Why, lower case, no full stop.
    pub reason: String,
}

/// What the builder saw.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Records read, whatever became of them.
    pub records: u64,
    /// Affected packages left out because this tool does not know their ecosystem.
    pub other_ecosystems: u64,
    /// Records left out, sorted by path.
    pub malformed: Vec<Malformed>,
}

/// Sections made of a feed, and how it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// One section per ecosystem met, sorted.
    pub sections: Vec<Section>,
    /// How it went.
    pub report: Report,
}

impl Built {
    fn new(origin: &Origin, mut advisories: Vec<super::model::Advisory>, mut report: Report) -> Self {
        report.malformed.sort();
        let mut sections = Vec::new();
        for ecosystem in Ecosystem::ALL {
            let (these, rest): (Vec<_>, Vec<_>) = advisories.into_iter().partition(|a| a.ecosystem == ecosystem);
            advisories = rest;
            if these.is_empty() {
                continue;
            }
            let source = SourceInfo {
                ecosystem,
                name: origin.name.clone(),
                commit: origin.commit.clone(),
                as_of: origin.as_of,
                licence: origin.licence.clone(),
                url: origin.url.clone(),
                count: 0,
            };
            let mut section = Section { source, advisories: these };
            section.sort();
            sections.push(section);
        }
        Self { sections, report }
    }
}

/// Reads a RustSec checkout: the collections `crates` and `rust`.
///
/// # Errors
/// When a directory cannot be listed or a file not be read. Files that can be read but not understood
/// are in the report.
pub fn from_rustsec(dir: &Path, origin: &Origin) -> io::Result<Built> {
    let (advisories, report) = rustsec_db::load(dir)?;
    Ok(Built::new(origin, advisories, report))
}

/// Reads OSV records: a folder of `.json`, `.yaml` and `.yml` files at any depth, a zip of them (the
/// form OSV publishes per ecosystem), or a single file.
///
/// # Errors
/// When the path cannot be read or the zip has no directory. Records that can be read but not
/// understood are in the report.
pub fn from_osv(path: &Path, origin: &Origin) -> io::Result<Built> {
    let mut feed = Feed::default();
    archive::each_record(path, &mut |name, content| feed.take(name, content))?;
    Ok(Built::new(origin, feed.advisories, feed.report))
}

/// As [`from_osv`], of a zip in memory.
///
/// # Errors
/// When the zip has no directory.
pub fn from_osv_zip(bytes: &[u8], origin: &Origin) -> io::Result<Built> {
    let feed = Feed::from_zip(bytes)?;
    Ok(Built::new(origin, feed.advisories, feed.report))
}

/// As [`from_osv`], of one record in memory; its name says whether it is JSON or YAML.
#[must_use]
pub fn from_osv_record(name: &str, bytes: &[u8], origin: &Origin) -> Built {
    let mut feed = Feed::default();
    feed.take(name, Ok(bytes));
    Built::new(origin, feed.advisories, feed.report)
}

/// What came of the records of a feed so far.
#[derive(Default)]
struct Feed {
    advisories: Vec<super::model::Advisory>,
    report: Report,
    /// Titles are for an index that stays on this machine; the text that is reviewed holds facts.
    titles: bool,
}

impl Feed {
    fn from_zip(bytes: &[u8]) -> io::Result<Self> {
        let mut feed = Self::default();
        feed.read_zip(bytes)?;
        Ok(feed)
    }

    fn read_zip(&mut self, bytes: &[u8]) -> io::Result<()> {
        archive::unzip(bytes, &mut |name, content| self.take(name, content))
    }

    fn take(&mut self, name: &str, content: Result<&[u8], String>) {
        self.report.records += 1;
        let parsed = content.and_then(|bytes| osv::parse(name, bytes)).and_then(|value| osv::record(&value));
        match parsed {
            Ok(mut record) => {
                if !self.titles {
                    record.advisories.iter_mut().for_each(|a| a.title = None);
                }
                self.report.other_ecosystems += record.other_ecosystems;
                self.advisories.extend(record.advisories);
            }
            Err(reason) => self.report.malformed.push(Malformed { path: name.to_owned(), reason }),
        }
    }
}

/// PyPI is split by the first character of the compared name, so that no file is too big to review.
/// The last entry takes the rest.
const PYPI_FILES: [(&str, &str); 7] = [
    ("pypi-a.tsv", "0123456789abc"),
    ("pypi-d.tsv", "defghijk"),
    ("pypi-l.tsv", "lmn"),
    ("pypi-o.tsv", "op"),
    ("pypi-q.tsv", "qrs"),
    ("pypi-t.tsv", "t"),
    ("pypi-u.tsv", ""),
];

/// The text files of some sections: name and content, sorted by name. Sections of one ecosystem share
/// files.
#[must_use]
pub fn files(sections: &[Section]) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for ecosystem in Ecosystem::ALL {
        let these: Vec<Section> = sections.iter().filter(|s| s.source.ecosystem == ecosystem).cloned().collect();
        if these.is_empty() {
            continue;
        }
        match ecosystem {
            Ecosystem::CratesIo => out.push(("crates-io.tsv".to_owned(), text::print(&these))),
            Ecosystem::Rust => out.push(("rust.tsv".to_owned(), text::print(&these))),
            Ecosystem::GitHubActions => out.push(("github-actions.tsv".to_owned(), text::print(&these))),
            Ecosystem::PyPi => {
                for (i, (name, _)) in PYPI_FILES.iter().enumerate() {
                    let mut part = these.clone();
                    for section in &mut part {
                        section.advisories.retain(|a| pypi_file(&a.key()) == i);
                        section.source.count = section.advisories.len() as u64;
                    }
                    part.retain(|s| !s.advisories.is_empty());
                    if !part.is_empty() {
                        out.push(((*name).to_owned(), text::print(&part)));
                    }
                }
            }
        }
    }
    out.sort();
    out
}

fn pypi_file(key: &str) -> usize {
    let first = key.chars().next().unwrap_or('~');
    PYPI_FILES.iter().position(|(_, letters)| letters.contains(first)).unwrap_or(PYPI_FILES.len() - 1)
}

/// Compiles text files into a table, as the build script does for the embedded one. Sources split
/// over several files come out as one.
///
/// # Errors
/// A file that is not in the text format.
pub fn table(files: &[(String, String)]) -> Result<Vec<u8>, EncodeError> {
    encode::compile(files, Sha256::digest(encode::digest_input(files)).into())
}

/// Reads the `.tsv` files of a directory, sorted by name, with line ends made `\n`.
///
/// # Errors
/// When the directory or a file cannot be read.
#[allow(clippy::disallowed_methods, reason = "the builder reads feeds and the text made of them")]
pub fn read_text(dir: &Path) -> io::Result<Vec<(String, String)>> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "tsv") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            out.push((name, std::fs::read_to_string(&path)?.replace("\r\n", "\n")));
        }
    }
    out.sort();
    Ok(out)
}

#[cfg(test)]
mod feed_tests;
