//! Conda packages, the files that ask for and lock them, the channels they come from.

use std::collections::{BTreeMap, BTreeSet};

use super::{Builder, edge};
use crate::graph::conda::{AskedChannel, Channel};
use crate::graph::identity::CondaRelease;
use crate::graph::kinds::conda::{CondaLock, CondaRequirement, LockedConda};
use crate::graph::python::PythonView;
use crate::graph::{Document, Edge, EdgeKind, Node, NodeId, NodeKind};
use crate::source::{FileId, Place};

/// Platforms among which the needs of a package for all of them are looked up. A lock has a few.
const MAX_PLATFORMS: usize = 16;

impl Builder<'_> {
    /// Everything of conda's. Stages and steps stand in the graph already.
    pub(super) fn conda(&mut self, view: &PythonView) {
        let documents = self.documents;
        for lock in &view.conda.locks {
            if let Some(Document::CondaLock(found)) = documents.get(lock.document) {
                self.conda_lock(found);
            }
        }
        for environment in &view.conda.environments {
            let Some(Document::CondaEnvironment(found)) = documents.get(environment.document) else { continue };
            let from = self.manifest_node(environment.file);
            self.asked_packages(from, environment.file, EdgeKind::DependsOn, &found.packages);
            self.channels(from, &environment.channels);
            for lock in environment.locks.iter().filter_map(|&index| view.conda.locks.get(index)) {
                let to = self.manifest_node(lock.file);
                self.graph.link(from, to, edge(EdgeKind::LockedBy, Place::new(lock.file, Default::default())));
            }
        }
        for install in &view.installs {
            let Some(conda) = &install.conda else { continue };
            let Some(from) = self.site(&install.site) else { continue };
            self.asked_packages(from, install.place.file, EdgeKind::Uses, &conda.packages);
            self.channels(from, &conda.channels);
        }
    }

    fn channels(&mut self, from: NodeId, channels: &[AskedChannel]) {
        for asked in channels {
            let registry = self.channel_node(&asked.channel, asked.place);
            self.graph.link(from, registry, edge(EdgeKind::FetchedFrom, asked.place));
        }
    }

    fn channel_node(&mut self, channel: &Channel, seen: Place) -> NodeId {
        self.registry_node(&format!("conda {}", channel.name), seen)
    }

    fn asked_packages(&mut self, from: NodeId, file: FileId, kind: EdgeKind, packages: &[CondaRequirement]) {
        for package in packages {
            let seen = Place::new(file, package.span);
            let channel = package.channel.as_ref().and_then(|c| Channel::of(&c.value));
            let release = CondaRelease {
                name: &package.name.value,
                version: package.exact(),
                build: package.build.as_ref().map(|b| b.value.as_str()),
                channel: channel.as_ref().map(|c| c.name.as_str()),
                platform: None,
            };
            let to = self.conda_node(&release, BTreeMap::new(), seen);
            let mut link: Edge = edge(kind, seen);
            if let Some(version) = &package.version {
                link.attributes.insert("requirement", version.value.clone());
            }
            if let Some(feature) = &package.feature {
                link.attributes.insert("group", format!("feature {feature}"));
            }
            self.graph.link(from, to, link);
        }
    }

    fn conda_node(
        &mut self,
        release: &CondaRelease<'_>,
        attributes: BTreeMap<&'static str, String>,
        seen: Place,
    ) -> NodeId {
        self.graph.claim(Node {
            kind: NodeKind::CondaPackage,
            key: release.key(),
            name: release.name.to_owned(),
            version: release.version.map(str::to_owned),
            purl: Some(release.purl()),
            attributes,
            sightings: vec![seen],
        })
    }

    fn conda_lock(&mut self, lock: &CondaLock) {
        let manifest = self.manifest_node(lock.file);
        let mut nodes = Vec::with_capacity(lock.packages.len());
        // By platform and name; what is built for all of them stands under none.
        let mut at: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (index, package) in lock.packages.iter().enumerate() {
            let seen = Place::new(lock.file, package.name.span);
            let (node, channel) = self.locked_conda(package, seen);
            self.graph.link(node, manifest, edge(EdgeKind::LockedBy, seen));
            if let Some(channel) = channel {
                let registry = self.channel_node(&channel, seen);
                self.graph.link(node, registry, edge(EdgeKind::FetchedFrom, seen));
            }
            nodes.push(node);
            at.entry((platform(package), package.name.value.as_str())).or_insert(index);
        }
        let platforms: BTreeSet<&str> = lock.packages.iter().map(platform).collect();
        for (index, package) in lock.packages.iter().enumerate() {
            let seen = Place::new(lock.file, package.name.span);
            let own = platform(package);
            for name in &package.dependencies {
                // A package for all platforms needs what each of them has; a few stand for them.
                let any: Vec<&str> = if own.is_empty() {
                    platforms.iter().copied().take(MAX_PLATFORMS).collect()
                } else {
                    vec![own, ""]
                };
                let found = any.iter().filter_map(|p| at.get(&(*p, name.as_str())));
                let targets: BTreeSet<usize> = found.copied().filter(|&to| to != index).collect();
                for to in targets {
                    self.graph.link(nodes[index], nodes[to], edge(EdgeKind::DependsOn, seen));
                }
            }
        }
    }

    fn locked_conda(&mut self, package: &LockedConda, seen: Place) -> (NodeId, Option<Channel>) {
        let channel = package.url.as_ref().and_then(|u| Channel::of_file(&u.value));
        let release = CondaRelease {
            name: &package.name.value,
            version: package.version.as_ref().map(|v| v.value.as_str()),
            build: package.build.as_deref(),
            channel: channel.as_ref().map(|c| c.name.as_str()),
            platform: package.platform.as_deref(),
        };
        let mut attributes = BTreeMap::new();
        if !package.hashes.is_empty() {
            attributes.insert("hashes", package.hashes.join(" "));
        }
        (self.conda_node(&release, attributes, seen), channel)
    }
}

/// The platform that tells packages of one name apart; none for what is built for all.
fn platform(package: &LockedConda) -> &str {
    package.platform.as_deref().filter(|p| *p != "noarch").unwrap_or("")
}
