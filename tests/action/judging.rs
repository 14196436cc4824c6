//! The action with the program itself, on small repositories with traps in them: what each event comes to.

use std::fs;

use serde_json::{Value, json};

use crate::runner::{Call, Outcome, Step, run};
use crate::sandbox::{Sandbox, git};

/// A workflow in which a stranger's commit is run beside a secret.
const BAD: &str = include_str!("../fixtures/llm-service/.github/workflows/preview.yml");
/// A branch's name as somebody who wants a shell would choose it.
const BRANCH: &str = "$(touch${IFS}pwned);`id`\"'::error::x";

/// A repository whose main branch holds a fault already, with a change on top; the merge commit is checked out as
/// GitHub does.
struct Change {
    sandbox: Sandbox,
    base: String,
    head: String,
    merged: String,
}

impl Change {
    fn new(name: &str, files: &[(&str, &str)]) -> Option<Self> {
        let sandbox = Sandbox::new(name)?;
        sandbox.git(&["init", "-q"]);
        sandbox.lay_traps();
        sandbox.write("workspace/Makefile", "evaluate:\n\ttrue\n");
        sandbox.write("workspace/.github/workflows/old.yml", BAD);
        sandbox.write("workspace/services/api/Makefile", "all:\n\ttrue\n");
        sandbox.git(&["add", "-A"]);
        sandbox.git(&["commit", "-q", "-m", "base"]);
        let base = sandbox.git(&["rev-parse", "HEAD"]);
        sandbox.git(&["checkout", "-q", "-b", "feature"]);
        for (path, text) in files {
            sandbox.write(&format!("workspace/{path}"), text);
        }
        sandbox.git(&["add", "-A"]);
        sandbox.git(&["commit", "-q", "-m", "change"]);
        let head = sandbox.git(&["rev-parse", "HEAD"]);
        sandbox.git(&["checkout", "-q", "--detach", &base]);
        sandbox.git(&["merge", "-q", "--no-ff", "-m", "merge", &head]);
        let merged = sandbox.git(&["rev-parse", "HEAD"]);
        Some(Self { sandbox, base, head, merged })
    }

    fn pull_request(&self, from: &str, by: &str) -> Value {
        json!({
            "action": "synchronize",
            "number": 7,
            "repository": { "full_name": "example/service", "default_branch": "main" },
            "pull_request": {
                "number": 7,
                "user": { "login": by },
                "head": { "ref": BRANCH, "sha": self.head, "repo": { "full_name": from } },
                "base": { "ref": "main", "sha": self.base, "repo": { "full_name": "example/service" } },
                "labels": [],
            },
        })
    }

    /// Runs the action, and checks that nothing but the temporary folder changed and that no trap went off.
    fn judged(&self, event: &'static str, name: &str, payload: Value, inputs: &[(&'static str, &str)]) -> Outcome {
        let by = payload["pull_request"]["user"]["login"].as_str().unwrap_or("somebody").to_owned();
        let program = env!("CARGO_BIN_EXE_cargo-custody").to_owned();
        let mut call = Call { inputs: vec![("binary-path", program)], event, payload, ..Call::default() };
        call.inputs.extend(inputs.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let sha = self.sandbox.git(&["rev-parse", "HEAD"]);
        call.variables = [
            ("GITHUB_SHA", sha.as_str()),
            ("GITHUB_REF", name),
            ("GITHUB_HEAD_REF", BRANCH),
            ("GITHUB_BASE_REF", if event == "pull_request" { "main" } else { "" }),
            ("GITHUB_ACTOR", by.as_str()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        let before = self.sandbox.untouchable();
        let outcome = run(&self.sandbox, &call);
        assert_eq!(before, self.sandbox.untouchable(), "{event}: something outside the temporary folder changed");
        assert_eq!(self.sandbox.trapped(), None, "{event}");
        assert!(!self.sandbox.temp().join("cargo-custody/neutral/pwned").exists());
        let (code, said) = outcome.script("Audit");
        assert!(!said.lines().any(|line| line.starts_with("::error::x")), "{said}");
        assert!(code != 101 && code != 2, "{event}: {said}");
        outcome
    }
}

/// What stands in the reports of a run.
#[track_caller]
fn expect(outcome: &Outcome, what: &str, code: i32, verdict: &str, new: &str) {
    let (actual, said) = outcome.script("Audit");
    assert_eq!(actual, code, "{what}: {said}");
    assert_eq!(outcome.outputs["verdict"], verdict, "{what}: {said}");
    assert_eq!(outcome.outputs["new"], new, "{what}: {said}");
    assert!(!outcome.summary.is_empty(), "{what}: there is no summary");
    for report in ["sarif", "json", "comment"] {
        let text = fs::read_to_string(&outcome.outputs[report]);
        let text = text.unwrap_or_else(|e| panic!("{what}: {report} `{}`: {e}", outcome.outputs[report]));
        assert!(!text.is_empty(), "{what}: {report}");
    }
}

#[test]
fn pull_requests_answer_for_what_they_bring_whoever_opens_them() {
    for (from, by, may_upload) in [
        ("example/service", "somebody", true),
        ("stranger/service", "stranger", false),
        ("example/service", "dependabot[bot]", false),
    ] {
        let Some(change) = Change::new("harmless", &[("README.md", "hello\n")]) else { return };
        let asked = [("sarif", "auto")];
        let outcome = change.judged("pull_request", "refs/pull/7/merge", change.pull_request(from, by), &asked);
        expect(&outcome, by, 0, "pass", "0");
        assert_eq!(*outcome.step("Upload SARIF") != Step::Skipped, may_upload, "{by}");
        assert_ne!(outcome.outputs["existing"], "0", "{by}: the fault of the base is not told");
        assert_eq!(outcome.outputs["base"], change.base, "{by}");
        assert_eq!(outcome.outputs["head"], change.merged, "{by}");

        let Some(change) = Change::new("harmful", &[(".github/workflows/new.yml", BAD)]) else { return };
        let outcome = change.judged("pull_request", "refs/pull/7/merge", change.pull_request(from, by), &[]);
        let (code, said) = outcome.script("Audit");
        assert_eq!((code, outcome.outputs["verdict"].as_str()), (1, "fail"), "{by}: {said}");
        assert_ne!(outcome.outputs["new"], "0", "{by}");
        assert!(said.contains("::error"), "{by}: there is no annotation\n{said}");

        let outcome =
            change.judged("pull_request", "refs/pull/7/merge", change.pull_request(from, by), &[("no-fail", "true")]);
        assert_eq!((outcome.script("Audit").0, outcome.outputs["verdict"].as_str()), (0, "fail"), "{by}");
    }
}

#[test]
fn merge_groups_pushes_and_schedules() {
    let Some(change) = Change::new("others", &[("README.md", "hello\n")]) else { return };
    let queue = json!({ "merge_group": { "base_sha": change.base, "head_sha": change.merged } });
    let name = "refs/heads/gh-readonly-queue/main/pr-7-x";
    expect(&change.judged("merge_group", name, queue, &[]), "merge group", 0, "pass", "0");
    let push = json!({ "before": change.base, "after": change.merged, "ref": "refs/heads/main" });
    expect(&change.judged("push", "refs/heads/main", push.clone(), &[]), "push", 0, "pass", "0");
    let named = [("base", change.base.as_str()), ("gate", "new")];
    expect(&change.judged("workflow_dispatch", "refs/heads/main", json!({}), &named), "base", 0, "pass", "0");

    // Everything is judged, the fault of the base with it.
    for (event, payload, inputs) in [
        ("schedule", json!({ "schedule": "17 5 * * 1" }), &[][..]),
        ("workflow_dispatch", json!({}), &[]),
        ("push", push, &[("gate", "all")]),
    ] {
        let outcome = change.judged(event, "refs/heads/main", payload, inputs);
        let (code, said) = outcome.script("Audit");
        assert_eq!((code, outcome.outputs["verdict"].as_str()), (1, "fail"), "{event}: {said}");
    }
}

#[test]
fn a_shallow_clone_is_incomplete_and_says_what_helps() {
    let Some(change) = Change::new("shallow", &[("README.md", "hello\n")]) else { return };
    let payload = change.pull_request("example/service", "somebody");
    let workspace = change.sandbox.workspace();
    let deep = workspace.with_file_name("deep");
    fs::rename(&workspace, &deep).expect("a folder");
    let from = format!("file://{}", deep.display());
    let to = workspace.to_string_lossy().into_owned();
    let clone = |depth: &str| {
        let _ = fs::remove_dir_all(&workspace);
        git(&deep, &["clone", "-q", "--depth", depth, &from, &to]);
    };
    git(&deep, &["checkout", "-q", "-B", "main", &change.merged]);
    clone("1");
    let outcome = change.judged("pull_request", "refs/pull/7/merge", payload.clone(), &[]);
    let (code, said) = outcome.script("Audit");
    assert_eq!((code, outcome.outputs["verdict"].as_str()), (3, "incomplete"), "{said}");
    assert!(said.contains("fetch-depth: 2"), "{said}");

    clone("2");
    let outcome = change.judged("pull_request", "refs/pull/7/merge", payload, &[]);
    expect(&outcome, "depth 2", 0, "pass", "0");
}

#[test]
fn a_folder_of_the_workspace_can_be_audited_alone() {
    let Some(change) = Change::new("folder", &[("services/api/README.md", "hello\n")]) else { return };
    let payload = change.pull_request("example/service", "somebody");
    let outcome = change.judged("pull_request", "refs/pull/7/merge", payload, &[("path", "services/api")]);
    let (code, said) = outcome.script("Audit");
    assert_eq!((code, outcome.outputs["verdict"].as_str()), (0, "pass"), "{said}");
    assert_eq!(outcome.outputs["base"], change.base, "{said}");
    assert_eq!(outcome.outputs["existing"], "0", "the fault outside the folder is told: {said}");
}
