//! Renderers of what verifying a lock gave.

mod json;
mod text;

use std::collections::BTreeMap;

use crate::lock::Key;
use crate::lock::verify::{Checked, Demand, Standing, Verified};

pub use json::{SCHEMA, json};
pub use text::text;

/// What is shown.
#[derive(Debug)]
pub struct Shown<'a> {
    /// The outcome.
    pub verified: &'a Verified,
    /// What counts.
    pub demand: Demand,
    /// The lock, as it was named.
    pub lock: &'a str,
    /// A lock in the folder that is looked at, which does not count: whoever made the files may have made it.
    pub passed_over: Option<&'a str>,
    /// The first line of each entry in the lock.
    pub entries: BTreeMap<Key, u32>,
    /// The lines of files of which something is told.
    pub files: BTreeMap<(Key, String), u32>,
    /// Images and tools of the lock, which no file on the disk is compared with.
    pub others: usize,
}

impl Shown<'_> {
    /// Where the lock holds an entry, or a file of it.
    fn line(&self, key: &Key, path: Option<&str>) -> Option<u32> {
        let of_file = path.and_then(|path| self.files.get(&(key.clone(), path.to_owned())));
        of_file.or_else(|| self.entries.get(key)).copied()
    }

    /// Entries of which the same is said.
    fn count(&self, standing: Standing) -> usize {
        self.verified.entries.iter().filter(|entry| entry.standing(self.demand) == standing).count()
    }
}

/// Files and bytes that are what the lock says, over all copies.
fn matched(entries: &[Checked]) -> (usize, u64) {
    let copies = entries.iter().flat_map(|entry| &entry.copies);
    copies.fold((0, 0), |(files, bytes), copy| (files + copy.matched, bytes + copy.bytes))
}
