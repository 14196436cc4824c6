//! Audits trees held in memory, in process.
#![allow(dead_code, clippy::expect_used, clippy::panic, reason = "each test file uses its part; a test may insist")]

pub(crate) mod recorded;
pub(crate) mod repo;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cargo_custody::advisory::{Date, Index};
use cargo_custody::audit::Audit;
use cargo_custody::check::{self, Checked, Evidence, Side};
use cargo_custody::decide::{Input, assemble, knowledge};
use cargo_custody::gate::{Difference, Texts, compare};
use cargo_custody::graph::indexes::put_in;
use cargo_custody::outside::Oracle;
use cargo_custody::outside::cached::Cached;
use cargo_custody::outside::layered::Layered;
use cargo_custody::read::{Reading, read_tree};
use cargo_custody::source::{Changes, RepoPath, Tree};
use recorded::Recorded;

/// The day tests live in: 2026-11-23.
pub(crate) const NOW: i64 = 1_795_392_000;

/// A folder of its own with these files, made anew, for tests that start the program.
#[allow(clippy::disallowed_methods, reason = "the program reads from a disk")]
pub(crate) fn folder<T: AsRef<str>>(group: &str, name: &str, files: &[(&str, T)]) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(group).join(name);
    let _ = std::fs::remove_dir_all(&dir);
    for (path, text) in files {
        let path = dir.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text.as_ref()).expect("a file");
    }
    dir
}

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
    let policy = check::policy_of(&reading, None);
    let evidence = Evidence { today: Date::new(2026, 11, 23), policy: Some(&policy), ..Evidence::default() };
    let checked = check::run_with(tree, &reading, &Cached::new(Index::embedded()), &evidence);
    (reading, checked)
}

/// The audit of a tree. A file `registry.facts` is no file of the tree but what registries say.
pub(crate) fn audit(files: &[(&str, &str)]) -> Audit {
    let (facts, files): (Vec<_>, Vec<_>) = files.iter().copied().partition(|(path, _)| *path == recorded::FILE);
    let tree = tree(&files);
    let advisories = Cached::new(Index::embedded());
    let facts = facts.first().map(|(_, text)| Recorded::parse(text));
    let mut oracle = Layered::new(vec![&advisories]);
    if let Some(facts) = &facts {
        oracle.push(facts);
    }
    audit_with(&tree, &oracle)
}

/// The audit of the second tree as a change of the first: rules about changes speak, states are not set.
pub(crate) fn audit_change(before: &[(&str, &str)], after: &[(&str, &str)]) -> Audit {
    let (before, after) = (tree(before), tree(after));
    let readings = [&before, &after].map(|tree| read_tree(tree, 1, &|_, _| {}));
    // What the change itself says of the gate is not in force.
    let policy = check::policy_of(&readings[0], None);
    let evidence = Evidence { today: Date::new(2026, 11, 23), policy: Some(&policy), ..Evidence::default() };
    let oracle = Cached::new(Index::embedded());
    let side = |tree, reading| Side { tree, reading, oracle: &oracle, evidence: &evidence };
    let moved = BTreeMap::new();
    let (_, checked) = check::run_two(&side(&before, &readings[0]), &side(&after, &readings[1]), &moved);
    let knowledge = knowledge::of_index(Index::embedded(), NOW);
    assemble(Input { tree: &after, reading: &readings[1], checked: &checked, knowledge, policy: Some(&policy) })
}

/// The audit of a tree, with answers of this oracle.
pub(crate) fn audit_with(tree: &Tree, oracle: &dyn Oracle) -> Audit {
    let reading = read_tree(tree, 1, &|_, _| {});
    let policy = check::policy_of(&reading, None);
    let evidence = Evidence { today: Date::new(2026, 11, 23), policy: Some(&policy), ..Evidence::default() };
    let checked = check::run_with(tree, &reading, oracle, &evidence);
    let knowledge = knowledge::of_index(Index::embedded(), NOW);
    assemble(Input { tree, reading: &reading, checked: &checked, knowledge, policy: Some(&policy) })
}

/// The audit of a tree.
pub(crate) fn audit_of(tree: &Tree) -> Audit {
    let (reading, checked) = look(tree);
    let policy = check::policy_of(&reading, None);
    let knowledge = knowledge::of_index(Index::embedded(), NOW);
    assemble(Input { tree, reading: &reading, checked: &checked, knowledge, policy: Some(&policy) })
}

/// The audit of the second tree, compared with that of the first, and what lies between them. `moved` says where a
/// file is now and where it was.
pub(crate) fn gate(before: &[(&str, &str)], after: &[(&str, &str)], moved: &[(&str, &str)]) -> (Audit, Difference) {
    let path = |text: &str| RepoPath::new(text).expect("a path inside the tree");
    let moved: BTreeMap<RepoPath, RepoPath> = moved.iter().map(|(now, was)| (path(now), path(was))).collect();
    let mut changes = Changes { moved, ..Changes::default() };
    let text_in = |all: &[(&str, &str)], path: &str| all.iter().find(|(p, _)| *p == path).map(|(_, t)| (*t).to_owned());
    for (name, text) in after {
        match text_in(before, name) {
            _ if changes.moved.contains_key(&path(name)) => false,
            None => changes.added.insert(path(name)),
            Some(was) => was != *text && changes.altered.insert(path(name)),
        };
    }
    for (name, _) in before {
        if text_in(after, name).is_none() && !changes.moved.values().any(|was| *was == path(name)) {
            changes.removed.insert(path(name));
        }
    }
    let trees = [tree(before), tree(after)];
    let readings = [&trees[0], &trees[1]].map(|tree| read_tree(tree, 1, &|_, _| {}));
    let evidence = Evidence { today: Date::new(2026, 11, 23), ..Evidence::default() };
    let oracle = Cached::new(Index::embedded());
    let side = |at: usize| Side { tree: &trees[at], reading: &readings[at], oracle: &oracle, evidence: &evidence };
    let (base, head) = check::run_two(&side(0), &side(1), &changes.moved);
    let whole = |at: usize, checked| {
        let knowledge = knowledge::of_index(Index::embedded(), NOW);
        assemble(Input { tree: &trees[at], reading: &readings[at], checked, knowledge, policy: None })
    };
    let (base, mut head) = (whole(0, &base), whole(1, &head));
    let texts = Texts { before: &readings[0].sources, after: &readings[1].sources };
    let difference = compare(&base, &mut head, &changes, Some(texts));
    (head, difference)
}
