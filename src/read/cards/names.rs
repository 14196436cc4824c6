//! Which words of a card name something on a hub.

use crate::references::names;

/// Words that people write where a name of a data set is asked for, and that name none.
const NO_DATA: &[&str] = &[
    "com",
    "custom",
    "dataset",
    "datasets",
    "example",
    "in-house",
    "inhouse",
    "internal",
    "local",
    "mixed",
    "n/a",
    "na",
    "none",
    "null",
    "other",
    "own",
    "private",
    "proprietary",
    "synthetic",
    "tbd",
    "unknown",
    "unspecified",
    "various",
];

/// The name of a data set on a hub, from what a card says: `owner/name`, a name of old without owner, or the address
/// of one. None of a word for a kind of data.
pub(super) fn dataset(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some(found) = names::of_address(text) {
        return Some(found.name).filter(|name| names::is_repository(name));
    }
    let is_word = NO_DATA.contains(&text.to_ascii_lowercase().as_str()) || names::is_loader_word(text);
    // Names of old are of small letters, digits and underscores; what has spaces or capitals is a title.
    let is_old = || text.len() > 1 && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
    (!is_word && (names::has_owner(text) || (is_old() && names::is_repository(text)))).then(|| text.to_owned())
}

/// The name of a model on a hub; none of a folder.
pub(super) fn model(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some(found) = names::of_address(text) {
        return Some(found.name).filter(|name| names::is_repository(name));
    }
    let is_word =
        matches!(text.to_ascii_lowercase().as_str(), "none" | "null" | "unknown" | "n/a" | "custom" | "model");
    (!is_word && names::is_repository(text)).then(|| text.to_owned())
}
