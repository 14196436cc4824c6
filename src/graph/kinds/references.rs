//! What a file's code or configuration loads by name, with places in the tree's files.

use crate::references::{Pointer, Reference, Training, Unresolved};
use crate::source::{FileId, Place};

/// What one file loads.
#[derive(Debug, Clone)]
pub struct References {
    /// The file in which the calls stand.
    pub file: FileId,
    /// What is loaded, in the order of its places.
    pub loads: Vec<Loaded>,
    /// Calls whose names cannot be known.
    pub unresolved: Vec<(Unresolved, Place)>,
    /// What the file stands for.
    pub pointers: Vec<Pointer>,
    /// What it makes of models, or measures of them.
    pub trainings: Vec<Trained>,
}

/// A training with its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trained {
    /// What is made of what.
    pub training: Training,
    /// The call, key or command that does it.
    pub place: Place,
    /// Where the names of what it loads are written, in the order of [`Training::named`].
    pub named: Vec<Place>,
    /// Where the data of the tree is named, in the order of [`Training::files`].
    pub files: Vec<Place>,
    /// Where its results are named, in the order of [`Training::outputs`].
    pub outputs: Vec<Place>,
}

/// A reference with its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// What is loaded and how.
    pub reference: Reference,
    /// Where the name is written; it may be another file than that of the call.
    pub place: Place,
    /// The call, key or option.
    pub call: Place,
    /// Where a commit would be written.
    pub edit: Option<Place>,
    /// The same at other calls, in the order of the reference's edits.
    pub other_edits: Vec<Place>,
    /// The commit that another lock of the tree holds it at: `kernels.lock`.
    pub held: Option<String>,
}
