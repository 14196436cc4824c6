//! Which language a `shell:` runs.

use super::invocation::{basename, is_shell};

/// A script's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dialect {
    /// Bash or another POSIX shell.
    Bash,
    /// `pwsh` or `powershell`.
    PowerShell,
    /// `cmd`.
    Cmd,
    /// `python`.
    Python,
    /// Another template, as written.
    Other(String),
}

impl Dialect {
    /// The language of a step's `shell:`, or of the runner's default where there is none.
    #[must_use]
    pub fn from_shell(shell: Option<&str>, runs_on_windows: bool) -> Self {
        let Some(shell) = shell.map(str::trim).filter(|s| !s.is_empty()) else {
            return if runs_on_windows { Self::PowerShell } else { Self::Bash };
        };
        // `C:\msys64\usr\bin\bash.exe -l {0}`, `msys2 {0}`, `wsl-bash {0}`.
        let first = shell.split_whitespace().next().unwrap_or_default().trim_matches(['"', '\'']);
        let file = basename(first).rsplit('\\').next().unwrap_or_default().to_ascii_lowercase();
        let name = file.strip_suffix(".exe").unwrap_or(&file);
        match name {
            "msys2" | "wsl-bash" | "micromamba-shell" => Self::Bash,
            _ if is_shell(name) => Self::Bash,
            "pwsh" | "powershell" => Self::PowerShell,
            "cmd" => Self::Cmd,
            _ if name.starts_with("python") => Self::Python,
            // A path that a step before gives: `${{ steps.x.outputs.python-path }} -u {0}`.
            "${{" if shell.split("}}").next().is_some_and(|path| path.contains("python")) => Self::Python,
            // A script of one's own that starts a shell elsewhere: `alpine.sh {0}`.
            _ if name.ends_with(".sh") => Self::Bash,
            // `env FOO=1 bash {0}`, `nix develop -c bash {0}`: the script goes to the program before `{0}`.
            _ => match shell.split_once("{0}").and_then(|(before, _)| {
                let words = before.split_whitespace().rev().map(|w| w.trim_matches(['"', '\'']));
                // `bash -eo pipefail {0}`: the last word is an option's.
                let mut words = words.filter(|w| !w.starts_with('-') && *w != "pipefail");
                words.next().map(|w| basename(w).to_owned())
            }) {
                Some(last) if is_shell(&last) => Self::Bash,
                _ => Self::Other(shell.to_owned()),
            },
        }
    }
}
