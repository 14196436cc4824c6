//! `custody.toml`: what the people of a tree tell the audit about it. It holds declarations with
//! their places, and judges nothing.
//!
//! The file is part of the audited tree, so a change under review may change it as well. It must
//! therefore never be able to silence the audit: every key is defined by what it can make worse and
//! what it can make lighter, see `ARCHITECTURE.md`, and a mistake in it is a gap like any other. The
//! audit goes on without the entry that holds it and does not pass.

mod effective;
mod force;
mod gate;
pub mod glob;
mod lock;
mod place;
mod policy;
mod read;
mod sbom;
mod schema;
mod services;
mod threshold;
mod waivers;
mod words;

pub use effective::{
    Effective, GatePolicy, Level, Origin, RoleEntry, ServiceEntry, Threshold, WaiverEntry, WaiverRules,
};
pub use force::{MAX_DAYS, Outside};
pub use lock::{Demand, LockRules, stars};
pub use place::{Extends, Home};
pub use policy::{ActionsAllowed, AssetLicences, BuildCode, LicencesAllowed, Policy, SourcesAllowed};
pub use read::{of, of_table};
pub use sbom::{PartStatements, SbomStatements};
pub use schema::{SCHEMA, keys};
pub use waivers::{JUSTIFICATIONS, STATUSES};
pub use words::{closest, is_day};

use crate::source::{FileId, Span, Spanned};

/// The file's name. It counts at the root of the tree only.
pub const FILE: &str = "custody.toml";
/// Its other place.
pub const GITHUB_FILE: &str = ".github/custody.toml";

/// What `custody.toml` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// The file.
    pub file: FileId,
    /// Which of its places it is.
    pub home: Home,
    /// `extends`.
    pub extends: Option<Extends>,
    /// `[[index]]`, in order.
    pub indexes: Vec<IndexEntry>,
    /// What is allowed in the tree.
    pub policy: Policy,
    /// `[gate]`: what blocks.
    pub gate: GatePolicy,
    /// `[[waiver]]`, in order.
    pub waivers: Vec<WaiverEntry>,
    /// `[waivers]`: how far they may go.
    pub waiver_rules: WaiverRules,
    /// `[vex] files`.
    pub vex: Vec<Spanned<String>>,
    /// `[[service]]`, in order.
    pub services: Vec<ServiceEntry>,
    /// `[roles]`, in order.
    pub roles: Vec<RoleEntry>,
    /// `[sbom]`: what a person says of the product and its parts.
    pub sbom: SbomStatements,
    /// Every value with its key, as the file writes them: `gate.family.pinning.block`.
    pub said: Vec<Said>,
}

/// A value of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The parts of its key, joined by dots; a list of tables counts from 1: `waiver.1.reason`.
    pub key: String,
    /// Where the value stands.
    pub span: Span,
}

/// One `[[index]]`: what a package index is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexEntry {
    /// `url`: its address, without user and password.
    pub url: Spanned<String>,
    /// `mirror-of`: whose packages it hands on, unchanged.
    pub mirror_of: Spanned<Upstream>,
    /// The whole table.
    pub span: Span,
}

/// Indexes that may be mirrored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Upstream {
    /// PyPI, `pypi`.
    PyPi,
    /// crates.io, `crates-io`: cargo's registries and their sparse indexes.
    CratesIo,
}

impl Upstream {
    const ALL: &[Self] = &[Self::PyPi, Self::CratesIo];

    /// The word for it in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PyPi => "pypi",
            Self::CratesIo => "crates-io",
        }
    }

    fn find(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|u| u.as_str() == word)
    }
}
