//! Rule pages are tests: every bad block yields its rule on the marked lines and nowhere else,
//! every good block yields nothing of it. And every rule is registered, sorted, and has its page.

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use cargo_custody::rules::{self, Block, Page, Rule, SECTIONS, Side};

type Lines = BTreeSet<(String, u32)>;

fn found(rule: &Rule, tree: &[Block]) -> (Lines, Vec<String>) {
    let of = |side: Side| {
        let files = tree.iter().filter(move |b| b.side == side || b.side == Side::Both);
        files.map(|b| (b.path.as_str(), b.text.as_str())).collect::<Vec<_>>()
    };
    // A page about changes shows two trees.
    let compares = tree.iter().any(|b| b.side != Side::After);
    let audit = match compares {
        true => common::audit_change(&of(Side::Before), &of(Side::After)),
        false => common::audit(&of(Side::After)),
    };
    let lines = audit.findings.iter().filter(|f| f.rule == rule.id).map(|f| (f.path.clone(), f.line)).collect();
    let broken = audit.coverage.gaps.iter().map(|g| format!("{}:{} {}", g.path, g.line, g.why)).collect();
    assert!(audit.coverage.unknown.is_empty(), "{}: {:?}", rule.id, audit.coverage.unknown);
    (lines, broken)
}

#[test]
fn bad_blocks_fire_on_the_marked_lines() {
    let mut failures = Vec::new();
    for (_, rule) in rules::all() {
        let page = Page::parse(&rule.page());
        let bad = page.section("Bad").map(|s| s.trees.as_slice()).unwrap_or_default();
        if bad.is_empty() {
            failures.push(format!("{}: no bad block", rule.id));
        }
        for (number, tree) in bad.iter().enumerate() {
            let marked: Lines = tree.iter().flat_map(|b| b.marked.iter().map(|line| (b.path.clone(), *line))).collect();
            let (lines, broken) = found(rule, tree);
            if marked.is_empty() || lines != marked {
                failures.push(format!(
                    "{} bad {}: marked {marked:?}, found {lines:?}, gaps {broken:?}",
                    rule.id,
                    number + 1
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn good_blocks_stay_silent() {
    let mut failures = Vec::new();
    for (_, rule) in rules::all() {
        let page = Page::parse(&rule.page());
        let good = page.section("Good").map(|s| s.trees.as_slice()).unwrap_or_default();
        if good.is_empty() {
            failures.push(format!("{}: no good block", rule.id));
        }
        for (number, tree) in good.iter().enumerate() {
            let (lines, broken) = found(rule, tree);
            if !lines.is_empty() || !broken.is_empty() {
                failures.push(format!("{} good {}: found {lines:?}, gaps {broken:?}", rule.id, number + 1));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn pages_have_their_sections_in_order() {
    for (_, rule) in rules::all() {
        let page = Page::parse(&rule.page());
        let titles: Vec<&str> = page.sections.iter().map(|s| s.title.as_str()).collect();
        assert_eq!(titles, SECTIONS, "{}", rule.id);
        assert!(rule.docs.starts_with(&format!("# {}\n", rule.id)), "{}: the title is its id", rule.id);
        for section in &page.sections {
            assert!(section.text.trim().len() > 20, "{}: `{}` says nothing", rule.id, section.title);
        }
        assert!(rule.many.contains("{n}"), "{}: `many` counts", rule.id);
        assert!(!rule.title.ends_with('.') && !rule.many.ends_with('.'), "{}: no full stop", rule.id);
    }
}

#[test]
fn the_table_and_the_folders_agree() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let mut seen = BTreeSet::new();
    for family in rules::FAMILIES {
        let ids: Vec<&str> = family.rules.iter().map(|r| r.id).collect();
        assert!(ids.is_sorted(), "{}: rules are sorted by id: {ids:?}", family.id);
        let folder = root.join(family.id.replace('-', "_"));
        let mut files = BTreeSet::new();
        #[allow(clippy::disallowed_methods, reason = "the test compares the table with the folder")]
        for entry in std::fs::read_dir(&folder).expect("the family's folder") {
            let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
            // A rule is a pair; a helper has no page.
            if let Some(stem) = name.strip_suffix(".md") {
                files.insert(stem.replace('_', "-"));
            }
        }
        let table: BTreeSet<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!(files, table, "{}: every page is registered and every rule has its page", family.id);
        for id in ids {
            assert!(seen.insert(id), "`{id}` is registered twice");
            assert!(folder.join(format!("{}.rs", id.replace('-', "_"))).exists(), "`{id}` has no file of its name");
        }
    }
}

#[test]
fn no_rule_claims_a_version_that_is_not_out_yet() {
    let numbers =
        |text: &str| text.split('.').map(|n| n.parse::<u32>().unwrap_or(u32::MAX)).take(2).collect::<Vec<_>>();
    let own = numbers(env!("CARGO_PKG_VERSION"));
    for (_, rule) in rules::all() {
        assert!(numbers(rule.since) <= own, "{} came with {}", rule.id, rule.since);
    }
}
