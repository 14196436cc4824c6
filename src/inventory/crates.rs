//! Crates of registries and repositories: locked releases with their checksums, and what no lock resolves.

use super::distributions::at_commit;
use super::maker::Maker;
use super::words;
use crate::graph::Node;
use crate::graph::NodeKind;
use crate::graph::cargo::lock_key;
use crate::graph::identity::lock_source;
use crate::graph::kinds::cargo::LockSource;
use crate::sbom::model::Algorithm;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::Hash;
use crate::sbom::model::Kind;
use crate::sbom::model::LinkKind;
use crate::sbom::model::Scope;

/// Adds what is no package of the tree.
pub(super) fn add(maker: &mut Maker<'_>) {
    let scene = maker.scene;
    for (node, found) in scene.graph.of(NodeKind::Crate) {
        if maker.of_node(node).is_none() && maker.is_part(found) {
            let component = of_node(maker, found);
            maker.put(node, component);
        }
    }
    // A release may stand in several locks, each with a digest.
    for view in &scene.cargo.locks {
        let Some(lock) = scene.lock(view.document).filter(|_| maker.counts(view.file)) else { continue };
        let workspace = view.workspace.and_then(|at| scene.cargo.workspaces.get(at));
        for package in &lock.packages {
            let Some(source) = &package.source else { continue };
            let Some(component) = maker.of_key(&lock_key(package, workspace)) else { continue };
            component.dependencies = Completeness::Complete;
            let sum = package.checksum.as_ref();
            component.hashes.extend(sum.and_then(|sum| Hash::new(Algorithm::Sha256, &sum.value)));
            if let LockSource::Git { url, commit, .. } = lock_source(Some(&source.value)) {
                component.links.extend(words::link(LinkKind::Vcs, url));
                at_commit(component, commit);
            }
        }
    }
}

fn of_node(maker: &Maker<'_>, node: &Node) -> Component {
    let is_of_tree = node.attributes.get("source").is_some_and(|source| source == "path");
    let evidence = maker.sightings(node);
    Component {
        id: id_of(node, is_of_tree),
        kind: Kind::Library,
        name: node.name.clone(),
        version: node.version.clone(),
        purl: node.purl.clone().filter(|_| !is_of_tree),
        scope: weakest_excuse(maker, node),
        licences: node.attributes.get("licence").and_then(|text| words::licence(text)).into_iter().collect(),
        // Unless a lock tells.
        dependencies: Completeness::Unknown,
        evidence,
        ..Component::default()
    }
}

/// The id of a node of a package: its package URL, unless it is a folder of the tree that is no package of it.
pub(super) fn id_of(node: &Node, is_of_tree: bool) -> String {
    match &node.purl {
        Some(purl) if !is_of_tree => purl.clone(),
        _ => node.key.clone(),
    }
}

/// What a node is needed for by the files that name it.
pub(super) fn weakest_excuse(maker: &Maker<'_>, node: &Node) -> Scope {
    let counting = node.sightings.iter().filter(|place| maker.counts(place.file));
    counting.map(|place| maker.scope(place.file)).min().unwrap_or(Scope::Excluded)
}
