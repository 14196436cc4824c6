//! Strangers' texts that a command runs as code: `eval "$TITLE"`, `bash -c "... $1"` in a script that a step calls.

use super::reach;
use crate::graph::ci::expression::{Environment, Origin, Value, words};
use crate::graph::kinds::workflow::{Script, Step};
use crate::parse::shell::{Command, Part, RedirectOp, Word, basename};
use crate::rules::Scene;
use crate::source::{FileId, Place, RepoPath};

/// Assignments followed in a script that is called.
const MAX_DEPTH: usize = 4;

/// A value that is run.
pub(super) struct Evaluated {
    /// The command that runs it.
    pub(super) place: Place,
    /// The same, as written.
    pub(super) command: String,
    /// What it is run as.
    pub(super) language: &'static str,
    /// Where the value comes from.
    pub(super) origin: Origin,
}

/// What the commands of a step, and of the tree's scripts that it calls, run of strangers' texts.
pub(super) fn evaluated(scene: &Scene<'_>, file: FileId, step: &Step, environment: &Environment<'_>) -> Vec<Evaluated> {
    let Some(script) = &step.run else { return Vec::new() };
    let mut out = Vec::new();
    for (index, command) in script.program.commands.iter().enumerate() {
        for (language, parts) in code(command) {
            let value = words(script, &parts, index, step, environment);
            let place = Place::new(file, script.text.host_span(command.range.clone()));
            push(&mut out, &value, place, script, command, language);
        }
        let Some((called, arguments)) = called(scene, command, step, environment) else { continue };
        if let Some(block) = reach::tree(scene).script(called) {
            in_called(&mut out, block, called, (script, index, arguments), (file, step, environment));
        }
    }
    out
}

/// What a script of the tree runs of what it is called with.
fn in_called(
    out: &mut Vec<Evaluated>,
    block: &Script,
    called: FileId,
    (script, index, arguments): (&Script, usize, &[Word]),
    (file, step, environment): (FileId, &Step, &Environment<'_>),
) {
    for (at, command) in block.program.commands.iter().enumerate() {
        for (language, parts) in code(command) {
            let mut handed = Vec::new();
            parts.iter().for_each(|part| sources(block, part, at, MAX_DEPTH, arguments, &mut handed));
            let value = words(script, &handed, index, step, environment);
            let call = script.program.commands.get(index).map(|c| script.text.host_span(c.range.clone()));
            let value = value.by("the call of the script", call.map(|span| Place::new(file, span)));
            let place = Place::new(called, block.text.host_span(command.range.clone()));
            push(out, &value, place, block, command, language);
        }
    }
}

fn push(
    out: &mut Vec<Evaluated>,
    value: &Value,
    place: Place,
    script: &Script,
    command: &Command,
    language: &'static str,
) {
    let written = script.text.text.get(command.range.clone()).unwrap_or("");
    let written = written.lines().next().unwrap_or("").to_owned();
    out.extend(value.strangers().map(|origin| Evaluated {
        place,
        command: written.clone(),
        language,
        origin: origin.clone(),
    }));
}

/// The parts of a command that it runs as code, those that stand there as they are left out.
fn code(command: &Command) -> Vec<(&'static str, Vec<Part>)> {
    let Some(name) = command.name.as_ref().and_then(Word::literal) else { return Vec::new() };
    let name = basename(&name).to_ascii_lowercase();
    let language = match name.trim_end_matches(".exe") {
        "eval" | "bash" | "sh" | "zsh" | "dash" | "ksh" | "ssh" => "shell",
        "iex" | "invoke-expression" | "pwsh" | "powershell" => "PowerShell",
        "python" | "python3" => "Python",
        "node" => "JavaScript",
        "perl" => "Perl",
        "ruby" => "Ruby",
        _ => return Vec::new(),
    };
    let flag = |text: &str| match language {
        "shell" => text.starts_with('-') && !text.starts_with("--") && text.ends_with('c'),
        "PowerShell" => matches!(text.to_ascii_lowercase().as_str(), "-c" | "-command"),
        "Python" => text == "-c",
        _ => matches!(text, "-e" | "--eval" | "-p" | "-ne" | "-pe"),
    };
    let args = command.args.as_slice();
    let words: &[Word] = match name.as_str() {
        "eval" | "iex" | "invoke-expression" => args,
        // All behind the host is read by the shell there.
        "ssh" => args.get(1..).unwrap_or(&[]),
        _ => match args.iter().position(|w| w.literal().is_some_and(|text| flag(&text))) {
            Some(at) => args.get(at + 1..at + 2).unwrap_or(&[]),
            None => &[],
        },
    };
    let bodies = command.redirects.iter().filter(|r| matches!(r.op, RedirectOp::HereDoc | RedirectOp::HereString));
    let all = words.iter().chain(bodies.map(|r| &r.target));
    let parts: Vec<Part> = all
        .flat_map(|word| &word.parts)
        .filter(|part| matches!(part, Part::Variable(_) | Part::Substitution(_) | Part::Other(_)))
        .cloned()
        .collect();
    if parts.is_empty() { Vec::new() } else { vec![(language, parts)] }
}

/// What stands for a part of a called script where it is called: its arguments, or variables of the caller.
fn sources(block: &Script, part: &Part, before: usize, depth: usize, arguments: &[Word], out: &mut Vec<Part>) {
    let Some(name) = variable(part).filter(|_| depth > 0) else { return };
    if let Ok(number) = name.parse::<usize>() {
        let word = number.checked_sub(1).and_then(|at| arguments.get(at));
        out.extend(word.into_iter().flat_map(|w| w.parts.iter().cloned()));
        return;
    }
    if name == "@" || name == "*" {
        out.extend(arguments.iter().flat_map(|w| w.parts.iter().cloned()));
        return;
    }
    let commands = block.program.commands.get(..before).unwrap_or(&[]);
    let mut is_assigned = false;
    for (at, command) in commands.iter().enumerate() {
        for assignment in command.assignments.iter().filter(|a| a.name == name) {
            is_assigned = true;
            assignment.value.parts.iter().for_each(|part| sources(block, part, at, depth - 1, arguments, out));
        }
    }
    if !is_assigned {
        out.push(Part::Variable(name.to_owned()));
    }
}

/// The variable a part reads, also as `${NAME:-x}`.
fn variable(part: &Part) -> Option<&str> {
    match part {
        Part::Variable(name) => Some(name),
        Part::Other(text) => {
            let inner = text.strip_prefix('$')?;
            let inner = inner.strip_prefix('{').and_then(|i| i.strip_suffix('}')).unwrap_or(inner);
            if matches!(inner.get(..1), Some("@" | "*")) {
                return inner.get(..1);
            }
            let end = inner.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
            inner.get(..end).filter(|name| !name.is_empty())
        }
        _ => None,
    }
}

/// The script of the tree that a command runs, and what it is called with.
fn called<'c>(
    scene: &Scene<'_>,
    command: &'c Command,
    step: &Step,
    environment: &Environment<'_>,
) -> Option<(FileId, &'c [Word])> {
    let name = command.name.as_ref()?;
    let shell = name.literal().is_some_and(|n| matches!(basename(&n), "bash" | "sh" | "zsh" | "source" | "."));
    let (path, arguments) = if shell {
        let at = command.args.iter().position(|w| !w.literal().is_some_and(|text| text.starts_with('-')))?;
        (command.args.get(at)?, command.args.get(at + 1..)?)
    } else {
        (name, command.args.as_slice())
    };
    let action = environment.action.and_then(|a| scene.sources.get(a.file)).map(|f| f.path.parent());
    let mut text = String::new();
    let mut folder = step.working_directory.as_ref().and_then(|f| RepoPath::new(&f.value)).unwrap_or_default();
    for part in &path.parts {
        match part {
            Part::Literal(literal) => text.push_str(literal),
            Part::Variable(name) if name == "GITHUB_WORKSPACE" => folder = RepoPath::default(),
            Part::Expression(inner) if inner == "github.workspace" => folder = RepoPath::default(),
            Part::Variable(name) if name == "GITHUB_ACTION_PATH" => folder = action.clone()?,
            Part::Expression(inner) if inner == "github.action_path" => folder = action.clone()?,
            _ => return None,
        }
    }
    let path = folder.join(text.trim_start_matches('/'))?;
    scene.sources.by_path(&path).map(|file| (file.id, arguments))
}
