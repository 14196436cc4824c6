//! The cache of `huggingface_hub`: a folder a repository, named after it; in it `blobs` by digest, `refs` from branch
//! to commit, and `snapshots`, a folder a commit, of links into `blobs`. Without links (on Windows) the files lie in
//! `snapshots` themselves.
#![allow(clippy::disallowed_methods, reason = "one of the places that walk folders")]

use std::path::{Component, Path, PathBuf};

use super::{Layout, Listing, Promised, State, Stored, StoredFile, is_commit, list, small};
use crate::lock::Key;
use crate::references::AssetKind;

/// Branches and tags that are read of one repository.
const REFS: usize = 10_000;
/// Bytes of a file that names a commit.
const REF: u64 = 1024;

/// What the cache may call the repository of a key: its type in the plural, `--`, and its name with `--` for `/`. The
/// hub allows no `--` in names, so that two repositories never share a folder.
pub(super) fn folder_names(key: &Key) -> Vec<String> {
    if key.hub != "huggingface" || key.name.contains("--") {
        return Vec::new();
    }
    let name = key.name.replace('/', "--");
    match key.kind {
        AssetKind::Dataset => vec![format!("datasets--{name}")],
        AssetKind::Kernel => vec![format!("kernels--{name}"), format!("models--{name}")],
        AssetKind::Model | AssetKind::Tokenizer | AssetKind::Adapter => vec![format!("models--{name}")],
    }
}

/// Whether a folder is called like a repository of the cache.
pub(super) fn is_called(name: &str) -> bool {
    let Some((kind, rest)) = name.split_once("--") else { return false };
    matches!(kind, "models" | "datasets" | "spaces" | "kernels") && !rest.is_empty()
}

/// A repository of the cache.
pub(super) fn read(root: PathBuf, name: String) -> Stored {
    let mut stored = Stored {
        layout: Layout::Hub,
        name,
        refs: std::collections::BTreeMap::new(),
        states: Vec::new(),
        unread: Vec::new(),
        root,
    };
    let snapshots = stored.root.join("snapshots");
    match std::fs::read_dir(&snapshots) {
        Ok(_) if snapshots.symlink_metadata().is_ok_and(|meta| meta.is_symlink()) => {
            stored.unread.push(("snapshots".to_owned(), "a link to a folder is not followed".to_owned()));
        }
        Ok(entries) => {
            for entry in entries.filter_map(Result::ok) {
                let name = entry.file_name().to_string_lossy().into_owned();
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => {
                        stored.states.push(State { revision: Some(name), root: entry.path() });
                    }
                    _ => stored.unread.push((format!("snapshots/{name}"), "it is no folder".to_owned())),
                }
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => stored.unread.push(("snapshots".to_owned(), list::plain(&error))),
    }
    stored.states.sort_unstable();
    refs(&mut stored);
    stored
}

/// Reads `refs`, in which branches with `/` are folders.
fn refs(stored: &mut Stored) {
    let root = stored.root.join("refs");
    if !root.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
        return;
    }
    let listing = list::walk(&root, &mut |_, path, listing| {
        listing.unread.push((path, "a link is not followed".to_owned()));
    });
    for held in listing.files.into_iter().take(REFS) {
        let commit = small(&held.place, REF).map(|text| text.trim().to_owned());
        match commit.filter(|commit| is_commit(commit)) {
            Some(commit) => {
                stored.refs.insert(held.path, commit);
            }
            None => stored.unread.push((format!("refs/{}", held.path), "it names no commit".to_owned())),
        }
    }
    stored.unread.extend(listing.unread.into_iter().map(|(path, why)| (format!("refs/{path}"), why)));
}

/// The files of a snapshot, where their content lies.
pub(super) fn files(repository: &Path, snapshot: &Path) -> Listing {
    let blobs = repository.join("blobs");
    let has_blobs = blobs.symlink_metadata().is_ok_and(|meta| meta.is_dir());
    let within = repository.canonicalize().ok();
    list::walk(snapshot, &mut |entry, path, listing| {
        let place = entry.path();
        let near = std::fs::read_link(&place).ok().and_then(|target| beside(&place, &target));
        if let Some(blob) = near.filter(|blob| has_blobs && blob.parent() == Some(&blobs))
            && let Ok(meta) = blob.symlink_metadata()
            && meta.is_file()
        {
            let promised = blob.file_name().and_then(|name| Promised::from_tag(name.to_str()?));
            listing.files.push(StoredFile { path, place: blob, size: meta.len(), promised });
            return;
        }
        // A blob that is a link itself, a cache that was moved: asked of the system, and told where that leads out.
        let Ok(target) = place.canonicalize() else {
            listing.unread.push((path, "a link that leads nowhere".to_owned()));
            return;
        };
        match (&within, target.metadata()) {
            (Some(within), Ok(meta)) if target.starts_with(within.join("blobs")) && meta.is_file() => {
                let promised = target.file_name().and_then(|name| Promised::from_tag(name.to_str()?));
                listing.files.push(StoredFile { path, place: target, size: meta.len(), promised });
            }
            (Some(_), Ok(_)) => listing.out.push((path, target.to_string_lossy().into_owned())),
            _ => listing.unread.push((path, "where it leads cannot be told".to_owned())),
        }
    })
}

/// Where a relative link of real folders leads, as it is written; none where it climbs out of the root.
fn beside(link: &Path, target: &Path) -> Option<PathBuf> {
    let mut out = link.parent()?.to_owned();
    for part in target.components() {
        match part {
            Component::ParentDir => {
                if !out.pop() {
                    return None;
                }
            }
            Component::CurDir => {}
            Component::Normal(name) => out.push(name),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(out)
}
