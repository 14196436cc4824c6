//! The modules of a tree together: which file an import names, and who calls a function.

use std::collections::HashMap;

use super::scope::{Call, Opens, Scopes};
use crate::parse::python::Argument;

/// A scope of a module.
pub(super) type Id = (usize, usize);

/// Where an expression is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Here {
    /// The module.
    pub module: usize,
    /// The scope in it.
    pub scope: usize,
    /// The block in that.
    pub block: usize,
}

/// A call, as far as what is given matters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site<'t> {
    /// What is given.
    pub arguments: &'t [Argument],
    /// Where.
    pub here: Here,
    /// The class of the tree that something is made of there, where that is known.
    pub made: Option<Id>,
}

/// Files of Python by their paths.
#[derive(Debug, Default)]
pub(in crate::references) struct Paths {
    paths: Vec<String>,
    by_path: HashMap<String, usize>,
    /// By the last part of the dotted name.
    by_last: HashMap<String, Vec<usize>>,
}

/// Packages whose names stand for themselves unless the tree is theirs.
pub(super) const KNOWN: &[&str] = &[
    "anthropic",
    "datasets",
    "diffusers",
    "evaluate",
    "huggingface_hub",
    "langchain",
    "litellm",
    "openai",
    "peft",
    "sentence_transformers",
    "spacy",
    "timm",
    "tokenizers",
    "torch",
    "transformers",
    "trl",
    "vllm",
    "whisper",
];

impl Paths {
    /// Of the paths of files.
    pub(in crate::references) fn new(paths: Vec<String>) -> Self {
        let mut out = Self { paths, ..Self::default() };
        for (index, path) in out.paths.iter().enumerate() {
            out.by_path.insert(path.clone(), index);
            if super::files::claims(path) {
                let name = path.rsplit('/').next().unwrap_or(path).to_owned();
                out.by_last.entry(name).or_default().push(index);
                continue;
            }
            let dotted = path.strip_suffix("/__init__.py").or_else(|| path.strip_suffix(".py")).unwrap_or(path);
            let last = dotted.rsplit('/').next().unwrap_or(dotted).to_owned();
            out.by_last.entry(last).or_default().push(index);
        }
        out
    }

    /// The path of a number.
    pub(in crate::references) fn path(&self, index: usize) -> &str {
        self.paths.get(index).map_or("", String::as_str)
    }

    /// The file or the package of a path without its ending; the text is made use of and left as it was.
    fn at(&self, stem: &mut String) -> Option<usize> {
        let length = stem.len();
        let start = length - stem.trim_start_matches('/').len();
        let mut found = None;
        for end in [".py", "/__init__.py"] {
            stem.push_str(end);
            found = found.or_else(|| self.by_path.get(stem.get(start..)?).copied());
            stem.truncate(length);
        }
        found
    }

    /// The file that a path means in a module: below its folder or one above it, or the only one that ends so.
    pub(super) fn file(&self, from: &str, tail: &str) -> Option<usize> {
        let mut folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        loop {
            let path = if folder.is_empty() { tail.to_owned() } else { format!("{folder}/{tail}") };
            if let Some(found) = self.by_path.get(&path) {
                return Some(*found);
            }
            if folder.is_empty() {
                break;
            }
            folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
        }
        let end = format!("/{tail}");
        let all = self.by_last.get(tail.rsplit('/').next()?)?;
        let mut fits = all.iter().take(64).filter(|index| self.path(**index).ends_with(&end));
        let first = fits.next()?;
        (all.len() <= 64 && fits.next().is_none()).then_some(*first)
    }

    /// The file that a module's dotted name means in another file.
    pub(super) fn find(&self, from: &str, dotted: &str) -> Option<usize> {
        let mut folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let name = dotted.trim_start_matches('.');
        let dots = dotted.len() - name.len();
        // Most imports are of packages: no file here is named so, wherever it lies.
        let last = name.rsplit('.').next().unwrap_or(name);
        if !name.is_empty() && last != "__init__" && !self.by_last.contains_key(last) {
            return None;
        }
        let inner = name.replace('.', "/");
        let mut path = String::with_capacity(from.len() + inner.len() + 16);
        let mut below = |folder: &str| {
            path.clear();
            path.extend([folder, "/", &inner]);
            self.at(&mut path)
        };
        if dots > 0 {
            for _ in 1..dots {
                folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
            }
            return if inner.is_empty() { self.at(&mut folder.to_owned()) } else { below(folder) };
        }
        let top = name.split('.').next().unwrap_or(name);
        if KNOWN.contains(&top) {
            return below("").or_else(|| below("src"));
        }
        let mut at = folder;
        loop {
            if let Some(found) = below(at) {
                return Some(found);
            }
            if at.is_empty() {
                break;
            }
            at = at.rsplit_once('/').map_or("", |(folder, _)| folder);
        }
        if let Some(found) = below("src") {
            return Some(found);
        }
        // A root that is named elsewhere: the one file that ends so.
        if last == name {
            return None;
        }
        let ends = |path: &str| {
            let stem = path.strip_suffix("/__init__.py").or_else(|| path.strip_suffix(".py"));
            stem.and_then(|stem| stem.strip_suffix(inner.as_str())).is_some_and(|before| before.ends_with('/'))
        };
        let mut fits = self.by_last.get(last)?.iter().filter(|index| ends(self.path(**index)));
        let first = fits.next()?;
        fits.next().is_none().then_some(*first)
    }
}

/// Modules that were read, together.
#[derive(Debug)]
pub(in crate::references) struct Program<'t> {
    /// Their scopes.
    pub(super) modules: Vec<Scopes<'t>>,
    /// All files of Python.
    pub(super) paths: &'t Paths,
    by_path: HashMap<&'t str, usize>,
    /// Calls by the last name of what is called.
    callers: HashMap<&'t str, Vec<(usize, usize)>>,
    /// Functions that have a name, in all modules.
    functions: HashMap<&'t str, usize>,
    /// Classes by the last name of what they are made from.
    heirs: HashMap<&'t str, Vec<Id>>,
}

impl<'t> Program<'t> {
    /// Of no modules yet.
    pub(super) fn new(paths: &'t Paths) -> Self {
        Self {
            modules: Vec::new(),
            paths,
            by_path: HashMap::new(),
            callers: HashMap::new(),
            functions: HashMap::new(),
            heirs: HashMap::new(),
        }
    }

    /// Puts more modules to it.
    pub(super) fn extend(&mut self, modules: Vec<Scopes<'t>>) {
        for scopes in modules {
            let index = self.modules.len();
            self.by_path.insert(&*scopes.module.path, index);
            for (number, call) in scopes.calls.iter().enumerate() {
                if let Some(name) = call.function.last_name() {
                    self.callers.entry(name).or_default().push((index, number));
                }
            }
            for scope in scopes.scopes.iter().skip(1).filter(|s| !s.name.is_empty()) {
                *self.functions.entry(scope.name).or_default() += 1;
            }
            for (number, scope) in scopes.scopes.iter().enumerate() {
                if let Opens::Class { bases } = scope.opens {
                    for base in bases.iter().filter_map(|base| base.last_name()) {
                        self.heirs.entry(base).or_default().push((index, number));
                    }
                }
            }
            self.modules.push(scopes);
        }
    }

    /// The number of the module in a file.
    pub(super) fn at(&self, path: &str) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// Calls of something that is named so.
    pub(super) fn calls_of(&self, name: &str) -> impl Iterator<Item = (usize, &Call<'t>)> + '_ {
        let all = self.callers.get(name).map_or(&[][..], Vec::as_slice);
        all.iter().map(|(module, number)| (*module, &self.modules[*module].calls[*number]))
    }

    /// Classes that are made from one that is named so.
    pub(super) fn heirs_of(&self, name: &str) -> &[Id] {
        self.heirs.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether one function or class only is named so.
    pub(super) fn is_only(&self, name: &str) -> bool {
        self.functions.get(name) == Some(&1)
    }
}
