//! The hook before a commit, as git calls it: what it judges is what would be committed, however that was put together.

#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "the tests make repositories and start the program"
)]

mod common;

use std::path::{Path, PathBuf};

use serde_json::Value;

use common::repo::{FETCHING, PUSHING, Repo, WORKFLOW, with};

/// What stands in a Dockerfile that nobody minds.
const QUIET: &str = "FROM debian:12\n";
/// A workflow that nobody minds.
const CALM: &str = "\
on: push
permissions: {}
jobs:
  check:
    runs-on: ubuntu-24.04
    steps:
      - run: echo checked
";

/// Hangs the program before every commit; what it says lands in the returned file.
fn hook(repo: &Repo, git_folder: &Path) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let seen = repo.dir.with_extension("seen.json");
    let _ = std::fs::remove_file(&seen);
    let script = format!(
        "#!/bin/sh\nSOURCE_DATE_EPOCH=1795392000 exec '{}' audit --staged --index embedded --format json > '{}'\n",
        env!("CARGO_BIN_EXE_cargo-custody"),
        seen.display()
    );
    let file = git_folder.join("hooks/pre-commit");
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    std::fs::write(&file, script).expect("a hook");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).expect("rights");
    seen
}

/// A repository with that hook.
fn hooked(name: &str, files: &[(&str, &str)]) -> (Repo, PathBuf) {
    let repo = with(&format!("hook-{name}"), files);
    let seen = hook(&repo, &repo.dir.join(".git"));
    (repo, seen)
}

/// Whether git went on, and the files in which the change brings something.
fn commit(repo: &Repo, seen: &Path, args: &[&str]) -> (bool, Vec<String>) {
    let out = repo.try_git(&[&["commit", "-q", "-m", "change"], args].concat());
    let text = std::fs::read_to_string(seen).unwrap_or_default();
    let audit: Value =
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}\n{}", String::from_utf8_lossy(&out.stderr)));
    let brought = |finding: &&Value| finding["state"] == "new" && finding["decision"] == "block";
    let findings = audit["findings"].as_array().expect("findings");
    let mut files: Vec<String> =
        findings.iter().filter(brought).map(|f| f["path"].as_str().expect("a path").to_owned()).collect();
    files.sort();
    files.dedup();
    (out.status.success(), files)
}

fn told(is_committed: bool, files: &[&str]) -> (bool, Vec<String>) {
    (is_committed, files.iter().map(|file| (*file).to_owned()).collect())
}

#[test]
fn of_a_file_that_is_staged_in_part_the_staged_part_is_judged() {
    let (repo, seen) = hooked("part", &[(WORKFLOW, "on: push\n")]);
    repo.write(WORKFLOW, PUSHING).git(&["add", WORKFLOW]);
    repo.write(WORKFLOW, "on: push\n");
    assert_eq!(commit(&repo, &seen, &[]), told(false, &[WORKFLOW]));
    // The other way round: what is bad is not staged.
    repo.git(&["reset", "-q"]);
    repo.write(WORKFLOW, CALM).git(&["add", WORKFLOW]);
    repo.write(WORKFLOW, PUSHING);
    assert_eq!(commit(&repo, &seen, &[]), told(true, &[]));
}

#[test]
fn all_that_is_tracked_is_judged_where_all_of_it_is_committed() {
    let (repo, seen) = hooked("all", &[(WORKFLOW, "on: push\n")]);
    repo.write(WORKFLOW, PUSHING);
    assert_eq!(commit(&repo, &seen, &["-a"]), told(false, &[WORKFLOW]));
    // The repository's own index was left as it was.
    assert_eq!(repo.git(&["diff", "--cached", "--name-only"]), "");
}

#[test]
fn only_what_is_named_is_judged_where_only_that_is_committed() {
    let (repo, seen) = hooked("only", &[(WORKFLOW, "on: push\n"), ("notes/ci.txt", "1\n")]);
    repo.write(WORKFLOW, PUSHING).git(&["add", WORKFLOW]);
    repo.write("notes/ci.txt", "2\n");
    assert_eq!(commit(&repo, &seen, &["--only", "notes/ci.txt"]), told(true, &[]));
    repo.write("notes/ci.txt", "3\n");
    assert_eq!(commit(&repo, &seen, &["--only", WORKFLOW]), told(false, &[WORKFLOW]));
}

#[test]
fn an_amended_commit_is_judged_by_what_it_adds() {
    let (repo, seen) = hooked("amend", &[(WORKFLOW, "on: push\n")]);
    repo.write("Dockerfile", QUIET).git(&["add", "-A"]);
    assert_eq!(commit(&repo, &seen, &[]), told(true, &[]));
    repo.write(WORKFLOW, PUSHING).git(&["add", "-A"]);
    assert_eq!(commit(&repo, &seen, &["--amend"]), told(false, &[WORKFLOW]));
}

#[test]
fn of_the_first_commit_everything_is_new() {
    let repo = Repo::new("hook-first");
    let seen = hook(&repo, &repo.dir.join(".git"));
    repo.write(WORKFLOW, PUSHING).git(&["add", "-A"]);
    assert_eq!(commit(&repo, &seen, &[]), told(false, &[WORKFLOW]));
    repo.write(WORKFLOW, CALM).git(&["add", "-A"]);
    assert_eq!(commit(&repo, &seen, &[]), told(true, &[]));
}

#[test]
fn a_second_work_tree_has_its_own_index() {
    let (repo, seen) = hooked("trees", &[(WORKFLOW, "on: push\n")]);
    let beside = Repo { dir: repo.dir.with_extension("beside") };
    let _ = std::fs::remove_dir_all(&beside.dir);
    repo.git(&["worktree", "add", "-q", "-b", "other", beside.dir.to_str().expect("a name")]);
    repo.write(WORKFLOW, PUSHING).git(&["add", "-A"]);
    beside.write("Dockerfile", QUIET).git(&["add", "-A"]);
    assert_eq!(commit(&beside, &seen, &[]), told(true, &[]));
    beside.write(WORKFLOW, PUSHING);
    assert_eq!(commit(&beside, &seen, &["-a"]), told(false, &[WORKFLOW]));
}

#[test]
fn a_submodule_is_judged_by_itself() {
    let inner = with("hook-inner", &[(WORKFLOW, "on: push\n")]);
    let (outer, _) = hooked("outer", &[("Dockerfile", QUIET)]);
    outer.git(&["submodule", "add", "-q", inner.dir.to_str().expect("a name"), "sub"]);
    let sub = Repo { dir: outer.dir.join("sub") };
    let seen = hook(&outer, &outer.dir.join(".git/modules/sub"));
    sub.write(WORKFLOW, PUSHING).git(&["add", "-A"]);
    assert_eq!(commit(&sub, &seen, &[]), told(false, &[WORKFLOW]));
    // The repository around it holds a commit of it, and no file.
    assert_eq!(commit(&outer, &seen, &[]).1, Vec::<String>::new());
}

#[test]
fn of_a_merge_what_both_sides_bring_is_judged_and_what_is_open_is_said() {
    let (repo, seen) = hooked("merge", &[("Dockerfile", QUIET)]);
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.write("Dockerfile", "FROM debian:11\n").git(&["commit", "-q", "--no-verify", "-am", "side"]);
    repo.git(&["checkout", "-q", "main"]);
    repo.write("Dockerfile", FETCHING).git(&["commit", "-q", "--no-verify", "-am", "main"]);
    assert!(!repo.try_git(&["merge", "-q", "side"]).status.success(), "a conflict");
    // Git itself commits nothing now; the program is asked by hand.
    let open = repo.gate(&["--staged"]);
    assert_eq!(open.code, 3);
    assert!(open.audit["coverage"]["passed_over"].to_string().contains("not merged yet"), "{}", open.audit["coverage"]);
    repo.write("Dockerfile", FETCHING).git(&["add", "-A"]);
    repo.write(WORKFLOW, PUSHING).git(&["add", "-A"]);
    assert_eq!(commit(&repo, &seen, &[]), told(false, &[WORKFLOW]));
    repo.git(&["rm", "-q", "--cached", WORKFLOW]);
    assert_eq!(commit(&repo, &seen, &[]), told(true, &[]));
}
