//! Locks: which package needs which, and how each is reached from the projects of the tree.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Need, Project, Purpose, PythonLockView, ReachedDistribution};
use crate::graph::identity::distribution_name;
use crate::graph::kinds::python::{Group, LockedOrigin, PyProject, PythonLock, Requirement, Tool};
use crate::graph::{Document, python::projects};
use crate::source::{Place, RepoPath, Role, Sources};

/// Packages of one name that a dependency without a version may mean, and lines that may ask for it. A
/// lock holds a fork or two.
const MAX_FORKS: usize = 16;

/// Groups that an installation of a lock takes besides what is needed to run.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Taken {
    /// All groups but those left out.
    all: bool,
    /// Groups taken, normalised.
    named: BTreeSet<String>,
    /// Groups left out, normalised.
    not: BTreeSet<String>,
}

impl Taken {
    pub(super) fn new(all: bool, named: &[String], not: &[String]) -> Self {
        let normal = |names: &[String]| names.iter().map(|name| distribution_name(name)).collect();
        Self { all, named: normal(named), not: normal(not) }
    }

    /// Every group.
    pub(super) fn everything() -> Self {
        Self { all: true, ..Self::default() }
    }

    fn takes(&self, group: &str) -> bool {
        let group = distribution_name(group);
        (self.all || self.named.contains(&group)) && !self.not.contains(&group)
    }
}

/// An installation of a lock into an image.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shipped {
    /// The project that is installed; none where all of the lock may be.
    pub(super) project: Option<usize>,
    /// The role of the image.
    pub(super) role: Role,
    /// What is taken.
    pub(super) taken: Taken,
}

/// Locks by path, not yet reached.
pub(super) fn find(documents: &[Document], sources: &Sources, projects: &mut [Project]) -> Vec<PythonLockView> {
    let by_folder: BTreeMap<RepoPath, usize> = projects
        .iter()
        .enumerate()
        .filter(|(_, p)| projects::is_file(documents, p))
        .map(|(index, p)| (p.folder.clone(), index))
        .collect();
    let scripts: BTreeMap<RepoPath, usize> = projects
        .iter()
        .enumerate()
        .filter(|(_, p)| !projects::is_file(documents, p))
        .filter_map(|(index, p)| Some((sources.get(p.file)?.path.clone(), index)))
        .collect();
    let mut out = Vec::new();
    let mut by_project: BTreeMap<usize, usize> = BTreeMap::new();
    for (document, what) in documents.iter().enumerate() {
        let Document::PythonLock(lock) = what else { continue };
        let Some(file) = sources.get(lock.file) else { continue };
        // Locks of conda's world answer environments, not project files.
        let is_conda = matches!(lock.tool, Tool::Pixi | Tool::CondaLock);
        let script = file.path.as_str().strip_suffix(".lock").and_then(RepoPath::new);
        let project = match script.filter(|p| p.name().ends_with(".py")) {
            Some(script) => scripts.get(&script).copied(),
            None => by_folder.get(&file.path.parent()).copied().filter(|_| !is_conda),
        };
        if let Some(project) = project {
            by_project.insert(project, out.len());
        }
        out.push(PythonLockView {
            document,
            file: lock.file,
            project,
            role: project.map_or_else(|| Role::of_path(&file.path), |p| projects[p].role),
            purpose: Purpose::Development,
            used_by: Vec::new(),
            edges: resolve(lock),
            reached: Vec::new(),
        });
    }
    for (index, project) in projects.iter_mut().enumerate() {
        // The lock of a workspace stands beside its root; its members have none that uv would read.
        let is_file = projects::is_file(documents, project);
        let root = project.root.filter(|_| is_file).and_then(|root| by_project.get(&root));
        project.lock = root.or_else(|| by_project.get(&index)).copied();
    }
    out
}

type ByName = BTreeMap<String, Vec<usize>>;

fn by_name(lock: &PythonLock) -> ByName {
    let mut out = ByName::new();
    for (index, package) in lock.packages.iter().enumerate() {
        out.entry(distribution_name(&package.name.value)).or_default().push(index);
    }
    out
}

/// The packages a name and version may mean.
fn meant<'n>(lock: &PythonLock, names: &'n ByName, name: &str, version: Option<&str>) -> Vec<usize> {
    let all: &'n [usize] = names.get(&distribution_name(name)).map(Vec::as_slice).unwrap_or_default();
    let all = all.get(..MAX_FORKS).unwrap_or(all);
    let is_it = |index: &&usize| {
        let own = lock.packages.get(**index).and_then(|p| p.version.as_ref());
        own.is_some_and(|own| Some(own.value.as_str()) == version)
    };
    // One version may stand twice, from two sources.
    let exact: Vec<usize> = if version.is_some() { all.iter().filter(is_it).copied().collect() } else { Vec::new() };
    if exact.is_empty() { all.to_vec() } else { exact }
}

/// For each package, those it depends on, extras and groups included.
fn resolve(lock: &PythonLock) -> Vec<Vec<usize>> {
    let names = by_name(lock);
    let edges = |package: &crate::graph::kinds::python::LockedDistribution| {
        let mut out: Vec<usize> = Vec::new();
        for dependency in &package.dependencies {
            out.extend(meant(lock, &names, &dependency.name.value, dependency.version.as_deref()));
        }
        out.sort_unstable();
        out.dedup();
        out
    };
    lock.packages.iter().map(edges).collect()
}

/// A first hop of a way.
struct Seed {
    target: usize,
    extras: Vec<String>,
    reached: ReachedDistribution,
}

/// What a project hands on to what it needs.
fn base_role(project: &Project, purpose: Purpose) -> Role {
    match purpose {
        Purpose::Image | Purpose::Application => project.role,
        // The lock of a library is what its developers and its tests run; who installs it resolves anew.
        Purpose::Library | Purpose::Development | Purpose::Ci => project.role.max(Role::Development),
    }
}

fn group_role(role: Role, group: &str) -> Role {
    let name = group.to_ascii_lowercase();
    role.max(if name.starts_with("doc") { Role::Documentation } else { Role::Test })
}

/// Says how each package of a lock is reached. `shipped` are the installations of it into images.
pub(super) fn reach(
    view: &mut PythonLockView,
    documents: &[Document],
    sources: &Sources,
    projects: &[Project],
    shipped: &[Shipped],
) {
    let Some(Document::PythonLock(lock)) = documents.get(view.document) else { return };
    let names = by_name(lock);
    let none = ReachedDistribution {
        need: Need::Unknown,
        group: Group::Runtime,
        role: view.role,
        parent: None,
        hops: 0,
        project: None,
        enters_at: None,
        marker: None,
    };
    view.reached = vec![none; lock.packages.len()];
    let mut seeds: Vec<Seed> = Vec::new();
    let folder = sources.get(view.file).map(|f| f.path.parent()).unwrap_or_default();
    // A script is no package of its lock, and Poetry's projects are none of theirs.
    let is_script = view.project.and_then(|p| projects.get(p)).is_some_and(|p| !projects::is_file(documents, p));
    if lock.tool == Tool::Uv && !is_script {
        from_members(view, lock, &names, &folder, documents, projects, shipped, &mut seeds);
    } else {
        from_manifest(view, lock, &names, documents, projects, shipped, &mut seeds);
    }
    // The weightiest way first: role, need, everywhere before under a marker; then breadth.
    let class = |r: &ReachedDistribution| (r.role, r.need, r.marker.is_some());
    seeds.sort_by_key(|seed| (class(&seed.reached), seed.target));
    let mut extras_seen: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut at = 0;
    while at < seeds.len() {
        let end = seeds[at..].iter().position(|s| class(&s.reached) != class(&seeds[at].reached));
        let end = end.map_or(seeds.len(), |n| at + n);
        let mut queue = Queue::new();
        for seed in &seeds[at..end] {
            enter(view, seed.target, &seed.extras, &seed.reached, &mut extras_seen, &mut queue);
        }
        while let Some((index, extra, from)) = queue.pop_front() {
            for dependency in &lock.packages[index].dependencies {
                let follows = match (&dependency.group, &extra) {
                    (Group::Runtime, None) => true,
                    (Group::Extra(name), Some(extra)) => distribution_name(name) == *extra,
                    _ => false,
                };
                if !follows {
                    continue;
                }
                for next in meant(lock, &names, &dependency.name.value, dependency.version.as_deref()) {
                    let reached = ReachedDistribution { parent: Some(index), hops: from.hops + 1, ..from.clone() };
                    enter(view, next, &dependency.extras, &reached, &mut extras_seen, &mut queue);
                }
            }
        }
        at = end;
    }
}

/// A package, the extra of it that is followed, and how that was reached: an extra may be asked for by
/// a lighter way than the package itself.
type Queue = VecDeque<(usize, Option<String>, ReachedDistribution)>;

/// Extras followed of one package.
const MAX_EXTRAS: usize = 64;

fn enter(
    view: &mut PythonLockView,
    target: usize,
    extras: &[String],
    reached: &ReachedDistribution,
    seen: &mut BTreeMap<usize, Vec<String>>,
    queue: &mut Queue,
) {
    let Some(known) = view.reached.get_mut(target) else { return };
    if known.need == Need::Unknown {
        *known = reached.clone();
        queue.push_back((target, None, reached.clone()));
    }
    let taken = seen.entry(target).or_default();
    for extra in extras {
        let extra = distribution_name(extra);
        if taken.len() < MAX_EXTRAS && !taken.contains(&extra) {
            taken.push(extra.clone());
            queue.push_back((target, Some(extra), reached.clone()));
        }
    }
}

/// uv's locks hold the projects themselves, with their groups.
#[allow(clippy::too_many_arguments, reason = "the parts of one search, taken apart for its two kinds of lock")]
fn from_members(
    view: &mut PythonLockView,
    lock: &PythonLock,
    names: &ByName,
    folder: &RepoPath,
    documents: &[Document],
    projects: &[Project],
    shipped: &[Shipped],
    seeds: &mut Vec<Seed>,
) {
    let own: BTreeMap<&RepoPath, usize> = projects
        .iter()
        .enumerate()
        .filter(|(index, p)| (p.root.is_some() && p.root == view.project) || Some(*index) == view.project)
        .map(|(index, p)| (&p.folder, index))
        .collect();
    // The root of a workspace that is no package itself stands in no entry; its groups are asked for all
    // the same.
    if view.project.is_some_and(|root| projects[root].name.is_none()) {
        from_manifest(view, lock, names, documents, projects, shipped, seeds);
    }
    // Many entries may claim to be the same project.
    let mut lines_of: BTreeMap<usize, Lines<'_>> = BTreeMap::new();
    let mut needed = vec![false; lock.packages.len()];
    for &target in view.edges.iter().flatten() {
        needed[target] = true;
    }
    for (index, package) in lock.packages.iter().enumerate() {
        let LockedOrigin::Local(path) = &package.source else { continue };
        let project = folder.join(path).and_then(|f| own.get(&f).copied());
        // A folder that is no project of ours and that somebody needs is a dependency like others.
        if project.is_none() && needed[index] {
            continue;
        }
        let document = project.and_then(|p| projects::document(documents, &projects[p]));
        let base = project.map_or(view.role, |p| base_role(&projects[p], projects[p].purpose));
        let image = shipped.iter().filter(|s| s.project.is_none() || s.project == project).map(|s| s.role).min();
        let reached = &mut view.reached[index];
        (reached.need, reached.project) = (Need::Runtime, project);
        reached.role = image.map_or(base, |role| role.min(base));
        if let (Some(project), Some(document)) = (project, document) {
            lines_of.entry(project).or_insert_with(|| lines_by_name(document));
        }
        let none = Lines::new();
        let lines = project.and_then(|project| lines_of.get(&project)).unwrap_or(&none);
        for dependency in &package.dependencies {
            let line = line_of(lines, &dependency.name.value, &dependency.group);
            let marker = dependency.marker.clone();
            let reached = first_hop(project, projects, document, line, &dependency.group, base, shipped, marker);
            for target in meant(lock, names, &dependency.name.value, dependency.version.as_deref()) {
                if target != index {
                    seeds.push(Seed { target, extras: dependency.extras.clone(), reached: reached.clone() });
                }
            }
        }
    }
}

/// Poetry's locks do not hold the project; its manifest says what it asks for.
fn from_manifest(
    view: &PythonLockView,
    lock: &PythonLock,
    names: &ByName,
    documents: &[Document],
    projects: &[Project],
    shipped: &[Shipped],
    seeds: &mut Vec<Seed>,
) {
    let project = view.project;
    let document = project.and_then(|p| projects::document(documents, &projects[p]));
    let base = project.map_or(view.role, |p| base_role(&projects[p], projects[p].purpose));
    for line in document.iter().flat_map(|d| &d.requirements) {
        if matches!(line.group, Group::Build | Group::Constraint) {
            continue;
        }
        let marker = line.marker.as_ref().map(|m| m.value.clone());
        let reached = first_hop(project, projects, document, Some(line), &line.group, base, shipped, marker);
        for target in meant(lock, names, &line.name.value, None) {
            seeds.push(Seed { target, extras: line.extras.clone(), reached: reached.clone() });
        }
    }
    if document.is_some() && !seeds.is_empty() {
        return;
    }
    // Without its manifest, what the lock itself says each is there for.
    for (target, package) in lock.packages.iter().enumerate() {
        for name in &package.groups {
            let group = match name.as_str() {
                "main" | "default" if package.optional => Group::Extra(String::new()),
                "main" | "default" => Group::Runtime,
                other => Group::Named(other.to_owned()),
            };
            let reached = first_hop(None, projects, None, None, &group, base, shipped, None);
            seeds.push(Seed { target, extras: Vec::new(), reached: ReachedDistribution { hops: 0, ..reached } });
        }
    }
}

#[allow(clippy::too_many_arguments, reason = "a hop and what is known at its start")]
fn first_hop(
    project: Option<usize>,
    projects: &[Project],
    document: Option<&PyProject>,
    line: Option<&Requirement>,
    group: &Group,
    base: Role,
    shipped: &[Shipped],
    marker: Option<String>,
) -> ReachedDistribution {
    let (need, mut role) = match group {
        Group::Runtime | Group::Constraint => (Need::Runtime, base),
        Group::Extra(_) => (Need::Extra, base),
        Group::Build => (Need::Build, base),
        Group::Named(name) => (Need::Development, group_role(base, name)),
    };
    for image in shipped {
        let is_it = image.project.is_none() || image.project == project;
        let taken = match group {
            Group::Named(name) => image.taken.takes(name),
            _ => true,
        };
        if is_it && taken {
            role = role.min(image.role);
        }
    }
    let file = document.map(|d| d.file).or_else(|| project.map(|p| projects[p].file));
    ReachedDistribution {
        need,
        group: group.clone(),
        role,
        parent: None,
        hops: 1,
        project,
        enters_at: file.zip(line).map(|(file, line)| Place::new(file, line.span)),
        marker,
    }
}

type Lines<'d> = BTreeMap<String, Vec<&'d Requirement>>;

fn lines_by_name(document: &PyProject) -> Lines<'_> {
    let mut out = Lines::new();
    for line in document.requirements.iter().filter(|r| !matches!(r.group, Group::Constraint | Group::Build)) {
        out.entry(distribution_name(&line.name.value)).or_default().push(line);
    }
    out
}

/// The line that asks for a name: in the group it is needed for, else in any.
fn line_of<'d>(lines: &Lines<'d>, name: &str, group: &Group) -> Option<&'d Requirement> {
    let all = lines.get(&distribution_name(name))?;
    let same = |line: &&&Requirement| match (&line.group, group) {
        (Group::Extra(a), Group::Extra(b)) | (Group::Named(a), Group::Named(b)) => {
            distribution_name(a) == distribution_name(b)
        }
        (a, b) => a == b,
    };
    all.iter().take(MAX_FORKS).find(same).or_else(|| all.first()).copied()
}

impl PythonLockView {
    /// The way from a project to a package: indices in the lock, the direct requirement first.
    #[must_use]
    pub fn way(&self, index: usize) -> Vec<usize> {
        let mut way = vec![index];
        while let Some(parent) = way.last().and_then(|&last| self.reached.get(last)?.parent) {
            // A parent is reached before what it leads to, so there is no cycle; the bound is for the
            // reader's peace.
            if way.len() > self.reached.len() {
                break;
            }
            way.push(parent);
        }
        way.reverse();
        way
    }
}
