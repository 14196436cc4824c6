//! Workspaces, their members and their locks, tied together as cargo ties them, without cargo.
//!
//! A lock has no root flag and no edge kinds; the manifests of the members supply both for the
//! first hop. What follows from it is an over-approximation and findings say so.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::OnceLock;

use super::build_class::{BuildClass, Built};
use super::kinds::cargo::{Dependency, Lock, LockSource, Table};
use super::members::{self, Found};
use super::{Document, identity};
use crate::source::{FileId, Place, RepoPath, Role, Sources};

/// A package of the tree.
#[derive(Debug, Clone)]
pub struct Member {
    /// Index of its manifest among the documents.
    pub document: usize,
    /// Its folder.
    pub folder: RepoPath,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Whether it builds a binary.
    pub has_binary: bool,
    /// Whether it may never be published.
    pub unpublished: bool,
    /// Whether a tool gathers its dependencies from those of other packages.
    pub is_generated: bool,
}

/// A workspace, or a package that stands alone.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Its root folder.
    pub folder: RepoPath,
    /// Index of the root manifest among the documents.
    pub document: usize,
    /// Its packages.
    pub members: Vec<Member>,
    /// Index of its lock among the documents.
    pub lock: Option<usize>,
    /// What it is for: the weightiest role of its members.
    pub role: Role,
}

/// How a locked package is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// By normal dependencies.
    Normal,
    /// Only through a build dependency.
    Build,
    /// Only through dev-dependencies.
    Dev,
    /// From no package of the tree that we know.
    Unknown,
}

/// What is known of one package of a lock.
#[derive(Debug, Clone)]
pub struct Reached {
    /// By what kind of dependency.
    pub reach: Reach,
    /// The role it inherits from the members that reach it.
    pub role: Role,
    /// The package before it on the shortest way, by index in the lock.
    pub parent: Option<usize>,
    /// Number of hops from a member; 1 is a direct dependency.
    pub hops: usize,
    /// The manifest line that lets it in, at the start of the shortest way.
    pub enters_at: Option<Place>,
    /// The member it enters by.
    pub member: Option<usize>,
    /// Every first hop on the way is optional.
    pub optional: bool,
    /// The first hop is optional, and a default feature of a package of the tree turns it on.
    pub by_default: bool,
    /// The target condition of the first hop, where there is one.
    pub target: Option<String>,
}

/// A lock with its dependencies resolved to indices.
#[derive(Debug)]
pub struct LockView {
    /// Index of the lock among the documents.
    pub document: usize,
    /// The file.
    pub file: FileId,
    /// Index of its workspace, if a manifest stands beside it.
    pub workspace: Option<usize>,
    /// Role of the lock.
    pub role: Role,
    /// For each package, the packages it depends on.
    pub edges: Vec<Vec<usize>>,
    /// For each package, how it is reached.
    pub reached: Vec<Reached>,
    /// Every dependency of every member, by index in the lock.
    pub first_hops: Vec<(usize, Reached)>,
    /// Whether it is known of every package what it needs its dependencies for.
    pub is_refined: bool,
    /// What `cargo metadata` says of its packages, where it was given or asked.
    pub built: Option<Built>,
    /// The edges the other way round.
    back: OnceLock<Vec<Vec<usize>>>,
}

/// Everything cargo-like of the tree.
#[derive(Debug, Default)]
pub struct CargoView {
    /// Workspaces and packages that stand alone, by folder.
    pub workspaces: Vec<Workspace>,
    /// Locks, by path.
    pub locks: Vec<LockView>,
    /// Folders that a package which ships builds from, whether or not their manifests could be read.
    pub reached: BTreeSet<RepoPath>,
}

impl CargoView {
    /// Ties documents together.
    #[must_use]
    pub fn build(documents: &[Document], sources: &Sources, files: &BTreeSet<RepoPath>) -> Self {
        let Found { mut workspaces, reached: folders } = members::find(documents, sources, files);
        let mut locks = Vec::new();
        for (index, document) in documents.iter().enumerate() {
            let Document::CargoLock(lock) = document else { continue };
            let Some(file) = sources.get(lock.file) else { continue };
            let folder = file.path.parent();
            let workspace = workspaces.iter().position(|w| w.folder == folder);
            if let Some(found) = workspace {
                workspaces[found].lock = Some(index);
            }
            let role = workspace.map_or_else(|| Role::of_path(&file.path), |w| workspaces[w].role);
            let edges = resolve(lock);
            let (reached, first_hops) = reach(lock, &edges, workspace.map(|w| &workspaces[w]), documents, role);
            let (document, file, is_refined, built, back) = (index, lock.file, false, None, OnceLock::new());
            locks.push(LockView {
                document,
                file,
                workspace,
                role,
                edges,
                reached,
                first_hops,
                is_refined,
                built,
                back,
            });
        }
        Self { workspaces, locks, reached: folders }
    }

    /// The workspace a manifest belongs to, and its member if it is a package.
    #[must_use]
    pub fn of_document(&self, document: usize) -> Option<(&Workspace, Option<&Member>)> {
        self.workspaces.iter().find_map(|w| {
            let member = w.members.iter().find(|m| m.document == document);
            (member.is_some() || w.document == document).then_some((w, member))
        })
    }

    /// Role of a manifest.
    #[must_use]
    pub fn role_of(&self, document: usize) -> Option<Role> {
        self.of_document(document).map(|(w, member)| member.map_or(w.role, |m| m.role))
    }
}

/// For each package of a lock, the packages it depends on. Cargo writes the version where a name is
/// not enough, and the source, without a commit, where those are not.
fn resolve(lock: &Lock) -> Vec<Vec<usize>> {
    let mut by_name: BTreeMap<(&str, Option<&str>), Vec<usize>> = BTreeMap::new();
    for (index, package) in lock.packages.iter().enumerate() {
        let name = package.name.value.as_str();
        by_name.entry((name, None)).or_default().push(index);
        by_name.entry((name, Some(&package.version.value))).or_default().push(index);
    }
    let find = |text: &str| -> Option<usize> {
        let mut words = text.splitn(3, ' ');
        let name = words.next()?;
        let candidates = by_name.get(&(name, words.next()))?;
        let Some(source) = words.next().map(|s| s.trim_start_matches('(').trim_end_matches(')')) else {
            return candidates.first().copied();
        };
        let is_same =
            |own: &str| own == source || (source.starts_with("git+") && own.split('#').next() == Some(source));
        candidates.iter().copied().find(|&i| lock.packages[i].source.as_ref().is_some_and(|s| is_same(&s.value)))
    };
    lock.packages.iter().map(|p| p.dependencies.iter().filter_map(|d| find(&d.value)).collect()).collect()
}

fn reach(
    lock: &Lock,
    edges: &[Vec<usize>],
    workspace: Option<&Workspace>,
    documents: &[Document],
    role: Role,
) -> (Vec<Reached>, Vec<(usize, Reached)>) {
    let none = Reached {
        reach: Reach::Unknown,
        role,
        parent: None,
        hops: 0,
        enters_at: None,
        member: None,
        optional: false,
        by_default: false,
        target: None,
    };
    let mut out = vec![none; lock.packages.len()];
    let Some(workspace) = workspace else { return (out, Vec::new()) };
    let mut seeds = Vec::new();
    let defaults = on_by_default(workspace, documents);
    for (number, member) in workspace.members.iter().enumerate() {
        let Some(own) = lock.packages.iter().position(|p| p.source.is_none() && p.name.value == member.name) else {
            continue;
        };
        let Some(Document::CargoManifest(manifest)) = documents.get(member.document) else { continue };
        out[own].role = member.role;
        out[own].reach = Reach::Normal;
        out[own].member = Some(number);
        // The workspace may give an inherited dependency another name than the registry's.
        let named: Vec<(&Dependency, &Dependency)> = manifest
            .dependencies
            .iter()
            .filter(|d| d.table != Table::Workspace)
            .map(|d| (d, declaration(documents, workspace, member.document, d).1))
            .collect();
        for &target in &edges[own] {
            seeds.push(first_hop(lock, target, (number, member), manifest.file, &named, &defaults));
        }
    }
    // A generated union of dependencies repeats what others need: it speaks where nobody else does.
    let is_generated = |r: &Reached| r.member.is_some_and(|m| workspace.members[m].is_generated);
    // The weightiest way first: role, kind of dependency, required before optional, everywhere
    // before on some platforms; then breadth. So what is said of a way holds for all ways.
    let class = |r: &Reached| (is_generated(r), r.role, r.reach, r.optional, r.target.is_some());
    seeds.sort_by_key(|(target, reached)| (class(reached), *target));
    let is_member = |index: usize, out: &[Reached]| out[index].hops == 0 && out[index].member.is_some();
    let mut at = 0;
    while at < seeds.len() {
        let end = seeds[at..].iter().position(|s| class(&s.1) != class(&seeds[at].1)).map_or(seeds.len(), |n| at + n);
        let mut queue = VecDeque::new();
        for (target, reached) in &seeds[at..end] {
            if out[*target].reach == Reach::Unknown {
                out[*target] = reached.clone();
                queue.push_back(*target);
            }
        }
        while let Some(index) = queue.pop_front() {
            for &next in &edges[index] {
                if out[next].reach == Reach::Unknown && !is_member(next, &out) {
                    out[next] = Reached { parent: Some(index), hops: out[index].hops + 1, ..out[index].clone() };
                    queue.push_back(next);
                }
            }
        }
        at = end;
    }
    (out, seeds)
}

/// Optional dependencies, by member and key, that the default features of the members turn on, by
/// themselves or through features they name. Cargo takes the union when it builds a workspace.
fn on_by_default(workspace: &Workspace, documents: &[Document]) -> BTreeSet<(usize, String)> {
    let manifest = |member: usize| match documents.get(workspace.members[member].document) {
        Some(Document::CargoManifest(manifest)) => Some(manifest),
        _ => None,
    };
    let by_name: BTreeMap<&str, usize> =
        workspace.members.iter().enumerate().map(|(number, m)| (m.name.as_str(), number)).collect();
    let mut out = BTreeSet::new();
    let mut queue: Vec<(usize, String)> =
        (0..workspace.members.len()).map(|member| (member, "default".to_owned())).collect();
    let mut seen: BTreeSet<(usize, String)> = queue.iter().cloned().collect();
    while let Some((member, feature)) = queue.pop() {
        let Some(manifest) = manifest(member) else { continue };
        let Some(turned_on) = manifest.features.get(&feature) else {
            // A feature that nobody declares is an optional dependency by its name.
            out.insert((member, feature));
            continue;
        };
        for item in turned_on {
            let next = match (item.strip_prefix("dep:"), item.split_once('/')) {
                (Some(dependency), _) => {
                    out.insert((member, dependency.to_owned()));
                    continue;
                }
                (None, Some((dependency, feature))) => {
                    let key = dependency.trim_end_matches('?');
                    if key == dependency {
                        out.insert((member, key.to_owned()));
                    }
                    let package = manifest.dependencies.iter().find(|d| d.key.value == key);
                    let Some(&target) = by_name.get(package.map_or(key, Dependency::package_name)) else { continue };
                    (target, feature.to_owned())
                }
                (None, None) => (member, item.clone()),
            };
            if seen.insert(next.clone()) {
                queue.push(next);
            }
        }
    }
    out
}

fn first_hop(
    lock: &Lock,
    target: usize,
    (number, member): (usize, &Member),
    file: FileId,
    named: &[(&Dependency, &Dependency)],
    defaults: &BTreeSet<(usize, String)>,
) -> (usize, Reached) {
    let package = &lock.packages[target];
    // A package may need two versions of one crate: the line whose requirement the version meets is
    // meant. Among several, the weightiest.
    let lines = named.iter().filter(|(_, meant)| meant.package_name() == package.name.value);
    let declared = lines
        .min_by_key(|(own, meant)| {
            (!satisfies(meant, &package.version.value), own.table, own.optional, own.target.is_some())
        })
        .map(|(own, _)| *own);
    let (reach, role, optional) = match declared.map(|d| (d.table, d.optional)) {
        Some((Table::Dev, optional)) => (Reach::Dev, member.role.max(Role::Test), optional),
        Some((Table::Build, optional)) => (Reach::Build, member.role, optional),
        Some((_, optional)) => (Reach::Normal, member.role, optional),
        // The lock knows a dependency that the manifest does not: nothing is excused by it.
        None => (Reach::Normal, member.role, false),
    };
    let reached = Reached {
        reach,
        role,
        parent: None,
        hops: 1,
        enters_at: declared.map(|d| Place::new(file, d.span)),
        member: Some(number),
        optional,
        by_default: optional && declared.is_some_and(|d| defaults.contains(&(number, d.key.value.clone()))),
        target: declared.and_then(|d| d.target.as_ref()).map(|t| t.value.clone()),
    };
    (target, reached)
}

impl LockView {
    /// What a build uses a package for, where `cargo metadata` said so.
    #[must_use]
    pub fn class(&self, index: usize) -> Option<BuildClass> {
        self.built.as_ref()?.classes.get(index).copied()
    }

    /// The way from a member to a package: indices in the lock, the direct dependency first.
    #[must_use]
    pub fn way(&self, index: usize) -> Vec<usize> {
        let mut way = vec![index];
        while let Some(parent) = way.last().and_then(|&last| self.reached[last].parent) {
            // Parents are assigned once, from a node already reached, so there is no cycle; the
            // bound is for the reader's peace.
            if way.len() > self.reached.len() {
                break;
            }
            way.push(parent);
        }
        way.reverse();
        way
    }

    /// Dependencies of members that lead to a package without passing another member or `wall`.
    #[must_use]
    pub fn ways_in(&self, index: usize, wall: Option<usize>) -> Vec<&Reached> {
        let back = self.back.get_or_init(|| {
            let mut back: Vec<Vec<usize>> = vec![Vec::new(); self.edges.len()];
            for (from, to) in self.edges.iter().enumerate() {
                for &to in to {
                    back[to].push(from);
                }
            }
            back
        });
        let is_member = |index: usize| self.reached[index].hops == 0 && self.reached[index].member.is_some();
        let mut leads = vec![false; self.edges.len()];
        leads[index] = Some(index) != wall;
        let mut queue = if leads[index] { vec![index] } else { Vec::new() };
        while let Some(at) = queue.pop() {
            for &before in &back[at] {
                if !leads[before] && !is_member(before) && Some(before) != wall {
                    leads[before] = true;
                    queue.push(before);
                }
            }
        }
        self.first_hops.iter().filter(|(target, _)| leads[*target]).map(|(_, reached)| reached).collect()
    }
}

/// The line that says what a dependency needs, with the index of its manifest: the workspace's
/// where it is inherited, its own otherwise.
#[must_use]
pub fn declaration<'d>(
    documents: &'d [Document],
    workspace: &Workspace,
    document: usize,
    dependency: &'d Dependency,
) -> (usize, &'d Dependency) {
    if dependency.inherited
        && let Some(Document::CargoManifest(root)) = documents.get(workspace.document)
        && let Some(shared) =
            root.dependencies.iter().find(|d| d.table == Table::Workspace && d.key.value == dependency.key.value)
    {
        return (workspace.document, shared);
    }
    (document, dependency)
}

/// Key of a package of a lock in the graph.
#[must_use]
pub fn lock_key(package: &super::kinds::cargo::LockPackage, workspace: Option<&Workspace>) -> String {
    let source = identity::lock_source(package.source.as_ref().map(|s| s.value.as_str()));
    if source == LockSource::Local
        && let Some(member) = workspace.and_then(|w| w.members.iter().find(|m| m.name == package.name.value))
    {
        return identity::local_crate(&member.folder, &member.name);
    }
    identity::locked_crate(&package.name.value, &package.version.value, &source)
}

/// Whether a locked version answers a requirement, as far as both can be read.
pub(crate) fn satisfies(declared: &Dependency, version: &str) -> bool {
    let Some(requirement) = &declared.requirement else { return true };
    match (semver::VersionReq::parse(&requirement.value), semver::Version::parse(version)) {
        (Ok(requirement), Ok(version)) => requirement.matches(&version),
        _ => true,
    }
}
