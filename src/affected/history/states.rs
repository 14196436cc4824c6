//! Which commits matter: what branches held while the window was open, and what tags hold.
//!
//! git keeps when a commit was made, not when it was pushed. A branch is taken to have held each commit of its line
//! of first parents from the moment that the commit was made until the next one was. Where times are out of order,
//! [`clock`] says what is believed.

use std::collections::HashMap;

use super::clock;
use super::clock::Held;
use crate::source::objects::NameKind;
use crate::source::objects::ObjectError;
use crate::source::objects::Oid;
use crate::source::objects::Reference;
use crate::source::objects::Repository;

/// Commits from before the window that are walked all the same: of one that says an early time, the one before it may
/// say a later one.
const LOOK_BACK: usize = 1024;

/// A span of time, both ends in it, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its first moment; none for all that came before.
    pub since: Option<i64>,
    /// Its last moment; none for all that came after.
    pub until: Option<i64>,
}

impl Window {
    /// All time.
    pub const ALL: Self = Self { since: None, until: None };

    /// The part of it that another one shares.
    #[must_use]
    pub fn within(&self, since: Option<i64>, until: Option<i64>) -> Self {
        let until = match (self.until, until) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Self { since: self.since.max(since), until }
    }

    /// Whether something that began at a moment and ended at another one, or has not, stood in it.
    #[must_use]
    pub fn meets(&self, from: i64, end: Option<i64>) -> bool {
        let is_after = self.until.is_some_and(|until| from > until);
        let is_before = self.since.is_some_and(|since| end.is_some_and(|end| end <= since));
        !is_after && !is_before
    }

    /// Whether a moment lies in it.
    #[must_use]
    pub fn holds(&self, moment: i64) -> bool {
        self.since.is_none_or(|since| moment >= since) && self.until.is_none_or(|until| moment <= until)
    }
}

/// A commit as a branch held it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    /// The commit.
    pub(super) commit: Oid,
    /// Its outermost tree.
    pub(super) tree: Oid,
    /// Since when it was held: when it was made, or what those around it allow where its own time cannot be right.
    pub(super) from: i64,
    /// Until when it was held; none where it still is.
    pub(super) until: Option<i64>,
    /// The commit that came after it on the branch; none where it is the newest.
    pub(super) next: Option<Oid>,
}

/// A line of commits that one branch held, or several that are the same.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// Names of the branches.
    pub(super) names: Vec<String>,
    /// Whether one of them is the branch of the repository.
    pub(super) is_main: bool,
    /// What it held, the oldest first.
    pub(super) states: Vec<State>,
    /// Why what came before is not known, and until when; none where it is.
    pub(super) cut: Option<(String, i64)>,
}

/// A tag.
#[derive(Debug, Clone)]
pub(super) struct Tag {
    /// Its name.
    pub(super) name: String,
    /// The commit.
    pub(super) commit: Oid,
    /// Its outermost tree.
    pub(super) tree: Oid,
    /// When it was made; of one that does not say so, when its commit was.
    pub(super) made: i64,
}

/// All commits that matter.
#[derive(Debug, Default)]
pub(super) struct States {
    /// Branches, the one of the repository first.
    pub(super) lines: Vec<Line>,
    /// Tags, by name.
    pub(super) tags: Vec<Tag>,
    /// Names whose commit cannot be read, and why.
    pub(super) lost: Vec<(String, String)>,
    /// Names of other kinds, which were not looked at.
    pub(super) others: usize,
    /// Whether there are more names than are looked at.
    pub(super) has_more: bool,
    /// Commits that were walked.
    pub(super) walked: usize,
    /// Commits that branches held in the window, and of which the time is out of order with those around them.
    pub(super) unsure: usize,
}

/// Finds them. No more than so many commits are walked and names looked at.
pub(super) fn find(
    repository: &Repository,
    window: Window,
    commits: usize,
    names: usize,
) -> Result<States, ObjectError> {
    let (references, has_more) = repository.references(names)?;
    let mut states = States { has_more, ..States::default() };
    let mut walk = Walk { repository, window, left: commits, seen: HashMap::new(), unsure: 0 };
    for (commit, names, is_main) in branches(repository, &references, &mut states.lost) {
        let line = walk.line(commit, names, is_main);
        if !line.states.is_empty() || line.cut.is_some() {
            states.lines.push(line);
        }
    }
    states.walked = commits - walk.left;
    states.unsure = walk.unsure;
    for reference in references.iter().filter(|r| r.kind == NameKind::Tag) {
        let read = repository.named_commit(&reference.object).and_then(|named| {
            let commit = repository.commit(&named.commit)?;
            Ok(Tag {
                name: reference.name.clone(),
                commit: named.commit,
                tree: commit.tree,
                made: named.tagged.unwrap_or(commit.seconds),
            })
        });
        match read {
            Ok(tag) => states.tags.push(tag),
            // A tag of a file or of nothing that is a commit is no state of the tree.
            Err(ObjectError::Kind { .. }) => {}
            Err(error) => states.lost.push((format!("tag {}", reference.name), error.to_string())),
        }
    }
    states.others = references.iter().filter(|r| r.kind == NameKind::Other).count();
    Ok(states)
}

/// Commits of branches with their names, that of the repository first, then others by name.
fn branches(
    repository: &Repository,
    references: &[Reference],
    lost: &mut Vec<(String, String)>,
) -> Vec<(Oid, Vec<String>, bool)> {
    let head = repository.head_branch();
    let mut order: Vec<(Oid, Vec<String>, bool)> = Vec::new();
    let mut by_commit: HashMap<Oid, usize> = HashMap::new();
    let mut add = |commit: Oid, name: String, is_main: bool| {
        let at = *by_commit.entry(commit).or_insert(order.len());
        match order.get_mut(at) {
            Some((_, names, main)) => {
                names.push(name);
                *main |= is_main;
            }
            None => order.push((commit, vec![name], is_main)),
        }
    };
    // A clone with no branch checked out still holds a commit.
    if head.is_none()
        && let Some(commit) = repository.head()
    {
        add(commit, "HEAD".to_owned(), true);
    }
    let is_main = |reference: &Reference| {
        let head = head.as_deref();
        match reference.kind {
            NameKind::Branch => Some(reference.name.as_str()) == head,
            NameKind::RemoteBranch => head.is_some() && reference.name.split_once('/').map(|(_, name)| name) == head,
            NameKind::Tag | NameKind::Other => false,
        }
    };
    let is_branch = |r: &&Reference| matches!(r.kind, NameKind::Branch | NameKind::RemoteBranch);
    let usual = |r: &Reference| {
        let name = match r.kind {
            NameKind::RemoteBranch => r.name.split_once('/').map_or("", |(_, name)| name),
            _ => r.name.as_str(),
        };
        let is_release = || ["release", "stable", "v0", "v1", "v2"].iter().any(|start| name.starts_with(start));
        match name {
            "main" | "master" => 0,
            "dev" | "develop" | "development" | "devel" | "next" | "trunk" | "staging" => 1,
            _ if is_release() => 2,
            _ => 3,
        }
    };
    let mut named: Vec<(&Reference, Oid, i64)> = Vec::new();
    for reference in references.iter().filter(is_branch) {
        match repository.named_commit(&reference.object) {
            Ok(found) => {
                let made = repository.commit(&found.commit).map_or(i64::MAX, |commit| commit.seconds);
                named.push((reference, found.commit, made));
            }
            Err(error) => lost.push((format!("branch {}", reference.name), error.to_string())),
        }
    }
    // What others part from comes first, so that they tell of their own commits alone. Of others what ended first is the
    // nearest to what it shares with those that went on.
    named.sort_by_key(|(reference, _, made)| (!is_main(reference), usual(reference), *made));
    for (reference, commit, _) in named {
        add(commit, reference.name.clone(), is_main(reference));
    }
    order
}

struct Walk<'r> {
    repository: &'r Repository,
    window: Window,
    left: usize,
    /// Commits that a branch before this one held, and until when; none where it still does.
    seen: HashMap<Oid, Option<i64>>,
    /// Commits that matter and whose time is out of order.
    unsure: usize,
}

/// A commit of a line as it was walked.
struct Link {
    commit: Oid,
    tree: Oid,
    seconds: i64,
}

impl Walk<'_> {
    fn line(&mut self, tip: Oid, names: Vec<String>, is_main: bool) -> Line {
        // The newest first.
        let mut chain: Vec<Link> = Vec::new();
        let mut cut: Option<String> = None;
        // Until when the branch from which this one parts held the commit where it does.
        let mut parting: Option<Option<i64>> = None;
        let (mut at, mut past) = (tip, 0);
        loop {
            let shared = self.seen.get(&at).copied();
            match self.left.checked_sub(1).filter(|_| shared.is_none()) {
                Some(left) => self.left = left,
                None if shared.is_some() => {}
                None => {
                    cut = (past == 0).then(|| "more commits than are walked".to_owned());
                    break;
                }
            }
            let commit = match self.repository.commit(&at) {
                Ok(commit) => commit,
                Err(error) => {
                    cut = Some(error.to_string());
                    break;
                }
            };
            chain.push(Link { commit: at, tree: commit.tree, seconds: commit.seconds });
            if shared.is_some() {
                parting = shared.filter(|_| chain.len() > 1);
                break;
            }
            // What came before the window does not matter, and one commit alone does not say where that is.
            past = if self.window.since.is_some_and(|since| commit.seconds <= since) { past + 1 } else { 0 };
            if past > LOOK_BACK {
                break;
            }
            match (commit.parents.first(), commit.cut.is_empty()) {
                // The first parent may be the one that was left out.
                (_, false) => {
                    cut = Some("the clone is shallow, and what came before is not in it".to_owned());
                    break;
                }
                (Some(parent), true) => at = *parent,
                (None, true) => break,
            }
        }
        chain.reverse();
        let seconds: Vec<i64> = chain.iter().map(|link| link.seconds).collect();
        let mut held = clock::held(&seconds);
        let cut = cut.map(|why| (why, held.first().map_or(i64::MAX, oldest)));
        let mut states = Vec::new();
        for (number, (link, held)) in chain.iter().zip(&mut held).enumerate() {
            if number == 0
                && let Some(other) = parting
            {
                // Where it parts from another branch, that one tells of what came before. Once that has gone on, this
                // one alone may have held the commit.
                match other.filter(|other| held.until.is_none_or(|until| *other < until)) {
                    Some(other) => held.from = held.from.max(other),
                    None => continue,
                }
            } else {
                self.seen.entry(link.commit).or_insert(held.until);
            }
            if self.window.meets(held.from, held.until) {
                self.unsure += usize::from(!held.is_sure);
                let next = chain.get(number + 1).map(|next| next.commit);
                states.push(State { commit: link.commit, tree: link.tree, from: held.from, until: held.until, next });
            }
        }
        Line { names, is_main, states, cut }
    }
}

/// Until when what came before a commit may have been held.
fn oldest(held: &Held) -> i64 {
    if held.is_sure { held.from } else { held.until.unwrap_or(i64::MAX) }
}
