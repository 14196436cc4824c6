//! From the lines of a file to the lines BuildKit works on: directives, continued lines joined,
//! comments and empty lines between them left out, here-documents found by the line that ends them.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Dockerfile;
use crate::parse::Budget;
use crate::source::{Embedded, Span, Spanned};

/// A line after continued ones were joined.
pub(super) struct Logical {
    /// The text, without what continues it.
    pub(super) text: Embedded,
    /// From its first to its last byte in the file.
    pub(super) span: Span,
}

/// The lines of a file, and how far they were read.
pub(super) struct Lines<'t> {
    text: &'t str,
    /// Where the next line starts.
    next: usize,
    /// Here-documents that nothing ends, from here to the end of the file: looked for once.
    endless: BTreeSet<(String, bool)>,
}

/// Bytes looked through for the end of a here-document that has none, for one item of the budget.
const BYTES_PER_ITEM: usize = 64;

/// One line as it stands in the file.
#[derive(Clone, Copy)]
struct Line<'t> {
    start: usize,
    text: &'t str,
    /// Where the next one starts.
    next: usize,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        // A byte order mark is no part of the first line.
        let next = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { text, next, endless: BTreeSet::new() }
    }

    fn at(&self, start: usize) -> Option<Line<'t>> {
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let length = rest.find('\n').unwrap_or(rest.len());
        let text = rest.get(..length)?.trim_end_matches('\r');
        Some(Line { start, text, next: start + length + 1 })
    }

    /// `# syntax=` and `# escape=`: only at the top, before any other comment.
    pub(super) fn directives(&mut self, out: &mut Dockerfile) {
        while let Some(line) = self.at(self.next) {
            let comment = line.text.trim_start().strip_prefix('#');
            let Some((key, value)) = comment.and_then(|rest| rest.split_once('=')) else { return };
            let trimmed = value.trim();
            let at = line.start + (line.text.len() - value.trim_start().len());
            match key.trim().to_ascii_lowercase().as_str() {
                "syntax" if !trimmed.is_empty() && out.syntax.is_none() => {
                    out.syntax = Some(Spanned::new(trimmed.to_owned(), Span::new(at, at + trimmed.len())));
                }
                "escape" if matches!(trimmed, "\\" | "`") => out.escape = trimmed.chars().next().unwrap_or('\\'),
                "check" => {}
                _ => return,
            }
            self.next = line.next;
        }
    }

    /// The next line that is neither empty nor a comment, with those it is continued by.
    pub(super) fn next(&mut self, escape: char) -> Option<Logical> {
        let (start, first) = loop {
            let line = self.at(self.next)?;
            self.next = line.next;
            let trimmed = line.text.trim_start();
            if !trimmed.is_empty() && !trimmed.starts_with('#') {
                break (line.start + line.text.len() - trimmed.len(), trimmed);
            }
        };
        let mut text = Embedded::new();
        let (content, mut continues) = continued(first, escape);
        text.push_verbatim(content, start as u64);
        let mut end = start + first.len();
        while continues && let Some(line) = self.at(self.next) {
            self.next = line.next;
            let trimmed = line.text.trim_start();
            if trimmed.is_empty() || trimmed.starts_with('#') {
                continue;
            }
            let content;
            (content, continues) = continued(line.text, escape);
            text.push_verbatim(content, line.start as u64);
            end = line.start + line.text.len();
        }
        Some(Logical { text, span: Span::new(start, end) })
    }

    /// The body of a here-document that starts with the next line, and the body with the line that
    /// ends it; nothing is taken where no line does.
    pub(super) fn here_document(&mut self, name: &str, strips: bool, budget: &mut Budget) -> Option<(Span, Span)> {
        let start = self.next;
        let key = (name.to_owned(), strips);
        let mut at = start;
        if self.endless.contains(&key) {
            return None;
        }
        while let Some(line) = self.at(at) {
            let text = if strips { line.text.trim_start_matches('\t') } else { line.text };
            if text == name {
                self.next = line.next;
                return Some((Span::new(start, line.start), Span::new(start, line.start + line.text.len())));
            }
            at = line.next;
        }
        budget.take_items(self.text.len().saturating_sub(start) / BYTES_PER_ITEM);
        self.endless.insert(key);
        None
    }
}

/// A line without the character that continues it, and whether there was one. Blanks may follow it;
/// two of them are a character of their own.
fn continued(line: &str, escape: char) -> (&str, bool) {
    let Some(before) = line.trim_end_matches([' ', '\t']).strip_suffix(escape) else { return (line, false) };
    if before.ends_with(escape) { (line, false) } else { (before, true) }
}

/// A part of a text with its places.
#[must_use]
pub fn slice(text: &Embedded, range: Range<usize>) -> Embedded {
    let mut out = Embedded::new();
    let start = text.segments().partition_point(|s| s.inner.end <= range.start);
    for segment in text.segments().get(start..).unwrap_or_default() {
        let (from, to) = (segment.inner.start.max(range.start), segment.inner.end.min(range.end));
        if from >= to {
            break;
        }
        let offset = (from - segment.inner.start) as u64;
        out.push_verbatim(text.text.get(from..to).unwrap_or(""), segment.host.start + offset);
    }
    out
}
