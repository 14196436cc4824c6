//! What an interrupted scan has done already, kept file by file.
//!
//! The first line says for whom the journal is: this version, these limits. Each further line is a file's
//! entry with its stamp. An entry counts only where size, time of the last change and place on the disk are
//! the same as then.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::cli::journal;
use crate::report::scan::json::Entry;
use crate::scan::{FileReport, Limits};

const SCHEMA: &str = "custody/scan-journal/v1";

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Head {
    schema: String,
    version: String,
    limits: String,
    sha256: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    /// Where the file lies, as the system spells it.
    place: String,
    stamp: String,
    entry: Entry,
}

/// A journal: what it held when it was opened, and where more goes.
#[derive(Debug)]
pub(super) struct Journal {
    known: HashMap<String, (String, Entry)>,
    journal: journal::Journal,
}

impl Journal {
    /// Opens or begins a journal. One of another version or of other limits is begun anew.
    ///
    /// # Errors
    /// Where it cannot be read or written, or where it is something else.
    pub(super) fn open(path: &Path, limits: &Limits, sha256: bool) -> Result<Self> {
        let head = Head {
            schema: SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            limits: format!("{limits:?}"),
            sha256,
        };
        let mut known = HashMap::new();
        let journal = journal::Journal::open(path, &head, "a scan", |line: Line| {
            known.insert(line.place, (line.stamp, line.entry));
        })?;
        Ok(Self { known, journal })
    }

    /// What is known of a file that has not changed since.
    pub(super) fn known(&self, place: &Path, stamp: &str, path: &str) -> Option<FileReport> {
        let (then, entry) = self.known.get(&*place.to_string_lossy())?;
        if then != stamp {
            return None;
        }
        // It may be called otherwise now: seen from another folder.
        entry.clone().report().map(|report| FileReport { path: path.to_owned(), ..report })
    }

    /// Keeps what is known of a file.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(super) fn keep(&self, place: &Path, stamp: String, report: &FileReport) -> Result<()> {
        let line = Line { place: place.to_string_lossy().into_owned(), stamp, entry: Entry::of(report) };
        self.journal.keep(&line)
    }
}
