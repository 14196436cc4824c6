//! Back to an earlier state of an entry, found in the history of the lock.

use std::collections::BTreeMap;

use super::Approval;
use super::Digest;
use super::Entry;
use super::Key;
use super::Lock;

/// Fewest digits that name a commit.
const DIGITS: usize = 4;

/// A state of the lock in its history.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// The commit of the repository that first held it, in full.
    pub commit: String,
    /// The lock; why it cannot be read where it cannot.
    pub lock: Result<Lock, String>,
}

/// Where to go back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The newest earlier state that was approved.
    LastGood,
    /// A commit of the repository, or the revision of the model; the first digits will do.
    Commit(String),
}

impl Target {
    /// From what a person writes.
    ///
    /// # Errors
    /// It is neither `last-good` nor the beginning of a commit; a sentence.
    pub fn of(text: &str) -> Result<Self, String> {
        if text == "last-good" {
            return Ok(Self::LastGood);
        }
        let is_commit = (DIGITS..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
        if is_commit {
            return Ok(Self::Commit(text.to_ascii_lowercase()));
        }
        Err(format!("`{text}` is neither `last-good` nor {DIGITS} digits of a commit or more"))
    }
}

/// The state to go back to, and the commit that held it.
///
/// `history` is the lock's, the newest first. What is not approved is taken only where that is allowed.
///
/// # Errors
/// There is no such state, several are meant, or it is not approved; a sentence.
pub fn find(
    key: &Key,
    now: Option<&Entry>,
    target: &Target,
    history: &mut dyn Iterator<Item = Earlier>,
    allows_unapproved: bool,
) -> Result<(String, Entry), String> {
    let mut unread = 0_usize;
    // By state, as first met: the newest commit that holds it.
    let mut found: BTreeMap<Digest, (String, Entry)> = BTreeMap::new();
    // By state, what the newest commit that holds it says of it: an approval that is not there was taken back.
    let mut approvals: BTreeMap<Digest, Vec<Approval>> = BTreeMap::new();
    if let Some(now) = now {
        approvals.insert(now.state(), now.approvals.clone());
    }
    for earlier in history {
        let Ok(lock) = earlier.lock else {
            unread += 1;
            continue;
        };
        let Some(entry) = lock.entries.get(key) else { continue };
        let state = entry.state();
        let is_newest = !approvals.contains_key(&state);
        approvals.entry(state).or_insert_with(|| entry.approvals.clone());
        match target {
            Target::LastGood => {
                if is_newest && entry.standing_approvals().next().is_some() {
                    return Ok((earlier.commit, entry.clone()));
                }
            }
            Target::Commit(digits) => {
                let is_revision = entry.revision.as_ref().is_some_and(|r| r.to_ascii_lowercase().starts_with(digits));
                if is_revision || earlier.commit.starts_with(digits.as_str()) {
                    found.entry(state).or_insert_with(|| (earlier.commit.clone(), entry.clone()));
                }
            }
        }
    }
    let unread = match unread {
        0 => String::new(),
        count => format!("; {count} states of the lock could not be read"),
    };
    let now = now.map(Entry::state);
    let Target::Commit(digits) = target else {
        return Err(format!("no earlier state of {key} was approved{unread}"));
    };
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (None, _) => Err(format!("no state of {key} in the history of the lock is called {digits}{unread}")),
        (Some((_, one)), Some((_, other))) => Err(format!(
            "{digits} is several states of {key}, in commit {} and in commit {}: write more digits",
            short(&one.0),
            short(&other.0)
        )),
        (Some((state, _)), None) if Some(state) == now => Err(format!("{key} is held at {digits} already")),
        (Some((state, (commit, mut entry))), None) => {
            entry.approvals = approvals.remove(&state).unwrap_or_default();
            if entry.standing_approvals().next().is_none() && !allows_unapproved {
                return Err(format!(
                    "the state of {key} in commit {} is not approved, or no longer: `--unapproved` takes it all the \
                     same",
                    short(&commit)
                ));
            }
            Ok((commit, entry))
        }
    }
}

/// The first digits of a commit.
#[must_use]
pub fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}
