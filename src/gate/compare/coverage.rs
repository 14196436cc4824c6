//! What could not be looked at in the base either is not held against the change, as long as the change did not
//! touch it: the file, or where it is known how far the loss goes, the lines of it.

use std::collections::{BTreeMap, BTreeSet};

use super::ground::{Ground, Was};
use crate::audit::{Coverage, Status};
use crate::decide::assemble::GAPS_PER_FILE;

/// Ends the sentence that tells of a rule that failed.
const FAILED: &str = "failed: a bug of cargo-custody";

/// Most pairs of a sentence and a path that are looked at.
const MOST: usize = 1 << 20;

/// Takes out of `head` what the base has as well.
pub(super) fn compare(base: &Coverage, head: &mut Coverage, ground: &Ground<'_>) {
    let touched: BTreeSet<&str> = ground.touched().collect();
    let files: BTreeMap<&str, Status> = base.files.iter().map(|f| (f.path.as_str(), f.status)).collect();
    let gaps: BTreeSet<(&str, u32, &str)> =
        base.gaps.iter().map(|g| (g.path.as_str(), g.line, g.why.as_str())).collect();
    let mut by_file: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for gap in &mut head.gaps {
        let is_touched = ground.is_touched(&gap.path);
        // In a file that changed a gap is what it was where the change is outside of all that the gap may hide.
        let is_beside = || gap.lost.is_some_and(|lost| ground.is_as_it_was(&gap.path, lost));
        let line = match ground.was(&gap.path, gap.line) {
            Was::At(line) if !is_touched || is_beside() => Some(line),
            _ => None,
        };
        let is_known = line.is_some_and(|line| gaps.contains(&(ground.before(&gap.path), line, gap.why.as_str())));
        let is_known = is_known && !is_policy(&gap.path);
        gap.counts &= !is_known;
        let (all, known) = by_file.entry(gap.path.clone()).or_default();
        (*all, *known) = (*all + 1, *known + usize::from(is_known));
    }
    for file in &mut head.files {
        let before = files.get(ground.before(&file.path));
        let is_known = !ground.is_touched(&file.path) || {
            // Of a file with many gaps not all are listed.
            let listed = by_file.get(&file.path).filter(|(all, _)| *all < GAPS_PER_FILE);
            file.status == Status::Partial && listed.is_some_and(|(all, known)| all == known)
        };
        if is_known && before == Some(&file.status) && !is_policy(&file.path) {
            file.counts = false;
        }
    }
    let passed: BTreeSet<(&str, &str)> = base.passed_over.iter().map(|p| (p.path.as_str(), p.why.as_str())).collect();
    for over in &mut head.passed_over {
        let is_known = passed.contains(&(over.path.as_str(), over.why.as_str()));
        if is_known && !has_within(&touched, &over.path) {
            over.counts = false;
        }
    }
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for sentence in &base.unknown {
        *known.entry(sentence).or_default() += 1;
    }
    // Each sentence is held against each path; with too many of both none is taken out.
    let is_much = touched.len().saturating_mul(head.unknown.len()) > MOST;
    let (before, now) = std::mem::take(&mut head.unknown).into_iter().partition(|sentence: &String| {
        // A rule that fails in both trees would have said nothing of what the change brings.
        let speaks_of_change =
            is_much || sentence.ends_with(FAILED) || touched.iter().any(|path| sentence.contains(path));
        let left = known.get_mut(sentence.as_str()).filter(|left| **left > 0 && !speaks_of_change);
        left.map(|left| *left -= 1).is_some()
    });
    (head.unknown, head.unknown_before) = (now, before);
}

/// Whether a file is what changes are judged by. What of it cannot be read asks for something that nobody knows, of
/// this change as of any other.
fn is_policy(path: &str) -> bool {
    matches!(path, "custody.toml" | ".github/custody.toml")
}

/// Whether one of the sorted paths is what was passed over, or lies in it.
fn has_within(touched: &BTreeSet<&str>, over: &str) -> bool {
    let folder = over.trim_end_matches('/');
    let below = format!("{folder}/");
    match folder {
        "" => !touched.is_empty(),
        _ => touched.contains(folder) || touched.range(below.as_str()..).next().is_some_and(|p| p.starts_with(&below)),
    }
}
