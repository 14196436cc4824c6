//! A folder on disk as it lies there, for scans of files that no repository keeps.
//!
//! No list of ignored files counts: weights are what people leave out of git. Links to files are followed, as
//! caches of model hubs are made of them; links to folders are told and not followed.
#![allow(clippy::disallowed_methods, reason = "one of the places that walk folders")]

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::bytes::{Bytes, FileBytes, Folder};
use super::tree::plain;

/// Deepest folder that is walked.
const DEPTH: usize = 64;

/// Files of a folder.
#[derive(Debug, Default)]
pub struct DiskFolder {
    root: PathBuf,
    files: Vec<String>,
    /// Files whose paths are not UTF-8 as they look, and where they lie, until they have names.
    nameless: Vec<(String, PathBuf)>,
    /// Of files whose paths are not UTF-8, where they lie.
    odd: BTreeMap<String, PathBuf>,
    /// Of links that lead out, by where they lie, where they lead.
    out: BTreeMap<PathBuf, PathBuf>,
    /// What is there and was not listed, with the reason, in order.
    pub unread: Vec<(String, String)>,
}

impl DiskFolder {
    /// Lists all files below a folder, those of `.git` left out.
    ///
    /// # Errors
    /// Where the folder itself cannot be read.
    pub fn walk(root: &Path) -> Result<Self, String> {
        let mut out = Self { root: root.to_owned(), ..Self::default() };
        std::fs::read_dir(root).map_err(|error| plain(&error))?;
        let mut left = vec![(root.to_owned(), String::new(), 0)];
        while let Some((folder, prefix, depth)) = left.pop() {
            let entries = match std::fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) => {
                    out.unread.push((prefix, plain(&error)));
                    continue;
                }
            };
            for entry in entries {
                match entry {
                    Ok(entry) => out.take(&entry, &prefix, depth, &mut left),
                    Err(error) => out.unread.push((prefix.clone(), plain(&error))),
                }
            }
        }
        out.name_odd();
        out.files.sort_unstable();
        out.unread.sort();
        Ok(out)
    }

    fn take(
        &mut self,
        entry: &std::fs::DirEntry,
        prefix: &str,
        depth: usize,
        left: &mut Vec<(PathBuf, String, usize)>,
    ) {
        let name = entry.file_name();
        let shown = format!("{prefix}{}", name.to_string_lossy());
        let Ok(kind) = entry.file_type() else {
            return self.unread.push((shown, "its kind cannot be told".to_owned()));
        };
        if kind.is_dir() {
            if name == ".git" {
                return;
            }
            if depth >= DEPTH {
                return self.unread.push((format!("{shown}/"), "it lies deeper than is walked".to_owned()));
            }
            return left.push((entry.path(), format!("{shown}/"), depth + 1));
        }
        if kind.is_symlink() {
            match entry.path().metadata() {
                // What lies in this folder is read where it lies.
                Ok(meta) if meta.is_dir() && self.holds(&entry.path()) => return,
                Ok(meta) if meta.is_dir() => {
                    return self.unread.push((shown, "a link to a folder is not followed".to_owned()));
                }
                Ok(_) => {
                    let target = entry.path().canonicalize().ok().filter(|target| !is_digest(target));
                    let root = self.root.canonicalize().unwrap_or_default();
                    if let Some(target) = target.filter(|target| !target.starts_with(root)) {
                        self.out.insert(entry.path(), target);
                    }
                }
                Err(_) => return self.unread.push((shown, "a link that leads nowhere".to_owned())),
            }
        }
        if entry.path().to_str().is_none() {
            return self.nameless.push((shown, entry.path()));
        }
        self.files.push(shown);
    }

    /// Names the files whose paths are not UTF-8. Several may look alike once their bytes are replaced, and like one
    /// that is UTF-8: without a name of its own one would be read in the place of another.
    fn name_odd(&mut self) {
        let mut taken: BTreeSet<String> = self.files.iter().cloned().collect();
        self.nameless.sort();
        for (number, (mut name, place)) in self.nameless.drain(..).enumerate() {
            while !taken.insert(name.clone()) {
                name = format!("{name}\u{FFFD}{number}");
            }
            self.odd.insert(name.clone(), place);
            self.files.push(name);
        }
    }

    /// Whether a link leads to something below the folder, but to none of its own parents, nor into `.git`.
    fn holds(&self, link: &Path) -> bool {
        let (Ok(root), Ok(target)) = (self.root.canonicalize(), link.canonicalize()) else { return false };
        let below = target.strip_prefix(&root);
        below.is_ok_and(|below| below.components().all(|part| part.as_os_str() != ".git"))
    }

    /// Where a listed file lies.
    #[must_use]
    pub fn place(&self, path: &str) -> PathBuf {
        self.odd.get(path).cloned().unwrap_or_else(|| self.root.join(path))
    }
}

impl Folder for DiskFolder {
    fn files(&self) -> &[String] {
        &self.files
    }

    fn open(&self, path: &str) -> Result<Box<dyn Bytes + '_>, String> {
        FileBytes::open(&self.place(path)).map(|file| Box::new(file) as Box<dyn Bytes>)
    }

    fn leads_out(&self, path: &str) -> Option<String> {
        self.out.get(&self.place(path)).map(|target| target.to_string_lossy().into_owned())
    }
}

/// Whether a file is named by the digest of its content, as caches of model hubs and stores of large files do.
fn is_digest(path: &Path) -> bool {
    /// Digits of a digest; stores split off the first two for a folder.
    const DIGITS: usize = 30;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.split(|character: char| !character.is_ascii_hexdigit()).any(|run| run.len() >= DIGITS)
}

/// What tells whether a file is still the one that was read: its size, and when and where it was last changed.
/// None where there is no such file.
#[must_use]
pub fn stamp(path: &Path) -> Option<String> {
    let meta = path.metadata().ok()?;
    Some(format!("{}:{}", meta.len(), changed(&meta)))
}

#[cfg(unix)]
fn changed(meta: &std::fs::Metadata) -> String {
    use std::os::unix::fs::MetadataExt as _;
    // The time of the last change of the inode: unlike the other one it cannot be set.
    format!("{}.{}:{}:{}", meta.ctime(), meta.ctime_nsec(), meta.dev(), meta.ino())
}

#[cfg(not(unix))]
fn changed(meta: &std::fs::Metadata) -> String {
    let since = meta.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    since.map_or_else(|| "unknown".to_owned(), |since| since.as_nanos().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn names_that_look_alike_are_all_read() {
        use std::os::unix::ffi::OsStrExt as _;
        let root = std::env::temp_dir().join(format!("custody-names-{}", std::process::id()));
        std::fs::create_dir_all(root.join("a")).expect("a folder");
        for (name, content) in [(&b"a/\xff"[..], "1"), (b"a/\xfe", "22"), ("a/\u{FFFD}".as_bytes(), "333")] {
            std::fs::write(root.join(std::ffi::OsStr::from_bytes(name)), content).expect("a file");
        }
        let folder = DiskFolder::walk(&root).expect("it is there");
        let mut sizes: Vec<u64> =
            folder.files().iter().filter_map(|file| Some(folder.open(file).ok()?.len())).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [1, 2, 3]);
        std::fs::remove_dir_all(&root).expect("removed");
    }

    #[test]
    fn files_are_listed_and_links_to_folders_told() {
        let root = std::env::temp_dir().join(format!("custody-folder-{}", std::process::id()));
        std::fs::create_dir_all(root.join("a/.git")).expect("a folder");
        std::fs::write(root.join("a/x.bin"), b"x").expect("a file");
        std::fs::write(root.join("a/.git/config"), b"x").expect("a file");
        std::fs::write(root.join("b.bin"), b"xy").expect("a file");
        #[cfg(unix)]
        std::os::unix::fs::symlink(root.join("a"), root.join("link")).expect("a link");
        #[cfg(unix)]
        std::os::unix::fs::symlink(root.join("b.bin"), root.join("c.bin")).expect("a link");
        let folder = DiskFolder::walk(&root).expect("it is there");
        let expected: &[&str] = if cfg!(unix) { &["a/x.bin", "b.bin", "c.bin"] } else { &["a/x.bin", "b.bin"] };
        assert_eq!(folder.files(), expected);
        assert_eq!(folder.leads_out("c.bin"), None);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(root.join("b.bin"), root.join("a/out.bin")).expect("a link");
            std::fs::write(root.join(["0123456789abcdef"; 2].concat()), b"x").expect("a file");
            std::os::unix::fs::symlink(root.join(["0123456789abcdef"; 2].concat()), root.join("a/blob"))
                .expect("a link");
            let inner = DiskFolder::walk(&root.join("a")).expect("it is there");
            assert!(inner.leads_out("out.bin").is_some_and(|target| target.ends_with("b.bin")));
            assert_eq!((inner.leads_out("blob"), inner.leads_out("x.bin")), (None, None));
        }
        assert_eq!(folder.open("b.bin").map(|bytes| bytes.len()), Ok(2));
        assert!(folder.has("a/x.bin") && !folder.has("a/y.bin"));
        // The link leads to a folder that is walked by itself.
        assert_eq!(folder.unread, []);
        assert!(stamp(&folder.place("b.bin")).is_some_and(|stamp| stamp.starts_with("2:")));
        std::fs::remove_dir_all(&root).expect("removed");
    }
}
