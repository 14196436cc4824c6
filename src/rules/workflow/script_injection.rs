//! A stranger's text pasted into a script by `${{ ... }}`.

use super::reach::{self, Cause, Holder, Run};
use crate::diag::{Confidence, Impact, Severity};
use crate::graph::ci::condition::{Passage, passage};
use crate::graph::ci::expression::{Tainted, expressions, plain_name, step_output, tainted};
use crate::graph::kinds::workflow::{Pair, Step, Uses};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Span};

pub(super) static RULE: Rule = Rule {
    id: "script-injection",
    title: "a stranger's text becomes part of a script",
    many: "{n} scripts take a stranger's text as code",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("script_injection.md"),
    check,
};

/// An expression in a script.
struct Found {
    place: Place,
    written: String,
    taint: Tainted,
    language: &'static str,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let calls = reach::calls(scene);
    for run in reach::runs(scene) {
        // Inputs of an action come from its callers; those are not followed here.
        let Some(holder) = &run.holder else { continue };
        let causes = reach::causes(calls, holder.workflow, holder.job);
        // One text of a stranger's in one job is one decision, however many steps paste it.
        let mut told: Vec<Told<'_>> = Vec::new();
        for step in run.steps {
            for found in found_in(scene, run, step) {
                let Some((cause, at)) = cause_of(run, step, &causes, &found) else { continue };
                let same = |t: &&mut Told<'_>| {
                    t.found.taint.source() == found.taint.source()
                        && t.found.language == found.language
                        && (&t.cause.event, t.at) == (&cause.event, at)
                };
                match told.iter_mut().find(same) {
                    Some(one) => one.places.push(found.place),
                    None => told.push(Told { step, cause, at, places: vec![found.place], found }),
                }
            }
        }
        for one in &told {
            say(report, holder, one);
        }
    }
}

/// What is said of one text in one job.
struct Told<'a> {
    /// The first step that pastes it.
    step: &'a Step,
    cause: &'a Cause,
    at: Passage,
    found: Found,
    /// Everywhere it is pasted.
    places: Vec<Place>,
}

fn found_in(scene: &Scene<'_>, run: &Run<'_>, step: &Step) -> Vec<Found> {
    let mut out = Vec::new();
    let mut look = |text: &str, language: &'static str, place: &dyn Fn(std::ops::Range<usize>) -> Span| {
        for (range, inner) in expressions(text) {
            let Some(taint) = taint_of(run, step, inner) else { continue };
            // A comment ends with its line: only a text of several lines gets out of it.
            let line = text.get(..range.start).and_then(|before| before.rsplit('\n').next()).unwrap_or("");
            let comment = if language == "JavaScript" { "//" } else { "#" };
            if line.trim_start().starts_with(comment) && !taint.multiline {
                continue;
            }
            let place = Place::new(run.file, place(range));
            out.push(Found { place, written: inner.to_owned(), taint, language });
        }
    };
    if let Some(script) = &step.run {
        look(&script.text.text, "shell", &|range| script.text.host_span(range));
    }
    let is_script = matches!(step.uses.as_ref().map(|u| &u.value), Some(Uses::Repository { owner, repo, .. })
        if owner.eq_ignore_ascii_case("actions") && repo.eq_ignore_ascii_case("github-script"));
    if let Some(input) = step.input("script").filter(|_| is_script) {
        let host = scene.sources.get(run.file).map_or("", |f| f.text_at(input.span));
        look(host, "JavaScript", &|range| Span {
            start: input.span.start + range.start as u64,
            end: input.span.start + range.end as u64,
        });
    }
    out
}

/// The stranger's text an expression yields, through `env` and outputs of the job's own steps.
fn taint_of(run: &Run<'_>, step: &Step, inner: &str) -> Option<Tainted> {
    if let Some(found) = tainted(inner) {
        return Some(found);
    }
    if let Some(name) = plain_name(inner, "env") {
        let outer = run.holder.as_ref().filter(|_| run.action.is_none());
        let around = outer.into_iter().flat_map(|h| h.job.env.iter().chain(&h.workflow.env));
        let mut pairs = step.env.iter().chain(around);
        let (_, value): &Pair = pairs.find(|(key, _)| key.value.eq_ignore_ascii_case(name))?;
        let found = expressions(&value.value).into_iter().find_map(|(_, inner)| tainted(inner))?;
        return Some(Tainted { context: format!("`{}` by env.{name}", found.context), ..found });
    }
    let (id, output) = step_output(inner)?;
    let from = run.steps.iter().find(|s| s.id.as_ref().is_some_and(|i| i.value == id))?;
    let lower = output.to_ascii_lowercase();
    if !(lower.contains("ref") || lower.contains("branch")) || lower.contains("base") {
        return None;
    }
    // The step asks for the name of the pull request's branch and hands it on.
    let text = from.run.as_ref().map(|r| r.text.text.as_str()).or(from.input("script").map(|s| s.value.as_str()))?;
    let asks =
        text.lines().any(|l| (l.contains("head.ref") || l.contains("headRefName")) && !l.trim_start().starts_with('#'));
    (asks && text.contains(output)).then(|| Tainted {
        context: format!("the branch name of a pull request, by {}", inner.trim()),
        multiline: false,
        events: &["issue_comment", "pull_request", "pull_request_target", "workflow_run"],
    })
}

/// The gravest of the events that carry the text to a step, and what conditions leave of it.
fn cause_of<'c>(run: &Run<'_>, step: &Step, causes: &'c [Cause], found: &Found) -> Option<(&'c Cause, Passage)> {
    let carries = |c: &&Cause| found.taint.events.is_empty() || found.taint.events.contains(&c.event.as_str());
    let own = |c: &Cause| {
        let condition = step.condition.as_ref().map_or("", |c| c.value.as_str());
        let at = reach::narrower(c.passage, passage(condition, &c.event));
        // An earlier step that looks up what the person may do stops the job for others.
        let earlier = run.action.is_none() && reach::checks_permission(run.steps, step.index);
        if earlier { reach::narrower(at, Passage::Gated) } else { at }
    };
    // A pull request from a fork runs with its own, powerless token.
    let fork = |event: &str| matches!(event, "pull_request" | "pull_request_review" | "pull_request_review_comment");
    let ranked = causes
        .iter()
        .filter(carries)
        .map(|c| (c, own(c)))
        .filter(|(c, at)| *at != Passage::Closed && (reach::is_stranger_event(&c.event) || fork(&c.event)));
    let rank = |(cause, at): &(&Cause, Passage)| (reach::is_stranger_event(&cause.event), *at == Passage::Open);
    ranked.reduce(|a, b| if rank(&b) > rank(&a) { b } else { a })
}

fn say(report: &mut Reporter<'_>, holder: &Holder<'_>, told: &Told<'_>) {
    let Told { step, cause, at, found, places } = told;
    let (stranger, gated) = (reach::is_stranger_event(&cause.event), *at == Passage::Gated);
    let (severity, confidence, impact) = match (stranger, gated) {
        (true, false) if holder.privilege.is_weighty() => {
            (Severity::Critical, Confidence::High, Some(Impact::StrangerExecutes))
        }
        (true, false) => (Severity::High, Confidence::High, Some(Impact::StrangerExecutes)),
        // Somebody trusted sets it off, and need not notice what a branch is called.
        (true, true) => (Severity::High, Confidence::Medium, None),
        (false, _) => (Severity::Medium, if gated { Confidence::Low } else { Confidence::Medium }, None),
    };
    let mut draft = report
        .at(found.place, format!("becomes part of the {} text", found.language))
        .severity(severity)
        .confidence(confidence)
        .impact(impact)
        .about("step", step.title(), None)
        .content(found.written.clone())
        .also(places.iter().copied())
        .via(cause.event.clone(), Some(cause.place));
    for (text, place) in &cause.through {
        draft = draft.via(text.clone(), Some(*place));
    }
    draft =
        draft.via(format!("job {}", holder.job.id.value), Some(Place::new(holder.workflow.file, holder.job.id.span)));
    if let (true, Some(span)) = (holder.privilege.is_weighty(), holder.privilege.shown_at()) {
        draft = draft.via(holder.privilege.describe(), Some(Place::new(holder.workflow.file, span)));
    }
    draft = draft.evidence(format!(
        "`${{{{ {} }}}}` is put into the text before the {} reads it",
        found.written, found.language
    ));
    if gated {
        draft = draft.evidence("a condition asks for somebody trusted before the step runs");
    }
    if !stranger {
        draft = draft.evidence("pull requests from forks run with a read-only token and no secrets; those from branches of the repository do not");
    }
    let name = if found.language == "JavaScript" { "read it as `process.env.VALUE`" } else { "use `\"$VALUE\"`" };
    let times = if places.len() > 1 { format!(", in {} places", places.len()) } else { String::new() };
    // A bare context is code; one that says by what way it comes is a phrase.
    let context = &found.taint.context;
    let shown = if context.contains(' ') { context.clone() } else { format!("`{context}`") };
    let variable = plain_name(&found.written, "env").filter(|_| found.language == "shell");
    draft
        .advise(match variable {
            Some(variable) => format!("the shell has it already: use `\"${variable}\"` in the script"),
            None => format!(
                "hand it over as data: `env: VALUE: ${{{{ {} }}}}` on the step, and {name} in the script",
                found.written
            ),
        })
        .say(format!("{shown}, a stranger's text, is run as {} under {}{times}", found.language, cause.event));
}
