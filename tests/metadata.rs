//! What metadata of cargo makes of findings, and what it may not be used for.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "the tests build metadata and start the program"
)]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use cargo_custody::advisory::Index;
use cargo_custody::audit::{Audit, Decision, Finding, Verdict};
use cargo_custody::check::{Evidence, run_with};
use cargo_custody::decide::{Input, assemble, knowledge};
use cargo_custody::diag::{Confidence, Severity};
use cargo_custody::graph::build_class::Named;
use cargo_custody::outside::cached::Cached;
use cargo_custody::parse::metadata;
use cargo_custody::read::read_tree;
use cargo_custody::source::Role;
use serde_json::{Value, json};

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// How the only member needs `time` 0.1.42, for which there is an advisory, as cargo and as the
/// manifest write it.
struct Need {
    cargo: Value,
    manifest: &'static str,
    has_build_script: bool,
}

fn need(manifest: &'static str, cargo: Value) -> Need {
    Need { cargo, manifest, has_build_script: false }
}

fn target(name: &str, kind: &str) -> Value {
    let made = if kind == "custom-build" { "bin" } else { kind };
    json!({"name": name, "kind": [kind], "crate_types": [made], "src_path": "/src/app/src/lib.rs",
        "edition": "2021", "doctest": false, "test": false, "doc": false})
}

fn metadata_of(need: &Need) -> Value {
    let (own, other) = ("path+file:///src/app#0.1.0", "registry#time@0.1.42");
    let mut declared = json!({"name": "time", "source": CRATES_IO, "req": "^0.1", "kind": null, "optional": false,
        "uses_default_features": true, "features": [], "target": null, "rename": null});
    for (key, value) in need.cargo.as_object().into_iter().flatten() {
        declared[key] = value.clone();
    }
    let features = if declared["optional"] == true { json!({"time": ["dep:time"]}) } else { json!({}) };
    let mut targets = vec![target("app", "bin")];
    if need.has_build_script {
        targets.push(target("build-script-build", "custom-build"));
    }
    let edge = json!({"name": "time", "pkg": other,
        "dep_kinds": [{"kind": declared["kind"], "target": declared["target"]}]});
    json!({
        "packages": [
            {"name": "time", "version": "0.1.42", "id": other, "source": CRATES_IO, "dependencies": [],
                "features": {}, "manifest_path": "/registry/time/Cargo.toml", "targets": [target("time", "lib")]},
            {"name": "app", "version": "0.1.0", "id": own, "source": null, "dependencies": [declared],
                "features": features, "manifest_path": "/src/app/Cargo.toml", "targets": targets, "edition": "2021"},
        ],
        "workspace_members": [own], "workspace_root": "/src/app", "target_directory": "/src/target", "version": 1,
        "resolve": {"root": own, "nodes": [
            {"id": other, "deps": [], "dependencies": [], "features": []},
            {"id": own, "deps": [edge], "dependencies": [other], "features": []},
        ]},
    })
}

fn files(need: &Need) -> Vec<(&'static str, String)> {
    let manifest = format!("[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n{}\n", need.manifest);
    let lock = format!(
        "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"time\"]\n\n[[package]]\nname = \"time\"\nversion = \"0.1.42\"\nsource = \"{CRATES_IO}\"\nchecksum = \"{}\"\n",
        "0".repeat(64)
    );
    vec![("Cargo.toml", manifest), ("Cargo.lock", lock)]
}

fn audit(need: &Need, given: &[Value]) -> Audit {
    let files = files(need);
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let tree = common::tree(&files);
    let reading = read_tree(&tree, 1, &|_, _| {});
    let given = given.iter().map(|value| Named {
        name: "metadata.json".to_owned(),
        metadata: metadata::parse(&value.to_string(), &mut metadata::budget()).expect("metadata"),
    });
    let evidence = Evidence { given: given.collect(), ..Evidence::default() };
    let checked = run_with(&tree, &reading, &Cached::new(Index::embedded()), &evidence);
    let knowledge = knowledge::of_index(Index::embedded(), common::NOW);
    assemble(Input { tree: &tree, reading: &reading, checked: &checked, knowledge, policy: None })
}

fn flaw(audit: &Audit) -> &Finding {
    audit.findings.iter().find(|f| f.rule == "vulnerable-crate").expect("the flaw of time 0.1.42")
}

#[test]
fn a_flaw_weighs_what_the_build_makes_of_it() {
    use Confidence as C;
    use Decision as D;
    use Severity as S;
    let build =
        Need { has_build_script: true, ..need("[build-dependencies]\ntime = \"0.1\"", json!({"kind": "build"})) };
    let unused = need("[build-dependencies]\ntime = \"0.1\"", json!({"kind": "build"}));
    let optional = "[dependencies]\ntime = { version = \"0.1\", optional = true }";
    let windows = "[target.'cfg( windows )'.dependencies]\ntime = \"0.1\"";
    for (need, class, weight, words) in [
        (
            need("[dependencies]\ntime = \"0.1\"", json!({})),
            "default runtime",
            (S::Medium, C::High, Role::Product, D::Advise),
            "score 6.2",
        ),
        (
            need(optional, json!({"optional": true})),
            "non-default feature",
            (S::Medium, C::Medium, Role::Product, D::Advise),
            "built only with a feature that is not on by default",
        ),
        (build, "build time", (S::Medium, C::Medium, Role::Product, D::Advise), "used only while building"),
        (
            need(windows, json!({"target": "cfg(windows)"})),
            "other platform",
            (S::Medium, C::Medium, Role::Product, D::Advise),
            "built only for targets other than Linux",
        ),
        (
            need("[dev-dependencies]\ntime = \"0.1\"", json!({"kind": "dev"})),
            "dev only",
            (S::Medium, C::Medium, Role::Test, D::Note),
            "built only for tests, examples and benchmarks",
        ),
        (unused, "never built", (S::Info, C::Low, Role::Test, D::Note), "built by no feature and for no target"),
    ] {
        let audit = audit(&need, &[metadata_of(&need)]);
        assert!(audit.coverage.unknown.is_empty(), "{:?}", audit.coverage.unknown);
        let flaw = flaw(&audit);
        assert_eq!(flaw.evidence[0], format!("cargo metadata: {class}"));
        assert_eq!((flaw.severity, flaw.confidence, flaw.role, flaw.decision), weight, "{class}");
        assert!(flaw.message.contains(words), "{}", flaw.message);
    }
}

#[test]
fn without_metadata_a_finding_says_what_would_tell_more() {
    let audit = audit(&need("[dependencies]\ntime = \"0.1\"", json!({})), &[]);
    assert!(flaw(&audit).evidence[0].starts_with("lock and manifests; "), "{:?}", flaw(&audit).evidence);
    assert!(flaw(&audit).evidence[0].contains("`--metadata FILE`"));
}

/// Nobody gets a flaw excused by what another commit was made of.
#[test]
fn metadata_of_something_else_is_not_used() {
    let plain = || need("[dependencies]\ntime = \"0.1\"", json!({}));
    let dev = need("[dev-dependencies]\ntime = \"0.1\"", json!({"kind": "dev"}));
    let optional = need("", json!({"optional": true}));
    let with = |change: &dyn Fn(&mut Value)| {
        let mut value = metadata_of(&plain());
        change(&mut value);
        value
    };
    let feature = "[features]\ndefault = [\"dep:time\"]\n[dependencies]\ntime = { version = \"0.1\", optional = true }";
    for (need, given, why) in [
        (plain(), metadata_of(&dev), "`app` declares `time` in another way"),
        (plain(), metadata_of(&optional), "`app` declares `time` in another way"),
        (need(feature, json!({})), metadata_of(&optional), "the feature `default` of `app` is another"),
        (plain(), with(&|v| v["packages"][0]["version"] = json!("0.1.43")), "it does not know time 0.1.42"),
        (
            plain(),
            with(&|v| v["packages"][0]["source"] = json!("registry+https://registry.example.com")),
            "it does not know time",
        ),
        (plain(), with(&|v| v["packages"][1]["name"] = json!("other")), "describes no workspace of this tree"),
        (plain(), with(&|v| v["workspace_root"] = json!("/work")), "describes no workspace of this tree"),
    ] {
        let audit = audit(&need, &[given]);
        let [unknown] = audit.coverage.unknown.as_slice() else { panic!("{:?}", audit.coverage.unknown) };
        assert!(unknown.starts_with("metadata.json ") && unknown.contains(why), "{unknown}");
        assert_eq!(audit.verdict, Verdict::Incomplete);
        assert!(flaw(&audit).evidence[0].starts_with("lock and manifests"));
    }
}

/// Copies among fixtures have the same members; the end of the path on the other machine tells.
#[test]
fn metadata_goes_to_the_workspace_it_was_made_of() {
    let need = need("[dependencies]\ntime = \"0.1\"", json!({}));
    let placed: Vec<(String, String)> = ["one", "services/two", "three"]
        .iter()
        .flat_map(|at| files(&need).into_iter().map(move |(path, text)| (format!("{at}/{path}"), text)))
        .collect();
    let placed: Vec<(&str, &str)> = placed.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let tree = common::tree(&placed);
    let reading = read_tree(&tree, 1, &|_, _| {});
    let text = metadata_of(&need).to_string().replace("/src/app", "/build/services/two");
    let metadata = metadata::parse(&text, &mut metadata::budget()).expect("metadata");
    let evidence = Evidence { given: vec![Named { name: "m.json".to_owned(), metadata }], ..Evidence::default() };
    let checked = run_with(&tree, &reading, &Cached::new(Index::embedded()), &evidence);
    assert!(checked.unknown.is_empty(), "{:?}", checked.unknown);
    let tied: Vec<&str> =
        checked.evidence.iter().filter(|(_, origin)| origin.is_some()).map(|(f, _)| reading.sources.path(*f)).collect();
    assert_eq!(tied, ["services/two/Cargo.lock"]);
    // What is known of one lock is not known of all that hold the crate.
    let (_, node) = checked.graph.nodes().find(|(_, node)| node.name == "time").expect("the crate");
    assert_eq!(node.attributes.get("build-class"), None);
}

fn folder(name: &str, need: &Need) -> std::path::PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("metadata").join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("a folder");
    for (path, text) in files(need) {
        fs::write(dir.join(path), text).expect("a file");
    }
    dir
}

fn run(dir: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-custody"));
    command.env_clear().env("SOURCE_DATE_EPOCH", "1795392000").current_dir(dir).args(words);
    command.output().expect("the program starts")
}

#[test]
fn a_file_that_is_no_metadata_is_a_mistake_in_the_call() {
    let dir = folder("call", &need("[dependencies]\ntime = \"0.1\"", json!({})));
    let mut without = metadata_of(&need("", json!({})));
    without["resolve"] = Value::Null;
    for (name, text, why) in [
        ("missing.json", None, "failed to read `missing.json`"),
        ("broken.json", Some("{".to_owned()), "as metadata of cargo: no JSON"),
        ("other.json", Some("{}".to_owned()), "not what `cargo metadata --format-version 1` prints"),
        ("no-deps.json", Some(without.to_string()), "made with `--no-deps`"),
    ] {
        if let Some(text) = text {
            fs::write(dir.join(name), text).expect("a file");
        }
        let output = run(&dir, &["audit", ".", "--metadata", name]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(why), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn the_screen_and_the_graph_name_the_evidence() {
    let need = need("[dev-dependencies]\ntime = \"0.1\"", json!({"kind": "dev"}));
    let dir = folder("screen", &need);
    fs::write(dir.join("m.json"), metadata_of(&need).to_string()).expect("a file");
    let screen = run(&dir, &["audit", ".", "--metadata", "m.json", "--all"]);
    let screen = String::from_utf8_lossy(&screen.stdout).into_owned();
    for words in ["Evidence: cargo metadata for Cargo.lock", "rests on cargo metadata: dev only", "nothing executed"] {
        assert!(screen.contains(words), "{screen}");
    }
    let graph = run(&dir, &["graph", ".", "--metadata", "m.json"]);
    let graph: Value = serde_json::from_slice(&graph.stdout).expect("JSON");
    let classes: Vec<&Value> =
        graph["nodes"].as_array().expect("nodes").iter().map(|n| &n["attributes"]["build-class"]).collect();
    assert!(classes.contains(&&json!("dev only")) && classes.contains(&&json!("default runtime")), "{classes:?}");
    // Where cargo was to be asked and cannot be, the verdict says so.
    let asked = run(&dir, &["audit", ".", "--evidence", "metadata"]);
    let asked = String::from_utf8_lossy(&asked.stdout).into_owned();
    assert!(
        asked.starts_with("app ")
            && asked.contains("INCOMPLETE")
            && asked.contains("Could not tell: cargo metadata of Cargo.toml failed"),
        "{asked}"
    );
}
