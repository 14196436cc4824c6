//! The scripts of `RUN`, `CMD` and their kin: which shell reads them, under which options, with which
//! variables.

use std::collections::BTreeSet;

use super::variables::{Variables, affordable};
use crate::commands;
use crate::graph::kinds::workflow::Script;
use crate::parse::dockerfile::{Instruction, is_here_document, json_words, quoted, slice, words};
use crate::parse::shell::{Dialect, Options, Program};
use crate::parse::{Budget, Problem};
use crate::source::{Embedded, SourceFile, Span};

/// What `SHELL` says.
#[derive(Debug, Clone)]
pub(super) struct Shell {
    dialect: Dialect,
    options: Options,
    explicit: bool,
}

/// `/bin/sh -c`: a script fails by its last command.
const PLAIN: Options = Options { errexit: false, pipefail: false };

impl Shell {
    /// The shell of an image that sets none.
    pub(super) fn default_of(windows: bool) -> Self {
        Self { dialect: if windows { Dialect::Cmd } else { Dialect::Bash }, options: PLAIN, explicit: false }
    }

    /// The shell of `SHELL ["/bin/bash", "-eo", "pipefail", "-c"]`.
    pub(super) fn of(words: &[String]) -> Self {
        // `["conda", "run", "-n", "env", "/bin/bash", "-c"]`: what starts the shell comes first.
        let known = words.iter().map(|w| Dialect::from_shell(Some(w), false)).find(|d| !matches!(d, Dialect::Other(_)));
        let dialect = known.unwrap_or_else(|| Dialect::Other(words.join(" ")));
        Self { dialect, options: options(words.iter().map(String::as_str)), explicit: true }
    }

    /// The shell that a first line `#!/usr/bin/env bash` names.
    fn of_first_line(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.strip_prefix("#!")?.split_whitespace().collect();
        let is_env = words.first().is_some_and(|w| w.ends_with("/env"));
        let program = words.iter().skip(usize::from(is_env)).find(|w| !w.starts_with('-'))?;
        let dialect = Dialect::from_shell(Some(program), false);
        Some(Self { dialect, options: options(words.iter().copied()), explicit: true })
    }
}

fn options<'w>(words: impl Iterator<Item = &'w str>) -> Options {
    let mut out = PLAIN;
    let mut named = false;
    for word in words {
        match word.strip_prefix('-').filter(|letters| !letters.starts_with('-')) {
            Some(letters) => {
                named = letters.contains('o');
                out.errexit |= letters.contains('e');
            }
            None => {
                out.errexit |= named && word == "errexit";
                out.pipefail |= named && word == "pipefail";
                named = false;
            }
        }
    }
    out
}

/// Reads the script of an instruction.
pub(super) fn read(
    file: &SourceFile,
    instruction: &Instruction,
    shell: &Shell,
    variables: &Variables,
    budget: &mut Budget,
    problems: &mut Vec<Problem>,
) -> Script {
    if let Some(list) = json_words(&instruction.arguments) {
        // No shell reads the exec form; what it means is written as one would read it.
        let text = quoted(&list, &instruction.arguments);
        let none = Shell { dialect: Dialect::Bash, options: PLAIN, explicit: false };
        return script(text, instruction.span, &none, &Variables::default(), budget, problems);
    }
    let Some((text, first_line)) = with_here_documents(file, instruction) else {
        return script(instruction.arguments.clone(), instruction.span, shell, variables, budget, problems);
    };
    let named = first_line.then(|| Shell::of_first_line(text.text.lines().next()?)).flatten();
    script(text, instruction.span, named.as_ref().unwrap_or(shell), variables, budget, problems)
}

/// The arguments with the here-documents they name, and whether the text is a script of its own: of
/// `RUN <<EOF` the body alone is run.
fn with_here_documents(file: &SourceFile, instruction: &Instruction) -> Option<(Embedded, bool)> {
    let documents = instruction.here_documents.as_slice();
    let first = documents.first()?;
    let body = |span: Span| (file.text_at(span), span.start);
    if documents.len() == 1 && words(&instruction.arguments.text, '\\').len() == 1 {
        let (text, start) = body(first.body);
        return Some((Embedded::verbatim(text, start), true));
    }
    let mut text = in_order(&instruction.arguments);
    for document in documents {
        let (lines, start) = body(document.whole);
        text.push_replaced("\n", Span { start, end: start });
        text.push_verbatim(lines, start);
    }
    text.push_replaced("\n", Span { start: instruction.span.end, end: instruction.span.end });
    Some((text, false))
}

/// `<<EOF bash -e` as `bash -e <<EOF`, which means the same and which the grammar can read.
fn in_order(arguments: &Embedded) -> Embedded {
    let all = words(&arguments.text, '\\');
    let first = all.iter().take_while(|w| is_here_document(w.raw(&arguments.text)).is_some()).last();
    let Some(end) = first.map(|w| w.range.end).filter(|_| !arguments.text.contains(['|', ';', '&', '(', '>'])) else {
        return arguments.clone();
    };
    let mut out = slice(arguments, end..arguments.text.len());
    let host = out.host_span(out.text.len()..out.text.len());
    out.push_replaced(" ", host);
    for segment in slice(arguments, 0..end).segments() {
        let text = arguments.text.get(segment.inner.clone()).unwrap_or("");
        out.push_verbatim(text, segment.host.start);
    }
    out
}

/// Ends of a compound and the words that may follow them without a `;`, which the grammar asks for:
/// joined lines read `fi fi`. The same text, a `;` for one of the blanks.
pub(in crate::read) fn separated(text: &str) -> Option<String> {
    const ENDS: &[&str] = &["fi", "done", "esac"];
    const NEXT: &[&str] = &["fi", "done", "esac", "else", "elif"];
    let mut out: Option<String> = None;
    let mut last: Option<(usize, &str)> = None;
    let mut at = 0;
    for part in text.split_inclusive([' ', '\t', '\n']) {
        // No other blanks: the `;` takes the place of one byte.
        let word = part.trim_end_matches([' ', '\t', '\n']);
        if word.is_empty() {
            at += part.len();
            continue;
        }
        let follows = NEXT.contains(&word.trim_end_matches(';'));
        if let Some((end, _)) = last.filter(|(_, before)| follows && ENDS.contains(before)) {
            out.get_or_insert_with(|| text.to_owned()).replace_range(end..=end, ";");
        }
        last = Some((at + word.len(), word));
        at += part.len();
    }
    out
}

fn script(
    text: Embedded,
    span: Span,
    shell: &Shell,
    variables: &Variables,
    budget: &mut Budget,
    problems: &mut Vec<Problem>,
) -> Script {
    let mut program = Program::read(&text.text, &shell.dialect, budget);
    if !program.problems.is_empty()
        && shell.dialect == Dialect::Bash
        && let Some(other) = separated(&text.text)
    {
        let again = Program::read(&other, &shell.dialect, budget);
        if again.problems.len() <= program.problems.len() {
            program = again;
        }
    }
    program.options = shell.options;
    // Only what the script mentions: each keeps a copy.
    for name in mentioned(&text.text) {
        let Some(value) = variables.value(name) else { continue };
        if !affordable(value, budget) {
            problems.push(Problem::new(span, "too many variables to know in every script"));
            break;
        }
        program.assume(name, value);
    }
    for problem in &program.problems {
        let at = problem.span.range(text.text.len());
        problems.push(Problem::new(text.host_span(at), problem.message.clone()));
    }
    let acts = commands::facts(&program);
    Script { text, span, dialect: shell.dialect.clone(), explicit_shell: shell.explicit, program, acts }
}

/// Names behind `$` and `${`.
fn mentioned(text: &str) -> BTreeSet<&str> {
    let mut out = BTreeSet::new();
    for (at, _) in text.match_indices('$') {
        let rest = text.get(at + 1..).unwrap_or("");
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        if let Some(name) = rest.get(..end).filter(|name| !name.is_empty()) {
            out.insert(name);
        }
    }
    out
}
