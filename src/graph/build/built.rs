//! What lies in the tree already built: distributions, and crates of binaries.

use std::collections::BTreeMap;

use super::{Builder, edge};
use crate::graph::identity::{self, crate_purl, distribution_name, locked_crate};
use crate::graph::kinds::artifact::{AuditableBinary, BuiltForm};
use crate::graph::kinds::cargo::LockSource;
use crate::graph::python::{BuiltOrigin, PythonView};
use crate::graph::{Document, EdgeKind, Node, NodeId, NodeKind};
use crate::source::{Place, Span};

impl Builder<'_> {
    /// Distributions that lie in the tree.
    pub(super) fn built(&mut self, view: &PythonView) {
        let documents = self.documents;
        for one in view.built.iter().filter(|one| one.origin != BuiltOrigin::Tree) {
            let Some(Document::Built(built)) = documents.get(one.document) else { continue };
            let (source, version) = (one.origin.source(), built.version.as_ref().map(|v| v.value.as_str()));
            let mut attributes = BTreeMap::from([
                ("source", source.to_string()),
                (
                    "form",
                    match built.form {
                        BuiltForm::Installed => "installed",
                        BuiltForm::Wheel => "wheel",
                        BuiltForm::Source => "source",
                    }
                    .to_owned(),
                ),
            ]);
            if let Some(licence) = &built.licence {
                attributes.insert("licence", licence.value.clone());
            }
            let seen = Place::new(built.file, built.name.span);
            let node = self.graph.claim(Node {
                kind: NodeKind::Distribution,
                key: identity::distribution(&built.name.value, version, &source),
                name: distribution_name(&built.name.value),
                purl: Some(identity::distribution_purl(&built.name.value, version, &source)),
                version: version.map(str::to_owned),
                attributes,
                sightings: vec![seen],
            });
            let file = self.manifest_node(built.file);
            self.graph.link(file, node, edge(EdgeKind::Uses, seen));
        }
    }

    /// Crates that a binary was built from, as it says itself.
    pub(super) fn auditable(&mut self, binary: &AuditableBinary) {
        if binary.crates.is_empty() {
            return;
        }
        let file = self.manifest_node(binary.file);
        let seen = Place::new(binary.file, Span::default());
        let claim = |package: &crate::graph::kinds::artifact::AuditableCrate| {
            let source = source(&package.source);
            Node {
                kind: NodeKind::Crate,
                key: locked_crate(&package.name, &package.version, &source),
                name: package.name.clone(),
                version: Some(package.version.clone()),
                purl: Some(crate_purl(&package.name, Some(&package.version), &source)),
                attributes: BTreeMap::from([("source", identity::source_name(&source))]),
                sightings: vec![seen],
            }
        };
        // Packages of the tree that was built have no identity here: the folder is not told.
        let nodes: Vec<Option<NodeId>> = binary
            .crates
            .iter()
            .map(|package| (package.source != "local").then(|| self.graph.claim(claim(package))))
            .collect();
        for (package, node) in binary.crates.iter().zip(&nodes) {
            let Some(node) = *node else { continue };
            let mut link = edge(EdgeKind::Uses, seen);
            if package.is_build {
                link.attributes.insert("need", "build".to_owned());
            }
            self.graph.link(file, node, link);
            for needed in package.dependencies.iter().filter_map(|&index| *nodes.get(index)?) {
                self.graph.link(node, needed, edge(EdgeKind::DependsOn, seen));
            }
        }
    }
}

/// The list tells the kind of a source, not its address.
pub(crate) fn source(word: &str) -> LockSource<'_> {
    match word {
        "crates.io" => LockSource::CratesIo,
        other => LockSource::Unknown(other),
    }
}
