//! What an interrupted scan has done already, kept file by file in a file that a person names.
//!
//! One line of JSON says for whom the journal is: this version, these limits. Each further line is a file's
//! entry with its stamp. An entry counts only where size, time of the last change and place on the disk are
//! the same as then.
#![allow(clippy::disallowed_methods, reason = "reads and writes the journal that a person named")]

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::sync::Mutex;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

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
    file: Mutex<File>,
}

impl Journal {
    /// Opens or begins a journal. One of another version or of other limits is begun anew.
    ///
    /// # Errors
    /// Where it cannot be read or written, or where it is something else.
    pub(super) fn open(path: &Path, limits: &Limits, sha256: bool) -> Result<Self> {
        let shown = path.display();
        let head = Head {
            schema: SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            limits: format!("{limits:?}"),
            sha256,
        };
        if path.symlink_metadata().is_ok_and(|meta| meta.is_symlink()) {
            bail!("the journal `{shown}` is a link");
        }
        let mut known = HashMap::new();
        let mut is_ours = false;
        match File::open(path) {
            Ok(file) => {
                let mut lines = BufReader::new(file).lines();
                match lines.next() {
                    Some(Ok(first)) => match serde_json::from_str::<Head>(&first) {
                        Ok(found) => is_ours = found == head,
                        Err(_) => bail!("`{shown}` is no journal of a scan; name another file"),
                    },
                    Some(Err(error)) => return Err(error).with_context(|| format!("failed to read `{shown}`")),
                    None => {}
                }
                if is_ours {
                    // The last line may be half of one: that is how a scan is interrupted.
                    for line in lines.map_while(Result::ok) {
                        if let Ok(line) = serde_json::from_str::<Line>(&line) {
                            known.insert(line.place, (line.stamp, line.entry));
                        }
                    }
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("failed to read `{shown}`")),
        }
        let mut options = OpenOptions::new();
        options.create(true).write(true);
        if is_ours {
            options.append(true)
        } else {
            options.truncate(true)
        };
        let mut file = options.open(path).with_context(|| format!("failed to write `{shown}`"))?;
        // Where the last line broke off, the next begins on its own.
        let first = if is_ours { "\n".to_owned() } else { format!("{}\n", serde_json::to_string(&head)?) };
        file.write_all(first.as_bytes()).with_context(|| format!("failed to write `{shown}`"))?;
        Ok(Self { known, file: Mutex::new(file) })
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
        let text = format!("{}\n", serde_json::to_string(&line)?);
        let mut file = self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        file.write_all(text.as_bytes()).context("failed to write the journal")
    }
}
