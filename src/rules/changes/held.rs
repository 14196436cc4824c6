//! What a change does to `custody.lock`: entries that are let go of while something loads them still, and files that
//! change under one commit, and locks that come in the place of others.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::compared::Compared;
use crate::graph::Document;
use crate::graph::assets::Load;
use crate::graph::kinds::lock::CustodyLock;
use crate::graph::kinds::workflow::Uses;
use crate::graph::locked::Hold;
use crate::lock::Entry;
use crate::lock::Key;
use crate::lock::Subject;
use crate::source::Place;
use crate::source::RepoPath;

/// An entry: the number of its lock, the folder of that, what it is about.
type Known<'s> = (usize, &'s RepoPath, &'s Key);

/// Entries of one lock that are gone while something loads what they held.
pub(super) struct LetGo<'s> {
    /// The lock, by its path in the tree before.
    pub(super) path: &'s str,
    /// Whether the file is there still.
    pub(super) stays: bool,
    /// What was held, each with what loads it still, in the order of places.
    pub(super) entries: Vec<(&'s Key, Vec<&'s Load>)>,
}

/// Entries that the tree before had and that hold nothing now, by lock.
pub(super) fn let_go<'s>(compared: &Compared<'s>) -> Vec<LetGo<'s>> {
    let base = compared.base();
    let mut before: BTreeMap<(&str, &str), Vec<Known<'_>>> = BTreeMap::new();
    for (at, of) in base.assets.locks.iter().enumerate() {
        let Some(lock) = base.assets.lock(base.documents, at) else { continue };
        for key in lock.read.lock.entries.keys() {
            before.entry((&key.hub, &key.name)).or_default().push((at, &of.folder, key));
        }
    }
    let mut gone: BTreeMap<usize, BTreeMap<&Key, Vec<&Load>>> = BTreeMap::new();
    for load in &compared.scene.assets.loads {
        let reference = &load.loaded.reference;
        if !matches!(load.hold, Hold::NoLock | Hold::Missing(_)) {
            continue;
        }
        let Some(file) = compared.scene.sources.get(load.loaded.call.file) else { continue };
        let held = before.get(&(reference.hub.word(), reference.name.as_str())).into_iter().flatten();
        // The nearest folder's lock held it.
        let holder =
            held.filter(|(_, folder, _)| is_below(&file.path, folder)).max_by_key(|(_, f, _)| f.as_str().len());
        if let Some((at, _, key)) = holder.filter(|_| !compared.scene.role(file.id).is_set_aside()) {
            gone.entry(*at).or_default().entry(*key).or_default().push(load);
        }
    }
    let mut out = Vec::new();
    for (at, entries) in gone {
        let Some(lock) = base.assets.lock(base.documents, at) else { continue };
        let path = base.sources.path(lock.file);
        let stays = RepoPath::new(path).is_some_and(|path| compared.scene.files.contains(&path));
        let mut entries: Vec<(&Key, Vec<&Load>)> = entries.into_iter().collect();
        for (_, loads) in &mut entries {
            loads.sort_by_key(|load| load.loaded.place);
        }
        entries.sort_by_key(|(_, loads)| loads.first().map(|load| load.loaded.place));
        out.push(LetGo { path, stays, entries });
    }
    out
}

fn is_below(path: &RepoPath, folder: &RepoPath) -> bool {
    folder.is_root() || path.as_str().strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'))
}

/// Entries of a lock that is new, which another lock held for the same loads before.
pub(super) struct Taken<'s> {
    /// The new lock.
    pub(super) lock: &'s CustodyLock,
    /// The lock that held them, by its path.
    pub(super) from: &'s str,
    /// What is held now, each with whether it is another state than was held.
    pub(super) entries: Vec<(&'s Key, bool)>,
}

/// What locks that are new take over from others, by the two of them.
pub(super) fn taken_over<'s>(compared: &Compared<'s>) -> Vec<Taken<'s>> {
    let (scene, base) = (compared.scene, compared.base());
    let mut before: BTreeMap<(&str, &str), Vec<Known<'_>>> = BTreeMap::new();
    for (at, of) in base.assets.locks.iter().enumerate() {
        let Some(lock) = base.assets.lock(base.documents, at) else { continue };
        for key in lock.read.lock.entries.keys() {
            before.entry((&key.hub, &key.name)).or_default().push((at, &of.folder, key));
        }
    }
    let mut taken: BTreeMap<(usize, usize), BTreeMap<&Key, bool>> = BTreeMap::new();
    for load in &scene.assets.loads {
        let Some((now, key)) = load.hold.entry() else { continue };
        let Some(lock) = scene.assets.lock(scene.documents, now).filter(|lock| compared.old(lock.file).is_none())
        else {
            continue;
        };
        let Some(file) = scene.sources.get(load.loaded.call.file) else { continue };
        let held = before.get(&(key.hub.as_str(), key.name.as_str())).into_iter().flatten();
        let holder =
            held.filter(|(_, folder, _)| is_below(&file.path, folder)).max_by_key(|(_, f, _)| f.as_str().len());
        let Some((was, _, old)) = holder else { continue };
        let Some(old) = base.assets.lock(base.documents, *was).and_then(|lock| lock.read.lock.entries.get(*old)) else {
            continue;
        };
        // A lock that was moved is no other one.
        let from = base.assets.lock(base.documents, *was).map(|lock| base.sources.path(lock.file));
        if from.and_then(RepoPath::new).is_none_or(|path| !scene.files.contains(&path)) {
            continue;
        }
        let is_other = lock.read.lock.entries.get(key).is_some_and(|entry| entry.state() != old.state());
        *taken.entry((now, *was)).or_default().entry(key).or_default() |= is_other;
    }
    let taken = taken.into_iter().filter_map(|((now, was), entries)| {
        let lock = scene.assets.lock(scene.documents, now)?;
        let from = base.sources.path(base.assets.lock(base.documents, was)?.file);
        Some(Taken { lock, from, entries: entries.into_iter().collect() })
    });
    taken.collect()
}

/// A file of an entry that changed while the commit did not.
pub(super) struct Rewritten<'s> {
    pub(super) key: &'s Key,
    pub(super) revision: &'s str,
    pub(super) path: &'s str,
    /// Digests, before and after; none on the side that does not hold the file.
    pub(super) digests: (Option<String>, Option<String>),
    /// The entry's line.
    pub(super) place: Place,
    /// The entry's line in the tree before.
    pub(super) was: Place,
    /// Other files of the entry that changed, came or went.
    pub(super) more: usize,
}

/// Entries of which files changed, came or went under one commit, which names content and list and cannot.
pub(super) fn rewritten<'s>(document: &'s Document, was: &'s Document) -> Vec<Rewritten<'s>> {
    let (Document::CustodyLock(now), Document::CustodyLock(old)) = (document, was) else { return Vec::new() };
    let pairs =
        now.read.lock.entries.iter().filter_map(|(key, entry)| Some((key, entry, old.read.lock.entries.get(key)?)));
    pairs.filter_map(|(key, entry, before)| one((now, old), key, (entry, before))).collect()
}

fn one<'s>(
    (now, old): (&'s CustodyLock, &'s CustodyLock),
    key: &'s Key,
    (entry, before): (&'s Entry, &'s Entry),
) -> Option<Rewritten<'s>> {
    let revision = entry.revision.as_deref().filter(|revision| Uses::is_commit(revision))?;
    if before.revision.as_deref() != Some(revision) {
        return None;
    }
    let is_other = |path: &String| match (before.files.get(path), entry.files.get(path)) {
        (Some(old), Some(now)) => old.sha256 != now.sha256 || old.size != now.size,
        _ => true,
    };
    let differing: BTreeSet<&String> =
        entry.files.keys().chain(before.files.keys()).filter(|path| is_other(path)).collect();
    // What has another content weighs more than what came or went.
    let is_both = |path: &&&String| before.files.contains_key(**path) && entry.files.contains_key(**path);
    let path = *differing.iter().find(is_both).or_else(|| differing.first())?;
    let digest = |entry: &Entry| entry.files.get(path).map(|file| format!("sha256:{}", file.sha256));
    let subject = Subject::Entry(key.clone());
    Some(Rewritten {
        key,
        revision,
        path,
        digests: (digest(before), digest(entry)),
        place: now.place(&subject),
        was: old.place(&subject),
        more: differing.len() - 1,
    })
}
