//! What Rust loads: repositories by `hf-hub`, tokenizers, builders of models, addresses of weights, hosted models.
//!
//! Values are followed through a file as far as is sound: bindings, constants, fields with defaults, what functions
//! give, what arms of `match` choose. A function that hands a parameter on to a loader is one itself, in every file of
//! the tree. Comments and documentation say nothing here.

mod loaders;
mod scope;
mod tables;
#[cfg(test)]
mod tests;
mod values;
mod wrappers;

use std::sync::Arc;

use super::found::FileFound;
use super::names;
use super::tree::in_parallel;
use crate::parse::Budget;
use crate::parse::rust::{self, Tree};
use wrappers::Wrapper;

/// Words that a file which loads by itself has one of.
const WORDS: &[&str] = &["hf_hub", "HFClient", "from_pretrained", "ModelBuilder"];
/// Words that say something only beside a name or an address.
const WEAK: &[&str] = &[
    "huggingface.co/",
    "hf.co/",
    "modelscope.",
    "hf://",
    "model",
    "repo_id",
    "gpt-",
    "claude-",
    "gemini-",
    "tokenizer",
    ".safetensors",
    ".gguf",
    ".onnx",
    ".pt",
    ".ckpt",
];
/// Rounds in which functions that hand on to others are looked for: a test's helper, the program's entry, its loader.
const ROUNDS: usize = 4;
/// Functions of a tree that are taken for loaders.
const MAX_WRAPPERS: usize = 512;

/// Whether a file is one of Rust.
pub(in crate::references) fn claims(path: &str) -> bool {
    path.ends_with(".rs")
}

/// Whether a file may load something, by itself or by a function of another file; others need not be kept.
pub(in crate::references) fn may_load(text: &str) -> bool {
    WORDS.iter().any(|word| text.contains(word)) || names_something(text)
}

/// Whether a literal of the file may be a name or an address.
fn names_something(text: &str) -> bool {
    text.split('"').skip(1).any(|literal| {
        let is_short = literal.len() <= 400 && !literal.contains('\n');
        is_short
            && (loaders::is_name(literal)
                || loaders::hosted(literal).is_some()
                || (literal.contains("://") && (names::of_address(literal).is_some() || names::is_weights(literal))))
    })
}

/// Whether a file names a library that brings models by name: `hf-hub`, `tokenizers`, `ort`.
pub(in crate::references) fn names_loader(text: &str) -> bool {
    let is_path = |word: &str| {
        let before = |at: usize| text.get(..at).and_then(|t| t.bytes().next_back());
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':';
        text.match_indices(word).any(|(at, _)| !before(at).is_some_and(is_part))
    };
    text.contains("hf_hub") || text.contains("HFClient") || is_path("tokenizers::") || is_path("ort::")
}

/// The folder of the crate that a file belongs to; `is_there` tells whether the tree has a file.
pub(in crate::references) fn crate_of<'p>(path: &'p str, is_there: &dyn Fn(&str) -> bool) -> &'p str {
    let mut folder = path;
    while let Some((above, _)) = folder.rsplit_once('/') {
        folder = above;
        if is_there(&format!("{folder}/Cargo.toml")) {
            return folder;
        }
    }
    ""
}

/// A file of Rust.
#[derive(Debug)]
pub(in crate::references) struct File<'t> {
    /// From the root of the tree.
    pub(in crate::references) path: Arc<str>,
    pub(in crate::references) text: &'t str,
    /// A file of its crate [`names_loader`]: its tables of names are loaded from.
    pub(in crate::references) is_of_loader: bool,
}

/// What the files of a tree load, in the order of the files. Those that [`may_load`] refuses may be left out.
pub(in crate::references) fn of_files(files: &[File<'_>], threads: usize) -> Vec<FileFound> {
    let mut out: Vec<FileFound> = files.iter().map(|_| FileFound::default()).collect();
    let mut trees: Vec<Option<Tree>> = files.iter().map(|_| None).collect();
    let mut known: Vec<Wrapper> = Vec::new();
    for round in 0..ROUNDS {
        // The first round reads what names a loader, the next ones what names a function that hands on to one.
        let calls: Vec<String> = known.iter().filter(|w| w.is_shared).map(|w| format!("{}(", w.name)).collect();
        let is_wanted = |file: &File<'_>| match round {
            0 => {
                let text = file.text;
                WORDS.iter().any(|word| text.contains(word))
                    || ((file.is_of_loader || WEAK.iter().any(|word| text.contains(word))) && names_something(text))
            }
            _ => calls.iter().any(|call| file.text.contains(call)),
        };
        let read = in_parallel(threads, files.len(), |at| {
            let file = files.get(at)?;
            let is_read = trees.get(at).is_some_and(Option::is_some);
            (!is_read && is_wanted(file)).then(|| rust::tree(file.text, &mut Budget::default()))
        });
        let mut is_fresh = false;
        for ((slot, found), tree) in trees.iter_mut().zip(&mut out).zip(read) {
            if let Some(tree) = tree {
                found.problems.extend(too_much(&tree));
                *slot = Some(tree);
                is_fresh = true;
            }
        }
        if !is_fresh && round > 0 {
            break;
        }
        let before = known.len();
        for (file, tree) in files.iter().zip(&trees) {
            if let Some(tree) = tree.as_ref().filter(|_| known.len() < MAX_WRAPPERS) {
                wrappers::of_tree(tree, file.text, &mut known);
            }
        }
        if known.len() == before {
            break;
        }
    }
    let found = in_parallel(threads, files.len(), |at| {
        let (file, tree) = (files.get(at)?, trees.get(at)?.as_ref()?);
        let mut found = FileFound::default();
        loaders::of_tree(file, tree, &known, &mut found);
        Some(found)
    });
    for (whole, found) in out.iter_mut().zip(found) {
        if let Some(found) = found {
            whole.references = found.references;
            whole.unresolved = found.unresolved;
        }
    }
    out
}

/// What was lost of a file as a whole; a line that is no Rust costs that line and is told by nobody.
fn too_much(tree: &Tree) -> Option<String> {
    let lost = tree.problems.iter().find(|p| p.message.contains("too"))?;
    Some(format!("the file is not read in full: {}", lost.message))
}
