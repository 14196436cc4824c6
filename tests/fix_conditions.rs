//! `fix` on conditions, secrets and switches of workflows: what is written is right, and nothing new is found.

#![allow(clippy::disallowed_methods, clippy::expect_used, reason = "the tests start the program and look at its files")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn tree(name: &str, files: &[(&str, &str)]) -> PathBuf {
    common::folder("fix-conditions", name, files)
}

fn run(dir: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-custody"));
    command.env_clear().env("SOURCE_DATE_EPOCH", "1795392000").args(words).arg(dir);
    command.output().expect("the program starts")
}

/// Rules with the number of their findings.
fn found(dir: &Path) -> std::collections::BTreeMap<String, usize> {
    let out = run(dir, &["audit", "--all", "--format", "json"]);
    let audit: serde_json::Value = serde_json::from_slice(&out.stdout).expect("an audit");
    let mut rules = std::collections::BTreeMap::new();
    for finding in audit["findings"].as_array().expect("findings") {
        *rules.entry(finding["rule"].as_str().expect("a rule").to_owned()).or_default() += 1;
    }
    rules
}

/// Applies the answers of one rule; the file that comes out, after it was looked at again.
fn answered(rule: &str, files: &[(&str, &str)]) -> String {
    let dir = tree(rule, files);
    let before = found(&dir);
    assert!(before.contains_key(rule), "{rule}: {before:?}");
    let out = run(&dir, &["fix", "--apply", "--rule", rule]);
    let mut after = found(&dir);
    let text = fs::read_to_string(dir.join(files[0].0)).expect("a file");
    assert_eq!(after.remove(rule), None, "{rule}: {}\n{text}", String::from_utf8_lossy(&out.stderr));
    let mut others = before;
    others.remove(rule);
    assert_eq!(after, others, "{rule}: nothing new\n{text}");
    text
}

const HEAD: &str = "name: a\non: pull_request_target\npermissions: {}\n";

fn workflow(jobs: &str) -> String {
    format!("{HEAD}jobs:\n  a:\n    runs-on: ubuntu-latest\n{jobs}")
}

fn check(rule: &str, before: &str, after: &str) {
    let path = ".github/workflows/a.yml";
    assert_eq!(answered(rule, &[(path, &workflow(before))]), workflow(after), "{rule}");
}

#[test]
fn conditions_keep_their_layout() {
    check(
        "unsound-condition",
        "    steps:\n      - run: a\n        # why\n        if: | # how\n          ${{ github.ref == 'refs/heads/main' }}\n      - run: b\n        if: ${{ github.ref == 'x' }} && github.sha # what\n      - run: c\n        if: >+\n          ${{ success() }}\n\n      - run: d\n        if: \"${{ a.b }} || c.d\"\n",
        "    steps:\n      - run: a\n        # why\n        if: |- # how\n          ${{ github.ref == 'refs/heads/main' }}\n      - run: b\n        if: github.ref == 'x' && github.sha # what\n      - run: c\n        if: >-\n          ${{ success() }}\n\n      - run: d\n        if: \"a.b || c.d\"\n",
    );
    check(
        "unsound-contains",
        "    if: contains('main, develop', github.head_ref) # why\n    steps:\n      - run: a\n",
        "    if: contains(fromJSON('[\"main\", \"develop\"]'), github.head_ref) # why\n    steps:\n      - run: a\n",
    );
    check(
        "unsound-ternary",
        "    steps:\n      - run: a\n        env:\n          X: a ${{ github.sha == 'x' && '' || 'y' }} b\n          Y: ${{ (inputs.z && 0 || 1) }}\n",
        "    steps:\n      - run: a\n        env:\n          X: a ${{ !(github.sha == 'x') && 'y' || '' }} b\n          Y: ${{ (!inputs.z && 1 || 0) }}\n",
    );
    check(
        "spoofable-actor",
        "    if: >-\n      github.actor == 'dependabot[bot]'\n      && github.repository == 'a/b'\n    steps:\n      - run: a\n        if: github['actor_id'] == 49699333\n",
        "    if: >-\n      github.event.pull_request.user.login == 'dependabot[bot]'\n      && github.repository == 'a/b'\n    steps:\n      - run: a\n        if: github.event.pull_request.user.id == 49699333\n",
    );
}

#[test]
fn a_switch_goes_with_its_line() {
    check(
        "insecure-commands",
        "    env:\n      ACTIONS_ALLOW_UNSECURE_COMMANDS: true # old\n    steps:\n      - run: a\n        env:\n          A: 1\n          ACTIONS_ALLOW_UNSECURE_COMMANDS: 'true'\n",
        "    steps:\n      - run: a\n        env:\n          A: 1\n",
    );
    check(
        "debug-logging",
        "    steps:\n      - run: a\n        env:\n          ACTIONS_STEP_DEBUG: true\n        shell: bash\n",
        "    steps:\n      - run: a\n        shell: bash\n",
    );
    check(
        "obfuscated-workflow",
        "    steps:\n      - uses: actions/cache/save/.././restore@0057852bfaa89a56745cba8c7296529d2fc39830 # v4\n",
        "    steps:\n      - uses: actions/cache/restore@0057852bfaa89a56745cba8c7296529d2fc39830 # v4\n",
    );
}

#[test]
fn what_a_called_workflow_reads_is_handed_over_by_name() {
    let caller = |secrets: &str| {
        format!(
            "name: a\non: push\npermissions: {{}}\njobs:\n  a:\n    uses: ./.github/workflows/b.yml\n{secrets}    with:\n      x: 1\n"
        )
    };
    let called = |declared: &str, env: &str| {
        format!(
            "name: b\non:\n  workflow_call:\n{declared}permissions: {{}}\njobs:\n  b:\n    runs-on: ubuntu-latest\n    steps:\n      - run: a\n        env:\n          X: {env}\n"
        )
    };
    let text = answered(
        "inherited-secrets",
        &[
            (".github/workflows/a.yml", &caller("    secrets: inherit # all\n")),
            (
                ".github/workflows/b.yml",
                &called(
                    "    secrets:\n      ONE:\n      TWO:\n",
                    "${{ secrets.ONE }} ${{ secrets.TWO || secrets.one }}",
                ),
            ),
        ],
    );
    assert_eq!(text, caller("    secrets:\n      ONE: ${{ secrets.ONE }}\n      TWO: ${{ secrets.TWO }} # all\n"));
    let text = answered(
        "inherited-secrets",
        &[
            (".github/workflows/a.yml", &caller("    secrets: inherit\n")),
            (".github/workflows/b.yml", &called("", "${{ secrets.GITHUB_TOKEN }}")),
        ],
    );
    assert_eq!(text, caller(""));
}

#[test]
fn what_has_no_one_answer_is_left() {
    for (rule, jobs) in [
        // Without its brackets the `||` would reach further.
        ("unsound-condition", "    if: ${{ a.b || c.d }} && e.f\n    steps:\n      - run: a\n"),
        // `!` starts a tag.
        ("unsound-condition", "    if: ${{ !a.b }} && e.f\n    steps:\n      - run: a\n"),
        ("unsound-contains", "    if: contains('a\"b', github.head_ref)\n    steps:\n      - run: a\n"),
        ("unsound-ternary", "    steps:\n      - run: a ${{ a.b && '' || c.d }}\n"),
        (
            "obfuscated-workflow",
            "    steps:\n      - uses: actions/cache/../../save@0057852bfaa89a56745cba8c7296529d2fc39830\n",
        ),
    ] {
        let text = workflow(jobs);
        let dir = tree("left", &[(".github/workflows/a.yml", &text)]);
        assert!(found(&dir).contains_key(rule), "{rule} {jobs}");
        run(&dir, &["fix", "--apply", "--rule", rule]);
        assert_eq!(fs::read_to_string(dir.join(".github/workflows/a.yml")).expect("a file"), text, "{rule}");
    }
}
