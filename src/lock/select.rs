//! Which entries people mean by a name.

use super::Key;
use super::Lock;

/// Names that are listed where several are meant.
const LISTED: usize = 8;

/// The one entry that a name means: as the lock spells it, `huggingface:owner/name@v2`, without the hub,
/// `owner/name@v2`, or the bare name where there is one entry of it.
///
/// # Errors
/// No entry is meant, or several are; a sentence.
pub fn select(lock: &Lock, name: &str) -> Result<Key, String> {
    let (kind, name) = match name.split_once(' ') {
        Some((kind, rest)) => (Some(kind), rest),
        None => (None, name),
    };
    let keys = || lock.entries.keys().filter(|key| kind.is_none_or(|kind| key.kind.word() == kind));
    let exact = |key: &&Key| key.identity() == name;
    let without_hub = |key: &&Key| key.identity().split_once(':').is_some_and(|(_, rest)| rest == name);
    let bare = |key: &&Key| key.name == name;
    let rounds: [&dyn Fn(&&Key) -> bool; 3] = [&exact, &without_hub, &bare];
    for fits in rounds {
        let found: Vec<&Key> = keys().filter(|key| fits(key)).collect();
        match found.as_slice() {
            [] => {}
            [one] => return Ok((*one).clone()),
            several => {
                let list: Vec<String> =
                    several.iter().take(LISTED).map(|key| format!("`{} {key}`", key.kind.word())).collect();
                return Err(format!("`{name}` is {} entries; name one: {}", several.len(), list.join(", ")));
            }
        }
    }
    let last = name.rsplit('/').next().unwrap_or(name);
    let near: Vec<String> =
        lock.entries.keys().filter(|key| key.name.contains(last)).take(LISTED).map(|key| format!("`{key}`")).collect();
    Err(match near.as_slice() {
        [] => format!("nothing called `{name}` is held"),
        near => format!("nothing called `{name}` is held; near it are {}", near.join(", ")),
    })
}
