//! The rules: a table of values, one file pair each, grouped in families. Pure functions of the
//! scene; no I/O, no clock, no policy.

pub mod advisories;
pub mod agents;
pub mod artifacts;
pub mod build_steps;
pub mod changes;
pub mod confusion;
pub mod impostors;
pub mod licences;
pub mod loads;
pub mod locks;
pub mod models;
pub mod peers;
pub mod pinning;
pub mod policy;
pub mod registry;
pub mod upkeep;
pub mod workflow;

mod edits;
mod locked;
mod page;
mod python;
mod reporter;
mod tokens;
mod used;
mod versionless;

pub use page::{Block, Page, SECTIONS, Section, Side};
use reporter::rests_on;
pub use reporter::{Draft, Reporter};
pub(crate) use workflow::reach::Runs;
pub(crate) use workflow::reach::tree as expressions;

use std::collections::BTreeMap;

use crate::advisory::Date;
use crate::config::Config as Custody;
use crate::diag::Severity;
use crate::graph::assets::AssetView;
use crate::graph::cargo::CargoView;
use crate::graph::ci::Privilege;
use crate::graph::ci::expression::Tree;
use crate::graph::ci::pins::Pins;
use crate::graph::ci::trust::TrustView;
use crate::graph::distributions::Distributions;
use crate::graph::flow::FlowView;
use crate::graph::images::ImageView;
use crate::graph::indexes::IndexTable;
use crate::graph::kinds::cargo::{Config, Lock, Manifest, Toolchain};
use crate::graph::kinds::docker::Dockerfile;
use crate::graph::kinds::ignores::InlineIgnore;
use crate::graph::kinds::python::{PyProject, PythonLock, RequirementsFile};
use crate::graph::kinds::workflow::{ActionDefinition, ActionsLock, Job, Service, Workflow};
use crate::graph::parts::Parts;
use crate::graph::python::PythonView;
use crate::graph::{Document, Graph};
use crate::outside::Known;
use crate::source::{FileId, RepoPath, Role, SourceFile, Sources};

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Says what is wrong; the files are named after it.
    pub id: &'static str,
    /// One line.
    pub title: &'static str,
    /// One line for many of them; `{n}` stands for the number of findings.
    pub many: &'static str,
    /// How bad it usually is.
    pub severity: Severity,
    /// The version it came with.
    pub since: &'static str,
    /// Its page as written; [`Rule::page`] is what people read.
    pub docs: &'static str,
    /// The check.
    pub check: fn(&Scene<'_>, &mut Reporter<'_>),
}

impl Rule {
    /// Its page as people and tests read it: with the addresses of indexes put in.
    #[must_use]
    pub fn page(&self) -> String {
        crate::graph::indexes::put_in(self.docs)
    }
}

/// A family of rules.
#[derive(Debug)]
pub struct Family {
    /// Its name, the folder's name.
    pub id: &'static str,
    /// What it looks for.
    pub title: &'static str,
    /// Its rules, sorted by id.
    pub rules: &'static [&'static Rule],
}

/// All families, in the order of the product's promise.
pub static FAMILIES: &[&Family] = &[
    &pinning::FAMILY,
    &confusion::FAMILY,
    &impostors::FAMILY,
    &advisories::FAMILY,
    &registry::FAMILY,
    &build_steps::FAMILY,
    &workflow::FAMILY,
    &agents::FAMILY,
    &upkeep::FAMILY,
    &artifacts::FAMILY,
    &loads::FAMILY,
    &locks::FAMILY,
    &models::FAMILY,
    &changes::FAMILY,
    &policy::FAMILY,
    &licences::FAMILY,
];

/// All rules with their families.
pub fn all() -> impl Iterator<Item = (&'static Family, &'static Rule)> {
    FAMILIES.iter().flat_map(|family| family.rules.iter().map(move |rule| (*family, *rule)))
}

/// The rule of an id.
#[must_use]
pub fn find(id: &str) -> Option<(&'static Family, &'static Rule)> {
    all().find(|(_, rule)| rule.id == id)
}

/// What rules look at.
pub struct Scene<'a> {
    /// The graph.
    pub graph: &'a Graph,
    /// Documents, in path order.
    pub documents: &'a [Document],
    /// Workspaces and locks.
    pub cargo: &'a CargoView,
    /// Python's projects, locks, requirements files and install commands.
    pub python: &'a PythonView,
    /// Dockerfiles and who builds them.
    pub images: &'a ImageView,
    /// What the addresses of package indexes are.
    pub indexes: &'a IndexTable,
    /// Releases and open requirements that Python's files name.
    pub distributions: &'a Distributions,
    /// Roles by file, reach considered.
    pub roles: &'a BTreeMap<FileId, Role>,
    /// Files that were read, for places and words.
    pub sources: &'a Sources,
    /// Every path of the tree.
    pub files: &'a std::collections::BTreeSet<RepoPath>,
    /// Answers from outside.
    pub known: &'a Known,
    /// What is known of actions of other repositories.
    pub pins: &'a Pins,
    /// The day of the audit; none where nobody says, and then nothing is old or young.
    pub today: Option<Date>,
    /// Days that a release is to be out before it is taken, as whoever runs the audit says.
    pub cooldown: Option<u32>,
    /// Comments that excuse findings; none where they are not heeded.
    pub inline_ignores: &'a [InlineIgnore],
    /// What CI trusts, across files.
    pub(crate) trust: &'a TrustView,
    /// What becomes of files while scripts run.
    pub flows: &'a FlowView<'a>,
    /// Models, data sets and their kin that are loaded by name.
    pub assets: &'a AssetView,
    /// Workflows and actions, who calls and uses which.
    pub(crate) ci: &'a Tree<'a>,
    /// Parts of scripts, Makefiles and their kin, and who calls them.
    pub parts: &'a Parts,
    /// Who runs what.
    pub(crate) runs: &'a Runs<'a>,
    /// The tree before the change; none where there is none to compare with. Only rules about changes look at it.
    pub before: Option<&'a Before<'a>>,
}

/// The tree before a change.
pub struct Before<'a> {
    /// What its rules saw.
    pub scene: &'a Scene<'a>,
    /// Files that were moved: where they are now, to where they were.
    pub moved: &'a BTreeMap<RepoPath, RepoPath>,
}

impl<'a> Before<'a> {
    /// The file as it was before, by the path that it has now.
    #[must_use]
    pub fn file(&self, path: &RepoPath) -> Option<&'a SourceFile> {
        self.scene.sources.by_path(self.moved.get(path).unwrap_or(path))
    }
}

impl<'a> Scene<'a> {
    /// GitHub's workflows, in path order.
    pub fn workflows(&self) -> impl Iterator<Item = &'a Workflow> {
        self.pipelines().filter(|w| w.service == Service::GitHub)
    }

    /// The pipelines of all services, in path order.
    pub fn pipelines(&self) -> impl Iterator<Item = &'a Workflow> {
        let all = self.documents.iter().filter_map(|d| if let Document::Workflow(w) = d { Some(w) } else { None });
        // Nobody runs the pipelines of a copy of somebody else's tree.
        all.filter(|w| self.role(w.file) != Role::Vendored)
    }

    /// Jobs of all services, with their pipelines.
    pub fn pipeline_jobs(&self) -> impl Iterator<Item = (&'a Workflow, &'a Job)> {
        self.pipelines().flat_map(|w| w.jobs.iter().map(move |j| (w, j)))
    }

    /// Jobs of GitHub's workflows, with these.
    pub fn jobs(&self) -> impl Iterator<Item = (&'a Workflow, &'a Job)> {
        self.workflows().flat_map(|w| w.jobs.iter().map(move |j| (w, j)))
    }

    /// Actions defined in the tree.
    pub fn actions(&self) -> impl Iterator<Item = &'a ActionDefinition> {
        self.documents.iter().filter_map(|d| if let Document::Action(a) = d { Some(a) } else { None })
    }

    /// GitHub's lock of actions, where the tree has one.
    #[must_use]
    pub fn actions_lock(&self) -> Option<&'a ActionsLock> {
        self.documents.iter().find_map(|d| if let Document::ActionsLock(l) = d { Some(l) } else { None })
    }

    /// Manifests with their position among the documents.
    pub fn manifests(&self) -> impl Iterator<Item = (usize, &'a Manifest)> {
        self.documents
            .iter()
            .enumerate()
            .filter_map(|(i, d)| if let Document::CargoManifest(m) = d { Some((i, m)) } else { None })
    }

    /// Cargo configurations.
    pub fn configs(&self) -> impl Iterator<Item = &'a Config> {
        self.documents.iter().filter_map(|d| if let Document::CargoConfig(c) = d { Some(c) } else { None })
    }

    /// What `custody.toml` says, where the tree has one.
    #[must_use]
    pub fn custody(&self) -> Option<&'a Custody> {
        self.documents.iter().find_map(Document::custody)
    }

    /// Toolchain files.
    pub fn toolchains(&self) -> impl Iterator<Item = &'a Toolchain> {
        self.documents.iter().filter_map(|d| if let Document::Toolchain(t) = d { Some(t) } else { None })
    }

    /// The lock at a position among the documents.
    #[must_use]
    pub fn lock(&self, document: usize) -> Option<&'a Lock> {
        match self.documents.get(document) {
            Some(Document::CargoLock(lock)) => Some(lock),
            _ => None,
        }
    }

    /// The manifest at a position among the documents.
    #[must_use]
    pub fn manifest(&self, document: usize) -> Option<&'a Manifest> {
        match self.documents.get(document) {
            Some(Document::CargoManifest(manifest)) => Some(manifest),
            _ => None,
        }
    }

    /// The project file at a position among the documents.
    #[must_use]
    pub fn pyproject(&self, document: usize) -> Option<&'a PyProject> {
        match self.documents.get(document) {
            Some(Document::PyProject(project)) => Some(project),
            _ => None,
        }
    }

    /// The requirements file at a position among the documents.
    #[must_use]
    pub fn requirements(&self, document: usize) -> Option<&'a RequirementsFile> {
        match self.documents.get(document) {
            Some(Document::Requirements(file)) => Some(file),
            _ => None,
        }
    }

    /// Python's lock at a position among the documents.
    #[must_use]
    pub fn python_lock(&self, document: usize) -> Option<&'a PythonLock> {
        match self.documents.get(document) {
            Some(Document::PythonLock(lock)) => Some(lock),
            _ => None,
        }
    }

    /// The Dockerfile at a position among the documents.
    #[must_use]
    pub fn dockerfile(&self, document: usize) -> Option<&'a Dockerfile> {
        match self.documents.get(document) {
            Some(Document::Dockerfile(file)) => Some(file),
            _ => None,
        }
    }

    /// Role of a file.
    #[must_use]
    pub fn role(&self, file: FileId) -> Role {
        self.roles.get(&file).copied().unwrap_or(Role::Product)
    }

    /// What code in a job could gain.
    #[must_use]
    pub fn privilege(&self, workflow: &Workflow, job: &Job) -> Privilege {
        crate::graph::ci::privilege(workflow, job)
    }
}
