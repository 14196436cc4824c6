//! What two histories have in common.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};

use super::{Commit, ObjectError, Oid, Repository};

/// Commits that are looked at to find where two histories part.
const MAX_COMMITS: usize = 2_000_000;

/// The commits at which two histories part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeBase {
    /// The newest of the best common ancestors; of equally new ones, the first by name.
    pub base: Option<Oid>,
    /// Further ones, where the histories were merged crosswise, newest first.
    pub others: Vec<Oid>,
    /// A shallow clone's end was met on the way: with all history the answer may be another.
    pub is_cut: bool,
}

/// Below the first commit.
const FIRST: u8 = 1;
/// Below the second.
const SECOND: u8 = 2;
/// Below a common ancestor, so none of the best.
const STALE: u8 = 4;
/// Noted as a common ancestor.
const NOTED: u8 = 8;

/// A commit that waits to be looked at: the newest first.
#[derive(PartialEq, Eq)]
struct Waiting {
    seconds: i64,
    id: Oid,
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.seconds.cmp(&other.seconds).then_with(|| other.id.cmp(&self.id))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A walk over the histories of some commits.
struct Walk<'r> {
    repository: &'r Repository,
    commits: HashMap<Oid, Commit>,
    left: usize,
    is_cut: bool,
}

impl Repository {
    /// The best common ancestor of two commits: one that is not an ancestor of another common one.
    ///
    /// # Errors
    /// Where a commit on the way cannot be read, or the histories are longer than is walked.
    pub fn merge_base(&self, one: &Oid, two: &Oid) -> Result<MergeBase, ObjectError> {
        self.merge_base_within(one, two, MAX_COMMITS)
    }

    fn merge_base_within(&self, one: &Oid, two: &Oid, budget: usize) -> Result<MergeBase, ObjectError> {
        let mut walk = Walk { repository: self, commits: HashMap::new(), left: budget, is_cut: false };
        if one == two {
            walk.commit(one)?;
            return Ok(MergeBase { base: Some(*one), others: Vec::new(), is_cut: false });
        }
        let (mut found, _) = walk.paint(one, &[*two])?;
        // Clocks that go wrong can let an ancestor of a better one through.
        let mut at = 0;
        while found.len() > 1 && at < found.len() {
            let candidate = found.swap_remove(at);
            let (_, flags) = walk.paint(&candidate, &found)?;
            if flags.get(&candidate).is_some_and(|flags| flags & SECOND != 0) {
                continue;
            }
            found.push(candidate);
            let last = found.len() - 1;
            found.swap(at, last);
            at += 1;
        }
        let mut dated = Vec::new();
        for id in found {
            dated.push((walk.commit(&id)?.seconds, id));
        }
        dated.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let mut ids = dated.into_iter().map(|(_, id)| id);
        Ok(MergeBase { base: ids.next(), others: ids.collect(), is_cut: walk.is_cut })
    }
}

impl Walk<'_> {
    fn commit(&mut self, id: &Oid) -> Result<&Commit, ObjectError> {
        if !self.commits.contains_key(id) {
            let commit = self.repository.commit(id)?;
            self.is_cut |= !commit.cut.is_empty();
            self.commits.insert(*id, commit);
        }
        self.commits.get(id).ok_or(ObjectError::Exhausted)
    }

    /// Marks what lies below `one` and below `others` until nothing that may be a best common
    /// ancestor is left. Gives those found, and the marks.
    fn paint(&mut self, one: &Oid, others: &[Oid]) -> Result<(Vec<Oid>, HashMap<Oid, u8>), ObjectError> {
        let mut flags: HashMap<Oid, u8> = HashMap::new();
        let mut queue = BinaryHeap::new();
        // How many in the queue are not stale, counted as often as they wait.
        let mut live: HashMap<Oid, usize> = HashMap::new();
        let mut live_count = 0_usize;
        *flags.entry(*one).or_default() |= FIRST;
        for other in others {
            *flags.entry(*other).or_default() |= SECOND;
        }
        for id in std::iter::once(one).chain(others) {
            queue.push(Waiting { seconds: self.commit(id)?.seconds, id: *id });
            *live.entry(*id).or_default() += 1;
            live_count += 1;
        }
        let mut noted = Vec::new();
        while live_count > 0 {
            let Some(Waiting { id, .. }) = queue.pop() else { break };
            self.left = self.left.checked_sub(1).ok_or(ObjectError::Exhausted)?;
            if let Some(count) = live.get_mut(&id).filter(|count| **count > 0) {
                *count -= 1;
                live_count -= 1;
            }
            let mut mark = flags.get(&id).copied().unwrap_or(0) & (FIRST | SECOND | STALE);
            if mark & (FIRST | SECOND) == FIRST | SECOND {
                if mark & STALE == 0 && flags.get(&id).is_some_and(|f| f & NOTED == 0) {
                    noted.push(id);
                    *flags.entry(id).or_default() |= NOTED;
                }
                mark |= STALE;
            }
            let parents = self.commit(&id)?.parents.clone();
            for parent in parents {
                let old = flags.get(&parent).copied().unwrap_or(0);
                if old & mark == mark {
                    continue;
                }
                flags.insert(parent, old | mark);
                queue.push(Waiting { seconds: self.commit(&parent)?.seconds, id: parent });
                if (old | mark) & STALE == 0 {
                    *live.entry(parent).or_default() += 1;
                    live_count += 1;
                } else if let Some(count) = live.get_mut(&parent) {
                    // What waits there is stale from now on.
                    live_count -= *count;
                    *count = 0;
                }
            }
        }
        noted.retain(|id| flags.get(id).is_some_and(|flags| flags & STALE == 0));
        Ok((noted, flags))
    }
}
