//! An agent that is told to ask nobody, wherever it is started.

use super::agent::{self, Agent};
use super::agent_reads_strangers::{exposure, gains};
use super::reach::{self, Run};
use crate::diag::{Confidence, Severity};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "unrestrained-agent",
    title: "an agent without limits",
    many: "{n} agents run without limits",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unrestrained_agent.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let calls = reach::calls(scene);
    for run in reach::all_runs(scene) {
        let agents = agent::agents(run);
        if agents.is_empty() {
            continue;
        }
        let causes = run.holder.as_ref().map(|h| reach::causes(calls, h.workflow, h.job)).unwrap_or_default();
        let causes: Vec<_> = causes.into_iter().filter(|c| reach::is_stranger_event(&c.event)).collect();
        let told = |agent: &Agent<'_>| exposure(scene, run, agent, &causes).is_some();
        // One finding for a list of steps: the flag is one decision.
        let loose: Vec<&Agent<'_>> = agents.iter().filter(|a| !a.unlimited_by.is_empty() && !told(a)).collect();
        say(report, scene, run, &loose);
    }
}

fn say(report: &mut Reporter<'_>, scene: &Scene<'_>, run: &Run<'_>, loose: &[&Agent<'_>]) {
    let Some((first, (what, place))) = loose.first().and_then(|a| Some((a, a.unlimited_by.first()?))) else { return };
    let weighty = run.holder.as_ref().is_some_and(|h| gains(&h.privilege));
    let places: Vec<Place> = loose.iter().filter_map(|a| a.unlimited_by.first()).map(|(_, place)| *place).collect();
    let (severity, confidence) =
        if weighty { (Severity::Medium, Confidence::Medium) } else { (Severity::Low, Confidence::Medium) };
    let draft = report
        .at(*place, "takes its limits away")
        .severity(severity)
        .confidence(confidence)
        .about("agent", first.name.clone(), None)
        .content(format!("{} {what}", first.name))
        .also(places)
        .evidence("whatever it reads may tell it what to do: files, pages, issues, logs")
        .advise(
            "name the tools it needs in place of all of them, and keep secrets and rights to write in a job without an \
             agent",
        );
    run.route(scene, draft).say(format!("{} runs with `{what}`{}", first.name, run.held()));
}
