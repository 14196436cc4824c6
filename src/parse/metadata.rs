//! What `cargo metadata --format-version 1` prints, and what a build of that workspace uses.
//!
//! `guppy` does the work: it knows cargo's rules for features, targets, host code and
//! dev-dependencies. It expects what cargo writes, so the text is looked through before it gets it,
//! and a panic of it is a problem of the text. Nothing here knows the audited tree.
//!
//! Source: the Cargo book, "cargo metadata"; "Dependency Resolution", "Feature resolver version 2".

mod class;
pub(super) mod fence;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use guppy::graph::PackageGraph;
use guppy::{CargoMetadata, PackageId};
use serde_json::Value;

use super::{Budget, Problem};
use crate::source::Span;

pub use class::{BuildClass, COMMON_PLATFORMS, Resolver};
pub use fence::is_fenced;

/// Parentheses within each other in a target condition; the parsers below are recursive.
const CONDITION_DEPTH: usize = 32;
/// Packages of one name: dependencies are looked up among them one by one.
const NAMESAKES: usize = 256;
/// Dependencies that one package declares, for the same reason.
const DECLARED: usize = 2_048;

/// Edges that are looked at in the time that reading one value takes.
const LOOKED_AT: usize = 16;

/// What reading metadata may cost. A large workspace is a few megabytes of it.
#[must_use]
pub fn budget() -> Budget {
    Budget { items: 8_000_000, ..Budget::default() }
}

/// A package that the metadata knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its source as a lock spells it; none for a path.
    pub source: Option<String>,
}

/// A dependency that a member declares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Declared {
    /// The package's name on its registry.
    pub name: String,
    /// The name in code, where it is another.
    pub rename: Option<String>,
    /// `normal`, `build` or `dev`.
    pub kind: String,
    /// Whether a feature has to ask for it.
    pub optional: bool,
    /// The target condition.
    pub target: Option<String>,
}

/// A member of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its folder below the workspace's, with `/`, empty for the root; none where it lies elsewhere.
    pub folder: Option<String>,
    /// What it declares.
    pub dependencies: BTreeSet<Declared>,
    /// Its features and what each turns on.
    pub features: BTreeMap<String, BTreeSet<String>>,
}

/// The metadata of one workspace.
#[derive(Debug)]
pub struct Metadata {
    /// Folder of the workspace on the machine that made it.
    pub root: String,
    /// Members, by name.
    pub members: Vec<Member>,
    /// All packages.
    pub packages: Vec<Package>,
    /// Edition of the package at the root; none for a workspace without one.
    pub root_edition: Option<String>,
    graph: PackageGraph,
    /// In the order of `packages`.
    ids: Vec<PackageId>,
}

/// Reads the JSON of `cargo metadata`.
///
/// # Errors
/// What is wrong with it: too large, no JSON, not of this format, without a resolve (`--no-deps`),
/// or such that cargo cannot have written it.
pub fn parse(text: &str, budget: &mut Budget) -> Result<Metadata, Problem> {
    let whole = Span { start: 0, end: text.len() as u64 };
    let fail = |why: String| Problem::new(whole, why);
    if text.len() > budget.bytes {
        return Err(fail(format!("larger than {} bytes", budget.bytes)));
    }
    // The depth of JSON is checked by its parser; what is read here is never deeper than that.
    let value: Value = serde_json::from_str(text).map_err(|error| fail(format!("no JSON: {error}")))?;
    if !plausible(&value, budget) {
        return Err(fail("more than `cargo metadata` writes: too many items, or a condition too deep".to_owned()));
    }
    let packages = list(&value, "packages");
    if ["workspace_members", "packages"].iter().any(|key| !value.get(key).is_some_and(Value::is_array)) {
        return Err(fail("not what `cargo metadata --format-version 1` prints".to_owned()));
    }
    if !value.get("resolve").is_some_and(Value::is_object) {
        return Err(fail("without resolved dependencies: made with `--no-deps`".to_owned()));
    }
    let root = string(&value, "workspace_root").replace('\\', "/").trim_end_matches('/').to_owned();
    let member_ids: BTreeSet<&str> = list(&value, "workspace_members").iter().filter_map(Value::as_str).collect();
    let mut members: Vec<Member> =
        packages.iter().filter(|p| member_ids.contains(string(p, "id"))).map(|p| member(p, &root)).collect();
    members.sort_by(|a, b| (&a.name, &a.folder).cmp(&(&b.name, &b.folder)));
    let at_root = packages.iter().find(|p| folder(p, &root).as_deref() == Some(""));
    let root_edition = at_root.map(|p| string(p, "edition").to_owned());
    let known = packages
        .iter()
        .map(|p| Package {
            name: string(p, "name").to_owned(),
            version: string(p, "version").to_owned(),
            source: p.get("source").and_then(Value::as_str).map(str::to_owned),
        })
        .collect();
    let ids = packages.iter().map(|p| PackageId::new(string(p, "id"))).collect();
    drop(value);
    let graph = fence::fenced(|| CargoMetadata::parse_json(text).and_then(CargoMetadata::build_graph))
        .ok_or_else(|| fail("not consistent in itself".to_owned()))?
        .map_err(|error| fail(one_line(&error)))?;
    Ok(Metadata { root, members, packages: known, root_edition, graph, ids })
}

impl Metadata {
    /// What a build of the workspace uses each package for, in the order of `packages`.
    ///
    /// # Errors
    /// The metadata contradicts itself.
    pub fn classes(&self, resolver: Resolver) -> Result<Vec<BuildClass>, Problem> {
        let fail = |why: String| Problem::new(Span::default(), why);
        fence::fenced(|| class::classes(&self.graph, &self.ids, resolver))
            .ok_or_else(|| fail("not consistent in itself".to_owned()))?
            .map_err(|error| fail(one_line(&error)))
    }
}

fn one_line(error: &guppy::Error) -> String {
    let text = error.to_string();
    // Causes are what a person needs; the outer text only says that reading failed.
    let cause = std::error::Error::source(error).map(|e| format!(": {e}")).unwrap_or_default();
    format!("{text}{cause}").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether it is of a size and shape that the parsers below can take. Counts every value once.
fn plausible(value: &Value, budget: &mut Budget) -> bool {
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for package in list(value, "packages") {
        let count = names.entry(string(package, "name")).or_default();
        *count += 1;
        let declared = list(package, "dependencies");
        if *count > NAMESAKES || declared.len() > DECLARED {
            return false;
        }
        // The library looks through all edges of a feature for each that it adds.
        let asked = declared.iter().map(|d| 2 + list(d, "features").len()).sum();
        let features = package.get("features").and_then(Value::as_object).into_iter().flat_map(|f| f.values());
        let edges = features.filter_map(|on| on.as_array().map(Vec::len)).chain([asked]);
        if !edges.into_iter().all(|n: usize| budget.take_items(n.saturating_mul(n) / LOOKED_AT)) {
            return false;
        }
    }
    let mut stack = vec![value];
    while let Some(value) = stack.pop() {
        if !budget.take_items(1) {
            return false;
        }
        match value {
            Value::Array(items) => stack.extend(items),
            Value::Object(map) => stack.extend(map.values()),
            Value::String(text) if text.starts_with("cfg(") && depth(text) > CONDITION_DEPTH => return false,
            _ => {}
        }
    }
    true
}

fn depth(text: &str) -> usize {
    let (mut now, mut most) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' => now += 1,
            b')' => now = now.saturating_sub(1),
            _ => {}
        }
        most = most.max(now);
    }
    most
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn string<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or("")
}

/// The folder of a package below the root.
fn folder(package: &Value, root: &str) -> Option<String> {
    let path = string(package, "manifest_path").replace('\\', "/");
    let folder = path.strip_suffix("/Cargo.toml")?;
    let below = folder.strip_prefix(root)?;
    match below.strip_prefix('/') {
        Some(rest) => Some(rest.to_owned()),
        None => below.is_empty().then(String::new),
    }
}

fn member(package: &Value, root: &str) -> Member {
    let dependencies = list(package, "dependencies").iter().map(|d| Declared {
        name: string(d, "name").to_owned(),
        rename: d.get("rename").and_then(Value::as_str).map(str::to_owned),
        kind: d.get("kind").and_then(Value::as_str).unwrap_or("normal").to_owned(),
        optional: d.get("optional").and_then(Value::as_bool) == Some(true),
        target: d.get("target").and_then(Value::as_str).map(str::to_owned),
    });
    let features = package.get("features").and_then(Value::as_object).into_iter().flatten().map(|(name, on)| {
        let on = on.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        (name.clone(), on)
    });
    Member {
        name: string(package, "name").to_owned(),
        folder: folder(package, root),
        dependencies: dependencies.collect(),
        features: features.collect(),
    }
}
