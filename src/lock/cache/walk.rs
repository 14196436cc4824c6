//! Finds stores anywhere below a folder.
#![allow(clippy::disallowed_methods, reason = "one of the places that walk folders")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Found, Layout, folder, hub, list, ollama};
use crate::lock::{Key, Lock};

/// Deepest folder that is looked into.
const DEPTH: usize = 48;
/// Entries of folders that are looked at.
const ENTRIES: usize = 20_000_000;
/// Ends of files that hold weights.
const WEIGHTS: &[&str] =
    &["safetensors", "gguf", "ggml", "bin", "pt", "pth", "ckpt", "onnx", "h5", "keras", "msgpack", "tflite", "npz"];

/// All stores below some folders. A folder that is called like a model of the lock is taken for a copy of it.
#[must_use]
pub fn find(roots: &[PathBuf], lock: &Lock) -> Found {
    let mut found = Found::default();
    let names: BTreeSet<String> = lock.entries.keys().flat_map(names).collect();
    let mut left_over = ENTRIES;
    let mut real: Vec<PathBuf> = Vec::new();
    for root in roots {
        match root.canonicalize() {
            Ok(root) => real.push(root),
            Err(error) => found.unread.push((root.clone(), list::plain(&error))),
        }
    }
    // Named twice, or one within the other: looked at once.
    real.sort();
    real.dedup_by(|later, earlier| later.starts_with(earlier));
    for root in real {
        walk(&root, &names, &mut left_over, &mut found);
    }
    found.stored.sort_by(|a, b| (&a.root, &a.name).cmp(&(&b.root, &b.name)));
    found.unread.sort();
    found
}

/// What folders may be called that hold a key's files.
fn names(key: &Key) -> Vec<String> {
    let name = key.name.to_ascii_lowercase();
    let short = name.rsplit('/').next().unwrap_or(&name).to_owned();
    vec![name.replace('/', "--"), name.replace('/', "_"), short]
}

/// What a folder holds, as far as its layout shows.
#[derive(Debug, Default)]
struct Inside {
    folders: Vec<(String, PathBuf)>,
    has_weights: bool,
    links: Vec<PathBuf>,
}

impl Inside {
    fn has(&self, name: &str) -> bool {
        self.folders.iter().any(|(folder, _)| folder == name)
    }
}

fn walk(root: &Path, names: &BTreeSet<String>, left_over: &mut usize, found: &mut Found) {
    let mut left = vec![(root.to_owned(), 0)];
    while let Some((place, depth)) = left.pop() {
        let Some(inside) = look(&place, left_over, found) else { continue };
        let name = place.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let below = place.strip_prefix(root).ok().filter(|below| !below.as_os_str().is_empty());
        let shown = below.map_or_else(|| name.clone(), |below| below.to_string_lossy().replace('\\', "/"));
        if hub::is_called(&name) && (inside.has("snapshots") || inside.has("refs") || inside.has("blobs")) {
            found.stored.push(hub::read(place, name));
            continue;
        }
        if inside.has("manifests") && inside.has("blobs") {
            found.stored.extend(ollama::read(&place));
            continue;
        }
        let parent = place.parent().and_then(Path::file_name).unwrap_or_default();
        let layout = match () {
            () if place.join(folder::METADATA).is_dir() => Some(Layout::LocalFolder),
            () if name == "checkpoints" && parent == "hub" => Some(Layout::Checkpoints),
            () if parent == "hub" && place.join("hubconf.py").is_file() => Some(Layout::TorchHub),
            () if inside.has_weights || (depth > 0 && names.contains(&name.to_ascii_lowercase())) => {
                Some(Layout::Folder)
            }
            () => None,
        };
        let is_one = matches!(layout, Some(Layout::LocalFolder | Layout::TorchHub))
            || (layout == Some(Layout::Folder) && names.contains(&name.to_ascii_lowercase()));
        if let Some(layout) = layout {
            found.stored.push(folder::read(layout, place.clone(), shown));
        }
        // A repository's own folders are its files.
        if is_one {
            continue;
        }
        for link in inside.links {
            found.unread.push((link, "a link to a folder of a cache is not followed".to_owned()));
        }
        if depth >= DEPTH {
            if !inside.folders.is_empty() {
                found.unread.push((place, "what lies deeper is not looked at".to_owned()));
            }
            continue;
        }
        left.extend(inside.folders.into_iter().map(|(_, folder)| (folder, depth + 1)));
    }
}

fn look(place: &Path, left_over: &mut usize, found: &mut Found) -> Option<Inside> {
    let entries = match std::fs::read_dir(place) {
        Ok(entries) => entries,
        Err(error) => {
            found.unread.push((place.to_owned(), list::plain(&error)));
            return None;
        }
    };
    let mut inside = Inside::default();
    for entry in entries {
        if *left_over == 0 {
            found.unread.push((place.to_owned(), format!("more than {ENTRIES} files and folders are not looked at")));
            return None;
        }
        *left_over -= 1;
        let Ok(entry) = entry else {
            found.unread.push((place.to_owned(), "not all of it can be listed".to_owned()));
            continue;
        };
        let Ok(kind) = entry.file_type() else { continue };
        let name = entry.file_name().to_string_lossy().into_owned();
        if kind.is_dir() {
            if name != ".git" {
                inside.folders.push((name, entry.path()));
            }
        } else if kind.is_symlink() {
            // Of a cache it matters; a system's `bin` that is a link to `usr/bin` does not.
            if (hub::is_called(&name) || name == "snapshots") && entry.path().is_dir() {
                inside.links.push(entry.path());
            }
        } else if !inside.has_weights {
            inside.has_weights = name.rsplit_once('.').is_some_and(|(_, end)| WEIGHTS.contains(&end));
        }
    }
    Some(inside)
}
