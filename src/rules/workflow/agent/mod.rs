//! Steps that start an agent: which, who may start it, what it is given to read, and what it may do.
//!
//! Sources: the `action.yml` and security pages of each action, the command line reference of each program.

mod command;
mod table;
mod tools;

use super::reach::{self, Run};
use crate::graph::ci::expression::{Value, expressions, value};
use crate::graph::kinds::workflow::{Pair, Step, Uses};
use crate::rules::Scene;
use crate::source::{Place, Spanned};

pub(super) use tools::Tools;

/// An agent that a step starts.
#[derive(Debug)]
pub(super) struct Agent<'a> {
    /// Its name: `anthropics/claude-code-action`, `claude`.
    pub(super) name: String,
    /// What starts it.
    pub(super) place: Place,
    /// The step; none in an image's instructions.
    pub(super) step: Option<&'a Step>,
    /// It asks GitHub whether the person may write, and refuses others.
    pub(super) checks_person: bool,
    /// The input that lets everybody in all the same.
    pub(super) opened_by: Option<(String, Place)>,
    /// It looks up the issue or pull request of the event by itself.
    pub(super) reads_event: bool,
    /// What it may do.
    pub(super) tools: Tools,
    /// Flags and inputs that take a limit away, as written.
    pub(super) unlimited_by: Vec<(String, Place)>,
}

impl Agent<'_> {
    /// Whether anybody who causes the event starts it.
    pub(super) fn is_open(&self) -> bool {
        !self.checks_person || self.opened_by.is_some()
    }
}

/// The agents of a list of steps or of an image's stage, in order.
pub(super) fn agents<'a>(run: &Run<'a>) -> Vec<Agent<'a>> {
    let mut out: Vec<Agent<'a>> = run.steps.iter().filter_map(|step| by_action(run, step)).collect();
    for piece in run.scripts() {
        out.extend(command::agents(run, &piece));
    }
    out
}

fn by_action<'a>(run: &Run<'a>, step: &'a Step) -> Option<Agent<'a>> {
    let uses = step.uses.as_ref()?;
    let Uses::Repository { owner, repo, path, .. } = &uses.value else { return None };
    let mut name = format!("{owner}/{repo}");
    if !path.is_empty() {
        name = format!("{name}/{path}");
    }
    let known = table::ACTIONS.iter().find(|a| a.name.eq_ignore_ascii_case(&name))?;
    let place = |value: &Spanned<String>| Place::new(run.file, value.span);
    let given = |input: &str| step.input(input).filter(|v| !v.value.trim().is_empty());
    let opened_by = known.openers.iter().find_map(|input| {
        let value = given(input)?;
        let all = value.value.split([',', ' ', '\n']).any(|who| who.trim().trim_matches(['"', '\'']) == "*");
        all.then(|| (format!("{input}: {}", value.value.trim()), place(value)))
    });
    let (tools, unlimited_by) = tools::of_action(known, step, run.file);
    // Told what to do by a prompt, it looks at no event by itself.
    let prompted = known.prompts.iter().any(|input| given(input).is_some());
    Some(Agent {
        name,
        place: Place::new(run.file, uses.span),
        step: Some(step),
        checks_person: known.checks_person,
        opened_by,
        reads_event: known.reads_event && !prompted,
        tools,
        unlimited_by,
    })
}

/// What of a stranger's an agent's step is given to read.
#[derive(Debug)]
pub(super) struct Reading {
    /// In words: "`github.event.issue.body`", "the issue or pull request of the event".
    pub(super) what: String,
    /// Where it is handed over.
    pub(super) place: Place,
    /// Events that fill it; empty for all.
    pub(super) events: Vec<&'static str>,
}

/// Expressions that lead to a stranger's text without being one: with a number an agent looks it up.
const LEADS: &[&str] = &[
    "github.event.issue.number",
    "github.event.pull_request.number",
    "github.event.number",
    "github.event.discussion.number",
    "github.event.comment.id",
    "github.event.issue.html_url",
    "github.event.pull_request.html_url",
    "github.event.comment.html_url",
    "github.event.discussion.html_url",
    "github.event.issue.url",
    "github.event.pull_request.diff_url",
    "github.event.workflow_run.id",
];

/// What an agent reads of a stranger's: by its inputs, its script or its variables, else what it looks up.
pub(super) fn reads<'a>(scene: &Scene<'a>, run: &Run<'a>, agent: &Agent<'a>) -> Option<Reading> {
    let seen = reach::environments(scene, run);
    let step = agent.step?;
    let holder = run.holder.as_ref();
    let around = holder.into_iter().flat_map(|h| h.job.env.iter().chain(&h.workflow.env));
    let own = step.with.iter().chain(&step.env);
    let script = step.run.as_ref();
    let mut texts: Vec<(&str, Place)> = own.map(|(_, v)| (v.value.as_str(), Place::new(run.file, v.span))).collect();
    texts.extend(script.map(|s| (s.text.text.as_str(), Place::new(run.file, s.span))));
    texts.extend(around.map(|(_, v): &Pair| (v.value.as_str(), Place::new(run.file, v.span))));
    let written = |(text, place): &(&str, Place)| {
        let held: Vec<Value> = expressions(text)
            .into_iter()
            .flat_map(|(_, inner)| seen.iter().map(move |environment| value(inner, &environment.at(step))))
            .collect();
        let found = held.iter().flat_map(Value::strangers).next()?;
        Some(Reading { what: format!("`{}`", found.context), place: *place, events: found.events.clone() })
    };
    if let Some(found) = texts.iter().find_map(written) {
        return Some(found);
    }
    let looked_up = "the issue or pull request of the event";
    if agent.reads_event {
        return Some(Reading { what: looked_up.to_owned(), place: agent.place, events: Vec::new() });
    }
    let leads = |(text, place): &(&str, Place)| {
        let is_lead = expressions(text).iter().any(|(_, inner)| LEADS.iter().any(|lead| inner.contains(lead)));
        is_lead.then(|| Reading { what: format!("{looked_up}, by its number"), place: *place, events: Vec::new() })
    };
    texts.iter().find_map(leads)
}
