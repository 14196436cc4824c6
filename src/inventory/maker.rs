//! What is gathered on the way: components by id, relations, and which node of the graph became which component.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Beside;
use super::joined::join_files;
use super::joined::without_nameless;
use super::needs::asked;
use super::needs::of_edge;
use super::words;
use crate::graph::Document;
use crate::graph::Edge;
use crate::graph::Node;
use crate::graph::NodeId;
use crate::graph::NodeKind;
use crate::rules::Scene;
use crate::sbom::Bom;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::Kind;
use crate::sbom::model::Occurrence;
use crate::sbom::model::Relation;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;
use crate::sbom::model::Unknown;
use crate::source::FileId;
use crate::source::Place;
use crate::source::RepoPath;
use crate::source::Role;

/// Places that are kept of one component or relation.
const PLACES: usize = 64;

/// The property that says of how many files, or lines of them, a document does not tell because they could not be read.
pub const UNREAD: &str = "custody:unread";

/// What a part that a file of some role names is needed for.
#[must_use]
pub fn scope_of_role(role: Role) -> Scope {
    if role == Role::Product { Scope::Required } else { Scope::Excluded }
}

/// A bill of materials on its way.
pub(super) struct Maker<'a> {
    pub(super) scene: &'a Scene<'a>,
    /// The id of the root.
    pub(super) root: String,
    pub(super) components: BTreeMap<String, Component>,
    pub(super) relations: Vec<Relation>,
    pub(super) unknowns: Vec<Unknown>,
    /// Files, or lines of them, that count and could not be read.
    gaps: usize,
    /// Components of nodes.
    nodes: BTreeMap<NodeId, String>,
    /// Packages of the tree by folder: crates, Python's projects.
    pub(super) crates: BTreeMap<RepoPath, String>,
    pub(super) projects: BTreeMap<RepoPath, String>,
    /// Where stages of Dockerfiles start, and whether each ends in an image.
    pub(super) stages: BTreeMap<FileId, Vec<(u64, bool)>>,
    /// What files ask for by name, and what for.
    asked: BTreeMap<FileId, BTreeMap<String, Scope>>,
    /// Files whose names and requirements count for nothing: another file says the same more exactly, or they only
    /// bound what others ask for.
    silent: BTreeSet<FileId>,
    /// Files of which something could not be read.
    broken: BTreeSet<String>,
    /// How a file tells of what it names, by file.
    hows: BTreeMap<FileId, &'static str>,
}

impl<'a> Maker<'a> {
    pub(super) fn new(scene: &'a Scene<'a>, beside: &Beside) -> Self {
        let mut silent = BTreeSet::new();
        for set in &scene.python.sets {
            if set.only_constrains || set.locked_as.is_some() || set.held_by.is_some() {
                silent.insert(set.file);
            }
        }
        Self {
            scene,
            root: String::new(),
            components: BTreeMap::new(),
            relations: Vec::new(),
            unknowns: Vec::new(),
            gaps: 0,
            nodes: BTreeMap::new(),
            crates: BTreeMap::new(),
            projects: BTreeMap::new(),
            stages: BTreeMap::new(),
            asked: asked(scene.documents),
            silent,
            broken: beside.unread.iter().map(|(path, ..)| path.clone()).collect(),
            hows: scene.documents.iter().filter_map(|d| Some((d.file(), how(d)?))).collect(),
        }
    }

    /// What a file is for. Of files that are read for what they load alone, their path says it.
    pub(super) fn role(&self, file: FileId) -> Role {
        let by_path = || self.scene.sources.get(file).map_or(Role::Product, |file| Role::of_path(&file.path));
        self.scene.roles.get(&file).copied().unwrap_or_else(by_path)
    }

    /// Whether what a file names is a part of the product: not of test data, nor of a copy of another tree.
    pub(super) fn counts(&self, file: FileId) -> bool {
        !self.role(file).is_set_aside() && !self.silent.contains(&file)
    }

    /// What a file's parts are needed for.
    pub(super) fn scope(&self, file: FileId) -> Scope {
        scope_of_role(self.role(file))
    }

    pub(super) fn path(&self, file: FileId) -> &'a str {
        self.scene.sources.path(file)
    }

    /// A place as documents tell it.
    pub(super) fn at(&self, place: Place, how: Option<&str>) -> Occurrence {
        let path = self.path(place.file).to_owned();
        // A span of nothing at the start stands for the whole file.
        let is_whole = place.span.is_empty() && place.span.start == 0;
        let line = if is_whole { 0 } else { self.scene.sources.start(place).line };
        Occurrence { path, line, how: how.and_then(words::plain) }
    }

    /// The places of a node that count.
    pub(super) fn sightings(&self, node: &Node) -> Vec<Occurrence> {
        let counting = node.sightings.iter().filter(|place| self.counts(place.file)).take(PLACES);
        counting.map(|place| self.at(*place, self.hows.get(&place.file).copied())).collect()
    }

    /// Whether a place of a node counts.
    pub(super) fn is_part(&self, node: &Node) -> bool {
        node.sightings.iter().any(|place| self.counts(place.file))
    }

    /// Puts a component of a node in, or ties the node to the one that is there.
    pub(super) fn put(&mut self, node: NodeId, component: Component) {
        self.nodes.insert(node, component.id.clone());
        self.merge(component);
    }

    /// The component of a node.
    pub(super) fn of_node(&self, node: NodeId) -> Option<&str> {
        self.nodes.get(&node).map(String::as_str)
    }

    /// The component of a node's key.
    pub(super) fn of_key(&mut self, key: &str) -> Option<&mut Component> {
        let node = self.scene.graph.find(key)?;
        self.components.get_mut(self.nodes.get(&node)?)
    }

    /// Puts a component in; of one that is there, adds what is told more of it.
    pub(super) fn merge(&mut self, mut component: Component) {
        let Some(known) = self.components.get_mut(&component.id) else {
            component.evidence.sort();
            component.evidence.dedup();
            component.evidence.truncate(PLACES);
            self.components.insert(component.id.clone(), component);
            return;
        };
        known.evidence.append(&mut component.evidence);
        if known.evidence.len() > PLACES {
            known.evidence.sort();
            known.evidence.dedup();
            known.evidence.truncate(PLACES);
        }
        known.version = known.version.take().or(component.version);
        known.range = known.range.take().or(component.range);
        known.purl = known.purl.take().or(component.purl);
        known.description = known.description.take().or(component.description);
        known.supplier = known.supplier.take().or(component.supplier);
        known.hashes.append(&mut component.hashes);
        known.distributions.append(&mut component.distributions);
        join_files(&mut known.files, component.files);
        for licence in component.licences {
            if !known.licences.contains(&licence) {
                known.licences.push(licence);
            }
        }
        known.links.append(&mut component.links);
        known.endpoints.append(&mut component.endpoints);
        for (name, value) in component.properties {
            known.properties.entry(name).or_insert(value);
        }
        if known.dependencies == Completeness::Unsaid {
            known.dependencies = component.dependencies;
        }
    }

    /// Relates two components.
    pub(super) fn relate(&mut self, from: &str, kind: RelationKind, to: &str, scope: Scope, at: Option<Occurrence>) {
        if from == to || from.is_empty() || to.is_empty() {
            return;
        }
        self.relations.push(Relation {
            from: from.to_owned(),
            kind,
            to: to.to_owned(),
            scope,
            evidence: at.into_iter().collect(),
        });
    }

    /// The part of the tree that a file belongs to: the nearest package above it, one of its language first.
    pub(super) fn owner(&self, path: &str) -> &str {
        let Some(path) = RepoPath::new(path) else { return &self.root };
        let is_rust = path.as_str().ends_with(".rs");
        let (first, second) = if is_rust { (&self.crates, &self.projects) } else { (&self.projects, &self.crates) };
        let mut folder = path.parent();
        loop {
            if let Some(id) = first.get(&folder).or_else(|| second.get(&folder)) {
                return id;
            }
            if folder.is_root() {
                return &self.root;
            }
            folder = folder.parent();
        }
    }

    /// The component that stands for a node as the one that needs something: itself, the image of a stage, the
    /// package of a file.
    pub(super) fn user(&self, node: NodeId) -> Option<String> {
        if let Some(id) = self.of_node(node) {
            return Some(id.to_owned());
        }
        let found = self.scene.graph.node(node);
        let file = found.sightings.iter().map(|place| place.file).find(|file| self.counts(*file))?;
        match found.kind {
            NodeKind::Dockerfile | NodeKind::Stage => {
                let id = super::images::built_id(self.path(file));
                self.components.contains_key(&id).then_some(id)
            }
            NodeKind::Manifest | NodeKind::Script | NodeKind::Code => Some(self.owner(self.path(file)).to_owned()),
            NodeKind::Workflow
            | NodeKind::Job
            | NodeKind::Step
            | NodeKind::Action
            | NodeKind::AgentSettings
            | NodeKind::ToolServer => Some(self.root.clone()),
            _ => None,
        }
    }

    /// Which place of an edge counts, and what the thing of a name is needed for there.
    pub(super) fn weight(&self, edge: &Edge, name: &str) -> Option<(Place, Scope)> {
        let counting = edge.sightings.iter().copied().filter(|place| self.counts(place.file));
        let scope = |place: Place| {
            let said = self.asked.get(&place.file).and_then(|names| names.get(name)).copied();
            self.scope(place.file).max(said.unwrap_or_else(|| of_edge(edge)))
        };
        counting.map(|place| (place, scope(place))).min_by_key(|(_, scope)| *scope)
    }

    /// Tells what could not be read.
    pub(super) fn unread(&mut self, beside: &Beside) {
        for (path, line, why) in &beside.unread {
            let file = RepoPath::new(path).and_then(|path| self.scene.sources.by_path(&path)).map(|f| f.id);
            let role = match (file, RepoPath::new(path)) {
                (Some(file), _) => self.role(file),
                (None, Some(path)) => Role::of_path(&path),
                (None, None) => Role::Product,
            };
            if role.is_set_aside() {
                continue;
            }
            self.gaps += 1;
            let owner = self.owner(path).to_owned();
            self.unknowns.push(Unknown {
                kind: Kind::File,
                text: path.clone(),
                why: words::plain(why).unwrap_or_else(|| "it could not be read".to_owned()),
                owner: Some(owner),
                at: Occurrence { path: path.clone(), line: *line, how: None },
            });
        }
    }

    /// Whether something of a file could not be read.
    pub(super) fn is_broken(&self, path: &str) -> bool {
        self.broken.contains(path)
    }

    /// Hands everything over.
    pub(super) fn finish(self, bom: &mut Bom) {
        let passed = self.scene.documents.iter().map(Document::file).collect::<BTreeSet<_>>();
        let passed = passed.into_iter().filter(|file| self.role(*file).is_set_aside()).count();
        if passed > 0 {
            bom.about.properties.insert("custody:files-set-aside".to_owned(), passed.to_string());
        }
        if self.gaps > 0 {
            bom.about.properties.insert(UNREAD.to_owned(), self.gaps.to_string());
        }
        bom.root = Some(self.root);
        bom.components = self.components.into_values().collect();
        bom.components.iter_mut().for_each(without_nameless);
        bom.relations = self.relations;
        bom.unknowns = self.unknowns;
    }
}

/// How a document tells of what it names.
fn how(document: &Document) -> Option<&'static str> {
    Some(match document {
        Document::CargoLock(_) | Document::PythonLock(_) | Document::CondaLock(_) | Document::CustodyLock(_) => {
            "locked"
        }
        Document::CargoManifest(_)
        | Document::PyProject(_)
        | Document::Requirements(_)
        | Document::CondaEnvironment(_) => "asked for",
        Document::Built(_) | Document::Auditable(_) => "lies there built",
        Document::Workflow(_) | Document::Action(_) | Document::Hooks(_) | Document::Dockerfile(_) => "used",
        Document::Commands(_) | Document::BuildCode(_) => "used by a command",
        Document::Toolchain(_) | Document::Agent(_) => "named",
        _ => return None,
    })
}
