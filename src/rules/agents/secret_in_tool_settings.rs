//! A secret that stands in settings of an agent.

use super::{files, literal};
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::agents::AgentFile;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Span};

pub(super) static RULE: Rule = Rule {
    id: "secret-in-tool-settings",
    title: "a secret stands in settings of an agent",
    many: "{n} secrets stand in settings of agents",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("secret_in_tool_settings.md"),
    check,
};

/// One secret: where, under which name, and whether its form says what it is.
struct Found {
    span: Span,
    name: String,
    is_token: bool,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for agent in files(scene) {
        for found in found(agent) {
            let severity = if found.is_token { Severity::High } else { Severity::Medium };
            report
                .at(Place::new(agent.file, found.span), "a value that should come from outside of the tree")
                .severity(severity)
                .confidence(if found.is_token { Confidence::High } else { Confidence::Medium })
                .about("secret", found.name.clone(), None)
                // Its value is kept out of everything that is written.
                .content(found.name.clone())
                .evidence(if found.is_token { "it has the form of a known token" } else { "its name, and its value is drawn by lot" })
                .advise("withdraw the secret, since it stands in the history of the repository; then name a variable in its place, such as ${NAME}")
                .say(format!("a secret stands in {} under `{}`", scene.sources.path(agent.file), found.name));
        }
    }
}

fn found(agent: &AgentFile) -> Vec<Found> {
    let mut out = Vec::new();
    let servers = agent.servers.iter().flat_map(|server| &server.settings);
    for (name, value) in servers.chain(&agent.env) {
        let is_token = literal::is_token(&value.value);
        if is_token || (literal::is_secret_name(&name.value) && literal::is_secret_value(&value.value)) {
            out.push(Found { span: value.span, name: name.value.clone(), is_token });
        }
    }
    for server in &agent.servers {
        let mut before = "";
        for word in server.words.iter().chain(&server.url) {
            // `--token=..`, and `--token` with its value behind it.
            let (name, value) = word.value.split_once('=').unwrap_or((before, &word.value));
            before = &word.value;
            let is_token = literal::is_token(&word.value);
            let named = name.starts_with("--") && literal::is_secret_name(name.trim_start_matches('-'));
            if is_token || (named && literal::is_secret_value(value)) {
                let name = if named { name } else { "an argument" };
                out.push(Found { span: word.span, name: name.to_owned(), is_token });
            }
        }
    }
    out
}
