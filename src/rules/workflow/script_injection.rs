//! A stranger's text pasted into a script by `${{ ... }}`.

use std::collections::BTreeSet;

use super::handover;
use super::reach::{self, Cause, Holder, Run};
use super::sinks::{Sink, in_comment, sinks};
use crate::diag::{Confidence, Impact, Severity};
use crate::graph::ci::condition::{Passage, passage};
use crate::graph::ci::expression::{Environment, Origin, expressions, plain_name, value};
use crate::graph::kinds::workflow::{Service, Step};
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
        for one in &told(scene, run) {
            say(scene, report, run, one);
        }
    }
}

/// The places of a run that this rule speaks of.
pub(super) fn places(scene: &Scene<'_>, run: &Run<'_>) -> BTreeSet<Place> {
    told(scene, run).into_iter().flat_map(|one| one.places).collect()
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
        }
    }
    told
}

/// Steps as one job sees them.
#[derive(Debug, Clone)]
struct Seen<'a> {
    environment: Environment<'a>,
    /// The job; none for an action that nobody in the tree uses.
    holder: Option<Holder<'a>>,
    causes: Vec<Cause>,
}

impl<'a> Seen<'a> {
    /// A job sees its own steps; those of an action are seen by every job that uses it.
    fn of(scene: &Scene<'a>, run: &Run<'a>) -> Vec<Self> {
        let (tree, calls) = (reach::tree(scene), reach::calls(scene));
        let Some(action) = run.action else {
            let Some(holder) = run.holder.clone().filter(|h| h.workflow.service == Service::GitHub) else {
                return Vec::new();
            };
            let causes = reach::causes(calls, holder.workflow, holder.job);
            let environment = Environment::of_job(tree, holder.workflow, holder.job, None);
            return vec![Self { environment, holder: Some(holder), causes }];
        };
        let uses = Environment::uses(tree, action);
        if uses.is_empty() {
            return vec![Self { environment: Environment::of_action(tree, action), holder: None, causes: Vec::new() }];
        }
        let of_use = |environment: Environment<'a>| {
            let (workflow, job) = (environment.workflow?, environment.job?);
            let causes = reach::causes(calls, workflow, job);
            Some(Self { environment, holder: Some(reach::holder(calls, workflow, job)), causes })
        };
        uses.into_iter().filter_map(of_use).collect()
    }
}

/// What is said of one text in one job.
struct Told<'a> {
    /// The first step that pastes it.
    step: &'a Step,
    seen: Seen<'a>,
    /// By what event it comes; none where nobody in the tree uses the action.
    cause: Option<(Cause, Passage)>,
    /// The expression, as written.
    written: String,
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
                origin: origin.clone(),
                language: sink.language,
                places: vec![place],
            };
            add(one, told);
        }
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

/// The gravest of the events that carry the text to a step, and what conditions leave of it.
fn cause_of<'c>(run: &Run<'_>, step: &Step, seen: &'c Seen<'_>, origin: &Origin) -> Option<(&'c Cause, Passage)> {
    let outer = seen.environment.outer_step();
    let own = |c: &Cause| {
        let at = [Some(step), outer].into_iter().flatten().fold(c.passage, |at, step| {
            let condition = step.condition.as_ref().map_or("", |c| c.value.as_str());
            reach::narrower(at, passage(condition, &c.event))
        });
        // An earlier step that looks up what the person may do stops the job for others.
        let (steps, index) = match (&seen.holder, outer) {
            (Some(holder), Some(outer)) if run.action.is_some() => (holder.job.steps.as_slice(), outer.index),
            _ => (run.steps, step.index),
        };
        let earlier = reach::checks_permission(steps, index);
        if earlier { reach::narrower(at, Passage::Gated) } else { at }
    };
    let comes = |c: &&Cause| {
        let through = |place: &Place| c.through.iter().any(|(_, at)| at == place);
        origin.comes_with(&c.event) && origin.calls.iter().all(through)
    };
    // A pull request from a fork runs with its own, powerless token; what a merged commit or a page of the wiki
    // says was looked at by somebody, or could be.
    let lesser = |event: &str| {
        matches!(event, "pull_request" | "pull_request_review" | "pull_request_review_comment" | "gollum")
            || (event == "push" && !origin.events.is_empty())
    };
    let ranked = seen
        .causes
        .iter()
        .filter(comes)
        .map(|c| (c, own(c)))
        .filter(|(c, at)| *at != Passage::Closed && (reach::is_stranger_event(&c.event) || lesser(&c.event)));
    let rank = |(cause, at): &(&Cause, Passage)| (reach::is_stranger_event(&cause.event), *at == Passage::Open);
    ranked.reduce(|a, b| if rank(&b) > rank(&a) { b } else { a })
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, run: &Run<'_>, told: &Told<'_>) {
    let Told { step, seen, cause, written, origin, language, places } = told;
    let holder = seen.holder.as_ref();
    let event = cause.as_ref().map(|(cause, _)| cause.event.as_str());
    let gated = cause.as_ref().is_some_and(|(_, at)| *at == Passage::Gated);
    let stranger = event.is_some_and(reach::is_stranger_event);
    let is_weighty = holder.is_some_and(|h| h.privilege.is_weighty());
    let (severity, confidence, impact) = match (event, stranger, gated) {
        (_, true, false) if is_weighty => (Severity::Critical, Confidence::High, Some(Impact::StrangerExecutes)),
        (_, true, false) => (Severity::High, Confidence::High, Some(Impact::StrangerExecutes)),
        // Somebody trusted sets it off, and need not notice what a branch is called.
        (_, true, true) => (Severity::High, Confidence::Medium, None),
        // Who uses the action decides by what event.
        (None, ..) => (Severity::High, Confidence::Medium, None),
        // Whoever merged the commit could read it.
        (Some("push" | "gollum"), ..) => (Severity::Low, Confidence::Medium, None),
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
    if let Some((cause, _)) = cause {
        draft = draft.via(cause.event.clone(), Some(cause.place));
        for (text, place) in &cause.through {
            draft = draft.via(text.clone(), Some(*place));
        }
    }
    if let Some(holder) = holder {
        let job = Place::new(holder.workflow.file, holder.job.id.span);
        draft = draft.via(format!("job {}", holder.job.id.value), Some(job));
        if let Some(outer) = seen.environment.outer_step().filter(|_| seen.environment.action.is_some()) {
            let place = outer.uses.as_ref().map(|u| Place::new(holder.workflow.file, u.span));
            draft = draft.via(format!("step {}", outer.title()), place);
        }
        if let (true, Some(span)) = (is_weighty, holder.privilege.shown_at()) {
            draft = draft.via(holder.privilege.describe(), Some(Place::new(holder.workflow.file, span)));
        }
    }
    for (name, place) in &origin.by {
        draft = draft.via(format!("{} by {name}", origin.context), *place);
    }
    draft = draft.evidence(format!("`${{{{ {written} }}}}` is put into the text before the {language} reads it"));
    if gated {
        draft = draft.evidence("a condition asks for somebody trusted before the step runs");
    }
    match event {
        None => {
            draft = draft.evidence("nobody here uses the action; whoever does under `pull_request_target` or `issues` hands it to strangers");
        }
        Some("push" | "gollum") => draft = draft.evidence("whoever merges the commit can read what it says"),
        Some(_) if !stranger => {
            draft = draft.evidence("pull requests from forks run with a read-only token and no secrets; those from branches of the repository do not");
        }
        Some(_) => {}
    }
    let name = match *language {
        "JavaScript" => "read it as `process.env.VALUE`",
        "PowerShell" => "use `$env:VALUE`",
        "Python" => "read it as `os.environ[\"VALUE\"]`",
        _ => "use `\"$VALUE\"`",
    };
    let times = if places.len() > 1 { format!(", in {} places", places.len()) } else { String::new() };
    draft = draft.fix(handover::answer(scene, run.steps, &seen.environment, places).unwrap_or_default());
    let variable = plain_name(written, "env").filter(|_| *language == "shell");
    let under = event.map_or_else(|| ", whoever uses the action".to_owned(), |event| format!(" under {event}"));
    draft
        .advise(match variable {
            Some(variable) => format!("the shell has it already: use `\"${variable}\"` in the script"),
            None => {
                format!(
                    "hand it over as data: `env: VALUE: ${{{{ {written} }}}}` on the step, and {name} in the script"
                )
            }
        })
        .say(format!("{}, a stranger's text, is run as {language}{under}{times}", described(origin)));
}

/// The source and what hands it on last. A bare context is code; one that is told in words is not.
fn described(origin: &Origin) -> String {
    let source = if origin.context.contains(' ') { origin.context.clone() } else { format!("`{}`", origin.context) };
    match origin.by.last() {
        Some((name, _)) => format!("{source} by {name}"),
        None => source,
    }
}
