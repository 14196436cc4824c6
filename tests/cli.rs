//! The program as a person starts it.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "the tests start the program and read its reports"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const EXAMPLE: &str = "tests/fixtures/llm-service";

fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli").join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("a folder");
    dir
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-custody"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env_clear().env("SOURCE_DATE_EPOCH", "1795392000");
    command
}

fn run(words: &[&str]) -> Output {
    program().args(words).output().expect("the program starts")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("an exit code")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

#[test]
fn the_example_fails_the_gate_and_explains_itself() {
    let output = run(&["audit", EXAMPLE]);
    let screen = stdout(&output);
    assert_eq!(code(&output), 1, "{screen}");
    assert!(output.stderr.is_empty());
    for word in [
        "FAIL",
        "built-in policy",
        "offline",
        "nothing executed",
        "Read 11/11",
        "Advisories:",
        "BLOCK",
        "ADVISE",
        "fix:",
        "NEXT",
    ] {
        assert!(screen.contains(word), "{word} is missing from\n{screen}");
    }
    assert!(screen.lines().count() <= 40, "{} lines", screen.lines().count());
}

#[test]
fn the_exit_code_is_the_same_for_every_report() {
    for format in ["terminal", "json", "sarif", "github", "markdown"] {
        assert_eq!(code(&run(&["audit", EXAMPLE, "--format", format])), 1, "{format}");
    }
    let clean = folder("clean");
    fs::write(clean.join("Cargo.toml"), "[package]\nname = \"a\"\nversion = \"1.0.0\"\nedition = \"2024\"\n")
        .expect("a file");
    let clean = clean.to_string_lossy().into_owned();
    for format in ["terminal", "json", "sarif", "github", "markdown"] {
        assert_eq!(code(&run(&["audit", &clean, "--format", format])), 0, "{format}");
    }
}

#[test]
fn incomplete_is_neither_passed_nor_failed() {
    let dir = folder("incomplete");
    fs::write(dir.join("Cargo.toml"), "[package\n").expect("a file");
    let path = dir.to_string_lossy().into_owned();
    let output = run(&["audit", &path]);
    assert_eq!(code(&output), 3);
    assert!(stdout(&output).contains("INCOMPLETE"));
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&run(&["audit", &path, "--format", "json"]))).expect("JSON");
    assert_eq!(json["verdict"], "incomplete");
    assert_eq!(json["complete"], false);
}

#[test]
fn nothing_to_look_at_is_not_passed() {
    let dir = folder("nothing");
    fs::write(dir.join("notes.txt"), "nothing of a known kind").expect("a file");
    let output = run(&["audit", &dir.to_string_lossy()]);
    assert_eq!(code(&output), 3);
    assert!(stdout(&output).contains("nothing of a known kind"), "{}", stdout(&output));
    // An ecosystem that is out of scope is said, and is no reason for 3.
    fs::write(dir.join("go.mod"), "module example.com/a\n").expect("a file");
    let output = run(&["audit", &dir.to_string_lossy()]);
    assert_eq!(code(&output), 0);
    assert!(stdout(&output).contains("Out of scope: Go 1"), "{}", stdout(&output));
}

#[test]
fn a_version_that_cannot_be_compared_is_not_passed() {
    let dir = folder("banana");
    fs::write(
        dir.join("Cargo.lock"),
        "version = 4\n\n[[package]]\nname = \"serde\"\nversion = \"1.banana\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"00\"\n",
    )
    .expect("a file");
    let output = run(&["audit", &dir.to_string_lossy()]);
    assert_eq!(code(&output), 3);
    assert!(stdout(&output).contains("1.banana"), "{}", stdout(&output));
}

#[test]
fn failing_outranks_incomplete() {
    let dir = folder("both");
    fs::create_dir_all(dir.join(".github/workflows")).expect("a folder");
    fs::copy(
        Path::new(env!("CARGO_MANIFEST_DIR")).join(EXAMPLE).join(".github/workflows/release.yml"),
        dir.join(".github/workflows/release.yml"),
    )
    .expect("a copy");
    fs::write(dir.join("Cargo.toml"), "[package\n").expect("a file");
    let path = dir.to_string_lossy().into_owned();
    let output = run(&["audit", &path, "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!((code(&output), json["verdict"].as_str(), json["complete"].as_bool()), (1, Some("fail"), Some(false)));
}

#[test]
fn mistakes_in_the_call_are_usage_errors_with_a_hint() {
    for (words, hint) in [
        (&["audit", "no/such/folder"][..], "does not exist"),
        (&["audit", "Cargo.toml"], "is no folder"),
        (&["explain", "unpined-action"], "did you mean `unpinned-action`"),
        (&["explain", "pinning"], "is a family of rules; name one of them"),
        (&["explain", "99999", "--tree", EXAMPLE], "there is no group 99999: the screen has 1 to"),
        (&["explain", "00000000", "--tree", EXAMPLE], "there is no finding"),
        (&["fix", "--rule", "unpined-action"], "did you mean `unpinned-action`"),
        (&["hlep"], "'help'"),
        (&["audti"], "'audit'"),
        (&["tests"], "cargo custody audit tests"),
        (&["audit", "--base"], "a value is required"),
        (&["audit", "no/such/folder", "--base", "main"], "no/such/folder` does not exist"),
        (&["--fromat", "json"], "--format"),
        (&["audit", "--output", "jsn=x"], "did you mean `json`"),
        (&["audit", "--output", "json"], "FORMAT=FILE"),
        (&["audit", "--output", "json=-", "--output", "sarif=-"], "two reports"),
        (&["report", "Cargo.toml"], "saved audit"),
        (&["db", "build", "--out", "x"], "--rustsec"),
    ] {
        let output = run(words);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(code(&output), 2, "{words:?}: {text}");
        assert!(text.contains(hint), "{words:?}: {text}");
        assert!(!text.contains("backtrace") && !text.contains("panicked"), "{text}");
    }
}

#[test]
fn an_epoch_that_is_no_number_is_a_usage_error() {
    let output =
        program().env("SOURCE_DATE_EPOCH", "yesterday").args(["db", "status"]).output().expect("the program starts");
    assert_eq!(code(&output), 2);
    assert!(String::from_utf8_lossy(&output.stderr).contains("SOURCE_DATE_EPOCH"));
}

#[cfg(unix)]
#[test]
fn a_report_does_not_write_through_a_link() {
    let dir = folder("link");
    let outside = dir.join("outside.txt");
    fs::write(&outside, "precious").expect("a file");
    std::os::unix::fs::symlink(&outside, dir.join("a.json")).expect("a link");
    let spec = format!("json={}", dir.join("a.json").display());
    assert_eq!(code(&run(&["audit", EXAMPLE, "--output", &spec])), 1);
    assert_eq!(fs::read_to_string(&outside).expect("a file"), "precious");
    assert!(fs::read_to_string(dir.join("a.json")).expect("a report").starts_with('{'));
}

#[test]
fn cargo_calls_us_with_our_own_name() {
    let alone = stdout(&run(&["rules"]));
    assert_eq!(stdout(&run(&["custody", "rules"])), alone);
    let help = stdout(&run(&["custody", "--help"]));
    assert!(help.contains("Exit codes"), "{help}");
    assert_eq!(code(&run(&["--version"])), 0);
}

#[test]
fn one_run_writes_many_reports_and_the_same_bytes_on_any_number_of_threads() {
    let dir = folder("many");
    let mut first = Vec::new();
    for jobs in ["1", "2", "7"] {
        let json = dir.join(format!("{jobs}.json"));
        let sarif = dir.join(format!("{jobs}.sarif"));
        let words = [
            "audit",
            EXAMPLE,
            "--jobs",
            jobs,
            "--output",
            &format!("json={}", json.display()),
            "--output",
            &format!("sarif={}", sarif.display()),
            "--output",
            "markdown=-",
        ]
        .map(str::to_owned);
        let output = program().args(&words).output().expect("the program starts");
        assert_eq!(code(&output), 1);
        first.push((fs::read(&json).expect("a report"), fs::read(&sarif).expect("a report"), output.stdout));
    }
    assert!(!first[0].0.is_empty() && !first[0].1.is_empty() && !first[0].2.is_empty());
    assert!(first.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn a_saved_audit_renders_as_the_live_one_did() {
    let dir = folder("saved");
    let saved = dir.join("audit.json");
    let spec = format!("json={}", saved.display());
    assert_eq!(code(&run(&["audit", EXAMPLE, "--output", &spec])), 1);
    let saved = saved.to_string_lossy().into_owned();
    for format in ["json", "sarif", "github", "markdown"] {
        let live = run(&["audit", EXAMPLE, "--format", format]);
        let again = run(&["report", &saved, "--format", format]);
        assert_eq!(code(&again), 1, "{format}");
        assert_eq!(stdout(&again), stdout(&live), "{format}");
    }
    let screen = stdout(&run(&["report", &saved]));
    assert!(screen.contains("FAIL") && !screen.contains(" s · offline"), "{screen}");
}

#[test]
fn the_graph_is_printed_three_ways() {
    let json = stdout(&run(&["graph", EXAMPLE]));
    assert_eq!(json, stdout(&run(&["graph", EXAMPLE])));
    let graph: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let kinds: std::collections::BTreeSet<_> =
        graph["nodes"].as_array().expect("nodes").iter().filter_map(|n| n["kind"].as_str()).collect();
    for kind in ["crate", "workflow", "job", "step", "action", "registry", "manifest", "toolchain"] {
        assert!(kinds.contains(kind), "no {kind} among {kinds:?}");
    }
    for list in ["nodes", "edges"] {
        for item in graph[list].as_array().expect("a list") {
            assert!(!item["sightings"].as_array().expect("sightings").is_empty(), "{item}");
        }
    }
    assert!(stdout(&run(&["graph", EXAMPLE, "--format", "dot"])).starts_with("digraph"));
    assert!(stdout(&run(&["graph", EXAMPLE, "--format", "mermaid"])).starts_with("flowchart"));
}

#[test]
fn all_leaves_nothing_out_and_a_pipe_gets_no_colour() {
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&run(&["audit", EXAMPLE, "--format", "json"]))).expect("JSON");
    let screen = stdout(&run(&["audit", EXAMPLE, "--all", "-v"]));
    for finding in json["findings"].as_array().expect("findings") {
        let print = finding["fingerprint"].as_str().expect("a fingerprint");
        assert!(screen.contains(print), "{finding} is missing");
    }
    assert!(!screen.contains('\u{1b}'));
    let coloured = stdout(&run(&["audit", EXAMPLE, "--color", "always"]));
    assert!(coloured.contains("\u{1b}[1;31m"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = program()
        .args(["audit", EXAMPLE, "--all"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(code(&output), 1, "the verdict stands");
    assert!(String::from_utf8_lossy(&output.stderr).is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_index_says_where_it_comes_from() {
    let text = stdout(&run(&["db", "status"]));
    for word in ["crates.io", "PyPI", "GitHub Actions", "2026-08-21", "days old", "sha256"] {
        assert!(text.contains(word), "{word} is missing from\n{text}");
    }
}

#[test]
fn an_index_is_built_from_osv_records() {
    let dir = folder("db");
    fs::create_dir_all(dir.join("feed")).expect("a folder");
    let record = r#"{"id":"GHSA-xxxx-xxxx-xxxx","modified":"2026-01-02T00:00:00Z","published":"2026-01-01T00:00:00Z",
        "affected":[{"package":{"ecosystem":"crates.io","name":"example"},
        "ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.2.3"}]}]}]}"#;
    fs::write(dir.join("feed/a.json"), record).expect("a record");
    let out = dir.join("out").to_string_lossy().into_owned();
    let feed = dir.join("feed").to_string_lossy().into_owned();
    let output = run(&["db", "build", "--osv", &feed, "--out", &out]);
    assert_eq!(code(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
    let text = fs::read_to_string(dir.join("out/crates-io.tsv")).expect("the text");
    assert!(text.contains("GHSA-xxxx-xxxx-xxxx") && text.contains("1.2.3"));
    fs::write(dir.join("feed/b.json"), "{").expect("a broken record");
    let output = run(&["db", "build", "--osv", &feed, "--out", &out]);
    assert_eq!(code(&output), 3);
    assert!(String::from_utf8_lossy(&output.stderr).contains("b.json"));
}

#[test]
fn completions_are_made_from_the_flags() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = stdout(&run(&["completions", shell]));
        assert!(script.contains("output") && script.contains("explain"), "{shell}");
        // The shells that are here read it.
        let file = folder("completions").join(shell);
        fs::write(&file, script).expect("a script");
        if let Ok(read) = Command::new(shell).arg("-n").arg(&file).output() {
            assert!(read.status.success(), "{shell}: {}", String::from_utf8_lossy(&read.stderr));
        }
    }
}

#[test]
fn the_manual_page_has_a_section_for_every_subcommand() {
    let page = stdout(&run(&["man"]));
    for name in ["audit", "ci", "explain", "waive", "init", "completions"] {
        assert!(page.contains(&format!(".TH CARGO-CUSTODY-{} 1", name.to_uppercase())), "{name}");
    }
}

#[test]
fn a_number_of_the_first_screen_is_explained() {
    let screen = stdout(&run(&["audit", EXAMPLE]));
    assert!(screen.contains(&format!("cargo-custody explain 1 --tree {EXAMPLE}")), "{screen}");
    let title = |number: &str| {
        let line = screen.lines().find(|line| line.starts_with(&format!("{number} "))).expect("a group");
        line[2..].trim().to_owned()
    };
    for number in ["1", "2", "3"] {
        let output = run(&["explain", number, "--tree", EXAMPLE]);
        let text = stdout(&output);
        assert_eq!(code(&output), 0);
        assert!(text.starts_with(&format!("{number}  ")) && text.contains(&title(number)), "{text}");
        assert!(text.contains("severity,") && text.contains("RULE  cargo-custody explain "), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}

#[test]
fn a_fingerprint_is_explained() {
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&run(&["audit", EXAMPLE, "--format", "json"]))).expect("JSON");
    let finding = &json["findings"][0];
    let (print, rule) = (finding["fingerprint"].as_str().expect("one"), finding["rule"].as_str().expect("one"));
    for word in [print, &print[..16]] {
        let text = stdout(&run(&["explain", word, "--tree", EXAMPLE]));
        assert!(text.starts_with(rule) && text.contains(print), "{text}");
    }
}

#[test]
fn a_pipe_gets_no_links_whatever_the_terminal_is_called() {
    for (name, value) in [("FORCE_HYPERLINK", "1"), ("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")] {
        for words in
            [&["audit", EXAMPLE, "--all"][..], &["explain", "1", "--tree", EXAMPLE], &["explain", "unpinned-action"]]
        {
            let text = stdout(&program().env(name, value).args(words).output().expect("the program starts"));
            assert!(!text.contains("\u{1b}]"), "{name} {words:?}");
            assert!(name == "CLICOLOR_FORCE" || !text.contains('\u{1b}'), "{name} {words:?}");
        }
    }
}

#[test]
fn lists_of_popular_names_are_made_from_tables() {
    let dir = folder("names");
    fs::write(dir.join("pypi"), "name\trank\nrequests\t1\nScikit_Learn\t400\n").expect("a table");
    fs::write(dir.join("crates"), "name\trepositories\nserde\t20\nonce_cell\t7\n").expect("a table");
    let path = |name: &str| dir.join(name).to_string_lossy().into_owned();
    let (pypi, crates, out) = (path("pypi"), path("crates"), path("out"));
    let made = ["db", "names", "--pypi", &pypi, "--crates", &crates, "--as-of", "2026-11-26", "--out", &out];
    assert_eq!(code(&run(&made)), 0);
    let text = |name: &str| fs::read_to_string(dir.join("out").join(name)).expect("a list");
    assert_eq!(text("pypi.tsv"), "custody-names/1\n@\tpypi\t2026-11-26\tby downloads\nrequests\t0\nscikit-learn\t1\n");
    assert!(text("crates.tsv").ends_with("once_cell\t1\nserde\t0\n"));
    assert_eq!(code(&run(&["db", "names", "--out", &out])), 2);
    fs::write(dir.join("pypi"), "name\trank\nrequests\n").expect("a table");
    let refused = run(&["db", "names", "--pypi", &pypi, "--out", &out]);
    assert_eq!(code(&refused), 2);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("line 2"));
}
