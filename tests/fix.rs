//! `fix` as a person starts it: what is shown is what is written, and nothing else changes.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "the tests start the program and look at the files it wrote"
)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const COMMIT: &str = "330ac96b9186aa0befdfd9b996a1a0b22ccd662e";

fn tree(name: &str, files: &[(&str, String)]) -> PathBuf {
    common::folder("fix", name, files)
}

fn fix(dir: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-custody"));
    command.env_clear().env("SOURCE_DATE_EPOCH", "1795392000").arg("fix").arg(dir).args(words);
    command.output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut queue = vec![dir.to_owned()];
    while let Some(folder) = queue.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                queue.push(path);
            } else {
                out.insert(path.clone(), fs::read(path).expect("a file"));
            }
        }
    }
    out
}

fn cargo_project(name: &str, dependency: &str, asked: &str) -> PathBuf {
    let lock = format!(
        "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"dep\",\n]\n\n[[package]]\nname = \"dep\"\nversion = \"0.1.0\"\nsource = \"git+https://git.example.com/dep{asked}#{COMMIT}\"\n"
    );
    let manifest = format!(
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n# why it is there\n{dependency} # and how\n"
    );
    tree(name, &[("Cargo.toml", manifest), ("Cargo.lock", lock), ("src/main.rs", "fn main() {}\n".to_owned())])
}

#[test]
fn a_commit_of_the_lock_goes_into_the_manifest_and_the_lock_says_the_same() {
    let dir = cargo_project(
        "commit",
        "dep = { git = \"https://git.example.com/dep\", branch = \"main\", features = [] }",
        "?branch=main",
    );
    let before = files(&dir);
    let shown = fix(&dir, &[]);
    assert_eq!(shown.status.code(), Some(0));
    assert_eq!(files(&dir), before, "showing writes nothing");
    let diff = text(&shown.stdout);
    assert!(
        diff.contains(&format!(
            "+dep = {{ git = \"https://git.example.com/dep\", rev = \"{COMMIT}\", features = [] }} # and how"
        )),
        "{diff}"
    );
    assert!(diff.contains(&format!("+source = \"git+https://git.example.com/dep?rev={COMMIT}#{COMMIT}\"")), "{diff}");
    assert!(text(&shown.stderr).contains("1 finding can be answered in 2 files"), "{}", text(&shown.stderr));

    // What is shown is a patch that git takes, and what `--apply` writes is what the patch makes.
    let copy = dir.with_file_name("commit-copy");
    let _ = fs::remove_dir_all(&copy);
    for (path, bytes) in &before {
        let to = copy.join(path.strip_prefix(&dir).expect("below"));
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::write(to, bytes).expect("a file");
    }
    let mut git = Command::new("git");
    git.current_dir(&copy)
        .args(["apply", "--unsafe-paths", "-p1", "-"])
        .env("GIT_CEILING_DIRECTORIES", copy.parent().expect("a folder"));
    let mut git = git.stdin(Stdio::piped()).spawn().expect("git starts");
    std::io::Write::write_all(&mut git.stdin.take().expect("a pipe"), &shown.stdout).expect("the patch is read");
    assert!(git.wait().expect("git ends").success());
    let applied = fix(&dir, &["--apply"]);
    assert!(text(&applied.stdout).is_empty() && text(&applied.stderr).contains("answered in 2 files"));
    let names = |root: &Path| -> BTreeMap<PathBuf, String> {
        let strip =
            |(path, bytes): (PathBuf, Vec<u8>)| (path.strip_prefix(root).expect("below").to_owned(), text(&bytes));
        files(root).into_iter().map(strip).collect()
    };
    assert_eq!(names(&dir), names(&copy));
    assert!(text(&fix(&dir, &[]).stderr).contains("nothing has one right answer"));
}

#[test]
fn a_source_that_another_repository_asks_for_is_left() {
    let dir = cargo_project("shared", "dep = { git = \"https://git.example.com/dep\" }", "");
    let lock = fs::read_to_string(dir.join("Cargo.lock")).expect("a lock");
    assert!(text(&fix(&dir, &[]).stdout).contains(&format!("dep\", rev = \"{COMMIT}\" }}")));
    let other = format!(
        "\n[[package]]\nname = \"other\"\nversion = \"0.1.0\"\nsource = \"git+https://git.example.com/other?rev={COMMIT}#{COMMIT}\"\ndependencies = [\n \"dep\",\n]\n"
    );
    fs::write(dir.join("Cargo.lock"), lock + &other).expect("a lock");
    assert!(text(&fix(&dir, &[]).stdout).is_empty());
}

#[test]
fn a_lower_bound_is_raised_where_the_range_allows_it() {
    let files = [
        ("Dockerfile", "FROM python:3.13@sha256:0000000000000000000000000000000000000000000000000000000000000000\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n".to_owned()),
        ("requirements.txt", "jinja2 >= 2.0, < 4  # templates\n".to_owned()),
    ];
    let dir = tree("bound", &files);
    let diff = text(&fix(&dir, &["--rule", "exposed-requirement"]).stdout);
    let raised = diff.lines().find(|l| l.starts_with("+jinja2")).unwrap_or_else(|| panic!("{diff}"));
    assert!(raised.starts_with("+jinja2 >= 3.") && raised.ends_with(", < 4  # templates"), "{diff}");
}

#[test]
fn a_direct_dependency_is_raised_within_its_requirement() {
    let lock = "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"time\",\n]\n\n[[package]]\nname = \"time\"\nversion = \"0.3.36\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"5dfd88e563464686c916c7e46e623e520ddc6d79fa6641390f2e3fa86e83e885\"\n";
    for (requirement, raised) in
        [("\"0.3\"", true), ("\"^0.3.30\"", true), ("\"=0.3.36\"", false), ("\">=0.3, <0.4\"", false)]
    {
        let manifest = format!(
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\ntime = {requirement}\n"
        );
        let dir = tree(
            "direct",
            &[("Cargo.toml", manifest), ("Cargo.lock", lock.to_owned()), ("src/main.rs", String::new())],
        );
        let diff = text(&fix(&dir, &[]).stdout);
        assert_eq!(diff.contains("+time = \""), raised, "{requirement}: {diff}");
    }
}

#[test]
fn a_pin_that_the_tree_has_elsewhere_is_taken_over() {
    let pinned = format!("      - uses: actions/setup-python@{COMMIT} # v5.3.0\n");
    let job = |uses: &str| {
        format!("on: push\npermissions: {{}}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{uses}")
    };
    let open = "      - uses: \"actions/setup-python@v5.3.0\"\n      - uses: Actions/setup-python@v5.3.0 # v5.3.0\n      - uses: actions/setup-python@v5\n";
    let files = [(".github/workflows/a.yml", job(&pinned)), (".github/workflows/b.yml", job(open))];
    let dir = tree("action", &files);
    fix(&dir, &["--apply", "--rule", "unpinned-action"]);
    let after = fs::read_to_string(dir.join(".github/workflows/b.yml")).expect("a workflow");
    let expected = format!(
        "      - uses: \"actions/setup-python@{COMMIT}\" # v5.3.0\n      - uses: Actions/setup-python@{COMMIT} # v5.3.0\n      - uses: actions/setup-python@v5\n"
    );
    assert_eq!(after, job(&expected));
    // A comment that says something else would be all that is left of the version.
    let said = open.replace("# v5.3.0", "# why");
    let dir =
        tree("action-said", &[(".github/workflows/a.yml", job(&pinned)), (".github/workflows/b.yml", job(&said))]);
    assert!(text(&fix(&dir, &["--rule", "unpinned-action"]).stdout).is_empty());
    // Two commits for one version are no answer.
    let other = COMMIT.replace('3', "4");
    let two = job(&format!("{pinned}{}", pinned.replace(COMMIT, &other)));
    let dir = tree("action-two", &[(".github/workflows/a.yml", two), (".github/workflows/b.yml", job(open))]);
    assert!(text(&fix(&dir, &["--rule", "unpinned-action"]).stdout).is_empty());
}

#[test]
fn an_index_is_bound_to_what_the_lock_takes_from_it() {
    let url = "https://packages.example.com/simple";
    let project = |more: &str| {
        format!(
            "[project]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"one>=1\", \"two\"{more}]\n\n[[tool.uv.index]]\nname = \"own\"\nurl = \"{url}\" # ours\n"
        )
    };
    let lock = |more: &str| {
        format!(
            "version = 1\nrevision = 3\nrequires-python = \">=3.11\"\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\nsource = {{ virtual = \".\" }}\ndependencies = [\n    {{ name = \"one\" }},\n    {{ name = \"two\" }},\n]\n\n[package.metadata]\nrequires-dist = [\n    {{ name = \"one\", specifier = \">=1\" }},\n    {{ name = \"two\" }},\n]\n\n[[package]]\nname = \"one\"\nversion = \"1.0\"\nsource = {{ registry = \"{url}\" }}\n\n[[package]]\nname = \"two\"\nversion = \"1.0\"\nsource = {{ registry = \"{url}\" }}\n{more}"
        )
    };
    let dir = tree("bind", &[("pyproject.toml", project("")), ("uv.lock", lock(""))]);
    fix(&dir, &["--apply", "--rule", "unbound-uv-index"]);
    let after = fs::read_to_string(dir.join("pyproject.toml")).expect("a project");
    let sources = "\n[tool.uv.sources]\none = { index = \"own\" }\ntwo = { index = \"own\" }\n";
    assert_eq!(after, project("").replace("\" # ours", "\"\nexplicit = true # ours") + sources);
    let locked = fs::read_to_string(dir.join("uv.lock")).expect("a lock");
    assert!(locked.contains(&format!("{{ name = \"one\", specifier = \">=1\", index = \"{url}\" }},")), "{locked}");
    assert!(locked.contains(&format!("{{ name = \"two\", index = \"{url}\" }},")), "{locked}");
    // What the project does not ask for itself cannot be bound.
    let third = format!("\n[[package]]\nname = \"three\"\nversion = \"1.0\"\nsource = {{ registry = \"{url}\" }}\n");
    let dir = tree("bind-not", &[("pyproject.toml", project("")), ("uv.lock", lock(&third))]);
    assert!(text(&fix(&dir, &["--rule", "unbound-uv-index"]).stdout).is_empty());
}

/// A manifest and its lock change together or not at all.
#[test]
fn what_cannot_be_written_leaves_the_other_file_as_well() {
    let project = |name: &str| cargo_project(name, "dep = { git = \"https://git.example.com/dep\" }", "");
    #[cfg(unix)]
    {
        let dir = project("link");
        fs::create_dir_all(dir.join("real")).expect("a folder");
        fs::rename(dir.join("Cargo.lock"), dir.join("real/locked")).expect("a lock");
        std::os::unix::fs::symlink("real/locked", dir.join("Cargo.lock")).expect("a link");
        let before = files(&dir);
        let output = fix(&dir, &["--apply"]);
        assert_eq!((output.status.code(), files(&dir)), (Some(0), before));
        let said = text(&output.stderr);
        assert!(said.contains("Cargo.lock: left as it is") && said.contains("nothing has one right answer"), "{said}");
        assert!(fs::symlink_metadata(dir.join("Cargo.lock")).expect("a link").is_symlink());
    }
}

/// Tables may be written in ways that the rule does not look for.
#[test]
fn a_file_that_would_be_broken_is_left() {
    let url = "https://packages.example.com/simple";
    for table in [
        "[ tool.uv.sources ]\nx = { path = \"x\" }",
        "[tool]\nuv.sources.x = { path = \"x\" }",
        "[tool.\"uv\".sources]",
    ] {
        let project = format!(
            "[project]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"one>=1\"]\n\n[[tool.uv.index]]\nname = \"own\"\nurl = \"{url}\"\n\n{table}\n"
        );
        let lock = format!(
            "version = 1\nrequires-python = \">=3.11\"\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\nsource = {{ virtual = \".\" }}\ndependencies = [\n    {{ name = \"one\" }},\n]\n\n[package.metadata]\nrequires-dist = [\n    {{ name = \"one\", specifier = \">=1\" }},\n]\n\n[[package]]\nname = \"one\"\nversion = \"1.0\"\nsource = {{ registry = \"{url}\" }}\n"
        );
        let dir = tree("broken", &[("pyproject.toml", project), ("uv.lock", lock)]);
        let before = files(&dir);
        let output = fix(&dir, &["--apply", "--rule", "unbound-uv-index"]);
        let said = text(&output.stderr);
        assert_eq!(files(&dir), before, "{table}: {said}");
        assert!(said.contains("pyproject.toml: left as it is") || said.contains("nothing has"), "{said}");
    }
}

#[test]
fn a_rule_that_is_none_and_text_that_is_no_utf8_are_told() {
    let dir = tree("odd", &[("Cargo.toml", String::new())]);
    let output = fix(&dir, &["--rule", "unpinned-git-dependancy"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("did you mean `unpinned-git-dependency`?"));
    let dir = cargo_project("latin", "dep = { git = \"https://git.example.com/dep\" }", "");
    let path = dir.join("Cargo.toml");
    let mut bytes = fs::read(&path).expect("a manifest");
    bytes.extend(b"# caf\xe9\n");
    fs::write(&path, &bytes).expect("a manifest");
    let output = fix(&dir, &["--apply"]);
    assert_eq!(fs::read(&path).expect("a manifest"), bytes);
    assert!(text(&output.stderr).contains("left as it is"), "{}", text(&output.stderr));
}

#[test]
fn a_dead_ignore_is_taken_out() {
    let lock = "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"time\",\n]\n\n[[package]]\nname = \"time\"\nversion = \"0.3.47\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"\n";
    let manifest =
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\ntime = \"0.3\"\n";
    let deny = "[advisories]\nyanked = \"deny\"\nignore = [\n    # local time\n    { id = \"RUSTSEC-2020-0071\", reason = \"not used\" }, # old\n]\n";
    let files = [
        ("Cargo.toml", manifest.to_owned()),
        ("Cargo.lock", lock.to_owned()),
        ("src/main.rs", "fn main() {}\n".to_owned()),
        ("deny.toml", deny.to_owned()),
    ];
    let dir = tree("dead-ignore", &files);
    fix(&dir, &["--rule", "dead-ignore", "--apply"]);
    let left = fs::read_to_string(dir.join("deny.toml")).expect("a file");
    assert_eq!(left, "[advisories]\nyanked = \"deny\"\nignore = [\n    # local time\n]\n");
    assert!(text(&fix(&dir, &["--rule", "dead-ignore"]).stdout).is_empty());
}

#[test]
fn updates_wait_and_hooks_are_fetched_encrypted() {
    let bot = "version: 2\nupdates:\n  # crates\n  - package-ecosystem: cargo # all of them\n    directory: /\n    schedule: { interval: weekly }\n    insecure-external-code-execution: allow\n  - directory: /\n    package-ecosystem: \"pip\"\n    cooldown:\n      # not long\n      default-days: 3\n  -\n    package-ecosystem: npm\n    directory: /\n    cooldown:\n      semver-major-days: 30\n";
    let hooks = "repos:\n  - repo: \"http://example.com/hooks\" # ours\n    rev: 0123456789abcdef0123456789abcdef01234567\n    hooks: [{ id: a }]\n";
    let dir =
        tree("upkeep", &[(".github/dependabot.yml", bot.to_owned()), (".pre-commit-config.yaml", hooks.to_owned())]);
    let written = fix(&dir, &["--apply"]);
    assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
    let read = |path: &str| fs::read_to_string(dir.join(path)).expect("a file");
    assert_eq!(
        read(".github/dependabot.yml"),
        "version: 2\nupdates:\n  # crates\n  - package-ecosystem: cargo # all of them\n    cooldown:\n      default-days: 7\n    directory: /\n    schedule: { interval: weekly }\n    insecure-external-code-execution: deny\n  - directory: /\n    package-ecosystem: \"pip\"\n    cooldown:\n      # not long\n      default-days: 7\n  -\n    package-ecosystem: npm\n    directory: /\n    cooldown:\n      default-days: 7\n      semver-major-days: 30\n"
    );
    assert!(read(".pre-commit-config.yaml").starts_with("repos:\n  - repo: \"https://example.com/hooks\" # ours\n"));
    // Nothing is left to do.
    let again = fix(&dir, &[]);
    assert!(text(&again.stdout).is_empty(), "{}", text(&again.stdout));
}

/// What `fix` makes of a workflow, and that a second run has nothing to do.
fn fixed(name: &str, path: &str, before: &str) -> String {
    let dir = tree(name, &[(path, before.to_owned())]);
    let written = fix(&dir, &["--apply", "--rule", "script-injection", "--rule", "template-expansion"]);
    assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
    let after = fs::read_to_string(dir.join(path)).expect("a file");
    let again = fix(&dir, &["--rule", "script-injection", "--rule", "template-expansion"]);
    assert!(!text(&again.stdout).contains("@@"), "{}", text(&again.stdout));
    after
}

#[test]
fn expressions_in_scripts_become_variables_of_their_step() {
    let before = "\
on: pull_request_target
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      # first
      - run: |
          echo \"${{ github.event.pull_request.title }}\" # why
          git checkout ${{ github.head_ref }}
          echo \"${{ github.event.pull_request.title }} again\"
      - name: second
        env:
          # kept
          OTHER: x
          BODY: ${{ github.event.pull_request.body }}
        run: echo \"${{ github.event.pull_request.body }} $(date \"${{ github.head_ref }}\")\"
      - uses: actions/github-script@v8
        with:
          script: |
            core.info(`by ${{ github.head_ref }}`)
            core.info('${{ github.event.pull_request.title }}')
";
    let after = "\
on: pull_request_target
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      # first
      - env:
          HEAD_REF: ${{ github.head_ref }}
          PULL_REQUEST_TITLE: ${{ github.event.pull_request.title }}
        run: |
          echo \"${PULL_REQUEST_TITLE}\" # why
          git checkout \"${HEAD_REF}\"
          echo \"${PULL_REQUEST_TITLE} again\"
      - name: second
        env:
          # kept
          HEAD_REF: ${{ github.head_ref }}
          OTHER: x
          BODY: ${{ github.event.pull_request.body }}
        run: echo \"${BODY} $(date \"${HEAD_REF}\")\"
      - uses: actions/github-script@v8
        env:
          HEAD_REF: ${{ github.head_ref }}
          PULL_REQUEST_TITLE: ${{ github.event.pull_request.title }}
        with:
          script: |
            core.info(`by ${process.env.HEAD_REF}`)
            core.info(process.env.PULL_REQUEST_TITLE)
";
    assert_eq!(fixed("variables", ".github/workflows/a.yml", before), after);
}

#[test]
fn what_a_shell_would_not_expand_is_left_alone() {
    for (index, script) in [
        "run: echo '${{ github.head_ref }}'",
        "run: eval \"${{ github.head_ref }}\"",
        "run: ${{ github.head_ref }} --version",
        "run: \"echo ${{ github.head_ref }}\"",
        "run: \"cat <<'EOF' > a\\n${{ github.head_ref }}\\nEOF\\n\"",
        "shell: python\n        run: print(\"${{ github.head_ref }}\")",
    ]
    .iter()
    .enumerate()
    {
        let before = format!(
            "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - name: a\n        {script}\n"
        );
        assert_eq!(fixed(&format!("left-{index}"), ".github/workflows/a.yml", &before), before);
    }
}

#[test]
fn inputs_of_an_action_become_variables_where_they_are_quoted() {
    let before = "name: a\ninputs:\n  name:\n    required: true\nruns:\n  using: composite\n  steps:\n    - shell: bash\n      run: |\n        echo \"${{ inputs.name }}\"\n    - shell: pwsh\n      run: |\n        Write-Host \"hello ${{ inputs.name }}\"\n";
    let after = "name: a\ninputs:\n  name:\n    required: true\nruns:\n  using: composite\n  steps:\n    - shell: bash\n      env:\n        INPUT_NAME: ${{ inputs.name }}\n      run: |\n        echo \"${INPUT_NAME}\"\n    - shell: pwsh\n      env:\n        INPUT_NAME: ${{ inputs.name }}\n      run: |\n        Write-Host \"hello ${env:INPUT_NAME}\"\n";
    assert_eq!(fixed("inputs", "action.yml", before), after);
    let loose = before.replace("\"${{ inputs.name }}\"", "${{ inputs.name }}");
    assert_eq!(fixed("loose", "action.yml", &loose), loose, "it may stand for several words");
}
