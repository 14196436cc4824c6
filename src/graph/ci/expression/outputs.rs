//! What steps hand on by `GITHUB_OUTPUT` and `GITHUB_ENV`: from the words of their commands to what these may hold.

use std::ops::Range;

use super::contexts;
use super::environment::{Environment, Level};
use super::evaluate::Evaluator;
use super::value::{Nature, Origin, Value};
use crate::graph::ci::files::{self, Handed};
use crate::graph::kinds::workflow::{Script, Step};
use crate::parse::shell::{Command, Part, Word};
use crate::source::Place;

/// Commands that print what they are given, in whole or in part.
const PASSING: &[&str] = &[
    "awk", "basename", "cat", "cut", "dirname", "echo", "head", "printf", "rev", "sed", "sort", "tail", "tee", "tr",
    "uniq", "xargs",
];
/// Commands that print numbers, dates, commits and the like, whatever they are given.
const FORMING: &[&str] = &[
    "base64",
    "date",
    "expr",
    "md5sum",
    "mktemp",
    "nproc",
    "pwd",
    "sha1sum",
    "sha256sum",
    "shasum",
    "uname",
    "uuidgen",
    "wc",
    "whoami",
];

/// Variables that the machine of a runner sets.
const OF_RUNNER: &[&str] = &[
    "CARGO_HOME",
    "CONDA",
    "HOME",
    "JAVA_HOME",
    "LOCALAPPDATA",
    "OSTYPE",
    "PWD",
    "RANDOM",
    "SECONDS",
    "TEMP",
    "TMPDIR",
    "USER",
    "USERPROFILE",
    "VCPKG_INSTALLATION_ROOT",
];

/// What an output of a step holds; nothing where its script does not tell.
pub(super) fn output(evaluator: &Evaluator, step: &Step, name: &str, environment: &Environment<'_>) -> Value {
    let Some(script) = &step.run else { return Value::default() };
    let found = written(evaluator, step, script, Handed::Output, name, environment).unwrap_or_default();
    let is_told = found.constants().is_some() || found.nature() == Nature::Stranger;
    let asked = (!is_told).then(|| asks(&script.text.text, name)).flatten();
    asked.map_or(found, Value::of)
}

/// What earlier steps wrote to `GITHUB_ENV` under a name, if any did.
pub(super) fn variable(evaluator: &Evaluator, name: &str, environment: &Environment<'_>) -> Option<Value> {
    let mut out: Option<Value> = None;
    for step in environment.before() {
        let Some(script) = step.run.as_ref().filter(|s| s.text.text.contains("GITHUB_ENV")) else { continue };
        if !script.text.text.contains(name)
            && !script.text.text.to_ascii_lowercase().contains(&name.to_ascii_lowercase())
        {
            continue;
        }
        let environment = environment.at(step);
        let Some(found) = written(evaluator, step, script, Handed::Env, name, &environment) else { continue };
        let place = Place::new(environment.file, script.span);
        let found = found.by(&format!("env.{name} of GITHUB_ENV"), Some(place));
        out = Some(match out {
            Some(before) => before.or(found),
            None => found,
        });
    }
    out
}

/// Everything a script writes to a file under a name.
fn written(
    evaluator: &Evaluator,
    step: &Step,
    script: &Script,
    to: Handed,
    name: &str,
    environment: &Environment<'_>,
) -> Option<Value> {
    // Its commands are looked through, and the text between them.
    if !evaluator.pay(8 + script.program.commands.len() + script.text.text.len() / 256) {
        return None;
    }
    let writes = files::writes(&script.text.text, &script.program, &script.dialect);
    let entries = files::entries(&writes, to);
    let own = entries.iter().filter(|e| e.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case(name)));
    let values = own.map(|entry| {
        if entry.is_output {
            return command(evaluator, script, entry.command, step, environment);
        }
        evaluator.deeper(name, || parts(evaluator, script, &entry.value, entry.command, step, environment))
    });
    values.reduce(Value::or)
}

/// What some parts of a script's words hold, before the command of a number.
pub(crate) fn words(
    script: &Script,
    found: &[Part],
    before: usize,
    step: &Step,
    environment: &Environment<'_>,
) -> Value {
    Evaluator::asked(environment, |evaluator| parts(evaluator, script, found, before, step, environment))
}

/// What a command prints.
pub(crate) fn printed(script: &Script, number: usize, step: &Step, environment: &Environment<'_>) -> Value {
    Evaluator::asked(environment, |evaluator| command(evaluator, script, number, step, environment))
}

fn parts(
    evaluator: &Evaluator,
    script: &Script,
    found: &[Part],
    before: usize,
    step: &Step,
    environment: &Environment<'_>,
) -> Value {
    let mut out = Value::text("");
    for part in found {
        let next = match part {
            Part::Literal(text) => Value::text(text.clone()),
            Part::Expression(text) => evaluator.parsed(text, environment),
            Part::Variable(name) => {
                evaluator.deeper(name, || shell_variable(evaluator, script, name, before, step, environment))
            }
            Part::Substitution(range) => {
                evaluator.deeper("$(...)", || substitution(evaluator, script, range, step, environment))
            }
            Part::Arithmetic(_) => Value::new(Nature::Identifier, "$((...))"),
            Part::Other(text) => match inner_variable(text) {
                Some(name) => {
                    evaluator.deeper(name, || shell_variable(evaluator, script, name, before, step, environment))
                }
                None => Value::new(Nature::Unknown, text.clone()),
            },
            Part::ProcessSubstitution(_) => Value::new(Nature::Unknown, part.shown()),
        };
        out = out.and(next);
    }
    out
}

/// The variable of `${NAME:-x}` and its kin, unless characters are taken out of it.
fn inner_variable(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("${")?.strip_suffix('}')?;
    let end = inner.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
    let (name, rest) = inner.split_at(end);
    (!name.is_empty() && !rest.starts_with("//[")).then_some(name)
}

/// A variable of a script: assigned in it, else of the environment, else one of GitHub's own.
fn shell_variable(
    evaluator: &Evaluator,
    script: &Script,
    name: &str,
    before: usize,
    step: &Step,
    environment: &Environment<'_>,
) -> Value {
    let name = name.strip_prefix("env:").unwrap_or(name);
    let commands = script.program.commands.get(..before.min(script.program.commands.len())).unwrap_or(&[]);
    if !evaluator.pay(commands.len()) {
        return Value::new(Nature::Unknown, format!("${name}"));
    }
    let mut assigned = None;
    for (index, command) in commands.iter().enumerate() {
        // One in front of a command holds for that command.
        let own =
            command.assignments.iter().filter(|a| a.name == name && (command.name.is_none() || is_setter(command)));
        for assignment in own {
            let found = parts(evaluator, script, &assignment.value.parts, index, step, environment);
            assigned = Some(match assigned {
                Some(sum) => Value::or(sum, found),
                None => found,
            });
        }
    }
    if let Some(assigned) = assigned {
        return assigned;
    }
    if let Some(of_github) = of_github(name) {
        return of_github;
    }
    let found = evaluator.variable(name, &environment.seen_from(Level::Step));
    if found.nature() == Nature::Unknown { Value::new(Nature::Unknown, format!("${name}")) } else { found }
}

fn is_setter(command: &Command) -> bool {
    let name = command.name.as_ref().and_then(Word::literal).unwrap_or_default();
    matches!(name.as_str(), "export" | "local" | "declare" | "readonly" | "typeset")
}

/// A variable that the runner sets itself: `GITHUB_HEAD_REF` is `github.head_ref`.
fn of_github(name: &str) -> Option<Value> {
    if OF_RUNNER.contains(&name) {
        return Some(Value::new(Nature::Fixed, name));
    }
    if let Some(rest) = name.strip_prefix("RUNNER_") {
        return contexts::origin(&format!("runner.{}", rest.to_ascii_lowercase()), false).map(Value::of);
    }
    let rest = name.strip_prefix("GITHUB_")?;
    if matches!(rest, "TOKEN" | "EVENT_PATH") {
        return None;
    }
    let lower = rest.to_ascii_lowercase();
    let origin = contexts::origin(&format!("github.{lower}"), false)?;
    (origin.nature != Nature::Maintainer || matches!(lower.as_str(), "ref" | "ref_name" | "base_ref" | "workflow_ref"))
        .then(|| Value::of(origin))
}

/// What `$( ... )` yields: of its last pipeline.
fn substitution(
    evaluator: &Evaluator,
    script: &Script,
    range: &Range<usize>,
    step: &Step,
    environment: &Environment<'_>,
) -> Value {
    let mut out = Value::default();
    let mut last = None;
    for index in range.clone() {
        let Some(found) = script.program.commands.get(index) else { break };
        // A pipeline speaks once, by its last stage.
        if last == Some(found.pipeline) {
            continue;
        }
        last = Some(found.pipeline);
        let stages = script.program.pipelines.get(found.pipeline).map_or(&[][..], |p| &p.stages);
        let end = stages.last().and_then(|stage| stage.clone().next()).unwrap_or(index);
        out = out.or(command(evaluator, script, end, step, environment));
    }
    out
}

/// What a command prints, from its words or from what is piped into it.
fn command(evaluator: &Evaluator, script: &Script, index: usize, step: &Step, environment: &Environment<'_>) -> Value {
    let Some(found) = script.program.commands.get(index) else { return Value::default() };
    let shown = files::shown(found);
    let unknown = || Value::new(Nature::Unknown, shown.clone());
    if let Some(said) = files::said(found) {
        return parts(evaluator, script, &said, index, step, environment);
    }
    let name = found.name.as_ref().and_then(Word::literal).unwrap_or_default();
    if FORMING.contains(&name.as_str()) || shown.starts_with("git rev-") || shown.starts_with("git merge-base") {
        return Value::new(Nature::Identifier, shown);
    }
    if let Some(origin) = looked_up(&shown) {
        return Value::of(origin);
    }
    // What takes characters out is taken for what makes a text harmless.
    let cleans = shown.contains("[^") || shown.contains("[:") || shown.contains(" -d") || shown.contains(" -cd");
    if !PASSING.contains(&name.as_str()) || cleans {
        return unknown();
    }
    let from = script.program.pipelines.get(found.pipeline).and_then(|p| {
        let stage = p.stages.get(found.position.checked_sub(1)?)?;
        stage.clone().next()
    });
    if let Some(from) = from {
        let mut out = evaluator.deeper("|", || command(evaluator, script, from, step, environment)).opaque();
        if takes_one_line(&name, &shown) {
            out.origins.iter_mut().for_each(|origin| origin.multiline = false);
        }
        return out;
    }
    let text = found.redirects.iter().find(|r| r.op == crate::parse::shell::RedirectOp::HereString);
    text.map_or_else(unknown, |r| parts(evaluator, script, &r.target.parts, index, step, environment).opaque())
}

/// `head -n 1` and its kin: what they print has no line break.
fn takes_one_line(name: &str, shown: &str) -> bool {
    let mut words = shown.split_whitespace().skip(1);
    match name {
        "head" | "tail" => {
            let options: String = words.take_while(|w| w.starts_with('-') || *w == "1").collect();
            matches!(options.as_str(), "-n1" | "-1" | "--lines=1")
        }
        "sed" => words.any(|w| w == "1q") || shown.starts_with("sed -n 1p"),
        _ => false,
    }
}

/// A stranger's text that a command looks up: of the event's file, or of GitHub.
fn looked_up(command: &str) -> Option<Origin> {
    let told = |context: &str, multiline, events: &[&'static str]| {
        Some(Origin { multiline, events: events.to_vec(), ..Origin::new(Nature::Stranger, context) })
    };
    if command.starts_with("jq") && command.contains("GITHUB_EVENT_PATH") {
        let path = command.split_whitespace().map(|w| w.trim_matches(['\'', '"'])).find(|w| w.starts_with('.'))?;
        return contexts::origin(&format!("github.event{path}"), false).filter(|o| o.nature == Nature::Stranger);
    }
    if !command.starts_with("gh ") {
        return None;
    }
    let has = |word: &str| command.contains(word);
    // A query that names one field decides; else what is asked for.
    let asked = |field: &str| {
        let query = [format!(".{field}"), format!("{{{field}}}")];
        if command.contains("-q") || command.contains("--jq") { query.iter().any(|q| has(q)) } else { has(field) }
    };
    let events = &["issue_comment", "issues", "pull_request", "pull_request_target", "workflow_run"];
    if has("gh pr ") && asked("headRefName") || has("gh api") && (has(".head.ref") || has(".head.label")) {
        return told("the branch name of a pull request", false, events);
    }
    let looks = has("gh pr view") || has("gh issue view") || has("gh api");
    if looks && asked("title") {
        return told("the title of a pull request or issue", false, events);
    }
    if looks && asked("body") {
        return told("the body of a pull request or issue", true, events);
    }
    None
}

/// A branch name that a script asks for and hands on under a name that says so.
pub(super) fn asks(text: &str, name: &str) -> Option<Origin> {
    let lower = name.to_ascii_lowercase();
    if !(lower.contains("ref") || lower.contains("branch")) || lower.contains("base") {
        return None;
    }
    let asks =
        text.lines().any(|l| (l.contains("head.ref") || l.contains("headRefName")) && !l.trim_start().starts_with('#'));
    (asks && text.contains(name)).then(|| Origin {
        events: vec!["issue_comment", "pull_request", "pull_request_target", "workflow_run"],
        ..Origin::new(Nature::Stranger, "the branch name of a pull request")
    })
}
