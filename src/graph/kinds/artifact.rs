//! Things already built that lie in the tree: installed distributions, wheels, source distributions,
//! binaries. Sources: the "Recording installed projects", "Binary distribution format" and "Core metadata"
//! specifications of PyPA; PEP 610; cargo-auditable's data format.

use super::python::Requirement;
use crate::source::{FileId, Span, Spanned};

/// A distribution that lies in the tree, installed or packed.
#[derive(Debug, Clone, Default)]
pub struct BuiltDistribution {
    /// The file: `METADATA` of an installed one, else the archive. Places in an archive are empty.
    pub file: FileId,
    /// What it is.
    pub form: BuiltForm,
    /// Its name, as its metadata says; as the archive's name says where it has none that can be read.
    pub name: Spanned<String>,
    /// Its version.
    pub version: Option<Spanned<String>>,
    /// `Requires-Dist`.
    pub requirements: Vec<Requirement>,
    /// `License-Expression`, or the older `License` where it is short.
    pub licence: Option<Spanned<String>>,
    /// Lines of `.pth` files in an archive that Python executes at every start, with the file's name; of
    /// a `sitecustomize.py` or `usercustomize.py` the first line.
    pub startup_code: Vec<(String, String)>,
    /// What an archive's own list of files and digests (`RECORD`), its name and its metadata do not agree
    /// in, the graver first.
    pub disagreements: Vec<Disagreement>,
}

/// Something that an archive says of itself and that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// In a sentence.
    pub text: String,
    /// What is installed is not what the list says: other bytes, two files of one name, a path that leads
    /// out. The rest is carelessness as a rule.
    pub is_grave: bool,
}

/// What a [`BuiltDistribution`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum BuiltForm {
    /// Unpacked, with a `.dist-info` or `.egg-info` folder.
    #[default]
    Installed,
    /// A wheel.
    Wheel,
    /// A source distribution, packed or not.
    Source,
}

/// Where an installed distribution came from if not from an index, and how: `direct_url.json`.
/// Source: PEP 610.
#[derive(Debug, Clone, Default)]
pub struct DirectUrl {
    /// The file.
    pub file: FileId,
    /// The address.
    pub url: String,
    /// The commit, where it came from a repository.
    pub commit: Option<String>,
    /// Installed in place, so that its folder's files are what runs.
    pub editable: bool,
}

/// The files of an installed distribution with their digests, as whoever installed it wrote them
/// (`RECORD`), and what the tree holds of them.
#[derive(Debug, Clone, Default)]
pub struct RecordFile {
    /// The file.
    pub file: FileId,
    /// Its rows, in order.
    pub rows: Vec<RecordRow>,
    /// Rows whose file the tree holds with other bytes, as positions in `rows`.
    pub changed: Vec<usize>,
    /// Rows whose file the tree does not hold. Compiled files and scripts outside are not counted.
    pub missing: Vec<usize>,
    /// Code beside the listed files that no list names, from the root of the tree.
    pub unlisted: Vec<String>,
    /// Rows that could not be compared, and why, in words.
    pub uncompared: Option<(usize, String)>,
}

/// A row of a [`RecordFile`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordRow {
    /// The path, from the folder that holds the `.dist-info` folder.
    pub path: String,
    /// The digest, `sha256=` and base64 of the URL alphabet without padding; none for the list itself.
    pub digest: Option<String>,
    /// How many bytes the file has.
    pub size: Option<u64>,
    /// The row.
    pub span: Span,
}

/// A `.pth` file of the tree: Python executes its lines that start with `import` at every start.
/// Source: CPython, `Lib/site.py`.
#[derive(Debug, Clone, Default)]
pub struct PathFile {
    /// The file.
    pub file: FileId,
    /// Lines that are executed.
    pub code: Vec<Spanned<String>>,
    /// Lines that add a folder to the search path.
    pub folders: Vec<Spanned<String>>,
}

/// A binary of the tree that carries its list of crates (cargo-auditable's `.dep-v0`).
#[derive(Debug, Clone, Default)]
pub struct AuditableBinary {
    /// The file: the binary, or the wheel that holds it.
    pub file: FileId,
    /// Its path in the wheel; none where it lies in the tree by itself.
    pub inner: Option<String>,
    /// Its crates, in order.
    pub crates: Vec<AuditableCrate>,
}

/// One crate of an [`AuditableBinary`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
    /// Positions of the crates it needs.
    pub dependencies: Vec<usize>,
}

/// A file of compiled code of which only its kind is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpaqueFile {
    /// The file.
    pub file: FileId,
    /// What it is.
    pub kind: OpaqueKind,
}

/// What an [`OpaqueFile`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpaqueKind {
    /// An archive of Java or Android.
    Archive,
    /// A class of Java.
    Class,
    /// A package of a system: deb, RPM, apk.
    Package,
}
