//! Model files of the tree, scanned, and the lines of code that load them.

use std::sync::Arc;

use crate::scan::FileReport;
use crate::source::FileId;
use crate::source::Place;

/// A model file, or a folder that is one model, with what a scan says of it.
#[derive(Debug, Clone)]
pub struct ModelFile {
    /// The file; of a folder, the file of it that the first finding is about.
    pub file: FileId,
    /// What is known of it. Its path is that in the tree; a folder's ends in `/`.
    pub report: Arc<FileReport>,
    /// Where each finding of the report stands, in their order: the line where the file is text, else the file.
    pub places: Vec<Place>,
    /// Calls in the tree's Python that load it.
    pub loads: Vec<Load>,
}

impl ModelFile {
    /// The place of one finding of the report.
    #[must_use]
    pub fn place(&self, finding: usize) -> Place {
        self.places.get(finding).copied().unwrap_or_else(|| Place::new(self.file, crate::source::Span::default()))
    }
}

/// A call that loads a file of the tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Load {
    /// The call.
    pub place: Place,
    /// The function as it is written: `torch.load`.
    pub function: String,
    /// How far it trusts the file.
    pub trust: Trust,
}

/// How far a call trusts what it loads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// It runs whatever the file says.
    Whole,
    /// It says nothing; the installed release of torch decides.
    Unsaid,
    /// It runs nothing but what is allowed.
    Restricted,
}
