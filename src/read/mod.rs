//! Readers: bytes of one file in, one typed document and gaps out. They state facts, never
//! judgements, and know no policy.

pub mod actions_lock;
pub mod cargo_config;
pub mod cargo_lock;
pub mod cargo_toml;
pub mod custody_toml;
pub mod dockerfile;
mod matrix;
pub mod scope;
mod toml_help;
pub mod toolchain;
pub mod workflow;
mod yaml_help;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::graph::Document;
use crate::parse::{Budget, Problem};
use crate::source::tree::Obstacle;
use crate::source::{FileId, RepoPath, SourceFile, Sources, Span, Tree};

/// Reads one kind of file.
pub trait Reader: Sync {
    /// Its name, as coverage prints it.
    fn id(&self) -> &'static str;
    /// Whether a file is of its kind, by path.
    fn claims(&self, path: &RepoPath) -> bool;
    /// Reads. What cannot be understood becomes a problem; the rest is kept.
    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts);
}

/// What one file gave.
#[derive(Debug, Default)]
pub struct Facts {
    /// The documents.
    pub documents: Vec<Document>,
    /// What could not be understood.
    pub problems: Vec<Problem>,
    /// Set where nothing at all could be read.
    pub unread: Option<String>,
}

/// All readers. The first that claims a file reads it.
pub static READERS: &[&dyn Reader] = &[
    &actions_lock::ActionsLockReader,
    &cargo_config::CargoConfigReader,
    &cargo_lock::CargoLockReader,
    &cargo_toml::CargoTomlReader,
    &custody_toml::CustodyTomlReader,
    &dockerfile::DockerfileReader,
    &toolchain::ToolchainReader,
    &workflow::WorkflowReader,
    &workflow::ActionReader,
];

/// One file of a known kind and how it went.
#[derive(Debug)]
pub struct FileOutcome {
    /// Where it lies.
    pub path: RepoPath,
    /// The reader's id.
    pub reader: &'static str,
    /// Its id among the sources, if bytes were read.
    pub file: Option<FileId>,
    /// How far it was read.
    pub outcome: Outcome,
}

/// How far a file was read.
#[derive(Debug)]
pub enum Outcome {
    /// In full.
    Read,
    /// In part; the problems have places.
    Partial(Vec<Problem>),
    /// Not at all, though it should have been.
    Unread(String),
    /// Not at all, on purpose.
    Skipped(String),
}

/// Everything that was read of a tree.
#[derive(Debug, Default)]
pub struct Reading {
    /// Files with their bytes, in path order.
    pub sources: Sources,
    /// Documents, in path order.
    pub documents: Vec<Document>,
    /// Every file of a known kind, in path order.
    pub files: Vec<FileOutcome>,
}

/// Stack of a reading thread. Recursive third-party parsers are guarded by nesting checks; this is
/// the second net.
const STACK: usize = 16 << 20;

/// Reads every file of a known kind, on `threads` threads; the result does not depend on how many.
/// `progress` hears of each file that is done.
pub fn read_tree(tree: &Tree, threads: usize, progress: &(dyn Fn(usize, usize) + Sync)) -> Reading {
    let outcomes = slots(tree);
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, One)>> = Mutex::new(Vec::new());
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(slot) = outcomes.get(index) else { return };
            let one = read_one(tree, slot, FileId(u32::try_from(index).unwrap_or(u32::MAX)));
            if let Ok(mut results) = results.lock() {
                results.push((index, one));
            }
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, outcomes.len());
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, outcomes.len().max(1)) {
            // Where no thread can be had the work is done here, below.
            let _ = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        }
    });
    work();
    let mut results = results.into_inner().unwrap_or_default();
    results.sort_by_key(|(index, _)| *index);
    collect(outcomes, results)
}

/// Every path of a known kind, in path order, with what stands in its way.
fn slots(tree: &Tree) -> Vec<Slot> {
    let reader_of = |path: &RepoPath| READERS.iter().find(|r| r.claims(path)).copied();
    let mut slots = Vec::new();
    let mut left = tree.limits.total_bytes;
    for entry in &tree.entries {
        let Some(reader) = reader_of(&entry.path) else { continue };
        let (mut obstacle, size) = tree.look(entry);
        // Charged in path order before anything is read, so that threads cannot change the result.
        if obstacle.is_none() && size <= tree.limits.file_bytes {
            match left.checked_sub(size) {
                Some(rest) => left = rest,
                None => {
                    obstacle = Some(Obstacle::Unread(format!(
                        "files of known kinds hold more than {} bytes",
                        tree.limits.total_bytes
                    )))
                }
            }
        }
        slots.push(Slot { path: entry.path.clone(), reader, obstacle });
    }
    // A folder may well be called `rust-toolchain`; none is called `Cargo.lock` by chance.
    for folder in tree.folders.iter().filter(|f| f.name().contains('.')) {
        if let Some(reader) = reader_of(folder) {
            let obstacle = Some(Obstacle::Unread("a folder stands where a file is expected".to_owned()));
            slots.push(Slot { path: folder.clone(), reader, obstacle });
        }
    }
    slots.sort_by(|a, b| a.path.cmp(&b.path));
    slots
}

struct Slot {
    path: RepoPath,
    reader: &'static dyn Reader,
    obstacle: Option<Obstacle>,
}

struct One {
    file: SourceFile,
    documents: Vec<Document>,
    outcome: Outcome,
}

fn read_one(tree: &Tree, slot: &Slot, id: FileId) -> One {
    let empty =
        |outcome| One { file: SourceFile::new(id, slot.path.clone(), Vec::new()), documents: Vec::new(), outcome };
    match &slot.obstacle {
        Some(Obstacle::Unread(why)) => return empty(Outcome::Unread(why.clone())),
        Some(Obstacle::Skipped(why)) => return empty(Outcome::Skipped(why.clone())),
        None => {}
    }
    let bytes = match tree.read(&slot.path) {
        Ok(bytes) => bytes,
        Err(why) => return empty(Outcome::Unread(why)),
    };
    let file = SourceFile::new(id, slot.path.clone(), bytes);
    let mut facts = Facts::default();
    if let Some(at) = file.invalid_utf8 {
        facts.problems.push(Problem::new(Span::new(at, at + 1), "a byte that is no UTF-8"));
    }
    let mut budget = Budget::default();
    // A reader that panics is our mistake: it costs this file, said aloud, and nothing else.
    let run = std::panic::AssertUnwindSafe(|| slot.reader.read(&file, &mut budget, &mut facts));
    if std::panic::catch_unwind(run).is_err() {
        return empty(Outcome::Unread(format!("the {} reader failed on it: a bug of cargo-custody", slot.reader.id())));
    }
    let outcome = match facts.unread {
        Some(why) => Outcome::Unread(why),
        None if facts.problems.is_empty() => Outcome::Read,
        None => Outcome::Partial(facts.problems),
    };
    One { file, documents: facts.documents, outcome }
}

fn collect(slots: Vec<Slot>, results: Vec<(usize, One)>) -> Reading {
    let mut files = Vec::new();
    let mut sources = Vec::new();
    let mut documents = Vec::new();
    for (slot, (_, one)) in slots.into_iter().zip(results) {
        let file = Some(one.file.id);
        files.push(FileOutcome { path: slot.path, reader: slot.reader.id(), file, outcome: one.outcome });
        sources.push(one.file);
        documents.extend(one.documents);
    }
    Reading { sources: Sources::new(sources), documents, files }
}
