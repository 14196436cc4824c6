//! Ties the metadata of cargo to the lock it speaks of, and only to that one.
//!
//! The metadata may come from another machine and another day. It is taken at its word where its
//! members, their dependencies and features, and every package agree with the tree; otherwise it is
//! of something else, and what that is gets said. Which features a dependency line asks for is not
//! compared: the metadata has to be made of the commit that is audited.

use std::collections::{BTreeMap, BTreeSet};

use super::Document;
use super::cargo::{CargoView, LockView, Workspace, declaration};
use super::identity::{lock_source, locked_crate};
use super::kinds::cargo::{Lock, Manifest, Table};
use crate::parse::metadata::{Declared, Resolver};
use crate::source::Sources;

pub use crate::parse::metadata::{BuildClass, COMMON_PLATFORMS, Metadata};

/// Crates named in one sentence.
const NAMED: usize = 3;

/// How the metadata came to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// From a file that was named.
    Given,
    /// By `cargo metadata`, started for this audit.
    Asked,
    /// Not at all: the manifests of all crates of the lock say what each needs its dependencies for.
    Manifests,
}

/// What a build uses the packages of a lock for.
#[derive(Debug, Clone)]
pub struct Built {
    /// Where it is known from.
    pub origin: Origin,
    /// For each package of the lock.
    pub classes: Vec<BuildClass>,
}

/// Metadata, by a name for messages.
#[derive(Debug)]
pub struct Named {
    /// The file, or the manifest that cargo was asked about.
    pub name: String,
    /// What it says.
    pub metadata: Metadata,
}

/// Ties metadata from files to locks. Returns what could not be used, in sentences.
#[must_use]
pub fn tie(cargo: &mut CargoView, documents: &[Document], sources: &Sources, given: &[Named]) -> Vec<String> {
    let mut out = Vec::new();
    for named in given {
        let Some(index) = find(cargo, sources, &named.metadata) else {
            out.push(format!("{} describes no workspace of this tree that has a lock", named.name));
            continue;
        };
        out.extend(tie_one(cargo, documents, sources, index, named, Origin::Given).err());
    }
    out
}

/// Ties metadata to the lock at `index`.
///
/// # Errors
/// Why it is not of this lock, as a sentence.
pub fn tie_one(
    cargo: &mut CargoView,
    documents: &[Document],
    sources: &Sources,
    index: usize,
    named: &Named,
    origin: Origin,
) -> Result<(), String> {
    let built = built(cargo, documents, index, &named.metadata, origin).map_err(|why| {
        let lock = cargo.locks.get(index).map_or("", |view| sources.path(view.file));
        format!("{} is not of {lock} as it is: {why}", named.name)
    })?;
    if let Some(view) = cargo.locks.get_mut(index) {
        view.built = Some(built);
    }
    Ok(())
}

/// The lock whose workspace has most of the members. Paths of another machine tell apart what has
/// the same members, as copies among fixtures have.
fn find(cargo: &CargoView, sources: &Sources, metadata: &Metadata) -> Option<usize> {
    let theirs: BTreeSet<(&str, &str)> =
        metadata.members.iter().filter_map(|m| Some((m.name.as_str(), m.folder.as_deref()?))).collect();
    let score = |view: &LockView| {
        let workspace = cargo.workspaces.get(view.workspace?)?;
        let ours = members(workspace);
        let shared = ours.iter().filter(|(name, folder)| theirs.contains(&(*name, folder.as_str()))).count();
        let folder = sources.get(view.file)?.path.parent();
        let is_at_end = folder.is_root() || metadata.root.ends_with(&format!("/{folder}"));
        let length = if is_at_end { folder.as_str().len() } else { 0 };
        (shared > 0).then_some((view.built.is_none(), shared, is_at_end, length))
    };
    let scored = cargo.locks.iter().enumerate().filter_map(|(index, view)| Some((score(view)?, index)));
    // The first of equals: locks are in the order of their paths.
    scored.max_by_key(|(score, index)| (*score, std::cmp::Reverse(*index))).map(|(_, index)| index)
}

/// Members by name and folder below the workspace's.
fn members(workspace: &Workspace) -> BTreeSet<(&str, String)> {
    let below = |folder: &crate::source::RepoPath| {
        let rest = folder.as_str().strip_prefix(workspace.folder.as_str())?;
        Some(rest.trim_start_matches('/').to_owned())
    };
    workspace.members.iter().filter_map(|m| Some((m.name.as_str(), below(&m.folder)?))).collect()
}

fn built(
    cargo: &CargoView,
    documents: &[Document],
    index: usize,
    metadata: &Metadata,
    origin: Origin,
) -> Result<Built, String> {
    let view = cargo.locks.get(index).ok_or("no such lock")?;
    let Some(Document::CargoLock(lock)) = documents.get(view.document) else {
        return Err("the lock was not read".to_owned());
    };
    let workspace =
        view.workspace.and_then(|w| cargo.workspaces.get(w)).ok_or("no manifest of a workspace stands beside it")?;
    let places = same_packages(lock, metadata)?;
    same_members(workspace, documents, metadata)?;
    let resolver = resolver(documents.get(workspace.document), metadata);
    let classes = metadata.classes(resolver).map_err(|problem| problem.message)?;
    let of = |place: usize| classes.get(place).copied().unwrap_or(BuildClass::DefaultRuntime);
    Ok(Built { origin, classes: places.into_iter().map(of).collect() })
}

/// For each package of the lock, its place in the metadata.
fn same_packages(lock: &Lock, metadata: &Metadata) -> Result<Vec<usize>, String> {
    let key = |name: &str, version: &str, source: Option<&str>| locked_crate(name, version, &lock_source(source));
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (place, package) in metadata.packages.iter().enumerate() {
        known.insert(key(&package.name, &package.version, package.source.as_deref()), place);
    }
    let mut places = Vec::new();
    let mut missing = Vec::new();
    for package in &lock.packages {
        let source = package.source.as_ref().map(|s| s.value.as_str());
        match known.remove(&key(&package.name.value, &package.version.value, source)) {
            Some(place) => places.push(place),
            None => missing.push(format!("{} {}", package.name.value, package.version.value)),
        }
    }
    if !missing.is_empty() {
        let why = "made of another commit, without `--all-features` or with `--filter-platform`";
        return Err(format!("it does not know {}; {why}", some(&missing)));
    }
    let more: Vec<String> = known
        .into_values()
        .filter_map(|place| metadata.packages.get(place))
        .map(|p| format!("{} {}", p.name, p.version))
        .collect();
    if more.is_empty() { Ok(places) } else { Err(format!("the lock does not hold {}", some(&more))) }
}

fn some(names: &[String]) -> String {
    let more = names.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", "))
}

/// A dependency that moved from one table to another leaves the lock as it was.
fn same_members(workspace: &Workspace, documents: &[Document], metadata: &Metadata) -> Result<(), String> {
    let ours = members(workspace);
    let theirs: BTreeSet<(&str, String)> =
        metadata.members.iter().map(|m| (m.name.as_str(), m.folder.clone().unwrap_or_default())).collect();
    if let Some((name, _)) = ours.symmetric_difference(&theirs).next() {
        return Err(format!("it has other members, `{name}` among them"));
    }
    for member in &workspace.members {
        let Some(Document::CargoManifest(manifest)) = documents.get(member.document) else { continue };
        let Some(their) = metadata.members.iter().find(|m| m.name == member.name) else { continue };
        let declared: BTreeSet<Declared> = manifest
            .dependencies
            .iter()
            .filter(|d| d.table != Table::Workspace)
            .map(|d| {
                let (_, meant) = declaration(documents, workspace, member.document, d);
                let name = meant.package_name().to_owned();
                Declared {
                    rename: (d.key.value != name).then(|| d.key.value.clone()),
                    name,
                    kind: match d.table {
                        Table::Build => "build",
                        Table::Dev => "dev",
                        Table::Normal | Table::Workspace => "normal",
                    }
                    .to_owned(),
                    optional: d.optional,
                    target: d.target.as_ref().map(|t| t.value.clone()),
                }
            })
            .map(plain)
            .collect();
        let known: BTreeSet<Declared> = their.dependencies.iter().cloned().map(plain).collect();
        if let Some(one) = declared.symmetric_difference(&known).next() {
            return Err(format!("`{}` declares `{}` in another way", member.name, one.name));
        }
        if let Some(feature) = other_feature(manifest, &their.features) {
            return Err(format!("the feature `{feature}` of `{}` is another", member.name));
        }
    }
    Ok(())
}

/// Cargo writes conditions anew; blanks and closing commas are of no meaning.
fn plain(mut declared: Declared) -> Declared {
    declared.target = declared.target.map(|target| {
        let target: String = target.chars().filter(|c| !c.is_whitespace()).collect();
        target.replace(",)", ")")
    });
    declared
}

/// A feature that one side has otherwise. Cargo adds one for each optional dependency that no
/// feature names by `dep:`.
fn other_feature(manifest: &Manifest, theirs: &BTreeMap<String, BTreeSet<String>>) -> Option<String> {
    for (name, on) in &manifest.features {
        let ours: BTreeSet<&str> = on.iter().map(String::as_str).collect();
        let same =
            theirs.get(name).is_some_and(|their| their.iter().map(String::as_str).collect::<BTreeSet<_>>() == ours);
        if !same {
            return Some(name.clone());
        }
    }
    let is_implied = |name: &str, on: &BTreeSet<String>| on.len() == 1 && on.contains(&format!("dep:{name}"));
    let added = theirs.iter().find(|(name, on)| !manifest.features.contains_key(*name) && !is_implied(name, on));
    added.map(|(name, _)| name.clone())
}

/// Cargo's rules for features: as written, else by the edition of the package at the root.
/// Source: the Cargo book, "Resolver versions".
fn resolver(root: Option<&Document>, metadata: &Metadata) -> Resolver {
    let written = match root {
        Some(Document::CargoManifest(manifest)) => manifest.resolver.as_deref(),
        _ => None,
    };
    match (written, metadata.root_edition.as_deref()) {
        (Some("1"), _) | (None, None | Some("2015" | "2018")) => Resolver::V1,
        _ => Resolver::V2,
    }
}

/// What a build uses each locked crate for, by its key in the graph, over all locks that hold it.
/// A crate of a lock without metadata has none: what is not known of one lock is not known of all.
pub(super) fn by_key(cargo: &CargoView, documents: &[Document]) -> BTreeMap<String, Option<BuildClass>> {
    let mut out: BTreeMap<String, Option<BuildClass>> = BTreeMap::new();
    if cargo.locks.iter().all(|view| view.built.is_none()) {
        return out;
    }
    for view in &cargo.locks {
        let Some(Document::CargoLock(lock)) = documents.get(view.document) else { continue };
        let workspace = view.workspace.and_then(|w| cargo.workspaces.get(w));
        for (index, package) in lock.packages.iter().enumerate() {
            let class = view.class(index);
            out.entry(super::cargo::lock_key(package, workspace))
                .and_modify(|known| *known = known.zip(class).map(|(a, b)| a.min(b)))
                .or_insert(class);
        }
    }
    out
}
