//! Two trees in memory, and exactly what lies between them: every finding that is not `existing`, and every one
//! that is gone.

mod common;

/// A tree.
type Files<'a> = &'a [(&'a str, &'a str)];

const A: &str = ".github/workflows/a.yml";
const B: &str = ".github/workflows/b.yml";

/// A workflow of one job with these steps.
fn workflow(steps: &[&str]) -> String {
    job("build", steps)
}

fn job(name: &str, steps: &[&str]) -> String {
    format!(
        "on: push\npermissions: {{}}\nconcurrency: {{ group: x, cancel-in-progress: true }}\njobs:\n{}",
        jobs(&[(name, steps)])
    )
}

fn jobs(all: &[(&str, &[&str])]) -> String {
    let mut out = String::new();
    for (name, steps) in all {
        out += &format!("  {name}:\n    runs-on: ubuntu-24.04\n    timeout-minutes: 5\n    steps:\n");
        for step in *steps {
            out += &format!("      - {step}\n");
        }
    }
    out
}

const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\n";

fn manifest(names: &[&str]) -> String {
    names.iter().fold(MANIFEST.to_owned(), |text, name| text + &format!("{name} = \"*\"\n").replace('*', "0.1"))
}

fn lock(packages: &[(&str, &str)]) -> String {
    let names: Vec<String> = packages.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let mut out = format!(
        "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [{}]\n",
        names.join(", ")
    );
    for (name, version) in packages {
        out += &format!(
            "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"{}\"\n",
            "0".repeat(64)
        );
    }
    out
}

/// What is said of the second tree: `state rule path:line` of all that is not existing, sorted.
fn told(before: Files<'_>, after: Files<'_>, moved: &[(&str, &str)]) -> Vec<String> {
    let (head, difference) = common::gate(before, after, moved);
    let mut out: Vec<String> = head
        .findings
        .iter()
        // Rules on changes speak of changes whatever the states are; they have pages of their own.
        .filter(|f| f.state.as_str() != "existing" && f.family != "changes")
        .map(|f| format!("{} {} {}:{}", f.state.as_str(), f.rule, f.path, f.line))
        .chain(difference.fixed.iter().map(|f| format!("fixed {} {}:{}", f.rule, f.path, f.line)))
        .collect();
    out.sort();
    out
}

const SETUP: &str = "uses: example/setup@v1";
const FETCH: &str = "run: curl -sSf https://example.com/install.sh | sh";
const OURS: &str = "uses: example/setup@v1 # custody: ignore[unpinned-action] -- ours";
const SECRET: &str =
    "run: curl -sSf https://example.com/install.sh | sh\n        env:\n          T: ${{ secrets.TOKEN }}";

/// A scenario: its name, both trees, what moved, and what is said.
struct Scenario {
    name: &'static str,
    before: Vec<(&'static str, String)>,
    after: Vec<(&'static str, String)>,
    moved: Vec<(&'static str, &'static str)>,
    wanted: &'static [&'static str],
}

fn one(
    name: &'static str,
    path: &'static str,
    before: String,
    after: String,
    wanted: &'static [&'static str],
) -> Scenario {
    Scenario { name, before: vec![(path, before)], after: vec![(path, after)], moved: Vec::new(), wanted }
}

fn many(
    name: &'static str,
    before: Vec<(&'static str, String)>,
    after: Vec<(&'static str, String)>,
    wanted: &'static [&'static str],
) -> Scenario {
    Scenario { name, before, after, moved: Vec::new(), wanted }
}

fn holds(scenarios: Vec<Scenario>) {
    let mut failures = Vec::new();
    for scenario in scenarios {
        let files = |all: &'_ [(&'static str, String)]| all.iter().map(|(p, t)| (*p, t.clone())).collect::<Vec<_>>();
        let (before, after) = (files(&scenario.before), files(&scenario.after));
        let before: Vec<(&str, &str)> = before.iter().map(|(p, t)| (*p, t.as_str())).collect();
        let after: Vec<(&str, &str)> = after.iter().map(|(p, t)| (*p, t.as_str())).collect();
        let found = told(&before, &after, &scenario.moved);
        if found != scenario.wanted {
            failures.push(format!("{}:\n  found  {found:#?}\n  wanted {:#?}", scenario.name, scenario.wanted));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn what_only_looks_different_brings_nothing() {
    let both = || workflow(&[SETUP, FETCH]);
    let moved = Scenario {
        name: "a workflow is renamed",
        before: vec![(A, both())],
        after: vec![(B, both())],
        moved: vec![(B, A)],
        wanted: &[],
    };
    let moved_and_longer = Scenario {
        name: "a workflow is renamed and lengthened",
        before: vec![(A, both())],
        after: vec![(B, both().replace("jobs:", "# a word\njobs:"))],
        moved: vec![(B, A)],
        wanted: &[],
    };
    let moved_lock = Scenario {
        name: "a crate is moved",
        before: vec![("a/Cargo.toml", manifest(&["time"])), ("a/Cargo.lock", lock(&[("time", "0.1.42")]))],
        after: vec![("b/Cargo.toml", manifest(&["time"])), ("b/Cargo.lock", lock(&[("time", "0.1.42")]))],
        moved: vec![("b/Cargo.toml", "a/Cargo.toml"), ("b/Cargo.lock", "a/Cargo.lock")],
        wanted: &[],
    };
    holds(vec![
        one("nothing", A, both(), both(), &[]),
        one("lines above", A, both(), format!("# one\n\n# two\n{}", both()), &[]),
        one("quotes", A, both(), both().replace(SETUP, "uses: \"example/setup@v1\""), &[]),
        one("comments", A, both(), both().replace(SETUP, "uses: example/setup@v1 # why"), &[]),
        one("a key before it", A, both(), both().replace(SETUP, "name: Set up\n        uses: example/setup@v1"), &[]),
        one("line ends", A, both(), both().replace('\n', "\r\n"), &[]),
        one("a job has another name", A, job("build", &[SETUP, FETCH]), job("make", &[SETUP, FETCH]), &[]),
        one("the other order", A, both(), workflow(&[FETCH, SETUP]), &[]),
        moved,
        moved_and_longer,
        moved_lock,
    ]);
}

#[test]
fn other_content_is_never_masked() {
    let both = || workflow(&[SETUP, FETCH]);
    holds(vec![
        one(
            "another branch of an action",
            A,
            both().replace("setup@v1", "setup@main"),
            both().replace("setup@v1", "setup@next"),
            &["changed unpinned-action .github/workflows/a.yml:9"],
        ),
        // What was accepted is that the name can move; the next release's can as well.
        one("another release of an action", A, both(), both().replace("setup@v1", "setup@v2"), &[]),
        one(
            "another action",
            A,
            both(),
            both().replace("example/setup", "example/other"),
            &["fixed unpinned-action .github/workflows/a.yml:9", "new unpinned-action .github/workflows/a.yml:9"],
        ),
        one(
            "another address",
            A,
            both(),
            both().replace("install.sh", "other.sh"),
            &["changed fetch-to-interpreter .github/workflows/a.yml:10"],
        ),
        one(
            "an action is pinned",
            A,
            both(),
            both().replace("@v1", "@0123456789012345678901234567890123456789"),
            &[
                "fixed unpinned-action .github/workflows/a.yml:9",
                "new version-comment-mismatch .github/workflows/a.yml:9",
            ],
        ),
        one(
            "a use more",
            A,
            both(),
            workflow(&[SETUP, FETCH, SETUP]),
            &["changed unpinned-action .github/workflows/a.yml:11"],
        ),
        one(
            "a use more above the first",
            A,
            workflow(&[FETCH, SETUP]),
            workflow(&[SETUP, FETCH, SETUP]),
            &["changed unpinned-action .github/workflows/a.yml:9"],
        ),
        one("a use less", A, workflow(&[SETUP, FETCH, SETUP]), both(), &[]),
        one(
            "a download more",
            A,
            both(),
            workflow(&[SETUP, FETCH, FETCH]),
            &["changed fetch-to-interpreter .github/workflows/a.yml:11"],
        ),
        one(
            "a job gets a secret",
            A,
            both(),
            workflow(&[SETUP, SECRET]),
            &[
                "changed fetch-to-interpreter .github/workflows/a.yml:10",
                "changed unpinned-action .github/workflows/a.yml:9",
                "new secrets-outside-environment .github/workflows/a.yml:12",
            ],
        ),
        one(
            "a job more without permissions",
            A,
            both().replace("permissions: {}\n", ""),
            both().replace("permissions: {}\n", "") + &jobs(&[("more", &["run: make"])]),
            &["changed missing-permissions .github/workflows/a.yml:10"],
        ),
        one(
            "broad permissions",
            A,
            both(),
            both().replace("permissions: {}", "permissions: write-all"),
            &[
                "changed fetch-to-interpreter .github/workflows/a.yml:10",
                "changed unpinned-action .github/workflows/a.yml:9",
                "new broad-permissions .github/workflows/a.yml:2",
            ],
        ),
        one(
            "another base image",
            "Dockerfile",
            "FROM example/base:bookworm\n".to_owned(),
            "FROM example/base:trixie\n".to_owned(),
            &["changed unpinned-base-image Dockerfile:1"],
        ),
        one(
            "a stage more",
            "Dockerfile",
            "FROM example/base:1\n".to_owned(),
            "FROM example/base:1 AS a\nFROM example/base:1\n".to_owned(),
            &["changed unpinned-base-image Dockerfile:1"],
        ),
    ]);
}

#[test]
fn what_went_elsewhere_is_not_new() {
    let empty = || workflow(&["run: make"]);
    let both = || workflow(&[SETUP, FETCH]);
    holds(vec![
        many("a job goes to another workflow", vec![(A, both()), (B, empty())], vec![(A, empty()), (B, both())], &[]),
        many(
            "a job is copied",
            vec![(A, both()), (B, empty())],
            vec![(A, both()), (B, both())],
            &[
                "changed unpinned-action .github/workflows/b.yml:9",
                "new fetch-to-interpreter .github/workflows/b.yml:10",
            ],
        ),
        many(
            "a new workflow with an old action",
            vec![(A, both())],
            vec![(A, both()), (B, workflow(&[SETUP]))],
            &["changed unpinned-action .github/workflows/b.yml:9", "new unnamed-workflow .github/workflows/b.yml:1"],
        ),
        many(
            "a workflow is taken away",
            vec![(A, both()), (B, empty())],
            vec![(B, empty())],
            &[
                "fixed fetch-to-interpreter .github/workflows/a.yml:10",
                "fixed unnamed-workflow .github/workflows/a.yml:1",
                "fixed unpinned-action .github/workflows/a.yml:9",
            ],
        ),
        many(
            "a requirement goes to another file",
            vec![
                ("requirements.txt", "jinja2==2.10\n".to_owned()),
                ("requirements-gpu.txt", "example-package==1.0.0\n".to_owned()),
            ],
            vec![
                ("requirements.txt", "example-package==1.0.0\n".to_owned()),
                ("requirements-gpu.txt", "jinja2==2.10\n".to_owned()),
            ],
            &[],
        ),
        many(
            "an empty base",
            vec![],
            vec![(A, both())],
            &[
                "new fetch-to-interpreter .github/workflows/a.yml:10",
                "new unnamed-workflow .github/workflows/a.yml:1",
                "new unpinned-action .github/workflows/a.yml:9",
            ],
        ),
        many(
            "an empty head",
            vec![(A, both())],
            vec![],
            &[
                "fixed fetch-to-interpreter .github/workflows/a.yml:10",
                "fixed unnamed-workflow .github/workflows/a.yml:1",
                "fixed unpinned-action .github/workflows/a.yml:9",
            ],
        ),
    ]);
}

#[test]
fn flaws_follow_their_package() {
    let with = |version: &str| vec![("Cargo.toml", manifest(&["time"])), ("Cargo.lock", lock(&[("time", version)]))];
    let beside = |name: &str, version: &str| {
        let mut all = with("0.1.42");
        all.push(("b/Cargo.toml", manifest(&[name])));
        all.push(("b/Cargo.lock", lock(&[(name, version)])));
        all
    };
    let mended = || {
        let manifest = manifest(&["time"]).replace("\"0.1\"", "\"0.3\"");
        vec![("Cargo.toml", manifest), ("Cargo.lock", lock(&[("time", "0.3.99")]))]
    };
    let requirement = |line: &str| vec![("requirements.txt", format!("{line}\n"))];
    holds(vec![
        many("a bump that stays affected", with("0.1.42"), with("0.1.43"), &[]),
        many("a bump that mends", with("0.1.42"), mended(), &["fixed vulnerable-crate Cargo.toml:6"]),
        many("a bump that is affected", mended(), with("0.1.42"), &["new vulnerable-crate Cargo.toml:6"]),
        many(
            "another lock with the same flaw",
            with("0.1.42"),
            beside("time", "0.1.42"),
            &["spread vulnerable-crate b/Cargo.lock:7"],
        ),
        many(
            "another lock with an attack",
            with("0.1.42"),
            beside("rustdecimal", "1.23.1"),
            &[
                "new malicious-crate b/Cargo.toml:6",
                "new malicious-name b/Cargo.toml:6",
                "new stale-lockfile b/Cargo.toml:6",
            ],
        ),
        many(
            "an attack spreads",
            beside("rustdecimal", "1.23.1"),
            {
                let mut all = beside("rustdecimal", "1.23.1");
                all.push(("c/Cargo.toml", manifest(&["rustdecimal"])));
                all.push(("c/Cargo.lock", lock(&[("rustdecimal", "1.23.1")])));
                all
            },
            &[
                "changed malicious-crate c/Cargo.lock:7",
                "changed malicious-name c/Cargo.toml:6",
                "new stale-lockfile c/Cargo.toml:6",
            ],
        ),
        many("a lock less", beside("time", "0.1.42"), with("0.1.42"), &[]),
        many(
            "a requirement is bumped and stays affected",
            requirement("jinja2==2.10"),
            requirement("jinja2==2.10.1"),
            &["fixed vulnerable-distribution requirements.txt:1"],
        ),
        many(
            "a requirement more",
            requirement("example-package==1.0.0"),
            requirement("example-package==1.0.0\njinja2==2.10"),
            &[
                "new vulnerable-distribution requirements.txt:2",
                "new vulnerable-distribution requirements.txt:2",
                "new vulnerable-distribution requirements.txt:2",
                "new vulnerable-distribution requirements.txt:2",
                "new vulnerable-distribution requirements.txt:2",
                "new vulnerable-distribution requirements.txt:2",
            ],
        ),
    ]);
}

#[test]
fn excuses_are_the_bases() {
    let with = |step: &str| workflow(&[step]);
    holds(vec![
        one(
            "a comment excuses what was there",
            A,
            with(SETUP),
            with(OURS),
            &["needs-approval unpinned-action .github/workflows/a.yml:9"],
        ),
        one(
            "a comment was there",
            A,
            with(OURS),
            format!("# a word\n{}", with(OURS)),
            &["suppressed unpinned-action .github/workflows/a.yml:10"],
        ),
        one(
            "a comment excuses another branch",
            A,
            with(&OURS.replace("@v1", "@main")),
            with(&OURS.replace("@v1", "@next")),
            &["needs-approval unpinned-action .github/workflows/a.yml:9"],
        ),
        one(
            "a comment comes with what it excuses",
            A,
            with("run: make"),
            with(OURS),
            &["needs-approval unpinned-action .github/workflows/a.yml:9"],
        ),
        one("a comment goes", A, with(OURS), with(SETUP), &["new unpinned-action .github/workflows/a.yml:9"]),
        one(
            "a second use under a second comment",
            A,
            with(OURS),
            workflow(&[OURS, OURS]),
            &["needs-approval unpinned-action .github/workflows/a.yml:10"],
        ),
        one(
            "the whole line goes",
            A,
            workflow(&[OURS, "run: make"]),
            with("run: make"),
            &["fixed unpinned-action .github/workflows/a.yml:9"],
        ),
    ]);
}

#[test]
fn gaps_count_where_the_change_touched_them() {
    let broken = "on: push\njobs: [\n".to_owned();
    let fine = || workflow(&["run: make"]);
    let base = [(A, broken.as_str()), (B, &fine())];
    let (head, _) = common::gate(&base, &[(A, broken.as_str()), (B, &workflow(&["run: make all"]))], &[]);
    assert!(head.complete, "the base could not read it either: {:?}", head.coverage);
    let (head, _) = common::gate(&base, &[(A, &broken.replace("push", "pull_request")), (B, &fine())], &[]);
    assert!(!head.complete, "the change touched it");
    let (head, _) = common::gate(&[(B, &fine())], &[(A, broken.as_str()), (B, &fine())], &[]);
    assert!(!head.complete, "the change brought it");
}

#[test]
fn what_changed_is_told_in_words() {
    let (before, after) = (workflow(&[SETUP]), workflow(&[SETUP, SETUP]));
    let (head, _) = common::gate(&[(A, &before)], &[(A, &after)], &[]);
    let found = head.findings.iter().find(|f| f.rule == "unpinned-action").expect("a finding");
    assert!(found.evidence.contains(&"1 of 2 places is new".to_owned()), "{:?}", found.evidence);
    assert!(head.excerpts.iter().any(|e| e.path == A && e.start <= found.line), "its lines are shown");
    let (head, difference) = common::gate(&[(A, &before)], &[(A, &workflow(&[OURS]))], &[]);
    assert_eq!(difference.approvals.len(), 1, "{:?}", difference.approvals);
    assert_eq!((difference.approvals[0].path.as_str(), difference.approvals[0].line), (A, 9));
    assert!(head.findings.iter().any(|f| f.fingerprint == difference.approvals[0].findings[0]));
}

const SAFE: &str = "(dp0\nS'layers'\np1\nI12\ns.\n";
const CALLS: &str = "cos\nsystem\n(S'id'\ntR.\n";
const CALLS_MORE: &str = "cos\nsystem\n(S'ls /'\ntR.\n";
const LOADS: &str = "import joblib\n\nMODEL = joblib.load(\"weights/model.pkl\")\n";
const READS: &str = "import joblib\n\nMODEL = None\n";

#[test]
fn model_files_are_told_where_a_change_brings_them() {
    let file = |path, text: &str| (path, text.to_owned());
    let readme = || file("README.md", "# Model\n");
    let weights = "weights/model.pkl";
    let mut scenarios = vec![
        many(
            "a pickle is added",
            vec![readme()],
            vec![readme(), file(weights, CALLS)],
            &["new dangerous-model-file weights/model.pkl:1"],
        ),
        many("a pickle that is data is added", vec![readme()], vec![readme(), file(weights, SAFE)], &[]),
        one(
            "data is exchanged for a call",
            weights,
            SAFE.to_owned(),
            CALLS.to_owned(),
            &["new dangerous-model-file weights/model.pkl:1"],
        ),
        one(
            "a call is exchanged for another",
            weights,
            CALLS.to_owned(),
            CALLS_MORE.to_owned(),
            &["changed dangerous-model-file weights/model.pkl:1"],
        ),
        many(
            "safetensors are exchanged for a pickle of the same name",
            vec![readme(), file("model/model.safetensors", "version https://git-lfs.github.com/spec/v1\n")],
            vec![readme(), file("model/model.safetensors", CALLS)],
            &["new dangerous-model-file model/model.safetensors:1"],
        ),
        many(
            "nothing but the code that loads it is changed",
            vec![readme(), file("serve.py", READS), file(weights, CALLS)],
            vec![readme(), file("serve.py", LOADS), file(weights, CALLS)],
            &["new trusted-pickle-load serve.py:3"],
        ),
    ];
    let mut moved = many("a file is moved", vec![file(weights, CALLS)], vec![file("data/other.pkl", CALLS)], &[]);
    moved.moved = vec![("data/other.pkl", weights)];
    scenarios.push(moved);
    holds(scenarios);
}
