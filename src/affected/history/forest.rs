//! The trees of many commits, each folder looked at once: what two commits share costs nothing the second time.
//!
//! A folder is known by its tree object and its path, since a path decides what a file is. Files are known by their
//! blob and path, and what a blob names is found once. A folder that holds nothing of interest is one and the same
//! everywhere.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use super::literal::Literals;
use super::needle::Sieve;
use super::relevant::Class;
use super::relevant::Wanted;
use crate::source::RepoPath;
use crate::source::objects::ItemKind;
use crate::source::objects::ObjectError;
use crate::source::objects::Oid;
use crate::source::objects::Repository;

/// Deepest folder, as everywhere.
const DEPTH: usize = 64;

/// A folder among those that were looked at.
pub(super) type FolderId = u32;

/// A file among those that were looked at: a path and a blob.
pub(super) type FileId = u32;

/// The folder that holds nothing.
const EMPTY: FolderId = 0;

/// What a blob names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Names {
    /// These questions, by number; usually none. Of some it may be the very file that is asked for.
    Questions {
        /// Questions that it names.
        named: Arc<[u32]>,
        /// Questions of which it is the file.
        same: Arc<[u32]>,
        /// Questions that it names so that it may hold what is asked for.
        held: Arc<[u32]>,
    },
    /// It could not be read, and why.
    Unreadable(Arc<str>),
}

/// A file.
#[derive(Debug)]
pub(super) struct File {
    /// Where it lies.
    pub(super) path: RepoPath,
    /// What it is to the question.
    pub(super) class: Class,
    /// Its blob.
    pub(super) blob: Oid,
    /// What it names; none before it was looked at.
    pub(super) names: Option<Names>,
}

impl File {
    /// Whether it names anything, or may.
    pub(super) fn is_hit(&self) -> bool {
        match &self.names {
            Some(Names::Questions { named, same, .. }) => !named.is_empty() || !same.is_empty(),
            Some(Names::Unreadable(_)) => true,
            None => false,
        }
    }
}

/// A folder of a commit: files of interest, and folders that hold some.
#[derive(Debug, Default)]
struct Folder {
    files: Vec<FileId>,
    folders: Vec<FolderId>,
    /// Something of it could not be read, and why.
    gap: Option<Arc<str>>,
}

/// What a folder comes to, all below it considered.
#[derive(Debug, Clone, Default)]
pub(super) struct Sum {
    /// Name of all files that name something; none where none does.
    pub(super) hits: Option<Oid>,
    /// Name of the same and of all that decides what they come to.
    pub(super) all: Option<Oid>,
    /// The questions that are named, in order.
    pub(super) questions: Arc<[u32]>,
    /// Those of them of which something may be held, whenever it was made.
    pub(super) held: Arc<[u32]>,
    /// Something could not be read, and why.
    pub(super) gap: Option<Arc<str>>,
}

/// How much is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Folders, each version counted.
    pub(super) folders: usize,
    /// Files of interest, each version counted.
    pub(super) files: usize,
    /// Bytes of one file.
    pub(super) file_bytes: u64,
}

/// Folders and files of many commits.
#[derive(Debug)]
pub(super) struct Forest<'r> {
    repository: &'r Repository,
    wanted: Wanted,
    bounds: Bounds,
    folders: Vec<Folder>,
    by_tree: HashMap<(Oid, u32), FolderId>,
    files: Vec<File>,
    by_blob: HashMap<(Oid, u32), FileId>,
    /// Paths of files and folders, and what a file there would be.
    paths: HashMap<RepoPath, (u32, Class)>,
    sums: Vec<Sum>,
    /// Other repositories that stand in folders, each version of a folder counted.
    pub(super) submodules: usize,
}

impl<'r> Forest<'r> {
    /// Of no commit yet.
    pub(super) fn new(repository: &'r Repository, wanted: Wanted, bounds: Bounds) -> Self {
        Self {
            repository,
            wanted,
            bounds,
            folders: vec![Folder::default()],
            by_tree: HashMap::new(),
            files: Vec::new(),
            by_blob: HashMap::new(),
            paths: HashMap::new(),
            sums: Vec::new(),
            submodules: 0,
        }
    }

    /// Adds the tree of a commit.
    ///
    /// # Errors
    /// Where it cannot be read at all, or no more is looked at.
    pub(super) fn add(&mut self, tree: Oid) -> Result<FolderId, ObjectError> {
        self.folder(tree, &RepoPath::default(), 0)
    }

    fn number(&mut self, path: &RepoPath) -> (u32, Class) {
        if let Some(known) = self.paths.get(path) {
            return *known;
        }
        let number = u32::try_from(self.paths.len()).unwrap_or(u32::MAX);
        let found = (number, self.wanted.class(path));
        self.paths.insert(path.clone(), found);
        found
    }

    fn folder(&mut self, tree: Oid, path: &RepoPath, depth: usize) -> Result<FolderId, ObjectError> {
        let (own, _) = self.number(path);
        if let Some(known) = self.by_tree.get(&(tree, own)) {
            return Ok(*known);
        }
        if self.by_tree.len() >= self.bounds.folders {
            return Err(ObjectError::Exhausted);
        }
        let mut folder = Folder::default();
        let items = if depth > DEPTH {
            folder.gap = Some(format!("{path}/ is nested deeper than {DEPTH} folders").into());
            Vec::new()
        } else {
            let items = self.repository.items(&tree)?;
            if items.is_odd {
                folder.gap = Some(format!("a name or the rest of {} cannot be read", shown(path)).into());
            }
            items.items
        };
        for item in items {
            let Some(child) = path.child(&item.name) else { continue };
            match item.kind {
                ItemKind::Folder => match self.folder(item.id, &child, depth + 1) {
                    Ok(EMPTY) => {}
                    Ok(id) => folder.folders.push(id),
                    Err(ObjectError::Exhausted) => return Err(ObjectError::Exhausted),
                    Err(error) => folder.gap = Some(format!("{child}/: {error}").into()),
                },
                ItemKind::File => {
                    let (number, class) = self.number(&child);
                    if class != Class::None {
                        folder.files.push(self.file(item.id, number, child, class)?);
                    }
                }
                ItemKind::Submodule => self.submodules += 1,
                ItemKind::Link => {}
            }
        }
        let is_empty = folder.files.is_empty() && folder.folders.is_empty() && folder.gap.is_none();
        let id = if is_empty { EMPTY } else { u32::try_from(self.folders.len()).unwrap_or(u32::MAX) };
        if !is_empty {
            self.folders.push(folder);
        }
        self.by_tree.insert((tree, own), id);
        Ok(id)
    }

    fn file(&mut self, blob: Oid, number: u32, path: RepoPath, class: Class) -> Result<FileId, ObjectError> {
        if let Some(known) = self.by_blob.get(&(blob, number)) {
            return Ok(*known);
        }
        if self.files.len() >= self.bounds.files {
            return Err(ObjectError::Exhausted);
        }
        let id = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        self.files.push(File { path, class, blob, names: None });
        self.by_blob.insert((blob, number), id);
        Ok(id)
    }

    /// Looks into every blob, on so many threads, and sums up every folder.
    pub(super) fn look(&mut self, sieve: &Sieve, literals: &Literals, threads: usize) {
        // Versions of one file lie near each other in a pack, and are often deltas of each other.
        let mut blobs: HashMap<Oid, Option<Names>> = HashMap::new();
        let mut order: Vec<usize> = (0..self.files.len()).collect();
        order.sort_by(|a, b| self.files.get(*a).map(|f| &f.path).cmp(&self.files.get(*b).map(|f| &f.path)));
        let mut distinct: Vec<&File> = Vec::new();
        for file in order.iter().filter_map(|at| self.files.get(*at)) {
            if blobs.insert(file.blob, None).is_none() {
                distinct.push(file);
            }
        }
        let next = AtomicUsize::new(0);
        let told = Mutex::new(&mut blobs);
        let work = || {
            // A stretch at a time: neighbours share bases.
            const STRETCH: usize = 32;
            loop {
                let from = next.fetch_add(STRETCH, Ordering::Relaxed);
                let Some(stretch) = distinct.get(from..distinct.len().min(from + STRETCH)).filter(|s| !s.is_empty())
                else {
                    return;
                };
                let found: Vec<(Oid, Names)> =
                    stretch.iter().map(|file| (file.blob, self.names(file, sieve, literals))).collect();
                let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                for (blob, names) in found {
                    told.insert(blob, Some(names));
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads.clamp(1, 64) {
                scope.spawn(work);
            }
            work();
        });
        for file in &mut self.files {
            file.names = blobs.get(&file.blob).cloned().flatten();
        }
        self.sum_up();
    }

    fn names(&self, file: &File, sieve: &Sieve, literals: &Literals) -> Names {
        let bytes = match self.repository.blob(&file.blob, self.bounds.file_bytes) {
            Ok(bytes) => bytes,
            Err(error) => return Names::Unreadable(error.to_string().into()),
        };
        let mut questions = sieve.targets_in(&bytes);
        let marks = self.wanted.marks(&file.path);
        if !questions.is_empty() && file.class == Class::Beside && !marks.is_empty() {
            let text = String::from_utf8_lossy(&bytes);
            if !marks.iter().any(|mark| text.contains(mark)) {
                questions.clear();
            }
        }
        let same: Arc<[u32]> = sieve.files_in(&bytes, &file.blob).into();
        let may_hold = |question: &u32| literals.may_stand(*question, &bytes);
        let mut held: Vec<u32> = questions.iter().copied().filter(may_hold).collect();
        held.extend_from_slice(&same);
        Names::Questions { named: questions.into(), same, held: held.into() }
    }

    /// Folders come after those that they hold.
    fn sum_up(&mut self) {
        let mut sums: Vec<Sum> = Vec::with_capacity(self.folders.len());
        let none: Arc<[u32]> = Arc::from([]);
        for folder in &self.folders {
            let mut sum = Sum {
                questions: Arc::clone(&none),
                held: Arc::clone(&none),
                gap: folder.gap.clone(),
                ..Sum::default()
            };
            let (mut hits, mut all) = (Vec::new(), Vec::new());
            let (mut questions, mut held): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
            for id in &folder.files {
                let Some(file) = self.files.get(*id as usize) else { continue };
                let line = |out: &mut Vec<u8>| {
                    out.extend_from_slice(b"f");
                    out.extend_from_slice(&id.to_le_bytes());
                };
                if file.is_hit() {
                    line(&mut hits);
                    if let Some(Names::Questions { named, held: own, .. }) = &file.names {
                        questions.extend_from_slice(named);
                        held.extend_from_slice(own);
                    }
                }
                if file.is_hit() || file.class.is_context() {
                    line(&mut all);
                }
                if let (Some(Names::Unreadable(why)), true) = (&file.names, file.class.is_context()) {
                    sum.gap.get_or_insert_with(|| format!("{}: {why}", file.path).into());
                }
            }
            for child in folder.folders.iter().filter_map(|id| sums.get(*id as usize)) {
                for (of_child, own) in [(&child.hits, &mut hits), (&child.all, &mut all)] {
                    if let Some(name) = of_child {
                        own.extend_from_slice(b"d");
                        own.extend_from_slice(name.to_string().as_bytes());
                    }
                }
                questions.extend_from_slice(&child.questions);
                held.extend_from_slice(&child.held);
                if sum.gap.is_none() {
                    sum.gap.clone_from(&child.gap);
                }
            }
            for list in [&mut questions, &mut held] {
                list.sort_unstable();
                list.dedup();
            }
            let name = |bytes: &[u8]| if bytes.is_empty() { None } else { self.repository.name_of(bytes) };
            sum.hits = name(&hits);
            sum.all = name(&all);
            if !questions.is_empty() {
                sum.questions = questions.into();
            }
            if !held.is_empty() {
                sum.held = held.into();
            }
            sums.push(sum);
        }
        self.sums = sums;
    }

    /// What a folder comes to, once all were looked into.
    pub(super) fn sum(&self, folder: FolderId) -> Sum {
        self.sums.get(folder as usize).cloned().unwrap_or_default()
    }

    /// The files of a folder and of all below it that name something or decide what that comes to, in path order.
    pub(super) fn files_of(&self, folder: FolderId) -> Vec<&File> {
        let mut out = Vec::new();
        let mut todo = vec![folder];
        while let Some(folder) = todo.pop().and_then(|id| self.folders.get(id as usize)) {
            let files = folder.files.iter().filter_map(|id| self.files.get(*id as usize));
            out.extend(files.filter(|file| file.is_hit() || file.class.is_context()));
            todo.extend_from_slice(&folder.folders);
        }
        out.sort_by(|a, b| a.path.cmp(&b.path));
        out
    }

    /// All files of a folder and of all below it that are looked at, in path order.
    pub(super) fn all_of(&self, folder: FolderId) -> Vec<&File> {
        let mut out = Vec::new();
        let mut todo = vec![folder];
        while let Some(folder) = todo.pop().and_then(|id| self.folders.get(id as usize)) {
            out.extend(folder.files.iter().filter_map(|id| self.files.get(*id as usize)));
            todo.extend_from_slice(&folder.folders);
        }
        out.sort_by(|a, b| a.path.cmp(&b.path));
        out
    }

    /// What a file must hold to say anything, any of it; nothing where every one does.
    pub(super) fn marks(&self, file: &File) -> &'static [&'static str] {
        if file.class == Class::Beside { self.wanted.marks(&file.path) } else { &[] }
    }

    /// Files at these paths, whatever they are.
    pub(super) fn files_at(&self, folder: FolderId, paths: &BTreeSet<RepoPath>) -> Vec<&File> {
        let mut out = Vec::new();
        let mut todo = vec![folder];
        while let Some(folder) = todo.pop().and_then(|id| self.folders.get(id as usize)) {
            let files = folder.files.iter().filter_map(|id| self.files.get(*id as usize));
            out.extend(files.filter(|file| paths.contains(&file.path)));
            todo.extend_from_slice(&folder.folders);
        }
        out
    }

    /// How many folders and files were looked at.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.by_tree.len(), self.files.len())
    }
}

fn shown(path: &RepoPath) -> String {
    if path.is_root() { "the outermost folder".to_owned() } else { format!("{path}/") }
}
