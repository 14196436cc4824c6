//! Where a policy stands: one of four places of the tree, or a file that one of them inherits from.

use super::words::{only, text};
use crate::parse::Problem;
use crate::parse::toml::Table;
use crate::source::{RepoPath, Span, Spanned};

/// Where the declarations of a tree stand. The first in this order is in force; others are mistakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Home {
    /// `custody.toml`.
    #[default]
    Root,
    /// `.github/custody.toml`.
    GitHub,
    /// `[workspace.metadata.custody]` of the root's `Cargo.toml`.
    Workspace,
    /// `[package.metadata.custody]` of it.
    Package,
    /// `[tool.custody]` of the root's `pyproject.toml`.
    Project,
    /// A file that `extends` names, or one from outside of the tree.
    Inherited,
}

impl Home {
    /// The home of a file that holds nothing else.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        match path {
            super::FILE => Self::Root,
            super::GITHUB_FILE => Self::GitHub,
            _ => Self::Inherited,
        }
    }

    /// How it is spoken of.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Root => super::FILE,
            Self::GitHub => super::GITHUB_FILE,
            Self::Workspace => "[workspace.metadata.custody] of Cargo.toml",
            Self::Package => "[package.metadata.custody] of Cargo.toml",
            Self::Project => "[tool.custody] of pyproject.toml",
            Self::Inherited => "the inherited file",
        }
    }
}

/// `extends`: a file whose policy holds as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extends {
    /// `path`, from the root of the tree.
    pub path: Spanned<String>,
    /// `sha256` of the file, 64 hexadecimal digits in lower case.
    pub sha256: Spanned<String>,
    /// The whole value.
    pub span: Span,
}

/// Keys of `extends`.
pub(super) const KEYS: &[&str] = &["path", "sha256"];

/// Reads `extends`.
pub(super) fn extends(table: &Table, span: Span, problems: &mut Vec<Problem>) -> Option<Extends> {
    only(table, "`extends`", KEYS, problems);
    let before = problems.len();
    for key in KEYS {
        if table.get(key).is_none() {
            problems.push(Problem::new(span, format!("`extends` without `{key}`")));
        }
    }
    let (path, sum) = (text(table, "path", problems), text(table, "sha256", problems));
    if let Some(path) = &path {
        let is_inside = RepoPath::new(path.as_str()).is_some_and(|inside| inside.as_str() == path.value);
        if !is_inside || Home::of_path(path.as_str()) != Home::Inherited || path.as_str().ends_with("Cargo.toml") {
            let why = "`path` is a file of the tree that holds nothing but a policy, from the root; a file outside is \
                       named by `--policy`";
            problems.push(Problem::new(path.span, why));
        }
    }
    if let Some(sum) = sum.as_ref().filter(|s| s.value.len() != 64 || !s.value.bytes().all(|b| b.is_ascii_hexdigit())) {
        problems.push(Problem::new(sum.span, "`sha256` is the file's digest, 64 hexadecimal digits"));
    }
    if problems.len() > before {
        return None;
    }
    Some(Extends { path: path?, sha256: sum?.map(|sum| sum.to_ascii_lowercase()), span })
}
