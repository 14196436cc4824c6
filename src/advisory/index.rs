//! The compact table and how it is asked: a binary search for the package, then only its records.
//!
//! Opening a table reads its header and nothing else. A table may come from disk, so nothing in it is
//! trusted: every offset and length is checked, and damage is an error, never a panic. The layout is
//! that of `encode`.

mod reader;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::encode::{HEADER, MAGIC, tag};
use super::model::{Advisory, Date, Ecosystem, Function, Kind, Range, SourceInfo, Window};
use super::pool;
use reader::Reader;

/// Why a table cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The first bytes are not those of a table of this version.
    #[error("not an advisory table of this version")]
    NotATable,
    /// A length or offset leads outside the table, or a value has no meaning.
    #[error("the advisory table is damaged at byte {at}")]
    Damaged {
        /// Offset in the table.
        at: usize,
    },
}

/// A table of advisories.
#[derive(Debug, Clone)]
pub struct Index {
    bytes: Cow<'static, [u8]>,
    sources: usize,
    dictionary: usize,
    keys: usize,
    count: u32,
}

static EMBEDDED_BYTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/advisories.bin"));

impl Index {
    /// The table compiled into the program. Made by the build script from `advisories-cache/`.
    ///
    /// Should it be unreadable, which the tests rule out, every question is answered with an error:
    /// nothing must look clean because nothing could be looked up.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<Index> =
            LazyLock::new(|| Index::from_bytes(Cow::Borrowed(EMBEDDED_BYTES)).unwrap_or_else(|_| Index::unreadable()));
        &EMBEDDED
    }

    fn unreadable() -> Self {
        Self { bytes: Cow::Borrowed(&[]), sources: 0, dictionary: 0, keys: 0, count: 0 }
    }

    /// Takes a table. Only the header is looked at; see [`Index::verify`].
    ///
    /// # Errors
    /// When the bytes do not start as a table or the header points outside.
    pub fn from_bytes(bytes: impl Into<Cow<'static, [u8]>>) -> Result<Self, IndexError> {
        let bytes = bytes.into();
        if bytes.get(..MAGIC.len()) != Some(MAGIC.as_slice()) {
            return Err(IndexError::NotATable);
        }
        let mut r = Reader::new(&bytes, 40);
        let (sources, dictionary, keys, count) = (r.u32()?, r.u32()?, r.u32()?, r.u32()?);
        for at in [sources, dictionary, keys] {
            if (at as usize) < HEADER || at as usize >= bytes.len() {
                return Err(IndexError::Damaged { at: 40 });
            }
        }
        Ok(Self { sources: sources as usize, dictionary: dictionary as usize, keys: keys as usize, count, bytes })
    }

    /// Decodes everything once. For tables from disk, before they are trusted with a gate.
    ///
    /// # Errors
    /// The first damage found.
    pub fn verify(&self) -> Result<(), IndexError> {
        self.sources()?;
        let (mut records, mut previous) = (0_usize, None);
        // Many keys may lead to one group, and many records to one list: work is counted, not bytes.
        let mut left = self.bytes.len().saturating_mul(ITEMS_PER_BYTE).clamp(FEWEST_ITEMS, MOST_ITEMS * 16);
        for i in 0..self.key_count()? {
            let (ecosystem, key, at) = self.key(i)?;
            let current = Some((ecosystem as u8, key.to_owned()));
            if previous >= current {
                return Err(IndexError::Damaged { at: self.keys });
            }
            previous = current;
            records += self.group(ecosystem, key, at, &mut left)?.len();
        }
        if records == self.count as usize { Ok(()) } else { Err(IndexError::Damaged { at: 52 }) }
    }

    /// All advisories about a package, withdrawn ones included, sorted by identifier. The name need
    /// not be normalised.
    ///
    /// # Errors
    /// When the part of the table that was looked at is damaged. "No advisory" is `Ok` and empty.
    pub fn lookup(&self, ecosystem: Ecosystem, name: &str) -> Result<Vec<Advisory>, IndexError> {
        let name = ecosystem.normalise(name);
        let (mut low, mut high) = (0, self.key_count()?);
        while low < high {
            let middle = low + (high - low) / 2;
            let (e, key, at) = self.key(middle)?;
            match (e, key).cmp(&(ecosystem, name.as_str())) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return self.group(e, key, at, &mut { MOST_ITEMS }),
            }
        }
        Ok(Vec::new())
    }

    /// All advisories, in table order. For listings and comparisons, not for audits.
    ///
    /// # Errors
    /// As [`Index::lookup`].
    pub fn all(&self) -> Result<Vec<Advisory>, IndexError> {
        let mut out = Vec::new();
        for i in 0..self.key_count()? {
            let (ecosystem, key, at) = self.key(i)?;
            out.extend(self.group(ecosystem, key, at, &mut { MOST_ITEMS })?);
        }
        Ok(out)
    }

    /// The packages that advisories of these ids name, by id; ids that nobody knows are left out.
    ///
    /// # Errors
    /// As [`Index::lookup`].
    pub fn named<'i>(&self, ids: &BTreeSet<&'i str>) -> Result<BTreeMap<&'i str, Vec<String>>, IndexError> {
        let mut out: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        // RustSec's ids stand with crates alone, and those come first.
        let only_crates = ids.iter().all(|id| id.starts_with("RUSTSEC-"));
        for i in 0..self.key_count()? {
            let (ecosystem, key, at) = self.key(i)?;
            if only_crates && !matches!(ecosystem, Ecosystem::CratesIo | Ecosystem::Rust) {
                continue;
            }
            for advisory in self.group(ecosystem, key, at, &mut { MOST_ITEMS })? {
                for id in std::iter::once(&advisory.id).chain(&advisory.aliases) {
                    if let Some(id) = ids.get(id.as_str()) {
                        let names = out.entry(id).or_default();
                        if names.last().map(String::as_str) != Some(key) {
                            names.push(key.to_owned());
                        }
                    }
                }
            }
        }
        Ok(out)
    }

    /// SHA-256 of the text the table was compiled from; the table's identity in reports.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.bytes.get(8..40).and_then(|d| d.try_into().ok()).unwrap_or([0; 32])
    }

    /// [`Index::digest`] in lower-case hexadecimal.
    #[must_use]
    pub fn digest_hex(&self) -> String {
        self.digest().iter().map(|b| format!("{b:02x}")).collect()
    }

    /// Number of advisory and package pairs, withdrawn ones included. A gate should refuse a table
    /// with suspiciously few.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count as usize
    }

    /// The table itself.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Size of the table in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Where the advisories come from and for which day they stand.
    ///
    /// # Errors
    /// When that part of the table is damaged.
    pub fn sources(&self) -> Result<Vec<SourceInfo>, IndexError> {
        let mut r = Reader::new(&self.bytes, self.sources);
        let n = r.length()?;
        let mut out = Vec::new();
        for _ in 0..n {
            out.push(SourceInfo {
                ecosystem: r.ecosystem()?,
                name: r.string()?.to_owned(),
                commit: r.string()?.to_owned(),
                as_of: r.date()?,
                licence: r.string()?.to_owned(),
                url: r.string()?.to_owned(),
                count: r.varint()?,
            });
        }
        Ok(out)
    }

    /// The newest day that any source stands for. Without `by_hand` only what is published in one piece
    /// counts: not what is kept by hand, nor the toolchain's advisories, which no feed has.
    #[must_use]
    pub fn newest(&self, by_hand: bool) -> Option<Date> {
        let counts = |s: &&SourceInfo| by_hand || (s.is_feed() && s.ecosystem != Ecosystem::Rust);
        self.sources().ok()?.iter().filter(counts).map(|s| s.as_of).max()
    }

    /// The oldest day any source of an ecosystem stands for; `None` when it has none.
    #[must_use]
    pub fn as_of(&self, ecosystem: Ecosystem) -> Option<Date> {
        let sources = self.sources().ok()?;
        sources.into_iter().filter(|s| s.ecosystem == ecosystem).map(|s| s.as_of).min()
    }

    fn key_count(&self) -> Result<usize, IndexError> {
        let n = Reader::new(&self.bytes, self.keys).u32()? as usize;
        // The offsets themselves must fit, so a huge count cannot make anyone loop for long.
        if n > (self.bytes.len() - self.keys) / 4 {
            return Err(IndexError::Damaged { at: self.keys });
        }
        Ok(n)
    }

    fn key(&self, i: usize) -> Result<(Ecosystem, &str, usize), IndexError> {
        let at = Reader::new(&self.bytes, self.keys + 4 + i * 4).u32()? as usize;
        let mut r = Reader::new(&self.bytes, at);
        Ok((r.ecosystem()?, r.string()?, r.u32()? as usize))
    }

    fn word(&self, number: u64) -> Result<&str, IndexError> {
        let fail = IndexError::Damaged { at: self.dictionary };
        let n = Reader::new(&self.bytes, self.dictionary).u32()?;
        if number >= u64::from(n) {
            return Err(fail);
        }
        let slot = usize::try_from(number).ok().and_then(|i| i.checked_mul(4)).ok_or(fail)?;
        let at = Reader::new(&self.bytes, self.dictionary.saturating_add(4).saturating_add(slot)).u32()? as usize;
        Reader::new(&self.bytes, at).string()
    }

    /// The records of a package. `left` is how many records and versions may still be taken out.
    fn group(
        &self,
        ecosystem: Ecosystem,
        key: &str,
        offset: usize,
        left: &mut usize,
    ) -> Result<Vec<Advisory>, IndexError> {
        let mut r = Reader::new(&self.bytes, HEADER.saturating_add(offset));
        let n = r.length()?;
        spend(left, n, &r)?;
        let mut pool = Vec::with_capacity(n.min(4096));
        for _ in 0..n {
            pool.push(r.string()?);
        }
        let n = r.length()?;
        spend(left, n, &r)?;
        let mut out = Vec::with_capacity(n.min(1024));
        for _ in 0..n {
            out.push(self.record(&mut r, ecosystem, key, &pool, left)?);
        }
        Ok(out)
    }

    fn record(
        &self,
        r: &mut Reader<'_>,
        ecosystem: Ecosystem,
        key: &str,
        pool: &[&str],
        left: &mut usize,
    ) -> Result<Advisory, IndexError> {
        let kind = Kind::ALL.get(usize::from(r.byte()?)).copied().ok_or_else(|| r.damaged())?;
        let id = r.id()?;
        let mut a = Advisory::new(ecosystem, key, &id, kind);
        loop {
            match r.byte()? {
                tag::END => return Ok(a),
                tag::ALIAS => a.aliases.push(r.id()?),
                tag::CLUSTER => a.cluster = r.id()?,
                tag::PACKAGE => a.package = r.string()?.to_owned(),
                tag::PUBLISHED => a.published = Some(r.date()?),
                tag::MODIFIED => a.modified = Some(r.date()?),
                tag::WITHDRAWN => a.withdrawn = Some(r.date()?),
                tag::RUSTSEC => {
                    a.ranges.push(Range::RustSec { patched: r.strings()?, unaffected: r.strings()? });
                }
                tag::SEMVER => a.ranges.push(Range::Semver(r.events()?)),
                tag::ECOSYSTEM => a.ranges.push(Range::Ecosystem(r.events()?)),
                tag::GIT => {
                    let repo = self.word(r.varint()?)?.to_owned();
                    a.ranges.push(Range::Git { repo, events: r.events()? });
                }
                tag::VERSIONS => {
                    let runs = r.runs()?;
                    for (first, last) in &runs {
                        spend(left, last.saturating_sub(*first).saturating_add(1), r)?;
                    }
                    let list = pool::expand(pool, &runs).ok_or_else(|| r.damaged())?;
                    a.ranges.push(Range::Versions(list));
                }
                tag::CVSS => a.cvss.push(self.word(r.varint()?)?.to_owned()),
                tag::ARCH => a.arch.push(self.word(r.varint()?)?.to_owned()),
                tag::OS => a.os.push(self.word(r.varint()?)?.to_owned()),
                tag::FUNCTION => {
                    a.functions.push(Function { path: r.string()?.to_owned(), versions: r.strings()? });
                }
                tag::WINDOW => {
                    a.window = Some(Window { from: r.string()?.to_owned(), until: r.string()?.to_owned() });
                }
                tag::COMMIT => a.commits.push(r.string()?.to_owned()),
                tag::LINK => {
                    let head = self.word(r.varint()?)?;
                    a.links.push(format!("{head}{}", r.string()?));
                }
                tag::TITLE => a.title = Some(r.string()?.to_owned()),
                _ => return Err(r.damaged()),
            }
        }
    }
}

/// Records and versions that one package may have. Real ones stay below a hundred thousand.
const MOST_ITEMS: usize = 16 << 20;
/// The same for a whole table, by its size. Real tables have fewer than one a byte.
const ITEMS_PER_BYTE: usize = 16;
const FEWEST_ITEMS: usize = 1 << 20;

fn spend(left: &mut usize, items: usize, r: &Reader<'_>) -> Result<(), IndexError> {
    *left = left.checked_sub(items).ok_or_else(|| r.damaged())?;
    Ok(())
}
