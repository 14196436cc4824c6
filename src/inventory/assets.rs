//! What is loaded by name: models, data sets, tokenizers, adapters and kernels, with what `custody.lock` holds of
//! them, hosted models with the services that answer, and calls whose names only their running tells.
//!
//! A repository that is loaded as a model and as its tokenizer is one component. What is only told of in comments and
//! texts is none.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::distributions::range;
use super::maker::Maker;
use super::words;
use crate::graph::Document;
use crate::graph::assets::Load;
use crate::graph::assets::Owner;
use crate::graph::identity;
use crate::graph::indexes;
use crate::graph::kinds::lock::CustodyLock;
use crate::lock;
use crate::lock::Entry;
use crate::lock::Subject;
use crate::references;
use crate::references::AssetKind;
use crate::references::Hub;
use crate::references::Pin;
use crate::references::Standing;
use crate::sbom::model::Algorithm;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::FileEntry;
use crate::sbom::model::Hash;
use crate::sbom::model::Kind;
use crate::sbom::model::LinkKind;
use crate::sbom::model::Party;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;
use crate::sbom::model::Unknown;
use crate::sbom::purl::Purl;
use crate::source::FileId;
use crate::source::Place;

/// The id of something that a hub resolves: `model:huggingface:owner/name@revision`. A model, its tokenizer and its
/// adapters in one repository are one thing. `revision` is the commit where one is known, else what is asked for.
#[must_use]
pub fn asset_id(kind: AssetKind, hub: &str, is_hosted: bool, name: &str, revision: Option<&str>) -> String {
    let word = match kind {
        _ if is_hosted => "hosted-model",
        AssetKind::Dataset => "dataset",
        AssetKind::Kernel => "kernel",
        AssetKind::Model | AssetKind::Tokenizer | AssetKind::Adapter => "model",
    };
    let revision = revision.filter(|text| !text.is_empty()).map_or_else(String::new, |text| format!("@{text}"));
    let name = if is_hosted { hosted_name(hub, name) } else { name };
    let name = words::address(name).unwrap_or_else(|| words::name(name).unwrap_or_default());
    format!("{word}:{hub}:{name}{revision}")
}

/// The name of a model as the service that runs it calls it: libraries put the service before it, and that of Google
/// its list.
fn hosted_name<'n>(service: &str, name: &'n str) -> &'n str {
    let own = name.strip_prefix(service).and_then(|rest| rest.strip_prefix('/')).unwrap_or(name);
    let own = if matches!(service, "gemini" | "google") { own.strip_prefix("models/").unwrap_or(own) } else { own };
    if own.is_empty() { name } else { own }
}

fn kind_of(kind: AssetKind, is_hosted: bool) -> Kind {
    match kind {
        _ if is_hosted => Kind::HostedModel,
        AssetKind::Model => Kind::Model,
        AssetKind::Dataset => Kind::Dataset,
        AssetKind::Tokenizer => Kind::Tokenizer,
        AssetKind::Adapter => Kind::Adapter,
        AssetKind::Kernel => Kind::Kernel,
    }
}

/// What is told of one thing by all that load it.
#[derive(Default)]
struct Told {
    kinds: BTreeSet<Kind>,
    standings: BTreeSet<&'static str>,
    loaders: BTreeSet<String>,
}

/// Adds everything.
pub(super) fn add(maker: &mut Maker<'_>) {
    let mut told: BTreeMap<String, Told> = BTreeMap::new();
    for load in &maker.scene.assets.loads {
        let reference = &load.loaded.reference;
        if reference.standing == Standing::Told || !maker.counts(load.loaded.call.file) {
            continue;
        }
        let component = of_load(maker, load);
        let (id, kind) = (component.id.clone(), component.kind);
        let one = told.entry(id.clone()).or_default();
        one.kinds.insert(kind);
        one.standings.insert(reference.standing.word());
        one.loaders.extend(words::name(&reference.loader.by));
        let scope = component.scope;
        maker.merge(component);
        let at = maker.at(load.loaded.call, Some(&how(load)));
        let owner = owner(maker, load);
        maker.relate(&owner, RelationKind::DependsOn, &id, scope, Some(at.clone()));
        if let Hub::Hosted(party) = reference.hub {
            let service = format!("service:{party}");
            maker.merge(Component {
                id: service.clone(),
                kind: Kind::Service,
                name: party.to_owned(),
                scope,
                evidence: vec![at.clone()],
                dependencies: Completeness::Unknown,
                ..Component::default()
            });
            maker.relate(&service, RelationKind::Serves, &id, scope, Some(at.clone()));
            maker.relate(&owner, RelationKind::DependsOn, &service, scope, Some(at));
        }
    }
    for (id, told) in told {
        let Some(component) = maker.components.get_mut(&id) else { continue };
        // The weightiest kind stands first.
        if let Some(kind) = told.kinds.first() {
            component.kind = *kind;
        }
        if told.kinds.len() > 1 {
            let words: Vec<&str> = told.kinds.iter().map(|kind| kind.word()).collect();
            component.properties.insert("custody:loaded-as".to_owned(), words.join(","));
        }
        if told.standings.iter().all(|standing| *standing == Standing::Default.word()) {
            component.properties.insert("custody:standing".to_owned(), Standing::Default.word().to_owned());
        }
    }
    held(maker);
    unresolved(maker);
}

/// How something is loaded, in a few words.
fn how(load: &Load) -> String {
    let reference = &load.loaded.reference;
    let by = reference.loader.by.as_str();
    match reference.standing {
        Standing::Default if by.is_empty() => "default".to_owned(),
        Standing::Default => format!("default of {by}"),
        _ if by.is_empty() => "loaded".to_owned(),
        _ => format!("loaded by {by}"),
    }
}

/// The commit of what is loaded where one is known, and the revision that is asked for where it is not the one that
/// whoever asks for none is given.
fn revisions<'l>(maker: &Maker<'_>, load: &'l Load) -> (Option<String>, Option<&'l str>) {
    let reference = &load.loaded.reference;
    let scene = maker.scene;
    let commit = load.commit().or_else(|| scene.assets.locked_at(scene.documents, load)).map(str::to_ascii_lowercase);
    let asked = reference.revision.as_deref().filter(|_| matches!(reference.pin, Pin::Tag | Pin::Branch));
    (commit, asked.filter(|asked| Some(*asked) != default_branch(reference.hub)))
}

/// The id of the component that something loaded is.
pub(super) fn id_of(maker: &Maker<'_>, load: &Load) -> String {
    let reference = &load.loaded.reference;
    let (commit, asked) = revisions(maker, load);
    let revision = commit.as_deref().or(asked);
    asset_id(reference.kind, reference.hub.word(), reference.hub.is_hosted(), &reference.name, revision)
}

fn of_load(maker: &Maker<'_>, load: &Load) -> Component {
    let reference = &load.loaded.reference;
    let is_hosted = reference.hub.is_hosted();
    let (commit, asked) = revisions(maker, load);
    let hub = reference.hub.word();
    let mut component = named(reference.kind, hub, is_hosted, &reference.name);
    component.id = id_of(maker, load);
    component.purl = asked_purl(identity::asset_purl(reference, commit.as_deref()), asked.filter(|_| commit.is_none()));
    component.version = commit;
    let is_of_tests = references::is_by_tests(reference);
    component.scope = if is_of_tests { Scope::Excluded } else { maker.scope(load.loaded.call.file) };
    range(&mut component, asked.unwrap_or(""));
    // A default branch is no other thing than none; that somebody wrote it down is said.
    let written = reference.revision.as_deref().filter(|_| matches!(reference.pin, Pin::Tag | Pin::Branch));
    if let Some(written) = written.and_then(words::name) {
        component.properties.insert("custody:asked-revision".to_owned(), written);
    }
    component.evidence.push(maker.at(load.loaded.place, Some(&how(load))));
    if load.loaded.place.file != load.loaded.call.file {
        component.evidence.push(maker.at(load.loaded.call, Some(&how(load))));
    }
    if let Some(hash) = reference.digest.as_deref().and_then(words::hash) {
        match reference.files.as_slice() {
            [file] => {
                component.files.push(FileEntry { path: file.clone(), hashes: [hash].into(), ..Default::default() })
            }
            _ => component.hashes.extend([hash]),
        }
    } else {
        let entries = reference.files.iter().filter_map(|file| words::name(file));
        component.files.extend(entries.map(|path| FileEntry { path, ..FileEntry::default() }));
    }
    if !is_hosted {
        component.properties.insert("custody:pin".to_owned(), load.pin().word().to_owned());
    }
    if let Some(said) = reference.loader.remote_code {
        component.properties.insert("custody:trust-remote-code".to_owned(), said.word().to_owned());
    }
    component
}

/// A package URL with the branch or tag that is asked for: its version is a commit and nothing else, and two revisions
/// of one name are two things.
fn asked_purl(purl: Option<String>, asked: Option<&str>) -> Option<String> {
    match (purl, asked.and_then(words::plain)) {
        (Some(purl), Some(asked)) => Some(Purl::parse(&purl)?.with("revision", &asked).to_string()),
        (purl, _) => purl,
    }
}

/// What a hub gives where no revision is asked for: whoever names it asks for nothing else.
fn default_branch(hub: Hub) -> Option<&'static str> {
    match hub {
        Hub::HuggingFace => Some("main"),
        Hub::ModelScope => Some("master"),
        Hub::Ollama => Some("latest"),
        _ => None,
    }
}

/// What follows from a name on a hub.
pub(super) fn named(kind: AssetKind, hub: &str, is_hosted: bool, name: &str) -> Component {
    let is_dataset = kind == AssetKind::Dataset;
    let name = if is_hosted { hosted_name(hub, name) } else { name };
    let mut out = Component { kind: kind_of(kind, is_hosted), ..Component::default() };
    out.properties.insert("custody:hub".to_owned(), hub.to_owned());
    let url = words::address(name).filter(|_| matches!(hub, "address" | "bucket"));
    match (url, name.split_once('/').filter(|_| !is_hosted && !matches!(hub, "address" | "bucket"))) {
        (Some(url), _) => {
            let path = url.split(['?', '#']).next().unwrap_or(&url).trim_end_matches('/');
            out.name = path.rsplit('/').next().unwrap_or(path).to_owned();
            out.links.extend(words::link(LinkKind::Distribution, &url));
        }
        (None, Some((owner, rest))) if !owner.is_empty() && !rest.is_empty() => {
            out.group = words::name(owner);
            out.name = rest.to_owned();
            // Whoever owns the name space hands it over.
            let page = indexes::hub_page(hub, is_dataset, name);
            if matches!(hub, "huggingface" | "modelscope" | "kaggle" | "torch-hub") {
                out.supplier = Some(Party { name: owner.to_owned(), ..Party::default() });
            }
            if let Some(page) = page {
                out.links.extend(words::link(LinkKind::ModelCard, &page));
                out.links.extend(words::link(LinkKind::Distribution, &page));
            }
        }
        (None, _) => out.name = words::name(name).unwrap_or_else(|| hub.to_owned()),
    }
    // What it needs to run is told by its card, if at all.
    out.dependencies = Completeness::Unknown;
    out
}

/// The part of the tree that loads.
fn owner(maker: &Maker<'_>, load: &Load) -> String {
    let root = || maker.root.clone();
    match load.owner {
        Owner::Code(file) | Owner::Script(file) => maker.owner(maker.path(file)).to_owned(),
        Owner::Step(..) | Owner::ActionStep(..) => root(),
        Owner::Stage(document, _) => {
            let file = maker.scene.documents.get(document).map(Document::file);
            let id = file.map(|file| super::images::built_id(maker.path(file)));
            id.filter(|id| maker.components.contains_key(id)).unwrap_or_else(root)
        }
    }
}

/// What `custody.lock` holds: files with digests, licences, who signed.
fn held(maker: &mut Maker<'_>) {
    for document in maker.scene.documents {
        let Document::CustodyLock(lock) = document else { continue };
        if !maker.counts(lock.file) {
            continue;
        }
        for key in lock.read.lock.entries.keys() {
            if let Some(entry) = lock.sound(key) {
                of_entry(maker, lock, key, entry);
            }
        }
    }
}

fn of_entry(maker: &mut Maker<'_>, lock: &CustodyLock, key: &lock::Key, entry: &Entry) {
    let commit = entry.revision.as_deref().map(str::to_ascii_lowercase);
    let mut component = named(key.kind, &key.hub, false, &key.name);
    component.id = asset_id(key.kind, &key.hub, false, &key.name, commit.as_deref().or(key.requested.as_deref()));
    let is_loaded = maker.components.contains_key(&component.id);
    component.scope = if is_loaded { Scope::Required } else { Scope::Optional };
    component.purl = identity::hub_purl(key.kind, &key.hub, &key.name, commit.as_deref());
    component.version = commit;
    range(&mut component, key.requested.as_deref().unwrap_or(""));
    component.evidence.push(maker.at(lock.place(&Subject::Entry(key.clone())), Some("locked")));
    component.licences = entry.licence.as_deref().and_then(words::licence).into_iter().collect();
    component.files = entry
        .files
        .iter()
        .map(|(path, file)| FileEntry {
            path: path.clone(),
            size: Some(file.size),
            hashes: Hash::new(Algorithm::Sha256, &file.sha256.to_string()).into_iter().collect(),
            format: None,
        })
        .collect();
    let mut say = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            component.properties.insert(name.to_owned(), value);
        }
    };
    say("custody:state", (!entry.files.is_empty()).then(|| format!("sha256:{}", entry.state())));
    say("custody:scan", entry.scan.as_ref().and_then(|scan| words::plain(&scan.verdict)));
    say("custody:signer", entry.signer.as_deref().and_then(words::plain));
    for approval in entry.standing_approvals() {
        say("custody:approved", words::plain(&format!("{} by {}", approval.on, approval.by)));
        for (name, digest) in &approval.evidence {
            say(&format!("custody:evidence/{name}"), Some(format!("sha256:{digest}")));
        }
    }
    if !is_loaded {
        say("custody:loaded", Some("false".to_owned()));
    }
    maker.merge(component);
}

/// Calls with what loads, by file, kind and the text that gives the name.
type Calls<'a> = BTreeMap<(FileId, Kind, &'a str), Vec<(Place, &'a str)>>;

/// Calls whose names cannot be known from the tree. What one file gives the same name to many is told once.
fn unresolved(maker: &mut Maker<'_>) {
    let mut calls: Calls<'_> = Calls::new();
    for (unresolved, place) in &maker.scene.assets.unresolved {
        if maker.counts(place.file) {
            let kind = kind_of(unresolved.kind, unresolved.hub.is_hosted());
            let key = (place.file, kind, unresolved.text.as_str());
            calls.entry(key).or_default().push((*place, &unresolved.loader.by));
        }
    }
    for ((file, kind, text), mut places) in calls {
        places.sort();
        let Some((place, by)) = places.first().copied() else { continue };
        let by = words::name(by).map_or_else(|| "loaded".to_owned(), |by| format!("loaded by {by}"));
        let how = match places.len() - 1 {
            0 => by,
            1 => format!("{by}, and at one more place of the file"),
            more => format!("{by}, and at {more} more places of the file"),
        };
        let at = maker.at(place, Some(&how));
        let owner = maker.owner(maker.path(file)).to_owned();
        maker.unknowns.push(Unknown {
            kind,
            text: words::plain(text).unwrap_or_else(|| "?".to_owned()),
            why: why(text).to_owned(),
            owner: Some(owner),
            at,
        });
    }
}

/// Why a name cannot be told. A literal that names nothing stands for what whoever uses it puts in.
fn why(text: &str) -> &'static str {
    let text = text.trim();
    let is_literal = text.len() > 1 && ['"', '\''].iter().any(|sign| text.starts_with(*sign) && text.ends_with(*sign));
    if is_literal {
        "what is written stands for a name that is put in later"
    } else {
        "its name is only known when it is loaded"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hosted_model_has_one_name_at_its_service() {
        for (service, name, own) in [
            ("openai", "openai/gpt-4o", "gpt-4o"),
            ("openai", "gpt-4o", "gpt-4o"),
            ("gemini", "models/gemini-2.5-flash", "gemini-2.5-flash"),
            ("openrouter", "openai/gpt-4o", "openai/gpt-4o"),
            ("openai", "openai/", "openai/"),
        ] {
            assert_eq!(hosted_name(service, name), own, "{service} {name}");
        }
    }
}
