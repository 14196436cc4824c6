//! Whether what lies in a work tree is what its commit holds.
//!
//! Files are told apart by what they hold, not by the times that the index notes. What a clone lacks and the work tree
//! lacks with it is no change: nobody took it away.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use super::listing::Content;
use crate::source::RepoPath;
use crate::source::tree::Obstacle;
use crate::source::tree::Tree;

/// Bytes of a file that are compared at most; of a larger one the size is.
const LONGEST: u64 = 64 << 20;
/// Bytes that a pointer of git LFS has at most. Source: git LFS, "Specification": less than 1024.
const POINTER: u64 = 1024;

/// Which of some files of a work tree are not as its commit holds them, and what the commit holds and the work tree has
/// lost. `commit` is the tree of the commit below the same folder.
#[must_use]
pub fn changed<'p>(work: &Tree, commit: &Tree, read: impl Iterator<Item = &'p RepoPath>) -> BTreeSet<RepoPath> {
    let mut out: BTreeSet<RepoPath> = read.filter(|path| is_changed(work, commit, path)).cloned().collect();
    let Some(blobs) = commit.blobs() else { return out };
    for leaf in blobs.leaves() {
        let is_file = matches!(leaf.content, Content::File | Content::Program);
        let is_sparse = work.entry(&leaf.path).is_some_and(|entry| entry.sparse);
        if is_file && !is_sparse && is_gone(work, &leaf.path) && blobs.has(&leaf.id) {
            out.insert(leaf.path.clone());
        }
    }
    out
}

/// Whether a work tree has lost a file. Most are there, and a look at their names is enough.
fn is_gone(work: &Tree, path: &RepoPath) -> bool {
    match work.entry(path) {
        Some(entry) => matches!(work.look(entry).0, Some(Obstacle::Skipped(why)) if why.starts_with("deleted")),
        None => work.lacks(path),
    }
}

fn is_changed(work: &Tree, commit: &Tree, path: &RepoPath) -> bool {
    let Some(entry) = work.entry(path) else { return false };
    let Some(blobs) = commit.blobs() else { return false };
    if blobs.leaf(path).is_none() {
        return true;
    }
    // What a link leads to may be no file of the commit.
    let Ok(id) = blobs.blob(path) else { return false };
    let pointer = || blobs.read(path, POINTER).ok().and_then(|bytes| pointed(&bytes));
    let Ok(bytes) = work.read_within(path, LONGEST) else {
        let (obstacle, size) = work.look(entry);
        let is_other = obstacle.is_none() && blobs.size(path).is_ok_and(|known| known != size);
        return is_other && pointer().is_none();
    };
    if blobs.name_of(&bytes) == Some(id) {
        return false;
    }
    // A checkout may write line endings of its own.
    if bytes.windows(2).any(|pair| pair == b"\r\n") {
        let mut plain = bytes.clone();
        let mut at = 0;
        plain.retain(|byte| {
            at += 1;
            !(*byte == b'\r' && bytes.get(at) == Some(&b'\n'))
        });
        if blobs.name_of(&plain) == Some(id) {
            return false;
        }
    }
    pointer().is_none_or(|wanted| wanted != hex(&Sha256::digest(&bytes)))
}

/// The digest that a pointer of git LFS holds.
fn pointed(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    text.starts_with("version https://git-lfs.github.com/spec/").then_some(())?;
    text.lines().find_map(|line| line.strip_prefix("oid sha256:")).map(str::to_ascii_lowercase)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
