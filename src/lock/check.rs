//! Whether a lock holds what a tree asks for: no more, no less, and at the commits that are written.

use super::Asked;
use super::Lock;
use super::Subject;
use crate::references::At;

/// A way in which a lock and its tree differ.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drift {
    /// What it is about.
    pub subject: Subject,
    /// Where the tree says so; none where only the lock does.
    pub place: Option<At>,
    /// What differs.
    pub kind: DriftKind,
}

/// What differs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum DriftKind {
    /// It is loaded and not held.
    NotHeld,
    /// It is held and nothing loads it.
    NotLoaded,
    /// The tree writes another commit or digest than is held.
    Other {
        /// What the tree writes.
        written: String,
        /// What is held; none where the entry holds no revision.
        held: Option<String>,
    },
}

impl Drift {
    /// What differs and what to do: a sentence.
    #[must_use]
    pub fn message(&self) -> String {
        let subject = &self.subject;
        match (&self.kind, subject) {
            (DriftKind::NotHeld, Subject::Elsewhere(path)) => {
                format!("`{path}` is not pointed to: run `cargo custody lock`")
            }
            (DriftKind::NotLoaded, Subject::Elsewhere(path)) => {
                format!("`{path}` is pointed to and not there: run `cargo custody lock`")
            }
            (DriftKind::NotHeld, _) => format!("{subject} is loaded and not held: run `cargo custody lock`"),
            (DriftKind::NotLoaded, _) => {
                format!("{subject} is held and nothing loads it: run `cargo custody lock`, which lets go of it")
            }
            (DriftKind::Other { written, held }, _) => {
                let held = held.as_deref().unwrap_or("no revision");
                format!(
                    "{subject} is written at {written} and held at {held}: write the one that was reviewed here, or \
                     run `cargo custody lock`, which takes this one"
                )
            }
        }
    }
}

/// What differs, in order.
#[must_use]
pub fn check(lock: &Lock, asked: &Asked) -> Vec<Drift> {
    let mut out = Vec::new();
    for (key, want) in &asked.entries {
        let subject = Subject::Entry(key.clone());
        let place = want.places.first().cloned();
        match (lock.entries.get(key), &want.commit) {
            (None, _) => out.push(Drift { subject, place, kind: DriftKind::NotHeld }),
            (Some(entry), Some(commit)) if entry.revision.as_ref() != Some(commit) => {
                let kind = DriftKind::Other { written: commit.clone(), held: entry.revision.clone() };
                out.push(Drift { subject, place, kind });
            }
            (Some(_), _) => {}
        }
    }
    let mut not_loaded = |subject: Subject| {
        // What was not read may load it.
        if asked.is_whole {
            out.push(Drift { subject, place: None, kind: DriftKind::NotLoaded });
        }
    };
    for key in lock.entries.keys().filter(|key| !asked.entries.contains_key(key) && !asked.may.contains(key)) {
        not_loaded(Subject::Entry(key.clone()));
    }
    for path in lock.elsewhere.keys().filter(|path| !asked.elsewhere.contains_key(*path)) {
        not_loaded(Subject::Elsewhere(path.clone()));
    }
    for name in lock.images.keys().filter(|n| asked.images.as_ref().is_some_and(|i| !i.contains_key(*n))) {
        not_loaded(Subject::Image(name.clone()));
    }
    for url in lock.tools.keys().filter(|u| asked.tools.as_ref().is_some_and(|t| !t.contains_key(*u))) {
        not_loaded(Subject::Tool(url.clone()));
    }
    for path in asked.elsewhere.keys().filter(|path| !lock.elsewhere.contains_key(*path)) {
        let subject = Subject::Elsewhere(path.clone());
        out.push(Drift { subject, place: None, kind: DriftKind::NotHeld });
    }
    for (name, wish) in asked.images.iter().flatten() {
        let subject = Subject::Image(name.clone());
        let place = Some(wish.place.clone());
        match (lock.images.get(name), &wish.digest) {
            (None, _) => out.push(Drift { subject, place, kind: DriftKind::NotHeld }),
            (Some(image), Some(digest)) if image.digest != *digest => {
                let kind = DriftKind::Other { written: digest.clone(), held: Some(image.digest.clone()) };
                out.push(Drift { subject, place, kind });
            }
            (Some(_), _) => {}
        }
    }
    for (url, wish) in asked.tools.iter().flatten() {
        let subject = Subject::Tool(url.clone());
        let place = Some(wish.place.clone());
        match (lock.tools.get(url), &wish.digest) {
            (None, _) => out.push(Drift { subject, place, kind: DriftKind::NotHeld }),
            (Some(tool), Some(digest)) if format!("sha256:{}", tool.sha256) != *digest => {
                let held = Some(format!("sha256:{}", tool.sha256));
                out.push(Drift { subject, place, kind: DriftKind::Other { written: digest.clone(), held } });
            }
            (Some(_), _) => {}
        }
    }
    out.sort();
    out
}
