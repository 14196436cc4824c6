//! Crates, their manifests, locks and registries.

use std::collections::BTreeMap;

use super::{Builder, edge};
use crate::graph::cargo::{CargoView, LockView, Workspace, lock_key, satisfies};
use crate::graph::identity::{self, crate_purl, lock_source, source_name};
use crate::graph::kinds::cargo::{Dependency, Lock, LockPackage, LockSource, Manifest, Table, Toolchain};
use crate::graph::{Document, EdgeKind, Node, NodeId, NodeKind};
use crate::source::{FileId, Place};

impl Builder<'_> {
    pub(super) fn workspace(&mut self, workspace: &Workspace, cargo: &CargoView) {
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
            self.crates.insert(member.folder.clone(), node);
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

    fn lock_package(&mut self, package: &LockPackage, workspace: Option<&Workspace>, file: FileId) -> NodeId {
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

    pub(super) fn lock(&mut self, view: &LockView, cargo: &CargoView) {
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

    fn origin(&mut self, node: NodeId, package: &LockPackage, lock: &Lock) {
        let Some(source) = &package.source else { return };
        let seen = Place::new(lock.file, source.span);
        let name = match lock_source(Some(&source.value)) {
            LockSource::Git { url, .. } => format!("git {url}"),
            other => source_name(&other),
        };
        let registry = self.registry_node(&name, seen);
        self.graph.link(node, registry, edge(EdgeKind::FetchedFrom, seen));
    }

    pub(super) fn toolchain(&mut self, toolchain: &Toolchain) {
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
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}
