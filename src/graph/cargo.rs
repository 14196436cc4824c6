//! Workspaces, their members and their locks, tied together as cargo ties them, without cargo.
//!
//! A lock has no root flag and no edge kinds; the manifests of the members supply both for the
//! first hop. What follows from it is an over-approximation and findings say so.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::kinds::cargo::{Dependency, Lock, LockSource, Manifest, Table};
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
}

/// Everything cargo-like of the tree.
#[derive(Debug, Default)]
pub struct CargoView {
    /// Workspaces and packages that stand alone, by folder.
    pub workspaces: Vec<Workspace>,
    /// Locks, by path.
    pub locks: Vec<LockView>,
}

impl CargoView {
    /// Ties documents together.
    #[must_use]
    pub fn build(documents: &[Document], sources: &Sources, files: &BTreeSet<RepoPath>) -> Self {
        let mut workspaces = find_workspaces(documents, sources, files);
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
            let reached = reach(lock, &edges, workspace.map(|w| &workspaces[w]), documents, role);
            locks.push(LockView { document: index, file: lock.file, workspace, role, edges, reached });
        }
        Self { workspaces, locks }
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

struct Candidate<'a> {
    document: usize,
    folder: RepoPath,
    manifest: &'a Manifest,
}

fn find_workspaces(documents: &[Document], sources: &Sources, files: &BTreeSet<RepoPath>) -> Vec<Workspace> {
    let mut candidates: BTreeMap<RepoPath, Candidate<'_>> = BTreeMap::new();
    for (document, value) in documents.iter().enumerate() {
        if let Document::CargoManifest(manifest) = value
            && let Some(file) = sources.get(manifest.file)
        {
            let folder = file.path.parent();
            candidates.insert(folder.clone(), Candidate { document, folder, manifest });
        }
    }
    let mut root_of: BTreeMap<&RepoPath, RepoPath> = BTreeMap::new();
    for (folder, candidate) in &candidates {
        if candidate.manifest.workspace.is_some() {
            root_of.insert(folder, folder.clone());
        }
    }
    for folder in candidates.keys() {
        if !root_of.contains_key(folder) {
            let root = nearest_root(folder, &candidates).unwrap_or_else(|| folder.clone());
            root_of.insert(folder, root);
        }
    }
    let mut groups: BTreeMap<RepoPath, Vec<&Candidate<'_>>> = BTreeMap::new();
    for (folder, root) in root_of {
        if let Some(candidate) = candidates.get(folder) {
            groups.entry(root).or_default().push(candidate);
        }
    }
    groups.into_iter().filter_map(|(root, group)| workspace(&root, &group, &candidates, files)).collect()
}

fn nearest_root(folder: &RepoPath, candidates: &BTreeMap<RepoPath, Candidate<'_>>) -> Option<RepoPath> {
    let own = candidates.get(folder)?;
    if let Some(pointer) = own.manifest.package.as_ref().and_then(|p| p.workspace.as_ref()) {
        return folder.join(&pointer.value);
    }
    let mut at = folder.clone();
    while !at.is_root() {
        at = at.parent();
        let Some(root) = candidates.get(&at) else { continue };
        let Some(workspace) = &root.manifest.workspace else { continue };
        let Some(below) = folder.as_str().strip_prefix(at.as_str()).map(|p| p.trim_start_matches('/')) else {
            continue;
        };
        if workspace.exclude.iter().any(|pattern| {
            glob(pattern.value.trim_start_matches("./"), below)
                || below.starts_with(&format!("{}/", pattern.value.trim_start_matches("./").trim_end_matches('/')))
        }) {
            return None;
        }
        let listed = workspace
            .members
            .iter()
            .any(|pattern| glob(pattern.value.trim_start_matches("./").trim_end_matches('/'), below));
        // A path dependency of a member is a member too; cargo insists on it.
        return (listed || is_path_dependency(folder, &at, candidates)).then_some(at);
    }
    None
}

fn is_path_dependency(folder: &RepoPath, root: &RepoPath, candidates: &BTreeMap<RepoPath, Candidate<'_>>) -> bool {
    candidates.values().filter(|c| c.folder.is_under(root)).any(|c| {
        c.manifest
            .dependencies
            .iter()
            .any(|d| d.path.as_ref().and_then(|p| c.folder.join(&p.value)).as_ref() == Some(folder))
    })
}

/// Cargo's member globs: `*` and `?` within a path part, `**` over parts.
fn glob(pattern: &str, path: &str) -> bool {
    fn part(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.first(), text.first()) {
            (None, None) => true,
            (Some(b'*'), _) => part(&pattern[1..], text) || (!text.is_empty() && part(pattern, &text[1..])),
            (Some(b'?'), Some(_)) => part(&pattern[1..], &text[1..]),
            (Some(a), Some(b)) if a == b => part(&pattern[1..], &text[1..]),
            _ => false,
        }
    }
    fn parts(pattern: &[&str], path: &[&str]) -> bool {
        match (pattern.first(), path.first()) {
            (None, None) => true,
            (Some(&"**"), _) => parts(&pattern[1..], path) || (!path.is_empty() && parts(pattern, &path[1..])),
            // A pattern of many stars is no member glob; it would cost exponential time.
            (Some(p), Some(t)) if p.matches('*').count() <= 4 && part(p.as_bytes(), t.as_bytes()) => {
                parts(&pattern[1..], &path[1..])
            }
            _ => false,
        }
    }
    let pattern: Vec<&str> = pattern.split('/').filter(|p| !p.is_empty() && *p != ".").collect();
    let path: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
    pattern.iter().filter(|p| **p == "**").count() <= 3 && pattern.len() <= 64 && parts(&pattern, &path)
}

fn workspace(
    root: &RepoPath,
    group: &[&Candidate<'_>],
    candidates: &BTreeMap<RepoPath, Candidate<'_>>,
    files: &BTreeSet<RepoPath>,
) -> Option<Workspace> {
    let top = candidates.get(root).or_else(|| group.first().copied())?;
    let shared = top.manifest.workspace.as_ref();
    let mut members: Vec<Member> = group
        .iter()
        .filter_map(|candidate| {
            let package = candidate.manifest.package.as_ref()?;
            let folder = candidate.folder.clone();
            let manifest_path = folder.join("Cargo.toml")?;
            Some(Member {
                document: candidate.document,
                name: package.name.value.clone(),
                role: Role::of_path(&manifest_path),
                has_binary: has_binary(candidate.manifest, &folder, files),
                unpublished: package.unpublished
                    || (package.publish_inherited && shared.is_some_and(|w| w.unpublished)),
                folder,
            })
        })
        .collect();
    raise_reached(&mut members, candidates);
    let own = Role::of_path(&root.join("Cargo.toml")?);
    let role = members.iter().map(|m| m.role).min().unwrap_or(own).min(own);
    Some(Workspace { folder: root.clone(), document: top.document, members, lock: None, role })
}

/// A package that the product depends on is product, wherever it lies.
fn raise_reached(members: &mut [Member], candidates: &BTreeMap<RepoPath, Candidate<'_>>) {
    let mut queue: VecDeque<usize> = (0..members.len()).filter(|i| members[*i].role == Role::Product).collect();
    while let Some(index) = queue.pop_front() {
        let Some(candidate) = candidates.get(&members[index].folder) else { continue };
        let mut targets = Vec::new();
        for dependency in &candidate.manifest.dependencies {
            if matches!(dependency.table, Table::Dev | Table::Workspace) {
                continue;
            }
            let folder = dependency.path.as_ref().and_then(|p| candidate.folder.join(&p.value));
            targets.extend(members.iter().position(|m| match &folder {
                Some(folder) => m.folder == *folder,
                // An inherited dependency names its package; the path stands in the root manifest.
                None => dependency.inherited && m.name == dependency.package_name(),
            }));
        }
        for target in targets {
            if members[target].role != Role::Product {
                members[target].role = Role::Product;
                queue.push_back(target);
            }
        }
    }
}

fn has_binary(manifest: &Manifest, folder: &RepoPath, files: &BTreeSet<RepoPath>) -> bool {
    let Some(package) = &manifest.package else { return false };
    if manifest.declares_binary {
        return true;
    }
    if package.no_autobins {
        return false;
    }
    let main = folder.join("src/main.rs");
    let bins = folder.join("src/bin");
    main.is_some_and(|path| files.contains(&path))
        || bins.is_some_and(|bins| files.range(bins.clone()..).take_while(|p| p.is_under(&bins)).next().is_some())
}

fn resolve(lock: &Lock) -> Vec<Vec<usize>> {
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, package) in lock.packages.iter().enumerate() {
        by_name.entry(&package.name.value).or_default().push(index);
    }
    let find = |text: &str| -> Option<usize> {
        let mut words = text.splitn(3, ' ');
        let candidates = by_name.get(words.next()?)?;
        let version = words.next();
        let source = words.next().map(|s| s.trim_start_matches('(').trim_end_matches(')'));
        candidates.iter().copied().find(|&index| {
            let package = &lock.packages[index];
            version.is_none_or(|v| package.version.value == v)
                && source.is_none_or(|s| package.source.as_ref().is_some_and(|p| p.value == s))
        })
    };
    lock.packages.iter().map(|p| p.dependencies.iter().filter_map(|d| find(&d.value)).collect()).collect()
}

fn reach(
    lock: &Lock,
    edges: &[Vec<usize>],
    workspace: Option<&Workspace>,
    documents: &[Document],
    role: Role,
) -> Vec<Reached> {
    let none = Reached {
        reach: Reach::Unknown,
        role,
        parent: None,
        hops: 0,
        enters_at: None,
        member: None,
        optional: false,
        target: None,
    };
    let mut out = vec![none; lock.packages.len()];
    let Some(workspace) = workspace else { return out };
    let mut seeds = Vec::new();
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
            seeds.push(first_hop(lock, target, (number, member), manifest.file, &named));
        }
    }
    // The weightiest way first: role, kind of dependency, required before optional, everywhere
    // before on some platforms; then breadth. So what is said of a way holds for all ways.
    let class = |r: &Reached| (r.role, r.reach, r.optional, r.target.is_some());
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
    out
}

fn first_hop(
    lock: &Lock,
    target: usize,
    (number, member): (usize, &Member),
    file: FileId,
    named: &[(&Dependency, &Dependency)],
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
        target: declared.and_then(|d| d.target.as_ref()).map(|t| t.value.clone()),
    };
    (target, reached)
}

impl LockView {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn member_globs_mean_what_cargo_makes_of_them() {
        for (pattern, path, yes) in [
            ("crates/*", "crates/a", true),
            ("crates/*", "crates/a/b", false),
            ("crates/**", "crates/a/b", true),
            ("lib-?", "lib-a", true),
            ("a", "b", false),
            ("****************************x", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
        ] {
            assert_eq!(glob(pattern, path), yes, "{pattern} {path}");
        }
    }
}
