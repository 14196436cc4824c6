//! Python's text as tokens: names, strings, marks and ends of lines. Enough to tell a call from a string
//! that looks like one, and what a call is given; no grammar. Source: "Lexical analysis" of Python's
//! reference.

use std::ops::Range;

use super::Budget;

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its bytes.
    pub range: Range<usize>,
    /// What it is.
    pub kind: TokenKind,
}

/// Kinds of [`Token`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenKind {
    /// A name, keyword or number.
    Word(String),
    /// A string.
    Text {
        /// What it holds; of one with escapes other than those of quotes, backslashes and line breaks, as
        /// it is written.
        value: String,
        /// The bytes between the quotes.
        inner: Range<usize>,
        /// `f"..."`: what stands in braces is not part of it.
        is_format: bool,
    },
    /// A mark of one character.
    Mark(char),
    /// The end of a line that is not within brackets or continued.
    LineEnd,
    /// The blanks a line of code starts with, as far as they are not within brackets.
    Indent(usize),
}

/// The tokens of a text. Comments and blanks are left out; a string that is not closed ends with its
/// line, or with the text where three quotes opened it. None once the budget is used up.
#[must_use]
pub fn tokens(text: &str, budget: &mut Budget) -> Option<Vec<Token>> {
    let mut out = Vec::new();
    let mut depth = 0_usize;
    let mut at = 0;
    let mut at_start = true;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if !budget.take_items(1) {
            return None;
        }
        let mut push = |range: Range<usize>, kind| out.push(Token { range, kind });
        if at_start && depth == 0 {
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            let next = rest.as_bytes().get(blanks);
            if !matches!(next, None | Some(b'\n' | b'\r' | b'#')) {
                push(at..at + blanks, TokenKind::Indent(blanks));
            }
            at += blanks;
            at_start = false;
            continue;
        }
        at_start = false;
        let first = rest.chars().next()?;
        match first {
            '\n' => {
                if depth == 0 {
                    push(at..at + 1, TokenKind::LineEnd);
                }
                at_start = true;
                at += 1;
            }
            '\\' if rest.starts_with("\\\n") || rest.starts_with("\\\r\n") => {
                at += if rest.starts_with("\\\n") { 2 } else { 3 };
            }
            '#' => at += rest.find('\n').unwrap_or(rest.len()),
            c if c.is_whitespace() => at += c.len_utf8(),
            '"' | '\'' => at = string(text, at, at, &mut out),
            c if c.is_alphanumeric() || c == '_' => {
                let length = rest.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(rest.len());
                let word = rest.get(..length).unwrap_or("");
                let is_prefix = length <= 2 && word.bytes().all(|b| b"rRbBfFuUtT".contains(&b));
                if is_prefix && rest.get(length..).is_some_and(|r| r.starts_with(['"', '\''])) {
                    at = string(text, at, at + length, &mut out);
                } else {
                    push(at..at + length, TokenKind::Word(word.to_owned()));
                    at += length;
                }
            }
            c => {
                match c {
                    '(' | '[' | '{' => depth += 1,
                    ')' | ']' | '}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                push(at..at + c.len_utf8(), TokenKind::Mark(c));
                at += c.len_utf8();
            }
        }
    }
    Some(out)
}

/// Reads a string whose quotes start at `quote`, its letters at `start`; gives where it ends.
fn string(text: &str, start: usize, quote: usize, out: &mut Vec<Token>) -> usize {
    let letters = text.get(start..quote).unwrap_or("").to_ascii_lowercase();
    let (inner, end) = extent(text, quote);
    let written = text.get(inner.clone()).unwrap_or("");
    let value = if letters.contains('r') { written.to_owned() } else { plain(written) };
    let is_format = letters.contains(['f', 't']);
    out.push(Token { range: start..end, kind: TokenKind::Text { value, inner, is_format } });
    end
}

/// Where the string that opens at a quote holds its text, and where it ends.
#[must_use]
pub fn extent(text: &str, quote: usize) -> (Range<usize>, usize) {
    let rest = text.get(quote..).unwrap_or("");
    let mark = if rest.starts_with('\'') { '\'' } else { '"' };
    let triple = if mark == '\'' { "'''" } else { "\"\"\"" };
    let is_long = rest.starts_with(triple);
    let open = if is_long { 3 } else { 1 };
    let bytes = text.as_bytes();
    let mut at = quote + open;
    while let Some(byte) = bytes.get(at) {
        match byte {
            // A raw string keeps the backslash, and the quote behind it does not end it either.
            b'\\' => at += 2,
            b'\n' if !is_long => return (quote + open..at, at),
            byte if *byte == mark as u8 => {
                if !is_long {
                    return (quote + 1..at, at + 1);
                }
                if text.get(at..).is_some_and(|rest| rest.starts_with(triple)) {
                    return (quote + 3..at, at + 3);
                }
                at += 1;
            }
            _ => at += 1,
        }
    }
    (quote.saturating_add(open).min(text.len())..text.len(), text.len())
}

/// The text of a string with its plain escapes undone; as written where it has others.
fn plain(written: &str) -> String {
    if !written.contains('\\') {
        return written.to_owned();
    }
    let mut out = String::with_capacity(written.len());
    let mut chars = written.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('\n') => {}
            Some(c @ ('\\' | '\'' | '"')) => out.push(c),
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            _ => return written.to_owned(),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let tokens = tokens(text, &mut Budget::default()).unwrap();
        let one = |t: &Token| match &t.kind {
            TokenKind::Word(word) => word.clone(),
            TokenKind::Text { value, inner, is_format } => {
                assert!(text.get(inner.clone()).is_some() && text.get(t.range.clone()).is_some());
                format!("{}<{value}>", if *is_format { "f" } else { "" })
            }
            TokenKind::Mark(mark) => mark.to_string(),
            TokenKind::LineEnd => "|".to_owned(),
            TokenKind::Indent(blanks) => format!("{blanks}:"),
        };
        tokens.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn strings_and_comments_are_told_from_code() {
        for (text, expected) in [
            ("s.install('a', \"b\")  # s.install('c')\n", "0: s . install ( <a> , <b> ) |"),
            ("x = '''a\n  s.run()\n'''\n  y", "0: x = <a\n  s.run()\n> | 2: y"),
            ("f(\n  1,\n  r'\\d'\n)\n", "0: f ( 1 , <\\d> ) |"),
            ("a = f'{b}' \\\n  'it\\'s'", "0: a = f<{b}> <it's>"),
            ("a = 'open\nb", "0: a = <open> | 0: b"),
            ("'\\x41' \"\"\"x\"y\"\"\"", "0: <\\x41> <x\"y>"),
            ("\"\"\"open", "0: <open>"),
            ("'\\", "0: <\\>"),
            ("é = ß", "0: é = ß"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
