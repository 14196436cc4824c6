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
    if is_plain(&mut stored, "snapshots") {
        match std::fs::read_dir(stored.root.join("snapshots")) {
            Ok(entries) => entries.for_each(|entry| snapshot(&mut stored, entry)),
            Err(error) => stored.unread.push(("snapshots".to_owned(), list::plain(&error))),
        }
    }
    stored.states.sort_unstable();
    is_plain(&mut stored, "blobs");
    if is_plain(&mut stored, "refs") {
        refs(&mut stored);
    }
    stored
}

/// Whether a folder of the cache is there and a plain one. What is there and is none is told: a loader goes through
/// links that are not followed here.
fn is_plain(stored: &mut Stored, name: &str) -> bool {
    let why = match stored.root.join(name).symlink_metadata() {
        Ok(meta) if meta.is_dir() => return true,
        Ok(meta) if meta.is_symlink() => "a link to a folder is not followed".to_owned(),
        Ok(_) => "it is no folder".to_owned(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return false,
        Err(error) => list::plain(&error),
    };
    stored.unread.push((name.to_owned(), why));
    false
}

fn snapshot(stored: &mut Stored, entry: std::io::Result<std::fs::DirEntry>) {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => return stored.unread.push(("snapshots".to_owned(), list::plain(&error))),
    };
    let name = entry.file_name().to_string_lossy().into_owned();
    if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
        return stored.unread.push((format!("snapshots/{name}"), "it is no folder".to_owned()));
    }
    if !is_commit(&name) {
        stored.unread.push((format!("snapshots/{name}"), "it is called like no commit".to_owned()));
    }
    stored.states.push(State { revision: Some(name), root: entry.path() });
}

/// Reads `refs`, in which branches with `/` are folders.
fn refs(stored: &mut Stored) {
    let root = stored.root.join("refs");
    let mut listing = list::walk(&root, &[], &mut |_, path, listing| {
        listing.unread.push((path, "a link is not followed".to_owned()));
    });
    if listing.files.len() > REFS {
        stored.unread.push(("refs".to_owned(), format!("more than {REFS} branches and tags are not read")));
        listing.files.sort_unstable();
    }
    for held in listing.files.into_iter().take(REFS) {
        // Loaders take the text as it is: with a line's end it names another folder.
        match small(&held.place, REF).filter(|commit| is_commit(commit)) {
            Some(commit) => {
                stored.refs.insert(held.path, commit);
            }
            None => stored.unread.push((format!("refs/{}", held.path), "it names no commit".to_owned())),
        }
    }
    stored.unread.extend(listing.unread.into_iter().map(|(path, why)| (format!("refs/{path}"), why)));
}

/// The files of a snapshot, where their content lies.
pub(super) fn files(repository: &Path, state: &State) -> Listing {
    let mut listing = linked(repository, &state.root);
    if let Some(revision) = &state.revision {
        denied(&mut listing, repository, revision);
    }
    listing
}

/// What the cache remembers the hub not to have at a commit: empty files in `.no_exist/COMMIT`.
fn denied(listing: &mut Listing, repository: &Path, revision: &str) {
    let mut root = repository.to_owned();
    for part in [".no_exist", revision] {
        root.push(part);
        match root.symlink_metadata() {
            Ok(meta) if meta.is_dir() => {}
            // Loaders follow it.
            Ok(meta) if meta.is_symlink() => {
                let name = root.strip_prefix(repository).unwrap_or(&root).to_string_lossy().into_owned();
                return listing.unread.push((name, "a link to a folder is not followed".to_owned()));
            }
            _ => return,
        }
    }
    let marks = list::walk(&root, &[], &mut |_, path, marks| {
        marks.unread.push((path, "a link is not followed".to_owned()));
    });
    listing.denied.extend(marks.files.into_iter().map(|mark| mark.path));
    listing.unread.extend(marks.unread.into_iter().map(|(path, why)| (format!(".no_exist/{revision}/{path}"), why)));
}

fn linked(repository: &Path, snapshot: &Path) -> Listing {
    let blobs = repository.join("blobs");
    let has_blobs = blobs.symlink_metadata().is_ok_and(|meta| meta.is_dir());
    let within = repository.canonicalize().ok();
    list::walk(snapshot, &[], &mut |entry, path, listing| {
        let place = entry.path();
        let written = std::fs::read_link(&place).ok();
        let near = written.as_ref().and_then(|target| beside(&place, target));
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
                if written.is_none_or(|written| is_winding(&written)) {
                    listing.unread.push((path, "a link that no tool makes: it goes down before it goes up".to_owned()));
                    return;
                }
                let promised = target.file_name().and_then(|name| Promised::from_tag(name.to_str()?));
                listing.files.push(StoredFile { path, place: target, size: meta.len(), promised });
            }
            (Some(_), Ok(_)) => listing.out.push((path, target.to_string_lossy().into_owned())),
            _ => listing.unread.push((path, "where it leads cannot be told".to_owned())),
        }
    })
}

/// Where a link of real folders leads that goes up and then down, as the hub's tool writes them; none for others. A
/// folder that a link goes through on its way up may be a link itself, so that the way cannot be told from the text.
fn beside(link: &Path, target: &Path) -> Option<PathBuf> {
    if is_winding(target) {
        return None;
    }
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

/// Whether a link goes up after it went down.
fn is_winding(target: &Path) -> bool {
    let mut after = target.components().skip_while(|part| !matches!(part, Component::Normal(_)));
    after.any(|part| part == Component::ParentDir)
}
