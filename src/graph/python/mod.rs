//! Python's projects, locks, requirements files and install commands, tied together as pip, uv and
//! Poetry tie them, without running any of them.
//!
//! Says what each list of requirements is for, since a range is right in a library and a gap in an
//! image, and how each locked distribution is reached.

mod built;
mod calls;
mod installs;
mod keys;
mod locks;
mod operand;
mod options;
mod projects;
pub mod resolve;
mod sets;
mod settings;
mod uses;

use std::collections::{BTreeMap, BTreeSet};

use super::Document;
use super::conda::{CondaCommand, CondaView};
use super::images::ImageView;
use super::indexes::IndexTable;
use super::kinds::python::{Group, IndexOption, Requirement};
use super::kinds::settings::SettingsForm;
use super::paths::Paths;
use crate::source::{FileId, Place, RepoPath, Role, Sources};

pub(super) use calls::role_of_commands;
pub(crate) use sets::named_role;

pub use built::{BuiltOrigin, BuiltView};
pub use keys::{lock_key, pinned_version, requirement_key, source_of};
pub use operand::{is_exact, name_of};

/// What a list of requirements is for. The weightiest first: it is what decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Installed into an image that a Dockerfile of the tree builds.
    Image,
    /// Makes an application: a service, a program, a deployment; nobody else resolves it again.
    Application,
    /// Installed by a job of continuous integration.
    Ci,
    /// For those who work on the tree: linters, tests, docs.
    Development,
    /// Published for others to resolve: its ranges are right.
    Library,
}

impl Purpose {
    /// The purpose as reports and the graph's JSON spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Application => "application",
            Self::Ci => "ci",
            Self::Development => "development",
            Self::Library => "library",
        }
    }

    /// Whether what is installed should be the same each time.
    #[must_use]
    pub fn wants_pins(self) -> bool {
        matches!(self, Self::Image | Self::Application | Self::Ci)
    }
}

/// A project file: `pyproject.toml`, `setup.cfg`, `setup.py`, a `Pipfile`, or a script with inline metadata.
#[derive(Debug, Clone)]
pub struct Project {
    /// Index of its document.
    pub document: usize,
    /// The file.
    pub file: FileId,
    /// Its folder.
    pub folder: RepoPath,
    /// Its name, normalised, from whichever of its files states it; none where it has none.
    pub name: Option<String>,
    /// Of a `setup.cfg` or `setup.py` beside a file that comes first (`pyproject.toml`, then `setup.cfg`): that
    /// file, by index into [`PythonView::projects`]. The two are one project with one name.
    pub beside: Option<usize>,
    /// The files beside it that belong to the same project, by index into [`PythonView::projects`].
    pub further: Vec<usize>,
    /// What the file is for.
    pub role: Role,
    /// What its runtime requirements are for.
    pub purpose: Purpose,
    /// Its lock, or that of its workspace, by index into [`PythonView::locks`].
    pub lock: Option<usize>,
    /// The root of its uv workspace, by index into [`PythonView::projects`]; itself where it is the root.
    pub root: Option<usize>,
    /// The package of the tree it is built from by maturin or setuptools-rust: its folder.
    pub crate_folder: Option<RepoPath>,
    /// Who installs it, the weightiest first.
    pub used_by: Vec<Use>,
    /// The `uv.toml` that counts for it in place of its `[tool.uv]`, by index into
    /// [`PythonView::settings`].
    pub uv_settings: Option<usize>,
}

/// A settings file of pip or uv, or a list of upload targets.
#[derive(Debug, Clone)]
pub struct SettingsFile {
    /// Index of its document.
    pub document: usize,
    /// The file.
    pub file: FileId,
    /// Whose.
    pub form: SettingsForm,
    /// Its folder.
    pub folder: RepoPath,
    /// What the file is for, reach considered.
    pub role: Role,
    /// What is looked up under it, the weightiest; development where nobody is known to use it.
    pub purpose: Purpose,
    /// Commands that it counts for, the weightiest first.
    pub used_by: Vec<Use>,
}

/// A requirements or constraints file.
#[derive(Debug, Clone)]
pub struct RequirementSet {
    /// Index of its document.
    pub document: usize,
    /// The file.
    pub file: FileId,
    /// What the file is for, reach considered.
    pub role: Role,
    /// What the requirements are for, reach considered.
    pub purpose: Purpose,
    /// Included files that are in the tree: index into [`PythonView::sets`], and whether as constraints.
    pub includes: Vec<(usize, bool)>,
    /// Who installs or includes it, the weightiest first.
    pub used_by: Vec<Use>,
    /// Used as constraints and nothing else.
    pub only_constrains: bool,
    /// Every requirement is exact, whether or not a tool wrote the file.
    pub is_locked: bool,
    /// Of `x.in`: the exact `x.txt` beside it, index into [`PythonView::sets`].
    pub locked_as: Option<usize>,
    /// Options in force in it: its own and those of the files that include it, with their places.
    pub options: Vec<(Place, IndexOption)>,
    /// It is the part for pip of an environment of conda or pixi: whose, `conda` or `pixi`.
    pub part_of: Option<&'static str>,
    /// The lock of that environment, where what is installed is held by it.
    pub held_by: Option<FileId>,
}

/// Something that makes use of a file.
#[derive(Debug, Clone)]
pub struct Use {
    /// Where that stands.
    pub place: Place,
    /// In a few words, for a route: `Dockerfile stage app`, `job test`, `requirements-dev.txt`.
    pub text: String,
    /// What it is for.
    pub purpose: Purpose,
    /// The role of what uses it.
    pub role: Role,
    /// As constraints.
    pub constraint: bool,
}

/// Why a locked distribution is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// To run.
    Runtime,
    /// For an extra.
    Extra,
    /// To build.
    Build,
    /// For a dependency group: tests, linters, docs.
    Development,
    /// No project of the tree that we know needs it.
    Unknown,
}

impl Need {
    /// The need as the graph's JSON spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Runtime => "runtime",
            Self::Extra => "extra",
            Self::Build => "build",
            Self::Development => "development",
            Self::Unknown => "unknown",
        }
    }
}

/// How a locked distribution is reached.
#[derive(Debug, Clone)]
pub struct ReachedDistribution {
    /// Why it is there.
    pub need: Need,
    /// The extra or group at the start of the way.
    pub group: Group,
    /// The role it inherits.
    pub role: Role,
    /// The package before it on the shortest way, by index in the lock.
    pub parent: Option<usize>,
    /// Number of hops from a project; 1 is a direct requirement, 0 a project itself or unknown.
    pub hops: usize,
    /// The project it enters by, by index into [`PythonView::projects`].
    pub project: Option<usize>,
    /// The line that lets it in, at the start of the shortest way.
    pub enters_at: Option<Place>,
    /// The marker of the first hop, where there is one.
    pub marker: Option<String>,
}

/// A `uv.lock` or `poetry.lock` with its dependencies resolved to indices.
#[derive(Debug, Clone)]
pub struct PythonLockView {
    /// Index of its document.
    pub document: usize,
    /// The file.
    pub file: FileId,
    /// Its project, by index into [`PythonView::projects`].
    pub project: Option<usize>,
    /// What it is for. The lock of a library serves those who work on it.
    pub role: Role,
    /// What it is for.
    pub purpose: Purpose,
    /// Who installs from it, the weightiest first.
    pub used_by: Vec<Use>,
    /// For each package, the packages it depends on.
    pub edges: Vec<Vec<usize>>,
    /// For each package, how it is reached.
    pub reached: Vec<ReachedDistribution>,
}

/// Where a command stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Site {
    /// In a step: index of the workflow's document, of the job, of the step.
    Step {
        /// Index of the document.
        document: usize,
        /// Index of the job.
        job: usize,
        /// Index of the step.
        step: usize,
    },
    /// In a step of a composite action.
    Action {
        /// Index of the document.
        document: usize,
        /// Index of the step.
        step: usize,
    },
    /// In a Dockerfile.
    Image {
        /// Index of the document.
        document: usize,
        /// Index of the stage.
        stage: usize,
        /// Index of the instruction in its stage.
        instruction: usize,
    },
    /// In a part of a shell script, Makefile, notebook, tox or nox file.
    Block {
        /// Index of the document.
        document: usize,
        /// Index of the part.
        block: usize,
    },
}

/// How a script or target comes to run.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The step or instruction it starts from.
    pub site: Site,
    /// What is called on the way, in order: in a few words, and the command that calls it.
    pub hops: Vec<(String, Place)>,
}

/// A command that installs distributions by pip, uv, pipx or Poetry.
#[derive(Debug, Clone)]
pub struct Install {
    /// Where the command stands.
    pub site: Site,
    /// Of a script or target that a workflow, an image or another script runs: who does so.
    pub caller: Option<Caller>,
    /// The command.
    pub place: Place,
    /// The manager: `pip`, `uv`, `uvx`, `pipx`, `poetry`, `pdm`.
    pub manager: String,
    /// Its subcommand: `install`, `pip install`, `sync`, `tool install`, `run`.
    pub verb: String,
    /// What is named on the command line; spans are those of the host file.
    pub requirements: Vec<Requirement>,
    /// Requirements and constraints files it names: the path as written, the set where it is in the
    /// tree (index into [`PythonView::sets`]), whether as constraints.
    pub files: Vec<(String, Option<usize>, bool)>,
    /// Options and variables in force that choose where the manager looks, with their places.
    pub options: Vec<(Place, IndexOption)>,
    /// Projects of the tree it installs, by index into [`PythonView::projects`]: `.`, `-e ./x`, `uv sync`.
    pub projects: Vec<usize>,
    /// The lock it installs from, by index into [`PythonView::locks`].
    pub lock: Option<usize>,
    /// What the command is for.
    pub purpose: Purpose,
    /// The role of its file.
    pub role: Role,
    /// What it installs is held by a lock or by hashes: `--require-hashes`, `uv sync` or `poetry install`
    /// beside a lock.
    pub is_locked: bool,
    /// What it asks of conda's channels, where it is a command of conda's or pixi.
    pub conda: Option<CondaCommand>,
}

impl Install {
    /// The step, instruction or part that starts the command, whatever script it stands in.
    #[must_use]
    pub fn starts_at(&self) -> Site {
        self.caller.as_ref().map_or(self.site, |caller| caller.site)
    }
}

/// Everything of Python's in the tree.
#[derive(Debug, Default)]
pub struct PythonView {
    /// Projects, by path.
    pub projects: Vec<Project>,
    /// Locks, by path.
    pub locks: Vec<PythonLockView>,
    /// Requirements files, by path.
    pub sets: Vec<RequirementSet>,
    /// Install commands, by file and place.
    pub installs: Vec<Install>,
    /// Distributions that lie in the tree already built, by path.
    pub built: Vec<BuiltView>,
    /// Settings files, by path.
    pub settings: Vec<SettingsFile>,
    /// Environments and locks of conda and pixi.
    pub conda: CondaView,
    /// What the addresses of package indexes are.
    pub indexes: IndexTable,
    /// What was not followed to its end because a bound was reached, in sentences.
    pub cut: Vec<String>,
    /// Projects of workspaces, by their root and name.
    members: BTreeMap<(usize, String), usize>,
}

impl PythonView {
    /// A project of a workspace by its normalised name; both by index into [`PythonView::projects`].
    #[must_use]
    pub fn member(&self, root: usize, name: &str) -> Option<usize> {
        self.members.get(&(root, name.to_owned())).copied()
    }

    /// Ties documents together.
    #[must_use]
    pub fn build(documents: &[Document], sources: &Sources, files: &BTreeSet<RepoPath>, images: &ImageView) -> Self {
        let paths = Paths::new(files);
        let mut cut = Vec::new();
        let mut projects = projects::find(documents, sources, &paths);
        let mut sets = sets::find(documents, sources, &mut cut);
        let mut locks = locks::find(documents, sources, &mut projects);
        let mut settings = settings::find(documents, sources);
        settings::tie(&mut settings, &mut projects, documents);
        let around = installs::Around::new(documents, sources, &paths, &projects, &sets, &settings);
        let found = installs::find(&around, images, &mut cut);
        drop(around);
        uses::tell(&found, &mut projects, &mut locks, &mut sets, documents, sources, images);
        uses::tell_settings(&found, &mut settings);
        sets::judge(&mut sets, &projects, documents, sources, &paths, &mut cut);
        for index in 0..locks.len() {
            let shipped = uses::shipped(index, &found, &locks, images);
            uses::judge_lock(&mut locks[index], index, &projects, &shipped);
            locks::reach(&mut locks[index], documents, sources, &projects, &shipped);
        }
        let by: Vec<(&Install, String)> =
            found.iter().filter(|f| f.install.conda.is_some()).map(|f| (&f.install, f.by.clone())).collect();
        let conda = CondaView::build(documents, sources, &sets, &by);
        drop(by);
        let installs = calls::once(found);
        let of_workspace = |(index, p): (usize, &Project)| Some(((p.root?, p.name.clone()?), index));
        let members = projects.iter().enumerate().filter_map(of_workspace).collect();
        let built = built::find(documents, sources, files, &projects, &sets);
        let indexes = IndexTable::of(documents);
        Self { projects, locks, sets, installs, built, settings, conda, indexes, cut, members }
    }
}
