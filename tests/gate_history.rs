//! The gate on real histories: small repositories made with git, one scenario each, and exactly the states that a
//! person would give.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "the tests make repositories and start the program"
)]

mod common;

use serde_json::Value;

use common::repo::{FETCHING, PUSHING, Repo, WORKFLOW, with};

fn lock(version: &str) -> String {
    format!(
        "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"time\"]\n\n\
         [[package]]\nname = \"time\"\nversion = \"{version}\"\n\
         source = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"{}\"\n",
        format!("{:0>4}", version.replace('.', "")).repeat(16)
    )
}

const MANIFEST: &str =
    "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\ntime = \"0\"\n";

#[test]
fn no_change_brings_nothing() {
    let repo = with("same", &[(WORKFLOW, PUSHING), ("Dockerfile", FETCHING)]);
    repo.write("README.md", "# app\n").commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    assert_eq!(seen.brought(), Vec::<String>::new());
    assert!(seen.existing() > 1);
    assert_eq!((seen.code, seen.blocks()), (0, 0));
    let all = repo.gate(&["--base", "HEAD^", "--gate", "all"]);
    assert_eq!(all.code, 1, "held against everything it fails");
}

#[test]
fn a_new_step_is_new_and_the_old_one_is_not() {
    let repo = with("new_step", &[(WORKFLOW, PUSHING)]);
    let text = format!("{PUSHING}      - uses: example/other@v2\n");
    repo.write(WORKFLOW, &text).commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    assert_eq!(seen.brought(), [format!("new unpinned-action {WORKFLOW}")]);
    assert_eq!(seen.code, 1);
}

#[test]
fn lines_that_move_and_layout_that_changes_bring_nothing() {
    let repo = with("reformat", &[(WORKFLOW, PUSHING), ("Dockerfile", FETCHING)]);
    let text = PUSHING
        .replace("name: release\n", "# who releases\n\nname: 'release'\n")
        .replace("tags: ['v*']", "tags:\n      - \"v*\"");
    repo.write(WORKFLOW, &text).write("Dockerfile", &format!("# syntax\n\n{FETCHING}")).commit();
    assert_eq!(repo.gate(&["--base", "HEAD^"]).brought(), Vec::<String>::new());
    let crlf = text.replace('\n', "\r\n");
    repo.write(WORKFLOW, &crlf).commit();
    assert_eq!(repo.gate(&["--base", "HEAD^"]).brought(), Vec::<String>::new(), "line endings");
}

#[test]
fn a_file_that_moves_takes_its_findings_along() {
    let repo = with("rename", &[("docker/Dockerfile", FETCHING), (WORKFLOW, PUSHING)]);
    repo.rename("docker/Dockerfile", "images/Dockerfile").rename(WORKFLOW, ".github/workflows/publish.yml").commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    assert_eq!(seen.list(&["new", "changed", "expired", "needs-approval", "spread", "fixed"]), Vec::<String>::new());
    assert_eq!(seen.code, 0);
}

#[test]
fn an_upgrade_that_stays_affected_is_not_new_and_one_that_cures_is_told() {
    let repo = with("bump", &[("Cargo.toml", MANIFEST), ("Cargo.lock", &lock("0.1.42"))]);
    repo.write("Cargo.lock", &lock("0.1.43")).commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    assert_eq!(seen.list(&["new", "changed", "spread", "fixed"]), Vec::<String>::new());
    assert!(
        seen.list(&["existing"]).contains(&"existing vulnerable-crate Cargo.toml".to_owned()),
        "{:?}",
        seen.list(&["existing"])
    );
    repo.write("Cargo.lock", &lock("0.3.47")).commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    assert!(seen.brought().contains(&"fixed vulnerable-crate Cargo.toml".to_owned()), "{:?}", seen.brought());
    assert_eq!(seen.code, 0);
}

#[test]
fn the_same_flaw_in_a_sibling_lock_has_spread() {
    let repo = with("spread", &[("a/Cargo.toml", MANIFEST), ("a/Cargo.lock", &lock("0.1.42"))]);
    repo.write("b/Cargo.toml", MANIFEST).write("b/Cargo.lock", &lock("0.1.42")).commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    let of_flaws: Vec<String> = seen.brought().into_iter().filter(|l| l.contains("vulnerable-crate")).collect();
    assert_eq!(of_flaws, ["spread vulnerable-crate b/Cargo.lock"]);
    assert_eq!(seen.code, 0);
}

#[test]
fn of_three_where_two_were_one_is_new() {
    let two = format!("{PUSHING}      - uses: example/upload@v1\n");
    let repo = with("duplicate", &[(WORKFLOW, &two)]);
    repo.write(WORKFLOW, &format!("{two}      - uses: example/upload@v1\n")).commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    assert_eq!(seen.list(&["new", "changed"]).len(), 1, "{:?}", seen.brought());
    assert_eq!(seen.list(&["fixed"]), Vec::<String>::new());
}

#[test]
fn another_branch_of_what_is_movable_has_changed() {
    let repo = with("changed", &[(WORKFLOW, &PUSHING.replace("upload@v1", "upload@main"))]);
    repo.write(WORKFLOW, &PUSHING.replace("upload@v1", "upload@next")).commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    assert_eq!(seen.list(&["new", "changed", "fixed"]), [format!("changed unpinned-action {WORKFLOW}")]);
}

#[test]
fn what_is_taken_away_is_fixed() {
    let repo = with("removed", &[("Dockerfile", FETCHING), (WORKFLOW, PUSHING)]);
    repo.remove("Dockerfile").commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    assert!(seen.brought().iter().all(|line| line.starts_with("fixed ")), "{:?}", seen.brought());
    assert!(!seen.brought().is_empty());
    assert_eq!(seen.code, 0);
}

#[test]
fn what_others_bring_to_the_base_meanwhile_is_not_the_changes_doing() {
    let repo = with("base_moves", &[("README.md", "# app\n")]);
    repo.git(&["switch", "-q", "-c", "topic"]);
    repo.write("notes.txt", "x\n").commit();
    repo.git(&["switch", "-q", "main"]);
    repo.write(WORKFLOW, PUSHING).write("requirements.txt", "flask\n").commit();
    repo.git(&["switch", "-q", "topic"]);
    let seen = repo.gate(&["--base", "main"]);
    assert_eq!(seen.brought(), Vec::<String>::new(), "nothing is fixed by not having it yet");
    assert!(seen.audit["gate"]["base"]["how"].as_str().is_some_and(|how| how.contains("common commit")));
    repo.git(&["rebase", "-q", "main"]);
    let seen = repo.gate(&["--base", "main"]);
    assert_eq!((seen.brought(), seen.code), (Vec::<String>::new(), 0), "rebased");
    assert!(seen.existing() > 0);
}

#[test]
fn the_first_parent_of_a_merge_is_its_base() {
    let repo = with("merge", &[("Dockerfile", FETCHING)]);
    repo.git(&["switch", "-q", "-c", "topic"]);
    repo.write(WORKFLOW, PUSHING).commit();
    repo.git(&["switch", "-q", "main"]);
    repo.write("requirements.txt", "flask\n").commit();
    repo.git(&["merge", "-q", "--no-ff", "-m", "merge", "topic"]);
    let seen = repo.gate(&["--base", "HEAD^1"]);
    assert!(seen.list(&["new"]).contains(&format!("new unpinned-action {WORKFLOW}")), "{:?}", seen.brought());
    assert!(!seen.brought().iter().any(|line| line.contains("requirements.txt")), "{:?}", seen.brought());
}

#[test]
fn an_octopus_merge_is_judged_against_its_first_parent() {
    let repo = with("octopus", &[("README.md", "# app\n")]);
    for (branch, path, text) in [("one", WORKFLOW, PUSHING), ("two", "Dockerfile", FETCHING)] {
        repo.git(&["switch", "-q", "-c", branch, "main"]);
        repo.write(path, text).commit();
    }
    repo.git(&["switch", "-q", "main"]);
    repo.write("notes.txt", "x\n").commit();
    repo.git(&["merge", "-q", "-m", "merge", "one", "two"]);
    let seen = repo.gate(&["--base", "HEAD^"]);
    let new = seen.list(&["new"]);
    assert!(new.iter().any(|l| l.ends_with(WORKFLOW)) && new.iter().any(|l| l.ends_with("Dockerfile")), "{new:?}");
}

#[test]
fn an_empty_base_makes_everything_new() {
    let repo = with("empty_base", &[(WORKFLOW, PUSHING)]);
    for base in ["0000000000000000000000000000000000000000", "4b825dc642cb6eb9a060e54bf8d69288fbee4904"] {
        let seen = repo.gate(&["--base", base]);
        assert!(seen.list(&["new"]).contains(&format!("new unpinned-action {WORKFLOW}")), "{:?}", seen.brought());
        assert_eq!((seen.existing(), seen.code), (0, 1));
    }
}

#[test]
fn an_empty_commit_as_base_is_no_gap() {
    let repo = Repo::new("empty_commit");
    repo.commit();
    repo.write("Dockerfile", FETCHING).commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    assert!(seen.list(&["new"]).iter().any(|l| l.ends_with("Dockerfile")), "{:?}", seen.brought());
}

#[test]
fn a_shallow_clone_gets_the_sentence_that_helps() {
    let repo = with("deep", &[(WORKFLOW, PUSHING)]);
    repo.write("a.txt", "x\n").commit();
    let shallow = Repo::new("shallow");
    let url = format!("file://{}", repo.dir.display());
    shallow.git(&["fetch", "-q", "--depth", "1", &url, "main"]);
    shallow.git(&["checkout", "-q", "-f", "FETCH_HEAD"]);
    let out = shallow.run(&["--base", "HEAD^"]);
    let text = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(2), "{text}");
    assert!(text.contains("shallow") && text.contains("fetch-depth: 2"), "{text}");
    assert!(out.stdout.is_empty(), "nothing that could be taken for a verdict");
    shallow.git(&["fetch", "-q", "--depth", "2", &url, "main"]);
    assert_eq!(shallow.gate(&["--base", "HEAD^"]).code, 0, "two commits are enough");
}

#[test]
fn a_base_that_is_not_there_is_a_mistake_and_no_pass() {
    let repo = with("no_base", &[(WORKFLOW, PUSHING)]);
    for base in ["nowhere", "", "--upload-pack=x", "0123456789012345678901234567890123456789", "HEAD~9"] {
        let out = repo.run(&[&format!("--base={base}"), "--format", "json"]);
        assert_eq!(out.status.code(), Some(2), "{base}: {}", String::from_utf8_lossy(&out.stdout));
    }
}

#[test]
fn a_submodule_is_passed_over_in_both_trees() {
    let inner = with("inner", &[("Dockerfile", FETCHING)]);
    let repo = with("submodule", &[("README.md", "# app\n")]);
    repo.git(&["submodule", "-q", "add", &inner.dir.display().to_string(), "sub"]);
    repo.commit();
    inner.write("more.txt", "x\n").commit();
    let moved = inner.git(&["rev-parse", "HEAD"]);
    repo.git(&["update-index", "--cacheinfo", &format!("160000,{moved},sub")]);
    repo.git(&["commit", "-q", "-m", "move"]);
    let seen = repo.gate(&["--base", "HEAD^"]);
    assert!(!seen.brought().iter().any(|l| l.contains("sub/")), "{:?}", seen.brought());
    let passed = seen.audit["coverage"]["passed_over"].to_string();
    assert!(passed.contains("sub/"), "{passed}");
}

#[test]
fn what_is_staged_is_judged_and_what_is_not_is_not() {
    let repo = with("staged", &[("Dockerfile", FETCHING)]);
    repo.write(WORKFLOW, PUSHING);
    repo.git(&["add", WORKFLOW]);
    repo.write(WORKFLOW, "on: push\n").write("requirements.txt", "flask\n");
    let seen = repo.gate(&["--staged"]);
    assert!(seen.list(&["new"]).contains(&format!("new unpinned-action {WORKFLOW}")), "{:?}", seen.brought());
    assert!(!seen.brought().iter().any(|l| l.contains("requirements.txt")));
    assert_eq!(seen.code, 1);
}

#[test]
fn replacements_and_the_work_tree_change_nothing() {
    let repo = with("replace", &[(WORKFLOW, "on: push\n")]);
    repo.write(WORKFLOW, PUSHING).commit();
    let (base, head) = (repo.git(&["rev-parse", "HEAD^"]), repo.git(&["rev-parse", "HEAD"]));
    let wanted = repo.gate(&["--base", "HEAD^"]).brought();
    repo.git(&["replace", "-f", &base, &head]);
    repo.write(WORKFLOW, "on: push\n").write(".git/info/grafts", &format!("{head}\n"));
    assert_eq!(repo.gate(&["--base", "HEAD^"]).brought(), wanted);
    assert!(!wanted.is_empty());
}

#[test]
fn a_role_is_not_lost_by_moving_a_file_aside() {
    let repo = with("aside", &[("Dockerfile", FETCHING), (".github/workflows/ci.yml", "on: push\n")]);
    repo.rename("Dockerfile", "examples/Dockerfile").commit();
    let seen = repo.gate(&["--base", "HEAD^", "--gate", "all"]);
    let finding = |f: &&Value| f["path"] == "examples/Dockerfile" && f["rule"] == "fetch-to-interpreter";
    let found = seen.audit["findings"].as_array().unwrap().iter().find(finding).cloned().expect("the finding");
    assert_eq!((found["role"].as_str(), found["state"].as_str()), (Some("product"), Some("existing")));
}

#[test]
fn a_new_file_is_not_lighter_for_the_name_of_its_folder() {
    let repo = with("new_aside", &[("README.md", "# app\n")]);
    repo.write("examples/Dockerfile", FETCHING).commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    let found = |audit: &Value| {
        let all = audit["findings"].as_array().expect("findings").clone();
        let found = all.into_iter().find(|f| f["rule"] == "fetch-to-interpreter").expect("the finding");
        (found["role"].clone(), found["decision"].clone())
    };
    assert_eq!(found(&seen.audit), ("product".into(), "advise".into()));
    let plain: Value = serde_json::from_slice(&repo.run(&["--format", "json"]).stdout).expect("an audit");
    assert_eq!(found(&plain), ("example".into(), "note".into()), "without a change to judge it is an example");
}

#[test]
fn a_gap_that_was_there_does_not_fail_a_change_and_one_that_comes_does() {
    let broken = "on: push\njobs:\n  a: [\n";
    let repo = with("gap", &[(".github/workflows/a.yml", broken), ("Dockerfile", "FROM scratch\n")]);
    repo.write("README.md", "# app\n").commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    assert_eq!(seen.code, 0, "{}", seen.audit["coverage"]);
    repo.write(".github/workflows/a.yml", &format!("{broken}# more\n")).commit();
    assert_eq!(repo.gate(&["--base", "HEAD^"]).code, 3, "touched");
    repo.write(".github/workflows/b.yml", broken).commit();
    assert_eq!(repo.gate(&["--base", "HEAD^"]).code, 3, "brought");
}

#[test]
fn the_next_release_of_what_may_move_anyway_brings_nothing_where_its_job_holds_secrets() {
    let repo = with("bump_beside_secrets", &[(WORKFLOW, PUSHING)]);
    repo.write(WORKFLOW, &PUSHING.replace("upload@v1", "upload@v2")).commit();
    let seen = repo.gate(&["--base", "HEAD^"]);
    assert_eq!((seen.brought(), seen.code), (Vec::<String>::new(), 0));
}
