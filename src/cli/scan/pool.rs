//! Scans files on several threads, with progress and a journal. The result does not depend on how many.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sha2::{Digest as _, Sha256};

use super::Journal;
use crate::scan::{self, FileReport, Limits};
use crate::source::{Bytes, FileBytes, folder};

/// Bytes that are hashed at a time.
const PIECE: usize = 1 << 20;

/// A file to scan.
#[derive(Debug)]
pub(super) struct Job {
    /// What the report calls it.
    pub path: String,
    /// Where it lies.
    pub place: PathBuf,
}

/// How files are scanned.
#[derive(Debug)]
pub(super) struct Pool<'a> {
    pub limits: &'a Limits,
    pub journal: Option<&'a Journal>,
    pub sha256: bool,
    pub threads: usize,
    pub quiet: bool,
}

impl Pool<'_> {
    /// Scans files; their reports in the same order, and how many of them the journal had.
    ///
    /// # Errors
    /// Where the journal cannot be written.
    pub(super) fn run(&self, jobs: &[Job]) -> Result<(Vec<FileReport>, usize)> {
        let progress = self.progress(jobs.len());
        let next = AtomicUsize::new(0);
        let resumed = AtomicUsize::new(0);
        let has_failed = AtomicBool::new(false);
        let error = Mutex::new(None);
        let mut done: Vec<(usize, FileReport)> = std::thread::scope(|scope| {
            let work = || {
                let mut out = Vec::new();
                while !has_failed.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(index) else { break };
                    match self.one(job) {
                        Ok((report, again)) => {
                            resumed.fetch_add(usize::from(again), Ordering::Relaxed);
                            out.push((index, report));
                        }
                        Err(why) => {
                            has_failed.store(true, Ordering::Relaxed);
                            *error.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(why);
                        }
                    }
                    progress.inc(1);
                }
                out
            };
            let count = self.threads.clamp(1, jobs.len().max(1));
            let others: Vec<_> = (1..count).map(|_| scope.spawn(work)).collect();
            let mut all = work();
            for other in others {
                // A scan that panics is caught below; what else may is missed at the end.
                all.extend(other.join().unwrap_or_default());
            }
            all
        });
        progress.finish_and_clear();
        if let Some(error) = error.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
            return Err(error);
        }
        done.sort_unstable_by_key(|(index, _)| *index);
        let mut done = done.into_iter().peekable();
        // A thread that ended before its time takes what it had with it: that was not looked at.
        let report = |(index, job): (usize, &Job)| match done.next_if(|(done, _)| *done == index) {
            Some((_, report)) => report,
            None => scan::unread(&job.path, "our own error: please report it"),
        };
        Ok((jobs.iter().enumerate().map(report).collect(), resumed.into_inner()))
    }

    fn one(&self, job: &Job) -> Result<(FileReport, bool)> {
        let stamp = self.journal.and_then(|_| folder::stamp(&job.place));
        if let (Some(journal), Some(stamp)) = (self.journal, &stamp)
            && let Some(report) = journal.known(&job.place, stamp, &job.path)
        {
            return Ok((report, true));
        }
        let report = self.scan(job);
        // A file that changed under the scan is not kept: nobody knows which state was read.
        if let (Some(journal), Some(stamp)) = (self.journal, stamp)
            && folder::stamp(&job.place).as_ref() == Some(&stamp)
        {
            journal.keep(&job.place, stamp, &report)?;
        }
        Ok((report, false))
    }

    fn scan(&self, job: &Job) -> FileReport {
        let bytes = match FileBytes::open(&job.place) {
            Ok(bytes) => bytes,
            Err(why) => return scan::unread(&job.path, &why),
        };
        // One file that we cannot take costs that file. The hook of the program has said where it was.
        let scanned = std::panic::catch_unwind(|| scan::file(&bytes, &job.path, self.limits));
        let mut report = scanned.unwrap_or_else(|_| scan::unread(&job.path, "our own error: please report it"));
        if self.sha256 {
            match digest(&bytes) {
                Ok(digest) => report.sha256 = Some(digest),
                Err(why) => report = scan::unread(&job.path, &why),
            }
        }
        report
    }

    fn progress(&self, files: usize) -> ProgressBar {
        /// Most scans end before anybody wonders.
        const PATIENCE: usize = 50;
        if self.quiet || files < PATIENCE {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(Some(files as u64), ProgressDrawTarget::stderr_with_hz(5));
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} files  {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }
}

/// SHA-256 of all bytes, lower-case hexadecimal.
fn digest(bytes: &dyn Bytes) -> Result<String, String> {
    let mut hash = Sha256::new();
    let mut piece = vec![0; PIECE];
    let mut offset = 0;
    while offset < bytes.len() {
        let read = bytes.read_at(offset, &mut piece)?;
        if read == 0 {
            return Err("it became shorter while it was read".to_owned());
        }
        hash.update(&piece[..read]);
        offset += read as u64;
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
