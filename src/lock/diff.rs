//! What lies between two locks, for who is to judge it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Serialize;

use super::Approval;
use super::Entry;
use super::Key;
use super::Lock;

/// Files of a change that are named.
const NAMED: usize = 10;

/// A change of one thing that is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// `model`, `dataset`, `tokenizer`, `adapter`, `kernel`, `image`, `tool`, `elsewhere`.
    pub kind: String,
    /// Its name in the lock: `huggingface:owner/name@v2`.
    pub name: String,
    /// `added`, `removed`, `changed`.
    pub what: &'static str,
    /// The name it had, where only the requested branch or tag is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was_named: Option<String>,
    /// Revision, digest, or what the other lock holds.
    pub revision: Pair,
    /// Files.
    pub files: Files,
    /// Licence.
    pub licence: Pair,
    /// Verdict and version of the scan.
    pub scan: Pair,
    /// Signer.
    pub signer: Pair,
    /// Approvals.
    pub approvals: Approvals,
}

/// What it was and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Pair {
    /// Before.
    pub before: Option<String>,
    /// After.
    pub after: Option<String>,
}

impl Pair {
    /// Whether both are the same.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.before == self.after
    }
}

/// What became of the files.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Files {
    /// How many there are only now.
    pub added: usize,
    /// How many there were only before.
    pub removed: usize,
    /// How many have another content.
    pub changed: usize,
    /// Bytes of all files before.
    pub bytes_before: u64,
    /// Bytes of all files after.
    pub bytes_after: u64,
    /// The largest of them, up to ten.
    pub names: Vec<String>,
}

/// What became of the approvals.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Approvals {
    /// Approvals that held before and hold no longer: who, and the day.
    pub lost: Vec<String>,
    /// Those that hold only now.
    pub gained: Vec<String>,
    /// How many hold now.
    pub now: usize,
}

/// All changes, in the order of the lock.
#[must_use]
pub fn diff(before: &Lock, after: &Lock) -> Vec<Change> {
    let renamed = renamed(before, after);
    let was: BTreeSet<&Key> = renamed.values().copied().collect();
    let empty = Entry::default();
    let mut out = Vec::new();
    let keys: BTreeSet<&Key> = before.entries.keys().chain(after.entries.keys()).collect();
    for key in keys {
        let old_key = renamed.get(key).copied();
        let (old, new) = (before.entries.get(old_key.unwrap_or(key)), after.entries.get(key));
        if was.contains(key) && new.is_none() || (old == new && old_key.is_none()) {
            continue;
        }
        let what = what(old.is_some(), new.is_some());
        let was_named = old_key.map(Key::identity);
        let (old, new) = (old.unwrap_or(&empty), new.unwrap_or(&empty));
        out.push(of_entry(key, what, was_named, old, new));
    }
    let digests = |lock: &Lock| -> BTreeMap<String, String> {
        lock.images.iter().map(|(name, image)| (name.clone(), image.digest.clone())).collect()
    };
    plain("image", &digests(before), &digests(after), &mut out);
    let contents = |lock: &Lock| -> BTreeMap<String, String> {
        lock.tools.iter().map(|(url, tool)| (url.clone(), format!("sha256:{} {}", tool.sha256, tool.size))).collect()
    };
    plain("tool", &contents(before), &contents(after), &mut out);
    plain("elsewhere", &before.elsewhere, &after.elsewhere, &mut out);
    out
}

/// Entries that are new under a name that differs from one that is gone in what is requested alone.
fn renamed<'l>(before: &'l Lock, after: &'l Lock) -> BTreeMap<&'l Key, &'l Key> {
    type Name<'k> = (crate::references::AssetKind, &'k str, &'k str);
    fn only<'l>(one: &'l Lock, other: &Lock) -> BTreeMap<Name<'l>, Vec<&'l Key>> {
        let mut out: BTreeMap<Name<'l>, Vec<&'l Key>> = BTreeMap::new();
        for key in one.entries.keys().filter(|key| !other.entries.contains_key(key)) {
            out.entry((key.kind, key.hub.as_str(), key.name.as_str())).or_default().push(key);
        }
        out
    }
    let gone = only(before, after);
    let came = only(after, before);
    let pairs = came.into_iter().filter_map(|(name, came)| match (came.as_slice(), gone.get(&name)?.as_slice()) {
        ([new], [old]) => Some((*new, *old)),
        _ => None,
    });
    pairs.collect()
}

fn what(was: bool, is: bool) -> &'static str {
    match (was, is) {
        (false, _) => "added",
        (_, false) => "removed",
        _ => "changed",
    }
}

fn of_entry(key: &Key, what: &'static str, was_named: Option<String>, old: &Entry, new: &Entry) -> Change {
    let pair = |before: &Option<String>, after: &Option<String>| Pair { before: before.clone(), after: after.clone() };
    let scan = |entry: &Entry| entry.scan.as_ref().map(|scan| format!("{}, {}", scan.verdict, scan.by));
    let said = |approval: &Approval| format!("{} ({})", approval.by, approval.on);
    let (held_before, held_after): (Vec<&Approval>, Vec<&Approval>) =
        (old.standing_approvals().collect(), new.standing_approvals().collect());
    let not_in = |list: &[&Approval], other: &[&Approval]| -> Vec<String> {
        list.iter().filter(|a| !other.iter().any(|b| b.by == a.by && b.of == a.of)).map(|a| said(a)).collect()
    };
    Change {
        kind: key.kind.word().to_owned(),
        name: key.identity(),
        what,
        was_named,
        revision: pair(&old.revision, &new.revision),
        files: files(old, new),
        licence: pair(&old.licence, &new.licence),
        scan: Pair { before: scan(old), after: scan(new) },
        signer: pair(&old.signer, &new.signer),
        approvals: Approvals {
            lost: not_in(&held_before, &held_after),
            gained: not_in(&held_after, &held_before),
            now: held_after.len(),
        },
    }
}

fn files(old: &Entry, new: &Entry) -> Files {
    let mut out = Files { bytes_before: old.bytes(), bytes_after: new.bytes(), ..Files::default() };
    let mut names: Vec<(u64, &String)> = Vec::new();
    for (path, file) in &new.files {
        match old.files.get(path) {
            None => out.added += 1,
            Some(before) if before != file => out.changed += 1,
            Some(_) => continue,
        }
        names.push((file.size, path));
    }
    for (path, file) in old.files.iter().filter(|(path, _)| !new.files.contains_key(*path)) {
        out.removed += 1;
        names.push((file.size, path));
    }
    names.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    out.names = names.into_iter().take(NAMED).map(|(_, path)| path.clone()).collect();
    out
}

fn plain(kind: &str, before: &BTreeMap<String, String>, after: &BTreeMap<String, String>, out: &mut Vec<Change>) {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let (old, new) = (before.get(name), after.get(name));
        if old == new {
            continue;
        }
        out.push(Change {
            kind: kind.to_owned(),
            name: name.clone(),
            what: what(old.is_some(), new.is_some()),
            was_named: None,
            revision: Pair { before: old.cloned(), after: new.cloned() },
            files: Files::default(),
            licence: Pair::default(),
            scan: Pair::default(),
            signer: Pair::default(),
            approvals: Approvals::default(),
        });
    }
}
