//! Files that lists of digests name, read and compared once everything else was read. What the lists are
//! and what follows is `recorded`'s and `vendored`'s business.

use super::rounds::in_parallel;
use super::{Outcome, Reading};
use crate::graph::Document;
use crate::parse::Problem;
use crate::source::{FileId, RepoPath, Span, Tree};

/// One comparison that is left to do.
pub(super) struct Job {
    /// Index of the list's document.
    pub(super) document: usize,
    /// Index of the line in the list.
    pub(super) row: usize,
    /// The file.
    pub(super) path: RepoPath,
}

/// Takes the bytes of a file from what may still be read; false where they are too many. They are charged in
/// the order of lists and rows before any file is read, so that the result does not depend on threads.
pub(super) fn afford(tree: &Tree, size: u64, left: &mut u64) -> bool {
    match left.checked_sub(size).filter(|_| size <= tree.limits.built_bytes) {
        Some(rest) => {
            *left = rest;
            true
        }
        None => false,
    }
}

/// Reads the files and has each judged by its list. None where the list has nothing to compare with.
pub(super) fn judged<S: Send>(
    reading: &Reading,
    jobs: &[Job],
    tree: &Tree,
    threads: usize,
    judge: impl Fn(&Document, usize, &[u8]) -> Option<S> + Sync,
) -> Vec<Option<Result<S, String>>> {
    in_parallel(threads, jobs.len(), |index| {
        let job = jobs.get(index)?;
        let list = reading.documents.get(job.document)?;
        match tree.read_within(&job.path, tree.limits.built_bytes) {
            Ok(bytes) => judge(list, job.row, &bytes).map(Ok),
            Err(why) => Some(Err(why)),
        }
    })
}

/// Counts a file that was not compared; the first reason stands for all.
pub(super) fn uncompared(of: &mut Option<(usize, String)>, why: &str) {
    let (count, _) = of.get_or_insert_with(|| (0, why.to_owned()));
    *count += 1;
}

/// Makes a gap of what could not be compared: of how many files, and why.
pub(super) fn tell(reading: &mut Reading, uncompared: impl Fn(&Document) -> Option<(FileId, (usize, String))>) {
    let told: Vec<_> = reading.documents.iter().filter_map(uncompared).collect();
    for (file, (count, why)) in told {
        let problem = Problem::new(Span::default(), format!("{count} listed files were not compared: {why}"));
        match reading.files.get_mut(file.0 as usize).map(|one| &mut one.outcome) {
            Some(Outcome::Partial(problems)) => problems.push(problem),
            Some(outcome @ Outcome::Read) => *outcome = Outcome::Partial(vec![problem]),
            _ => {}
        }
    }
}
