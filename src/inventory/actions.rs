//! Actions and reusable workflows of other repositories.

use std::collections::BTreeMap;

use super::crates::weakest_excuse;
use super::maker::Maker;
use super::words;
use crate::graph::Node;
use crate::graph::NodeKind;
use crate::graph::ci::pins;
use crate::graph::identity;
use crate::graph::indexes;
use crate::graph::kinds::workflow::Uses;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::Kind;
use crate::sbom::model::LinkKind;
use crate::sbom::model::Occurrence;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;

/// Adds every action that is used, and what is known that those use in turn.
pub(super) fn add(maker: &mut Maker<'_>) {
    let scene = maker.scene;
    let used: BTreeMap<String, &Uses> = pins::uses(scene.documents)
        .filter_map(|(_, uses)| match uses {
            Uses::Repository { owner, repo, path, reference } => {
                Some((identity::action(owner, repo, path, reference), uses))
            }
            _ => None,
        })
        .collect();
    for (node, found) in scene.graph.of(NodeKind::Action) {
        let Some(uses) = used.get(&found.key).filter(|_| maker.is_part(found)) else { continue };
        let Some(mut component) = of_uses(maker, uses) else { continue };
        component.scope = weakest_excuse(maker, found);
        component.evidence = maker.sightings(found);
        let id = component.id.clone();
        maker.put(node, component);
        further(maker, uses, &id, found);
    }
}

/// What an action uses in turn, as GitHub's lock or its own file says.
fn further(maker: &mut Maker<'_>, uses: &Uses, id: &str, node: &Node) {
    let pins = maker.scene.pins;
    let scope = weakest_excuse(maker, node);
    for reached in pins.reached(uses) {
        let Some(mut component) = of_uses(maker, &reached.uses) else { continue };
        let at = match &reached.shown {
            pins::Shown::Lock(place) => Some(maker.at(*place, Some("locked"))),
            pins::Shown::File(..) => None,
        };
        component.scope = scope;
        component.evidence.extend(at.clone());
        if component.evidence.is_empty() {
            component.evidence = maker.sightings(node).into_iter().take(1).collect::<Vec<Occurrence>>();
        }
        let through = reached.through.last().and_then(|uses| of_uses(maker, uses)).map(|component| component.id);
        let to = component.id.clone();
        maker.merge(component);
        maker.relate(through.as_deref().unwrap_or(id), RelationKind::DependsOn, &to, Scope::Required, at);
    }
}

fn of_uses(maker: &Maker<'_>, uses: &Uses) -> Option<Component> {
    let Uses::Repository { owner, repo, path, reference } = uses else { return None };
    let pins = maker.scene.pins;
    let is_commit = Uses::is_commit(reference);
    let known = (!is_commit).then(|| pins.commit(&format!("{owner}/{repo}"), reference)).flatten();
    // The comment behind a commit elsewhere is no lock of this use.
    let held = known.filter(|commit| !matches!(commit.by, pins::By::Tree(_))).map(|commit| commit.id);
    let commit = if is_commit { Some(reference.to_ascii_lowercase()) } else { held };
    let purl = identity::action_purl(owner, repo, path, commit.as_deref().unwrap_or(reference));
    let mut component = Component {
        id: purl.clone(),
        kind: Kind::Action,
        group: Some(owner.clone()),
        name: if path.is_empty() { repo.clone() } else { format!("{repo}/{path}") },
        range: (!is_commit).then(|| words::name(reference)).flatten(),
        purl: Some(purl),
        dependencies: if pins.definition(uses).is_some() { Completeness::Complete } else { Completeness::Unknown },
        ..Component::default()
    };
    let pin = if is_commit { "commit" } else { "name" };
    component.properties.insert("custody:pin".to_owned(), pin.to_owned());
    if let Some(commit) = &commit {
        let names = pins.other_names(uses);
        let tag = names.iter().map(|other| other.reference.as_str()).find(|name| !Uses::is_commit(name));
        if let Some(tag) = tag.and_then(words::name).filter(|_| is_commit) {
            component.properties.insert("custody:release".to_owned(), tag);
        }
        component.version = Some(commit.clone());
    }
    let page = indexes::github_page(owner, repo);
    component.links.extend(page.and_then(|url| words::link(LinkKind::Vcs, &url)));
    Some(component)
}
