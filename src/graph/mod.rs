//! The typed graph: what the tree is made of and how one thing comes to reach another.
//!
//! Immutable once built. `petgraph` inside, our own ids and methods outside. It names no reader and
//! judges nothing.

pub mod assets;
pub mod build;
pub mod build_class;
mod called;
pub mod cargo;
pub mod ci;
pub mod conda;
pub mod crates;
pub mod deployments;
pub mod distributions;
pub mod flow;
pub mod identity;
pub mod images;
pub mod indexes;
pub mod kinds;
pub mod lineage;
pub mod locked;
mod members;
pub mod parts;
mod paths;
pub mod python;
pub mod reach;

use std::collections::BTreeMap;

use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef as _;

use crate::source::Place;

pub use kinds::Document;

/// A node of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(NodeIndex);

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKind {
    /// A file that declares or locks.
    Manifest,
    /// A Rust crate: a name, a release, or a package of the tree.
    Crate,
    /// A Rust toolchain.
    Toolchain,
    /// A package registry or index.
    Registry,
    /// A workflow file.
    Workflow,
    /// A job of a workflow.
    Job,
    /// A step of a job or composite action.
    Step,
    /// A GitHub action or reusable workflow.
    Action,
    /// A container image.
    Image,
    /// A script of the tree that a step runs.
    Script,
    /// A Python distribution: a name, a release, or a project of the tree.
    Distribution,
    /// A package of a channel of conda's: a name, or a build of a release.
    CondaPackage,
    /// A Dockerfile.
    Dockerfile,
    /// A stage of a Dockerfile.
    Stage,
    /// A cache of GitHub's, by what is written of its key.
    Cache,
    /// An artifact that a run of a workflow leaves.
    Artifact,
    /// Settings or instructions of an agent or editor.
    AgentSettings,
    /// A server of tools that an agent starts or calls.
    ToolServer,
    /// A repository of hooks that run before a commit.
    HookRepository,
    /// Something that scripts fetch, by its address.
    Download,
    /// A model file of the tree, or a folder that is one model.
    ModelFile,
    /// A model that is loaded by name.
    Model,
    /// A data set that is loaded by name.
    Dataset,
    /// A tokenizer or processor that is loaded by name.
    Tokenizer,
    /// Weights that are put onto a model's.
    Adapter,
    /// Native code of a hub.
    Kernel,
    /// A file of code or configuration that loads something by name.
    Code,
}

impl NodeKind {
    /// Whether it is something that is loaded by name.
    #[must_use]
    pub fn is_asset(self) -> bool {
        matches!(self, Self::Model | Self::Dataset | Self::Tokenizer | Self::Adapter | Self::Kernel)
    }

    /// The kind as the JSON spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Crate => "crate",
            Self::Toolchain => "toolchain",
            Self::Registry => "registry",
            Self::Workflow => "workflow",
            Self::Job => "job",
            Self::Step => "step",
            Self::Action => "action",
            Self::Image => "image",
            Self::Script => "script",
            Self::Distribution => "distribution",
            Self::CondaPackage => "conda-package",
            Self::Dockerfile => "dockerfile",
            Self::Stage => "stage",
            Self::Cache => "cache",
            Self::Artifact => "artifact",
            Self::AgentSettings => "agent-settings",
            Self::ToolServer => "tool-server",
            Self::HookRepository => "hook-repository",
            Self::Download => "download",
            Self::ModelFile => "model-file",
            Self::Model => "model",
            Self::Dataset => "dataset",
            Self::Tokenizer => "tokenizer",
            Self::Adapter => "adapter",
            Self::Kernel => "kernel",
            Self::Code => "code",
        }
    }
}

/// How two nodes relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeKind {
    /// A file states the thing.
    Declares,
    /// One thing needs another.
    DependsOn,
    /// A release is held by a lock.
    LockedBy,
    /// A step runs it.
    Runs,
    /// It is fetched from there.
    FetchedFrom,
    /// A step builds an image, a crate becomes a distribution.
    Builds,
    /// A file is copied into a stage, or asked to be installed by a command.
    Uses,
    /// A job puts it there.
    Writes,
    /// A job takes it from there.
    Reads,
    /// It is loaded by name.
    Loads,
}

impl EdgeKind {
    /// The kind as the JSON spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declares => "declares",
            Self::DependsOn => "depends-on",
            Self::LockedBy => "locked-by",
            Self::Runs => "runs",
            Self::FetchedFrom => "fetched-from",
            Self::Builds => "builds",
            Self::Uses => "uses",
            Self::Writes => "writes",
            Self::Reads => "reads",
            Self::Loads => "loads",
        }
    }
}

/// A node: an identity and what was claimed about it.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Its identity, from [`identity`].
    pub key: String,
    /// Its name.
    pub name: String,
    /// Version, tag, branch, commit or digest.
    pub version: Option<String>,
    /// Package URL.
    pub purl: Option<String>,
    /// More that was claimed.
    pub attributes: BTreeMap<&'static str, String>,
    /// Where it was seen, sorted.
    pub sightings: Vec<Place>,
}

impl Node {
    /// Whether a manifest asks crates.io for it and no lock holds a release.
    #[must_use]
    pub fn asks_crates_io(&self) -> bool {
        self.kind == NodeKind::Crate
            && self.version.is_none()
            && self.key == identity::required_crate(&self.name, "crates.io")
    }
}

/// An edge.
#[derive(Debug, Clone)]
pub struct Edge {
    /// How they relate.
    pub kind: EdgeKind,
    /// What was claimed about it: a requirement, a table.
    pub attributes: BTreeMap<&'static str, String>,
    /// Where it was seen, sorted.
    pub sightings: Vec<Place>,
}

/// The graph of one tree.
#[derive(Debug, Default)]
pub struct Graph {
    inner: DiGraph<Node, Edge>,
    by_key: BTreeMap<String, NodeIndex>,
    // A crate may have ten thousand dependencies; walking its edges for each would be quadratic.
    by_ends: BTreeMap<(NodeIndex, NodeIndex, EdgeKind), EdgeIndex>,
}

impl Graph {
    /// Adds a node, or more sightings and attributes to the one of the same key.
    pub(crate) fn claim(&mut self, node: Node) -> NodeId {
        if let Some(&index) = self.by_key.get(&node.key) {
            if let Some(known) = self.inner.node_weight_mut(index) {
                known.sightings.extend(node.sightings);
                for (key, value) in node.attributes {
                    known.attributes.entry(key).or_insert(value);
                }
            }
            return NodeId(index);
        }
        let key = node.key.clone();
        let index = self.inner.add_node(node);
        self.by_key.insert(key, index);
        NodeId(index)
    }

    /// Adds an edge, or more sightings to the one of the same ends and kind.
    pub(crate) fn link(&mut self, from: NodeId, to: NodeId, edge: Edge) {
        let ends = (from.0, to.0, edge.kind);
        if let Some(known) = self.by_ends.get(&ends).and_then(|&id| self.inner.edge_weight_mut(id)) {
            known.sightings.extend(edge.sightings);
            for (key, value) in edge.attributes {
                known.attributes.entry(key).or_insert(value);
            }
            return;
        }
        let id = self.inner.add_edge(from.0, to.0, edge);
        self.by_ends.insert(ends, id);
    }

    /// Adds an attribute to the node of a key, if there is one.
    pub(crate) fn describe(&mut self, key: &str, attribute: &'static str, value: &str) {
        if let Some(node) = self.by_key.get(key).and_then(|&index| self.inner.node_weight_mut(index)) {
            node.attributes.insert(attribute, value.to_owned());
        }
    }

    /// Puts every list of sightings in order. Called once, after the last claim.
    pub(crate) fn settle(&mut self) {
        for node in self.inner.node_weights_mut() {
            node.sightings.sort();
            node.sightings.dedup();
        }
        for edge in self.inner.edge_weights_mut() {
            edge.sightings.sort();
            edge.sightings.dedup();
        }
    }

    /// A node.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.inner[id.0]
    }

    /// The node of a key.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<NodeId> {
        self.by_key.get(key).copied().map(NodeId)
    }

    /// All nodes in key order.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.by_key.values().map(|&index| (NodeId(index), &self.inner[index]))
    }

    /// Nodes of one kind, in key order.
    pub fn of(&self, kind: NodeKind) -> impl Iterator<Item = (NodeId, &Node)> {
        self.nodes().filter(move |(_, node)| node.kind == kind)
    }

    /// All edges, sorted by their ends' keys and kind.
    #[must_use]
    pub fn edges(&self) -> Vec<(NodeId, NodeId, &Edge)> {
        let mut edges: Vec<_> =
            self.inner.edge_references().map(|e| (NodeId(e.source()), NodeId(e.target()), e.weight())).collect();
        edges.sort_by(|a, b| {
            let key = |e: &(NodeId, NodeId, &Edge)| (&self.node(e.0).key, &self.node(e.1).key, e.2.kind);
            key(a).cmp(&key(b))
        });
        edges
    }

    /// Edges that leave a node.
    pub fn out(&self, id: NodeId) -> impl Iterator<Item = (NodeId, &Edge)> {
        self.inner.edges(id.0).map(|e| (NodeId(e.target()), e.weight()))
    }

    /// How many nodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.node_count()
    }

    /// Whether there is no node.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inner.node_count() == 0
    }
}
