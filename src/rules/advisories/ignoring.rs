//! What the rules on ignore files of other tools share.

use crate::graph::Document;
use crate::graph::kinds::ignores::{IgnoreFile, InlineIgnore};
use crate::rules::Scene;
use crate::source::{FileId, RepoPath};

/// Names in one sentence.
const NAMED: usize = 3;

/// Ignore files of the tree that somebody's tool reads: not those of fixtures and vendored copies.
pub(super) fn files<'a>(scene: &Scene<'a>) -> impl Iterator<Item = &'a IgnoreFile> + use<'a> {
    let roles = scene.roles;
    scene
        .documents
        .iter()
        .filter_map(|d| if let Document::Ignores(file) = d { Some(file) } else { None })
        .filter(move |file| roles.get(&file.file).is_none_or(|role| !role.is_set_aside()))
}

/// Comments that excuse findings, but for those of fixtures and vendored copies. They are no test of anything
/// there, since nothing there is shown.
pub(super) fn comments<'a>(scene: &Scene<'a>) -> impl Iterator<Item = (usize, &'a InlineIgnore)> + use<'a> {
    let roles = scene.roles;
    let counts = move |file: &FileId| roles.get(file).is_none_or(|role| !role.is_set_aside());
    scene.inline_ignores.iter().enumerate().filter(move |(_, ignore)| counts(&ignore.file))
}

/// The folder a file speaks of.
pub(super) fn folder(scene: &Scene<'_>, file: &IgnoreFile) -> RepoPath {
    let own = scene.sources.get(file.file).map(|f| f.path.parent()).unwrap_or_default();
    if own.name() == ".cargo" { own.parent() } else { own }
}

/// The first few, in backquotes, and how many more there are.
pub(super) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = names.collect();
    let shown: Vec<String> = all.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    match all.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
