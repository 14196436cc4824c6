//! Commands of settings as scripts: a text that a shell reads, or a program with its arguments.

use crate::commands;
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::{Dialect, Options, Program};
use crate::parse::{Budget, Problem};
use crate::read::Facts;
use crate::source::{Embedded, Span};

/// `sh -c`: a script fails by its last command.
const PLAIN: Options = Options { errexit: false, pipefail: false };

/// Words without which a command fetches nothing, in lower case.
const FETCHES: &[&str] = &["curl", "wget", "http:", "https:", "invoke-", "iwr", "irm"];

/// Words by which a command is told to be PowerShell, in lower case.
const POWERSHELL: &[&str] = &["$env:", "invoke-", "powershell", "pwsh", "| iex", "iwr ", "irm "];

/// Reads a text as a script of a shell.
pub(super) fn of_text(text: Embedded, span: Span, budget: &mut Budget, out: &mut Facts) -> Option<Script> {
    if text.text.trim().is_empty() {
        return None;
    }
    if !budget.take_script() {
        out.problems.push(Problem::new(span, "too many commands; the rest is not read"));
        return None;
    }
    let mut dialect = Dialect::Bash;
    let mut program = Program::read(&text.text, &dialect, budget);
    let lower = text.text.to_ascii_lowercase();
    // PowerShell is read leniently, so that it has to look like it.
    if !program.problems.is_empty() && POWERSHELL.iter().any(|word| lower.contains(word)) {
        let other = Program::read(&text.text, &Dialect::PowerShell, budget);
        if other.problems.is_empty() {
            (dialect, program) = (Dialect::PowerShell, other);
        }
    }
    program.options = PLAIN;
    // Which shell reads it is not in the file. A command that fetches nothing is read for nothing.
    if FETCHES.iter().any(|word| lower.contains(word)) {
        for problem in &program.problems {
            let at = problem.span.range(text.text.len());
            out.problems.push(Problem::new(text.host_span(at), problem.message.clone()));
        }
    }
    let acts = commands::facts(&program);
    Some(Script { text, span, dialect, explicit_shell: false, program, acts })
}

/// A program and its arguments as a shell would be told of them.
pub(in crate::read) fn of_words<'w>(words: impl Iterator<Item = (&'w Embedded, Span)>) -> Embedded {
    let mut out = Embedded::new();
    for (word, span) in words {
        if !out.text.is_empty() {
            out.push_replaced(" ", Span { start: span.start, end: span.start });
        }
        if is_plain(&word.text) {
            out.append(word);
        } else {
            out.push_replaced(&format!("'{}'", word.text.replace('\'', "'\\''")), span);
        }
    }
    out
}

/// Whether a shell takes a word for what it is.
fn is_plain(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "@%+=:,./_^-".contains(c))
}
