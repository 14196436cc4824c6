//! Files that hold commands and are neither workflows nor Dockerfiles: shell scripts, Makefiles,
//! justfiles, notebooks, tox and nox files. Each becomes one [`CommandFile`] of parts; what the commands
//! do is told by [`commands::facts`], and nothing here says what a part is for.

mod expand;
mod just;
mod make;
mod notebook;
mod nox;
mod recipe;
mod shell;
mod tox;

use std::collections::BTreeSet;

use super::dockerfile::scripts::separated;
use super::{Facts, mentions};
use crate::commands;
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::{Dialect, Options, Program};
use crate::parse::{Budget, Problem};
use crate::source::{Embedded, RepoPath, Span};

pub use just::JustReader;
pub use make::MakeReader;
pub use notebook::NotebookReader;
pub use nox::NoxReader;
pub use shell::ShellReader;
pub use tox::{ToxReader, ToxTomlReader};
pub(super) use tox::{of_ini as tox_of_ini, of_pyproject as tox_of_pyproject};

/// `sh`: a script fails by its last command.
const PLAIN: Options = Options { errexit: false, pipefail: false };

/// Words of package managers that install Python's distributions. A script without any of them installs
/// none, and reading it would cost more than all else in many trees.
const INSTALLERS: &[&str] =
    &["pip", "conda", "mamba", "pixi", "poetry", "pdm", "pipenv", "uv", "uvx", "pipx", "easy_install"];

/// Bytes of the longest name of a manager, with a version.
const LONGEST: usize = 12;

/// Whether a text names a package manager as a word. One that sets its variables alone installs nothing.
fn may_install(text: &[u8]) -> bool {
    // Every name has two letters at least, and few words of a text begin with two of these.
    text.windows(2).enumerate().any(|(from, two)| {
        let begins = matches!(
            two,
            b"pi" | b"po" | b"pd" | b"co" | b"ma" | b"mi" | b"uv" | b"ea" | b"PI" | b"UV" | b"CO" | b"PO"
        );
        if !begins || from.checked_sub(1).and_then(|before| text.get(before)).copied().is_some_and(is_part) {
            return false;
        }
        let rest = text.get(from..).unwrap_or_default();
        let length = rest.iter().take(LONGEST + 1).take_while(|byte| is_part(**byte)).count();
        length <= LONGEST && is_of_manager(rest.get(..length).unwrap_or_default())
    })
}

/// Whether a byte is part of a word.
fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_of_manager(word: &[u8]) -> bool {
    // No manager's name is shorter than `uv` or longer than `micromamba` with a version.
    let Ok(word) = std::str::from_utf8(word) else { return false };
    let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
    INSTALLERS.contains(&stem) || stem == "micromamba" || matches!(word, "PIP" | "UV" | "CONDA" | "POETRY")
}

/// Reads the text of a part as a script and notes the files it names, from each of the folders it may
/// start in.
fn script(
    text: Embedded,
    span: Span,
    shell: &(Dialect, Options),
    known: &[(String, String)],
    folders: &[RepoPath],
    budget: &mut Budget,
    out: &mut Facts,
) -> Option<Script> {
    if !budget.take_script() {
        out.problems.push(Problem::new(span, "too many scripts; the rest is not read"));
        return None;
    }
    let (dialect, options) = shell.clone();
    let mut program = Program::read(&text.text, &dialect, budget);
    // Lines of a recipe that are joined may lack what the grammar asks for: `fi fi`.
    if !program.problems.is_empty()
        && let Some(other) = separated(&text.text.replace("\\\n", "  "))
    {
        let again = Program::read(&other, &dialect, budget);
        if again.problems.len() <= program.problems.len() {
            program = again;
        }
    }
    program.options = options;
    let mentioned = if known.is_empty() { BTreeSet::new() } else { mentioned(&text.text) };
    for (name, value) in known.iter().filter(|(name, _)| mentioned.contains(name.as_str())) {
        if !budget.take_copies(value.len(), 1) {
            out.problems.push(Problem::new(span, "too many variables to know in every script"));
            break;
        }
        program.assume(name, value);
    }
    for problem in &program.problems {
        let at = problem.span.range(text.text.len());
        // A script is read for what it installs: a line that names no package manager hides nothing of that.
        if may_install(whole_lines(&text.text, at.clone()).as_bytes()) {
            out.problems.push(Problem::new(text.host_span(at), problem.message.clone()));
        }
    }
    let acts = commands::facts(&program);
    mentions::of_script(&acts, folders, false, &mut out.mentions);
    mentions::of_calls(&acts, folders, false, &mut out.mentions);
    Some(Script { text, span, dialect, explicit_shell: true, program, acts })
}

/// The lines that a range lies on.
fn whole_lines(text: &str, range: std::ops::Range<usize>) -> &str {
    let start = text.get(..range.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let end = text.get(range.end..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| range.end + at);
    text.get(start..end).unwrap_or("")
}

/// Names behind `$` and `${`.
fn mentioned(text: &str) -> BTreeSet<&str> {
    let name = |(at, _): (usize, &str)| {
        let rest = text.get(at + 1..)?;
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        rest.get(..end).filter(|name| !name.is_empty())
    };
    text.match_indices('$').filter_map(name).collect()
}

/// Folders that a script of a folder may be started in: its own and those above it.
fn folders(path: &RepoPath) -> Vec<RepoPath> {
    let mut out = vec![path.parent()];
    while let Some(last) = out.last().filter(|f| !f.is_root()) {
        out.push(last.parent());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn managers_are_told_from_words_that_hold_their_names() {
        for (text, expected) in [
            ("pip install a", true),
            ("python3 -m pip3.12 install", true),
            ("exec /usr/bin/uv sync", true),
            ("UV_VERSION=1", false),
            ("$(PIP) install x", true),
            ("echo pipeline uvicorn equip", false),
            ("", false),
        ] {
            assert_eq!(may_install(text.as_bytes()), expected, "{text}");
        }
    }
}
