//! Model files of the tree, scanned.

use std::sync::Arc;

use crate::scan::FileReport;
use crate::source::FileId;

/// A model file, or a folder that is one model, with what a scan says of it.
#[derive(Debug, Clone)]
pub struct ModelFile {
    /// The file; of a folder, the file of it that the first finding is about.
    pub file: FileId,
    /// What is known of it. Its path is that in the tree; a folder's ends in `/`.
    pub report: Arc<FileReport>,
}
