//! What was looked at, and how far.

use serde::{Deserialize, Serialize};

use super::Spot;
use crate::source::Role;

/// What was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Coverage {
    /// Every file of a known kind, in path order.
    pub files: Vec<CoveredFile>,
    /// Files of ecosystems that this version does not read, by ecosystem.
    pub out_of_scope: std::collections::BTreeMap<String, usize>,
    /// Folders and groups that were passed over as a whole.
    pub passed_over: Vec<Passed>,
    /// Places in files that were read in part.
    pub gaps: Vec<Gap>,
    /// What a rule or a look-up could not tell.
    pub unknown: Vec<String>,
    /// The same, where the base of a gate could not tell it either: the verdict is not held against it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown_before: Vec<String>,
    /// Releases that no advisory speaks of by their nature: those of other indexes, of repositories, of
    /// files. The audit is not less complete for it. Audits of older versions lack the key.
    #[serde(default)]
    pub not_auditable: Vec<NotAuditable>,
    /// What findings about the crates of each lock of cargo rest on, in path order.
    #[serde(default)]
    pub evidence: Vec<LockEvidence>,
    /// Whether cargo was started for it, which nothing but a person's request does.
    #[serde(default)]
    pub asked_cargo: bool,
}

/// What findings about the crates of a lock rest on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LockEvidence {
    /// The lock.
    pub path: String,
    /// Where it is known from what a build uses a crate for.
    pub rests_on: Level,
}

/// A step of the ladder of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The lock and the manifests: features and targets are not evaluated.
    LockAndManifests,
    /// The manifests of all its crates besides: kinds and targets along the whole way, no features.
    CrateManifests,
    /// Metadata of cargo from a file.
    MetadataFile,
    /// Metadata that cargo was asked for.
    Metadata,
}

/// Releases that no advisory speaks of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NotAuditable {
    /// What they are: `from a repository`.
    pub what: String,
    /// How many names.
    pub count: usize,
    /// Names of some of them, sorted.
    pub names: Vec<String>,
    /// The line that makes them so, where one does.
    #[serde(default)]
    pub because: Option<Spot>,
    /// What would make them auditable.
    #[serde(default)]
    pub hint: Option<String>,
}

/// A file of a known kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoveredFile {
    /// Where it lies.
    pub path: String,
    /// The reader that knows its kind.
    pub reader: String,
    /// How far it was read.
    pub status: Status,
    /// Why not in full; null for `read`.
    pub why: Option<String>,
    /// What it is for.
    pub role: Role,
    /// Whether the verdict is held against it. Of a gate's files only those count that the change touched.
    pub counts: bool,
}

/// How far a file was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// In full.
    Read,
    /// Some lines or keys were lost.
    Partial,
    /// Not at all, though it should have been.
    Unread,
    /// Not at all, on purpose.
    Skipped,
}

/// A folder that was passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// The path, ending in `/` for a folder.
    pub path: String,
    /// Why.
    pub why: String,
    /// Whether the audit is incomplete for it.
    pub counts: bool,
}

/// A place that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// The file.
    pub path: String,
    /// 1-based.
    pub line: u32,
    /// Why.
    pub why: String,
    /// Whether the audit is incomplete for it.
    pub counts: bool,
    /// First and last line of all that may have been lost by it, where that is known to end. A gate asks whether the
    /// change touched them; no report tells them.
    #[serde(skip)]
    pub lost: Option<(u32, u32)>,
}
