//! Things already built that lie in the tree: installed distributions, wheels, source distributions,
//! binaries. Sources: the "Recording installed projects", "Binary distribution format" and "Core metadata"
//! specifications of PyPA; PEP 610; cargo-auditable's data format.

use super::python::Requirement;
use crate::source::{FileId, Span, Spanned};

/// A distribution that lies in the tree, installed or packed.
#[derive(Debug, Clone, Default)]
pub struct BuiltDistribution {
    /// The file: `METADATA` of an installed one, else the archive.
    pub file: FileId,
    /// What it is.
    pub form: BuiltForm,
    /// Its name, as its metadata says.
    pub name: Spanned<String>,
    /// Its version.
    pub version: Option<Spanned<String>>,
    /// `Requires-Dist`.
    pub requirements: Vec<Requirement>,
    /// `License-Expression`, or the older `License` where it is short.
    pub licence: Option<Spanned<String>>,
    /// Where it was installed from, if not from an index (`direct_url.json`): address and commit.
    pub direct_url: Option<(String, Option<String>)>,
    /// Lines of `.pth` files in it that Python executes at every start, with the file's name.
    pub startup_code: Vec<(String, String)>,
    /// What its own list of files and digests (`RECORD`) does not agree with, in sentences.
    pub disagreements: Vec<String>,
}

/// What a [`BuiltDistribution`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum BuiltForm {
    /// Unpacked, with a `.dist-info` or `.egg-info` folder.
    #[default]
    Installed,
    /// A wheel.
    Wheel,
    /// A source distribution.
    Source,
}

/// A `.pth` file of the tree: Python executes its lines that start with `import` at every start.
/// Source: CPython, `Lib/site.py`.
#[derive(Debug, Clone, Default)]
pub struct PathFile {
    /// The file.
    pub file: FileId,
    /// Lines that are executed.
    pub code: Vec<Span>,
    /// Lines that add a folder to the search path.
    pub folders: Vec<Spanned<String>>,
}

/// A binary of the tree that carries its list of crates (cargo-auditable's `.dep-v0`).
#[derive(Debug, Clone, Default)]
pub struct AuditableBinary {
    /// The file.
    pub file: FileId,
    /// Its crates, in order.
    pub crates: Vec<AuditableCrate>,
}

/// One crate of an [`AuditableBinary`].
#[derive(Debug, Clone, Default)]
pub struct AuditableCrate {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// `crates.io`, `git`, `local`, `registry` or another word of cargo-auditable.
    pub source: String,
    /// Used by build scripts and macros alone.
    pub is_build: bool,
    /// The root: what was built.
    pub is_root: bool,
}
