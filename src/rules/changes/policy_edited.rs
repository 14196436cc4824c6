//! The change edits what judges it: the policy, comments and files that excuse findings, who owns them.

use std::collections::BTreeMap;

use super::compared::{Compared, listed};
use crate::config::FILE;
use crate::diag::{Confidence, Severity};
use crate::graph::Document;
use crate::graph::kinds::lines::LineForm;
use crate::rules::upkeep::owned::Owners;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place, Span};

pub(super) static RULE: Rule = Rule {
    id: "policy-edited",
    title: "the change edits what it is judged by",
    many: "{n} files by which changes are judged are edited",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("policy_edited.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(compared) = Compared::of(scene) else { return };
    for (document, was) in compared.touched() {
        let file = document.file();
        match document {
            Document::Custody(_) if scene.sources.path(file).ends_with(FILE) => {
                say(&compared, report, file, Severity::Medium, "the policy of this audit", &new_lines(&compared, file));
            }
            // The policy may stand in a table of another file.
            Document::CargoManifest(_) | Document::PyProject(_) => {
                let (old, new) =
                    (table(was.and_then(|w| compared.base().sources.get(w.file()))), table(scene.sources.get(file)));
                if old.0 != new.0 {
                    let span = new.1.unwrap_or_else(|| compared.head_of(file).span);
                    let lines = vec![(new.0.clone(), span)];
                    say(&compared, report, file, Severity::Medium, "the policy of this audit", &lines);
                }
            }
            Document::Ignores(ignores) => {
                let old = match was {
                    Some(Document::Ignores(old)) => old.entries.iter().map(|e| e.id.value.as_str()).collect(),
                    _ => Vec::new(),
                };
                let fresh = ignores.entries.iter().filter(|e| !old.contains(&e.id.value.as_str()));
                let lines: Vec<(String, Span)> = fresh.map(|e| (e.id.value.clone(), e.span)).collect();
                let what = format!("what {} passes over", ignores.tool.as_str());
                if !lines.is_empty() {
                    say(&compared, report, file, Severity::Low, &what, &lines);
                }
            }
            Document::Lines(lines) => {
                if let LineForm::PassedOver(tool) = lines.form {
                    let severity = if tool == "cargo-custody" { Severity::Medium } else { Severity::Low };
                    let what = format!("what {tool} passes over");
                    say(&compared, report, file, severity, &what, &new_lines(&compared, file));
                }
            }
            Document::CodeOwners(owners) => {
                let Some(Document::CodeOwners(old)) = was else { continue };
                let (now, before) = (Owners::of(owners), Owners::of(old));
                let guards =
                    scene.documents.iter().filter(|d| matches!(d, Document::Workflow(_) | Document::Custody(_)));
                let mut paths: Vec<&str> = guards.map(|d| scene.sources.path(d.file())).collect();
                paths.extend([FILE, ".github/custody.toml", scene.sources.path(file)]);
                let names = |line: Option<&crate::graph::kinds::upkeep::OwnerLine>| {
                    line.map(|line| line.owners.iter().map(|o| o.value.clone()).collect::<Vec<_>>()).unwrap_or_default()
                };
                let other = paths.iter().find(|path| names(now.line(path)) != names(before.line(path)));
                if let Some(path) = other {
                    let span = now.line(path).map_or_else(|| compared.head_of(file).span, |line| line.pattern.span);
                    let lines = vec![((*path).to_owned(), span)];
                    say(&compared, report, file, Severity::Medium, "who owns what decides", &lines);
                }
            }
            _ => {}
        }
    }
    comments(&compared, report);
    removed(&compared, report);
}

/// Lines of a file that it did not have; its first where lines went alone.
fn new_lines(compared: &Compared<'_>, file: FileId) -> Vec<(String, Span)> {
    let old = compared.old(file).map_or("", |old| old.text.as_str());
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for line in old.lines() {
        *known.entry(line.trim()).or_default() += 1;
    }
    let text = compared.scene.sources.get(file).map_or("", |file| file.text.as_str());
    let mut out = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let body = line.trim();
        match known.get_mut(body) {
            Some(left) if *left > 0 => *left -= 1,
            _ if body.is_empty() || body.starts_with('#') => {}
            _ => out.push((body.to_owned(), Span::new(start, start + line.trim_end().len()))),
        }
    }
    // Lines that went are told by those that are left over.
    let gone = known.iter().find(|(line, left)| **left > 0 && !line.is_empty() && !line.starts_with('#'));
    if let Some((line, _)) = gone.filter(|_| out.is_empty()) {
        out.push((format!("without {line}"), compared.head_of(file).span));
    }
    out
}

/// The tables of a manifest that hold a policy, and where the first stands.
fn table(file: Option<&crate::source::SourceFile>) -> (String, Option<Span>) {
    const TABLES: &[&str] = &["workspace.metadata.custody", "package.metadata.custody", "tool.custody"];
    let (mut text, mut first, mut inside, mut at) = (String::new(), None, false, 0);
    for line in file.map_or("", |file| file.text.as_str()).split_inclusive('\n') {
        let start = at;
        at += line.len();
        let body = line.trim();
        if let Some(name) = body.strip_prefix('[') {
            let name: String =
                name.trim_start_matches('[').chars().filter(|c| !c.is_whitespace() && *c != '"').collect();
            inside =
                TABLES.iter().any(|table| name.strip_prefix(table).is_some_and(|rest| rest.starts_with([']', '.'])));
        } else if let Some((key, _)) = body.split_once('=') {
            // `metadata.custody.gate = ..` and the like in a table above.
            if !inside && key.contains("custody") && !body.starts_with('#') {
                text.push_str(body);
                first.get_or_insert(Span::new(start, start + line.trim_end().len()));
            }
        }
        if inside && !body.is_empty() && !body.starts_with('#') {
            text.push_str(body);
            text.push('\n');
            first.get_or_insert(Span::new(start, start + line.trim_end().len()));
        }
    }
    (text, first)
}

/// Comments that excuse findings and came with the change.
fn comments(compared: &Compared<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<FileId, Vec<(String, Span)>> = BTreeMap::new();
    for ignore in compared.scene.inline_ignores.iter().filter(|i| compared.is_touched(i.file)) {
        let Some(file) = compared.scene.sources.get(ignore.file) else { continue };
        let text = file.text_at(ignore.span);
        if !compared.old(ignore.file).is_some_and(|old| old.text.contains(text)) {
            found.entry(ignore.file).or_default().push((text.to_owned(), ignore.span));
        }
    }
    for (file, lines) in found {
        if !compared.scene.role(file).is_set_aside() {
            say(compared, report, file, Severity::Medium, "comments that excuse findings", &lines);
        }
    }
}

/// A policy that is gone.
fn removed(compared: &Compared<'_>, report: &mut Reporter<'_>) {
    let is_there = |path: &str| compared.scene.files.iter().any(|known| known.as_str() == path);
    let policies = compared.base().documents.iter().filter(|d| matches!(d, Document::Custody(_)));
    for path in policies.map(|d| compared.base().sources.path(d.file())).filter(|path| path.ends_with(FILE)) {
        if is_there(path) || compared.before.moved.values().any(|old| old.as_str() == path) {
            continue;
        }
        let stays = compared.scene.documents.iter().min_by_key(|document| match document {
            Document::Custody(_) => 0,
            Document::CargoManifest(_) | Document::PyProject(_) => 1,
            _ => 2,
        });
        let Some(file) = stays.map(Document::file) else { continue };
        let lines = vec![(format!("{path} is gone"), compared.head_of(file).span)];
        say(compared, report, file, Severity::Medium, "the policy of this audit", &lines);
    }
}

fn say(
    compared: &Compared<'_>,
    report: &mut Reporter<'_>,
    file: FileId,
    severity: Severity,
    what: &str,
    lines: &[(String, Span)],
) {
    let Some((_, first)) = lines.first() else { return };
    let path = compared.scene.sources.path(file);
    let texts: Vec<&str> = lines.iter().map(|(text, _)| text.lines().next().unwrap_or("")).collect();
    report
        .at(Place::new(file, *first), "comes with the change")
        .about("policy", path, None)
        .severity(severity)
        .confidence(Confidence::High)
        .also(lines.iter().map(|(_, span)| Place::new(file, *span)))
        .content(lines.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join("\n"))
        .via(path.to_owned(), Some(Place::new(file, *first)))
        .evidence(format!("edited: {}", listed(&texts)))
        .evidence("what the tree before says counts for this change; the edit counts from the next one on")
        .advise("have the owners of the policy look at this edit by itself, in a change of its own")
        .say(format!("the change edits {what} in {path}"));
}
