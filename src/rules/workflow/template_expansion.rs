//! Expressions in scripts that are neither fixed nor a stranger's.

use std::collections::BTreeMap;

use super::handover;
use super::reach::{self, Run};
use super::script_injection;
use super::sinks::{in_comment, sinks};
use crate::diag::{Confidence, Edit, Severity};
use crate::graph::ci::expression::{Environment, Nature, Value, expressions, value};
use crate::graph::kinds::workflow::Service;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place};

pub(super) static RULE: Rule = Rule {
    id: "template-expansion",
    title: "a value that is not fixed becomes part of a script",
    many: "{n} files put values into scripts as code",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("template_expansion.md"),
    check,
};

/// Names shown in the message.
const SHOWN: usize = 3;

/// What one file pastes.
#[derive(Default)]
struct Pasted {
    /// The expressions in order, each once, with who writes them; nobody that is known for inputs that the
    /// callers in the tree give fixed texts.
    written: Vec<(String, Option<Nature>)>,
    places: Vec<Place>,
    /// Edits that answer all of it; none once something has no answer.
    fix: Option<Vec<Edit>>,
    has_gap: bool,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut files: BTreeMap<FileId, Pasted> = BTreeMap::new();
    for run in reach::runs(scene) {
        let environments = environments(scene, run);
        if environments.is_empty() {
            continue;
        }
        let open = anybodys(scene, run);
        let told = script_injection::places(scene, run);
        let mut own: Vec<(Place, String, Option<Nature>)> = Vec::new();
        for step in run.steps {
            for sink in sinks(scene, run.file, step) {
                for (range, inner) in expressions(sink.text) {
                    let natures = environments.iter().map(|e| value(inner, &e.at(step)).nature());
                    let nature = natures.max().filter(|nature| *nature >= Nature::Maintainer);
                    let others = || open.as_ref().is_some_and(|open| takes_input(&value(inner, &open.at(step))));
                    if in_comment(&sink, range.start) || nature.is_none() && !others() {
                        continue;
                    }
                    let place = Place::new(run.file, sink.span(range.clone()));
                    if !is_token(inner) && !told.contains(&place) {
                        own.push((place, inner.to_owned(), nature));
                    }
                }
            }
        }
        let places: Vec<Place> = own.iter().map(|(place, ..)| *place).collect();
        if places.is_empty() {
            continue;
        }
        let all = files.entry(run.file).or_default();
        for (place, written, nature) in own {
            all.places.push(place);
            if !all.written.iter().any(|(known, _)| *known == written) {
                all.written.push((written, nature));
            }
        }
        // What a stranger's text asks for in the same steps must be the same edits.
        let seen = open.as_ref().filter(|_| told.is_empty()).or(environments.first());
        let fix = seen.and_then(|e| handover::answer(scene, run.steps, e, &places));
        all.has_gap |= fix.is_none();
        all.fix.get_or_insert_default().extend(fix.unwrap_or_default());
    }
    for (file, pasted) in files {
        say(scene, report, file, pasted);
    }
}

/// The job's own token: letters, digits and `_`, which no shell reads as code.
fn is_token(expression: &str) -> bool {
    ["github.token", "secrets.github_token"].iter().any(|name| expression.trim().eq_ignore_ascii_case(name))
}

/// Where the steps of a run stand: one job, or each that uses the action.
fn environments<'a>(scene: &Scene<'a>, run: &Run<'a>) -> Vec<Environment<'a>> {
    let tree = reach::tree(scene);
    match (run.action, &run.holder) {
        (Some(action), _) => {
            let uses = Environment::uses(tree, action);
            if uses.is_empty() { vec![Environment::of_action(tree, action)] } else { uses }
        }
        (None, Some(holder)) if holder.workflow.service == Service::GitHub => {
            vec![Environment::of_job(tree, holder.workflow, holder.job, None)]
        }
        _ => Vec::new(),
    }
}

/// Where the steps of an action or of a reusable workflow stand for callers that are not in the tree.
fn anybodys<'a>(scene: &Scene<'a>, run: &Run<'a>) -> Option<Environment<'a>> {
    let tree = reach::tree(scene);
    match (run.action, run.job()) {
        (Some(action), _) => Some(Environment::of_action(tree, action)),
        (None, Some((workflow, job))) if workflow.inputs.iter().any(|i| i.event == "workflow_call") => {
            Some(Environment::of_job(tree, workflow, job, None).open())
        }
        _ => None,
    }
}

/// Whether a value is what a caller hands over.
fn takes_input(found: &Value) -> bool {
    found.origins.iter().any(|o| o.nature == Nature::Unknown && o.context.starts_with("inputs."))
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, file: FileId, mut pasted: Pasted) {
    pasted.places.sort();
    let Some(first) = pasted.places.first() else { return };
    let path = scene.sources.path(file);
    let names: Vec<&str> = pasted.written.iter().map(|(written, _)| written.as_str()).collect();
    let shown = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(SHOWN);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    let mut draft = report
        .at(*first, "becomes part of the script")
        .confidence(Confidence::High)
        .about("file", path, None)
        .each(names.iter().map(|one| one.to_string()))
        .also(pasted.places.iter().copied());
    for (nature, text) in [
        (Some(Nature::Maintainer), "who may push, tag, label or start a run writes"),
        (
            Some(Nature::Secret),
            "a secret may hold what the shell reads as code, and is put into the text of the script:",
        ),
        (Some(Nature::Unknown), "the files do not tell what it holds:"),
        (Some(Nature::Stranger), "a stranger writes, under events that do not lead here,"),
        (None, "its callers in the tree hand over fixed texts; others may not:"),
    ] {
        let of: Vec<String> =
            pasted.written.iter().filter(|(_, n)| *n == nature).map(|(w, _)| format!("`{w}`")).collect();
        if !of.is_empty() {
            draft = draft.evidence(format!("{text} {}", of.get(..SHOWN.min(of.len())).unwrap_or(&of).join(", ")));
        }
    }
    if !pasted.has_gap {
        let mut edits = pasted.fix.unwrap_or_default();
        edits.sort();
        edits.dedup();
        draft = draft.fix(edits);
    }
    let verb = if names.len() == 1 { "is" } else { "are" };
    draft
        .advise("hand it over as data: set an environment variable of the step to the expression, and use the variable in the script")
        .say(format!("{shown}{rest} {verb} put into scripts as code"));
}
