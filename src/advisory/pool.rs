//! Lists of versions, stored as runs over the sorted versions of a package.
//!
//! One PyPI advisory may list hundreds of versions and a package may have hundreds of advisories, so
//! writing each list out costs megabytes. Uses `std` alone: the build script includes it by path.

use std::cmp::Ordering;

/// A total order that puts digits in numeric order, so that neighbouring releases are neighbours.
/// It is not PEP 440 and decides nothing; it only makes runs short.
#[must_use]
pub fn natural_cmp(a: &str, b: &str) -> Ordering {
    let (mut x, mut y) = (a.as_bytes(), b.as_bytes());
    while let (Some(&c), Some(&d)) = (x.first(), y.first()) {
        if c.is_ascii_digit() && d.is_ascii_digit() {
            let (n, m) = (digits(x), digits(y));
            let (p, q) = (trim(&x[..n]), trim(&y[..m]));
            let order = p.len().cmp(&q.len()).then_with(|| p.cmp(q));
            if order != Ordering::Equal {
                return order;
            }
            (x, y) = (&x[n..], &y[m..]);
        } else if c != d {
            return c.cmp(&d);
        } else {
            (x, y) = (&x[1..], &y[1..]);
        }
    }
    // Equal but for leading zeros: the bytes decide, so that the order is total.
    x.len().cmp(&y.len()).then_with(|| a.cmp(b))
}

fn digits(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| b.is_ascii_digit()).count()
}

fn trim(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|b| **b == b'0').count();
    &bytes[zeros..]
}

/// The versions of all lists, each once, in [`natural_cmp`] order.
#[must_use]
pub fn pool<'a>(lists: impl Iterator<Item = &'a [String]>) -> Vec<&'a str> {
    let mut all: Vec<&str> = lists.flatten().map(String::as_str).collect();
    all.sort_unstable_by(|a, b| natural_cmp(a, b));
    all.dedup();
    all
}

/// A list as inclusive runs of positions in the pool. Versions the pool lacks are left out; callers
/// build the pool from the same lists.
#[must_use]
pub fn runs(pool: &[&str], list: &[String]) -> Vec<(usize, usize)> {
    let mut at: Vec<usize> = list.iter().filter_map(|v| pool.binary_search_by(|p| natural_cmp(p, v)).ok()).collect();
    at.sort_unstable();
    at.dedup();
    let mut out: Vec<(usize, usize)> = Vec::new();
    for i in at {
        match out.last_mut() {
            Some((_, end)) if *end + 1 == i => *end = i,
            _ => out.push((i, i)),
        }
    }
    out
}

/// The versions of some runs; `None` when a run leaves the pool or is backward.
#[must_use]
pub fn expand<S: AsRef<str>>(pool: &[S], runs: &[(usize, usize)]) -> Option<Vec<String>> {
    let mut out = Vec::new();
    for &(first, last) in runs {
        if first > last {
            return None;
        }
        out.extend(pool.get(first..=last)?.iter().map(|s| s.as_ref().to_owned()));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_sort_as_numbers() {
        let mut v = vec!["1.10", "1.9", "1.09", "1.9rc1", "2", "1.9.1"];
        v.sort_by(|a, b| natural_cmp(a, b));
        assert_eq!(v, ["1.09", "1.9", "1.9.1", "1.9rc1", "1.10", "2"]);
    }

    #[test]
    fn runs_and_back() {
        let list = |v: &[&str]| v.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let (a, b) = (list(&["1.0", "1.1", "1.3"]), list(&["1.2"]));
        let p = pool([a.as_slice(), b.as_slice()].into_iter());
        let r = runs(&p, &a);
        assert_eq!(r, [(0, 1), (3, 3)]);
        assert_eq!(expand(&p, &r), Some(a.clone()));
        assert_eq!(expand(&p, &[(2, 9)]), None);
        assert_eq!(expand(&p, &[(2, 1)]), None);
    }
}
