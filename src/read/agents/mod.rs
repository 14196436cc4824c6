//! What agents and editors are told by files of the tree: settings, servers of tools, hooks and tasks,
//! devcontainers, instructions. One [`AgentFile`] each; what any of it is worth is not said here.

mod claude;
mod codex;
mod container;
mod editors;
mod grants;
mod hidden;
mod hooks;
mod prose;
mod scripts;
mod servers;
#[cfg(test)]
mod tests;

use super::json_help::document_with_comments;
use super::{Facts, Format, Reader};
use crate::graph::Document;
use crate::graph::kinds::agents::AgentFile;
use crate::parse::json::{Kind, Value};
use crate::parse::{Budget, Problem};
use crate::source::{RepoPath, SourceFile};

pub(super) use scripts::of_words as words;

pub use codex::CodexReader;
pub use container::DevcontainerReader;
pub use prose::InstructionsReader;

/// Reads the settings of agents and editors that are JSON.
#[derive(Debug)]
pub struct SettingsReader;

/// Which program a file of JSON belongs to, and what is read of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A list of servers.
    Servers,
    /// `.claude/settings.json`
    Claude,
    /// `.gemini/settings.json`
    Gemini,
    /// `opencode.json`
    OpenCode,
    /// `hooks.json` of Codex or Cursor.
    Hooks,
    /// `.cursor/cli.json`
    CursorCli,
    /// `.cursor/environment.json`
    CursorEnvironment,
    /// `.cursor/worktrees.json`
    CursorWorktrees,
    /// `.vscode/tasks.json`
    Tasks,
    /// `.vscode/settings.json`
    CodeSettings,
}

/// The program and the form of a file.
fn form(path: &RepoPath) -> Option<(&'static str, Form)> {
    let folder = path.parent();
    let folder = folder.name();
    Some(match (folder, path.name()) {
        (".claude", "settings.json" | "settings.local.json") => ("Claude Code", Form::Claude),
        (".gemini", "settings.json") => ("Gemini CLI", Form::Gemini),
        (_, "opencode.json" | "opencode.jsonc") => ("opencode", Form::OpenCode),
        (".cursor", "hooks.json") => ("Cursor", Form::Hooks),
        (".codex", "hooks.json") => ("Codex", Form::Hooks),
        (".cursor", "cli.json") => ("Cursor", Form::CursorCli),
        (".cursor", "environment.json") => ("Cursor", Form::CursorEnvironment),
        (".cursor", "worktrees.json") => ("Cursor", Form::CursorWorktrees),
        (".vscode", "tasks.json") => ("VS Code", Form::Tasks),
        (".vscode", "settings.json") => ("VS Code", Form::CodeSettings),
        (".cursor", "mcp.json") => ("Cursor", Form::Servers),
        (".vscode", "mcp.json") => ("VS Code", Form::Servers),
        (".roo", "mcp.json") => ("Roo Code", Form::Servers),
        (".amazonq", "mcp.json") => ("Amazon Q", Form::Servers),
        ("settings", "mcp.json") if path.parent().parent().name() == ".kiro" => ("Kiro", Form::Servers),
        (_, ".mcp.json") => ("Claude Code", Form::Servers),
        (_, "claude_desktop_config.json") => ("Claude Desktop", Form::Servers),
        (_, "cline_mcp_settings.json") => ("Cline", Form::Servers),
        _ => return None,
    })
}

impl Reader for SettingsReader {
    fn id(&self) -> &'static str {
        "agent-settings"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        form(path).is_some()
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`.mcp.json`, `.claude/settings.json`, `.gemini/settings.json`, `opencode.json`, \
                    `.cursor/*.json`, `.vscode/{mcp,tasks,settings}.json` and their kin",
            read: "servers of tools, commands that run by themselves, permissions, addresses and variables",
            not_read: "settings of how things look, plugins and extensions by name",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let Some((program, form)) = form(&file.path) else { return };
        let parsed = document_with_comments(file, budget, out);
        let Some(root) = parsed.root else { return };
        if !matches!(root.kind, Kind::Object(_)) {
            out.unread = Some("its top is no object".to_owned());
            return;
        }
        let mut agent = AgentFile { file: file.id, program, ..AgentFile::default() };
        read_form(form, &root, &mut agent, budget, out);
        out.documents.push(Document::Agent(agent));
    }
}

fn read_form(form: Form, root: &Value, agent: &mut AgentFile, budget: &mut Budget, out: &mut Facts) {
    match form {
        Form::Servers => servers::read(root, agent, budget, out),
        Form::Claude => claude::settings(root, agent, budget, out),
        Form::Gemini => {
            servers::read(root, agent, budget, out);
            hooks::read(root.get("hooks"), agent, budget, out);
            grants::gemini(root, agent);
        }
        Form::OpenCode => {
            servers::open_code(root, agent, budget, out);
            grants::open_code(root, agent);
        }
        Form::Hooks => hooks::read(root.get("hooks"), agent, budget, out),
        Form::CursorCli => grants::permissions(root, agent),
        Form::CursorEnvironment => editors::cursor_environment(root, agent, budget, out),
        Form::CursorWorktrees => editors::cursor_worktrees(root, agent, budget, out),
        Form::Tasks => editors::tasks(root, agent, budget, out),
        Form::CodeSettings => editors::settings(root, agent, budget, out),
    }
}

/// Names and values of an object of texts; what is no text counts as a problem only where it can be none of
/// the kinds that programs take.
fn pairs(value: Option<&Value>) -> Vec<crate::graph::kinds::workflow::Pair> {
    let entries = value.map_or(&[][..], Value::entries);
    entries.iter().filter_map(|entry| Some((entry.key.clone(), super::json_help::text(Some(&entry.value))?))).collect()
}

/// Says that something should be an object, where it is there and is none.
fn object_or_problem(value: Option<&Value>, what: &str, out: &mut Facts) {
    if let Some(value) = value.filter(|v| !matches!(v.kind, Kind::Object(_) | Kind::Null | Kind::Unreadable)) {
        out.problems.push(Problem::new(value.span, format!("`{what}` should be an object")));
    }
}
