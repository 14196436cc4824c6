//! Waivers as a person writes and prunes them.

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

const WORKFLOW: &str = "on: pull_request_target\npermissions: write-all\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: example/upload@v2\n      - run: curl https://example.com/x | sh\n";
const RULE: &str = "unpinned-action";
const PLACE: &str = "unpinned-action@.github/workflows/a.yml:7";

fn tree(name: &str, more: &[(&str, &str)]) -> PathBuf {
    common::folder("waive", name, &[&[(".github/workflows/a.yml", WORKFLOW)], more].concat())
}

fn custody(dir: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-custody"));
    command.env_clear().env("SOURCE_DATE_EPOCH", common::NOW.to_string()).current_dir(dir).args(words);
    command.output().expect("the program starts")
}

fn waive(dir: &Path, finding: &str, words: &[&str]) -> Output {
    custody(dir, &[&["waive", finding, "--tree", "."], words].concat())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn findings(dir: &Path) -> Vec<Value> {
    let out = custody(dir, &["audit", ".", "--format", "json"]);
    let audit: Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{}", text(&out.stderr)));
    audit["findings"].as_array().expect("findings").clone()
}

/// The finding of a rule: its fingerprint and state.
fn of_rule(dir: &Path, rule: &str) -> (String, String) {
    let all = findings(dir);
    let found = all.iter().find(|f| f["rule"] == rule).unwrap_or_else(|| panic!("no {rule}"));
    let word = |key: &str| found[key].as_str().expect("a word").to_owned();
    (word("fingerprint"), word("state"))
}

fn read(dir: &Path, file: &str) -> String {
    fs::read_to_string(dir.join(file)).expect("a file")
}

const GOOD: &[&str] =
    &["--reason", "ours", "--owner", "@team", "--until", "2027-01-31", "--until-reason", "moves then"];

#[test]
fn nothing_is_written_that_an_inherited_policy_forbids() {
    let org = "[waivers]\nlocal = false\n";
    let sum = cargo_custody::parse::cargo_checksum::sha256(org.as_bytes());
    let extends = format!("extends = {{ path = \"policy/org.toml\", sha256 = \"{sum}\" }}\n");
    let dir = tree("forbidden", &[("policy/org.toml", org), ("custody.toml", &extends)]);
    let out = waive(&dir, PLACE, GOOD);
    assert!(text(&out.stderr).contains("no waivers of its own"), "{}", text(&out.stderr));
    assert_eq!((out.status.code(), read(&dir, "custody.toml")), (Some(2), extends));
}

#[test]
fn an_entry_excuses_until_the_content_changes() {
    let dir = tree("excuse", &[]);
    let (fingerprint, state) = of_rule(&dir, RULE);
    assert_eq!(state, "existing");
    let dry = waive(&dir, PLACE, &[GOOD, &["--dry-run"]].concat());
    assert!(dry.status.success(), "{}", text(&dry.stderr));
    assert!(!dir.join("custody.toml").exists(), "nothing is written");
    let out = waive(&dir, &fingerprint[..12], GOOD);
    assert!(out.status.success(), "{}", text(&out.stderr));
    assert_eq!(text(&out.stdout), text(&dry.stdout), "what is shown is what is written");
    let written = read(&dir, "custody.toml");
    let wanted = format!(
        "[[waiver]]\nfingerprint = \"{fingerprint}\"\nrule = \"unpinned-action\"\nreason = \"ours\"\n\
         owner = \"@team\"\nuntil = \"2027-01-31\"\nuntil-reason = \"moves then\"\n"
    );
    assert!(written.starts_with("# .github/workflows/a.yml: ") && written.ends_with(&wanted), "{written}");
    assert_eq!(of_rule(&dir, RULE).1, "suppressed");
    // Twice is once.
    let out = waive(&dir, PLACE, GOOD);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("is excused already: waived in custody.toml"), "{}", text(&out.stderr));
    // Another release of what may move is the same thing, and a branch is another.
    for (name, state) in [("upload@v3", "suppressed"), ("upload@main", "existing")] {
        fs::write(dir.join(".github/workflows/a.yml"), WORKFLOW.replace("upload@v2", name)).expect("a file");
        assert_eq!(of_rule(&dir, RULE).1, state, "{name}");
    }
}

#[test]
fn the_file_in_force_is_written_to_as_a_person_left_it() {
    let manifest = "[package]\nname = \"x\" # ours\nversion = \"0.1.0\"\n";
    for (name, file, before) in [
        ("root", "custody.toml", "# head\n\n[duplicates]\ndeny = [\"openssl\"] # why\n"),
        ("github", ".github/custody.toml", "# head\n"),
        ("package", "Cargo.toml", &format!("{manifest}\n[package.metadata.custody.duplicates]\ndeny = []\n")),
        ("workspace", "Cargo.toml", &format!("{manifest}\n[workspace]\n\n[workspace.metadata.custody]\n")),
        ("project", "pyproject.toml", "[project]\nname = \"x\"\n\n[tool.custody]\n\n[tool.other]\na = 1\n"),
    ] {
        let dir = tree(&format!("place-{name}"), &[(file, before)]);
        let out = waive(&dir, PLACE, GOOD);
        assert!(out.status.success(), "{name}: {}", text(&out.stderr));
        let after = read(&dir, file);
        for line in before.lines() {
            assert!(after.lines().any(|l| l == line), "{name}: `{line}` is gone from {after}");
        }
        assert_eq!(of_rule(&dir, RULE).1, "suppressed", "{name}: {after}");
    }
}

#[test]
fn a_word_on_the_flaw_is_written_with_it() {
    let dir = tree("status", &[]);
    let status = ["--status", "not_affected", "--justification", "component_not_present"];
    let out = waive(&dir, PLACE, &[GOOD, &status].concat());
    assert!(out.status.success(), "{}", text(&out.stderr));
    let written = read(&dir, "custody.toml");
    let wanted = "status = \"not_affected\"\njustification = \"component_not_present\"\n";
    assert!(written.ends_with(wanted), "{written}");
    assert_eq!(of_rule(&dir, RULE).1, "suppressed");
}

#[test]
fn what_is_not_excused_like_this() {
    let dir = tree("refused", &[]);
    let reason: &[&str] = &["--reason", "ours"];
    for (finding, words, told) in [
        (PLACE, &[][..], "--reason"),
        (PLACE, &["--reason", " "], "it says nothing"),
        (PLACE, &["--reason", "ours", "--until", "2026-11-22"], "is over: today is 2026-11-23"),
        (PLACE, &["--reason", "ours", "--until", "2027-02-30"], "is no day"),
        (PLACE, &["--reason", "ours", "--until", "soon"], "is no day"),
        (PLACE, &["--reason", "ours", "--until-reason", "x"], "--until"),
        (PLACE, &["--reason", "ours", "--status", "harmless"], "not_affected"),
        (PLACE, &["--reason", "ours", "--justification", "component_not_present"], "--status"),
        (
            PLACE,
            &[
                "--reason",
                "ours",
                "--until",
                "2027-01-31",
                "--status",
                "affected",
                "--justification",
                "component_not_present",
            ],
            "goes with `--status not_affected`",
        ),
        (PLACE, reason, "which is excused for a time only: `--until`, at most 2027-05-22"),
        (PLACE, &["--reason", "ours", "--until", "2027-05-23"], "at most until 2027-05-22"),
        ("0123456", reason, "at least 8 of its hexadecimal digits"),
        ("zzzzzzzzzz", reason, "is no fingerprint"),
        ("0123456789abcdef", reason, "there is no finding `0123456789abcdef`"),
        ("unpinned-action@.github/workflows/a.yml", reason, "names no line"),
        ("unpinned-action@.github/workflows/a.yml:6", reason, "; near it are "),
    ] {
        let out = waive(&dir, finding, words);
        assert_eq!(out.status.code(), Some(2), "{finding} {words:?}");
        assert!(text(&out.stderr).contains(told), "{finding} {words:?}: {}", text(&out.stderr));
    }
    assert!(!dir.join("custody.toml").exists());
}

#[test]
fn an_attack_is_excused_by_nothing() {
    let lock = "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"rustdecimal\"]\n\
                [[package]]\nname = \"rustdecimal\"\nversion = \"1.23.1\"\n\
                source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
    let dir = tree("attack", &[("Cargo.lock", lock)]);
    let (fingerprint, _) = of_rule(&dir, "malicious-crate");
    let out = waive(&dir, &fingerprint, GOOD);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("is malicious code, which nothing excuses"), "{}", text(&out.stderr));
}

#[test]
fn a_policy_with_mistakes_is_not_written_to() {
    let before = "[duplicates]\ndenied = []\n";
    let dir = tree("mistake", &[("custody.toml", before)]);
    let out = waive(&dir, PLACE, GOOD);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("custody.toml line 2: "), "{}", text(&out.stderr));
    assert_eq!(read(&dir, "custody.toml"), before);
}

#[cfg(unix)]
#[test]
fn a_link_is_not_written_through() {
    let dir = tree("link", &[("elsewhere.toml", "")]);
    std::os::unix::fs::symlink(dir.join("elsewhere.toml"), dir.join("custody.toml")).expect("a link");
    let out = waive(&dir, PLACE, GOOD);
    assert_eq!(out.status.code(), Some(2), "{}", text(&out.stdout));
    assert_eq!(read(&dir, "elsewhere.toml"), "");
}

#[test]
fn what_excuses_nothing_any_more_is_taken_out() {
    let entry = |rule: &str, until: &str| {
        format!("# about {rule}\n[[waiver]]\nrule = \"{rule}\"\nreason = \"ours\"\nuntil = \"{until}\"\n\n")
    };
    let (used, over, unused) = (
        entry(RULE, "2027-01-31"),
        entry("pull-request-target-checkout", "2026-11-01"),
        entry("vulnerable-crate", "2027-01-31"),
    );
    let before = format!("# All of them\n\n{over}{used}{unused}[duplicates]\ndeny = []\n");
    let dir = tree("prune", &[("custody.toml", &before)]);
    let list = custody(&dir, &["waivers", "--tree", "."]);
    assert!(
        text(&list.stdout).contains(&format!("custody.toml:10: {RULE}, ours, 2027-01-31: in use")),
        "{}",
        text(&list.stdout)
    );
    let shown = custody(&dir, &["waivers", "--prune", "--tree", "."]);
    assert!(shown.status.success(), "{}", text(&shown.stderr));
    assert!(text(&shown.stdout).starts_with("--- a/custody.toml\n+++ b/custody.toml\n"), "{}", text(&shown.stdout));
    assert!(text(&shown.stderr).contains("2 waivers can go"), "{}", text(&shown.stderr));
    assert_eq!(read(&dir, "custody.toml"), before, "nothing is written");
    let out = custody(&dir, &["waivers", "--prune", "--apply", "--tree", "."]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    assert_eq!(text(&out.stdout), text(&shown.stdout));
    assert_eq!(read(&dir, "custody.toml"), format!("# All of them\n\n{used}[duplicates]\ndeny = []\n"));
    let again = custody(&dir, &["waivers", "--prune", "--apply", "--tree", "."]);
    assert!(text(&again.stderr).contains("all waivers are in use"), "{}", text(&again.stderr));
}
