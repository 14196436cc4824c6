//! A bill of materials that lies in the tree: what somebody else says that something is made of.
//!
//! Its parts are no nodes of the graph: the document may be about another product, or be an older list of this one,
//! so that nothing that is written of the tree may hold them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Document;
use crate::source::{FileId, Span};

/// A bill of materials as its reader understood it.
#[derive(Debug, Clone, Default)]
pub struct SbomFile {
    /// The file.
    pub file: FileId,
    /// Releases of crates.io and PyPI that it lists, each once, in the order of the document.
    pub releases: Vec<RecordedRelease>,
    /// Models and data sets that it lists.
    pub assets: Vec<RecordedAsset>,
    /// Parts that no advisory here speaks of, by what they are, each with where it stands first.
    pub apart: BTreeMap<&'static str, BTreeMap<String, Span>>,
}

/// A release that a document lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedRelease {
    /// Whose it is.
    pub registry: Registry,
    /// Its name, as the registry spells it; of PyPI as PEP 503 normalises it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where the document names it: its package URL.
    pub span: Span,
    /// The way from what the document is about, without that and with this one: names and versions. Only this one
    /// where the document tells no way.
    pub way: Vec<String>,
    /// The document says that it is not shipped.
    pub is_excluded: bool,
}

/// A model or data set that a document lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedAsset {
    /// It is a data set, and no model.
    pub is_dataset: bool,
    /// Its name, with its owner where one is told.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// Licences as they are stated.
    pub licences: Vec<String>,
    /// Where the document names it.
    pub span: Span,
}

/// A registry whose releases advisories speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Registry {
    /// crates.io.
    CratesIo,
    /// PyPI.
    PyPi,
}

/// Whether nothing is looked at but documents: what they name is then what is asked about, and no side of a product's
/// own files.
#[must_use]
pub fn is_all(documents: &[Document]) -> bool {
    let bills = documents.iter().filter(|document| matches!(document, Document::Sbom(_)));
    let bills: BTreeSet<FileId> = bills.map(Document::file).collect();
    let is_beside = |document: &Document| matches!(document, Document::Custody(_));
    !bills.is_empty() && documents.iter().all(|one| is_beside(one) || bills.contains(&one.file()))
}
