//! Renderers of a scan of model files.

pub mod json;
mod sarif;
pub(super) mod terminal;

use std::io::{self, Write};
use std::time::Duration;

use crate::scan::{FileReport, Verdict};

/// What a scan of some paths gave.
#[derive(Debug)]
pub struct Scanned {
    /// An entry a file, by path; those of folders that are one model end in `/`.
    pub files: Vec<FileReport>,
    /// From which verdict on the scan fails: suspicious or dangerous.
    pub fail_on: Verdict,
    /// How many entries were taken from a journal.
    pub resumed: usize,
}

/// How to show a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a person at a terminal.
    Terminal,
    /// The contract `custody/scan/v1`.
    Json,
    /// SARIF 2.1.0.
    Sarif,
}

impl Format {
    /// All formats with their names.
    pub const ALL: &'static [(&'static str, Self)] =
        &[("terminal", Self::Terminal), ("json", Self::Json), ("sarif", Self::Sarif)];

    /// The format of a name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, format)| *format)
    }
}

/// What a person asked for and what their terminal can do.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// Leave nothing out.
    pub all: bool,
    /// Colours.
    pub colour: bool,
    /// Columns; none where nobody looks.
    pub width: Option<usize>,
    /// How long it took.
    pub elapsed: Option<Duration>,
    /// How to call the program again.
    pub as_cargo: bool,
    /// The paths that were given, as one types them again; none where that is not to be proposed.
    pub paths: Option<&'a str>,
}

impl Scanned {
    /// The gravest verdict of all files.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.files.iter().map(|file| file.verdict).max().unwrap_or_default()
    }

    /// Whether something was not read, or read as something that readers see differently.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.files.iter().any(FileReport::is_incomplete)
    }

    /// 1 where a file is as grave as fails the scan, 3 where something was not read or is malformed, else 0.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match () {
            () if self.verdict() >= self.fail_on => 1,
            () if self.is_incomplete() => 3,
            () => 0,
        }
    }

    /// How many files have a verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.files.iter().filter(|file| file.verdict == verdict).count()
    }
}

/// Writes a scan in a format.
///
/// # Errors
/// Whatever the writer says.
pub fn render(scanned: &Scanned, format: Format, options: &Options<'_>, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Terminal => terminal::render(scanned, options, out),
        Format::Json => json::render(scanned, out),
        Format::Sarif => sarif::render(scanned, out),
    }
}
