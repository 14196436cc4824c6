//! References: names of commits, one file each or a line of `packed-refs`.
#![allow(clippy::disallowed_methods, reason = "the references of the audited repository are listed here")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::Oid;
use super::layout::Layout;
use crate::source::git::{read_limited, read_small};

/// Largest `packed-refs` that is read.
const MAX_PACKED: u64 = 256 << 20;

/// Names that are gathered to guess what was meant.
const MAX_NAMES: usize = 20_000;

/// Symbolic references that name each other, at most; git stops there as well.
const MAX_HOPS: usize = 5;

/// The references of a repository.
#[derive(Debug)]
pub(super) struct Refs {
    /// The folders of the work tree and of all work trees; none of a repository in memory.
    folders: Option<(PathBuf, PathBuf)>,
    packed: OnceLock<BTreeMap<String, Oid>>,
}

impl Refs {
    pub(super) fn of(layout: &Layout) -> Self {
        Self { folders: Some((layout.own.clone(), layout.common.clone())), packed: OnceLock::new() }
    }

    /// No references.
    pub(super) fn none() -> Self {
        Self { folders: None, packed: OnceLock::new() }
    }

    /// The object that a reference names, by its whole name: `HEAD`, `refs/heads/main`.
    pub(super) fn get(&self, name: &str) -> Option<Oid> {
        let (own, common) = self.folders.as_ref()?;
        let mut name = name.to_owned();
        for _ in 0..=MAX_HOPS {
            if !is_name(&name) {
                return None;
            }
            let text = match read_small(&own.join(&name)).or_else(|| read_small(&common.join(&name))) {
                Some(text) => text,
                None => return self.packed().get(&name).copied(),
            };
            match text.trim().strip_prefix("ref:") {
                Some(next) => name = next.trim().to_owned(),
                // FETCH_HEAD has more behind the name.
                None => return text.split_whitespace().next().and_then(Oid::from_hex),
            }
        }
        None
    }

    /// Where HEAD points, if that is a branch: `refs/heads/main`.
    pub(super) fn branch(&self) -> Option<String> {
        let text = read_small(&self.folders.as_ref()?.0.join("HEAD"))?;
        text.trim().strip_prefix("ref:").map(|name| name.trim().to_owned())
    }

    fn packed(&self) -> &BTreeMap<String, Oid> {
        self.packed.get_or_init(|| {
            let Some((_, common)) = &self.folders else { return BTreeMap::new() };
            let text = read_limited(&common.join("packed-refs"), MAX_PACKED).ok().flatten().unwrap_or_default();
            let lines = text.split(|b| *b == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
            // A line that begins with `^` says what the tag above it names; that is found by reading it.
            let named = lines.filter_map(|line| {
                let (id, name) = line.split_once(' ')?;
                Some((name.trim().to_owned(), Oid::from_hex(id)?))
            });
            named.collect()
        })
    }

    /// References by whole name, without the symbolic ones, at most `limit`; and whether there are more.
    pub(super) fn all(&self, limit: usize) -> (BTreeMap<String, Oid>, bool) {
        let Some((_, common)) = &self.folders else { return (BTreeMap::new(), false) };
        let mut has_more = false;
        let mut out = BTreeMap::new();
        let mut folders = vec![("refs".to_owned(), 0_usize)];
        // A file of its own counts more than the line of `packed-refs`.
        while let Some((folder, depth)) = folders.pop() {
            let Ok(listing) = std::fs::read_dir(common.join(&folder)) else { continue };
            for child in listing.flatten() {
                let Some(name) = child.file_name().to_str().map(|name| format!("{folder}/{name}")) else { continue };
                match child.file_type() {
                    Ok(kind) if kind.is_dir() && depth < 16 => folders.push((name, depth + 1)),
                    Ok(kind) if kind.is_file() && is_name(&name) => {
                        let text = read_small(&common.join(&name)).unwrap_or_default();
                        let Some(id) = Oid::from_hex(text.trim()) else { continue };
                        if out.len() < limit {
                            out.insert(name, id);
                        } else {
                            has_more = true;
                        }
                    }
                    _ => {}
                }
            }
        }
        for (name, id) in self.packed() {
            if out.contains_key(name) || !is_name(name) {
                continue;
            }
            if out.len() < limit {
                out.insert(name.clone(), *id);
            } else {
                has_more = true;
            }
        }
        (out, has_more)
    }

    /// Names of references without `refs/` and what follows it, in order.
    pub(super) fn names(&self) -> Vec<String> {
        let Some((_, common)) = &self.folders else { return Vec::new() };
        let mut whole: Vec<String> = self.packed().keys().take(MAX_NAMES).cloned().collect();
        let mut folders = vec![("refs".to_owned(), 0_usize)];
        while let Some((folder, depth)) = folders.pop() {
            let Ok(listing) = std::fs::read_dir(common.join(&folder)) else { continue };
            for child in listing.flatten() {
                let Some(name) = child.file_name().to_str().map(|name| format!("{folder}/{name}")) else { continue };
                match child.file_type() {
                    Ok(kind) if kind.is_dir() && depth < 16 => folders.push((name, depth + 1)),
                    Ok(kind) if kind.is_file() && whole.len() < MAX_NAMES * 2 => whole.push(name),
                    _ => {}
                }
            }
        }
        let short = |name: &String| {
            let kinds = ["refs/heads/", "refs/tags/", "refs/remotes/"];
            kinds.iter().find_map(|kind| name.strip_prefix(kind)).map(str::to_owned)
        };
        let mut names: Vec<String> = whole.iter().filter_map(short).collect();
        names.sort();
        names.dedup();
        names
    }
}

/// Whether a name is one that `git check-ref-format` would let stand, and so leaves no folder.
pub(super) fn is_name(name: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    !name.contains("..")
        && !name.contains("@{")
        && !name.ends_with('.')
        && !name.starts_with('-')
        && name.len() < 1024
        && !name.chars().any(|c| c.is_control() || " ~^:?*[\\".contains(c))
        && name.split('/').all(is_part)
        && Path::new(name).is_relative()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leaves_no_folder() {
        for good in ["HEAD", "main", "origin/main", "refs/heads/feature/x", "v1.0.0", "a@b", "ü"] {
            assert!(is_name(good), "{good}");
        }
        for bad in [
            "",
            "/",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a//b",
            "a/",
            ".git",
            "a/.b",
            "-x",
            "a b",
            "a\\b",
            "a.lock",
            "a:b",
            "@{1}",
            "a\nb",
            "C:x",
            "x.",
        ] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
