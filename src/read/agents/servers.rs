//! Servers of the Model Context Protocol, as the programs that start them write them down.

use super::{grants, object_or_problem, pairs, scripts};
use crate::graph::kinds::agents::{AgentFile, Grant, Reach, ToolServer};
use crate::parse::Budget;
use crate::parse::json::{Entry, Value};
use crate::read::Facts;
use crate::read::json_help::text;
use crate::source::{Embedded, Span, Spanned};

/// Keys under which programs keep their servers.
const LISTS: &[&str] = &["mcpServers", "servers"];

/// Keys of an address. Source: the documentation of Claude Code, VS Code, Gemini CLI (`httpUrl`), Windsurf
/// (`serverUrl`).
const ADDRESSES: &[&str] = &["url", "httpUrl", "serverUrl"];

/// Reads `mcpServers` or `servers`; a plugin's file may be the list itself.
pub(super) fn read(root: &Value, agent: &mut AgentFile, budget: &mut Budget, out: &mut Facts) {
    let mut found = false;
    for key in LISTS {
        let Some(list) = root.get(key) else { continue };
        found = true;
        object_or_problem(Some(list), key, out);
        for entry in list.entries() {
            server(entry, agent, budget, out);
        }
    }
    if found {
        return;
    }
    let is_server = |entry: &&Entry| {
        entry.value.get("command").is_some() || ADDRESSES.iter().any(|key| entry.value.get(key).is_some())
    };
    for entry in root.entries().iter().filter(is_server) {
        server(entry, agent, budget, out);
    }
}

/// Reads `mcp` of opencode.
pub(super) fn open_code(root: &Value, agent: &mut AgentFile, budget: &mut Budget, out: &mut Facts) {
    object_or_problem(root.get("mcp"), "mcp", out);
    for entry in root.get("mcp").map_or(&[][..], Value::entries) {
        server(entry, agent, budget, out);
    }
}

/// One server.
pub(super) fn server(entry: &Entry, agent: &mut AgentFile, budget: &mut Budget, out: &mut Facts) {
    let value = &entry.value;
    object_or_problem(Some(value), &entry.key.value, out);
    let is = |key: &str, wanted: bool| value.get(key).and_then(Value::as_bool) == Some(wanted);
    if is("disabled", true) || is("enabled", false) {
        return;
    }
    let command = value.get("command");
    // opencode writes the program and its arguments as one list.
    let first = command.into_iter().filter(|c| c.as_text().is_some());
    let words: Vec<(&Embedded, Span)> = first
        .chain(command.map_or(&[][..], Value::items))
        .chain(value.get("args").map_or(&[][..], Value::items))
        .filter_map(|word| Some((word.as_text()?, word.span)))
        .collect();
    let mut settings = Vec::new();
    for key in ["env", "environment", "headers"] {
        settings.extend(pairs(value.get(key)));
    }
    settings.extend(pairs(value.get("requestInit").and_then(|init| init.get("headers"))));
    for key in ["autoApprove", "alwaysAllow"] {
        grants::tools(value.get(key), key_of(key), agent);
    }
    if is("trust", true)
        && let Some(object) = value.as_object().and_then(|o| o.entry("trust"))
    {
        let text = Spanned::new("trust".to_owned(), object.span());
        agent.grants.push(Grant { text, key: "trust", reach: Reach::Servers });
    }
    agent.servers.push(of_parts(
        entry.key.clone(),
        entry.span(),
        &words,
        ADDRESSES.iter().find_map(|key| text(value.get(key))),
        settings,
        budget,
        out,
    ));
}

fn key_of(key: &str) -> &'static str {
    if key == "autoApprove" { "autoApprove" } else { "alwaysAllow" }
}

/// A server of its parts, however they were written.
pub(super) fn of_parts(
    name: Spanned<String>,
    span: Span,
    words: &[(&Embedded, Span)],
    url: Option<Spanned<String>>,
    settings: Vec<crate::graph::kinds::workflow::Pair>,
    budget: &mut Budget,
    out: &mut Facts,
) -> ToolServer {
    let script = match words.first() {
        Some((_, start)) => {
            let all = words.iter().fold(*start, |all, (_, word)| all.to(*word));
            scripts::of_text(scripts::of_words(words.iter().copied()), all, budget, out)
        }
        None => None,
    };
    let words = words.iter().map(|(word, span)| Spanned::new(word.text.clone(), *span)).collect();
    ToolServer { name, span, words, script, url, settings }
}
