//! Decoded text of a scalar, mapped to the bytes it came from.
//!
//! The parser gives the decoded value and its ends. Here the value is decoded once more, piece by
//! piece; where both agree the pieces are the map, else the scalar is mapped as a whole, so that the
//! text is always the parser's and the map is exact or honest about not being so.

use std::ops::Range;

use granit_parser::ScalarStyle;

use super::repair::Work;
use crate::source::Embedded;

/// Part of a decoded value: host bytes taken as they are, or another text for them.
#[derive(Debug)]
struct Piece {
    host: Range<usize>,
    text: Option<String>,
}

/// Pieces of one value, in order.
#[derive(Debug, Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    fn verbatim(&mut self, host: Range<usize>) {
        if !host.is_empty() {
            self.0.push(Piece { host, text: None });
        }
    }

    fn replaced(&mut self, host: Range<usize>, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.0.push(Piece { host, text: Some(text) });
        }
    }

    /// A line break of the host as the `\n` it decodes to.
    fn line_break(&mut self, text: &str, host: Range<usize>) {
        if text.get(host.clone()) == Some("\n") { self.verbatim(host) } else { self.replaced(host, "\n") }
    }
}

/// The value of a scalar with its map. `span` is the parser's: quotes included, and for block
/// scalars the content; `header` is the place of `|` or `>`.
pub(super) fn embed(
    work: &Work<'_>,
    value: &str,
    style: ScalarStyle,
    span: Range<usize>,
    header: Option<usize>,
    indent: Option<usize>,
) -> Embedded {
    let text = work.text();
    // Nearly every scalar is a plain one on one line.
    if style == ScalarStyle::Plain && text.get(span.clone()) == Some(value) {
        let mut out = Embedded::new();
        push(&mut out, work, &Piece { host: span, text: None });
        return out;
    }
    let pieces = match style {
        ScalarStyle::Plain => Some(flow(text, span.clone(), style)),
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted if span.len() >= 2 => {
            Some(flow(text, span.start + 1..span.end - 1, style))
        }
        ScalarStyle::Literal | ScalarStyle::Folded => {
            header.zip(indent).and_then(|(header, indent)| block(text, header, span.end, indent, style))
        }
        _ => None,
    };
    let mut out = Embedded::new();
    match pieces.filter(|pieces| agrees(text, pieces, value)) {
        Some(pieces) => pieces.0.iter().for_each(|piece| push(&mut out, work, piece)),
        None => out.push_replaced(value, work.place(&span)),
    }
    out
}

/// Whether the pieces spell the parser's value.
fn agrees(text: &str, pieces: &Pieces, value: &str) -> bool {
    let mut rest = value;
    for piece in &pieces.0 {
        let part = piece.text.as_deref().or_else(|| text.get(piece.host.clone()));
        let Some(left) = part.and_then(|part| rest.strip_prefix(part)) else { return false };
        rest = left;
    }
    rest.is_empty()
}

/// Appends a piece. Masked characters get their true text back; blanked ones are spaces that the
/// file does not have.
fn push(out: &mut Embedded, work: &Work<'_>, piece: &Piece) {
    let host = work.place(&piece.host);
    match &piece.text {
        Some(text) => out.push_replaced(text, host),
        None if work.is_blanked(&piece.host) => {
            let left = work.text().get(piece.host.clone()).unwrap_or("");
            // Of a line that is gone only the break remains.
            out.push_replaced(if left.trim().is_empty() { "" } else { left }, host);
        }
        None => out.push_verbatim(work.source().get(piece.host.clone()).unwrap_or(""), host.start),
    }
}

/// Length of the line break at `at`, 0 if there is none.
fn break_len(bytes: &[u8], at: usize) -> usize {
    match (bytes.get(at), bytes.get(at + 1)) {
        (Some(b'\r'), Some(b'\n')) => 2,
        (Some(b'\r' | b'\n'), _) => 1,
        _ => 0,
    }
}

fn is_blank(byte: Option<&u8>) -> bool {
    matches!(byte, Some(b' ' | b'\t'))
}

/// Skips blanks and breaks; returns where content starts again and how many breaks were passed.
fn skip_breaks(bytes: &[u8], mut at: usize, end: usize) -> (usize, usize) {
    let mut breaks = 0;
    while at < end {
        let len = break_len(bytes, at);
        if len > 0 {
            at += len;
            breaks += 1;
        } else if is_blank(bytes.get(at)) {
            at += 1;
        } else {
            break;
        }
    }
    (at.min(end), breaks)
}

/// Plain and quoted scalars: line breaks fold, quotes escape.
fn flow(text: &str, span: Range<usize>, style: ScalarStyle) -> Pieces {
    let bytes = text.as_bytes();
    let mut out = Pieces::default();
    let mut run = span.start;
    let mut at = span.start;
    while at < span.end {
        match bytes.get(at) {
            Some(b'\n' | b'\r') => {
                let mut end = at;
                while end > run && is_blank(bytes.get(end - 1)) {
                    end -= 1;
                }
                out.verbatim(run..end);
                let (next, breaks) = skip_breaks(bytes, at, span.end);
                let text = if breaks <= 1 { " ".to_owned() } else { "\n".repeat(breaks - 1) };
                out.replaced(end..next, text);
                at = next;
                run = next;
            }
            Some(b'\'') if style == ScalarStyle::SingleQuoted => {
                out.verbatim(run..at);
                out.replaced(at..at + 2, "'");
                at += 2;
                run = at;
            }
            Some(b'\\') if style == ScalarStyle::DoubleQuoted => {
                out.verbatim(run..at);
                let (next, decoded) = escape(text, at, span.end);
                out.replaced(at..next, decoded);
                at = next;
                run = next;
            }
            _ => at += 1,
        }
    }
    out.verbatim(run..span.end.max(run));
    out
}

/// One escape of a double-quoted scalar: where it ends and what it stands for.
fn escape(text: &str, at: usize, end: usize) -> (usize, String) {
    let bytes = text.as_bytes();
    if break_len(bytes, at + 1) > 0 {
        let (next, breaks) = skip_breaks(bytes, at + 1, end);
        return (next, "\n".repeat(breaks - 1));
    }
    let hex = |from: usize, len: usize| {
        text.get(from..from + len)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
    };
    let one = |c: char| (at + 2, c.to_string());
    let digits = |len: usize| {
        let first = hex(at + 2, len).unwrap_or(0);
        if let (0xd800..=0xdbff, Some("\\u")) = (first, text.get(at + 6..at + 8)) {
            let low = hex(at + 8, 4).unwrap_or(0);
            let joined = 0x10000 + ((first - 0xd800) << 10) + (low.wrapping_sub(0xdc00) & 0x3ff);
            return (at + 12, char::from_u32(joined).map(String::from).unwrap_or_default());
        }
        (at + 2 + len, char::from_u32(first).map(String::from).unwrap_or_default())
    };
    match text.get(at + 1..).and_then(|rest| rest.chars().next()) {
        Some('0') => one('\0'),
        Some('a') => one('\u{7}'),
        Some('b') => one('\u{8}'),
        Some('t' | '\t') => one('\t'),
        Some('n') => one('\n'),
        Some('v') => one('\u{b}'),
        Some('f') => one('\u{c}'),
        Some('r') => one('\r'),
        Some('e') => one('\u{1b}'),
        Some('N') => one('\u{85}'),
        Some('_') => one('\u{a0}'),
        Some('L') => one('\u{2028}'),
        Some('P') => one('\u{2029}'),
        Some('x') => digits(2),
        Some('u') => digits(4),
        Some('U') => digits(8),
        Some(c) => (at + 1 + c.len_utf8(), c.to_string()),
        None => (end, String::new()),
    }
}

/// A line of a block scalar without its indentation.
struct Line {
    content: Range<usize>,
    end: usize,
}

/// Literal and folded scalars: indentation goes, folded lines join, the tail is chomped.
fn block(text: &str, header: usize, end: usize, indent: usize, style: ScalarStyle) -> Option<Pieces> {
    let bytes = text.as_bytes();
    let header_end = header + text.get(header..)?.find(['\n', '\r'])?;
    let chomp = bytes.get(header + 1..header + 3).and_then(|b| b.iter().find(|b| matches!(b, b'+' | b'-')).copied());
    let mut lines = Vec::new();
    let mut at = header_end + break_len(bytes, header_end);
    while at < end {
        let mut start = at;
        while start < end && start - at < indent && bytes.get(start) == Some(&b' ') {
            start += 1;
        }
        let stop = text.get(start..end)?.find(['\n', '\r']).map_or(end, |len| start + len);
        at = stop + break_len(bytes, stop);
        lines.push(Line { content: start..stop, end: at });
    }
    let last = lines.iter().rposition(|line| !line.content.is_empty())?;
    let mut out = Pieces::default();
    let mut previous: Option<&Line> = None;
    let mut empty = 0;
    for line in lines.get(..=last)? {
        if style == ScalarStyle::Literal {
            out.verbatim(line.content.clone());
            if line.end <= lines.get(last)?.content.start {
                out.line_break(text, line.content.end..line.end);
            }
            continue;
        }
        if line.content.is_empty() {
            empty += 1;
            continue;
        }
        match previous {
            None => {
                let from = line.content.start.min(header_end);
                out.replaced(from..line.content.start, "\n".repeat(empty));
            }
            Some(before) => {
                let more = is_blank(bytes.get(before.content.start)) || is_blank(bytes.get(line.content.start));
                let breaks = if more { "\n".repeat(empty + 1) } else { "\n".repeat(empty) };
                let joint = if breaks.is_empty() { " ".to_owned() } else { breaks };
                out.replaced(before.content.end..line.content.start, joint);
            }
        }
        out.verbatim(line.content.clone());
        previous = Some(line);
        empty = 0;
    }
    let kept = match chomp {
        Some(b'-') => 0,
        Some(_) => usize::MAX,
        None => 1,
    };
    for line in lines.get(last..)?.iter().filter(|line| line.end > line.content.end).take(kept) {
        out.line_break(text, line.content.end..line.end);
    }
    Some(out)
}
