//! Whether PyPI is asked at all for what a file names, as far as the files tell.
//!
//! Advisories on PyPI's releases are looked up for every name that may be one, since that costs nobody
//! anything. A question to PyPI gives a name away, so that here a doubt is a no.

use std::collections::{BTreeMap, BTreeSet};

use super::Asked;
use crate::graph::Document;
use crate::graph::distributions::Holder;
use crate::graph::kinds::python::{DeclaredIndex, PyProject, Tool};
use crate::graph::kinds::settings::SettingsForm;
use crate::graph::python::resolve::{Resolver, Told};
use crate::graph::python::{Install, Project, RequirementSet};
use crate::source::{FileId, Place, RepoPath};

/// Who asks PyPI, by the positions of [`PythonView`](crate::graph::python::PythonView).
pub(super) struct Askers {
    sets: Vec<bool>,
    projects: Vec<bool>,
}

impl Askers {
    pub(super) fn of(asked: &Asked<'_>) -> Self {
        let look = Look::new(asked);
        let sets = asked.python.sets.iter().enumerate().map(|(number, set)| look.set_asks(number, set)).collect();
        Self { sets, projects: asked.python.projects.iter().map(|project| look.project_asks(project)).collect() }
    }

    /// Whether PyPI is asked for what a holder names and nothing binds to another index.
    pub(super) fn ask_pypi(&self, holder: Holder) -> bool {
        match holder {
            // They hold where each release comes from, and a command has its settings among its options.
            Holder::Lock(..) | Holder::Install(..) => true,
            // Who installed it, and from where, is not told.
            Holder::Built(_) | Holder::Conda(..) => false,
            Holder::Set(set, _) => self.sets.get(set).copied().unwrap_or(false),
            Holder::Project(project, _) => self.projects.get(project).copied().unwrap_or(false),
        }
    }
}

struct Look<'a> {
    asked: &'a Asked<'a>,
    /// Commands that install each requirements file.
    installs: BTreeMap<usize, Vec<&'a Install>>,
    /// Folders whose settings file keeps a resolver from PyPI. Whether it counts for a file below is known only
    /// where that is installed.
    settings: BTreeSet<RepoPath>,
}

impl<'a> Look<'a> {
    fn new(asked: &'a Asked<'a>) -> Self {
        let mut installs: BTreeMap<usize, Vec<&Install>> = BTreeMap::new();
        for install in &asked.python.installs {
            for (_, set, constrains) in &install.files {
                if let (Some(set), false) = (set, constrains) {
                    installs.entry(*set).or_default().push(install);
                }
            }
        }
        let mut out = Self { asked, installs, settings: BTreeSet::new() };
        let private = asked.python.settings.iter().filter(|file| {
            let Some(Document::ManagerSettings(settings)) = asked.documents.get(file.document) else { return false };
            let resolver = match file.form {
                SettingsForm::Pip => Resolver::Pip,
                SettingsForm::Uv => Resolver::Uv,
                SettingsForm::Pypirc | SettingsForm::Conda => return false,
            };
            let options = settings.options.iter().map(|o| (Place::new(settings.file, o.span), o)).collect();
            let declared = settings.indexes.iter().map(|i| (settings.file, i)).collect();
            !out.asks(&Told { resolver, options, declared, keeps_order: false })
        });
        out.settings = private.map(|file| file.folder.clone()).collect();
        out
    }

    fn set_asks(&self, number: usize, set: &RequirementSet) -> bool {
        let by_command = self.installs.get(&number).map(|installs| {
            installs.iter().any(|install| {
                let uv = matches!(install.manager.as_str(), "uv" | "uvx" | "pixi");
                let resolver = if uv { Resolver::Uv } else { Resolver::Pip };
                let options = install.options.iter().chain(&set.options).map(|(place, o)| (*place, o)).collect();
                self.asks(&Told { resolver, options, declared: Vec::new(), keeps_order: false })
            })
        });
        by_command.unwrap_or_else(|| {
            let folder = self.asked.sources.get(set.file).map(|file| file.path.parent());
            folder.is_some_and(|folder| self.is_open(folder))
        })
    }

    fn project_asks(&self, project: &Project) -> bool {
        let Some(file) = self.project_file(project.document) else { return false };
        let root = project.root.and_then(|root| self.asked.python.projects.get(root));
        let root = root.and_then(|root| self.project_file(root.document));
        let tables = root.into_iter().chain([file]);
        let is_private = |file: &PyProject| {
            [Tool::Uv, Tool::Poetry, Tool::Pdm, Tool::Pipenv].into_iter().any(|tool| {
                let of_tool = file.indexes.iter().filter(|index| index.tool == tool);
                let declared: Vec<(FileId, &DeclaredIndex)> = of_tool.map(|index| (file.file, index)).collect();
                let options = file.options.iter().filter(|_| tool == Tool::Uv);
                let options: Vec<_> = options.map(|o| (Place::new(file.file, o.span), o)).collect();
                let is_told = !declared.is_empty() || !options.is_empty();
                let keeps_order = file.keeps_source_order;
                is_told && !self.asks(&Told { resolver: Resolver::of(tool), options, declared, keeps_order })
            })
        };
        !tables.into_iter().any(is_private) && self.is_open(project.folder.clone())
    }

    fn project_file(&self, document: usize) -> Option<&'a PyProject> {
        match self.asked.documents.get(document) {
            Some(Document::PyProject(file)) => Some(file),
            _ => None,
        }
    }

    /// Whether PyPI is among those that are asked.
    fn asks(&self, told: &Told<'_>) -> bool {
        let indexes = &self.asked.python.indexes;
        told.for_any_name().all().any(|one| one.address.is_none_or(|address| indexes.kind(address).is_pypi()))
    }

    /// Whether no settings file in a folder or above it keeps its resolver from PyPI.
    fn is_open(&self, mut folder: RepoPath) -> bool {
        loop {
            if self.settings.contains(&folder) {
                return false;
            }
            if folder.is_root() {
                return true;
            }
            folder = folder.parent();
        }
    }
}
