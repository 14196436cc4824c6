//! Files of editors: tasks and settings of VS Code, environments and worktrees of Cursor. Sources: VS Code,
//! "Tasks", "Use tools in chat"; Cursor, "Cloud agents", "Worktrees".

use super::{grants, hooks, pairs, scripts, servers};
use crate::graph::kinds::agents::{AgentFile, AutoCommand, Grant, Reach};
use crate::parse::Budget;
use crate::parse::json::{Entry, Value};
use crate::read::Facts;
use crate::read::json_help::text;
use crate::source::{Embedded, RepoPath, Span, Spanned};

/// Keys of a task that hold another command for a system.
const SYSTEMS: &[&str] = &["linux", "osx", "windows"];

/// Reads tasks that start when the folder is opened.
pub(super) fn tasks(root: &Value, agent: &mut AgentFile, budget: &mut Budget, out: &mut Facts) {
    let all = root.get("tasks").map_or(&[][..], Value::items);
    for task in all {
        let on = task.get("runOptions").and_then(|o| o.get("runOn")).and_then(Value::as_str);
        if on != Some("folderOpen") {
            continue;
        }
        let reveal = task.get("presentation").and_then(|p| p.get("reveal")).and_then(Value::as_str);
        let hidden = task.get("hide").and_then(Value::as_bool) == Some(true);
        let unseen = matches!(reveal, Some("never" | "silent")) || hidden;
        // The command may stand for all systems or for one.
        let own = std::iter::once(task).chain(SYSTEMS.iter().filter_map(|system| task.get(system)));
        for part in own {
            let Some(script) = task_script(part, budget, out) else { continue };
            let when = "when the folder is opened".to_owned();
            agent.commands.push(AutoCommand { when, script, on_host: true, at_start: true, unseen });
        }
    }
}

fn task_script(task: &Value, budget: &mut Budget, out: &mut Facts) -> Option<crate::graph::kinds::workflow::Script> {
    let command = task.get("command")?;
    let command = command.get("value").unwrap_or(command);
    let mut text = command.as_text()?.clone();
    let mut span = command.span;
    let args = task.get("args").map_or(&[][..], Value::items).iter();
    let words: Vec<(&Embedded, Span)> = args
        .filter_map(|arg| {
            let arg = arg.get("value").unwrap_or(arg);
            Some((arg.as_text()?, arg.span))
        })
        .collect();
    if let Some((_, first)) = words.first() {
        text.push_replaced(" ", Span { start: first.start, end: first.start });
        text.append(&scripts::of_words(words.iter().copied()));
        span = words.iter().fold(span, |all, (_, word)| all.to(*word));
    }
    scripts::of_text(text, span, budget, out)
}

/// Settings that hand an agent of the editor everything.
const APPROVES_ALL: &[&str] = &["chat.tools.autoApprove", "chat.tools.global.autoApprove"];

/// Reads the few settings of a folder that start something, permit something or lead somewhere else.
pub(super) fn settings(root: &Value, agent: &mut AgentFile, budget: &mut Budget, out: &mut Facts) {
    for key in APPROVES_ALL {
        if let Some(entry) = entry(root, key).filter(|e| e.value.as_bool() == Some(true)) {
            let text = Spanned::new((*key).to_owned(), entry.span());
            agent.grants.push(Grant { text, key: "chat.tools.autoApprove", reach: Reach::Everything });
        }
    }
    let key = "chat.tools.terminal.autoApprove";
    for rule in root.get(key).map_or(&[][..], Value::entries) {
        let allows =
            rule.value.as_bool() == Some(true) || rule.value.get("approve").and_then(Value::as_bool) == Some(true);
        if !allows {
            continue;
        }
        // A rule is the beginning of a command, or `/a regular expression/`.
        let reach = match rule.key.value.strip_prefix('/') {
            Some(pattern) if matches!(pattern.trim_end_matches(['/', 'i', 's']), ".*" | "^.*$" | ".+" | "^.*") => {
                Reach::Everything
            }
            Some(_) => Reach::Narrow,
            None => grants::of_command(&rule.key.value, true),
        };
        agent.grants.push(Grant { text: rule.key.clone(), key, reach });
    }
    if let Some(mcp) = root.get("mcp") {
        servers::read(mcp, agent, budget, out);
    }
    for system in ["linux", "osx", "windows"] {
        agent.env.extend(pairs(root.get(&format!("terminal.integrated.env.{system}"))));
    }
    for key in ["http.proxy", "github.copilot.advanced"] {
        let Some(found) = entry(root, key) else { continue };
        if let Some(value) = text(Some(&found.value)) {
            agent.env.push((found.key.clone(), value));
        }
        agent.env.extend(pairs(Some(&found.value)));
    }
}

fn entry<'v>(root: &'v Value, key: &str) -> Option<&'v Entry> {
    root.as_object()?.entry(key)
}

/// Reads what a machine of Cursor's cloud runs.
pub(super) fn cursor_environment(root: &Value, agent: &mut AgentFile, budget: &mut Budget, out: &mut Facts) {
    let terminals = root.get("terminals").map_or(&[][..], Value::items).iter().filter_map(|t| t.get("command"));
    let own = [root.get("install"), root.get("start")].into_iter().flatten();
    for command in own.chain(terminals) {
        let Some(script) = command.as_text().and_then(|t| scripts::of_text(t.clone(), command.span, budget, out))
        else {
            continue;
        };
        let when = "when the cloud machine is set up".to_owned();
        agent.commands.push(AutoCommand { when, script, on_host: false, at_start: true, unseen: false });
    }
    let file = root.get("build").and_then(|b| b.get("dockerfile")).and_then(Value::as_str);
    if let Some(path) = file.and_then(|f| RepoPath::new(".cursor")?.join(f)) {
        crate::read::mentions::of_dockerfile(path.as_str(), &mut out.mentions);
    }
}

/// Reads what runs in a new worktree.
pub(super) fn cursor_worktrees(root: &Value, agent: &mut AgentFile, budget: &mut Budget, out: &mut Facts) {
    for key in ["setup-worktree", "setup-worktree-unix", "setup-worktree-windows"] {
        let Some(value) = root.get(key) else { continue };
        let own = std::iter::once(value).filter(|v| v.as_str().is_some());
        for command in own.chain(value.items()) {
            hooks::push(command, "in each new worktree".to_owned(), false, agent, budget, out);
        }
    }
}
