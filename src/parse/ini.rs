//! INI files as Python's `configparser` reads them, with places: `setup.cfg`, `tox.ini`, `pip.conf`,
//! `.pypirc`.
//!
//! What that parser does by default: names and values are parted by the first `=` or `:`, a line that is
//! indented deeper than its option continues the value, `#` and `;` begin a comment only at the start of
//! a line, option names mean the same in either case, `[DEFAULT]` stands in for what a section lacks.
//! `%` is left as it stands. Where it would refuse the file, the line is a problem and the rest is read.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::problems::Problems;
use super::{Budget, Problem};
use crate::source::{Embedded, Span, Spanned};

/// A file, as far as it could be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ini {
    /// Its sections in order; one whose name stands twice is two.
    pub sections: Vec<Section>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Sections, and options within a section, that stand twice. `configparser` refuses such a file.
    pub duplicates: Vec<Duplicate>,
    /// Comments in order: the text after the mark, the span with it.
    pub comments: Vec<Spanned<String>>,
}

/// What stands twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The name as written.
    pub name: String,
    /// Where it stands first.
    pub first: Span,
    /// Where it stands again.
    pub again: Span,
}

/// `[name]` with the options below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its name; the span is the name's own, without brackets.
    pub name: Spanned<String>,
    /// The header, brackets included.
    pub header: Span,
    /// Its options in order, duplicates included.
    pub options: Vec<Entry>,
}

/// One option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name as written; names mean the same in either case.
    pub key: Spanned<String>,
    /// Its value: the first line and those that continue it, each without the blanks around it, joined by
    /// `\n`. A value may begin with an empty line.
    pub value: Embedded,
    /// From the name to the end of the value.
    pub span: Span,
}

impl Entry {
    /// The lines of the value that are not empty, with their places.
    pub fn lines(&self) -> impl Iterator<Item = Spanned<String>> {
        let mut at = 0;
        self.value.text.split('\n').filter_map(move |line| {
            let start = at;
            at += line.len() + 1;
            let span = self.value.host_span(start..start + line.len());
            (!line.is_empty()).then(|| Spanned::new(line.to_owned(), span))
        })
    }

    /// The whole value with its place.
    #[must_use]
    pub fn text(&self) -> Spanned<String> {
        let span = match self.value.text.as_str() {
            "" => Span { start: self.span.end, end: self.span.end },
            text => self.value.host_span(0..text.len()),
        };
        Spanned::new(self.value.text.clone(), span)
    }
}

impl Section {
    /// The option of a name, in either case; the first of duplicates. What `[DEFAULT]` gives is not here,
    /// see [`Ini::get`].
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.options.iter().find(|entry| entry.key.value.eq_ignore_ascii_case(key))
    }
}

impl Ini {
    /// A section by name; the first of duplicates.
    #[must_use]
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name.value == name)
    }

    /// The option of a section, or what `[DEFAULT]` has for it.
    #[must_use]
    pub fn get(&self, section: &str, key: &str) -> Option<&Entry> {
        let own = self.section(section)?;
        own.get(key).or_else(|| self.section("DEFAULT")?.get(key))
    }
}

/// Reads a file. Never fails: what could not be read is among the problems.
#[must_use]
pub fn parse(text: &str, budget: &mut Budget) -> Ini {
    let mut reader = Reader {
        problems: Problems::new(budget),
        out: Ini::default(),
        is_open: false,
        indent: 0,
        blanks: Vec::new(),
        sections: BTreeMap::new(),
        options: BTreeMap::new(),
        section: 0,
    };
    if text.len() > budget.bytes {
        let message = format!("file has {} bytes, more than the limit of {}", text.len(), budget.bytes);
        reader.problems.push(Span::new(0, text.len()), message);
    } else {
        let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        for line in text.get(at..).unwrap_or("").split_inclusive('\n') {
            if !budget.take_items(1) {
                reader.problems.push(Span::new(at, text.len()), "file has more lines than the limit");
                break;
            }
            reader.line(line, at);
            at += line.len();
        }
    }
    reader.out.problems = reader.problems.finish();
    reader.out
}

/// A file on its way to a document.
struct Reader {
    problems: Problems,
    out: Ini,
    /// Whether the last option may go on.
    is_open: bool,
    /// Blanks before the last header or option.
    indent: usize,
    /// Line breaks of empty lines that belong to the value if it goes on.
    blanks: Vec<Span>,
    /// First places of sections, and their numbers.
    sections: BTreeMap<String, (usize, Span)>,
    /// First places of options, by the number of the section and the name in lower case.
    options: BTreeMap<(usize, String), Span>,
    /// Number of the current section; sections of one name share it.
    section: usize,
}

impl Reader {
    fn line(&mut self, line: &str, at: usize) {
        let text = line.trim();
        let start = at + (line.len() - line.trim_start().len());
        if text.is_empty() {
            if self.is_open {
                self.blanks.push(Span::new(at, at + line.len()));
            }
            return;
        }
        if let Some(comment) = text.strip_prefix(['#', ';']) {
            let span = Span::new(start, start + text.len());
            self.out.comments.push(Spanned::new(comment.to_owned(), span));
            return;
        }
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        if self.is_open && indent > self.indent {
            self.continued(text, start);
            return;
        }
        self.indent = indent;
        self.is_open = false;
        self.blanks.clear();
        if let Some(rest) = text.strip_prefix('[')
            && let Some(length) = rest.rfind(']').filter(|length| *length > 0)
        {
            let name = rest.get(..length).unwrap_or("");
            self.header(Spanned::new(name.to_owned(), Span::new(start + 1, start + 1 + length)), start);
        } else {
            self.option(text, start);
        }
    }

    fn header(&mut self, name: Spanned<String>, start: usize) {
        let next = self.sections.len();
        let (number, first) = *self.sections.entry(name.value.clone()).or_insert((next, name.span));
        self.section = number;
        if first != name.span {
            self.out.duplicates.push(Duplicate { name: name.value.clone(), first, again: name.span });
        }
        let header = Span { start: start as u64, end: name.span.end + 1 };
        self.out.sections.push(Section { name, header, options: Vec::new() });
    }

    fn option(&mut self, text: &str, start: usize) {
        let whole = Span::new(start, start + text.len());
        let Some(section) = self.out.sections.last_mut() else {
            self.problems.push(whole, "line before the first section");
            return;
        };
        let Some(delimiter) = text.find(['=', ':']) else {
            self.problems.push(whole, "line that is neither a section nor an option");
            return;
        };
        let key = text.get(..delimiter).unwrap_or("").trim_end();
        if key.is_empty() {
            self.problems.push(whole, "option without a name");
            return;
        }
        let key = Spanned::new(key.to_owned(), Span::new(start, start + key.len()));
        let value = text.get(delimiter + 1..).unwrap_or("").trim_start();
        let value_start = start + (text.len() - value.len());
        let value = Embedded::verbatim(value, value_start as u64);
        let first = *self.options.entry((self.section, key.value.to_lowercase())).or_insert(key.span);
        if first != key.span {
            self.out.duplicates.push(Duplicate { name: key.value.clone(), first, again: key.span });
        }
        section.options.push(Entry { key, value, span: whole });
        self.is_open = true;
    }

    /// A line that continues a value.
    fn continued(&mut self, text: &str, start: usize) {
        let Some(entry) = self.out.sections.last_mut().and_then(|section| section.options.last_mut()) else { return };
        let gap = Span { start: entry.span.end, end: start as u64 };
        for _ in 0..self.blanks.len() {
            entry.value.push_replaced("\n", gap);
        }
        self.blanks.clear();
        entry.value.push_replaced("\n", gap);
        entry.value.push_verbatim(text, start as u64);
        entry.span = entry.span.to(Span::new(start, start + text.len()));
    }
}
