//! How one part differs from what it was.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Change;
use super::Weight;
use super::What;
use super::full_name;
use crate::sbom::model::Algorithm;
use crate::sbom::model::Component;
use crate::sbom::model::Hash;
use crate::sbom::model::Kind;
use crate::sbom::model::Party;

/// Digests that are named in a change.
const NAMED: usize = 3;

/// A part that came or went.
pub(super) fn came_or_went(part: &Component, what: What) -> Change {
    let held = Some(held(part));
    let (before, after) = if what == What::Added { (None, held) } else { (held, None) };
    Change { weight: weight(part), what, kind: Some(part.kind.word()), part: full_name(part), before, after }
}

/// How grave it is that such a part comes, goes or moves.
fn weight(part: &Component) -> Weight {
    match part.kind {
        kind if kind.is_model() => Weight::Heavy,
        Kind::Dataset | Kind::Kernel | Kind::Service | Kind::Image | Kind::Action => Weight::Heavy,
        _ => Weight::Plain,
    }
}

/// What holds a part, in words.
fn held(part: &Component) -> String {
    match (&part.version, &part.range) {
        (Some(version), _) => version.clone(),
        (None, Some(range)) => format!("{range} (held by nothing)"),
        (None, None) => "no version".to_owned(),
    }
}

/// Tells how two states of one part differ.
pub(super) fn compare(old: &Component, new: &Component, out: &mut Vec<Change>) {
    let mut tell = |weight, what, before: Option<String>, after: Option<String>| {
        let (kind, part) = (Some(new.kind.word()), full_name(new));
        out.push(Change { weight, what, kind, part, before, after });
    };
    let (was, is) = (held(old), held(new));
    let is_same = was == is;
    match (&old.version, &new.version) {
        _ if is_same => {}
        (Some(_), None) => tell(Weight::Heavy, What::PinLost, Some(was), Some(is)),
        (None, Some(_)) => tell(Weight::Light, What::PinGained, Some(was), Some(is)),
        _ => tell(weight(new), What::Version, Some(was), Some(is)),
    }
    // Two versions hold different bytes as a matter of course, and a part without a version may move.
    if is_same && old.version.is_some() {
        for (name, before, after) in contents(old, new) {
            tell(Weight::Alarm, What::Content, Some(format!("{name}{before}")), Some(format!("{name}{after}")));
        }
    }
    if has_hashes(old) && !has_hashes(new) {
        tell(Weight::Heavy, What::HashLost, Some("with a digest".to_owned()), Some("without".to_owned()));
    }
    let template = |part: &Component| part.card.as_ref().and_then(|card| card.chat_template.clone());
    let (was, is) = (template(old), template(new));
    if was != is && was.is_some() {
        let text = |hash: Option<Hash>| hash.map(|hash| named(&hash));
        tell(Weight::Heavy, What::ChatTemplate, text(was), text(is));
    }
    let mut differs = |weight, what, was: BTreeSet<String>, is: BTreeSet<String>| {
        if was != is {
            let text =
                |set: BTreeSet<String>| (!set.is_empty()).then(|| set.into_iter().collect::<Vec<_>>().join(", "));
            tell(weight, what, text(was), text(is));
        }
    };
    let endpoints = |part: &Component| part.endpoints.clone();
    differs(Weight::Heavy, What::Endpoint, endpoints(old), endpoints(new));
    let licences =
        |part: &Component| part.licences.iter().map(|licence| licence.name.text().to_owned()).collect::<BTreeSet<_>>();
    differs(Weight::Plain, What::Licence, licences(old), licences(new));
    let parties = |part: &Component| {
        let name = |party: &Option<Party>| party.as_ref().map(|party| party.name.clone());
        [name(&part.supplier), name(&part.producer)].into_iter().flatten().collect::<BTreeSet<_>>()
    };
    differs(Weight::Light, What::Supplier, parties(old), parties(new));
    if old.scope != new.scope {
        let word = |part: &Component| Some(format!("{:?}", part.scope).to_lowercase());
        tell(Weight::Light, What::Scope, word(old), word(new));
    }
    let facts = |part: &Component| {
        part.card.as_ref().map(|card| {
            let mut card = card.clone();
            // Lines move and mean nothing; the template is told above.
            card.sources.clear();
            card.chat_template = None;
            card
        })
    };
    let (was, is) = (facts(old), facts(new));
    if was != is {
        let text = |has: bool| Some(if has { "a card" } else { "no card" }.to_owned());
        let both = was.is_some() && is.is_some();
        let after = if both { Some("another card".to_owned()) } else { text(is.is_some()) };
        tell(Weight::Light, What::Card, text(was.is_some()), after);
    }
}

fn has_hashes(part: &Component) -> bool {
    !part.hashes.is_empty()
        || part.distributions.iter().any(|file| !file.hashes.is_empty())
        || part.files.iter().any(|file| !file.hashes.is_empty())
}

/// Things of a part that are known by a digest on both sides, and by different ones: by what they are called.
fn contents(old: &Component, new: &Component) -> Vec<(String, String, String)> {
    let (was, is) = (by_file(old), by_file(new));
    let mut out = Vec::new();
    for ((file, algorithm), before) in &was {
        // What a list holds beside it may be another build of the same release; it is other bytes only where none of
        // them is left.
        let Some(after) = is.get(&(file.clone(), *algorithm)).filter(|after| after.is_disjoint(before)) else {
            continue;
        };
        let text =
            |set: &BTreeSet<&Hash>| set.iter().take(NAMED).map(|hash| named(hash)).collect::<Vec<_>>().join(", ");
        let name = if file.is_empty() { String::new() } else { format!("{file} ") };
        out.push((name, text(before), text(after)));
    }
    out
}

/// Digests by file and algorithm; those of the part itself, and of files without a name, under no name.
fn by_file(part: &Component) -> BTreeMap<(String, Algorithm), BTreeSet<&Hash>> {
    let mut out: BTreeMap<(String, Algorithm), BTreeSet<&Hash>> = BTreeMap::new();
    for hash in &part.hashes {
        out.entry((String::new(), hash.algorithm)).or_default().insert(hash);
    }
    for file in &part.distributions {
        let name = file.name.as_deref().or(file.url.as_deref()).unwrap_or("");
        for hash in &file.hashes {
            out.entry((name.to_owned(), hash.algorithm)).or_default().insert(hash);
        }
    }
    for file in &part.files {
        for hash in &file.hashes {
            out.entry((file.path.clone(), hash.algorithm)).or_default().insert(hash);
        }
    }
    out
}

/// A digest, short enough for a line.
fn named(hash: &Hash) -> String {
    format!("{}:{}", hash.algorithm.spdx(), hash.value.get(..16).unwrap_or(&hash.value))
}
