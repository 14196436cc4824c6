//! What one file says.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::launches::Launch;
use super::local::Table;
use super::training::Part;
use super::{Pointer, Reference, Training, Unresolved};

/// What was found in one file; all readers of files write into it.
#[derive(Debug, Default)]
pub(in crate::references) struct FileFound {
    /// What is loaded by name.
    pub references: Vec<Reference>,
    /// What is loaded by a name that cannot be known.
    pub unresolved: Vec<Unresolved>,
    /// What the file stands for.
    pub pointers: Vec<Pointer>,
    /// Kernels with the commits that hold them.
    pub kernels: Vec<(String, String)>,
    /// What makes or measures models.
    pub trainings: Vec<Training>,
    /// Commands that start such.
    pub launches: Vec<Launch>,
    /// Of a file of settings, what it says itself, known or not.
    pub says: Vec<(Arc<str>, BTreeSet<Part>)>,
    /// What explains names of data sets.
    pub tables: Vec<Table>,
    /// Why the file, or a part of it, could not be read; whole sentences without a full stop.
    pub problems: Vec<String>,
}
