//! Actions of other repositories: what GitHub's lock and the repositories themselves know of them, asked of a
//! real server on loopback, and the pins that follow.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "the tests start the program, a server and files"
)]
#![allow(dead_code, reason = "the server serves other tests, too")]

#[path = "common/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use server::{Reply, Request, Server};

const C1: &str = "1111111111111111111111111111111111111111";
const C2: &str = "2222222222222222222222222222222222222222";
const C3: &str = "3333333333333333333333333333333333333333";
const C4: &str = "4444444444444444444444444444444444444444";
const OBJECT: &str = "9999999999999999999999999999999999999999";
/// A commit of the attack on `tj-actions/changed-files`.
const BAD: &str = "0e58ed8671d6b60d0890c21b07f8835ace038e67";
const CI: &str = ".github/workflows/ci.yml";
const LOCK: &str = ".github/workflows/actions.lock";

struct Place {
    dir: PathBuf,
}

impl Place {
    fn new(name: &str, files: &[(&str, String)]) -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("actions").join(name);
        let _ = fs::remove_dir_all(&dir);
        for (path, text) in files {
            let path = dir.join("tree").join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        Self { dir }
    }

    fn run(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_cargo-custody"))
            .current_dir(&self.dir)
            .env_clear()
            .env("SOURCE_DATE_EPOCH", "1795392000")
            .env("CARGO_CUSTODY_HOME", self.dir.join("home"))
            .args(words)
            .output()
            .expect("the program starts")
    }

    fn audit(&self, more: &[&str]) -> Value {
        let output = self.run(&[&["audit", "tree", "--format", "json"], more].concat());
        let audit: Value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        assert!(audit.is_object(), "{}", String::from_utf8_lossy(&output.stderr));
        audit
    }

    fn fix(&self, more: &[&str]) -> String {
        let output = self.run(&[&["fix", "tree", "--apply"], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        self.read(CI)
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.dir.join("tree").join(path)).expect("a file")
    }
}

/// What rules of these names said, `line: message`.
fn said(audit: &Value, rules: &[&str]) -> Vec<String> {
    let findings = audit["findings"].as_array().expect("findings");
    let wanted = findings.iter().filter(|f| rules.contains(&f["rule"].as_str().expect("a rule")));
    let mut out: Vec<String> = wanted
        .map(|f| {
            format!("{}:{}: {}", f["rule"].as_str().expect("a rule"), f["line"], f["message"].as_str().expect("a text"))
        })
        .collect();
    out.sort();
    out
}

/// Every rule with its message, for what is new after an edit.
fn all(audit: &Value) -> Vec<String> {
    let findings = audit["findings"].as_array().expect("findings");
    findings.iter().map(|f| format!("{} {}", f["rule"], f["message"])).collect()
}

fn unknown(audit: &Value) -> Vec<String> {
    let list = audit["coverage"]["unknown"].as_array().expect("a list");
    list.iter().map(|text| text.as_str().expect("a text").to_owned()).collect()
}

fn workflow(steps: &str) -> String {
    format!("on: push\npermissions: {{}}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{steps}")
}

fn refs(list: &[(&str, &str)]) -> Reply {
    let line = |text: &str| format!("{:04x}{text}", text.len() + 4);
    let mut out = line("# service=git-upload-pack\n") + "0000";
    for (id, name) in list {
        out.push_str(&line(&format!("{id} {name}\n")));
    }
    Reply::ok((out + "0000").into_bytes())
}

/// A GitHub that knows a few repositories.
fn github(request: &Request) -> Reply {
    let text = |text: &str| Reply::ok(text.as_bytes().to_vec());
    let target = request.target.as_str();
    match target.strip_suffix("/info/refs?service=git-upload-pack") {
        Some("/example/setup") => refs(&[
            (C1, "HEAD"),
            (C1, "refs/heads/main"),
            (OBJECT, "refs/tags/v3"),
            (C2, "refs/tags/v3^{}"),
            (C2, "refs/tags/v3.1.4"),
            (C3, "refs/tags/v3.0.0"),
        ]),
        Some("/example/twice") => refs(&[(C1, "refs/heads/v1"), (C2, "refs/tags/v1")]),
        Some("/example/outer") => refs(&[(C1, "refs/tags/v1.0.0")]),
        Some("/example/middle") => refs(&[(C2, "refs/tags/v2")]),
        Some("/example/inner") => refs(&[(C3, "refs/heads/main")]),
        Some("/tj-actions/changed-files") => refs(&[(BAD, "refs/tags/v99")]),
        Some("/dtolnay/rust-toolchain") => refs(&[(C4, "refs/heads/master"), (C3, "refs/heads/1.90")]),
        Some("/taiki-e/install-action") => {
            refs(&[(C2, "refs/tags/v2"), (C2, "refs/tags/v2.50.1"), (C1, "refs/tags/nextest")])
        }
        Some(_) => Reply::status(404),
        None => match target {
            _ if target == format!("/example/setup/branch_commits/{C4}") => text("{\"branches\": [], \"tags\": []}"),
            _ if target == format!("/example/outer/branch_commits/{C3}") => {
                text("{\"branches\": [{\"branch\": \"main\"}], \"tags\": [\"v1\"]}")
            }
            _ if target == format!("/raw/example/outer/{C1}/action.yml") => text(
                "name: outer\nruns:\n  using: composite\n  steps:\n    - run: echo\n      shell: bash\n    - uses: example/middle/sub@v2\n",
            ),
            // The second name of the file.
            _ if target == format!("/raw/example/middle/{C2}/sub/action.yaml") => text(
                "name: middle\nruns:\n  using: composite\n  steps:\n    - uses: example/inner@main\n    - uses: docker://alpine:3\n    - uses: tj-actions/changed-files@v99\n",
            ),
            _ if target == format!("/raw/example/inner/{C3}/action.yml") => {
                text("name: inner\nruns:\n  using: node20\n  main: index.js\n")
            }
            _ => Reply::status(404),
        },
    }
}

fn online(server: &Server) -> Vec<String> {
    let url = server.url("127.0.0.1");
    let words = ["--online", "--retries", "0", "--github", &url, "--github-raw", &format!("{url}/raw")];
    words.iter().map(|w| (*w).to_owned()).collect()
}

#[test]
fn a_lock_gives_the_pins() {
    let lock = format!(
        "version: v0.0.3\nworkflows: {{}}\ndependencies:\n  example/setup@v3: {{ref: v3, commit: sha1-{C2}}}\n  dtolnay/rust-toolchain@master: {{ref: master, commit: sha1-{C4}}}\n  taiki-e/install-action@v2: {{ref: v2, commit: sha1-{C3}}}\n  example/branch@main: {{ref: main, commit: sha1-{C1}}}\n"
    );
    let before = "      - uses: example/setup@v3\n      - name: again  # a remark\n        uses: 'example/setup/sub@v3'   # v3\n      - uses: dtolnay/rust-toolchain@1.90\n      - uses: dtolnay/rust-toolchain@stable # stable\n        with:\n          # why\n          components: clippy\n      - uses: dtolnay/rust-toolchain@nightly\n        with: { components: clippy }\n      - uses: taiki-e/install-action@nextest\n        if: true\n      - uses: example/branch@main\n      - uses: example/unknown@v1\n";
    let after = format!(
        "      - uses: example/setup@{C2} # v3\n      - name: again  # a remark\n        uses: 'example/setup/sub@{C2}'   # v3\n      - uses: dtolnay/rust-toolchain@{C4} # master\n        with:\n          toolchain: \"1.90\"\n      - uses: dtolnay/rust-toolchain@{C4} # stable\n        with:\n          toolchain: stable\n          # why\n          components: clippy\n      - uses: dtolnay/rust-toolchain@{C4} # master\n        with: {{ toolchain: nightly, components: clippy }}\n      - uses: taiki-e/install-action@{C3} # v2\n        with:\n          tool: nextest\n        if: true\n      - uses: example/branch@{C1} # main\n      - uses: example/unknown@v1\n"
    );
    let place = Place::new("lock", &[(CI, workflow(before)), (LOCK, lock)]);
    let first = place.audit(&[]);
    let fixed = place.fix(&["--rule", "unpinned-action"]);
    assert_eq!(fixed, workflow(&after));
    let second = place.audit(&[]);
    let new: Vec<String> = all(&second).into_iter().filter(|found| !all(&first).contains(found)).collect();
    assert_eq!(new, Vec::<String>::new());
    assert_eq!(said(&second, &["unpinned-action"]).len(), said(&first, &["unpinned-action"]).len() - 7);
}

#[test]
fn a_setting_joins_the_inputs_that_are_there() {
    let lock = format!(
        "version: v0.0.3\nworkflows: {{}}\ndependencies:\n  dtolnay/rust-toolchain@master: {{ref: master, commit: sha1-{C4}}}\n"
    );
    let before = "      - name: x\r\n        uses: dtolnay/rust-toolchain@stable\r\n        with:\r\n          components: clippy\r\n";
    let after = format!(
        "      - name: x\r\n        uses: dtolnay/rust-toolchain@{C4} # master\r\n        with:\r\n          toolchain: stable\r\n          components: clippy\r\n"
    );
    let place = Place::new("joins", &[(CI, workflow("").replace('\n', "\r\n") + before), (LOCK, lock)]);
    assert_eq!(place.fix(&["--rule", "unpinned-action"]), workflow("").replace('\n', "\r\n") + &after);
}

#[test]
fn repositories_give_the_pins() {
    let before = "      - uses: example/setup@v3\n      - uses: example/setup@main\n      - uses: example/twice@v1\n      - uses: dtolnay/rust-toolchain@1.90\n      - uses: taiki-e/install-action@nextest\n      - uses: example/gone@v1\n";
    let after = format!(
        "      - uses: example/setup@{C2} # v3.1.4\n      - uses: example/setup@{C1} # main\n      - uses: example/twice@v1\n      - uses: dtolnay/rust-toolchain@{C4} # master\n        with:\n          toolchain: \"1.90\"\n      - uses: taiki-e/install-action@{C2} # v2.50.1\n        with:\n          tool: nextest\n      - uses: example/gone@v1\n"
    );
    let place = Place::new("online", &[(CI, workflow(before))]);
    let server = Server::start(github);
    // Nothing is asked of anybody without the word for it.
    assert_eq!(place.fix(&["--rule", "unpinned-action"]), workflow(before));
    assert!(server.seen().is_empty());
    let words = online(&server);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let first = place.audit(&words);
    assert_eq!(
        said(&first, &["ref-confusion"]),
        [format!(
            "ref-confusion:9: `v1` of `example/twice` is a branch and a tag, which lead to {} and {}",
            &C1[..12],
            &C2[..12]
        )]
    );
    assert_eq!(
        unknown(&first),
        [
            "facts of repositories on https://github.com/example/gone: the host knows no such repository, or shows it only to some"
        ]
    );
    let fixed = place.fix(&[&["--rule", "unpinned-action"], words.as_slice()].concat());
    assert_eq!(fixed, workflow(&after));
    let second = place.audit(&words);
    let new: Vec<String> = all(&second).into_iter().filter(|found| !all(&first).contains(found)).collect();
    // What was pinned is known to be what its comment says, or a note that a branch has no release.
    assert!(new.iter().all(|found| found.contains("stale-action-pin")), "{new:?}");
}

#[test]
fn commits_are_asked_for_and_followed() {
    let steps = format!(
        "      - uses: example/setup@{C4} # v3.1.4\n      - uses: example/setup@{C3} # v3.1.4\n      - uses: example/setup@{OBJECT} # v3\n      - uses: example/setup@{C1}\n      - uses: example/outer@{C1} # v1.0.0\n      - uses: example/outer@{C3}\n"
    );
    let place = Place::new("commits", &[(CI, workflow(&steps))]);
    let server = Server::start(github);
    let words = online(&server);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let audit = place.audit(&words);
    assert_eq!(unknown(&audit), Vec::<String>::new());
    let rules = [
        "impostor-commit",
        "version-comment-mismatch",
        "stale-action-pin",
        "unpinned-inside-pinned",
        "compromised-action",
    ];
    let expected = [
        format!("compromised-action:11: `example/outer@{C1}` uses `tj-actions/changed-files@{BAD}`, which is a commit known to be malicious (GHSA-mrrh-fwg8-r2c3)"),
        format!("impostor-commit:7: `example/setup` has no branch or tag that holds the commit {}: it may be one of a fork, by anybody", &C4[..12]),
        format!("stale-action-pin:10: no tag of `example/setup` names the commit {}", &C1[..12]),
        format!("stale-action-pin:12: no tag of `example/outer` names the commit {}", &C3[..12]),
        "unpinned-inside-pinned:11: `example/outer` is pinned and uses `example/middle/sub@v2` and `example/inner@main` and 2 more, which can move".to_owned(),
        format!("version-comment-mismatch:10: `example/setup` at {} has no comment that names its version", &C1[..12]),
        format!("version-comment-mismatch:12: `example/outer` at {} has no comment that names its version", &C3[..12]),
        format!("version-comment-mismatch:7: `example/setup` at {} is said to be v3.1.4 and is not its commit, which is {}", &C4[..12], &C2[..12]),
        format!("version-comment-mismatch:8: `example/setup` at {} is said to be v3.1.4 and is the commit of `v3.0.0`", &C3[..12]),
    ];
    assert_eq!(said(&audit, &rules), expected);
    let finding = audit["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .find(|f| f["rule"] == "compromised-action")
        .expect("one");
    assert_eq!(finding["decision"], "block");
    let asked = |server: &Server| -> BTreeMap<String, usize> {
        let mut out = BTreeMap::new();
        server.seen().into_iter().for_each(|request| *out.entry(request.target).or_default() += 1);
        out
    };
    let once = asked(&server);
    assert!(once.values().all(|n| *n == 1), "{once:?}");
    // What a day was asked for is kept; whether a branch holds a commit is asked anew, and so is what was not there.
    let again = place.audit(&words);
    assert_eq!(said(&again, &rules), expected);
    let twice = asked(&server);
    let new: Vec<&String> = twice.iter().filter(|(_, n)| **n > 1).map(|(target, _)| target).collect();
    assert!(new.iter().all(|target| target.contains("branch_commits") || target.contains("/raw/")), "{new:?}");
    assert!(!new.iter().any(|target| target.contains(&format!("outer/{C1}"))), "{new:?}");
}

#[test]
fn a_github_that_does_not_answer_is_a_gap() {
    let steps = format!("      - uses: example/setup@{C4} # v3.1.4\n      - uses: example/outer@v1\n");
    let place = Place::new("gap", &[(CI, workflow(&steps))]);
    for (reply, why) in [(503, "it answers 503"), (403, "answers 403")] {
        let server = Server::start(move |_| Reply::status(reply));
        let words = online(&server);
        let audit = place.audit(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let unknown = unknown(&audit);
        assert!(!unknown.is_empty() && unknown.iter().all(|text| text.contains(why)), "{unknown:?}");
        assert_eq!(audit["complete"], Value::Bool(false));
        assert_eq!(said(&audit, &["impostor-commit", "stale-action-pin"]), Vec::<String>::new());
    }
    // GitHub answers, but not about who holds a commit: nothing is said to be an impostor.
    let server = Server::start(|request| match request.target.contains("branch_commits") {
        true => Reply::ok(b"<!doctype html>".to_vec()),
        false => github(request),
    });
    let words = online(&server);
    let audit = place.audit(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(said(&audit, &["impostor-commit"]), Vec::<String>::new());
    assert!(unknown(&audit).iter().any(|text| text.contains("which branches hold a commit")), "{:?}", unknown(&audit));
}

#[test]
fn a_lock_tells_what_is_malicious_inside_and_behind_a_tag() {
    let lock = format!(
        "version: v0.0.3\nworkflows:\n  {CI}: [example/outer@v1, tj-actions/changed-files@v99]\ndependencies:\n  example/outer@v1: {{ref: v1, commit: sha1-{C1}, uses: [tj-actions/changed-files@v99]}}\n  tj-actions/changed-files@v99: {{ref: v99, commit: sha1-{BAD}}}\n"
    );
    let steps = "      - uses: example/outer@v1\n      - uses: tj-actions/changed-files@v99\n";
    let place = Place::new("malicious", &[(CI, workflow(steps)), (LOCK, lock)]);
    let audit = place.audit(&[]);
    assert_eq!(
        said(&audit, &["compromised-action", "unpinned-action", "unpinned-inside-pinned", "stale-actions-lock"]),
        [
            format!(
                "compromised-action:7: `example/outer@v1` uses `tj-actions/changed-files@{BAD}`, which is a commit known to be malicious (GHSA-mrrh-fwg8-r2c3)"
            ),
            format!(
                "compromised-action:8: `tj-actions/changed-files@v99` stands for {BAD}, which is a commit known to be malicious (GHSA-mrrh-fwg8-r2c3)"
            ),
        ]
    );
    // What a comment says of a commit makes it vulnerable, and never malicious.
    let steps = format!(
        "      - uses: actions/download-artifact@{C1} # v4.1.2\n      - uses: aquasecurity/trivy-action@{C2} # 0.33.1\n"
    );
    let place = Place::new("said", &[(CI, workflow(&steps))]);
    let audit = place.audit(&[]);
    assert_eq!(said(&audit, &["compromised-action"]), Vec::<String>::new());
    assert_eq!(
        said(&audit, &["vulnerable-action"]),
        [
            "vulnerable-action:7: `actions/download-artifact` at the commit of v4.1.2 has a known flaw, GHSA-cxww-7g56-2vh6 (CVE-2024-42471)"
        ]
    );
}

#[test]
fn a_version_is_written_behind_a_bare_commit() {
    let steps = format!(
        "      - uses: example/setup@{C2}\n      - uses: \"example/setup@{C2}\"  \n      - uses: example/outer@{C3}\n"
    );
    let expected = format!(
        "      - uses: example/setup@{C2} # v3.1.4\n      - uses: \"example/setup@{C2}\" # v3.1.4\n      - uses: example/outer@{C3}\n"
    );
    let place = Place::new("bare", &[(CI, workflow(&steps))]);
    let server = Server::start(github);
    let words = online(&server);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(place.fix(&[&["--rule", "version-comment-mismatch"], words.as_slice()].concat()), workflow(&expected));
}

/// Whoever writes an action chooses how much it uses.
#[test]
fn chains_without_an_end_and_actions_without_a_bound_end() {
    let head = "name: x\nruns:\n  using: composite\n  steps:\n";
    let server = Server::start(move |request| {
        let Some(path) = request.target.strip_prefix("/raw/example/") else { return Reply::status(404) };
        let (name, _) = path.split_once('/').unwrap_or((path, ""));
        let text = match name.split_once('-') {
            Some(("chain", n)) => {
                let n: usize = n.parse().expect("a number");
                format!("{head}    - uses: example/chain-{}@{C1}\n", n + 1)
            }
            Some(("wide", _)) => {
                let lines: String = (0..300).map(|n| format!("    - uses: example/leaf-{n}@{C1}\n")).collect();
                format!("{head}{lines}")
            }
            _ => "name: x\nruns:\n  using: node20\n  main: index.js\n".to_owned(),
        };
        match request.target.ends_with("/action.yml") {
            true => Reply::ok(text.into_bytes()),
            false => Reply::status(404),
        }
    });
    let words = online(&server);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let place = Place::new("chain", &[(CI, workflow(&format!("      - uses: example/chain-0@{C1} # v1.0.0\n")))]);
    place.audit(&words);
    let files = server.seen().into_iter().filter(|request| request.target.starts_with("/raw/")).count();
    assert_eq!(files, 10, "as deep as GitHub goes");
    let place = Place::new("wide", &[(CI, workflow(&format!("      - uses: example/wide-0@{C1} # v1.0.0\n")))]);
    let audit = place.audit(&words);
    let asked = server.seen().into_iter().filter(|request| request.target.starts_with("/raw/")).count() - files;
    assert_eq!(asked, 200);
    assert!(unknown(&audit).iter().any(|text| text.contains("more than 200 actions")), "{:?}", unknown(&audit));
    // A path that would lead elsewhere is never asked for.
    let before = server.seen().len();
    let steps = format!(
        "      - uses: example/../x@{C1}\n      - uses: example/one/../../other@{C1}\n      - uses: \"example/one/a%2fb?c@{C1}\"\n"
    );
    let place = Place::new("odd", &[(CI, workflow(&steps))]);
    place.audit(&words);
    let odd: Vec<String> = server.seen().into_iter().skip(before).map(|request| request.target).collect();
    assert!(odd.iter().all(|target| target.ends_with("/info/refs?service=git-upload-pack")), "{odd:?}");
    assert!(odd.iter().all(|target| target.starts_with("/example/one/")), "{odd:?}");
}
