//! A whole tree: which files are read by whom, in parallel, within limits.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::config;
use super::found::FileFound;
use super::nameless;
use super::nameless::Language;
use super::notebook;
use super::pointers;
use super::python;
use super::python::{Module, Outcome, Paths};
use super::rust;
use super::scripts;
use super::serving;
use super::{Pointer, Reference, Unresolved};
use crate::source::{Folder, RepoPath, Role};

/// How much is read.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of one file.
    pub file: usize,
    /// Bytes of one notebook, in which pictures stand.
    pub notebook: usize,
    /// Bytes of all files.
    pub all: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file: 1 << 20, notebook: 16 << 20, all: 512 << 20 }
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
}

/// Finds what a tree loads; what cannot be read is told.
#[must_use]
pub fn of_folder(folder: &dyn Folder, threads: usize, limits: &Limits) -> TreeReferences {
    let mut files: Vec<&String> = folder.files().iter().filter(|path| claims(path) && !is_foreign(path)).collect();
    files.sort_unstable();
    let mut nameless = 0;
    files.retain(|path| {
        nameless += usize::from(nameless::claims(path));
        nameless <= nameless::MOST_FILES || !nameless::claims(path)
    });
    let mut all: Vec<&str> = folder.files().iter().map(String::as_str).collect();
    all.sort_unstable();
    let words: HashSet<&'static str> = python::telling().collect();
    let left = AtomicU64::new(limits.all);
    let reader = Reader { folder, limits, left: &left, words: &words };
    let read = in_parallel(threads, files.len(), |index| reader.read(files[index]));

    let mut out = TreeReferences::default();
    let mut scripts = Scripts::default();
    let mut paths = Vec::new();
    let mut of_rust: Vec<(Arc<str>, String)> = Vec::new();
    for (path, one) in files.iter().zip(read) {
        let mut found = one.found;
        of_rust.extend(one.rust.map(|text| (Arc::from(path.as_str()), text)));
        out.references.append(&mut found.references);
        out.unresolved.append(&mut found.unresolved);
        out.pointers.append(&mut found.pointers);
        out.kernels.extend(found.kernels);
        out.unread.extend(found.problems.into_iter().map(|why| (Arc::from(path.as_str()), why)));
        scripts.modules.extend(one.module);
        if one.calls.is_some() {
            paths.push((*path).clone());
            scripts.calls.push(one.calls.unwrap_or_default());
        }
    }
    // A function of one file that hands its parameter on to a loader is one in all files of the tree.
    let texts: Vec<(Arc<str>, &str)> = of_rust.iter().map(|(path, text)| (Arc::clone(path), text.as_str())).collect();
    for (found, (path, _)) in rust::of_files(&texts, threads).into_iter().zip(&texts) {
        out.references.extend(found.references);
        out.unresolved.extend(found.unresolved);
        out.unread.extend(found.problems.into_iter().map(|why| (Arc::clone(path), why)));
    }
    // Files of values stand behind the modules, so that the numbers of these stay those of their calls.
    paths.extend(files.iter().filter(|path| python::holds_values(path)).map(|path| (*path).clone()));
    let paths = Paths::new(paths);
    let is_there = |path: &str| is_there(&all, path);
    let outcomes = scripts.follow(&reader, threads, &paths, &is_there);
    let spent = outcomes.iter().zip(&scripts.modules).filter(|(outcome, _)| outcome.is_spent);
    out.unread.extend(spent.map(|(_, module)| (Arc::clone(&module.path), TOO_MUCH.to_owned())));
    for module in &scripts.modules {
        out.unread.extend(module.problems.iter().map(|why| (Arc::clone(&module.path), why.clone())));
    }
    let (references, unresolved) = python::settle(outcomes);
    out.references.extend(references);
    out.unresolved.extend(unresolved);
    if nameless > nameless::MOST_FILES {
        let most = nameless::MOST_FILES;
        out.unread
            .push((Arc::from("."), format!("more than {most} files without an ending; the rest is not looked at")));
    }
    out.references.sort();
    said_once(&mut out.references);
    out.unresolved.sort();
    out.unread.sort();
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

/// Why a module was followed in part only.
const TOO_MUCH: &str = "too much to follow; what it loads is known in part only";

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
    /// Of a file of Python, marks of the names it calls.
    calls: Option<Vec<u32>>,
}

/// Reads files within the limits.
struct Reader<'a> {
    folder: &'a dyn Folder,
    limits: &'a Limits,
    left: &'a AtomicU64,
    words: &'a HashSet<&'static str>,
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

    fn read(&self, path: &str) -> One {
        let mut out = One::default();
        if let Err(problem) = self.read_into(path, &mut out) {
            out.found.problems.push(problem);
        }
        out
    }

    fn read_into(&self, path: &str, out: &mut One) -> Result<(), String> {
        if path.ends_with(".ipynb") {
            let text = self.text(path, self.limits.notebook)?;
            notebook::others(&Arc::from(path), &text, &mut out.found);
            if words_of(&text, self.words).0 {
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
            let text = self.text(path, self.limits.file)?;
            let (is_telling, calls) = words_of(&text, self.words);
            if is_telling {
                out.module = Some(Module::of_file(path, text));
            } else {
                out.calls = Some(calls);
            }
            return Ok(());
        }
        if rust::claims(path) {
            out.rust = Some(self.text(path, self.limits.file)?).filter(|text| rust::may_load(text));
            return Ok(());
        }
        let text = self.text(path, self.limits.file)?;
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

/// Modules of Python.
#[derive(Debug, Default)]
struct Scripts {
    modules: Vec<Module>,
    /// By the numbers of paths, marks of the names they call.
    calls: Vec<Vec<u32>>,
}

/// Times that more modules are read for what the others name.
const ROUNDS: usize = 4;
/// Files that may call a function by its name alone before that name is no help.
const MOST_CALLERS: usize = 200;

impl Scripts {
    /// Follows what the modules load, and reads those they need for it.
    fn follow(
        &mut self,
        reader: &Reader<'_>,
        threads: usize,
        paths: &Paths,
        is_there: &(dyn Fn(&str) -> bool + Sync),
    ) -> Vec<Outcome> {
        let mut known: HashSet<String> = self.modules.iter().map(|module| module.path.to_string()).collect();
        let mut done: Vec<Outcome> = Vec::new();
        // What may say more now: at first all.
        let mut again: Vec<usize> = (0..self.modules.len()).collect();
        for round in 0..=ROUNDS {
            let modules: Vec<&Module> = self.modules.iter().collect();
            let program = python::program(&modules, paths);
            let outcomes =
                in_parallel(threads, again.len(), |at| python::look(&program, again[at], &|path| is_there(path)));
            drop(program);
            done.resize_with(self.modules.len(), Outcome::default);
            for (index, outcome) in again.iter().zip(outcomes) {
                done[*index] = outcome;
            }
            let callers = self.callers(&done);
            let wanted: BTreeSet<usize> =
                done.iter().flat_map(|o| o.wanted.iter().copied()).chain(callers.values().flatten().copied()).collect();
            let new: BTreeSet<usize> =
                wanted.into_iter().filter(|index| known.insert(paths.path(*index).to_owned())).collect();
            if new.is_empty() || round == ROUNDS {
                break;
            }
            let numbers: Vec<usize> = new.iter().copied().collect();
            let more = in_parallel(threads, numbers.len(), |at| {
                let path = paths.path(numbers[at]);
                if python::holds_values(path) {
                    return reader.text(path, python::MOST_VALUES).ok().and_then(|text| Module::of_values(path, text));
                }
                // One that cannot be read was told when it was first opened.
                reader.text(path, reader.limits.file).ok().map(|text| Module::of_file(path, text))
            });
            let helps =
                |name: &String| callers.get(name).is_some_and(|all| all.iter().any(|index| new.contains(index)));
            let gains = |o: &Outcome| o.wanted.iter().any(|index| new.contains(index)) || o.wrappers.iter().any(helps);
            again = (0..done.len()).filter(|index| gains(&done[*index])).collect();
            let from = self.modules.len();
            self.modules.extend(more.into_iter().flatten());
            again.extend(from..self.modules.len());
        }
        done
    }

    /// Files that call what is followed, by its name.
    fn callers(&self, done: &[Outcome]) -> BTreeMap<String, Vec<usize>> {
        let mut out = BTreeMap::new();
        for name in done.iter().flat_map(|outcome| &outcome.wrappers) {
            if out.contains_key(name) {
                continue;
            }
            let mark = mark_of(name.as_bytes());
            let callers: Vec<usize> =
                (0..self.calls.len()).filter(|index| self.calls[*index].binary_search(&mark).is_ok()).collect();
            out.insert(name.clone(), if callers.len() <= MOST_CALLERS { callers } else { Vec::new() });
        }
        out
    }
}

/// Whether a text has one of the words, and marks of the names that are called in it, sorted.
fn words_of(text: &str, words: &HashSet<&'static str>) -> (bool, Vec<u32>) {
    let bytes = text.as_bytes();
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut calls = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !is_part(bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && is_part(bytes[at]) {
            at += 1;
        }
        let word = &bytes[start..at];
        if word.len() >= 2 && word.len() < 40 && std::str::from_utf8(word).is_ok_and(|word| words.contains(word)) {
            return (true, Vec::new());
        }
        if bytes.get(at) == Some(&b'(') {
            calls.push(mark_of(word));
        }
    }
    calls.sort_unstable();
    calls.dedup();
    (false, calls)
}

/// A number for a name, which few others have (FNV-1a).
fn mark_of(word: &[u8]) -> u32 {
    word.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
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

/// Whether a file's commands are read here as a whole, by its path: what they set on one line they use on another.
#[must_use]
pub fn reads_commands(path: &str) -> bool {
    scripts::claims(path) || nameless::claims(path)
}
