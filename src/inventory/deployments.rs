//! What is deployed from the repository: services of Compose files, workloads of Kubernetes, charts. Each is a part with
//! the images that it runs, those of them that the tree builds, and the models that its arguments and variables name.

use std::collections::BTreeMap;

use super::assets;
use super::images;
use super::local::Local;
use super::maker::Maker;
use super::words;
use crate::graph::deployments;
use crate::graph::deployments::Started;
use crate::graph::deployments::State;
use crate::references::Hub;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::Kind;
use crate::sbom::model::Occurrence;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;
use crate::sbom::model::Unknown;
use crate::source::FileId;
use crate::source::Place;

/// What the ids of deployed parts hold.
pub(super) const MARK: &str = "#service:";

/// How many models are tied to services, over all: many services may be written in one file.
const TIES: usize = 100_000;

/// What is deployed, and the names that images are built under.
pub(super) struct Deployed {
    all: Vec<Started>,
    /// Names of images that are built here.
    pub(super) local: Local,
}

/// Finds what is deployed.
pub(super) fn started(maker: &mut Maker<'_>) -> Deployed {
    let counts = |file: FileId| maker.counts(file);
    let all = deployments::started(maker.scene.documents, maker.scene.sources, &counts);
    let mut local = Local::of(maker);
    for one in &all {
        let Some((Some(path), _)) = &one.built else { continue };
        let id = images::built_id(path.as_str());
        for run in one.images.iter().filter(|run| run.state == State::Known) {
            local.composed(&run.text, &id);
        }
    }
    Deployed { all, local }
}

/// Adds what is deployed.
pub(super) fn add(maker: &mut Maker<'_>, deployed: &Deployed) {
    let held = images::held(maker);
    let loads = loads(maker);
    let ids: Vec<Option<String>> = deployed.all.iter().map(id).collect();
    let mut left = TIES;
    for (one, id) in deployed.all.iter().zip(&ids) {
        let Some(id) = id else { continue };
        let mut scope = maker.scope(one.place.file);
        if one.is_optional {
            scope = scope.max(Scope::Optional);
        }
        let at = maker.at(one.place, Some(&one.kind));
        let mut component = Component {
            id: id.clone(),
            kind: Kind::Application,
            name: id.rsplit_once(MARK).map_or(id.as_str(), |(_, name)| name).to_owned(),
            scope,
            evidence: vec![at.clone()],
            dependencies: Completeness::Complete,
            ..Component::default()
        };
        component.properties.insert("custody:deployed-as".to_owned(), one.kind.clone());
        maker.merge(component);
        let root = maker.root.clone();
        maker.relate(&root, RelationKind::Contains, id, scope, Some(at.clone()));
        for held in one.holds.iter().filter_map(|at| ids.get(*at)?.as_ref()) {
            maker.relate(id, RelationKind::Contains, held, scope, Some(at.clone()));
        }
        runs(maker, one, (id, scope), (&deployed.local, &held));
        built(maker, one, (id, scope));
        for (name, place) in &one.others {
            let Some(text) = words::plain(&format!("chart {name}")) else { continue };
            let at = Occurrence { how: None, ..maker.at(*place, None) };
            let why = "it is another chart, and what that starts is not in the tree".to_owned();
            maker.unknowns.push(Unknown { kind: Kind::Other, text, why, owner: Some(id.clone()), at });
        }
        for (to, place) in one.spans.iter().flat_map(|span| within(&loads, *span)) {
            let Some(rest) = left.checked_sub(1) else { return };
            left = rest;
            let weight = maker.components.get(to).map_or(Scope::Excluded, |part| part.scope);
            let at = maker.at(*place, Some("named"));
            maker.relate(id, RelationKind::DependsOn, to, scope.max(weight), Some(at));
        }
    }
}

/// The images that it runs.
fn runs(maker: &mut Maker<'_>, one: &Started, (id, scope): (&str, Scope), (local, held): (&Local, &images::Held)) {
    for run in &one.images {
        let at = maker.at(run.place, Some("run"));
        if run.state == State::Unknown {
            // What is built here is told as that, whatever it is called.
            if one.built.is_none() {
                images::unknown_of(maker, id, &run.text, Some(at));
            }
            continue;
        }
        for own in local.built(&run.text).map(str::to_owned).collect::<Vec<_>>() {
            if maker.components.contains_key(&own) {
                maker.relate(id, RelationKind::DependsOn, &own, scope, Some(at.clone()));
            }
        }
        if one.built.is_none() && !local.is_kept(&run.text) {
            images::run(maker, id, (&run.text, run.state == State::Known), scope, at, held);
        }
    }
}

/// The image that is built for it.
fn built(maker: &mut Maker<'_>, one: &Started, (id, scope): (&str, Scope)) {
    let Some((path, place)) = &one.built else { return };
    let at = maker.at(*place, Some("build"));
    let own = path.as_ref().map(|path| images::built_id(path.as_str()));
    if let Some(own) = own.filter(|own| maker.components.contains_key(own)) {
        return maker.relate(id, RelationKind::DependsOn, &own, scope, Some(at));
    }
    maker.unknowns.push(Unknown {
        kind: Kind::Image,
        text: id.rsplit_once(MARK).map_or(id, |(_, name)| name).to_owned(),
        why: "its image is built from what is not in the tree or not read".to_owned(),
        owner: Some(id.to_owned()),
        at: Occurrence { how: None, ..at },
    });
}

/// The id of something that is deployed: its folder and its name. Files that lie side by side speak of one thing under
/// one name.
fn id(one: &Started) -> Option<String> {
    let name = words::plain(&one.name)?.replace(['#', '/'], "-");
    let folder = if one.folder.is_root() { "." } else { one.folder.as_str() };
    Some(format!("tree:{folder}{MARK}{name}"))
}

/// What is loaded, by file, in the order of places.
type Loads = BTreeMap<FileId, Vec<(Place, String)>>;

fn loads(maker: &Maker<'_>) -> Loads {
    let mut out = Loads::new();
    for load in &maker.scene.assets.loads {
        let id = assets::id_of(maker, load);
        if !maker.components.contains_key(&id) {
            continue;
        }
        let service = match load.loaded.reference.hub {
            Hub::Hosted(party) => Some(format!("service:{party}")),
            _ => None,
        };
        let mut places = vec![load.loaded.place, load.loaded.call];
        places.dedup();
        for place in places {
            let all = out.entry(place.file).or_default();
            all.push((place, id.clone()));
            all.extend(service.clone().filter(|id| maker.components.contains_key(id)).map(|id| (place, id)));
        }
    }
    for all in out.values_mut() {
        all.sort();
        all.dedup();
    }
    out
}

/// What is loaded within a place; a place of nothing at the start is the whole file.
fn within(loads: &Loads, span: Place) -> impl Iterator<Item = (&str, &Place)> {
    let all = loads.get(&span.file).map_or(&[][..], Vec::as_slice);
    let is_whole = span.span.is_empty() && span.span.start == 0;
    let (start, end) = if is_whole { (0, u64::MAX) } else { (span.span.start, span.span.end) };
    let first = all.partition_point(|(place, _)| place.span.start < start);
    all.get(first..)
        .unwrap_or_default()
        .iter()
        .take_while(move |(place, _)| place.span.start < end)
        .map(|(place, id)| (id.as_str(), place))
}
