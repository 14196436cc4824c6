//! Strings of Python: prefixes, quotes and escapes.

use std::ops::Range;

use crate::source::{Embedded, Span};

/// Decodes one string literal that stands at `range` of the file. None where it is bytes or a template
/// with something in it, whose text nobody knows.
pub(super) fn decode(file: &str, range: Range<usize>) -> Option<Embedded> {
    let literal = file.get(range.clone())?;
    let quote = literal.find(['\'', '"'])?;
    let prefix = literal.get(..quote)?.to_ascii_lowercase();
    let body = literal.get(quote..)?;
    let mark = body.get(..1)?;
    let long = body.get(..3).filter(|three| three.bytes().all(|b| b == mark.as_bytes()[0]) && body.len() >= 6);
    let mark = long.unwrap_or(mark);
    let inner = body.strip_prefix(mark)?.strip_suffix(mark)?;
    let start = range.start + quote + mark.len();
    if prefix.contains(['b', 't']) || (prefix.contains('f') && inner.contains(['{', '}'])) {
        return None;
    }
    if prefix.contains('r') || !inner.contains('\\') {
        return Some(Embedded::verbatim(inner, start as u64));
    }
    let mut out = Embedded::new();
    let mut at = 0;
    while let Some(rest) = inner.get(at..).filter(|rest| !rest.is_empty()) {
        let length = rest.find('\\').unwrap_or(rest.len());
        out.push_verbatim(rest.get(..length)?, (start + at) as u64);
        at += length;
        let Some(rest) = rest.get(length..).filter(|rest| !rest.is_empty()) else { break };
        let (length, decoded) = escape(rest);
        let span = Span::new(start + at, start + at + length);
        match decoded {
            Some(c) => out.push_replaced(c.encode_utf8(&mut [0; 4]), span),
            // An unknown escape stays as written; a continued line is nothing.
            None if rest.get(1..2) == Some("\n") => {}
            None => out.push_verbatim(rest.get(..length)?, span.start),
        }
        at += length;
    }
    Some(out)
}

/// The length of what a backslash begins and what it stands for.
fn escape(rest: &str) -> (usize, Option<char>) {
    let Some(letter) = rest.chars().nth(1) else { return (1, None) };
    let digits = |count: usize| {
        let hex = rest.get(2..2 + count).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        (if hex.is_some() { 2 + count } else { 2 }, hex.and_then(char::from_u32))
    };
    match letter {
        'n' => (2, Some('\n')),
        't' => (2, Some('\t')),
        'r' => (2, Some('\r')),
        '\\' | '\'' | '"' => (2, Some(letter)),
        'x' => digits(2),
        'u' => digits(4),
        'U' => digits(8),
        _ => (1 + letter.len_utf8(), None),
    }
}
