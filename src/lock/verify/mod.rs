//! Whether the files on a machine are what the lock says.
//!
//! Each copy of an entry that is found is looked at: the state of it that is locked, and what a loader would take.
//! Sizes are compared before anything is hashed. What could not be looked at is told, and is never taken for right.

mod compare;
mod outcome;
pub(in crate::lock) mod pointer;
#[cfg(all(test, unix))]
mod tests;
#[cfg(all(test, unix))]
mod tests_odd;

use std::collections::BTreeSet;

use crate::lock::cache::{Found, Layout, Listing, State, Stored};
use crate::lock::hash::{Memory, Watch};
use crate::lock::{Entry, Key, Lock};

use compare::Queue;

pub use outcome::{Checked, Demand, Looked, Moved, Standing, Trouble, Verified, What};

/// How to verify.
#[derive(Clone, Copy)]
#[allow(missing_debug_implementations, reason = "a memory has none")]
pub struct Options<'a> {
    /// Threads that hash.
    pub threads: usize,
    /// Names of entries to look at, as the hub spells them; empty for all.
    pub only: &'a BTreeSet<String>,
    /// What an earlier run has hashed.
    pub memory: Option<&'a dyn Memory>,
    /// How far it is, for whoever shows progress.
    pub watch: &'a Watch,
}

/// Compares what was found with the lock.
///
/// # Errors
/// Where the memory cannot be written.
pub fn verify(lock: &Lock, found: &Found, options: &Options<'_>) -> Result<Verified, String> {
    let mut out = Verified { unread: found.unread.clone(), ..Verified::default() };
    let mut queue = Queue::new(options);
    let mut is_known = vec![false; found.stored.len()];
    for (key, entry) in &lock.entries {
        for (stored, known) in found.stored.iter().zip(&mut is_known) {
            *known |= stored.is_of(key, entry);
        }
        if !options.only.is_empty() && !options.only.contains(&key.name) {
            continue;
        }
        out.entries.push(Checked::new(key, entry));
        let number = out.entries.len() - 1;
        for stored in found.stored.iter().filter(|stored| stored.is_of(key, entry)) {
            copy(&mut out, number, key, entry, stored, &mut queue)?;
        }
    }
    queue.flush(&mut out)?;
    let strange = found.stored.iter().zip(is_known).filter(|(stored, known)| !known && is_repository(stored));
    out.unlocked = strange.map(|(stored, _)| stored.name.clone()).collect();
    out.unlocked.sort();
    out.unlocked.dedup();
    out.is_stopped = options.watch.stop.load(std::sync::atomic::Ordering::Relaxed);
    out.finish();
    Ok(out)
}

/// Whether a store says of itself which repository it holds.
fn is_repository(stored: &Stored) -> bool {
    matches!(stored.layout, Layout::Hub | Layout::Ollama | Layout::TorchHub) && !stored.name.is_empty()
}

/// Looks at one copy of an entry.
fn copy<'l>(
    out: &mut Verified,
    number: usize,
    key: &Key,
    entry: &'l Entry,
    stored: &Stored,
    queue: &mut Queue<'l, '_>,
) -> Result<(), String> {
    let asked = stored.asked(key);
    // Where no branch is, the hub's tool takes a snapshot that is called like it.
    let called = stored.states.iter().filter_map(|state| state.revision.as_ref());
    let called = called.filter(|_| stored.layout == Layout::Hub).find(|revision| *revision == asked);
    let leads_to = stored.refs.get(asked).or(called);
    let others: Vec<String> = stored
        .states
        .iter()
        .filter_map(|state| state.revision.clone())
        .filter(|revision| entry.revision.as_ref().is_some_and(|locked| locked != revision))
        .collect();
    let moved = match (leads_to, &entry.revision) {
        (Some(to), Some(locked)) if to != locked => Some(Moved {
            branch: asked.to_owned(),
            to: to.clone(),
            is_there: stored.states.iter().any(|state| state.revision.as_ref() == Some(to)),
            matters: true,
        }),
        _ => None,
    };
    let states = states(entry, stored, leads_to);
    if states.is_empty() {
        let mut looked = Looked::new(stored, None);
        looked.others = others;
        looked.moved = moved;
        looked.is_empty = true;
        out.entries[number].copies.push(looked);
        return Ok(());
    }
    for state in states {
        let mut looked = Looked::new(stored, Some(state));
        looked.others.clone_from(&others);
        looked.moved.clone_from(&moved);
        out.entries[number].copies.push(looked);
        let at = (number, out.entries[number].copies.len() - 1);
        files(out, at, entry, stored, stored.files(state), queue)?;
    }
    Ok(())
}

/// The states that are compared: the locked one, or where no commit is locked what a loader would take. Of folders
/// that are loaded by their path, whatever they hold.
fn states<'s>(entry: &Entry, stored: &'s Stored, leads_to: Option<&String>) -> Vec<&'s State> {
    let is_loaded_by_path = !matches!(stored.layout, Layout::Hub | Layout::Ollama);
    let wanted = entry.revision.as_ref().or(leads_to);
    let is_wanted = |state: &&State| is_loaded_by_path || wanted.is_none() || state.revision.as_ref() == wanted;
    stored.states.iter().filter(is_wanted).collect()
}

/// Puts each listed file beside the lock's; what must be hashed is queued.
fn files<'l>(
    out: &mut Verified,
    at: (usize, usize),
    entry: &'l Entry,
    stored: &Stored,
    listing: Listing,
    queue: &mut Queue<'l, '_>,
) -> Result<(), String> {
    let looked = &mut out.entries[at.0].copies[at.1];
    let mut seen = 0;
    for path in listing.denied.into_iter().filter(|path| entry.files.contains_key(path)) {
        looked.told.insert(path.clone());
        looked.troubles.push(Trouble { path, what: What::Denied });
    }
    for (path, why) in listing.unread {
        seen += usize::from(entry.files.contains_key(&path));
        looked.told.insert(path.clone());
        looked.troubles.push(Trouble { path, what: What::Unread { why } });
    }
    for (path, to) in listing.out {
        seen += usize::from(entry.files.contains_key(&path));
        looked.told.insert(path.clone());
        looked.troubles.push(Trouble { path, what: What::LeadsOut { to } });
    }
    // Both are in the order of paths: what is missing is found by walking along.
    let mut locked = entry.files.iter().peekable();
    for held in listing.files {
        let looked = &mut out.entries[at.0].copies[at.1];
        while let Some((path, _)) = locked.next_if(|(path, _)| **path < held.path) {
            looked.miss(path);
        }
        match locked.next_if(|(path, _)| **path == held.path) {
            Some((path, expected)) => {
                seen += 1;
                if held.size == expected.size {
                    queue.push(at, entry, path, *expected, held);
                    if queue.is_full() {
                        queue.flush(out)?;
                    }
                } else {
                    let what = pointer::judge(&held, expected).unwrap_or(What::Differs {
                        expected: *expected,
                        found: None,
                        size: held.size,
                        is_of: None,
                    });
                    looked.troubles.push(Trouble { path: held.path, what });
                }
            }
            None if stored.is_whole() => looked.troubles.push(Trouble { path: held.path, what: What::Extra }),
            None => {}
        }
    }
    let looked = &mut out.entries[at.0].copies[at.1];
    for (path, _) in locked {
        looked.miss(path);
    }
    let own: Vec<String> = looked.missing.extract_if(.., |path| stored.is_passed_over(path)).collect();
    for path in own {
        let why = "it would lie in a folder that a tool keeps for itself".to_owned();
        looked.troubles.push(Trouble { path, what: What::Unread { why } });
    }
    looked.is_empty = seen == 0 && !entry.files.is_empty();
    Ok(())
}
