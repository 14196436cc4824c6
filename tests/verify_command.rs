//! `cargo custody verify` as a person starts it, on a cache as `huggingface_hub` lays it out.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "the tests start the program and make caches"
)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use cargo_custody::lock::{Entry, FileDigest, Key, Lock, hash};
use cargo_custody::references::AssetKind;
use serde_json::Value;

const OLD: &str = "1111111111111111111111111111111111111111";
const NEW: &str = "2222222222222222222222222222222222222222";
const FOLDER: &str = "cache/models--acme--small-model";

fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("verify").join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(dir.join("project")).expect("a folder");
    dir
}

fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, bytes).expect("a file");
}

/// A snapshot of links into blobs, and the branch `main` that leads to it.
fn download(dir: &Path, commit: &str, files: &[(&str, &[u8])]) {
    let root = dir.join(FOLDER);
    for (path, content) in files {
        let blob = hash::of(content).to_string();
        put(&root.join("blobs").join(&blob), content);
        let link = root.join("snapshots").join(commit).join(path);
        fs::create_dir_all(link.parent().expect("a folder")).expect("a folder");
        let up = "../".repeat(2 + path.matches('/').count());
        symlink(format!("{up}blobs/{blob}"), link).expect("a link");
    }
    put(&root.join("refs/main"), commit.as_bytes());
}

fn first() -> Vec<(&'static str, &'static [u8])> {
    vec![("config.json", b"{}"), ("model-1.safetensors", b"first shard"), ("model-2.safetensors", b"other shard")]
}

/// Writes the lock of a commit.
fn lock(dir: &Path, commit: &str, files: &[(&str, &[u8])]) {
    let digest = |content: &[u8]| FileDigest { sha256: hash::of(content), size: content.len() as u64 };
    let files = files.iter().map(|(path, content)| ((*path).to_owned(), digest(content))).collect();
    let entry = Entry { revision: Some(commit.to_owned()), files, ..Entry::default() };
    let key = Key {
        kind: AssetKind::Model,
        hub: "huggingface".to_owned(),
        name: "acme/small-model".to_owned(),
        requested: None,
    };
    let lock = Lock { entries: BTreeMap::from([(key, entry)]), ..Lock::default() };
    put(&dir.join("project/custody.lock"), lock.to_text().as_bytes());
}

/// A project with its lock, and a cache that is right.
fn right(name: &str) -> PathBuf {
    let dir = folder(name);
    download(&dir, OLD, &first());
    lock(&dir, OLD, &first());
    dir
}

fn command(dir: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-custody"));
    // Without a home there are no caches but those that are named.
    command.current_dir(dir.join("project")).env_clear().arg("verify").args(words);
    command
}

fn run(dir: &Path, words: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command(dir, words).output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (status.code().expect("an exit code"), text(stdout), text(stderr))
}

fn json(dir: &Path, words: &[&str]) -> Value {
    let (_, out, error) = run(dir, &[&["--cache", "../cache", "--format", "json"], words].concat());
    serde_json::from_str(&out).unwrap_or_else(|why| panic!("{why}: {out}{error}"))
}

fn blob(dir: &Path, content: &[u8]) -> PathBuf {
    dir.join(FOLDER).join("blobs").join(hash::of(content).to_string())
}

#[test]
fn the_report_is_what_the_contract_says() {
    let dir = right("contract");
    let report = json(&dir, &[]);
    assert_eq!(report["schema"], "custody/verify/v1");
    assert_eq!((&report["exit_code"], &report["complete"]), (&0.into(), &true.into()));
    assert_eq!(report["counts"], serde_json::json!({"match": 1, "differs": 0, "unread": 0, "absent": 0}));
    let entry = &report["entries"][0];
    assert_eq!(
        (&entry["name"], &entry["state"], &entry["files"]),
        (&"acme/small-model".into(), &"match".into(), &3.into())
    );
    assert_eq!(
        (&entry["copies"][0]["matched"], &entry["copies"][0]["layout"]),
        (&3.into(), &"huggingface-cache".into())
    );
}

#[test]
fn a_tampered_byte_an_exchanged_shard_and_an_added_file_name_their_lines() {
    let dir = right("tampered");
    put(&blob(&dir, b"{}"), b"[]");
    let (one, other) = (blob(&dir, b"first shard"), blob(&dir, b"other shard"));
    put(&one, b"other shard");
    put(&other, b"first shard");
    put(&dir.join(FOLDER).join("snapshots").join(OLD).join("modeling.py"), b"import os");
    let (code, out, _) = run(&dir, &["--cache", "../cache"]);
    assert_eq!(code, 1, "{out}");
    let text = fs::read_to_string(dir.join("project/custody.lock")).expect("the lock");
    for (file, told) in [
        ("config.json", "is not what is locked: its SHA-256 is 4f53cda18c2b, locked is 44136fa355b3"),
        ("model-1.safetensors", "is not what is locked: its content is that of `model-2.safetensors`"),
        ("model-2.safetensors", "is not what is locked: its content is that of `model-1.safetensors`"),
    ] {
        let line = text.lines().position(|line| line.contains(&format!("file.\"{file}\""))).expect("its line") + 1;
        assert!(out.contains(&format!("custody.lock:{line}: `{file}` {told}")), "{out}");
    }
    assert!(out.contains("`modeling.py` is not in the lock"), "{out}");
    assert!(out.contains("lock diff") && out.contains("lock rollback huggingface:acme/small-model"), "{out}");
    let what: Vec<String> = json(&dir, &[])["entries"][0]["copies"][0]["troubles"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|trouble| format!("{} {}", trouble["what"].as_str().unwrap_or_default(), trouble["file"]))
        .collect();
    let expected = [
        "differs \"config.json\"",
        "differs \"model-1.safetensors\"",
        "differs \"model-2.safetensors\"",
        "extra \"modeling.py\"",
    ];
    assert_eq!(what, expected);
}

#[test]
fn a_moved_branch_fails_and_a_rolled_back_one_passes() {
    let dir = right("moved");
    download(&dir, NEW, &[("config.json", b"{\"a\":1}")]);
    let (code, out, _) = run(&dir, &["--cache", "../cache"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("`main` leads to 222222222222 here"), "{out}");
    // The lock follows, and the machine is right; it goes back, and is right again once the branch is.
    lock(&dir, NEW, &[("config.json", b"{\"a\":1}")]);
    assert_eq!(run(&dir, &["--cache", "../cache"]).0, 0);
    lock(&dir, OLD, &first());
    assert_eq!(run(&dir, &["--cache", "../cache"]).0, 1);
    put(&dir.join(FOLDER).join("refs/main"), OLD.as_bytes());
    assert_eq!(run(&dir, &["--cache", "../cache"]).0, 0);
}

#[test]
fn what_cannot_be_looked_at_is_three_and_a_mistake_two() {
    let dir = right("codes");
    assert_eq!(run(&dir, &[]).0, 3, "nothing is here");
    assert_eq!(run(&dir, &["--present-only"]).0, 0);
    assert_eq!(run(&dir, &["--cache", "../none"]).0, 3, "a cache that is not there");
    let (code, _, error) = run(&dir, &["--model", "acme/smal-model"]);
    assert_eq!((code, error.contains("did you mean `acme/small-model`?")), (2, true), "{error}");
    assert_eq!(run(&dir, &["--lock", "none"]).0, 2);
    put(&dir.join("project/custody.lock"), b"lock.version = \"1\"\nmodel.x\n");
    let (code, _, error) = run(&dir, &["--cache", "../cache"]);
    assert_eq!((code, error.contains("custody.lock line 2: ")), (2, true), "{error}");
}

#[test]
fn a_cache_in_an_image_is_found_by_its_folder_alone() {
    let dir = right("image");
    let hub = dir.join("image/root/.cache/huggingface");
    fs::create_dir_all(&hub).expect("a folder");
    fs::rename(dir.join("cache"), hub.join("hub")).expect("moved");
    symlink("usr/bin", dir.join("image/bin")).expect("a link");
    let (code, out, error) = run(&dir, &["../image"]);
    assert_eq!(code, 0, "{out}{error}");
    assert!(out.starts_with("3 files as custody.lock says, 24 B"), "{out}");
}

#[test]
fn a_lock_that_comes_with_the_files_does_not_count() {
    let dir = right("brought");
    let hub = dir.join("image/root/.cache/huggingface");
    fs::create_dir_all(&hub).expect("a folder");
    fs::rename(dir.join("cache"), hub.join("hub")).expect("moved");
    // The image's own lock is about what lies in it, and the project's is not.
    let ours = fs::read(dir.join("project/custody.lock")).expect("the lock");
    lock(&dir, OLD, &[("config.json", b"{}"), ("model-1.safetensors", b"other"), ("model-2.safetensors", b"another")]);
    let project = fs::read(dir.join("project/custody.lock")).expect("the lock");
    put(&dir.join("image/custody.lock"), &ours);
    put(&dir.join("project/custody.lock"), &project);
    let (code, out, error) = run(&dir, &["../image"]);
    assert_eq!(code, 1, "{out}{error}");
    assert!(out.contains("image/custody.lock lies in what is looked at and does not count"), "{out}");
    assert_eq!(run(&dir, &["../image", "--lock", "../image/custody.lock"]).0, 0);
    // Where there is no other it is taken, and named.
    fs::remove_file(dir.join("project/custody.lock")).expect("removed");
    let (code, out, error) = run(&dir, &["../image"]);
    assert_eq!(code, 0, "{out}{error}");
    assert!(out.contains("image/custody.lock says"), "{out}");
}

#[test]
fn a_run_that_was_killed_goes_on_from_its_journal() {
    const FILES: usize = 400;
    let dir = folder("killed");
    let contents: Vec<(String, Vec<u8>)> =
        (0..FILES).map(|number| (format!("data/{number}.bin"), vec![(number % 251) as u8; 60_000 + number])).collect();
    let files: Vec<(&str, &[u8])> = contents.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    download(&dir, OLD, &files);
    lock(&dir, OLD, &files);
    let words = ["--cache", "../cache", "--journal", "../journal", "--jobs", "1"];
    // It is killed as soon as something is done: how much that is does not matter.
    let mut child = command(&dir, &words).stdout(Stdio::null()).spawn().expect("the program starts");
    let journal = dir.join("journal");
    for _ in 0..2000 {
        if fs::metadata(&journal).is_ok_and(|meta| meta.len() > 2000) {
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let _ = child.kill();
    child.wait().expect("it ended");
    let done = fs::read_to_string(&journal).expect("a journal").lines().count() - 1;
    let resumed = json(&dir, &["--journal", "../journal"]);
    assert_eq!((&resumed["exit_code"], &resumed["files"]), (&0.into(), &FILES.into()));
    let before = resumed["resumed"].as_u64().expect("a number");
    // The last line may be half of one.
    assert!(before >= 5 && (done as u64 - 1..=done as u64).contains(&before), "{before} of {done}");
    // A file that has changed since is hashed again, although the journal knows it.
    put(&blob(&dir, &contents[7].1), &vec![0; contents[7].1.len()]);
    let changed = json(&dir, &["--journal", "../journal"]);
    assert_eq!((&changed["exit_code"], &changed["resumed"]), (&1.into(), &(FILES - 1).into()));
    // Whoever made what is looked at could have written a journal that lies there.
    let (code, _, error) = run(&dir, &["--cache", "../cache", "--journal", "../cache/journal"]);
    assert_eq!((code, error.contains("which is looked at")), (2, true), "{error}");
    put(&journal, b"{\"schema\":1}\n");
    assert_eq!(run(&dir, &words).0, 2, "another file is not written over");
}

#[test]
fn code_that_names_the_locked_commit_does_not_care_for_branches() {
    let dir = right("pinned");
    download(&dir, NEW, &[("config.json", b"{\"a\":1}")]);
    let code = |revision: &str| {
        format!("from transformers import AutoModel\nAutoModel.from_pretrained(\"acme/small-model\"{revision})\n")
    };
    put(&dir.join("project/load.py"), code("").as_bytes());
    assert_eq!(run(&dir, &["--cache", "../cache"]).0, 1);
    put(&dir.join("project/load.py"), code(&format!(", revision=\"{OLD}\"")).as_bytes());
    let (code, out, _) = run(&dir, &["--cache", "../cache", "--all"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("all code beside the lock names the locked commit"), "{out}");
    // What was not read may load it by its branch, and so may what is loaded by a name that only running tells.
    for other in [
        b"# \xe9\nAutoModel.from_pretrained(\"acme/small-model\")\n".as_slice(),
        b"import sys\nfrom transformers import AutoModel\nAutoModel.from_pretrained(sys.argv[1])\n",
    ] {
        put(&dir.join("project/other.py"), other);
        assert_eq!(run(&dir, &["--cache", "../cache"]).0, 1, "{}", String::from_utf8_lossy(other));
    }
}
