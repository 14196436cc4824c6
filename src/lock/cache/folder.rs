//! Folders that are no cache: what a hub's tool downloaded to a folder of one's own, code and checkpoints of
//! `torch.hub`, a checkout, weights that somebody put somewhere.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Layout, Listing, Promised, State, Stored, is_commit, list, small};
use crate::lock::{Entry, Key};

/// Where `huggingface_hub` keeps what it knows of the files of a folder.
pub(super) const METADATA: &str = ".cache/huggingface/download";
/// What it keeps for itself there, and no loader reads.
const OWN: &str = ".cache/huggingface";
/// Bytes of what is known of one file.
const KNOWN: u64 = 4096;
/// Files whose commits are asked for, to name that of a folder.
const SAMPLE: usize = 64;

/// A folder of a layout without branches.
pub(super) fn read(layout: Layout, root: PathBuf, name: String) -> Stored {
    let revision = if layout == Layout::LocalFolder { commit(&root) } else { None };
    Stored {
        layout,
        name,
        refs: BTreeMap::new(),
        states: vec![State { revision, root: root.clone() }],
        unread: Vec::new(),
        root,
    }
}

/// The commit that all files of a folder were downloaded at; none where they are of several.
fn commit(root: &Path) -> Option<String> {
    let listing = list::walk(&root.join(METADATA), &[], &mut |_, _, _| {});
    let known = listing.files.iter().filter(|held| held.path.ends_with(".metadata"));
    let mut commits: Vec<String> =
        known.take(SAMPLE).filter_map(|held| told(&held.place).map(|(commit, _)| commit)).collect();
    commits.sort_unstable();
    commits.dedup();
    if commits.len() == 1 { commits.pop() } else { None }
}

/// Commit and tag of a file that was downloaded to a folder: two lines, and the time.
fn told(metadata: &Path) -> Option<(String, String)> {
    let text = small(metadata, KNOWN)?;
    let mut lines = text.lines();
    let (commit, tag) = (lines.next()?.trim(), lines.next()?.trim());
    is_commit(commit).then(|| (commit.to_owned(), tag.to_owned()))
}

/// Folders at the root of a layout that are no files of the repository.
pub(super) fn own(layout: Layout) -> &'static [&'static str] {
    match layout {
        Layout::LocalFolder => &[OWN],
        Layout::Folder => &[".git"],
        Layout::Hub | Layout::Ollama | Layout::TorchHub | Layout::Checkpoints => &[],
    }
}

/// The files of a folder that was downloaded to, with what is known of each.
pub(super) fn local_files(root: &Path) -> Listing {
    let mut listing = list::folder(root, own(Layout::LocalFolder));
    for held in &mut listing.files {
        let metadata = root.join(METADATA).join(format!("{}.metadata", held.path));
        held.promised = told(&metadata).and_then(|(_, tag)| Promised::from_tag(&tag));
    }
    listing
}

/// Whether a folder is called like the repository of a key, and holds the largest file of its entry or half of them:
/// source code is called after models, too.
pub(super) fn is_named_copy(stored: &Stored, key: &Key, entry: &Entry) -> bool {
    let is_there = |path: &&String| is_inside(path) && stored.root.join(path).symlink_metadata().is_ok();
    let largest = entry.files.iter().max_by_key(|(_, file)| file.size).map(|(path, _)| path);
    is_called(&stored.name, key)
        && (largest.as_ref().is_some_and(is_there) || {
            let sample: Vec<&String> = entry.files.keys().take(SAMPLE).collect();
            !sample.is_empty() && sample.iter().filter(|path| is_there(path)).count() * 2 >= sample.len()
        })
}

/// Whether a folder is called `name`, `org--name` or `org_name`.
fn is_called(path: &str, key: &Key) -> bool {
    let name = key.name.trim_matches('/');
    let last = path.rsplit('/').next().unwrap_or(path);
    let ends = |end: &str| last.eq_ignore_ascii_case(end);
    let short = name.rsplit('/').next().unwrap_or(name);
    !short.is_empty() && (ends(short) || ends(&name.replace('/', "--")) || ends(&name.replace('/', "_")))
}

/// Whether a folder of `torch.hub` is a key's: `owner_repo_branch`, with `_` for each `/` of the branch.
pub(super) fn is_torch_hub(folder: &str, key: &Key) -> bool {
    if key.hub != "torch-hub" {
        return false;
    }
    let repository = key.name.split(':').next().unwrap_or(&key.name).replace('/', "_");
    let folder = folder.rsplit('/').next().unwrap_or(folder);
    let Some(branch) = folder.strip_prefix(&repository).and_then(|rest| rest.strip_prefix('_')) else { return false };
    key.requested.as_ref().is_none_or(|requested| requested.replace('/', "_") == branch)
}

/// Whether weights of an entry lie in a folder at the paths and with the sizes that are held.
pub(super) fn has_files(stored: &Stored, entry: &Entry) -> bool {
    /// Bytes below which files of different models are often the same.
    const TELLING: u64 = 1 << 20;
    let telling = entry.files.iter().filter(|(_, file)| file.size >= TELLING).take(SAMPLE);
    let mut paths = telling.filter(|(path, _)| is_inside(path));
    paths.any(|(path, file)| {
        stored.root.join(path).symlink_metadata().is_ok_and(|meta| meta.is_file() && meta.len() == file.size)
    })
}

/// Whether the one file of an entry lies among the checkpoints of many models.
pub(super) fn has_checkpoint(stored: &Stored, entry: &Entry) -> bool {
    let mut paths = entry.files.keys();
    match (paths.next(), paths.next()) {
        (Some(path), None) => is_inside(path) && stored.root.join(path).symlink_metadata().is_ok(),
        _ => false,
    }
}

/// Whether a path of a lock stays in its folder.
fn is_inside(path: &str) -> bool {
    !path.starts_with('/') && !path.contains('\\') && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}
