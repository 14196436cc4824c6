//! Git objects as trees: what a commit holds, and what a commit would hold now.
//!
//! Blobs are read as they were committed: no filter, no line ending, no large file store changes
//! them. The repository is opened on its own: no configuration but its hash counts, replacements,
//! grafts and alternates are not honoured, nothing is fetched and no program is started. The
//! commit-graph and multi-pack indices are not read either; what they say stands in the objects.
//!
//! Objects are not checked against their names, as git itself does not when it reads packs.

mod ancestry;
mod at;
mod cache;
mod changed;
mod commit;
mod delta;
mod difference;
mod id;
mod items;
mod layout;
mod links;
pub(in crate::source) mod listing;
mod loose;
mod mapped;
mod names;
mod pack;
mod refs;
mod revision;
mod similar;
mod staged;
mod store;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use ancestry::MergeBase;
pub use at::{FileHistory, FileState};
pub use changed::changed;
pub use commit::Commit;
pub use difference::changes;
pub use id::Oid;
pub use items::{Item, ItemKind, Items};
pub use names::{NameKind, Named, Reference};
pub use revision::RevisionError;

use super::RepoPath;
use super::tree::{Limits, Tree};
use layout::Layout;
use loose::Loose;
use mapped::Origin;
use refs::Refs;
use store::Store;

/// Why objects cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObjectError {
    /// There is no repository, or none that can be read.
    #[error("open the git repository at `{path}`: {why}")]
    Open {
        /// What was asked for.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// The object is not here.
    #[error("object {} is not in this clone: {hint}", .id.short())]
    Missing {
        /// The object.
        id: Oid,
        /// Why it is not, as far as can be told.
        hint: String,
    },
    /// The object is here and cannot be decoded.
    #[error("object {} cannot be read: {why}", .id.short())]
    Damaged {
        /// The object.
        id: Oid,
        /// What is wrong with it.
        why: String,
    },
    /// The object has more bytes than are read.
    #[error("object {} has {bytes} bytes, over the limit of {limit}", .id.short())]
    TooLarge {
        /// The object.
        id: Oid,
        /// What it has.
        bytes: u64,
        /// What is read.
        limit: u64,
    },
    /// The object is of another kind.
    #[error("object {} is no {wanted}", .id.short())]
    Kind {
        /// The object.
        id: Oid,
        /// What was asked for.
        wanted: &'static str,
    },
    /// The index file cannot be read.
    #[error("{why}")]
    Index {
        /// What is wrong with it.
        why: String,
    },
    /// A folder that is to be audited alone is not in the commit.
    #[error("there is no folder `{path}` in {}", .id.short())]
    NoFolder {
        /// The folder.
        path: RepoPath,
        /// The commit.
        id: Oid,
    },
    /// The history or its packs are built to cost more than an audit spends.
    #[error("the objects of this repository ask for more work than an audit does")]
    Exhausted,
}

/// A git repository, opened on its own.
#[derive(Debug)]
pub struct Repository {
    name: String,
    layout: Layout,
    store: Store,
    refs: Refs,
    shallow: HashSet<Oid>,
}

impl Repository {
    /// Opens the repository of a work tree, which has a `.git` (a folder, or a file that names one),
    /// or a bare one.
    ///
    /// # Errors
    /// Where there is no repository, or one of a format that is not known.
    pub fn open(root: &Path) -> Result<Self, ObjectError> {
        let layout = layout::find(root).map_err(|why| ObjectError::Open { path: root.display().to_string(), why })?;
        let store = Store::open(layout.common.join("objects"), layout.hash, store::WORK);
        Ok(Self::with(root, layout, store))
    }

    /// The same, for reading many commits: it may cost `times` as much.
    ///
    /// # Errors
    /// As [`Repository::open`].
    pub fn open_for(root: &Path, times: u64) -> Result<Self, ObjectError> {
        let layout = layout::find(root).map_err(|why| ObjectError::Open { path: root.display().to_string(), why })?;
        let store = Store::open(layout.common.join("objects"), layout.hash, store::WORK.saturating_mul(times));
        Ok(Self::with(root, layout, store))
    }

    /// A repository in memory, with SHA-1 names and without references: loose objects as the bytes of
    /// their files, and packs as the bytes of an index and a pack.
    #[must_use]
    pub fn from_memory(name: &str, loose: BTreeMap<Oid, Vec<u8>>, packs: Vec<(Vec<u8>, Vec<u8>)>) -> Self {
        let hash = gix_hash::Kind::Sha1;
        let packs = packs.into_iter().map(|(index, pack)| Origin::Memory(index, pack));
        Self {
            name: name.to_owned(),
            layout: Layout { own: PathBuf::new(), common: PathBuf::new(), hash, has_reftable: false },
            store: Store::of(Loose::Held(loose), packs, hash, store::MEMORY_WORK),
            refs: Refs::none(),
            shallow: HashSet::new(),
        }
    }

    fn with(root: &Path, layout: Layout, store: Store) -> Self {
        let absolute = root.canonicalize().unwrap_or_else(|_| PathBuf::from(root));
        let name = absolute.file_name().map_or_else(|| "/".to_owned(), |name| name.to_string_lossy().into_owned());
        let name = name.strip_suffix(".git").filter(|name| !name.is_empty()).unwrap_or(&name).to_owned();
        let refs = Refs::of(&layout);
        let shallow = layout::shallow(&layout.common);
        Self { name, layout, store, refs, shallow }
    }

    /// Whether the clone lacks history.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        !self.shallow.is_empty()
    }

    /// Whether an object is here.
    #[must_use]
    pub fn holds(&self, id: &Oid) -> bool {
        self.store.holds(id)
    }

    /// The tree of a commit; below `prefix` alone where that is not the root.
    ///
    /// # Errors
    /// Where the commit or its outermost tree cannot be read, or `prefix` is no folder of it. A part
    /// that cannot be read is passed over, and the tree says so.
    pub fn tree(self: &Arc<Self>, commit: &Oid, prefix: &RepoPath, limits: Limits) -> Result<Tree, ObjectError> {
        listing::of_commit(self, commit, prefix, limits)
    }

    /// The tree that `git commit` would record now: what the index names, not what lies in the work
    /// tree. `index` is another index file than the repository's own, as a hook is told of one.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub fn staged(
        self: &Arc<Self>,
        index: Option<&Path>,
        prefix: &RepoPath,
        limits: Limits,
    ) -> Result<Tree, ObjectError> {
        staged::tree(self, index, prefix, limits)
    }
}
