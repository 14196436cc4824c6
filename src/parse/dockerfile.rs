//! Dockerfiles as a list of instructions.
//!
//! A file becomes directives and [`Instruction`]s: a keyword, its flags, the text of its arguments
//! with continued lines joined and the comments between them left out, and its here-documents. What
//! an instruction means is the reader's business. One broken line costs that line. Source: the
//! Dockerfile reference of BuildKit.

mod lines;
mod substitute;
#[cfg(test)]
mod tests;
mod words;

pub use lines::slice;
pub use substitute::{Expanded, Lookup, expand};
pub use words::{Word, is_here_document, json_words, quoted, unquoted, words};

use super::problems::Problems;
use super::{Budget, Problem};
use crate::source::{Embedded, Span, Spanned};

/// A Dockerfile taken apart.
#[derive(Debug, Default)]
pub struct Dockerfile {
    /// `# syntax=`.
    pub syntax: Option<Spanned<String>>,
    /// The character that continues lines: `\`, or another by `# escape=`.
    pub escape: char,
    /// The instructions, in order.
    pub instructions: Vec<Instruction>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// One instruction.
#[derive(Debug, Clone)]
pub struct Instruction {
    /// Its name in capitals; of `ONBUILD RUN` it is `RUN`.
    pub keyword: Spanned<String>,
    /// Written behind `ONBUILD`.
    pub on_build: bool,
    /// `--name=value` before the arguments.
    pub flags: Vec<Flag>,
    /// The arguments, lines joined.
    pub arguments: Embedded,
    /// The here-documents its arguments name, in order.
    pub here_documents: Vec<HereDocument>,
    /// All of it, here-documents included.
    pub span: Span,
}

/// `--name[=value]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// The name, without the dashes.
    pub name: String,
    /// The value without quotes, where it has one.
    pub value: Option<String>,
    /// The flag in the file.
    pub span: Span,
}

/// A here-document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HereDocument {
    /// The word that ends it.
    pub name: String,
    /// Variables in it are put in: the word is not quoted.
    pub expands: bool,
    /// The lines of its text.
    pub body: Span,
    /// The lines of its text and the one that ends it.
    pub whole: Span,
}

/// Reads a Dockerfile.
#[must_use]
pub fn parse(text: &str, budget: &mut Budget) -> Dockerfile {
    let mut problems = Problems::new(budget);
    let mut out = Dockerfile { escape: '\\', ..Dockerfile::default() };
    if text.len() > budget.bytes {
        problems.push(Span::new(0, text.len()), "too large to read");
        out.problems = problems.finish();
        return out;
    }
    let mut lines = lines::Lines::new(text);
    lines.directives(&mut out);
    while let Some(line) = lines.next(out.escape) {
        if !budget.take_items(1 + line.text.segments().len()) {
            problems.push(line.span, "too much to read");
            break;
        }
        if let Some(instruction) = instruction(&mut lines, line, out.escape, budget, &mut problems) {
            out.instructions.push(instruction);
        }
    }
    out.problems = problems.finish();
    out
}

/// Names that BuildKit knows. Source: the Dockerfile reference.
const KEYWORDS: &[&str] = &[
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

fn instruction(
    lines: &mut lines::Lines<'_>,
    line: lines::Logical,
    escape: char,
    budget: &mut Budget,
    problems: &mut Problems,
) -> Option<Instruction> {
    let text = line.text.text.as_str();
    let mut at = 0;
    let mut on_build = false;
    let keyword = loop {
        let rest = text.get(at..).unwrap_or("");
        let start = at + (rest.len() - rest.trim_start().len());
        let rest = text.get(start..).unwrap_or("");
        let end = start + rest.find(char::is_whitespace).unwrap_or(rest.len());
        let written = text.get(start..end).unwrap_or("");
        let word = written.to_ascii_uppercase();
        let span = line.text.host_span(start..end);
        if !KEYWORDS.contains(&word.as_str()) {
            problems.push(span, unknown(text, written));
            return None;
        }
        at = end;
        if word != "ONBUILD" {
            break Spanned::new(word, span);
        }
        // BuildKit refuses `ONBUILD ONBUILD`; read once, it costs its line.
        if std::mem::replace(&mut on_build, true) {
            problems.push(span, "`ONBUILD` behind `ONBUILD`");
            return None;
        }
    };
    let (flags, at) = words::flags(&line.text, at, escape);
    let arguments = lines::slice(&line.text, at..text.trim_end().len());
    let mut out = Instruction { keyword, on_build, flags, arguments, here_documents: Vec::new(), span: line.span };
    let may = matches!(out.keyword.value.as_str(), "RUN" | "COPY" | "ADD");
    if may && out.arguments.text.contains("<<") && json_words(&out.arguments).is_none() {
        for word in words(&out.arguments.text, escape) {
            let Some((name, strips, expands)) = is_here_document(word.raw(&out.arguments.text)) else { continue };
            if !budget.take_items(1) {
                break;
            }
            match lines.here_document(&name, strips, budget) {
                Some((body, whole)) => {
                    out.span = out.span.to(whole);
                    out.here_documents.push(HereDocument { name, expands, body, whole });
                }
                None => problems.push(
                    out.arguments.host_span(word.range),
                    format!("a here-document that no line `{}` ends", short(&name)),
                ),
            }
        }
    }
    Some(out)
}

fn unknown(text: &str, word: &str) -> String {
    let text = text.trim_start();
    if text.starts_with("{%") || text.starts_with("{{") || text.starts_with("{#") || text.starts_with('@') {
        return "a line for a template engine".to_owned();
    }
    format!("`{}` is no instruction", short(word))
}

/// The first characters of a word a stranger chose.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}
