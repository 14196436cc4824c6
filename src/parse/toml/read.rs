//! Statements of TOML: headers, keys and values, each read on its own.
//!
//! A statement that cannot be read costs its first line; the next line is tried on its own.

use toml_parser::Source;
use toml_parser::lexer::TokenKind;

use super::table::{Origin, Table};
use super::{Duplicate, Entry, Kind, Toml, Value, scalar};
use crate::parse::Budget;
use crate::parse::problems::Problems;
use crate::source::{Span, Spanned};

/// Times the rest of a file is cut into tokens again, after a long string that never closed.
const RELEX: usize = 16;
/// Tokens that one item of the budget pays for, most being blanks, dots and commas. There are at most as
/// many tokens as items, so that half of the budget is left for what is made of them.
const TOKENS_PER_ITEM: usize = 2;

/// A token with its place in the whole file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A file on its way to a document.
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    /// Deepest nesting: of header, dotted key and brackets together.
    pub(super) depth: usize,
    /// Most tokens at a time.
    limit: usize,
    relex: usize,
    root: Table,
    /// Where the current table is, or `None` under a header that could not be read.
    current: Option<Vec<usize>>,
    pub(super) problems: Problems,
    duplicates: Vec<Duplicate>,
    comments: Vec<Spanned<String>>,
}

pub(super) type Keys = Vec<Spanned<String>>;

/// Reads a whole file.
pub(super) fn read(text: &str, budget: &mut Budget) -> Toml {
    let mut problems = Problems::new(budget);
    if text.len() > budget.bytes {
        let message = format!("file has {} bytes, more than the limit of {}", text.len(), budget.bytes);
        problems.push(Span::new(0, text.len()), message);
        return Toml { problems: problems.finish(), ..Toml::default() };
    }
    let mut reader = Reader {
        text,
        tokens: Vec::new(),
        at: 0,
        depth: budget.depth,
        limit: budget.items,
        relex: RELEX,
        root: Table::new(Span::new(0, text.len()), Origin::Implicit),
        current: Some(Vec::new()),
        problems,
        duplicates: Vec::new(),
        comments: Vec::new(),
    };
    reader.lex(0);
    budget.take_items(reader.tokens.len() / TOKENS_PER_ITEM);
    while reader.statement() {}
    Toml {
        root: reader.root,
        problems: reader.problems.finish(),
        duplicates: reader.duplicates,
        comments: reader.comments,
    }
}

impl Reader<'_> {
    /// Cuts the file into tokens from an offset on.
    fn lex(&mut self, from: usize) {
        let rest = self.text.get(from..).unwrap_or("");
        self.tokens.clear();
        self.tokens.reserve((rest.len() / 4).min(self.limit));
        self.at = 0;
        for token in Source::new(rest).lex() {
            let (start, end) = (from + token.span().start(), from + token.span().end());
            if self.tokens.len() >= self.limit {
                self.problems.push(Span::new(start, self.text.len()), "file has more values than the limit");
                break;
            }
            self.tokens.push(Token { kind: token.kind(), start, end });
        }
        let end = self.tokens.last().map_or(from, |t| t.end);
        self.tokens.push(Token { kind: TokenKind::Eof, start: end, end });
    }

    /// The token at hand; the end of the file once all are passed.
    pub(super) fn peek(&self) -> Token {
        let eof = Token { kind: TokenKind::Eof, start: self.text.len(), end: self.text.len() };
        self.tokens.get(self.at).copied().unwrap_or(eof)
    }

    fn blanks(&mut self) {
        while self.peek().kind == TokenKind::Whitespace {
            self.at += 1;
        }
    }

    /// Blanks, line breaks and comments, as between the items of an array.
    pub(super) fn gap(&mut self) {
        loop {
            match self.peek().kind {
                TokenKind::Whitespace | TokenKind::Newline => {}
                TokenKind::Comment => self.comment(),
                _ => return,
            }
            self.at += 1;
        }
    }

    fn comment(&mut self) {
        let token = self.peek();
        let text = self.text.get(token.start + 1..token.end).unwrap_or("");
        self.comments.push(Spanned::new(text.to_owned(), Span::new(token.start, token.end)));
    }

    /// Reads one statement; false at the end.
    fn statement(&mut self) -> bool {
        self.gap();
        let first = self.peek();
        let before = self.at;
        let result = match first.kind {
            TokenKind::Eof => return false,
            TokenKind::LeftSquareBracket => self.header(),
            _ => self.key_value(),
        };
        if let Err(message) = result {
            self.give_up(before, first.start, message);
        } else if let Err(message) = self.line_end() {
            // The statement stands; only what follows it is lost.
            self.give_up(self.at, self.peek().start, message);
        }
        true
    }

    /// After a statement: a comment or nothing.
    fn line_end(&mut self) -> Result<(), String> {
        self.blanks();
        if self.peek().kind == TokenKind::Comment {
            self.comment();
            self.at += 1;
        }
        match self.peek().kind {
            TokenKind::Eof => Ok(()),
            TokenKind::Newline => {
                self.at += 1;
                Ok(())
            }
            _ => Err("unexpected text at the end of the line".to_owned()),
        }
    }

    /// Skips the first line of a statement. A long string in it that was not closed has swallowed
    /// what follows, so that is cut into tokens again.
    fn give_up(&mut self, first: usize, start: usize, message: String) {
        let end = self.line_from(start);
        self.problems.push(Span::new(start, end), message);
        let next = self.tokens.iter().skip(first).position(|t| t.start >= end).map(|n| first + n);
        let swallowed = next.and_then(|n| self.tokens.get(n.wrapping_sub(1))).is_none_or(|t| t.end > end);
        if !swallowed {
            self.at = next.unwrap_or(self.tokens.len());
        } else if self.relex > 0 {
            self.relex -= 1;
            // A second look at the same bytes, which were paid for.
            self.lex(end);
        } else {
            self.problems
                .push(Span::new(end, self.text.len()), "too many open strings; the rest of the file is not read");
            self.at = self.tokens.len();
        }
    }

    /// The end of the line that an offset is in, without the break and blanks; at least one
    /// character further, so that giving up always moves on.
    fn line_from(&self, start: usize) -> usize {
        let rest = self.text.get(start..).unwrap_or("");
        let line = rest.split('\n').next().unwrap_or("").trim_end_matches([' ', '\t', '\r']);
        start + line.len().max(rest.chars().next().map_or(0, char::len_utf8))
    }

    /// A key of one or more parts.
    pub(super) fn keys(&mut self) -> Result<Keys, String> {
        let mut keys = Keys::new();
        loop {
            self.blanks();
            let token = self.peek();
            let is_key = matches!(
                token.kind,
                TokenKind::Atom
                    | TokenKind::BasicString
                    | TokenKind::LiteralString
                    | TokenKind::MlBasicString
                    | TokenKind::MlLiteralString
            );
            if !is_key {
                return Err("expected a key".to_owned());
            }
            if keys.len() >= self.depth {
                return Err("nested too deeply".to_owned());
            }
            let key = scalar::key(self.text, token.start..token.end, token.kind.encoding())?;
            keys.push(Spanned::new(key, Span::new(token.start, token.end)));
            self.at += 1;
            self.blanks();
            if self.peek().kind != TokenKind::Dot {
                return Ok(keys);
            }
            self.at += 1;
        }
    }

    fn header(&mut self) -> Result<(), String> {
        let open = self.peek();
        self.at += 1;
        let is_array = self.peek().kind == TokenKind::LeftSquareBracket && self.peek().start == open.end;
        self.at += usize::from(is_array);
        let keys = match self.keys() {
            Ok(keys) if self.peek().kind != TokenKind::Comma => keys,
            broken => {
                // A row of an array that was never closed starts like a header; keys after it stay
                // where they are. Those under a header that cannot be read belong nowhere.
                let line = self.text.get(open.start..self.line_from(open.start)).unwrap_or("");
                if line.contains(']') && !line.contains(',') {
                    self.current = None;
                }
                return Err(broken.err().unwrap_or_else(|| "not a table header".to_owned()));
            }
        };
        let mut end = keys.last().map_or(open.end, |key| usize::try_from(key.span.end).unwrap_or(open.end));
        let mut closed = true;
        for _ in 0..=usize::from(is_array) {
            closed &= self.peek().kind == TokenKind::RightSquareBracket;
            if closed {
                end = self.peek().end;
                self.at += 1;
            }
        }
        self.enter(&keys, is_array, Span::new(open.start, end));
        // The name is known, so what follows has a place to go even if the bracket is missing.
        if closed { Ok(()) } else { Err("table header is not closed".to_owned()) }
    }

    /// Notes a key that was defined before.
    pub(super) fn duplicate(&mut self, key: &Spanned<String>, first: Span) {
        self.duplicates.push(Duplicate { key: key.value.clone(), first, again: key.span });
    }

    /// Makes the table of a header the current one.
    fn enter(&mut self, keys: &[Spanned<String>], is_array: bool, header: Span) {
        let mut path = Vec::with_capacity(keys.len());
        let mut noted: Option<(Spanned<String>, Span)> = None;
        for (depth, key) in keys.iter().enumerate() {
            let is_last = depth + 1 == keys.len();
            let Some(table) = self.root.descend(&path) else { break };
            let mut fresh = Table::new(header, if is_last { Origin::Header } else { Origin::Implicit });
            fresh.header = is_last.then_some(header);
            let fresh = Value { span: header, kind: Kind::Table(fresh) };
            let list = |first: Value| Value { span: header, kind: Kind::Array(vec![first]) };
            let Some(position) = table.position(&key.value) else {
                path.push(table.push(key.clone(), if is_last && is_array { list(fresh) } else { fresh }));
                continue;
            };
            let Some(entry) = table.at(position) else { break };
            let first = entry.key.span;
            match &mut entry.value.kind {
                // Another element of `[[name]]`.
                Kind::Array(items) if is_last && is_array && is_of_tables(items) => {
                    items.push(fresh);
                    entry.value.span = entry.value.span.to(header);
                    path.push(position);
                }
                // Below the last element of `[[name]]`.
                Kind::Array(items) if !is_last && is_of_tables(items) => path.push(position),
                Kind::Table(inner) if !is_last || !is_array => {
                    if is_last {
                        if inner.origin == Origin::Implicit {
                            inner.origin = Origin::Header;
                            inner.header = Some(header);
                            inner.span = header;
                            entry.value.span = header;
                            entry.key.span = key.span;
                        } else {
                            noted = Some((key.clone(), first));
                        }
                    } else if inner.origin == Origin::Inline {
                        noted = Some((key.clone(), first));
                    }
                    path.push(position);
                }
                // Something else has the name: the table is kept behind it.
                _ => {
                    noted = Some((key.clone(), first));
                    path.push(table.push(key.clone(), if is_last && is_array { list(fresh) } else { fresh }));
                }
            }
        }
        if let Some((key, first)) = noted {
            self.duplicate(&key, first);
        }
        self.current = Some(path);
    }

    fn key_value(&mut self) -> Result<(), String> {
        let keys = self.keys()?;
        if self.peek().kind != TokenKind::Equals {
            return Err("expected `=` after the key".to_owned());
        }
        self.at += 1;
        self.blanks();
        let start = self.at;
        let read = self.value(self.current.as_ref().map_or(0, Vec::len) + keys.len());
        let (value, result) = match read {
            Ok(value) => (value, Ok(())),
            Err(message) => {
                let from = self.tokens.get(start).map_or(self.text.len(), |t| t.start);
                let key_end = keys.last().map_or(from, |k| usize::try_from(k.span.end).unwrap_or(from));
                let end = self.line_from(key_end);
                let span = Span::new(from.min(end), end);
                (Value { span, kind: Kind::Unreadable }, Err(message))
            }
        };
        if let Some(path) = self.current.clone() {
            self.insert(&path, keys, value);
        }
        result
    }

    /// Puts a value under a dotted key of the current table.
    fn insert(&mut self, path: &[usize], keys: Keys, value: Value) {
        let Some(table) = self.root.descend(path) else { return };
        if !path.is_empty() {
            let end = keys.last().map_or(value.span, |k| k.span.to(value.span));
            table.span = table.span.to(end);
        }
        if let Some((key, first)) = insert(table, keys, value) {
            self.duplicate(&key, first);
        }
    }
}

/// Whether an array was made by `[[name]]`.
fn is_of_tables(items: &[Value]) -> bool {
    items.last().is_some_and(|v| matches!(&v.kind, Kind::Table(t) if t.origin == Origin::Header))
}

/// Puts a value under a dotted key. Returns the part that was defined before, and where.
pub(super) fn insert(table: &mut Table, mut keys: Keys, value: Value) -> Option<(Spanned<String>, Span)> {
    let whole = keys.first()?.span.to(value.span);
    let last = keys.pop()?;
    let mut noted = None;
    let mut table = table;
    for key in &keys {
        let fresh = |span| Value { span, kind: Kind::Table(Table::new(span, Origin::Dotted)) };
        let known = table.position(&key.value);
        let position = match known {
            Some(position) => {
                let Some(Entry { key: first, value }) = table.at(position) else { return noted };
                let first = first.span;
                match &value.kind {
                    Kind::Table(inner) if inner.origin == Origin::Dotted => position,
                    Kind::Table(_) => {
                        noted = noted.or(Some((key.clone(), first)));
                        position
                    }
                    _ => {
                        noted = noted.or(Some((key.clone(), first)));
                        table.push(key.clone(), fresh(whole))
                    }
                }
            }
            None => table.push(key.clone(), fresh(whole)),
        };
        let Some(Entry { value: Value { span, kind: Kind::Table(inner) }, .. }) = table.at(position) else {
            return noted;
        };
        if inner.origin == Origin::Dotted {
            *span = span.to(whole);
            inner.span = *span;
        }
        table = inner;
    }
    if let Some(first) = table.entry(&last.value) {
        noted = noted.or(Some((last.clone(), first.key.span)));
    }
    table.push(last, value);
    noted
}
