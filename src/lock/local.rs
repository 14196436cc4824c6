//! What this machine holds of a name: the caches of hubs, folders that hubs' tools downloaded to, and folders that a
//! person names. Every file is hashed and scanned as it is taken into a lock.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;

use super::Digest;
use super::Entry;
use super::FileDigest;
use super::Held;
use super::HeldFiles;
use super::Key;
use super::Lock;
use super::cache::Found;
use super::cache::Layout;
use super::cache::Listing;
use super::cache::Promised;
use super::cache::State;
use super::cache::Stored;
use super::cache::StoredFile;
use super::cache::find;
use super::hash;
use super::hash::Hashed;
use super::hash::Job;
use super::hash::Watch;
use super::value::is_firm;
use super::verify::pointer;
use crate::scan;
use crate::scan::Verdict;
use crate::source::Bytes as _;
use crate::source::FileBytes;

/// Bytes of a model card that are read for its licence.
const CARD: usize = 64 << 10;
/// Bytes below which a file may be a pointer.
const POINTER: u64 = 1024;

/// The stores of a machine.
#[derive(Debug)]
pub struct Local {
    found: Found,
    given: BTreeMap<String, PathBuf>,
    threads: usize,
    scans: Option<scan::Limits>,
}

impl Local {
    /// Looks below some folders for what keys may name. `given` are folders that a person says hold a name, by the
    /// key's identity or name.
    #[must_use]
    pub fn look<'k>(
        roots: &[PathBuf],
        keys: impl Iterator<Item = &'k Key>,
        given: BTreeMap<String, PathBuf>,
        threads: usize,
        scans: Option<scan::Limits>,
    ) -> Self {
        let names = Lock { entries: keys.map(|key| (key.clone(), Entry::default())).collect(), ..Lock::default() };
        Self { found: find(roots, &names), given, threads, scans }
    }

    /// What of the stores could not be looked at.
    #[must_use]
    pub fn unread(&self) -> &[(PathBuf, String)] {
        &self.found.unread
    }

    fn given(&self, key: &Key) -> Option<&Path> {
        let place = self.given.get(&key.identity()).or_else(|| self.given.get(&key.name));
        place.map(PathBuf::as_path)
    }

    /// The files of a state, hashed and scanned.
    fn take(&self, stored: &Stored, state: &State, revision: Option<&str>) -> Result<Held, String> {
        let place = state.root.to_string_lossy().into_owned();
        let Listing { files, out, unread } = stored.files(state);
        if let Some((path, why)) = unread.first() {
            return Err(format!("`{path}` in {place} cannot be read: {why}"));
        }
        if let Some((path, to)) = out.first() {
            return Err(format!("`{path}` in {place} leads out of it, to {to}"));
        }
        let mut held = Held { revision: revision.map(str::to_owned), place, ..Held::default() };
        let (pointers, files): (Vec<StoredFile>, Vec<StoredFile>) =
            files.into_iter().partition(|file| pointed(file).is_some());
        held.files.extend(pointers.iter().filter_map(|file| Some((file.path.clone(), pointed(file)?))));
        for (file, hashed) in files.iter().zip(self.hash(&files)?) {
            let hashed = hashed.map_err(|why| format!("`{}` in {} cannot be read: {why}", file.path, held.place))?;
            if !is_as_promised(file, &hashed) {
                return Err(format!(
                    "`{}` in {} is not what the cache says it is: the file was changed after it came",
                    file.path, held.place
                ));
            }
            held.files.push((file.path.clone(), hashed.file));
        }
        held.licence = files.iter().find(|file| file.path == "README.md").and_then(|card| licence(&card.place));
        // Of pointers there is nothing to scan.
        held.verdict = self.scans.as_ref().filter(|_| pointers.is_empty()).map(|limits| self.scan(&files, limits));
        Ok(held)
    }

    fn hash(&self, files: &[StoredFile]) -> Result<Vec<Result<Hashed, String>>, String> {
        let jobs: Vec<Job> = files
            .iter()
            .map(|file| Job {
                place: file.place.clone(),
                size: file.size,
                git_blob: matches!(file.promised, Some(Promised::GitBlob(_))),
            })
            .collect();
        let done = Mutex::new(vec![None; jobs.len()]);
        let tell = |at: usize, hashed: Result<Hashed, String>| {
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(slot) = done.get_mut(at) {
                *slot = Some(hashed);
            }
        };
        hash::files(&jobs, self.threads, &Watch::default(), None, &tell)?;
        let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(done.into_iter().map(|one| one.unwrap_or_else(|| Err("it was not reached".to_owned()))).collect())
    }

    /// The gravest verdict of files, in the words of the scan.
    fn scan(&self, files: &[StoredFile], limits: &scan::Limits) -> String {
        let next = std::sync::atomic::AtomicUsize::new(0);
        let work = || {
            let mut worst = Verdict::Clean;
            while let Some(file) = files.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                let verdict = match FileBytes::open(&file.place) {
                    Ok(bytes) => scan::file(&bytes, &file.path, limits).verdict,
                    Err(_) => Verdict::Unread,
                };
                worst = worst.max(verdict);
            }
            worst
        };
        let worst = std::thread::scope(|scope| {
            let count = self.threads.clamp(1, files.len().max(1));
            let others: Vec<_> = (1..count).map(|_| scope.spawn(work)).collect();
            // What ended before its time was not looked at.
            let own = work();
            others.into_iter().fold(own, |worst, other| worst.max(other.join().unwrap_or(Verdict::Unread)))
        });
        worst.word().to_owned()
    }
}

impl HeldFiles for Local {
    fn held(&self, key: &Key, at: Option<&str>) -> Result<Option<Held>, String> {
        if let Some(place) = self.given(key) {
            let stored = plain(place);
            let state = State { revision: None, root: place.to_owned() };
            return self.take(&stored, &state, None).map(Some);
        }
        let wanted = Entry { revision: at.map(str::to_owned), ..Entry::default() };
        let mut not_sure = None;
        for stored in self.found.stored.iter().filter(|stored| is_of(stored, key, &wanted)) {
            if let Some((path, why)) = stored.unread.first() {
                not_sure = Some(format!("`{path}` in {} cannot be read: {why}", stored.root.display()));
            }
            let asked = stored.asked(key);
            let revision = match (at, stored.refs.get(asked)) {
                (Some(at), _) => Some(at),
                (None, Some(commit)) => Some(commit.as_str()),
                // A commit that is asked for by its name. A folder that is called like a branch is no commit.
                (None, None)
                    if (stored.layout != Layout::Hub || is_firm(asked))
                        && stored.states.iter().any(|s| s.revision.as_deref() == Some(asked)) =>
                {
                    Some(asked)
                }
                (None, None) if stored.layout != Layout::Hub => {
                    stored.states.first().and_then(|s| s.revision.as_deref())
                }
                (None, None) => None,
            };
            let state = stored.states.iter().find(|state| revision.is_some() && state.revision.as_deref() == revision);
            let unnamed = || stored.states.first().filter(|_| stored.layout == Layout::TorchHub && at.is_none());
            if let Some(state) = state.or_else(unnamed) {
                return self.take(stored, state, revision).map(Some);
            }
            if !stored.states.is_empty() && not_sure.is_none() {
                let place = stored.root.display();
                not_sure = Some(match at {
                    Some(at) => format!("{place} holds other commits than {at}"),
                    None => format!("{place} holds commits of it and does not say which one `{asked}` is"),
                });
            }
        }
        not_sure.map_or(Ok(None), Err)
    }
}

/// Whether a store is one of a key. What a folder is called says nothing of where it came from, unless the hub's tool
/// left word of the commit there.
fn is_of(stored: &Stored, key: &Key, wanted: &Entry) -> bool {
    match stored.layout {
        Layout::Folder | Layout::Checkpoints => false,
        Layout::LocalFolder => {
            let commit = stored.states.first().and_then(|state| state.revision.as_ref());
            let last = stored.name.rsplit('/').next().unwrap_or("");
            let short = key.name.rsplit('/').next().unwrap_or(&key.name);
            let names = [short.to_owned(), key.name.replace('/', "--"), key.name.replace('/', "_")];
            commit.is_some()
                && (commit == wanted.revision.as_ref() || names.iter().any(|n| n.eq_ignore_ascii_case(last)))
        }
        Layout::Hub | Layout::Ollama | Layout::TorchHub => stored.is_of(key, wanted),
    }
}

/// A folder of which nothing is known.
fn plain(place: &Path) -> Stored {
    Stored {
        layout: Layout::Folder,
        name: String::new(),
        root: place.to_owned(),
        refs: BTreeMap::new(),
        states: Vec::new(),
        unread: Vec::new(),
    }
}

/// What a pointer of large file storage stands for; none where the file is none.
fn pointed(file: &StoredFile) -> Option<FileDigest> {
    if file.size >= POINTER {
        return None;
    }
    let bytes = FileBytes::open(&file.place).ok()?.up_to(0, usize::try_from(POINTER).ok()?).ok()?;
    pointer::read(std::str::from_utf8(&bytes).ok()?)
}

fn is_as_promised(file: &StoredFile, hashed: &Hashed) -> bool {
    match &file.promised {
        Some(Promised::Sha256(digest)) => *digest == hashed.file.sha256,
        Some(Promised::GitBlob(name)) => hashed.git_blob.as_ref() == Some(name),
        None => true,
    }
}

/// `license:` between the lines of dashes at the head of a model card.
fn licence(card: &Path) -> Option<String> {
    let bytes = FileBytes::open(card).ok()?.up_to(0, CARD).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.lines();
    if lines.next()?.trim_end() != "---" {
        return None;
    }
    let mut head = lines.take_while(|line| line.trim_end() != "---");
    let value = head.find_map(|line| line.strip_prefix("license:"))?;
    let value = value.split(" #").next().unwrap_or(value).trim().trim_matches(['"', '\'']);
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '+' | '_');
    (!value.is_empty() && value.len() <= 64 && value.chars().all(is_word)).then(|| value.to_owned())
}

/// The digest of a file that a person names: evidence of an approval.
///
/// # Errors
/// A sentence fragment that says why it cannot be read.
pub fn digest_of(place: &Path) -> Result<Digest, String> {
    match hash::file(place, false, true, &Watch::default()) {
        Ok(hashed) => Ok(hashed.file.sha256),
        Err(hash::NotHashed::Because(why)) => Err(why),
        Err(hash::NotHashed::Stopped) => Err("it was not reached".to_owned()),
    }
}
