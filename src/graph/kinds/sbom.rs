//! A bill of materials that lies in the tree: what somebody else says that something is made of.
//!
//! Its parts are no nodes of the graph: the document may be about another product, or be an older list of this one,
//! so that nothing that is written of the tree may hold them.

use std::collections::BTreeMap;

use crate::source::{FileId, Span};

/// A bill of materials as its reader understood it.
#[derive(Debug, Clone, Default)]
pub struct SbomFile {
    /// The file.
    pub file: FileId,
    /// Releases of crates.io and PyPI that it lists, each once, in the order of the document.
    pub releases: Vec<RecordedRelease>,
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

/// A registry whose releases advisories speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Registry {
    /// crates.io.
    CratesIo,
    /// PyPI.
    PyPi,
}
