//! What hubs and servers say.

use crate::advisory::Date;

/// What kind of repository of a hub a name is of: each kind has names of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RepoKind {
    /// Models, tokenizers and adapters.
    Model,
    /// Data sets.
    Dataset,
    /// Kernels.
    Kernel,
}

impl RepoKind {
    /// The kind as addresses of the hub's API spell it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Model => "models",
            Self::Dataset => "datasets",
            Self::Kernel => "kernels",
        }
    }
}

/// Whether a hub gives what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum HubState {
    /// It does.
    #[default]
    Open,
    /// It has no such name, or does not show it to strangers. It does not tell these apart.
    AbsentOrPrivate,
    /// It has the name, and no such branch, tag or commit of it.
    NoRevision,
    /// It asks for a login and a consent.
    Closed,
}

impl HubState {
    /// The reason why nothing can be had, as a sentence fragment.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Self::Open => "the hub answers nothing",
            Self::AbsentOrPrivate => "the hub has no such name, or does not show it without a login",
            Self::NoRevision => "the hub has no such revision of it",
            Self::Closed => "the hub asks for a login before it gives its files",
        }
    }
}

/// What a hub says of a name at a branch, tag or commit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HubRevisionFacts {
    /// Whether it gives it.
    pub state: HubState,
    /// The name as the hub spells it now: a repository may have been moved to another owner.
    pub name: String,
    /// The commit, 40 hexadecimal digits; none unless it is open.
    pub commit: Option<String>,
    /// Licence, as its card spells it.
    pub licence: Option<String>,
    /// Whether its files are given to those alone who have agreed to something.
    pub gated: bool,
    /// The day it was asked.
    pub as_of: Option<Date>,
}

/// A file of a repository at a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubFile {
    /// Its path.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// The SHA-256 of its content: of a large file what the hub says, of a small one what was fetched and compared with
    /// its name in git.
    pub sha256: Option<[u8; 32]>,
    /// The name that git gives its content, 40 hexadecimal digits; none for a file of large file storage.
    pub blob: Option<String>,
    /// Why its SHA-256 cannot be told.
    pub missing: Option<String>,
}

/// The files of a repository at a commit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HubFilesFacts {
    /// Every file, by path.
    pub files: Vec<HubFile>,
    /// The day it was asked.
    pub as_of: Option<Date>,
}

/// What an address holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentFacts {
    /// The SHA-256 of its content.
    pub sha256: [u8; 32],
    /// Bytes.
    pub size: u64,
    /// The day it was asked.
    pub as_of: Option<Date>,
}
