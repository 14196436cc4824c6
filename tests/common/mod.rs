//! Audits trees held in memory, in process.
#![allow(dead_code, clippy::expect_used, reason = "each test file uses its part; a test may insist")]

use std::collections::BTreeMap;

use cargo_custody::advisory::{Date, Index};
use cargo_custody::audit::Audit;
use cargo_custody::check::{self, Checked, Evidence};
use cargo_custody::decide::{Input, assemble, knowledge};
use cargo_custody::graph::indexes::put_in;
use cargo_custody::outside::cached::Cached;
use cargo_custody::read::{Reading, read_tree};
use cargo_custody::source::{RepoPath, Tree};

/// The day tests live in: 2026-11-23.
pub(crate) const NOW: i64 = 1_795_392_000;

/// A tree of these files.
pub(crate) fn tree(files: &[(&str, &str)]) -> Tree {
    let files: BTreeMap<RepoPath, Vec<u8>> = files
        .iter()
        .map(|(path, text)| (RepoPath::new(path).expect("a path inside the tree"), put_in(text).into_bytes()))
        .collect();
    Tree::from_memory("example", files)
}

/// Reads and checks a tree against the embedded index.
pub(crate) fn look(tree: &Tree) -> (Reading, Checked) {
    let reading = read_tree(tree, 1, &|_, _| {});
    let evidence = Evidence { today: Date::new(2026, 11, 23), ..Evidence::default() };
    let checked = check::run_with(tree, &reading, &Cached::new(Index::embedded()), &evidence);
    (reading, checked)
}

/// The audit of a tree.
pub(crate) fn audit(files: &[(&str, &str)]) -> Audit {
    audit_of(&tree(files))
}

/// The audit of a tree.
pub(crate) fn audit_of(tree: &Tree) -> Audit {
    let (reading, checked) = look(tree);
    let knowledge = knowledge::of_index(Index::embedded(), NOW);
    assemble(Input { tree, reading: &reading, checked: &checked, knowledge })
}
