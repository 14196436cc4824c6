//! Distributions that lie in the tree already built: whose each is.

use std::collections::{BTreeMap, BTreeSet};

use super::Project;
use crate::graph::Document;
use crate::graph::identity::{DistributionSource, distribution_name};
use crate::graph::kinds::artifact::{BuiltForm, DirectUrl};
use crate::source::{FileId, RepoPath, Sources};

/// A distribution of the tree, installed or packed.
#[derive(Debug, Clone)]
pub struct BuiltView {
    /// Index of its document.
    pub document: usize,
    /// The file.
    pub file: FileId,
    /// Where it comes from.
    pub origin: BuiltOrigin,
}

/// Where a distribution of the tree comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuiltOrigin {
    /// An index, as far as anybody says: name and version are all there is.
    Index,
    /// A repository: address and commit.
    Repository(String, Option<String>),
    /// A file or folder, by its address.
    File(String),
    /// The tree itself: what was built from one of its projects.
    Tree,
}

impl BuiltOrigin {
    /// The source by which the graph knows it.
    #[must_use]
    pub fn source(&self) -> DistributionSource<'_> {
        match self {
            Self::Index => DistributionSource::PyPi,
            Self::Repository(url, commit) => DistributionSource::Repository { url, commit: commit.as_deref() },
            Self::File(url) => DistributionSource::Url(url),
            Self::Tree => DistributionSource::Path(""),
        }
    }
}

/// Files that make a folder a project.
const PROJECT: &[&str] = &["pyproject.toml", "setup.py", "setup.cfg"];

pub(super) fn find(
    documents: &[Document],
    sources: &Sources,
    files: &BTreeSet<RepoPath>,
    projects: &[Project],
) -> Vec<BuiltView> {
    let names: BTreeSet<&str> = projects.iter().filter_map(|p| p.name.as_deref()).collect();
    let folder = |file: FileId| sources.get(file).map(|f| f.path.parent()).unwrap_or_default();
    let mut urls: BTreeMap<RepoPath, &DirectUrl> = BTreeMap::new();
    for document in documents {
        if let Document::DirectUrl(url) = document {
            urls.insert(folder(url.file), url);
        }
    }
    let mut out = Vec::new();
    for (document, built) in documents.iter().enumerate() {
        let Document::Built(built) = built else { continue };
        let own = folder(built.file);
        let is_project =
            |folder: &RepoPath| PROJECT.iter().filter_map(|name| folder.child(name)).any(|path| files.contains(&path));
        // What setuptools writes beside a project is about that project.
        let egg =
            || own.name().ends_with(".egg-info") && (is_project(&own.parent()) || is_project(&own.parent().parent()));
        let origin = match urls.get(&own).filter(|_| built.form == BuiltForm::Installed) {
            Some(url) if url.commit.is_some() => BuiltOrigin::Repository(url.url.clone(), url.commit.clone()),
            Some(url) => BuiltOrigin::File(url.url.clone()),
            None if names.contains(distribution_name(&built.name.value).as_str()) => BuiltOrigin::Tree,
            None if built.form == BuiltForm::Installed && egg() => BuiltOrigin::Tree,
            None => BuiltOrigin::Index,
        };
        out.push(BuiltView { document, file: built.file, origin });
    }
    out
}
