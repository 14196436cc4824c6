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
/// joined lines read `fi fi`. The same text, a `;` for one of the blanks; a `\` at the end of a line is one.
pub(in crate::read) fn separated(text: &str) -> Option<String> {
    const ENDS: &[&[u8]] = &[b"fi", b"done", b"esac"];
    const NEXT: &[&[u8]] = &[b"fi", b"done", b"esac", b"else", b"elif"];
    /// Longest of them, with a `;` or two behind it.
    const LONGEST: usize = 6;
    let bytes = text.as_bytes();
    let mut out: Option<String> = None;
    // Where the word before ends, if it ends a compound.
    let mut last: Option<usize> = None;
    let mut at = 0;
    // No other blanks: the `;` takes the place of one byte. Byte by byte, as scripts of megabytes come here.
    for word in bytes.split(|b| matches!(b, b' ' | b'\t' | b'\n')) {
        let end = at + word.len();
        let ends_line = bytes.get(end) == Some(&b'\n');
        let joined = word.strip_suffix(b"\\").filter(|_| ends_line);
        let word = joined.unwrap_or(word);
        if !word.is_empty() {
            let is_short = word.len() <= LONGEST;
            if let Some(before) = last.filter(|_| is_short && NEXT.contains(&without_ends(word))) {
                out.get_or_insert_with(|| text.to_owned()).replace_range(before..=before, ";");
            }
            last = (is_short && ENDS.contains(&word)).then_some(at + word.len());
        }
        // The end of a line parts them as well as a `;` does.
        last = last.filter(|_| !ends_line || joined.is_some());
        at = end + 1;
    }
    out
}

fn without_ends(word: &[u8]) -> &[u8] {
    let length = word.iter().rposition(|b| *b != b';').map_or(0, |at| at + 1);
    word.get(..length).unwrap_or_default()
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
    let whole = text.host_span(0..text.text.len());
    for problem in &program.problems {
        let at = problem.span.range(text.text.len());
        problems.push(Problem::new(text.host_span(at), problem.message.clone()).within(whole));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_on_one_line_are_parted() {
        for (text, expected) in [
            ("if a; then if b; then c; fi fi", Some("if a; then if b; then c; fi;fi")),
            ("fi \\\n  fi", Some("fi;\\\n  fi")),
            ("done\\\nelse", Some("done;\nelse")),
            ("esac fi; done", Some("esac;fi; done")),
            ("fi\nfi", None),
            ("fi; fi", None),
            ("fi x fi", None),
            ("fi", None),
            ("", None),
        ] {
            assert_eq!(separated(text).as_deref(), expected, "{text}");
        }
    }
}
