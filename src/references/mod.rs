//! What code and configuration load by name: models, data sets, tokenizers, adapters and kernels of hubs, with the
//! revision and the trust that are written beside them. Facts only; nothing is judged and nothing runs.
//!
//! Each kind of writing has a module that finds [`Reference`]s in one file: [`python`] follows values through the
//! modules of the tree, the others read what stands there. [`of_folder`] reads a whole tree.

pub mod acts;
pub mod config;
mod found;
mod heredocs;
mod launches;
mod local;
mod nameless;
pub mod names;
mod notebook;
mod pointers;
mod python;
mod reference;
mod rust;
mod scripts;
pub mod serving;
mod training;
mod tree;

pub use reference::{AssetKind, At, Hub, Loader, Pin, Pointer, Reference, RevisionEdit, Said, Standing, Unresolved};
pub use training::{DataFile, Named, Output, Part, Task, Training};
pub use tree::{Limits, TreeReferences, claims, may_point, of_folder, reads_commands};

/// Whether a file is one of tests, by its path: what they make is made to be thrown away.
pub(in crate::references) fn is_of_tests(path: &str) -> bool {
    python::is_test(path)
}

/// Whether what a reference loads is loaded by tests alone, though it stands among the files of the product.
#[must_use]
pub fn is_by_tests(reference: &Reference) -> bool {
    let at = reference.call.as_ref().unwrap_or(&reference.place);
    reference.is_of_tests || python::is_named_test(&at.path)
}
