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
    /// Heed a VEX document, OpenVEX or CycloneDX: what it says is not affected is excused; may repeat
    #[arg(long, value_name = "FILE")]
    pub vex: Vec<PathBuf>,
    /// What VEX documents call this tree, a package URL or an address; may repeat
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
    /// What the flaw does here, for VEX documents; without it, the risk is accepted
    #[arg(long, value_name = "STATUS", value_parser = clap::builder::PossibleValuesParser::new(crate::config::STATUSES.iter().copied()))]
    pub status: Option<String>,
    /// Why it does not matter, with `--status not_affected`
    #[arg(
        long,
        value_name = "WORD",
        requires = "status",
        value_parser = clap::builder::PossibleValuesParser::new(crate::config::JUSTIFICATIONS.iter().copied())
    )]
    pub justification: Option<String>,
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

/// The serial number of a bill of materials, as a BOM-Link begins: `urn:cdx:UUID/1`.
pub(super) fn bom_link(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("urn:uuid:").or_else(|| text.strip_prefix("urn:cdx:")).unwrap_or(text);
    let (uuid, version) = rest.split_once('/').unwrap_or((rest, "1"));
    let is_uuid = uuid.len() == 36
        && uuid.char_indices().all(|(at, one)| match at {
            8 | 13 | 18 | 23 => one == '-',
            _ => one.is_ascii_hexdigit(),
        });
    let is_version = version.parse::<u32>().is_ok_and(|number| number > 0) && !version.starts_with(['0', '+']);
    if !is_uuid || !is_version {
        return Err("a serial number is `urn:uuid:` and a UUID, with `/2` behind it for the second version".to_owned());
    }
    Ok(format!("urn:cdx:{}/{version}", uuid.to_ascii_lowercase()))
}

/// A text that says something.
pub(super) fn reason(text: &str) -> Result<String, String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() { Err("it says nothing".to_owned()) } else { Ok(text) }
}
