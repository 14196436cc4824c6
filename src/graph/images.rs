//! Dockerfiles tied to those who build them: which step builds which file from which context, and
//! whether it sends the image away.

use std::collections::BTreeSet;

use super::Document;
use crate::source::{FileId, Place, RepoPath, Role, Sources};

/// A Dockerfile and who builds it.
#[derive(Debug, Clone)]
pub struct ImageFile {
    /// Index of its document.
    pub document: usize,
    /// The file.
    pub file: FileId,
    /// What it is for: its path, corrected by who builds it.
    pub role: Role,
    /// The folder `COPY` reads from, where a build names one; else the file's own, or the tree's root
    /// where only that holds what is copied.
    pub context: RepoPath,
    /// Who builds it, the weightiest first: those that push before those that do not.
    pub builds: Vec<Build>,
}

/// A step that builds an image.
#[derive(Debug, Clone)]
pub struct Build {
    /// Index of the workflow's (or action's) document.
    pub document: usize,
    /// Index of the job; none in a composite action.
    pub job: Option<usize>,
    /// Index of the step.
    pub step: usize,
    /// Where it says so.
    pub place: Place,
    /// Whether the image is pushed, as far as the files say.
    pub pushes: bool,
    /// `target:`, where one is named.
    pub target: Option<String>,
    /// The image's names, as written.
    pub tags: Vec<String>,
}

/// All Dockerfiles of the tree.
#[derive(Debug, Default)]
pub struct ImageView {
    /// By path.
    pub files: Vec<ImageFile>,
}

impl ImageView {
    /// Ties documents together.
    #[must_use]
    pub fn build(_documents: &[Document], _sources: &Sources, _files: &BTreeSet<RepoPath>) -> Self {
        Self::default()
    }

    /// The entry of a document.
    #[must_use]
    pub fn of_document(&self, document: usize) -> Option<&ImageFile> {
        self.files.iter().find(|f| f.document == document)
    }
}
