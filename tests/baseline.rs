//! Baselines as a person writes and uses them.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "the tests start the program and look at the files it wrote"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// One step that strangers' code runs in, with the token of the repository.
const WORKFLOW: &str = "on: pull_request_target\npermissions: write-all\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: curl https://example.com/x | sh\n";
const MORE: &str = "      - run: curl https://example.com/y | sh\n";

fn tree(name: &str, workflow: &str) -> PathBuf {
    common::folder("baseline", name, &[(".github/workflows/a.yml", workflow)])
}

fn custody(dir: &Path, words: &[&str], day: i64) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-custody"));
    let now = (common::NOW + day * 86_400).to_string();
    command.env_clear().env("SOURCE_DATE_EPOCH", now).current_dir(dir).args(words);
    command.output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn written(dir: &Path, day: i64) -> String {
    let out = custody(dir, &["baseline", "write", "--tree", "."], day);
    assert!(out.status.success(), "{}", text(&out.stderr));
    fs::read_to_string(dir.join("custody-baseline.json")).expect("a baseline")
}

/// The audit against the baseline, and its exit code.
fn audit(dir: &Path, words: &[&str]) -> (Value, i32) {
    let words = [&["audit", ".", "--format", "json"], words].concat();
    let out = custody(dir, &words, 10);
    let audit = serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{}", text(&out.stderr)));
    (audit, out.status.code().expect("an exit code"))
}

fn states(audit: &Value) -> Vec<(String, u64, String)> {
    let mut out: Vec<_> = audit["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|f| {
            let word = |key: &str| f[key].as_str().expect("a word").to_owned();
            (word("rule"), f["line"].as_u64().expect("a line"), word("state"))
        })
        .collect();
    out.sort();
    out
}

const AGAINST: &[&str] = &["--baseline", "custody-baseline.json"];

#[test]
fn what_was_there_does_not_block_and_what_comes_does() {
    let dir = tree("gate", WORKFLOW);
    assert_eq!(audit(&dir, &[]).1, 1, "it blocks by itself");
    let before = written(&dir, 0);
    let (held, code) = audit(&dir, AGAINST);
    assert_eq!(code, 0, "{held:#}");
    assert!(states(&held).iter().all(|(_, _, state)| state == "existing"), "{held:#}");
    let baseline = &held["gate"]["baseline"];
    assert_eq!((&baseline["path"], &baseline["age_days"]), (&Value::from("custody-baseline.json"), &Value::from(10)));
    assert!(baseline["blocking"].as_u64().is_some_and(|n| n > 0), "{baseline:#}");
    // Lines above change nothing.
    let moved = WORKFLOW.replace("jobs:", "\n# more\n\njobs:");
    fs::write(dir.join(".github/workflows/a.yml"), &moved).expect("a file");
    assert_eq!(audit(&dir, AGAINST).1, 0);
    // A step more is new, and the one that was there is not.
    fs::write(dir.join(".github/workflows/a.yml"), format!("{moved}{MORE}")).expect("a file");
    let (held, code) = audit(&dir, AGAINST);
    assert_eq!(code, 1);
    let brought: Vec<u64> =
        states(&held).iter().filter(|(_, _, s)| s != "existing").map(|(_, line, _)| *line).collect();
    assert!(brought.contains(&11) && !brought.contains(&10), "{:?}", states(&held));
    // On a schedule everything counts.
    fs::write(dir.join(".github/workflows/a.yml"), WORKFLOW).expect("a file");
    assert_eq!(audit(&dir, &[AGAINST, &["--gate", "all"]].concat()).1, 1);
    // The baseline is no part of the tree unless it is named.
    assert_eq!(audit(&dir, &[]).1, 1);
    assert_eq!(written(&dir, 0), before, "the same tree and day give the same bytes");
}

#[test]
fn writing_again_keeps_first_days() {
    let dir = tree("again", WORKFLOW);
    let entries = written(&dir, 0).matches("\"first_seen\":\"2026-11-23\"").count();
    assert!(entries > 0);
    fs::write(dir.join(".github/workflows/a.yml"), format!("{WORKFLOW}{MORE}")).expect("a file");
    let again: Value = serde_json::from_str(&written(&dir, 5)).expect("JSON");
    assert_eq!((&again["written"], &again["updated"]), (&Value::from("2026-11-23"), &Value::from("2026-11-28")));
    let of =
        |day: &str| again["entries"].as_array().expect("entries").iter().filter(|e| e["first_seen"] == day).count();
    assert!(of("2026-11-23") == entries && of("2026-11-28") > 0, "{again:#}");
}

#[test]
fn a_baseline_fits_its_schema() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/baseline-v1.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).expect("a schema")).expect("JSON");
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
    let lock = "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"time\"]\n\
                [[package]]\nname = \"time\"\nversion = \"0.1.42\"\n\
                source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
    let dir = common::folder("baseline", "schema", &[(".github/workflows/a.yml", WORKFLOW), ("Cargo.lock", lock)]);
    let sound: Value = serde_json::from_str(&written(&dir, 0)).expect("JSON");
    let errors: Vec<String> = validator.iter_errors(&sound).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    for (key, value) in [("schema", Value::from("x")), ("written", Value::from("today")), ("more", Value::from(1))] {
        let mut broken = sound.clone();
        broken[key] = value;
        assert!(!validator.is_valid(&broken), "{key}");
    }
    let mut broken = sound.clone();
    broken["entries"][0]["why"] = Value::from("x");
    assert!(!validator.is_valid(&broken));
}

#[test]
fn a_broken_baseline_is_a_mistake_of_usage() {
    let dir = tree("broken", WORKFLOW);
    let sound = written(&dir, 0);
    let file = dir.join("custody-baseline.json");
    for (broken, told) in [
        (sound.replace("\"line\":7", "\"line\":\"7\""), "invalid type: string \"7\", expected u32"),
        (sound.replace("custody/baseline/v1", "custody/baseline/v2"), "line 2: the schema is"),
        ("[]".to_owned(), "line 1"),
    ] {
        fs::write(&file, &broken).expect("a file");
        let out = custody(&dir, &[&["audit", "."], AGAINST].concat(), 0);
        assert_eq!(out.status.code(), Some(2), "{}", text(&out.stdout));
        assert!(text(&out.stderr).contains(told), "{}", text(&out.stderr));
        // Nor is it written over: whoever reads the error decides.
        let out = custody(&dir, &["baseline", "write", "--tree", "."], 0);
        assert_eq!(out.status.code(), Some(2), "{}", text(&out.stderr));
        assert_eq!(fs::read_to_string(&file).expect("a file"), broken);
    }
    let out = custody(&dir, &["audit", ".", "--baseline", "none.json"], 0);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("failed to read `none.json`"), "{}", text(&out.stderr));
    let out = custody(&dir, &["audit", ".", "--base", "HEAD", "--baseline", "none.json"], 0);
    assert!(text(&out.stderr).contains("cannot be used with"), "{}", text(&out.stderr));
}

#[cfg(unix)]
#[test]
fn a_link_is_not_written_through() {
    let dir = tree("link", WORKFLOW);
    fs::write(dir.join("other"), "keep").expect("a file");
    std::os::unix::fs::symlink(dir.join("other"), dir.join("custody-baseline.json")).expect("a link");
    let out = custody(&dir, &["baseline", "write", "--tree", "."], 0);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("is no plain file"), "{}", text(&out.stderr));
    assert_eq!(fs::read_to_string(dir.join("other")).expect("a file"), "keep");
}

#[test]
fn a_gate_that_is_forced_open_says_so() {
    let dir = tree("forced", WORKFLOW);
    written(&dir, 0);
    fs::write(dir.join(".github/workflows/a.yml"), format!("{WORKFLOW}{MORE}")).expect("a file");
    let (forced, code) = audit(&dir, &[AGAINST, &["--break-glass", "outage 12"]].concat());
    assert_eq!(code, 0);
    assert_eq!(forced["verdict"], "fail");
    let said = &forced["gate"]["forced"];
    assert_eq!((&said["by"], &said["reason"]), (&Value::from("--break-glass"), &Value::from("outage 12")));
    let out = custody(&dir, &["audit", ".", "--break-glass", " "], 0);
    assert_eq!(out.status.code(), Some(2), "a reason is wanted");
    let out = custody(&dir, &["audit", ".", "--break-glass", "outage"], 0);
    assert_eq!(out.status.code(), Some(1), "there is no gate to force");
    assert!(text(&out.stderr).contains("nothing is compared"), "{}", text(&out.stderr));
}
