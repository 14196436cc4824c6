//! What lies at a model: every file, link and oddity below it, as a signature must account for them.
//!
//! Scans follow links to files and pass over `.git` wherever it lies. A signature may do neither: a link is what
//! the specification forbids unless the signer allowed it, and only what is ignored by name may be passed over.
#![allow(clippy::disallowed_methods, reason = "walks the folder that a signature is about, links and all")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::source::{Bytes, FileBytes, Folder};

use super::failure::Failure;
use super::statement::normal;

/// Deepest folder that is walked.
const DEPTH: usize = 128;

/// Most files, links and oddities.
const ENTRIES: usize = 2_000_000;

/// Most folders.
const FOLDERS: usize = 500_000;

/// Most links to folders elsewhere. Two links in a folder that lead back to it would make more paths than anybody can
/// count.
const FOLLOWED: usize = 1000;

/// Most files that are counted of what is ignored.
const COUNTED: usize = 100_000;

/// Left out by every signer, at the top of a model only.
const DEFAULTS: &[&str] = &[".git", ".gitignore", ".gitattributes", ".github"];

/// A model whose files are compared with what was signed.
#[derive(Debug)]
pub struct Model<'m>(Place<'m>);

#[derive(Debug)]
enum Place<'m> {
    Disk(PathBuf),
    Folder(&'m dyn Folder),
}

impl std::fmt::Debug for dyn Folder + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} files", self.files().len())
    }
}

impl<'m> Model<'m> {
    /// A folder or a single file on disk. A link that is named itself is followed: whoever asks named it.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(Place::Disk(path.to_owned()))
    }

    /// Files that are held otherwise: a tree of git, the members of an archive. What is a link among them is told
    /// only where it leads out. A [`crate::source::DiskFolder`] leaves out what a signature must see (folders named
    /// `.git`, links to folders): what lies on disk is asked for with [`Model::at`].
    #[must_use]
    pub fn of(folder: &'m dyn Folder) -> Self {
        Self(Place::Folder(folder))
    }
}

/// Paths that need not be signed.
#[derive(Debug)]
pub(super) struct Ignored(BTreeSet<String>);

impl Ignored {
    /// Those that are always left out, and others, each with all below it. Paths that lead out of the model are none.
    pub(super) fn new<'p>(paths: impl IntoIterator<Item = &'p String>) -> Self {
        let below = |path: &&String| !path.starts_with('/') && !path.split('/').any(|part| part == "..");
        let given = paths.into_iter().filter(below).map(|path| normal(path));
        Self(DEFAULTS.iter().map(|&path| path.to_owned()).chain(given).collect())
    }

    /// Whether a path is one of them or lies below one.
    pub(super) fn covers(&self, path: &str) -> bool {
        self.by(path).is_some()
    }

    /// The one of them that a path is or lies below.
    fn by<'p>(&self, path: &'p str) -> Option<&'p str> {
        if self.0.contains("") {
            return Some(path);
        }
        let parents = path.match_indices('/').map(|(at, _)| &path[..at]);
        parents.chain([path]).find(|path| self.0.contains(*path))
    }
}

/// What lies at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// A file of so many bytes.
    File(u64),
    /// A link that was not followed.
    Link,
    /// Neither file nor folder, or a link that leads nowhere.
    Special,
}

/// What lies at a model, without what is ignored.
#[derive(Debug)]
pub(super) struct Listing<'m> {
    model: &'m Model<'m>,
    /// By path; the model itself, where it is one file, under the empty one.
    pub entries: BTreeMap<String, Entry>,
    /// Names that are no UTF-8, as they look. No signature can list them.
    pub nameless: Vec<String>,
    /// What is ignored and there: by path, how many files and whether that is all of them.
    pub ignored: BTreeMap<String, (usize, bool)>,
    /// Links that were followed out of the model, and where to.
    pub out: Vec<(String, String)>,
    /// Links to folders of this model, which are looked at where they lie.
    inner: BTreeSet<String>,
    /// The file's own name, where the model is one.
    pub single: Option<String>,
    /// Folders that are still to be walked: where they lie, what their files' names begin with, and how deep they are.
    left: Vec<(PathBuf, String, usize)>,
    /// Folders that were begun.
    folders: usize,
    /// Links to folders elsewhere that were followed.
    followed: usize,
}

impl<'m> Listing<'m> {
    /// Lists a model.
    ///
    /// # Errors
    /// [`Failure::Unread`].
    pub(super) fn read(model: &'m Model<'m>, ignored: &Ignored, follow: bool) -> Result<Self, Failure> {
        let mut out = Self {
            model,
            entries: BTreeMap::new(),
            nameless: Vec::new(),
            ignored: BTreeMap::new(),
            out: Vec::new(),
            inner: BTreeSet::new(),
            single: None,
            left: Vec::new(),
            folders: 0,
            followed: 0,
        };
        match &model.0 {
            Place::Folder(folder) => out.take_folder(*folder, ignored, follow)?,
            Place::Disk(root) => out.walk(root, ignored, follow)?,
        }
        Ok(out)
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// A sentence fragment.
    pub(super) fn open(&self, path: &str) -> Result<Box<dyn Bytes + '_>, String> {
        match &self.model.0 {
            Place::Folder(folder) => folder.open(path),
            Place::Disk(root) => {
                let place = if path.is_empty() { root.clone() } else { root.join(path) };
                FileBytes::open(&place).map(|file| Box::new(file) as Box<dyn Bytes>)
            }
        }
    }

    /// What lies at a listed path. A path through a link to a folder of this model leads to what lies there.
    pub(super) fn entry(&self, path: &str) -> Option<Entry> {
        let direct = self.entries.get(path).copied();
        if direct.is_some() {
            return direct;
        }
        let through = path.match_indices('/').any(|(at, _)| self.inner.contains(&path[..at]));
        if through { self.open(path).ok().map(|bytes| Entry::File(bytes.len())) } else { None }
    }

    fn take_folder(&mut self, folder: &dyn Folder, ignored: &Ignored, follow: bool) -> Result<(), Failure> {
        for path in folder.files() {
            if let Some(by) = ignored.by(path) {
                self.ignored.entry(by.to_owned()).or_insert((0, true)).0 += 1;
                continue;
            }
            let entry = if !follow && folder.leads_out(path).is_some() {
                Entry::Link
            } else {
                let size = match folder.size(path) {
                    Some(size) => size,
                    None => folder.open(path).map_err(|why| unread(path, why))?.len(),
                };
                Entry::File(size)
            };
            self.add(path.clone(), entry)?;
        }
        Ok(())
    }

    fn walk(&mut self, root: &Path, ignored: &Ignored, follow: bool) -> Result<(), Failure> {
        let meta = root.metadata().map_err(|error| unread(".", error.to_string()))?;
        if meta.is_file() {
            self.single = Some(root.file_name().unwrap_or_default().to_string_lossy().into_owned());
            return self.add(String::new(), Entry::File(meta.len()));
        }
        if !meta.is_dir() {
            return Err(unread(".", "it is neither a file nor a folder".to_owned()));
        }
        let whole = root.canonicalize().map_err(|error| unread(".", error.to_string()))?;
        self.left.push((root.to_owned(), String::new(), 0));
        while let Some((folder, prefix, depth)) = self.left.pop() {
            let entries = std::fs::read_dir(&folder).map_err(|error| unread(&prefix, error.to_string()))?;
            for entry in entries {
                let entry = entry.map_err(|error| unread(&prefix, error.to_string()))?;
                let Some(name) = entry.file_name().to_str().map(|name| format!("{prefix}{name}")) else {
                    self.nameless.push(format!("{prefix}{}", entry.file_name().to_string_lossy()));
                    continue;
                };
                if ignored.covers(&name) {
                    self.ignored.insert(name, count(&entry.path()));
                    continue;
                }
                let kind = entry.file_type().map_err(|error| unread(&name, error.to_string()))?;
                if kind.is_dir() {
                    self.deeper(entry.path(), &name, depth)?;
                } else if kind.is_symlink() {
                    match follow {
                        true => self.link(&entry.path(), name, ignored, &whole, depth)?,
                        false => self.add(name, Entry::Link)?,
                    }
                } else if kind.is_file() {
                    let size = entry.metadata().map_err(|error| unread(&name, error.to_string()))?.len();
                    self.add(name, Entry::File(size))?;
                } else {
                    self.add(name, Entry::Special)?;
                }
            }
        }
        Ok(())
    }

    /// Follows a link.
    fn link(
        &mut self,
        place: &Path,
        name: String,
        ignored: &Ignored,
        whole: &Path,
        depth: usize,
    ) -> Result<(), Failure> {
        match place.metadata() {
            Ok(meta) if meta.is_file() => {
                let target = place.canonicalize().map_err(|error| unread(&name, error.to_string()))?;
                self.leads_out(&name, &target, whole);
                self.add(name, Entry::File(meta.len()))
            }
            Ok(meta) if meta.is_dir() => {
                let target = place.canonicalize().map_err(|error| unread(&name, error.to_string()))?;
                // A folder that the model itself lies in holds it again and again.
                if whole.starts_with(&target) && whole != target {
                    return Err(unread(&name, "it leads to a folder that this model lies in".to_owned()));
                }
                // What lies in the model is looked at where it lies, unless that is passed over.
                let below = target.strip_prefix(whole).ok().map(|path| path.to_string_lossy().replace('\\', "/"));
                if below.is_some_and(|path| !ignored.covers(&path)) {
                    self.inner.insert(name);
                    return Ok(());
                }
                self.leads_out(&name, &target, whole);
                self.followed += 1;
                if self.followed > FOLLOWED {
                    return Err(unread(&name, format!("more than {FOLLOWED} links lead to folders elsewhere")));
                }
                self.deeper(place.to_owned(), &name, depth)
            }
            _ => self.add(name, Entry::Special),
        }
    }

    fn leads_out(&mut self, name: &str, target: &Path, whole: &Path) {
        if !target.starts_with(whole) {
            self.out.push((name.to_owned(), target.to_string_lossy().into_owned()));
        }
    }

    fn deeper(&mut self, place: PathBuf, name: &str, depth: usize) -> Result<(), Failure> {
        self.folders += 1;
        if depth >= DEPTH || self.folders > FOLDERS {
            return Err(unread(name, "it lies deeper than is walked, or there are too many folders".to_owned()));
        }
        self.left.push((place, format!("{name}/"), depth + 1));
        Ok(())
    }

    fn add(&mut self, path: String, entry: Entry) -> Result<(), Failure> {
        if self.entries.len() >= ENTRIES {
            return Err(unread(".", format!("it holds more than {ENTRIES} files")));
        }
        self.entries.insert(path, entry);
        Ok(())
    }
}

/// How many files, links and oddities lie at and below a place, and whether that is all of them.
fn count(place: &Path) -> (usize, bool) {
    let (mut files, mut counted) = (0, true);
    let mut left = vec![place.to_owned()];
    while let Some(place) = left.pop() {
        if !place.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
            files += 1;
        } else if let Ok(entries) = std::fs::read_dir(&place) {
            let before = left.len();
            left.extend(entries.take(COUNTED).filter_map(Result::ok).map(|entry| entry.path()));
            counted &= left.len() - before < COUNTED;
        } else {
            counted = false;
        }
        if files + left.len() > COUNTED {
            return (files, false);
        }
    }
    (files, counted)
}

fn unread(path: &str, why: String) -> Failure {
    Failure::Unread { path: path.to_owned(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ignored_is_a_path_from_the_top() {
        let given: Vec<String> = ["cache", "./a//b/", "sub/../x", "/y", "..", "*"].map(str::to_owned).to_vec();
        let ignored = Ignored::new(&given);
        for path in [".git", ".git/config", ".github/w.yml", ".gitignore", "cache", "cache/x/y", "a/b", "a/b/c", "*"] {
            assert!(ignored.covers(path), "{path}");
        }
        for path in ["sub/.git", "cache2", "sub/cache", "a", "a/bc", "x", "y", ".gitmodules", ".gitignore2", "z"] {
            assert!(!ignored.covers(path), "{path}");
        }
        assert!(Ignored::new(&[".".to_owned()]).covers("anything/at/all"));
    }
}
