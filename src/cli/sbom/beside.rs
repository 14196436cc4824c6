//! What is known beside the tree that a document is made of: when, where its repository is, what could not be read, and
//! whether the tree is as its commit holds it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::cli::{Surroundings, output};
use crate::graph::Document;
use crate::inventory;
use crate::inventory::Beside;
use crate::read::Reading;
use crate::source::git;
use crate::source::objects::{Oid, Repository, changed};
use crate::source::{RepoPath, Tree};

/// Names of one line on the screen.
const SHOWN: usize = 5;

/// What is known, and what the screen says of it.
pub(super) fn of(root: &Path, tree: &Tree, reading: &Reading, around: &Surroundings) -> (Beside, Vec<String>) {
    let top = git::find_root(root);
    let held = top.as_deref().and_then(|top| held(top, tree));
    let other =
        held.as_ref().and_then(|(_, commit)| Some(changed(tree, commit.as_ref()?, read(tree, reading).into_iter())));
    let is_changed = other.as_ref().is_some_and(|other| !other.is_empty());
    let of_commit = held.as_ref().map(|(seconds, _)| *seconds).filter(|seconds| *seconds > 0 && !is_changed);
    let time = if around.is_now_given { None } else { of_commit }.unwrap_or_else(|| around.seconds());
    let beside = Beside {
        time: Some(time),
        repository: top.as_deref().and_then(git::remote),
        name: inventory::name(tree),
        changed: other.as_ref().map(BTreeSet::len),
        unread: inventory::unread(tree, reading),
        weights: inventory::weights(tree, reading),
        beyond: inventory::beyond(tree, reading),
    };
    let mut said = Vec::new();
    if let Some(other) = other.filter(|_| is_changed) {
        let names: Vec<&str> = other.iter().map(RepoPath::as_str).collect();
        let commit = tree.commit.as_deref().and_then(|text| text.get(..12)).unwrap_or("the commit");
        said.push(format!("not as {commit} holds it: {}: the document is not that of the commit", list(&names)));
    }
    (beside, said)
}

/// The commit of a tree: when it was made, and what it holds below the same folder, where that can be read.
fn held(top: &Path, tree: &Tree) -> Option<(i64, Option<Tree>)> {
    let id = Oid::from_hex(tree.commit.as_deref()?)?;
    let repository = Arc::new(Repository::open(top).ok()?);
    let seconds = repository.commit(&id).ok()?.seconds;
    Some((seconds, repository.tree(&id, &tree.prefix, tree.limits.clone()).ok()))
}

/// Files that the document was made from. Documents of others that lie in the tree make no part of it, and what was
/// written there a moment ago is among them.
fn read<'r>(tree: &Tree, reading: &'r Reading) -> Vec<&'r RepoPath> {
    let is_document = |document: &&Document| matches!(document, Document::Sbom(_));
    let documents: BTreeSet<_> = reading.documents.iter().filter(is_document).map(Document::file).collect();
    let own = reading.sources.iter().filter(|file| !documents.contains(&file.id));
    own.map(|file| &file.path).filter(|path| tree.entry(path).is_some()).collect()
}

/// Says what the document lacks.
pub(super) fn tell(beside: &Beside, said: &[String], is_quiet: bool) {
    if is_quiet {
        return;
    }
    for line in said {
        output::say("note", line);
    }
    let mut whose: Vec<(&str, Vec<&str>)> = Vec::new();
    for one in &beside.beyond {
        let files = one.files.iter().map(String::as_str);
        match whose.last_mut().filter(|(last, _)| *last == one.whose) {
            Some((_, known)) => known.extend(files),
            None => whose.push((one.whose, files.collect())),
        }
    }
    if !whose.is_empty() {
        let parts: Vec<String> = whose.iter().map(|(whose, files)| format!("{} ({whose})", list(files))).collect();
        output::say("not read", &parts.join("; "));
    }
    if !beside.unread.is_empty() {
        let names: Vec<String> = beside
            .unread
            .iter()
            .map(
                |(path, line, why)| if *line == 0 { format!("{path}: {why}") } else { format!("{path}:{line}: {why}") },
            )
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        output::say("could not be read", &list(&names));
    }
}

fn list(names: &[&str]) -> String {
    let shown = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
