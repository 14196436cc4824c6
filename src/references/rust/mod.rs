//! What Rust loads: repositories by `hf-hub`, tokenizers, builders of models, addresses of weights, hosted models.
//!
//! Values are followed through a file as far as is sound: bindings, constants, fields with defaults, what functions
//! give, what arms of `match` choose. A function that hands a parameter on to a loader is one itself, in every file of
//! the tree. Comments and documentation say nothing here.

mod loaders;
mod scope;
mod values;
mod wrappers;

use std::sync::Arc;

use super::found::FileFound;
use crate::parse::Budget;
use crate::parse::rust::{self, Tree};
use wrappers::Wrapper;

/// Words without one of which a file names nothing that is loaded.
const WORDS: &[&str] = &[
    "hf_hub",
    "huggingface",
    "hf.co/",
    "modelscope",
    "from_pretrained",
    "ModelBuilder",
    "commit_from_url",
    "with_model_downloaded",
    "model_id",
    "repo_id",
    "modelId",
    ".safetensors",
    ".gguf",
    ".onnx",
    "gpt-",
    "claude-",
    "gemini-",
    "text-embedding-",
];
/// Rounds in which functions that hand on to others are looked for: a test's helper, the program's entry, its loader.
const ROUNDS: usize = 4;
/// Functions of a tree that are taken for loaders.
const MAX_WRAPPERS: usize = 512;

/// Whether a file is one of Rust.
pub(in crate::references) fn claims(path: &str) -> bool {
    path.ends_with(".rs")
}

/// What one file loads, by itself.
pub(in crate::references) fn of_file(path: &Arc<str>, text: &str, out: &mut FileFound) {
    let files = [(Arc::clone(path), text)];
    for found in of_files(&files) {
        out.references.extend(found.references);
        out.unresolved.extend(found.unresolved);
        out.problems.extend(found.problems);
    }
}

/// What the files of a tree load, in the order of the files.
pub(in crate::references) fn of_files(files: &[(Arc<str>, &str)]) -> Vec<FileFound> {
    let mut out: Vec<FileFound> = files.iter().map(|_| FileFound::default()).collect();
    let mut trees: Vec<Option<Tree>> = files.iter().map(|_| None).collect();
    let mut known: Vec<Wrapper> = Vec::new();
    for round in 0..ROUNDS {
        // The first round reads what names a loader, the next ones what names a function that hands on to one.
        let mut fresh = false;
        for ((at, (_, text)), slot) in files.iter().enumerate().zip(&mut trees) {
            if slot.is_some() {
                continue;
            }
            let wanted = match round {
                0 => WORDS.iter().any(|word| text.contains(word)),
                _ => known
                    .iter()
                    .any(|w| w.is_shared && text.contains(&*w.name) && text.contains(&format!("{}(", w.name))),
            };
            if wanted {
                let tree = rust::tree(text, &mut Budget::default());
                if let (Some(found), Some(problem)) = (out.get_mut(at), too_much(&tree)) {
                    found.problems.push(problem);
                }
                *slot = Some(tree);
                fresh = true;
            }
        }
        let before = known.len();
        for ((_, text), tree) in files.iter().zip(&trees) {
            if let Some(tree) = tree {
                wrappers::of_tree(tree, text, &mut known);
            }
            if known.len() >= MAX_WRAPPERS {
                break;
            }
        }
        if known.len() == before && (!fresh || round > 0) {
            break;
        }
    }
    for (((path, text), tree), found) in files.iter().zip(&trees).zip(&mut out) {
        if let Some(tree) = tree {
            loaders::of_tree(path, text, tree, &known, found);
        }
    }
    out
}

/// What was lost of a file as a whole; a line that is no Rust costs that line and is told by nobody.
fn too_much(tree: &Tree) -> Option<String> {
    let lost = tree.problems.iter().find(|p| p.message.contains("too"))?;
    Some(format!("the file is not read in full: {}", lost.message))
}
