//! The folder of the local index: what lies there, and how it is replaced.
//!
//! ```text
//! current.json      which of the folders below is in use, and which was before
//! index-<id>-<n>/   index.bin, about.json, the text of each feed
//! lock              held while something is replaced
//! ```
//!
//! A new index is written beside the old one, and `current.json` is renamed into place last. Whatever
//! interrupts us leaves the old index in use. What cannot be read is an error and never "no index".
#![allow(clippy::disallowed_methods, reason = "keeps the local index that a person asked for")]

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::shown;
use crate::advisory::Index;
use crate::advisory::carry::MAX_INDEX;
use crate::diag::fingerprint::hex;

const POINTER: &str = "current.json";
const TABLE: &str = "index.bin";
const ABOUT: &str = "about.json";
const LOCK: &str = "lock";
const PREFIX: &str = "index-";
const INCOMING: &str = "incoming-";
/// Largest of the small files, in bytes.
const MAX_SMALL: u64 = 1 << 20;
/// Largest text of a feed, in bytes.
const MAX_TEXT: u64 = 1 << 30;

/// What to do about an index that cannot be used.
const REMEDY: &str =
    "`cargo custody db update` makes a new one, `db rollback` goes back, `--index embedded` does without";

/// Which index is in use, and which was before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pointer {
    current: String,
    previous: Option<String>,
}

/// What is known of an index beside its table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct About {
    /// Version of the program that made it; another may read the feeds otherwise.
    pub program: String,
    /// SHA-256 of the table, hexadecimal.
    pub sha256: String,
    /// Where it comes from, without credentials.
    pub from: String,
    /// The key it was signed with, where it was carried here.
    pub signed_by: Option<String>,
    /// Records that could not be used.
    pub unusable: usize,
    /// The feeds, where they were read here.
    pub feeds: Vec<AboutFeed>,
}

/// What is known of a feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AboutFeed {
    /// Name of its ecosystem.
    pub ecosystem: String,
    /// The address or file it was read from.
    pub from: String,
    /// `ETag` of the answer.
    pub etag: Option<String>,
    /// `Last-Modified` of the answer.
    pub modified: Option<String>,
    /// Name of its text in the folder.
    pub text: String,
    /// SHA-256 of the text, hexadecimal.
    pub sha256: String,
    /// Records that could not be used.
    pub unusable: usize,
}

/// An index of the folder.
#[derive(Debug)]
pub(super) struct Stored {
    pub index: Index,
    pub about: About,
    folder: PathBuf,
}

/// The folder.
#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
}

/// The right to replace what is in the folder.
#[derive(Debug)]
pub(super) struct Locked<'a> {
    store: &'a Store,
    _lock: File,
}

impl Store {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether anything lies there.
    pub(super) fn is_used(&self) -> bool {
        self.folder.join(POINTER).symlink_metadata().is_ok()
    }

    /// Whether the folder is somebody else's, as where a program runs as another user with the HOME of
    /// the one who started it.
    pub(super) fn is_closed(&self) -> bool {
        let closed = |path: &Path| path.metadata().is_err_and(|e| e.kind() == io::ErrorKind::PermissionDenied);
        closed(&self.folder) || closed(&self.folder.join(POINTER))
    }

    /// The index in use; `None` where there never was one.
    pub(super) fn current(&self) -> Result<Option<Stored>> {
        let Some(pointer) = self.pointer()? else { return Ok(None) };
        self.read(&pointer.current).map(Some)
    }

    /// The index that was in use before.
    pub(super) fn previous(&self) -> Result<Option<Stored>> {
        let Some(Pointer { previous: Some(name), .. }) = self.pointer()? else { return Ok(None) };
        self.read(&name).map(Some)
    }

    fn pointer(&self) -> Result<Option<Pointer>> {
        let path = self.folder.join(POINTER);
        let text = match read_up_to(&path, MAX_SMALL) {
            Ok(text) => text,
            Err(error) if is_absent(&error) => {
                // A first run that was interrupted leaves `incoming-` only.
                if !generations(&self.folder)?.iter().any(|name| is_name(name)) {
                    return Ok(None);
                }
                bail!("the local index in `{}` is damaged: `{POINTER}` is missing; {REMEDY}", shown(&self.folder));
            }
            Err(error) => return Err(error).with_context(|| format!("failed to read `{}`; {REMEDY}", shown(&path))),
        };
        let pointer: Option<Pointer> = serde_json::from_slice(&text).ok();
        let is_sound = |p: &Pointer| is_name(&p.current) && p.previous.as_deref().is_none_or(is_name);
        match pointer.filter(is_sound) {
            Some(pointer) => Ok(Some(pointer)),
            None => bail!("the local index is damaged: `{}` cannot be understood; {REMEDY}", shown(&path)),
        }
    }

    fn read(&self, name: &str) -> Result<Stored> {
        let folder = self.folder.join(name);
        let damaged = |what: &str| anyhow!("the local index in `{}` is damaged: {what}; {REMEDY}", shown(&folder));
        let about = read_up_to(&folder.join(ABOUT), MAX_SMALL).map_err(|e| damaged(&format!("`{ABOUT}`: {e}")))?;
        let about: About =
            serde_json::from_slice(&about).map_err(|_| damaged(&format!("`{ABOUT}` cannot be understood")))?;
        let table =
            read_up_to(&folder.join(TABLE), MAX_INDEX as u64).map_err(|e| damaged(&format!("`{TABLE}`: {e}")))?;
        if hex(&Sha256::digest(&table)) != about.sha256 {
            return Err(damaged("its SHA-256 is not the one it was written with"));
        }
        // It was decoded as a whole before it was put here, and it is the same.
        let index = Index::from_bytes(table).map_err(|e| damaged(&e.to_string()))?;
        Ok(Stored { index, about, folder })
    }

    /// Takes the right to replace, and clears away what an interrupted run left.
    pub(super) fn lock(&self) -> Result<Locked<'_>> {
        fs::create_dir_all(&self.folder).with_context(|| format!("failed to make `{}`", shown(&self.folder)))?;
        let path = self.folder.join(LOCK);
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .with_context(|| format!("failed to open `{}`", shown(&path)))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => bail!("another update is at work in `{}`", shown(&self.folder)),
            // Some network file systems know no locks; a rename is whole there, too.
            Err(fs::TryLockError::Error(_)) => {}
        }
        Ok(Locked { store: self, _lock: lock })
    }
}

impl Stored {
    /// The text of a feed as it was read, where it is the same as then and was read by this version.
    pub(super) fn text(&self, feed: &AboutFeed) -> Option<String> {
        let is_plain = !feed.text.contains(['/', '\\']) && feed.text.ends_with(".tsv");
        if self.about.program != env!("CARGO_PKG_VERSION") || !is_plain {
            return None;
        }
        let bytes = read_up_to(&self.folder.join(&feed.text), MAX_TEXT).ok()?;
        (hex(&Sha256::digest(&bytes)) == feed.sha256).then(|| String::from_utf8(bytes).ok())?
    }
}

impl Locked<'_> {
    /// Puts an index in use. The one in use before becomes the previous one, unless it holds the same,
    /// only for an earlier day (`is_same`): then the previous one stays what it was.
    pub(super) fn install(&self, table: &[u8], about: &About, texts: &[(String, String)], is_same: bool) -> Result<()> {
        let home = &self.store.folder;
        let incoming = home.join(format!("{INCOMING}{}", std::process::id()));
        let write = || -> io::Result<PathBuf> {
            let _ = fs::remove_dir_all(&incoming);
            fs::create_dir(&incoming)?;
            write_whole(&incoming.join(TABLE), table)?;
            for (name, text) in texts {
                write_whole(&incoming.join(name), text.as_bytes())?;
            }
            write_whole(&incoming.join(ABOUT), &serde_json::to_vec_pretty(about)?)?;
            sync_folder(&incoming);
            let id = about.sha256.get(..12).unwrap_or("000000000000");
            let free = (0..u32::MAX).map(|n| format!("{PREFIX}{id}-{n}")).find(|name| !home.join(name).exists());
            let name = PathBuf::from(free.unwrap_or_default());
            fs::rename(&incoming, home.join(&name))?;
            Ok(name)
        };
        let name = write().with_context(|| format!("failed to write an index into `{}`", shown(home)))?;
        // A pointer that cannot be understood is what is mended here.
        let pointer = self.store.pointer().ok().flatten();
        let before = pointer.and_then(|p| if is_same { p.previous } else { Some(p.current) });
        self.point(&Pointer { current: name.to_string_lossy().into_owned(), previous: before })
    }

    /// Puts the previous index back in use, and the other way round. Gives the one now in use.
    pub(super) fn roll_back(&self) -> Result<Stored> {
        let folder = shown(&self.store.folder);
        let Some(pointer) = self.store.pointer()? else { bail!("there is no local index in `{folder}`") };
        let Some(previous) = pointer.previous else { bail!("there is no previous index in `{folder}`") };
        let stored = self.store.read(&previous)?;
        stored.index.verify().with_context(|| format!("the previous index in `{folder}` is damaged"))?;
        self.point(&Pointer { current: previous, previous: Some(pointer.current) })?;
        Ok(stored)
    }

    fn point(&self, pointer: &Pointer) -> Result<()> {
        let home = &self.store.folder;
        let write = || -> io::Result<()> {
            let beside = home.join(format!("{POINTER}.new"));
            write_whole(&beside, &serde_json::to_vec_pretty(pointer)?)?;
            sync_folder(home);
            fs::rename(&beside, home.join(POINTER))?;
            sync_folder(home);
            Ok(())
        };
        write().with_context(|| format!("failed to write `{}`", shown(&home.join(POINTER))))?;
        for name in generations(home).unwrap_or_default() {
            if name != pointer.current && Some(&name) != pointer.previous.as_ref() {
                // What stays behind costs space only, and the next run tries again.
                let _ = fs::remove_dir_all(home.join(name));
            }
        }
        Ok(())
    }
}

/// Folders of indexes, and of runs that were interrupted.
fn generations(folder: &Path) -> Result<Vec<String>> {
    let listing = match fs::read_dir(folder) {
        Ok(listing) => listing,
        Err(error) if is_absent(&error) => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("failed to read `{}`", shown(folder))),
    };
    let mut out = Vec::new();
    for entry in listing {
        let name = entry.with_context(|| format!("failed to read `{}`", shown(folder)))?.file_name();
        let name = name.to_string_lossy().into_owned();
        if is_name(&name) || name.starts_with(INCOMING) {
            out.push(name);
        }
    }
    Ok(out)
}

/// Not there, or below something that is no folder, as where HOME is `/dev/null`.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The form of our folders' names; nothing else is ever opened or removed.
fn is_name(name: &str) -> bool {
    let Some((id, number)) = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('-')) else { return false };
    id.len() == 12
        && id.bytes().all(|b| b.is_ascii_hexdigit())
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
}

/// Reads a plain file of limited size.
pub(super) fn read_up_to(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let meta = fs::metadata(path)?;
    if !meta.is_file() {
        return Err(io::Error::other("not a file"));
    }
    if meta.len() > most {
        return Err(io::Error::other(format!("larger than {} KiB", most.div_ceil(1 << 10))));
    }
    fs::read(path)
}

/// Writes a file and waits until it is on the disk.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Writes a file beside the one of that name and renames it into place.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".new-{}", std::process::id()));
    let beside = path.with_file_name(name);
    let result = write_whole(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    if result.is_err() {
        let _ = fs::remove_file(&beside);
    }
    result
}

/// A rename is kept once its folder is; where folders cannot be opened, the system sees to it.
fn sync_folder(folder: &Path) {
    if let Ok(open) = File::open(folder) {
        let _ = open.sync_all();
    }
}
