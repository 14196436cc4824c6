//! Images that values of a chart name: `image: {repository: .., tag: ..}` and its kin.

use std::collections::BTreeMap;

use super::Run;
use super::State;
use crate::graph::kinds::deployment::Deployment;
use crate::source::Place;
use crate::source::Spanned;

/// Images that are taken of one file.
const IMAGES: usize = 1000;

/// Keys of a repository's name.
const REPOSITORY: &[&str] = &["repository", "repo", "name"];

/// An image of a file of values.
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// The way of keys to it: `web.image`.
    pub way: String,
    /// What it names.
    pub run: Run,
    /// It belongs to what is switched off.
    pub is_off: bool,
}

/// The images that a file of values names.
pub(super) fn images(found: &Deployment) -> Vec<Named> {
    let by_way: BTreeMap<&str, &Spanned<String>> =
        found.values.iter().map(|(way, text)| (way.as_str(), text)).collect();
    let text = |way: &str| by_way.get(way).filter(|text| !text.value.is_empty());
    let mut out: Vec<Named> = Vec::new();
    for (way, value) in &found.values {
        if out.len() >= IMAGES {
            break;
        }
        let (above, key) = way.rsplit_once('.').unwrap_or(("", way));
        let below = |key: &str| if above.is_empty() { key.to_owned() } else { format!("{above}.{key}") };
        let place = Place::new(found.file, value.span);
        let last = above.rsplit('.').next().unwrap_or_default();
        let told = ["tag", "digest", "version"].map(|key| text(&below(key)).map(|text| text.value.as_str()));
        let is_image_map = is_image_key(last);
        let is_told = told[0].is_some() || told[1].is_some();
        let first = REPOSITORY.iter().copied().find(|key| text(&below(key)).is_some());
        if first == Some(key)
            && (is_image_map || is_told && (key == "repository" || text(&below("registry")).is_some()))
        {
            let [tag, digest, version] = told;
            let tag = tag.or(version.filter(|_| is_image_map));
            let registry = text(&below("registry")).map(|text| text.value.trim_end_matches('/'));
            let mut name = match registry {
                Some(registry) => format!("{registry}/{}", value.value),
                None => value.value.clone(),
            };
            for (sign, part) in [(':', tag), ('@', digest)] {
                if let Some(part) = part {
                    name.push(sign);
                    name.push_str(part);
                }
            }
            let is_whole = tag.is_some() || digest.is_some() || value.value.contains([':', '@']);
            push(&mut out, &by_way, above, name, place, is_whole);
            continue;
        }
        // `image: registry.example/app:1`, with a tag beside it or in it.
        let is_listed = above.rsplit('.').next().is_some_and(|last| last.ends_with("mages"));
        let is_own = is_image_key(key) || is_listed && value.value.contains('/');
        if is_own && is_reference(&value.value) {
            let tag = text(&below("tag")).or_else(|| text(&below(&format!("{key}Tag"))));
            let tag = tag
                .filter(|_| !value.value.contains(['@']) && crate::graph::identity::image(&value.value).tag.is_none());
            let name = tag.map_or_else(|| value.value.clone(), |tag| format!("{}:{}", value.value, tag.value));
            // One word may be anything: a picture, a key of another table.
            if name.contains([':', '/']) {
                push(&mut out, &by_way, way, name, place, true);
            }
        }
    }
    out
}

fn push(
    out: &mut Vec<Named>,
    by_way: &BTreeMap<&str, &Spanned<String>>,
    way: &str,
    name: String,
    place: Place,
    is_told: bool,
) {
    if !is_reference(&name) {
        return;
    }
    let state = if is_told { State::Known } else { State::Untagged };
    let is_off = is_off(by_way, way);
    out.push(Named { way: way.to_owned(), run: Run { text: name, place, state }, is_off });
}

/// Whether something above is switched off.
fn is_off(by_way: &BTreeMap<&str, &Spanned<String>>, way: &str) -> bool {
    let mut at = way;
    while let Some((above, _)) = at.rsplit_once('.') {
        if by_way.get(format!("{above}.enabled").as_str()).is_some_and(|text| text.value == "false") {
            return true;
        }
        at = above;
    }
    false
}

/// `image`, `sidecarImage`, `image_ref`.
fn is_image_key(key: &str) -> bool {
    key == "image" || key.ends_with("Image") || key.ends_with("_image")
}

/// Whether a text may name an image.
fn is_reference(text: &str) -> bool {
    let is_sign = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'/' | b':' | b'@' | b'+');
    let is_picture = [".png", ".svg", ".jpg", ".jpeg", ".gif", ".ico", ".webp"].iter().any(|end| text.ends_with(end));
    let starts = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    starts && text.bytes().all(is_sign) && !text.contains("://") && !text.contains("//") && !is_picture
}
