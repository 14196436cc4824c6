//! Since when and until when each commit of a line was held, where what commits say of their time is out of order.
//!
//! Anybody may write any time into a commit, and clocks go wrong. Of a line the longest run of times in order is
//! believed. A commit outside of it counts as held whenever its neighbours in that run allow.

/// A line is out of order throughout where one commit of so many is.
const ODD: usize = 4;

/// When a commit was held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    /// Since when; `i64::MIN` where nothing before it says so.
    pub(super) from: i64,
    /// Until when; none where it still is, or may be.
    pub(super) until: Option<i64>,
    /// Whether its time is in order with the others.
    pub(super) is_sure: bool,
}

/// When each commit of a line was held, by what each says of its time, the oldest commit first.
pub(super) fn held(seconds: &[i64]) -> Vec<Held> {
    let sure = in_order(seconds);
    let mut until = None;
    let mut out: Vec<Held> = Vec::with_capacity(seconds.len());
    for (own, is_sure) in seconds.iter().zip(&sure).rev() {
        out.push(Held { from: *own, until, is_sure: *is_sure });
        if *is_sure {
            until = Some(*own);
        }
    }
    out.reverse();
    // Of a line that is out of order throughout, what an unsure commit says itself counts beside what its neighbours
    // allow: the longest run may be the false one.
    let unsure = sure.iter().filter(|is_sure| !**is_sure).count();
    let is_odd = unsure * ODD >= seconds.len();
    let mut before = i64::MIN;
    for (held, claim) in out.iter_mut().zip(claims(seconds)) {
        if held.is_sure {
            before = held.from;
            continue;
        }
        if !is_odd {
            held.from = before;
            continue;
        }
        held.from = held.from.min(before);
        held.until = match (held.until, claim) {
            (Some(one), Some(other)) => Some(one.max(other)),
            _ => None,
        };
    }
    out
}

/// For each commit the time of the first later one that says no earlier time than it does.
fn claims(seconds: &[i64]) -> Vec<Option<i64>> {
    let mut out = vec![None; seconds.len()];
    let mut open: Vec<usize> = Vec::new();
    for (at, own) in seconds.iter().enumerate() {
        while let Some(last) = open.last().copied().filter(|last| seconds.get(*last).is_some_and(|was| was <= own)) {
            open.pop();
            if let Some(slot) = out.get_mut(last) {
                *slot = Some(*own);
            }
        }
        open.push(at);
    }
    out
}

/// Which times belong to the longest run that does not go back.
fn in_order(seconds: &[i64]) -> Vec<bool> {
    // For each length of a run, the position of the smallest time that ends one.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(seconds.len());
    let time = |at: usize| seconds.get(at).copied().unwrap_or(i64::MAX);
    for (at, own) in seconds.iter().enumerate() {
        let length = ends.partition_point(|end| time(*end) <= *own);
        before.push(length.checked_sub(1).and_then(|last| ends.get(last).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut out = vec![false; seconds.len()];
    let mut at = ends.last().copied();
    while let Some(found) = at {
        if let Some(slot) = out.get_mut(found) {
            *slot = true;
        }
        at = before.get(found).copied().flatten();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(seconds: &[i64]) -> Vec<(i64, Option<i64>)> {
        held(seconds).iter().map(|held| (held.from, held.until)).collect()
    }

    #[test]
    fn times_in_order_are_believed() {
        assert_eq!(told(&[]), []);
        assert_eq!(told(&[1, 2, 2, 5]), [(1, Some(2)), (2, Some(2)), (2, Some(5)), (5, None)]);
    }

    #[test]
    fn one_time_out_of_order_moves_no_other() {
        // A commit of long ago, and one of the future.
        assert_eq!(
            told(&[10, 20, 1, 30, 40]),
            [(10, Some(20)), (20, Some(30)), (20, Some(30)), (30, Some(40)), (40, None)]
        );
        assert_eq!(
            told(&[10, 99, 20, 30, 40]),
            [(10, Some(20)), (10, Some(20)), (20, Some(30)), (30, Some(40)), (40, None)]
        );
        // The first and the last of a line.
        assert_eq!(told(&[99, 10, 20, 30, 40]).first(), Some(&(i64::MIN, Some(10))));
        assert_eq!(told(&[10, 20, 30, 40, 1]).last(), Some(&(40, None)));
        // Of few commits none is sure.
        assert_eq!(told(&[10, 99, 20]), [(10, Some(20)), (10, None), (20, None)]);
    }

    #[test]
    fn whoever_writes_many_false_times_hides_no_commit() {
        let (low, high) = ([10, 20].as_slice(), [1, 2, 3].as_slice());
        let all: Vec<i64> = low.iter().chain(high).copied().collect();
        let told = held(&all);
        assert_eq!((told[1].from <= 20, told[1].until), (true, None), "{told:?}");
    }
}
