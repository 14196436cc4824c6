//! A stranger's text pasted into a script by `${{ ... }}`.

use std::collections::BTreeSet;

use super::evaluated::evaluated;
use super::handover;
use super::reach::{self, Cause, Run};
use super::seen::{Seen, cause_of, is_after_own_runs, route};
use super::sinks::{Sink, in_comment, sinks};
use crate::diag::{Confidence, Impact, Severity};
use crate::graph::ci::condition::Passage;
use crate::graph::ci::expression::{Origin, expressions, plain_name, value};
use crate::graph::kinds::workflow::Step;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "script-injection",
    title: "a stranger's text becomes part of a script",
    many: "{n} scripts take a stranger's text as code",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("script_injection.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for run in reach::runs(scene) {
        let told = told(scene, run);
        run.pasted.get_or_init(|| all_places(&told));
        for one in &told {
            say(scene, report, run, one);
        }
    }
}

/// The places of a run that this rule speaks of.
pub(super) fn places<'r>(scene: &Scene<'_>, run: &'r Run<'_>) -> &'r BTreeSet<Place> {
    run.pasted.get_or_init(|| all_places(&told(scene, run)))
}

fn all_places(told: &[Told<'_>]) -> BTreeSet<Place> {
    told.iter().flat_map(|one| one.places.iter().copied()).collect()
}

/// One text of a stranger's in one job is one decision, however many steps paste it.
fn told<'a>(scene: &Scene<'a>, run: &Run<'a>) -> Vec<Told<'a>> {
    let mut told: Vec<Told<'_>> = Vec::new();
    let has_any = |step: &Step| !sinks(scene, run.file, step).is_empty();
    if !run.steps.iter().any(has_any) {
        return told;
    }
    for seen in Seen::of(scene, run) {
        for step in run.steps {
            for sink in sinks(scene, run.file, step) {
                look(run, step, &sink, &seen, &mut told);
            }
            look_at_commands(scene, run, step, &seen, &mut told);
        }
    }
    told
}

/// What is said of one text in one job.
struct Told<'a> {
    /// The first step that pastes it.
    step: &'a Step,
    seen: Seen<'a>,
    /// By what event it comes; none where nobody in the tree uses the action.
    cause: Option<(Cause, Passage)>,
    /// The expression, as written; the command where `evaluated`.
    written: String,
    /// A command runs the value as code; nothing is pasted.
    evaluated: bool,
    origin: Origin,
    language: &'static str,
    /// Everywhere it is pasted.
    places: Vec<Place>,
}

impl Told<'_> {
    /// Of two ways to one place the graver is told.
    fn rank(&self) -> (bool, bool, bool) {
        let (event, at) = self.cause.as_ref().map_or(("", Passage::Gated), |(cause, at)| (cause.event.as_str(), *at));
        let weighty = self.seen.holder.as_ref().is_some_and(|h| h.privilege.is_weighty());
        (reach::is_stranger_event(event), at == Passage::Open, weighty)
    }
}

fn look<'a>(run: &Run<'a>, step: &'a Step, sink: &Sink<'a>, seen: &Seen<'a>, told: &mut Vec<Told<'a>>) {
    let environment = seen.environment.at(step);
    for (range, inner) in expressions(sink.text) {
        let found = value(inner, &environment);
        for origin in found.strangers() {
            // A comment ends with its line: only a text of several lines gets out of it.
            if in_comment(sink, range.start) && !origin.multiline {
                continue;
            }
            let cause = match &seen.holder {
                Some(_) => match cause_of(run, step, seen, origin) {
                    Some((cause, at)) => Some((cause.clone(), at)),
                    None => continue,
                },
                None => None,
            };
            let place = Place::new(run.file, sink.span(range.clone()));
            let one = Told {
                step,
                seen: seen.clone(),
                cause,
                written: inner.to_owned(),
                evaluated: false,
                origin: origin.clone(),
                language: sink.language,
                places: vec![place],
            };
            add(one, told);
        }
    }
}

/// Values that a command of the step, or of a script that it calls, runs as code.
fn look_at_commands<'a>(scene: &Scene<'a>, run: &Run<'a>, step: &'a Step, seen: &Seen<'a>, told: &mut Vec<Told<'a>>) {
    for found in evaluated(scene, run.file, step, &seen.environment.at(step)) {
        let cause = match &seen.holder {
            Some(_) => match cause_of(run, step, seen, &found.origin) {
                Some((cause, at)) => Some((cause.clone(), at)),
                None => continue,
            },
            None => None,
        };
        let one = Told {
            step,
            seen: seen.clone(),
            cause,
            written: found.command,
            evaluated: true,
            origin: found.origin,
            language: found.language,
            places: vec![found.place],
        };
        add(one, told);
    }
}

/// Keeps one for each text, language and way; of several ways to one place the gravest.
fn add<'a>(mut one: Told<'a>, told: &mut Vec<Told<'a>>) {
    let is_same = |t: &Told<'_>| {
        let way = |t: &Told<'_>| t.cause.as_ref().map(|(cause, at)| (cause.event.clone(), *at));
        t.origin.context == one.origin.context && t.language == one.language && way(t) == way(&one)
    };
    if told.iter().any(|t| t.places.iter().any(|p| one.places.contains(p)) && t.rank() >= one.rank()) {
        return;
    }
    for t in told.iter_mut() {
        t.places.retain(|p| !one.places.contains(p));
    }
    told.retain(|t| !t.places.is_empty());
    match told.iter_mut().find(|t| is_same(t)) {
        Some(same) => same.places.append(&mut one.places),
        None => told.push(one),
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, run: &Run<'_>, told: &Told<'_>) {
    let Told { step, seen, cause, written, evaluated, origin, language, places } = told;
    let holder = seen.holder.as_ref();
    let event = cause.as_ref().map(|(cause, _)| cause.event.as_str());
    let gated = cause.as_ref().is_some_and(|(_, at)| *at == Passage::Gated);
    let stranger = event.is_some_and(reach::is_stranger_event);
    let is_weighty = holder.is_some_and(|h| h.privilege.is_weighty());
    let is_merged = matches!(event, Some("push" | "gollum"))
        || cause.as_ref().is_some_and(|(cause, _)| is_after_own_runs(scene, cause));
    let (severity, confidence, impact) = match (event, stranger, gated) {
        // Whoever merged the commit could read it.
        _ if is_merged => (Severity::Low, Confidence::Medium, None),
        (_, true, false) if is_weighty => (Severity::Critical, Confidence::High, Some(Impact::StrangerExecutes)),
        (_, true, false) => (Severity::High, Confidence::High, Some(Impact::StrangerExecutes)),
        // Somebody trusted sets it off, and need not notice what a branch is called.
        (_, true, true) => (Severity::High, Confidence::Medium, None),
        // Who uses the action decides by what event.
        (None, ..) => (Severity::High, Confidence::Medium, None),
        (Some(_), false, _) => (Severity::Medium, if gated { Confidence::Low } else { Confidence::Medium }, None),
    };
    let Some(first) = places.first() else { return };
    let mut draft = report
        .at(*first, format!("becomes part of the {language} text"))
        .severity(severity)
        .confidence(confidence)
        .impact(impact)
        .about("step", step.title(), None)
        .content(written.clone())
        .also(places.iter().copied());
    draft = route(draft, seen, cause.as_ref().map(|(cause, _)| cause));
    for (name, place) in &origin.by {
        draft = draft.via(format!("{} by {name}", origin.context), *place);
    }
    draft = draft.evidence(if *evaluated {
        format!("`{written}` runs the value as {language}")
    } else {
        format!("`${{{{ {written} }}}}` is put into the text before the {language} reads it")
    });
    if gated {
        draft = draft.evidence("a condition asks for somebody trusted before the step runs");
    }
    match event {
        None => {
            draft = draft.evidence("nobody here uses the action; whoever does under `pull_request_target` or `issues` hands it to strangers");
        }
        Some(_) if is_merged => draft = draft.evidence("whoever merges the commit can read what it says"),
        Some(_) if !stranger => {
            draft = draft.evidence("pull requests from forks run with a read-only token and no secrets; those from branches of the repository do not");
        }
        Some(_) => {}
    }
    if *evaluated {
        draft =
            draft.advise("hand the value to a program as one argument or variable, and run nothing that is made of it");
    } else {
        draft = draft
            .fix(handover::answer(scene, run.steps, &seen.environment, places).unwrap_or_default())
            .advise(advice(written, language));
    }
    let times = if places.len() > 1 { format!(", in {} places", places.len()) } else { String::new() };
    let under = event.map_or_else(|| ", whoever uses the action".to_owned(), |event| format!(" under {event}"));
    draft.say(format!("{}, a stranger's text, is run as {language}{under}{times}", described(origin)));
}

/// How the value is handed over as data.
fn advice(written: &str, language: &str) -> String {
    let name = match language {
        "JavaScript" => "read it as `process.env.VALUE`",
        "PowerShell" => "use `$env:VALUE`",
        "Python" => "read it as `os.environ[\"VALUE\"]`",
        _ => "use `\"$VALUE\"`",
    };
    match plain_name(written, "env").filter(|_| language == "shell") {
        Some(variable) => format!("the shell has it already: use `\"${variable}\"` in the script"),
        None => {
            format!("hand it over as data: `env: VALUE: ${{{{ {written} }}}}` on the step, and {name} in the script")
        }
    }
}

/// The source and what hands it on last. A bare context is code; one that is told in words is not.
pub(super) fn described(origin: &Origin) -> String {
    let source = if origin.context.contains(' ') { origin.context.clone() } else { format!("`{}`", origin.context) };
    match origin.by.last() {
        Some((name, _)) => format!("{source} by {name}"),
        None => source,
    }
}
