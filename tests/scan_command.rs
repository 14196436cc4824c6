//! `cargo custody scan` as a person starts it: the contract of its report, exit codes, journal and folders.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "the tests start the program and read its reports"
)]

mod models;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use models::{pickle, zip};
use serde_json::Value;

const REAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/models/real");

fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scan").join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("a folder");
    dir
}

fn put(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, bytes).expect("a file");
}

/// Runs `scan` within a folder.
fn run(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-custody"));
    command.current_dir(folder).env_clear().arg("scan").args(words).output().expect("the program starts")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("an exit code")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// The report as JSON.
fn json(folder: &Path, words: &[&str]) -> Value {
    let output = run(folder, &[words, &["--format", "json"]].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)))
}

/// The entry of a path.
fn entry<'j>(report: &'j Value, path: &str) -> &'j Value {
    let files = report["files"].as_array().expect("a list");
    files.iter().find(|file| file["path"] == path).unwrap_or_else(|| panic!("no {path} in {report:#}"))
}

/// A clean file, a dangerous one, a suspicious one, a malformed one and one that nobody can read.
fn mixed(name: &str) -> PathBuf {
    let dir = folder(name);
    put(&dir, "clean.pkl", &pickle::plain());
    put(&dir, "state.pt", &zip::torch(&pickle::state()));
    put(&dir, "dangerous.pt", &zip::torch(&pickle::state_with(&pickle::system())));
    put(&dir, "suspicious.pkl", &pickle::two(&[&pickle::global("acme.models", "Net"), b")\x81"]));
    put(&dir, "malformed.pkl", &pickle::plain()[..20]);
    put(&dir, "unread.rar", b"Rar!\x1a\x07\x01\x00\x33\x92\xb5\xe5\x0a\x01");
    dir
}

#[test]
fn the_report_is_what_the_contract_says() {
    let dir = mixed("contract");
    let report = json(&dir, &["."]);
    assert_eq!(report["schema"], "custody/scan/v1");
    assert_eq!(report["verdict"], "dangerous");
    assert_eq!(report["complete"], false);
    assert_eq!(report["exit_code"], 1);
    assert_eq!(report["counts"]["clean"], 2);
    assert_eq!(report["files"].as_array().map(Vec::len), Some(6));
    for file in report["files"].as_array().expect("a list") {
        let word = |key: &str| file[key].as_str().unwrap_or_else(|| panic!("{key} of {file:#}")).to_owned();
        assert!(["clean", "suspicious", "dangerous", "malformed", "unread"].contains(&word("verdict").as_str()));
        assert!(!word("path").is_empty() && !word("format").is_empty());
        assert!(file["weights_only"].is_boolean() || file["weights_only"].is_null());
        assert!(file.get("sha256").is_none_or(Value::is_null), "nobody asked for it");
        for finding in file["findings"].as_array().expect("a list") {
            assert!(finding["rule"].is_string() && finding["message"].is_string(), "{finding:#}");
            let severity = finding["severity"].as_str().expect("a word");
            assert!(["info", "low", "medium", "high", "critical"].contains(&severity));
            assert!(finding["offset"].is_u64() || finding["offset"].is_null());
            assert!(finding["inner_path"].is_string() || finding["inner_path"].is_null());
        }
    }
    let dangerous = entry(&report, "dangerous.pt");
    assert_eq!(dangerous["format"], "torch");
    assert_eq!(dangerous["weights_only"], false);
    assert_eq!(dangerous["findings"][0]["rule"], "pickle-dangerous-global");
    assert_eq!(dangerous["findings"][0]["inner_path"], "archive/data.pkl");
    assert_eq!(entry(&report, "state.pt")["weights_only"], true);
    for (path, verdict) in [
        ("suspicious.pkl", "suspicious"),
        ("malformed.pkl", "malformed"),
        ("unread.rar", "unread"),
        ("clean.pkl", "clean"),
    ] {
        assert_eq!(entry(&report, path)["verdict"], verdict);
    }
}

#[test]
fn the_exit_code_is_the_verdict() {
    let dir = mixed("codes");
    for (words, expected) in [
        (&["clean.pkl"][..], 0),
        (&["clean.pkl", "state.pt"], 0),
        (&["dangerous.pt"], 1),
        (&["suspicious.pkl"], 1),
        (&["suspicious.pkl", "--fail-on", "dangerous"], 0),
        (&["dangerous.pt", "--fail-on", "dangerous"], 1),
        (&["malformed.pkl"], 3),
        (&["unread.rar"], 3),
        (&["unread.rar", "--fail-on", "dangerous"], 3),
        (&["suspicious.pkl", "unread.rar", "--fail-on", "dangerous"], 3),
        (&["malformed.pkl", "dangerous.pt"], 1),
        (&["missing.pkl"], 2),
        (&[], 2),
        (&["clean.pkl", "--format", "other"], 2),
        (&["clean.pkl", "--fail-on", "clean"], 2),
        (&["clean.pkl", "--jobs", "0"], 2),
    ] {
        let output = run(&dir, words);
        assert_eq!(code(&output), expected, "{words:?}\n{}{}", text(&output.stdout), text(&output.stderr));
    }
    let empty = folder("empty");
    assert_eq!(code(&run(&empty, &["."])), 0);
}

#[test]
fn the_digest_is_that_of_the_file() {
    let dir = folder("digest");
    put(&dir, "abc.txt", b"abc");
    put(&dir, "long.txt", &b"abc\n".repeat(700_000));
    let report = json(&dir, &[".", "--sha256"]);
    // As sha256sum says.
    assert_eq!(entry(&report, "abc.txt")["sha256"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(entry(&report, "long.txt")["sha256"], LONG);
}

/// `yes abc | head -700000 | sha256sum`
const LONG: &str = "b6cb2b952519e584c29959adf3242ff6c7608ac6902304e17555a09fc86b9eb4";

#[test]
fn the_number_of_threads_decides_nothing() {
    let dir = mixed("threads");
    for index in 0..40 {
        put(&dir, &format!("more/{index}.pkl"), &if index % 3 == 0 { pickle::evil() } else { pickle::plain() });
    }
    for format in ["json", "sarif"] {
        let one = run(&dir, &[".", "--format", format, "--jobs", "1"]);
        let eight = run(&dir, &[".", "--format", format, "--jobs", "8"]);
        assert_eq!(text(&one.stdout), text(&eight.stdout));
        assert!(!one.stdout.is_empty());
    }
}

#[test]
fn reports_go_where_they_are_sent() {
    let dir = mixed("outputs");
    let output = run(&dir, &["dangerous.pt", "-o", "json=a.json", "-o", "sarif=b.sarif", "-o", "terminal=-"]);
    assert_eq!(code(&output), 1);
    assert!(text(&output.stdout).contains("DANGEROUS"));
    let report: Value = serde_json::from_slice(&fs::read(dir.join("a.json")).expect("a report")).expect("JSON");
    assert_eq!(report["verdict"], "dangerous");
    let sarif: Value = serde_json::from_slice(&fs::read(dir.join("b.sarif")).expect("a report")).expect("JSON");
    assert_eq!(sarif["version"], "2.1.0");
    let twice = run(&dir, &["dangerous.pt", "-o", "json=a.json", "-o", "sarif=a.json"]);
    assert_eq!(code(&twice), 2);
}

#[test]
fn sarif_names_files_rules_and_offsets() {
    let dir = mixed("sarif");
    let output = run(&dir, &[".", "--format", "sarif"]);
    let sarif: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("a list");
    let of = |path: &str| {
        let uri = |result: &&Value| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == path;
        results.iter().find(uri).unwrap_or_else(|| panic!("no result of {path}: {sarif:#}"))
    };
    assert_eq!(of("dangerous.pt")["ruleId"], "pickle-dangerous-global");
    assert_eq!(of("dangerous.pt")["level"], "error");
    assert!(of("suspicious.pkl")["locations"][0]["physicalLocation"]["region"]["byteOffset"].is_u64());
    if let Some(shared) = std::env::var_os("CUSTODY_SHARED") {
        let path = Path::new(&shared).join("schemas/sarif/sarif-schema-2.1.0.json");
        let schema: Value = serde_json::from_slice(&fs::read(path).expect("a schema")).expect("JSON");
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
        let errors: Vec<String> = validator.iter_errors(&sarif).take(5).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
    }
}

#[test]
fn a_journal_keeps_what_is_done() {
    let dir = mixed("journal");
    let journal = folder("journal_place").join("scan.journal");
    let name = journal.to_str().expect("UTF-8");
    let words = [".", "--format", "json", "--journal", name];
    let first = run(&dir, &words);
    assert_eq!(code(&first), 1, "{}", text(&first.stderr));
    let lines = fs::read_to_string(&journal).expect("a journal");
    assert!(lines.lines().count() >= 7, "{lines}");
    let resumed = |words: &[&str]| {
        let output = run(&dir, &[words, &["--format", "terminal", "--journal", name]].concat());
        let screen = text(&output.stdout);
        let count =
            screen.lines().next().and_then(|line| line.split(" · ").find(|part| part.ends_with("from the journal")));
        count.and_then(|part| part.split(' ').next()).and_then(|number| number.parse().ok()).unwrap_or(0_usize)
    };
    assert_eq!(resumed(&["."]), 6);
    let again = run(&dir, &words);
    assert_eq!(text(&again.stdout), text(&first.stdout), "the report does not say where it comes from");

    // Interrupted while a line was written: what is whole counts, and the rest is scanned.
    let whole = fs::read_to_string(&journal).expect("a journal");
    let keep: Vec<&str> = whole.lines().filter(|line| !line.is_empty()).take(4).collect();
    let half = format!("{}\n{}", keep.join("\n"), &whole.lines().nth(5).expect("a line")[..30]);
    fs::write(&journal, half).expect("a journal");
    assert_eq!(resumed(&["."]), 3);
    assert_eq!(resumed(&["."]), 6);
    assert_eq!(text(&run(&dir, &words).stdout), text(&first.stdout));

    // A file that changed is scanned again.
    put(&dir, "clean.pkl", &pickle::evil());
    let changed = json(&dir, &[".", "--journal", name]);
    assert_eq!(entry(&changed, "clean.pkl")["verdict"], "dangerous");

    // Another version, or other limits, begins anew.
    assert_eq!(resumed(&["."]), 6);
    let other = fs::read_to_string(&journal).expect("a journal").replacen("\"version\":\"", "\"version\":\"9.", 1);
    fs::write(&journal, other).expect("a journal");
    assert_eq!(resumed(&["."]), 0);
    assert_eq!(resumed(&[".", "--unpack-limit", "1"]), 0);
}

#[test]
fn a_journal_is_not_taken_from_strangers() {
    let dir = mixed("strangers");
    let inside = run(&dir, &[".", "--journal", "scan.journal"]);
    assert_eq!(code(&inside), 2, "{}", text(&inside.stderr));
    assert!(text(&inside.stderr).contains("lies within"), "{}", text(&inside.stderr));
    assert!(!dir.join("scan.journal").exists());
    let place = folder("strangers_place");
    put(&place, "other.txt", b"notes of somebody\n");
    let other = place.join("other.txt");
    let output = run(&dir, &[".", "--journal", other.to_str().expect("UTF-8")]);
    assert_eq!(code(&output), 2, "{}", text(&output.stderr));
    assert_eq!(fs::read(&other).expect("a file"), b"notes of somebody\n");
}

#[test]
fn folders_are_walked_and_told() {
    let dir = folder("walk");
    put(&dir, "a/b/c.pkl", &pickle::evil());
    put(&dir, ".git/objects/x", &pickle::evil());
    put(&dir, "name with space.pkl", &pickle::plain());
    let report = json(&dir, &["."]);
    let paths: Vec<&str> =
        report["files"].as_array().expect("a list").iter().filter_map(|file| file["path"].as_str()).collect();
    assert_eq!(paths, ["a/b/c.pkl", "name with space.pkl"]);
    let above = dir.parent().expect("a folder");
    assert_eq!(entry(&json(above, &["walk"]), "walk/a/b/c.pkl")["verdict"], "dangerous");
    let twice = json(&dir, &["a/b/c.pkl", "a/b/c.pkl", "./a/b/c.pkl"]);
    assert!(twice["files"].as_array().is_some_and(|files| !files.is_empty()), "{twice:#}");
}

#[cfg(unix)]
#[test]
fn links_are_followed_to_files_and_told_where_not() {
    use std::os::unix::fs::symlink;
    let dir = folder("links");
    let outside = folder("links_outside");
    put(&outside, "evil.pkl", &pickle::evil());
    put(&dir, "a.pkl", &pickle::plain());
    symlink(outside.join("evil.pkl"), dir.join("b.pkl")).expect("a link");
    symlink(&outside, dir.join("folder")).expect("a link");
    symlink("nowhere", dir.join("gone.pkl")).expect("a link");
    symlink("..", dir.join("round")).expect("a link");
    let report = json(&dir, &["."]);
    assert_eq!(entry(&report, "b.pkl")["verdict"], "dangerous");
    for path in ["folder", "gone.pkl", "round"] {
        assert_eq!(entry(&report, path)["verdict"], "unread", "{path}");
    }
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_unread() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = folder("unreadable");
    put(&dir, "a.pkl", &pickle::plain());
    fs::set_permissions(dir.join("a.pkl"), fs::Permissions::from_mode(0o0)).expect("a mode");
    // Whoever may read everything reads this too.
    if fs::read(dir.join("a.pkl")).is_err() {
        assert_eq!(code(&run(&dir, &["."])), 3);
        assert_eq!(entry(&json(&dir, &["."]), "a.pkl")["verdict"], "unread");
    }
    let made = Command::new("mkfifo").arg(dir.join("pipe")).status().is_ok_and(|status| status.success());
    if made {
        let report = json(&dir, &["pipe"]);
        assert_eq!(entry(&report, "pipe")["verdict"], "unread");
    }
}

/// Weights of five GiB, almost all of them a hole: the end is looked at, and offsets have 64 bits.
#[test]
fn offsets_have_64_bits() {
    const LENGTH: u64 = 5 << 30;
    let dir = folder("large");
    let path = dir.join("large.safetensors");
    let header = format!("{{\"a\":{{\"dtype\":\"U8\",\"shape\":[{LENGTH}],\"data_offsets\":[0,{LENGTH}]}}}}");
    let head = models::bytes::safetensors(&header, 0);
    fs::write(&path, &head).expect("a file");
    let file = fs::OpenOptions::new().write(true).open(&path).expect("a file");
    file.set_len(head.len() as u64 + LENGTH).expect("a length");
    assert_eq!(code(&run(&dir, &["large.safetensors"])), 0);
    file.set_len(head.len() as u64 + LENGTH + 7).expect("a length");
    let report = json(&dir, &["large.safetensors"]);
    let file = entry(&report, "large.safetensors");
    assert_eq!(file["verdict"], "malformed");
    assert_eq!(file["size"], head.len() as u64 + LENGTH + 7);
    let offsets: Vec<u64> =
        file["findings"].as_array().expect("a list").iter().filter_map(|found| found["offset"].as_u64()).collect();
    assert!(offsets.contains(&(head.len() as u64 + LENGTH)), "{offsets:?}");
    fs::remove_file(path).expect("a file");
}

#[test]
fn real_folders_are_as_their_index_says() {
    let index = fs::read_to_string(Path::new(REAL).join("INDEX.tsv")).expect("an index");
    let rows = index.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    let folders: Vec<Vec<&str>> = rows.filter(|row| row[0].ends_with('/')).collect();
    assert!(folders.len() > 10, "{} folders", folders.len());
    let mut wrong = Vec::new();
    for row in folders {
        let report = json(Path::new(REAL), &[row[0]]);
        if report["verdict"] != row[3] {
            wrong.push(format!("{} is {} and not {}: {:#}", row[0], report["verdict"], row[3], report["files"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_screen_says_what_was_found() {
    let dir = mixed("screen");
    let output = run(&dir, &["."]);
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
    let screen = text(&output.stdout);
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"· \d+\.\d+ s ·", "· TIME ·");
    settings.bind(|| insta::assert_snapshot!(screen));
}
