//! Documents in, graph out. Nothing enters without a sighting.

use std::collections::{BTreeMap, BTreeSet};

use super::build_class;
use super::cargo::{CargoView, LockView, Workspace, lock_key, satisfies};
use super::identity::{self, crate_purl, lock_source, source_name};
use super::kinds::cargo::{Dependency, Lock, LockSource, Manifest, Table, Toolchain};
use super::kinds::workflow::{ActionDefinition, Job, Step, Uses, Workflow};
use super::{Document, Edge, EdgeKind, Graph, Node, NodeId, NodeKind};
use crate::commands::ActKind;
use crate::source::{FileId, Place, RepoPath, Sources, Span, Spanned};

/// Builds the graph of a tree.
#[must_use]
pub fn build(documents: &[Document], cargo: &CargoView, sources: &Sources, files: &BTreeSet<RepoPath>) -> Graph {
    let mut builder = Builder { graph: Graph::default(), documents, sources, files };
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
            _ => {}
        }
    }
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

    fn workspace(&mut self, workspace: &Workspace, cargo: &CargoView) {
        for member in &workspace.members {
            let Some(Document::CargoManifest(manifest)) = self.documents.get(member.document) else { continue };
            let Some(package) = &manifest.package else { continue };
            let declared = self.manifest_node(manifest.file);
            let shared = match self.documents.get(workspace.document) {
                Some(Document::CargoManifest(root)) => root.workspace.as_ref().and_then(|w| w.version.as_ref()),
                _ => None,
            };
            let version = package.version.as_ref().or(shared).map(|v| v.value.clone());
            let mut attributes = BTreeMap::from([
                ("folder", member.folder.as_str().to_owned()),
                ("role", member.role.as_str().to_owned()),
            ]);
            if manifest.proc_macro {
                attributes.insert("proc-macro", "true".to_owned());
            }
            let node = self.graph.claim(Node {
                kind: NodeKind::Crate,
                key: identity::local_crate(&member.folder, &member.name),
                name: member.name.clone(),
                purl: Some(crate_purl(&member.name, version.as_deref(), &LockSource::Local)),
                version,
                attributes,
                sightings: vec![Place::new(manifest.file, package.name.span)],
            });
            self.graph.link(declared, node, edge(EdgeKind::Declares, Place::new(manifest.file, package.name.span)));
            let locked = workspace.lock.and_then(|index| cargo.locks.iter().find(|l| l.document == index));
            for dependency in manifest.dependencies.iter().filter(|d| d.table != Table::Workspace) {
                self.requirement(node, manifest, dependency, workspace, locked);
            }
        }
    }

    /// The declaration an inherited dependency stands for.
    fn declared<'d>(&'d self, dependency: &'d Dependency, workspace: &Workspace) -> &'d Dependency {
        if !dependency.inherited {
            return dependency;
        }
        match self.documents.get(workspace.document) {
            Some(Document::CargoManifest(root)) => root
                .dependencies
                .iter()
                .find(|d| d.table == Table::Workspace && d.key.value == dependency.key.value)
                .unwrap_or(dependency),
            _ => dependency,
        }
    }

    fn requirement(
        &mut self,
        from: NodeId,
        manifest: &Manifest,
        dependency: &Dependency,
        workspace: &Workspace,
        locked: Option<&LockView>,
    ) {
        let declared = self.declared(dependency, workspace).clone();
        let seen = Place::new(manifest.file, dependency.span);
        let mut link = edge(EdgeKind::DependsOn, seen);
        if let Some(requirement) = &declared.requirement {
            link.attributes.insert("requirement", requirement.value.clone());
        }
        let table = match dependency.table {
            Table::Normal | Table::Workspace => "normal",
            Table::Build => "build",
            Table::Dev => "dev",
        };
        link.attributes.insert("table", table.to_owned());
        if let Some(target) = &dependency.target {
            link.attributes.insert("target", target.value.clone());
        }
        if dependency.optional || declared.optional {
            link.attributes.insert("optional", "true".to_owned());
        }
        let to = self.required(&declared, manifest, seen, workspace, locked);
        self.graph.link(from, to, link);
    }

    /// The node a requirement leads to: what the lock resolves it to, else the bare name.
    fn required(
        &mut self,
        declared: &Dependency,
        manifest: &Manifest,
        seen: Place,
        workspace: &Workspace,
        locked: Option<&LockView>,
    ) -> NodeId {
        let name = declared.package_name();
        if let Some(path) = &declared.path {
            let base = if declared.table == Table::Workspace {
                workspace.folder.clone()
            } else {
                self.path(manifest.file).parent()
            };
            let member =
                base.join(&path.value).and_then(|folder| workspace.members.iter().find(|m| m.folder == folder));
            if let Some(node) = member.and_then(|m| self.graph.find(&identity::local_crate(&m.folder, &m.name))) {
                return node;
            }
        }
        let lock = locked.and_then(|view| match self.documents.get(view.document) {
            Some(Document::CargoLock(lock)) => Some(lock),
            _ => None,
        });
        let own = lock.and_then(|lock| {
            let mut found =
                lock.packages.iter().filter(|p| p.name.value == name && satisfies(declared, &p.version.value));
            let first = found.next()?;
            found.next().is_none().then_some(first)
        });
        if let Some(package) = own {
            return self.lock_package(package, Some(workspace), lock.map_or(seen.file, |l| l.file));
        }
        let source = declared
            .git
            .as_ref()
            .map(|g| format!("git {}", g.value))
            .or_else(|| declared.registry.as_ref().map(|r| format!("registry {}", r.value)));
        let origin = match &declared.git {
            Some(git) => LockSource::Git { url: &git.value, asked: None, commit: None },
            None => LockSource::CratesIo,
        };
        self.graph.claim(Node {
            kind: NodeKind::Crate,
            key: identity::required_crate(name, source.as_deref().unwrap_or("crates.io")),
            name: name.to_owned(),
            version: None,
            purl: Some(crate_purl(name, None, &origin)),
            attributes: BTreeMap::from([("resolved", "false".to_owned())]),
            sightings: vec![seen],
        })
    }

    fn lock_package(
        &mut self,
        package: &super::kinds::cargo::LockPackage,
        workspace: Option<&Workspace>,
        file: FileId,
    ) -> NodeId {
        let source = lock_source(package.source.as_ref().map(|s| s.value.as_str()));
        let mut attributes = BTreeMap::from([("source", source_name(&source))]);
        if let Some(checksum) = &package.checksum {
            attributes.insert("sha256", checksum.value.clone());
        }
        self.graph.claim(Node {
            kind: NodeKind::Crate,
            key: lock_key(package, workspace),
            name: package.name.value.clone(),
            version: Some(package.version.value.clone()),
            purl: Some(crate_purl(&package.name.value, Some(&package.version.value), &source)),
            attributes,
            sightings: vec![Place::new(file, package.name.span)],
        })
    }

    fn lock(&mut self, view: &LockView, cargo: &CargoView) {
        let Some(Document::CargoLock(lock)) = self.documents.get(view.document) else { return };
        let workspace = view.workspace.and_then(|w| cargo.workspaces.get(w));
        let manifest = self.manifest_node(lock.file);
        let nodes: Vec<NodeId> = lock.packages.iter().map(|p| self.lock_package(p, workspace, lock.file)).collect();
        for (index, package) in lock.packages.iter().enumerate() {
            let seen = Place::new(lock.file, package.name.span);
            self.graph.link(nodes[index], manifest, edge(EdgeKind::LockedBy, seen));
            self.origin(nodes[index], package, lock);
            for &target in &view.edges[index] {
                let written =
                    package.dependencies.iter().find(|d| first_word(&d.value) == lock.packages[target].name.value);
                let place = Place::new(lock.file, written.map_or(package.name.span, |d| d.span));
                self.graph.link(nodes[index], nodes[target], edge(EdgeKind::DependsOn, place));
            }
        }
    }

    fn origin(&mut self, node: NodeId, package: &super::kinds::cargo::LockPackage, lock: &Lock) {
        let Some(source) = &package.source else { return };
        let seen = Place::new(lock.file, source.span);
        let name = match lock_source(Some(&source.value)) {
            LockSource::Git { url, .. } => format!("git {url}"),
            other => source_name(&other),
        };
        let registry = self.registry_node(&name, seen);
        self.graph.link(node, registry, edge(EdgeKind::FetchedFrom, seen));
    }

    fn toolchain(&mut self, toolchain: &Toolchain) {
        let Some(channel) = toolchain.channel.as_ref().or(toolchain.path.as_ref()) else { return };
        let seen = Place::new(toolchain.file, channel.span);
        let manifest = self.manifest_node(toolchain.file);
        let node = self.graph.claim(Node {
            kind: NodeKind::Toolchain,
            key: format!("toolchain:rust@{}", channel.value),
            name: "rust".to_owned(),
            version: Some(channel.value.clone()),
            purl: None,
            attributes: BTreeMap::new(),
            sightings: vec![seen],
        });
        self.graph.link(manifest, node, edge(EdgeKind::Declares, seen));
    }

    fn workflow(&mut self, workflow: &Workflow) {
        let path = self.path(workflow.file);
        let triggers: Vec<_> = workflow.triggers.iter().map(|t| t.name.value.as_str()).collect();
        let node = self.graph.claim(Node {
            kind: NodeKind::Workflow,
            key: format!("workflow:{path}"),
            name: path.as_str().to_owned(),
            version: None,
            purl: None,
            attributes: BTreeMap::from([("on", triggers.join(","))]),
            sightings: vec![Place::new(workflow.file, Span::default())],
        });
        for job in &workflow.jobs {
            self.job(node, workflow, job, &path);
        }
        for job in &workflow.jobs {
            let Some(from) = self.graph.find(&format!("job:{path}:{}", job.id.value)) else { continue };
            for need in &job.needs {
                if let Some(to) = self.graph.find(&format!("job:{path}:{}", need.value)) {
                    self.graph.link(from, to, edge(EdgeKind::DependsOn, Place::new(workflow.file, need.span)));
                }
            }
        }
    }

    fn job(&mut self, parent: NodeId, workflow: &Workflow, job: &Job, path: &RepoPath) {
        let seen = Place::new(workflow.file, job.id.span);
        let node = self.graph.claim(Node {
            kind: NodeKind::Job,
            key: format!("job:{path}:{}", job.id.value),
            name: job.id.value.clone(),
            version: None,
            purl: None,
            attributes: BTreeMap::new(),
            sightings: vec![seen],
        });
        self.graph.link(parent, node, edge(EdgeKind::Declares, seen));
        if let Some(uses) = &job.uses {
            self.uses(node, workflow.file, uses);
        }
        for image in &job.images {
            self.image(node, workflow.file, &image.reference);
        }
        for step in &job.steps {
            self.step(node, workflow.file, step, &format!("{path}:{}", job.id.value));
        }
    }

    fn action_definition(&mut self, action: &ActionDefinition) {
        let path = self.path(action.file);
        let node = self.local_action(&path.parent(), Place::new(action.file, Span::default()));
        if let Some(image) = action
            .image
            .as_ref()
            .and_then(|i| i.value.strip_prefix("docker://").map(|n| Spanned::new(n.to_owned(), i.span)))
        {
            self.image(node, action.file, &image);
        }
        for step in &action.steps {
            self.step(node, action.file, step, path.as_str());
        }
    }

    fn local_action(&mut self, folder: &RepoPath, seen: Place) -> NodeId {
        self.graph.claim(Node {
            kind: NodeKind::Action,
            key: format!("action:./{folder}"),
            name: format!("./{folder}"),
            version: None,
            purl: None,
            attributes: BTreeMap::new(),
            sightings: vec![seen],
        })
    }

    fn step(&mut self, parent: NodeId, file: FileId, step: &Step, owner: &str) {
        let seen = Place::new(file, Span { start: step.span.start, end: step.span.start });
        let node = self.graph.claim(Node {
            kind: NodeKind::Step,
            key: format!("step:{owner}:{}", step.index),
            name: step.title(),
            version: None,
            purl: None,
            attributes: BTreeMap::new(),
            sightings: vec![seen],
        });
        self.graph.link(parent, node, edge(EdgeKind::Declares, seen));
        if let Some(uses) = &step.uses {
            self.uses(node, file, uses);
        }
        let Some(run) = &step.run else { return };
        let folder = step.working_directory.as_ref().and_then(|d| RepoPath::new(&d.value)).unwrap_or_default();
        for act in &run.acts {
            let ActKind::CallsScript { path, .. } = &act.kind else { continue };
            let Some(script) = folder.join(path).filter(|p| self.files.contains(p)) else { continue };
            let place = Place::new(file, run.text.host_span(act.range.clone()));
            let to = self.graph.claim(Node {
                kind: NodeKind::Script,
                key: format!("script:{script}"),
                name: script.as_str().to_owned(),
                version: None,
                purl: None,
                attributes: BTreeMap::new(),
                sightings: vec![place],
            });
            self.graph.link(node, to, edge(EdgeKind::Runs, place));
        }
    }

    fn uses(&mut self, from: NodeId, file: FileId, uses: &Spanned<Uses>) {
        let seen = Place::new(file, uses.span);
        let to = match &uses.value {
            Uses::Repository { owner, repo, path, reference } => self.graph.claim(Node {
                kind: NodeKind::Action,
                key: identity::action(owner, repo, path, reference),
                name: if path.is_empty() { format!("{owner}/{repo}") } else { format!("{owner}/{repo}/{path}") },
                version: Some(reference.clone()),
                purl: Some(identity::action_purl(owner, repo, path, reference)),
                attributes: BTreeMap::from([(
                    "pin",
                    if Uses::is_commit(reference) { "commit" } else { "name" }.to_owned(),
                )]),
                sightings: vec![seen],
            }),
            Uses::Local(path) => {
                let Some(folder) = RepoPath::new(path) else { return };
                self.local_action(&folder, seen)
            }
            Uses::Docker(image) => return self.image(from, file, &Spanned::new(image.clone(), uses.span)),
            Uses::Other(_) => return,
        };
        self.graph.link(from, to, edge(EdgeKind::Runs, seen));
    }

    fn image(&mut self, from: NodeId, file: FileId, reference: &Spanned<String>) {
        // An expression names no image yet.
        if reference.value.contains("${{") || reference.value.is_empty() {
            return;
        }
        let seen = Place::new(file, reference.span);
        let name = identity::image(&reference.value);
        let full = name.host.map_or_else(|| name.repository.to_owned(), |host| format!("{host}/{}", name.repository));
        let to = self.graph.claim(Node {
            kind: NodeKind::Image,
            key: format!("image:{}", reference.value),
            name: full,
            version: name.digest.or(name.tag).map(str::to_owned),
            purl: None,
            attributes: BTreeMap::new(),
            sightings: vec![seen],
        });
        self.graph.link(from, to, edge(EdgeKind::Runs, seen));
    }
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}
