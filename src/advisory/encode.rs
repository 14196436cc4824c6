//! Compiles advisories into the table that [`super::index::Index`] reads. The layout is described in
//! `layout` below and nowhere else.
//!
//! Uses `std` alone: the build script includes it by path, so that the embedded table is made by the
//! code the tests run.

use std::collections::{BTreeMap, HashMap};

use super::cluster;
use super::model::{Advisory, Date, Event, Range, Section, SourceInfo};
use super::pool;
use super::text;

/// # Layout
///
/// All numbers are little-endian or LEB128 (`varint`). `str` is a varint length and UTF-8 bytes.
///
/// | part | content |
/// |---|---|
/// | magic | 8 bytes, [`MAGIC`] |
/// | digest | SHA-256 of the text, 32 bytes |
/// | header | four `u32`: offsets of the sources, dictionary, keys; number of records |
/// | records | per key: pool, record count, records |
/// | sources | varint count, then per source: ecosystem `u8`, `str` name, commit, date, licence, url, varint count |
/// | dictionary | `u32` count, count × `u32` offsets, then a `str` at each |
/// | keys | `u32` count, count × `u32` offsets of entries, sorted; an entry is ecosystem `u8`, `str` key, `u32` offset into records |
pub const MAGIC: &[u8; 8] = b"CCADV\0\0\x01";

/// Bytes before the records.
pub const HEADER: usize = 8 + 32 + 16;

/// Identifier schemes stored as a byte and two numbers; the rest is stored as text.
pub const SCHEMES: [&str; 5] = ["CVE-", "GHSA-", "PYSEC-", "RUSTSEC-", "MAL-"];

/// Field tags of a record. Zero ends it.
pub mod tag {
    #![allow(missing_docs, reason = "the names are those of `Advisory`'s fields")]
    pub const END: u8 = 0;
    pub const ALIAS: u8 = 1;
    pub const CLUSTER: u8 = 2;
    pub const PACKAGE: u8 = 3;
    pub const PUBLISHED: u8 = 4;
    pub const MODIFIED: u8 = 5;
    pub const WITHDRAWN: u8 = 6;
    pub const RUSTSEC: u8 = 7;
    pub const SEMVER: u8 = 8;
    pub const ECOSYSTEM: u8 = 9;
    pub const GIT: u8 = 10;
    pub const VERSIONS: u8 = 11;
    pub const CVSS: u8 = 12;
    pub const ARCH: u8 = 13;
    pub const OS: u8 = 14;
    pub const FUNCTION: u8 = 15;
    pub const WINDOW: u8 = 16;
    pub const COMMIT: u8 = 17;
    pub const LINK: u8 = 18;
    pub const TITLE: u8 = 19;
}

/// Why a table could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EncodeError {
    /// A file is not in the text format: file name and message.
    Text(String, text::TextError),
    /// More than 4 GiB.
    TooLarge,
}

impl std::fmt::Display for EncodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(file, error) => write!(f, "{file}: {error}"),
            Self::TooLarge => f.write_str("the table would exceed 4 GiB"),
        }
    }
}

impl std::error::Error for EncodeError {}

/// Compiles text files, given as name and content, into a table. `digest` is stored as it is; see
/// [`digest_input`].
///
/// # Errors
/// A file that is not in the text format, or a table beyond 4 GiB.
pub fn compile(files: &[(String, String)], digest: [u8; 32]) -> Result<Vec<u8>, EncodeError> {
    let mut sections = Vec::new();
    for (name, content) in files {
        sections.extend(text::parse(content).map_err(|e| EncodeError::Text(name.clone(), e))?);
    }
    encode(sections, digest)
}

/// The bytes the digest is taken of: name, newline, length, newline and content of each file, in
/// name order.
#[must_use]
pub fn digest_input(files: &[(String, String)]) -> Vec<u8> {
    let mut sorted: Vec<&(String, String)> = files.iter().collect();
    sorted.sort();
    let mut out = Vec::new();
    for (name, content) in sorted {
        out.extend_from_slice(format!("{name}\n{}\n", content.len()).as_bytes());
        out.extend_from_slice(content.as_bytes());
    }
    out
}

/// Compiles sections. Two records of one id and package are merged (see [`cluster::overlay`]), and
/// alias clusters are worked out.
///
/// # Errors
/// [`EncodeError::TooLarge`].
pub fn encode(sections: Vec<Section>, digest: [u8; 32]) -> Result<Vec<u8>, EncodeError> {
    // A source may be split over files; it is one source all the same.
    let mut sources: Vec<SourceInfo> = Vec::new();
    for section in &sections {
        let s = &section.source;
        match sources.iter_mut().find(|o| SourceInfo { count: s.count, ..(*o).clone() } == *s) {
            Some(same) => same.count += s.count,
            None => sources.push(s.clone()),
        }
    }
    sources.sort_by(|a, b| (a.ecosystem, &a.name).cmp(&(b.ecosystem, &b.name)));
    let groups = cluster::groups(sections);
    let mut dict = Dict::default();
    let mut records = Vec::new();
    let mut keys: Vec<(u8, String, usize)> = Vec::new();
    let mut count = 0_usize;
    for ((ecosystem, key), group) in &groups {
        keys.push((*ecosystem as u8, key.clone(), records.len()));
        count += group.len();
        write_group(&mut records, &mut dict, key, group);
    }

    let mut out = Vec::with_capacity(records.len() * 2);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&digest);
    out.resize(HEADER, 0);
    out.extend_from_slice(&records);

    let sources_at = out.len();
    varint(&mut out, sources.len() as u64);
    for s in &sources {
        out.push(s.ecosystem as u8);
        string(&mut out, &s.name);
        string(&mut out, &s.commit);
        varint(&mut out, date_number(s.as_of));
        string(&mut out, &s.licence);
        string(&mut out, &s.url);
        varint(&mut out, s.count);
    }

    let dict_at = out.len();
    let words = dict.words();
    offsets(&mut out, &words, |out, word| string(out, word))?;

    let keys_at = out.len();
    offsets(&mut out, &keys, |out, (ecosystem, key, at)| {
        out.push(*ecosystem);
        string(out, key);
        out.extend_from_slice(&(*at as u32).to_le_bytes());
    })?;

    for (slot, value) in [sources_at, dict_at, keys_at, count].into_iter().enumerate() {
        let value = u32::try_from(value).map_err(|_| EncodeError::TooLarge)?;
        out[40 + slot * 4..44 + slot * 4].copy_from_slice(&value.to_le_bytes());
    }
    u32::try_from(out.len()).map_err(|_| EncodeError::TooLarge)?;
    Ok(out)
}

/// A counted array of absolute offsets, then the items.
fn offsets<T>(out: &mut Vec<u8>, items: &[T], write: impl Fn(&mut Vec<u8>, &T)) -> Result<(), EncodeError> {
    let number = |n: usize| u32::try_from(n).map(u32::to_le_bytes).map_err(|_| EncodeError::TooLarge);
    out.extend_from_slice(&number(items.len())?);
    let mut slot = out.len();
    out.resize(slot + items.len() * 4, 0);
    for item in items {
        let at = number(out.len())?;
        out[slot..slot + 4].copy_from_slice(&at);
        slot += 4;
        write(out, item);
    }
    Ok(())
}

fn write_group(out: &mut Vec<u8>, dict: &mut Dict, key: &str, group: &[Advisory]) {
    let versions = pool::pool(text::version_lists(group.iter()));
    varint(out, versions.len() as u64);
    for v in &versions {
        string(out, v);
    }
    varint(out, group.len() as u64);
    for a in group {
        out.push(a.kind as u8);
        id(out, &a.id);
        write_fields(out, dict, key, &versions, a);
        out.push(tag::END);
    }
}

fn write_fields(out: &mut Vec<u8>, dict: &mut Dict, key: &str, versions: &[&str], a: &Advisory) {
    for alias in &a.aliases {
        out.push(tag::ALIAS);
        id(out, alias);
    }
    if a.cluster != a.id {
        out.push(tag::CLUSTER);
        id(out, &a.cluster);
    }
    if a.package != key {
        out.push(tag::PACKAGE);
        string(out, &a.package);
    }
    for (t, date) in [(tag::PUBLISHED, a.published), (tag::MODIFIED, a.modified), (tag::WITHDRAWN, a.withdrawn)] {
        if let Some(date) = date {
            out.push(t);
            varint(out, date_number(date));
        }
    }
    for range in &a.ranges {
        match range {
            Range::RustSec { patched, unaffected } => {
                out.push(tag::RUSTSEC);
                strings(out, patched);
                strings(out, unaffected);
            }
            Range::Semver(list) => {
                out.push(tag::SEMVER);
                events(out, list);
            }
            Range::Ecosystem(list) => {
                out.push(tag::ECOSYSTEM);
                events(out, list);
            }
            Range::Git { repo, events: list } => {
                out.push(tag::GIT);
                varint(out, dict.get(repo));
                events(out, list);
            }
            Range::Versions(list) => {
                out.push(tag::VERSIONS);
                let runs = pool::runs(versions, list);
                varint(out, runs.len() as u64);
                let mut previous = 0;
                for (first, last) in runs {
                    varint(out, (first - previous) as u64);
                    varint(out, (last - first) as u64);
                    previous = last;
                }
            }
        }
    }
    for (t, list) in [(tag::CVSS, &a.cvss), (tag::ARCH, &a.arch), (tag::OS, &a.os)] {
        for value in list {
            out.push(t);
            varint(out, dict.get(value));
        }
    }
    for f in &a.functions {
        out.push(tag::FUNCTION);
        string(out, &f.path);
        strings(out, &f.versions);
    }
    if let Some(w) = &a.window {
        out.push(tag::WINDOW);
        string(out, &w.from);
        string(out, &w.until);
    }
    for commit in &a.commits {
        out.push(tag::COMMIT);
        string(out, commit);
    }
    for link in &a.links {
        out.push(tag::LINK);
        // Hosts and repositories repeat; what follows them does not.
        let cut = link.match_indices('/').nth(4).map_or(0, |(at, _)| at + 1);
        let (head, rest) = link.split_at(cut);
        varint(out, dict.get(head));
        string(out, rest);
    }
    if let Some(title) = &a.title {
        out.push(tag::TITLE);
        string(out, title);
    }
}

fn events(out: &mut Vec<u8>, list: &[Event]) {
    varint(out, list.len() as u64);
    for event in list {
        out.push(match event {
            Event::Introduced(_) => 0,
            Event::Fixed(_) => 1,
            Event::LastAffected(_) => 2,
            Event::Limit(_) => 3,
        });
        string(out, event.at());
    }
}

fn strings(out: &mut Vec<u8>, list: &[String]) {
    varint(out, list.len() as u64);
    for s in list {
        string(out, s);
    }
}

/// Scheme byte (one more than the place in [`SCHEMES`], zero for none), then two numbers or text.
fn id(out: &mut Vec<u8>, id: &str) {
    for (i, scheme) in SCHEMES.iter().enumerate() {
        let Some(rest) = id.strip_prefix(scheme) else { continue };
        let numbers =
            rest.split_once('-').and_then(|(y, n)| Some((y.parse::<u64>().ok()?, n.parse::<u64>().ok()?, n.len())));
        match numbers {
            // Leading zeros must come back, so the width is stored.
            Some((year, number, width)) if rest == format!("{year}-{number:0width$}") && width < 16 => {
                out.push(0x40 | (i as u8 + 1));
                varint(out, year);
                varint(out, (number << 4) | width as u64);
            }
            _ => {
                out.push(i as u8 + 1);
                string(out, rest);
            }
        }
        return;
    }
    out.push(0);
    string(out, id);
}

/// Year, month and day in one number that sorts.
fn date_number(d: Date) -> u64 {
    (u64::from(d.year) << 9) | (u64::from(d.month) << 5) | u64::from(d.day)
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value as u8 & 0x7f) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn string(out: &mut Vec<u8>, s: &str) {
    varint(out, s.len() as u64);
    out.extend_from_slice(s.as_bytes());
}

/// Strings stored once, numbered in the order of first use.
#[derive(Default)]
struct Dict {
    numbers: HashMap<String, u64>,
}

impl Dict {
    fn get(&mut self, s: &str) -> u64 {
        let next = self.numbers.len() as u64;
        *self.numbers.entry(s.to_owned()).or_insert(next)
    }

    fn words(&self) -> Vec<&str> {
        let ordered: BTreeMap<u64, &str> = self.numbers.iter().map(|(s, n)| (*n, s.as_str())).collect();
        ordered.into_values().collect()
    }
}
