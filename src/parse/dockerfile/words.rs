//! Words of an instruction: at blanks outside of quotes; the exec form, a list as JSON writes it.

use std::ops::Range;

use super::Flag;
use crate::source::Embedded;

/// A word, quotes and escapes still in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Its bytes in the text it was taken from.
    pub range: Range<usize>,
}

impl Word {
    /// The word as written.
    #[must_use]
    pub fn raw<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.range.clone()).unwrap_or("")
    }
}

/// The words of a text. A quote that never closes runs to the end.
#[must_use]
pub fn words(text: &str, escape: char) -> Vec<Word> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(word) = word_at(text, at, escape) {
        at = word.range.end;
        out.push(word);
    }
    out
}

/// The first word at or behind a place.
fn word_at(text: &str, at: usize, escape: char) -> Option<Word> {
    let rest = text.get(at..)?;
    let start = at + (rest.len() - rest.trim_start().len());
    let mut quote = None;
    let mut escaped = false;
    let mut depth = 0_usize;
    let mut end = text.len();
    let mut before = ' ';
    for (offset, c) in text.get(start..)?.char_indices() {
        let last = std::mem::replace(&mut before, c);
        if escaped {
            escaped = false;
            continue;
        }
        match (quote, c) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some('\''), _) => {}
            (_, c) if c == escape => escaped = true,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            // Blanks inside `${X:-a b}` are part of the word.
            (None, '{') if last == '$' => depth += 1,
            (None, '}') => depth = depth.saturating_sub(1),
            (None, c) if c.is_whitespace() && depth == 0 => {
                end = start + offset;
                break;
            }
            _ => {}
        }
    }
    (start < end).then_some(Word { range: start..end })
}

/// The flags at a place of a line, and where they end.
pub(super) fn flags(text: &Embedded, at: usize, escape: char) -> (Vec<Flag>, usize) {
    let mut out = Vec::new();
    let mut at = at;
    loop {
        let rest = text.text.get(at..).unwrap_or("");
        let start = at + (rest.len() - rest.trim_start().len());
        let Some(word) = word_at(&text.text, start, escape) else { return (out, start) };
        let raw = word.raw(&text.text);
        let Some(flag) = raw.strip_prefix("--").filter(|flag| !flag.is_empty()) else { return (out, start) };
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, Some(unquoted(value, escape))),
            None => (flag, None),
        };
        out.push(Flag { name: name.to_ascii_lowercase(), value, span: text.host_span(word.range.clone()) });
        at = word.range.end;
    }
}

/// A word without its quotes and escapes; variables stay as they are written.
#[must_use]
pub fn unquoted(raw: &str, escape: char) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut quote = None;
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some('\''), _) => out.push(c),
            (None, '\'' | '"') => quote = Some(c),
            (_, c) if c == escape => {
                let special =
                    quote.is_none() || matches!(chars.peek(), Some('"' | '$')) || chars.peek() == Some(&escape);
                if !special {
                    out.push(c);
                }
                out.extend(chars.next());
            }
            _ => out.push(c),
        }
    }
    out
}

/// The delimiter of `<<NAME`, `<<-NAME`, `3<<"NAME"`; whether leading tabs are dropped, and whether
/// variables are put in.
#[must_use]
pub fn is_here_document(word: &str) -> Option<(String, bool, bool)> {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<")?;
    let (strips, name) = match rest.strip_prefix('-') {
        Some(name) => (true, name),
        None => (false, rest),
    };
    if name.contains('<') || name.len() > 256 {
        return None;
    }
    let expands = !name.contains(['"', '\'']);
    let name = unquoted(name, '\\');
    (!name.is_empty()).then_some((name, strips, expands))
}

/// The words of the exec form, each with its bytes between the quotes; nothing where the text is no
/// list of strings as JSON writes them: then BuildKit takes it as a command line.
#[must_use]
pub fn json_words(text: &Embedded) -> Option<Vec<(String, Range<usize>)>> {
    let all = text.text.as_str();
    let inner = all.trim().strip_prefix('[')?;
    let mut at = all.find('[')? + 1;
    let mut out = Vec::new();
    // `[` and `]` alone are an empty list.
    if inner.trim_start() == "]" {
        return Some(out);
    }
    loop {
        at += blanks(all, at);
        let rest = all.get(at..)?.strip_prefix('"')?;
        let length = closing_quote(rest)?;
        let range = at + 1..at + 1 + length;
        out.push((unescaped(all.get(range.clone())?)?, range));
        at += length + 2;
        at += blanks(all, at);
        match all.get(at..)?.chars().next()? {
            ',' => at += 1,
            ']' => return all.get(at + 1..)?.trim().is_empty().then_some(out),
            _ => return None,
        }
    }
}

fn blanks(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or("");
    rest.len() - rest.trim_start().len()
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at),
            _ => {}
        }
    }
    None
}

fn unescaped(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next()? {
            c @ ('"' | '\\' | '/') => out.push(c),
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'u' => {
                let digits: String = chars.by_ref().take(4).collect();
                let code = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4)?;
                out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
            }
            _ => return None,
        }
    }
    Some(out)
}

/// The words of the exec form as a command line of a shell that means the same, with their places.
#[must_use]
pub fn quoted(list: &[(String, Range<usize>)], text: &Embedded) -> Embedded {
    let mut out = Embedded::new();
    for (word, range) in list {
        let host = text.host_span(range.clone());
        if !out.text.is_empty() {
            out.push_replaced(" ", host);
        }
        let plain =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':' | '=' | ',' | '+' | '@');
        let as_written = text.text.get(range.clone()) == Some(word.as_str());
        let push = |out: &mut Embedded, word: &str| match text.editable(range.clone()) {
            Some(span) if as_written => out.push_verbatim(word, span.start),
            _ => out.push_replaced(word, host),
        };
        if !word.is_empty() && word.chars().all(plain) {
            push(&mut out, word);
        } else if !word.contains('\'') {
            out.push_replaced("'", host);
            push(&mut out, word);
            out.push_replaced("'", host);
        } else {
            let mut escaped = String::with_capacity(word.len() + 8);
            escaped.push('"');
            for c in word.chars() {
                if matches!(c, '"' | '$' | '`' | '\\') {
                    escaped.push('\\');
                }
                escaped.push(c);
            }
            escaped.push('"');
            out.push_replaced(&escaped, host);
        }
    }
    out
}
