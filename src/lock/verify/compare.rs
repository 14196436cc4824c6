//! Hashes what has the right size, and puts it beside the lock's digest. Works in batches, so that a data set of many
//! files is never held as a whole.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use super::{Options, Trouble, Verified, What};
use crate::lock::cache::StoredFile;
use crate::lock::hash::{self, Hashed, Job};
use crate::lock::{Entry, FileDigest};

/// Files that are hashed together.
const BATCH: usize = 8192;
/// Files of a copy whose content is looked for elsewhere in the entry: it takes a pass over all its files each.
const EXCHANGED: usize = 64;

/// Which file of which copy a digest is for.
struct Target<'l> {
    at: (usize, usize),
    entry: &'l Entry,
    path: &'l str,
    expected: FileDigest,
}

/// Files to hash.
pub(super) struct Queue<'l, 'o> {
    options: &'o Options<'o>,
    jobs: Vec<Job>,
    targets: Vec<Vec<Target<'l>>>,
    /// Several links lead to one blob, which is hashed once.
    by_place: HashMap<PathBuf, usize>,
}

impl<'l, 'o> Queue<'l, 'o> {
    pub(super) fn new(options: &'o Options<'o>) -> Self {
        Self { options, jobs: Vec::new(), targets: Vec::new(), by_place: HashMap::new() }
    }

    pub(super) fn push(
        &mut self,
        at: (usize, usize),
        entry: &'l Entry,
        path: &'l str,
        expected: FileDigest,
        held: StoredFile,
    ) {
        let target = Target { at, entry, path, expected };
        if let Some(job) = self.by_place.get(&held.place) {
            return self.targets[*job].push(target);
        }
        let watch = self.options.watch;
        watch.all_bytes.fetch_add(held.size, Ordering::Relaxed);
        watch.all_files.fetch_add(1, Ordering::Relaxed);
        self.by_place.insert(held.place.clone(), self.jobs.len());
        self.jobs.push(Job { place: held.place, size: held.size, git_blob: false });
        self.targets.push(vec![target]);
    }

    pub(super) fn is_full(&self) -> bool {
        self.jobs.len() >= BATCH
    }

    /// Hashes what is queued.
    ///
    /// # Errors
    /// Where the memory cannot be written.
    pub(super) fn flush(&mut self, out: &mut Verified) -> Result<(), String> {
        let Options { threads, watch, memory, .. } = *self.options;
        let results: Mutex<Vec<Option<Result<Hashed, String>>>> = Mutex::new(vec![None; self.jobs.len()]);
        out.remembered += hash::files(&self.jobs, threads, watch, memory, &|index, result| {
            results.lock().unwrap_or_else(PoisonError::into_inner)[index] = Some(result);
        })?;
        let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.jobs.clear();
        self.by_place.clear();
        for (result, targets) in results.into_iter().zip(self.targets.drain(..)) {
            let result = result.unwrap_or_else(|| Err("it was not reached before the work was stopped".to_owned()));
            for target in targets {
                compare(out, &target, &result);
            }
        }
        Ok(())
    }
}

fn compare(out: &mut Verified, target: &Target<'_>, result: &Result<Hashed, String>) {
    let copy = &mut out.entries[target.at.0].copies[target.at.1];
    let what = match result {
        Ok(hashed) if hashed.file == target.expected => {
            copy.matched += 1;
            copy.bytes += hashed.file.size;
            return;
        }
        Ok(hashed) => {
            let looks = copy.troubles.len() < EXCHANGED;
            let mut others = target.entry.files.iter().filter(|_| looks);
            let is_of = others.find(|(_, file)| **file == hashed.file).map(|(path, _)| path.clone());
            What::Differs { expected: target.expected, found: Some(hashed.file.sha256), size: hashed.file.size, is_of }
        }
        Err(why) => What::Unread { why: why.clone() },
    };
    copy.troubles.push(Trouble { path: target.path.to_owned(), what });
}
