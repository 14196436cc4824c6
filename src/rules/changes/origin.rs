//! Where a package comes from, in a form in which two trees are compared: what is said of its transport, its
//! revision and its spelling is left out.

use crate::graph::identity;
use crate::graph::indexes::{IndexKind, IndexTable, bare};
use crate::graph::kinds::cargo::LockSource;
use crate::graph::kinds::python::{LockedOrigin, Origin as Asked};

/// Where a package comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// Where everybody looks: crates.io, PyPI.
    Public(&'static str),
    /// Another index or registry, by its bare address.
    Index(String),
    /// A repository, `host/owner/name`.
    Repository(String),
    /// A file at an address, by host and folder.
    File(String),
    /// The tree itself.
    Tree,
}

impl Origin {
    /// Of a locked crate; none where it is not understood.
    pub(super) fn of_crate(source: Option<&str>) -> Option<Self> {
        match identity::lock_source(source) {
            LockSource::Local => Some(Self::Tree),
            LockSource::CratesIo => Some(Self::Public("crates.io")),
            LockSource::Registry(url) => Some(Self::Index(bare(url))),
            LockSource::Git { url, .. } => Some(Self::Repository(repository(url))),
            LockSource::Unknown(_) => None,
        }
    }

    /// Of a locked distribution.
    pub(super) fn of_distribution(origin: &LockedOrigin, indexes: &IndexTable) -> Option<Self> {
        match origin {
            LockedOrigin::PyPi => Some(Self::Public("PyPI")),
            LockedOrigin::Registry(url) => Some(Self::index(url, indexes)),
            LockedOrigin::Vcs { url, .. } => Some(Self::Repository(repository(url))),
            LockedOrigin::Url(url) => Some(Self::file(url)),
            LockedOrigin::Local(_) => Some(Self::Tree),
            LockedOrigin::Unknown(_) => None,
        }
    }

    /// Of a requirement.
    pub(super) fn of_requirement(origin: Option<&Asked>) -> Option<Self> {
        match origin {
            None => Some(Self::Public("PyPI")),
            Some(Asked::Url { url }) => Some(Self::file(&url.value)),
            Some(Asked::Vcs { url, .. }) => Some(Self::Repository(repository(&url.value))),
            Some(Asked::Path { .. } | Asked::Workspace) => Some(Self::Tree),
        }
    }

    /// A Python index.
    pub(super) fn index(url: &str, indexes: &IndexTable) -> Self {
        match indexes.kind(url) {
            kind if kind.is_pypi() => Self::Public("PyPI"),
            IndexKind::Machine => Self::Tree,
            _ => Self::Index(bare(url)),
        }
    }

    fn file(url: &str) -> Self {
        if crate::graph::indexes::is_file_of_pypi(url) {
            return Self::Public("PyPI");
        }
        let bare = bare(url);
        let mut parts = bare.split('/');
        let host = parts.next().unwrap_or("");
        // A file of a release belongs to its repository's owner; elsewhere to the host.
        match (host, parts.next(), parts.next()) {
            ("github.com" | "gitlab.com", Some(owner), Some(name)) => Self::File(format!("{host}/{owner}/{name}")),
            _ => Self::File(host.to_owned()),
        }
    }

    /// Whether a change from one to the other is worth a word: to what everybody looks at or the tree itself is
    /// the usual end of a fork, and is not.
    pub(super) fn is_departure(from: &Self, to: &Self) -> bool {
        from != to && !matches!(to, Self::Public(_) | Self::Tree)
    }

    /// In words, after `from`.
    pub(super) fn say(&self) -> String {
        match self {
            Self::Public(name) => (*name).to_owned(),
            Self::Index(address) => format!("the index {address}"),
            Self::Repository(name) => format!("the repository {name}"),
            Self::File(address) => format!("a file of {address}"),
            Self::Tree => "the tree itself".to_owned(),
        }
    }
}

/// `host/owner/name` of a repository's address, in lower case: `git@github.com:a/b.git`, `ssh://git@github.com/a/b`.
pub(super) fn repository(url: &str) -> String {
    let url = url.trim().trim_start_matches("git+");
    let plain = match url.split_once("://") {
        None => url.replacen(':', "/", 1),
        Some(_) => url.to_owned(),
    };
    let bare = bare(&plain);
    let bare = bare.strip_prefix("git@").unwrap_or(&bare);
    let bare = bare.strip_prefix("www.").unwrap_or(bare);
    bare.strip_suffix(".git").unwrap_or(bare).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_repository_are_one() {
        for url in [
            "https://github.com/Example/Tool",
            "https://github.com/example/tool.git",
            "git@github.com:example/tool.git",
            "ssh://git@github.com/example/tool",
            "git+https://github.com/example/tool",
            "https://www.github.com/example/tool/",
        ] {
            assert_eq!(repository(url), "github.com/example/tool", "{url}");
        }
    }

    #[test]
    fn the_way_back_to_a_public_registry_is_no_departure() {
        let fork = Origin::Repository("github.com/example/tool".to_owned());
        let other = Origin::Repository("github.com/stranger/tool".to_owned());
        let public = Origin::Public("crates.io");
        assert!(Origin::is_departure(&public, &fork) && Origin::is_departure(&fork, &other));
        assert!(!Origin::is_departure(&fork, &public) && !Origin::is_departure(&fork, &fork.clone()));
    }

    #[test]
    fn both_addresses_of_crates_io_are_one() {
        let git = Origin::of_crate(Some("registry+https://github.com/rust-lang/crates.io-index"));
        assert_eq!(git, Origin::of_crate(Some("sparse+https://index.crates.io/")));
        assert_eq!(git, Some(Origin::Public("crates.io")));
    }
}
