//! `.codex/config.toml`. Source: Codex, "Configuration reference".

use super::{scripts, servers};
use crate::graph::Document;
use crate::graph::kinds::agents::{AgentFile, AutoCommand, Grant, Reach};
use crate::graph::kinds::workflow::Pair;
use crate::parse::Budget;
use crate::parse::toml::{Table, Value};
use crate::read::toml_help::{document, table, text};
use crate::read::{Facts, Format, Reader};
use crate::source::{Embedded, RepoPath, SourceFile, Span, Spanned};

/// Reads the settings of Codex.
#[derive(Debug)]
pub struct CodexReader;

impl Reader for CodexReader {
    fn id(&self) -> &'static str {
        "codex-settings"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "config.toml" && path.parent().name() == ".codex"
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`.codex/config.toml`",
            read: "servers of tools, approval and sandbox, addresses of models, notifications",
            not_read: "profiles, features",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let parsed = document(file, budget, out);
        let root = &parsed.root;
        let mut agent = AgentFile { file: file.id, program: "Codex", ..AgentFile::default() };
        for (name, server) in entries(table(root, &["mcp_servers"])) {
            let Some(server) = server.as_table() else { continue };
            if server.get("enabled").and_then(Value::as_bool) == Some(false) {
                continue;
            }
            let args = server.get("args").and_then(Value::as_array).unwrap_or_default();
            let words: Vec<(&Embedded, Span)> =
                server.get("command").into_iter().chain(args).filter_map(|w| Some((w.as_text()?, w.span))).collect();
            let settings = ["env", "http_headers"].iter().flat_map(|key| pairs(table(server, &[key]))).collect();
            let url = text(server.get("url"));
            let span = name.span;
            agent.servers.push(servers::of_parts(name, span, &words, url, settings, budget, out));
        }
        grants(root, &mut agent);
        for key in ["openai_base_url", "chatgpt_base_url"] {
            agent.env.extend(pairs(Some(root)).into_iter().filter(|(name, _)| name.value == key));
        }
        for (name, provider) in entries(table(root, &["model_providers"])) {
            let inner = pairs(provider.as_table()).into_iter().filter(|(key, _)| key.value == "base_url");
            agent
                .env
                .extend(inner.map(|(key, value)| (key.map(|k| format!("model_providers.{}.{k}", name.value)), value)));
        }
        agent.env.extend(pairs(table(root, &["shell_environment_policy", "set"])));
        if let Some(notify) = root.get("notify") {
            let words = notify.as_array().unwrap_or_default().iter().filter_map(|w| Some((w.as_text()?, w.span)));
            let script = scripts::of_text(scripts::of_words(words), notify.span, budget, out);
            agent.commands.extend(script.map(|script| AutoCommand {
                when: "after each turn".to_owned(),
                script,
                on_host: true,
                at_start: false,
                unseen: false,
            }));
        }
        out.documents.push(Document::Agent(agent));
    }
}

fn grants(root: &Table, agent: &mut AgentFile) {
    let is = |key: &str, wanted: &str| root.get(key).filter(|v| v.as_str() == Some(wanted));
    // Either alone still asks, or still holds what runs in the folder.
    if let (Some(_), Some(sandbox)) = (is("approval_policy", "never"), is("sandbox_mode", "danger-full-access")) {
        let text = Spanned::new("danger-full-access".to_owned(), sandbox.span);
        agent.grants.push(Grant { text, key: "sandbox_mode", reach: Reach::Everything });
    }
}

fn entries(table: Option<&Table>) -> impl Iterator<Item = (Spanned<String>, &Value)> {
    table.into_iter().flat_map(Table::entries).map(|entry| (entry.key.clone(), &entry.value))
}

fn pairs(table: Option<&Table>) -> Vec<Pair> {
    entries(table).filter_map(|(key, value)| Some((key, text(Some(value))?))).collect()
}
