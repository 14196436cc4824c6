//! Relations that the graph holds: who needs what, by requirement, lock, command and image.

use std::collections::BTreeSet;

use super::maker::Maker;
use crate::graph::EdgeKind;
use crate::graph::NodeId;
use crate::graph::NodeKind;
use crate::graph::python::Install;
use crate::graph::python::Site;
use crate::sbom::model::Occurrence;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;

/// Adds them all.
pub(super) fn add(maker: &mut Maker<'_>) {
    let graph = maker.scene.graph;
    for (from, found) in graph.nodes() {
        let Some(user) = maker.user(from) else { continue };
        // What a lock says of its own entries stands at these.
        let is_of_tree = user.starts_with("tree:");
        let is_ours = !matches!(found.kind, NodeKind::Crate | NodeKind::Distribution | NodeKind::CondaPackage);
        let is_release = maker.of_node(from).is_some() && !is_of_tree;
        for (to, edge) in graph.out(from) {
            let is_need = match edge.kind {
                EdgeKind::DependsOn | EdgeKind::Uses => true,
                EdgeKind::Runs => is_ours,
                _ => false,
            };
            let Some(needed) = maker.of_node(to).filter(|_| is_need).map(str::to_owned) else { continue };
            let Some((place, scope)) = maker.weight(edge, &graph.node(to).name) else { continue };
            let (kind, scope) = match graph.node(to).kind {
                // Images of Dockerfiles are told with their stages.
                NodeKind::Image if matches!(found.kind, NodeKind::Stage | NodeKind::Dockerfile) => continue,
                // What builds something is not shipped, unless it stays in an image.
                NodeKind::Download if super::images::ships(maker, place) => (RelationKind::DependsOn, scope),
                NodeKind::Download => (RelationKind::BuiltWith, Scope::Excluded),
                // What a release needs it needs whatever the lock's file is for.
                _ if is_release => (RelationKind::DependsOn, Scope::Required),
                _ => (RelationKind::DependsOn, scope),
            };
            let at = (!is_release).then(|| maker.at(place, asked(edge.attributes.get("requirement")).as_deref()));
            maker.relate(&user, kind, &needed, scope, at);
        }
    }
    let mut seen = BTreeSet::new();
    for install in &maker.scene.python.installs {
        into_image(maker, install, &mut seen);
    }
}

fn asked(requirement: Option<&String>) -> Option<String> {
    requirement.map(|requirement| format!("asked for as {requirement}"))
}

/// What a command installs into an image, by files that it names.
fn into_image(maker: &mut Maker<'_>, install: &Install, seen: &mut BTreeSet<(String, NodeId)>) {
    let scene = maker.scene;
    let Site::Image { document, .. } = install.starts_at() else { return };
    let Some(file) = scene.dockerfile(document).map(|dockerfile| dockerfile.file) else { return };
    let image = super::images::built_id(maker.path(file));
    if !maker.components.contains_key(&image) {
        return;
    }
    let at = maker.at(install.place, Some("installed"));
    for (_, set, constrains) in &install.files {
        let Some(set) = set.and_then(|set| scene.python.sets.get(set)).filter(|_| !*constrains) else { continue };
        let Some(manifest) = scene.graph.find(&format!("manifest:{}", maker.path(set.file))) else { continue };
        // One file may be named by any number of commands.
        if seen.insert((image.clone(), manifest)) {
            needs_of(maker, manifest, &image, &at);
        }
    }
    let mut projects: Vec<usize> = install.projects.clone();
    if let Some(lock) = install.lock.and_then(|lock| scene.python.locks.get(lock)) {
        projects.extend(lock.project);
    }
    for project in projects.into_iter().filter_map(|at| scene.python.projects.get(at)) {
        let Some(id) = maker.projects.get(&project.folder).cloned() else { continue };
        maker.relate(&image, RelationKind::DependsOn, &id, Scope::Required, Some(at.clone()));
    }
}

fn needs_of(maker: &mut Maker<'_>, manifest: NodeId, image: &str, at: &Occurrence) {
    let graph = maker.scene.graph;
    let needed: Vec<String> = graph
        .out(manifest)
        .filter(|(_, edge)| edge.kind == EdgeKind::DependsOn)
        .filter_map(|(to, _)| maker.of_node(to).map(str::to_owned))
        .collect();
    for id in needed {
        maker.relate(image, RelationKind::DependsOn, &id, Scope::Required, Some(at.clone()));
    }
}
