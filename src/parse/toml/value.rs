//! Values: scalars, and brackets that are measured before they are read.
//!
//! A bracket that never closes costs the statement: the next line that looks like a statement is
//! one. Within a value that does close, a bad item costs the item. Reading recurses no deeper than
//! the budget.

use std::ops::Range;

use toml_parser::lexer::TokenKind;

use super::read::{Reader, Token, insert};
use super::table::{Origin, Table};
use super::{Kind, Value, scalar};
use crate::source::Span;

impl Reader<'_> {
    /// Reads a value; an error costs the statement.
    pub(super) fn value(&mut self, depth: usize) -> Result<Value, String> {
        match self.peek().kind {
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => {
                let Some(end) = self.extent() else {
                    return Err("bracket is not closed".to_owned());
                };
                Ok(self.nested(end, depth))
            }
            kind => {
                let value = self.scalar()?;
                let is_long = matches!(kind, TokenKind::MlBasicString | TokenKind::MlLiteralString);
                let ends = [TokenKind::Whitespace, TokenKind::Comment, TokenKind::Newline, TokenKind::Eof];
                if is_long && !ends.contains(&self.peek().kind) {
                    // It closed at the quotes that open a later one.
                    return Err("text after the end of a long string".to_owned());
                }
                Ok(value)
            }
        }
    }

    /// Where the brackets that open here are all closed. `None` if they are not before the next line
    /// that is a statement of its own, or nest too deeply.
    fn extent(&self) -> Option<usize> {
        let mut open: Vec<TokenKind> = Vec::new();
        let mut expects_more = true;
        for (at, token) in self.tokens.iter().enumerate().skip(self.at) {
            match token.kind {
                TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => {
                    if open.len() >= self.depth {
                        return None;
                    }
                    open.push(token.kind);
                    expects_more = true;
                    continue;
                }
                TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                    let is_array = token.kind == TokenKind::RightSquareBracket;
                    let opener = if is_array { TokenKind::LeftSquareBracket } else { TokenKind::LeftCurlyBracket };
                    // One of the wrong kind closes nothing.
                    if open.last() == Some(&opener) {
                        open.pop();
                    }
                    if open.is_empty() {
                        return Some(at);
                    }
                }
                TokenKind::Comma => {
                    expects_more = true;
                    continue;
                }
                TokenKind::Newline => {
                    let in_table = open.last() == Some(&TokenKind::LeftCurlyBracket);
                    if self.is_header(at + 1) || ((!in_table || !expects_more) && self.is_key_value(at + 1)) {
                        return None;
                    }
                    continue;
                }
                TokenKind::Whitespace | TokenKind::Comment => continue,
                TokenKind::Eof => return None,
                _ => {}
            }
            expects_more = false;
        }
        None
    }

    /// Whether a line starts with `key =`.
    fn is_key_value(&self, from: usize) -> bool {
        let mut tokens = self.tokens.iter().skip(from).filter(|t| t.kind != TokenKind::Whitespace);
        let mut wants_key = true;
        for token in tokens.by_ref().take(2 * self.depth) {
            match token.kind {
                TokenKind::Atom | TokenKind::BasicString | TokenKind::LiteralString if wants_key => wants_key = false,
                TokenKind::Dot if !wants_key => wants_key = true,
                TokenKind::Equals => return !wants_key,
                _ => return false,
            }
        }
        false
    }

    /// Whether a line is a `[header]` and cannot be a row of an array: a bare word at its start.
    fn is_header(&self, from: usize) -> bool {
        let mut tokens = self.tokens.iter().skip(from).peekable();
        if tokens.next().is_none_or(|t| t.kind != TokenKind::LeftSquareBracket) {
            return false;
        }
        let is_array = tokens.next_if(|t| t.kind == TokenKind::LeftSquareBracket).is_some();
        let Some(name) = tokens.next().and_then(|t| self.text.get(t.start..t.end)) else { return false };
        let is_word =
            name.starts_with(|c: char| c.is_ascii_alphabetic()) && !matches!(name, "true" | "false" | "inf" | "nan");
        let mut closed = 0;
        for token in tokens.take(4 * self.depth) {
            match token.kind {
                TokenKind::RightSquareBracket => closed += 1,
                TokenKind::Newline | TokenKind::Eof | TokenKind::Comment => break,
                TokenKind::Comma | TokenKind::LeftCurlyBracket => return false,
                _ => {}
            }
        }
        is_word && closed == 1 + usize::from(is_array)
    }

    /// A value inside brackets that are known to close at token `end`.
    fn nested(&mut self, end: usize, depth: usize) -> Value {
        let open = self.peek();
        if depth > self.depth {
            let span = Span::new(open.start, self.tokens.get(end).map_or(open.end, |t| t.start).max(open.end));
            self.at = end;
            self.problems.push(span, "nested too deeply");
            return Value { span, kind: Kind::Unreadable };
        }
        match open.kind {
            TokenKind::LeftSquareBracket => self.array(end, depth),
            TokenKind::LeftCurlyBracket => self.inline_table(end, depth),
            _ => match self.scalar() {
                Ok(value) => value,
                Err(message) => self.bad_item(end, open, message),
            },
        }
    }

    /// Skips to what ends an item, and notes it.
    fn bad_item(&mut self, end: usize, from: Token, message: String) -> Value {
        let passed = self.tokens.get(self.at.wrapping_sub(1)).map_or(from.start, |t| t.end);
        let mut last = passed.max(from.start);
        let mut open = 0usize;
        while self.at < end {
            let token = self.peek();
            match token.kind {
                TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => open += 1,
                TokenKind::Comma | TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket if open == 0 => break,
                TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => open -= 1,
                TokenKind::Newline if open == 0 => break,
                _ => {}
            }
            if token.kind != TokenKind::Whitespace {
                last = token.end;
            }
            self.at += 1;
        }
        let span = Span::new(from.start, last.max(from.start));
        self.problems.push(span, message);
        Value { span, kind: Kind::Unreadable }
    }

    fn array(&mut self, end: usize, depth: usize) -> Value {
        let open = self.peek();
        // Most arrays of a lock have one item; the least a vector takes by itself is four.
        let mut items = Vec::with_capacity(1);
        let mut comma = true;
        self.at += 1;
        loop {
            self.gap();
            let token = self.peek();
            match token.kind {
                TokenKind::RightSquareBracket | TokenKind::Eof => break,
                TokenKind::Comma if !comma => {
                    comma = true;
                    self.at += 1;
                    continue;
                }
                TokenKind::Comma => {
                    self.at += 1;
                    self.problems.push(Span::new(token.start, token.end), "expected a value");
                    continue;
                }
                TokenKind::RightCurlyBracket => {
                    comma = false;
                    self.at += 1;
                    self.problems.push(Span::new(token.start, token.end), "unexpected `}`");
                    continue;
                }
                _ => {}
            }
            if self.at >= end {
                break;
            }
            if !comma {
                self.problems.push(Span::new(token.start, token.end), "expected `,` between values");
            }
            let before = self.at;
            items.push(self.nested(end, depth + 1));
            comma = false;
            // A closing bracket of the wrong kind belongs to nobody.
            self.at = self.at.max(before + 1);
        }
        self.closed(open, end, TokenKind::RightSquareBracket, Kind::Array(items))
    }

    fn inline_table(&mut self, end: usize, depth: usize) -> Value {
        let open = self.peek();
        let mut table = Table::new(Span::default(), Origin::Inline);
        let mut comma = true;
        self.at += 1;
        loop {
            self.gap();
            let token = self.peek();
            match token.kind {
                TokenKind::RightCurlyBracket | TokenKind::Eof => break,
                TokenKind::Comma => {
                    if comma {
                        self.problems.push(Span::new(token.start, token.end), "expected a key");
                    }
                    comma = true;
                    self.at += 1;
                    continue;
                }
                TokenKind::RightSquareBracket => {
                    self.at += 1;
                    self.problems.push(Span::new(token.start, token.end), "unexpected `]`");
                    continue;
                }
                _ => {}
            }
            if self.at >= end {
                break;
            }
            if !comma {
                self.problems.push(Span::new(token.start, token.end), "expected `,` between keys");
            }
            comma = false;
            let before = self.at;
            let keys = self.keys().and_then(|keys| {
                let found = self.peek().kind == TokenKind::Equals;
                if found { Ok(keys) } else { Err("expected `=` after the key".to_owned()) }
            });
            match keys {
                Ok(keys) => {
                    self.at += 1;
                    self.gap();
                    let item = self.nested(end, depth + keys.len());
                    if let Some((key, first)) = insert(&mut table, keys, item) {
                        self.duplicate(&key, first);
                    }
                }
                Err(message) => {
                    self.bad_item(end, token, message);
                }
            }
            self.at = self.at.max(before + 1);
        }
        let Value { span, kind } = self.closed(open, end, TokenKind::RightCurlyBracket, Kind::Table(table));
        match kind {
            Kind::Table(mut table) => {
                table.span = span;
                Value { span, kind: Kind::Table(table) }
            }
            kind => Value { span, kind },
        }
    }

    /// The end of a value in brackets.
    fn closed(&mut self, open: Token, end: usize, close: TokenKind, kind: Kind) -> Value {
        let token = self.peek();
        if token.kind == close && self.at <= end {
            self.at += 1;
            return Value { span: Span::new(open.start, token.end), kind };
        }
        let stop = self.tokens.get(end.min(self.at)).map_or(open.end, |t| t.start).max(open.end);
        let span = Span::new(open.start, stop);
        self.problems.push(Span::new(token.start, token.end), "bracket is not closed");
        Value { span, kind }
    }

    /// A string, number, boolean or date.
    fn scalar(&mut self) -> Result<Value, String> {
        let first = self.peek();
        let mut end = first.end;
        match first.kind {
            TokenKind::Atom | TokenKind::Dot => {
                // Dots are tokens of their own, and a date may have a blank before its time.
                loop {
                    self.at += 1;
                    let next = self.peek();
                    match next.kind {
                        TokenKind::Atom | TokenKind::Dot => end = next.end,
                        TokenKind::Whitespace if next.end - next.start == 1 && self.is_time_after(first.start, end) => {
                        }
                        _ => break,
                    }
                }
            }
            kind if kind.encoding().is_some() => self.at += 1,
            _ => return Err("expected a value".to_owned()),
        }
        let kind = scalar::scalar(self.text, first.start..end, first.kind.encoding())?;
        Ok(Value { span: Span::new(first.start, end), kind })
    }

    /// Whether a date ends at `end`, and a time follows the blank after it.
    fn is_time_after(&self, start: usize, end: usize) -> bool {
        let is_digits = |at: Range<usize>| self.text.get(at).is_some_and(|t| t.bytes().all(|b| b.is_ascii_digit()));
        end - start == 10
            && is_digits(start..start + 4)
            && self.text.get(start + 4..start + 5) == Some("-")
            && is_digits(end + 1..end + 3)
            && self.text.get(end + 3..end + 4) == Some(":")
    }
}
