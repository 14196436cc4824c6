//! The objects of one repository, wherever they lie in it.
//!
//! Only its own folder counts: alternates are not followed, replacements and grafts not honoured,
//! and nothing is fetched.
#![allow(clippy::disallowed_methods, reason = "the object folder of the audited repository is listed here")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use gix_hash::Kind as Hash;

use super::cache::{Cache, Found};
use super::loose::Loose;
use super::mapped::Origin;
use super::pack::Pack;
use super::{ObjectError, Oid};

/// Bytes of decoded bases and trees that are kept.
const CACHE: usize = 96 << 20;

/// What one repository may cost: bytes copied, of which inflating one costs eight.
pub(super) const WORK: u64 = 16 << 30;

/// The same of one in memory, which is small.
pub(super) const MEMORY_WORK: u64 = 1 << 30;

/// Packs that are opened at most.
const MAX_PACKS: usize = 4096;

/// Why an object that is there cannot be had.
#[derive(Debug)]
pub(super) enum Failure {
    /// It is not what git would have written.
    Damaged(String),
    /// It has so many bytes, which are too many.
    TooLarge(u64),
    /// The repository asks for more work than an audit does.
    Exhausted,
}

/// What reading objects has cost. Bytes are counted, never time.
#[derive(Debug)]
pub(super) struct Work {
    left: AtomicU64,
}

impl Work {
    /// A budget of so many copied bytes.
    pub(super) fn of(bytes: u64) -> Self {
        Self { left: AtomicU64::new(bytes) }
    }

    pub(super) fn inflated(&self, bytes: u64) -> Result<(), Failure> {
        // Every object costs its header and the looking up, too.
        self.copied(bytes.saturating_mul(8).saturating_add(512))
    }

    pub(super) fn copied(&self, bytes: u64) -> Result<(), Failure> {
        let take = |left: u64| left.checked_sub(bytes);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).map(drop).map_err(|_| Failure::Exhausted)
    }
}

/// Loose and packed objects of one folder.
#[derive(Debug)]
pub(super) struct Store {
    loose: Loose,
    packs: Vec<Pack>,
    /// Some packs were not opened.
    has_more: bool,
    is_partial: bool,
    borrows: bool,
    cache: Mutex<Cache>,
    work: Work,
}

impl Store {
    /// Lists the packs of an object folder; none is opened before it is needed. Reading may cost `work`.
    pub(super) fn open(objects: PathBuf, hash: Hash, work: u64) -> Self {
        let mut names = Vec::new();
        let mut is_partial = false;
        if let Ok(listing) = std::fs::read_dir(objects.join("pack")) {
            for child in listing.flatten() {
                let path = child.path();
                let ending = path.extension().and_then(|e| e.to_str());
                is_partial |= ending == Some("promisor");
                if ending == Some("idx") {
                    names.push(path);
                }
            }
        }
        names.sort();
        let has_more = names.len() > MAX_PACKS;
        names.truncate(MAX_PACKS);
        let borrows = objects.join("info/alternates").symlink_metadata().is_ok_and(|meta| meta.len() > 0);
        let origins = names.into_iter().map(Origin::Disk);
        Self { has_more, is_partial, borrows, ..Self::of(Loose::Folder(objects), origins, hash, work) }
    }

    /// Objects that are held in memory, and how much reading them may cost.
    pub(super) fn of(loose: Loose, packs: impl Iterator<Item = Origin>, hash: Hash, work: u64) -> Self {
        Self {
            loose,
            packs: packs.enumerate().map(|(number, origin)| Pack::new(number, origin, hash)).collect(),
            has_more: false,
            is_partial: false,
            borrows: false,
            cache: Mutex::new(Cache::new(CACHE)),
            work: Work::of(work),
        }
    }

    /// The whole of an object of at most `limit` bytes.
    pub(super) fn read(&self, id: &Oid, limit: u64) -> Result<Found, ObjectError> {
        let failed = |failure| failed(id, limit, failure);
        for pack in &self.packs {
            if let Some(offset) = pack.find(id) {
                return pack.read(offset, limit, &self.cache, &self.work).map_err(failed);
            }
        }
        let held = self.loose.read(id, limit, &self.work).map_err(failed)?;
        let held = held.ok_or_else(|| self.missing(id))?;
        if held.size > limit {
            return Err(failed(Failure::TooLarge(held.size)));
        }
        Ok(Found { kind: held.kind, bytes: held.bytes.into() })
    }

    /// The first bytes of an object, at most `limit`.
    pub(super) fn head(&self, id: &Oid, limit: u64, most: u64) -> Result<Vec<u8>, ObjectError> {
        let failed = |failure| failed(id, most, failure);
        for pack in &self.packs {
            if let Some(offset) = pack.find(id) {
                return pack.head(offset, limit, most, &self.cache, &self.work).map_err(failed);
            }
        }
        let held = self.loose.beginning(id, limit, &self.work).map_err(failed)?;
        held.map(|held| held.bytes).ok_or_else(|| self.missing(id))
    }

    /// How many bytes an object has, without decoding all of it.
    pub(super) fn size(&self, id: &Oid) -> Result<u64, ObjectError> {
        let failed = |failure| failed(id, 0, failure);
        for pack in &self.packs {
            if let Some(offset) = pack.find(id) {
                return pack.size(offset, &self.work).map_err(failed);
            }
        }
        let held = self.loose.header(id, &self.work).map_err(failed)?;
        held.map(|held| held.size).ok_or_else(|| self.missing(id))
    }

    /// Whether an object is here.
    pub(super) fn holds(&self, id: &Oid) -> bool {
        self.packs.iter().any(|pack| pack.find(id).is_some()) || self.loose.holds(id)
    }

    /// Objects whose names begin with these hex digits, in order, about `most` at most.
    pub(super) fn with_prefix(&self, prefix: &str, most: usize) -> Vec<Oid> {
        let mut found = Vec::new();
        for pack in &self.packs {
            pack.with_prefix(prefix, most, &mut found);
        }
        self.loose.with_prefix(prefix, most, &mut found);
        found.sort();
        found.dedup();
        found
    }

    /// Why an object is not here, as far as the folder tells.
    fn missing(&self, id: &Oid) -> ObjectError {
        let damaged = self.packs.iter().find_map(Pack::damage);
        let hint = if let Some(damage) = damaged {
            damage
        } else if self.borrows {
            "objects/info/alternates names another repository, which is not followed: run git repack -a -d to copy \
             what it lends"
                .to_owned()
        } else if self.is_partial {
            "a partial clone left it out, and nothing is fetched: clone without --filter, or run git fetch --refetch \
             --no-filter"
                .to_owned()
        } else if self.has_more {
            format!("only {MAX_PACKS} packs are opened")
        } else {
            "the repository does not hold it".to_owned()
        };
        ObjectError::Missing { id: *id, hint }
    }
}

fn failed(id: &Oid, limit: u64, failure: Failure) -> ObjectError {
    match failure {
        Failure::Damaged(why) => ObjectError::Damaged { id: *id, why },
        Failure::TooLarge(bytes) => ObjectError::TooLarge { id: *id, bytes, limit },
        Failure::Exhausted => ObjectError::Exhausted,
    }
}

/// The cache, whatever a thread that panicked left in it.
pub(super) fn locked(cache: &Mutex<Cache>) -> std::sync::MutexGuard<'_, Cache> {
    cache.lock().unwrap_or_else(PoisonError::into_inner)
}
