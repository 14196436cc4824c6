//! Flags of `sbom` and `affected`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Colour, EvidenceOptions, ListFormat};

/// Flags of `sbom` itself.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Exit codes: 0 written, 2 usage, 3 written, but something could not be looked at (the document says \
what), 101 our own error."
)]
pub(in crate::cli) struct SbomOptions {
    /// The folder; without one, the repository around the working directory
    pub path: Option<PathBuf>,
    /// The format
    #[arg(long, value_enum, default_value = "cyclonedx", value_name = "FORMAT")]
    pub format: SbomFormat,
    /// The version of the format: 1.7 or 1.6 of CycloneDX, 3.0.1 of SPDX; without it, the newest
    #[arg(long, value_name = "VERSION")]
    pub spec: Option<String>,
    /// The file to write, `-` for standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,
    /// Tell of one thing that leaves the repository: crate:NAME, wheel:NAME, image:PATH, service:NAME; `list`
    /// lists them
    #[arg(long, value_name = "ARTEFACT")]
    pub of: Option<String>,
    /// Write a document for the repository and one for each thing that leaves it, into a folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["of", "output"])]
    pub each: Option<PathBuf>,
    /// Write an in-toto statement that binds the document to the digests of what it describes
    #[arg(long, value_name = "FILE", conflicts_with = "each")]
    pub statement: Option<PathBuf>,
    /// A folder with the cache of a model hub, whose cards and headers tell more of what is held at a commit; may repeat
    #[arg(long, value_name = "DIR", help_heading = "Evidence")]
    pub cache: Vec<PathBuf>,
    #[command(flatten)]
    pub evidence: EvidenceOptions,
    /// Show no progress
    #[arg(long, short, help_heading = "Run")]
    pub quiet: bool,
}

/// Formats of bills of materials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum SbomFormat {
    /// CycloneDX, as JSON
    Cyclonedx,
    /// SPDX 3, as JSON-LD
    Spdx,
}

/// What else is done with bills of materials.
#[derive(Debug, Clone, Subcommand)]
pub(in crate::cli) enum SbomCommand {
    /// Say whether a document is valid, and how much of what is asked of an AI SBOM it tells
    Check {
        #[command(flatten)]
        options: SbomCheckOptions,
    },
    /// Say how two documents differ: parts, revisions, licences, digests, relations
    Diff {
        #[command(flatten)]
        options: SbomDiffOptions,
    },
}

/// Flags of `sbom check`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Exit codes: 0 valid and complete enough, 1 a mistake in it, of its schema or its content, or a score below --fail-under, 2 \
usage, 3 no mistake found, but it could not be looked at to its end, 101 our own error."
)]
pub(in crate::cli) struct SbomCheckOptions {
    /// The document: CycloneDX 1.2 to 1.7, SPDX 2.2, 2.3 or 3.0 as JSON
    pub file: PathBuf,
    /// Hold it against this list alone: g7, ntia, cisa, bsi, ai-act; may repeat
    #[arg(long, value_name = "LIST")]
    pub list: Vec<String>,
    /// Fail where the score of a list is lower, in percent
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u32).range(0..=100))]
    pub fail_under: Option<u32>,
    /// Name every element and every part that lacks it
    #[arg(long)]
    pub all: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: Colour,
    /// How to print it
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub format: ListFormat,
}

/// Flags of `sbom diff`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Exit codes: 0 the same, 1 different, 2 usage, 3 not all of the documents could be read, 101 our own \
error."
)]
pub(in crate::cli) struct SbomDiffOptions {
    /// The document before
    pub before: PathBuf,
    /// The document after
    pub after: PathBuf,
    /// Name every change
    #[arg(long)]
    pub all: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: Colour,
    /// How to print it
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub format: ListFormat,
}

/// Flags of `affected`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Exit codes: 0 nobody has it, 1 somebody has it or could have got it, 2 usage, 3 it cannot be known \
everywhere, 101 our own error."
)]
pub(in crate::cli) struct AffectedOptions {
    /// What is asked for: an advisory's id, PACKAGE[@VERSIONS] or a package URL, OWNER/ACTION@REF, a model, a digest, a
    /// host
    #[arg(value_name = "TARGET", required_unless_present = "ioc")]
    pub targets: Vec<String>,
    /// Where to look: documents, saved audits, folders of them, trees, repositories; may repeat
    #[arg(long = "in", value_name = "PATH", num_args = 1.., required = true)]
    pub places: Vec<PathBuf>,
    /// Ask for all that a list names
    #[arg(long, value_name = "FILE")]
    pub ioc: Option<PathBuf>,
    /// When what is asked for could first be had: 2026-03-24, or 2026-03-24T10:39:00Z
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
    /// When it was last to be had
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
    /// Name every place, and the parts that do not have it
    #[arg(long)]
    pub all: bool,
    /// How to print it
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub format: ListFormat,
}
