//! The table of flags. Help, completions and suggestions follow from it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::report::Format;

/// Audits what a repository is made of: crates, workflows, and what they run. Offline; nothing of
/// the tree is executed.
#[derive(Debug, Parser)]
#[command(name = "cargo-custody", bin_name = "cargo custody", version, args_conflicts_with_subcommands = true)]
#[command(after_help = "Exit codes: 0 passed, 1 gate failed, 2 usage, 3 incomplete, 101 our own error.\n\
On trees you do not trust start `cargo-custody` itself: `cargo custody` lets cargo read the tree's aliases first.")]
pub(super) struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub audit: AuditOptions,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Audit a folder; without one, the repository around the working directory
    Audit {
        /// The folder
        path: Option<PathBuf>,
        #[command(flatten)]
        options: AuditOptions,
    },
    /// Say what a rule looks for, why, and what to do
    Explain {
        /// The rule's id
        rule: String,
    },
    /// List all rules
    Rules {
        /// How to list them
        #[arg(long, value_enum, default_value = "text")]
        format: ListFormat,
    },
    /// Print the graph of a tree
    Graph {
        /// The folder; without one, the repository around the working directory
        path: Option<PathBuf>,
        /// How to print it
        #[arg(long, value_enum, default_value = "json")]
        format: GraphFormat,
        #[command(flatten)]
        evidence: EvidenceOptions,
    },
    /// Render a saved audit again
    Report {
        /// The audit, as JSON
        file: PathBuf,
        /// How to render it
        #[arg(long, value_parser = format, default_value = "terminal")]
        format: Format,
        #[command(flatten)]
        show: Show,
    },
    /// The advisory index
    Db {
        #[command(subcommand)]
        command: DbCommand,
    },
    /// Print a completion script
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum DbCommand {
    /// Say where the index comes from and how old it is
    Status {
        /// How to say it
        #[arg(long, value_enum, default_value = "text")]
        format: ListFormat,
    },
    /// Build the index's text from advisory feeds
    Build {
        /// A RustSec advisory-db checkout
        #[arg(long, value_name = "DIR")]
        rustsec: Option<PathBuf>,
        /// OSV records: a folder of YAML or JSON, or a zip as OSV publishes it; may repeat
        #[arg(long, value_name = "PATH")]
        osv: Vec<PathBuf>,
        /// Where a feed came from: `PATH=NAME,COMMIT,YYYY-MM-DD,LICENCE,URL`; may repeat
        #[arg(long, value_name = "ORIGIN", value_parser = origin)]
        origin: Vec<(PathBuf, Vec<String>)>,
        /// Folder the text is written to
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Also write the compiled table here
        #[arg(long, value_name = "FILE")]
        table: Option<PathBuf>,
    },
}

/// Flags of an audit.
#[derive(Debug, Clone, Args)]
pub(super) struct AuditOptions {
    #[command(flatten)]
    pub show: Show,
    /// Write a report: `FORMAT=FILE`, `-` for standard output; may repeat. Formats: terminal, json,
    /// sarif, github, markdown
    #[arg(long, short, value_name = "FORMAT=FILE", value_parser = output)]
    pub output: Vec<(Format, PathBuf)>,
    /// The same as `--output FORMAT=-`
    #[arg(long, value_name = "FORMAT", value_parser = format, conflicts_with = "output")]
    pub format: Option<Format>,
    #[command(flatten)]
    pub evidence: EvidenceOptions,
    /// Threads that read files; the result does not depend on it
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<std::num::NonZeroUsize>,
    /// Show no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// What is taken for evidence beside the files of the tree.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct EvidenceOptions {
    /// Read what `cargo metadata --format-version 1 --locked --all-features` printed for this
    /// commit; may repeat
    #[arg(long, value_name = "FILE")]
    pub metadata: Vec<PathBuf>,
    /// What to rest on: `files`, or `metadata` to start cargo for it, without the tree's settings
    #[arg(long, value_enum, default_value = "files", value_name = "LEVEL")]
    pub evidence: Level,
}

/// How far up the ladder of evidence to go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Level {
    #[default]
    Files,
    Metadata,
}

/// How the terminal report shows things.
#[derive(Debug, Clone, Args)]
pub(super) struct Show {
    /// Leave nothing out
    #[arg(long)]
    pub all: bool,
    /// Show source lines
    #[arg(long, short)]
    pub verbose: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: Colour,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Colour {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum GraphFormat {
    Json,
    Dot,
    Mermaid,
}

fn format(text: &str) -> Result<Format, String> {
    Format::find(text).ok_or_else(|| {
        let names: Vec<_> = Format::ALL.iter().map(|(name, _)| *name).collect();
        let hint = closest(text, names.iter().copied()).map(|n| format!(", did you mean `{n}`?")).unwrap_or_default();
        format!("formats are {}{hint}", names.join(", "))
    })
}

fn output(text: &str) -> Result<(Format, PathBuf), String> {
    let (name, file) = text.split_once('=').ok_or("expected FORMAT=FILE, `-` for standard output")?;
    if file.is_empty() {
        return Err("the file is missing; `-` is standard output".to_owned());
    }
    Ok((format(name)?, PathBuf::from(file)))
}

fn origin(text: &str) -> Result<(PathBuf, Vec<String>), String> {
    let (path, rest) = text.split_once('=').ok_or("expected PATH=NAME,COMMIT,YYYY-MM-DD,LICENCE,URL")?;
    let words: Vec<String> = rest.splitn(5, ',').map(str::to_owned).collect();
    if words.len() != 5 {
        return Err("expected five words: NAME,COMMIT,YYYY-MM-DD,LICENCE,URL".to_owned());
    }
    Ok((PathBuf::from(path), words))
}

/// The known word nearest to one that is not known, if any is near.
pub(super) fn closest<'w>(word: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    known
        .map(|name| (strsim::jaro_winkler(word, name), name))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
