//! A permission by which an agent may run anything without a question.

use std::collections::BTreeMap;

use super::files;
use crate::diag::Severity;
use crate::graph::kinds::agents::{AgentFile, Grant, Reach};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "broad-agent-grant",
    title: "an agent may run anything without a question",
    many: "{n} files let agents run anything without a question",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("broad_agent_grant.md"),
    check,
};

/// Options by which agents are started without any question. Source: the command lines of Claude Code, Codex,
/// Gemini CLI, Amazon Q.
const SWITCHES: &[&str] =
    &["--dangerously-skip-permissions", "--dangerously-bypass-approvals-and-sandbox", "--yolo", "--trust-all-tools"];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    // Files that grant the same are one decision.
    let mut same: BTreeMap<(&str, bool, Vec<&str>), Vec<Broad<'_>>> = BTreeMap::new();
    for agent in files(scene) {
        let broad: Vec<&Grant> = agent.grants.iter().filter(|g| g.reach > Reach::Narrow).collect();
        let texts = broad.iter().map(|g| g.text.value.as_str()).collect();
        if !broad.is_empty() {
            same.entry((agent.program, agent.instructions.is_some(), texts)).or_default().push((agent, broad));
        }
        started(report, agent);
    }
    for found in same.values() {
        say(report, found);
    }
}

/// A file and what it grants that is broad.
type Broad<'a> = (&'a AgentFile, Vec<&'a Grant>);

fn say(report: &mut Reporter<'_>, found: &[Broad<'_>]) {
    let Some((agent, broad)) = found.first() else { return };
    let widest = broad.iter().copied().reduce(|best, next| if next.reach > best.reach { next } else { best });
    let Some(first) = widest else { return };
    let places = found.iter().flat_map(|(agent, broad)| broad.iter().map(|g| Place::new(agent.file, g.text.span)));
    let has = |reach| broad.iter().any(|g| g.reach == reach);
    let both = has(Reach::Network) && has(Reach::Interpreter);
    // What a command or skill asks for holds while it is used, and somebody calls it.
    let is_asked_for = agent.instructions.is_some();
    let everything = first.reach == Reach::Everything && !is_asked_for;
    let severity = if everything || (both && !is_asked_for) { Severity::Medium } else { Severity::Low };
    let text = &first.text.value;
    let what = match first.reach {
        Reach::Everything => format!("`{text}` lets {} run any command without a question", agent.program),
        Reach::Interpreter if both => {
            format!("{} may fetch from anywhere and run anything by `{text}`, without a question", agent.program)
        }
        Reach::Interpreter => format!("`{text}` lets {} run any code without a question", agent.program),
        Reach::Network => format!("`{text}` lets {} fetch from and send to anywhere without a question", agent.program),
        Reach::Servers | Reach::Narrow => {
            format!("`{text}` has {} use servers of tools without a question", agent.program)
        }
    };
    report
        .at(Place::new(agent.file, first.text.span), format!("granted by `{}`", first.key))
        .severity(severity)
        .also(places)
        .about("permission", text.clone(), None)
        .each(broad.iter().map(|g| g.text.value.as_str()))
        .evidence(format!("`{}`; text that the agent reads can make it use what it was granted", first.key))
        .advise("grant the commands that are needed, each with its fixed beginning, such as `Bash(npm run test:*)`; keep wider grants in your own settings outside of the tree")
        .say(what);
}

/// Agents that commands of the tree start without any question.
fn started(report: &mut Reporter<'_>, agent: &AgentFile) {
    let scripts =
        agent.commands.iter().map(|c| &c.script).chain(agent.servers.iter().filter_map(|s| s.script.as_ref()));
    for script in scripts {
        let words = script.text.text.split_whitespace();
        let Some(switch) = words.into_iter().find_map(|word| SWITCHES.iter().find(|s| **s == word)) else { continue };
        report
            .at(Place::new(agent.file, script.span), format!("starts an agent with {switch}"))
            .about("permission", *switch, None)
            .content(*switch)
            .evidence("the command starts an agent that asks nobody")
            .advise("leave the switch out, and grant the commands that are needed by name")
            .say(format!("{} starts an agent with `{switch}`: it asks before nothing", agent.program));
    }
}
