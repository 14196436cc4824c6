//! Repositories that git made, read without git.
#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::panic, reason = "git builds what is read here")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use cargo_custody::source::objects::{ObjectError, Oid, Repository, RevisionError, changes};
use cargo_custody::source::tree::Obstacle;
use cargo_custody::source::{Limits, RepoPath, Tree};

/// A folder where git works, apart from the settings of whoever runs the tests.
struct Work {
    dir: PathBuf,
    seconds: std::cell::Cell<i64>,
}

impl Work {
    fn new(name: &str) -> Self {
        Self::with(name, &[])
    }

    fn with(name: &str, init: &[&str]) -> Self {
        let dir = fresh(name);
        let work = Self { dir, seconds: std::cell::Cell::new(1_700_000_000) };
        let mut args = vec!["init", "-q", "-b", "main"];
        args.extend_from_slice(init);
        work.git(&args);
        work
    }

    fn at(dir: PathBuf) -> Self {
        Self { dir, seconds: std::cell::Cell::new(1_800_000_000) }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        self.seconds.set(self.seconds.get() + 60);
        let date = format!("{} +0000", self.seconds.get());
        command.current_dir(&self.dir).args(args);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@example.com");
            command.env(format!("GIT_{who}_DATE"), &date);
        }
        command
    }

    fn git(&self, args: &[&str]) -> String {
        let output = self.command(args).output().expect("git runs");
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.dir.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    fn commit(&self, files: &[(&str, &str)], message: &str) -> String {
        for (path, text) in files {
            self.write(path, text);
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn open(&self) -> Arc<Repository> {
        Arc::new(Repository::open(&self.dir).expect("a repository"))
    }
}

fn fresh(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("objects").join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("a folder");
    dir
}

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).expect("a path")
}

fn tree_of(repository: &Arc<Repository>, rev: &str) -> Tree {
    let commit = repository.resolve(rev).expect("a commit");
    repository.tree(&commit, &RepoPath::default(), Limits::default()).expect("a tree")
}

/// Path to text of what can be read.
fn texts(tree: &Tree) -> BTreeMap<String, String> {
    let read =
        |p: &RepoPath| String::from_utf8_lossy(&tree.read(p).unwrap_or_else(|why| why.into_bytes())).into_owned();
    tree.entries.iter().map(|e| (e.path.as_str().to_owned(), read(&e.path))).collect()
}

fn unread(tree: &Tree, name: &str) -> String {
    let entry = tree.entry(&path(name)).expect("a listed file");
    match tree.look(entry).0 {
        Some(Obstacle::Unread(why)) => why,
        other => panic!("{name}: {other:?}"),
    }
}

/// What `git ls-tree` says of a tree: path to mode and blob, without submodules.
fn listed(work: &Work, rev: &str) -> BTreeMap<String, String> {
    let out = work.git(&["ls-tree", "-r", "-z", rev]);
    let lines = out.split('\0').filter(|line| !line.is_empty() && !line.starts_with("160000"));
    lines
        .map(|line| line.split_once('\t').expect("a path"))
        .map(|(what, path)| (path.to_owned(), what.split(' ').nth(2).expect("an id").to_owned()))
        .collect()
}

#[test]
fn loose_and_packed_objects_are_the_same_tree() {
    let work = Work::new("packed");
    let long: String = (0..4000).map(|n| format!("line {n}\n")).collect();
    work.commit(&[("a.txt", "a\n"), ("b/c.txt", &long), ("empty", "")], "one");
    work.commit(&[("b/c.txt", &long.replace("line 7\n", "other\n")), ("b/d/e.sh", "x")], "two");
    let loose = tree_of(&work.open(), "HEAD");
    assert_eq!(loose.entries.len(), 4);
    assert_eq!(loose.folders, [path("b"), path("b/d")]);
    assert!(loose.passed_over.is_empty());
    assert_eq!(loose.commit.as_deref(), Some(work.git(&["rev-parse", "HEAD"]).as_str()));
    let before = tree_of(&work.open(), "HEAD~1");
    work.git(&["repack", "-adq", "--depth=50"]);
    work.git(&["prune-packed"]);
    let repository = work.open();
    for (rev, loose) in [("HEAD", &loose), ("HEAD~1", &before)] {
        let packed = tree_of(&repository, rev);
        assert_eq!(texts(&packed).len(), loose.entries.len());
        let mut heads = packed.heads();
        for entry in &packed.entries {
            let bytes = packed.read(&entry.path).expect("bytes");
            assert_eq!(packed.look(entry), (None, bytes.len() as u64), "{}", entry.path);
            assert_eq!(heads.read(entry, 5).expect("a beginning"), bytes[..bytes.len().min(5)]);
            assert_eq!(heads.read(entry, 1 << 20).expect("all"), bytes);
            assert_eq!(
                packed.object(&entry.path).expect("a blob").to_string(),
                listed(&work, rev)[entry.path.as_str()]
            );
        }
    }
    assert!(texts(&tree_of(&repository, "HEAD"))["b/c.txt"].contains("other\n"));
    assert_eq!(
        packed_error(&repository),
        "1048576 bytes are over the limit of 10".replace("1048576", &long.len().to_string())
    );
}

fn packed_error(repository: &Arc<Repository>) -> String {
    tree_of(repository, "HEAD~1").read_within(&path("b/c.txt"), 10).expect_err("over the limit")
}
