//! What is loaded, joined with the locks that hold it.
//!
//! A lock speaks of its folder and of what lies below it, up to where another one stands. Which entry holds a
//! reference is said by [`lock::held`], as the command says it that checks a lock.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Document;
use super::assets::Load;
use super::kinds::lock::CustodyLock;
use crate::lock;
use crate::lock::Key;
use crate::references::AssetKind;
use crate::references::Pin;
use crate::references::Reference;
use crate::source::RepoPath;
use crate::source::Sources;

/// A lock of the tree.
#[derive(Debug, Clone)]
pub struct TreeLock {
    /// Its position among the documents.
    pub document: usize,
    /// The folder it speaks of.
    pub folder: RepoPath,
    /// Entries that something loads.
    pub used: BTreeSet<Key>,
}

/// How a load stands to the lock that speaks of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Hold {
    /// No lock is to hold it: another party runs it, the place compares it with a digest, another lock holds it.
    #[default]
    NotAsked,
    /// No lock speaks of it.
    NoLock,
    /// A lock speaks of it of which not every line is understood.
    Unclear,
    /// The lock at this position of [`super::assets::AssetView::locks`] does not hold it.
    Missing(usize),
    /// That lock holds it for another branch or tag alone, under this key.
    Elsewise(usize, Key),
    /// That lock holds it under this key.
    At(usize, Key),
}

impl Hold {
    /// The lock and the entry that hold it.
    #[must_use]
    pub fn entry(&self) -> Option<(usize, &Key)> {
        match self {
            Self::At(lock, key) => Some((*lock, key)),
            _ => None,
        }
    }
}

/// The locks of a tree, and how each load stands to its own.
pub(super) fn join(documents: &[Document], sources: &Sources, loads: &mut [Load]) -> Vec<TreeLock> {
    let mut locks = Vec::new();
    let mut names: Vec<Names<'_>> = Vec::new();
    for (document, lock) in documents.iter().enumerate().filter_map(|(at, d)| Some((at, of(d)?))) {
        let folder = sources.get(lock.file).map(|file| file.path.parent()).unwrap_or_default();
        locks.push(TreeLock { document, folder, used: BTreeSet::new() });
        let mut by_name = Names::new();
        for key in lock.read.lock.entries.keys() {
            by_name.entry((&key.hub, &key.name)).or_default().push(key);
        }
        names.push(by_name);
    }
    let by_folder: BTreeMap<RepoPath, usize> =
        locks.iter().enumerate().map(|(at, lock)| (lock.folder.clone(), at)).collect();
    for load in &mut *loads {
        load.hold = exact(documents, sources, &locks, &by_folder, load);
        if let Some((at, key)) = load.hold.entry()
            && let Some(lock) = locks.get_mut(at)
        {
            lock.used.insert(key.clone());
        }
    }
    // What is left may be held in another way, by an entry that nothing else asks for.
    for load in &mut *loads {
        let Hold::Missing(at) = load.hold else { continue };
        let (Some(lock), Some(names), reference) = (locks.get_mut(at), names.get(at), &load.loaded.reference) else {
            continue;
        };
        let Some(held) = documents.get(lock.document).and_then(of) else { continue };
        let named = names.get(&(reference.hub.word(), reference.name.as_str())).into_iter().flatten();
        let mut like = named.filter(|key| is_like(reference.kind, key.kind)).copied();
        let commit = reference.revision.as_deref().filter(|_| reference.pin == Pin::Commit);
        let is_at = |key: &&Key| {
            let revision = held.read.lock.entries.get(*key).and_then(|entry| entry.revision.as_deref());
            revision.zip(commit).is_some_and(|(held, written)| held.eq_ignore_ascii_case(written))
        };
        if let Some(key) = like.clone().find(is_at) {
            lock.used.insert(key.clone());
            load.hold = Hold::At(at, key.clone());
        } else if let Some(key) = like.find(|key| !lock.used.contains(*key)) {
            load.hold = Hold::Elsewise(at, key.clone());
        }
    }
    // An entry that is asked for in another way is told of there, and not as one that nobody asks for.
    for load in &*loads {
        if let Hold::Elsewise(at, key) = &load.hold
            && let Some(lock) = locks.get_mut(*at)
        {
            lock.used.insert(key.clone());
        }
    }
    locks
}

/// Entries by hub and name.
type Names<'d> = BTreeMap<(&'d str, &'d str), Vec<&'d Key>>;

fn of(document: &Document) -> Option<&CustodyLock> {
    if let Document::CustodyLock(lock) = document { Some(lock) } else { None }
}

/// How a load stands to the nearest lock up the folders.
fn exact(
    documents: &[Document],
    sources: &Sources,
    locks: &[TreeLock],
    by_folder: &BTreeMap<RepoPath, usize>,
    load: &Load,
) -> Hold {
    let reference = &load.loaded.reference;
    if load.loaded.held.is_some() || !lock::is_wanted(reference) {
        return Hold::NotAsked;
    }
    let Some(file) = sources.get(load.loaded.call.file) else { return Hold::NoLock };
    let folder = file.path.parent();
    let mut up = std::iter::successors(Some(folder), |folder| (!folder.is_root()).then(|| folder.parent()));
    let Some(at) = up.find_map(|folder| by_folder.get(&folder).copied()) else { return Hold::NoLock };
    let Some(lock) = locks.get(at).and_then(|lock| documents.get(lock.document)).and_then(of) else {
        return Hold::NoLock;
    };
    match lock::held(&lock.read.lock, reference) {
        Some((key, _)) => Hold::At(at, key.clone()),
        None if lock.is_whole() => Hold::Missing(at),
        None => Hold::Unclear,
    }
}

/// Whether an entry of one kind can hold what is loaded as another: a repository holds a model and its tokenizer.
fn is_like(asked: AssetKind, held: AssetKind) -> bool {
    let is_model = |kind| matches!(kind, AssetKind::Model | AssetKind::Adapter | AssetKind::Tokenizer);
    asked == held || is_model(asked) && is_model(held)
}

/// The kind of the entry that would hold it, where there is none yet.
#[must_use]
pub fn kind_of(reference: &Reference) -> AssetKind {
    if is_like(reference.kind, AssetKind::Model) { AssetKind::Model } else { reference.kind }
}
