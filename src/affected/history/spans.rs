//! From states to spans: since when and until when a branch stood so.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::states::State;
use crate::affected::Answer;
use crate::affected::Standing;

/// Names of branches and tags that one answer lists.
const MOST: usize = 256;

/// What makes two answers the same one at different times: the target, how it stands, why, by which places, and what
/// follows from it.
type Key = (String, Standing, String, BTreeSet<(String, String)>, BTreeSet<(String, Vec<String>)>, Vec<String>);

fn key(answer: &Answer) -> Key {
    let spots = answer.spots.iter();
    let spots = spots.map(|spot| (spot.path.clone(), without_lines(spot.how.as_deref().unwrap_or_default())));
    let jobs = answer.jobs.iter().map(|job| (job.name.clone(), job.secrets.clone()));
    let (spots, jobs) = (spots.collect(), jobs.collect());
    (answer.target.clone(), answer.standing, without_lines(&answer.why), spots, jobs, answer.rebuild.clone())
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

/// The spans of one branch: for each state, the oldest first, what is said of it. A span ends where a place, a job or
/// what is to be made again comes or goes: each has its own time.
pub(super) fn of_line<'a>(states: impl Iterator<Item = (&'a State, Vec<&'a Answer>)>) -> Vec<Answer> {
    let mut open: BTreeMap<Key, Answer> = BTreeMap::new();
    let mut out = Vec::new();
    for (state, answers) in states {
        let now: BTreeMap<Key, &Answer> = answers.into_iter().map(|answer| (key(answer), answer)).collect();
        let ended: Vec<Key> = open.keys().filter(|key| !now.contains_key(*key)).cloned().collect();
        out.extend(ended.iter().filter_map(|key| open.remove(key)));
        for (key, answer) in now {
            let ending = state.next.map(|commit| commit.to_string());
            let until = |other: Option<i64>| other.zip(state.until).map(|(one, other)| one.max(other));
            match open.get_mut(&key) {
                // Lines move from commit to commit: they are told of the first one.
                Some(span) => {
                    span.when = span.when.map(|(from, end)| (from, until(end)));
                    span.commits = span.commits.take().map(|(begun, _)| (begun, ending));
                }
                None => {
                    let mut span = answer.clone();
                    span.when = Some((state.from, state.until));
                    span.commits = Some((state.commit.to_string(), ending));
                    open.insert(key, span);
                }
            }
        }
    }
    out.extend(open.into_values());
    out
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

/// One answer of those that say the same of several branches or tags until the same moment. `end` says until when an
/// answer counts.
pub(super) fn grouped(answers: Vec<Answer>, end: impl Fn(&Answer) -> Option<i64>) -> Vec<Answer> {
    let mut groups: BTreeMap<(Key, Option<i64>), Answer> = BTreeMap::new();
    for answer in answers {
        let key = (key(&answer), end(&answer));
        let Some(group) = groups.get_mut(&key) else {
            groups.insert(key, answer);
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
