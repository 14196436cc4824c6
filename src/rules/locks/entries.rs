//! Entries of the tree's locks with their places, for the rules of the family.

use crate::diag::Label;
use crate::graph::assets::Load;
use crate::graph::kinds::lock::CustodyLock;
use crate::lock::Entry;
use crate::lock::Key;
use crate::lock::Subject;
use crate::rules::Scene;
use crate::rules::loads::group::by_whom;
use crate::source::Place;

/// Places that are named beside a finding.
const RELATED: usize = 3;
/// Digits of a commit that people are shown.
const SHOWN: usize = 12;

/// An entry of a lock that can be relied on.
pub(super) struct Held<'a> {
    /// The position of the lock among those of the tree.
    pub(super) at: usize,
    pub(super) lock: &'a CustodyLock,
    pub(super) key: &'a Key,
    pub(super) entry: &'a Entry,
    /// What loads it, in order.
    pub(super) loads: Vec<&'a Load>,
}

impl Held<'_> {
    /// The line of one of its facts.
    pub(super) fn fact(&self, scene: &Scene<'_>, fact: &str) -> Place {
        match scene.sources.get(self.lock.file) {
            Some(file) => self.lock.fact(file, self.key, fact),
            None => self.place(),
        }
    }

    /// Its first line.
    pub(super) fn place(&self) -> Place {
        self.lock.place(&Subject::Entry(self.key.clone()))
    }

    /// Where it is loaded, for messages.
    pub(super) fn related(&self) -> impl Iterator<Item = Label> {
        self.loads.iter().take(RELATED).map(|load| Label {
            place: load.loaded.place,
            text: format!("{} loads it", by_whom(&load.loaded.reference)),
        })
    }

    /// The state that approvals are bound to, and what it is told by: a revision says less than all files.
    pub(super) fn identity(&self) -> String {
        format!("{} {} {}", self.key.kind.word(), self.key, self.entry.state())
    }
}

/// All entries that can be relied on, of every lock, in order.
pub(super) fn held<'a>(scene: &Scene<'a>) -> Vec<Held<'a>> {
    let mut out = Vec::new();
    let mut starts = Vec::new();
    for at in 0..scene.assets.locks.len() {
        starts.push(out.len());
        let Some(lock) = scene.assets.lock(scene.documents, at) else { continue };
        for (key, entry) in &lock.read.lock.entries {
            if lock.sound(key).is_some() {
                out.push(Held { at, lock, key, entry, loads: Vec::new() });
            }
        }
    }
    for load in &scene.assets.loads {
        let Some((at, key)) = load.hold.entry() else { continue };
        let Some(start) = starts.get(at).copied() else { continue };
        let end = starts.get(at + 1).copied().unwrap_or(out.len());
        // Entries stand in the order of their keys.
        let Some(held) = out.get_mut(start..end) else { continue };
        if let Ok(known) = held.binary_search_by(|one| one.key.cmp(key))
            && let Some(one) = held.get_mut(known)
        {
            one.loads.push(load);
        }
    }
    out
}

/// A commit in a few digits.
pub(super) fn short(revision: &str) -> String {
    let is_commit = revision.len() >= 40 && revision.bytes().all(|b| b.is_ascii_hexdigit());
    if is_commit { revision.chars().take(SHOWN).collect() } else { revision.to_owned() }
}
