//! What a tree's references ask a lock to hold, and which entry holds a reference.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Entry;
use super::Key;
use super::Lock;
use crate::references::AssetKind;
use crate::references::At;
use crate::references::Hub;
use crate::references::Pin;
use crate::references::Reference;
use crate::references::Standing;

/// Places that are kept of one thing.
const PLACES: usize = 20;

/// What is asked of one entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Want {
    /// The commit that the places write, where they write one.
    pub commit: Option<String>,
    /// Where it is loaded, in order; not more than twenty.
    pub places: Vec<At>,
    /// Whether a place gives a revision that only its running tells.
    pub is_dynamic: bool,
}

/// Whether a lock is to hold what a reference loads: not what another party runs, what the place itself compares with
/// a digest, or what is only told of. Kernels that `kernels.lock` holds are left out by who asks.
#[must_use]
pub fn is_wanted(reference: &Reference) -> bool {
    !reference.hub.is_hosted() && reference.digest.is_none() && reference.standing != Standing::Told
}

/// What references ask for, by the key of the entry that is to hold it.
///
/// A repository that is loaded as a model and as its tokenizer is one entry. Where places write different commits of
/// one name, each commit is an entry of its own.
#[must_use]
pub fn wants(references: &[Reference]) -> BTreeMap<Key, Want> {
    let wanted: Vec<&Reference> = references.iter().filter(|reference| is_wanted(reference)).collect();
    let mut kinds: BTreeMap<(&str, &str), BTreeSet<AssetKind>> = BTreeMap::new();
    let mut commits: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for reference in &wanted {
        let name = (reference.hub.word(), reference.name.as_str());
        kinds.entry(name).or_default().insert(reference.kind);
        commits.entry(name).or_default().extend(commit_of(reference));
    }
    let mut out: BTreeMap<Key, Want> = BTreeMap::new();
    for reference in wanted {
        let name = (reference.hub.word(), reference.name.as_str());
        let kind = kinds.get(&name).map_or(reference.kind, |kinds| one_kind(reference.kind, kinds));
        let commit = commit_of(reference);
        let has_several = commits.get(&name).is_some_and(|commits| commits.len() > 1);
        let requested = match commit {
            Some(commit) if has_several => Some(commit.to_owned()),
            Some(_) => None,
            None => requested_of(reference),
        };
        let key = Key { kind, hub: reference.hub.word().to_owned(), name: reference.name.clone(), requested };
        let want = out.entry(key).or_default();
        if want.commit.is_none() {
            want.commit = commit.map(str::to_owned);
        }
        want.is_dynamic |= reference.pin == Pin::Dynamic;
        if want.places.len() < PLACES {
            want.places.push(reference.place.clone());
        }
    }
    for want in out.values_mut() {
        want.places.sort();
        want.places.dedup();
    }
    out
}

/// The entry that holds what a reference loads; its revision may be another than the reference writes.
#[must_use]
pub fn held<'l>(lock: &'l Lock, reference: &Reference) -> Option<(&'l Key, &'l Entry)> {
    let commit = commit_of(reference);
    let requested = if commit.is_some() { None } else { requested_of(reference) };
    let kinds = if is_model(reference.kind) {
        [reference.kind, AssetKind::Model, AssetKind::Adapter, AssetKind::Tokenizer].to_vec()
    } else {
        vec![reference.kind]
    };
    let key = |kind: AssetKind, requested: Option<String>| Key {
        kind,
        hub: reference.hub.word().to_owned(),
        name: reference.name.clone(),
        requested,
    };
    let by_commit = commit.map(|commit| Some(commit.to_owned()));
    for requested in by_commit.into_iter().chain([requested]) {
        let mut keys = kinds.iter().map(|kind| key(*kind, requested.clone()));
        if let Some(found) = keys.find_map(|key| lock.entries.get_key_value(&key)) {
            return Some(found);
        }
    }
    None
}

/// The commit that a reference writes, in the case of the hub.
fn commit_of(reference: &Reference) -> Option<&str> {
    reference.revision.as_deref().filter(|_| reference.pin == Pin::Commit)
}

/// The branch or tag that a reference asks for; the hub's default branch by its name is none.
fn requested_of(reference: &Reference) -> Option<String> {
    let default = match reference.hub {
        Hub::HuggingFace => "main",
        Hub::ModelScope => "master",
        Hub::Ollama => "latest",
        _ => "",
    };
    let is_named = matches!(reference.pin, Pin::Tag | Pin::Branch);
    reference.revision.clone().filter(|revision| is_named && revision != default && !revision.is_empty())
}

fn is_model(kind: AssetKind) -> bool {
    matches!(kind, AssetKind::Model | AssetKind::Adapter | AssetKind::Tokenizer)
}

/// The kind of the one entry that holds a repository: of a model's parts, the model.
fn one_kind(kind: AssetKind, kinds: &BTreeSet<AssetKind>) -> AssetKind {
    let all = [AssetKind::Model, AssetKind::Adapter, AssetKind::Tokenizer];
    let first = all.into_iter().find(|known| kinds.contains(known));
    first.filter(|_| is_model(kind)).unwrap_or(kind)
}
