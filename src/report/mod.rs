//! Renderers: pure functions of a saved audit, ignorant of which rules exist.

pub mod escape;
mod github;
pub mod graph;
mod json;
mod markdown;
pub mod page;
mod sarif;
mod snippet;
mod tally;
mod terminal;

use std::io::{self, Write};

use crate::audit::Audit;

/// How to show an audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For a person at a terminal.
    Terminal,
    /// The contract `custody/audit/v1`.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// GitHub workflow commands, ten a level at most.
    Github,
    /// A summary in Markdown.
    Markdown,
}

impl Format {
    /// All formats with their names.
    pub const ALL: &'static [(&'static str, Format)] = &[
        ("terminal", Format::Terminal),
        ("json", Format::Json),
        ("sarif", Format::Sarif),
        ("github", Format::Github),
        ("markdown", Format::Markdown),
    ];

    /// The format of a name.
    #[must_use]
    pub fn find(name: &str) -> Option<Format> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, format)| *format)
    }
}

/// What a person asked for and what their terminal can do. Only the terminal report looks at it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// Leave nothing out.
    pub all: bool,
    /// Show source lines.
    pub snippets: bool,
    /// Colours.
    pub colour: bool,
    /// Columns; lines of the first screen are cut to it. None where nobody looks.
    pub width: Option<usize>,
    /// How long the audit took; it stands on the screen and in no other report.
    pub elapsed: Option<std::time::Duration>,
    /// How to call the program again.
    pub as_cargo: bool,
    /// The folder's name, where a person sits before it.
    pub folder: Option<&'a str>,
}

/// Renders an audit.
///
/// # Errors
/// Whatever the writer says.
pub fn render(audit: &Audit, format: Format, options: &Options<'_>, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Terminal => terminal::render(audit, options, out),
        Format::Json => json::render(audit, out),
        // These two are read against the repository, not against the folder that was audited.
        Format::Sarif => sarif::render(&audit.rooted(), out),
        Format::Github => github::render(&audit.rooted(), out),
        Format::Markdown => markdown::render(audit, out),
    }
}
