//! Files that hold commands and are neither workflows nor Dockerfiles: shell scripts, Makefiles,
//! justfiles, Taskfiles, notebooks, tox and nox files, scripts of packages, commands of Compose files. Each becomes one [`CommandFile`] of parts; what the commands
//! do is told by [`commands::facts`], and nothing here says what a part is for.

mod compose;
mod expand;
mod just;
mod make;
mod notebook;
mod nox;
mod package_json;
mod recipe;
mod shell;
mod task;
mod telling;
mod tox;

use std::collections::BTreeSet;

use super::dockerfile::scripts::separated;
use super::{Facts, mentions};
use crate::commands;
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::{Dialect, Options, Program};
use crate::parse::{Budget, Problem};
use crate::source::{Embedded, RepoPath, Span};

use telling::may_act;

pub use compose::ComposeReader;
pub use just::JustReader;
pub use make::MakeReader;
pub use notebook::NotebookReader;
pub use nox::NoxReader;
pub use package_json::PackageJsonReader;
pub use shell::ShellReader;
pub use task::TaskReader;
pub use tox::{ToxReader, ToxTomlReader};
pub(super) use tox::{of_ini as tox_of_ini, of_pyproject as tox_of_pyproject};

/// Longest script that is read a second time with a `;` where joined lines lack one: recipes are short, and what
/// carries manifests of megabytes joins no lines.
const MAX_JOINED: usize = 256 << 10;

/// `sh`: a script fails by its last command.
const PLAIN: Options = Options { errexit: false, pipefail: false };

/// make, just, tox and nox stop at the first line that fails. That a `;` inside of a line hides a failure from
/// them is not told apart.
const LINE_BY_LINE: Options = Options { errexit: true, pipefail: false };

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
        && text.text.len() <= MAX_JOINED
        && let Some(other) = separated(&text.text)
    {
        let again = Program::read(&other.replace("\\\n", "  "), &dialect, budget);
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
        // A script is read for what it fetches and installs: a line that names no such program hides nothing of
        // that.
        if may_act(whole_lines(&text.text, at.clone()).as_bytes()) {
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
