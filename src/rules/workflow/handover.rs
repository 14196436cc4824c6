//! The edits that hand expressions of a step's script over as variables: all of one step at once, so that two
//! rules that ask for them want the same.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::sinks::{Sink, SinkForm, sinks};
use crate::diag::Edit;
use crate::graph::ci::expression::{Environment, Nature, expressions, plain_name, value};
use crate::graph::kinds::workflow::{Pair, Step};
use crate::parse::expression::{Expression, ExpressionKind, Part, parse};
use crate::parse::shell::Dialect;
use crate::rules::{Scene, edits};
use crate::source::{Place, SourceFile, Span};

/// Expressions of one step that are handed over. Who pastes more has made the step by machine, and has it mended
/// there.
const MAX_EXPRESSIONS: usize = 256;

/// Edits of one step and the places they answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Handover {
    /// The edits. They belong together.
    pub(super) edits: Vec<Edit>,
    /// Expressions that are gone then.
    pub(super) places: BTreeSet<Place>,
}

/// The edits that answer some places, each in one of the steps given; none where one of them has no answer.
pub(super) fn answer(
    scene: &Scene<'_>,
    steps: &[Step],
    environment: &Environment<'_>,
    places: &[Place],
) -> Option<Vec<Edit>> {
    let file = scene.sources.get(places.first()?.file)?;
    let mut out: BTreeSet<Edit> = BTreeSet::new();
    let mut open: BTreeSet<Place> = places.iter().copied().collect();
    for step in steps {
        if open.iter().any(|place| step.span.contains(place.span)) {
            let found = of_step(scene, file, step, environment);
            open.retain(|place| !found.places.contains(place));
            out.extend(found.edits);
        }
    }
    open.is_empty().then(|| out.into_iter().collect())
}

/// What can be handed over in one step.
fn of_step(scene: &Scene<'_>, file: &SourceFile, step: &Step, environment: &Environment<'_>) -> Handover {
    let own = environment.at(step);
    let mut names = Names::of(step, environment);
    let mut out = Handover::default();
    if file.text.contains('\r') {
        return out;
    }
    let sinks = sinks(scene, file.id, step);
    let written: Vec<_> = sinks.iter().map(|sink| (sink, expressions(sink.text))).collect();
    if written.iter().map(|(_, all)| all.len()).sum::<usize>() > MAX_EXPRESSIONS {
        return out;
    }
    for (sink, all) in written {
        for (range, inner) in all {
            let found = value(inner, &own);
            if found.nature() < Nature::Maintainer {
                continue;
            }
            let is_stranger = found.nature() == Nature::Stranger;
            let Some(name) = names.name(inner) else { continue };
            let Some((range, new)) = replaced(sink, &range, &name, is_stranger) else { continue };
            let Some(span) = editable(file, sink, &range, step) else { continue };
            out.edits.push(Edit { place: Place::new(file.id, span), text: new });
            out.places.insert(Place::new(file.id, sink.span(expression_at(sink.text, &range))));
            names.used(&name, inner);
        }
    }
    if names.added.is_empty() {
        return out;
    }
    match inserted(file, step, &names.added) {
        Some(edit) => {
            out.edits.push(edit);
            out
        }
        None => Handover::default(),
    }
}

/// The expression within some bytes: a text that goes has its quotes around it.
fn expression_at(text: &str, range: &Range<usize>) -> Range<usize> {
    let inside = expressions(text).into_iter().find(|(own, _)| range.start <= own.start && own.end <= range.end);
    inside.map_or_else(|| range.clone(), |(own, _)| own)
}

fn replaced(sink: &Sink<'_>, range: &Range<usize>, name: &str, may_quote: bool) -> Option<(Range<usize>, String)> {
    match sink.form {
        SinkForm::Run(script) if script.dialect == Dialect::Bash => {
            let new = edits::in_bash(sink.text, &script.program, range, name, may_quote)?;
            Some((range.clone(), new))
        }
        SinkForm::Run(script) if script.dialect == Dialect::PowerShell => {
            Some((range.clone(), edits::in_powershell(sink.text, range, name)?))
        }
        SinkForm::Value(_) if sink.language == "JavaScript" => edits::in_javascript(sink.text, range, name),
        _ => None,
    }
}

/// The bytes of the file, where the script is written there as it is.
fn editable(file: &SourceFile, sink: &Sink<'_>, range: &Range<usize>, step: &Step) -> Option<Span> {
    let span = match sink.form {
        SinkForm::Run(script) => {
            // Within YAML's quotes those of the script would have to be escaped.
            let is_quoted = file.text_at(script.span).starts_with(['"', '\'']);
            script.text.editable(range.clone()).filter(|_| !is_quoted)?
        }
        SinkForm::Value(_) => Some(sink.span(range.clone())).filter(|_| sink.text.starts_with(['|', '>']))?,
    };
    step.span.contains(span).then_some(span)
}

/// `env` of the step with what is added: before its first variable, or before the `run` or `with` it has.
fn inserted(file: &SourceFile, step: &Step, added: &BTreeMap<String, String>) -> Option<Edit> {
    if let Some((first, _)) = step.env.first() {
        let (at, indent) = key(file, first.span)?;
        let lines: String = added.iter().map(|(name, text)| format!("{name}: ${{{{ {text} }}}}\n{indent}")).collect();
        return Some(Edit { place: Place::new(file.id, Span::new(at, at)), text: lines });
    }
    let value = step.run.as_ref().map(|r| r.span).or_else(|| step.with.first().map(|(key, _)| key.span))?;
    let name = if step.run.is_some() { "run" } else { "with" };
    let start = usize::try_from(value.start).ok()?;
    let before = file.text.get(..start)?.trim_end();
    let before = before.strip_suffix(':')?.strip_suffix(name)?;
    let (at, indent) = key(file, Span::new(before.len(), before.len() + name.len()))?;
    let lines: String = added.iter().map(|(name, text)| format!("{indent}  {name}: ${{{{ {text} }}}}\n")).collect();
    Some(Edit { place: Place::new(file.id, Span::new(at, at)), text: format!("env:\n{lines}{indent}") })
}

/// Where a key starts, and the space in front of keys beside it; none where it does not stand on a line of its own.
fn key(file: &SourceFile, span: Span) -> Option<(usize, String)> {
    let start = usize::try_from(span.start).ok()?;
    let line = file.text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    let before = file.text.get(line..start)?;
    let is_alone = before.chars().all(|c| matches!(c, ' ' | '-')) && before.matches('-').count() <= 1;
    is_alone.then(|| (start, " ".repeat(before.len())))
}

/// Names of variables: those that are there, and those that are added.
struct Names<'a> {
    /// Names that stand for something else.
    taken: BTreeSet<&'a str>,
    /// Variables that hold an expression already.
    known: BTreeMap<&'a str, &'a str>,
    /// The script, for names it uses itself.
    script: &'a str,
    added: BTreeMap<String, String>,
}

impl<'a> Names<'a> {
    fn of(step: &'a Step, environment: &Environment<'a>) -> Self {
        // Variables outside of an action's step may be hidden by those between.
        let outer = environment.job.filter(|_| environment.action.is_none());
        let of_job = outer.into_iter().flat_map(|job| &job.env);
        let of_workflow = environment.workflow.filter(|_| outer.is_some()).into_iter().flat_map(|w| &w.env);
        let all: Vec<&Pair> = step.env.iter().chain(of_job).chain(of_workflow).collect();
        let whole = |text: &'a str| text.trim().strip_prefix("${{")?.strip_suffix("}}").map(str::trim);
        let known = step.env.iter().filter_map(|(name, value)| Some((whole(&value.value)?, name.value.as_str())));
        let script = step.run.as_ref().map(|r| r.text.text.as_str());
        let input = step.input("script").map(|s| s.value.as_str());
        Self {
            taken: all.iter().map(|(name, _)| name.value.as_str()).collect(),
            known: known.collect(),
            script: script.or(input).unwrap_or(""),
            added: BTreeMap::new(),
        }
    }

    /// The variable for an expression; none where it has no name of its own.
    fn name(&self, inner: &str) -> Option<String> {
        if let Some(name) = plain_name(inner, "env") {
            // The shell has it already.
            return is_variable(name).then(|| name.to_owned());
        }
        if let Some(name) = self.known.get(inner) {
            return is_variable(name).then(|| (*name).to_owned());
        }
        // As a plain scalar of YAML.
        if inner.contains(['\n', '\r']) || inner.contains(": ") || inner.contains(" #") || inner.contains("}}") {
            return None;
        }
        let base = named_after(&parse(inner).ok()?)?;
        let is_free = |name: &str| {
            let same = self.added.get(name).is_some_and(|text| text == inner);
            same || (!self.added.contains_key(name) && !self.taken.contains(name) && !self.script.contains(name))
        };
        let numbered = (2..10).map(|number| format!("{base}_{number}"));
        [base.clone(), format!("{base}_VALUE")].into_iter().chain(numbered).find(|name| is_free(name))
    }

    fn used(&mut self, name: &str, inner: &str) {
        if plain_name(inner, "env").is_none() && !self.known.contains_key(inner) {
            self.added.insert(name.to_owned(), inner.to_owned());
        }
    }
}

/// `PULL_REQUEST_TITLE` of `github.event.pull_request.title`.
fn named_after(found: &Expression) -> Option<String> {
    let parts = found.all().into_iter().find_map(|part| match &part.kind {
        ExpressionKind::Context(parts) => Some(parts),
        _ => None,
    })?;
    let names: Vec<&str> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Name(name) => Some(name.as_str()),
            Part::Index(_) | Part::Star | Part::Head(_) => None,
        })
        .filter(|name| {
            !matches!(name.to_ascii_lowercase().as_str(), "github" | "event" | "outputs" | "steps" | "needs")
        })
        .collect();
    let names: Vec<&str> = match names.as_slice() {
        [root, rest @ ..] if matches!(*root, "secrets" | "vars" | "matrix") && !rest.is_empty() => rest.to_vec(),
        [root, rest @ ..] if *root == "inputs" && !rest.is_empty() => [&["input"], rest].concat(),
        other => other.get(other.len().saturating_sub(3)..)?.to_vec(),
    };
    let name = names.join("_").to_ascii_uppercase().replace(['-', '.', ' '], "_");
    let is_own = ["GITHUB_", "RUNNER_", "ACTIONS_"].iter().any(|p| name.starts_with(p));
    let is_known =
        matches!(name.as_str(), "PATH" | "HOME" | "SHELL" | "USER" | "PWD" | "LANG" | "CI" | "TMPDIR" | "IFS");
    let name = if is_own || is_known { format!("VALUE_OF_{name}") } else { name };
    is_variable(&name).then_some(name)
}

fn is_variable(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
