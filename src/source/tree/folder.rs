//! A tree as a folder of files, for what reads folders of any kind.

use super::Tree;
use crate::source::Bytes;
use crate::source::Folder;
use crate::source::RepoPath;

/// The files of a tree.
#[derive(Debug)]
pub struct TreeFolder<'t> {
    tree: &'t Tree,
    paths: Vec<String>,
}

impl<'t> TreeFolder<'t> {
    /// All files of a tree.
    #[must_use]
    pub fn of(tree: &'t Tree) -> Self {
        Self { tree, paths: tree.entries.iter().map(|entry| entry.path.as_str().to_owned()).collect() }
    }

    /// The tree itself.
    #[must_use]
    pub fn tree(&self) -> &'t Tree {
        self.tree
    }

    /// Files of a tree that are opened by their names and not listed.
    #[must_use]
    pub fn unlisted(tree: &'t Tree) -> Self {
        Self { tree, paths: Vec::new() }
    }
}

impl Folder for TreeFolder<'_> {
    fn files(&self) -> &[String] {
        &self.paths
    }

    fn open(&self, path: &str) -> Result<Box<dyn Bytes + '_>, String> {
        let path = RepoPath::new(path).ok_or_else(|| "it is no path of the tree".to_owned())?;
        self.tree.open(&path)
    }
}
