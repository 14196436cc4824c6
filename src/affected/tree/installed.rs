//! `pip install .` and its like: a project of the tree brings what it asks for itself and by the extras that are named,
//! and no lock beside it is heeded. So does the product of the tree where it is installed from elsewhere: `dist/*.whl`,
//! its own name, its own repository.

use std::collections::BTreeSet;

use super::added::Adding;
use super::added::OPEN;
use crate::affected::net::Part;
use crate::graph::identity;
use crate::graph::kinds::python::Group;
use crate::graph::kinds::python::Origin;
use crate::graph::kinds::python::Requirement;
use crate::graph::python::Install;
use crate::graph::python::Site;
use crate::source::Place;
use crate::source::Role;

/// Extras that are followed for one install.
const MOST_EXTRAS: usize = 256;

/// A project that an install brings, with the extras that it asks for.
struct Brought {
    project: usize,
    extras: BTreeSet<String>,
}

impl Adding<'_, '_> {
    /// Leads from installs to what they bring of the projects of the tree.
    pub(super) fn installs(&mut self) {
        let scene = self.scene;
        // Commands that take a project as its manager does lead to all of it.
        let mut kept: BTreeSet<(usize, usize)> = BTreeSet::new();
        let mut found: Vec<(usize, &Install, Brought)> = Vec::new();
        for install in &scene.python.installs {
            let Some(from) = self.site(install.site).or_else(|| self.site(install.starts_at())) else { continue };
            if install.is_locked || install.lock.is_some() {
                kept.extend(install.projects.iter().map(|project| (from, *project)));
                continue;
            }
            let brought = self.brought(install);
            let by_name: BTreeSet<usize> = brought.iter().map(|one| one.project).collect();
            kept.extend(install.projects.iter().filter(|at| !by_name.contains(*at)).map(|at| (from, *at)));
            found.extend(brought.into_iter().map(|one| (from, install, one)));
        }
        for (from, _, one) in &found {
            let manifest = scene.python.projects.get(one.project).map(|project| scene.sources.path(project.file));
            if let Some(manifest) = manifest.filter(|_| !kept.contains(&(*from, one.project))) {
                let key = format!("manifest:{manifest}");
                // Lists that the project takes its requirements from are reached through it.
                let holder = self.keys.get(&key).copied();
                if !holder.is_some_and(|at| self.net.uses_any(at)) {
                    self.net.release(*from, |part| part.key == key);
                }
            }
        }
        for (from, install, one) in found {
            self.bring(from, install, &one);
        }
    }

    /// Which projects an install names: by path, or as the product of the tree.
    fn brought(&self, install: &Install) -> Vec<Brought> {
        let projects = &self.scene.python.projects;
        let mut out: Vec<Brought> = Vec::new();
        let mut by_path = install.projects.iter().copied();
        // What a person is told to type installs nothing here.
        let is_run = matches!(install.starts_at(), Site::Step { .. } | Site::Action { .. } | Site::Image { .. });
        let extras_of = |requirement: &Requirement| -> BTreeSet<String> {
            requirement.extras.iter().map(|extra| identity::distribution_name(extra)).collect()
        };
        for requirement in &install.requirements {
            let extras = extras_of(requirement);
            let of_folder = match &requirement.origin {
                Some(Origin::Path { path }) if !is_built(&path.value) => by_path.next(),
                _ => None,
            };
            let project = of_folder.or_else(|| self.product(requirement).filter(|_| is_run));
            if let Some(project) = project.filter(|at| projects.get(*at).is_some()) {
                out.push(Brought { project, extras });
            }
        }
        if !is_run {
            return out;
        }
        for set in install.files.iter().filter(|(_, _, is_constraint)| !is_constraint).filter_map(|(_, set, _)| *set) {
            let document = self.scene.python.sets.get(set).map(|set| set.document);
            let Some(file) = document.and_then(|document| self.scene.requirements(document)) else { continue };
            let products = file.requirements.iter().filter_map(|one| Some((self.product(one)?, extras_of(one))));
            out.extend(products.map(|(project, extras)| Brought { project, extras }));
        }
        // A pattern names no requirement.
        let builds = |word: &str| word.contains("dist/") && (is_built(word) || word.ends_with('*'));
        if out.is_empty()
            && self.command(install).split_whitespace().any(|word| builds(word.trim_matches(['"', '\''])))
            && let Some(project) = self.only_product()
        {
            out.push(Brought { project, extras: BTreeSet::new() });
        }
        out
    }

    /// The text of a command.
    fn command(&self, install: &Install) -> &str {
        let Place { file, span } = install.place;
        let range = usize::try_from(span.start).ok().zip(usize::try_from(span.end).ok());
        let text = self.scene.sources.get(file).zip(range).and_then(|(file, (start, end))| file.text.get(start..end));
        text.unwrap_or_default()
    }

    /// The one product of Python's that the tree has; none where there are several.
    fn only_product(&self) -> Option<usize> {
        let projects = &self.scene.python.projects;
        let is_product = |at: &usize| {
            projects.get(*at).is_some_and(|p| p.beside.is_none() && p.role == Role::Product && p.name.is_some())
        };
        let mut products = (0..projects.len()).filter(is_product);
        products.next().filter(|_| products.next().is_none())
    }

    /// The project of the tree that a requirement takes from elsewhere.
    fn product(&self, requirement: &Requirement) -> Option<usize> {
        let projects = &self.scene.python.projects;
        let named = identity::distribution_name(&requirement.name.value);
        let own = |at: &usize| projects.get(*at).is_some_and(|project| project.beside.is_none());
        let of_name = |name: &str| {
            (0..projects.len())
                .filter(own)
                .find(|at| projects.get(*at).is_some_and(|p| p.name.as_deref() == Some(name)))
        };
        match &requirement.origin {
            None if !named.is_empty() => of_name(&named),
            Some(Origin::Vcs { url, .. }) => {
                let url = url.value.trim_end_matches('/');
                let last = url.rsplit('/').next().unwrap_or_default();
                of_name(&named)
                    .or_else(|| of_name(&identity::distribution_name(last.strip_suffix(".git").unwrap_or(last))))
            }
            Some(Origin::Path { path }) if is_built(&path.value) => {
                // `dist/*.whl` names nothing: it is the one product that the tree has.
                let file = path.value.rsplit('/').next().unwrap_or_default();
                let stem = identity::distribution_name(file.split('-').next().unwrap_or_default());
                of_name(&stem).or_else(|| self.only_product().filter(|_| file.contains('*')))
            }
            _ => None,
        }
    }

    /// Adds what a project asks for itself and by extras.
    fn bring(&mut self, from: usize, install: &Install, brought: &Brought) {
        let scene = self.scene;
        let projects = &scene.python.projects;
        let Some(project) = projects.get(brought.project) else { return };
        let files: Vec<usize> = std::iter::once(brought.project).chain(project.further.iter().copied()).collect();
        let files: Vec<_> = files
            .into_iter()
            .filter_map(|at| projects.get(at))
            .filter_map(|one| Some((one, scene.pyproject(one.document)?)))
            .collect();
        let own = project.name.clone().unwrap_or_default();
        let extras = {
            // An extra may ask for others of the same project.
            let mut all = brought.extras.clone();
            let mut open: Vec<String> = all.iter().cloned().collect();
            while let Some(extra) = open.pop() {
                let of_extra = |r: &&Requirement| {
                    matches!(&r.group, Group::Extra(name) if identity::distribution_name(name) == extra)
                        && identity::distribution_name(&r.name.value) == own
                };
                let asked = files.iter().flat_map(|(_, file)| file.requirements.iter().filter(of_extra));
                for name in asked.flat_map(|r| &r.extras).map(|name| identity::distribution_name(name)) {
                    if all.len() < MOST_EXTRAS && all.insert(name.clone()) {
                        open.push(name);
                    }
                }
            }
            all
        };
        let counts = |requirement: &Requirement| match &requirement.group {
            Group::Runtime => true,
            Group::Extra(name) => extras.contains(&identity::distribution_name(name)),
            Group::Build | Group::Named(_) | Group::Constraint => false,
        };
        let holder = self.keys.get(&identity::local_distribution(&project.folder, &own)).copied();
        for (one, file) in files {
            let manifest = self.keys.get(&format!("manifest:{}", scene.sources.path(one.file))).copied();
            for requirement in file.requirements.iter().filter(|requirement| counts(requirement)) {
                let spot = self.spot(Place::new(one.file, requirement.span));
                let command = self.spot(install.place);
                let name = identity::distribution_name(&requirement.name.value);
                if project.lock.is_some() {
                    // The lock beside it is not heeded: what it asks for is open.
                    if requirement.origin.is_some() {
                        continue;
                    }
                    let part = self.part(Part {
                        kind: "distribution".to_owned(),
                        key: format!("{OPEN}{name}"),
                        name,
                        spots: vec![spot.clone()],
                        ..Part::default()
                    });
                    let asked = requirement.specifiers.as_ref().map(|specifiers| specifiers.value.clone());
                    self.tie(from, "uses", part, asked, vec![spot, command]);
                    continue;
                }
                for asker in holder.into_iter().chain(manifest) {
                    for (to, asked) in self.net.asked_at(asker, &name, &spot) {
                        self.tie(from, "uses", to, asked, vec![spot.clone(), command.clone()]);
                    }
                }
            }
        }
    }
}

/// Whether a path names a distribution that was built.
fn is_built(path: &str) -> bool {
    path.ends_with(".whl") || path.ends_with(".tar.gz")
}
