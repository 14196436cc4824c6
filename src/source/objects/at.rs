//! One file through the history: what it was in a commit, and in those before it.

use std::collections::{BinaryHeap, HashSet};

use gix_object::tree::EntryKind;
use gix_object::{Kind, TreeRefIter};

use super::{ObjectError, Oid, Repository};
use crate::source::RepoPath;

/// Most bytes of one tree object on the way to a file.
const TREE: u64 = 64 << 20;
/// Commits that are looked at.
const COMMITS: usize = 500_000;

/// A state of a file, and the commit that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileState {
    /// The commit.
    pub commit: Oid,
    /// The blob; none where the commit has no such file.
    pub blob: Option<Oid>,
}

/// The states of a file, the newest first. Commits that hold the same state in a row are told once, the oldest.
#[derive(Debug)]
pub struct FileHistory<'r> {
    repository: &'r Repository,
    path: RepoPath,
    waiting: BinaryHeap<(i64, Oid)>,
    seen: HashSet<Oid>,
    held: Option<FileState>,
    /// Why the history ended early, where it did: a shallow clone, a damaged object.
    pub cut: Option<String>,
}

impl Repository {
    /// The blob of a file in a commit; none where the commit has no such file. Links are not followed.
    ///
    /// # Errors
    /// Where the commit or a tree on the way cannot be read.
    pub fn blob_at(&self, commit: &Oid, path: &RepoPath) -> Result<Option<Oid>, ObjectError> {
        let mut id = self.commit(commit)?.tree;
        let mut parts = path.as_str().split('/').peekable();
        while let Some(part) = parts.next() {
            let found = self.store.read(&id, TREE)?;
            if found.kind != Kind::Tree {
                return Err(ObjectError::Kind { id, wanted: "tree" });
            }
            let mut entries = TreeRefIter::from_bytes(&found.bytes, self.layout.hash);
            let entry = entries.find_map(|entry| {
                let entry = entry.ok()?;
                (entry.filename == part.as_bytes()).then(|| (entry.mode.kind(), Oid::new(entry.oid.to_owned())))
            });
            match (entry, parts.peek()) {
                (Some((EntryKind::Tree, next)), Some(_)) => id = next,
                (Some((EntryKind::Blob | EntryKind::BlobExecutable, blob)), None) => return Ok(Some(blob)),
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The bytes of a blob, no more than so many.
    ///
    /// # Errors
    /// Where it is not here, is no blob or is larger.
    pub fn blob(&self, id: &Oid, limit: u64) -> Result<Vec<u8>, ObjectError> {
        let found = self.store.read(id, limit)?;
        if found.kind != Kind::Blob {
            return Err(ObjectError::Kind { id: *id, wanted: "blob" });
        }
        Ok(found.bytes.to_vec())
    }

    /// The states of a file from a commit back.
    #[must_use]
    pub fn history_of(&self, from: &Oid, path: &RepoPath) -> FileHistory<'_> {
        FileHistory {
            repository: self,
            path: path.clone(),
            waiting: BinaryHeap::from([(i64::MAX, *from)]),
            seen: HashSet::from([*from]),
            held: None,
            cut: None,
        }
    }
}

impl Iterator for FileHistory<'_> {
    type Item = FileState;

    fn next(&mut self) -> Option<FileState> {
        while let Some((_, id)) = self.waiting.pop() {
            let read = self.repository.commit(&id).and_then(|commit| {
                let blob = self.repository.blob_at(&id, &self.path)?;
                Ok((commit, blob))
            });
            let (commit, blob) = match read {
                Ok(read) => read,
                Err(error) => {
                    self.cut.get_or_insert(error.to_string());
                    continue;
                }
            };
            if !commit.cut.is_empty() {
                self.cut.get_or_insert("the clone is shallow, and what came before is not in it".to_owned());
            }
            for parent in commit.parents {
                if self.seen.len() >= COMMITS {
                    self.cut.get_or_insert(format!("more than {COMMITS} commits are not looked at"));
                } else if self.seen.insert(parent) {
                    let seconds = self.repository.commit(&parent).map_or(i64::MIN, |parent| parent.seconds);
                    self.waiting.push((seconds, parent));
                }
            }
            let state = FileState { commit: id, blob };
            match self.held.replace(state) {
                Some(held) if held.blob != blob => return Some(held),
                _ => {}
            }
        }
        self.held.take()
    }
}
