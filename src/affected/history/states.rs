//! Which commits matter: what branches held while the window was open, and what tags hold.
//!
//! git keeps when a commit was made, not when it was pushed. A branch is taken to have held each commit of its line
//! of first parents from the moment that the commit was made until the next one was.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::source::objects::NameKind;
use crate::source::objects::ObjectError;
use crate::source::objects::Oid;
use crate::source::objects::Reference;
use crate::source::objects::Repository;

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
    /// When it was made.
    pub(super) from: i64,
    /// The commit that came after it on the branch and when that was made; none where it is the newest.
    pub(super) next: Option<(Oid, i64)>,
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
    let mut walk = Walk { repository, window, left: commits, seen: HashSet::new() };
    for (commit, names, is_main) in branches(repository, &references, &mut states.lost) {
        let line = walk.line(commit, names, is_main);
        if !line.states.is_empty() || line.cut.is_some() {
            states.lines.push(line);
        }
    }
    states.walked = commits - walk.left;
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
        matches!(name, "main" | "master")
    };
    let mut named: Vec<&Reference> = references.iter().filter(is_branch).collect();
    // What others part from comes first, so that they tell of their own commits alone.
    named.sort_by_key(|r| (!is_main(r), !usual(r)));
    for reference in named {
        match repository.named_commit(&reference.object) {
            Ok(found) => add(found.commit, reference.name.clone(), is_main(reference)),
            Err(error) => lost.push((format!("branch {}", reference.name), error.to_string())),
        }
    }
    order
}

struct Walk<'r> {
    repository: &'r Repository,
    window: Window,
    left: usize,
    /// Commits that a branch before this one held.
    seen: HashSet<Oid>,
}

impl Walk<'_> {
    fn line(&mut self, tip: Oid, names: Vec<String>, is_main: bool) -> Line {
        let mut line = Line { names, is_main, states: Vec::new(), cut: None };
        let (mut at, mut next) = (tip, None);
        loop {
            // Where it parts from another branch, that one tells of what came before.
            let is_shared = !self.seen.insert(at);
            if is_shared && next.is_some() {
                break;
            }
            let until = next.map_or(i64::MAX, |(_, seconds)| seconds);
            let Some(left) = self.left.checked_sub(1) else {
                line.cut = Some(("more commits than are walked".to_owned(), until));
                break;
            };
            self.left = left;
            let commit = match self.repository.commit(&at) {
                Ok(commit) => commit,
                Err(error) => {
                    line.cut = Some((error.to_string(), until));
                    break;
                }
            };
            // A commit that was made after the window cannot have been held in it; its parents may.
            if self.window.until.is_none_or(|until| commit.seconds <= until) {
                line.states.push(State { commit: at, tree: commit.tree, from: commit.seconds, next });
            }
            if is_shared || self.window.since.is_some_and(|since| commit.seconds <= since) {
                break;
            }
            next = Some((at, commit.seconds));
            match (commit.parents.first(), commit.cut.is_empty()) {
                // The first parent may be the one that was left out.
                (_, false) => {
                    let why = "the clone is shallow, and what came before is not in it";
                    line.cut = Some((why.to_owned(), commit.seconds));
                    break;
                }
                (Some(parent), true) => at = *parent,
                (None, true) => break,
            }
        }
        line.states.reverse();
        line
    }
}
