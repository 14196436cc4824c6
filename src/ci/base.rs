//! Finding the tree before a change: candidates in order, tried against the history that the clone holds.
//!
//! A base that is wrong in the change's favour would let anything in. So the first parent counts only of the very
//! commit that the service made (the author of a change can make merge commits, too), and a base that is the head
//! itself counts for none: *nothing to compare* is never *nothing found*.

use super::Run;

/// What is asked of a repository's history. Commits are full ids in lower-case hexadecimal.
pub trait History {
    /// The commit of a revision.
    ///
    /// # Errors
    /// A sentence: why there is none.
    fn resolve(&self, revision: &str) -> Result<String, String>;
    /// Its parents, as far as the clone holds them.
    ///
    /// # Errors
    /// A sentence: why it cannot be read.
    fn parents(&self, commit: &str) -> Result<Vec<String>, String>;
    /// The best common ancestor of two commits, and whether a shallow clone's end was met on the way, so that with
    /// all history it may be a later one.
    ///
    /// # Errors
    /// A sentence: why the history cannot be walked.
    fn merge_base(&self, one: &str, other: &str) -> Result<(Option<String>, bool), String>;
    /// Whether the clone lacks history.
    fn is_shallow(&self) -> bool;
}

/// A way to find the base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Candidate {
    /// The first parent of the merge commit that the service made of the change.
    MergeParent {
        /// That commit. Of any other, the change's author may have chosen the parents.
        merge: String,
        /// What its second parent has to be, where that is known.
        second: Option<String>,
    },
    /// This revision.
    Revision {
        /// Its text.
        revision: String,
        /// Where it comes from: `the commit before the push`.
        how: String,
        /// Whether a person named it: then it may be the head as well.
        is_asked: bool,
    },
    /// Where the change left the history of these revisions; the latest such place counts.
    Ancestor {
        /// Their texts; those that the clone does not hold are passed over.
        with: Vec<String>,
        /// What they are: `the target branch`.
        what: String,
    },
}

impl Candidate {
    pub(super) fn revision(revision: String, how: &str) -> Self {
        Self::Revision { revision, how: how.to_owned(), is_asked: false }
    }

    pub(super) fn ancestor(with: Vec<String>, what: &str) -> Self {
        Self::Ancestor { with, what: what.to_owned() }
    }
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// As it was asked for.
    pub name: String,
    /// The commit.
    pub commit: String,
    /// How it was found.
    pub how: String,
}

/// What is compared with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The tree before.
    pub base: Point,
    /// The tree that is judged.
    pub head: Point,
}

/// Why there is no base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// One sentence: what is the matter and what would help.
    pub sentence: String,
    /// Why each candidate was none, in order.
    pub tried: Vec<String>,
}

/// Tries the candidates of a run.
///
/// # Errors
/// Where none will do, and what would help.
pub fn find(run: &Run, history: &dyn History) -> Result<Comparison, Missing> {
    let name = &run.head;
    let commit = match history.resolve(name) {
        Ok(commit) => commit,
        Err(why) => {
            let sentence = format!("there is nothing to judge: `{name}` cannot be read: {why}");
            return Err(Missing { sentence, tried: Vec::new() });
        }
    };
    if let Some(without) = &run.without_change
        && without.commit == commit
    {
        return Err(Missing { sentence: without.sentence.clone(), tried: Vec::new() });
    }
    let mut tried = Vec::new();
    for candidate in &run.base {
        match attempt(candidate, &commit, history) {
            Ok(base) => {
                let how = if name == "HEAD" { "what is checked out" } else { "as it was asked for" };
                let head = Point { name: name.clone(), commit, how: how.to_owned() };
                return Ok(Comparison { base, head });
            }
            Err(why) => tried.push(why),
        }
    }
    // That something else than the merge commit is checked out is no mistake.
    let at = run.base.iter().position(|candidate| !matches!(candidate, Candidate::MergeParent { .. })).unwrap_or(0);
    let sentence = match tried.get(at) {
        None => "nothing says what the change is to be compared with: name it with --base".to_owned(),
        Some(_) if history.is_shallow() => {
            format!("the clone is shallow and does not hold what the change is to be compared with: {}", run.depth)
        }
        Some(why) => format!(
            "there is no base to compare with: {why}; name one with --base, or judge all there is with --gate all"
        ),
    };
    Err(Missing { sentence, tried })
}

fn attempt(candidate: &Candidate, head: &str, history: &dyn History) -> Result<Point, String> {
    match candidate {
        Candidate::MergeParent { merge, second } => merge_parent(merge, second.as_deref(), head, history),
        Candidate::Revision { revision, how, is_asked } => {
            let commit = history.resolve(revision)?;
            if commit == head && !is_asked {
                return Err(format!("{how} is the very commit that is judged"));
            }
            Ok(Point { name: revision.clone(), commit, how: how.clone() })
        }
        Candidate::Ancestor { with, what } => ancestor(with, what, head, history),
    }
}

fn merge_parent(merge: &str, second: Option<&str>, head: &str, history: &dyn History) -> Result<Point, String> {
    if head != merge {
        return Err("what is checked out is not the merge commit that the service made".to_owned());
    }
    let parents = history.parents(head)?;
    let [first, other] = parents.as_slice() else {
        return Err(match parents.len() {
            0 => "the clone does not hold the parents of the merge commit".to_owned(),
            _ => "what is checked out is no merge of two commits".to_owned(),
        });
    };
    if second.is_some_and(|second| second != other) {
        return Err("what is checked out does not merge the commit that is under review".to_owned());
    }
    let commit = history.resolve(first)?;
    Ok(Point { name: "HEAD^1".to_owned(), commit, how: "first parent of the merge commit".to_owned() })
}

fn ancestor(with: &[String], what: &str, head: &str, history: &dyn History) -> Result<Point, String> {
    let mut found: Option<(String, &str, bool)> = None;
    let mut why = None;
    for revision in with {
        let answer = history.resolve(revision).and_then(|commit| history.merge_base(head, &commit));
        match answer {
            Ok((Some(commit), is_cut)) => {
                // A stale copy of a branch knows an older place, which would blame the change for others' work.
                let is_later = match &found {
                    None => true,
                    Some((known, ..)) => {
                        history.merge_base(known, &commit).is_ok_and(|(base, _)| base.as_ref() == Some(known))
                    }
                };
                if is_later {
                    found = Some((commit, revision, is_cut));
                }
            }
            Ok((None, _)) => why = why.or(Some(format!("{what} shares no history with what is judged"))),
            Err(error) => why = why.or(Some(error)),
        }
    }
    match found {
        Some((commit, ..)) if commit == head => Err(format!("{what} holds all that is judged already")),
        Some((commit, revision, is_cut)) => {
            let doubt = if is_cut { ", as far as this shallow clone tells" } else { "" };
            let how = format!("where the change left {what}{doubt}");
            Ok(Point { name: revision.to_owned(), commit, how })
        }
        None => Err(why.unwrap_or_else(|| format!("nothing names {what}"))),
    }
}
