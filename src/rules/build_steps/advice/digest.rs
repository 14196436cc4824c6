//! The command that compares a digest where a script runs.

use crate::graph::kinds::workflow::Script;
use crate::parse::shell::Dialect;
use crate::rules::workflow::reach::Run;

/// What compares a digest where a script runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rules::build_steps) enum Comparer {
    /// `sha256sum`
    Coreutils,
    /// `shasum`: macOS has no `sha256sum`.
    Macos,
    /// `Get-FileHash`
    PowerShell,
}

impl Comparer {
    /// The one at hand for a script.
    pub(in crate::rules::build_steps) fn of(run: &Run<'_>, script: &Script) -> Self {
        let labels = run.holder.as_ref().map_or(&[][..], |h| h.job.runs_on.as_slice());
        if script.dialect == Dialect::PowerShell {
            Self::PowerShell
        } else if !labels.is_empty() && labels.iter().all(|l| l.value.to_ascii_lowercase().starts_with("macos")) {
            Self::Macos
        } else {
            Self::Coreutils
        }
    }

    /// The command that stops the script when the file is another.
    pub(in crate::rules::build_steps) fn command(self, file: &str) -> String {
        match self {
            Self::Coreutils => format!("echo \"<sha256>  {}\" | sha256sum -c -", quotable(file)),
            Self::Macos => format!("echo \"<sha256>  {}\" | shasum -a 256 -c -", quotable(file)),
            Self::PowerShell => {
                // What is to be filled in would be a redirection outside of quotes.
                let file = if file.contains('<') { format!("'{file}'") } else { file.to_owned() };
                format!("if ((Get-FileHash {file} -Algorithm SHA256).Hash -ne '<sha256>') {{ throw 'another file' }}")
            }
        }
    }
}

/// `~` means the home folder only outside of quotes.
pub(super) fn quotable(path: &str) -> String {
    path.strip_prefix("~/").map_or_else(|| path.to_owned(), |rest| format!("$HOME/{rest}"))
}
