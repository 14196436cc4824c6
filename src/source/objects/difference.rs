//! What differs between two trees: by the names of their blobs, and what only moved.

use std::collections::{BTreeMap, BTreeSet};

use super::Oid;
use super::listing::{Blobs, Content, Leaf};
use super::similar;
use crate::source::RepoPath;
use crate::source::changes::Changes;
use crate::source::tree::Tree;

/// What stands at a path, to be compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Mark {
    /// A blob.
    Blob(Oid, Content),
    /// A link: its text, and what is read through it. What lies behind it can change without it.
    Link(Oid, Result<Oid, String>),
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
    let left: BTreeSet<&RepoPath> = changes.moved.values().collect();
    changes.removed = gone.iter().filter(|(path, _)| !left.contains(path)).map(|(path, _)| (*path).clone()).collect();
    let arrived = came.iter().filter(|(path, _)| !changes.moved.contains_key(path));
    changes.added = arrived.map(|(path, _)| (*path).clone()).collect();
    changes.apart = apart(base, head, &changes);
    changes
}

/// What both trees pass over as a whole and is another thing in the second.
fn apart(base: &Tree, head: &Tree, changes: &Changes) -> BTreeSet<String> {
    let Some(now) = head.blobs() else { return BTreeSet::new() };
    let was = base.blobs().map(Blobs::apart);
    let is_known = |one: &(String, Oid)| was.is_some_and(|was| was.contains(one));
    let mut out: BTreeSet<String> =
        now.apart().iter().filter(|one| !is_known(one)).map(|(path, _)| path.clone()).collect();
    // Nothing is read by the name of a link to a folder: it is another thing once something in that folder is.
    let files = changes.added.iter().chain(&changes.removed).chain(&changes.altered);
    let files = files.chain(changes.moved.keys()).chain(changes.moved.values());
    let touched: BTreeSet<&str> = files.map(RepoPath::as_str).collect();
    for (link, folder) in now.folder_links() {
        let below = format!("{folder}/");
        let is_touched = match folder.is_root() {
            true => !touched.is_empty(),
            false => touched.range(below.as_str()..).next().is_some_and(|path| path.starts_with(&below)),
        };
        if is_touched {
            out.insert(link.as_str().to_owned());
        }
    }
    out
}

fn marks(tree: &Tree, kind: Option<Oid>) -> BTreeMap<&RepoPath, Mark> {
    if let Some(blobs) = tree.blobs() {
        let mark = |leaf: &Leaf| match leaf.content {
            Content::Link => Mark::Link(leaf.id, blobs.blob(&leaf.path)),
            content => Mark::Blob(leaf.id, content),
        };
        return blobs.leaves().iter().map(|leaf| (&leaf.path, mark(leaf))).collect();
    }
    let hashed = |path: &RepoPath| {
        let bytes = tree.read(path)?;
        let named = kind.map_or_else(|| Oid::of_content(gix_hash::Kind::Sha1, &bytes), |kind| kind.of_blob(&bytes));
        named.map(|id| Mark::Blob(id, Content::File)).ok_or_else(|| "its content has no name".to_owned())
    };
    tree.entries.iter().map(|entry| (&entry.path, hashed(&entry.path).unwrap_or_else(Mark::Unread))).collect()
}
