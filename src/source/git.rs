//! What git's own files say of a tree: the commit that is checked out and which files are tracked.
//!
//! Read as plain files; no git program is started, no configuration, hook, filter, alternate or
//! replacement is honoured.
#![allow(clippy::disallowed_methods, reason = "the git folder of the audited tree is read here")]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::RepoPath;

/// Largest index file that is read: about two million entries.
pub(super) const MAX_INDEX: u64 = 256 << 20;

/// The kind of a tracked entry, from its mode in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tracked {
    /// A file.
    File,
    /// A symbolic link.
    Link,
    /// A submodule: another repository's commit.
    Submodule,
}

/// One entry of the index.
#[derive(Debug, Clone, Copy)]
pub struct IndexEntry {
    /// What it is.
    pub kind: Tracked,
    /// Sparse checkouts leave such files out of the work tree.
    pub skip_worktree: bool,
}

/// What was learned from the git folder.
#[derive(Debug, Default)]
pub struct GitState {
    /// Commit that HEAD names, 40 or 64 hex digits.
    pub commit: Option<String>,
    /// Tracked paths.
    pub tracked: BTreeMap<RepoPath, IndexEntry>,
    /// Why the index could not be read, if it could not.
    pub problem: Option<String>,
    /// Folders that a sparse checkout leaves out as a whole.
    pub sparse_folders: Vec<String>,
    /// Tracked paths that are no valid UTF-8 or would leave the tree.
    pub odd_paths: Vec<String>,
}

/// The root of the repository around `start`: the nearest folder with a `.git`.
#[must_use]
pub fn find_root(start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|dir| dir.join(".git").symlink_metadata().is_ok()).map(Path::to_path_buf)
}

/// Reads HEAD and the index of the repository at `root`; `None` where it is no repository.
#[must_use]
pub fn read(root: &Path) -> Option<GitState> {
    let dir = git_dir(root)?;
    let common = read_small(&dir.join("commondir")).map_or_else(|| dir.clone(), |text| dir.join(text.trim()));
    let mut state = GitState { commit: head(&dir, &common), ..GitState::default() };
    match read_limited(&dir.join("index"), MAX_INDEX) {
        Ok(None) => {}
        Ok(Some(bytes)) => decode(&bytes, &mut state),
        Err(problem) => state.problem = Some(format!("the git index cannot be read: {problem}")),
    }
    Some(state)
}

/// Largest configuration file of a repository that is read.
const MAX_CONFIG: u64 = 256 << 10;

/// The address of `origin`, else of the only remote there is, as the repository's own configuration has it. It may
/// hold a credential. Nothing that the configuration includes or rewrites is heeded.
#[must_use]
pub fn remote(root: &Path) -> Option<String> {
    let dir = git_dir(root)?;
    let common = read_small(&dir.join("commondir")).map_or_else(|| dir.clone(), |text| dir.join(text.trim()));
    let bytes = read_limited(&common.join("config"), MAX_CONFIG).ok()??;
    remote_of(&String::from_utf8(bytes).ok()?)
}

fn remote_of(config: &str) -> Option<String> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut name: Option<String> = None;
    for line in config.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            let inner = section.strip_prefix("remote \"").and_then(|rest| rest.split_once('"'));
            name = inner.map(|(name, _)| name.to_owned());
        } else if let (Some(name), Some((key, value))) = (&name, line.split_once('='))
            && key.trim().eq_ignore_ascii_case("url")
        {
            found.push((name.clone(), value.trim().trim_matches('"').to_owned()));
        }
    }
    let origin = found.iter().find(|(name, _)| name == "origin").map(|(_, url)| url);
    let names: std::collections::BTreeSet<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    let only = found.first().filter(|_| names.len() == 1).map(|(_, url)| url);
    origin.or(only).filter(|url| !url.is_empty()).cloned()
}

/// Adds what the bytes of an index file say to `state`; bytes that are no index become its problem.
pub fn decode(bytes: &[u8], state: &mut GitState) {
    match read_index(bytes) {
        Ok(index) => fill(state, &index),
        Err(problem) => state.problem = Some(problem),
    }
}

/// The git folder of the work tree at `root`.
pub(super) fn git_dir(root: &Path) -> Option<PathBuf> {
    let dot = root.join(".git");
    if dot.is_dir() {
        return Some(dot);
    }
    let text = read_small(&dot)?;
    Some(root.join(text.strip_prefix("gitdir:")?.trim()))
}

fn head(dir: &Path, common: &Path) -> Option<String> {
    let mut text = read_small(&dir.join("HEAD"))?;
    // A symbolic ref may name another; git itself stops at five.
    for _ in 0..5 {
        let Some(name) = text.trim().strip_prefix("ref:").map(|n| n.trim().to_owned()) else {
            return is_commit(text.trim()).then(|| text.trim().to_owned());
        };
        RepoPath::new(&name)?;
        text = match read_small(&dir.join(&name)).or_else(|| read_small(&common.join(&name))) {
            Some(text) => text,
            None => return packed(common, &name),
        };
    }
    None
}

fn packed(common: &Path, name: &str) -> Option<String> {
    let text = read_limited(&common.join("packed-refs"), 64 << 20).ok()??;
    let text = String::from_utf8(text).ok()?;
    text.lines().find_map(|line| {
        let (commit, found) = line.split_once(' ')?;
        (found == name && is_commit(commit)).then(|| commit.to_owned())
    })
}

fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The text of a small plain file; `None` where there is none.
pub(super) fn read_small(path: &Path) -> Option<String> {
    String::from_utf8(read_limited(path, 4096).ok()??).ok()
}

/// The bytes of a plain file; `None` where there is none.
pub(super) fn read_limited(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, String> {
    // git writes plain files; a link here leads somewhere else, perhaps out of the tree.
    let Ok(meta) = path.symlink_metadata() else { return Ok(None) };
    if !meta.is_file() {
        return Ok(None);
    }
    if meta.len() > limit {
        return Err(format!("{} bytes are over the limit of {limit}", meta.len()));
    }
    let mut out = Vec::new();
    let file = std::fs::File::open(path).map_err(|e| e.to_string())?;
    file.take(limit).read_to_end(&mut out).map_err(|e| e.to_string())?;
    Ok(Some(out))
}

/// Decodes an index file.
pub(super) fn read_index(bytes: &[u8]) -> Result<gix_index::State, String> {
    let options = gix_index::decode::Options {
        thread_limit: Some(1),
        alloc_limit_bytes: Some(512 << 20),
        ..gix_index::decode::Options::default()
    };
    let mut failure = String::new();
    // The header does not say which hash the repository uses; a SHA-1 index fails as SHA-256.
    for hash in [gix_index::hash::Kind::Sha1, gix_index::hash::Kind::Sha256] {
        match gix_index::State::from_bytes(bytes, filetime::FileTime::zero(), hash, options) {
            Ok((state, _)) if state.link().is_some() => {
                return Err("the git index is split and its other half is not read".to_owned());
            }
            Ok((state, _)) => return Ok(state),
            Err(error) if failure.is_empty() => failure = error.to_string(),
            Err(_) => {}
        }
    }
    Err(format!("the git index cannot be read: {failure}"))
}

fn fill(state: &mut GitState, index: &gix_index::State) {
    use gix_index::entry::{Flags, Mode};
    for entry in index.entries() {
        let raw = entry.path(index);
        if entry.mode == Mode::DIR {
            let folder = String::from_utf8_lossy(raw.as_ref()).escape_debug().to_string();
            state.sparse_folders.push(folder);
            continue;
        }
        let text = String::from_utf8_lossy(raw.as_ref());
        let Some(path) = std::str::from_utf8(raw.as_ref()).ok().and_then(RepoPath::new).filter(|p| p.as_str() == text)
        else {
            state.odd_paths.push(text.escape_debug().to_string());
            continue;
        };
        let kind = match entry.mode {
            Mode::SYMLINK => Tracked::Link,
            Mode::COMMIT => Tracked::Submodule,
            _ => Tracked::File,
        };
        let skip_worktree = entry.flags.contains(Flags::SKIP_WORKTREE);
        state.tracked.insert(path, IndexEntry { kind, skip_worktree });
    }
}
