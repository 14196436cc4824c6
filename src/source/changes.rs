//! What differs between two trees.

use std::collections::{BTreeMap, BTreeSet};

use super::RepoPath;

/// Files that differ between two trees, told by the digests of their contents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Only in the second tree, and like no file that is gone.
    pub added: BTreeSet<RepoPath>,
    /// Only in the first tree, and like no file that came.
    pub removed: BTreeSet<RepoPath>,
    /// In both, with other content or of another kind.
    pub altered: BTreeSet<RepoPath>,
    /// Where a file is now, to where it was; its content may have changed on the way.
    pub moved: BTreeMap<RepoPath, RepoPath>,
    /// What is passed over as a whole (a link to a folder, a name that is none, a submodule) and is another thing in
    /// the second tree, or only there; as coverage spells it, without `/` at the end.
    pub apart: BTreeSet<String>,
}

impl Changes {
    /// Whether a file of the second tree differs from what the first has in its place.
    #[must_use]
    pub fn touches(&self, path: &RepoPath) -> bool {
        self.added.contains(path) || self.altered.contains(path) || self.moved.contains_key(path)
    }

    /// How many files differ.
    #[must_use]
    pub fn count(&self) -> usize {
        self.added.len() + self.removed.len() + self.altered.len() + self.moved.len() + self.apart.len()
    }
}
