//! What the tree asks its lock to hold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;

use crate::cli::Surroundings;
use crate::cli::args::EvidenceOptions;
use crate::cli::audit;
use crate::graph::assets::AssetView;
use crate::graph::{Graph, NodeKind};
use crate::lock::{Asked, Wish, wants};
use crate::read::{Outcome, Reading};
use crate::references::{At, Reference};
use crate::source::{Place, RepoPath, Role, Sources, Tree};

/// What was found in a tree.
pub(super) struct Found {
    /// What the lock is to hold. Images and tools stand here in full; whoever calls decides whether they count.
    pub asked: Asked,
    /// Files that could not be read as what they are, and why.
    pub unread: Vec<(String, String)>,
    /// Calls that load what only their running tells.
    pub unresolved: usize,
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

/// Reads the tree.
pub(super) fn find(root: &Path, is_all: bool, around: &Surroundings) -> Result<Found> {
    let (tree, reading, checked) = audit::read_graph(Some(root.to_owned()), EvidenceOptions::default(), around)?;
    let view = AssetView::of(&reading.documents, &reading.sources);
    let loads: Vec<Reference> =
        view.loads.iter().filter(|load| load.loaded.held.is_none()).map(|load| load.loaded.reference.clone()).collect();
    let counted = |at: &At| is_all || RepoPath::new(&at.path).is_none_or(|path| !Role::of_path(&path).is_set_aside());
    let kernels = BTreeMap::new();
    let entries = {
        let counted: Vec<Reference> = loads.iter().filter(|load| counted(call(load))).cloned().collect();
        wants(&counted, &kernels)
    };
    let may = wants(&loads, &kernels).into_keys().filter(|key| !entries.contains_key(key)).collect::<BTreeSet<_>>();
    let unread = unread(&reading);
    let mut lines = BTreeMap::new();
    for at in entries.values().flat_map(|want| &want.places) {
        lines.entry(at.path.to_string()).or_insert_with(|| ends(&at.path, &reading.sources));
    }
    let asked = Asked {
        entries,
        may,
        images: Some(wishes(&checked.graph, NodeKind::Image, &reading.sources, &mut lines)),
        tools: Some(wishes(&checked.graph, NodeKind::Download, &reading.sources, &mut lines)),
        elsewhere: elsewhere(&tree),
        is_whole: unread.is_empty(),
    };
    let found = Found { asked, unread, unresolved: view.unresolved.len(), lines };
    // The process ends once the lock is written; taking all of it apart piece by piece is time lost.
    std::mem::forget((tree, reading, checked));
    Ok(found)
}

/// The place that decides what a reference is for: a test's call of a name that stands elsewhere is the test's.
fn call(reference: &Reference) -> &At {
    reference.call.as_ref().unwrap_or(&reference.place)
}

/// Files that may load something and were not read in full.
fn unread(reading: &Reading) -> Vec<(String, String)> {
    let files = reading.files.iter().chain(&reading.beside);
    let files = files.filter(|file| crate::references::claims(file.path.as_str()));
    let files = files.filter(|file| !Role::of_path(&file.path).is_set_aside());
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
fn ends(path: &str, sources: &Sources) -> Vec<u64> {
    let file = sources.iter().find(|file| file.path.as_str() == path);
    let text = file.map_or("", |file| file.text.as_str());
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
        let is_set_aside = sources.get(file).is_some_and(|file| Role::of_path(&file.path).is_set_aside());
        let is_held = name.contains("@sha256:") || name.contains(['$', '{', '<', '*']);
        let is_address = kind == NodeKind::Image || name.starts_with("https://");
        if is_set_aside || is_held || !is_address {
            continue;
        }
        let path = sources.path(file).to_owned();
        lines.entry(path.clone()).or_insert_with(|| ends(&path, sources));
        let place = At { path: path.into(), span };
        out.entry(name.to_owned()).or_insert(Wish { place, digest: None });
    }
    out
}

/// Other locks of the tree: what they hold.
fn elsewhere(tree: &Tree) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for entry in &tree.entries {
        if Role::of_path(&entry.path).is_set_aside() {
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
