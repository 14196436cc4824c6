//! A runner of composite actions.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use cargo_custody::parse::Budget;
use cargo_custody::parse::yaml::{self, Node};
use serde_json::{Value, json};

use crate::expression::Contexts;
use crate::sandbox::Sandbox;

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Its condition did not hold.
    Skipped,
    /// A script ran.
    Ran {
        /// Its exit code.
        code: i32,
        /// Both its outputs.
        said: String,
    },
    /// An action would run.
    Used {
        /// Which.
        uses: String,
        /// Its inputs.
        with: BTreeMap<String, String>,
        /// Whether the job goes on when it fails.
        is_tolerated: bool,
    },
}

/// What became of the action.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Its steps by their names, in order.
    pub(crate) steps: Vec<(String, Step)>,
    /// Its outputs.
    pub(crate) outputs: BTreeMap<String, String>,
    /// The job summary.
    pub(crate) summary: String,
}

impl Outcome {
    /// A step.
    pub(crate) fn step(&self, name: &str) -> &Step {
        &self.steps.iter().find(|(own, _)| own == name).unwrap_or_else(|| panic!("no step {name}")).1
    }

    /// The exit code of a script, and what it said; a script that did not run has none.
    pub(crate) fn script(&self, name: &str) -> (i32, &str) {
        match self.step(name) {
            Step::Ran { code, said } => (*code, said),
            other => panic!("{name}: {other:?}"),
        }
    }
}

/// What a workflow gives.
#[derive(Debug, Clone, Default)]
pub(crate) struct Call {
    /// The inputs under `with`.
    pub(crate) inputs: Vec<(&'static str, String)>,
    /// `github.event_name`.
    pub(crate) event: &'static str,
    /// The event.
    pub(crate) payload: Value,
    /// Further variables, as an earlier step would leave them; they hold over what the runner gives.
    pub(crate) variables: Vec<(String, String)>,
}

/// Runs `action.yml` of a sandbox.
pub(crate) fn run(sandbox: &Sandbox, call: &Call) -> Outcome {
    let text = fs::read_to_string(sandbox.action().join("action.yml")).expect("the action");
    let parsed = yaml::parse(&text, &mut Budget::default());
    assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
    let root = parsed.root().expect("a document");
    let mut variables = sandbox.variables(call);
    let mut contexts = contexts(root, call);
    let mut steps = Vec::new();
    let mut is_successful = true;
    for step in get(root, &["runs", "steps"]).items() {
        let word = |key: &str| step.get(key).and_then(Node::as_str);
        let name = word("name").expect("a name").to_owned();
        let tolerated = step.get("continue-on-error").and_then(Node::as_bool).unwrap_or(false);
        let became = if !contexts.holds(word("if"), is_successful) {
            Step::Skipped
        } else if let Some(uses) = word("uses") {
            let with = texts(step.get("with"), &contexts);
            Step::Used { uses: uses.to_owned(), with, is_tolerated: tolerated }
        } else {
            assert_eq!(word("shell"), Some("bash"), "{name}");
            let script = word("run").expect("a script");
            assert!(!script.contains("${{"), "an input stands inside the script of {name}");
            let own = texts(step.get("env"), &contexts);
            let (code, said, outputs) = bash(sandbox, script, &variables, &own);
            if let Some(id) = word("id") {
                contexts.0["steps"][id] = json!({ "outputs": outputs });
            }
            is_successful &= code == 0 || tolerated;
            Step::Ran { code, said }
        };
        steps.push((name, became));
    }
    let outputs = get(root, &["outputs"]).entries().iter().map(|entry| {
        let value = entry.value.get("value").and_then(Node::as_str).expect("a value");
        (entry.key.as_str().expect("a name").to_owned(), contexts.text(value))
    });
    let outputs = outputs.collect();
    variables.clear();
    Outcome { steps, outputs, summary: fs::read_to_string(sandbox.temp().join("_summary")).unwrap_or_default() }
}

/// One script, as the runner starts it for `shell: bash`.
fn bash(
    sandbox: &Sandbox,
    script: &str,
    variables: &BTreeMap<String, String>,
    own: &BTreeMap<String, String>,
) -> (i32, String, BTreeMap<String, String>) {
    let file = sandbox.temp().join("_script.sh");
    fs::write(&file, script).expect("the script");
    let output = sandbox.temp().join("_output");
    fs::write(&output, "").expect("the outputs");
    let ran = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail"])
        .arg(&file)
        .current_dir(sandbox.workspace())
        .env_clear()
        .envs(variables)
        .envs(own)
        .output()
        .expect("bash starts");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    let outputs = outputs(&fs::read_to_string(&output).expect("the outputs"));
    (ran.status.code().unwrap_or(-1), said, outputs)
}

/// `name=value` and `name<<END` of an output file. A line that is neither fails the step on a runner.
fn outputs(text: &str) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let heredoc = line.split_once("<<").filter(|(name, _)| !name.contains('='));
        if let Some((name, end)) = heredoc {
            let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
            out.insert(name.to_owned(), value.join("\n"));
        } else {
            let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("no output: {line}"));
            out.insert(name.to_owned(), value.to_owned());
        }
    }
    out
}

fn contexts(root: &Node, call: &Call) -> Contexts {
    let mut inputs = serde_json::Map::new();
    for entry in get(root, &["inputs"]).entries() {
        let name = entry.key.as_str().expect("a name");
        let default = entry.value.get("default");
        assert!(default.is_none(), "{name} has a default, which would outrank the configuration");
        inputs.insert(name.to_owned(), Value::from(""));
    }
    for (name, value) in &call.inputs {
        let known = inputs.insert((*name).to_owned(), Value::from(value.as_str()));
        assert!(known.is_some(), "the action has no input {name}");
    }
    Contexts(json!({
        "inputs": inputs,
        "steps": {},
        "github": { "event": call.payload, "event_name": call.event, "repository": "example/service" },
    }))
}

fn texts(node: Option<&Node>, contexts: &Contexts) -> BTreeMap<String, String> {
    let entries = node.map(Node::entries).unwrap_or_default();
    let pair = |entry: &yaml::Entry| {
        (entry.key.as_str().expect("a name").to_owned(), contexts.text(entry.value.as_str().unwrap_or("")))
    };
    entries.iter().map(pair).collect()
}

fn get<'n>(root: &'n Node, path: &[&str]) -> &'n Node {
    path.iter().fold(root, |node, key| node.get(key).unwrap_or_else(|| panic!("no {key}")))
}

/// Every file below a folder with its content; a link with where it leads.
pub(crate) fn listing(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut queue = vec![folder.to_owned()];
    while let Some(next) = queue.pop() {
        for entry in fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            let kind = fs::symlink_metadata(&path).expect("an entry").file_type();
            let content = if kind.is_dir() {
                queue.push(path.clone());
                Vec::new()
            } else if kind.is_symlink() {
                fs::read_link(&path).expect("a link").to_string_lossy().into_owned().into_bytes()
            } else {
                fs::read(&path).expect("a file")
            };
            out.insert(path.to_string_lossy().into_owned(), content);
        }
    }
    out
}
