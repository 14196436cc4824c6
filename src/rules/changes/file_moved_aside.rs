//! An audited file goes to a folder whose name says that it matters less.

use std::collections::BTreeMap;

use super::compared::{Compared, listed};
use crate::diag::Severity;
use crate::graph::Document;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place, Role, Span};

pub(super) static RULE: Rule = Rule {
    id: "file-moved-aside",
    title: "audited file moved to a folder for less",
    many: "{n} folders for less take audited files in",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("file_moved_aside.md"),
    check,
};

struct Moved {
    file: FileId,
    now: String,
    was: String,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(compared) = Compared::of(scene) else { return };
    let mut found: BTreeMap<Role, Vec<Moved>> = BTreeMap::new();
    let is_read = |file: FileId| scene.documents.iter().any(|d| d.file() == file && !matches!(d, Document::Lines(_)));
    for (now, was) in compared.before.moved {
        let Some(file) = scene.sources.by_path(now) else { continue };
        let (role, old) = (Role::of_path(now), Role::of_path(was));
        if role > old && role >= Role::Test && old < Role::Test && is_read(file.id) {
            let moved = Moved { file: file.id, now: now.as_str().to_owned(), was: was.as_str().to_owned() };
            found.entry(role).or_default().push(moved);
        }
    }
    for files in found.values() {
        let Some(first) = files.first() else { continue };
        let names: Vec<&str> = files.iter().map(|one| one.was.as_str()).collect();
        let folder = first.now.rsplit_once('/').map_or("", |(folder, _)| folder);
        let content: Vec<String> = files.iter().map(|one| format!("{} {}", one.was, one.now)).collect();
        report
            .at(Place::new(first.file, Span::default()), format!("was {}", first.was))
            .about("file", first.now.clone(), None)
            .also(files.iter().map(|one| Place::new(one.file, Span::default())))
            .content(content.join("\n"))
            .via(first.now.clone(), Some(Place::new(first.file, Span::default())))
            .evidence(format!("was {}", first.was))
            .evidence("its findings weigh in this change what they weighed where it was")
            .advise("look whether anything still runs or builds from it")
            .say(format!("{} moved to {folder}, where files count for less", listed(&names)));
    }
}
