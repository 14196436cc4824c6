//! What an interrupted run has hashed already. A digest counts only where size, time of the last change and place on
//! the disk of the file are the same as then.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::cli::journal::Journal;
use crate::lock::hash::{self, Memory};
use crate::lock::{Digest, FileDigest};

const SCHEMA: &str = "custody/verify-journal/v1";

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Head {
    schema: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    /// Where the file lies, as the system spells it.
    place: String,
    stamp: String,
    sha256: String,
    size: u64,
}

/// A journal of digests. What it held is kept by a digest of place and stamp: of 100,000 files it takes 8 MB.
#[derive(Debug)]
pub(super) struct Kept {
    known: HashMap<Digest, FileDigest>,
    journal: Journal,
}

impl Kept {
    /// Opens or begins a journal.
    ///
    /// # Errors
    /// Where it cannot be read or written, or where it is something else.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let head = Head { schema: SCHEMA.to_owned() };
        let mut known = HashMap::new();
        let journal = Journal::open(path, &head, "`verify`", |line: Line| {
            if let Some(sha256) = Digest::from_hex(&line.sha256) {
                known.insert(key(&line.place, &line.stamp), FileDigest { sha256, size: line.size });
            }
        })?;
        Ok(Self { known, journal })
    }
}

fn key(place: &str, stamp: &str) -> Digest {
    hash::of(format!("{place}\0{stamp}").as_bytes())
}

impl Memory for Kept {
    fn known(&self, place: &Path, stamp: &str) -> Option<FileDigest> {
        // A place that is no UTF-8 may look like another.
        self.known.get(&key(place.to_str()?, stamp)).copied()
    }

    fn keep(&self, place: &Path, stamp: &str, file: FileDigest) -> Result<(), String> {
        let Some(place) = place.to_str() else { return Ok(()) };
        let line =
            Line { place: place.to_owned(), stamp: stamp.to_owned(), sha256: file.sha256.to_string(), size: file.size };
        self.journal.keep(&line).map_err(|error| format!("{error:#}"))
    }
}
