//! Models that another party runs, called by names under which it puts newer ones.

use super::group::{self, Group};
use crate::diag::Severity;
use crate::graph::assets::Load;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "moving-model-alias",
    title: "a hosted model is called by an alias that moves",
    many: "{n} hosted models are called by aliases that move",
    severity: Severity::Info,
    since: "0.1",
    docs: include_str!("moving_model_alias.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for group in group::groups(scene, moves) {
        say(report, &group);
    }
}

/// Whether a name is one under which its host puts newer models.
pub(super) fn moves(load: &Load) -> bool {
    let reference = &load.loaded.reference;
    reference.hub.is_hosted() && is_alias(reference.hub.word(), &reference.name)
}

/// Source: the hosts' pages on models, which name dated snapshots beside the aliases.
fn is_alias(host: &str, name: &str) -> bool {
    // `openrouter/openai/gpt-4o`, `azure/gpt-4o`: the last part names the model.
    let name = name.rsplit('/').next().unwrap_or(name);
    let name = name.split(':').next().unwrap_or(name);
    if name.ends_with("-latest") || name == "latest" {
        return true;
    }
    let families: &[&str] = match host {
        // Names of deployments and of what others host are their owners' to choose.
        "azure" => return false,
        "anthropic" => &["claude-"],
        "google" => &["gemini-"],
        "mistral" => &["mistral-", "codestral", "ministral-", "pixtral-", "magistral-", "devstral-"],
        _ => &["gpt-", "chatgpt-", "claude-", "gemini-", "o1", "o3", "o4"],
    };
    families.iter().any(|family| name.starts_with(family)) && !is_dated(name)
}

/// Whether a name carries the day or number of a release: `-2024-08-06`, `-20241022`, `-0613`, `-002`, `-2411`.
fn is_dated(name: &str) -> bool {
    let bare = name.split('@').next().unwrap_or(name);
    if name.len() > bare.len() {
        return true;
    }
    let mut parts = bare.rsplit('-').skip_while(|part| matches!(*part, "preview" | "v1" | "v2" | "exp"));
    parts.next().is_some_and(|last| {
        (last.len() == 2 && bare.matches('-').count() >= 3 || last.len() == 3 || last.len() == 4 || last.len() == 8)
            && last.bytes().all(|b| b.is_ascii_digit())
    })
}

fn say(report: &mut Reporter<'_>, group: &Group<'_>) {
    let reference = &group.main().loaded.reference;
    let (name, host) = (&reference.name, reference.hub.word());
    group::draft(report, group, "an alias", Severity::Info)
        .evidence("its host puts newer models under the name; answers change and nothing in the tree shows it")
        .advise("name the dated snapshot, and change it when its answers have been measured")
        .say(format!("the hosted model `{name}` of {host} is called by an alias that moves"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshots_are_told_from_aliases() {
        for (host, name) in [
            ("openai", "gpt-4o"),
            ("openai", "gpt-4o-mini"),
            ("openai", "gpt-4"),
            ("openai", "o3"),
            ("anthropic", "claude-3-5-sonnet-latest"),
            ("anthropic", "claude-sonnet-4-0"),
            ("google", "gemini-1.5-pro"),
            ("mistral", "mistral-large-latest"),
            ("openrouter", "openai/gpt-4o"),
        ] {
            assert!(is_alias(host, name), "{name}");
        }
        for (host, name) in [
            ("openai", "gpt-4o-2024-08-06"),
            ("openai", "gpt-4-0613"),
            ("openai", "gpt-3.5-turbo-0125"),
            ("anthropic", "claude-3-5-sonnet-20241022"),
            ("google", "gemini-1.5-pro-002"),
            ("mistral", "mistral-large-2411"),
            ("azure", "gpt-4o"),
            ("groq", "llama3-70b-8192"),
            ("openai", "text-embedding-3-small"),
            ("google", "claude-3-5-sonnet@20240620"),
        ] {
            assert!(!is_alias(host, name), "{name}");
        }
    }
}
