//! What cards, configurations and headers of weights tell, put onto the parts that they speak of.
//!
//! A card speaks of what its folder holds. One file of weights in a folder, or the shards of one, is that model;
//! several are its parts, and the folder is the model. A card without weights beside it speaks of a model that the
//! tree describes and does not hold.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::assets;
use super::assets::asset_id;
use super::maker::Maker;
use super::maker::scope_of_role;
use super::models;
use super::words;
use crate::diag::redact::redact;
use crate::graph::Document;
use crate::graph::identity;
use crate::graph::kinds::card::Base;
use crate::graph::kinds::card::Form;
use crate::graph::kinds::card::Subject;
use crate::graph::kinds::card::Told;
use crate::read::cards;
use crate::read::cards::FolderCard;
use crate::read::cards::merge;
use crate::references::AssetKind;
use crate::references::Hub;
use crate::references::Pin;
use crate::references::names;
use crate::sbom::Bom;
use crate::sbom::model::Card;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::Kind;
use crate::sbom::model::Licence;
use crate::sbom::model::LicenceName;
use crate::sbom::model::Link;
use crate::sbom::model::Occurrence;
use crate::sbom::model::Party;
use crate::sbom::model::Relation;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;
use crate::scan::Verdict;
use crate::source::FileId;
use crate::source::Place;
use crate::source::RepoPath;
use crate::source::Role;
use crate::source::Span;

/// One file that tells of something.
#[derive(Clone)]
struct Teller<'a> {
    path: &'a str,
    file: FileId,
    told: Told,
}

/// Puts them onto the components that are there, and adds those that only a card tells of.
pub(super) fn add(maker: &mut Maker<'_>) {
    let mut headers = headers(maker);
    for (folder, tellers) in by_folder(maker) {
        of_folder(maker, &folder, tellers, &mut headers);
    }
    for (id, tellers) in headers {
        attach(maker, &id, &tellers);
    }
}

/// Headers of weights by the component of their file.
fn headers<'a>(maker: &Maker<'a>) -> BTreeMap<String, Vec<Teller<'a>>> {
    let mut out: BTreeMap<String, Vec<Teller<'a>>> = BTreeMap::new();
    for document in maker.scene.documents {
        let Document::Model(model) = document else { continue };
        let report = &model.report;
        let Some(weights) = report.weights.as_deref().filter(|_| report.verdict != Verdict::Malformed) else {
            continue;
        };
        if !maker.counts(model.file) {
            continue;
        }
        let teller = Teller { path: &report.path, file: model.file, told: cards::of_weights(weights) };
        out.entry(models::id_of(&report.path)).or_default().push(teller);
    }
    out
}

/// What is told in each folder.
fn by_folder<'a>(maker: &Maker<'a>) -> BTreeMap<RepoPath, Vec<Teller<'a>>> {
    let mut out: BTreeMap<RepoPath, Vec<Teller<'a>>> = BTreeMap::new();
    for document in maker.scene.documents {
        let Document::Card(card) = document else { continue };
        let path = maker.path(card.file);
        let Some(folder) = RepoPath::new(path).map(|path| path.parent()) else { continue };
        if maker.counts(card.file) && !role_of(&folder).is_set_aside() {
            out.entry(folder).or_default().push(Teller { path, file: card.file, told: card.told.clone() });
        }
    }
    out
}

/// What weights in a folder would be for: that of a README says nothing of them.
fn role_of(folder: &RepoPath) -> Role {
    folder.child("model.safetensors").map_or(Role::Product, |path| Role::of_path(&path))
}

fn of_folder<'a>(
    maker: &mut Maker<'a>,
    folder: &RepoPath,
    tellers: Vec<Teller<'a>>,
    headers: &mut BTreeMap<String, Vec<Teller<'a>>>,
) {
    let told = merge::all(tellers.iter().map(|teller| &teller.told));
    let is_data = told.subject == Subject::Dataset;
    let wanted = |kind: Kind| if is_data { kind == Kind::Dataset } else { kind.is_model() };
    // A data set's files mostly lie in folders of their own, a model's beside its card.
    let is_pipeline = tellers.iter().any(|teller| teller.path.ends_with("model_index.json"));
    let mut held = held(maker, folder, is_data, &wanted);
    if held.is_empty() && (is_pipeline || told.is_sure) && !folder.is_root() {
        held = self::held(maker, folder, true, &wanted);
    }
    // A licence and tags in the head of a README, a configuration without weights: of nothing that is there.
    let is_told =
        told.is_sure && tellers.iter().any(|teller| teller.told.form != Form::AdapterConfig && teller.told.is_sure);
    if held.is_empty() && !is_told {
        return;
    }
    if let ([one], false) = (held.as_slice(), is_data) {
        let mut all = tellers;
        all.extend(headers.remove(one).unwrap_or_default());
        return attach(maker, one, &all);
    }
    let mut all = tellers;
    // Several files of weights may be several models; what their headers say together is said where they are one.
    let own: Vec<Teller<'a>> = held.iter().filter_map(|id| headers.get(id)).flatten().cloned().collect();
    let formats: BTreeSet<&str> = own.iter().filter_map(|teller| teller.path.rsplit('.').next()).collect();
    if formats.len() == 1 && !formats.contains("gguf") {
        all.extend(own.iter().cloned());
    }
    let id = if folder.is_root() { "tree:./".to_owned() } else { format!("tree:{folder}/") };
    let scope = scope_of_role(role_of(folder));
    let name = words::name(folder.name()).filter(|_| !folder.is_root());
    let name = told.name.as_deref().and_then(words::name).or(name);
    let name = name.or_else(|| maker.components.get(&maker.root).map(|root| root.name.clone()));
    let evidence: Vec<Occurrence> = all
        .iter()
        .filter(|teller| teller.told.form != Form::Header)
        .map(|teller| maker.at(Place::new(teller.file, Span::default()), Some(teller.told.form.word())))
        .collect();
    let first = evidence.first().cloned();
    maker.merge(Component {
        id: id.clone(),
        kind: if is_data { Kind::Dataset } else { Kind::Model },
        name: name.unwrap_or_else(|| "model".to_owned()),
        scope,
        evidence,
        ..Component::default()
    });
    let owner = maker.owner(folder.child("x").as_ref().map_or("", RepoPath::as_str)).to_owned();
    maker.relate(&owner, RelationKind::Contains, &id, scope, first);
    for part in &held {
        let scope = maker.components.get(part).map_or(scope, |component| component.scope);
        maker.relate(&id, RelationKind::Contains, part, scope, None);
    }
    attach(maker, &id, &all);
}

/// Components of files in a folder, or below it.
fn held(maker: &Maker<'_>, folder: &RepoPath, is_deep: bool, wanted: &dyn Fn(Kind) -> bool) -> Vec<String> {
    let start = if folder.is_root() { "tree:".to_owned() } else { format!("tree:{folder}/") };
    let below = maker.components.range(start.clone()..).take_while(|(id, _)| id.starts_with(&start));
    below
        .filter(|(id, component)| {
            let rest = id.get(start.len()..).unwrap_or_default();
            !rest.is_empty() && !rest.ends_with('/') && (is_deep || !rest.contains('/')) && wanted(component.kind)
        })
        .map(|(id, _)| id.clone())
        .collect()
}

/// Puts what is told onto a component, and relates it to what it was made of.
fn attach(maker: &mut Maker<'_>, id: &str, tellers: &[Teller<'_>]) {
    let told = merge::all(tellers.iter().map(|teller| &teller.told));
    let sources =
        tellers.iter().map(|teller| maker.at(Place::new(teller.file, Span::default()), Some(teller.told.form.word())));
    let sources: BTreeSet<Occurrence> = sources.collect();
    let Some(component) = maker.components.get_mut(id) else { return };
    put(component, &told, sources);
    let scope = component.scope;
    for base in &told.bases {
        // Every file that names it says so at its own line.
        let named = tellers.iter().filter_map(|teller| {
            let own = teller.told.bases.iter().find(|own| own.name == base.name)?;
            Some(maker.at(Place::new(teller.file, own.span), Some("named as what it was made of")))
        });
        let places: Vec<Occurrence> = named.collect();
        let first = places.iter().min().cloned();
        let kind = if told.subject == Subject::Dataset { AssetKind::Dataset } else { AssetKind::Model };
        let to = known_of(maker, kind, base);
        let to = to.unwrap_or_else(|| {
            let component = of_base(kind, base, scope, first);
            let id = component.id.clone();
            maker.merge(component);
            id
        });
        for at in places {
            maker.relate(id, base.relation, &to, scope, Some(at));
        }
    }
    for (relation, how) in
        [(RelationKind::TrainedOn, "named as training data"), (RelationKind::TestedOn, "named as test data")]
    {
        for teller in tellers {
            let named =
                if relation == RelationKind::TrainedOn { &teller.told.trained_on } else { &teller.told.tested_on };
            for text in named {
                let at = maker.at(Place::new(teller.file, text.span), Some(how));
                let base = Base { name: text.value.clone(), revision: None, relation, span: text.span };
                let to = known_of(maker, AssetKind::Dataset, &base).unwrap_or_else(|| {
                    let component = of_base(AssetKind::Dataset, &base, scope, Some(at.clone()));
                    let id = component.id.clone();
                    maker.merge(component);
                    id
                });
                maker.relate(id, relation, &to, scope, Some(at));
            }
        }
    }
}

/// The component that is there of what a card names: at the revision that is named; else the only one of the name.
fn known_of(maker: &Maker<'_>, kind: AssetKind, base: &Base) -> Option<String> {
    known(maker.components.range(plain_id(kind, base)..).map(|(id, _)| id), kind, base)
}

fn plain_id(kind: AssetKind, base: &Base) -> String {
    asset_id(kind, Hub::HuggingFace.word(), false, &base.name, None)
}

/// The same among ids in their order, from the one without a revision on.
fn known<'i>(ids: impl Iterator<Item = &'i String>, kind: AssetKind, base: &Base) -> Option<String> {
    let plain = plain_id(kind, base);
    let mut ids = ids.take_while(|id| id.starts_with(&plain));
    if let Some(revision) = base.revision.as_deref() {
        let exact = asset_id(kind, Hub::HuggingFace.word(), false, &base.name, Some(revision));
        return ids.find(|id| **id == exact).cloned();
    }
    let mut same = ids.filter(|id| id.get(plain.len()..).is_some_and(|rest| rest.is_empty() || rest.starts_with('@')));
    match (same.next(), same.next()) {
        (Some(one), None) => Some(one.clone()),
        _ => None,
    }
}

/// The component of a model or data set that only a card names.
fn of_base(kind: AssetKind, base: &Base, scope: Scope, at: Option<Occurrence>) -> Component {
    let hub = Hub::HuggingFace.word();
    let revision = base.revision.as_deref().filter(|text| !text.trim().is_empty());
    let is_commit = revision.is_some_and(|text| names::pin_of(text) == Pin::Commit);
    let commit = revision.filter(|_| is_commit).map(str::to_ascii_lowercase);
    let asked = revision.filter(|_| !is_commit);
    let mut out = assets::named(kind, hub, false, &base.name);
    out.id = asset_id(kind, hub, false, &base.name, commit.as_deref().or(asked));
    out.purl = identity::hub_purl(kind, hub, &base.name, commit.as_deref());
    out.version = commit;
    out.range = asked.and_then(words::name);
    out.scope = scope;
    out.evidence.extend(at);
    // It is not loaded: what was made of it is.
    out.properties.insert("custody:loaded".to_owned(), "false".to_owned());
    out
}

/// Puts facts and texts onto a component. What it has of its own stays.
fn put(component: &mut Component, told: &Told, sources: BTreeSet<Occurrence>) {
    match told.subject {
        Subject::Adapter if component.kind == Kind::Model => component.kind = Kind::Adapter,
        Subject::Dataset if component.kind == Kind::File => component.kind = Kind::Dataset,
        _ => {}
    }
    if let Some(name) = told.name.as_deref().and_then(words::name).filter(|_| component.id.starts_with("tree:")) {
        component.name = name;
    }
    let fill = |to: &mut Option<String>, from: Option<&str>| {
        if to.is_none() {
            *to = from.and_then(words::plain);
        }
    };
    if component.description.is_none() {
        component.description = told.description.as_deref().and_then(words::lines);
    }
    fill(&mut component.version, told.version.as_deref());
    if component.licences.is_empty() {
        component.licences = told.licences.iter().filter_map(|licence| of_licence(&licence.value)).collect();
    }
    if component.authors.is_empty() {
        component.authors = told.makers.iter().filter_map(of_party).collect();
    }
    component.released = component.released.or(told.released);
    component
        .links
        .extend(told.links.iter().filter_map(|link| words::link(link.kind, &link.url)).collect::<Vec<Link>>());
    for file in &told.distributions {
        let mut file = file.clone();
        file.url = file.url.as_deref().and_then(words::address);
        file.name = file.name.as_deref().and_then(words::name);
        if !component.distributions.contains(&file) {
            component.distributions.push(file);
        }
    }
    if let Some(bytes) = told.weight_bytes {
        component.properties.entry("custody:weight-bytes".to_owned()).or_insert_with(|| bytes.to_string());
    }
    let mut card = cleaned(&told.card);
    card.sources = sources;
    match &mut component.card {
        Some(known) => merge::card(known, &card),
        None => component.card = Some(Box::new(card)),
    }
}

fn of_licence(licence: &Licence) -> Option<Licence> {
    let name = match &licence.name {
        LicenceName::Named(text) if cards::is_placeholder(text) => return None,
        LicenceName::Named(text) => LicenceName::Named(words::name(text)?),
        other => other.clone(),
    };
    Some(Licence { name, url: licence.url.as_deref().and_then(words::address), standing: licence.standing })
}

fn of_party(party: &Party) -> Option<Party> {
    Some(Party {
        name: words::name(&party.name)?,
        urls: party.urls.iter().filter_map(|url| words::address(url)).collect(),
        emails: party.emails.clone(),
        is_person: party.is_person,
    })
}

/// A card as it goes out: without credentials.
fn cleaned(card: &Card) -> Card {
    let mut out = card.clone();
    for text in [
        &mut out.approach,
        &mut out.family,
        &mut out.quantisation,
        &mut out.intended_use,
        &mut out.out_of_scope,
        &mut out.limitations,
        &mut out.ethics,
        &mut out.bias,
        &mut out.training,
        &mut out.preprocessing,
        &mut out.energy,
        &mut out.library,
        &mut out.collection,
        &mut out.sensitive,
        &mut out.anonymisation,
        &mut out.updates,
    ] {
        *text = text.take().map(|text| redact(&text)).filter(|text| !text.trim().is_empty());
    }
    for set in [
        &mut out.tasks,
        &mut out.architectures,
        &mut out.inputs,
        &mut out.outputs,
        &mut out.languages,
        &mut out.tags,
        &mut out.data_kinds,
        &mut out.dtypes,
    ] {
        *set = std::mem::take(set).iter().filter_map(|text| words::plain(text)).collect();
    }
    out.settings = std::mem::take(&mut out.settings)
        .into_iter()
        .filter_map(|(key, value)| Some((words::plain(&key)?, words::plain(&value)?)))
        .collect();
    out.splits = std::mem::take(&mut out.splits)
        .into_iter()
        .filter_map(|(key, rows)| Some((words::plain(&key)?, rows)))
        .collect();
    for metric in &mut out.metrics {
        metric.name = words::name(&metric.name).unwrap_or_default();
        metric.value = words::plain(&metric.value).unwrap_or_default();
        metric.dataset = metric.dataset.as_deref().and_then(words::plain);
        metric.task = metric.task.as_deref().and_then(words::plain);
    }
    out.metrics.retain(|metric| !metric.name.is_empty() && !metric.value.is_empty());
    out.custodians = out.custodians.iter().filter_map(of_party).collect();
    out
}

/// Puts onto a component of a document what a folder outside the tree tells of it: a state of its repository in a
/// hub's cache. Places of such a folder are none of the tree, so that none are told. The document is settled after.
pub fn add_folder(bom: &mut Bom, id: &str, folder: &FolderCard) {
    let Some(component) = bom.components.iter_mut().find(|component| component.id == id) else { return };
    if folder.is_empty() {
        return;
    }
    put(component, &folder.told, BTreeSet::new());
    component.properties.insert("custody:card".to_owned(), "cache".to_owned());
    // The line that asks for the model asks for what it was made of.
    let at = component
        .evidence
        .first()
        .map(|at| Occurrence { how: Some("named by the card of what is asked for here".to_owned()), ..at.clone() });
    let (scope, is_data) = (component.scope, component.kind == Kind::Dataset);
    let kind = if is_data { AssetKind::Dataset } else { AssetKind::Model };
    let told = &folder.told;
    let of = |text: &crate::source::Spanned<String>, relation| Base {
        name: text.value.clone(),
        revision: None,
        relation,
        span: Span::default(),
    };
    let trained = told.trained_on.iter().map(|text| (AssetKind::Dataset, of(text, RelationKind::TrainedOn)));
    let tested = told.tested_on.iter().map(|text| (AssetKind::Dataset, of(text, RelationKind::TestedOn)));
    let bases = told.bases.iter().map(|base| (kind, base.clone()));
    for (kind, base) in bases.chain(trained).chain(tested) {
        let plain = plain_id(kind, &base);
        let mut ids: Vec<&String> =
            bom.components.iter().map(|component| &component.id).filter(|id| id.starts_with(&plain)).collect();
        ids.sort();
        let to = known(ids.into_iter(), kind, &base).unwrap_or_else(|| {
            let component = of_base(kind, &base, scope, at.clone());
            let id = component.id.clone();
            bom.components.push(component);
            id
        });
        if to != id {
            let evidence = at.clone().into_iter().collect();
            bom.relations.push(Relation { from: id.to_owned(), kind: base.relation, to, scope, evidence });
        }
    }
}

/// Whether a component stands for a state of a repository whose files a cache may hold: what it is called there, with
/// the commit.
#[must_use]
pub fn wanted_of(component: &Component) -> Option<(AssetKind, String, String)> {
    let hub = component.properties.get("custody:hub").filter(|hub| *hub == Hub::HuggingFace.word());
    let kind = match component.kind {
        Kind::Model | Kind::Adapter | Kind::Tokenizer => AssetKind::Model,
        Kind::Dataset => AssetKind::Dataset,
        _ => return None,
    };
    let commit =
        component.version.clone().filter(|_| hub.is_some() && component.dependencies != Completeness::Complete)?;
    let name =
        component.group.as_ref().map_or_else(|| component.name.clone(), |group| format!("{group}/{}", component.name));
    Some((kind, name, commit))
}
