//! Flags of what excuses findings: waivers, baselines, statements of others.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{IndexChoice, OnlineOptions, index};

/// What an audit is held against besides the tree.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Policy")]
pub(in crate::cli) struct HeldOptions {
    /// Hold the audit against a file of `baseline write`: what stands in it is no news
    #[arg(long, value_name = "FILE", conflicts_with_all = ["base", "staged"])]
    pub baseline: Option<PathBuf>,
    /// Heed an OpenVEX document: what it says is not affected is excused; may repeat
    #[arg(long, value_name = "FILE")]
    pub vex: Vec<PathBuf>,
    /// What OpenVEX documents call this tree, a package URL or an address; may repeat
    #[arg(long, value_name = "PRODUCT")]
    pub vex_product: Vec<String>,
    /// Force a gate open that would not pass, and say so in every report; not for malicious code
    #[arg(long, value_name = "REASON", value_parser = reason)]
    pub break_glass: Option<String>,
}

/// How a tree is looked at for subcommands that change what excuses its findings.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct TreeOptions {
    /// The folder; without it, the repository around the working directory
    #[arg(long, value_name = "DIR")]
    pub tree: Option<PathBuf>,
    /// Advisory index: `embedded`, `local`, or a table of `db build`
    #[arg(long, value_name = "INDEX", value_parser = index)]
    pub index: Option<IndexChoice>,
    #[command(flatten)]
    pub online: OnlineOptions,
    /// Show no progress
    #[arg(long, short, help_heading = "Run")]
    pub quiet: bool,
}

/// Flags of `waive`.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct WaiveOptions {
    /// The finding: its fingerprint or the first 8 digits of it or more, or RULE@PATH:LINE
    #[arg(value_name = "FINGERPRINT")]
    pub finding: String,
    /// Why it is safe
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub reason: String,
    /// The last day it is excused; findings of high severity need one
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub until: Option<String>,
    /// Why until then
    #[arg(long, value_name = "TEXT", requires = "until", value_parser = reason)]
    pub until_reason: Option<String>,
    /// Who answers for it: `@team`
    #[arg(long, value_name = "NAME", value_parser = reason)]
    pub owner: Option<String>,
    /// Go on excusing it when what it is about changes
    #[arg(long)]
    pub no_content: bool,
    /// Show the change and write nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub tree: TreeOptions,
}

/// Flags of `waivers`.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct WaiversOptions {
    /// Take out entries that have come to their end or excuse nothing, shown as a diff
    #[arg(long)]
    pub prune: bool,
    /// Write the change; without it it is shown
    #[arg(long, requires = "prune")]
    pub apply: bool,
    #[command(flatten)]
    pub tree: TreeOptions,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BaselineCommand {
    /// Write down the findings as they stand, for trees without a history to compare with
    Write {
        /// The file; without it, `custody-baseline.json` in the folder
        file: Option<PathBuf>,
        #[command(flatten)]
        tree: TreeOptions,
    },
}

/// A text that says something.
pub(super) fn reason(text: &str) -> Result<String, String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() { Err("it says nothing".to_owned()) } else { Ok(text) }
}
