//! `fix` on workflows: permissions and checkouts. What is written is exactly this and no more, and nothing new is
//! found after it.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "the tests start the program and look at the files it wrote"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

const PATH: &str = ".github/workflows/ci.yml";

/// The workflow after `fix --apply`, and the rules that found something before and after.
fn fixed(name: &str, before: &str) -> (String, BTreeSet<String>, BTreeSet<String>) {
    let dir = common::folder("fix-workflows", name, &[(PATH, before)]);
    let path = dir.join(PATH);
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-custody"));
    command.env_clear().env("SOURCE_DATE_EPOCH", "1795392000").arg("fix").arg(&dir).arg("--apply");
    let output = command.output().expect("the program starts");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let after = fs::read_to_string(&path).expect("the file");
    let rules = |text: &str| -> BTreeSet<String> {
        let audit = common::audit(&[(PATH, text)]);
        assert!(audit.coverage.gaps.is_empty(), "{name}: {:?}", audit.coverage.gaps);
        audit.findings.iter().map(|f| f.rule.to_owned()).collect()
    };
    let (was, is) = (rules(before), rules(&after));
    (after, was, is)
}

#[test]
fn jobs_of_which_every_step_is_known_get_what_they_need() {
    let (after, was, is) = fixed(
        "missing",
        "name: ci
on: push # every branch

# what is done
jobs:
  test:
    name: test
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@0123456789abcdef0123456789abcdef01234567 # v4
        with: # why
          fetch-depth: 0
      - run: cargo test
  release:
    # by hand
    name: release
    runs-on: ubuntu-latest
    steps:
      - run: gh release create v1
        env:
          GH_TOKEN: ${{ github.token }}
",
    );
    assert_eq!(
        after,
        "name: ci
on: push # every branch

permissions:
  contents: read

# what is done
jobs:
  test:
    name: test
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@0123456789abcdef0123456789abcdef01234567 # v4
        with: # why
          persist-credentials: false
          fetch-depth: 0
      - run: cargo test
  release:
    # by hand
    name: release
    permissions:
      contents: write # gh release create
    runs-on: ubuntu-latest
    steps:
      - run: gh release create v1
        env:
          GH_TOKEN: ${{ github.token }}
"
    );
    assert!(was.contains("missing-permissions") && was.contains("persisted-credentials"), "{was:?}");
    assert!(is.is_subset(&was), "{is:?}");
    assert!(!is.contains("missing-permissions") && !is.contains("persisted-credentials"), "{is:?}");
}

#[test]
fn everything_becomes_what_is_needed() {
    let (after, was, is) = fixed(
        "everything",
        "on: push\npermissions: write-all # old\njobs:\n  label:\n    runs-on: ubuntu-latest\n    steps:\n      \
         - uses: actions/labeler@0123456789abcdef0123456789abcdef01234567\n",
    );
    assert!(
        after.contains("permissions:\n  contents: read\n  issues: write # actions/labeler\n  pull-requests: write # actions/labeler # old\njobs:"),
        "{after}"
    );
    assert!(was.contains("broad-permissions"), "{was:?}");
    assert!(is.is_subset(&was) && !is.contains("broad-permissions"), "{is:?}");
}

#[test]
fn what_several_jobs_inherit_goes_to_the_one_that_needs_it() {
    let (after, was, is) = fixed(
        "shared",
        "on: push\npermissions:\n  contents: write\n  issues: read\njobs:\n  test:\n    runs-on: ubuntu-latest\n    \
         steps:\n      - run: cargo test\n  release:\n    runs-on: ubuntu-latest\n    steps:\n      \
         - run: gh release create v1\n",
    );
    assert!(after.starts_with("on: push\npermissions:\n  contents: read\n  issues: read\njobs:\n"), "{after}");
    assert!(
        after.contains(
            "  release:\n    permissions:\n      contents: write # gh release create\n      issues: read\n    runs-on"
        ),
        "{after}"
    );
    assert!(was.contains("broad-permissions") && !is.contains("broad-permissions"), "{is:?}");
    assert!(is.is_subset(&was), "{is:?}");
}

#[test]
fn what_is_not_known_is_left() {
    for (name, steps) in [
        ("pushes", "      - uses: actions/checkout@v4\n      - run: git push\n"),
        ("braces", "      - { uses: actions/checkout@v4 }\n      - uses: example/unknown@v1\n"),
        ("started", "      - uses: actions/checkout@v4\n        with:\n      - uses: example/unknown@v1\n"),
    ] {
        let before = format!(
            "on: push\npermissions:\n  contents: write # pushes\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"
        );
        let (after, ..) = fixed(name, &before);
        assert_eq!(after, before, "{name}");
    }
    let unknown = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: example/unknown@v1\n";
    assert_eq!(fixed("unknown", unknown).0, unknown);
}

#[test]
fn endings_of_lines_are_kept() {
    let before = "on: push\r\njobs:\r\n  a:\r\n    runs-on: ubuntu-latest\r\n    steps:\r\n      \
                  - uses: actions/checkout@v4\r\n";
    let (after, ..) = fixed("endings", before);
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count(), "{after:?}");
    assert!(after.ends_with("@v4\r\n        with:\r\n          persist-credentials: false\r\n"), "{after:?}");
    assert!(after.starts_with("on: push\r\npermissions:\r\n  contents: read\r\n\r\njobs:"), "{after:?}");
}

#[test]
fn a_check_is_heeded_again() {
    let digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let workflow = |end: &str| {
        format!(
            "on: push
permissions: {{}}
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - run: |
          curl -fsSLo tool https://example.com/1.2.3/tool
          echo \"{digest}  tool\" | sha256sum -c -{end} # what it is
          sh tool
"
        )
    };
    let (after, was, is) = fixed("heeded", &workflow(" || true"));
    assert_eq!(after, workflow(""));
    assert!(was.contains("ignored-verification") && !is.contains("ignored-verification"), "{was:?} {is:?}");
    assert!(is.is_subset(&was), "{is:?}");
}
