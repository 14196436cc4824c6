//! `.claude/settings.json`. Source: Claude Code, "Settings", "Permissions", "Hooks reference".

use super::{grants, hooks, pairs, servers};
use crate::graph::kinds::agents::{AgentFile, Grant, Reach};
use crate::parse::Budget;
use crate::parse::json::Value;
use crate::read::Facts;
use crate::source::Spanned;

/// Settings whose value is a command, and when it runs.
const COMMANDS: &[(&str, &str, bool)] = &[
    ("apiKeyHelper", "to get the key of the model's service", true),
    ("awsAuthRefresh", "to refresh credentials of AWS", true),
    ("awsCredentialExport", "to get credentials of AWS", true),
    ("gcpAuthRefresh", "to refresh credentials of Google Cloud", true),
    ("otelHeadersHelper", "to get headers of telemetry", true),
];

/// Settings whose `command` is a command.
const INNER: &[(&str, &str, bool)] = &[
    ("statusLine", "to draw the status line", true),
    ("subagentStatusLine", "to draw the status line", false),
    ("fileSuggestion", "to suggest files", false),
];

/// Reads the settings.
pub(super) fn settings(root: &Value, agent: &mut AgentFile, budget: &mut Budget, out: &mut Facts) {
    servers::read(root, agent, budget, out);
    hooks::read(root.get("hooks"), agent, budget, out);
    for (key, when, at_start) in COMMANDS {
        if let Some(command) = root.get(key).filter(|c| c.as_str().is_some()) {
            hooks::push(command, (*when).to_owned(), *at_start, agent, budget, out);
        }
    }
    for (key, when, at_start) in INNER {
        if let Some(command) = root.get(key).and_then(|inner| inner.get("command")) {
            hooks::push(command, (*when).to_owned(), *at_start, agent, budget, out);
        }
    }
    agent.env.extend(pairs(root.get("env")));
    grants::permissions(root, agent);
    let mode = root.get("permissions").and_then(|p| p.as_object()?.entry("defaultMode"));
    if let Some(mode) = mode.filter(|m| m.value.as_str() == Some("bypassPermissions")) {
        let text = Spanned::new("bypassPermissions".to_owned(), mode.span());
        agent.grants.push(Grant { text, key: "permissions.defaultMode", reach: Reach::Everything });
    }
    let all = root.as_object().and_then(|o| o.entry("enableAllProjectMcpServers"));
    if let Some(all) = all.filter(|a| a.value.as_bool() == Some(true)) {
        let text = Spanned::new("enableAllProjectMcpServers".to_owned(), all.span());
        agent.grants.push(Grant { text, key: "enableAllProjectMcpServers", reach: Reach::Servers });
    }
}
