//! What Python's files name: releases that are held exactly, and requirements that leave the release
//! open. Questions to the outside are asked about these, and the rules on advisories walk them.
//!
//! The same name from another source is another thing: an advisory on PyPI's `demo` says nothing of a
//! `demo` from a repository or a private index.

mod owner;

use std::collections::{BTreeMap, BTreeSet};

use super::Document;
use super::conda;
use super::identity::distribution_name;
use super::indexes::IndexTable;
use super::kinds::python::{DeclaredIndex, Group, LockedOrigin, Origin, Requirement};
use super::python::resolve::Resolver;
use super::python::{BuiltOrigin, PythonView};
use crate::source::{FileId, Place};
use owner::{Owner, of_index};

/// Where a distribution is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// By a lock: index into [`PythonView::locks`], and of the package in the lock.
    Lock(usize, usize),
    /// By a requirements file: index into [`PythonView::sets`], and of the requirement.
    Set(usize, usize),
    /// By a project file: index into [`PythonView::projects`], and of the requirement.
    Project(usize, usize),
    /// By a command: index into [`PythonView::installs`], and of the requirement.
    Install(usize, usize),
    /// By itself, as it lies in the tree already built: index into [`PythonView::built`].
    Built(usize),
    /// By a file or command of conda's, and the index of the package there.
    Conda(CondaHolder, usize),
}

/// Where a conda package is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CondaHolder {
    /// By a lock: index into [`CondaView::locks`](super::conda::CondaView::locks).
    Lock(usize),
    /// By an environment: index into [`CondaView::environments`](super::conda::CondaView::environments).
    Environment(usize),
    /// By a command: index into [`PythonView::installs`].
    Install(usize),
}

/// Whose release it is, as far as the files tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// PyPI's, or that of a mirror of it.
    PyPi,
    /// A publisher's own build of a release.
    Publisher,
    /// A build of a release on a channel of conda's. Its recipe may carry patches.
    Channel,
    /// That of another index.
    OtherIndex,
    /// That of an index that is known only when the file is used.
    UnknownIndex,
    /// A repository's.
    Repository,
    /// A file's at an address, or one of the machine's.
    File,
    /// The tree's own.
    Tree,
}

impl Whose {
    /// Whether PyPI's advisories speak of it.
    #[must_use]
    pub fn is_published(self) -> bool {
        matches!(self, Self::PyPi | Self::Publisher | Self::Channel)
    }
}

/// How the release is fixed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Held {
    /// To one version, as written.
    At(String),
    /// To what the specifiers allow; empty where every version will do.
    Within(String),
}

/// A distribution, named in one place.
#[derive(Debug, Clone)]
pub struct Named {
    /// Its name, normalised after PEP 503.
    pub name: String,
    /// Its release.
    pub held: Held,
    /// Whose it is.
    pub whose: Whose,
    /// The line that makes it that of another index than PyPI, where one does.
    pub because: Option<Place>,
    /// What it is needed for, as the requirement says; a lock's entry is reached by several ways, and
    /// its view tells.
    pub group: Group,
    /// Who names it.
    pub holder: Holder,
    /// Exact constraints hold it wherever it is installed.
    pub is_constrained: bool,
    /// The entry or requirement.
    pub place: Place,
}

impl Named {
    /// Whether a lock names it.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        matches!(self.holder, Holder::Lock(..) | Holder::Conda(CondaHolder::Lock(_), _))
    }

    /// Whether a variable or an expression stands in the version.
    #[must_use]
    pub fn is_computed(&self) -> bool {
        let (Held::At(text) | Held::Within(text)) = &self.held;
        text.contains(['$', '{', '`'])
    }

    /// Whether what is installed is decided only when it is installed, where it should have been decided
    /// before: in an application, an image or a job, without a lock and without exact constraints. A
    /// range in a library is right.
    #[must_use]
    pub fn is_open(&self, python: &PythonView) -> bool {
        let is_held = matches!(self.held, Held::At(_)) || self.is_constrained;
        if is_held || !matches!(self.group, Group::Runtime | Group::Extra(_)) {
            return false;
        }
        match self.holder {
            Holder::Lock(..) | Holder::Built(_) => false,
            Holder::Set(set, _) => python.sets.get(set).is_some_and(|s| {
                s.purpose.wants_pins() && !s.only_constrains && s.locked_as.is_none() && s.held_by.is_none()
            }),
            Holder::Project(project, _) => {
                python.projects.get(project).is_some_and(|p| p.purpose.wants_pins() && p.lock.is_none())
            }
            Holder::Install(install, _) => {
                python.installs.get(install).is_some_and(|i| i.purpose.wants_pins() && !i.is_locked)
            }
            Holder::Conda(holder, _) => conda::standing(python, holder).is_some_and(|s| s.is_open),
        }
    }
}

/// All of them, by holder.
#[derive(Debug, Default)]
pub struct Distributions {
    /// In the order of locks, requirements files, projects and commands.
    pub named: Vec<Named>,
}

impl Distributions {
    /// Walks Python's files.
    #[must_use]
    pub fn of(documents: &[Document], python: &PythonView, indexes: &IndexTable) -> Self {
        let mut walk = Walk { documents, python, indexes, named: Vec::new(), exact: BTreeMap::new() };
        walk.locks();
        walk.sets();
        walk.projects();
        walk.installs();
        walk.built();
        walk.named.extend(conda::named(documents, python));
        Self { named: walk.named }
    }
}

/// The version that specifiers fix, if they fix one: `==1.2` and `===1.2`, not `==1.*`.
#[must_use]
pub fn exact(specifiers: &str) -> Option<&str> {
    specifiers.split(',').find_map(|part| {
        let version = part.trim().strip_prefix("==")?;
        let version = version.strip_prefix('=').unwrap_or(version).trim();
        (!version.is_empty() && !version.ends_with('*')).then_some(version)
    })
}

/// Indexes that tables declare, and the file they stand in.
type Declared<'d> = (FileId, &'d [DeclaredIndex]);

const NONE: Declared<'static> = (FileId(0), &[]);

struct Walk<'a> {
    documents: &'a [Document],
    python: &'a PythonView,
    indexes: &'a IndexTable,
    named: Vec<Named>,
    /// Names that a constraints file gives an exact version, by set.
    exact: BTreeMap<usize, BTreeSet<String>>,
}

impl Walk<'_> {
    fn locks(&mut self) {
        for (number, view) in self.python.locks.iter().enumerate() {
            let Some(Document::PythonLock(lock)) = self.documents.get(view.document) else { continue };
            // The first entry from an index speaks for all of them.
            let mut firsts: BTreeMap<&str, Place> = BTreeMap::new();
            for (index, package) in lock.packages.iter().enumerate() {
                let Some(version) = &package.version else { continue };
                let place = Place::new(view.file, package.name.span);
                let because = match &package.source {
                    LockedOrigin::Registry(address) => Some(*firsts.entry(address).or_insert(place)),
                    _ => None,
                };
                self.named.push(Named {
                    name: distribution_name(&package.name.value),
                    held: Held::At(version.value.clone()),
                    whose: self.whose_locked(&package.source),
                    because,
                    group: Group::Runtime,
                    holder: Holder::Lock(number, index),
                    is_constrained: false,
                    place,
                });
            }
        }
    }

    fn whose_locked(&self, origin: &LockedOrigin) -> Whose {
        match origin {
            LockedOrigin::PyPi => Whose::PyPi,
            LockedOrigin::Registry(address) => of_index(self.indexes, address),
            LockedOrigin::Vcs { .. } => Whose::Repository,
            LockedOrigin::Url(_) => Whose::File,
            LockedOrigin::Local(_) => Whose::Tree,
            LockedOrigin::Unknown(_) => Whose::UnknownIndex,
        }
    }

    fn sets(&mut self) {
        let by_commands = owner::of_sets(self.indexes, self.python);
        for (number, set) in self.python.sets.iter().enumerate() {
            let Some(Document::Requirements(file)) = self.documents.get(set.document) else { continue };
            let asked = by_commands.get(number).copied().flatten();
            let asked = asked.unwrap_or_else(|| owner::of_options(self.indexes, Resolver::Pip, &set.options));
            let bounds =
                self.known_bounds(set.includes.iter().filter(|(_, constraint)| *constraint).map(|(set, _)| *set));
            for (index, requirement) in file.requirements.iter().enumerate() {
                let place = Place::new(set.file, requirement.span);
                self.requirement(requirement, NONE, asked, Holder::Set(number, index), place, &bounds);
            }
        }
    }

    fn projects(&mut self) {
        for (number, project) in self.python.projects.iter().enumerate() {
            let Some(Document::PyProject(file)) = self.documents.get(project.document) else { continue };
            let root = project.root.and_then(|root| self.python.projects.get(root));
            let declared = match root.and_then(|root| self.documents.get(root.document)) {
                Some(Document::PyProject(root)) if file.indexes.is_empty() => (root.file, root.indexes.as_slice()),
                _ => (file.file, file.indexes.as_slice()),
            };
            let asked = owner::of_project(self.indexes, self.documents, self.python, project, file);
            for (index, requirement) in file.requirements.iter().enumerate() {
                let place = Place::new(project.file, requirement.span);
                self.requirement(requirement, declared, asked, Holder::Project(number, index), place, &BTreeSet::new());
            }
        }
    }

    fn installs(&mut self) {
        for (number, install) in self.python.installs.iter().enumerate() {
            if install.requirements.is_empty() {
                continue;
            }
            let resolver = Resolver::of_manager(&install.manager);
            let asked = owner::of_options(self.indexes, resolver, &install.options);
            let bounds = install.files.iter().filter(|(_, _, constraint)| *constraint).filter_map(|(_, set, _)| *set);
            let bounds = self.known_bounds(bounds);
            for (index, requirement) in install.requirements.iter().enumerate() {
                let place = Place::new(install.place.file, requirement.span);
                self.requirement(requirement, NONE, asked, Holder::Install(number, index), place, &bounds);
            }
        }
    }

    fn built(&mut self) {
        for (number, view) in self.python.built.iter().enumerate() {
            let Some(Document::Built(built)) = self.documents.get(view.document) else { continue };
            let Some(version) = &built.version else { continue };
            let whose = match view.origin {
                BuiltOrigin::Index => Whose::PyPi,
                BuiltOrigin::Repository(..) => Whose::Repository,
                BuiltOrigin::File(_) => Whose::File,
                BuiltOrigin::Tree => Whose::Tree,
            };
            self.named.push(Named {
                name: distribution_name(&built.name.value),
                held: Held::At(version.value.clone()),
                whose,
                because: None,
                group: Group::Runtime,
                holder: Holder::Built(number),
                is_constrained: false,
                place: Place::new(view.file, built.name.span),
            });
        }
    }

    /// Constraints files, each once, with the names they give an exact version noted. Other bounds may let
    /// in what is asked about.
    fn known_bounds(&mut self, sets: impl Iterator<Item = usize>) -> BTreeSet<usize> {
        let sets: BTreeSet<usize> = sets.collect();
        for &set in &sets {
            let document = self.python.sets.get(set).and_then(|set| self.documents.get(set.document));
            let Some(Document::Requirements(file)) = document else { continue };
            let is_exact = |r: &&Requirement| r.specifiers.as_ref().is_some_and(|s| exact(&s.value).is_some());
            let names =
                || file.requirements.iter().filter(is_exact).map(|r| distribution_name(&r.name.value)).collect();
            self.exact.entry(set).or_insert_with(names);
        }
        sets
    }

    fn requirement(
        &mut self,
        requirement: &Requirement,
        declared: Declared<'_>,
        asked: Owner,
        holder: Holder,
        place: Place,
        bounds: &BTreeSet<usize>,
    ) {
        if requirement.name.value.is_empty() {
            return;
        }
        let own = |whose| Owner { whose, because: None };
        let Owner { whose, because } = match &requirement.origin {
            Some(Origin::Url { .. }) => own(Whose::File),
            Some(Origin::Vcs { .. }) => own(Whose::Repository),
            Some(Origin::Path { .. } | Origin::Workspace) => own(Whose::Tree),
            None => match &requirement.index {
                None => asked,
                Some(index) => self.owner_bound(&index.value, declared, Place::new(place.file, index.span)),
            },
        };
        let specifiers = requirement.specifiers.as_ref().map_or("", |s| s.value.as_str());
        let held = match exact(specifiers) {
            // Bounds of others ask for nothing, exact or not; who asks is named elsewhere.
            Some(version) => Held::At(version.to_owned()),
            None if requirement.group == Group::Constraint => return,
            None => Held::Within(specifiers.to_owned()),
        };
        let (name, group) = (distribution_name(&requirement.name.value), requirement.group.clone());
        let is_constrained = bounds.iter().any(|set| self.exact.get(set).is_some_and(|names| names.contains(&name)));
        self.named.push(Named { name, held, whose, because, group, holder, place, is_constrained });
    }

    /// An index by the name a table gives it, or by its address.
    fn owner_bound(&self, index: &str, (file, declared): Declared<'_>, binds: Place) -> Owner {
        let by_name = declared.iter().find(|d| d.name.value.eq_ignore_ascii_case(index));
        match by_name.and_then(|d| d.url.as_ref()) {
            Some(url) => Owner { whose: of_index(self.indexes, &url.value), because: Some(Place::new(file, url.span)) },
            None if index.eq_ignore_ascii_case("pypi") => Owner::PYPI,
            None if index.contains("://") => Owner { whose: of_index(self.indexes, index), because: Some(binds) },
            None => Owner { whose: Whose::UnknownIndex, because: Some(binds) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_version_is_fixed_or_none() {
        for (specifiers, expected) in [
            ("==1.2.3", Some("1.2.3")),
            ("=== 1.2-x", Some("1.2-x")),
            (">=1,==1.5", Some("1.5")),
            ("==1.2.*", None),
            (">=1.2", None),
            ("", None),
            ("==", None),
        ] {
            assert_eq!(exact(specifiers), expected, "{specifiers}");
        }
    }
}
