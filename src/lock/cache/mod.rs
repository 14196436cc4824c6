//! Where files of models and data sets lie on a machine: the caches of hubs, folders that hubs' tools downloaded to,
//! and plain folders with weights. Found anywhere below a folder, so that the file system of an image is looked at
//! like a home folder.
//!
//! It says what lies where and what a loader would take; not whether that is right. Links to folders are not
//! followed, so that nothing outside of what was named is looked at; links of a cache count only where they stay
//! within their own repository.
#![allow(clippy::disallowed_methods, reason = "one of the places that walk folders")]

mod folder;
mod hub;
mod list;
mod ollama;
mod walk;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::lock::{Digest, Entry, Key};

pub use walk::find;

/// How a store lays out what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layout {
    /// `models--org--name/{blobs,refs,snapshots}`: the cache of `huggingface_hub`.
    Hub,
    /// A folder that `huggingface_hub` downloaded to, with what it knows of the files in `.cache/huggingface`.
    LocalFolder,
    /// `manifests/` and `blobs/sha256-..`: the store of Ollama.
    Ollama,
    /// `hub/owner_repo_branch`: code that `torch.hub` fetched.
    TorchHub,
    /// `hub/checkpoints`: weights that `torch.hub` fetched, of many models.
    Checkpoints,
    /// A folder with weights of which nothing says where they came from.
    Folder,
}

impl Layout {
    /// The layout as the JSON spells it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Hub => "huggingface-cache",
            Self::LocalFolder => "huggingface-folder",
            Self::Ollama => "ollama",
            Self::TorchHub => "torch-hub",
            Self::Checkpoints => "torch-checkpoints",
            Self::Folder => "folder",
        }
    }
}

/// What a store holds of one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// How it is laid out.
    pub layout: Layout,
    /// What it is called there: `models--org--name`, `HOST/llama3`, or the path of a folder below what was walked.
    pub name: String,
    /// Where it lies.
    pub root: PathBuf,
    /// The commit or digest that each branch or tag leads to there.
    pub refs: BTreeMap<String, String>,
    /// The states of it that are there, by revision.
    pub states: Vec<State>,
    /// What of it could not be looked at: the place below `root`, and why.
    pub unread: Vec<(String, String)>,
}

/// The files of a repository at one revision.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct State {
    /// The commit; of Ollama, the digest of the manifest; none where nothing says it.
    pub revision: Option<String>,
    /// The folder; of Ollama, the manifest.
    pub root: PathBuf,
}

/// What is found below some folders.
#[derive(Debug, Default)]
pub struct Found {
    /// The stores' repositories, in the order of their places.
    pub stored: Vec<Stored>,
    /// What could not be looked at, and why.
    pub unread: Vec<(PathBuf, String)>,
}

/// The files of a state.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// By path.
    pub files: Vec<StoredFile>,
    /// Links that lead out of the repository, and where to.
    pub out: Vec<(String, String)>,
    /// What could not be looked at, and why.
    pub unread: Vec<(String, String)>,
    /// Paths of which the cache says that the hub does not have them: a loader believes that, whatever lies there.
    pub denied: Vec<String>,
}

/// A file of a state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StoredFile {
    /// Its path in the repository, with `/`; of Ollama `manifest` and `sha256-..`.
    pub path: String,
    /// Where its content lies.
    pub place: PathBuf,
    /// Bytes.
    pub size: u64,
    /// What the store says its content is.
    pub promised: Option<Promised>,
}

/// What a store says of a file's content, by its name or beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promised {
    /// The SHA-256, of large files.
    Sha256(Digest),
    /// The name that git gives it, of small ones.
    GitBlob([u8; 20]),
}

impl Promised {
    /// From the name of a blob or the tag that a hub answered with; none of other tags.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        if let Some(digest) = Digest::from_hex(tag) {
            return Some(Self::Sha256(digest));
        }
        if !is_commit(tag) {
            return None;
        }
        let mut out = [0; 20];
        for (at, byte) in out.iter_mut().enumerate() {
            *byte = u8::from_str_radix(tag.get(at * 2..at * 2 + 2)?, 16).ok()?;
        }
        Some(Self::GitBlob(out))
    }
}

impl Stored {
    /// Whether what it holds is of an entry: by its name, or because a state of it has the entry's commit.
    #[must_use]
    pub fn is_of(&self, key: &Key, entry: &Entry) -> bool {
        let has_revision = entry.revision.is_some() && self.states.iter().any(|state| state.revision == entry.revision);
        match self.layout {
            Layout::Hub => {
                has_revision || hub::folder_names(key).iter().any(|name| name.eq_ignore_ascii_case(&self.name))
            }
            Layout::Ollama => key.hub == "ollama" && ollama::is_called(self, &key.name),
            Layout::LocalFolder => {
                has_revision || folder::is_named_copy(self, key, entry) || folder::has_files(self, entry)
            }
            Layout::TorchHub => folder::is_torch_hub(&self.name, key),
            Layout::Checkpoints => folder::has_files(self, entry) || folder::has_checkpoint(self, entry),
            Layout::Folder => folder::is_named_copy(self, key, entry) || folder::has_files(self, entry),
        }
    }

    /// The branch or tag that a loader takes for a key.
    #[must_use]
    pub fn asked<'k>(&self, key: &'k Key) -> &'k str {
        let default = if self.layout == Layout::Ollama { "latest" } else { "main" };
        key.requested.as_deref().unwrap_or(default)
    }

    /// Whether every file in it belongs to the one repository, so that others were added.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !matches!(self.layout, Layout::Checkpoints)
    }

    /// The files of a state.
    #[must_use]
    pub fn files(&self, state: &State) -> Listing {
        let mut listing = match self.layout {
            Layout::Hub => hub::files(&self.root, state),
            Layout::Ollama => ollama::files(&self.root, &state.root),
            Layout::LocalFolder => folder::local_files(&state.root),
            Layout::TorchHub | Layout::Checkpoints | Layout::Folder => {
                list::folder(&state.root, folder::own(self.layout))
            }
        };
        listing.files.sort_unstable();
        listing.out.sort_unstable();
        listing.unread.sort_unstable();
        listing.denied.sort_unstable();
        listing
    }

    /// Whether a path lies where no file of a repository is looked for, as it is a tool's own.
    #[must_use]
    pub fn is_passed_over(&self, path: &str) -> bool {
        let mut own = folder::own(self.layout).iter();
        own.any(|own| path.strip_prefix(own).is_some_and(|rest| rest.starts_with('/')))
    }
}

/// Whether a text is a commit's name in full.
pub(in crate::lock) fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Up to so many bytes of a small text file that is no link and no pipe; none where it is no such file.
fn small(path: &Path, most: u64) -> Option<String> {
    use crate::source::Bytes as _;
    let meta = path.symlink_metadata().ok()?;
    if !meta.is_file() || meta.len() > most {
        return None;
    }
    let bytes = crate::source::FileBytes::open(path).ok()?;
    let length = usize::try_from(bytes.len().min(most)).ok()?;
    String::from_utf8(bytes.up_to(0, length).ok()?).ok()
}
