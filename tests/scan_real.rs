//! Model files that the frameworks wrote: all of them are clean, and `weights_only` says what torch does.

#![allow(clippy::disallowed_methods, reason = "the test reads its own folder")]
#![allow(clippy::expect_used, reason = "a failure is a failed test")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cargo_custody::scan::{self, FileReport, Limits, WeightsOnly};
use cargo_custody::source::FileBytes;

/// Lists of what stands in a folder: the index, and what torch does with it.
const LISTS: &[&str] = &["real", "weights_only"];

/// Torch refuses it for the value of an index, which stands in its weights; those are not read.
const READ_AS_DATA: &str = "sparse_bad_index.pt";

fn root(list: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models").join(list)
}

fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).expect("a list");
    let row = |line: &str| line.split('\t').map(str::to_owned).collect();
    text.lines().skip(1).filter(|line| !line.is_empty()).map(row).collect()
}

fn scanned(path: &Path) -> FileReport {
    let bytes = FileBytes::open(path).expect("a file");
    scan::file(&bytes, &path.to_string_lossy(), &Limits::default())
}

/// A report in one line, for a person who has to find out what is wrong.
fn told(report: &FileReport) -> String {
    let findings: Vec<String> = report
        .findings
        .iter()
        .map(|found| format!("{} {} ({:?} {:?})", found.rule.id, found.message, found.inner_path, found.offset))
        .collect();
    format!("{} is {} {}: {}", report.path, report.format.word(), report.verdict.word(), findings.join("; "))
}

#[test]
fn real_files_have_the_verdict_of_their_row() {
    let root = root("real");
    let mut wrong = Vec::new();
    let mut count = 0;
    for row in rows(&root.join("INDEX.tsv")) {
        // Folders are models as a whole: the test of the command scans them.
        if row[0].ends_with('/') {
            continue;
        }
        count += 1;
        let report = scanned(&root.join(&row[0]));
        if report.verdict.word() != row[3] {
            wrong.push(format!("{} expected: {}", row[3], told(&report)));
        }
    }
    assert!(count > 400, "{count} files");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Our null says that nobody loads such a file with torch; torch then refuses it.
#[test]
fn weights_only_is_what_torch_does() {
    let mut wrong = Vec::new();
    let mut by_answer: BTreeMap<&str, usize> = BTreeMap::new();
    for list in LISTS {
        let root = root(list);
        let table = root.join("WEIGHTS_ONLY.tsv");
        if !table.exists() {
            continue;
        }
        for row in rows(&table) {
            let report = scanned(&root.join(&row[0]));
            let (word, loads) = match &report.weights_only {
                Some(WeightsOnly::Loads) => ("loads", true),
                Some(WeightsOnly::Refuses { .. }) => ("refuses", false),
                None => ("null", false),
            };
            *by_answer.entry(word).or_default() += 1;
            if row[0] == READ_AS_DATA {
                continue;
            }
            if row[1] != loads.to_string() {
                wrong.push(format!("torch says {} ({}): {:?} {}", row[1], row[2], report.weights_only, told(&report)));
            }
        }
    }
    assert!(by_answer["loads"] > 100 && by_answer["refuses"] > 100, "{by_answer:?}");
    assert!(wrong.is_empty(), "{} of {by_answer:?}:\n{}", wrong.len(), wrong.join("\n"));
}
