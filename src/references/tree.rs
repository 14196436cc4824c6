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
    let _ = threads;
    let mut out = TreeReferences::default();
    for path in folder.files() {
        if !super::config::claims(path) && !super::serving::claims(path) {
            continue;
        }
        let Ok(bytes) = folder.open(path) else { continue };
        if bytes.len() > limits.file as u64 {
            continue;
        }
        let Ok(bytes) = bytes.up_to(0, limits.file) else { continue };
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        let mut found = super::found::FileFound::default();
        if super::config::claims(path) {
            super::config::of_file(path, text, &mut found);
        } else {
            super::serving::of_file(path, text, &mut found);
        }
        out.references.append(&mut found.references);
        out.unresolved.append(&mut found.unresolved);
        out.unread.extend(found.problems.into_iter().map(|why| (Arc::from(path.as_str()), why)));
    }
    out
}
