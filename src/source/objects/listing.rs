//! The files of a commit, from its tree objects.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use gix_object::Kind;
use gix_object::TreeRefIter;
use gix_object::tree::EntryKind;

use super::links::{self, Target};
use super::{ObjectError, Oid, Repository};
use crate::source::RepoPath;
use crate::source::tree::{Entry, Limits, PassedOver, Tree};

/// Largest tree object: about two million names.
const MAX_TREE: u64 = 96 << 20;

/// Longest path, as systems have it.
const MAX_PATH: usize = 4096;

/// Bytes of all paths together.
const MAX_NAMES: usize = 512 << 20;

/// What the blob of a leaf is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::source) enum Content {
    /// A file.
    File,
    /// A file that may be started.
    Program,
    /// The text of a symbolic link.
    Link,
}

/// A file or link of a tree.
#[derive(Debug, Clone)]
pub(in crate::source) struct Leaf {
    pub(in crate::source) path: RepoPath,
    pub(in crate::source) id: Oid,
    pub(in crate::source) content: Content,
    /// For a link: the file it leads to, or why it is not read.
    pub(in crate::source) target: Option<Result<RepoPath, &'static str>>,
}

/// The blobs behind a tree.
#[derive(Debug)]
pub(in crate::source) struct Blobs {
    repository: Arc<Repository>,
    /// In path order.
    leaves: Vec<Leaf>,
    /// What is passed over as a whole, and the object that stands there.
    apart: BTreeSet<(String, Oid)>,
    /// Links to folders, and the folders.
    folder_links: Vec<(RepoPath, RepoPath)>,
}

impl Blobs {
    /// Links to folders, and the folders that they lead to.
    pub(in crate::source) fn folder_links(&self) -> &[(RepoPath, RepoPath)] {
        &self.folder_links
    }

    /// What is passed over as a whole, without `/` at its end, and the object that stands there.
    pub(in crate::source) fn apart(&self) -> &BTreeSet<(String, Oid)> {
        &self.apart
    }

    /// Files and links, in path order.
    pub(in crate::source) fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    pub(in crate::source) fn leaf(&self, path: &RepoPath) -> Option<&Leaf> {
        let at = self.leaves.binary_search_by(|leaf| leaf.path.cmp(path)).ok()?;
        self.leaves.get(at)
    }

    /// The blob that is read at a path: that of the file a link leads to.
    pub(in crate::source) fn blob(&self, path: &RepoPath) -> Result<Oid, String> {
        let leaf = self.leaf(path).ok_or_else(|| "it does not exist".to_owned())?;
        match &leaf.target {
            None => Ok(leaf.id),
            Some(Err(why)) => Err((*why).to_owned()),
            Some(Ok(target)) => {
                self.leaf(target).map(|leaf| leaf.id).ok_or_else(|| "a link that leads nowhere".to_owned())
            }
        }
    }

    /// Whether an object is here.
    pub(in crate::source) fn has(&self, id: &Oid) -> bool {
        self.repository.store.holds(id)
    }

    /// How many bytes stand at a path.
    pub(in crate::source) fn size(&self, path: &RepoPath) -> Result<u64, String> {
        self.repository.store.size(&self.blob(path)?).map_err(|error| told(&error))
    }

    /// The bytes at a path, of no more than so many.
    pub(in crate::source) fn read(&self, path: &RepoPath, limit: u64) -> Result<Vec<u8>, String> {
        let found = self.repository.store.read(&self.blob(path)?, limit).map_err(|error| told(&error))?;
        if found.kind != Kind::Blob {
            return Err("its object is no file".to_owned());
        }
        Ok(Arc::try_unwrap(found.bytes).unwrap_or_else(|shared| shared.as_ref().clone()))
    }

    /// The first bytes at a path; of a file over `most`, only where they can be had without the rest.
    pub(in crate::source) fn head(&self, path: &RepoPath, length: u64, most: u64) -> Option<Vec<u8>> {
        self.repository.store.head(&self.blob(path).ok()?, length, most).ok()
    }

    /// The name that a blob of these bytes would have here.
    pub(in crate::source) fn name_of(&self, bytes: &[u8]) -> Option<Oid> {
        Oid::of_content(self.repository.layout.hash, bytes)
    }
}

/// Why a file was not read, without the name of its object, which nobody wrote.
fn told(error: &ObjectError) -> String {
    match error {
        ObjectError::Missing { hint, .. } => format!("not in this clone: {hint}"),
        ObjectError::Damaged { why, .. } => format!("its git object is damaged: {why}"),
        ObjectError::TooLarge { bytes, limit, .. } => format!("{bytes} bytes are over the limit of {limit}"),
        other => other.to_string(),
    }
}

/// The files of a commit below a folder.
pub(super) fn of_commit(
    repository: &Arc<Repository>,
    commit: &Oid,
    prefix: &RepoPath,
    limits: Limits,
) -> Result<Tree, ObjectError> {
    let mut root = repository.commit(commit)?.tree;
    for part in prefix.parts() {
        let bytes = read_tree(repository, &root)?;
        let mut entries = TreeRefIter::from_bytes(&bytes, repository.layout.hash).flatten();
        let child = entries.find(|entry| entry.mode.kind() == EntryKind::Tree && entry.filename == part.as_bytes());
        let child = child.ok_or_else(|| ObjectError::NoFolder { path: prefix.clone(), id: *commit })?;
        root = Oid::new(child.oid.to_owned());
    }
    // That the outermost tree cannot be read is no gap but nothing to audit.
    read_tree(repository, &root)?;
    let mut listing = Listing::new(repository, limits);
    listing.walk(root, RepoPath::default(), 0);
    Ok(listing.finish(prefix, Some(commit.to_string())))
}

/// The bytes of a tree object.
pub(super) fn read_tree(repository: &Repository, id: &Oid) -> Result<Arc<Vec<u8>>, ObjectError> {
    let empty = gix_hash::ObjectId::empty_tree(repository.layout.hash);
    if *id == Oid::new(empty) {
        // git knows this one without having it.
        return Ok(Arc::new(Vec::new()));
    }
    let found = repository.store.read(id, MAX_TREE)?;
    if found.kind == Kind::Tree { Ok(found.bytes) } else { Err(ObjectError::Kind { id: *id, wanted: "tree" }) }
}

/// A list of files in the making.
pub(super) struct Listing<'r> {
    repository: &'r Arc<Repository>,
    limits: Limits,
    leaves: Vec<Leaf>,
    folders: Vec<RepoPath>,
    passed_over: Vec<PassedOver>,
    /// What of it has an object of its own.
    apart: BTreeSet<(String, Oid)>,
    folder_links: Vec<(RepoPath, RepoPath)>,
    /// Names seen, of files, folders and submodules.
    names: usize,
    name_bytes: usize,
    is_full: bool,
}

impl<'r> Listing<'r> {
    pub(super) fn new(repository: &'r Arc<Repository>, limits: Limits) -> Self {
        Self {
            repository,
            limits,
            leaves: Vec::new(),
            folders: Vec::new(),
            passed_over: Vec::new(),
            apart: BTreeSet::new(),
            folder_links: Vec::new(),
            names: 0,
            name_bytes: 0,
            is_full: false,
        }
    }

    pub(super) fn pass(&mut self, path: String, why: &str, incomplete: bool) {
        self.passed_over.push(PassedOver { path, why: why.to_owned(), incomplete });
    }

    /// The same of something that can be another thing under the same name.
    fn pass_object(&mut self, path: String, id: Oid, why: &str, incomplete: bool) {
        self.apart.insert((path.trim_end_matches('/').to_owned(), id));
        self.pass(path, why, incomplete);
    }

    /// Counts a name; says whether there is room for it.
    fn has_room(&mut self, path: &RepoPath) -> bool {
        self.names += 1;
        self.name_bytes += path.as_str().len();
        let is_over = self.leaves.len() >= self.limits.files
            || self.names > self.limits.files.saturating_mul(2)
            || self.name_bytes > MAX_NAMES;
        if is_over && !self.is_full {
            self.is_full = true;
            let why = format!("more than {} files: the rest is not listed", self.limits.files);
            self.pass(String::new(), &why, true);
        }
        !is_over
    }

    /// Adds a file or link.
    pub(super) fn add(&mut self, path: RepoPath, id: Oid, content: Content) {
        if self.has_room(&path) {
            self.leaves.push(Leaf { path, id, content, target: None });
        }
    }

    /// Notes a submodule.
    pub(super) fn add_submodule(&mut self, path: &RepoPath, id: Oid) {
        if self.has_room(path) {
            self.pass_object(format!("{path}/"), id, "a submodule, another repository: audit it on its own", false);
        }
    }

    /// Notes a name that is none.
    pub(super) fn pass_odd(&mut self, folder: &RepoPath, name: &[u8], id: Oid) {
        if !self.is_full {
            let name = String::from_utf8_lossy(name).chars().take(256).collect::<String>();
            let parent = if folder.is_root() { String::new() } else { format!("{folder}/") };
            self.names += 1;
            self.pass_object(
                format!("{parent}{}", name.escape_debug()),
                id,
                "its name is not valid UTF-8, holds a backslash or leaves the tree",
                true,
            );
        }
    }

    /// Notes a folder.
    pub(super) fn add_folder(&mut self, path: RepoPath) {
        self.folders.push(path);
    }

    /// Adds all that a tree object holds.
    pub(super) fn walk(&mut self, root: Oid, folder: RepoPath, depth: usize) {
        let mut todo = vec![(root, folder, depth)];
        while let Some((id, folder, depth)) = todo.pop() {
            if self.is_full {
                return;
            }
            if depth > self.limits.depth {
                let why = format!("nested deeper than {} folders", self.limits.depth);
                self.pass_object(format!("{folder}/"), id, &why, true);
                continue;
            }
            match read_tree(self.repository, &id) {
                Ok(bytes) => self.tree(id, &bytes, &folder, depth, &mut todo),
                Err(error) => self.pass_object(format!("{folder}/"), id, &told(&error), true),
            }
        }
    }

    fn tree(
        &mut self,
        own: Oid,
        bytes: &[u8],
        folder: &RepoPath,
        depth: usize,
        todo: &mut Vec<(Oid, RepoPath, usize)>,
    ) {
        let mut last: Option<(&[u8], bool)> = None;
        for entry in TreeRefIter::from_bytes(bytes, self.repository.layout.hash) {
            if self.is_full {
                return;
            }
            let Ok(entry) = entry else {
                self.pass_object(format!("{folder}/"), own, "the rest of its tree object cannot be read", true);
                return;
            };
            let kind = entry.mode.kind();
            let is_tree = kind == EntryKind::Tree;
            let name: &[u8] = entry.filename;
            if last.is_some_and(|(before, was_tree)| {
                gix_object::tree::name_order(before, was_tree, name, is_tree) != std::cmp::Ordering::Less
            }) {
                self.pass_object(format!("{folder}/"), own, "its tree object is not in the order git writes", true);
            }
            last = Some((name, is_tree));
            let id = Oid::new(entry.oid.to_owned());
            let path =
                std::str::from_utf8(name).ok().filter(|name| is_usable(name)).and_then(|name| folder.child(name));
            let Some(path) = path.filter(|path| path.as_str().len() <= MAX_PATH) else {
                self.pass_odd(folder, name, id);
                continue;
            };
            match kind {
                EntryKind::Tree => {
                    if self.has_room(&path) {
                        self.folders.push(path.clone());
                        todo.push((id, path, depth + 1));
                    }
                }
                EntryKind::Commit => self.add_submodule(&path, id),
                EntryKind::Blob => self.add(path, id, Content::File),
                EntryKind::BlobExecutable => self.add(path, id, Content::Program),
                EntryKind::Link => self.add(path, id, Content::Link),
            }
        }
    }

    /// Sorts what was found and follows its links.
    pub(super) fn finish(mut self, prefix: &RepoPath, commit: Option<String>) -> Tree {
        self.leaves.sort_by(|a, b| a.path.cmp(&b.path));
        self.folders.sort();
        self.drop_doubles();
        self.follow_links();
        self.passed_over.sort();
        self.passed_over.dedup();
        let name = if prefix.is_root() { self.repository.name.clone() } else { prefix.name().to_owned() };
        let entries = self.leaves.iter();
        let entries =
            entries.map(|leaf| Entry { path: leaf.path.clone(), tracked: true, obstacle: None, sparse: false });
        Tree::from_objects(
            name,
            commit,
            prefix.clone(),
            entries.collect(),
            self.folders,
            self.passed_over,
            self.limits,
            Blobs {
                repository: Arc::clone(self.repository),
                leaves: self.leaves,
                apart: self.apart,
                folder_links: self.folder_links,
            },
        )
    }

    /// One path can hold one thing. What git would check out of several, nobody says.
    fn drop_doubles(&mut self) {
        let mut doubles: Vec<RepoPath> = Vec::new();
        let mut note = |path: &RepoPath| {
            if doubles.last() != Some(path) {
                doubles.push(path.clone());
            }
        };
        self.leaves.dedup_by(|later, first| {
            let is_double = later.path == first.path;
            if is_double {
                note(&first.path);
            }
            is_double
        });
        self.folders.dedup_by(|later, first| {
            let is_double = later == first;
            if is_double {
                note(first);
            }
            is_double
        });
        for leaf in &self.leaves {
            if self.folders.binary_search(&leaf.path).is_ok() {
                note(&leaf.path);
            }
        }
        for path in doubles {
            self.pass(path.as_str().to_owned(), "its tree object names it twice", true);
        }
    }

    fn follow_links(&mut self) {
        let mut texts: HashMap<Oid, Option<String>> = HashMap::new();
        let store = &self.repository.store;
        let mut text_of = |leaf: &Leaf| {
            let text = texts.entry(leaf.id).or_insert_with(|| {
                let found = store.read(&leaf.id, links::MAX_TEXT).ok()?;
                String::from_utf8(found.bytes.to_vec()).ok().filter(|_| found.kind == Kind::Blob)
            });
            text.clone()
        };
        let links = self.leaves.iter().enumerate().filter(|(_, leaf)| leaf.content == Content::Link);
        let followed: Vec<(usize, Target)> = links
            .map(|(at, leaf)| (at, links::follow(&leaf.path, &self.leaves, &self.folders, &mut text_of)))
            .collect();
        let mut folders = Vec::new();
        for (at, target) in followed {
            let Some(leaf) = self.leaves.get_mut(at) else { continue };
            // What tools look for by name is expected under that name.
            let by_name = matches!(leaf.path.name(), "workflows" | ".github" | ".cargo" | "actions");
            match &target {
                Target::Folder(folder) => {
                    self.folder_links.push((leaf.path.clone(), folder.clone()));
                    folders.push((
                        leaf.path.clone(),
                        leaf.id,
                        "a link to a folder, which is read where it lies",
                        by_name,
                    ));
                }
                Target::Out if by_name => {
                    folders.push((
                        leaf.path.clone(),
                        leaf.id,
                        "a link that leads out of the tree is not followed",
                        true,
                    ));
                }
                _ => {}
            }
            leaf.target = Some(match target {
                Target::File(path) => Ok(path),
                other => Err(other.obstacle().unwrap_or("a link that leads nowhere")),
            });
        }
        // As on disk, a link to a folder is no file of the tree.
        let passed: Vec<&RepoPath> = folders.iter().map(|(path, ..)| path).collect();
        self.leaves.retain(|leaf| passed.binary_search(&&leaf.path).is_err());
        for (path, id, why, incomplete) in folders {
            self.pass_object(format!("{path}/"), id, why, incomplete);
        }
    }
}

/// Whether a name is one that git would let stand in a tree.
pub(super) fn is_usable(name: &str) -> bool {
    // Systems that do not tell case or short names apart find the git folder under these.
    !name.eq_ignore_ascii_case(".git") && !name.eq_ignore_ascii_case("git~1")
}
