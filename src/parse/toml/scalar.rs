//! Scalars: decoded by `toml_parser`, and strings mapped to the bytes they came from.

use std::borrow::Cow;
use std::ops::Range;

use toml_parser::decoder::{Encoding, ScalarKind};
use toml_parser::{ErrorSink, Expected, ParseError, Raw};

use super::Kind;
use crate::source::{Embedded, Span};

/// Keeps the first complaint of the decoder.
#[derive(Default)]
pub(super) struct First(Option<String>);

impl First {
    /// The complaint, if there is one.
    pub(super) fn into_message(self) -> Option<String> {
        self.0
    }
}

impl ErrorSink for First {
    fn report_error(&mut self, error: ParseError) {
        self.0.get_or_insert_with(|| {
            let wanted: Vec<_> = (error.expected().unwrap_or_default().iter())
                .filter_map(|expected| match expected {
                    Expected::Literal(text) => Some(format!("`{text}`")),
                    Expected::Description(text) => Some((*text).to_owned()),
                    _ => None,
                })
                .collect();
            let expected =
                if wanted.is_empty() { String::new() } else { format!(", expected {}", wanted.join(" or ")) };
            format!("{}{expected}", error.description())
        });
    }
}

/// What stands between the quotes of a string in one line, where it stands for itself. Nearly all strings
/// do; the decoder is for the others, and says what is wrong with them.
fn plain<'t>(text: &'t str, range: &Range<usize>, encoding: Option<Encoding>) -> Option<&'t str> {
    let quote = match encoding? {
        Encoding::BasicString => '"',
        Encoding::LiteralString => '\'',
        Encoding::MlBasicString | Encoding::MlLiteralString => return None,
    };
    let inner = text.get(range.clone())?.strip_prefix(quote)?.strip_suffix(quote)?;
    let is_plain = |b: u8| b >= b' ' && !matches!(b, b'"' | b'\'' | b'\\' | 0x7f);
    inner.bytes().all(is_plain).then_some(inner)
}

/// The value of a scalar, or why it has none.
pub(super) fn scalar(text: &str, range: Range<usize>, encoding: Option<Encoding>) -> Result<Kind, String> {
    if let Some(inner) = plain(text, &range, encoding) {
        return Ok(Kind::String(Embedded::verbatim(inner, range.start as u64 + 1)));
    }
    let mut errors = First::default();
    let mut decoded = Cow::Borrowed("");
    let kind = raw(text, &range, encoding).decode_scalar(&mut decoded, &mut errors);
    if let Some(message) = errors.into_message() {
        return Err(message);
    }
    match kind {
        ScalarKind::String => Ok(Kind::String(embed(text, range, encoding, &decoded))),
        ScalarKind::Boolean(value) => Ok(Kind::Bool(value)),
        ScalarKind::DateTime => Ok(Kind::Datetime(decoded.into_owned())),
        ScalarKind::Float => decoded.parse().map(Kind::Float).map_err(|_| "invalid float".to_owned()),
        ScalarKind::Integer(radix) => i64::from_str_radix(&decoded, radix.value())
            .map(Kind::Integer)
            .map_err(|_| "integer does not fit into 64 bits".to_owned()),
    }
}

/// A key without its quotes, or why it cannot be one.
pub(super) fn key(text: &str, range: Range<usize>, encoding: Option<Encoding>) -> Result<String, String> {
    let is_bare =
        |text: &&str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let bare = if encoding.is_none() { text.get(range.clone()).filter(is_bare) } else { None };
    if let Some(key) = bare.or_else(|| plain(text, &range, encoding)) {
        return Ok(key.to_owned());
    }
    let mut errors = First::default();
    let mut decoded = Cow::Borrowed("");
    raw(text, &range, encoding).decode_key(&mut decoded, &mut errors);
    errors.into_message().map_or(Ok(decoded.into_owned()), Err)
}

fn raw<'t>(text: &'t str, range: &Range<usize>, encoding: Option<Encoding>) -> Raw<'t> {
    let span = toml_parser::Span::new_unchecked(range.start, range.end);
    Raw::new_unchecked(text.get(range.clone()).unwrap_or(""), encoding, span)
}

/// Maps a string. Where this decoding differs from the parser's, the string is mapped as a whole.
fn embed(text: &str, range: Range<usize>, encoding: Option<Encoding>, decoded: &str) -> Embedded {
    let is_long = matches!(encoding, Some(Encoding::MlBasicString | Encoding::MlLiteralString));
    let is_basic = matches!(encoding, Some(Encoding::MlBasicString | Encoding::BasicString));
    let quotes = if is_long { 3 } else { 1 };
    let mut start = range.start + quotes;
    let end = range.end.saturating_sub(quotes).max(start);
    if is_long {
        let rest = text.get(start..end).unwrap_or("");
        start += if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
    }
    let inner = text.get(start..end).unwrap_or("");
    if inner == decoded {
        return Embedded::verbatim(decoded, start as u64);
    }
    let mut out = Embedded::new();
    let mut at = 0;
    while let Some(rest) = inner.get(at..).filter(|rest| !rest.is_empty()) {
        let run = rest.find('\\').unwrap_or(rest.len());
        out.push_verbatim(rest.get(..run).unwrap_or(""), (start + at) as u64);
        at += run;
        let Some(rest) = inner.get(at..).filter(|rest| !rest.is_empty()) else { break };
        let (len, replacement) = match rest.as_bytes() {
            [b'\\', ..] if is_basic => escape(rest),
            _ => {
                out.push_verbatim(rest.get(..1).unwrap_or(""), (start + at) as u64);
                at += 1;
                continue;
            }
        };
        out.push_replaced(&replacement, Span::new(start + at, start + at + len));
        at += len;
    }
    if out.text == decoded {
        return out;
    }
    let mut whole = Embedded::new();
    whole.push_replaced(decoded, Span::new(range.start, range.end));
    whole
}

/// An escape at the start of `rest`: its length and what it stands for.
fn escape(rest: &str) -> (usize, String) {
    let hex = |len: usize| {
        let digits = rest.get(2..2 + len).unwrap_or("");
        let decoded = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
        (2 + digits.len(), decoded.map(String::from).unwrap_or_default())
    };
    let one = |c: char| (2, c.to_string());
    match rest.as_bytes().get(1) {
        Some(b'b') => one('\u{8}'),
        Some(b't') => one('\t'),
        Some(b'n') => one('\n'),
        Some(b'f') => one('\u{c}'),
        Some(b'r') => one('\r'),
        Some(b'e') => one('\u{1b}'),
        Some(b'x') => hex(2),
        Some(b'u') => hex(4),
        Some(b'U') => hex(8),
        Some(b' ' | b'\t' | b'\n' | b'\r') => {
            let tail = rest.get(1..).unwrap_or("");
            (1 + tail.len() - tail.trim_start_matches([' ', '\t', '\n', '\r']).len(), String::new())
        }
        Some(quoted) if quoted.is_ascii() => one(char::from(*quoted)),
        _ => (1, String::new()),
    }
}
