//! The store of Ollama: `manifests/HOST/OWNER/NAME/TAG` name the layers of a model, which lie in `blobs/sha256-..`.
#![allow(clippy::disallowed_methods, reason = "one of the places that walk folders")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Layout, Listing, Promised, State, Stored, StoredFile, list, small};
use crate::lock::{Digest, hash};

/// Bytes of a manifest.
const MANIFEST: u64 = 4 << 20;
/// Manifests of one store.
const MANIFESTS: usize = 100_000;

#[derive(Debug, Deserialize)]
struct Manifest {
    config: Option<Layer>,
    #[serde(default)]
    layers: Vec<Layer>,
}

#[derive(Debug, Deserialize)]
struct Layer {
    digest: String,
}

/// Whether a store's model is what a key names: with the host where the key names one. Without, a model of that name of
/// any host is taken for it, so that none hides another.
pub(super) fn is_called(stored: &Stored, name: &str) -> bool {
    let (host, own) = stored.name.split_once('/').unwrap_or(("", &stored.name));
    match name.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) && rest.contains('/') => {
            first.eq_ignore_ascii_case(host) && plain_name(rest) == own
        }
        _ => plain_name(name) == own,
    }
}

/// A name without the owner that Ollama adds to those of its own library.
fn plain_name(name: &str) -> &str {
    name.strip_prefix("library/").unwrap_or(name)
}

/// The models of a store, each of each host by itself, with a state a tag; and what could not be looked at.
pub(super) fn read(root: &Path) -> (Vec<Stored>, Vec<(PathBuf, String)>) {
    let mut models: BTreeMap<String, Stored> = BTreeMap::new();
    let mut stray = Vec::new();
    let mut listing = list::walk(&root.join("manifests"), &[], &mut |_, path, listing| {
        listing.unread.push((path, "a link is not followed".to_owned()));
    });
    if listing.files.len() > MANIFESTS {
        stray.push((String::new(), format!("more than {MANIFESTS} manifests are not read")));
        listing.files.sort_unstable();
    }
    for held in listing.files.into_iter().take(MANIFESTS) {
        let mut parts = held.path.rsplitn(3, '/');
        let (Some(tag), Some(last), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
            stray.push((held.path, "it is no manifest of a model".to_owned()));
            continue;
        };
        let (host, owner) = rest.rsplit_once('/').unwrap_or(("", rest));
        let full = format!("{owner}/{last}");
        let stored = models.entry(format!("{host}/{}", plain_name(&full))).or_insert_with_key(|name| empty(name, root));
        match small(&held.place, MANIFEST) {
            Some(text) => {
                let revision = hash::of(text.as_bytes()).to_string();
                stored.refs.insert(tag.to_owned(), revision.clone());
                stored.states.push(State { revision: Some(revision), root: held.place });
            }
            None => stored.unread.push((format!("manifests/{}", held.path), "it is no manifest of a model".to_owned())),
        }
    }
    stray.extend(listing.unread);
    let unread = stray.into_iter().map(|(path, why)| (root.join("manifests").join(path), why)).collect();
    (models.into_values().collect(), unread)
}

fn empty(name: &str, root: &Path) -> Stored {
    Stored {
        layout: Layout::Ollama,
        name: name.to_owned(),
        root: root.to_owned(),
        refs: BTreeMap::new(),
        states: Vec::new(),
        unread: Vec::new(),
    }
}

/// The manifest and the layers it names.
pub(super) fn files(root: &Path, manifest: &Path) -> Listing {
    let mut listing = Listing::default();
    let Some(text) = small(manifest, MANIFEST) else {
        listing.unread.push(("manifest".to_owned(), "it cannot be read".to_owned()));
        return listing;
    };
    let size = text.len() as u64;
    listing.files.push(StoredFile { path: "manifest".to_owned(), place: manifest.to_owned(), size, promised: None });
    let Ok(manifest) = serde_json::from_str::<Manifest>(&text) else {
        listing.unread.push(("manifest".to_owned(), "it is no manifest of a model".to_owned()));
        return listing;
    };
    let mut layers: Vec<&str> = manifest.config.iter().chain(&manifest.layers).map(|l| l.digest.as_str()).collect();
    layers.sort_unstable();
    layers.dedup();
    for layer in layers {
        let Some(digest) = layer.strip_prefix("sha256:").and_then(Digest::from_hex) else {
            listing.unread.push((layer.to_owned(), "it is no digest".to_owned()));
            continue;
        };
        let path = format!("sha256-{digest}");
        let place: PathBuf = root.join("blobs").join(&path);
        match place.symlink_metadata() {
            Ok(meta) if meta.is_file() => {
                listing.files.push(StoredFile {
                    path,
                    place,
                    size: meta.len(),
                    promised: Some(Promised::Sha256(digest)),
                });
            }
            Ok(meta) if meta.is_symlink() => {
                let to = std::fs::read_link(&place).unwrap_or_default();
                listing.out.push((path, to.to_string_lossy().into_owned()));
            }
            // What is not there is missing, as in any other folder.
            _ => {}
        }
    }
    listing
}
