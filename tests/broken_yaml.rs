//! Pipelines that are broken or written in an odd way: each damage is a gap with a line or costs nothing, what
//! stands around it is still judged, and no audit of a damaged file passes. So are those that ask for endless work.

#![allow(clippy::expect_used, reason = "tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use cargo_custody::audit::{Audit, Status, Verdict};
use cargo_custody::source::{RepoPath, Tree};

/// A file, what it says, and the rules that find something in it.
const FILES: &[(&str, &str, &[&str])] = &[
    (
        ".github/workflows/a.yml",
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: example/x@main\n      \
         - run: curl https://example.com/x | sh\n",
        &["unpinned-action", "fetch-to-interpreter"],
    ),
    (
        "action.yml",
        "name: x\ndescription: y\nruns:\n  using: composite\n  steps:\n    - run: curl https://example.com/x | sh\n      \
         shell: bash\n    - uses: example/x@main\n",
        &["unpinned-action", "fetch-to-interpreter"],
    ),
    (
        ".gitlab-ci.yml",
        "include:\n  - project: g/p\n    file: x.yml\na:\n  image: python:latest\n  script:\n    - echo hi\n    \
         - curl https://example.com/x | sh\n",
        &["unpinned-include", "fetch-to-interpreter"],
    ),
    (
        "azure-pipelines.yml",
        "trigger: [main]\npool:\n  vmImage: ubuntu-latest\nsteps:\n  - bash: echo hi\n  \
         - script: curl https://example.com/x | sh\n",
        &["fetch-to-interpreter"],
    ),
    (
        ".github/dependabot.yml",
        "version: 2\nupdates:\n  - package-ecosystem: cargo\n    directory: /\n    \
         insecure-external-code-execution: allow\n    schedule:\n      interval: weekly\n",
        &["update-executes-code"],
    ),
    (
        ".pre-commit-config.yaml",
        "repos:\n  - repo: https://github.com/example/hooks\n    rev: main\n    hooks:\n      - id: x\n",
        &["unpinned-hook"],
    ),
];

fn audit(path: &str, bytes: Vec<u8>) -> Audit {
    let path = RepoPath::new(path).expect("a path");
    common::audit_of(&Tree::from_memory("t", BTreeMap::from([(path, bytes)])))
}

fn rules(audit: &Audit) -> BTreeSet<&str> {
    audit.findings.iter().map(|finding| finding.rule.as_str()).collect()
}

/// A text with a line put before the one at a position.
fn with_line(text: &str, at: usize, line: &str) -> String {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    lines.insert(at, line);
    lines.concat()
}

#[test]
fn an_odd_way_of_writing_costs_nothing() {
    for (path, text, expected) in FILES {
        let ways: [(&str, Vec<u8>); 5] = [
            ("as it is", text.as_bytes().to_vec()),
            ("a mark of byte order", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
            ("CRLF", text.replace('\n', "\r\n").into_bytes()),
            ("a key that nobody knows", format!("{text}x-more: {{a: [1, 2]}}\n").into_bytes()),
            ("an anchor and a merge", format!(".x: &x {{ image: a }}\n{text}.y:\n  <<: *x\n").into_bytes()),
        ];
        for (way, bytes) in ways {
            let audit = audit(path, bytes);
            for rule in *expected {
                assert!(rules(&audit).contains(rule), "{path}, {way}: {rule} is not among {:?}", rules(&audit));
            }
            assert!(audit.coverage.gaps.is_empty(), "{path}, {way}: {:?}", audit.coverage.gaps);
        }
    }
}

#[test]
fn damage_is_a_gap_at_its_line_and_the_rest_is_judged() {
    for (path, text, expected) in FILES {
        let end = u32::try_from(text.lines().count()).expect("a small file") + 1;
        let first = text.lines().next().expect("a line");
        // The damage, the file, and the line it is told at.
        let damages: [(&str, Vec<u8>, u32); 9] = [
            ("a tab", format!("{text}\tx: 1\n").into_bytes(), end),
            ("a key written twice", format!("{text}{first}\n").into_bytes(), end),
            ("an anchor that holds itself", format!("{text}x: &a [*a]\n").into_bytes(), end),
            ("an anchor that is nowhere", format!("{text}x: *nowhere\n").into_bytes(), end),
            ("a quote without end", format!("{text}x: \"abc\n").into_bytes(), end),
            ("a byte that is no text", [text.as_bytes(), b"# caf\xe9\n"].concat(), end),
            ("a NUL", [text.as_bytes(), b"\0\n"].concat(), end),
            ("a second document", format!("{text}---\n{text}").into_bytes(), end + 1),
            ("a template of another tool", with_line(text, 0, "{% if x %}\n").into_bytes(), 1),
        ];
        for (damage, bytes, line) in damages {
            let audit = audit(path, bytes);
            assert_ne!(audit.verdict, Verdict::Pass, "{path}, {damage}");
            let gaps: Vec<_> = audit.coverage.gaps.iter().map(|gap| gap.line).collect();
            assert!(gaps.contains(&line), "{path}, {damage}: no gap at line {line}: {:?}", audit.coverage.gaps);
            for rule in *expected {
                assert!(rules(&audit).contains(rule), "{path}, {damage}: {rule} was lost, {:?}", rules(&audit));
            }
        }
    }
}

#[test]
fn damage_in_the_middle_is_never_green() {
    for (path, text, _) in FILES {
        for at in 1..text.lines().count() {
            for line in ["  ][ : }{ x\n", "<<<<<<< HEAD\n", "    bad: [a, b\n", "\t\tx: y\n"] {
                let audit = audit(path, with_line(text, at, line).into_bytes());
                assert_ne!(audit.verdict, Verdict::Pass, "{path}, {line:?} at {at}: {:?}", audit.coverage.gaps);
                let is_told = audit.coverage.gaps.iter().any(|gap| gap.path == *path && gap.line > 0)
                    || audit.coverage.files.iter().any(|f| f.path == *path && f.status == Status::Unread);
                assert!(is_told, "{path}, {line:?} at {at}");
            }
        }
    }
}

#[test]
fn what_is_no_pipeline_is_not_read_as_one() {
    for (path, ..) in FILES {
        for bytes in [&b""[..], b"hello\n", b"null\n", b"\xff\xfea\0:\0 \0b\0\n\0"] {
            let audit = audit(path, bytes.to_vec());
            assert_ne!(audit.verdict, Verdict::Pass, "{path}, {bytes:?}");
        }
    }
}

#[test]
fn thousands_of_outputs_handed_on_end_and_are_said() {
    let mut text = "on: pull_request_target\njobs:\n  a:\n    runs-on: x\n    steps:\n".to_owned();
    for at in 0_i32..600 {
        let (one, two) = (at - 1, at - 2);
        let said = format!("${{{{ steps.s{one}.outputs.x || steps.s{two}.outputs.x || github.head_ref }}}}");
        text.push_str(&format!("      - id: s{at}\n        run: echo \"x={said}\" >> $GITHUB_OUTPUT\n"));
    }
    let audit = audit(".github/workflows/a.yml", text.into_bytes());
    assert!(rules(&audit).contains("script-injection"), "{:?}", rules(&audit));
    assert_ne!(audit.verdict, Verdict::Pass);
    let is_said = audit.coverage.unknown.iter().any(|what| what.starts_with("expressions of workflows"));
    assert!(is_said, "{:?}", audit.coverage.unknown);
}
