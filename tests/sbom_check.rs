//! `sbom check` and `sbom diff` as people start them.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Runs the program in a folder: the exit code and what it prints.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_cargo-custody"))
        .args(arguments)
        .current_dir(folder)
        .env("SOURCE_DATE_EPOCH", "1795737600")
        .output()
        .expect("the program starts");
    let text = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    (out.status.code().unwrap_or(-1), text)
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn document(version: &str, digest: char) -> String {
    let digest = digest.to_string().repeat(64);
    format!(
        r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
  "metadata": {{"component": {{"type": "application", "name": "app", "bom-ref": "app"}}}},
  "components": [
    {{"type": "library", "name": "torch", "version": "{version}", "bom-ref": "torch", "purl": "pkg:pypi/torch@{version}",
      "hashes": [{{"alg": "SHA-256", "content": "{digest}"}}]}}
  ],
  "dependencies": [{{"ref": "app", "dependsOn": ["torch"]}}]
}}"#
    )
}

fn fits(schema: &str, text: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(schema);
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let told: Value = serde_json::from_str(text).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&told).map(|error| error.to_string()).collect();
    assert_eq!(errors, [""; 0]);
    told
}

#[test]
fn a_document_is_checked_and_scored() {
    let folder = folder("sbom-check");
    std::fs::write(folder.join("bom.json"), document("2.9.0", 'a')).unwrap();
    let (code, text) = run(&folder, &["sbom", "check", "bom.json"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("bom.json: valid\n"), "{text}");
    assert!(text.contains("NTIA minimum elements 2021"), "{text}");
    let (code, text) = run(&folder, &["sbom", "check", "bom.json", "--format", "json", "--list", "ntia"]);
    assert_eq!(code, 0, "{text}");
    let told = fits("sbom-check-v1.schema.json", &text);
    assert_eq!(told["lists"].as_array().map(Vec::len), Some(1));
    assert_eq!(told["lists"][0]["elements"].as_array().map(Vec::len), Some(7));
    for (arguments, wanted) in
        [(&["--fail-under", "100"][..], 1), (&["--fail-under", "1", "--list", "ntia"], 0), (&["--list", "nita"], 2)]
    {
        let all: Vec<&str> = ["sbom", "check", "bom.json"].iter().chain(arguments).copied().collect();
        let (code, text) = run(&folder, &all);
        assert_eq!(code, wanted, "{arguments:?}: {text}");
    }
    assert!(run(&folder, &["sbom", "check", "bom.json", "--list", "nita"]).1.contains("did you mean `ntia`"));
    std::fs::write(folder.join("bad.json"), document("2.9.0", 'a').replace("[\"torch\"]", "[\"numpy\"]")).unwrap();
    let (code, text) = run(&folder, &["sbom", "check", "bad.json"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("reference/dangling") && text.contains("bad.json:7"), "{text}");
}

#[test]
fn two_documents_are_compared() {
    let folder = folder("sbom-diff");
    for (name, version, digest) in [("a", "2.9.0", 'a'), ("b", "2.9.0", 'b'), ("c", "2.9.1", 'c')] {
        std::fs::write(folder.join(format!("{name}.json")), document(version, digest)).unwrap();
    }
    assert_eq!(
        run(&folder, &["sbom", "diff", "a.json", "a.json"]),
        (0, "nothing differs · 2 parts before, 2 after\n".to_owned())
    );
    let (code, text) = run(&folder, &["sbom", "diff", "a.json", "b.json"]);
    assert_eq!(code, 1);
    assert!(text.starts_with("OTHER BYTES UNDER THE SAME VERSION (1)\n   library torch: sha256:aaaa"), "{text}");
    let (code, text) = run(&folder, &["sbom", "diff", "a.json", "c.json", "--format", "json"]);
    assert_eq!(code, 1);
    let told = fits("sbom-diff-v1.schema.json", &text);
    assert_eq!(told["changes"][0]["what"], "version");
    // What could not be read may differ.
    let whole = document("2.9.0", 'a');
    std::fs::write(folder.join("cut.json"), &whole[..whole.len() - 1]).unwrap();
    let (code, text) = run(&folder, &["sbom", "diff", "cut.json", "cut.json"]);
    assert_eq!(code, 3, "{text}");
    assert_eq!(run(&folder, &["sbom", "diff", "a.json", "none.json"]).0, 2);
    // What our model has no place for is counted, and so differs.
    let patched = whole
        .replace(r#""bom-ref": "torch","#, r#""bom-ref": "torch", "pedigree": {"patches": [{"type": "unofficial"}]},"#);
    std::fs::write(folder.join("patched.json"), patched).unwrap();
    let (code, text) = run(&folder, &["sbom", "diff", "a.json", "patched.json"]);
    assert_eq!((code, text.lines().next()), (1, Some("also differs: pedigree.patches.type")), "{text}");
    fits("sbom-diff-v1.schema.json", &run(&folder, &["sbom", "diff", "a.json", "patched.json", "--format", "json"]).1);
    let (_, text) = run(&folder, &["sbom", "diff", "a.json", "b.json", "--color", "always"]);
    assert!(text.starts_with("\u{1b}[1;31mOTHER BYTES"), "{text}");
}

/// Runs the program in a folder with a text on its standard input.
fn run_with(folder: &Path, arguments: &[&str], input: &str) -> (i32, String) {
    use std::io::Write as _;
    let mut child = Command::new(env!("CARGO_BIN_EXE_cargo-custody"))
        .args(arguments)
        .current_dir(folder)
        .env("SOURCE_DATE_EPOCH", "1795737600")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    (out.status.code().unwrap_or(-1), text)
}

const OTHERS: &str = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
  "components": [
    {"type": "library", "name": "time", "version": "0.1.42", "bom-ref": "time", "purl": "pkg:cargo/time@0.1.42"},
    {"type": "library", "name": "reqeusts", "version": "1.0.0", "bom-ref": "r", "purl": "pkg:pypi/reqeusts@1.0.0"},
    {"type": "library", "name": "left-pad", "version": "1.0.0", "bom-ref": "l", "purl": "pkg:npm/left-pad@1.0.0"},
    {"type": "machine-learning-model", "name": "tiny", "group": "acme", "bom-ref": "m",
      "licenses": [{"license": {"name": "llama3.2"}}]}
  ]
}"#;

#[test]
fn a_document_is_audited_by_itself() {
    let folder = folder("sbom-audit");
    std::fs::write(folder.join("other.cdx.json"), OTHERS).unwrap();
    std::fs::write(folder.join("other.json"), OTHERS).unwrap();
    let (code, text) = run(&folder, &["audit", "other.cdx.json", "--all"]);
    assert!(matches!(code, 0 | 1), "{text}");
    for word in ["other.cdx.json:3", "time", "`reqeusts` is", "listed as neither a crate nor a distribution"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert!(!text.contains("llama3.2") && !text.contains(folder.to_str().unwrap()), "{text}");
    std::fs::write(folder.join("custody.toml"), "[licences.models]\nallow = [\"Apache-2.0\"]\n").unwrap();
    let (_, text) = run(&folder, &["audit", "other.cdx.json", "--all"]);
    assert!(text.contains("`llama3.2`"), "{text}");
    // Any name will do on standard input; what is none is refused.
    let (code, text) = run_with(&folder, &["audit", "-", "--all"], OTHERS);
    assert!(matches!(code, 0 | 1) && text.contains("bom.json:3"), "{text}");
    let (code, text) = run_with(&folder, &["audit", "-"], "[]");
    assert!(code == 2 && text.contains("no bill of materials"), "{text}");
    let (code, text) = run(&folder, &["audit", "other.json"]);
    assert!(code == 2 && text.contains("audit - < other.json"), "{text}");
    let (code, text) = run(&folder, &["audit", "other.cdx.json", "--base", "HEAD"]);
    assert!(code == 2 && text.contains("has no history"), "{text}");
}

/// Runs git in a folder, without anybody's settings.
fn git(folder: &Path, words: &[&str]) {
    let status = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"])
        .args(words)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_COMMITTER_DATE", "2026-03-01T00:00:00Z")
        .env("GIT_AUTHOR_DATE", "2026-03-01T00:00:00Z")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .expect("git starts");
    assert!(status.success(), "{words:?}");
}

#[test]
fn a_changed_tree_is_not_its_commit() {
    let folder = folder("sbom-changed");
    git(&folder, &["init", "-q"]);
    std::fs::write(folder.join("requirements.txt"), "one==1.0\r\n").unwrap();
    std::fs::write(folder.join("notes.md"), "Notes.\n").unwrap();
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "a"]);
    let made = |address: &str| {
        git(&folder, &["config", "remote.origin.url", address]);
        let (code, text) = run(&folder, &["sbom", ".", "-o", "out.cdx.json", "--statement", "out.intoto.json"]);
        assert_eq!(code, 0, "{text}");
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        (text, read("out.cdx.json"), read("out.intoto.json"))
    };
    let (text, first, statement) = made("https://example.com/acme/x");
    assert!(!text.contains("not as"), "{text}");
    assert!(!first.contains("custody:tree-changed") && statement.contains("gitCommit"), "{first}");
    // The document that lies there now is no change, and however the remote is spelt, the bytes are the same.
    for address in ["git@example.com:acme/x.git", "ssh://git@example.com/acme/x", "http://a:b@example.com/acme/x.git/"]
    {
        assert_eq!(made(address).1, first, "{address}");
    }
    std::fs::write(folder.join("requirements.txt"), "one==1.0\r\ntwo==2\r\n").unwrap();
    let (text, changed, statement) = made("https://example.com/acme/x");
    assert!(text.contains("requirements.txt: the document is not that of the commit"), "{text}");
    assert!(changed.contains("custody:tree-changed"), "{changed}");
    assert!(!statement.contains("gitCommit") && statement.contains("requirements.txt"), "{statement}");
}

#[test]
fn a_time_that_no_document_can_tell_is_a_mistake() {
    for odd in ["253402300800", "99999999999999", "-1", "now"] {
        let out = Command::new(env!("CARGO_BIN_EXE_cargo-custody"))
            .args(["sbom", ".", "-o", "-"])
            .current_dir(folder("sbom-time"))
            .env("SOURCE_DATE_EPOCH", odd)
            .output()
            .expect("the program starts");
        assert_eq!(out.status.code(), Some(2), "{odd}");
    }
}
