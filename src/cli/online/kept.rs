//! Answers of registries in files: a folder for each registry, a file with one line of JSON for each name.
//! What cannot be read is asked for again, and what cannot be written costs a question the next time.
#![allow(clippy::disallowed_methods, reason = "keeps answers that a person asked for, beside the local index")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::advisory::Ecosystem;
use crate::cli::store::read_up_to;
use crate::outside::registry::Keep;

/// Largest file, in bytes.
const MOST: u64 = 8 << 20;
/// Files of a registry; beyond, the oldest go.
const FILES: usize = 20_000;

/// The folder.
#[derive(Debug)]
pub(super) struct Kept {
    folder: PathBuf,
}

impl Kept {
    /// Opens the folder, made when something is first kept.
    pub(super) fn new(folder: PathBuf) -> Self {
        for ecosystem in [Ecosystem::PyPi, Ecosystem::CratesIo, Ecosystem::GitHubActions] {
            prune(&folder.join(name_of(ecosystem)), FILES);
        }
        Self { folder }
    }

    /// Names hold letters, digits and `-`, `_`, `.` alone. What stands before them keeps clear of names
    /// that mean a device on some systems.
    fn path(&self, ecosystem: Ecosystem, name: &str) -> PathBuf {
        self.folder.join(name_of(ecosystem)).join(format!("of-{}.json", name.to_ascii_lowercase()))
    }
}

fn name_of(ecosystem: Ecosystem) -> &'static str {
    match ecosystem {
        Ecosystem::PyPi => "pypi",
        Ecosystem::GitHubActions => "repositories",
        _ => "crates",
    }
}

impl Keep for Kept {
    fn find(&self, ecosystem: Ecosystem, name: &str) -> Option<Vec<u8>> {
        read_up_to(&self.path(ecosystem, name), MOST).ok()
    }

    fn put(&self, ecosystem: Ecosystem, name: &str, bytes: &[u8]) {
        if bytes.len() as u64 > MOST {
            return;
        }
        let path = self.path(ecosystem, name);
        let beside = path.with_extension(format!("new-{}", std::process::id()));
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        let written = made.and_then(|()| fs::write(&beside, bytes)).and_then(|()| fs::rename(&beside, &path));
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
    }
}

/// Removes the oldest files of a folder until a quarter below the limit, where it holds more.
fn prune(folder: &Path, limit: usize) {
    let Ok(listing) = fs::read_dir(folder) else { return };
    let mut files: Vec<(SystemTime, PathBuf)> = listing
        .flatten()
        .filter_map(|entry| {
            let meta = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            Some((meta.modified().unwrap_or(SystemTime::UNIX_EPOCH), entry.path()))
        })
        .collect();
    if files.len() <= limit {
        return;
    }
    files.sort();
    let spare = files.len() - limit * 3 / 4;
    for (_, path) in files.into_iter().take(spare) {
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_found_and_the_oldest_go() {
        let folder = std::env::temp_dir().join(format!("custody-kept-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let kept = Kept::new(folder.clone());
        assert_eq!(kept.find(Ecosystem::PyPi, "demo"), None);
        for n in 0..9 {
            kept.put(Ecosystem::PyPi, &format!("demo{n}"), b"one\n");
            kept.put(Ecosystem::PyPi, &format!("demo{n}"), b"two\n");
        }
        kept.put(Ecosystem::CratesIo, "Demo", b"three\n");
        assert_eq!(kept.find(Ecosystem::PyPi, "demo1").as_deref(), Some(&b"two\n"[..]));
        assert_eq!(kept.find(Ecosystem::CratesIo, "demo").as_deref(), Some(&b"three\n"[..]));
        kept.put(Ecosystem::PyPi, "large", &vec![b' '; 9 << 20]);
        assert_eq!(kept.find(Ecosystem::PyPi, "large"), None);
        prune(&folder.join("pypi"), 9);
        assert_eq!(fs::read_dir(folder.join("pypi")).unwrap().count(), 9);
        prune(&folder.join("pypi"), 8);
        assert_eq!(fs::read_dir(folder.join("pypi")).unwrap().count(), 6);
        fs::remove_dir_all(&folder).unwrap();
    }
}
