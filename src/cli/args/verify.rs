//! Flags of `verify`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Colour;

/// How the outcome is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VerifyFormat {
    /// For a person
    Text,
    /// The contract `custody/verify/v1`
    Json,
}

/// Flags of `verify`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Exit codes: 0 what is here is what is locked, 1 something is not or was added, 2 usage, 3 something \
is not here or could not be looked at, 101 our own error."
)]
pub(crate) struct VerifyOptions {
    /// A folder to look in, for caches, too: a checkout, a model, the file system of an image; without it, the
    /// repository around the working directory and the caches of this machine
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// Another folder to look in; may repeat
    #[arg(long, value_name = "DIR")]
    pub cache: Vec<PathBuf>,
    /// Look only at the model, data set, adapter or kernel of this name; may repeat
    #[arg(long, value_name = "NAME")]
    pub model: Vec<String>,
    /// The lock; without it, the nearest `custody.lock` from the working directory up to its repository, else that of PATH
    #[arg(long, value_name = "FILE")]
    pub lock: Option<PathBuf>,
    /// Fail where files of the lock are missing in a copy
    #[arg(long, help_heading = "Policy")]
    pub complete: bool,
    /// Pass where nothing of an entry is here
    #[arg(long, help_heading = "Policy")]
    pub present_only: bool,
    /// How to show the outcome
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT", help_heading = "Report")]
    pub format: VerifyFormat,
    /// Leave nothing out
    #[arg(long, help_heading = "Report")]
    pub all: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN", help_heading = "Report")]
    pub color: Colour,
    /// Keep what is hashed in a file, and go on from it next time; it must lie outside of what is looked at
    #[arg(long, value_name = "FILE", help_heading = "Run")]
    pub journal: Option<PathBuf>,
    /// Threads that hash files; the result does not depend on it
    #[arg(long, short, value_name = "N", help_heading = "Run")]
    pub jobs: Option<std::num::NonZeroUsize>,
    /// Show no progress
    #[arg(long, short, help_heading = "Run")]
    pub quiet: bool,
}
