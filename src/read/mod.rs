//! Readers: bytes of one file in, one typed document and gaps out. They state facts, never
//! judgements, and know no policy.

pub mod actions_lock;
mod adopt;
pub mod agents;
pub mod azure;
pub mod build_code;
pub mod built;
mod card_files;
pub mod cards;
pub mod cargo_checksums;
pub mod cargo_config;
pub mod cargo_lock;
pub mod cargo_toml;
pub mod command_files;
pub mod conda;
pub mod custody_lock;
pub mod custody_toml;
pub mod deployment;
pub mod dockerfile;
pub mod elsewhere;
pub mod gitlab;
pub mod ignores;
mod json_help;
pub mod lines;
mod listed;
mod matrix;
mod mentions;
pub mod models;
pub mod pdm_lock;
mod pipeline;
pub mod pipfile;
pub mod pipfile_lock;
pub mod poetry_lock;
mod policies;
pub mod pylock;
pub mod pyproject;
mod recorded;
mod references;
mod requirement;
pub mod requirements;
mod reuse;
mod rounds;
pub mod sbom;
pub mod scope;
pub mod script;
pub mod settings;
pub mod setup_cfg;
pub mod setup_py;
mod templates;
mod toml_help;
pub mod toolchain;
pub mod upkeep;
pub mod uv_lock;
mod vendored;
pub mod vex;
pub mod workflow;
mod yaml_help;

use crate::graph::Document;
use crate::parse::{Budget, Problem};
use crate::source::{FileId, RepoPath, SourceFile, Sources, Span};

pub use adopt::adopt_policy;
pub use reuse::{Earlier, reads_alike};
pub use rounds::{read_after, read_tree};

/// Reads one kind of file.
pub trait Reader: Sync {
    /// Its name, as coverage prints it.
    fn id(&self) -> &'static str;
    /// Whether a file is of its kind, by path.
    fn claims(&self, path: &RepoPath) -> bool;
    /// How many bytes of a file's beginning show whether it is of its kind, where its path alone does
    /// not; none where it cannot be.
    fn looks_into(&self, _path: &RepoPath) -> Option<usize> {
        None
    }
    /// Whether a file of which [`Reader::looks_into`] asked for the beginning is of its kind.
    fn claims_head(&self, _path: &RepoPath, _head: &[u8]) -> bool {
        false
    }
    /// Whether files of its kind may be in another encoding than UTF-8, as their tools allow.
    fn decodes(&self) -> bool {
        false
    }
    /// Whether files of its kind are no text: it is given their bytes, and its places are empty.
    fn takes_bytes(&self) -> bool {
        false
    }
    /// How many bytes of a file's beginning it reads, where it needs no more: such a file may be of any size.
    fn takes_beginning(&self) -> Option<usize> {
        None
    }
    /// What the docs say of its format. Every reader of the product says something, as a test sees to.
    fn describe(&self) -> Option<Format> {
        None
    }
    /// Reads. What cannot be understood becomes a problem; the rest is kept.
    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts);
}

/// What the docs say of a format.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// Files of it, as a person knows them.
    pub files: &'static str,
    /// What is read of them.
    pub read: &'static str,
    /// What is not, and what becomes of it.
    pub not_read: &'static str,
}

/// What one file gave.
#[derive(Debug, Default)]
pub struct Facts {
    /// The documents.
    pub documents: Vec<Document>,
    /// What could not be understood.
    pub problems: Vec<Problem>,
    /// Set where nothing at all could be read.
    pub unread: Option<String>,
    /// Files that this one makes others of a known kind.
    pub mentions: Vec<Mention>,
}

/// A file that another one names and thereby gives a kind: `-r base.txt`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    /// Where it lies, from the root of the tree.
    pub path: RepoPath,
    /// The id of the reader for it.
    pub reader: &'static str,
    /// The line that cannot be followed where the tree holds no such file. None where that is no gap: a
    /// command may name what an earlier one makes, and where it stands is a guess.
    pub needed_at: Option<Span>,
}

/// All readers. The first that claims a file reads it.
pub static READERS: &[&dyn Reader] = &[
    &actions_lock::ActionsLockReader,
    &agents::CodexReader,
    &agents::DevcontainerReader,
    &agents::InstructionsReader,
    &agents::SettingsReader,
    &azure::AzureReader,
    &build_code::BazelReader,
    &build_code::BuildHookReader,
    &build_code::CMakeReader,
    &build_code::RustScriptReader,
    &build_code::WrapReader,
    &cargo_checksums::CargoChecksumsReader,
    &built::binary::BinaryReader,
    &built::installed::DirectUrlReader,
    &built::installed::MetadataReader,
    &built::installed::RecordReader,
    &built::opaque::OpaqueReader,
    &built::path_file::PathFileReader,
    &built::sdist::SdistReader,
    &built::wheel::WheelReader,
    &cargo_config::CargoConfigReader,
    &cargo_lock::CargoLockReader,
    &cargo_toml::CargoTomlReader,
    &conda::environment::CondaEnvironmentReader,
    &conda::explicit::ExplicitListReader,
    &conda::lock::CondaLockReader,
    &conda::pixi::PixiReader,
    &conda::pixi_lock::PixiLockReader,
    &conda::settings::CondaSettingsReader,
    &command_files::ComposeReader,
    &command_files::JustReader,
    &command_files::MakeReader,
    &command_files::NotebookReader,
    &command_files::NoxReader,
    &command_files::PackageJsonReader,
    &command_files::ShellReader,
    &command_files::TaskReader,
    &command_files::ToxReader,
    &command_files::ToxTomlReader,
    &custody_lock::CustodyLockReader,
    &custody_toml::CustodyTomlReader,
    &dockerfile::DockerfileReader,
    &gitlab::GitlabReader,
    &pdm_lock::PdmLockReader,
    &pipfile::PipfileReader,
    &pipfile_lock::PipfileLockReader,
    &ignores::IgnoresReader,
    &lines::LinesReader,
    &models::ModelReader,
    &poetry_lock::PoetryLockReader,
    &pylock::PylockReader,
    &pyproject::PyProjectReader,
    &requirements::RequirementsReader,
    &sbom::SbomReader,
    &script::ScriptReader,
    &settings::PipConfReader,
    &settings::PypircReader,
    &settings::UvTomlReader,
    &setup_cfg::SetupCfgReader,
    &setup_py::SetupPyReader,
    &toolchain::ToolchainReader,
    &upkeep::CodeOwnersReader,
    &upkeep::DependabotReader,
    &upkeep::PreCommitReader,
    &uv_lock::UvLockReader,
    &workflow::WorkflowReader,
    &workflow::ActionReader,
    &deployment::ChartReader,
    &deployment::KustomizationReader,
    &deployment::ValuesReader,
    &deployment::VariablesReader,
    // Many files of YAML may be one of these.
    &deployment::ManifestReader,
];

/// One file of a known kind and how it went.
#[derive(Debug)]
pub struct FileOutcome {
    /// Where it lies.
    pub path: RepoPath,
    /// The reader's id.
    pub reader: &'static str,
    /// Its id among the sources, if bytes were read.
    pub file: Option<FileId>,
    /// How far it was read.
    pub outcome: Outcome,
}

/// How far a file was read.
#[derive(Debug)]
pub enum Outcome {
    /// In full.
    Read,
    /// In part; the problems have places.
    Partial(Vec<Problem>),
    /// Not at all, though it should have been.
    Unread(String),
    /// Not at all, on purpose.
    Skipped(String),
}

/// Everything that was read of a tree.
#[derive(Debug, Default)]
pub struct Reading {
    /// Files with their bytes, in path order.
    pub sources: Sources,
    /// Documents, in path order.
    pub documents: Vec<Document>,
    /// Every file of a known kind, in path order.
    pub files: Vec<FileOutcome>,
    /// Files that are of no kind of their own and speak of models, where not all of them could be read.
    pub beside: Vec<FileOutcome>,
    /// What each of them mentions, in the same order.
    pub(crate) mentions: Vec<Vec<Mention>>,
    /// Files whose beginning showed their kind, and the reader's id.
    pub(crate) claimed: std::collections::BTreeMap<RepoPath, &'static str>,
}
