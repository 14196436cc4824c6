//! Flags of `scan`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Colour;
use crate::report::scan::Format;

/// From which verdict on a scan fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Only what is known to be dangerous
    Dangerous,
    /// That, and what is not known to be harmless
    Suspicious,
}

/// Flags of `scan`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Exit codes: 0 all that could execute was read and is known to be harmless, 1 a file is dangerous or \
suspicious, 2 usage, 3 something was not read or is malformed, 101 our own error."
)]
pub(crate) struct ScanOptions {
    /// Files and folders; links to files are followed
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Write a report: `FORMAT=FILE`, `-` for standard output; may repeat. Formats: terminal, json, sarif
    #[arg(long, short, value_name = "FORMAT=FILE", value_parser = output, help_heading = "Report")]
    pub output: Vec<(Format, PathBuf)>,
    /// The same as `--output FORMAT=-`
    #[arg(long, value_name = "FORMAT", value_parser = format, conflicts_with = "output", help_heading = "Report")]
    pub format: Option<Format>,
    /// Leave nothing out
    #[arg(long, help_heading = "Report")]
    pub all: bool,
    /// Name the SHA-256 of every file
    #[arg(long, help_heading = "Report")]
    pub sha256: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN", help_heading = "Report")]
    pub color: Colour,
    /// From which verdict on the scan fails
    #[arg(long, value_enum, default_value = "suspicious", value_name = "VERDICT", help_heading = "Policy")]
    fail_on: FailOn,
    /// Gibibytes that one file may unpack to, however small it is packed; without it 4, and 250 times its size
    #[arg(long, value_name = "GIB", value_parser = clap::value_parser!(u64).range(1..=1 << 20), help_heading = "Run")]
    pub unpack_limit: Option<u64>,
    /// Keep what is done in a file, and go on from it next time; it must lie outside of what is scanned
    #[arg(long, value_name = "FILE", help_heading = "Run")]
    pub journal: Option<PathBuf>,
    /// Threads that scan files; the result does not depend on it
    #[arg(long, short, value_name = "N", help_heading = "Run")]
    pub jobs: Option<std::num::NonZeroUsize>,
    /// Show no progress
    #[arg(long, short, help_heading = "Run")]
    pub quiet: bool,
}

impl ScanOptions {
    /// Whether what is only suspicious passes.
    pub(crate) fn fail_on_dangerous(&self) -> bool {
        self.fail_on == FailOn::Dangerous
    }
}

fn format(text: &str) -> Result<Format, String> {
    Format::find(text).ok_or_else(|| {
        let names: Vec<&str> = Format::ALL.iter().map(|(name, _)| *name).collect();
        format!("there is no format `{text}`; there are {}", names.join(", "))
    })
}

fn output(text: &str) -> Result<(Format, PathBuf), String> {
    let (name, file) = text.split_once('=').ok_or("write FORMAT=FILE, `-` for standard output")?;
    if file.is_empty() {
        return Err("the file is missing after `=`".to_owned());
    }
    Ok((format(name)?, PathBuf::from(file)))
}
