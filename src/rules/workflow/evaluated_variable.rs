//! A stranger's text that a script hands to something that reads it as code.

use std::collections::BTreeMap;

use super::pasted::{MACROS, in_word};
use super::reach::{self, Run};
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::workflow::{Pair, Script, Service, Step, Workflow};
use crate::parse::shell::{Dialect, Invocation};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place};

pub(super) static RULE: Rule = Rule {
    id: "evaluated-variable",
    title: "a stranger's text is evaluated as code",
    many: "{n} texts of strangers are evaluated as code",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("evaluated_variable.md"),
    check,
};

/// Shells, of which `-c` takes code.
const SHELLS: &[&str] = &["sh", "bash", "zsh", "dash", "ash", "ksh"];
/// Other interpreters and the option of theirs that takes code.
const INTERPRETERS: &[(&str, &str)] =
    &[("node", "-e"), ("perl", "-e"), ("php", "-r"), ("python", "-c"), ("python3", "-c"), ("ruby", "-e")];

/// What is told of one text in one file.
struct Told<'a, 'r> {
    run: &'r Run<'a>,
    step: &'a Step,
    what: String,
    by: String,
    severity: Severity,
    advice: String,
    evidence: String,
    places: Vec<Place>,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut told: BTreeMap<(FileId, String, String), Told<'_, '_>> = BTreeMap::new();
    for run in reach::runs(scene) {
        let Some((workflow, job)) = run.job().filter(|(workflow, _)| workflow.service != Service::GitHub) else {
            continue;
        };
        for step in run.steps {
            let Some(script) = &step.run else { continue };
            let env: [&[Pair]; 3] = [&step.env, &job.env, &workflow.env];
            for found in evaluated(workflow.service, script, &env).into_iter().chain(pasted(workflow, script)) {
                let place = Place::new(run.file, script.text.host_span(found.range.clone()));
                let key = (run.file, found.name.clone(), found.by.clone());
                let one = told.entry(key).or_insert_with(|| Told {
                    run,
                    step,
                    what: found.what,
                    by: found.by,
                    severity: found.severity,
                    advice: found.advice,
                    evidence: found.evidence,
                    places: Vec::new(),
                });
                if run.weight() > one.run.weight() {
                    (one.run, one.step) = (run, step);
                    one.places.insert(0, place);
                } else {
                    one.places.push(place);
                }
            }
        }
    }
    for ((_, name, _), one) in &told {
        let Some(&first) = one.places.first() else { continue };
        let draft = report
            .at(first, format!("read as code by {}", one.by))
            .severity(one.severity)
            .confidence(Confidence::Medium)
            .also(one.places.iter().copied())
            .about("step", one.step.title(), None)
            .content(format!("{name} {}", one.by))
            .evidence(one.evidence.clone())
            .advise(one.advice.clone());
        let draft = one.run.route(scene, draft).via(one.step.title(), Some(first));
        draft.say(format!("{}, is read as code by {}", one.what, one.by));
    }
}

/// One place.
struct Found {
    range: std::ops::Range<usize>,
    name: String,
    what: String,
    by: String,
    severity: Severity,
    advice: String,
    evidence: String,
}

/// Variables in what `eval`, `sh -c` and their like are handed.
fn evaluated(service: Service, script: &Script, env: &[&[Pair]]) -> Vec<Found> {
    let mut out = Vec::new();
    for command in &script.program.commands {
        let Some(invocation) = Invocation::of(&script.program, command) else { continue };
        let name = invocation.name.to_ascii_lowercase();
        let args = &invocation.args;
        let (by, code) = match name.as_str() {
            "eval" | "iex" | "invoke-expression" => (name.clone(), args.as_slice()),
            "ssh" => ("the shell of another machine".to_owned(), args.as_slice()),
            _ => {
                let option = INTERPRETERS.iter().find(|(program, _)| *program == name).map(|(_, option)| *option);
                let is_shell = SHELLS.contains(&name.as_str());
                let takes_code = |text: &str| {
                    option == Some(text)
                        || is_shell && text.starts_with('-') && !text.starts_with("--") && text.contains('c')
                };
                let Some(at) = args.iter().position(|arg| takes_code(&arg.text)) else { continue };
                let Some(code) = args.get(at + 1..at + 2) else { continue };
                (format!("{name} {}", args.get(at).map_or("", |arg| arg.text.as_str())), code)
            }
        };
        let found = code.iter().find_map(|arg| Some((arg, in_word(service, arg.word, env)?)));
        let Some((arg, (variable, what))) = found else { continue };
        out.push(Found {
            range: arg.range.clone(),
            name: variable.to_owned(),
            what: format!("`{variable}`, {what} that a stranger may write"),
            by,
            severity: Severity::Medium,
            advice: advice(&name, variable),
            evidence: format!(
                "the shell puts `{variable}` into the text, and {} reads all of it as code",
                invocation.name
            ),
        });
    }
    out
}

fn advice(name: &str, variable: &str) -> String {
    match name {
        "eval" | "iex" | "invoke-expression" => {
            format!("run the command without {name}, with \"${variable}\" as one of its words")
        }
        "ssh" => format!("hand it over as data, on standard input: printf '%s' \"${variable}\" | ssh <host> <command>"),
        _ if SHELLS.contains(&name) => {
            format!(
                "hand it over as an argument, between single quotes: {name} -c '<command> \"$1\"' {name} \"${variable}\""
            )
        }
        _ => format!("let the program read it from its environment, where it stands as `{variable}`"),
    }
}

/// How a script reads a variable of Azure Pipelines from its environment.
fn in_environment(dialect: &Dialect, name: &str) -> String {
    let name = name.replace('.', "_").to_ascii_uppercase();
    match dialect {
        Dialect::PowerShell => format!("$env:{name}"),
        Dialect::Python => format!("os.environ[\"{name}\"]"),
        // `cmd` reads the value of `%NAME%` as code as well, unless it is expanded late.
        Dialect::Cmd => format!("!{name}! after setlocal EnableDelayedExpansion"),
        Dialect::Bash | Dialect::Other(_) => format!("\"${name}\""),
    }
}

/// What the service puts into the script before the shell reads it.
fn pasted(workflow: &Workflow, script: &Script) -> Vec<Found> {
    let mut out = Vec::new();
    if workflow.service == Service::Azure {
        for (shown, name, what) in MACROS {
            let written = format!("${{{shown}}}");
            out.extend(script.text.text.match_indices(&written).map(|(at, _)| Found {
                range: at..at + written.len(),
                name: (*name).to_owned(),
                what: format!("`$({name})`, {what} that a stranger may write"),
                by: "the shell".to_owned(),
                severity: Severity::Medium,
                advice: format!(
                    "use the variable of the environment, which is data to the shell: {}",
                    in_environment(&script.dialect, name)
                ),
                evidence: format!("`$({name})` is put into the text before the shell reads it"),
            }));
        }
    }
    if workflow.service == Service::GitLab {
        for expression in &script.program.expressions {
            let Some(rest) = expression.text.strip_prefix("inputs.") else { continue };
            let end = rest.find(|c: char| !matches!(c, '_' | '-') && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
            let name = rest.get(..end).unwrap_or_default();
            let declared = workflow.inputs.iter().find(|input| input.name.value == name);
            let is_narrow = declared.is_some_and(|input| {
                !input.options.is_empty()
                    || input.kind.as_ref().is_some_and(|kind| matches!(kind.value.as_str(), "number" | "boolean"))
            });
            if is_narrow {
                continue;
            }
            out.push(Found {
                range: expression.range.clone(),
                name: format!("inputs.{name}"),
                what: format!("`$[[ inputs.{name} ]]`, which whoever starts the pipeline or includes the file writes"),
                by: "the shell".to_owned(),
                severity: Severity::Low,
                advice: format!(
                    "put it into a variable, and use that between quotes: variables: VALUE: $[[ inputs.{name} ]]"
                ),
                evidence: "inputs are put into the text before the shell reads it".to_owned(),
            });
        }
    }
    out
}
