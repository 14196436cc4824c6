//! What there is to audit: a sorted list of files, and what was passed over and why.
//!
//! Tracked files are always listed. Of the untracked, those that the repository's own `.gitignore`
//! names are passed over; no global excludes and no `.ignore` file count. Links are never followed
//! out of the tree.
#![allow(clippy::disallowed_methods, reason = "the one place that walks and opens the audited tree")]

mod folder;
mod walk;

pub use folder::TreeFolder;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::RepoPath;
use super::bytes::{Bytes, FileBytes};
use super::objects::Oid;
use super::objects::listing::Blobs;
use walk::Walked;

/// How much of a tree is looked at.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Files listed at most.
    pub files: usize,
    /// Bytes read of one file at most.
    pub file_bytes: u64,
    /// Bytes read of one archive or binary at most.
    pub built_bytes: u64,
    /// Bytes read of the tree at most.
    pub total_bytes: u64,
    /// Deepest folder.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { files: 1_000_000, file_bytes: 16 << 20, built_bytes: 64 << 20, total_bytes: 256 << 20, depth: 64 }
    }
}

/// A file of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it lies.
    pub path: RepoPath,
    /// Whether git tracks it; `false` everywhere outside a repository.
    pub tracked: bool,
    /// Why it is known not to be readable, or will not be read. A tracked file is looked at only
    /// when it is read: most files of a tree are of no known kind.
    pub obstacle: Option<Obstacle>,
    /// Left out of the work tree by a sparse checkout, if it is not there.
    pub sparse: bool,
}

/// Why a listed file is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// It should have been read: the audit is not complete without it.
    Unread(String),
    /// It was passed over on purpose.
    Skipped(String),
}

/// A folder or group that was passed over as a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PassedOver {
    /// The path, ending in `/` for a folder.
    pub path: String,
    /// Why.
    pub why: String,
    /// Whether the audit is incomplete for it.
    pub incomplete: bool,
}

/// The audited tree.
#[derive(Debug)]
pub struct Tree {
    /// What to call it: the folder's name.
    pub name: String,
    /// The commit that is checked out, where git says so.
    pub commit: Option<String>,
    /// Files in path order.
    pub entries: Vec<Entry>,
    /// Folders, in path order: one may stand where a file is expected.
    pub folders: Vec<RepoPath>,
    /// Where the tree lies in its repository; the root where it is the whole of it.
    pub prefix: RepoPath,
    /// What was passed over as a whole.
    pub passed_over: Vec<PassedOver>,
    /// Limits the reading obeys.
    pub limits: Limits,
    backing: Backing,
}

#[derive(Debug)]
enum Backing {
    Disk(PathBuf),
    Memory(BTreeMap<RepoPath, Vec<u8>>),
    Objects(Blobs),
}

/// Why there is no tree to audit.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// Nothing there, or no permission.
    #[error("open `{path}`: {why}")]
    Open {
        /// What was asked for.
        path: String,
        /// The system's word for it.
        why: String,
    },
    /// A file was named where a folder is needed.
    #[error("open `{path}`: it is not a folder")]
    NotAFolder {
        /// What was asked for.
        path: String,
    },
}

impl Tree {
    /// A tree held in memory; every file counts as tracked.
    #[must_use]
    pub fn from_memory(name: &str, files: BTreeMap<RepoPath, Vec<u8>>) -> Self {
        let entries = files
            .keys()
            .map(|path| Entry { path: path.clone(), tracked: true, obstacle: None, sparse: false })
            .collect();
        Self {
            name: name.to_owned(),
            commit: None,
            entries,
            folders: Vec::new(),
            prefix: RepoPath::default(),
            passed_over: Vec::new(),
            limits: Limits::default(),
            backing: Backing::Memory(files),
        }
    }

    /// Lists the tree at `root`, which is audited as it stands: a folder below a repository's root
    /// is audited alone.
    ///
    /// # Errors
    /// Where `root` is no folder that can be opened. Anything unreadable below it is listed.
    pub fn scan(root: &Path, limits: Limits) -> Result<Self, TreeError> {
        let shown = root.display().to_string();
        let meta = root.metadata().map_err(|e| TreeError::Open { path: shown.clone(), why: plain(&e) })?;
        if !meta.is_dir() {
            return Err(TreeError::NotAFolder { path: shown });
        }
        let root = root.canonicalize().map_err(|e| TreeError::Open { path: shown.clone(), why: plain(&e) })?;
        std::fs::read_dir(&root).map_err(|e| TreeError::Open { path: shown, why: plain(&e) })?;
        let name = root.file_name().map_or_else(|| "/".to_owned(), |n| n.to_string_lossy().into_owned());
        let walked = walk::walk(&root, &limits);
        let Walked { commit, prefix, entries, folders, passed_over } = walked;
        Ok(Self { name, commit, entries, folders, prefix, passed_over, limits, backing: Backing::Disk(root) })
    }

    /// A tree of git objects, whose list has been made.
    #[allow(clippy::too_many_arguments, reason = "each is a field that only this module can set together")]
    pub(super) fn from_objects(
        name: String,
        commit: Option<String>,
        prefix: RepoPath,
        entries: Vec<Entry>,
        folders: Vec<RepoPath>,
        passed_over: Vec<PassedOver>,
        limits: Limits,
        blobs: Blobs,
    ) -> Self {
        Self { name, commit, entries, folders, prefix, passed_over, limits, backing: Backing::Objects(blobs) }
    }

    /// The blobs behind a tree of git objects.
    pub(super) fn blobs(&self) -> Option<&Blobs> {
        match &self.backing {
            Backing::Objects(blobs) => Some(blobs),
            Backing::Disk(_) | Backing::Memory(_) => None,
        }
    }

    /// The name of the blob that is read at a path, in a tree of git objects: two files of one name
    /// hold the same, in this tree and in any other of the repository. For a link it is that of the
    /// file it leads to.
    #[must_use]
    pub fn object(&self, path: &RepoPath) -> Option<Oid> {
        self.blobs()?.blob(path).ok()
    }

    /// The listed file of a path.
    #[must_use]
    pub fn entry(&self, path: &RepoPath) -> Option<&Entry> {
        let at = self.entries.binary_search_by(|entry| entry.path.cmp(path)).ok()?;
        self.entries.get(at)
    }

    /// What stands between us and the bytes of a listed file, judged without opening it, and how
    /// many bytes it has.
    #[must_use]
    pub fn look(&self, entry: &Entry) -> (Option<Obstacle>, u64) {
        let root = match &self.backing {
            Backing::Disk(root) => root,
            Backing::Memory(files) => {
                return (entry.obstacle.clone(), files.get(&entry.path).map_or(0, |f| f.len() as u64));
            }
            Backing::Objects(blobs) => {
                return match (&entry.obstacle, blobs.size(&entry.path)) {
                    (Some(obstacle), _) => (Some(obstacle.clone()), 0),
                    (None, Ok(size)) => (None, size),
                    (None, Err(why)) => (Some(Obstacle::Unread(why)), 0),
                };
            }
        };
        if entry.obstacle.is_some() {
            return (entry.obstacle.clone(), 0);
        }
        let meta = root.join(entry.path.as_str()).symlink_metadata();
        let size = meta.as_ref().map_or(0, std::fs::Metadata::len);
        let obstacle = match meta {
            Ok(meta) => obstacle_of(root, &entry.path, &meta),
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Some(Obstacle::Unread(plain(&error))),
            Err(_) if entry.sparse => {
                Some(Obstacle::Unread("left out of the work tree by a sparse checkout".to_owned()))
            }
            Err(_) if entry.tracked => Some(Obstacle::Skipped("deleted in the work tree".to_owned())),
            Err(error) => Some(Obstacle::Unread(plain(&error))),
        };
        (obstacle, size)
    }

    /// Whether no part of a path but its last can be a link: its folder was walked, and links to
    /// folders are not.
    fn lies_in_a_walked_folder(&self, path: &RepoPath) -> bool {
        let folder = path.parent();
        folder.is_root() || self.folders.binary_search(&folder).is_ok()
    }

    /// Reads beginnings of files, best in path order.
    #[must_use]
    pub fn heads(&self) -> Heads<'_> {
        Heads { tree: self, folder: None, is_inside: false }
    }

    /// The bytes of a listed file, of no more than [`Limits::file_bytes`].
    ///
    /// # Errors
    /// A sentence fragment that says why it could not be read.
    pub fn read(&self, path: &RepoPath) -> Result<Vec<u8>, String> {
        self.read_within(path, self.limits.file_bytes)
    }

    /// The bytes of a listed file, to be read by position: those on disk are not loaded. Of a tree of git
    /// objects no more than [`Limits::built_bytes`].
    ///
    /// # Errors
    /// As [`Tree::read`].
    pub fn open(&self, path: &RepoPath) -> Result<Box<dyn Bytes + '_>, String> {
        match &self.backing {
            Backing::Memory(files) => match files.get(path) {
                Some(bytes) => Ok(Box::new(bytes.as_slice())),
                None => Err(NOT_THERE.to_owned()),
            },
            Backing::Objects(blobs) => Ok(Box::new(blobs.read(path, self.limits.built_bytes)?)),
            Backing::Disk(root) => {
                let walked = root.join(path.as_str());
                let is_plain =
                    self.lies_in_a_walked_folder(path) && walked.symlink_metadata().is_ok_and(|meta| meta.is_file());
                let target = if is_plain { walked } else { inside(root, path)? };
                Ok(Box::new(FileBytes::open(&target)?))
            }
        }
    }

    /// Whether a listed file is not there: git knows it, and the work tree has lost it.
    #[must_use]
    pub fn lacks(&self, path: &RepoPath) -> bool {
        matches!(self.open(path), Err(why) if why == NOT_THERE)
    }

    /// The bytes of a listed file, of no more than so many.
    ///
    /// # Errors
    /// As [`Tree::read`].
    pub fn read_within(&self, path: &RepoPath, limit: u64) -> Result<Vec<u8>, String> {
        match &self.backing {
            Backing::Memory(files) => match files.get(path) {
                Some(bytes) if bytes.len() as u64 > limit => Err(too_large(bytes.len() as u64, limit)),
                Some(bytes) => Ok(bytes.clone()),
                None => Err("it does not exist".to_owned()),
            },
            Backing::Objects(blobs) => blobs.read(path, limit),
            Backing::Disk(root) if self.lies_in_a_walked_folder(path) => read_walked(root, path, limit),
            Backing::Disk(root) => read_inside(root, path, limit),
        }
    }
}

/// Reads beginnings of many files. Each folder is resolved once, so that a tree of ten thousand
/// files stays cheap to look into.
#[derive(Debug)]
pub struct Heads<'t> {
    tree: &'t Tree,
    folder: Option<RepoPath>,
    is_inside: bool,
}

impl Heads<'_> {
    /// Up to `limit` bytes from the start of a file; none where it cannot be read.
    pub fn read(&mut self, entry: &Entry, limit: usize) -> Option<Vec<u8>> {
        let root = match &self.tree.backing {
            Backing::Disk(root) => root,
            Backing::Memory(files) => return files.get(&entry.path).map(|b| b.get(..limit).unwrap_or(b).to_vec()),
            Backing::Objects(blobs) => return blobs.head(&entry.path, limit as u64, self.tree.limits.built_bytes),
        };
        let folder = entry.path.parent();
        if self.folder.as_ref() != Some(&folder) {
            self.is_inside = self.tree.lies_in_a_walked_folder(&entry.path) || {
                let target = root.join(folder.as_str()).canonicalize();
                target.is_ok_and(|target| target.starts_with(root) && !is_git_own(root, &target))
            };
            self.folder = Some(folder);
        }
        let path = root.join(entry.path.as_str());
        let meta = path.symlink_metadata().ok().filter(|_| self.is_inside)?;
        if meta.is_symlink() {
            let target =
                path.canonicalize().ok().filter(|target| target.starts_with(root) && !is_git_own(root, target))?;
            return target.is_file().then(|| head_of(&target, limit)).flatten();
        }
        meta.is_file().then(|| head_of(&path, limit)).flatten()
    }
}

fn head_of(path: &Path, limit: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(limit.min(8 << 10));
    std::fs::File::open(path).ok()?.take(limit as u64).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// What stands between us and the bytes of a path, judged without opening it.
fn obstacle_of(root: &Path, path: &RepoPath, meta: &std::fs::Metadata) -> Option<Obstacle> {
    let kind = meta.file_type();
    if kind.is_file() {
        return None;
    }
    if kind.is_dir() {
        return Some(Obstacle::Unread("a folder stands where a file is expected".to_owned()));
    }
    if !kind.is_symlink() {
        return Some(Obstacle::Unread("it is no regular file".to_owned()));
    }
    match root.join(path.as_str()).canonicalize() {
        Ok(target) if is_git_own(root, &target) => {
            Some(Obstacle::Unread("a link into the git folder is not followed".to_owned()))
        }
        Ok(target) if target.starts_with(root) && target.is_file() => None,
        Ok(target) if target.starts_with(root) => Some(Obstacle::Unread("a link to a folder".to_owned())),
        Ok(_) => Some(Obstacle::Unread("a link that leads out of the tree is not followed".to_owned())),
        Err(_) => Some(Obstacle::Unread("a link that leads nowhere".to_owned())),
    }
}

/// Whether a resolved path lies in the git folder, which holds credentials in a fresh checkout.
fn is_git_own(root: &Path, target: &Path) -> bool {
    target.strip_prefix(root).is_ok_and(|below| below.components().any(|part| part.as_os_str() == ".git"))
}

/// Reads a file whose folder needs not be resolved.
fn read_walked(root: &Path, path: &RepoPath, limit: u64) -> Result<Vec<u8>, String> {
    let target = root.join(path.as_str());
    match target.symlink_metadata() {
        Ok(meta) if meta.is_file() => read_target(&target, &meta, limit),
        _ => read_inside(root, path, limit),
    }
}

/// Where a path of the tree leads: inside of it, to a regular file.
/// Why a file that is listed cannot be opened where it is gone.
const NOT_THERE: &str = "it does not exist";

fn inside(root: &Path, path: &RepoPath) -> Result<PathBuf, String> {
    // Any folder on the way may be a link, so the whole path is resolved before it is opened.
    let target = root.join(path.as_str()).canonicalize().map_err(|e| plain(&e))?;
    if is_git_own(root, &target) {
        return Err("a link into the git folder is not followed".to_owned());
    }
    if !target.starts_with(root) {
        return Err("a link that leads out of the tree is not followed".to_owned());
    }
    let meta = target.metadata().map_err(|e| plain(&e))?;
    if meta.is_file() { Ok(target) } else { Err("it is no regular file".to_owned()) }
}

fn read_inside(root: &Path, path: &RepoPath, limit: u64) -> Result<Vec<u8>, String> {
    let target = inside(root, path)?;
    let meta = target.metadata().map_err(|e| plain(&e))?;
    read_target(&target, &meta, limit)
}

fn read_target(target: &Path, meta: &std::fs::Metadata, limit: u64) -> Result<Vec<u8>, String> {
    if meta.len() > limit {
        return Err(too_large(meta.len(), limit));
    }
    let file = std::fs::File::open(target).map_err(|e| plain(&e))?;
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0));
    // The file may grow while it is read.
    file.take(limit).read_to_end(&mut bytes).map_err(|e| plain(&e))?;
    Ok(bytes)
}

fn too_large(bytes: u64, limit: u64) -> String {
    format!("{bytes} bytes are over the limit of {limit}")
}

/// The system's words without its error number, which differs between systems.
pub(super) fn plain(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => NOT_THERE.to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or(&text).to_lowercase()
        }
    }
}
