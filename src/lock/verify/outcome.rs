//! What verifying gave.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::lock::cache::{Layout, State, Stored};
use crate::lock::{Digest, Entry, FileDigest, Key};

/// What verifying a lock gave.
#[derive(Debug, Default)]
pub struct Verified {
    /// The entries that were looked for, in the lock's order.
    pub entries: Vec<Checked>,
    /// Places that could not be looked at, and why.
    pub unread: Vec<(PathBuf, String)>,
    /// Repositories of caches that no entry is about, by the names they have there.
    pub unlocked: Vec<String>,
    /// Files whose digests an earlier run had found.
    pub remembered: usize,
    /// Whether it ended before its end.
    pub is_stopped: bool,
}

/// An entry and its copies.
#[derive(Debug)]
pub struct Checked {
    /// Which.
    pub key: Key,
    /// The commit that is locked.
    pub revision: Option<String>,
    /// Files that are locked.
    pub files: usize,
    /// Its copies, in the order of their places.
    pub copies: Vec<Looked>,
}

/// A copy of an entry.
#[derive(Debug)]
pub struct Looked {
    /// How it is laid out.
    pub layout: Layout,
    /// Where it lies.
    pub place: PathBuf,
    /// Its commit, where something says it.
    pub revision: Option<String>,
    /// Files that are what the lock says.
    pub matched: usize,
    /// Bytes of these.
    pub bytes: u64,
    /// Files of the lock that are not there.
    pub missing: Vec<String>,
    /// What is wrong with files, or could not be looked at, in the order of paths.
    pub troubles: Vec<Trouble>,
    /// Commits beside the locked one that are there.
    pub others: Vec<String>,
    /// Where the branch that is asked for leads, if that is not the locked commit.
    pub moved: Option<Moved>,
    /// Whether nothing of the entry is there.
    pub is_empty: bool,
    /// Paths that are told already, and are not missing.
    pub(super) told: BTreeSet<String>,
}

/// A branch that leads elsewhere than the lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The branch or tag that a loader takes.
    pub branch: String,
    /// The commit it leads to.
    pub to: String,
    /// Whether files of that commit are there.
    pub is_there: bool,
    /// Whether anything loads by the branch: not where every caller names the commit.
    pub matters: bool,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The file.
    pub path: String,
    /// What.
    pub what: What,
}

/// What can be wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It is not what the lock says.
    Differs {
        /// What the lock says.
        expected: FileDigest,
        /// What it is; none where its size told already.
        found: Option<Digest>,
        /// Its size.
        size: u64,
        /// The file of the lock whose content it is.
        is_of: Option<String>,
    },
    /// The lock does not list it.
    Extra,
    /// A link that leads out of the repository.
    LeadsOut {
        /// Where to.
        to: String,
    },
    /// The cache says that the hub does not have it, which a loader believes.
    Denied,
    /// A pointer of git LFS lies there in place of what is locked, which was not fetched.
    Pointer,
    /// A pointer of git LFS to something else than what is locked.
    PointsElsewhere {
        /// The content it stands for.
        to: Digest,
    },
    /// It could not be looked at.
    Unread {
        /// Why.
        why: String,
    },
}

impl What {
    /// Whether it fails, and not only hides whether something is right.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        !matches!(self, Self::Pointer | Self::Unread { .. })
    }

    /// As the JSON spells it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Differs { .. } => "differs",
            Self::Extra => "extra",
            Self::LeadsOut { .. } => "leads-out",
            Self::Denied => "denied",
            Self::Pointer => "pointer",
            Self::PointsElsewhere { .. } => "points-elsewhere",
            Self::Unread { .. } => "unread",
        }
    }
}

/// What is said of an entry; the gravest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// All that is here is what the lock says.
    Match,
    /// Nothing of it is here.
    Absent,
    /// Something could not be looked at.
    Unread,
    /// Something is not what the lock says.
    Differs,
}

impl Standing {
    /// As the JSON spells it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Absent => "absent",
            Self::Unread => "unread",
            Self::Differs => "differs",
        }
    }
}

/// What counts beside what is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Demand {
    /// Files of the lock that are missing fail.
    pub complete: bool,
    /// Entries of which nothing is here pass.
    pub present_only: bool,
}

impl Verified {
    /// 1 where something is not what the lock says, 3 where something could not be looked at or is not here, else 0.
    #[must_use]
    pub fn exit_code(&self, demand: Demand) -> u8 {
        let gravest = self.entries.iter().map(|entry| entry.standing(demand)).max().unwrap_or(Standing::Match);
        match gravest {
            Standing::Differs => 1,
            Standing::Unread => 3,
            Standing::Absent if !demand.present_only => 3,
            _ if self.is_stopped || !self.unread.is_empty() => 3,
            Standing::Absent | Standing::Match => 0,
        }
    }

    /// Whether a branch leads elsewhere than the lock.
    #[must_use]
    pub fn has_moved(&self) -> bool {
        self.entries.iter().any(|entry| entry.copies.iter().any(|copy| copy.moved.is_some()))
    }

    /// Takes entries that every caller asks for by the locked commit: where a branch leads does not matter to them.
    pub fn pass_pinned(&mut self, pinned: &BTreeSet<Key>) {
        let entries = self.entries.iter_mut().filter(|entry| pinned.contains(&entry.key));
        for moved in entries.flat_map(|entry| &mut entry.copies).filter_map(|copy| copy.moved.as_mut()) {
            moved.matters = false;
        }
    }

    /// Puts everything in order.
    pub(super) fn finish(&mut self) {
        for copy in self.entries.iter_mut().flat_map(|entry| &mut entry.copies) {
            copy.troubles.sort_by(|a, b| a.path.cmp(&b.path));
            copy.missing.sort_unstable();
        }
    }
}

impl Checked {
    /// Whether something of it could not be looked at.
    #[must_use]
    pub fn has_unread(&self) -> bool {
        let mut troubles = self.copies.iter().flat_map(|copy| &copy.troubles);
        troubles.any(|trouble| !trouble.what.is_failure())
    }

    /// What is said of the entry.
    #[must_use]
    pub fn standing(&self, demand: Demand) -> Standing {
        let of_copies = self.copies.iter().map(|copy| copy.standing(demand));
        // A copy in which nothing is takes nothing from one that is right.
        of_copies
            .max_by_key(|standing| match standing {
                Standing::Absent => 0,
                Standing::Match => 1,
                Standing::Unread => 2,
                Standing::Differs => 3,
            })
            .unwrap_or(Standing::Absent)
    }

    pub(super) fn new(key: &Key, entry: &Entry) -> Self {
        Self { key: key.clone(), revision: entry.revision.clone(), files: entry.files.len(), copies: Vec::new() }
    }
}

impl Looked {
    /// What is said of the copy.
    #[must_use]
    pub fn standing(&self, demand: Demand) -> Standing {
        let fails = self.troubles.iter().any(|trouble| trouble.what.is_failure());
        let is_moved = self.moved.as_ref().is_some_and(|moved| moved.matters);
        match () {
            () if fails || is_moved || (demand.complete && !self.is_empty && !self.missing.is_empty()) => {
                Standing::Differs
            }
            () if !self.troubles.is_empty() => Standing::Unread,
            () if self.is_empty => Standing::Absent,
            () => Standing::Match,
        }
    }

    pub(super) fn new(stored: &Stored, state: Option<&State>) -> Self {
        let mut troubles: Vec<Trouble> = Vec::new();
        for (path, why) in &stored.unread {
            troubles.push(Trouble { path: path.clone(), what: What::Unread { why: why.clone() } });
        }
        Self {
            layout: stored.layout,
            place: state.map_or_else(|| stored.root.clone(), |state| state.root.clone()),
            revision: state.and_then(|state| state.revision.clone()),
            matched: 0,
            bytes: 0,
            missing: Vec::new(),
            troubles,
            others: Vec::new(),
            moved: None,
            is_empty: false,
            told: BTreeSet::new(),
        }
    }

    pub(super) fn miss(&mut self, path: &str) {
        if !self.told.contains(path) {
            self.missing.push(path.to_owned());
        }
    }
}
