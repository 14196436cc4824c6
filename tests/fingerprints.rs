//! Fingerprints over the bad trees of every rule's page: what they outlive, and what ends them.

#![allow(clippy::expect_used, reason = "a failure is a failed test")]

mod common;

use std::collections::BTreeMap;

use cargo_custody::audit::{Audit, Finding};
use cargo_custody::rules::{self, Page, Rule, Side};

/// A tree as pairs of path and text.
type Files = Vec<(String, String)>;

fn audit(files: &Files) -> Audit {
    common::audit(&files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>())
}

/// Fingerprints of one rule, as a multiset.
fn known(rule: &Rule, audit: &Audit) -> BTreeMap<String, usize> {
    let mut out = BTreeMap::new();
    for finding in audit.findings.iter().filter(|f| f.rule == rule.id) {
        *out.entry(finding.fingerprint.clone()).or_default() += 1;
    }
    out
}

/// The bad trees of all pages that show one tree, with their rule.
fn bad_trees() -> Vec<(&'static Rule, Files)> {
    let mut out = Vec::new();
    for (_, rule) in rules::all() {
        let page = Page::parse(&rule.page());
        for tree in page.section("Bad").map(|s| s.trees.clone()).unwrap_or_default() {
            if tree.iter().all(|block| block.side == Side::After) {
                out.push((rule, tree.into_iter().map(|block| (block.path, block.text)).collect()));
            }
        }
    }
    out
}

/// The text with three lines more above the rest; a first line that has to be the first stays it.
fn lower(path: &str, text: &str) -> String {
    // Digests of whole files stand beside them, and what registries say is no file.
    let is_compared = path.contains("vendor/") || path.contains("dist-info") || path == common::recorded::FILE;
    // A line above makes a pickle another pickle.
    if is_compared || [".pth", ".pkl", ".bin"].iter().any(|end| path.ends_with(end)) {
        return text.to_owned();
    }
    let comments = [".yml", ".yaml", ".toml"].iter().any(|end| path.ends_with(end));
    let more = if comments { "# a word\n\n# another\n" } else { "\n\n\n" };
    let is_first = ["#!", "# syntax", "# escape", "# check", "---", "# /// script"].iter().any(|s| text.starts_with(s));
    match text.split_once('\n').filter(|_| is_first && !text.starts_with("# ///")) {
        Some((first, rest)) => format!("{first}\n{more}{rest}"),
        None => format!("{more}{text}"),
    }
}

#[test]
fn lines_above_keep_every_fingerprint() {
    let mut failures = Vec::new();
    // What a committed program is, its bytes say.
    for (rule, files) in bad_trees().into_iter().filter(|(rule, _)| rule.id != "committed-binary") {
        let lowered: Files = files.iter().map(|(path, text)| (path.clone(), lower(path, text))).collect();
        let (one, two) = (known(rule, &audit(&files)), known(rule, &audit(&lowered)));
        if one != two {
            failures.push(format!("{}: {one:?} became {two:?}", rule.id));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn files_beside_mean_nothing() {
    let mut failures = Vec::new();
    for (rule, files) in bad_trees() {
        let beside = |path: &str| {
            let mut all = files.clone();
            all.push((path.to_owned(), "Words about something else.\n".to_owned()));
            known(rule, &audit(&all))
        };
        let (one, two) = (beside("000/words.rst"), beside("zzz/words.rst"));
        if one != two {
            failures.push(format!("{}: {one:?} became {two:?}", rule.id));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The tree after the edits of a finding.
fn mended(files: &Files, finding: &Finding) -> Files {
    let mut out = files.clone();
    let mut edits: Vec<_> = finding.fix.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse((edit.line, edit.column)));
    for edit in edits {
        let (_, text) = out.iter_mut().find(|(path, _)| *path == edit.path).expect("the file of the edit");
        let offset = |line: u32, column: u32| {
            let start: usize = text.split_inclusive('\n').take(line as usize - 1).map(str::len).sum();
            start + text[start..].chars().take(column as usize - 1).map(char::len_utf8).sum::<usize>()
        };
        let range = offset(edit.line, edit.column)..offset(edit.end_line, edit.end_column);
        text.replace_range(range, &edit.text);
    }
    out
}

#[test]
fn a_fix_ends_a_fingerprint() {
    let (mut failures, mut fixes) = (Vec::new(), 0);
    for (rule, files) in bad_trees() {
        let before = audit(&files);
        for finding in before.findings.iter().filter(|f| f.rule == rule.id && !f.fix.is_empty()) {
            fixes += 1;
            let after = known(rule, &audit(&mended(&files, finding)));
            let count = |all: &BTreeMap<String, usize>| all.get(&finding.fingerprint).copied().unwrap_or_default();
            if count(&after) >= count(&known(rule, &before)) {
                failures.push(format!("{} {}:{}", rule.id, finding.path, finding.line));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(fixes > 20, "only {fixes} fixes were tried");
}
