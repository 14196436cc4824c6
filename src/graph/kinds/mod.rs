//! What readers say about files: one typed document per format, every value with its span.
//!
//! Linking one file to another needs several of these at once, so readers hand over documents and
//! `graph::build` draws the edges. Nothing here judges.

pub mod about;
pub mod agents;
pub mod artifact;
pub mod azure;
pub mod build_code;
pub mod card;
pub mod cargo;
pub mod commands;
pub mod conda;
pub mod deployment;
pub mod docker;
pub mod gitlab;
pub mod ignores;
pub mod lines;
pub mod lock;
pub mod model;
pub mod python;
pub mod references;
pub mod sbom;
pub mod settings;
pub mod upkeep;
pub mod workflow;

use crate::config::{Config, Home};
use crate::source::FileId;

/// A file as its reader understood it.
#[derive(Debug, Clone)]
pub enum Document {
    /// `Cargo.toml`.
    CargoManifest(cargo::Manifest),
    /// `Cargo.lock`.
    CargoLock(cargo::Lock),
    /// `.cargo/config.toml`.
    CargoConfig(cargo::Config),
    /// `.cargo-checksum.json`.
    CargoChecksums(cargo::Checksums),
    /// `rust-toolchain` or `rust-toolchain.toml`.
    Toolchain(cargo::Toolchain),
    /// A GitHub workflow.
    Workflow(workflow::Workflow),
    /// An `action.yml`.
    Action(workflow::ActionDefinition),
    /// GitHub's `actions.lock`.
    ActionsLock(workflow::ActionsLock),
    /// A requirements or constraints file.
    Requirements(python::RequirementsFile),
    /// A `pyproject.toml` or the inline metadata of a script.
    PyProject(python::PyProject),
    /// A `uv.lock` or `poetry.lock`.
    PythonLock(python::PythonLock),
    /// A Dockerfile.
    Dockerfile(docker::Dockerfile),
    /// A Compose file, a manifest of Kubernetes, a chart, a kustomization: what starts images.
    Deployment(deployment::Deployment),
    /// A shell script, Makefile, notebook, tox or nox file.
    Commands(commands::CommandFile),
    /// Code that runs because something is built: a build script, `setup.py`, CMake, Bazel.
    BuildCode(build_code::BuildCode),
    /// An `environment.yml` or `pixi.toml`.
    CondaEnvironment(conda::CondaEnvironment),
    /// A `conda-lock.yml`, `pixi.lock` or explicit list.
    CondaLock(conda::CondaLock),
    /// `pip.conf`, `uv.toml`, `.pypirc`, `.condarc`.
    ManagerSettings(settings::ManagerSettings),
    /// An installed distribution, a wheel, a source distribution.
    Built(artifact::BuiltDistribution),
    /// A `direct_url.json` of an installed distribution.
    DirectUrl(artifact::DirectUrl),
    /// A `RECORD` of an installed distribution.
    Record(artifact::RecordFile),
    /// A `.pth` file.
    PathFile(artifact::PathFile),
    /// A binary that carries its list of crates.
    Auditable(artifact::AuditableBinary),
    /// An archive of Java, a package of a system.
    Opaque(artifact::OpaqueFile),
    /// A model file, or a folder that is one model.
    Model(model::ModelFile),
    /// A card, a configuration or another file that tells of a model or data set. Those whose file is no text, such
    /// as weights, are told by [`Document::Model`].
    Card(Box<card::CardFile>),
    /// What code or configuration loads by name.
    References(references::References),
    /// A `custody.lock`.
    CustodyLock(lock::CustodyLock),
    /// `deny.toml`, `audit.toml`, `osv-scanner.toml`.
    Ignores(ignores::IgnoreFile),
    /// What a GitLab pipeline says beyond its jobs and scripts.
    Gitlab(gitlab::GitlabPipeline),
    /// What an Azure pipeline says beyond its jobs and scripts.
    Azure(azure::AzurePipeline),
    /// `dependabot.yml`.
    Dependabot(upkeep::Dependabot),
    /// `.pre-commit-config.yaml`.
    Hooks(upkeep::HookConfig),
    /// `CODEOWNERS`.
    CodeOwners(upkeep::CodeOwners),
    /// `.gitattributes`, `.gitignore`, `.gitmodules`, what other tools pass over.
    Lines(lines::LineFile),
    /// Settings and instructions of an agent or editor.
    Agent(agents::AgentFile),
    /// A bill of materials.
    Sbom(sbom::SbomFile),
    /// `custody.toml`.
    Custody(Box<Config>),
}

/// The commands of a document that hooks, agents and editors run on developers' machines, in order. Their
/// positions are those of [`crate::graph::flow::Home::Local`].
#[must_use]
pub fn local_scripts(document: &Document) -> Vec<&workflow::Script> {
    match document {
        Document::Hooks(d) => {
            d.repositories.iter().flat_map(|r| &r.hooks).filter_map(|hook| hook.entry.as_ref()).collect()
        }
        Document::Agent(d) => d.commands.iter().map(|command| &command.script).collect(),
        _ => Vec::new(),
    }
}

impl Document {
    /// The scripts in it, in order.
    #[must_use]
    pub fn scripts(&self) -> Vec<&workflow::Script> {
        match self {
            Self::Workflow(d) => d.jobs.iter().flat_map(|job| &job.steps).filter_map(|s| s.run.as_ref()).collect(),
            Self::Action(d) => d.steps.iter().filter_map(|s| s.run.as_ref()).collect(),
            Self::Dockerfile(d) => d.stages.iter().flat_map(docker::Stage::scripts).collect(),
            Self::Commands(d) => d.blocks.iter().filter_map(|block| block.script.as_ref()).collect(),
            Self::Hooks(_) => local_scripts(self),
            Self::Agent(d) => {
                let servers = d.servers.iter().filter_map(|server| server.script.as_ref());
                servers.chain(local_scripts(self)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What the tree's own policy says, where this is it; not one that it inherits.
    #[must_use]
    pub fn custody(&self) -> Option<&Config> {
        if let Self::Custody(config) = self {
            Some(config.as_ref()).filter(|c| c.home != Home::Inherited)
        } else {
            None
        }
    }

    /// The file it was read from.
    #[must_use]
    pub fn file(&self) -> FileId {
        match self {
            Self::CargoManifest(d) => d.file,
            Self::CargoLock(d) => d.file,
            Self::CargoConfig(d) => d.file,
            Self::CargoChecksums(d) => d.file,
            Self::Toolchain(d) => d.file,
            Self::Workflow(d) => d.file,
            Self::Action(d) => d.file,
            Self::ActionsLock(d) => d.file,
            Self::Requirements(d) => d.file,
            Self::PyProject(d) => d.file,
            Self::PythonLock(d) => d.file,
            Self::Dockerfile(d) => d.file,
            Self::Deployment(d) => d.file,
            Self::Commands(d) => d.file,
            Self::BuildCode(d) => d.file,
            Self::CondaEnvironment(d) => d.file,
            Self::CondaLock(d) => d.file,
            Self::ManagerSettings(d) => d.file,
            Self::Built(d) => d.file,
            Self::DirectUrl(d) => d.file,
            Self::Record(d) => d.file,
            Self::PathFile(d) => d.file,
            Self::Auditable(d) => d.file,
            Self::Opaque(d) => d.file,
            Self::Model(d) => d.file,
            Self::Card(d) => d.file,
            Self::References(d) => d.file,
            Self::CustodyLock(d) => d.file,
            Self::Ignores(d) => d.file,
            Self::Gitlab(d) => d.file,
            Self::Azure(d) => d.file,
            Self::Dependabot(d) => d.file,
            Self::Hooks(d) => d.file,
            Self::CodeOwners(d) => d.file,
            Self::Lines(d) => d.file,
            Self::Agent(d) => d.file,
            Self::Sbom(d) => d.file,
            Self::Custody(d) => d.file,
        }
    }

    /// Gives the file another id: ids follow the paths of all files, which are known at the end only.
    pub(crate) fn set_file(&mut self, id: FileId) {
        let file = match self {
            Self::CargoManifest(d) => &mut d.file,
            Self::CargoLock(d) => &mut d.file,
            Self::CargoConfig(d) => &mut d.file,
            Self::CargoChecksums(d) => &mut d.file,
            Self::Toolchain(d) => &mut d.file,
            Self::Workflow(d) => &mut d.file,
            Self::Action(d) => &mut d.file,
            Self::ActionsLock(d) => &mut d.file,
            Self::Requirements(d) => &mut d.file,
            Self::PyProject(d) => &mut d.file,
            Self::PythonLock(d) => &mut d.file,
            Self::Dockerfile(d) => &mut d.file,
            Self::Deployment(d) => &mut d.file,
            Self::Commands(d) => &mut d.file,
            Self::BuildCode(d) => &mut d.file,
            Self::CondaEnvironment(d) => &mut d.file,
            Self::CondaLock(d) => &mut d.file,
            Self::ManagerSettings(d) => &mut d.file,
            Self::Built(d) => &mut d.file,
            Self::DirectUrl(d) => &mut d.file,
            Self::Record(d) => &mut d.file,
            Self::PathFile(d) => &mut d.file,
            Self::Auditable(d) => &mut d.file,
            Self::Opaque(d) => &mut d.file,
            Self::Model(d) => &mut d.file,
            Self::Card(d) => &mut d.file,
            Self::References(d) => &mut d.file,
            Self::CustodyLock(d) => &mut d.file,
            Self::Ignores(d) => &mut d.file,
            Self::Gitlab(d) => &mut d.file,
            Self::Azure(d) => &mut d.file,
            Self::Dependabot(d) => &mut d.file,
            Self::Hooks(d) => &mut d.file,
            Self::CodeOwners(d) => &mut d.file,
            Self::Lines(d) => &mut d.file,
            Self::Agent(d) => &mut d.file,
            Self::Sbom(d) => &mut d.file,
            Self::Custody(d) => {
                d.waivers.iter_mut().for_each(|waiver| waiver.file = id);
                &mut d.file
            }
        };
        *file = id;
    }
}
