//! What differs between two trees: by the names of their blobs, and what only moved.

use std::collections::BTreeMap;

use super::Oid;
use super::listing::Content;
use super::similar;
use crate::source::RepoPath;
use crate::source::changes::Changes;
use crate::source::tree::Tree;

/// What stands at a path, to be compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Mark {
    /// A blob.
    Blob(Oid, Content),
    /// Something that is not read, and why.
    Unread(String),
}

impl Mark {
    /// The blob of a file, not of a link.
    pub(super) fn file(&self) -> Option<Oid> {
        match self {
            Self::Blob(id, Content::File | Content::Program) => Some(*id),
            _ => None,
        }
    }
}

/// What `head` has that `base` has not, and the other way round. Trees that are not made of objects
/// are compared by what they hold. Files that moved are found as git finds them: the same content
/// first, then files of which at least half is the same.
#[must_use]
pub fn changes(base: &Tree, head: &Tree) -> Changes {
    // Names of one kind, so that both sides can be compared.
    let kind = base.blobs().or(head.blobs()).and_then(|blobs| blobs.name_of(b""));
    let (before, after) = (marks(base, kind), marks(head, kind));
    let mut changes = Changes::default();
    let mut gone: Vec<(&RepoPath, &Mark)> = Vec::new();
    let mut came: Vec<(&RepoPath, &Mark)> = Vec::new();
    for (path, mark) in &before {
        match after.get(path) {
            None => gone.push((path, mark)),
            Some(now) if now != mark => {
                changes.altered.insert((*path).clone());
            }
            Some(_) => {}
        }
    }
    came.extend(after.iter().filter(|(path, _)| !before.contains_key(*path)).map(|(path, mark)| (*path, mark)));
    for (now, was) in similar::moved(&gone, &came, base, head) {
        changes.moved.insert(now, was);
    }
    let left: std::collections::BTreeSet<&RepoPath> = changes.moved.values().collect();
    changes.removed = gone.iter().filter(|(path, _)| !left.contains(path)).map(|(path, _)| (*path).clone()).collect();
    let arrived = came.iter().filter(|(path, _)| !changes.moved.contains_key(path));
    changes.added = arrived.map(|(path, _)| (*path).clone()).collect();
    changes
}

fn marks(tree: &Tree, kind: Option<Oid>) -> BTreeMap<&RepoPath, Mark> {
    if let Some(blobs) = tree.blobs() {
        return blobs.leaves().iter().map(|leaf| (&leaf.path, Mark::Blob(leaf.id, leaf.content))).collect();
    }
    let hashed = |path: &RepoPath| {
        let bytes = tree.read(path)?;
        let named = kind.map_or_else(|| Oid::of_content(gix_hash::Kind::Sha1, &bytes), |kind| kind.of_blob(&bytes));
        named.map(|id| Mark::Blob(id, Content::File)).ok_or_else(|| "its content has no name".to_owned())
    };
    tree.entries.iter().map(|entry| (&entry.path, hashed(&entry.path).unwrap_or_else(Mark::Unread))).collect()
}
