//! Flags of `lock`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{ListFormat, OnlineOptions};

/// Flags of `lock` itself.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Exit codes: 0 all that is loaded is held, 1 with --check: the lock and the tree differ, 2 usage, 3 \
something could not be looked up, 101 our own error."
)]
pub(in crate::cli) struct LockOptions {
    /// The folder; without one, the repository around the working directory
    pub path: Option<PathBuf>,
    /// Say how the lock and the tree differ, and write nothing
    #[arg(long, conflicts_with_all = ["update", "dry_run"])]
    pub check: bool,
    /// Look up again what is held: all of it, or NAME; may repeat
    #[arg(long, value_name = "NAME", num_args = 0..=1, action = clap::ArgAction::Append, default_missing_value = "")]
    pub update: Vec<String>,
    /// Show the change and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Hold what tests, examples and documentation load, too
    #[arg(long)]
    pub all: bool,
    /// Leave .gitattributes alone, which otherwise tells git once how locks are merged
    #[arg(long)]
    pub no_attributes: bool,
    /// Another folder to look for caches in; may repeat
    #[arg(long, value_name = "DIR", help_heading = "Evidence")]
    pub cache: Vec<PathBuf>,
    /// Take the files of a folder for those of a name; may repeat
    #[arg(long, value_name = "NAME=DIR", help_heading = "Evidence")]
    pub from: Vec<String>,
    /// Do not scan the files that are held
    #[arg(long, help_heading = "Evidence")]
    pub no_scan: bool,
    #[command(flatten)]
    pub online: OnlineOptions,
    /// Threads that hash and scan files; the result does not depend on it
    #[arg(long, short, value_name = "N", help_heading = "Run")]
    pub jobs: Option<std::num::NonZeroUsize>,
}

/// What else is done with locks.
#[derive(Debug, Clone, Subcommand)]
pub(in crate::cli) enum LockCommand {
    /// Say what a change of the lock means: revisions, files, licences, verdicts, approvals
    Diff {
        #[command(flatten)]
        options: DiffOptions,
    },
    /// Write down who reviewed what is held, and why it is good; it lapses when the files change
    Approve {
        #[command(flatten)]
        options: ApproveOptions,
    },
    /// Go back to an earlier state of one entry, from the history of the lock
    Rollback {
        #[command(flatten)]
        options: RollbackOptions,
    },
}

/// Flags of `lock diff`.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct DiffOptions {
    /// The lock to compare with, a revision of git or a file; without one, what is checked out
    #[arg(value_name = "REV|FILE")]
    pub before: Option<String>,
    /// The lock that is compared, a revision of git or a file; without one, the one that lies in the folder
    #[arg(value_name = "REV|FILE")]
    pub after: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub format: ListFormat,
    /// The folder; without it, the repository around the working directory
    #[arg(long, value_name = "DIR")]
    pub tree: Option<PathBuf>,
}

/// Flags of `lock approve`.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct ApproveOptions {
    /// What was reviewed, as the lock names it: `owner/name`, `huggingface:owner/name@v2`
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<String>,
    /// Why it is good
    #[arg(long, value_name = "TEXT", value_parser = super::exceptions::reason)]
    pub reason: String,
    /// Who reviewed it; without it, the user that git knows
    #[arg(long, value_name = "WHO", value_parser = super::exceptions::reason)]
    pub by: Option<String>,
    /// A report whose digest is kept: of an evaluation, a red team; may repeat
    #[arg(long, value_name = "[KIND=]FILE")]
    pub evidence: Vec<String>,
    /// Show the change and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The folder; without it, the repository around the working directory
    #[arg(long, value_name = "DIR")]
    pub tree: Option<PathBuf>,
}

/// Flags of `lock rollback`.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct RollbackOptions {
    /// The entry, as the lock names it
    #[arg(value_name = "NAME")]
    pub name: String,
    /// `last-good`, the newest earlier state that was approved; or a commit of the repository or of the model
    #[arg(long, value_name = "COMMIT")]
    pub to: String,
    /// Take a state that nobody approved
    #[arg(long)]
    pub unapproved: bool,
    /// Show the change and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The folder; without it, the repository around the working directory
    #[arg(long, value_name = "DIR")]
    pub tree: Option<PathBuf>,
}
