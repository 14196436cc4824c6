//! Settings files of Python's package managers: where they look for every name. Sources: pip's
//! "Configuration", uv's "Configuration files", the specification of `.pypirc`.
//!
//! Passwords are told by their place; their text goes no further.

use super::pyproject::uv_settings;
use super::toml_help::document;
use super::{Facts, Format, Reader};
use crate::graph::Document;
use crate::graph::kinds::python::{DeclaredIndex, IndexOption, IndexOptionKind as Kind, Priority, Tool};
use crate::graph::kinds::settings::{ManagerSettings, SettingsForm};
use crate::parse::Budget;
use crate::parse::Problem;
use crate::parse::ini::{self, Entry, Ini, Section};
use crate::source::{RepoPath, SourceFile, Span, Spanned};

/// Reads `uv.toml`: the keys of `[tool.uv]` without the table around them.
#[derive(Debug)]
pub struct UvTomlReader;

impl Reader for UvTomlReader {
    fn id(&self) -> &'static str {
        "uv-toml"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "uv.toml"
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`uv.toml`",
            read: "indexes and every option that chooses where a name comes from",
            not_read: "settings that choose nothing of the kind",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let toml = document(file, budget, out);
        let (indexes, options) = uv_settings(&toml.root);
        let form = SettingsForm::Uv;
        let found = ManagerSettings { file: file.id, form, options, indexes, ..ManagerSettings::default() };
        out.documents.push(Document::ManagerSettings(found));
    }
}

/// Options of pip's file. Source: `pip install --help`, whose long options are the keys.
const OPTIONS: &[(&str, Kind)] = &[
    ("index-url", Kind::Index),
    ("extra-index-url", Kind::ExtraIndex),
    ("find-links", Kind::FindLinks),
    ("no-index", Kind::NoIndex),
    ("trusted-host", Kind::TrustedHost),
    ("pre", Kind::Pre),
    ("no-binary", Kind::NoBinary),
    ("only-binary", Kind::OnlyBinary),
    ("require-hashes", Kind::RequireHashes),
    ("no-build-isolation", Kind::NoBuildIsolation),
];

/// Commands whose sections choose where pip looks, the weightiest first. `[global]` counts for what
/// none of them says.
const SECTIONS: &[&str] = &["install", "wheel", "download", "global"];

/// Reads `pip.conf` and `pip.ini`.
#[derive(Debug)]
pub struct PipConfReader;

impl PipConfReader {
    /// What others name it by.
    pub(super) const ID: &'static str = "pip-conf";
}

impl Reader for PipConfReader {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn claims(&self, path: &RepoPath) -> bool {
        matches!(path.name(), "pip.conf" | "pip.ini")
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`pip.conf`, `pip.ini`",
            read: "indexes and every option that chooses where a name comes from",
            not_read: "settings that choose nothing of the kind",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let ini = parsed(file, budget, out);
        let mut found = ManagerSettings { file: file.id, form: SettingsForm::Pip, ..ManagerSettings::default() };
        let sections = SECTIONS.iter().flat_map(|name| ini.sections.iter().filter(move |s| s.name.value == *name));
        let mut said: Vec<Kind> = Vec::new();
        for section in sections {
            let mut own = Vec::new();
            for (kind, entry) in section.options.iter().filter_map(|entry| Some((kind_of(entry)?, entry))) {
                if !said.contains(&kind) {
                    own.push(kind);
                    options(kind, entry, &mut found.options);
                }
            }
            said.append(&mut own);
        }
        found.options.sort_by_key(|option| option.value.span.start);
        out.documents.push(Document::ManagerSettings(found));
    }
}

/// pip takes `_` for `-`, either case, and the dashes of the command line.
fn kind_of(entry: &Entry) -> Option<Kind> {
    let key = entry.key.value.to_ascii_lowercase().replace('_', "-");
    let key = key.trim_start_matches("--");
    OPTIONS.iter().find(|(name, _)| *name == key).map(|(_, kind)| *kind)
}

fn options(kind: Kind, entry: &Entry, out: &mut Vec<IndexOption>) {
    let whole = entry.text();
    let text = whole.value.trim();
    match kind {
        Kind::NoIndex | Kind::Pre | Kind::RequireHashes => {
            if matches!(text.to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "on") {
                out.push(IndexOption { kind, value: Spanned::new(String::new(), entry.span), span: entry.span });
            }
        }
        // pip has taken this one the wrong way round: `0` has switched isolation off as well as `1`.
        Kind::NoBuildIsolation => {
            if !text.is_empty() {
                out.push(IndexOption { kind, value: Spanned::new(String::new(), entry.span), span: entry.span });
            }
        }
        // One value, whatever blanks stand in it.
        Kind::Index => {
            if !text.is_empty() {
                out.push(IndexOption { kind, value: whole, span: entry.span });
            }
        }
        _ => {
            for line in entry.lines() {
                for word in words(&line, kind) {
                    // Each has a line of its own, as a rule.
                    out.push(IndexOption { kind, span: word.span, value: word });
                }
            }
        }
    }
}

/// The words of a line with their places. Lists of packages are parted by commas as well.
fn words(line: &Spanned<String>, kind: Kind) -> Vec<Spanned<String>> {
    let commas = matches!(kind, Kind::NoBinary | Kind::OnlyBinary);
    let parts = |c: char| c.is_whitespace() || (commas && c == ',');
    let mut at = 0;
    let mut out = Vec::new();
    for word in line.value.split(parts) {
        let start = at;
        at += word.len() + line.value.get(at + word.len()..).and_then(|r| r.chars().next()).map_or(0, char::len_utf8);
        if !word.is_empty() {
            let from = line.span.start + start as u64;
            out.push(Spanned::new(word.to_owned(), Span { start: from, end: from + word.len() as u64 }));
        }
    }
    out
}

fn parsed(file: &SourceFile, budget: &mut Budget, out: &mut Facts) -> Ini {
    let mut ini = ini::parse(&file.text, budget);
    out.problems.append(&mut ini.problems);
    for again in &ini.duplicates {
        let message = format!("`{}` stands twice, so the file is refused by its tool; both are read", again.name);
        out.problems.push(Problem::new(again.again, message));
    }
    ini
}

/// Reads `.pypirc`: where packages are uploaded to, and whether a password lies beside it.
#[derive(Debug)]
pub struct PypircReader;

impl Reader for PypircReader {
    fn id(&self) -> &'static str {
        "pypirc"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == ".pypirc"
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`.pypirc`",
            read: "repositories; that a password is there, never the password",
            not_read: "-",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let ini = parsed(file, budget, out);
        let mut found = ManagerSettings { file: file.id, form: SettingsForm::Pypirc, ..ManagerSettings::default() };
        for section in ini.sections.iter().filter(|s| s.name.value != "distutils") {
            found.indexes.push(target(section));
            let password = section.get("password").filter(|entry| is_secret(&entry.value.text));
            found.secrets.extend(password.map(|entry| Spanned::new("password", entry.key.span)));
        }
        out.documents.push(Document::ManagerSettings(found));
    }
}

fn target(section: &Section) -> DeclaredIndex {
    DeclaredIndex {
        tool: Tool::Pip,
        name: section.name.clone(),
        url: section.get("repository").map(Entry::text).filter(|url| !url.value.is_empty()),
        priority: Priority::Explicit,
        tls_off: None,
        ignored_errors: None,
        is_filtered: false,
        span: section.header,
    }
}

/// Whether a value is a secret, rather than nothing, a variable or the word of an example.
fn is_secret(text: &str) -> bool {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let is_word = ["password", "your", "token", "secret", "xxx", "changeme", "example", "..."]
        .iter()
        .any(|word| lower.contains(word));
    text.len() >= 6 && !is_word && !text.contains(['$', '{', '<', '%', '*'])
}

#[cfg(test)]
mod tests;
