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

/// Names of folders in which caches lie.
const CACHES: &[&str] =
    &["huggingface", "hub", ".cache", ".ollama", "models", "checkpoints", "snapshots", "manifests", "torch"];
/// Folders of a repository of a cache whose files are its own.
const OF_CACHE: &[&str] = &["snapshots", "blobs", "refs", ".no_exist"];

/// All stores below some folders. A folder that is called like a model of the lock is taken for a copy of it.
#[must_use]
pub fn find(roots: &[PathBuf], lock: &Lock) -> Found {
    let mut found = Found::default();
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
    let mut walk = Walk { lock, names: lock.entries.keys().flat_map(names).collect(), left_over: ENTRIES, found };
    let weights = lock.entries.values().flat_map(|entry| entry.files.keys()).filter(|path| is_weights(path));
    let weights: BTreeSet<&str> = weights.map(|path| path.rsplit('/').next().unwrap_or(path)).collect();
    let mut links = Vec::new();
    for root in &real {
        walk.below(root, &weights, &mut links);
    }
    let Walk { mut found, names, .. } = walk;
    found.unread.extend(links.into_iter().filter_map(|link| told(link, &real, &names)));
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

/// Whether a path ends as weights do.
fn is_weights(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| WEIGHTS.contains(&end))
}

/// A link that is called like something that would be looked at. It leads through to a loader, and is not followed
/// here: told, unless it leads to what is looked at where it lies.
fn told(link: PathBuf, roots: &[PathBuf], names: &BTreeSet<String>) -> Option<(PathBuf, String)> {
    let target = link.canonicalize().ok();
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase());
    let is_walked = target.as_ref().is_some_and(|target| roots.iter().any(|root| target.starts_with(root)));
    // A folder that is known by its name alone is looked at where it has such a name.
    let by_name = name(&link).is_some_and(|name| names.contains(&name));
    let keeps_name = target.as_ref().and_then(|target| name(target)).is_some_and(|name| names.contains(&name));
    if is_walked && (!by_name || keeps_name) {
        return None;
    }
    Some((link, "a link to what may be a cache or a copy is not followed".to_owned()))
}

/// What a folder holds, as far as its layout shows.
#[derive(Debug, Default)]
struct Inside {
    folders: Vec<(String, PathBuf)>,
    has_weights: bool,
    /// Links to folders and weights that a loader may take.
    links: Vec<PathBuf>,
}

impl Inside {
    fn has(&self, name: &str) -> bool {
        self.folders.iter().any(|(folder, _)| folder == name)
    }
}

struct Walk<'l> {
    lock: &'l Lock,
    names: BTreeSet<String>,
    left_over: usize,
    found: Found,
}

impl Walk<'_> {
    fn below(&mut self, root: &Path, weights: &BTreeSet<&str>, links: &mut Vec<PathBuf>) {
        // Whether a folder is part of a copy, whose files are compared one by one: only caches are looked for there.
        let mut left = vec![(root.to_owned(), 0, false)];
        while let Some((place, depth, within)) = left.pop() {
            let Some(inside) = self.look(&place, weights) else { continue };
            let name = place.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let is_repository =
                hub::is_called(&name) && (inside.has("snapshots") || inside.has("refs") || inside.has("blobs"));
            let mut is_copy = within;
            if is_repository {
                self.found.stored.push(hub::read(place.clone(), name));
            } else if inside.has("manifests") && inside.has("blobs") {
                let (stored, unread) = ollama::read(&place);
                self.found.stored.extend(stored);
                self.found.unread.extend(unread);
            } else if let Some(layout) = self.layout(&place, &name, depth, &inside, within) {
                let below = place.strip_prefix(root).ok().filter(|below| !below.as_os_str().is_empty());
                let shown = below.map_or_else(|| name.clone(), |below| below.to_string_lossy().replace('\\', "/"));
                let stored = folder::read(layout, place.clone(), shown);
                // What a folder is called, or holds, makes it no copy: what lies below it would not be looked at.
                let is_one = layout != Layout::Folder || self.names.contains(&name.to_ascii_lowercase());
                is_copy |= is_one
                    && stored.is_whole()
                    && self.lock.entries.iter().any(|(key, entry)| stored.is_of(key, entry));
                self.found.stored.push(stored);
            }
            if !is_copy {
                links.extend(inside.links);
            }
            if depth >= DEPTH {
                if !inside.folders.is_empty() {
                    self.found.unread.push((place, "what lies deeper is not looked at".to_owned()));
                }
                continue;
            }
            left.extend(inside.folders.into_iter().map(|(name, folder)| {
                let is_own = is_repository && OF_CACHE.contains(&name.as_str());
                (folder, depth + 1, is_copy || is_own)
            }));
        }
    }

    /// How a folder that is no cache is laid out; none of others.
    fn layout(&self, place: &Path, name: &str, depth: usize, inside: &Inside, within: bool) -> Option<Layout> {
        let parent = place.parent().and_then(Path::file_name).unwrap_or_default();
        let is_named = || depth > 0 && self.names.contains(&name.to_ascii_lowercase());
        match () {
            () if place.join(folder::METADATA).is_dir() => Some(Layout::LocalFolder),
            () if name == "checkpoints" && parent == "hub" => Some(Layout::Checkpoints),
            () if parent == "hub" && place.join("hubconf.py").is_file() => Some(Layout::TorchHub),
            () if !within && (inside.has_weights || is_named()) => Some(Layout::Folder),
            () => None,
        }
    }

    fn look(&mut self, place: &Path, weights: &BTreeSet<&str>) -> Option<Inside> {
        let entries = match std::fs::read_dir(place) {
            Ok(entries) => entries,
            Err(error) => {
                self.found.unread.push((place.to_owned(), list::plain(&error)));
                return None;
            }
        };
        let mut inside = Inside::default();
        for entry in entries {
            if self.left_over == 0 {
                let why = format!("more than {ENTRIES} files and folders are not looked at");
                self.found.unread.push((place.to_owned(), why));
                return None;
            }
            self.left_over -= 1;
            let Ok((entry, kind)) = entry.and_then(|entry| entry.file_type().map(|kind| (entry, kind))) else {
                self.found.unread.push((place.to_owned(), "not all of it can be listed".to_owned()));
                continue;
            };
            let name = entry.file_name().to_string_lossy().into_owned();
            if kind.is_dir() {
                inside.folders.push((name, entry.path()));
            } else if kind.is_symlink() {
                if self.matters(&name, &entry.path(), weights) {
                    inside.links.push(entry.path());
                }
            } else if !inside.has_weights {
                inside.has_weights = is_weights(&name);
            }
        }
        Some(inside)
    }

    /// Whether a link may be what a loader takes: to a cache, a copy, or weights of the lock. A system's `bin` that is
    /// a link to `usr/bin` does not matter. What leads nowhere here may lead somewhere in the image it lies in.
    fn matters(&self, name: &str, place: &Path, weights: &BTreeSet<&str>) -> bool {
        let is_file = || place.metadata().is_ok_and(|meta| !meta.is_dir());
        let is_folder_name =
            hub::is_called(name) || CACHES.contains(&name) || self.names.contains(&name.to_ascii_lowercase());
        weights.contains(name) || (is_folder_name && !is_file())
    }
}
