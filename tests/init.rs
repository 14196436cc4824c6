//! `init`, as a person starts it: what it writes, and what it leaves alone.

#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::panic, reason = "the tests start the program")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PIN: &str = "0123456789abcdef0123456789abcdef01234567";

fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("init").join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(dir.join(".git")).expect("a folder");
    dir
}

fn run(dir: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-custody"))
        .args(words)
        .current_dir(dir)
        .env_clear()
        .env("SOURCE_DATE_EPOCH", "1795392000")
        .output()
        .expect("the program starts")
}

fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (output.status.code().expect("an exit code"), text(&output.stdout), text(&output.stderr))
}

/// Files below a folder, but for git's own.
fn files(dir: &Path) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut queue = vec![dir.to_owned()];
    while let Some(next) = queue.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() && !path.is_symlink() {
                queue.push(path);
            } else if path.is_file() {
                let name = path.strip_prefix(dir).expect("below").to_string_lossy().replace('\\', "/");
                out.insert(name, fs::read_to_string(&path).expect("a file"));
            }
        }
    }
    out
}

#[test]
fn each_kind_of_file_is_written_and_our_own_audit_finds_nothing_in_it() {
    for (name, words, expected) in [
        ("github", &["init"][..], &[".github/workflows/custody.yml", "custody.toml"][..]),
        ("pinned", &["init", "--pin", PIN], &[".github/workflows/custody.yml", "custody.toml"]),
        ("gitlab", &["init", "--gitlab"], &[".gitlab/custody.yml", "custody.toml"]),
        ("pre-commit", &["init", "--pre-commit"], &[".pre-commit-config.yaml", "custody.toml"]),
        (
            "both",
            &["init", "--pre-commit", "--gitlab"],
            &[".gitlab/custody.yml", ".pre-commit-config.yaml", "custody.toml"],
        ),
    ] {
        let dir = folder(name);
        let (code, stdout, stderr) = told(&run(&dir, words));
        assert_eq!(code, 0, "{name}: {stderr}");
        let written = files(&dir);
        assert_eq!(written.keys().map(String::as_str).collect::<Vec<_>>(), expected, "{name}");
        for path in expected {
            assert!(stdout.contains(&format!("wrote {path}\n")), "{stdout}");
        }
        let (code, report, _) = told(&run(&dir, &["audit", ".", "--format", "json"]));
        assert_eq!(code, 0, "{name}: {report}");
        let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
        assert_eq!(report["findings"], serde_json::json!([]), "{name}");
        assert_ne!(report["coverage"], serde_json::Value::Null, "{name}");
    }
}

#[test]
fn what_is_there_is_left_alone() {
    let dir = folder("there");
    fs::create_dir_all(dir.join(".github/workflows")).expect("a folder");
    fs::write(dir.join(".github/workflows/custody.yml"), "name: mine\n").expect("a file");
    let before = files(&dir);
    let (code, stdout, stderr) = told(&run(&dir, &["init"]));
    assert_eq!(code, 2, "{stdout}");
    assert!(stderr.contains("`.github/workflows/custody.yml` is there already"), "{stderr}");
    assert_eq!(files(&dir), before, "a part was written before the refusal");

    // A policy is no reason to refuse the workflow.
    let dir = folder("policy");
    fs::write(dir.join("custody.toml"), "# mine\n").expect("a file");
    let (code, stdout, stderr) = told(&run(&dir, &["init"]));
    assert_eq!(code, 0, "{stderr}");
    assert!(!stdout.contains("wrote custody.toml"), "{stdout}");
    assert_eq!(files(&dir)["custody.toml"], "# mine\n");
}

#[test]
fn a_dry_run_shows_and_writes_nothing() {
    let dir = folder("dry");
    let (code, stdout, _) = told(&run(&dir, &["init", "--dry-run", "--pin", PIN]));
    assert_eq!(code, 0);
    assert!(stdout.contains("--- .github/workflows/custody.yml\n"), "{stdout}");
    assert!(stdout.contains(&format!("uses: cargo-custody/cargo-custody@{PIN}")), "{stdout}");
    assert!(stdout.contains("nothing was written"), "{stdout}");
    assert!(files(&dir).is_empty());
}

#[test]
fn pins_are_whole_commits() {
    for pin in ["v1", "0123456", "main", "0123456789ABCDEF0123456789abcdef01234567", "; rm -rf /", ""] {
        let dir = folder("pins");
        let (code, _, stderr) = told(&run(&dir, &["init", "--pin", pin]));
        assert_eq!(code, 2, "{pin}: {stderr}");
        assert!(files(&dir).is_empty(), "{pin}");
    }
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_links() {
    for link in [".github", ".github/workflows", ".github/workflows/custody.yml", "custody.toml"] {
        let outside = folder("outside");
        let dir = folder("links");
        let at = dir.join(link);
        fs::create_dir_all(at.parent().expect("a folder")).expect("a folder");
        std::os::unix::fs::symlink(outside.join("target"), &at).expect("a link");
        fs::create_dir_all(outside.join("target")).expect("a folder");
        let (code, _, stderr) = told(&run(&dir, &["init"]));
        assert_eq!(code, 2, "{link}: {stderr}");
        assert!(stderr.contains("is a link"), "{stderr}");
        assert!(files(&outside).is_empty(), "{link}");
        assert!(files(&dir).is_empty(), "{link}");
    }
}

/// The workflow that `init` writes and the one of the documentation are one.
#[test]
fn the_documentation_shows_what_is_written() {
    let dir = folder("documentation");
    let (code, _, stderr) = told(&run(&dir, &["init", "--pin", PIN]));
    assert_eq!(code, 0, "{stderr}");
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/github.md")).expect("the page");
    let shown = page.split("```yaml path=.github/workflows/custody.yml\n").nth(1).expect("an example");
    let shown = shown.split("```").next().expect("its end");
    let plain = |text: &str| -> Vec<String> {
        let lines = text.lines().map(str::trim_end).filter(|l| !l.trim_start().starts_with('#') && !l.is_empty());
        lines.map(str::to_owned).collect()
    };
    assert_eq!(plain(shown), plain(&files(&dir)[".github/workflows/custody.yml"]));
}
