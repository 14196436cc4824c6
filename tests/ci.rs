//! `cargo-custody ci` as services start it, on small repositories that git made.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "the tests make repositories, start the program and read what it wrote"
)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A package that nothing is to be said of.
const CLEAN: &[(&str, &str)] = &[
    ("Cargo.toml", "[package]\nname = \"example\"\nversion = \"0.1.0\"\nedition = \"2024\"\nlicense = \"MIT\"\n"),
    ("Cargo.lock", "version = 4\n\n[[package]]\nname = \"example\"\nversion = \"0.1.0\"\n"),
    ("src/lib.rs", "//! An example.\n"),
];

/// A workflow that runs a stranger's code with the secrets of the repository.
const EVIL: (&str, &str) = (
    ".github/workflows/evil.yml",
    "on: pull_request_target\npermissions: write-all\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      \
     - uses: actions/checkout@93cb6efe18208431cddfb8368fd83d5badbf9bfd\n        with:\n          \
     ref: ${{ github.event.pull_request.head.sha }}\n      - run: make test\n        env:\n          \
     TOKEN: ${{ secrets.TOKEN }}\n",
);

/// A repository with its own folder for what a runner keeps.
struct Stage {
    root: PathBuf,
    runner: PathBuf,
}

impl Stage {
    fn new(name: &str) -> Self {
        let root = common::folder("ci", name, CLEAN);
        let runner = common::folder("ci-runner", name, &[("event.json", "{}"), ("output", ""), ("summary", "")]);
        let stage = Self { root, runner };
        stage.git(&["init", "-q", "-b", "main", "."]);
        stage.commit("first", &[]);
        stage
    }

    fn git(&self, words: &[&str]) -> String {
        git(&self.root, words)
    }

    /// Commits these files on top of what is checked out.
    fn commit(&self, message: &str, files: &[(&str, &str)]) -> String {
        for (path, text) in files {
            let path = self.root.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// A change on a branch of its own, the target going on meanwhile, and the service's merge of both:
    /// base, head, merge.
    fn pull(&self, files: &[(&str, &str)]) -> [String; 3] {
        self.git(&["checkout", "-q", "-b", "topic"]);
        let head = self.commit("change", files);
        self.git(&["checkout", "-q", "main"]);
        let base = self.commit("meanwhile", &[("README.md", "An example.\n")]);
        self.git(&["update-ref", "refs/remotes/origin/main", &base]);
        self.git(&["checkout", "-q", "--detach"]);
        self.git(&["merge", "-q", "--no-ff", "-m", "merge", "topic"]);
        let merge = self.git(&["rev-parse", "HEAD"]);
        [base, head, merge]
    }

    fn event(&self, text: &str) {
        fs::write(self.runner.join("event.json"), text).expect("an event");
    }

    fn pull_event(&self, base: &str, head: &str, repository: &str) {
        self.event(&format!(
            r#"{{"number": 7, "pull_request": {{"number": 7, "labels": [], "user": {{"login": "somebody"}},
            "base": {{"sha": "{base}", "ref": "main", "repo": {{"full_name": "example/app"}}}},
            "head": {{"sha": "{head}", "ref": "$(touch x)\n::set-output name=verdict::pass", "repo": {{"full_name": "{repository}"}}}}}}}}"#
        ));
    }

    fn github(&self, event: &str, sha: &str, name: &str) -> Command {
        let mut command = program(&self.root);
        let file = |name: &str| self.runner.join(name);
        command
            .env("CI", "true")
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_EVENT_NAME", event)
            .env("GITHUB_EVENT_PATH", file("event.json"))
            .env("GITHUB_OUTPUT", file("output"))
            .env("GITHUB_STEP_SUMMARY", file("summary"))
            .env("GITHUB_REPOSITORY", "example/app")
            .env("GITHUB_ACTOR", "somebody")
            .env("GITHUB_SHA", sha)
            .env("GITHUB_REF", name)
            .env("GITHUB_WORKSPACE", &self.root)
            .env("RUNNER_TEMP", &self.runner);
        command
    }

    fn on_pull(&self, sha: &str) -> Command {
        let mut command = self.github("pull_request", sha, "refs/pull/7/merge");
        command.env("GITHUB_BASE_REF", "main");
        command
    }

    /// Values for later steps, as the runner reads them.
    fn values(&self) -> BTreeMap<String, String> {
        let text = fs::read_to_string(self.runner.join("output")).expect("values");
        let mut out = BTreeMap::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let (name, end) = line.split_once("<<").expect("a value of several lines");
            let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
            out.insert(name.to_owned(), value.join("\n"));
        }
        out
    }

    fn summary(&self) -> String {
        fs::read_to_string(self.runner.join("summary")).expect("a summary")
    }
}

fn git(root: &Path, words: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(root)
        .args(["-c", "user.name=Example", "-c", "user.email=example@example.com", "-c", "commit.gpgsign=false"])
        .args(["-c", "protocol.file.allow=always"])
        .args(words)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .expect("git starts");
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

fn program(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-custody"));
    command.current_dir(directory).env_clear().env("SOURCE_DATE_EPOCH", "1795392000").arg("ci");
    command
}

fn run(mut command: Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (status.code().expect("an exit code"), text(stdout), text(stderr))
}

#[test]
fn a_pull_request_is_compared_with_the_first_parent() {
    let stage = Stage::new("pull");
    let [base, head, merge] = stage.pull(&[EVIL]);
    stage.pull_event(&base, &head, "example/app");
    let (code, out, err) = run(stage.on_pull(&merge));
    assert_eq!(code, 1, "{out}\n{err}");
    assert!(err.is_empty(), "{err}");
    let values = stage.values();
    assert_eq!(values["verdict"], "fail");
    assert_eq!(values["complete"], "true");
    assert_eq!((values["base"].as_str(), values["head"].as_str()), (base.as_str(), merge.as_str()));
    assert_ne!(values["block"], "0");
    assert_eq!(values["can-upload"], "true");
    // Annotations in the log, nothing of the branch's name anywhere.
    assert!(out.lines().any(|line| line.starts_with("::error file=.github/workflows/evil.yml,line=")), "{out}");
    assert!(!out.contains("touch x") && !out.contains("set-output"), "{out}");
    // What was there before is not told of, and the change's own state is.
    assert_ne!(values["new"], "0");
    // Reports in the runner's folder, and nowhere else.
    for name in ["sarif", "json", "summary", "comment"] {
        let file = PathBuf::from(&values[name]);
        assert_eq!(file.parent(), Some(stage.runner.join("custody").as_path()), "{name}");
        assert!(file.metadata().expect("a report").len() > 100, "{name}");
    }
    let comment = fs::read_to_string(&values["comment"]).expect("a comment");
    assert!(comment.starts_with("<!-- cargo-custody:comment -->\n## "), "{comment}");
    assert!(stage.summary().contains("evil.yml"));
    assert_eq!(stage.git(&["status", "--porcelain"]), "");
}

#[test]
fn what_was_there_before_fails_nobody_else_s_change() {
    let stage = Stage::new("old");
    stage.commit("old", &[EVIL]);
    let [base, head, merge] = stage.pull(&[("src/more.rs", "//! More.\n")]);
    stage.pull_event(&base, &head, "example/app");
    let (code, out, err) = run(stage.on_pull(&merge));
    assert_eq!(code, 0, "{out}\n{err}");
    let values = stage.values();
    assert_eq!((values["verdict"].as_str(), values["new"].as_str()), ("pass", "0"));
    assert_ne!(values["existing"], "0");
    assert!(!out.lines().any(|line| line.starts_with("::error")), "{out}");
    // All of it counts where that is asked for, and on a schedule.
    let mut command = stage.on_pull(&merge);
    command.args(["--gate", "all"]);
    assert_eq!(run(command).0, 1);
    assert_eq!(run(stage.github("schedule", &merge, "refs/heads/main")).0, 1);
}

#[test]
fn forks_and_dependabot_are_judged_the_same() {
    for (name, repository, actor) in [("fork", "stranger/app", "stranger"), ("bot", "example/app", "dependabot[bot]")] {
        let stage = Stage::new(name);
        let [base, head, merge] = stage.pull(&[EVIL]);
        stage.pull_event(&base, &head, repository);
        let mut command = stage.on_pull(&merge);
        command.env("GITHUB_ACTOR", actor);
        let (code, out, err) = run(command);
        assert_eq!(code, 1, "{out}\n{err}");
        let values = stage.values();
        assert_eq!((values["verdict"].as_str(), values["can-upload"].as_str()), ("fail", "false"));
        assert_eq!(values["base"], base);
    }
}

#[test]
fn a_shallow_clone_ends_incomplete_and_two_commits_are_enough() {
    let stage = Stage::new("shallow");
    let [base, head, merge] = stage.pull(&[("src/more.rs", "//! More.\n")]);
    stage.git(&["branch", "-q", "merged"]);
    stage.pull_event(&base, &head, "example/app");
    for (depth, works) in [("1", false), ("2", true)] {
        let clone = stage.runner.join(format!("clone{depth}"));
        let from = format!("file://{}", stage.root.display());
        let to = clone.display().to_string();
        git(&stage.runner, &["clone", "-q", "--depth", depth, "--branch", "merged", &from, &to]);
        git(&clone, &["checkout", "-q", "--detach"]);
        git(&clone, &["update-ref", "-d", "refs/heads/merged"]);
        git(&clone, &["update-ref", "-d", "refs/remotes/origin/merged"]);
        fs::write(stage.runner.join("output"), "").expect("an empty file");
        let mut command = stage.on_pull(&merge);
        command.current_dir(&clone);
        let (code, out, err) = run(command);
        let values = stage.values();
        if works {
            assert_eq!(code, 0, "{out}\n{err}");
            assert_eq!((values["verdict"].as_str(), values["base"].as_str()), ("pass", base.as_str()));
        } else {
            assert_eq!(code, 3, "{out}\n{err}");
            assert!(err.starts_with("error: the clone is shallow") && err.contains("`fetch-depth: 2`"), "{err}");
            assert!(out.starts_with("::error title=cargo-custody%3A nothing judged::the clone is shallow"), "{out}");
            assert_eq!((values["verdict"].as_str(), values["complete"].as_str()), ("incomplete", "false"));
            assert!(!values.contains_key("new") && !values.contains_key("sarif"));
            assert!(stage.summary().contains("Nothing was judged"));
        }
    }
}

#[test]
fn the_author_s_merge_commit_does_not_choose_the_base() {
    let stage = Stage::new("crafted");
    let first = stage.git(&["rev-parse", "HEAD"]);
    stage.git(&["update-ref", "refs/remotes/origin/main", &first]);
    stage.git(&["checkout", "-q", "-b", "evil"]);
    let evil = stage.commit("evil", &[EVIL]);
    // A merge whose first parent holds the evil file already.
    stage.git(&["checkout", "-q", "-b", "topic"]);
    stage.git(&["merge", "-q", "-s", "ours", "--no-ff", "-m", "nothing to see", "main", "--allow-unrelated-histories"]);
    let tree = stage.git(&["rev-parse", "HEAD^{tree}"]);
    let crafted = stage.git(&["commit-tree", &tree, "-p", &evil, "-p", &first, "-m", "crafted"]);
    stage.git(&["checkout", "-q", "--detach", &crafted]);
    stage.pull_event(&first, &crafted, "stranger/app");
    // A workflow that checks out the head of the change.
    let (code, out, err) = run(stage.on_pull(&"d".repeat(40)));
    assert_eq!(code, 1, "{out}\n{err}");
    assert_eq!(stage.values()["base"], first);
}

#[test]
fn pushes_queues_and_schedules() {
    let stage = Stage::new("push");
    let before = stage.git(&["rev-parse", "HEAD"]);
    let after = stage.commit("second", &[("src/more.rs", "//! More.\n")]);
    stage.event(&format!(r#"{{"before": "{before}", "repository": {{"default_branch": "main"}}}}"#));
    let (code, out, err) = run(stage.github("push", &after, "refs/heads/main"));
    assert_eq!(code, 0, "{out}\n{err}");
    assert_eq!((stage.values()["base"].as_str(), stage.values()["head"].as_str()), (before.as_str(), after.as_str()));

    stage.event(&format!(r#"{{"merge_group": {{"base_sha": "{before}", "base_ref": "refs/heads/main"}}}}"#));
    let (code, _, err) = run(stage.github("merge_group", &after, "refs/heads/gh-readonly-queue/main/pr-7"));
    assert_eq!((code, stage.values()["base"].as_str()), (0, before.as_str()), "{err}");

    for event in ["schedule", "workflow_dispatch"] {
        stage.event("{}");
        let (code, _, err) = run(stage.github(event, &after, "refs/heads/main"));
        assert_eq!((code, stage.values()["base"].as_str()), (0, ""), "{event}: {err}");
        assert_eq!(stage.values()["head"], after);
    }
    // What was there before is gone.
    stage.event(&format!(
        r#"{{"before": "{}", "forced": true, "repository": {{"default_branch": "main"}}}}"#,
        "a".repeat(40)
    ));
    let (code, _, err) = run(stage.github("push", &after, "refs/heads/main"));
    assert_eq!(code, 3, "{err}");
    // All that is there can be judged all the same, where that is asked for.
    let mut command = stage.github("push", &after, "refs/heads/main");
    command.args(["--gate", "all"]);
    assert_eq!(run(command).0, 0);
}

#[test]
fn a_schedule_has_no_base_for_a_gate_on_news() {
    let stage = Stage::new("schedule");
    let mut command = stage.github("schedule", &stage.git(&["rev-parse", "HEAD"]), "refs/heads/main");
    command.args(["--gate", "new"]);
    let (code, _, err) = run(command);
    assert_eq!(code, 3);
    assert!(err.contains("name the base with --base"), "{err}");
}

/// On a schedule everything counts whatever the baseline says, unless the policy says otherwise.
#[test]
fn a_schedule_heeds_a_baseline_where_the_policy_says_so() {
    let stage = Stage::new("schedule-baseline");
    stage.commit("old", &[EVIL]);
    let plain = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-custody"));
        command.current_dir(&stage.root).env_clear().env("SOURCE_DATE_EPOCH", "1795392000").args(words);
        run(command)
    };
    let (code, _, err) = plain(&["audit", "--gate", "new"]);
    assert_eq!((code, err.contains("nothing to compare with")), (2, true), "{err}");
    assert_eq!(plain(&["baseline", "write"]).0, 0);
    assert_eq!(plain(&["audit", "--gate", "new", "--baseline", "custody-baseline.json"]).0, 0);
    for (policy, words, wanted) in [
        ("", [].as_slice(), 1),
        ("on-schedule = \"new\"\n", &[], 0),
        ("on-schedule = \"new\"\n", &["--gate", "all"], 1),
        ("", &["--gate", "new"], 0),
    ] {
        let policy = format!("[gate]\nbaseline = \"custody-baseline.json\"\n{policy}");
        let sha = stage.commit("policy", &[("custody.toml", &policy)]);
        let mut command = stage.github("schedule", &sha, "refs/heads/main");
        command.args(words);
        let (code, out, err) = run(command);
        assert_eq!(code, wanted, "{policy} {words:?} {out}\n{err}");
    }
    // With nothing that says what is old, everything is new.
    let sha = stage.commit("policy", &[("custody.toml", "[gate]\non-schedule = \"new\"\n")]);
    let (code, out, err) = run(stage.github("schedule", &sha, "refs/heads/main"));
    assert_eq!(code, 1, "{out}\n{err}");
}

/// The checkout of a change holds the change's own baseline.
#[test]
fn a_baseline_stands_in_for_no_base_of_a_change() {
    let stage = Stage::new("baseline");
    let [base, head, merge] = stage.pull(&[EVIL]);
    stage.pull_event(&base, &head, "example/app");
    let mut command = stage.on_pull(&merge);
    command.args(["--baseline", "custody-baseline.json"]);
    let (code, _, err) = run(command);
    assert_eq!((code, err.contains("--baseline is not heeded")), (1, true), "{err}");
}

/// What could not be read before either is no change's doing, and still was not read.
#[test]
fn a_gate_on_everything_counts_every_gap() {
    let stage = Stage::new("gaps");
    stage.commit("broken", &[(".github/workflows/broken.yml", "on: push\njobs: [\n")]);
    let [base, head, merge] = stage.pull(&[("src/more.rs", "//! More.\n")]);
    stage.pull_event(&base, &head, "example/app");
    for (words, wanted) in [([].as_slice(), 0), (&["--gate", "all"], 3)] {
        let mut command = stage.on_pull(&merge);
        command.args(words);
        let (code, out, err) = run(command);
        assert_eq!(code, wanted, "{words:?} {out}\n{err}");
    }
}

/// A label stays through a push, so it counts in the run that its putting sets off and in no later one.
#[test]
fn a_label_counts_once() {
    let stage = Stage::new("label");
    let [base, head, merge] = stage.pull(&[EVIL]);
    for (action, moved, wanted) in [
        ("labeled", "custody-break-glass", 0),
        ("labeled", "size/M", 1),
        ("reopened", "", 1),
        ("synchronize", "", 1),
        ("opened", "", 0),
    ] {
        stage.event(&format!(
            r#"{{"number": 7, "action": "{action}", "label": {{"name": "{moved}"}}, "pull_request": {{"number": 7,
            "body": "custody-break-glass: an outage", "labels": [{{"name": "custody-break-glass"}}],
            "base": {{"sha": "{base}", "ref": "main", "repo": {{"full_name": "example/app"}}}},
            "head": {{"sha": "{head}", "ref": "topic", "repo": {{"full_name": "example/app"}}}}}}}}"#
        ));
        let (code, out, err) = run(stage.on_pull(&merge));
        assert_eq!(code, wanted, "{action} {moved} {out}\n{err}");
        assert_eq!(out.contains("FORCED OPEN by label custody-break-glass on pull request 7: an outage"), wanted == 0);
    }
}

/// A later run replaces the comment only where it finds it.
#[test]
fn the_documentation_looks_for_the_mark_that_comments_have() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/github.md")).expect("a page");
    let wanted = format!("startswith(\"{}\")", cargo_custody::report::COMMENT_MARKER);
    assert!(page.contains(&wanted), "{wanted}");
}

#[test]
fn the_target_of_a_pull_request_is_not_its_change() {
    let stage = Stage::new("target");
    let [base, head, _] = stage.pull(&[EVIL]);
    stage.pull_event(&base, &head, "stranger/app");
    stage.git(&["checkout", "-q", "--detach", &base]);
    let command = || {
        let mut command = stage.github("pull_request_target", &base, "refs/heads/main");
        command.env("GITHUB_BASE_REF", "main");
        command
    };
    let (code, _, err) = run(command());
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("nothing of the change"), "{err}");
    assert!(stage.summary().contains("pull\\_request\\_target"), "{}", stage.summary());
    let mut everything = command();
    everything.args(["--gate", "all"]);
    assert_eq!(run(everything).0, 3, "all that is there is not the change");
}

#[test]
fn reporting_alone_fails_nothing_and_says_so() {
    let stage = Stage::new("no-fail");
    let [base, head, merge] = stage.pull(&[EVIL]);
    stage.pull_event(&base, &head, "example/app");
    let mut command = stage.on_pull(&merge);
    command.arg("--no-fail");
    let (code, _, err) = run(command);
    assert_eq!(code, 0);
    assert!(err.contains("the verdict is fail; the exit code is 0 because of --no-fail"), "{err}");
    assert_eq!(stage.values()["verdict"], "fail");
}

#[test]
#[cfg(unix)]
fn links_are_not_written_through() {
    let stage = Stage::new("links");
    let head = stage.git(&["rev-parse", "HEAD"]);
    let precious = stage.runner.join("precious");
    fs::create_dir_all(&precious).expect("a folder");
    fs::write(precious.join("file"), "kept").expect("a file");
    let link = |name: &str, to: &Path| {
        let from = stage.runner.join(name);
        let _ = fs::remove_file(&from);
        std::os::unix::fs::symlink(to, from).expect("a link");
    };
    for (name, to) in
        [("output", precious.join("file")), ("summary", precious.join("file")), ("custody", precious.clone())]
    {
        let file = stage.runner.join(name);
        let _ = fs::remove_file(&file);
        let _ = fs::remove_dir_all(&file);
        link(name, &to);
        let (code, _, err) = run(stage.github("schedule", &head, "refs/heads/main"));
        assert_eq!(code, 2, "{name}: {err}");
        assert!(err.contains("is a link and is not written through"), "{name}: {err}");
        fs::remove_file(&file).expect("the link");
        if name != "custody" {
            fs::write(&file, "").expect("a file");
        }
    }
    assert_eq!(fs::read_to_string(precious.join("file")).expect("a file"), "kept");
    assert_eq!(fs::read_dir(&precious).expect("a folder").count(), 1);
}

#[test]
fn a_full_page_keeps_the_verdict() {
    let stage = Stage::new("page");
    let [base, head, merge] = stage.pull(&[EVIL]);
    stage.pull_event(&base, &head, "example/app");
    for (left, wanted) in [(1500, "The full report is too long"), (200, "cargo-custody: fail ("), (20, "")] {
        let size = (1 << 20) - left;
        fs::write(stage.runner.join("summary"), "x".repeat(size)).expect("a page");
        assert_eq!(run(stage.on_pull(&merge)).0, 1);
        let page = stage.summary();
        assert!(page.len() < 1 << 20, "{}", page.len());
        assert!(page[size..].contains(wanted), "{}", &page[size..]);
        assert_eq!(page.len() == size, wanted.is_empty());
    }
}

#[test]
fn reports_go_where_a_person_wants_them() {
    let stage = Stage::new("outputs");
    let [base, head, merge] = stage.pull(&[EVIL]);
    stage.pull_event(&base, &head, "example/app");
    let (sarif, folder) = (stage.runner.join("my.sarif"), stage.runner.join("elsewhere"));
    let mut command = stage.on_pull(&merge);
    command.arg("--output").arg(format!("code-scanning={}", sarif.display())).arg("--report-dir").arg(&folder);
    let (code, out, _) = run(command);
    assert_eq!(code, 1);
    assert!(out.contains("\n::error "), "{out}");
    let values = stage.values();
    assert_eq!(PathBuf::from(&values["sarif"]), sarif);
    assert!(sarif.is_file() && !folder.join("custody.sarif").exists());
    assert_eq!(PathBuf::from(&values["json"]), folder.join("custody.json"));
    assert!(!stage.runner.join("custody").exists());
    // Who takes standard output has it alone.
    let mut command = stage.on_pull(&merge);
    command.args(["--format", "json"]);
    let (_, out, _) = run(command);
    serde_json::from_str::<serde_json::Value>(&out).expect("JSON and nothing else");
}

#[test]
fn a_neutral_folder_judges_the_workspace() {
    let stage = Stage::new("neutral");
    let head = stage.git(&["rev-parse", "HEAD"]);
    let neutral = Path::new("/").to_path_buf();
    let mut command = stage.github("schedule", &head, "refs/heads/main");
    command.current_dir(&neutral);
    let (code, out, err) = run(command);
    assert_eq!(code, 0, "{out}\n{err}");
    assert_eq!(stage.values()["head"], head);
}

#[test]
fn gitlab_gets_its_reports() {
    let stage = Stage::new("gitlab");
    let [base, head, merge] = stage.pull(&[EVIL]);
    let mut command = program(&stage.root);
    command
        .env("GITLAB_CI", "true")
        .env("CI_PIPELINE_SOURCE", "merge_request_event")
        .env("CI_MERGE_REQUEST_IID", "7")
        .env("CI_MERGE_REQUEST_EVENT_TYPE", "merged_result")
        .env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main")
        .env("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", &head)
        .env("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", &base)
        .env("CI_COMMIT_SHA", &merge)
        .env("CI_PROJECT_DIR", &stage.root);
    let (code, out, err) = run(command);
    assert_eq!(code, 1, "{out}\n{err}");
    assert!(out.starts_with("\u{1b}[0Ksection_start:1795392000:cargo_custody"), "{out}");
    assert!(!out.contains("::error"), "{out}");
    let text = fs::read_to_string(stage.root.join("custody-reports/custody.json")).expect("a report");
    let audit: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(audit["gate"]["base"]["commit"], base.as_str());
    assert_eq!(audit["gate"]["base"]["how"], "first parent of the merge commit");
    for name in ["gl-code-quality-report.json", "gl-dependency-scanning-report.json", "junit.xml"] {
        assert!(stage.root.join("custody-reports").join(name).is_file(), "{name}");
    }
}

#[test]
fn a_person_s_branch_is_compared_with_where_it_began() {
    let stage = Stage::new("local");
    let first = stage.git(&["rev-parse", "HEAD"]);
    stage.git(&["checkout", "-q", "-b", "topic"]);
    stage.commit("change", &[("src/more.rs", "//! More.\n")]);
    let mut command = program(&stage.root);
    command.args(["--format", "json"]);
    let (code, out, err) = run(command);
    assert_eq!(code, 0, "{out}\n{err}");
    let audit: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(audit["gate"]["base"]["commit"], first.as_str());
    // A base that is mistyped is no empty base.
    let mut command = program(&stage.root);
    command.args(["--base", "mian"]);
    let (code, _, err) = run(command);
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("mian"), "{err}");
    // Outside a repository there is nothing to compare with.
    let bare = std::env::temp_dir().join("cargo-custody-without-repository");
    fs::create_dir_all(&bare).expect("a folder");
    let mut command = program(&bare);
    command.arg(&bare);
    let (code, _, err) = run(command);
    assert_eq!((code, err.contains("there is no repository of git here")), (3, true), "{err}");
}

/// A folder that the change brings has nothing before it, and one that nobody has is a slip.
#[test]
fn a_folder_may_be_new() {
    let stage = Stage::new("folder");
    let evil = format!("service/{}", EVIL.0);
    let [base, head, merge] = stage.pull(&[("service/Dockerfile", "FROM scratch\n"), (&evil, EVIL.1)]);
    stage.pull_event(&base, &head, "example/app");
    for (folder, wanted) in [("service", 1), ("servcie", 2)] {
        let mut command = stage.on_pull(&merge);
        command.arg(folder);
        let (code, out, err) = run(command);
        assert_eq!(code, wanted, "{folder} {out}\n{err}");
    }
}
