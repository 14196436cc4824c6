//! One requirement: a text as pip and uv take it, put into the graph's terms. Shared by all readers
//! of Python's files.

use std::borrow::Cow;
use std::ops::Range;

use crate::graph::kinds::python::{Group, Origin, Requirement};
use crate::parse::Problem;
use crate::parse::pep508::{self, Parsed, address};
use crate::source::{Embedded, Span, Spanned};

/// A requirement as PEP 508 writes it, as project files and metadata hold them.
pub(super) fn strict(text: &Embedded, span: Span, group: Group) -> Result<Requirement, Problem> {
    let masked = masked(&text.text);
    match pep508::parse(&masked) {
        Ok(parsed) => Ok(Builder { text, span, group }.named(&parsed)),
        Err(wrong) => Err(problem(text, wrong.at, &wrong.message)),
    }
}

/// A requirement as a line of a requirements file holds it: also an address or a path.
pub(super) fn lenient(text: &Embedded, span: Span, group: Group) -> Result<Requirement, Problem> {
    let masked = masked(&text.text);
    let builder = Builder { text, span, group };
    let end = body_end(&masked);
    let body = masked.get(..end).unwrap_or("");
    if address::has_scheme(body) || address::is_archive(body.trim_end()) && !body.contains('@') {
        return Ok(builder.unnamed(&masked, end));
    }
    match pep508::parse(&masked) {
        Ok(parsed) => Ok(builder.named(&parsed)),
        Err(_) if is_path(body) => Ok(builder.unnamed(&masked, end)),
        Err(wrong) if wrong.at == 0 && masked.starts_with("${") => {
            Err(problem(text, 0, "what the variable stands for is not known"))
        }
        Err(wrong) => Err(problem(text, wrong.at, &wrong.message)),
    }
}

/// What `-e` names: an address or a path, and in newer versions of pip `name @ address`.
pub(super) fn editable(text: &Embedded, span: Span, group: Group) -> Requirement {
    let masked = masked(&text.text);
    let builder = Builder { text, span, group };
    let mut out = match pep508::parse(&masked) {
        Ok(parsed) if parsed.url.is_some() => builder.named(&parsed),
        _ => builder.unnamed(&masked, body_end(&masked)),
    };
    out.editable = true;
    out
}

/// Where an address or path ends and a marker may begin. In an address `;` may stand without a blank.
fn body_end(text: &str) -> usize {
    if !address::has_scheme(text) {
        return text.find(';').unwrap_or(text.len());
    }
    let blank = |at: &usize| text[..*at].ends_with([' ', '\t']) || text[at + 1..].starts_with([' ', '\t']);
    text.match_indices(';').map(|(at, _)| at).find(blank).unwrap_or(text.len())
}

fn is_path(text: &str) -> bool {
    text.starts_with('.') || text.starts_with('/') || text.starts_with('~') || text.contains(['/', '\\'])
}

fn problem(text: &Embedded, at: usize, message: &str) -> Problem {
    // From the place of the fault to the end: what a person has to look at.
    let at = at.min(text.text.len());
    Problem::new(text.host_span(at..text.text.len()), format!("no requirement: {message}"))
}

/// Variables as pip takes them, `${NAME}`, with letters in their place, so that they fit wherever a
/// word does.
fn masked(text: &str) -> Cow<'_, str> {
    if !text.contains("${") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, variable) = rest.split_at(at);
        out.push_str(before);
        let length =
            variable.bytes().skip(2).take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_');
        let length = length.count();
        let is_whole = length > 0 && variable.as_bytes().get(2 + length) == Some(&b'}');
        if is_whole && out.is_empty() {
            // A variable in the place of a name names nothing.
            out.push_str(variable.get(..length + 3).unwrap_or(""));
        } else if is_whole {
            out.extend(std::iter::repeat_n('0', length + 3));
        } else {
            out.push_str("${");
        }
        rest = variable.get(if is_whole { length + 3 } else { 2 }..).unwrap_or("");
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// `%2B` and the like decoded, where the result is text.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digit = |at: usize| tail.get(at).and_then(|b| (*b as char).to_digit(16)).and_then(|d| u8::try_from(d).ok());
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high * 16 + low);
                rest = tail.get(2..).unwrap_or(&[]);
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

struct Builder<'t> {
    text: &'t Embedded,
    span: Span,
    group: Group,
}

impl Builder<'_> {
    fn spanned(&self, range: Range<usize>) -> Spanned<String> {
        let value = self.text.text.get(range.clone()).unwrap_or("").to_owned();
        Spanned::new(value, self.text.host_span(range))
    }

    fn named(self, parsed: &Parsed) -> Requirement {
        let mut out = Requirement {
            name: self.spanned(parsed.name.clone()),
            extras: parsed.extras.iter().map(|range| self.spanned(range.clone()).value).collect(),
            specifiers: parsed.specifiers.clone().map(|range| self.spanned(range)),
            marker: parsed.marker.clone().map(|range| self.spanned(range)),
            span: self.span,
            ..Requirement::default()
        };
        if let Some(url) = parsed.url.clone() {
            self.origin(url, &mut out);
        }
        out.group = self.group;
        out
    }

    /// An address or path up to `end`, and a marker after it.
    fn unnamed(self, masked: &str, end: usize) -> Requirement {
        let body = masked.get(..end).unwrap_or("");
        let length = body.trim_end().len();
        let mut out = Requirement { span: self.span, ..Requirement::default() };
        let mut target = 0..length;
        // Extras may follow a path, and a fragment that names no distribution.
        if let Some(open) = body.get(..length).filter(|b| b.ends_with(']')).and_then(|b| b.rfind('[')) {
            let inner = open + 1..length - 1;
            let written = self.spanned(inner.clone()).value;
            let extras: Vec<String> = written.split(',').map(|extra| extra.trim().to_owned()).collect();
            if extras.iter().all(|extra| pep508::is_name(extra)) {
                out.extras = extras;
                target = 0..open;
            }
        }
        self.origin(target, &mut out);
        let rest = masked.get(end..).unwrap_or("");
        let marker = rest.trim_start_matches([';', ' ', '\t']);
        if !marker.trim().is_empty() {
            let start = masked.len() - marker.len();
            let range = start..start + marker.trim_end().len();
            // What is no marker is kept all the same: whoever judges it cannot tell.
            out.marker = Some(self.spanned(range));
        }
        out.group = self.group;
        out
    }

    fn origin(&self, range: Range<usize>, out: &mut Requirement) {
        let base = range.start;
        let Some(text) = self.text.text.get(range.clone()) else { return };
        let found = address::split(text);
        let place = |range: Range<usize>| self.spanned(base + range.start..base + range.end);
        if out.name.value.is_empty() {
            if let Some(egg) = found.egg.clone() {
                out.name = place(egg);
            } else if let Some((name, version)) = address::wheel(text) {
                out.name = place(name);
                out.specifiers = Some(place(version).map(|version| format!("=={}", decoded(&version))));
            }
        }
        if let Some(hash) = found.hash.clone() {
            out.hashes.push(place(hash).map(|hash| hash.replacen('=', ":", 1)));
        }
        let target = place(found.target);
        out.origin = Some(match found.kind {
            address::Kind::Vcs(kind) => {
                Origin::Vcs { kind: kind.to_owned(), url: target, revision: found.revision.map(place) }
            }
            address::Kind::Url => Origin::Url { url: target },
            address::Kind::Path => Origin::Path { path: target },
        });
    }
}
