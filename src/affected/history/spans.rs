//! From states to spans: since when and until when a branch stood so.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::states::State;
use crate::affected::Answer;
use crate::affected::Standing;
use crate::affected::answer::Exposed;

/// Spots, jobs, ways and names that one answer lists.
const MOST: usize = 256;

/// What makes two answers the same one at different times: the target, how it stands, and why.
type Key = (String, Standing, String);

fn key(answer: &Answer) -> Key {
    (answer.target.clone(), answer.standing, without_lines(&answer.why))
}

/// A reason without the numbers of its lines, which move while it stays the same.
fn without_lines(why: &str) -> String {
    let mut parts = why.split(" line ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(" line ");
        out.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    out
}

/// The spans of one branch: for each state, the oldest first, what is said of it.
pub(super) fn of_line<'a>(states: impl Iterator<Item = (&'a State, Vec<&'a Answer>)>) -> Vec<Answer> {
    let mut open: BTreeMap<Key, Answer> = BTreeMap::new();
    let mut out = Vec::new();
    for (state, answers) in states {
        let mut now: BTreeMap<Key, Vec<&Answer>> = BTreeMap::new();
        for answer in answers {
            now.entry(key(answer)).or_default().push(answer);
        }
        let ended: Vec<Key> = open.keys().filter(|key| !now.contains_key(*key)).cloned().collect();
        out.extend(ended.iter().filter_map(|key| open.remove(key)));
        for (key, answers) in now {
            let end = state.next.map(|(_, seconds)| seconds);
            let ending = state.next.map(|(commit, _)| commit.to_string());
            for answer in answers {
                match open.get_mut(&key) {
                    Some(span) => {
                        let is_same_state = span.when.is_some_and(|(_, until)| until == end);
                        join(span, answer, is_same_state);
                    }
                    None => {
                        open.insert(key.clone(), answer.clone());
                    }
                }
            }
            if let Some(span) = open.get_mut(&key) {
                let from = span.when.map_or(state.from, |(from, _)| from);
                let begun = span.commits.as_ref().map_or_else(|| state.commit.to_string(), |(begun, _)| begun.clone());
                span.when = Some((from, end));
                span.commits = Some((begun, ending));
            }
        }
    }
    out.extend(open.into_values());
    out
}

/// Adds what another state, or another place of the same state, says.
fn join(span: &mut Answer, answer: &Answer, with_spots: bool) {
    // Lines move from commit to commit: they are told of the first one.
    if with_spots || span.when.is_none() {
        add(&mut span.spots, &answer.spots);
    }
    add_jobs(&mut span.jobs, &answer.jobs);
    add(&mut span.rebuild, &answer.rebuild);
    if span.path.is_empty() {
        span.path.clone_from(&answer.path);
    }
}

fn add<T: Clone + Ord>(to: &mut Vec<T>, more: &[T]) {
    let known: BTreeSet<T> = to.iter().cloned().collect();
    let mut seen = known;
    for one in more {
        if to.len() < MOST && seen.insert(one.clone()) {
            to.push(one.clone());
        }
    }
}

/// Adds jobs; one of the same name is the same one, wherever its line went, with all secrets that it ever could read.
fn add_jobs(to: &mut Vec<Exposed>, more: &[Exposed]) {
    for job in more {
        let same = to.iter().position(|known| known.name == job.name && known.at.path == job.at.path);
        match same.and_then(|at| to.get_mut(at)) {
            Some(known) => add(&mut known.secrets, &job.secrets),
            None => add(to, std::slice::from_ref(job)),
        }
    }
}

/// One answer of those that say the same of several branches.
pub(super) fn grouped(answers: Vec<Answer>) -> Vec<Answer> {
    let mut groups: BTreeMap<Key, Answer> = BTreeMap::new();
    for answer in answers {
        let Some(group) = groups.get_mut(&key(&answer)) else {
            groups.insert(key(&answer), answer);
            continue;
        };
        // Spots are those of the commit that is told.
        let is_earlier = answer.when.map(|(from, _)| from) < group.when.map(|(from, _)| from);
        let (first, later) = if is_earlier { (&answer, &*group) } else { (&*group, &answer) };
        let is_open = [first, later].iter().any(|one| one.when.is_some_and(|(_, until)| until.is_none()));
        let is_last = later.when.and_then(|(_, until)| until) >= first.when.and_then(|(_, until)| until);
        let last = if is_last { later } else { first };
        let when = first.when.map(|(from, _)| (from, if is_open { None } else { last.when.and_then(|w| w.1) }));
        let ending = if is_open { None } else { last.commits.as_ref().and_then(|c| c.1.clone()) };
        let commits = first.commits.as_ref().map(|(begun, _)| (begun.clone(), ending));
        let mut joined = first.clone();
        add(&mut joined.at, &later.at);
        add_jobs(&mut joined.jobs, &later.jobs);
        add(&mut joined.rebuild, &later.rebuild);
        joined.at.sort();
        (joined.when, joined.commits) = (when, commits);
        *group = joined;
    }
    groups.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_stays_the_same_where_only_its_line_moves() {
        for (one, other, is_same) in [
            ("uv.lock line 12 holds x 1", "uv.lock line 9 holds x 1", true),
            ("uv.lock line 12 holds x 1", "uv.lock line 12 holds x 2", false),
            ("a line 1 and b line 2", "a line 30 and b line 4", true),
            ("no place at all", "no place at all", true),
        ] {
            assert_eq!(without_lines(one) == without_lines(other), is_same, "{one}");
        }
    }
}
