//! Hooks: commands that an agent runs at events. Sources: Claude Code, "Hooks reference"; Cursor, "Hooks"; Codex,
//! "Hooks"; Gemini CLI, "Hooks".

use super::{object_or_problem, scripts};
use crate::graph::kinds::agents::{AgentFile, AutoCommand};
use crate::parse::Budget;
use crate::parse::json::Value;
use crate::read::Facts;

/// Events of the start of a session, in lower case.
const STARTS: &[&str] = &["sessionstart", "setup", "beforesubmitprompt", "userpromptsubmit", "instructionsloaded"];

/// Reads `hooks`: events with lists of commands, or of matchers that hold such lists.
pub(super) fn read(hooks: Option<&Value>, agent: &mut AgentFile, budget: &mut Budget, out: &mut Facts) {
    object_or_problem(hooks, "hooks", out);
    for event in hooks.map_or(&[][..], Value::entries) {
        let inner = event.value.items().iter().flat_map(|item| {
            let list = item.get("hooks").map_or(&[][..], Value::items);
            std::iter::once(item).chain(list)
        });
        for hook in inner {
            let Some(command) = hook.get("command") else { continue };
            let when = format!("at its event {}", event.key.value);
            let at_start = STARTS.contains(&event.key.value.to_ascii_lowercase().as_str());
            push(command, when, at_start, agent, budget, out);
        }
    }
}

/// Adds a command that runs on the person's machine.
pub(super) fn push(
    command: &Value,
    when: String,
    at_start: bool,
    agent: &mut AgentFile,
    budget: &mut Budget,
    out: &mut Facts,
) {
    let text = match command.as_text() {
        Some(text) => text.clone(),
        None => scripts::of_words(command.items().iter().filter_map(|w| Some((w.as_text()?, w.span)))),
    };
    if let Some(script) = scripts::of_text(text, command.span, budget, out) {
        agent.commands.push(AutoCommand { when, script, on_host: true, at_start, unseen: false });
    }
}
