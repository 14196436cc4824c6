//! Documents in, graph out. Nothing enters without a sighting.

pub mod agents;
mod assets;
mod built;
mod ci;
mod conda;
mod downloads;
mod images;
mod models;
mod python;
mod rust;
mod trust;

use std::collections::{BTreeMap, BTreeSet};

use super::assets::AssetView;
use super::build_class;
use super::cargo::CargoView;
use super::ci::trust::TrustView;
use super::flow::FlowView;
use super::images::ImageView;
use super::python::PythonView;
use super::{Document, Edge, EdgeKind, Graph, Node, NodeId, NodeKind};
use crate::source::{FileId, Place, RepoPath, Sources, Span};

/// Builds the graph of a tree.
#[must_use]
#[allow(clippy::too_many_arguments, reason = "every view of the tree has its part in the graph")]
pub(crate) fn build(
    documents: &[Document],
    cargo: &CargoView,
    python: &PythonView,
    images: &ImageView,
    trust: &TrustView,
    flows: &FlowView<'_>,
    assets: &AssetView,
    sources: &Sources,
    files: &BTreeSet<RepoPath>,
) -> Graph {
    let read = documents.iter().map(Document::file).collect();
    let mut builder = Builder { graph: Graph::default(), documents, sources, files, read, crates: BTreeMap::new() };
    for workspace in &cargo.workspaces {
        builder.workspace(workspace, cargo);
    }
    for view in &cargo.locks {
        builder.lock(view, cargo);
    }
    for document in documents {
        match document {
            Document::Workflow(workflow) => builder.workflow(workflow),
            Document::Action(action) => builder.action_definition(action),
            Document::Toolchain(toolchain) => builder.toolchain(toolchain),
            Document::Auditable(binary) => builder.auditable(binary),
            Document::Agent(agent) => builder.agent(agent),
            Document::Hooks(config) => builder.hooks(config),
            Document::Model(model) => builder.model(model),
            _ => {}
        }
    }
    builder.trust(trust);
    // Stages before what is installed in them.
    builder.images(images);
    builder.python(python);
    builder.built(python);
    builder.conda(python);
    builder.downloads(flows);
    builder.assets(assets);
    for (key, class) in build_class::by_key(cargo, documents) {
        if let Some(class) = class {
            builder.graph.describe(&key, "build-class", class.as_str());
        }
    }
    builder.graph.settle();
    builder.graph
}

struct Builder<'a> {
    graph: Graph,
    documents: &'a [Document],
    sources: &'a Sources,
    files: &'a BTreeSet<RepoPath>,
    /// Files that gave a document.
    read: BTreeSet<FileId>,
    /// Packages of the tree, by folder.
    crates: BTreeMap<RepoPath, NodeId>,
}

fn edge(kind: EdgeKind, seen: Place) -> Edge {
    Edge { kind, attributes: BTreeMap::new(), sightings: vec![seen] }
}

impl Builder<'_> {
    fn path(&self, file: FileId) -> RepoPath {
        self.sources.get(file).map(|f| f.path.clone()).unwrap_or_default()
    }

    fn manifest_node(&mut self, file: FileId) -> NodeId {
        let path = self.path(file);
        self.graph.claim(Node {
            kind: NodeKind::Manifest,
            key: format!("manifest:{path}"),
            name: path.as_str().to_owned(),
            version: None,
            purl: None,
            attributes: BTreeMap::new(),
            sightings: vec![Place::new(file, Span::default())],
        })
    }

    fn registry_node(&mut self, name: &str, seen: Place) -> NodeId {
        self.graph.claim(Node {
            kind: NodeKind::Registry,
            key: format!("registry:{name}"),
            name: name.to_owned(),
            version: None,
            purl: None,
            attributes: BTreeMap::new(),
            sightings: vec![seen],
        })
    }
}
