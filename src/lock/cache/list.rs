//! Files of a folder, without those that no loader takes.
#![allow(clippy::disallowed_methods, reason = "one of the places that walk folders")]

use std::fs::DirEntry;
use std::path::Path;

use super::{Listing, StoredFile};

/// Deepest folder that is listed.
const DEPTH: usize = 32;
/// Files of one state that are listed.
const FILES: usize = 4_000_000;
/// Folders that tools keep for themselves beside what they downloaded, and that no loader reads.
const OWN: &[&str] = &[".git", ".cache", "__pycache__"];

/// The files of a plain folder. Links to files count where they stay in the folder.
pub(super) fn folder(root: &Path) -> Listing {
    let within = root.canonicalize().ok();
    walk(root, &mut |entry, path, listing| {
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

/// Lists a folder; what to do with links is said by the caller.
pub(super) fn walk(root: &Path, link: &mut dyn FnMut(&DirEntry, String, &mut Listing)) -> Listing {
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
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && OWN.iter().any(|own| name == *own) => {}
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
