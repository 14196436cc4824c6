//! Files in which other tools are told to pass over advisories: `deny.toml`, `.cargo/audit.toml`,
//! `osv-scanner.toml`.

mod inline;

use crate::graph::Document;
use crate::graph::kinds::ignores::{Blinding, IgnoreEntry, IgnoreFile, IgnoringTool};
use crate::parse::toml::{Entry, Kind, Table, Toml, Value};
use crate::parse::{Budget, Problem};
use crate::source::{RepoPath, SourceFile, Span, Spanned};

use super::toml_help::{document, table, text};
use super::{Facts, Format, Reader};
pub use inline::inline;

/// Reads ignore files.
#[derive(Debug)]
pub struct IgnoresReader;

impl Reader for IgnoresReader {
    fn id(&self) -> &'static str {
        "ignored-advisories"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        tool(path).is_some()
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`deny.toml`, `.cargo/audit.toml`, `osv-scanner.toml`",
            read: "advisories passed over with reason and end, settings that hide more",
            not_read: "bans, licences and sources of cargo-deny",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let Some(tool) = tool(&file.path) else { return };
        let toml = document(file, budget, out);
        let mut read = Read { file, toml: &toml, out: IgnoreFile { file: file.id, tool, ..IgnoreFile::default() } };
        match tool {
            IgnoringTool::CargoDeny => read.deny(budget, out),
            IgnoringTool::CargoAudit => read.audit(budget, out),
            IgnoringTool::OsvScanner => read.scanner(budget, out),
        }
        out.documents.push(Document::Ignores(read.out));
    }
}

fn tool(path: &RepoPath) -> Option<IgnoringTool> {
    match path.name() {
        "deny.toml" | ".deny.toml" => Some(IgnoringTool::CargoDeny),
        "audit.toml" if path.parent().name() == ".cargo" => Some(IgnoringTool::CargoAudit),
        "osv-scanner.toml" => Some(IgnoringTool::OsvScanner),
        _ => None,
    }
}

struct Read<'a> {
    file: &'a SourceFile,
    toml: &'a Toml,
    out: IgnoreFile,
}

impl Read<'_> {
    fn deny(&mut self, budget: &mut Budget, out: &mut Facts) {
        // A file of another tool may have the name; one without the table ignores nothing.
        let Some(advisories) = table(&self.toml.root, &["advisories"]) else { return };
        self.list(advisories.get("ignore"), budget, out);
        for (key, word, effect, is_grave) in [
            ("vulnerability", "allow", "passes over every vulnerability", true),
            ("yanked", "allow", "passes over yanked releases", false),
        ] {
            if let Some(entry) = advisories.entry(key).filter(|e| e.value.as_str() == Some(word)) {
                self.blind(entry, effect, is_grave);
            }
        }
        if let Some(entry) = advisories.entry("disable-yank-checking").filter(|e| e.value.as_bool() == Some(true)) {
            self.blind(entry, "passes over yanked releases", false);
        }
        if let Some(entry) = advisories.entry("db-urls") {
            let urls: Vec<&str> = entry.value.as_array().unwrap_or_default().iter().filter_map(Value::as_str).collect();
            if !urls.iter().any(|url| is_rustsec(url)) && !urls.is_empty() {
                self.blind(entry, "takes its advisories from somewhere else than RustSec", true);
            }
        }
    }

    fn audit(&mut self, budget: &mut Budget, out: &mut Facts) {
        if let Some(advisories) = table(&self.toml.root, &["advisories"]) {
            self.list(advisories.get("ignore"), budget, out);
            if let Some(entry) = advisories.entry("severity_threshold") {
                self.blind(entry, "passes over every advisory below that severity", false);
            }
        }
        if let Some(database) = table(&self.toml.root, &["database"]) {
            if let Some(entry) = database.entry("path") {
                self.blind(entry, "takes its advisories from that folder", true);
            }
            if let Some(entry) = database.entry("url").filter(|e| e.value.as_str().is_some_and(|u| !is_rustsec(u))) {
                self.blind(entry, "takes its advisories from somewhere else than RustSec", true);
            }
            if let Some(entry) = database.entry("fetch").filter(|e| e.value.as_bool() == Some(false)) {
                self.blind(entry, "learns of no new advisory", true);
            }
        }
        let yanked = table(&self.toml.root, &["yanked"]).and_then(|yanked| yanked.entry("enabled"));
        if let Some(entry) = yanked.filter(|e| e.value.as_bool() == Some(false)) {
            self.blind(entry, "passes over yanked releases", false);
        }
    }

    fn scanner(&mut self, budget: &mut Budget, out: &mut Facts) {
        for value in self.toml.root.get("IgnoredVulns").and_then(Value::as_array).unwrap_or_default() {
            let Some(entry) = value.as_table() else { continue };
            let Some(id) = text(entry.get("id")) else {
                out.problems.push(Problem::new(value.span, "an ignored advisory without `id`"));
                continue;
            };
            self.entry(budget, out, IgnoreEntry { id, ..told(entry, value.span, "ignoreUntil") });
        }
        for value in self.toml.root.get("PackageOverrides").and_then(Value::as_array).unwrap_or_default() {
            let Some(entry) = value.as_table() else { continue };
            let of_flaws = entry.get("vulnerability").and_then(Value::as_table).and_then(|v| v.get("ignore"));
            if ![entry.get("ignore"), of_flaws].into_iter().flatten().any(|v| v.as_bool() == Some(true)) {
                continue;
            }
            match text(entry.get("name")) {
                Some(name) => {
                    let version = text(entry.get("version"));
                    let package = name.map(|name| match version {
                        Some(version) => format!("{name}@{}", version.value),
                        None => name,
                    });
                    let entry = IgnoreEntry { package: Some(package), ..told(entry, value.span, "effectiveUntil") };
                    self.entry(budget, out, entry);
                }
                None => self.out.blinding.push(Blinding {
                    setting: "PackageOverrides without a name".to_owned(),
                    effect: "passes over every package that it matches",
                    is_grave: true,
                    span: value.span,
                }),
            }
        }
    }

    /// `ignore = [...]` of cargo's tools.
    fn list(&mut self, list: Option<&Value>, budget: &mut Budget, out: &mut Facts) {
        let mut before: Option<(Span, Option<Spanned<String>>)> = None;
        for value in list.and_then(Value::as_array).unwrap_or_default() {
            let mut entry = match &value.kind {
                Kind::String(word) => {
                    let word = Spanned::new(word.text.clone(), value.span);
                    named(word, IgnoreEntry { span: value.span, ..IgnoreEntry::default() })
                }
                Kind::Table(table) => {
                    let told = told(table, value.span, "");
                    match (text(table.get("id")), text(table.get("crate")).or_else(|| text(table.get("name")))) {
                        (Some(id), _) => IgnoreEntry { id, ..told },
                        (None, Some(package)) => IgnoreEntry { package: Some(package), ..told },
                        (None, None) => {
                            out.problems.push(Problem::new(value.span, "an ignored entry without `id` or `crate`"));
                            continue;
                        }
                    }
                }
                _ => {
                    out.problems.push(Problem::new(value.span, "expected an advisory's id or a table"));
                    continue;
                }
            };
            let comment = self.comment(value.span);
            // A comment above several lines without a gap speaks of all of them.
            let inherited = before.take().filter(|(span, _)| self.adjoins(*span, value.span)).and_then(|(_, c)| c);
            let above = comment.clone().or(inherited);
            before = Some((value.span, above.clone()));
            entry.reason = entry.reason.or(above);
            self.entry(budget, out, entry);
        }
    }

    fn entry(&mut self, budget: &mut Budget, out: &mut Facts, entry: IgnoreEntry) {
        if budget.take_entry(entry.id.value.len()) {
            self.out.entries.push(entry);
        } else if !out.problems.iter().any(|p| p.message.starts_with("too many")) {
            out.problems.push(Problem::new(entry.span, "too many entries; the rest was not read"));
        }
    }

    fn blind(&mut self, entry: &Entry, effect: &'static str, is_grave: bool) {
        let value = self.file.text_at(entry.value.span).split_whitespace().collect::<Vec<_>>().join(" ");
        let setting = format!("{} = {value}", entry.key.value);
        self.out.blinding.push(Blinding { setting, effect, is_grave, span: entry.span() });
    }

    /// The comment on the line of an entry, or on the line above.
    fn comment(&self, span: Span) -> Option<Spanned<String>> {
        let says = |comment: &&Spanned<String>| {
            let text = comment.value.trim();
            // A commented-out entry, as templates hold them, says nothing.
            !text.is_empty() && !text.starts_with(['"', '{', '\''])
        };
        let comments = &self.toml.comments;
        let after = comments.partition_point(|c| c.span.start < span.end);
        let between = |from: u64, to: u64| self.file.text_at(Span { start: from, end: to.max(from) });
        let beside = comments.get(after).filter(|c| !between(span.end, c.span.start).contains('\n')).filter(says);
        let above = comments.get(after.wrapping_sub(1)).filter(|c| {
            let gap = between(c.span.end, span.start);
            gap.trim().is_empty() && gap.matches('\n').count() == 1 && self.stands_alone(c.span)
        });
        beside.or_else(|| above.filter(says)).map(|c| c.clone().map(|text| text.trim().to_owned()))
    }

    /// Whether a comment has its line to itself: one beside the entry above speaks of that entry.
    fn stands_alone(&self, span: Span) -> bool {
        let before = self.file.text_at(Span { start: 0, end: span.start });
        before.rsplit('\n').next().is_some_and(|line| line.trim().is_empty())
    }

    fn adjoins(&self, one: Span, next: Span) -> bool {
        let gap = self.file.text_at(Span { start: one.end, end: next.start.max(one.end) });
        gap.matches('\n').count() <= 1 && gap.trim().trim_matches(',').is_empty()
    }
}

/// What cargo's tools take: an advisory's id, or a package that was yanked.
fn named(word: Spanned<String>, entry: IgnoreEntry) -> IgnoreEntry {
    if word.value.contains('@') {
        IgnoreEntry { package: Some(word), ..entry }
    } else {
        IgnoreEntry { id: word, ..entry }
    }
}

/// Reason and end of an entry that is a table.
fn told(table: &Table, span: Span, until: &str) -> IgnoreEntry {
    let until = table.get(until).and_then(|value| match &value.kind {
        Kind::Datetime(text) => Some(Spanned::new(text.clone(), value.span)),
        _ => text(Some(value)),
    });
    let reason = text(table.get("reason")).filter(|reason| !reason.value.trim().is_empty());
    IgnoreEntry { reason, until, span, ..IgnoreEntry::default() }
}

fn is_rustsec(url: &str) -> bool {
    url.trim_end_matches('/').trim_end_matches(".git").to_ascii_lowercase().ends_with("github.com/rustsec/advisory-db")
}

#[cfg(test)]
mod tests;
