//! Files that tell agents and editors what to start and what they may do. Sources: the documentation of the
//! Model Context Protocol, Claude Code, Cursor, VS Code, Gemini CLI, Codex, devcontainers (containers.dev).

use super::workflow::Script;
use crate::source::{FileId, Span, Spanned};

/// A settings, instruction or task file of an agent or editor.
#[derive(Debug, Default)]
pub struct AgentFile {
    /// The file.
    pub file: FileId,
    /// Which program reads it: `Claude Code`, `Cursor`, `VS Code`, `devcontainer`, `MCP`.
    pub program: &'static str,
    /// Servers of the Model Context Protocol that it starts or calls.
    pub servers: Vec<ToolServer>,
    /// Commands that run by themselves.
    pub commands: Vec<AutoCommand>,
    /// What it permits.
    pub grants: Vec<Grant>,
    /// The instructions, for a file of prose; none for settings.
    pub instructions: Option<Span>,
    /// Addresses that instructions tell to fetch and follow or run.
    pub fetches: Vec<Spanned<String>>,
}

/// A server of the Model Context Protocol.
#[derive(Debug, Default)]
pub struct ToolServer {
    /// Its name.
    pub name: Spanned<String>,
    /// The whole entry.
    pub span: Span,
    /// `command` and `args`: each word.
    pub words: Vec<Spanned<String>>,
    /// The same as a script, where there is a command.
    pub script: Option<Script>,
    /// `url`.
    pub url: Option<Spanned<String>>,
    /// `env` and `headers`.
    pub settings: Vec<(Spanned<String>, Spanned<String>)>,
}

/// A command that a program runs without being asked.
#[derive(Debug)]
pub struct AutoCommand {
    /// When: `on opening the folder`, `after each edit`, `on creating the container`.
    pub when: &'static str,
    /// The command.
    pub script: Script,
    /// Whether the program asks the person before the first run of a folder.
    pub asks_trust: bool,
}

/// A permission that a file hands out.
#[derive(Debug, Clone)]
pub struct Grant {
    /// What is granted, as written.
    pub text: Spanned<String>,
    /// Which key grants it.
    pub key: &'static str,
}
