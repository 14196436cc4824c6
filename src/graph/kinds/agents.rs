//! Files that tell agents and editors what to start and what they may do. Sources: the documentation of the
//! Model Context Protocol, Claude Code, Cursor, VS Code, Gemini CLI, Codex, devcontainers (containers.dev).

use super::workflow::{Pair, Script};
use crate::source::{FileId, Span, Spanned};

/// A settings, instruction or task file of an agent or editor.
#[derive(Debug, Clone, Default)]
pub struct AgentFile {
    /// The file.
    pub file: FileId,
    /// Which program reads it: `Claude Code`, `Cursor`, `VS Code`, `devcontainer`.
    pub program: &'static str,
    /// Servers of the Model Context Protocol that it starts or calls.
    pub servers: Vec<ToolServer>,
    /// Commands that run by themselves.
    pub commands: Vec<AutoCommand>,
    /// What it permits.
    pub grants: Vec<Grant>,
    /// Variables it sets for the program, and settings that name an address the program talks to.
    pub env: Vec<Pair>,
    /// The instructions, for a file of prose; none for settings.
    pub instructions: Option<Span>,
    /// Addresses that instructions tell to fetch and run or obey.
    pub fetches: Vec<Told>,
    /// Characters in instructions that a person does not see.
    pub hidden: Vec<Hidden>,
    /// What a devcontainer is made of.
    pub container: Option<Container>,
}

/// A server of the Model Context Protocol.
#[derive(Debug, Clone, Default)]
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
    pub settings: Vec<Pair>,
}

/// A command that a program runs without being asked.
#[derive(Debug, Clone)]
pub struct AutoCommand {
    /// When: `when the folder is opened`, `at its event PostToolUse`, `when the container is created`.
    pub when: String,
    /// The command.
    pub script: Script,
    /// Whether it runs on the person's machine and not in a container.
    pub on_host: bool,
    /// Whether it runs at once when the folder is opened or the container made, and not at an event of the work.
    pub at_start: bool,
    /// Whether the file asks for its output to be kept from the person.
    pub unseen: bool,
}

/// A permission that a file hands out.
#[derive(Debug, Clone)]
pub struct Grant {
    /// What is granted, as written.
    pub text: Spanned<String>,
    /// Which key grants it.
    pub key: &'static str,
    /// How far it goes.
    pub reach: Reach,
}

/// How far a permission goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Something that is no more than what it says.
    Narrow,
    /// Servers that the tree itself names are started without a question.
    Servers,
    /// A command that fetches from anywhere.
    Network,
    /// A program that runs whatever it is given.
    Interpreter,
    /// Any command, or anything at all.
    Everything,
}

/// An address that instructions tell a reader to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The address.
    pub url: Spanned<String>,
    /// Whether what it serves is to be run by a shell; else its text is to be followed.
    pub is_run: bool,
}

/// Characters that a person does not see and an agent reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    /// Where, from the first to the last of a run.
    pub span: Span,
    /// Which kind.
    pub kind: HiddenKind,
    /// How many.
    pub count: usize,
    /// What they spell, where they stand for letters.
    pub spells: String,
}

/// Kinds of characters that nobody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HiddenKind {
    /// Tag characters (U+E0000 to U+E007F), each of which stands for a letter.
    Tags,
    /// Marks that turn the direction of writing around.
    Directions,
    /// Characters without width, many in a row.
    NoWidth,
    /// Variation selectors, many in a row, each of which may stand for a byte.
    Selectors,
}

/// What a devcontainer is made of.
#[derive(Debug, Clone, Default)]
pub struct Container {
    /// `image`.
    pub image: Option<Spanned<String>>,
    /// `features`: the keys.
    pub features: Vec<Spanned<String>>,
    /// What gives the container more than its own machine.
    pub powers: Vec<Power>,
}

/// What opens a container to the machine it runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Power {
    /// The setting, as written.
    pub text: Spanned<String>,
    /// What it means.
    pub what: PowerKind,
}

/// Ways out of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PowerKind {
    /// All rights of the machine's root.
    Privileged,
    /// The socket of the machine's container engine.
    EngineSocket,
    /// The machine's whole file system or processes.
    HostSystem,
    /// Keys of the person: `~/.ssh`, `~/.aws`.
    Keys,
}
