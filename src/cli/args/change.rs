//! Flags of what judges a change: the gate, the run of a CI service, and the files that set it up.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::AuditOptions;
use crate::audit::Mode;

/// Flags of `init`.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct InitOptions {
    /// Show what would be written
    #[arg(long)]
    pub dry_run: bool,
    /// A job for GitLab in place of GitHub's workflow
    #[arg(long)]
    pub gitlab: bool,
    /// A hook of pre-commit in place of GitHub's workflow
    #[arg(long)]
    pub pre_commit: bool,
    /// The commit of the action to pin; without it, the one this program was released from
    #[arg(long, value_name = "COMMIT", value_parser = commit)]
    pub pin: Option<String>,
}

/// Flags of `ci`.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct CiOptions {
    /// Folder for reports; without it, where the service keeps what a job leaves behind
    #[arg(long, value_name = "DIR")]
    pub report_dir: Option<PathBuf>,
    /// End with exit code 0 whatever the verdict; reports say it all the same
    #[arg(long)]
    pub no_fail: bool,
    #[command(flatten)]
    pub audit: AuditOptions,
}

/// What is compared with what.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "What is judged")]
pub(in crate::cli) struct CompareOptions {
    /// Judge what the commits since REV bring: both trees are read from git's objects, and what is not committed
    /// is not looked at
    #[arg(long, value_name = "REV")]
    pub base: Option<String>,
    /// The commit to judge; without it, the one that is checked out
    #[arg(long, value_name = "REV", requires = "base")]
    pub head: Option<String>,
    /// Judge what is staged against the last commit, or against `--base`
    #[arg(long, conflicts_with = "head")]
    pub staged: bool,
    /// Which findings the gate is held against; without it, those that the change brings
    #[arg(long, value_enum, value_name = "WHICH")]
    pub gate: Option<GateMode>,
}

/// Which findings a gate is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum GateMode {
    /// Those that the change brings
    New,
    /// All, whenever they came
    All,
}

impl From<GateMode> for Mode {
    fn from(mode: GateMode) -> Self {
        match mode {
            GateMode::New => Self::New,
            GateMode::All => Self::All,
        }
    }
}

/// Which policy holds beside the built-in one.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Policy")]
pub(in crate::cli) struct PolicyOptions {
    /// A policy that holds whatever the tree says, in place of what its own `extends`
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub policy: Option<PathBuf>,
    /// Heed nothing that the tree says of itself in custody.toml: the built-in policy alone
    #[arg(long)]
    pub no_config: bool,
}

fn commit(text: &str) -> Result<String, String> {
    let is_whole = text.len() == 40 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if is_whole { Ok(text.to_owned()) } else { Err("expected a whole commit, 40 signs of 0-9 and a-f".to_owned()) }
}
