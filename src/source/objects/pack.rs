//! A pack: many objects in one file, most of them as edits of others, and an index into it.
//!
//! Deltas are put together here, not by `gix-pack`, so that each step is paid for before it is taken.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, OnceLock};

use gix_hash::Kind as Hash;
use gix_object::Kind;
use gix_pack::data;
use gix_pack::data::entry::Header;

use super::Oid;
use super::cache::{Cache, Found};
use super::delta;
use super::mapped::{Data, Index, Origin};
use super::store::{Failure, Work, locked};

/// Most deltas in a row; git writes no more than 4095.
const MAX_CHAIN: usize = 4096;

/// Largest object that is only a step on the way to another.
const MAX_STEP: u64 = 64 << 20;

/// Bytes of a delta that hold both of its sizes.
const SIZES: usize = 20;

thread_local! {
    /// Making one costs more than inflating a small object with it, and a tree has thousands of those.
    static INFLATE: RefCell<gix_zlib::Inflate> = RefCell::new(gix_zlib::Inflate::default());
}

/// A pack with its index; both are opened when they are first needed.
pub(super) struct Pack {
    number: usize,
    origin: Origin,
    hash: Hash,
    index: OnceLock<Result<Box<dyn Index>, String>>,
    data: OnceLock<Result<Box<dyn Data>, String>>,
}

impl std::fmt::Debug for Pack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pack").field("number", &self.number).finish_non_exhaustive()
    }
}

impl Pack {
    /// A pack by its number in the repository.
    pub(super) fn new(number: usize, origin: Origin, hash: Hash) -> Self {
        Self { number, origin, hash, index: OnceLock::new(), data: OnceLock::new() }
    }

    fn index(&self) -> Option<&dyn Index> {
        self.index.get_or_init(|| self.origin.index(self.hash)).as_ref().ok().map(AsRef::as_ref)
    }

    fn data(&self) -> Result<&dyn Data, Failure> {
        let data = self.data.get_or_init(|| self.origin.data(self.hash));
        data.as_ref().map(AsRef::as_ref).map_err(|why| Failure::Damaged(why.clone()))
    }

    /// Why its index could not be opened, if it was tried.
    pub(super) fn damage(&self) -> Option<String> {
        self.index.get().and_then(|index| index.as_ref().err().cloned())
    }

    /// Where an object begins.
    pub(super) fn find(&self, id: &Oid) -> Option<u64> {
        self.index().filter(|_| id.kind() == self.hash)?.find(id)
    }

    /// Objects whose names begin with these hex digits.
    pub(super) fn with_prefix(&self, prefix: &str, most: usize, out: &mut Vec<Oid>) {
        let (Some(index), Ok(prefix)) = (self.index(), gix_hash::Prefix::from_hex(prefix)) else { return };
        if prefix.hex_len() <= self.hash.len_in_hex() {
            index.with_prefix(prefix, most, out);
        }
    }

    fn entry(&self, offset: u64) -> Result<data::Entry, Failure> {
        let data = self.data()?;
        if offset < 12 || offset >= data.end() {
            return Err(damaged("its index points beyond its pack"));
        }
        data.entry(offset).map_err(Failure::Damaged)
    }

    /// Where the object lies that an entry edits.
    fn base_of(&self, entry: &data::Entry) -> Result<u64, Failure> {
        match entry.header {
            Header::OfsDelta { base_distance: 0 } => Err(damaged("it is an edit of itself")),
            Header::OfsDelta { base_distance } => entry
                .checked_base_pack_offset(base_distance)
                .ok_or_else(|| damaged("it is an edit of something before its pack")),
            Header::RefDelta { base_id } => {
                self.find(&Oid::new(base_id)).ok_or_else(|| damaged("its pack does not hold what it is an edit of"))
            }
            _ => Err(damaged("it is no edit")),
        }
    }

    /// The bytes of an entry as they were packed: an object's content or a delta.
    fn inflate(&self, entry: &data::Entry, limit: u64, work: &Work) -> Result<Vec<u8>, Failure> {
        let size = entry.decompressed_size;
        if size > limit {
            return Err(Failure::TooLarge(size));
        }
        work.inflated(size)?;
        let mut out = vec![0_u8; usize::try_from(size).map_err(|_| Failure::TooLarge(size))?];
        let data = self.data()?;
        let inflated = INFLATE.with_borrow_mut(|inflate| data.inflate(entry, inflate, &mut out));
        inflated.ok_or_else(|| damaged("it cannot be inflated"))?;
        Ok(out)
    }

    /// The first bytes of an entry as they were packed.
    fn beginning(&self, entry: &data::Entry, length: usize, work: &Work) -> Result<Vec<u8>, Failure> {
        work.inflated(length as u64)?;
        let packed = self.data()?.packed(entry.data_offset);
        let mut out = vec![0_u8; length];
        let inflated = INFLATE.with_borrow_mut(|inflate| {
            inflate.reset();
            inflate.prefix(packed, &mut out).map(|(_, _, written)| written)
        });
        let written = inflated.map_err(|_| damaged("it cannot be inflated"))?;
        out.truncate(written);
        Ok(out)
    }

    /// The object at an offset, of at most `limit` bytes.
    pub(super) fn read(&self, offset: u64, limit: u64, cache: &Mutex<Cache>, work: &Work) -> Result<Found, Failure> {
        let steps = limit.max(MAX_STEP);
        let mut chain = Vec::new();
        let mut at = offset;
        let mut found = loop {
            if let Some(found) = locked(cache).get((self.number, at)) {
                break found;
            }
            let entry = self.entry(at)?;
            if let Some(kind) = entry.header.as_kind() {
                let limit = if chain.is_empty() { limit } else { steps };
                let bytes = self.inflate(&entry, limit, work)?;
                let found = Found { kind, bytes: Arc::new(bytes) };
                if !chain.is_empty() || is_shared(kind) {
                    locked(cache).put((self.number, at), found.clone());
                }
                break found;
            }
            if chain.len() == MAX_CHAIN {
                return Err(Failure::Damaged(format!("it is the last of more than {MAX_CHAIN} edits of each other")));
            }
            // Reading two numbers costs a little, however often the same are read.
            work.copied(64)?;
            let base = self.base_of(&entry)?;
            chain.push((at, entry));
            at = base;
        };
        while let Some((at, entry)) = chain.pop() {
            let limit = if chain.is_empty() { limit } else { steps };
            let bytes = self.inflate(&entry, steps, work)?;
            let (base, result, skip) = delta::sizes(&bytes).ok_or_else(|| damaged("an edit has no sizes"))?;
            if base != found.bytes.len() as u64 {
                return Err(damaged("an edit is not one of the object it names"));
            }
            if result > limit {
                return Err(Failure::TooLarge(result));
            }
            work.copied(result)?;
            let size = usize::try_from(result).map_err(|_| Failure::TooLarge(result))?;
            let made = delta::apply(&found.bytes, bytes.get(skip..).unwrap_or_default(), size);
            let made = made.ok_or_else(|| damaged("an edit does not make what it promises"))?;
            found = Found { kind: found.kind, bytes: Arc::new(made) };
            if !chain.is_empty() || is_shared(found.kind) {
                locked(cache).put((self.number, at), found.clone());
            }
        }
        if found.bytes.len() as u64 > limit {
            return Err(Failure::TooLarge(found.bytes.len() as u64));
        }
        Ok(found)
    }

    /// The first bytes of the object at an offset, at most `length`; of one that has more than
    /// `most`, only where they can be had without the rest.
    pub(super) fn head(
        &self,
        offset: u64,
        length: u64,
        most: u64,
        cache: &Mutex<Cache>,
        work: &Work,
    ) -> Result<Vec<u8>, Failure> {
        let entry = self.entry(offset)?;
        if entry.header.is_delta() {
            let found = self.read(offset, most, cache, work)?;
            // Whoever looks at the beginning may soon want all.
            locked(cache).put((self.number, offset), found.clone());
            let end = usize::try_from(length).unwrap_or(usize::MAX).min(found.bytes.len());
            return Ok(found.bytes.get(..end).unwrap_or_default().to_vec());
        }
        let length = usize::try_from(length.min(entry.decompressed_size)).unwrap_or(0);
        self.beginning(&entry, length, work)
    }

    /// How many bytes the object at an offset has.
    pub(super) fn size(&self, offset: u64, work: &Work) -> Result<u64, Failure> {
        let entry = self.entry(offset)?;
        if !entry.header.is_delta() {
            return Ok(entry.decompressed_size);
        }
        let beginning = self.beginning(&entry, SIZES, work)?;
        delta::sizes(&beginning).map(|(_, result, _)| result).ok_or_else(|| damaged("an edit has no sizes"))
    }
}

/// Trees and commits are asked for again, by the other side of a comparison.
fn is_shared(kind: Kind) -> bool {
    matches!(kind, Kind::Tree | Kind::Commit)
}

fn damaged(why: &str) -> Failure {
    Failure::Damaged(why.to_owned())
}
