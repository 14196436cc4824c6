//! The table of flags. Help, completions and suggestions follow from it.

mod change;
mod db;
mod exceptions;
mod lock;
mod sbom;
mod scan;
mod signature;
mod verify;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(super) use change::{CiOptions, CompareOptions, InitOptions, PolicyOptions};
pub(super) use db::{DbCommand, UpdateOptions};
pub(super) use exceptions::{BaselineCommand, HeldOptions, TreeOptions, WaiveOptions, WaiversOptions};
pub(super) use lock::{ApproveOptions, DiffOptions, LockCommand, LockOptions, RollbackOptions};
pub(super) use sbom::{AffectedOptions, SbomCheckOptions, SbomCommand, SbomDiffOptions, SbomFormat, SbomOptions};
pub(super) use scan::ScanOptions;
pub(super) use signature::SignatureOptions;
pub(super) use verify::{VerifyFormat, VerifyOptions};

pub(super) use crate::config::closest;
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
    /// Audit a folder, or one bill of materials; without one, the repository around the working directory
    Audit {
        /// The folder; or a document, CycloneDX or SPDX, `-` for one on standard input
        path: Option<PathBuf>,
        #[command(flatten)]
        options: AuditOptions,
    },
    /// Judge what a change brings, as a CI service describes it; without one, what the branch brings
    Ci {
        /// The folder; without one, where the service checked out, or the repository around the working directory
        path: Option<PathBuf>,
        #[command(flatten)]
        options: Box<CiOptions>,
    },
    /// Show what can be put right without asking anybody, as a diff; `--apply` writes it
    Fix {
        /// The folder; without one, the repository around the working directory
        path: Option<PathBuf>,
        #[command(flatten)]
        options: FixOptions,
    },
    /// Write an entry of the policy that excuses a finding
    Waive {
        #[command(flatten)]
        options: WaiveOptions,
    },
    /// List what the policy excuses; `--prune` takes out what excuses nothing any more
    Waivers {
        #[command(flatten)]
        options: WaiversOptions,
    },
    /// A file of findings that were accepted as they stood
    Baseline {
        #[command(subcommand)]
        command: BaselineCommand,
    },
    /// Say all that is known of a finding or a rule
    Explain {
        #[command(flatten)]
        options: Box<ExplainOptions>,
    },
    /// Look into model files for code that would run when they are loaded; nothing of them is
    Scan {
        #[command(flatten)]
        options: Box<ScanOptions>,
    },
    /// Hold what the tree loads by name in custody.lock: models, data sets, images, by commit and digest
    #[command(args_conflicts_with_subcommands = true)]
    Lock {
        #[command(subcommand)]
        command: Option<LockCommand>,
        #[command(flatten)]
        options: Box<LockOptions>,
    },
    /// Compare models and data sets on this machine, in a cache or in an image with custody.lock
    Verify {
        #[command(flatten)]
        options: Box<VerifyOptions>,
    },
    /// Verify that the files of a model are those that somebody trusted signed
    VerifySignature {
        #[command(flatten)]
        options: Box<SignatureOptions>,
    },
    /// Write down what the product is made of, as CycloneDX or SPDX: packages, models, data sets, images, and how they relate
    #[command(args_conflicts_with_subcommands = true)]
    Sbom {
        #[command(subcommand)]
        command: Option<SbomCommand>,
        #[command(flatten)]
        options: Box<SbomOptions>,
    },
    /// Say who has a package, action, model or file, in stored documents, trees and the history of repositories
    Affected {
        #[command(flatten)]
        options: Box<AffectedOptions>,
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
    /// The policy in force
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Write a workflow that runs the gate, and a first custody.toml
    Init {
        /// The folder; without one, the repository around the working directory
        path: Option<PathBuf>,
        #[command(flatten)]
        options: InitOptions,
    },
    /// The advisory index
    Db {
        #[command(subcommand)]
        command: DbCommand,
    },
    /// Print the manual page, for `man`
    Man,
    /// Print a completion script
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Print every key of the policy in force, with the file and line it comes from
    Show {
        /// The folder; without one, the repository around the working directory
        path: Option<PathBuf>,
        /// How to print it
        #[arg(long, value_enum, default_value = "text")]
        format: ListFormat,
        #[command(flatten)]
        policy: PolicyOptions,
    },
    /// Print the JSON Schema of custody.toml
    Schema,
}

/// Which advisory index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum IndexChoice {
    Embedded,
    Local,
    File(PathBuf),
}

/// Flags of an audit.
#[derive(Debug, Clone, Args)]
pub(super) struct AuditOptions {
    #[command(flatten)]
    pub show: Show,
    /// Write a report: `FORMAT=FILE`, `-` for standard output; may repeat. Formats: terminal, json,
    /// jsonl, sarif, code-scanning, github, markdown, comment, gitlab-code-quality,
    /// gitlab-dependency-scanning, junit, concise, openvex, cyclonedx-vex
    #[arg(long, short, value_name = "FORMAT=FILE", value_parser = output, help_heading = "Report")]
    pub output: Vec<(Format, PathBuf)>,
    /// The same as `--output FORMAT=-`
    #[arg(long, value_name = "FORMAT", value_parser = format, conflicts_with = "output", help_heading = "Report")]
    pub format: Option<Format>,
    #[command(flatten)]
    pub compare: CompareOptions,
    #[command(flatten)]
    pub evidence: EvidenceOptions,
    /// Advisory index: `embedded`, `local`, or a table of `db build`; without it, the local one unless it
    /// is older than the embedded one
    #[arg(long, value_name = "INDEX", value_parser = index, help_heading = "Evidence")]
    pub index: Option<IndexChoice>,
    #[command(flatten)]
    pub online: OnlineOptions,
    /// Note what deny.toml, audit.toml and osv-scanner.toml ignore in place of reporting it; what is
    /// malicious, and what is ignored no longer, is reported all the same
    #[arg(long, help_heading = "Policy")]
    pub honour_ignores: bool,
    /// Pass over comments that excuse findings (`# custody: ignore[rule] -- why`)
    #[arg(long, help_heading = "Policy")]
    pub no_inline_ignores: bool,
    #[command(flatten)]
    pub held: HeldOptions,
    #[command(flatten)]
    pub policy: PolicyOptions,
    /// Threads that read files; the result does not depend on it
    #[arg(long, short, value_name = "N", help_heading = "Run")]
    pub jobs: Option<std::num::NonZeroUsize>,
    /// Show no progress
    #[arg(long, short, help_heading = "Run")]
    pub quiet: bool,
}

/// Flags of `explain`.
#[derive(Debug, Clone, Args)]
pub(super) struct ExplainOptions {
    /// A number of the first screen, a finding's fingerprint (8 digits or more), or a rule's id
    #[arg(value_name = "NUMBER|FINGERPRINT|RULE")]
    pub what: String,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: Colour,
    #[command(flatten)]
    pub tree: TreeOptions,
    #[command(flatten)]
    pub compare: CompareOptions,
}

/// Flags of `fix`.
#[derive(Debug, Clone, Args)]
pub(super) struct FixOptions {
    /// Write the changes; without it they are shown
    #[arg(long)]
    pub apply: bool,
    /// Only answer findings of this rule; may repeat
    #[arg(long, value_name = "ID")]
    pub rule: Vec<String>,
    /// Advisory index: `embedded`, `local`, or a table of `db build`
    #[arg(long, value_name = "INDEX", value_parser = index)]
    pub index: Option<IndexChoice>,
    #[command(flatten)]
    pub online: OnlineOptions,
    /// Show no progress
    #[arg(long, short, help_heading = "Run")]
    pub quiet: bool,
}

/// What is asked of registries.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Network")]
pub(super) struct OnlineOptions {
    /// Ask PyPI, crates.io and the repositories of git dependencies and actions about what the tree names
    #[arg(long)]
    pub online: bool,
    /// Another host whose git repositories, images and tools may be asked for, HOST or HOST:PORT; may repeat
    #[arg(long, value_name = "HOST", requires = "online", hide_short_help = true)]
    pub online_host: Vec<String>,
    /// Days for which an answer of a registry is kept; 0 asks each time
    #[arg(long, value_name = "DAYS", default_value = "1", value_parser = clap::value_parser!(u32).range(0..=365), hide_short_help = true)]
    pub online_max_age: u32,
    /// A mirror of PyPI that is asked instead: `simple/`, `pypi/` and `integrity/` lie below it
    #[arg(long, value_name = "URL", requires = "online", hide_short_help = true)]
    pub pypi: Option<String>,
    /// A sparse index that is asked instead of that of crates.io
    #[arg(long, value_name = "URL", requires = "online", hide_short_help = true)]
    pub crates_io_index: Option<String>,
    /// A site that is asked instead of crates.io: `api/v1/` lies below it
    #[arg(long, value_name = "URL", requires = "online", hide_short_help = true)]
    pub crates_io: Option<String>,
    /// A server that is asked for repositories instead of github.com
    #[arg(long, value_name = "URL", requires = "online", hide_short_help = true)]
    pub github: Option<String>,
    /// A server that is asked for their files: OWNER/REPOSITORY/COMMIT/PATH lies below it
    #[arg(long, value_name = "URL", requires = "online", hide_short_help = true)]
    pub github_raw: Option<String>,
    /// A hub that is asked for models, data sets and kernels instead of huggingface.co
    #[arg(long, value_name = "URL", requires = "online", hide_short_help = true)]
    pub hub: Option<String>,
    /// Send the token of HF_TOKEN to the hub; without it nobody is told who asks
    #[arg(long, requires = "online", hide_short_help = true)]
    pub hub_token: bool,
    /// Days that a release is to be out before it is taken
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(0..=3650))]
    pub cooldown: Option<u32>,
    /// Allow mirrors to be asked over http, where anybody on the way can change the answer
    #[arg(long, requires = "online", hide_short_help = true)]
    pub allow_http: bool,
    /// Certificates, as PEM, that are trusted beside the system's
    #[arg(long, value_name = "FILE", requires = "online", hide_short_help = true)]
    pub ca_file: Option<PathBuf>,
    /// Seconds to wait for a connection, an answer or the next bytes
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = clap::value_parser!(u64).range(1..=3600), hide_short_help = true)]
    pub timeout: u64,
    /// Further tries after a failure that may pass
    #[arg(long, value_name = "N", default_value = "2", value_parser = clap::value_parser!(u32).range(0..=10), hide_short_help = true)]
    pub retries: u32,
}

/// What is taken for evidence beside the files of the tree.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Evidence")]
pub(super) struct EvidenceOptions {
    /// Read what `cargo metadata --format-version 1 --locked --all-features` printed for this
    /// commit; may repeat
    #[arg(long, value_name = "FILE")]
    pub metadata: Vec<PathBuf>,
    /// What to rest on: `files`; `cache` to read what cargo keeps of releases on this machine, without
    /// starting it; or `metadata` to start cargo, without the tree's settings
    #[arg(long, value_enum, default_value = "files", value_name = "LEVEL")]
    pub evidence: Level,
}

/// How far up the ladder of evidence to go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Level {
    #[default]
    Files,
    Cache,
    Metadata,
}

/// How the terminal report shows things.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Report")]
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
    /// The bill of materials that `cyclonedx-vex` speaks of: its serial number, `urn:uuid:...`, with `/2` behind it
    /// where that is its version; the file then holds no parts of its own
    #[arg(long, value_name = "SERIAL", value_parser = exceptions::bom_link)]
    pub bom_link: Option<String>,
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

fn index(text: &str) -> Result<IndexChoice, String> {
    match text {
        "" => Err("expected `embedded`, `local` or a file".to_owned()),
        "embedded" => Ok(IndexChoice::Embedded),
        "local" => Ok(IndexChoice::Local),
        file => Ok(IndexChoice::File(PathBuf::from(file))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_goes_to_paths_of_any_system() {
        for (text, file) in [
            ("json=C:\\x\\a.json", "C:\\x\\a.json"),
            ("json=\\\\server\\share\\a b.json", "\\\\server\\share\\a b.json"),
            ("json=a=b.json", "a=b.json"),
            ("json=-", "-"),
        ] {
            assert_eq!(output(text), Ok((Format::Json, PathBuf::from(file))), "{text}");
        }
        for text in ["C:\\x\\a.json", "json", "json=", "=a.json", "jsno=a.json"] {
            assert!(output(text).is_err(), "{text}");
        }
        assert_eq!(index("C:\\x\\index"), Ok(IndexChoice::File(PathBuf::from("C:\\x\\index"))));
    }

    #[test]
    fn the_table_of_flags_holds_together() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }
}
