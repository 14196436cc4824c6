//! What to give up so that the rest of a broken file can be read.
//!
//! The least that stops the error is blanked: a value, else a line with what is indented under it,
//! an unclosed quote or bracket from where it opens. Blanks are as long as what they replace, so
//! every offset stays true.

use std::ops::Range;

use granit_parser::ErrorKind;

use crate::parse::problems::Problems;
use crate::source::Span;

/// Why an attempt ended, and where.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub at: usize,
    pub cause: Cause,
    pub message: String,
    /// Everything before is understood.
    pub last: usize,
    /// Start of the outermost bracket that is open.
    pub flow: Option<usize>,
    /// No repair helps, such as when the budget is used up.
    pub is_final: bool,
}

/// Errors that need their own repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// A quote that never closes, or closes and is followed by text: it may have paired with the
    /// opener of another value.
    Quote,
    /// A tag that is not declared or malformed.
    Tag,
    /// Nesting beyond the limit.
    Depth,
    /// A tab indents the continuation of the plain scalar that is pointed at.
    Tab,
    Other,
}

impl Cause {
    pub(super) fn of(kind: &ErrorKind) -> Self {
        match kind {
            ErrorKind::DocumentIndicatorInQuotedScalar
            | ErrorKind::UnclosedQuotedScalar
            | ErrorKind::InvalidTrailingSingleQuotedScalar
            | ErrorKind::InvalidTrailingDoubleQuotedScalar => Self::Quote,
            ErrorKind::UndeclaredTagHandle => Self::Tag,
            ErrorKind::RecursionLimitExceeded => Self::Depth,
            ErrorKind::TabInPlainScalar => Self::Tab,
            _ => Self::Other,
        }
    }
}

/// The text as the parser sees it: the file with unreadable parts blanked.
#[derive(Debug)]
pub(super) struct Work<'t> {
    source: &'t str,
    changed: Option<String>,
    blanked: Vec<Range<usize>>,
}

impl<'t> Work<'t> {
    /// Masks characters that YAML forbids everywhere, so that one in a script does not cost the
    /// script.
    pub(super) fn new(source: &'t str, problems: &mut Problems) -> Self {
        let mut changed: Option<Vec<u8>> = None;
        // A run of them is one problem.
        let mut run: Option<(Range<usize>, char)> = None;
        let mut note = |run: Option<(Range<usize>, char)>| {
            if let Some((range, c)) = run {
                let message = format!("character U+{:04X} is not allowed", u32::from(c));
                problems.push(Span::new(range.start, range.end), message);
            }
        };
        for (at, c) in source.char_indices().filter(|(_, c)| is_forbidden(*c)) {
            let bytes = changed.get_or_insert_with(|| source.as_bytes().to_vec());
            let end = at + c.len_utf8();
            if let Some(hole) = bytes.get_mut(at..end) {
                hole.fill(b'_');
            }
            run = match run.take() {
                Some((range, first)) if range.end == at => Some((range.start..end, first)),
                before => {
                    note(before);
                    Some((at..end, c))
                }
            };
        }
        note(run);
        let changed = changed.and_then(|bytes| String::from_utf8(bytes).ok());
        Self { source, changed, blanked: Vec::new() }
    }

    /// What the parser reads.
    pub(super) fn text(&self) -> &str {
        self.changed.as_deref().unwrap_or(self.source)
    }

    /// The file itself.
    pub(super) fn source(&self) -> &'t str {
        self.source
    }

    /// Bytes of the parser as a span of the file. A blanked character of several bytes has no
    /// inside there, so the ends move out to whole characters.
    pub(super) fn place(&self, range: &Range<usize>) -> Span {
        let len = self.source.len();
        let (mut start, mut end) = (range.start.min(len), range.end.min(len));
        while !self.source.is_char_boundary(start) {
            start -= 1;
        }
        while !self.source.is_char_boundary(end) {
            end += 1;
        }
        Span::new(start, end)
    }

    /// Whether part of the range was blanked.
    pub(super) fn is_blanked(&self, range: &Range<usize>) -> bool {
        self.blanked.iter().any(|b| b.start < range.end && range.start < b.end)
    }

    /// Blanks what a failure points at, or everything from there on; `None` once nothing is left to
    /// blank there.
    pub(super) fn repair(&mut self, failure: &Failure, and_the_rest: bool) -> Option<Span> {
        let mut range = self.choose(failure)?;
        if and_the_rest {
            range.end = self.source.len();
        }
        let mut bytes = self.changed.take().unwrap_or_else(|| self.source.to_owned()).into_bytes();
        if let Some(hole) = bytes.get_mut(range.clone()) {
            hole.iter_mut().filter(|b| !matches!(b, b'\n' | b'\r')).for_each(|b| *b = b' ');
        }
        // The range is whole characters, so this is always UTF-8; if not, the file itself is read.
        self.changed = String::from_utf8(bytes).ok();
        self.blanked.push(range.clone());
        Some(self.place(&range))
    }

    fn choose(&self, failure: &Failure) -> Option<Range<usize>> {
        let text = self.text();
        let usable = |range: &Range<usize>| text.get(range.clone()).is_some_and(|t| !t.trim().is_empty());
        if failure.cause == Cause::Tag
            && let Some(range) = tag_at(text, failure.at)
        {
            return Some(range);
        }
        if failure.cause == Cause::Tab
            && let Some(line) = next_used_line(text, line_at(text, failure.at).end)
            && text.get(line.clone()).is_some_and(|l| l.trim_start_matches(' ').starts_with('\t'))
        {
            return Some(trimmed(text, line));
        }
        let opener = failure.flow.or_else(|| opener(text, failure));
        if let Some(start) = opener {
            let end = closer(text, start).unwrap_or_else(|| line_at(text, start).end);
            let range = start..end;
            if usable(&range) {
                return Some(trimmed(text, range));
            }
        }
        let mut line = line_at(text, failure.at);
        if !usable(&line) {
            // An error at the end of the file, or in what was blanked: the line before is to blame.
            line = last_used_line(text, line.start).or_else(|| next_used_line(text, line.end))?;
        }
        if failure.cause != Cause::Depth
            && let Some(value) = value_in(text, &line, failure.at)
            && usable(&value)
        {
            return Some(trimmed(text, value));
        }
        let range = with_children(text, line);
        usable(&range).then(|| trimmed(text, range))
    }
}

/// Outside the printable set of YAML 1.2.
fn is_forbidden(c: char) -> bool {
    !matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}

/// Without the whitespace at both ends.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let Some(part) = text.get(range.clone()) else { return range };
    let start = range.start + (part.len() - part.trim_start().len());
    start..start + part.trim().len()
}

/// The line around an offset, without its break.
fn line_at(text: &str, at: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let at = at.min(bytes.len());
    let is_break = |b: &u8| matches!(b, b'\n' | b'\r');
    let start = bytes.get(..at).and_then(|b| b.iter().rposition(is_break)).map_or(0, |i| i + 1);
    let end = bytes.get(at..).and_then(|b| b.iter().position(is_break)).map_or(bytes.len(), |i| at + i);
    start..end
}

/// The last line before `at` that is neither blank nor a comment.
fn last_used_line(text: &str, at: usize) -> Option<Range<usize>> {
    let mut line = line_at(text, at);
    while line.start > 0 {
        line = line_at(text, line.start - 1);
        let content = text.get(line.clone()).unwrap_or("").trim_start();
        if !content.is_empty() && !content.starts_with('#') {
            return Some(line);
        }
    }
    None
}

/// The first line after `at` with anything in it.
fn next_used_line(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.get(at..)?;
    let skip = rest.len() - rest.trim_start().len();
    (skip < rest.len()).then(|| line_at(text, at + skip))
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// The line and what is indented under it: read on their own, the children would be taken for
/// those of the line before.
fn with_children(text: &str, line: Range<usize>) -> Range<usize> {
    let content = text.get(line.clone()).unwrap_or("");
    let indent = indent_of(content);
    if content.get(..indent).is_some_and(|i| i.contains('\t')) {
        // How deep a tab reaches is what nobody knows.
        return line;
    }
    let mut end = line.end;
    let mut at = line.end;
    while let Some(next) = following_line(text, at) {
        let content = text.get(next.clone()).unwrap_or("");
        if !content.trim().is_empty() {
            if indent_of(content) <= indent {
                break;
            }
            end = next.end;
        }
        at = next.end;
    }
    line.start..end
}

/// The line after the one that ends at `end`.
fn following_line(text: &str, end: usize) -> Option<Range<usize>> {
    let rest = text.get(end..)?;
    let len = if rest.starts_with("\r\n") { 2 } else { 1 };
    let start = (end + len <= text.len() && !rest.is_empty()).then_some(end + len)?;
    Some(line_at(text, start))
}

/// What stands after the first `key:` of a line, if the error is in it.
fn value_in(text: &str, line: &Range<usize>, at: usize) -> Option<Range<usize>> {
    let content = text.get(line.clone())?;
    let colon = line.start + content.find(": ").or_else(|| content.find(":\t"))?;
    (colon < at && at <= line.end).then_some(colon + 1..line.end)
}

/// A tag at or shortly before an offset.
fn tag_at(text: &str, at: usize) -> Option<Range<usize>> {
    let line = line_at(text, at);
    let start =
        if text.get(at..)?.starts_with('!') { at } else { line.start + text.get(line.start..at)?.rfind('!')? };
    let len = text.get(start..line.end)?.find([' ', '\t']).unwrap_or(line.end - start);
    Some(start..start + len)
}

/// The quote or bracket that was opened after the last event and holds the failure.
fn opener(text: &str, failure: &Failure) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = failure.last;
    let mut bracket: Option<usize> = None;
    let mut depth = 0usize;
    let mut fresh = true;
    while at <= failure.at && at < bytes.len() {
        let byte = bytes[at];
        match byte {
            b'#' if at == 0 || matches!(bytes[at - 1], b' ' | b'\t' | b'\n' | b'\r') => {
                at = line_at(text, at).end;
                continue;
            }
            b'"' | b'\'' if fresh => {
                let end = quote_end(bytes, at);
                let is_before = end.is_some_and(|end| {
                    end < failure.at && {
                        let gap = text.get(end..failure.at).unwrap_or("");
                        failure.cause != Cause::Quote || !gap.trim().is_empty()
                    }
                });
                match end {
                    Some(end) if is_before => {
                        at = end;
                        fresh = false;
                        continue;
                    }
                    _ => return Some(bracket.unwrap_or(at)),
                }
            }
            b'[' | b'{' if fresh => {
                bracket = bracket.or(Some(at));
                depth += 1;
            }
            b']' | b'}' if depth > 0 => {
                depth -= 1;
                fresh = false;
                if depth == 0 {
                    bracket = None;
                }
            }
            b'\n' | b'\r' => fresh = true,
            b' ' | b'\t' => {}
            b':' | b'-' | b'?' if matches!(bytes.get(at + 1), None | Some(b' ' | b'\t' | b'\n' | b'\r')) => {
                fresh = true
            }
            b',' if depth > 0 => fresh = true,
            b'!' | b'&' if fresh => {
                while bytes.get(at + 1).is_some_and(|b| !b.is_ascii_whitespace()) {
                    at += 1;
                }
            }
            _ => fresh = false,
        }
        at += 1;
    }
    bracket
}

/// One past the quote that closes the one at `start`.
fn quote_end(bytes: &[u8], start: usize) -> Option<usize> {
    let quote = *bytes.get(start)?;
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if quote == b'"' => at += 1,
            b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 1,
            _ if byte == quote => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// One past the bracket that closes the one at `start`, unless a line in between stands further to
/// the left than a value may: then the bracket was never closed and what follows is the rest of the
/// file. `None` for a quote: what it pairs with is not known.
fn closer(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    if !matches!(bytes.get(start), Some(b'[' | b'{')) {
        return None;
    }
    let line = line_at(text, start);
    let indent = indent_of(text.get(line)?);
    let mut depth = 0usize;
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b'"' | b'\'' if matches!(bytes.get(at.wrapping_sub(1)), Some(b' ' | b'[' | b'{' | b',' | b'\n')) => {
                let line_end = line_at(text, at).end;
                // A quote that does not close on its line is taken for text.
                if let Some(end) = quote_end(bytes, at).filter(|end| *end <= line_end) {
                    at = end;
                    continue;
                }
            }
            b'\n' => {
                let next = line_at(text, at + 1);
                let content = text.get(next)?;
                let is_close = content.trim_start().starts_with([']', '}']);
                if !content.trim().is_empty() && indent_of(content) <= indent && !is_close {
                    return None;
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The `|` or `>` of a block scalar between the last event and its content.
pub(super) fn block_header(text: &str, from: usize, content: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < content.min(bytes.len()) {
        match bytes[at] {
            b'|' | b'>' => return Some(at),
            b'#' => at = line_at(text, at).end,
            b'!' | b'&' | b'*' => {
                while bytes.get(at).is_some_and(|b| !b.is_ascii_whitespace()) {
                    at += 1;
                }
            }
            _ => at += 1,
        }
    }
    None
}
