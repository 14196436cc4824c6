//! `cargo custody lock` as a person starts it: what it holds from a cache, what it cannot look up, how two people's
//! locks merge, and the way of a model through review and back.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "the tests start the program and git, and make caches"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use cargo_custody::lock::hash;
use cargo_custody::lock::{Lock, read_text};
use common::repo::Repo;
use serde_json::Value;

const OLD: &str = "1111111111111111111111111111111111111111";
const NEW: &str = "2222222222222222222222222222222222222222";
const LOAD: &str = "from transformers import AutoModel\n\nmodel = AutoModel.from_pretrained(\"example-org/small\")\n";

/// A cache of the hub's with one repository at one commit, which `main` names.
fn put_cache(cache: &Path, folder: &str, commit: &str, files: &[(&str, &str)]) {
    let root = cache.join(folder);
    let snapshot = root.join("snapshots").join(commit);
    for folder in [&root.join("blobs"), &root.join("refs"), &snapshot] {
        fs::create_dir_all(folder).expect("a folder");
    }
    for (name, content) in files {
        let blob = hash::of(content.as_bytes()).to_string();
        fs::write(root.join("blobs").join(&blob), content).expect("a blob");
        let place = snapshot.join(name);
        let _ = fs::remove_file(&place);
        #[cfg(unix)]
        std::os::unix::fs::symlink(Path::new("../../blobs").join(&blob), &place).expect("a link");
        #[cfg(not(unix))]
        fs::write(&place, content).expect("a file");
    }
    fs::write(root.join("refs/main"), commit).expect("a ref");
}

fn cache(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lock").join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("a folder");
    dir
}

fn small(weights: &str) -> Vec<(&'static str, &str)> {
    vec![
        ("README.md", "---\nlicense: apache-2.0\n---\n# Small\n"),
        ("config.json", "{\"model_type\": \"gpt2\"}"),
        ("weights.txt", weights),
    ]
}

struct Person {
    repo: Repo,
    cache: PathBuf,
}

impl Person {
    fn new(name: &str) -> Self {
        let repo = Repo::new(&format!("lock-{name}"));
        let cache = cache(name);
        put_cache(&cache, "models--example-org--small", OLD, &small("first"));
        Self { repo, cache }
    }

    fn run(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_cargo-custody"))
            .arg("lock")
            .args(words)
            .current_dir(&self.repo.dir)
            .env_clear()
            .env("HF_HUB_CACHE", &self.cache)
            .env("HOME", self.cache.join("no-home"))
            .env("SOURCE_DATE_EPOCH", "1795392000")
            .output()
            .expect("the program starts")
    }

    /// Exit code, standard output and standard error.
    fn lock(&self, words: &[&str]) -> (i32, String, String) {
        let output = self.run(words);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().expect("a code"), text(&output.stdout), text(&output.stderr))
    }

    fn text(&self) -> String {
        fs::read_to_string(self.repo.dir.join("custody.lock")).expect("a lock")
    }

    fn held(&self) -> Lock {
        read_text(&self.text()).strict("custody.lock").unwrap_or_else(|why| panic!("{why}\n{}", self.text()))
    }

    fn names(&self) -> Vec<String> {
        self.held().entries.keys().map(ToString::to_string).collect()
    }

    fn revision(&self) -> Option<String> {
        self.held().entries.into_values().next().and_then(|entry| entry.revision)
    }
}

#[test]
fn what_the_cache_holds_is_locked_and_the_rest_is_told() {
    let person = Person::new("offline");
    person.repo.write("app.py", &format!("{LOAD}other = AutoModel.from_pretrained(\"example-org/absent\")\n"));
    person.repo.write("tests/test_app.py", &LOAD.replace("small", "tiny-for-tests"));
    person.repo.write(".gitattributes", "*.bin -text");
    let (code, out, err) = person.lock(&[]);
    assert_eq!(code, 3, "{err}");
    assert_eq!(out, "+ model huggingface:example-org/small 111111111111, 3 files, 63 B, clean, 0.1.0\n");
    assert!(
        err.contains("app.py:4: huggingface:example-org/absent could not be locked: this machine holds nothing of it"),
        "{err}"
    );
    assert!(!err.contains("tiny-for-tests"), "{err}");
    assert!(
        person.lock(&["--all", "--dry-run"]).2.contains("tests/test_app.py:3: huggingface:example-org/tiny-for-tests")
    );
    assert_eq!(
        fs::read_to_string(person.repo.dir.join(".gitattributes")).expect("attributes"),
        "*.bin -text\ncustody.lock merge=union\n"
    );
    let entry = person.held().entries.into_values().next().expect("one");
    assert_eq!(entry.licence.as_deref(), Some("apache-2.0"));
    assert_eq!(entry.files["weights.txt"].sha256, hash::of(b"first"));
    assert!(!person.text().contains(&*person.cache.to_string_lossy()), "no place of this machine");

    // The same again changes nothing, whatever the branch leads to now.
    let before = person.text();
    put_cache(&person.cache, "models--example-org--small", NEW, &small("second"));
    assert_eq!(person.lock(&[]).0, 3);
    assert_eq!(person.text(), before);
    let (code, out, _) = person.lock(&["--update", "example-org/small", "--dry-run"]);
    assert!(code == 3 && out.contains("111111111111 -> 222222222222, 1 changed"), "{out}");
    assert!(out.contains("\n+model.\"huggingface:example-org/small\".revision = \"2222"), "{out}");
    assert_eq!(person.text(), before);
    assert_eq!(person.lock(&["--update"]).0, 3);
    assert_eq!(person.revision().as_deref(), Some(NEW));
}

#[test]
fn a_check_says_where_lock_and_tree_differ() {
    let person = Person::new("check");
    person.repo.write("app.py", "print(1)\n");
    assert_eq!(person.lock(&["--check"]).0, 0, "what loads nothing needs no lock");
    person.repo.write("app.py", LOAD);
    let (code, out, _) = person.lock(&["--check"]);
    assert_eq!(
        (code, out.as_str()),
        (1, "app.py:3: huggingface:example-org/small is loaded and not held: run `cargo custody lock`\n")
    );
    assert_eq!(person.lock(&["--no-attributes"]).0, 0);
    assert!(!person.repo.dir.join(".gitattributes").exists());
    assert_eq!(person.lock(&["--check"]).0, 0);

    let pinned = LOAD.replace("small\")", &format!("small\", revision=\"{NEW}\")"));
    person.repo.write("app.py", &pinned);
    let (code, out, _) = person.lock(&["--check"]);
    assert!(
        code == 1
            && out
                .starts_with(&format!("app.py:3: huggingface:example-org/small is written at {NEW} and held at {OLD}")),
        "{out}"
    );
    let (code, _, err) = person.lock(&[]);
    assert!(code == 3 && err.contains(&format!("holds other commits than {NEW}")), "{err}");
    assert_eq!(person.revision().as_deref(), Some(OLD), "what cannot be looked up stays");

    // A call of which the name is not known, and a lock that speaks of its own folder, are told of.
    let unknown = format!("{LOAD}AutoModel.from_pretrained(input())\nAutoModel.from_pretrained(\"models/x\")\n");
    person.repo.write("app.py", &unknown);
    person.repo.write("part/custody.lock", "lock.version = \"1\"\n");
    let (code, _, err) = person.lock(&["--check"]);
    assert!(code == 0 && err.contains("2 calls load what only running them tells"), "{err}");
    assert!(err.contains("part/custody.lock speaks of what lies below its folder"), "{err}");
    fs::remove_dir_all(person.repo.dir.join("part")).expect("removed");

    person.repo.write("app.py", "print(1)\n");
    let (code, out, _) = person.lock(&["--check"]);
    assert!(
        code == 1 && out.starts_with("custody.lock:5: huggingface:example-org/small is held and nothing loads it"),
        "{out}"
    );
    assert_eq!(person.lock(&[]).0, 0);
    assert!(person.held().is_empty());
}

#[test]
fn a_cache_that_was_tampered_with_is_not_locked() {
    let person = Person::new("tampered");
    person.repo.write("app.py", LOAD);
    let blob = person.cache.join("models--example-org--small/blobs").join(hash::of(b"first").to_string());
    fs::write(blob, "fisrt").expect("written");
    let (code, _, err) = person.lock(&[]);
    assert!(code == 3 && err.contains("is not what the cache says it is"), "{err}");
    assert!(!person.repo.dir.join("custody.lock").exists(), "a lock that holds nothing is not made");
}

#[test]
fn a_folder_that_a_person_names_is_taken() {
    let person = Person::new("from");
    person.repo.write("app.py", &LOAD.replace("small", "elsewhere"));
    person.repo.write("weights/model.txt", "third");
    let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12\n", hash::of(b"large"));
    person.repo.write("weights/large.txt", &pointer);
    let (code, _, err) = person.lock(&["--from", "example-org/elsewhere=weights"]);
    assert_eq!(code, 0, "{err}");
    let entry = person.held().entries.into_values().next().expect("one");
    assert_eq!((entry.revision, entry.scan), (None, None));
    assert_eq!(entry.files["large.txt"].sha256, hash::of(b"large"));
    assert_eq!((entry.files["large.txt"].size, entry.files["model.txt"].size), (12, 5));
}

#[cfg(unix)]
#[test]
fn a_lock_that_is_a_link_is_not_followed() {
    let person = Person::new("link");
    person.repo.write("app.py", LOAD);
    let outside = person.cache.join("outside");
    fs::write(&outside, "lock.version = \"1\"\n").expect("written");
    std::os::unix::fs::symlink(&outside, person.repo.dir.join("custody.lock")).expect("a link");
    let (code, _, err) = person.lock(&[]);
    assert!(code == 2 && err.contains("is a link, which is not followed"), "{err}");
    assert_eq!(fs::read_to_string(outside).expect("there"), "lock.version = \"1\"\n");
}

#[test]
fn a_model_is_reviewed_moved_and_rolled_back() {
    let person = Person::new("review");
    let repo = &person.repo;
    repo.write("app.py", LOAD);
    assert_eq!(person.lock(&[]).0, 0);
    assert!(person.lock(&["approve", "small", "--reason", "x", "--by", "Ada"]).2.contains("near it are"));
    let (code, _, err) = person.lock(&["approve", "example-org/small", "--reason", "read the card"]);
    assert!(code == 2 && err.contains("say who reviewed it with `--by`"), "{err}");
    repo.write("report.pdf", "no harm found");
    repo.git(&["config", "user.name", "Ada L"]);
    repo.git(&["config", "user.email", "ada@example.com"]);
    let words = ["approve", "example-org/small", "--reason", "read the card", "--evidence", "red-team=report.pdf"];
    let (code, _, err) = person.lock(&words);
    assert_eq!(code, 0, "{err}");
    let approved = person.text();
    let entry = person.held().entries.into_values().next().expect("one");
    let approval = entry.standing_approvals().next().expect("one");
    assert_eq!((approval.by.as_str(), approval.on.as_str()), ("Ada L <ada@example.com>", "2026-11-23"));
    assert_eq!(approval.evidence["red-team/report.pdf"], hash::of(b"no harm found"));
    let first = repo.commit();

    put_cache(&person.cache, "models--example-org--small", NEW, &small("second, and longer"));
    assert_eq!(person.lock(&["--update"]).0, 0);
    let (code, out, _) = person.lock(&["diff"]);
    assert_eq!(code, 0);
    assert_eq!(
        out,
        "~ model huggingface:example-org/small\n    \
         revision   111111111111 -> 222222222222\n    \
         files      1 changed, 63 B -> 76 B: weights.txt\n    \
         approvals  lost: Ada L <ada@example.com> (2026-11-23); nobody approved what it is now\n\
         0 added, 0 removed, 1 changed from HEAD to the folder; 1 entry lost an approval and has none now\n"
    );
    let json: Value = serde_json::from_slice(&person.run(&["diff", &first, "--format", "json"]).stdout).expect("JSON");
    assert_eq!(json["schema"], "custody/lock-diff/v1");
    assert_eq!(json["changes"][0]["revision"]["after"], NEW);
    assert_eq!(json["changes"][0]["files"]["names"][0], "weights.txt");
    let second = repo.commit();
    let (_, out, _) = person.lock(&["diff", &first, &second]);
    assert!(out.ends_with(&format!("from {first} to {second}; 1 entry lost an approval and has none now\n")), "{out}");

    let (code, _, err) = person.lock(&["rollback", "example-org/small", "--to", "last-good"]);
    assert_eq!(code, 0, "{err}");
    assert!(
        err.contains(&format!("back from 222222222222 to 111111111111, as commit {} held it", &first[..12])),
        "{err}"
    );
    assert_eq!(person.text(), approved, "to the letter");
    repo.commit();
    let (code, _, err) = person.lock(&["rollback", "example-org/small", "--to", &NEW[..8]]);
    assert!(code == 2 && err.contains("is not approved, or no longer"), "{err}");
    let (code, _, err) = person.lock(&["rollback", "example-org/small", "--to", &second[..10], "--unapproved"]);
    assert_eq!((code, person.revision().as_deref()), (0, Some(NEW)), "{err}");
    assert!(person.lock(&["rollback", "example-org/small", "--to", "main"]).2.contains("neither `last-good` nor"));
}

/// A lock of these models, as `lock` writes it.
fn lock_of(person: &Person, models: &[(&str, &str, &str)]) {
    let code: String =
        models.iter().map(|(name, _, _)| format!("AutoModel.from_pretrained(\"example-org/{name}\")\n")).collect();
    person.repo.write("app.py", &format!("from transformers import AutoModel\n{code}"));
    for (name, commit, weights) in models {
        put_cache(&person.cache, &format!("models--example-org--{name}"), &commit.repeat(40), &small(weights));
    }
    let (code, _, err) = person.lock(&["--update"]);
    assert_eq!(code, 0, "{err}");
}

type Models<'m> = &'m [(&'m str, &'m str, &'m str)];

/// What two people make of a base, merged by git.
fn merged(name: &str, base: Models<'_>, one: Models<'_>, two: Models<'_>) -> Person {
    merged_with(name, true, base, one, two)
}

fn merged_with(name: &str, attributes: bool, base: Models<'_>, one: Models<'_>, two: Models<'_>) -> Person {
    let person = Person::new(name);
    let repo = &person.repo;
    repo.write("README.md", "x\n");
    if !attributes {
        // A line that speaks of the lock is left alone.
        repo.write(".gitattributes", "custody.lock text\n");
    }
    if !base.is_empty() {
        lock_of(&person, base);
    }
    repo.commit();
    repo.git(&["checkout", "-q", "-b", "two"]);
    lock_of(&person, two);
    repo.commit();
    repo.git(&["checkout", "-q", "main"]);
    lock_of(&person, one);
    repo.commit();
    // The code of both is no matter of the lock's.
    let merge = repo.try_git(&["merge", "-q", "-X", "ours", "--no-edit", "two"]);
    if !merge.status.success() {
        let status = repo.git(&["status", "--porcelain"]);
        assert!(!status.contains("custody.lock"), "{status}\n{}", person.text());
    }
    person
}

#[test]
fn two_people_who_lock_different_models_merge_without_conflict() {
    let (a, b, c, d) = (("a", "1", "1"), ("b", "2", "2"), ("c", "3", "3"), ("d", "4", "4"));
    let names = |list: &[&str]| list.iter().map(|n| format!("huggingface:example-org/{n}")).collect::<Vec<_>>();
    // The first lock ever, on both sides.
    assert_eq!(merged("first-ever", &[], &[a], &[b]).names(), names(&["a", "b"]));
    // Side by side in the same place, and at either end.
    assert_eq!(merged("between", &[a, d], &[a, b, d], &[a, c, d]).names(), names(&["a", "b", "c", "d"]));
    assert_eq!(merged("ends", &[b], &[a, b], &[b, c]).names(), names(&["a", "b", "c"]));
    assert_eq!(merged("last", &[a], &[a, b], &[a, c]).names(), names(&["a", "b", "c"]));
    // One moves a model, the other puts one beside it, before and behind.
    let moved = ("b", "5", "5");
    let person = merged("beside", &[a, b], &[a, moved], &[a, b, c]);
    assert_eq!(person.names(), names(&["a", "b", "c"]));
    assert_eq!(person.held().entries.into_values().nth(1).and_then(|entry| entry.revision), Some("5".repeat(40)));
    assert_eq!(merged("before", &[b, d], &[moved, d], &[a, b, d]).names(), names(&["a", "b", "d"]));
    // So far apart are they that git needs no word on it.
    let person = merged_with("beside-plain", false, &[a, b], &[a, moved], &[a, b, c]);
    assert_eq!(person.names(), names(&["a", "b", "c"]));
    let person = merged_with("before-plain", false, &[b, d], &[moved, d], &[a, b, d]);
    assert_eq!(person.names(), names(&["a", "b", "d"]));
    // One lets go of a model, the other moves another.
    let person = merged("gone", &[a, b, c], &[a, c], &[a, b, ("c", "6", "6")]);
    assert_eq!(person.held().entries.into_values().last().and_then(|entry| entry.revision), Some("6".repeat(40)));
    // Both lock the same model in the same state.
    assert_eq!(merged("same", &[a], &[a, b], &[a, b, c]).names(), names(&["a", "b", "c"]));
    // The lock is in its own order again once it is written.
    let person = merged("order", &[a, d], &[a, c, d], &[a, b, d]);
    let text = person.held().to_text();
    assert_eq!(read_text(&text).strict("custody.lock"), Ok(person.held()));
}

#[test]
fn two_people_who_move_the_same_model_are_told() {
    let (a, c) = (("a", "1", "1"), ("c", "3", "3"));
    let person = merged("both", &[a, ("b", "2", "2"), c], &[a, ("b", "4", "4"), c], &[a, ("b", "5", "5"), c]);
    let (code, _, err) = person.lock(&["--check"]);
    assert!(
        code == 2 && err.contains("two revisions of model huggingface:example-org/b: the sides of a merge differ"),
        "{err}"
    );
    let (code, _, err) = person.lock(&[]);
    assert_eq!(code, 2, "{err}");
    let (code, _, err) = person.lock(&["--update", "huggingface:example-org/b"]);
    assert_eq!(code, 0, "{err}");
    // The cache of who merged has what was locked there last.
    assert_eq!(person.held().entries.into_values().nth(1).and_then(|entry| entry.revision), Some("4".repeat(40)));
    assert_eq!(person.lock(&["--check"]).0, 0);
}
