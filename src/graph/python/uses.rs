//! Who uses which list: installs and images told to projects, locks and requirements files.

use std::collections::{BTreeMap, BTreeSet};

use super::installs::Found;
use super::locks::{Shipped, Taken};
use super::{Project, Purpose, PythonLockView, RequirementSet, SettingsFile, Use, projects};
use crate::graph::Document;
use crate::graph::images::ImageView;
use crate::source::{Place, RepoPath, Role, Sources};

/// Uses kept of one thing.
const MAX_USES: usize = 256;

/// Tells what is installed by whom, and what a project is for by it.
pub(super) fn tell(
    found: &[Found],
    projects: &mut [Project],
    locks: &mut [PythonLockView],
    sets: &mut [RequirementSet],
    documents: &[Document],
    sources: &Sources,
    images: &ImageView,
) {
    for found in found {
        let install = &found.install;
        let used = Use {
            place: install.place,
            text: found.by.clone(),
            purpose: install.purpose,
            role: install.role,
            constraint: false,
        };
        for (_, set, constraint) in &install.files {
            if let Some(set) = set.and_then(|s| sets.get_mut(s)).filter(|s| s.used_by.len() < MAX_USES) {
                set.used_by.push(Use { constraint: *constraint, ..used.clone() });
            }
        }
        for &project in &install.projects {
            if let Some(project) = projects.get_mut(project).filter(|p| p.used_by.len() < MAX_USES) {
                project.used_by.push(used.clone());
            }
        }
        if let Some(lock) = install.lock.and_then(|l| locks.get_mut(l)).filter(|l| l.used_by.len() < MAX_USES) {
            lock.used_by.push(used);
        }
    }
    let copies = Copies::new(found, images);
    for (index, lock) in locks.iter_mut().enumerate() {
        for (image, brought) in copies.of(index, lock, projects, sources, images) {
            lock.used_by.push(Use {
                place: brought,
                text: sources.path(images.files[image].file).to_owned(),
                purpose: Purpose::Image,
                role: images.files[image].role,
                constraint: false,
            });
        }
        lock.used_by.sort_by_key(|u| (u.purpose, u.role));
    }
    for project in projects.iter_mut() {
        project.used_by.sort_by_key(|u| (u.purpose, u.role));
        let is_described = projects::document(documents, project).is_some_and(|d| d.is_described);
        let in_image = project.used_by.iter().filter(|u| u.purpose == Purpose::Image).map(|u| u.role).min();
        let Some(role) = in_image else { continue };
        // What is put on an index is for others to resolve, whatever else is done with it.
        if !is_described && role <= Role::Ci {
            project.purpose = Purpose::Image;
            project.role = project.role.min(role);
        }
    }
}

/// Tells settings files which commands they count for.
pub(super) fn tell_settings(found: &[Found], settings: &mut [SettingsFile]) {
    for found in found {
        let install = &found.install;
        for index in &found.settings {
            let Some(file) = settings.get_mut(*index) else { continue };
            file.role = file.role.min(install.role);
            file.purpose = file.purpose.min(install.purpose);
            if file.used_by.len() < MAX_USES {
                file.used_by.push(Use {
                    place: install.place,
                    text: found.by.clone(),
                    purpose: install.purpose,
                    role: install.role,
                    constraint: false,
                });
            }
        }
    }
    for file in settings {
        file.used_by.sort_by_key(|u| (u.purpose, u.role));
    }
}

/// What images copy by name, and what they install: asked for each lock.
struct Copies<'a> {
    by_path: BTreeMap<&'a RepoPath, Vec<(usize, Place)>>,
    installs: BTreeMap<usize, Vec<&'a Found>>,
}

impl<'a> Copies<'a> {
    fn new(found: &'a [Found], images: &'a ImageView) -> Self {
        let mut by_path: BTreeMap<&RepoPath, Vec<(usize, Place)>> = BTreeMap::new();
        for (number, image) in images.files.iter().enumerate() {
            for copied in image.copied.iter().filter(|c| c.by_name) {
                by_path.entry(&copied.path).or_default().push((number, copied.place));
            }
        }
        let mut installs: BTreeMap<usize, Vec<&Found>> = BTreeMap::new();
        for found in found {
            if let Some(document) = found.image() {
                installs.entry(document).or_default().push(found);
            }
        }
        Self { by_path, installs }
    }

    /// Images that copy a lock by its name or with its folder, and hold no command that installs the
    /// project in another way: a makefile or script of the tree may do so.
    fn of(
        &self,
        index: usize,
        lock: &PythonLockView,
        projects: &[Project],
        sources: &Sources,
        images: &ImageView,
    ) -> Vec<(usize, Place)> {
        let Some(path) = sources.get(lock.file).map(|f| &f.path) else { return Vec::new() };
        let folder = Some(path.parent()).filter(|folder| !folder.is_root());
        let paths = std::iter::once(path).chain(&folder);
        let mut out: Vec<(usize, Place)> = Vec::new();
        for &(number, place) in paths.filter_map(|p| self.by_path.get(p)).flatten().take(MAX_USES) {
            let Some(image) = images.files.get(number) else { continue };
            let of_lock = |p: &usize| projects.get(*p).is_some_and(|p| p.lock == Some(index));
            let mut installs = self.installs.get(&image.document).into_iter().flatten();
            let other = installs.any(|f| f.install.lock != Some(index) && f.install.projects.iter().any(of_lock));
            let known = lock.used_by.iter().any(|u| u.place.file == image.file) || out.iter().any(|o| o.0 == number);
            if !other && !known {
                out.push((number, place));
            }
        }
        out
    }
}

/// Different installations of one lock told apart. What is beyond takes everything: better too much.
const MAX_SHIPPED: usize = 64;

/// The installations of a lock into images, each once.
pub(super) fn shipped(index: usize, found: &[Found], locks: &[PythonLockView], images: &ImageView) -> Vec<Shipped> {
    let mut out: BTreeSet<Shipped> = BTreeSet::new();
    let mut told = BTreeSet::new();
    for found in found.iter().filter(|f| f.install.lock == Some(index)) {
        let Some(image) = found.image() else { continue };
        told.insert(image);
        let (project, role) = (found.install.projects.first().copied(), found.install.role);
        out.insert(match out.len() {
            0..MAX_SHIPPED => Shipped { project, role, taken: found.taken.clone() },
            _ => Shipped { project: None, role, taken: Taken::everything() },
        });
    }
    let by_copy = locks[index].used_by.iter().filter(|u| u.purpose == Purpose::Image);
    for used in by_copy {
        let image = images.files.iter().find(|i| i.file == used.place.file);
        if image.is_some_and(|i| !told.contains(&i.document)) {
            out.insert(Shipped { project: None, role: used.role, taken: Taken::default() });
        }
    }
    out.into_iter().collect()
}

/// What a lock is for: where it is installed, else what its projects are for.
pub(super) fn judge_lock(lock: &mut PythonLockView, index: usize, projects: &[Project], shipped: &[Shipped]) {
    let of_image = shipped.iter().map(|s| s.role).min();
    let members = || projects.iter().filter(|p| p.lock == Some(index));
    let applications = members().filter(|p| matches!(p.purpose, Purpose::Application | Purpose::Image));
    let of_application = applications.map(|p| p.role).min();
    let in_ci = lock.used_by.iter().any(|u| u.purpose == Purpose::Ci);
    let own = lock.role;
    (lock.purpose, lock.role) = match (of_image, of_application) {
        (Some(image), other) => (Purpose::Image, other.map_or(image, |role| role.min(image))),
        (None, Some(role)) => (Purpose::Application, role),
        // A lock whose manifest is not there, or gave nothing, is what somebody installs.
        (None, None) if members().next().is_none() && own <= Role::Ci => (Purpose::Application, own),
        (None, None) if in_ci => (Purpose::Ci, own.max(Role::Development)),
        (None, None) => (Purpose::Development, own.max(Role::Development)),
    };
}
