//! Real attacks of 2021 to 2026, rebuilt as small as they go: each page under `fixtures/attacks` has a tree that
//! the attack would have met, the findings that warn of it, and the tree after its repair, which is quiet.

#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::panic, reason = "the test reads its pages")]

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use cargo_custody::audit::{Audit, Decision, Finding};
use cargo_custody::rules::{self, Block, Page};

/// A finding that a page promises.
#[derive(Debug)]
struct Promise {
    /// Rules of which one has to speak.
    rules: Vec<String>,
    /// The file.
    path: String,
    /// Hops of the route, in order, others between them.
    by: Vec<String>,
    /// Whether it is a note: what is over is no alarm.
    is_note: bool,
}

/// Texts in backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Reads ``- `rule|rule` in `path` by `hop`, `hop` ``, and `as a note` behind it.
fn promise(line: &str) -> Promise {
    let mut words = quoted(line).into_iter();
    let rules: Vec<String> = words.next().expect("a rule").split('|').map(str::to_owned).collect();
    Promise { rules, path: words.next().expect("a path"), by: words.collect(), is_note: line.ends_with("as a note") }
}

fn audit(tree: &[Block]) -> Audit {
    let files: Vec<(&str, &str)> = tree.iter().map(|b| (b.path.as_str(), b.text.as_str())).collect();
    common::audit(&files)
}

fn is_shown(finding: &Finding) -> bool {
    finding.decision != Decision::Note
}

/// Whether the hops stand on the route in this order.
fn passes(finding: &Finding, by: &[String]) -> bool {
    let mut hops = finding.route.iter();
    by.iter().all(|wanted| hops.any(|hop| hop.text.contains(wanted.as_str())))
}

#[test]
fn attacks_are_told_and_their_repairs_are_quiet() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/attacks");
    let mut failures = Vec::new();
    let mut pages = 0;
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).expect("the pages").map(|e| e.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("a page");
        let page = Page::parse(&text);
        let section = |title: &str| page.section(title).unwrap_or_else(|| panic!("{name} has no section {title}"));
        let promises: Vec<Promise> =
            section("Fires").text.lines().filter(|line| line.starts_with("- ")).map(promise).collect();
        assert!(!promises.is_empty(), "{name} promises nothing");
        let unknown = promises.iter().flat_map(|p| &p.rules).filter(|rule| rules::find(rule).is_none());
        failures.extend(unknown.map(|rule| format!("{name}: {rule} is no rule")));
        let [bad] = section("Bad").trees.as_slice() else { panic!("{name}: one bad tree") };
        let [good] = section("Good").trees.as_slice() else { panic!("{name}: one good tree") };
        let found = audit(bad);
        for promise in &promises {
            let kept = found.findings.iter().any(|finding| {
                promise.rules.iter().any(|rule| *rule == finding.rule)
                    && finding.path == promise.path
                    && is_shown(finding) != promise.is_note
                    && passes(finding, &promise.by)
            });
            if !kept {
                let near: Vec<String> = found
                    .findings
                    .iter()
                    .filter(|f| f.path == promise.path)
                    .map(|f| {
                        let route: Vec<&str> = f.route.iter().map(|hop| hop.text.as_str()).collect();
                        format!(
                            "    {} line {} {:?}: {} [{}]",
                            f.rule,
                            f.line,
                            f.decision,
                            f.message,
                            route.join(" > ")
                        )
                    })
                    .collect();
                failures.push(format!("{name}: {promise:?} is not kept; found there:\n{}", near.join("\n")));
            }
        }
        let promised: BTreeSet<&str> = promises.iter().flat_map(|p| &p.rules).map(String::as_str).collect();
        for block in bad {
            for line in &block.marked {
                let told = found.findings.iter().any(|f| {
                    f.path == block.path && f.line == *line && is_shown(f) && promised.contains(f.rule.as_str())
                });
                if !told {
                    failures.push(format!("{name}: nothing promised is told of {} line {line}", block.path));
                }
            }
        }
        for finding in audit(good).findings.iter().filter(|finding| is_shown(finding)) {
            failures.push(format!(
                "{name}: the repair is not quiet: {} in {} line {}: {}",
                finding.rule, finding.path, finding.line, finding.message
            ));
        }
        pages += 1;
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(pages > 12, "only {pages} attacks were rebuilt");
}
