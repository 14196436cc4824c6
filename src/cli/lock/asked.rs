//! What the tree asks its lock to hold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::cli::Surroundings;
use crate::graph::assets::AssetView;
use crate::graph::cargo::CargoView;
use crate::graph::ci::expression;
use crate::graph::ci::trust::TrustView;
use crate::graph::flow::FlowView;
use crate::graph::images::ImageView;
use crate::graph::python::PythonView;
use crate::graph::{Graph, NodeKind, build};
use crate::lock::{self, Asked, Wish, wants};
use crate::read::{self, Outcome, Reading};
use crate::references::{At, Reference};
use crate::source::{FileId, Limits, Place, RepoPath, Role, Sources, Tree};

/// What was found in a tree.
pub(super) struct Found {
    /// What the lock is to hold. Images and tools stand here in full; whoever calls decides whether they count.
    pub asked: Asked,
    /// Files that could not be read as what they are, and why.
    pub unread: Vec<(String, String)>,
    /// Calls that load what only their running tells.
    pub unresolved: usize,
    /// Locks below, each of which speaks of its own folder.
    pub below: Vec<String>,
    lines: BTreeMap<String, Vec<u64>>,
}

impl Found {
    /// A place as `path:line`.
    pub(super) fn shown(&self, at: &At) -> String {
        let ends = self.lines.get(&*at.path);
        let line = ends.map_or(1, |ends| ends.partition_point(|end| *end < at.span.start) + 1);
        format!("{}:{line}", at.path)
    }
}

/// Reads the tree. No rule judges it.
pub(super) fn find(root: &Path, is_all: bool, around: &Surroundings) -> Result<Found> {
    let tree = Tree::scan(root, Limits::default()).context("failed to read the tree")?;
    let reading = read::read_tree(&tree, around.threads, &|_, _| {});
    let view = AssetView::of(&reading.documents, &reading.sources);
    let loads: Vec<Reference> =
        view.loads.iter().filter(|load| load.loaded.held.is_none()).map(|load| load.loaded.reference.clone()).collect();
    let counted = |at: &At| is_all || RepoPath::new(&at.path).is_none_or(|path| is_product(&path));
    let entries = {
        let counted: Vec<Reference> = loads.iter().filter(|load| counted(call(load))).cloned().collect();
        wants(&counted)
    };
    let may = wants(&loads).into_keys().filter(|key| !entries.contains_key(key)).collect::<BTreeSet<_>>();
    let unread = unread(&reading);
    let mut lines = BTreeMap::new();
    for file in view.loads.iter().flat_map(|load| [load.loaded.place.file, load.loaded.call.file]) {
        lines.entry(reading.sources.path(file).to_owned()).or_insert_with(|| ends(file, &reading.sources));
    }
    let is_below = |path: &&RepoPath| path.name() == lock::FILE && !path.parent().is_root() && is_product(path);
    let below = tree.entries.iter().map(|entry| &entry.path).filter(is_below);
    let below = below.map(|path| path.as_str().to_owned()).collect();
    let graph = graph(&tree, &reading, &view);
    let asked = Asked {
        entries,
        may,
        images: Some(wishes(&graph, NodeKind::Image, &reading.sources, &mut lines)),
        tools: Some(wishes(&graph, NodeKind::Download, &reading.sources, &mut lines)),
        elsewhere: elsewhere(&tree),
        is_whole: unread.is_empty(),
    };
    let found = Found { asked, unread, unresolved: view.unresolved.len(), below, lines };
    // The process ends once the lock is written; taking all of it apart piece by piece is time lost.
    std::mem::forget((tree, reading, graph));
    Ok(found)
}

/// The graph, in which images and downloads stand once each.
fn graph(tree: &Tree, reading: &Reading, assets: &AssetView) -> Graph {
    let Reading { documents, sources, .. } = reading;
    let files: BTreeSet<RepoPath> = tree.entries.iter().map(|entry| entry.path.clone()).collect();
    let cargo = CargoView::build(documents, sources, &files);
    let images = ImageView::build(documents, sources, &files);
    let ci = expression::Tree::of(documents, sources);
    let trust = TrustView::build(documents, sources, &ci);
    let python = PythonView::build(documents, sources, &files, &images);
    let flows = FlowView::build(documents, sources, &files, &images);
    build::build(documents, &cargo, &python, &images, &trust, &flows, assets, sources, &files)
}

/// The place that decides what a reference is for: a test's call of a name that stands elsewhere is the test's.
fn call(reference: &Reference) -> &At {
    reference.call.as_ref().unwrap_or(&reference.place)
}

/// Whether a file ships, or works on what ships: whether what it loads is to be held without `--all`.
fn is_product(path: &RepoPath) -> bool {
    matches!(Role::of_path(path), Role::Product | Role::Ci | Role::Development)
}

/// Files that may load something and were not read in full.
fn unread(reading: &Reading) -> Vec<(String, String)> {
    let files = reading.files.iter().chain(&reading.beside);
    let files = files.filter(|file| crate::references::claims(file.path.as_str()));
    let files = files.filter(|file| is_product(&file.path));
    files
        .filter_map(|file| {
            let why = match &file.outcome {
                Outcome::Partial(problems) => problems.first().map(|problem| problem.message.clone())?,
                Outcome::Unread(why) => why.clone(),
                Outcome::Read | Outcome::Skipped(_) => return None,
            };
            Some((file.path.as_str().to_owned(), why))
        })
        .collect()
}

/// Where the lines of a file end, in bytes.
fn ends(file: FileId, sources: &Sources) -> Vec<u64> {
    let text = sources.get(file).map_or("", |file| file.text.as_str());
    text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u64).collect()
}

/// Images or tools that the graph knows by an address without a digest.
fn wishes(
    graph: &Graph,
    kind: NodeKind,
    sources: &Sources,
    lines: &mut BTreeMap<String, Vec<u64>>,
) -> BTreeMap<String, Wish> {
    let mut out = BTreeMap::new();
    for (_, node) in graph.of(kind) {
        let Some(Place { file, span }) = node.sightings.first().copied() else { continue };
        let name = node.key.split_once(':').map_or(node.name.as_str(), |(_, name)| name);
        let is_set_aside = sources.get(file).is_some_and(|file| !is_product(&file.path));
        let is_held = name.contains("@sha256:") || name.contains(['$', '{', '<', '*']);
        let is_address = kind == NodeKind::Image || name.starts_with("https://");
        if is_set_aside || is_held || !is_address {
            continue;
        }
        let path = sources.path(file).to_owned();
        lines.entry(path.clone()).or_insert_with(|| ends(file, sources));
        let place = At { path: path.into(), span };
        out.entry(name.to_owned()).or_insert(Wish { place, digest: None });
    }
    out
}

/// Other locks of the tree: what they hold.
fn elsewhere(tree: &Tree) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for entry in &tree.entries {
        if !is_product(&entry.path) {
            continue;
        }
        let name = entry.path.name();
        let what = match name {
            "Cargo.lock" => "crates",
            "uv.lock" | "poetry.lock" | "pdm.lock" | "Pipfile.lock" | "pylock.toml" => "Python packages",
            "conda-lock.yml" | "conda-lock.yaml" | "pixi.lock" => "conda packages",
            "kernels.lock" => "kernels",
            "dvc.lock" => "data",
            "actions.lock" if entry.path.as_str() == ".github/workflows/actions.lock" => "actions",
            name if name.starts_with("pylock.") && name.ends_with(".toml") => "Python packages",
            name if name.ends_with(".dvc") && name.len() > ".dvc".len() => "data",
            _ => continue,
        };
        out.insert(entry.path.as_str().to_owned(), what.to_owned());
    }
    out
}
