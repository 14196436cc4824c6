//! An agent that a stranger can start, that reads what the stranger wrote, and that holds something.

use super::agent::{self, Agent, Reading, Tools};
use super::reach::{self, Cause, Holder, Run};
use crate::diag::{Confidence, Impact, Severity};
use crate::graph::ci::Privilege;
use crate::graph::ci::condition::{Passage, passage};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "agent-reads-strangers",
    title: "an agent takes its orders from strangers' text",
    many: "{n} agents take their orders from strangers' text",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("agent_reads_strangers.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let calls = reach::calls(scene);
    for run in reach::runs(scene) {
        let Some(holder) = &run.holder else { continue };
        let agents = agent::agents(run);
        if agents.is_empty() {
            continue;
        }
        let causes: Vec<Cause> = reach::causes(calls, holder.workflow, holder.job)
            .into_iter()
            .filter(|c| reach::is_stranger_event(&c.event))
            .collect();
        for agent in &agents {
            let Some((cause, reading)) = exposure(scene, run, agent, &causes) else { continue };
            say(report, run, holder, agent, cause, &reading);
        }
    }
}

/// The first event by which a stranger starts the agent and hands it text, with nobody asked in between.
pub(super) fn exposure<'a, 'c>(
    scene: &Scene<'a>,
    run: &Run<'a>,
    agent: &Agent<'a>,
    causes: &'c [Cause],
) -> Option<(&'c Cause, Reading)> {
    let step = agent.step.filter(|_| agent.is_open())?;
    let condition = step.condition.as_ref().map_or("", |c| c.value.as_str());
    // An earlier step that looks up what the person may do stops the job for others.
    let asked = run.action.is_none() && reach::checks_permission(run.steps, step.index);
    let open = |cause: &&Cause| {
        // A run that another one caused has its title and branch, not its own text.
        !asked && reach::narrower(cause.passage, passage(condition, &cause.event)) == Passage::Open
    };
    let reading = agent::reads(scene, run, agent)?;
    let carries = |cause: &&Cause| reading.events.is_empty() || reading.events.contains(&cause.event.as_str());
    let cause = causes.iter().filter(open).find(carries)?;
    Some((cause, reading))
}

/// Whether a secret is no more than the key that pays for the model.
fn is_model_key(name: &str) -> bool {
    const MAKERS: &[&str] = &[
        "ANTHROPIC",
        "CLAUDE",
        "OPENAI",
        "GEMINI",
        "GOOGLE_API_KEY",
        "CODEX",
        "OPENROUTER",
        "DEEPSEEK",
        "MISTRAL",
        "GROQ",
        "QWEN",
        "DASHSCOPE",
        "XAI",
        "CURSOR_API_KEY",
        "LLM_API_KEY",
        "MODEL_API_KEY",
    ];
    let name = name.to_ascii_uppercase();
    MAKERS.iter().any(|maker| name.contains(maker))
}

/// What there is to gain beside the key of the model: weighty scopes, secrets, deeds.
pub(super) fn gains(privilege: &Privilege) -> bool {
    privilege.has_weighty_scope()
        || privilege.secrets.iter().any(|s| !is_model_key(&s.value))
        || !privilege.publishes.is_empty()
        || privilege.pushes_commits.is_some()
        || privilege.pushes_image.is_some()
}

fn say(
    report: &mut Reporter<'_>,
    run: &Run<'_>,
    holder: &Holder<'_>,
    agent: &Agent<'_>,
    cause: &Cause,
    reading: &Reading,
) {
    let Holder { workflow, job, privilege, .. } = holder;
    let gains = gains(privilege);
    let by_bots = agent.opened_by.as_ref().is_some_and(|(input, _)| input.contains("bots"));
    let (severity, confidence, impact) = match (&agent.tools, gains) {
        // Who has no app of their own has to make one first.
        (Tools::Shell(_), true) if by_bots => (Severity::High, Confidence::Medium, Some(Impact::StrangerExecutes)),
        (Tools::Shell(_), true) => (Severity::Critical, Confidence::High, Some(Impact::StrangerExecutes)),
        (Tools::Shell(_), false) => (Severity::High, Confidence::Medium, Some(Impact::StrangerExecutes)),
        (Tools::Some(_), true) => (Severity::High, Confidence::Medium, None),
        (Tools::Some(_), false) => (Severity::Low, Confidence::Medium, None),
        (Tools::None, _) => (Severity::Low, Confidence::Low, None),
    };
    let mut draft = report
        .at(agent.place, "starts the agent")
        .severity(severity)
        .confidence(confidence)
        .impact(impact)
        .about("agent", agent.name.clone(), None)
        .content(format!("{} {}", agent.name, reading.what))
        .related(reading.place, format!("gives it {}", reading.what))
        .via(cause.event.clone(), Some(cause.place));
    for (text, at) in &cause.through {
        draft = draft.via(text.clone(), Some(*at));
    }
    draft = draft.via(format!("job {}", job.id.value), Some(Place::new(workflow.file, job.id.span)));
    if let Some(step) = agent.step.filter(|_| run.action.is_some()) {
        draft = draft.via(step.title(), Some(agent.place));
    }
    if privilege.is_weighty() {
        draft = draft.via(privilege.describe(), privilege.shown_at().map(|span| Place::new(workflow.file, span)));
    }
    if let Some((input, at)) = &agent.opened_by {
        let who = if by_bots { "every bot, apps of strangers among them," } else { "everybody" };
        draft = draft.related(*at, format!("`{input}` lets {who} start it"));
    } else {
        draft = draft.evidence(format!("{} asks nobody whether the person may write", agent.name));
    }
    draft = draft.evidence(match &agent.tools {
        Tools::Shell(why) => format!("it may run any command: {why}"),
        Tools::Some(what) => format!("it may use {what}"),
        Tools::None => "it is given no tools that write or run".to_owned(),
    });
    if privilege.token_unknown {
        draft = draft.evidence("no `permissions`: the token has what the repository grants by default");
    }
    let may = match &agent.tools {
        Tools::Shell(_) => " and may run any command",
        Tools::Some(_) => " and may use tools",
        Tools::None => "",
    };
    let held = if gains { format!(", in a job that {}", privilege.clause()) } else { String::new() };
    draft
        .advise(
            "start it only for people who may write (the action's own check, or a condition on `author_association`), \
             or let it read only: no shell, `permissions` of a reader, and a second job without an agent that checks \
             its answer and acts on it",
        )
        .say(format!("{} reads {}, which anybody writes under {}{may}{held}", agent.name, reading.what, cause.event));
}
