//! Paths inside the audited tree.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A path relative to the root of the tree, with `/` between its parts, never absolute, never
/// leaving the root. The empty path is the root itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RepoPath(String);

impl RepoPath {
    /// Normalises `.` and `..`; `None` for an absolute path or one that leaves the tree.
    #[must_use]
    pub fn new(path: &str) -> Option<Self> {
        Self::default().join(path)
    }

    /// `self` read as a folder, and `path` from there; `None` where that leaves the tree.
    #[must_use]
    pub fn join(&self, path: &str) -> Option<Self> {
        if path.starts_with('/') || path.as_bytes().get(1) == Some(&b':') {
            return None;
        }
        let mut parts: Vec<&str> = self.0.split('/').filter(|p| !p.is_empty()).collect();
        for part in path.split(['/', '\\']) {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop()?;
                }
                part => parts.push(part),
            }
        }
        Some(Self(parts.join("/")))
    }

    /// A child of a folder, by a name as a folder's listing gives it; `None` where that is no name
    /// of one part.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<Self> {
        if name.is_empty() || name == "." || name == ".." || name.contains(['/', '\\']) {
            return None;
        }
        let mut path = String::with_capacity(self.0.len() + name.len() + 1);
        path.push_str(&self.0);
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(name);
        Some(Self(path))
    }

    /// The path as git prints it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path as a word of a command: in quotes where a blank or a sign of the shell stands in it.
    #[must_use]
    pub fn shell_word(&self) -> String {
        let is_plain = |c: char| c.is_alphanumeric() || "/._-+@:,=%".contains(c);
        if self.0.chars().all(is_plain) && !self.0.starts_with('-') {
            return self.0.clone();
        }
        let before = if self.0.starts_with('-') { "./" } else { "" };
        format!("'{before}{}'", self.0.replace('\'', "'\\''"))
    }

    /// The last part; empty for the root.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or("")
    }

    /// The folder the path stands in.
    #[must_use]
    pub fn parent(&self) -> Self {
        Self(self.0.rsplit_once('/').map_or_else(String::new, |(dir, _)| dir.to_owned()))
    }

    /// Parts from the root on.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|p| !p.is_empty())
    }

    /// Whether the path is `folder` or lies below it.
    #[must_use]
    pub fn is_under(&self, folder: &RepoPath) -> bool {
        folder.0.is_empty()
            || self.0 == folder.0
            || self.0.strip_prefix(&folder.0).is_some_and(|rest| rest.starts_with('/'))
    }

    /// Whether this is the root.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_of_a_command() {
        for (path, word) in [
            ("crates/a_b/Cargo.toml", "crates/a_b/Cargo.toml"),
            ("nemo/LLM as a Judge", "'nemo/LLM as a Judge'"),
            ("it's", "'it'\\''s'"),
            ("$(touch x)", "'$(touch x)'"),
            ("-rf", "'./-rf'"),
        ] {
            assert_eq!(RepoPath::new(path).unwrap().shell_word(), word);
        }
    }

    #[test]
    fn a_path_never_leaves_the_tree() {
        for bad in ["/etc/passwd", "../x", "a/../../x", "C:\\x"] {
            assert_eq!(RepoPath::new(bad), None, "{bad}");
        }
        let folder = RepoPath::new("./a//b/").unwrap();
        assert_eq!(folder.as_str(), "a/b");
        assert_eq!(folder.join("../c").unwrap().as_str(), "a/c");
        assert!(folder.is_under(&RepoPath::new("a").unwrap()));
        assert!(!RepoPath::new("ab").unwrap().is_under(&RepoPath::new("a").unwrap()));
    }
}
