//! How the digests of one part differ while its version stays.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Change;
use super::NAMED;
use super::Weight;
use super::What;
use crate::sbom::model::Algorithm;
use crate::sbom::model::Component;
use crate::sbom::model::Hash;

/// Digests by file and algorithm; those of the part itself, and of files without a name, under no name.
type Files<'b> = BTreeMap<String, BTreeMap<Algorithm, BTreeSet<&'b Hash>>>;

/// Whether a part has any digest.
pub(super) fn is_told(part: &Component) -> bool {
    !part.hashes.is_empty()
        || part.distributions.iter().any(|file| !file.hashes.is_empty())
        || part.files.iter().any(|file| !file.hashes.is_empty())
}

/// Tells how the digests of a part differ, whose version is the same or told by neither side.
pub(super) fn compare(old: &Component, new: &Component, mut tell: impl FnMut(Change)) {
    let mut say = |weight, what, before: Option<String>, after: Option<String>| {
        tell(Change::of(new, weight, what, before, after));
    };
    let (was, is) = (by_file(old), by_file(new));
    let (all_was, all_is) = (all(&was), all(&is));
    if all_is.is_empty() || all_was == all_is && is_paired(&was, &is) {
        return;
    }
    if all_was.is_empty() {
        return say(Weight::Light, What::HashGained, None, Some(text(all_is.iter().copied())));
    }
    let (had, has) = (algorithms(&all_was), algorithms(&all_is));
    if had.is_disjoint(&has) {
        let now = format!("{}, which cannot be compared", text(all_is.iter().copied()));
        return say(Weight::Heavy, What::HashLost, Some(text(all_was.iter().copied())), Some(now));
    }
    let names = |list: Vec<&&Algorithm>| list.into_iter().map(|one| one.spdx()).collect::<Vec<_>>().join(", ");
    let lost: Vec<_> = had.difference(&has).collect();
    if !lost.is_empty() {
        let is_weaker = had.iter().map(|one| strength(**one)).max() > has.iter().map(|one| strength(**one)).max();
        let weight = if is_weaker { Weight::Heavy } else { Weight::Light };
        say(weight, What::HashLost, Some(names(lost)), Some(format!("{} alone", names(has.iter().collect()))));
    }
    let gained: Vec<_> = has.difference(&had).collect();
    if !gained.is_empty() {
        say(Weight::Light, What::HashGained, None, Some(names(gained)));
    }
    // A name that the other side has not is another file only if its digests are not there either.
    let alone = |mine: &Files<'_>, other: &Files<'_>, known: &BTreeSet<&Hash>| -> Vec<String> {
        let is_new = |name: &String, hashes: &BTreeMap<Algorithm, BTreeSet<&Hash>>| {
            !other.contains_key(name) && hashes.values().flatten().any(|hash| !known.contains(*hash))
        };
        mine.iter().filter(|(name, hashes)| is_new(name, hashes)).map(|(name, hashes)| file(name, hashes)).collect()
    };
    let (gone, came) = (alone(&was, &is, &all_is), alone(&is, &was, &all_was));
    let is_shared = was.keys().any(|name| is.contains_key(name)) || !all_was.is_disjoint(&all_is);
    if !is_shared {
        let now = format!("{}: no file of before is left", shortened(&came));
        return say(Weight::Heavy, What::HashGained, Some(shortened(&gone)), Some(now));
    }
    if !came.is_empty() {
        say(Weight::Heavy, What::HashGained, None, Some(shortened(&came)));
    }
    if !gone.is_empty() {
        say(Weight::Light, What::HashLost, Some(shortened(&gone)), None);
    }
    for (name, before) in &was {
        if let Some(after) = is.get(name) {
            one_file(name, before, after, old.version.is_some(), &mut say);
        }
    }
}

/// Tells how a file differs that both sides have.
fn one_file(
    name: &str,
    before: &BTreeMap<Algorithm, BTreeSet<&Hash>>,
    after: &BTreeMap<Algorithm, BTreeSet<&Hash>>,
    is_held: bool,
    say: &mut impl FnMut(Weight, What, Option<String>, Option<String>),
) {
    let front = if name.is_empty() { String::new() } else { format!("{name} ") };
    let list = |hashes: &[&Hash]| format!("{front}{}", text(hashes.iter().copied()));
    let is_comparable = before.keys().any(|algorithm| after.contains_key(algorithm));
    if !is_comparable {
        let (was, is) = (before.values().flatten().copied(), after.values().flatten().copied());
        if before.is_empty() {
            say(Weight::Light, What::HashGained, None, Some(format!("{front}{}", text(is))));
        } else {
            let now = if after.is_empty() { "without a digest".to_owned() } else { text(is) };
            say(Weight::Heavy, What::HashLost, Some(format!("{front}{}", text(was))), Some(now));
        }
        return;
    }
    for (algorithm, before) in before {
        let Some(after) = after.get(algorithm) else { continue };
        let lost: Vec<&Hash> = before.difference(after).copied().collect();
        let gained: Vec<&Hash> = after.difference(before).copied().collect();
        if before.is_disjoint(after) {
            // Where no version is held, other bytes may come in good faith, and are to be looked at all the same.
            let weight = if is_held { Weight::Alarm } else { Weight::Heavy };
            say(weight, What::Content, Some(list(&lost)), Some(list(&gained)));
            continue;
        }
        if !gained.is_empty() {
            say(Weight::Heavy, What::HashGained, None, Some(list(&gained)));
        }
        if !lost.is_empty() {
            say(Weight::Light, What::HashLost, Some(list(&lost)), None);
        }
    }
}

/// Whether files of one name have the same digests on both sides.
fn is_paired(was: &Files<'_>, is: &Files<'_>) -> bool {
    was.iter().all(|(name, hashes)| is.get(name).is_none_or(|other| other == hashes))
}

fn all<'b>(files: &Files<'b>) -> BTreeSet<&'b Hash> {
    files.values().flat_map(BTreeMap::values).flatten().copied().collect()
}

fn algorithms<'b>(hashes: &BTreeSet<&'b Hash>) -> BTreeSet<&'b Algorithm> {
    hashes.iter().map(|hash| &hash.algorithm).collect()
}

/// How much a digest is worth: MD5 and SHA-1 can be made to fit.
fn strength(algorithm: Algorithm) -> u8 {
    match algorithm {
        Algorithm::Md5 => 0,
        Algorithm::Sha1 => 1,
        _ => 2,
    }
}

/// Every file of a part with its digests.
fn by_file(part: &Component) -> Files<'_> {
    let mut out = Files::new();
    if !part.hashes.is_empty() {
        enter(&mut out, "", &part.hashes);
    }
    for one in &part.distributions {
        let of_address = || one.url.as_deref().and_then(last_part);
        enter(&mut out, one.name.as_deref().or_else(of_address).unwrap_or(""), &one.hashes);
    }
    for one in &part.files {
        enter(&mut out, &one.path, &one.hashes);
    }
    out
}

fn enter<'b>(out: &mut Files<'b>, name: &str, hashes: &'b BTreeSet<Hash>) {
    let entry = out.entry(name.to_owned()).or_default();
    for hash in hashes {
        entry.entry(hash.algorithm).or_default().insert(hash);
    }
}

/// The name of the file at an address.
fn last_part(url: &str) -> Option<&str> {
    url.split(['?', '#']).next()?.rsplit('/').next().filter(|name| !name.is_empty())
}

fn file(name: &str, hashes: &BTreeMap<Algorithm, BTreeSet<&Hash>>) -> String {
    let front = if name.is_empty() { String::new() } else { format!("{name} ") };
    format!("{front}{}", text(hashes.values().flatten().copied()))
}

fn shortened(files: &[String]) -> String {
    let named = files.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match files.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

fn text<'h>(hashes: impl Iterator<Item = &'h Hash>) -> String {
    shortened(&hashes.map(named).collect::<Vec<_>>())
}

/// A digest, short enough for a line.
pub(super) fn named(hash: &Hash) -> String {
    format!("{}:{}", hash.algorithm.spdx(), hash.value.get(..16).unwrap_or(&hash.value))
}
