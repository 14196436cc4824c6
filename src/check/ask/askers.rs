//! Whether PyPI is asked at all for what a file names, as far as the files tell.
//!
//! Advisories on PyPI's releases are looked up for every name that may be one, since that costs nobody
//! anything. A question to PyPI gives a name away, so that here a doubt is a no.

use std::collections::{BTreeMap, BTreeSet};

use super::Asked;
use crate::graph::Document;
use crate::graph::distributions::Holder;
use crate::graph::kinds::python::PyProject;
use crate::graph::kinds::settings::SettingsForm;
use crate::graph::python::resolve::{Resolver, TABLES, Told};
use crate::graph::python::{Install, Project, RequirementSet};
use crate::source::RepoPath;

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
            !out.asks(&Told::by_settings(resolver, settings))
        });
        out.settings = private.map(|file| file.folder.clone()).collect();
        out
    }

    fn set_asks(&self, number: usize, set: &RequirementSet) -> bool {
        let by_command = self.installs.get(&number).map(|installs| {
            installs.iter().any(|install| {
                let resolver = Resolver::of_manager(&install.manager);
                self.asks(&Told::by_options(resolver, install.options.iter().chain(&set.options)))
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
            TABLES.into_iter().any(|tool| {
                let told = Told::by_tables(file, tool);
                !told.is_empty() && !self.asks(&told)
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
