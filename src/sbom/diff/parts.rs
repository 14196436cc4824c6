//! How one part differs from what it was.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Change;
use super::Others;
use super::Weight;
use super::What;
use super::contents;
use super::contents::named;
use super::origin;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::Hash;
use crate::sbom::model::Kind;
use crate::sbom::model::Party;
use crate::sbom::model::Scope;

/// Properties that say whether a part may be trusted.
const TRUST: &[&str] = &[
    "custody:trust-remote-code",
    "custody:scan",
    "custody:signer",
    "custody:check",
    "custody:command",
    "custody:fixity",
    "custody:loaded-as",
];
/// Properties that say of which release it is; a change of these is told as one of the version.
const RELEASE: &[&str] = &["custody:commit", "custody:state", "custody:tag", "custody:release", "custody:ranges"];

/// A part that came or went.
pub(super) fn came_or_went(part: &Component, what: What) -> Change {
    let held = held(part);
    let (before, after) = if what == What::Added { (None, held) } else { (held, None) };
    Change::of(part, weight(part), what, before, after)
}

/// How grave it is that such a part comes, goes or moves.
fn weight(part: &Component) -> Weight {
    match part.kind {
        kind if kind.is_model() => Weight::Heavy,
        Kind::Dataset | Kind::Kernel | Kind::Service | Kind::Image | Kind::Action => Weight::Heavy,
        _ => Weight::Plain,
    }
}

/// What holds a part, in words; none where nothing is asked for either.
fn held(part: &Component) -> Option<String> {
    match (&part.version, &part.range) {
        (Some(version), _) => Some(version.clone()),
        (None, Some(range)) => Some(format!("{range} (held by nothing)")),
        (None, None) => None,
    }
}

/// Tells how two states of one part differ.
pub(super) fn compare(old: &Component, new: &Component, is_root: bool, others: &mut Others, out: &mut Vec<Change>) {
    let is_shipped = old.scope != Scope::Excluded || new.scope != Scope::Excluded;
    let mut push = |change: Change| out.push(Change { shipped: is_shipped, ..change });
    let mut tell = |weight, what, before: Option<String>, after: Option<String>| {
        push(Change::of(new, weight, what, before, after));
    };
    let (was, is) = (held(old), held(new));
    let is_same = was == is;
    let nothing = || Some("no version".to_owned());
    match (&old.version, &new.version) {
        _ if is_same => {}
        (Some(_), None) => tell(Weight::Heavy, What::PinLost, was, is.or_else(nothing)),
        (None, Some(_)) => tell(Weight::Light, What::PinGained, was.or_else(nothing), is),
        _ => tell(weight(new), What::Version, was.or_else(nothing), is.or_else(nothing)),
    }
    if old.kind != new.kind {
        let word = |part: &Component| Some(part.kind.word().to_owned());
        tell(Weight::Light, What::Kind, word(old), word(new));
    }
    if contents::is_told(old) && !contents::is_told(new) {
        tell(Weight::Heavy, What::HashLost, Some("with a digest".to_owned()), Some("without".to_owned()));
    }
    trust(old, new, is_same, others, &mut tell);
    let template = |part: &Component| part.card.as_ref().and_then(|card| card.chat_template.clone());
    let (was, is) = (template(old), template(new));
    // One that is told for the first time, with the whole card, may have been there before.
    if was != is && (was.is_some() || old.card.is_some()) {
        let weight = if was.is_some() { Weight::Heavy } else { Weight::Plain };
        let text = |hash: Option<Hash>| hash.map(|hash| named(&hash));
        tell(weight, What::ChatTemplate, text(was), text(is));
    }
    let mut differs = |weight, what, was: BTreeSet<String>, is: BTreeSet<String>| {
        if was != is {
            tell(weight, what, listed(was), listed(is));
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
    completeness(old, new, others, &mut tell);
    card(old, new, &mut tell);
    // Two versions hold different bytes as a matter of course.
    if is_same {
        contents::compare(old, new, &mut push);
    }
    if !is_root {
        origin::compare(old, new, is_same, others, &mut push);
    }
    rest(old, new, is_same, others);
}

fn listed(set: BTreeSet<String>) -> Option<String> {
    (!set.is_empty()).then(|| set.into_iter().collect::<Vec<_>>().join(", "))
}

/// Tells what is said of running its code, of scans and of signatures, and counts the other properties.
fn trust(
    old: &Component,
    new: &Component,
    is_same: bool,
    others: &mut Others,
    tell: &mut impl FnMut(Weight, What, Option<String>, Option<String>),
) {
    let names: BTreeSet<&String> = old.properties.keys().chain(new.properties.keys()).collect();
    for name in names {
        let (was, is) = (old.properties.get(name), new.properties.get(name));
        if was == is || !is_same && RELEASE.contains(&name.as_str()) {
            continue;
        }
        if !TRUST.contains(&name.as_str()) && !name.ends_with("trust-remote-code") {
            others.note(&format!("property {name}"));
            continue;
        }
        // Which version of a program scanned it says nothing of the part.
        let verdict = |text: &String| text.split(',').next().unwrap_or(text).trim().to_owned();
        if name == "custody:scan" && was.map(verdict) == is.map(verdict) {
            others.note(&format!("property {name}"));
            continue;
        }
        let word = name.rsplit(':').next().unwrap_or(name);
        let text =
            |value: Option<&String>| Some(value.map_or_else(|| format!("{word} not told"), |v| format!("{word} {v}")));
        tell(Weight::Heavy, What::Trust, text(was), text(is));
    }
}

/// Tells that what it needs is no longer known to be listed in full.
fn completeness(
    old: &Component,
    new: &Component,
    others: &mut Others,
    tell: &mut impl FnMut(Weight, What, Option<String>, Option<String>),
) {
    let word = |said: Completeness| {
        let text = match said {
            Completeness::Unsaid => "nobody says whether all that it needs is listed",
            Completeness::Complete => "all that it needs is listed",
            Completeness::Incomplete => "not all that it needs is listed",
            Completeness::Unknown => "whether all that it needs is listed is not known",
        };
        Some(text.to_owned())
    };
    match (old.dependencies, new.dependencies) {
        (was, is) if was == is => {}
        (was @ Completeness::Complete, is @ (Completeness::Incomplete | Completeness::Unknown)) => {
            tell(Weight::Plain, What::Completeness, word(was), word(is));
        }
        _ => others.note("completeness"),
    }
}

fn card(old: &Component, new: &Component, tell: &mut impl FnMut(Weight, What, Option<String>, Option<String>)) {
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

/// Counts what differs besides.
fn rest(old: &Component, new: &Component, is_same: bool, others: &mut Others) {
    let addresses =
        |part: &Component| part.licences.iter().map(|one| (one.standing, one.url.clone())).collect::<Vec<_>>();
    let names = |part: &Component| part.licences.iter().map(|one| one.name.text().to_owned()).collect::<BTreeSet<_>>();
    let files = |part: &Component| {
        let files = part.files.iter().map(|file| (file.path.clone(), (file.size, file.format.clone())));
        files.collect::<BTreeMap<_, _>>()
    };
    let contacts =
        |part: &Component| [&part.supplier, &part.producer].into_iter().flatten().cloned().collect::<BTreeSet<_>>();
    let party_names = |part: &Component| contacts(part).into_iter().map(|one| one.name).collect::<BTreeSet<_>>();
    let is_one_party = party_names(old) == party_names(new);
    // Identifiers and days follow the version.
    for (what, differs) in [
        ("name", super::full_name(old) != super::full_name(new)),
        ("description", old.description != new.description),
        ("copyright", old.copyright != new.copyright),
        ("authors", old.authors != new.authors),
        ("contacts", is_one_party && contacts(old) != contacts(new)),
        ("licence texts", names(old) == names(new) && addresses(old) != addresses(new)),
        ("identifiers", is_same && old.identifiers != new.identifiers),
        ("release day", is_same && old.released != new.released),
        ("files", is_same && files(old) != files(new)),
        ("range", old.version.is_some() && new.version.is_some() && old.range != new.range),
    ] {
        if differs {
            others.note(what);
        }
    }
}
