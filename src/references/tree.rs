//! A whole tree: which files are read by whom, in parallel, within limits.

#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::config;
use super::found::FileFound;
use super::launches;
use super::local;
use super::nameless;
use super::nameless::Language;
use super::notebook;
use super::pointers;
use super::python;
use super::python::{Made, Module, Outcome, Paths};
use super::rust;
use super::scripts;
use super::serving;
use super::training::Training;
use super::{Pointer, Reference, Unresolved};
use crate::source::{Folder, RepoPath, Role};
use words::{Words, mark_of, marks_of};

/// How much is read.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of one file that is none of the others.
    pub file: usize,
    /// Bytes of one file of Python: programs are written by hand, and some are long.
    pub python: usize,
    /// Bytes of one notebook, in which pictures stand.
    pub notebook: usize,
    /// Bytes of all files.
    pub all: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file: 1 << 20, python: 4 << 20, notebook: 16 << 20, all: 512 << 20 }
    }
}

/// What a tree loads.
#[derive(Debug, Default)]
pub struct TreeReferences {
    /// References, in the order of their places.
    pub references: Vec<Reference>,
    /// Calls whose names cannot be known.
    pub unresolved: Vec<Unresolved>,
    /// Pointers to files that lie elsewhere.
    pub pointers: Vec<Pointer>,
    /// Kernels that `kernels.lock` holds, by name, with the commit.
    pub kernels: BTreeMap<String, String>,
    /// Files that could not be read as what they are, with the reason; in order.
    pub unread: Vec<(Arc<str>, String)>,
    /// The same for what was read to its end and not followed to its end; in order.
    pub unfollowed: Vec<(Arc<str>, String)>,
    /// Which scripts and recipes make or measure models, in order.
    pub trainings: Vec<Training>,
}

/// Finds what a tree loads; what cannot be read is told.
#[must_use]
pub fn of_folder(folder: &dyn Folder, threads: usize, limits: &Limits) -> TreeReferences {
    let mut files: Vec<&String> =
        folder.files().iter().filter(|path| (claims(path) || may_point(path)) && !is_foreign(path)).collect();
    files.sort_unstable();
    let mut nameless = 0;
    files.retain(|path| {
        nameless += usize::from(nameless::claims(path));
        nameless <= nameless::MOST_FILES || !nameless::claims(path)
    });
    let mut all: Vec<&str> = folder.files().iter().map(String::as_str).collect();
    all.sort_unstable();
    let words = Words::new(python::telling());
    let left = AtomicU64::new(limits.all);
    let is_there = |path: &str| is_there(&all, path);
    let reader = Reader { folder, limits, left: &left, words: &words, is_there: &is_there };
    let read = in_parallel(threads, files.len(), |index| reader.read(files[index]));

    let mut out = TreeReferences::default();
    let (mut modules, mut calls) = (Vec::new(), Vec::new());
    let mut paths = Vec::new();
    let mut started = Vec::new();
    let mut says = Vec::new();
    let mut tables = Vec::new();
    let mut of_rust: Vec<(Arc<str>, String)> = Vec::new();
    // Folders of crates that bring models.
    let mut loaders: BTreeSet<&str> = BTreeSet::new();
    let is_file = |path: &str| all.binary_search(&path).is_ok();
    for (path, one) in files.iter().zip(read) {
        let mut found = one.found;
        if one.is_loader {
            loaders.insert(rust::crate_of(path, &is_file));
        }
        of_rust.extend(one.rust.map(|text| (Arc::from(path.as_str()), text)));
        out.references.append(&mut found.references);
        out.unresolved.append(&mut found.unresolved);
        out.pointers.append(&mut found.pointers);
        out.trainings.append(&mut found.trainings);
        started.append(&mut found.launches);
        says.append(&mut found.says);
        tables.append(&mut found.tables);
        out.kernels.extend(found.kernels);
        out.unread.extend(found.problems.into_iter().map(|why| (Arc::from(path.as_str()), why)));
        modules.extend(one.module);
        if let Some(marks) = one.calls {
            paths.push((*path).clone());
            calls.push(marks);
        }
    }
    // A function of one file that hands its parameter on to a loader is one in all files of the tree.
    let texts: Vec<rust::File<'_>> = of_rust
        .iter()
        .map(|(path, text)| rust::File {
            path: Arc::clone(path),
            text,
            is_of_loader: loaders.contains(rust::crate_of(path, &is_file)),
        })
        .collect();
    for (found, file) in rust::of_files(&texts, threads).into_iter().zip(&texts) {
        out.references.extend(found.references);
        out.unresolved.extend(found.unresolved);
        out.unread.extend(found.problems.into_iter().map(|why| (Arc::clone(&file.path), why)));
    }
    // Files of values stand behind the modules, so that the numbers of these stay those of their calls.
    paths.extend(files.iter().filter(|path| python::holds_values(path)).map(|path| (*path).clone()));
    let paths = Paths::new(paths);
    let shelf = Shelf::default();
    shelf.put(0, modules);
    let (outcomes, made) = follow(&shelf, &calls, &reader, threads, &paths);
    out.trainings.extend(made.trainings);
    out.unfollowed.extend(made.cut.into_iter().map(|path| (path, CUT.to_owned())));
    out.unread.extend(made.failed.into_iter().map(|path| (path, FAILED_LINEAGE.to_owned())));
    let unjoined = launches::join(started, &mut out.trainings, &says, &all);
    out.unfollowed.extend(unjoined.into_iter().map(|path| (path, CUT.to_owned())));
    for (module, outcome) in shelf.modules().zip(&outcomes) {
        if outcome.is_spent {
            out.unfollowed.push((Arc::clone(&module.path), TOO_MUCH.to_owned()));
        }
        let failed = outcome.is_failed.then(|| FAILED.to_owned());
        let all = failed.into_iter().chain(module.problems.clone());
        out.unread.extend(all.map(|why| (Arc::clone(&module.path), why)));
    }
    let (references, unresolved) = python::settle(outcomes);
    out.references.extend(references);
    out.unresolved.extend(unresolved);
    if nameless > nameless::MOST_FILES {
        let most = nameless::MOST_FILES;
        out.unread
            .push((Arc::from("."), format!("more than {most} files without an ending; the rest is not looked at")));
    }
    local::settle(&tables, &mut out.trainings, &mut out.references, &is_file);
    out.references.sort();
    said_once(&mut out.references);
    out.unresolved.sort();
    out.unread.sort();
    out.unfollowed.sort();
    out.trainings.retain(Training::is_told);
    out.trainings.sort();
    out
}

/// What a file of values says and code loads is one reference: of two at one place the one stays that knows its call.
fn said_once(references: &mut Vec<Reference>) {
    references.dedup_by(|later, first| {
        let is_same = later.place == first.place
            && (later.kind, later.hub, &later.name) == (first.kind, first.hub, &first.name)
            && python::holds_values(&first.place.path)
            && later.revision == first.revision;
        if is_same {
            let standing = first.standing.min(later.standing);
            if first.call.is_none() && later.call.is_some() {
                std::mem::swap(first, later);
            }
            first.standing = standing;
        }
        is_same
    });
}

/// The manifest of a package of Rust.
const MANIFEST: &str = "Cargo.toml";
/// Parts of names of crates that load models by name.
const LOADING_CRATES: &[&str] = &["hf-hub", "hf_hub", "candle", "fastembed", "huggingface", "mistralrs", "tokenizers"];

/// Why a module was followed in part only.
const TOO_MUCH: &str = "too much to follow; what it loads is known in part only";

/// Why nothing is known of a file whose reader panicked.
const FAILED: &str = "the look at what it loads failed: a bug of cargo-custody";

/// Why it is not known to its end what a file makes.
const CUT: &str = "too much to follow; which models it makes, and of what, is known in part only";

/// Why it is not known what a file makes.
const FAILED_LINEAGE: &str = "the look at which models it makes failed: a bug of cargo-custody";

/// Whether a file is part of a copy of somebody else's tree.
fn is_foreign(path: &str) -> bool {
    RepoPath::new(path).is_some_and(|path| Role::of_path(&path) == Role::Vendored)
}

/// Whether the tree has a file or a folder of this path.
fn is_there(all: &[&str], path: &str) -> bool {
    let path = path.trim_end_matches('/');
    let at = all.partition_point(|known| *known < path);
    // `a/b` stands before `a/b/c`, and others may stand between them: `a/b-c`.
    let folder = format!("{path}/");
    let below = all.partition_point(|known| *known < folder.as_str());
    all.get(at) == Some(&path) || all.get(below).is_some_and(|known| known.starts_with(&folder))
}

/// What one file gave.
#[derive(Debug, Default)]
struct One {
    found: FileFound,
    /// A module of Python that may load something.
    module: Option<Module>,
    /// The text of a file of Rust.
    rust: Option<String>,
    /// It names a library that brings models.
    is_loader: bool,
    /// Of a file of Python, marks of the names it calls.
    calls: Option<Vec<u32>>,
}

/// Reads files within the limits.
struct Reader<'a> {
    folder: &'a dyn Folder,
    limits: &'a Limits,
    left: &'a AtomicU64,
    words: &'a Words,
    /// Whether the tree has a file or folder of a path.
    is_there: &'a (dyn Fn(&str) -> bool + Sync),
}

impl Reader<'_> {
    /// The text of a file.
    fn text(&self, path: &str, most: usize) -> Result<String, String> {
        let bytes = self.folder.open(path)?;
        let length = bytes.len();
        if length > most as u64 {
            return Err(format!("larger than the {most} bytes that are read"));
        }
        let fits = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(length));
        if fits.is_err() {
            return Err("the files before it took all that is read of a tree".to_owned());
        }
        String::from_utf8(bytes.up_to(0, most)?).map_err(|_| "it is not UTF-8".to_owned())
    }

    /// Whether a file that cannot be read as a whole has one of the words where it can.
    fn may_tell(&self, path: &str) -> bool {
        let Ok(bytes) = self.folder.open(path).and_then(|bytes| bytes.up_to(0, self.limits.file)) else { return true };
        self.words.is_in(&String::from_utf8_lossy(&bytes))
    }

    fn read(&self, path: &str) -> One {
        // A reader that panics is our mistake: it costs this file, said aloud, and nothing else.
        let read = catch_unwind(AssertUnwindSafe(|| {
            let mut out = One::default();
            if !claims(path) {
                if let Some(text) = self.pointer(path) {
                    pointers::of_file(&Arc::from(path), &text, &mut out.found);
                }
            } else if let Err(problem) = self.read_into(path, &mut out) {
                out.found.problems.push(problem);
            }
            out
        }));
        read.unwrap_or_else(|_| {
            let mut out = One { calls: path.ends_with(".py").then(Vec::new), ..One::default() };
            out.found.problems.push(FAILED.to_owned());
            out
        })
    }

    /// A module that others need; one that cannot be read was told when it was first opened.
    fn module(&self, path: &str) -> Option<Module> {
        if python::holds_values(path) {
            let text = self.text(path, python::MOST_VALUES).ok()?;
            return catch_unwind(AssertUnwindSafe(|| Module::of_values(path, text))).ok().flatten();
        }
        let text = self.text(path, self.limits.python).ok()?;
        catch_unwind(AssertUnwindSafe(|| Module::of_file(path, text))).ok()
    }

    /// The text of a file of weights or data that is a pointer of git LFS. What cannot be opened is told by whoever
    /// reads what it is by its name.
    fn pointer(&self, path: &str) -> Option<String> {
        if self.folder.size(path).is_some_and(|size| !pointers::is_small(size)) {
            return None;
        }
        let bytes = self.folder.open(path).ok().filter(|bytes| pointers::is_small(bytes.len()))?;
        let text = String::from_utf8(bytes.up_to(0, 1024).ok()?).ok()?;
        pointers::is_lfs(text.as_bytes()).then_some(text)
    }

    /// The text of a file that is seldom written by hand where it is long. None where it is too long to be: what is
    /// put out by programs, vocabularies and records of data load nothing.
    fn text_by_hand(&self, path: &str) -> Result<Option<String>, String> {
        let is_long = self.folder.open(path)?.len() > self.limits.file as u64;
        let is_program = || scripts::claims(path) || (rust::claims(path) && self.is_near_a_hub(path));
        if is_long && !is_program() {
            return Ok(None);
        }
        self.text(path, self.limits.file).map(Some)
    }

    /// Whether the package of a file of Rust depends on what loads models.
    fn is_near_a_hub(&self, path: &str) -> bool {
        let mut folder = path;
        while let Some((above, _)) = folder.rsplit_once('/').or_else(|| (!folder.is_empty()).then_some(("", folder))) {
            folder = above;
            let manifest = if folder.is_empty() { MANIFEST.to_owned() } else { format!("{folder}/{MANIFEST}") };
            let bytes = self.folder.open(&manifest).and_then(|bytes| bytes.up_to(0, self.limits.file));
            if let Ok(bytes) = bytes {
                let text = String::from_utf8_lossy(&bytes);
                return LOADING_CRATES.iter().any(|name| text.contains(name));
            }
        }
        false
    }

    fn read_into(&self, path: &str, out: &mut One) -> Result<(), String> {
        if path.ends_with(".ipynb") {
            let text = self.text(path, self.limits.notebook)?;
            notebook::others(&Arc::from(path), &text, &mut out.found);
            if self.words.is_in(&text) {
                out.module = notebook::module(path, &text)?;
            }
            return Ok(());
        }
        let language = if nameless::claims(path) {
            let first = self.folder.open(path)?.up_to(0, nameless::FIRST)?;
            let Some(language) = nameless::language(&first) else { return Ok(()) };
            Some(language)
        } else {
            None
        };
        if path.ends_with(".py") || language == Some(Language::Python) {
            out.calls = Some(Vec::new());
            let text = match self.text(path, self.limits.python) {
                Ok(text) => text,
                // What names no loader as far as it can be seen is no gap.
                Err(problem) => return if self.may_tell(path) { Err(problem) } else { Ok(()) },
            };
            if self.words.is_in(&text) {
                out.module = Some(Module::of_file(path, text));
            } else {
                out.calls = Some(marks_of(&text));
            }
            return Ok(());
        }
        if rust::claims(path) {
            let text = self.text_by_hand(path)?;
            out.is_loader = text.as_deref().is_some_and(rust::names_loader);
            out.rust = text.filter(|text| rust::may_load(text));
            return Ok(());
        }
        let Some(text) = self.text_by_hand(path)? else { return Ok(()) };
        let found = &mut out.found;
        if pointers::claims(path) || pointers::is_lfs(text.as_bytes()) {
            pointers::of_file(&Arc::from(path), &text, found);
        }
        if scripts::claims(path) || language == Some(Language::Shell) {
            scripts::of_file(&Arc::from(path), &text, found);
        } else if config::claims(path) {
            config::of_file(path, &text, found);
        } else if serving::claims(path) {
            serving::of_file(path, &text, found);
        }
        Ok(())
    }
}

/// Times that more modules are read for what the others name.
const ROUNDS: usize = 4;
/// The rounds in which what a training imports is read as well.
const IMPORT_ROUNDS: usize = 2;
/// Files that are read for that in one round.
const MOST_IMPORTED: usize = 2_000;
/// Files that may call a function by its name alone before that name is no help.
const MOST_CALLERS: usize = 200;

/// Modules of Python in the order they were read: those that may load something, then those of each round. One that
/// stands here stays where it is, so that what is known of it need not be made again.
#[derive(Debug, Default)]
struct Shelf {
    rounds: [OnceLock<Vec<Module>>; ROUNDS + 1],
}

impl Shelf {
    /// Puts the modules of a round to it, once.
    fn put(&self, round: usize, modules: Vec<Module>) -> &[Module] {
        self.rounds.get(round).map_or(&[], |slot| slot.get_or_init(|| modules))
    }

    /// All modules.
    fn modules(&self) -> impl Iterator<Item = &Module> {
        self.rounds.iter().filter_map(OnceLock::get).flatten()
    }
}

/// Follows what the modules of a shelf load, and reads those they need for it. `calls` are, by the numbers of paths,
/// marks of the names that files call.
fn follow(
    shelf: &Shelf,
    calls: &[Vec<u32>],
    reader: &Reader<'_>,
    threads: usize,
    paths: &Paths,
) -> (Vec<Outcome>, Made) {
    let mut known: HashSet<&str> = shelf.modules().map(|module| &*module.path).collect();
    let mut program = python::program(paths);
    python::extend(&mut program, shelf.put(0, Vec::new()), threads);
    let mut done: Vec<Outcome> = Vec::new();
    // The first module whose imports were not looked at.
    let mut first = 0;
    // Whether some of those were left out.
    let mut is_cut = false;
    // What may say more now: at first all.
    let mut again: Vec<usize> = (0..known.len()).collect();
    for round in 0..=ROUNDS {
        let outcomes = in_parallel(threads, again.len(), |at| {
            let look = || python::look(&program, again[at], &|path| (reader.is_there)(path));
            catch_unwind(AssertUnwindSafe(look)).ok()
        });
        done.resize_with(done.len().max(again.last().map_or(0, |last| last + 1)), Outcome::default);
        for (index, outcome) in again.iter().zip(outcomes) {
            done[*index] = outcome.unwrap_or_else(|| Outcome { is_failed: true, ..Outcome::default() });
        }
        let callers = callers(calls, &done);
        let imported = if round < IMPORT_ROUNDS { python::imported(&program, first) } else { BTreeSet::new() };
        first = done.len();
        is_cut |= imported.len() > MOST_IMPORTED;
        let wanted: BTreeSet<usize> = done
            .iter()
            .flat_map(|o| o.wanted.iter().copied())
            .chain(callers.values().flatten().copied())
            .chain(imported.into_iter().take(MOST_IMPORTED))
            .collect();
        let new: BTreeSet<usize> = wanted.into_iter().filter(|index| known.insert(paths.path(*index))).collect();
        if new.is_empty() || round == ROUNDS {
            break;
        }
        let numbers: Vec<usize> = new.iter().copied().collect();
        let more = in_parallel(threads, numbers.len(), |at| reader.module(paths.path(numbers[at])));
        let helps = |name: &String| callers.get(name).is_some_and(|all| all.iter().any(|index| new.contains(index)));
        let gains = |o: &Outcome| o.wanted.iter().any(|index| new.contains(index)) || o.wrappers.iter().any(helps);
        again = (0..done.len()).filter(|index| gains(&done[*index])).collect();
        let more = shelf.put(round + 1, more.into_iter().flatten().collect());
        again.extend(done.len()..done.len() + more.len());
        python::extend(&mut program, more, threads);
    }
    let made = catch_unwind(AssertUnwindSafe(|| python::trainings(&program, &done)));
    // Without a file to blame it is told of the tree.
    let tree: Arc<str> = Arc::from(".");
    let mut made = made.unwrap_or_else(|_| Made { failed: [Arc::clone(&tree)].into(), ..Made::default() });
    made.cut.extend(is_cut.then_some(tree));
    (done, made)
}

/// Files that call what is followed, by its name.
fn callers(calls: &[Vec<u32>], done: &[Outcome]) -> BTreeMap<String, Vec<usize>> {
    let mut out = BTreeMap::new();
    for name in done.iter().flat_map(|outcome| &outcome.wrappers) {
        if out.contains_key(name) {
            continue;
        }
        let mark = mark_of(name.as_bytes());
        let callers: Vec<usize> = (0..calls.len()).filter(|index| calls[*index].binary_search(&mark).is_ok()).collect();
        out.insert(name.clone(), if callers.len() <= MOST_CALLERS { callers } else { Vec::new() });
    }
    out
}

/// Does work on several threads; results in the order of their numbers.
pub(super) fn in_parallel<T: Send>(threads: usize, count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let one = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return done;
            }
            done.push((index, work(index)));
        }
    };
    let mut all: Vec<(usize, T)> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.clamp(1, count.max(1))).map(|_| scope.spawn(one)).collect();
        let mut all = one();
        for other in others {
            match other.join() {
                Ok(done) => all.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    all.sort_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, value)| value).collect()
}

/// Whether a file may be read for what it loads, by its path.
#[must_use]
pub fn claims(path: &str) -> bool {
    path.ends_with(".py")
        || path.ends_with(".ipynb")
        || rust::claims(path)
        || config::claims(path)
        || serving::claims(path)
        || scripts::claims(path)
        || pointers::claims(path)
        || nameless::claims(path)
}

/// Whether a file may be a pointer to weights or data that lie elsewhere, by its path.
#[must_use]
pub fn may_point(path: &str) -> bool {
    pointers::may_be_lfs(path)
}

/// Whether a file's commands are read here as a whole, by its path: what they set on one line they use on another.
#[must_use]
pub fn reads_commands(path: &str) -> bool {
    scripts::claims(path) || nameless::claims(path)
}
