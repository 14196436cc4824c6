//! `cargo custody affected` as a person starts it, on invented repositories after three incidents: litellm 1.82.7 and
//! 1.82.8 (March 2026), tj-actions/changed-files (March 2025), ultralytics 8.3.41 to 8.3.46 (December 2024).
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "the tests start the program and make folders"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The commit to which the tags of `tj-actions/changed-files` were moved. Source: GHSA-mrrh-fwg8-r2c3.
const MOVED_TO: &str = "0e58ed8671d6b60d0890c21b07f8835ace038e67";
/// A commit that it was not.
const OTHER: &str = "1111111111111111111111111111111111111111";

fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("affected").join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("a folder");
    for (path, text) in files {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    dir
}

fn run(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-custody"))
        .arg("affected")
        .args(arguments)
        .current_dir(dir)
        .env("CARGO_CUSTODY_HOME", dir.join("no-index"))
        .env("SOURCE_DATE_EPOCH", "1790000000")
        .stdin(Stdio::null())
        .output()
        .expect("the program")
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn json(output: &Output) -> Value {
    let told = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {told}"))
}

/// How each place stands, in the order of the answer.
fn standings(value: &Value) -> Vec<(String, String)> {
    let answers = value["answers"].as_array().expect("answers");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    answers.iter().map(|answer| (text(&answer["who"]), text(&answer["standing"]))).collect()
}

/// What the page shows is what the program says.
fn stands_in_page(shown: &str) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/affected.md");
    let page = fs::read_to_string(page).expect("the page");
    assert!(page.contains(shown.trim_end()), "docs/affected.md does not show:\n{shown}");
}

fn bill(components: &str) -> String {
    format!(
        r#"{{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
 "metadata": {{"component": {{"type": "application", "name": "chat", "version": "2.1.0", "bom-ref": "root"}}}},
 "components": [{components}],
 "dependencies": [{{"ref": "root", "dependsOn": ["a"]}}, {{"ref": "a", "dependsOn": ["b"]}}]}}"#
    )
}

const AGENT: &str = r#"{"type": "library", "bom-ref": "a", "name": "agent-kit", "version": "0.4.0", "purl": "pkg:pypi/agent-kit@0.4.0"}"#;

fn litellm(version: &str) -> String {
    format!(
        "{AGENT},\n  {{\"type\": \"library\", \"bom-ref\": \"b\", \"name\": \"litellm\", \"version\": \"{version}\", \"purl\": \"pkg:pypi/litellm@{version}\"}}"
    )
}

const WORKFLOW: &str = "on: push
permissions:
  contents: write
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: pip install -r requirements.txt
        env:
          OPENAI_API_KEY: ${{ secrets.OPENAI_API_KEY }}
  lint:
    runs-on: ubuntu-latest
    steps:
      - run: pip install ruff
";

#[test]
fn documents_and_trees_are_asked_together() {
    let dir = folder(
        "litellm",
        &[
            ("boms/bad.cdx.json", &bill(&litellm("1.82.7"))),
            ("boms/good.cdx.json", &bill(&litellm("1.82.6"))),
            ("boms/none.cdx.json", &bill(AGENT)),
            (
                "boms/crates.cdx.json",
                &bill(
                    r#"{"type": "library", "bom-ref": "a", "name": "x", "version": "1.0.0", "purl": "pkg:cargo/x@1.0.0"}"#,
                ),
            ),
            ("boms/notes.json", "{\"hello\": 1}"),
            ("service/requirements.txt", "litellm>=1.80\n"),
            ("service/.github/workflows/ci.yml", WORKFLOW),
            ("service/Dockerfile", "FROM python:3.12\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n"),
        ],
    );
    let output = run(&dir, &["litellm==1.82.7", "--in", "boms", "service", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let value = json(&output);
    fits_schema(&value);
    let wanted = [
        ("boms/bad.cdx.json", "locked"),
        ("service", "could-have-resolved"),
        ("boms/crates.cdx.json", "cannot-know"),
        ("boms/good.cdx.json", "no"),
        ("boms/none.cdx.json", "no"),
    ];
    let wanted: Vec<(String, String)> = wanted.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    assert_eq!(standings(&value), wanted);
    assert_eq!(value["passed_over"], 1);
    let bad = &value["answers"][0];
    assert_eq!(bad["path"], serde_json::json!(["chat 2.1.0", "agent-kit 0.4.0", "litellm 1.82.7"]));
    let service = &value["answers"][1];
    let jobs: Vec<&str> = service["jobs"].as_array().expect("jobs").iter().filter_map(|j| j["name"].as_str()).collect();
    assert_eq!(jobs, ["ci.yml: job test"], "the job that lints installs something else");
    assert_eq!(service["jobs"][0]["secrets"], serde_json::json!(["OPENAI_API_KEY", "GITHUB_TOKEN (contents: write)"]));
    assert_eq!(service["rebuild"], serde_json::json!(["image of Dockerfile"]));
    let shown = text(&run(&dir, &["litellm==1.82.7", "--in", "boms", "service"]));
    let first = shown.lines().next().unwrap_or_default();
    assert_eq!(
        first, "litellm==1.82.7: 1 of 5 places has it locked, 1 could have got it, 1 cannot be known, 2 do not",
        "{shown}"
    );
    assert!(shown.contains("ci.yml: job test could read OPENAI_API_KEY, GITHUB_TOKEN (contents: write)"), "{shown}");
    assert!(!shown.contains("none.cdx.json"), "{shown}");
    stands_in_page(&shown);
}

#[test]
fn an_action_whose_tags_were_moved() {
    let workflow = |reference: &str| {
        format!(
            "on: pull_request\njobs:\n  changes:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: tj-actions/changed-files@{reference}\n        with:\n          token: ${{{{ secrets.BOT_TOKEN }}}}\n"
        )
    };
    let dir = folder(
        "tj-actions",
        &[
            ("moved/.github/workflows/ci.yml", &workflow(MOVED_TO)),
            ("tag/.github/workflows/ci.yml", &workflow("v45")),
            ("pinned/.github/workflows/ci.yml", &workflow(&format!("{OTHER} # v45.0.7"))),
            ("later/.github/workflows/ci.yml", &workflow("v47")),
            (
                "inside/.github/workflows/ci.yml",
                "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: ./.github/actions/changes\n",
            ),
            (
                "inside/.github/actions/changes/action.yml",
                "name: changes\nruns:\n  using: composite\n  steps:\n    - uses: tj-actions/changed-files@v44\n",
            ),
        ],
    );
    let places = ["moved", "tag", "pinned", "later", "inside"];
    let arguments: Vec<&str> = ["CVE-2025-30066", "--format", "json", "--in"].into_iter().chain(places).collect();
    let output = run(&dir, &arguments);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let value = json(&output);
    fits_schema(&value);
    let wanted = [
        ("moved", "locked"),
        ("inside", "could-have-resolved"),
        ("tag", "could-have-resolved"),
        ("later", "no"),
        ("pinned", "no"),
    ];
    let wanted: Vec<(String, String)> = wanted.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    assert_eq!(standings(&value), wanted);
    assert_eq!(value["answers"][1]["jobs"][0]["name"], "ci.yml: job a", "{value}");
    let secrets = &value["answers"][2]["jobs"][0]["secrets"];
    assert_eq!(secrets[0], "BOT_TOKEN");
    assert_eq!(value["questions"][0]["since"], "2025-03-14T00:00:00Z");
    let arguments: Vec<&str> = ["CVE-2025-30066", "--in"].into_iter().chain(places).collect();
    stands_in_page(&text(&run(&dir, &arguments)));
}

#[test]
fn a_package_that_a_build_may_have_taken() {
    let lock = |version: &str| {
        format!(
            "version = 1\nrequires-python = \">=3.10\"\n\n[[package]]\nname = \"vision\"\nversion = \"0.1.0\"\nsource = {{ virtual = \".\" }}\ndependencies = [{{ name = \"ultralytics\" }}]\n\n[[package]]\nname = \"ultralytics\"\nversion = \"{version}\"\nsource = {{ registry = \"https://pypi.org/simple\" }}\n"
        )
    };
    let project = "[project]\nname = \"vision\"\nversion = \"0.1.0\"\ndependencies = [\"ultralytics>=8.3\"]\n";
    let dir = folder(
        "ultralytics",
        &[
            ("held/pyproject.toml", project),
            ("held/uv.lock", &lock("8.3.40")),
            ("bad/pyproject.toml", project),
            ("bad/uv.lock", &lock("8.3.41")),
            ("open/pyproject.toml", project),
            ("unheeded/pyproject.toml", project),
            ("unheeded/uv.lock", &lock("8.3.40")),
            ("unheeded/Dockerfile", "FROM python:3.12\nCOPY . /app\nRUN pip install /app\n"),
            ("hidden/requirements.txt", "some-vision-kit\n"),
        ],
    );
    let output = run(
        &dir,
        &[
            "ultralytics@8.3.41,8.3.42,8.3.45,8.3.46",
            "--format",
            "json",
            "--in",
            "held",
            "bad",
            "open",
            "unheeded",
            "hidden",
        ],
    );
    let value = json(&output);
    fits_schema(&value);
    let wanted = [
        ("bad", "locked"),
        ("open", "could-have-resolved"),
        ("unheeded", "could-have-resolved"),
        ("hidden", "cannot-know"),
        ("held", "no"),
    ];
    let wanted: Vec<(String, String)> = wanted.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    assert_eq!(standings(&value), wanted, "{value:#}");
    let target = "ultralytics@8.3.41,8.3.42,8.3.45,8.3.46";
    stands_in_page(&text(&run(&dir, &[target, "--in", "held", "bad", "open", "unheeded", "hidden"])));
}

/// What is written fits the published schema.
fn fits_schema(value: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/affected-v1.schema.json");
    let schema = serde_json::from_str(&fs::read_to_string(path).expect("a schema")).expect("JSON");
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
    let errors: Vec<String> = validator.iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn exit_codes_say_what_was_found() {
    let dir = folder(
        "codes",
        &[
            ("none.cdx.json", &bill(AGENT)),
            (
                "crates.cdx.json",
                &bill(r#"{"type": "library", "bom-ref": "a", "name": "x", "purl": "pkg:cargo/x@1.0.0"}"#),
            ),
            ("list.txt", "litellm==1.82.7\n?? what\n"),
            (
                "broken.cdx.json",
                "{\"bomFormat\": \"CycloneDX\", \"components\": [{\"name\": \"other\", \"description\": \"not litellm",
            ),
        ],
    );
    let code = |arguments: &[&str]| run(&dir, arguments).status.code();
    assert_eq!(code(&["pypi:litellm==1.82.7", "--in", "none.cdx.json"]), Some(0));
    assert_eq!(code(&["pypi:litellm==1.82.7", "--in", "none.cdx.json", "crates.cdx.json"]), Some(3));
    assert_eq!(code(&["pypi:litellm==1.82.7", "--in", "broken.cdx.json"]), Some(3));
    assert_eq!(code(&["pypi:litellm==1.82.7", "--in", "list.txt"]), Some(3), "it is no document");
    assert_eq!(code(&["CVE-1999-0001", "--in", "none.cdx.json"]), Some(2));
    assert_eq!(code(&["litellm==1.82.7", "--in", "missing.json"]), Some(2));
    assert_eq!(code(&["?!", "--in", "none.cdx.json"]), Some(2));
    assert_eq!(code(&["litellm@>=1.82.7 <1.82.9", "--in", "none.cdx.json"]), Some(2));
    assert_eq!(code(&["litellm@latest", "--in", "none.cdx.json"]), Some(2));
    assert_eq!(code(&["sha256:zz", "--in", "none.cdx.json"]), Some(2));
    assert_eq!(code(&["litellm", "--since", "soon", "--in", "none.cdx.json"]), Some(2));
    let output = run(&dir, &["--ioc", "list.txt", "--in", "none.cdx.json"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("list.txt line 2"), "{output:?}");
}

#[test]
fn saved_audits_and_graphs_answer_what_they_can() {
    let dir = folder("saved", &[("tree/requirements.txt", "litellm==1.82.7\n"), ("tree/app.py", "import litellm\n")]);
    let program = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_cargo-custody"))
            .args(arguments)
            .current_dir(dir.join("tree"))
            .env("CARGO_CUSTODY_HOME", dir.join("no-index"))
            .env("SOURCE_DATE_EPOCH", "1790000000")
            .output()
            .expect("the program");
        output.stdout
    };
    fs::write(dir.join("graph.json"), program(&["graph", ".", "--format", "json"])).expect("a file");
    fs::write(dir.join("audit.json"), program(&["audit", ".", "--format", "json"])).expect("a file");
    let ask = |target: &str| {
        let value = json(&run(&dir, &[target, "--format", "json", "--in", "graph.json", "audit.json"]));
        let mut found = standings(&value);
        found.sort();
        found.into_iter().map(|(_, standing)| standing).collect::<Vec<_>>()
    };
    assert_eq!(ask("pypi:litellm==1.82.7"), ["locked", "locked"]);
    assert_eq!(ask("pypi:openai"), ["cannot-know", "cannot-know"], "they keep findings and parts, not gaps");
}

#[test]
fn a_folder_is_asked_for_all_that_it_holds() {
    let bad = bill(&litellm("1.82.7"));
    let dir = folder(
        "folders",
        &[
            ("settings/tsconfig.json", "{\"compilerOptions\": {}}"),
            ("settings/services/a/requirements.txt", "litellm==1.82.7\n"),
            ("both/Makefile", "all:\n\ttrue\n"),
            ("both/a.cdx.json", &bad),
            ("beside/Cargo.toml", "[package]\nname = \"x\"\nversion = \"0.1.0\"\n"),
            ("beside/plain.cdx.json", &bad),
            ("forms/good.cdx.json", &bill(&litellm("1.82.6"))),
            ("forms/old.cdx.xml", "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\"/>"),
            ("forms/packed.cdx.json.gz", "x"),
            ("forms/notes.tar", "x"),
        ],
    );
    let ask = |place: &str| json(&run(&dir, &["pypi:litellm==1.82.7", "--format", "json", "--in", place]));
    let found = |place: &str| {
        let mut all = standings(&ask(place));
        all.sort();
        all.into_iter().map(|(who, standing)| format!("{who} {standing}")).collect::<Vec<_>>()
    };
    assert_eq!(found("settings"), ["settings locked"]);
    assert_eq!(found("both"), ["both no", "both/a.cdx.json locked"]);
    assert_eq!(found("beside"), ["beside no", "beside/plain.cdx.json locked"]);
    assert_eq!(
        found("forms"),
        ["forms/good.cdx.json no", "forms/old.cdx.xml cannot-know", "forms/packed.cdx.json.gz cannot-know"]
    );
    let forms = ask("forms");
    assert_eq!(forms["passed_over"], 1, "{forms:#}");
}

#[test]
fn hosts_and_digests_are_found_as_text() {
    let digest = "ab".repeat(32);
    let script = format!(
        "on: push\njobs:\n  fetch:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          curl -sSLo m.bin https://eu.models.example.com/m.bin\n          echo \"{digest}  m.bin\" | sha256sum -c\n"
    );
    let dir = folder(
        "text",
        &[("tree/.github/workflows/a.yml", &script), ("tree/README.md", "no models.example.org here\n")],
    );
    let arguments = ["models.example.com", &digest, "models.example.org", "--format", "json", "--in", "tree"];
    let value = json(&run(&dir, &arguments));
    let found: Vec<String> = standings(&value).into_iter().map(|(_, standing)| standing).collect();
    assert_eq!(found, ["locked", "locked", "no"], "{value:#}");
    assert_eq!(value["answers"][0]["jobs"][0]["name"], "a.yml: job fetch");
}

#[test]
fn only_what_could_name_it_hides_it() {
    let flow = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n";
    let broken = "on: push\njobs:\n  a: [\n";
    let dir = folder(
        "hidden",
        &[
            ("lists/requirements.txt", "flask==3.0.0 \\\n    --hash=sha256:zz\n-r missing.txt\n"),
            ("lists/.github/workflows/ci.yml", flow),
            ("flows/.github/workflows/ci.yml", broken),
            ("flows/Cargo.toml", "[package]\nname = \"x\"\nversion = \"0.1.0\"\n"),
            ("flows/Cargo.lock", "version = 4\n\n[[package]]\nname = \"x\"\nversion = \"0.1.0\"\n"),
            ("shown/.github/workflows/ci.yml", flow),
            ("shown/examples/chat/requirements.txt", "-r missing.txt\n"),
        ],
    );
    let ask = |target: &str| {
        let arguments = [target, "--format", "json", "--in", "flows", "lists", "shown"];
        let mut found = standings(&json(&run(&dir, &arguments)));
        found.sort();
        found.into_iter().map(|(who, standing)| format!("{who} {standing}")).collect::<Vec<_>>()
    };
    assert_eq!(ask("action:tj-actions/changed-files@v45"), ["flows cannot-know", "lists no", "shown no"]);
    assert_eq!(ask("pypi:litellm==1.82.7"), ["flows cannot-know", "lists cannot-know", "shown no"]);
    let told = text(&run(&dir, &["pypi:litellm==1.82.7", "--in", "shown"]));
    assert!(told.contains("not counted  shown: examples/chat/requirements.txt could be read in part only"), "{told}");
}

#[test]
fn a_list_that_was_compiled_is_held_by_what_it_became() {
    let lock = "# This file was autogenerated by uv via the following command:\n#    uv pip compile --output-file=requirements.txt requirements/base.in\nlitellm==1.82.6\nopenai==1.99.0\n";
    let dir = folder(
        "compiled",
        &[
            ("held/requirements.txt", lock),
            ("held/requirements/base.in", "-r more.in\nlitellm>=1.80\n"),
            ("held/requirements/more.in", "openai\n"),
            ("open/requirements.txt", lock),
            ("open/requirements/base.in", "litellm>=1.80\n"),
            ("open/Dockerfile", "FROM python:3.12\nCOPY . .\nRUN pip install -r requirements/base.in\n"),
        ],
    );
    let value = json(&run(&dir, &["pypi:litellm==1.82.7", "--format", "json", "--in", "held", "open"]));
    let wanted = [("open", "could-have-resolved"), ("held", "no")];
    let wanted: Vec<(String, String)> = wanted.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    assert_eq!(standings(&value), wanted, "{value:#}");
    let other = json(&run(&dir, &["pypi:other==1.0", "--format", "json", "--in", "held"]));
    assert_eq!(standings(&other), [("held".to_owned(), "no".to_owned())], "{other:#}");
}

/// How one tree stands to a question, and why.
fn one(name: &str, files: &[(&str, &str)], target: &str) -> (String, String) {
    let dir = folder(name, files);
    let value = json(&run(&dir, &[target, "--in", ".", "--format", "json"]));
    let answer = &value["answers"][0];
    (answer["standing"].as_str().expect("a text").to_owned(), answer["why"].as_str().expect("a text").to_owned())
}

#[test]
fn a_lock_that_holds_two_versions_holds_both() {
    let lock = |versions: [&str; 2]| {
        let [one, other] = versions;
        format!(
            "version = 1\nrequires-python = \">=3.10\"\n\n[[package]]\nname = \"chat\"\nversion = \"0.1.0\"\nsource = {{ virtual = \".\" }}\ndependencies = [\n  {{ name = \"pear-kit\", version = \"{one}\", source = {{ registry = \"https://pypi.org/simple\" }}, marker = \"sys_platform != 'win32'\" }},\n  {{ name = \"pear-kit\", version = \"{other}\", source = {{ registry = \"https://pypi.org/simple\" }}, marker = \"sys_platform == 'win32'\" }},\n]\n\n[[package]]\nname = \"pear-kit\"\nversion = \"{one}\"\nsource = {{ registry = \"https://pypi.org/simple\" }}\n\n[[package]]\nname = \"pear-kit\"\nversion = \"{other}\"\nsource = {{ registry = \"https://pypi.org/simple\" }}\n"
        )
    };
    let project = "[project]\nname = \"chat\"\nversion = \"0.1.0\"\ndependencies = [\"pear-kit>=1.0\"]\n";
    let of = |name: &str, versions| {
        one(name, &[("pyproject.toml", project), ("uv.lock", &lock(versions))], "pypi:pear-kit==1.3.0").0
    };
    assert_eq!(of("forked-none", ["1.1.0", "1.2.0"]), "no");
    assert_eq!(of("forked-one", ["1.1.0", "1.3.0"]), "locked");
}

#[test]
fn what_is_named_and_not_followed_is_no_no() {
    let hook = "repos:\n- repo: https://example.com/hooks\n  rev: v1\n  hooks:\n  - id: a\n    additional_dependencies: [litellm==1.82.7]\n";
    let server = "{\"mcpServers\": {\"a\": {\"command\": \"uvx\", \"args\": [\"litellm@1.82.7\"]}}}\n";
    for (name, file, text) in [
        ("hook", ".pre-commit-config.yaml", hook),
        ("container", ".devcontainer/devcontainer.json", "{\"postCreateCommand\": \"pip install litellm\"}\n"),
        ("wheel", "requirements.txt", "./wheels/litellm-1.82.7-py3-none-any.whl\n"),
        ("string", "run.py", "import os\nos.system(\"pip install litellm==1.82.7\")\n"),
        ("server", "settings/servers.json", server),
    ] {
        let (standing, why) =
            one(&format!("named-{name}"), &[(file, text), ("Makefile", "all:\n")], "pypi:litellm==1.82.7");
        assert_ne!(standing, "no", "{name}: {why}");
        let (standing, why) =
            one(&format!("named-{name}"), &[(file, text), ("Makefile", "all:\n")], "pypi:openai==1.0");
        assert_eq!(standing, "no", "{name}: {why}");
    }
    // Prose is told, and does not decide.
    let prose = [("README.md", "Don't `pip install litellm==1.82.7`.\n"), ("Makefile", "all:\n")];
    assert_eq!(one("named-prose", &prose, "pypi:litellm==1.82.7").0, "no");
}

#[test]
fn models_that_settings_and_cards_name_are_no_no() {
    for (name, file, text) in [
        (
            "compose",
            "compose.yml",
            "services:\n  a:\n    image: vllm/vllm-openai:v1\n    command: --model acme/model\n",
        ),
        ("variable", "compose.yml", "services:\n  a:\n    image: x:1\n    environment:\n      - MODEL_ID=acme/model\n"),
        (
            "pod",
            "pod.yaml",
            "kind: Pod\nspec:\n  containers:\n  - image: vllm\n    args: [\"--model\",\"acme/model\"]\n",
        ),
        ("env", ".env", "MODEL=acme/model\n"),
        ("settings", "settings.toml", "[model]\nname = \"acme/model\"\n"),
        ("adapter", "adapter_config.json", "{\"base_model_name_or_path\": \"acme/model\"}\n"),
        ("card", "README.md", "---\nbase_model: acme/model\nlibrary_name: peft\ntags: [lora]\n---\n# x\n"),
        ("unpacked", "a.py", "x = {\"model\": \"acme/model\"}\nload(**x)\n"),
    ] {
        let (standing, why) =
            one(&format!("model-{name}"), &[(file, text), ("Dockerfile", "FROM x:1\n")], "model:acme/model");
        assert_ne!(standing, "no", "{name}: {why}");
    }
    assert_eq!(one("model-none", &[("a.py", "x = 1\n"), ("Dockerfile", "FROM x:1\n")], "model:acme/model").0, "no");
}

#[test]
fn services_are_built_from_what_their_images_install() {
    let flow = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    env:\n      CHAT_KEY: ${{ secrets.CHAT_KEY }}\n    steps:\n      - run: docker compose up -d --build\n";
    let dir = folder(
        "composed",
        &[
            (".github/workflows/ci.yml", flow),
            ("docker-compose.yml", "services:\n  app:\n    build: ./\n"),
            ("Dockerfile", "FROM python:3.12\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n"),
            ("requirements.txt", "litellm>=1.80\n"),
        ],
    );
    let shown = text(&run(&dir, &["litellm==1.82.7", "--in", "."]));
    assert!(shown.contains("job a could read CHAT_KEY"), "{shown}");
}

#[test]
fn what_only_tests_need_is_in_no_program() {
    let dir = folder(
        "unshipped",
        &[
            (
                "Cargo.toml",
                "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nlog = \"0.4\"\n[dev-dependencies]\nsome-matches = \"1\"\n",
            ),
            (
                "Cargo.lock",
                "version = 4\n[[package]]\nname = \"a\"\nversion = \"0.1.0\"\ndependencies = [\"some-matches\", \"log\"]\n[[package]]\nname = \"log\"\nversion = \"0.4.20\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n[[package]]\nname = \"some-matches\"\nversion = \"1.5.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n",
            ),
            ("src/main.rs", "fn main() {}\n"),
            ("Dockerfile", "FROM rust:1\nRUN cargo build --release\n"),
        ],
    );
    let of = |target: &str| text(&run(&dir, &[target, "--in", "."]));
    assert!(of("crate:log").contains("rebuild  image of Dockerfile"), "{}", of("crate:log"));
    assert!(!of("crate:some-matches").contains("rebuild"), "{}", of("crate:some-matches"));
}

#[test]
fn tools_count_for_what_they_bring() {
    let flow = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: pip install twine black\n";
    let of = |target: &str| one("tools", &[(".github/workflows/ci.yml", flow)], target);
    assert_eq!(of("pypi:requests==2.32.0").0, "cannot-know");
    assert_eq!(
        of("pypi:click").1,
        "nothing names it, but .github/workflows/ci.yml line 6 installs black without a lock, which brings it with it"
    );
    assert_eq!(of("pypi:litellm").0, "no");
}

#[test]
fn what_says_nothing_hides_no_action() {
    let of = |name: &str, flow: &str, target: &str| one(name, &[(".github/workflows/a.yml", flow)], target).0;
    let broken = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n    - run: |\n        if [ x; then\n         case fi \"\n";
    for (name, flow) in [("empty", ""), ("comments", "# on: push\n# jobs:\n"), ("shell", broken)] {
        assert_eq!(of(name, flow, "action:acme/check@v1"), "no", "{name}");
    }
    assert_eq!(of("shell", broken, "pypi:litellm"), "cannot-know");
}

#[test]
fn an_install_of_the_product_brings_what_it_asks_for() {
    let flow = "on: push
jobs:
  lint:
    steps:
      - run: uv pip install --system \"orchard[lint] @ .\"
      - run: pip install -e \".[lint]\"
  plain:
    steps:
      - run: pip install .
  tests:
    steps:
      - run: uv pip install --system \"orchard[test] @ .\"
  wheel:
    steps:
      - run: pip install dist/*.whl pytest
  own:
    steps:
      - run: pip install \"orchard[pears]\"
  vcs:
    steps:
      - run: pip install \"orchard[pears] @ git+https://example.com/orchard.git\"
";
    let project = "[project]\nname = \"orchard\"\nversion = \"0.1.0\"\ndependencies = [\"plum\"]\n[project.optional-dependencies]\npears = [\"pear-kit>=1.0\"]\nlint = [\"ruff>=0.9\"]\nall = [\"orchard[pears]\"]\ntest = [\"orchard[all]\", \"pytest\"]\n";
    let dir = folder("extras", &[(".github/workflows/ci.yml", flow), ("pyproject.toml", project)]);
    let jobs = |target: &str| -> Vec<String> {
        let value = json(&run(&dir, &[target, "--in", ".", "--format", "json"]));
        let jobs = value["answers"][0]["jobs"].as_array().expect("jobs").iter();
        jobs.map(|job| job["name"].as_str().expect("a text").rsplit(' ').next().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(jobs("pypi:pear-kit==1.1"), ["own", "tests", "vcs"]);
    assert_eq!(jobs("pypi:plum==1.1"), ["lint", "own", "plain", "tests", "vcs", "wheel"]);
}
