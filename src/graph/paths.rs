//! The paths of a tree, asked as a build asks them: is it a file, is it a folder, what matches.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::members::glob;
use crate::source::RepoPath;

/// Paths looked at for all patterns of one tree; patterns over large folders by the thousand stop there.
const MAX_LOOKED_AT: usize = 1_000_000;

/// All files of a tree, by path.
#[derive(Debug)]
pub(super) struct Paths<'a> {
    files: &'a BTreeSet<RepoPath>,
    left: Cell<usize>,
}

impl<'a> Paths<'a> {
    pub(super) fn new(files: &'a BTreeSet<RepoPath>) -> Self {
        Self { files, left: Cell::new(MAX_LOOKED_AT) }
    }

    pub(super) fn is_file(&self, path: &RepoPath) -> bool {
        self.files.contains(path)
    }

    /// Whether files lie below it. The root is always a folder.
    pub(super) fn is_folder(&self, path: &RepoPath) -> bool {
        path.is_root() || self.below(path).next().is_some()
    }

    pub(super) fn has(&self, path: &RepoPath) -> bool {
        self.is_file(path) || self.is_folder(path)
    }

    /// Files below a folder, in order.
    pub(super) fn below(&self, folder: &RepoPath) -> impl Iterator<Item = &'a RepoPath> {
        // `a/` and a lowest name: `a-b` stands before `a/b` in the order.
        let first = folder.child("\0").unwrap_or_default();
        let folder = folder.clone();
        self.files.range(first..).take_while(move |path| path.is_under(&folder))
    }

    /// Files that a pattern of `COPY` or a shell names, relative to a folder.
    pub(super) fn matching(&self, folder: &RepoPath, pattern: &str) -> Vec<RepoPath> {
        let plain: Vec<&str> = pattern.split('/').take_while(|part| !is_pattern(part)).collect();
        let Some(base) = folder.join(&plain.join("/")) else { return Vec::new() };
        let rest: Vec<&str> = pattern.split('/').skip(plain.len()).collect();
        let rest = rest.join("/");
        let mut out = Vec::new();
        for path in self.below(&base) {
            let Some(left) = self.left.get().checked_sub(1) else { break };
            self.left.set(left);
            let below = path.as_str().strip_prefix(base.as_str()).unwrap_or("").trim_start_matches('/');
            if glob(&rest, below) {
                out.push(path.clone());
            }
        }
        out
    }
}

/// Whether a part of a path stands for several names.
pub(super) fn is_pattern(part: &str) -> bool {
    part.contains(['*', '?', '['])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_patterns_are_told_from_names_alike() {
        let files: BTreeSet<RepoPath> =
            ["a-b/x.txt", "a/r1.txt", "a/s/r2.txt", "r.txt"].iter().filter_map(|p| RepoPath::new(p)).collect();
        let paths = Paths::new(&files);
        let path = |text: &str| RepoPath::new(text).unwrap();
        assert!(paths.is_folder(&path("a")) && paths.is_folder(&path("a-b")) && !paths.is_folder(&path("a/r1.txt")));
        assert!(!paths.is_folder(&path("b")) && paths.has(&path("r.txt")) && paths.is_folder(&path("")));
        let found = |folder: &str, pattern: &str| {
            paths.matching(&path(folder), pattern).iter().map(|p| p.as_str().to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(found("", "*.txt"), "r.txt");
        assert_eq!(found("a", "r*.txt"), "a/r1.txt");
        assert_eq!(found("", "a/*/*.txt"), "a/s/r2.txt");
        assert_eq!(found("", "../*"), "");
    }
}
