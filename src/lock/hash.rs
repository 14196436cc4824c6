//! Digests of files on disk: several at a time, the largest first, in memory that does not grow with them.
//!
//! It must not know what the files are. SHA-256 is ring's: as fast as any other where the processor has instructions
//! for it, and assembly where it has none. Of one large file with idle threads beside it, the next piece is read while
//! one is hashed, which takes a tenth off; a file cannot be split further.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};

use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

use crate::lock::{Digest, FileDigest};
use crate::source::{Bytes, FileBytes, folder};

/// Bytes that are read and hashed at a time.
const PIECE: usize = 1 << 20;
/// Files below this are not worth a second thread.
const LARGE: u64 = 64 << 20;
/// Pieces under way between reading and hashing.
const PIECES: usize = 3;

/// A file to hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Where it lies. Links are followed; whoever calls decides whether they may be.
    pub place: PathBuf,
    /// Bytes, as far as they are known: only the order of work depends on it.
    pub size: u64,
    /// Whether the name that git gives the content is wanted, too.
    pub git_blob: bool,
}

/// What the content of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hashed {
    /// SHA-256 and size.
    pub file: FileDigest,
    /// The SHA-1 by which git names it as a blob, where that was asked for.
    pub git_blob: Option<[u8; 20]>,
}

/// How far the work is, and whether it is to go on. Shared with whoever shows progress.
#[derive(Debug, Default)]
pub struct Watch {
    /// Bytes that are done.
    pub bytes: AtomicU64,
    /// Files that are done.
    pub files: AtomicU64,
    /// Bytes that are to be done, as far as that is known yet.
    pub all_bytes: AtomicU64,
    /// Files that are to be done, as far as that is known yet.
    pub all_files: AtomicU64,
    /// Set to end early.
    pub stop: AtomicBool,
}

impl Watch {
    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// What was hashed before, so that an interrupted run goes on.
pub trait Memory: Sync {
    /// What a file was, where it has not changed since: its [`folder::stamp`] is the same.
    fn known(&self, place: &Path, stamp: &str) -> Option<FileDigest>;

    /// Keeps what a file is.
    ///
    /// # Errors
    /// A sentence fragment that says why it cannot be kept.
    fn keep(&self, place: &Path, stamp: &str, file: FileDigest) -> Result<(), String>;
}

/// Why a file has no digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotHashed {
    /// A sentence fragment: it is a pipe, it was changed while it was read, the disk fails.
    Because(String),
    /// The work was stopped before its end.
    Stopped,
}

impl From<String> for NotHashed {
    fn from(why: String) -> Self {
        Self::Because(why)
    }
}

/// Hashes files on so many threads and tells each as it is done, by its number in `jobs`: from any thread and in any
/// order. What is in memory is told, too, and counted in what is returned. Files that are not told were not reached
/// before the work was stopped.
///
/// # Errors
/// Where the memory cannot keep what it is given; the work ends then.
pub fn files(
    jobs: &[Job],
    threads: usize,
    watch: &Watch,
    memory: Option<&dyn Memory>,
    tell: &(dyn Fn(usize, Result<Hashed, String>) + Sync),
) -> Result<usize, String> {
    // The largest first, so that no thread is left alone with one at the end.
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(jobs[*index].size));
    let (next, remembered) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let error = Mutex::new(None);
    let threads = threads.max(1);
    let work = || {
        while !watch.is_stopped() {
            let turn = next.fetch_add(1, Ordering::Relaxed);
            let Some(index) = order.get(turn).copied() else { break };
            let has_idle = order.len() - turn < threads;
            match one(&jobs[index], has_idle, watch, memory) {
                Ok((hashed, is_remembered)) => {
                    remembered.fetch_add(usize::from(is_remembered), Ordering::Relaxed);
                    tell(index, Ok(hashed));
                }
                Err(Stop::File(NotHashed::Because(why))) => tell(index, Err(why)),
                Err(Stop::File(NotHashed::Stopped)) => break,
                Err(Stop::All(why)) => {
                    watch.stop.store(true, Ordering::Relaxed);
                    *error.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
                }
            }
            watch.files.fetch_add(1, Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(jobs.len()) {
            scope.spawn(work);
        }
        work();
    });
    match error.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(why) => Err(why),
        None => Ok(remembered.into_inner()),
    }
}

/// What ends: the work on a file, or all of it.
enum Stop {
    File(NotHashed),
    All(String),
}

impl<T: Into<NotHashed>> From<T> for Stop {
    fn from(why: T) -> Self {
        Self::File(why.into())
    }
}

fn one(job: &Job, has_idle: bool, watch: &Watch, memory: Option<&dyn Memory>) -> Result<(Hashed, bool), Stop> {
    let before = folder::stamp(&job.place);
    if let (Some(memory), Some(stamp), false) = (memory, &before, job.git_blob)
        && let Some(file) = memory.known(&job.place, stamp)
    {
        watch.bytes.fetch_add(file.size, Ordering::Relaxed);
        return Ok((Hashed { file, git_blob: None }, true));
    }
    let hashed = read(&job.place, job.git_blob, has_idle, watch)?;
    // Nobody knows which state of it was read.
    if before.is_none() || folder::stamp(&job.place) != before {
        return Err("it was changed while it was read".to_owned().into());
    }
    if let (Some(memory), Some(stamp)) = (memory, &before) {
        memory.keep(&job.place, stamp, hashed.file).map_err(Stop::All)?;
    }
    Ok((hashed, false))
}

/// Hashes one file. With `has_idle`, a second thread reads ahead of a large one.
///
/// # Errors
/// Where it cannot be read to its end or is no regular file, and where the work is stopped.
pub fn file(place: &Path, git_blob: bool, has_idle: bool, watch: &Watch) -> Result<Hashed, NotHashed> {
    let job = Job { place: place.to_owned(), size: 0, git_blob };
    match one(&job, has_idle, watch, None) {
        Ok((hashed, _)) => Ok(hashed),
        Err(Stop::File(why)) => Err(why),
        Err(Stop::All(why)) => Err(NotHashed::Because(why)),
    }
}

fn read(place: &Path, git_blob: bool, has_idle: bool, watch: &Watch) -> Result<Hashed, NotHashed> {
    let bytes = FileBytes::open(place)?;
    let mut hash = Hash::new(&bytes, git_blob);
    if has_idle && bytes.len() >= LARGE {
        ahead(&bytes, &mut hash, watch)?;
    } else {
        let mut piece = vec![0; PIECE.min(usize::try_from(bytes.len()).unwrap_or(PIECE))];
        while hash.size < bytes.len() {
            if watch.is_stopped() {
                return Err(NotHashed::Stopped);
            }
            let read = bytes.read_at(hash.size, &mut piece)?;
            hash.take(&piece[..read], watch);
        }
    }
    Ok(hash.finish())
}

/// Reads on another thread than hashes.
fn ahead(bytes: &FileBytes, hash: &mut Hash, watch: &Watch) -> Result<(), NotHashed> {
    let (filled, full) = mpsc::sync_channel::<Result<(Vec<u8>, usize), String>>(PIECES);
    let (emptied, empty) = mpsc::channel::<Vec<u8>>();
    for _ in 0..PIECES {
        // The other end is at hand.
        let _ = emptied.send(vec![0; PIECE]);
    }
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut offset = 0;
            while offset < bytes.len() {
                // Whoever hashes has gone away: it was stopped.
                let Ok(mut piece) = empty.recv() else { return };
                let read = bytes.read_at(offset, &mut piece);
                let is_end = read.is_err();
                offset += read.as_ref().map_or(0, |read| *read as u64);
                if filled.send(read.map(|read| (piece, read))).is_err() || is_end {
                    return;
                }
            }
        });
        // Owned here, so that the reader is not waited for when this ends early.
        let (full, emptied) = (full, emptied);
        while hash.size < bytes.len() {
            if watch.is_stopped() {
                return Err(NotHashed::Stopped);
            }
            let Ok(piece) = full.recv() else {
                return Err(NotHashed::Because("it was not read to its end".to_owned()));
            };
            let (piece, read) = piece?;
            hash.take(&piece[..read], watch);
            let _ = emptied.send(piece);
        }
        Ok(())
    })
}

/// What is taken of the bytes as they pass.
struct Hash {
    sha256: Context,
    git_blob: Option<Context>,
    size: u64,
}

impl Hash {
    fn new(bytes: &FileBytes, git_blob: bool) -> Self {
        let git_blob = git_blob.then(|| {
            let mut hash = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
            hash.update(format!("blob {}\0", bytes.len()).as_bytes());
            hash
        });
        Self { sha256: Context::new(&SHA256), git_blob, size: 0 }
    }

    fn take(&mut self, piece: &[u8], watch: &Watch) {
        self.sha256.update(piece);
        if let Some(hash) = &mut self.git_blob {
            hash.update(piece);
        }
        self.size += piece.len() as u64;
        watch.bytes.fetch_add(piece.len() as u64, Ordering::Relaxed);
    }

    fn finish(self) -> Hashed {
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(self.sha256.finish().as_ref());
        let git_blob = self.git_blob.map(|hash| {
            let mut out = [0; 20];
            out.copy_from_slice(hash.finish().as_ref());
            out
        });
        Hashed { file: FileDigest { sha256: Digest(sha256), size: self.size }, git_blob }
    }
}

/// SHA-256 of bytes at hand.
#[must_use]
pub fn of(bytes: &[u8]) -> Digest {
    let mut out = [0; 32];
    out.copy_from_slice(ring::digest::digest(&SHA256, bytes).as_ref());
    Digest(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods, reason = "the tests make files")]

    use std::fs;

    use super::*;

    fn folder(name: &str) -> PathBuf {
        let root = std::env::temp_dir().join(format!("custody-hash-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).expect("a folder");
        root
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn digests_are_those_of_sha256sum_and_of_git() {
        let root = folder("known");
        for (content, sha256, git_blob) in [
            (
                &b""[..],
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
            ),
            (
                b"hello\n",
                "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
                "ce013625030ba8dba906f756967f9e9ca394464a",
            ),
        ] {
            let place = root.join("a");
            fs::write(&place, content).expect("written");
            let hashed = file(&place, true, true, &Watch::default()).expect("it is there");
            assert_eq!((hashed.file.sha256.to_string().as_str(), hashed.file.size), (sha256, content.len() as u64));
            assert_eq!(hashed.git_blob.map(|blob| hex(&blob)).as_deref(), Some(git_blob));
        }
        fs::remove_dir_all(root).expect("removed");
    }

    #[test]
    fn a_large_file_is_the_same_when_it_is_read_ahead() {
        let root = folder("large");
        let place = root.join("a");
        let file_ = fs::File::create(&place).expect("a file");
        file_.set_len(LARGE + 12_345).expect("a length");
        let watch = Watch::default();
        let (plain, ahead) = (file(&place, false, false, &watch), file(&place, false, true, &watch));
        assert!(plain.is_ok());
        assert_eq!(plain, ahead);
        assert_eq!(watch.bytes.into_inner(), 2 * (LARGE + 12_345));
        // Ended early, the reader ends with it.
        let stopped = Watch { stop: true.into(), ..Watch::default() };
        assert_eq!(file(&place, false, true, &stopped), Err(NotHashed::Stopped));
        fs::remove_dir_all(root).expect("removed");
    }

    #[test]
    fn each_file_is_told_once_and_what_is_none_with_its_reason() {
        let root = folder("several");
        let mut jobs = Vec::new();
        for size in [0, 5, 70_000, 3, 2_000_000] {
            let place = root.join(size.to_string());
            fs::write(&place, vec![7; size]).expect("written");
            jobs.push(Job { place, size: size as u64, git_blob: false });
        }
        jobs.push(Job { place: root.join("none"), size: 9, git_blob: false });
        jobs.push(Job { place: root.clone(), size: 9, git_blob: false });
        #[cfg(unix)]
        jobs.push(Job { place: "/dev/null".into(), size: 9, git_blob: false });
        for threads in [0, 1, 3, 64] {
            let told = Mutex::new(vec![Vec::new(); jobs.len()]);
            let remembered = files(&jobs, threads, &Watch::default(), None, &|index, result| {
                told.lock().expect("told")[index].push(result);
            });
            assert_eq!(remembered, Ok(0));
            for (job, results) in jobs.iter().zip(told.into_inner().expect("told")) {
                assert_eq!(results.len(), 1, "{job:?}");
                match job.size {
                    9 => assert!(results[0].is_err(), "{job:?}"),
                    size => {
                        let expected = of(&vec![7; usize::try_from(size).expect("small")]);
                        assert_eq!(results[0].as_ref().map(|hashed| hashed.file.sha256), Ok(expected));
                    }
                }
            }
        }
        fs::remove_dir_all(root).expect("removed");
    }
}
