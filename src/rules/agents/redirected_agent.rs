//! Settings of the tree that lead an agent to another service than its own.

use super::{address, files};
use crate::diag::{Confidence, Severity};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "redirected-agent",
    title: "settings lead an agent to another service",
    many: "{n} settings lead agents to other services",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("redirected_agent.md"),
    check,
};

/// Names, in lower case, of what says which address an agent or editor talks to. Source: the settings of Claude Code,
/// Codex, Gemini CLI, VS Code.
const NAMES: &[&str] = &[
    "all_proxy",
    "anthropic_base_url",
    "anthropic_bedrock_base_url",
    "anthropic_vertex_base_url",
    "chatgpt_base_url",
    "debug.overridecapiurl",
    "debug.overrideproxyurl",
    "google_gemini_base_url",
    "gemini_base_url",
    "http.proxy",
    "http_proxy",
    "https_proxy",
    "openai_api_base",
    "openai_base_url",
];

/// Hosts of the services themselves, with the hosts below them.
const OWN: &[&str] = &[
    "amazonaws.com",
    "anthropic.com",
    "azure.com",
    "chatgpt.com",
    "githubcopilot.com",
    "googleapis.com",
    "openai.com",
];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for agent in files(scene) {
        for (name, value) in &agent.env {
            let lower = name.value.to_ascii_lowercase();
            let is_provider = lower.starts_with("model_providers.") || lower.starts_with("provider.");
            if !(NAMES.contains(&lower.as_str()) || is_provider) || address::is_near(&value.value) {
                continue;
            }
            let Some(host) = address::host(&value.value) else { continue };
            if OWN.iter().any(|own| host == *own || host.strip_suffix(own).is_some_and(|rest| rest.ends_with('.'))) {
                continue;
            }
            let plain = address::is_plain(&value.value);
            // Another service beside the usual ones has a key of its own. So has what a container is for.
            let beside = is_provider || agent.container.is_some();
            let severity = match (plain, beside) {
                (true, false) => Severity::High,
                (true, true) | (false, false) => Severity::Medium,
                (false, true) => Severity::Low,
            };
            let unsafe_way = if plain { ", unencrypted" } else { "" };
            report
                .at(Place::new(agent.file, value.span), "where the agent's requests go")
                .severity(severity)
                .confidence(Confidence::High)
                .about("address", host, None)
                .content(value.value.clone())
                .evidence(format!("`{}` of {}", name.value, scene.sources.path(agent.file)))
                .advise("keep the address in settings of the person or the machine, where a change of the tree cannot move it")
                .say(format!(
                    "`{}` sends what {} is told, and the key it uses, to {host}{unsafe_way}",
                    name.value, agent.program
                ));
        }
    }
}
