//! Digests and hosts, which stand in files of any kind: they are looked for as text in everything that was read.

use std::collections::BTreeSet;

use super::exposed::job_at;
use crate::affected::Answer;
use crate::affected::Asked;
use crate::affected::Standing;
use crate::affected::Target;
use crate::rules::Scene;
use crate::sbom::model::Occurrence;
use crate::source::Place;
use crate::source::Role;
use crate::source::SourceFile;
use crate::source::Span;

/// Places that one answer names.
const MAX_PLACES: usize = 200;

/// Adds the places where digests and hosts of the question stand.
pub(super) fn look(scene: &Scene<'_>, asked: &Asked, answer: &mut Answer) {
    let words: Vec<(&str, bool)> = asked
        .targets
        .iter()
        .filter_map(|target| match target {
            Target::Digest(hash) => Some((hash.value.as_str(), false)),
            Target::Host(host) => Some((host.as_str(), true)),
            _ => None,
        })
        .collect();
    if words.is_empty() {
        return;
    }
    let mut places = Vec::new();
    for file in scene.sources.iter() {
        if scene.roles.get(&file.id).is_some_and(|role| matches!(role, Role::Fixture | Role::Vendored)) {
            continue;
        }
        for (word, is_host) in &words {
            places.extend(found(file, word, *is_host).take(MAX_PLACES));
        }
        if places.len() >= MAX_PLACES {
            break;
        }
    }
    let Some(first) = places.first() else { return };
    let spot = |place: &Place| Occurrence {
        path: scene.sources.path(place.file).to_owned(),
        line: scene.sources.start(*place).line,
        how: None,
    };
    if answer.standing < Standing::Locked {
        answer.standing = Standing::Locked;
        let first = spot(first);
        answer.why = format!("{} line {} names it", first.path, first.line);
    }
    let known: BTreeSet<(String, u32)> = answer.spots.iter().map(|spot| (spot.path.clone(), spot.line)).collect();
    answer.spots.extend(places.iter().map(spot).filter(|spot| !known.contains(&(spot.path.clone(), spot.line))));
    answer.jobs.extend(places.iter().filter_map(|place| job_at(scene, *place)));
}

/// Where a word stands in a file; a host only as a whole or below another label, and as part of an address or alone.
fn found<'f>(file: &'f SourceFile, word: &'f str, is_host: bool) -> impl Iterator<Item = Place> + 'f {
    let text = file.text.as_bytes();
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(from..)?;
            let at = from + position(rest, word.as_bytes())?;
            from = at + word.len();
            let before = at.checked_sub(1).and_then(|at| text.get(at));
            let after = text.get(from);
            let is_word =
                |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
            let goes_on = after == Some(&b'.') && text.get(from + 1).is_some_and(u8::is_ascii_alphanumeric);
            if is_word(before) || is_word(after) || is_host && (goes_on || before == Some(&b'@')) {
                continue;
            }
            let (start, end) = (u64::try_from(at).ok()?, u64::try_from(from).ok()?);
            return Some(Place::new(file.id, Span { start, end }));
        }
    })
}

/// Where a word begins, in any case.
fn position(text: &[u8], word: &[u8]) -> Option<usize> {
    let first = word.first()?;
    let (small, large) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    let mut from = 0;
    loop {
        let rest = text.get(from..)?;
        let at = from + rest.iter().position(|byte| *byte == small || *byte == large)?;
        if text.get(at..at + word.len())?.eq_ignore_ascii_case(word) {
            return Some(at);
        }
        from = at + 1;
    }
}
