//! A command that an editor or agent runs by itself.

use std::collections::BTreeMap;

use super::fetched::{self, Unread};
use super::{address, files};
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::agents::{AgentFile, AutoCommand};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "agent-auto-command",
    title: "a command that an editor or agent runs by itself",
    many: "{n} files have editors or agents run commands by themselves",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("agent_auto_command.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    // Files that have the same program run the same are one decision.
    let mut same: BTreeMap<(&str, Vec<&str>), Vec<Plain<'_>>> = BTreeMap::new();
    for agent in files(scene) {
        let mut plain: Vec<&AutoCommand> = Vec::new();
        for command in &agent.commands {
            if !grave(scene, report, agent, command) && command.on_host && agent.instructions.is_none() {
                plain.push(command);
            }
        }
        let texts = plain.iter().map(|c| c.script.text.text.as_str()).collect();
        if !plain.is_empty() {
            same.entry((agent.program, texts)).or_default().push((agent, plain));
        }
    }
    for found in same.values() {
        say_plain(report, found);
    }
}

/// A file and the commands of the tree's own that it has run.
type Plain<'a> = (&'a AgentFile, Vec<&'a AutoCommand>);

/// Speaks of a command that runs what does not stand in the tree.
fn grave(scene: &Scene<'_>, report: &mut Reporter<'_>, agent: &AgentFile, command: &AutoCommand) -> bool {
    let own = fetched::unread(scene, &command.script).map(|unread| (agent.file, unread));
    let called = own.is_none();
    let Some((file, unread)) = own.or_else(|| fetched::unread_in_tree(scene, &command.script)) else { return false };
    let severity = if command.on_host { Severity::High } else { Severity::Medium };
    let machine = if command.on_host { "on the developer's machine" } else { "in the container" };
    let (what, content, span, confidence) = match &unread {
        Unread::Served(url, span) => {
            let host = address::host(&url.text).unwrap_or("an address");
            (format!("what {host} serves"), url.text.clone(), *span, Confidence::High)
        }
        Unread::Encoded(span) => {
            let text = command.script.text.text.clone();
            ("an encoded text that nobody reads".to_owned(), text, *span, Confidence::Medium)
        }
    };
    let place = Place::new(file, span);
    let primary = if called { Place::new(agent.file, command.script.span) } else { place };
    let mut draft = report
        .at(primary, command.when.clone())
        .severity(severity)
        .confidence(confidence)
        .about("command", agent.program, None)
        .content(content)
        .evidence(format!("{} runs it {}; nothing is compared with a digest", agent.program, command.when))
        .via(format!("{} {}", agent.program, command.when), Some(Place::new(agent.file, command.script.span)));
    if called {
        draft = draft.via(format!("script {}", scene.sources.path(file)), Some(place));
    }
    if command.unseen {
        draft = draft.evidence("its output is kept from view");
    }
    draft
        .advise("put what is needed into the tree, or fetch one version to a file and compare it with a digest that stands here before it runs")
        .say(format!("{what} is run {machine} {}", command.when));
    true
}

/// Commands of the tree's own: one line for all files that say the same.
fn say_plain(report: &mut Reporter<'_>, found: &[Plain<'_>]) {
    let Some((agent, plain)) = found.first() else { return };
    let places = found.iter().flat_map(|(agent, plain)| plain.iter().map(|c| Place::new(agent.file, c.script.span)));
    let Some(first) = plain.iter().copied().find(|c| is_odd(c)).or_else(|| plain.first().copied()) else { return };
    let more = match plain.len() - 1 {
        0 => String::new(),
        1 => ", and one more command".to_owned(),
        n => format!(", and {n} more commands"),
    };
    let odd = is_odd(first);
    let mut draft = report
        .at(Place::new(agent.file, first.script.span), first.when.clone())
        .severity(if odd { Severity::Medium } else { Severity::Low })
        .confidence(if odd { Confidence::Medium } else { Confidence::High })
        .also(places)
        .about("command", agent.program, None)
        .each(plain.iter().map(|c| c.script.text.text.as_str()));
    if odd {
        draft = draft.evidence("its output is kept from view, and what runs lies among the settings of the editor");
    } else {
        draft =
            draft.evidence(format!("{} may ask before it trusts a folder; what runs is in the tree", agent.program));
    }
    draft
        .advise("review a change of it as code that runs on every developer's machine; name an owner for the file")
        .say(format!(
            "{} runs `{}` on the developer's machine {}{more}",
            agent.program,
            shown(&first.script.text.text),
            first.when
        ));
}

/// Whether a task hides what it does and runs a file from among the settings.
fn is_odd(command: &AutoCommand) -> bool {
    let folders = [".vscode/", ".cursor/", ".git/"];
    command.unseen && command.at_start && folders.iter().any(|folder| command.script.text.text.contains(folder))
}

/// The command in a few words.
fn shown(text: &str) -> String {
    const LENGTH: usize = 60;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ").replace('`', "'");
    match line.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
