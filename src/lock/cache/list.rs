//! Files of a folder, without what a tool keeps for itself at its root. Deeper, and under other names, all counts: code
//! in a `.cache` or byte code in a `__pycache__` is imported like any other.
#![allow(clippy::disallowed_methods, reason = "one of the places that walk folders")]

use std::fs::DirEntry;
use std::path::Path;

use super::{Listing, StoredFile};

/// Deepest folder that is listed.
const DEPTH: usize = 32;
/// Files of one state that are listed.
const FILES: usize = 4_000_000;

/// The files of a plain folder without some paths. Links to files count where they stay in the folder.
pub(super) fn folder(root: &Path, own: &[&str]) -> Listing {
    let within = root.canonicalize().ok();
    walk(root, own, &mut |entry, path, listing| {
        let place = entry.path();
        let Ok(target) = place.canonicalize() else {
            listing.unread.push((path, "a link that leads nowhere".to_owned()));
            return;
        };
        match (&within, target.metadata()) {
            (Some(within), _) if !target.starts_with(within) => {
                listing.out.push((path, target.to_string_lossy().into_owned()));
            }
            (Some(_), Ok(meta)) if meta.is_file() => {
                listing.files.push(StoredFile { path, place: target, size: meta.len(), promised: None });
            }
            _ => listing.unread.push((path, "it leads to no regular file".to_owned())),
        }
    })
}

/// Lists a folder without the folders at some paths; what to do with links is said by the caller.
pub(super) fn walk(root: &Path, own: &[&str], link: &mut dyn FnMut(&DirEntry, String, &mut Listing)) -> Listing {
    let mut listing = Listing::default();
    let mut left = vec![(root.to_owned(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = left.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                listing.unread.push((prefix, plain(&error)));
                continue;
            }
        };
        for entry in entries {
            if listing.files.len() >= FILES {
                listing.unread.push((prefix, format!("more than {FILES} files are not listed")));
                return listing;
            }
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    listing.unread.push((prefix.clone(), plain(&error)));
                    continue;
                }
            };
            let name = entry.file_name();
            let path = format!("{prefix}{}", name.to_string_lossy());
            if name.to_str().is_none() {
                // As it is shown it may equal another's.
                listing.unread.push((path, "its name is no UTF-8".to_owned()));
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && own.contains(&path.as_str()) => {}
                Ok(kind) if kind.is_dir() && depth >= DEPTH => {
                    listing.unread.push((path, "it lies deeper than is looked at".to_owned()));
                }
                Ok(kind) if kind.is_dir() => left.push((entry.path(), format!("{path}/"), depth + 1)),
                Ok(kind) if kind.is_symlink() => link(&entry, path, &mut listing),
                Ok(kind) if kind.is_file() => match entry.metadata() {
                    Ok(meta) => {
                        listing.files.push(StoredFile { path, place: entry.path(), size: meta.len(), promised: None });
                    }
                    Err(error) => listing.unread.push((path, plain(&error))),
                },
                Ok(_) => listing.unread.push((path, "it is no regular file".to_owned())),
                Err(error) => listing.unread.push((path, plain(&error))),
            }
        }
    }
    listing
}

/// An error as a sentence fragment.
pub(super) fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}
