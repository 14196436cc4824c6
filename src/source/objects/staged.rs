//! The files that `git commit` would record now, from the index.

use std::path::Path;
use std::sync::Arc;

use gix_index::entry::{Flags, Mode, Stage};

use super::listing::{Content, Listing};
use super::{ObjectError, Oid, Repository};
use crate::source::RepoPath;
use crate::source::git::{MAX_INDEX, read_index, read_limited};
use crate::source::tree::{Limits, Tree};

/// See [`Repository::staged`].
pub(super) fn tree(
    repository: &Arc<Repository>,
    index: Option<&Path>,
    prefix: &RepoPath,
    limits: Limits,
) -> Result<Tree, ObjectError> {
    // A repository in memory has no folder, and so no index of its own.
    let own = Some(&repository.layout.own).filter(|own| !own.as_os_str().is_empty()).map(|own| own.join("index"));
    let bytes = index
        .or(own.as_deref())
        .map_or(Ok(None), |index| read_limited(index, MAX_INDEX))
        .map_err(|why| ObjectError::Index { why: format!("the git index cannot be read: {why}") })?;
    let mut listing = Listing::new(repository, limits);
    if let Some(bytes) = bytes {
        let state = read_index(&bytes).map_err(|why| ObjectError::Index { why })?;
        fill(&mut listing, &state, prefix);
    }
    Ok(listing.finish(prefix, None))
}

fn fill(listing: &mut Listing, index: &gix_index::State, prefix: &RepoPath) {
    let root = RepoPath::default();
    let mut last_folder = RepoPath::default();
    let mut unmerged = String::new();
    for entry in index.entries() {
        let raw: &[u8] = entry.path(index);
        // An empty one that was only announced is not committed.
        if entry.flags.contains(Flags::INTENT_TO_ADD) {
            continue;
        }
        let text = std::str::from_utf8(raw).ok();
        let path =
            text.and_then(RepoPath::new).filter(|path| Some(path.as_str()) == text.map(|t| t.trim_end_matches('/')));
        let Some(path) = path.filter(|path| !path.is_root() && path.parts().all(super::listing::is_usable)) else {
            listing.pass_odd(&root, raw, Oid::new(entry.id));
            continue;
        };
        let Some(path) = below(&path, prefix) else { continue };
        if entry.flags.stage() != Stage::Unconflicted {
            if unmerged != path.as_str() {
                path.as_str().clone_into(&mut unmerged);
                listing.pass(
                    path.as_str().to_owned(),
                    "it is not merged yet, so nothing of it would be committed",
                    true,
                );
            }
            continue;
        }
        note_folders(listing, &path, &mut last_folder);
        let id = Oid::new(entry.id);
        match entry.mode {
            Mode::DIR => {
                let depth = path.parts().count();
                listing.add_folder(path.clone());
                listing.walk(id, path, depth);
            }
            Mode::COMMIT => listing.add_submodule(&path, id),
            Mode::SYMLINK => listing.add(path, id, Content::Link),
            Mode::FILE_EXECUTABLE => listing.add(path, id, Content::Program),
            _ => listing.add(path, id, Content::File),
        }
    }
}

/// A path as seen from the folder that is audited alone.
fn below(path: &RepoPath, prefix: &RepoPath) -> Option<RepoPath> {
    if prefix.is_root() {
        return Some(path.clone());
    }
    RepoPath::new(path.as_str().strip_prefix(prefix.as_str())?.strip_prefix('/')?)
}

/// Adds the folders of a path that its neighbour before it does not lie in.
fn note_folders(listing: &mut Listing, path: &RepoPath, last: &mut RepoPath) {
    let folder = path.parent();
    let mut new = folder.clone();
    while !new.is_root() && !last.is_under(&new) {
        listing.add_folder(new.clone());
        new = new.parent();
    }
    *last = folder;
}
