//! A server of tools on another machine.

use super::{address, files};
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::agents::ToolServer;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "remote-tool-server",
    title: "server of tools on another machine",
    many: "{n} servers of tools are on other machines",
    severity: Severity::Info,
    since: "0.1",
    docs: include_str!("remote_tool_server.md"),
    check,
};

/// Programs that call a server for an agent that starts it.
const BRIDGES: &[&str] = &["mcp-remote", "mcp-proxy", "supergateway"];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for agent in files(scene) {
        for server in &agent.servers {
            let Some(url) = address_of(server) else { continue };
            if address::is_near(&url.value) {
                continue;
            }
            let Some(host) = address::host(&url.value) else { continue };
            let plain = address::is_plain(&url.value);
            let draft = report
                .at(Place::new(agent.file, url.span), "the server's address")
                .severity(if plain { Severity::Medium } else { Severity::Info })
                .confidence(Confidence::High)
                .content(url.value.clone())
                .evidence("what its tools do and say is decided there, at each call");
            let key = format!("tool-server:{}:{}", scene.sources.path(agent.file), server.name.value);
            let draft = match scene.graph.find(&key) {
                Some(node) => draft.on(node),
                None => draft.about("tool-server", server.name.value.clone(), None),
            };
            if plain {
                draft
                    .advise("use the https address of the server")
                    .say(format!("the tools of `{}` come from {host}, unencrypted", server.name.value));
            } else {
                draft
                    .advise("know who runs it, and give it no more than it needs")
                    .say(format!("the tools of `{}` come from {host}", server.name.value));
            }
        }
    }
}

/// The address of a server that is called, by the agent or by a program that it starts.
fn address_of(server: &ToolServer) -> Option<&Spanned<String>> {
    if server.url.is_some() {
        return server.url.as_ref();
    }
    let is_bridge = |word: &Spanned<String>| {
        let name = word.value.rsplit('/').next().unwrap_or_default();
        BRIDGES.contains(&name.split('@').next().unwrap_or_default())
    };
    let at = server.words.iter().position(is_bridge)?;
    server.words.get(at..)?.iter().find(|word| word.value.contains("://"))
}
