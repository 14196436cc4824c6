//! The lock in the audit: what it holds is joined with what is loaded, commits are written at the calls, and a change
//! that moves or lets go of something is new.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "the tests start the program and look at the files it wrote"
)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use cargo_custody::advisory::{Date, Index};
use cargo_custody::check::{self, Evidence};
use cargo_custody::graph::EdgeKind;
use cargo_custody::lock::{Approval, Digest, Entry, FileDigest, Key, Lock};
use cargo_custody::outside::cached::Cached;
use cargo_custody::outside::hub::{HubRevisionFacts, RepoKind};
use cargo_custody::outside::layered::Layered;
use cargo_custody::outside::{Answer, Oracle, Question};
use cargo_custody::read::read_tree;
use cargo_custody::references::AssetKind;

const COMMIT: &str = "607a30d783dfa663caf39e06633721c8d4cfcd7e";
const OTHER: &str = "11c5a3d5811f50298f278a704980280950aedb10";
const MODEL: &str = "example-org/example-model";
const DATA: &str = "example-org/example-data";

const SERVE: &str = "from transformers import AutoModelForCausalLM, AutoTokenizer\n\n\
                     MODEL = \"example-org/example-model\"\n\n\
                     tokenizer = AutoTokenizer.from_pretrained(MODEL)\n\
                     model = AutoModelForCausalLM.from_pretrained(MODEL, device_map=\"auto\")  # on any card\n";
const TRAIN: &str = "from datasets import load_dataset\n\n\
                     data = load_dataset(\"example-org/example-data\", revision=\"main\")\n";
const APPROVED: &str = "[lock]\nrequire-approval = [\"example-org/*\"]\n";

fn key(kind: AssetKind, name: &str, requested: Option<&str>) -> Key {
    Key { kind, hub: "huggingface".to_owned(), name: name.to_owned(), requested: requested.map(str::to_owned) }
}

fn entry(revision: &str, content: u8, is_approved: bool) -> Entry {
    let file = FileDigest { sha256: Digest([content; 32]), size: 1_024 };
    let mut out = Entry {
        revision: Some(revision.to_owned()),
        files: BTreeMap::from([("model.safetensors".to_owned(), file)]),
        ..Entry::default()
    };
    if is_approved {
        let (on, by, reason) = ("2026-11-20".to_owned(), "Ada".to_owned(), "measured".to_owned());
        out.approvals.push(Approval { on, by, reason, of: out.state(), evidence: BTreeMap::new() });
    }
    out
}

fn lock(entries: &[(Key, Entry)]) -> String {
    Lock { entries: entries.iter().cloned().collect(), ..Lock::default() }.to_text()
}

fn model(revision: &str, is_approved: bool) -> String {
    lock(&[(key(AssetKind::Model, MODEL, None), entry(revision, 1, is_approved))])
}

/// `rule path:line` of the families on loads and locks, sorted.
fn told(files: &[(&str, &str)]) -> Vec<String> {
    let audit = common::audit(files);
    let mut out: Vec<String> = audit
        .findings
        .iter()
        .filter(|f| matches!(f.family.as_str(), "loads" | "locks"))
        .map(|f| format!("{} {}:{}", f.rule, f.path, f.line))
        .collect();
    out.sort();
    out
}

/// `state rule path:line` of what a change makes of the same families and of the rules on changes.
fn changed(before: &[(&str, &str)], after: &[(&str, &str)]) -> Vec<String> {
    let (head, _) = common::gate(before, after, &[]);
    let mut out: Vec<String> = head
        .findings
        .iter()
        .filter(|f| matches!(f.family.as_str(), "loads" | "locks" | "changes"))
        .filter(|f| f.state.as_str() != "existing" && f.rule != "policy-edited")
        .map(|f| format!("{} {} {}:{}", f.state.as_str(), f.rule, f.path, f.line))
        .collect();
    out.sort();
    out
}

fn program(words: &[&str], dir: &Path) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-custody"));
    let out = command
        .env_clear()
        .env("SOURCE_DATE_EPOCH", "1795392000")
        .arg(words[0])
        .arg(dir)
        .args(&words[1..])
        .output()
        .expect("the program starts");
    (out.status.code(), String::from_utf8(out.stdout).expect("UTF-8"))
}

#[test]
fn commits_of_the_lock_are_written_at_the_calls() {
    let text = lock(&[
        (key(AssetKind::Model, MODEL, None), entry(COMMIT, 1, false)),
        (key(AssetKind::Dataset, DATA, None), entry(OTHER, 2, false)),
    ]);
    let files = [("serve.py", SERVE), ("train.py", TRAIN), ("custody.lock", text.as_str())];
    assert_eq!(
        told(&files),
        ["unpinned-dataset train.py:3", "unpinned-model serve.py:3"],
        "the model and its tokenizer are one name, and all is locked"
    );
    let dir = common::folder("locks", "fix", &files);
    let (_, diff) = program(&["fix"], &dir);
    assert!(
        diff.contains(&format!("+tokenizer = AutoTokenizer.from_pretrained(MODEL, revision=\"{COMMIT}\")")),
        "{diff}"
    );
    program(&["fix", "--apply"], &dir);
    let read = |name: &str| fs::read_to_string(dir.join(name)).expect("a file");
    let written = SERVE
        .replace("from_pretrained(MODEL)", &format!("from_pretrained(MODEL, revision=\"{COMMIT}\")"))
        .replace("from_pretrained(MODEL, device", &format!("from_pretrained(MODEL, revision=\"{COMMIT}\", device"));
    assert_eq!(read("serve.py"), written);
    assert_eq!(read("train.py"), TRAIN.replace("\"main\"", &format!("\"{OTHER}\"")));
    let (serve, train) = (read("serve.py"), read("train.py"));
    let after = [("serve.py", serve.as_str()), ("train.py", train.as_str()), ("custody.lock", text.as_str())];
    assert_eq!(told(&after), Vec::<String>::new(), "the reader sees commits, and the lock says the same");
}

#[test]
fn nothing_but_a_commit_is_written_and_only_where_all_calls_take_it() {
    let fixes = |serve: &str, text: &str| {
        let dir = common::folder("locks", "no-fix", &[("serve.py", serve), ("custody.lock", text)]);
        program(&["fix"], &dir).1
    };
    assert!(fixes(SERVE, &model(COMMIT, false)).contains("+model"));
    // A lock is a file of the tree: what it calls a revision may be anything.
    for revision in ["x\");import_evil(\"", "main", "0123456"] {
        assert_eq!(fixes(SERVE, &model(revision, false)), "", "{revision}");
    }
    // A branch that the lock does not hold.
    let branch = SERVE.replace("MODEL)", "MODEL, revision=\"v2\")");
    assert!(!fixes(&branch, &model(COMMIT, false)).contains("-tokenizer"), "the other branch stays");
    // The lock was edited by hand.
    assert_eq!(fixes(SERVE, &model(COMMIT, false).replace(COMMIT, OTHER)), "");
    // The caller chooses.
    let dynamic = "import sys\nfrom transformers import AutoModel\n\n\
                   AutoModel.from_pretrained(\"example-org/example-model\", revision=sys.argv[1])\n";
    assert_eq!(fixes(dynamic, &model(COMMIT, false)), "");
}

#[test]
fn the_nearest_lock_speaks() {
    let serve = "from transformers import AutoModel\n\nAutoModel.from_pretrained(\"example-org/example-model\", \
                 revision=\"607a30d783dfa663caf39e06633721c8d4cfcd7e\")\n";
    let (held, empty) = (model(COMMIT, false), Lock::default().to_text());
    for (files, wanted) in [
        (vec![("a/serve.py", serve), ("custody.lock", held.as_str())], vec![]),
        (vec![("a/b/serve.py", serve), ("a/custody.lock", &held), ("custody.lock", &empty)], vec![]),
        (
            vec![("a/serve.py", serve), ("a/custody.lock", &empty), ("custody.lock", &held)],
            vec!["stale-lock-entry custody.lock:5", "unlocked-model a/serve.py:3"],
        ),
        (vec![("a/serve.py", serve), ("b/custody.lock", &empty)], vec![]),
        // A lock of which a line is not understood may hold it there.
        (vec![("serve.py", serve), ("custody.lock", "lock.version = \"1\"\nfuture.\"x\".y = \"z\"\n")], vec![]),
    ] {
        assert_eq!(told(&files), wanted, "{:?}", files.iter().map(|(path, _)| path).collect::<Vec<_>>());
    }
}

#[test]
fn what_is_locked_is_tied_to_its_lock_in_the_graph() {
    let text = model(COMMIT, false);
    let tree = common::tree(&[("serve.py", SERVE), ("custody.lock", &text)]);
    let (_, checked) = common::look(&tree);
    let locked: Vec<_> = checked.graph.nodes().filter(|(_, node)| node.attributes.contains_key("locked")).collect();
    assert_eq!(locked.len(), 1);
    for (id, node) in locked {
        assert_eq!((node.name.as_str(), node.attributes["locked"].as_str()), (MODEL, COMMIT));
        let ties: Vec<&str> = checked
            .graph
            .edges()
            .into_iter()
            .filter(|(from, _, edge)| *from == id && edge.kind == EdgeKind::LockedBy)
            .map(|(_, to, _)| checked.graph.node(to).name.as_str())
            .collect();
        assert_eq!(ties, ["custody.lock"]);
    }
}

#[test]
fn what_a_change_does_to_the_lock_is_new() {
    let (held, moved) = (model(COMMIT, true), model(OTHER, false));
    let unapproved = model(COMMIT, false);
    let base = [("serve.py", SERVE), ("custody.toml", APPROVED), ("custody.lock", held.as_str())];
    let with = |lock: &'static str| [("serve.py", SERVE), ("custody.toml", APPROVED), ("custody.lock", lock)];
    let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    assert_eq!(changed(&base, &base), Vec::<String>::new());
    let told = ["new locked-model-moved custody.lock:5", "new unapproved-model custody.lock:5"];
    assert_eq!(changed(&base, &with(leak(&moved))), told, "moved and not approved");
    // An approval is a line that whoever moves the model can write.
    let told = ["new locked-model-moved custody.lock:5"];
    assert_eq!(changed(&base, &with(leak(&model(OTHER, true)))), told, "moved and approved");
    // Another state is another thing to review, also where the one before was not approved either.
    let states = changed(&with(leak(&unapproved)), &with(leak(&moved)));
    assert_eq!(states.len(), 2, "{states:?}");
    // A file changes under the same commit.
    let file = lock(&[(key(AssetKind::Model, MODEL, None), entry(COMMIT, 9, true))]);
    assert_eq!(changed(&base, &with(leak(&file))), ["new checksum-changed custody.lock:5"]);
    // One comes or goes under the same commit.
    let mut more = entry(COMMIT, 1, false);
    more.files.insert("modeling_x.py".to_owned(), FileDigest { sha256: Digest([7; 32]), size: 3 });
    let more = lock(&[(key(AssetKind::Model, MODEL, None), more)]);
    for (before, after) in [(&unapproved, &more), (&more, &unapproved)] {
        let states = changed(&with(leak(before)), &with(leak(after)));
        assert!(states.contains(&"new checksum-changed custody.lock:5".to_owned()), "{states:?}");
    }
    // A signer that is typed in.
    let mut signed = entry(COMMIT, 1, true);
    signed.signer = Some("release@example.com".to_owned());
    let signed = lock(&[(key(AssetKind::Model, MODEL, None), signed)]);
    assert_eq!(changed(&base, &with(leak(&signed))), ["new locked-model-moved custody.lock:5"]);
    // An entry that holds nothing is no entry.
    let nothing = Entry { revision: Some("main".to_owned()), ..Entry::default() };
    let nothing = lock(&[(key(AssetKind::Model, MODEL, None), nothing)]);
    let states = changed(&with(leak(&unapproved)), &with(leak(&nothing)));
    assert!(states.contains(&"new broken-lock custody.lock:5".to_owned()), "{states:?}");
    // The lock goes, or the entry.
    assert_eq!(changed(&base, &base[..2]), ["new lock-removed serve.py:3"]);
    let other = lock(&[(key(AssetKind::Dataset, DATA, None), entry(COMMIT, 1, true))]);
    assert_eq!(
        changed(&base, &with(leak(&other))),
        ["new lock-removed serve.py:3", "new stale-lock-entry custody.lock:5"]
    );
}

#[test]
fn a_lock_that_takes_over_from_another_is_told() {
    let (held, moved) = (model(COMMIT, false), model(OTHER, false));
    let base = [("src/serve.py", SERVE), ("custody.lock", held.as_str())];
    let taken = |lock: &str| {
        let after = [("src/serve.py", SERVE), ("custody.lock", held.as_str()), ("src/custody.lock", lock)];
        let mut out = changed(&base, &after);
        out.retain(|line| line.contains("locked-model-moved"));
        out
    };
    assert_eq!(taken(&moved), ["new locked-model-moved src/custody.lock:5"]);
    assert_eq!(taken(&held), ["new locked-model-moved src/custody.lock:5"]);
    assert_eq!(taken(&Lock::default().to_text()), Vec::<String>::new(), "it holds nothing, which is told elsewhere");
    // A lock that was moved is the same one.
    let after = [("src/serve.py", SERVE), ("src/custody.lock", held.as_str())];
    assert!(!changed(&base, &after).iter().any(|line| line.contains("locked-model-moved")));
}

#[test]
fn a_name_that_a_change_brings_is_new_at_its_line() {
    let held = model(COMMIT, false);
    let pinned = SERVE.replace("MODEL)", &format!("MODEL, revision=\"{COMMIT}\")"));
    let pinned = pinned.replace("device_map=\"auto\")", &format!("device_map=\"auto\", revision=\"{COMMIT}\")"));
    let more = format!("{pinned}judge = AutoModelForCausalLM.from_pretrained(\"example-org/judge\")\n");
    assert_eq!(
        changed(&[("serve.py", &pinned), ("custody.lock", &held)], &[("serve.py", &more), ("custody.lock", &held)]),
        ["new unpinned-model serve.py:7"]
    );
    // Code moves to another commit than was locked.
    let elsewhere = pinned.replace(COMMIT, OTHER);
    assert_eq!(
        changed(
            &[("serve.py", &pinned), ("custody.lock", &held)],
            &[("serve.py", &elsewhere), ("custody.lock", &held)]
        )
        .first()
        .map(String::as_str),
        Some("new lock-disagrees serve.py:3")
    );
}

/// A hub that has one model, at one commit.
struct Hub;

impl Oracle for Hub {
    fn ask(&self, questions: &[Question]) -> Vec<Answer> {
        let one = |question: &Question| match question {
            Question::HubRevision { kind: RepoKind::Model, name, revision: None } if name == MODEL => {
                Answer::HubRevision(HubRevisionFacts { commit: Some(COMMIT.to_owned()), ..HubRevisionFacts::default() })
            }
            other => Answer::Unknown(format!("nobody was to ask {}", other.subject())),
        };
        questions.iter().map(one).collect()
    }

    fn answers_registries(&self) -> bool {
        true
    }

    fn may_know(&self, question: &Question) -> bool {
        matches!(question, Question::HubRevision { .. })
    }
}

#[test]
fn online_a_hub_says_the_commit_that_is_written() {
    let edits = |files: &[(&str, &str)], oracle: &dyn Oracle| {
        let tree = common::tree(files);
        let reading = read_tree(&tree, 1, &|_, _| {});
        let evidence = Evidence { today: Date::new(2026, 11, 23), ..Evidence::default() };
        let checked = check::run_with(&tree, &reading, oracle, &evidence);
        assert_eq!(checked.unknown, Vec::<String>::new());
        let mut texts: Vec<String> =
            checked.diagnostics.iter().flat_map(|d| &d.fix).map(|edit| edit.text.clone()).collect();
        texts.sort();
        texts
    };
    let advisories = Cached::new(Index::embedded());
    let online = Layered::new(vec![&advisories, &Hub]);
    let wanted = format!(", revision=\"{COMMIT}\"");
    assert_eq!(edits(&[("serve.py", SERVE)], &online), [wanted.clone(), wanted]);
    assert_eq!(edits(&[("serve.py", SERVE)], &advisories), Vec::<String>::new(), "offline nobody knows");
    // What is locked is not asked about.
    let held = model(OTHER, false);
    let of_lock = format!(", revision=\"{OTHER}\"");
    assert_eq!(edits(&[("serve.py", SERVE), ("custody.lock", &held)], &online), [of_lock.clone(), of_lock]);
}
