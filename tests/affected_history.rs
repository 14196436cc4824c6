//! Histories that git made, asked without git.
#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::panic, reason = "git builds what is read here")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use cargo_custody::affected::history::{Limits, Request, Told, Window, as_trees, of_repository};
use cargo_custody::affected::{Answer, Asked, Standing, Thing};
use cargo_custody::read::Reading;
use cargo_custody::sbom::model::Occurrence;
use cargo_custody::source::Tree;
use cargo_custody::source::objects::Repository;

/// The moment of the first commit; each next one is made an hour later.
const START: i64 = 1_700_000_000;
const HOUR: i64 = 3600;

struct Work {
    dir: PathBuf,
    hours: std::cell::Cell<i64>,
}

impl Work {
    fn new(name: &str) -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("affected_history").join(name);
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).expect("a folder");
        let work = Self { dir, hours: std::cell::Cell::new(0) };
        work.git(&["init", "-q", "-b", "main"]);
        work
    }

    fn git(&self, args: &[&str]) -> String {
        let mut command = Command::new("git");
        let date = format!("{} +0000", START + self.hours.get() * HOUR);
        command.current_dir(&self.dir).args(args);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@example.com");
            command.env(format!("GIT_{who}_DATE"), &date);
        }
        let output = command.output().expect("git runs");
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Commits these files; an empty text takes the file away. An hour passes.
    fn commit(&self, files: &[(&str, &str)]) -> String {
        for (path, text) in files {
            let path = self.dir.join(path);
            if text.is_empty() {
                std::fs::remove_file(path).expect("a file");
                continue;
            }
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
        self.hours.set(self.hours.get() + 1);
        self.git(&["rev-parse", "HEAD"])
    }

    fn ask(&self, text: &str, window: Window) -> Told {
        ask(&self.dir, text, window, Limits::default())
    }
}

/// What requirements and workflows say, line by line: how trees are judged is not asked here.
fn judge(asked: &[Asked], tree: &Tree, numbers: &[u32]) -> Vec<Answer> {
    let mut out = Vec::new();
    let asked: Vec<&Asked> = numbers.iter().filter_map(|number| asked.get(*number as usize)).collect();
    for entry in &tree.entries {
        let Ok(text) = tree.read(&entry.path) else { continue };
        let text = String::from_utf8(text).expect("text");
        for (line, text) in (1..).zip(text.lines()) {
            let (name, version) = text.split_once("==").map_or((text, None), |(name, version)| (name, Some(version)));
            let package = Thing::Package { ecosystem: "pypi", name, version, requirement: None };
            let uses = text.trim().strip_prefix("- uses: ").and_then(|uses| uses.split_once('@'));
            let things = uses.map_or(package, |(name, reference)| Thing::Action {
                name,
                reference: Some(reference),
                comment: None,
            });
            for asked in &asked {
                let standing = asked.fit(&things).standing();
                let why = format!("{} says {}", entry.path, text.trim());
                out.push(Answer {
                    spots: vec![Occurrence { path: entry.path.as_str().to_owned(), line, how: None }],
                    ..Answer::new(&asked.text, "", standing, why)
                });
            }
        }
    }
    out
}

fn ask(root: &Path, text: &str, window: Window, limits: Limits) -> Told {
    let repository = Arc::new(Repository::open(root).expect("a repository"));
    let asked = [Asked::parse(text).expect("a target")];
    let judge = |tree: &Tree, _: &Reading, numbers: &[u32]| judge(&asked, tree, numbers);
    let request = Request { questions: &asked, window, limits, threads: 2, judge: &judge };
    of_repository(&repository, "it", &request).expect("names of commits")
}

/// One line for each answer: standing, names, hours from and to, the commits' numbers, the first spot.
fn shown(told: &Told, commits: &[String]) -> Vec<String> {
    let number = |id: &String| commits.iter().position(|c| c == id).map_or("?".to_owned(), |at| at.to_string());
    told.answers
        .iter()
        .map(|answer| {
            let hour = |moment: i64| ((moment - START) / HOUR).to_string();
            let when = answer.when.map_or_else(String::new, |(from, to)| {
                let from = if from == i64::MIN { "ever".to_owned() } else { hour(from) };
                format!(" {from}..{}", to.map_or_else(|| "now".to_owned(), hour))
            });
            let commits = answer.commits.as_ref().map_or_else(String::new, |(from, to)| {
                format!(" c{}..{}", number(from), to.as_ref().map_or_else(String::new, number))
            });
            let spot = answer.spots.first().map_or_else(String::new, |spot| format!(" {}:{}", spot.path, spot.line));
            let rebuild = answer.rebuild.iter().map(|r| format!(" +{r}")).collect::<String>();
            format!("{} [{}]{when}{commits}{spot}{rebuild}", answer.standing.word(), answer.at.join(", "))
        })
        .collect()
}

fn window(since: i64, until: i64) -> Window {
    Window { since: Some(START + since * HOUR), until: Some(START + until * HOUR) }
}

/// A branch that held a release for two commits, and could have got it for one.
fn told_story(name: &str) -> (Work, Vec<String>) {
    let work = Work::new(name);
    let mut commits = Vec::new();
    commits.push(work.commit(&[("requirements.txt", "flask==1.0\n"), ("src/deep/er/x.txt", "x\n")]));
    commits.push(work.commit(&[("requirements.txt", "flask==1.0\nlitellm==1.82.7\n")]));
    work.git(&["tag", "-a", "-m", "x", "v1"]);
    commits.push(work.commit(&[("README.md", "x\n")]));
    commits.push(work.commit(&[("requirements.txt", "litellm\n")]));
    work.git(&["tag", "v2"]);
    work.git(&["branch", "old"]);
    commits.push(work.commit(&[("requirements.txt", "litellm==1.83.0\n")]));
    work.git(&["tag", "v3"]);
    (work, commits)
}

#[test]
fn spans_say_since_when_and_until_when() {
    let (work, commits) = told_story("spans");
    let told = work.ask("pypi:litellm==1.82.7", Window::ALL);
    assert_eq!(
        shown(&told, &commits),
        [
            "locked [main] 1..3 c1..3 requirements.txt:2",
            "locked [tag v1] 2..2 c1.. requirements.txt:2 +release v1",
            "could-have-resolved [main] 3..4 c3..4 requirements.txt:1",
            "could-have-resolved [old] 3..now c3.. requirements.txt:1",
            "could-have-resolved [tag v2] 3..3 c3.. requirements.txt:1 +release v2",
        ]
    );
    assert!(told.gaps.is_empty(), "{:?}", told.gaps);
    // Two states of five hold the same files of interest, and the first names nothing.
    assert_eq!((told.looked.commits, told.looked.judged), (5, 3));
}

#[test]
fn a_window_shows_what_was_held_while_it_was_open() {
    let (work, commits) = told_story("window");
    let of = |since, until| shown(&work.ask("pypi:litellm==1.82.7", window(since, until)), &commits);
    // The state at its beginning counts.
    assert_eq!(
        of(2, 2),
        ["locked [main] 2..3 c2..3 requirements.txt:2", "locked [tag v1] 2..2 c1.. requirements.txt:2 +release v1"]
    );
    // A tag that holds it is to be made again, whenever it was made.
    assert_eq!(
        of(9, 10),
        [
            "locked [tag v1] 2..2 c1.. requirements.txt:2 +release v1",
            "could-have-resolved [old] 3..now c3.. requirements.txt:1",
            // How the repository's own branch stands is told beside others.
            "no [main] 4..now c4.. requirements.txt:1",
        ]
    );
    assert_eq!(of(-9, -5), ["locked [tag v1] 2..2 c1.. requirements.txt:2 +release v1"]);
}

#[test]
fn what_no_state_has_is_told_once() {
    let (work, commits) = told_story("nowhere");
    let told = work.ask("pypi:openai==1.0", Window::ALL);
    assert_eq!(shown(&told, &commits), ["no []"]);
    assert_eq!(told.looked.judged, 0);
    let why = &told.answers[0].why;
    assert!(why.starts_with("none of the 9 states of its branches and tags has it"), "{why}");
}

#[test]
fn files_that_others_name_are_read_with_them() {
    let work = Work::new("mentions");
    let commits = vec![
        work.commit(&[("requirements.txt", "-r more/base.list\n# litellm\n"), ("more/base.list", "flask\n")]),
        work.commit(&[("more/base.list", "litellm==1.82.7\n")]),
    ];
    let told = work.ask("pypi:litellm==1.82.7", Window::ALL);
    assert_eq!(shown(&told, &commits), ["locked [main] 1..now c1.. more/base.list:1"]);
}

#[test]
fn a_branch_tells_of_its_own_commits_alone() {
    let work = Work::new("branches");
    let mut commits = vec![work.commit(&[("requirements.txt", "litellm==1.82.6\n")])];
    work.git(&["checkout", "-q", "-b", "feature"]);
    commits.push(work.commit(&[("requirements.txt", "litellm==1.82.7\n")]));
    commits.push(work.commit(&[("x", "x\n")]));
    work.git(&["checkout", "-q", "main"]);
    commits.push(work.commit(&[("y", "y\n")]));
    work.git(&["merge", "-q", "--no-ff", "-m", "x", "feature"]);
    work.hours.set(work.hours.get() + 1);
    commits.push(work.git(&["rev-parse", "HEAD"]));
    let lines = ["locked [main] 4..now c4.. requirements.txt:1", "locked [feature] 1..now c1.. requirements.txt:1"];
    assert_eq!(shown(&work.ask("pypi:litellm==1.82.7", Window::ALL), &commits), lines);
    // References and objects in packs are the same ones.
    work.git(&["gc", "-q", "--prune=now"]);
    assert_eq!(shown(&work.ask("pypi:litellm==1.82.7", Window::ALL), &commits), lines);
    // A bare clone holds the same, and a clone with one branch knows the other as the remote's.
    let bare = work.dir.with_file_name("branches.git");
    let _ = std::fs::remove_dir_all(&bare);
    let source = format!("file://{}", work.dir.display());
    work.git(&["clone", "-q", "--bare", &source, &bare.to_string_lossy()]);
    assert_eq!(shown(&ask(&bare, "pypi:litellm==1.82.7", Window::ALL, Limits::default()), &commits), lines);
    let clone = work.dir.with_file_name("branches-clone");
    let _ = std::fs::remove_dir_all(&clone);
    work.git(&["clone", "-q", &source, &clone.to_string_lossy()]);
    assert_eq!(
        shown(&ask(&clone, "pypi:litellm==1.82.7", Window::ALL, Limits::default()), &commits),
        [
            "locked [main, origin/main] 4..now c4.. requirements.txt:1",
            "locked [origin/feature] 1..now c1.. requirements.txt:1",
        ]
    );
}

#[test]
fn what_a_shallow_clone_left_out_cannot_be_known() {
    let (work, commits) = told_story("shallow");
    let clone = work.dir.with_file_name("shallow-clone");
    let _ = std::fs::remove_dir_all(&clone);
    let source = format!("file://{}", work.dir.display());
    work.git(&["clone", "-q", "--depth", "2", "--no-tags", "--single-branch", &source, &clone.to_string_lossy()]);
    let of = |window| shown(&ask(&clone, "pypi:litellm==1.82.7", window, Limits::default()), &commits);
    let could = "could-have-resolved [main, origin/main] 3..4 c3..4 requirements.txt:1";
    assert_eq!(of(Window::ALL), [could, "cannot-know [main, origin/main] ever..3"]);
    assert_eq!(of(window(2, 10)), [could, "cannot-know [main, origin/main] 2..3"]);
    // What lies before the window is not asked for.
    assert_eq!(of(window(3, 10)), [could]);
    assert_eq!(of(window(4, 10)), ["no []"]);
}

#[test]
fn what_is_not_looked_at_is_told() {
    let (work, commits) = told_story("limits");
    let of = |limits| ask(&work.dir, "pypi:litellm==1.82.7", Window::ALL, limits);
    let told = of(Limits { commits: 2, ..Limits::default() });
    assert_eq!(
        shown(&told, &commits).iter().filter(|line| line.starts_with("cannot-know")).collect::<Vec<_>>(),
        ["cannot-know [main] ever..3"]
    );
    let told = of(Limits { names: 2, ..Limits::default() });
    assert!(told.gaps.iter().any(|gap| gap == "more than 2 names of commits are not looked at"), "{:?}", told.gaps);
    let told = of(Limits { folders: 4, ..Limits::default() });
    assert!(told.gaps.iter().any(|gap| gap.contains("were not looked at: the history asks for more work")));
    let told = of(Limits { states: 1, ..Limits::default() });
    assert!(told.gaps.iter().any(|gap| gap.contains("were not judged")), "{:?}", told.gaps);
    assert!(told.answers.iter().any(|answer| answer.standing == Standing::CannotKnow));
}

#[test]
fn formats_that_are_not_read_are_not_passed_over() {
    let work = Work::new("formats");
    let commits = vec![work.commit(&[("web/package-lock.json", "{\"packages\":{\"node_modules/left-pad\":{}}}\n")])];
    let told = work.ask("npm:left-pad@1.3.0", Window::ALL);
    assert_eq!(shown(&told, &commits), ["cannot-know [main] 0..now c0.. web/package-lock.json:0"]);
    assert_eq!(told.answers[0].why, "web/package-lock.json names it, and is of a format that is not read");
    assert_eq!(shown(&work.ask("npm:right-pad@1.3.0", Window::ALL), &commits), ["no []"]);
}

#[test]
fn a_file_is_found_by_its_digest() {
    let work = Work::new("digest");
    let commits = vec![work.commit(&[("a/b.bin", "x\n")]), work.commit(&[("a/b.bin", "y\n")])];
    // SHA-256 of `x` and a line feed, and the name of its blob.
    for digest in
        ["73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac", "587be6b4c3f93f93c489c0111bba5596147a26cb"]
    {
        assert_eq!(shown(&work.ask(digest, Window::ALL), &commits), ["locked [main] 0..1 c0..1 a/b.bin:0"], "{digest}");
    }
}

#[test]
fn a_damaged_object_is_a_gap_and_not_a_no() {
    let work = Work::new("damaged");
    let commits = vec![work.commit(&[("requirements.txt", "litellm==1.82.7\n"), ("x", "x\n")])];
    let blob = work.git(&["rev-parse", "HEAD:requirements.txt"]);
    let path = work.dir.join(".git/objects").join(&blob[..2]).join(&blob[2..]);
    std::fs::remove_file(path).expect("an object");
    let told = work.ask("pypi:litellm==1.82.7", Window::ALL);
    assert_eq!(shown(&told, &commits), ["cannot-know []"]);
    assert!(told.answers[0].why.starts_with("requirements.txt: object "), "{}", told.answers[0].why);
}

#[test]
fn actions_stand_as_their_references_do_at_each_moment() {
    let work = Work::new("actions");
    let bad = "0e58ed8671d6b60d0890c21b07f8835ace038e67";
    let good = "2f7c5bfce28377bc069a65ba478de0a74aa0ca32";
    let flow = |reference: &str| {
        format!("on: push\njobs:\n  a:\n    steps:\n      - uses: tj-actions/changed-files@{reference}\n")
    };
    let commits: Vec<String> = ["v45", bad, good]
        .map(|reference| work.commit(&[(".github/workflows/a.yml", flow(reference).as_str())]))
        .to_vec();
    let told = work.ask(&format!("action:tj-actions/changed-files@{bad}"), Window::ALL);
    assert_eq!(
        shown(&told, &commits),
        [
            "locked [main] 1..2 c1..2 .github/workflows/a.yml:5",
            "could-have-resolved [main] 0..1 c0..1 .github/workflows/a.yml:5",
        ]
    );
}

/// Asks as the program does: states are judged as trees are.
fn ask_trees(root: &Path, asked: &[Asked]) -> Told {
    let repository = Arc::new(Repository::open(root).expect("a repository"));
    let judge = as_trees(asked);
    let request =
        Request { questions: asked, window: Window::ALL, limits: Limits::default(), threads: 2, judge: &judge };
    of_repository(&repository, "it", &request).expect("names of commits")
}

fn asked(text: &str, hours: (i64, i64)) -> Asked {
    let mut asked = Asked::parse(text).expect("a target");
    asked.since = Some(START + hours.0 * HOUR);
    asked.until = Some(START + hours.1 * HOUR);
    asked
}

/// A service whose lock held a release for two commits, of which one was tagged.
fn service(name: &str) -> (Work, Vec<String>) {
    let lock = |version: &str| {
        format!(
            "version = 1\nrequires-python = \">=3.10\"\n\n[[package]]\nname = \"chat\"\nversion = \"0.1.0\"\nsource = {{ virtual = \".\" }}\ndependencies = [{{ name = \"litellm\" }}]\n\n[[package]]\nname = \"litellm\"\nversion = \"{version}\"\nsource = {{ registry = \"https://pypi.org/simple\" }}\n"
        )
    };
    let project = "[project]\nname = \"chat\"\nversion = \"0.1.0\"\ndependencies = [\"litellm>=1.80\"]\n";
    let flow = "on: push\npermissions: read-all\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: uv sync --locked\n        env:\n          KEY: ${{ secrets.OPENAI_API_KEY }}\n";
    let work = Work::new(name);
    let mut commits = vec![
        work.commit(&[
            ("pyproject.toml", project),
            ("uv.lock", &lock("1.82.6")),
            (".github/workflows/ci.yml", flow),
            ("docs/requirements.txt", "mkdocs-material\n"),
        ]),
        work.commit(&[("uv.lock", &lock("1.82.7"))]),
    ];
    work.git(&["tag", "v1.0"]);
    commits.push(work.commit(&[("src/a.py", "x = 1\n")]));
    commits.push(work.commit(&[("uv.lock", &lock("1.82.9"))]));
    work.git(&["tag", "v1.1"]);
    (work, commits)
}

#[test]
fn a_lock_is_held_from_one_commit_to_another() {
    let (work, commits) = service("service");
    let told = ask_trees(&work.dir, &[asked("pypi:litellm@1.82.7,1.82.8", (0, 10))]);
    assert_eq!(
        shown(&told, &commits),
        ["locked [main] 1..3 c1..3 uv.lock:11", "locked [tag v1.0] 1..1 c1.. uv.lock:11 +release v1.0"]
    );
    let jobs: Vec<&str> = told.answers[0].jobs.iter().map(|job| job.name.as_str()).collect();
    assert_eq!(jobs, ["ci.yml: job test"]);
    assert!(told.answers[0].jobs[0].secrets.contains(&"OPENAI_API_KEY".to_owned()), "{:?}", told.answers[0].jobs);
    // The lock before and the one after hold another version, and no tag but one may hold it.
    assert_eq!(told.looked.judged, 3, "{:?}", told.looked);
}

#[test]
fn each_question_is_asked_of_its_own_time() {
    let (work, commits) = service("windows");
    let questions = [
        asked("pypi:litellm==1.82.7", (0, 1)),
        asked("pypi:litellm==1.82.6", (2, 9)),
        asked("pypi:litellm==1.82.9", (2, 9)),
    ];
    let told = ask_trees(&work.dir, &questions);
    let of = |text: &str| -> Vec<String> {
        let answers: Vec<Answer> = told.answers.iter().filter(|a| a.target == text).cloned().collect();
        shown(&Told { answers, ..Told::default() }, &commits)
    };
    // The commit after the window is not told, and the tag is of the last moment in it.
    assert_eq!(
        of("pypi:litellm==1.82.7"),
        ["locked [main] 1..2 c1..2 uv.lock:11", "locked [tag v1.0] 1..1 c1.. uv.lock:11 +release v1.0"]
    );
    // Held, and no longer once it could be had.
    assert_eq!(of("pypi:litellm==1.82.6"), ["no []"]);
    assert_eq!(
        of("pypi:litellm==1.82.9"),
        ["locked [main] 3..now c3.. uv.lock:11", "locked [tag v1.1] 3..3 c3.. uv.lock:11 +release v1.1"]
    );
}

#[test]
fn what_docs_install_does_not_decide_and_is_told() {
    let (work, commits) = service("docs");
    let told = ask_trees(&work.dir, &[asked("pypi:openai==1.0", (0, 10))]);
    assert_eq!(shown(&told, &commits), ["no []"]);
    assert_eq!(
        told.answers[0].aside,
        ["docs/requirements.txt line 1: installs without a lock (mkdocs-material) may bring it with them"]
    );
}

#[test]
fn a_commit_of_a_false_time_is_not_passed_over() {
    // The commit after it is of long ago, or it is itself of the future or of long ago.
    for (name, bad, next) in [("early-next", 2, -9000), ("future", 90_000, 3), ("early", -9000, 3)] {
        let work = Work::new(&format!("clock-{name}"));
        let mut commits = vec![work.commit(&[("requirements.txt", "litellm==1.82.6\n")])];
        commits.push(work.commit(&[("x", "x\n")]));
        work.hours.set(bad);
        commits.push(work.commit(&[("requirements.txt", "litellm==1.82.7\n")]));
        work.hours.set(next);
        commits.push(work.commit(&[("y", "y\n")]));
        work.hours.set(6);
        commits.push(work.commit(&[("requirements.txt", "litellm==1.82.8\n")]));
        for hour in [7, 8, 9, 10] {
            work.hours.set(hour);
            commits.push(work.commit(&[("z", &format!("{hour}\n"))]));
        }
        let told = work.ask("pypi:litellm==1.82.7", window(2, 5));
        let lines = shown(&told, &commits);
        assert!(
            lines.iter().any(|line| line.starts_with("locked [main]") && line.contains(" c2..4 ")),
            "{name}: {lines:?}"
        );
        assert!(told.notes.iter().any(|note| note.contains("out of order")), "{name}: {:?}", told.notes);
        // What came after is still after.
        let after = shown(&work.ask("pypi:litellm==1.82.7", window(8, 9)), &commits);
        assert_eq!(after, ["no []"], "{name}");
    }
}

#[test]
fn a_branch_that_parted_and_stood_still_is_asked() {
    let work = Work::new("parted");
    let mut commits = vec![work.commit(&[("requirements.txt", "litellm==1.82.7\n")])];
    work.git(&["branch", "v2.x"]);
    commits.push(work.commit(&[("requirements.txt", "litellm==1.82.6\n")]));
    work.git(&["checkout", "-q", "v2.x"]);
    work.hours.set(9);
    commits.push(work.commit(&[("requirements.txt", "litellm==1.82.6\n"), ("x", "x\n")]));
    work.git(&["checkout", "-q", "main"]);
    let of = |window| shown(&work.ask("pypi:litellm==1.82.7", window), &commits);
    assert_eq!(
        of(window(4, 6)),
        ["locked [v2.x] 1..9 c0..2 requirements.txt:1", "no [main] 1..now c1.. requirements.txt:1"]
    );
    assert_eq!(of(window(10, 11)), ["no []"]);
}

#[test]
fn each_place_has_its_own_time() {
    let work = Work::new("places");
    let open = "ultralytics>=8\n";
    let held = "ultralytics==8.3.40\n";
    let commits = vec![
        work.commit(&[("requirements.txt", open), ("requirements-cpu.txt", open)]),
        work.commit(&[("requirements.txt", held)]),
        work.commit(&[("requirements-cpu.txt", held)]),
    ];
    let told = ask_trees(&work.dir, &[asked("pypi:ultralytics==8.3.41", (0, 10))]);
    let mut lines = shown(&told, &commits);
    lines.sort();
    assert_eq!(
        lines,
        [
            "could-have-resolved [main] 0..1 c0..1 requirements-cpu.txt:1",
            "could-have-resolved [main] 1..2 c1..2 requirements-cpu.txt:1",
        ]
    );
    assert_eq!(told.answers.iter().map(|answer| answer.spots.len()).max(), Some(2));
}

#[test]
fn what_no_file_names_is_asked_of_every_state_of_the_window() {
    let work = Work::new("unnamed");
    let mut commits = vec![work.commit(&[("requirements.txt", "some-kit>=1\n")])];
    commits.push(work.commit(&[("requirements.txt", ""), ("x", "x\n")]));
    let of = |hours| shown(&ask_trees(&work.dir, &[asked("pypi:litellm==1.82.7", hours)]), &commits);
    assert_eq!(of((0, 9)), ["cannot-know [main] 0..1 c0..1"]);
    assert_eq!(of((2, 9)), ["no []"]);
    // Another branch installs so, and the repository's own does not.
    work.git(&["checkout", "-q", "-b", "v1.x"]);
    commits.push(work.commit(&[("requirements.txt", "some-kit>=1\n")]));
    work.git(&["checkout", "-q", "main"]);
    let told = shown(&ask_trees(&work.dir, &[asked("pypi:litellm==1.82.7", (3, 9))]), &commits);
    assert_eq!(told, ["cannot-know [v1.x] 2..now c2..", "no [main] 1..now c1.."]);
}
