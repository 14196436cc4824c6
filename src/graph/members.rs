//! Which packages of a tree form a workspace, and what is reached from what ships. As cargo decides
//! it, without cargo. Source: the Cargo book, "Workspaces"; cargo `core/workspace.rs`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::Document;
use super::cargo::{Member, Workspace};
use super::kinds::cargo::{Manifest, Table};
use crate::source::{RepoPath, Role, Sources};

/// Workspaces, and what their products reach.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Workspaces and packages that stand alone, by folder.
    pub(super) workspaces: Vec<Workspace>,
    /// Folders that a package which ships builds from, whether or not their manifests could be read.
    pub(super) reached: BTreeSet<RepoPath>,
}

struct Candidate<'a> {
    document: usize,
    folder: RepoPath,
    manifest: &'a Manifest,
}

type Candidates<'a> = BTreeMap<RepoPath, Candidate<'a>>;

pub(super) fn find(documents: &[Document], sources: &Sources, files: &BTreeSet<RepoPath>) -> Found {
    let mut candidates = Candidates::new();
    for (document, value) in documents.iter().enumerate() {
        if let Document::CargoManifest(manifest) = value
            && let Some(file) = sources.get(manifest.file)
        {
            let folder = file.path.parent();
            candidates.insert(folder.clone(), Candidate { document, folder, manifest });
        }
    }
    // Who names a folder as a path dependency; asked once for each folder.
    let mut named_by: BTreeMap<RepoPath, Vec<&RepoPath>> = BTreeMap::new();
    for candidate in candidates.values() {
        for path in candidate.manifest.dependencies.iter().filter_map(|d| d.path.as_ref()) {
            if let Some(target) = candidate.folder.join(&path.value) {
                named_by.entry(target).or_default().push(&candidate.folder);
            }
        }
    }
    let mut groups: BTreeMap<RepoPath, Vec<&Candidate<'_>>> = BTreeMap::new();
    for (folder, candidate) in &candidates {
        let root = match candidate.manifest.workspace {
            Some(_) => None,
            None => nearest_root(folder, &candidates, &named_by),
        };
        groups.entry(root.unwrap_or_else(|| folder.clone())).or_default().push(candidate);
    }
    let mut workspaces: Vec<Workspace> =
        groups.into_iter().filter_map(|(root, group)| workspace(&root, &group, &candidates, files)).collect();
    let reached = raise(&mut workspaces, &candidates, files);
    Found { workspaces, reached }
}

fn nearest_root(
    folder: &RepoPath,
    candidates: &Candidates<'_>,
    named_by: &BTreeMap<RepoPath, Vec<&RepoPath>>,
) -> Option<RepoPath> {
    let own = candidates.get(folder)?;
    if let Some(pointer) = own.manifest.package.as_ref().and_then(|p| p.workspace.as_ref()) {
        return folder.join(&pointer.value);
    }
    let mut at = folder.clone();
    while !at.is_root() {
        at = at.parent();
        let Some(workspace) = candidates.get(&at).and_then(|root| root.manifest.workspace.as_ref()) else { continue };
        let below = folder.as_str().strip_prefix(at.as_str()).map(|p| p.trim_start_matches('/'))?;
        // A member that is named in full is one, whatever `exclude` says.
        if workspace.members.iter().any(|pattern| tidy(&pattern.value) == below) {
            return Some(at);
        }
        let excluded = workspace.exclude.iter().any(|prefix| {
            let prefix = tidy(&prefix.value);
            below == prefix || below.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'))
        });
        if excluded {
            return None;
        }
        let listed = workspace.members.iter().any(|pattern| glob(tidy(&pattern.value), below));
        // A path dependency of a member is a member too; cargo insists on it.
        let named = named_by.get(folder).is_some_and(|from| from.iter().any(|f| f.is_under(&at)));
        return (listed || named).then_some(at);
    }
    None
}

pub(super) fn tidy(pattern: &str) -> &str {
    pattern.trim_start_matches("./").trim_end_matches('/')
}

/// Cargo's member globs: `*`, `?` and `[..]` within a path part, `**` over parts.
pub(super) fn glob(pattern: &str, path: &str) -> bool {
    fn part(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.first(), text.first()) {
            (None, None) => true,
            (Some(b'*'), _) => part(&pattern[1..], text) || (!text.is_empty() && part(pattern, &text[1..])),
            (Some(b'?'), Some(_)) => part(&pattern[1..], &text[1..]),
            (Some(b'['), Some(c)) => match pattern.iter().position(|b| *b == b']') {
                Some(end) => class(&pattern[1..end], *c) && part(&pattern[end + 1..], &text[1..]),
                None => false,
            },
            (Some(a), Some(b)) if a == b => part(&pattern[1..], &text[1..]),
            _ => false,
        }
    }
    fn class(set: &[u8], c: u8) -> bool {
        let (set, negated) = match set.split_first() {
            Some((b'!', rest)) => (rest, true),
            _ => (set, false),
        };
        let mut found = false;
        let mut at = 0;
        while at < set.len() {
            if at + 2 < set.len() && set[at + 1] == b'-' {
                found |= (set[at]..=set[at + 2]).contains(&c);
                at += 3;
            } else {
                found |= set[at] == c;
                at += 1;
            }
        }
        found != negated
    }
    fn parts(pattern: &[&str], path: &[&str]) -> bool {
        match (pattern.first(), path.first()) {
            (None, None) => true,
            (Some(&"**"), _) => parts(&pattern[1..], path) || (!path.is_empty() && parts(pattern, &path[1..])),
            // A pattern of many stars is no member glob; it would cost exponential time.
            (Some(p), Some(t)) if p.matches('*').count() <= 4 && t.len() <= 255 && part(p.as_bytes(), t.as_bytes()) => {
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
    candidates: &Candidates<'_>,
    files: &BTreeSet<RepoPath>,
) -> Option<Workspace> {
    let top = candidates.get(root).or_else(|| group.first().copied())?;
    let shared = top.manifest.workspace.as_ref();
    let own = Role::of_path(&root.join("Cargo.toml")?);
    let members = group.iter().filter_map(|candidate| {
        let package = candidate.manifest.package.as_ref()?;
        let folder = candidate.folder.clone();
        let unpublished = package.unpublished || (package.publish_inherited && shared.is_some_and(|w| w.unpublished));
        let role = Role::of_package(&folder.join("Cargo.toml")?, unpublished, package.is_complete);
        Some(Member {
            document: candidate.document,
            name: package.name.value.clone(),
            // `cargo build --workspace` runs a member's code: its folder's name does not set it
            // aside from a workspace that is not set aside itself.
            role: if role.is_set_aside() && !own.is_set_aside() { Role::Test } else { role },
            has_binary: has_binary(candidate.manifest, &folder, files),
            unpublished,
            is_generated: candidate.manifest.is_generated,
            folder,
        })
    });
    let members: Vec<Member> = members.collect();
    Some(Workspace { folder: root.clone(), document: top.document, members, lock: None, role: own })
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

/// What a product builds from is product, wherever it lies and whatever workspace it belongs to.
/// The role of a workspace, which its lock inherits, follows from its own members alone: the lock of
/// a package that another workspace builds is not used.
fn raise(workspaces: &mut [Workspace], candidates: &Candidates<'_>, files: &BTreeSet<RepoPath>) -> BTreeSet<RepoPath> {
    let mut home: BTreeMap<RepoPath, (usize, usize)> = BTreeMap::new();
    for (number, workspace) in workspaces.iter().enumerate() {
        for (member, package) in workspace.members.iter().enumerate() {
            home.insert(package.folder.clone(), (number, member));
        }
    }
    let mut queue: VecDeque<(RepoPath, usize)> = VecDeque::new();
    let mut crossed: Vec<(usize, usize)> = Vec::new();
    let mut seen: BTreeSet<RepoPath> = BTreeSet::new();
    for (number, workspace) in workspaces.iter().enumerate() {
        for package in workspace.members.iter().filter(|m| m.role == Role::Product) {
            seen.insert(package.folder.clone());
            queue.push_back((package.folder.clone(), number));
        }
    }
    while let Some((folder, number)) = queue.pop_front() {
        for target in built_from(&folder, &workspaces[number].folder, candidates) {
            if !seen.insert(target.clone()) {
                continue;
            }
            let at = home.get(&target).copied();
            if let Some((other, member)) = at {
                if other == number {
                    workspaces[other].members[member].role = Role::Product;
                } else {
                    crossed.push((other, member));
                }
            }
            queue.push_back((target, at.map_or(number, |(other, _)| other)));
        }
    }
    for workspace in workspaces.iter_mut() {
        workspace.role = workspace.members.iter().map(|m| m.role).min().unwrap_or(workspace.role).min(workspace.role);
    }
    for (other, member) in crossed {
        workspaces[other].members[member].role = Role::Product;
    }
    // A listed member whose manifest gave no document is reached all the same.
    for workspace in workspaces.iter().filter(|w| !w.role.is_set_aside()) {
        let Some(root) = candidates.get(&workspace.folder).and_then(|c| c.manifest.workspace.as_ref()) else {
            continue;
        };
        let manifests = files.iter().filter(|f| f.name() == "Cargo.toml" && f.is_under(&workspace.folder));
        for folder in manifests.map(RepoPath::parent).filter(|f| !home.contains_key(f)) {
            let below = folder.as_str().strip_prefix(workspace.folder.as_str()).unwrap_or("").trim_start_matches('/');
            if root.members.iter().any(|pattern| glob(tidy(&pattern.value), below)) {
                seen.insert(folder);
            }
        }
    }
    seen
}

/// Folders that a package builds from: its path dependencies, inherited ones and patches included.
fn built_from(folder: &RepoPath, root: &RepoPath, candidates: &Candidates<'_>) -> Vec<RepoPath> {
    let Some(candidate) = candidates.get(folder) else { return Vec::new() };
    let top = candidates.get(root);
    let mut out = Vec::new();
    for dependency in &candidate.manifest.dependencies {
        if matches!(dependency.table, Table::Dev | Table::Workspace) {
            continue;
        }
        let path = dependency.path.as_ref().and_then(|p| folder.join(&p.value));
        let inherited = || {
            let declared = top?.manifest.dependencies.iter();
            let mut declared = declared.filter(|d| d.table == Table::Workspace && d.key.value == dependency.key.value);
            root.join(&declared.next()?.path.as_ref()?.value)
        };
        out.extend(path.or_else(|| dependency.inherited.then(inherited).flatten()));
    }
    let patches = top.into_iter().flat_map(|t| &t.manifest.patches);
    out.extend(patches.filter_map(|p| p.with.path.as_ref()).filter_map(|p| root.join(&p.value)));
    out
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
            ("crates/[a-c]", "crates/b", true),
            ("crates/[!a-c]", "crates/b", false),
            ("crates/[a", "crates/a", false),
            ("lib-?", "lib-a", true),
            ("a", "b", false),
            ("****************************x", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
        ] {
            assert_eq!(glob(pattern, path), yes, "{pattern} {path}");
        }
    }
}
