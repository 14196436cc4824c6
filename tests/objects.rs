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

#[test]
fn a_revision_is_found_as_git_finds_it() {
    let work = Work::new("revisions");
    work.commit(&[("a", "1")], "one");
    work.git(&["tag", "light"]);
    work.git(&["tag", "-a", "v1.0", "-m", "first"]);
    work.git(&["tag", "-a", "again", "v1.0", "-m", "a tag of a tag"]);
    work.commit(&[("a", "2")], "two");
    work.git(&["branch", "feature/x"]);
    work.git(&["checkout", "-q", "-b", "side", "HEAD~1"]);
    work.commit(&[("b", "1")], "side");
    work.git(&["checkout", "-q", "main"]);
    work.git(&["merge", "-q", "--no-ff", "-m", "merge", "side"]);
    work.git(&["update-ref", "refs/remotes/origin/main", "HEAD~1"]);
    work.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    let head = work.git(&["rev-parse", "HEAD"]);
    for packed in [false, true] {
        if packed {
            work.git(&["pack-refs", "--all"]);
            work.git(&["gc", "-q"]);
        }
        let repository = work.open();
        for rev in [
            "HEAD",
            "@",
            "main",
            "heads/main",
            "refs/heads/main",
            "side",
            "feature/x",
            "light",
            "v1.0",
            "again",
            "tags/v1.0",
            "origin/main",
            "origin",
            "HEAD~1",
            "HEAD^2",
            "HEAD^1~1",
            "HEAD~2",
            "HEAD^0",
            "@^^{commit}",
            "again^{}",
            "v1.0^{commit}",
            &head,
            &head[..7],
            &head[..4],
            &head.to_uppercase(),
        ] {
            let theirs = work.git(&["rev-parse", &format!("{rev}^{{commit}}")]);
            assert_eq!(repository.resolve(rev).map(|id| id.to_string()), Ok(theirs), "{rev}");
        }
        for (rev, said) in [
            ("", "`` is no revision: it is empty"),
            ("--output=x", "`--output=x` is no revision: it begins like an option"),
            ("main..side", "`main..side` is no revision: it is a range, and one commit is needed"),
            ("../../etc/passwd", "`../../etc/passwd` is no revision: it is a range, and one commit is needed"),
            ("/etc/passwd", "`/etc/passwd` is no revision: it is no name of a commit"),
            ("mian", "there is no revision `mian` in this clone: did you mean `main`?"),
            ("feature/y", "there is no revision `feature/y` in this clone: did you mean `feature/x`?"),
            ("x", "there is no revision `x` in this clone: did you mean `feature/x`?"),
            ("zzz", "there is no revision `zzz` in this clone"),
            (
                "0123456789012345678901234567890123456789",
                "commit 0123456789012345678901234567890123456789 is not in this clone: set fetch-depth: 0 \
                 (actions/checkout), or run git fetch origin 0123456789012345678901234567890123456789",
            ),
        ] {
            assert_eq!(repository.resolve(rev).expect_err(rev).to_string(), said);
        }
        let root = work.git(&["rev-parse", "light"]);
        let error = repository.resolve("light~1").expect_err("no parent");
        assert_eq!(error.to_string(), format!("commit {} has no parent 1", &root[..10]));
        let tree = work.git(&["rev-parse", "HEAD^{tree}"]);
        let error = repository.resolve(&tree).expect_err("a tree");
        assert_eq!(error.to_string(), format!("object {} is no commit", &tree[..10]));
    }
}

#[test]
fn a_shortened_name_that_fits_several_is_an_error() {
    let work = Work::new("ambiguous");
    // Enough blobs that some begin with the same four digits.
    for n in 0..2000 {
        work.write(&n.to_string(), n.to_string());
    }
    let head = work.commit(&[], "many");
    let all = work.git(&["ls-tree", "HEAD"]);
    let mut names: Vec<&str> = all.lines().filter_map(|line| line.split([' ', '\t']).nth(2)).collect();
    names.sort_unstable();
    let double = names.windows(2).find(|pair| pair[0][..4] == pair[1][..4]).expect("two alike")[0];
    for packed in [false, true] {
        if packed {
            work.git(&["gc", "-q"]);
        }
        let error = work.open().resolve(&double[..4]).expect_err("ambiguous");
        assert!(matches!(error, RevisionError::Ambiguous { .. }), "{error}");
        assert_eq!(work.open().resolve(&head[..12]).expect("the commit").to_string(), head);
    }
}

#[test]
fn a_repository_without_commits_says_so() {
    let work = Work::new("unborn");
    let error = work.open().resolve("HEAD").expect_err("nothing there");
    assert_eq!(error.to_string(), "there is no commit on `main` yet");
    let staged = work.open().staged(None, &RepoPath::default(), Limits::default()).expect("an empty index");
    assert!(staged.entries.is_empty());
    let error = Repository::open(&fresh("no repository")).expect_err("no repository");
    assert!(error.to_string().ends_with("there is no .git"), "{error}");
}

#[test]
fn sha_256_repositories_are_read() {
    let dir = fresh("sha256-probe");
    let probe = Work::at(dir).command(&["init", "-q", "--object-format=sha256"]).output().expect("git runs");
    if !probe.status.success() {
        eprintln!("skipped: this git knows no SHA-256");
        return;
    }
    let work = Work::with("sha256", &["--object-format=sha256"]);
    work.commit(&[("a/b.txt", "text\n")], "one");
    let head = work.commit(&[("c", "2")], "two");
    assert_eq!(head.len(), 64);
    for packed in [false, true] {
        if packed {
            work.git(&["gc", "-q"]);
        }
        let repository = work.open();
        assert_eq!(repository.resolve("main").expect("a commit").to_string(), head);
        assert_eq!(repository.resolve(&head[..8]).expect("a commit").to_string(), head);
        let tree = tree_of(&repository, "HEAD");
        assert_eq!(texts(&tree)["a/b.txt"], "text\n");
        let staged = repository.staged(None, &RepoPath::default(), Limits::default()).expect("an index");
        assert_eq!(changes(&tree, &staged).count(), 0);
        // A name of the other kind of repository is not one here.
        assert!(repository.resolve(&"a".repeat(40)).is_err());
    }
}

#[test]
fn a_linked_worktree_shares_the_objects() {
    let work = Work::new("worktree");
    work.commit(&[("a", "1")], "one");
    let other = fresh("worktree-linked");
    std::fs::remove_dir_all(&other).expect("gone");
    work.git(&["worktree", "add", "-q", "-b", "other", other.to_str().expect("a path")]);
    let linked = Work::at(other);
    let head = linked.commit(&[("a", "2")], "two");
    let repository = linked.open();
    assert_eq!(repository.resolve("HEAD").expect("its own").to_string(), head);
    assert_eq!(texts(&tree_of(&repository, "main"))["a"], "1");
    assert_eq!(texts(&tree_of(&work.open(), "other"))["a"], "2");
    linked.write("a", "3");
    linked.git(&["add", "-A"]);
    let staged = repository.staged(None, &RepoPath::default(), Limits::default()).expect("its own index");
    assert_eq!(texts(&staged)["a"], "3");
}

#[test]
fn a_bare_repository_is_read() {
    let work = Work::new("bare-from");
    work.commit(&[("a", "1")], "one");
    let bare = fresh("bare.git");
    work.git(&["clone", "-q", "--bare", ".", bare.to_str().expect("a path")]);
    let tree = tree_of(&Arc::new(Repository::open(&bare).expect("a repository")), "main");
    assert_eq!(tree.name, "bare");
    assert_eq!(texts(&tree)["a"], "1");
}

fn shallow_clone(work: &Work, name: &str, depth: &str) -> Work {
    let clone = fresh(name);
    let url = format!("file://{}", work.dir.display());
    work.git(&["clone", "-q", "--depth", depth, &url, clone.to_str().expect("a path")]);
    Work::at(clone)
}

#[test]
fn a_shallow_clone_says_what_helps() {
    let work = Work::new("shallow-from");
    let first = work.commit(&[("a", "1")], "one");
    let second = work.commit(&[("a", "2")], "two");
    let third = work.commit(&[("a", "3")], "three");
    let clone = shallow_clone(&work, "shallow", "1");
    let repository = clone.open();
    assert!(repository.is_shallow());
    assert!(!work.open().is_shallow());
    assert_eq!(
        repository.resolve("HEAD^1").expect_err("cut").to_string(),
        format!(
            "the clone is shallow and does not hold the parent of {}: set fetch-depth: 2 (actions/checkout), or run \
             git fetch --deepen 1",
            &third[..10]
        )
    );
    let error = repository.resolve("HEAD~2").expect_err("cut").to_string();
    assert!(error.ends_with("set fetch-depth: 3 (actions/checkout), or run git fetch --deepen 2"), "{error}");
    assert_eq!(
        repository.resolve(&second).expect_err("cut").to_string(),
        format!(
            "commit {second} is not in this clone: set fetch-depth: 0 (actions/checkout), or run git fetch origin {second}"
        )
    );
    let head = repository.resolve("HEAD").expect("a commit");
    let commit = repository.commit(&head).expect("a commit");
    assert_eq!((commit.parents.len(), commit.cut[0].to_string()), (0, second.clone()));
    assert_eq!(texts(&tree_of(&repository, "HEAD"))["a"], "3");
    // A parent that was fetched by itself counts, though git still cuts there.
    clone.git(&["fetch", "-q", "--depth", "1", "origin", &second]);
    let repository = clone.open();
    assert_eq!(repository.resolve("HEAD^").expect("fetched").to_string(), second);
    let found = repository.merge_base(&head, &repository.resolve(&second).expect("fetched")).expect("an ancestor");
    assert_eq!(found.base.map(|id| id.to_string()), Some(second));
    assert!(repository.resolve(&first).is_err());
}

#[test]
fn a_shallow_end_on_the_way_to_a_merge_base_is_told() {
    let work = Work::new("cut-from");
    work.commit(&[("a", "1")], "one");
    work.git(&["checkout", "-q", "-b", "side"]);
    work.commit(&[("b", "1")], "side");
    work.git(&["checkout", "-q", "main"]);
    work.commit(&[("a", "2")], "two");
    let clone = shallow_clone(&work, "cut", "1");
    clone.git(&["fetch", "-q", "--depth", "1", "origin", "side:side"]);
    let repository = clone.open();
    let (one, two) = (repository.resolve("main").expect("main"), repository.resolve("side").expect("side"));
    let found = repository.merge_base(&one, &two).expect("an answer");
    assert_eq!((found.base, found.is_cut), (None, true));
    let whole = work.open();
    let found = whole.merge_base(&one, &two).expect("an answer");
    assert_eq!(found.base.map(|id| id.to_string()), Some(work.git(&["merge-base", "main", "side"])));
    assert!(!found.is_cut);
}

#[test]
fn replacements_and_grafts_are_not_honoured() {
    let work = Work::new("replace");
    let first = work.commit(&[("a", "1")], "one");
    let second = work.commit(&[("a", "2")], "two");
    work.git(&["checkout", "-q", "--orphan", "evil"]);
    let evil = work.commit(&[("a", "evil")], "evil");
    work.git(&["replace", &second, &evil]);
    assert_eq!(work.git(&["show", &format!("{second}:a")]), "evil");
    work.write(".git/info/grafts", format!("{second}\n"));
    let repository = work.open();
    assert_eq!(texts(&tree_of(&repository, &second))["a"], "2");
    assert_eq!(repository.resolve(&format!("{second}^")).expect("a parent").to_string(), first);
    let blob = work.git(&["rev-parse", &format!("{first}:a")]);
    let other = work.git(&["rev-parse", &format!("{evil}:a")]);
    work.git(&["replace", &blob, &other]);
    assert_eq!(texts(&tree_of(&work.open(), &first))["a"], "1");
}

#[test]
fn alternates_are_not_followed() {
    let work = Work::new("alternates-from");
    let head = work.commit(&[("a", "1")], "one");
    let clone = fresh("alternates");
    work.git(&["clone", "-q", "--shared", ".", clone.to_str().expect("a path")]);
    let clone = Work::at(clone);
    assert_eq!(clone.git(&["rev-parse", "HEAD"]), head);
    let error = clone.open().resolve("HEAD").expect_err("it lies elsewhere");
    assert!(matches!(error, RevisionError::NotHere { .. } | RevisionError::Object(_)), "{error:?}");
    let id = Oid::from_hex(&head).expect("a name");
    let error = clone.open().tree(&id, &RepoPath::default(), Limits::default()).expect_err("it lies elsewhere");
    assert_eq!(
        error.to_string(),
        format!(
            "object {} is not in this clone: objects/info/alternates names another repository, which is not followed: \
             run git repack -a -d to copy what it lends",
            id.short()
        )
    );
    clone.git(&["repack", "-adq"]);
    assert_eq!(texts(&tree_of(&clone.open(), "HEAD"))["a"], "1");
}

#[test]
fn a_partial_clone_fetches_nothing() {
    let work = Work::new("partial-from");
    work.commit(&[("a", "one\n"), ("b/c", "two\n")], "one");
    work.git(&["config", "uploadpack.allowFilter", "true"]);
    let clone = fresh("partial");
    let url = format!("file://{}", work.dir.display());
    work.git(&["clone", "-q", "--no-checkout", "--filter=blob:none", &url, clone.to_str().expect("a path")]);
    let clone = Work::at(clone);
    // Whoever would fetch would not get far.
    std::fs::rename(&work.dir, fresh("partial-gone").join("x")).expect("moved away");
    let tree = tree_of(&clone.open(), "HEAD");
    assert_eq!(tree.entries.len(), 2);
    assert_eq!(
        unread(&tree, "b/c"),
        "not in this clone: a partial clone left it out, and nothing is fetched: clone without --filter, or run git \
         fetch --refetch --no-filter"
    );
    assert_eq!(tree.read(&path("a")).expect_err("left out"), unread(&tree, "a"));
    assert_eq!(tree.heads().read(tree.entry(&path("a")).expect("listed"), 4), None);
}

#[test]
fn settings_of_the_repository_mean_nothing() {
    let work = Work::new("settings");
    work.commit(&[("a.txt", "one\r\ntwo\n"), (".gitattributes", "* text=auto eol=crlf filter=evil\n")], "one");
    let mark = work.dir.join("ran");
    let evil = format!("touch '{}'", mark.display());
    for (key, value) in [
        ("core.fsmonitor", evil.as_str()),
        ("core.hooksPath", "/nowhere"),
        ("core.worktree", "/nowhere"),
        ("include.path", "/nowhere"),
        ("filter.evil.smudge", &evil),
        ("core.pager", &evil),
        ("core.bare", "true"),
    ] {
        work.git(&["config", "-f", ".git/config", key, value]);
    }
    let repository = work.open();
    assert!(texts(&tree_of(&repository, "HEAD"))["a.txt"].starts_with("one"));
    assert_eq!(repository.staged(None, &RepoPath::default(), Limits::default()).expect("an index").entries.len(), 2);
    assert!(!mark.exists());
}

#[test]
fn submodules_are_passed_over() {
    let work = Work::new("submodule");
    let head = work.commit(&[("a", "1")], "one");
    work.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{head},lib/sub")]);
    work.git(&["commit", "-q", "-m", "a submodule"]);
    let staged = work.open().staged(None, &RepoPath::default(), Limits::default()).expect("an index");
    for tree in [tree_of(&work.open(), "HEAD"), staged] {
        assert_eq!(tree.entries.len(), 1);
        let passed: Vec<_> = tree.passed_over.iter().map(|p| (p.path.as_str(), p.incomplete)).collect();
        assert_eq!(passed, [("lib/sub/", false)]);
        assert_eq!(tree.folders, [path("lib")]);
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_inside_the_tree_as_on_disk() {
    use std::os::unix::fs::symlink;
    let work = Work::new("links");
    work.write("real.txt", "real\n");
    work.write("folder/inside.txt", "inside\n");
    work.write("folder/deep/x", "x\n");
    for (target, link) in [
        ("real.txt", "to-file"),
        ("../real.txt", "folder/up"),
        ("folder/../folder/./inside.txt", "winding"),
        ("to-file", "to-link"),
        ("folder", "to-folder"),
        ("to-folder/inside.txt", "through-a-link"),
        ("to-folder/deep/../inside.txt", "through-and-back"),
        ("nothing", "dangling"),
        ("real.txt/x", "below-a-file"),
        ("loop-b", "loop-a"),
        ("loop-a", "loop-b"),
        (".git/config", "into-git"),
        ("folder/inside.txt", ".cargo"),
        ("folder/deep", "workflows"),
    ] {
        symlink(target, work.dir.join(link)).expect("a link");
    }
    work.commit(&[], "links");
    let disk = Tree::scan(&work.dir, Limits::default()).expect("a tree");
    let objects = tree_of(&work.open(), "HEAD");
    let staged = work.open().staged(None, &RepoPath::default(), Limits::default()).expect("an index");
    for tree in [&objects, &staged] {
        assert_eq!(tree.entries, disk.entries);
        assert_eq!(tree.folders, disk.folders);
        assert_eq!(tree.passed_over, disk.passed_over);
        for entry in &disk.entries {
            let theirs = disk.look(entry).0;
            assert_eq!(tree.look(entry).0, theirs, "{}", entry.path);
            assert_eq!(tree.read(&entry.path).ok(), disk.read(&entry.path).ok(), "{}", entry.path);
            assert_eq!(tree.heads().read(entry, 3), disk.heads().read(entry, 3), "{}", entry.path);
        }
    }
    symlink("../out.txt", work.dir.join("out")).expect("a link");
    symlink("/etc/hostname", work.dir.join("absolute")).expect("a link");
    work.commit(&[], "out");
    let tree = tree_of(&work.open(), "HEAD");
    for name in ["out", "absolute"] {
        assert_eq!(unread(&tree, name), "a link that leads out of the tree is not followed");
    }
    // What is audited alone is the tree.
    let head = work.open().resolve("HEAD").expect("a commit");
    let below = work.open().tree(&head, &path("folder"), Limits::default()).expect("a folder");
    assert_eq!(unread(&below, "up"), "a link that leads out of the tree is not followed");
}

#[test]
fn a_folder_is_audited_alone() {
    let work = Work::new("prefix");
    work.commit(&[("a/b/c.txt", "1"), ("a/b/d/e.txt", "2"), ("a/bc.txt", "3"), ("f", "4")], "one");
    let repository = work.open();
    let head = repository.resolve("HEAD").expect("a commit");
    let tree = repository.tree(&head, &path("a/b"), Limits::default()).expect("a tree");
    let staged = repository.staged(None, &path("a/b"), Limits::default()).expect("a tree");
    for tree in [tree, staged] {
        assert_eq!(texts(&tree).into_keys().collect::<Vec<_>>(), ["c.txt", "d/e.txt"]);
        assert_eq!((tree.name.as_str(), &tree.prefix), ("b", &path("a/b")));
        assert_eq!(tree.folders, [path("d")]);
    }
    let error = repository.tree(&head, &path("a/x"), Limits::default()).expect_err("no folder");
    assert_eq!(error, ObjectError::NoFolder { path: path("a/x"), id: head });
}

#[test]
fn limits_of_a_tree_hold() {
    let work = Work::new("limits");
    work.commit(&[("a", "1"), ("b", "2"), ("c/d/e/f", "3")], "one");
    let repository = work.open();
    let head = repository.resolve("HEAD").expect("a commit");
    let few = repository.tree(&head, &RepoPath::default(), Limits { files: 2, ..Limits::default() }).expect("a tree");
    assert_eq!(few.entries.len(), 2);
    assert!(few.passed_over.iter().any(|p| p.incomplete && p.why.starts_with("more than 2 files")));
    let flat = repository.tree(&head, &RepoPath::default(), Limits { depth: 1, ..Limits::default() }).expect("a tree");
    assert_eq!(flat.entries.len(), 2);
    assert!(flat.passed_over.iter().any(|p| p.incomplete && p.path == "c/d/"), "{:?}", flat.passed_over);
}
