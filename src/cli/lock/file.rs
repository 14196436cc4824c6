//! The lock's file: read from the folder, from a file, or from the history of the repository.

use std::path::Path;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::cli::shown;
use crate::cli::staged::replace;
use crate::cli::waive::show;
use crate::cli::{Surroundings, audit};
use crate::lock;
use crate::lock::{Lock, Read};
use crate::source::objects::{Oid, Repository};
use crate::source::{Bytes as _, FileBytes, RepoPath, git};

/// Bytes of the largest lock that is read whole.
const LARGEST: u64 = 1 << 30;
/// Bytes of a lock whose change is shown line by line.
const SHOWN: usize = 4 << 20;

/// A lock that lies in a folder.
pub(super) struct Here {
    /// The folder.
    pub root: PathBuf,
    /// The file's text; none where there is no file.
    pub text: Option<String>,
    /// What it says.
    pub read: Read,
}

impl Here {
    /// Reads the lock of a folder; one that is not there holds nothing.
    pub(super) fn of(path: Option<PathBuf>, around: &Surroundings) -> Result<Self> {
        let root = audit::root(path, around);
        let place = root.join(lock::FILE);
        match place.symlink_metadata() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if !root.is_dir() {
                    bail!("`{}` is no folder", shown(&root));
                }
                Ok(Self { root, text: None, read: Read::default() })
            }
            Ok(meta) if meta.is_symlink() => bail!("`{}` is a link, which is not followed", lock::FILE),
            _ => {
                let text = text_of(&place).with_context(|| format!("failed to read `{}`", lock::FILE))?;
                let read = lock::read_text(&text);
                Ok(Self { root, text: Some(text), read })
            }
        }
    }

    /// What is held, where all of the file is understood. It is taken out: a lock may be large.
    pub(super) fn strict(&mut self) -> Result<Lock> {
        if self.text.is_none() {
            bail!("there is no `{}` here: run `cargo custody lock`", lock::FILE);
        }
        if let Some(first) = self.read.mistakes.iter().chain(self.read.broken.values()).min() {
            bail!("{} line {}: {}", lock::FILE, first.line, first.message);
        }
        Ok(std::mem::take(&mut self.read.lock))
    }

    /// Shows the change as a diff and, unless nothing is to be written, writes it.
    pub(super) fn write(&self, after: &str, dry_run: bool, around: &Surroundings) -> Result<()> {
        let before = self.text.as_deref().unwrap_or("");
        if dry_run && before.len().max(after.len()) <= SHOWN {
            show(lock::FILE, before, after, around)?;
        }
        if !dry_run && self.text.as_deref() != Some(after) {
            replace(&self.root, lock::FILE, self.text.as_deref(), after)?;
        }
        Ok(())
    }
}

fn text_of(place: &Path) -> Result<String> {
    let bytes = FileBytes::open(place).map_err(anyhow::Error::msg)?;
    if bytes.len() > LARGEST {
        bail!("it is larger than {} MiB", LARGEST >> 20);
    }
    let bytes = bytes.up_to(0, usize::try_from(bytes.len())?).map_err(anyhow::Error::msg)?;
    String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("it is not UTF-8"))
}

/// A lock in a file that a person names.
pub(super) fn named(place: &Path) -> Result<Lock> {
    let name = shown(place);
    let text = text_of(place).with_context(|| format!("failed to read `{name}`"))?;
    lock::read_text(&text).strict(&name).map_err(anyhow::Error::msg)
}

/// The repository around a folder, and the path of the folder's lock in it.
pub(super) fn repository(root: &Path) -> Result<(Repository, RepoPath)> {
    let root = root.canonicalize().with_context(|| format!("failed to open `{}`", shown(root)))?;
    let top = git::find_root(&root).unwrap_or_else(|| root.clone());
    let below = root.strip_prefix(&top).unwrap_or(Path::new(""));
    let folder = below.to_str().and_then(RepoPath::new);
    let Some(path) = folder.and_then(|folder| folder.child(lock::FILE)) else {
        bail!("`{}` has a name that git cannot spell", shown(&root));
    };
    let repository = Repository::open(&top).context("the history of the lock is that of git")?;
    Ok((repository, path))
}

/// The lock of a commit; none where there was none.
pub(super) fn of_commit(repository: &Repository, path: &RepoPath, commit: &Oid) -> Result<Option<Lock>> {
    let Some(blob) = repository.blob_at(commit, path)? else { return Ok(None) };
    of_blob(repository, path, &blob).map(Some)
}

/// The lock of a blob.
pub(super) fn of_blob(repository: &Repository, path: &RepoPath, blob: &Oid) -> Result<Lock> {
    let bytes = repository.blob(blob, LARGEST)?;
    lock::read(bytes.as_slice()).strict(path.as_str()).map_err(anyhow::Error::msg)
}
