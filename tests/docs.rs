//! `docs/rules.md` follows from the table of rules, `docs/formats.md` from the readers.
//! `UPDATE_DOCS=1 cargo test --test docs` writes them.

#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::panic, reason = "the test reads and writes the docs")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use cargo_custody::parse::Budget;
use cargo_custody::read::{Facts, READERS};
use cargo_custody::rules;
use cargo_custody::source::{FileId, RepoPath, SourceFile};

fn page() -> String {
    let mut out = String::from(
        "# Rules\n\nMade from the table of rules by `UPDATE_DOCS=1 cargo test --test docs`; do not edit.\n",
    );
    let total = rules::all().count();
    let _ = writeln!(
        out,
        "\n{total} rules in {} families. `cargo custody explain RULE` prints a rule's page.",
        rules::FAMILIES.len()
    );
    for family in rules::FAMILIES {
        let _ = writeln!(
            out,
            "\n## {}\n\n{}.\n\n| rule | severity | what it reports |\n| --- | --- | --- |",
            family.id, family.title
        );
        let folder = family.id.replace('-', "_");
        for rule in family.rules {
            let file = rule.id.replace('-', "_");
            let _ = writeln!(
                out,
                "| [{}](../src/rules/{folder}/{file}.md) | {} | {} |",
                rule.id,
                rule.severity.as_str(),
                rule.title
            );
        }
    }
    out.push_str(
        "\n## Checks of other tools\n\nWhere to find here what another tool calls otherwise.\n\n| tool | its check | rules |\n\
         | --- | --- | --- |\n",
    );
    let mut checks: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for (rule, tool, check) in rules::peers::PEERS {
        checks.entry((*tool, *check)).or_default().push(*rule);
    }
    for ((tool, check), rules) in checks {
        let _ = writeln!(out, "| {tool} | {check} | {} |", rules.join(", "));
    }
    out
}

/// Where an example of each format lies, in a folder with the reader's name.
const EXAMPLES: &str = "tests/fixtures/formats";

/// The files below a folder, by path from it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).expect("the folder can be read") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { out.push(path) }
        }
    }
    out.sort();
    out
}

fn formats() -> String {
    let mut out = String::from(
        "# Formats\n\nMade from the readers by `UPDATE_DOCS=1 cargo test --test docs`; do not edit.\n\nWhat cannot be read of a \
         file is a gap of the report, never nothing. Each format has an example that the tests read in full.\n\n\
         | reader | files | what is read | what is not | example |\n| --- | --- | --- | --- | --- |\n",
    );
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for reader in READERS {
        let format = reader.describe().unwrap_or_else(|| panic!("{} says nothing of its format", reader.id()));
        let examples = files(&root.join(EXAMPLES).join(reader.id()));
        let example = examples.first().expect("an example");
        let example = example.strip_prefix(root).expect("it lies in the tree").to_string_lossy().replace('\\', "/");
        let name = example.rsplit('/').next().unwrap_or(&example);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | [{name}](../{example}) |",
            reader.id(),
            format.files,
            format.read,
            format.not_read
        );
    }
    out
}

#[test]
fn examples_of_all_formats_are_read_in_full() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(EXAMPLES);
    for reader in READERS {
        let folder = root.join(reader.id());
        for path in files(&folder) {
            let inner = path.strip_prefix(&folder).expect("below").to_string_lossy().replace('\\', "/");
            let inner = RepoPath::new(&inner).expect("a path of a tree");
            let bytes = std::fs::read(&path).expect("the example can be read");
            let is_claimed = reader.claims(&inner) || reader.claims_head(&inner, &bytes);
            assert!(is_claimed, "{inner} is not read by {}", reader.id());
            let make = if reader.takes_bytes() { SourceFile::binary } else { SourceFile::new };
            let file = make(FileId(0), inner, bytes);
            let mut facts = Facts::default();
            reader.read(&file, &mut Budget::default(), &mut facts);
            assert_eq!((facts.problems, facts.unread), (Vec::new(), None), "{}", reader.id());
            assert!(!facts.documents.is_empty(), "{}", reader.id());
        }
    }
}

fn check(name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, made).expect("the docs can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, made, "run `UPDATE_DOCS=1 cargo test --test docs`");
}

#[test]
fn rules_md_is_up_to_date() {
    check("rules.md", &page());
}

fn scan_rules() -> String {
    let mut out = String::from(
        "# Findings of a scan\n\nMade from the table by `UPDATE_DOCS=1 cargo test --test docs`; do not edit.\n\n\
         | id | makes a file | severity | what it is | what to do |\n| --- | --- | --- | --- | --- |\n",
    );
    for rule in cargo_custody::scan::rules() {
        let verdict = rule.verdict.word();
        out += &format!("| `{}` | {verdict} | {} | {} | {} |\n", rule.id, rule.severity.word(), rule.title, rule.help);
    }
    out
}

#[test]
fn scan_rules_md_is_up_to_date() {
    check("scan-rules.md", &scan_rules());
}

#[test]
fn formats_md_is_up_to_date() {
    check("formats.md", &formats());
}
