//! Distributions, the files that ask for and lock them, the indexes they come from, and the commands
//! that install them.

use std::collections::BTreeMap;

use super::{Builder, edge};
use crate::graph::identity::{self, DistributionSource, distribution_name};
use crate::graph::kinds::python::{
    Group, IndexOptionKind, LockedDistribution, LockedOrigin, Origin, PythonLock, Requirement,
};
use crate::graph::python::{
    Install, Project, PythonLockView, PythonView, RequirementSet, Site, lock_key, pinned_version, source_of,
};
use crate::graph::{Document, EdgeKind, Node, NodeId, NodeKind};
use crate::source::{FileId, Place, Span};

/// Packages of a lock by normalised name.
type ByName = BTreeMap<String, Vec<usize>>;

impl Builder<'_> {
    /// Everything of Python's.
    pub(super) fn python(&mut self, view: &PythonView) {
        let names: Vec<ByName> = view.locks.iter().map(|lock| self.names(lock)).collect();
        for project in &view.projects {
            self.project(project);
        }
        // The weightiest lock speaks first: what is claimed of a release of two is what the first says.
        let mut order: Vec<usize> = (0..view.locks.len()).collect();
        order.sort_by_key(|&index| (view.locks[index].role, view.locks[index].purpose, index));
        for index in order {
            self.python_lock(&view.locks[index], view);
        }
        for project in &view.projects {
            self.project_requirements(project, view, &names);
        }
        for set in &view.sets {
            self.requirement_set(set, view);
        }
        for install in &view.installs {
            self.install(install, view);
        }
    }

    fn names(&self, view: &PythonLockView) -> ByName {
        let mut out = ByName::new();
        if let Some(Document::PythonLock(lock)) = self.documents.get(view.document) {
            for (index, package) in lock.packages.iter().enumerate() {
                out.entry(distribution_name(&package.name.value)).or_default().push(index);
            }
        }
        out
    }

    fn project(&mut self, project: &Project) {
        let declared = self.manifest_node(project.file);
        let documents = self.documents;
        let Some(Document::PyProject(document)) = documents.get(project.document) else { return };
        let Some(name) = document.name.clone().filter(|n| !n.value.is_empty()) else { return };
        let version = document.version.as_ref().map(|v| v.value.clone());
        let seen = Place::new(project.file, name.span);
        let node = self.graph.claim(Node {
            kind: NodeKind::Distribution,
            key: identity::local_distribution(&project.folder, &name.value),
            purl: Some(identity::distribution_purl(&name.value, version.as_deref(), &DistributionSource::Path(""))),
            name: distribution_name(&name.value),
            version,
            attributes: BTreeMap::from([
                ("folder", project.folder.as_str().to_owned()),
                ("role", project.role.as_str().to_owned()),
                ("purpose", project.purpose.as_str().to_owned()),
                ("source", "path".to_owned()),
            ]),
            sightings: vec![seen],
        });
        self.graph.link(declared, node, edge(EdgeKind::Declares, seen));
        if let Some(&built) = project.crate_folder.as_ref().and_then(|folder| self.crates.get(folder)) {
            let span = document.build_backend.as_ref().map_or(name.span, |b| b.span);
            self.graph.link(built, node, edge(EdgeKind::Builds, Place::new(project.file, span)));
        }
        for url in document.indexes.iter().filter_map(|i| i.url.as_ref()) {
            self.index(declared, &url.value, Place::new(project.file, url.span));
        }
    }

    fn index(&mut self, from: NodeId, url: &str, seen: Place) {
        if !url.contains("://") {
            return;
        }
        let name = DistributionSource::from(&LockedOrigin::Registry(url.to_owned())).to_string();
        let registry = self.registry_node(&name, seen);
        self.graph.link(from, registry, edge(EdgeKind::FetchedFrom, seen));
    }

    fn python_lock(&mut self, view: &PythonLockView, all: &PythonView) {
        let Some(Document::PythonLock(lock)) = self.documents.get(view.document) else { return };
        let manifest = self.manifest_node(lock.file);
        let nodes: Vec<NodeId> = (0..lock.packages.len()).map(|index| self.locked(view, lock, index, all)).collect();
        for (index, package) in lock.packages.iter().enumerate() {
            let seen = Place::new(lock.file, package.name.span);
            let mut link = edge(EdgeKind::LockedBy, seen);
            if let Some(reached) = view.reached.get(index) {
                link.attributes.insert("need", reached.need.as_str().to_owned());
            }
            self.graph.link(nodes[index], manifest, link);
            self.fetched(nodes[index], package, lock.file);
            let names: BTreeMap<String, Place> = package
                .dependencies
                .iter()
                .map(|d| (distribution_name(&d.name.value), Place::new(lock.file, d.name.span)))
                .collect();
            for &target in &view.edges[index] {
                let name = distribution_name(&lock.packages[target].name.value);
                let place = names.get(&name).copied().unwrap_or(seen);
                self.graph.link(nodes[index], nodes[target], edge(EdgeKind::DependsOn, place));
            }
        }
    }

    fn locked(&mut self, view: &PythonLockView, lock: &PythonLock, index: usize, all: &PythonView) -> NodeId {
        let package = &lock.packages[index];
        let key = lock_key(all, view, lock, index, self.sources);
        let source = DistributionSource::from(&package.source).known_by(&all.indexes);
        let version = package.version.as_ref().map(|v| v.value.clone());
        let mut attributes = BTreeMap::from([("source", source.to_string())]);
        let hashed = package.artifacts.iter().filter(|a| a.hash.is_some()).count();
        if !package.artifacts.is_empty() {
            attributes.insert("hashes", format!("{hashed} of {}", package.artifacts.len()));
        }
        if let Some(reached) = view.reached.get(index).filter(|_| !matches!(package.source, LockedOrigin::Local(_))) {
            attributes.insert("need", reached.need.as_str().to_owned());
            if let Some(group) = group_name(&reached.group) {
                attributes.insert("group", group);
            }
        }
        self.graph.claim(Node {
            kind: NodeKind::Distribution,
            key,
            name: distribution_name(&package.name.value),
            purl: Some(identity::distribution_purl(&package.name.value, version.as_deref(), &source)),
            version,
            attributes,
            sightings: vec![Place::new(lock.file, package.name.span)],
        })
    }

    fn fetched(&mut self, node: NodeId, package: &LockedDistribution, file: FileId) {
        let seen = Place::new(file, package.source_span.unwrap_or(package.name.span));
        let name = match &package.source {
            LockedOrigin::Local(_) => return,
            LockedOrigin::Vcs { url, .. } => format!("git {url}"),
            other => DistributionSource::from(other).to_string(),
        };
        let registry = self.registry_node(&name, seen);
        self.graph.link(node, registry, edge(EdgeKind::FetchedFrom, seen));
    }

    fn project_requirements(&mut self, project: &Project, view: &PythonView, names: &[ByName]) {
        let documents = self.documents;
        let Some(Document::PyProject(document)) = documents.get(project.document) else { return };
        let own = project.name.as_ref().filter(|name| !name.is_empty());
        let from = match own.and_then(|name| self.graph.find(&identity::local_distribution(&project.folder, name))) {
            Some(node) => {
                // Of the files of one project, one may state the name for all.
                if document.name.is_none() {
                    let declared = self.manifest_node(project.file);
                    self.graph.link(
                        declared,
                        node,
                        edge(EdgeKind::Declares, Place::new(project.file, Default::default())),
                    );
                }
                node
            }
            None => self.manifest_node(project.file),
        };
        let options: Vec<_> = document.options.iter().map(|o| (Place::new(project.file, o.span), o.clone())).collect();
        for requirement in &document.requirements {
            if requirement.group == Group::Constraint {
                continue;
            }
            let seen = Place::new(project.file, requirement.span);
            let source = source_of(requirement, &options, &document.indexes).known_by(&view.indexes);
            let of_tree = self.of_tree(requirement, project, view);
            let mut to = match (of_tree, project.lock.filter(|_| requirement.group != Group::Build)) {
                (Some(node), _) => vec![node],
                (None, Some(lock)) => self.by_lock(requirement, lock, view, names),
                (None, None) => Vec::new(),
            };
            if to.is_empty() {
                to.extend(self.asked(requirement, &source, seen));
            }
            for to in to {
                self.graph.link(from, to, asks(requirement, seen));
            }
        }
    }

    /// The nodes at which a lock holds what a requirement asks for: several where markers part them, which are not
    /// decided here.
    fn by_lock(&mut self, requirement: &Requirement, lock: usize, view: &PythonView, names: &[ByName]) -> Vec<NodeId> {
        let documents = self.documents;
        let name = distribution_name(&requirement.name.value);
        let found = names.get(lock).and_then(|names| names.get(&name)).cloned().unwrap_or_default();
        let Some(view_of) = view.locks.get(lock) else { return Vec::new() };
        let Some(Document::PythonLock(locked)) = documents.get(view_of.document) else { return Vec::new() };
        found.into_iter().map(|index| self.locked(view_of, locked, index, view)).collect()
    }

    /// The node of the project of the tree that a requirement names by path or as part of a workspace.
    fn of_tree(&self, requirement: &Requirement, project: &Project, view: &PythonView) -> Option<NodeId> {
        let name = distribution_name(&requirement.name.value);
        let folder = match &requirement.origin {
            Some(Origin::Path { path }) => project.folder.join(&path.value)?,
            Some(Origin::Workspace) => {
                let member = view.member(project.root?, &name)?;
                view.projects.get(member)?.folder.clone()
            }
            _ => return None,
        };
        self.graph.find(&identity::local_distribution(&folder, &name))
    }

    /// The node of a requirement that no lock resolves; none where it names nothing.
    fn asked(&mut self, requirement: &Requirement, source: &DistributionSource<'_>, seen: Place) -> Option<NodeId> {
        // What a path names is no release; where it is a project of the tree, that is known elsewhere.
        if requirement.name.value.is_empty() || matches!(source, DistributionSource::Path(_)) {
            return None;
        }
        let version = pinned_version(requirement);
        let mut attributes = BTreeMap::from([("source", source.to_string())]);
        if version.is_none() {
            attributes.insert("resolved", "false".to_owned());
        }
        if !requirement.hashes.is_empty() {
            attributes.insert("hashes", requirement.hashes.len().to_string());
        }
        Some(self.graph.claim(Node {
            kind: NodeKind::Distribution,
            key: identity::distribution(&requirement.name.value, version, source),
            name: distribution_name(&requirement.name.value),
            purl: Some(identity::distribution_purl(&requirement.name.value, version, source)),
            version: version.map(str::to_owned),
            attributes,
            sightings: vec![seen],
        }))
    }

    fn requirement_set(&mut self, set: &RequirementSet, view: &PythonView) {
        let documents = self.documents;
        let Some(Document::Requirements(file)) = documents.get(set.document) else { return };
        let from = self.manifest_node(set.file);
        for requirement in &file.requirements {
            let seen = Place::new(set.file, requirement.span);
            let source = source_of(requirement, &set.options, &[]).known_by(&view.indexes);
            if let Some(to) = self.asked(requirement, &source, seen) {
                self.graph.link(from, to, asks(requirement, seen));
            }
        }
        for (place, option) in set.options.iter().filter(|(place, _)| place.file == set.file) {
            if matches!(option.kind, IndexOptionKind::Index | IndexOptionKind::ExtraIndex) {
                self.index(from, &option.value.value, *place);
            }
        }
        let spans: BTreeMap<&str, Place> =
            file.includes.iter().map(|i| (i.path.value.as_str(), Place::new(set.file, i.path.span))).collect();
        let folder = self.path(set.file).parent();
        for (target, constraint) in &set.includes {
            let Some(included) = view.sets.get(*target) else { continue };
            let path = self.path(included.file);
            let place =
                spans.iter().find(|(text, _)| folder.join(text).as_ref() == Some(&path)).map(|(_, place)| *place);
            let to = self.manifest_node(included.file);
            let mut link = edge(EdgeKind::Uses, place.unwrap_or(Place::new(set.file, Default::default())));
            if *constraint {
                link.attributes.insert("as", "constraints".to_owned());
            }
            self.graph.link(from, to, link);
        }
    }

    fn install(&mut self, install: &Install, view: &PythonView) {
        let Some(from) = self.site(&install.site) else { return };
        if let Some(caller) = &install.caller
            && let Some(starts) = self.site(&caller.site)
            && starts != from
        {
            let seen = caller.hops.first().map_or(install.place, |(_, place)| *place);
            self.graph.link(starts, from, edge(EdgeKind::Runs, seen));
        }
        for requirement in &install.requirements {
            let seen = Place::new(install.place.file, requirement.span);
            let source = source_of(requirement, &install.options, &[]).known_by(&view.indexes);
            if let Some(to) = self.asked(requirement, &source, seen) {
                let mut link = asks(requirement, seen);
                link.kind = EdgeKind::Uses;
                self.graph.link(from, to, link);
            }
        }
        for (_, set, constraint) in &install.files {
            let Some(set) = set.and_then(|s| view.sets.get(s)) else { continue };
            let to = self.manifest_node(set.file);
            let mut link = edge(EdgeKind::Uses, install.place);
            if *constraint {
                link.attributes.insert("as", "constraints".to_owned());
            }
            self.graph.link(from, to, link);
        }
        if let Some(lock) = install.lock.and_then(|l| view.locks.get(l)) {
            let to = self.manifest_node(lock.file);
            self.graph.link(from, to, edge(EdgeKind::Uses, install.place));
        }
        for project in install.projects.iter().filter_map(|&p| view.projects.get(p)) {
            let to = self.manifest_node(project.file);
            self.graph.link(from, to, edge(EdgeKind::Uses, install.place));
        }
        for (place, option) in &install.options {
            if matches!(option.kind, IndexOptionKind::Index | IndexOptionKind::ExtraIndex) {
                self.index(from, &option.value.value, *place);
            }
        }
    }

    /// The node a command stands in.
    pub(super) fn site(&mut self, site: &Site) -> Option<NodeId> {
        let path = |document: usize| self.documents.get(document).map(|d| self.path(d.file()));
        match *site {
            Site::Step { document, job, step } => {
                let Some(Document::Workflow(workflow)) = self.documents.get(document) else { return None };
                let owner = identity::job_steps(&path(document)?, &workflow.jobs.get(job)?.id.value);
                self.graph.find(&identity::step(&owner, step))
            }
            Site::Action { document, step } => self.graph.find(&identity::step(path(document)?.as_str(), step)),
            Site::Image { document, stage, .. } => self.graph.find(&identity::stage(&path(document)?, stage)),
            Site::Block { document, .. } => {
                let file = self.documents.get(document)?.file();
                Some(self.script(file, Place::new(file, Span::default())))
            }
        }
    }
}

fn group_name(group: &Group) -> Option<String> {
    match group {
        Group::Runtime | Group::Constraint => None,
        Group::Extra(name) => Some(format!("extra {name}")),
        Group::Build => Some("build".to_owned()),
        Group::Named(name) => Some(format!("group {name}")),
    }
}

fn asks(requirement: &Requirement, seen: Place) -> crate::graph::Edge {
    let mut link = edge(EdgeKind::DependsOn, seen);
    if let Some(specifiers) = &requirement.specifiers {
        link.attributes.insert("requirement", specifiers.value.clone());
    }
    if let Some(group) = group_name(&requirement.group) {
        link.attributes.insert("group", group);
    }
    if let Some(marker) = &requirement.marker {
        link.attributes.insert("marker", marker.value.clone());
    }
    if matches!(requirement.origin, Some(Origin::Path { .. } | Origin::Workspace)) {
        link.attributes.insert("by", "path".to_owned());
    }
    link
}
