//! Journals: what an interrupted run has done already, kept line by line in a file that a person names.
//!
//! The first line of JSON says for whom the journal is; what each further line says is the caller's.
#![allow(clippy::disallowed_methods, reason = "reads and writes the journal that a person named")]

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Surroundings, shown};

/// A journal that more can be written to.
#[derive(Debug)]
pub(super) struct Journal {
    file: Mutex<File>,
}

impl Journal {
    /// Opens or begins a journal, and hands on each line that it held. One of another head is begun anew.
    ///
    /// # Errors
    /// Where it cannot be read or written, or where it is something else than a journal `of` such a run.
    pub(super) fn open<H, L>(path: &Path, head: &H, of: &str, mut each: impl FnMut(L)) -> Result<Self>
    where
        H: Serialize + DeserializeOwned + PartialEq,
        L: DeserializeOwned,
    {
        let shown = path.display();
        if path.symlink_metadata().is_ok_and(|meta| meta.is_symlink()) {
            bail!("the journal `{shown}` is a link");
        }
        let mut is_ours = false;
        match File::open(path) {
            Ok(file) => {
                let mut lines = BufReader::new(file).lines();
                match lines.next() {
                    Some(Ok(first)) => match serde_json::from_str::<H>(&first) {
                        Ok(found) => is_ours = found == *head,
                        Err(_) => bail!("`{shown}` is no journal of {of}; name another file"),
                    },
                    Some(Err(error)) => return Err(error).with_context(|| format!("failed to read `{shown}`")),
                    None => {}
                }
                if is_ours {
                    // The last line may be half of one: that is how a run is interrupted.
                    for line in lines.map_while(Result::ok) {
                        if let Ok(line) = serde_json::from_str::<L>(&line) {
                            each(line);
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
        let first = if is_ours { "\n".to_owned() } else { format!("{}\n", serde_json::to_string(head)?) };
        file.write_all(first.as_bytes()).with_context(|| format!("failed to write `{shown}`"))?;
        Ok(Self { file: Mutex::new(file) })
    }

    /// Writes a line.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(super) fn keep(&self, line: &impl Serialize) -> Result<()> {
        let text = format!("{}\n", serde_json::to_string(line)?);
        let mut file = self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        file.write_all(text.as_bytes()).context("failed to write the journal")
    }
}

/// Refuses a journal within what is looked at: whoever made the files there could have written it.
pub(super) fn outside(journal: &Path, paths: &[PathBuf], around: &Surroundings) -> Result<()> {
    let folder = journal.parent().map_or_else(|| around.directory.clone(), Path::to_owned);
    let Ok(folder) = folder.canonicalize() else {
        bail!("the folder of the journal `{}` does not exist", shown(journal));
    };
    for path in paths {
        let Ok(looked_at) = around.directory.join(path).canonicalize() else { continue };
        if looked_at.is_dir() && folder.starts_with(&looked_at) {
            bail!(
                "the journal `{}` lies within `{}`, which is looked at: whoever made that folder could have written it; name a place outside",
                shown(journal),
                shown(path)
            );
        }
    }
    Ok(())
}
