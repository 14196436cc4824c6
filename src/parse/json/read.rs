//! Reads values from left to right, once. Recursion goes no deeper than the budget; what is nested
//! deeper is passed over by counting brackets.

use super::{Duplicate, Entry, Json, Kind, Object, Value};
use crate::parse::Budget;
use crate::parse::problems::Problems;
use crate::source::{Embedded, Span, Spanned};

/// A file on its way to a document.
struct Reader<'t, 'b> {
    text: &'t str,
    /// Keys under which nothing is kept.
    without: &'t [&'t str],
    /// Whether what is read now is kept.
    keeps: bool,
    at: usize,
    /// Arrays and objects that are open, to tell which closing bracket belongs to somebody.
    arrays: usize,
    objects: usize,
    budget: &'b mut Budget,
    problems: Problems,
    duplicates: Vec<Duplicate>,
}

/// What was passed last within a bracket.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// The bracket itself.
    Opened,
    /// An item.
    Item,
    /// What is no item, and has its problem.
    Bad,
    /// A comma, and where.
    Comma(usize),
}

/// Reads a whole file.
pub(super) fn read<'t>(text: &'t str, without: &'t [&'t str], budget: &mut Budget) -> Json {
    let mut problems = Problems::new(budget);
    if text.len() > budget.bytes {
        let message = format!("file has {} bytes, more than the limit of {}", text.len(), budget.bytes);
        problems.push(Span::new(0, text.len()), message);
        return Json { problems: problems.finish(), ..Json::default() };
    }
    let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader =
        Reader { text, without, keeps: true, at, arrays: 0, objects: 0, budget, problems, duplicates: Vec::new() };
    reader.blanks();
    let mut root = None;
    while root.is_none() && reader.peek().is_some() {
        // What stands before the value (the mark of a merge conflict) costs its line.
        root = reader.value(0);
        reader.blanks();
    }
    if reader.peek().is_some() {
        reader.problem(reader.at, text.len(), "text after the end of the value");
    }
    Json { root, problems: reader.problems.finish(), duplicates: reader.duplicates }
}

impl Reader<'_, '_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn problem(&mut self, start: usize, end: usize, message: &str) {
        self.problems.push(Span::new(start, end), message);
    }

    /// Reads a value. None where there is none: a problem says so, and what stands there is passed over
    /// to the end of the item.
    fn value(&mut self, depth: usize) -> Option<Value> {
        let start = self.at;
        if !self.budget.take_items(1) {
            self.problem(start, self.text.len(), "file has more values than the limit");
            self.at = self.text.len();
            return None;
        }
        let kind = match self.peek()? {
            b'{' | b'[' if depth >= self.budget.depth => {
                self.skip_nested();
                self.problem(start, self.at, "nested too deeply");
                Kind::Unreadable
            }
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => self.string().map_or(Kind::Unreadable, Kind::String),
            _ => match self.word() {
                Some(kind) => kind,
                None => {
                    self.skip_item();
                    self.problem(start, self.at, "expected a value");
                    return None;
                }
            },
        };
        Some(Value { span: Span::new(start, self.at), kind })
    }

    /// A number, or a word that stands for a value; nothing is passed where it is neither.
    fn word(&mut self) -> Option<Kind> {
        let rest = self.text.get(self.at..)?;
        let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
        let length = rest.bytes().position(|b| !is_part(b)).unwrap_or(rest.len());
        let word = rest.get(..length)?;
        let kind = match word {
            "null" => Kind::Null,
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            "NaN" => Kind::Float(f64::NAN),
            "Infinity" => Kind::Float(f64::INFINITY),
            "-Infinity" => Kind::Float(f64::NEG_INFINITY),
            _ if word.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => match word.parse() {
                Ok(number) => Kind::Integer(number),
                Err(_) => Kind::Float(word.parse().ok()?),
            },
            _ => return None,
        };
        self.at += length;
        Some(kind)
    }

    /// A string; none where it does not close on its line, which is then passed over.
    fn string(&mut self) -> Option<Embedded> {
        let start = self.at;
        self.at += 1;
        let mut out = Embedded::new();
        loop {
            let from = self.at;
            let rest = self.text.get(from..)?;
            let length = rest.bytes().position(|b| matches!(b, b'"' | b'\\' | b'\n')).unwrap_or(rest.len());
            let run = rest.get(..length)?;
            if self.keeps {
                out.push_verbatim(run, from as u64);
            }
            self.at += length;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Some(out);
                }
                Some(b'\\') => self.escape(&mut out),
                _ => {
                    self.problem(start, self.at, "string is not closed");
                    return None;
                }
            }
        }
    }

    /// What a backslash begins.
    fn escape(&mut self, out: &mut Embedded) {
        let start = self.at;
        let Some(letter) = self.text.get(start + 1..).and_then(|rest| rest.chars().next()) else {
            self.at += 1;
            return;
        };
        self.at += 1 + letter.len_utf8();
        let decoded = match letter {
            '"' | '\\' | '/' => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => self.unicode(),
            '\n' => {
                // The string ends with its line, as any other.
                self.at -= 1;
                return;
            }
            _ => {
                self.problem(start, self.at, "no escape of JSON");
                letter
            }
        };
        if self.keeps {
            out.push_replaced(decoded.encode_utf8(&mut [0; 4]), Span::new(start, self.at));
        }
    }

    /// The digits after `\u`, and those of the second half of a pair.
    fn unicode(&mut self) -> char {
        let Some(first) = self.digits(self.at) else {
            self.problem(self.at - 2, self.at, "no escape of JSON");
            return char::REPLACEMENT_CHARACTER;
        };
        self.at += 4;
        let is_second = self.text.get(self.at..self.at + 2) == Some("\\u");
        if (0xd800..0xdc00).contains(&first)
            && is_second
            && let Some(second) = self.digits(self.at + 2)
            && (0xdc00..0xe000).contains(&second)
        {
            self.at += 6;
            let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            return char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        }
        char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    fn digits(&self, at: usize) -> Option<u32> {
        let digits = self.text.get(at..at + 4).filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
        u32::from_str_radix(digits, 16).ok()
    }

    fn array(&mut self, depth: usize) -> Kind {
        let start = self.at;
        self.at += 1;
        self.arrays += 1;
        let mut items = Vec::with_capacity(1);
        let mut last = Last::Opened;
        while self.next_item(start, b']', &mut last) {
            if let Some(value) = self.value(depth + 1) {
                if self.keeps {
                    items.push(value);
                }
                last = Last::Item;
            }
        }
        self.arrays -= 1;
        Kind::Array(items)
    }

    fn object(&mut self, depth: usize) -> Kind {
        let start = self.at;
        self.at += 1;
        self.objects += 1;
        let mut object = Object::default();
        let mut last = Last::Opened;
        while self.next_item(start, b'}', &mut last) {
            let from = self.at;
            if self.peek() != Some(b'"') {
                self.skip_item();
                self.problem(from, self.at, "expected a key in quotes");
                continue;
            }
            let Some(key) = self.string() else { continue };
            let key = Spanned::new(key.text, Span::new(from, self.at));
            self.blanks();
            if self.peek() != Some(b':') {
                self.skip_item();
                self.problem(from, self.at, "expected `:` after the key");
                continue;
            }
            self.at += 1;
            self.blanks();
            let kept = self.keeps;
            self.keeps = kept && !self.without.contains(&key.as_str());
            let value = self.value(depth + 1);
            let is_left_out = kept && !self.keeps;
            self.keeps = kept;
            let Some(mut value) = value else { continue };
            last = Last::Item;
            if !kept {
                continue;
            }
            if is_left_out {
                value.kind = Kind::Null;
            }
            if let Some(first) = object.position(key.as_str()) {
                self.duplicates.push(Duplicate { key: key.value.clone(), first, again: key.span });
            }
            object.push(Entry { key, value });
        }
        self.objects -= 1;
        Kind::Object(object)
    }

    /// Goes to the next item of what opened at `start`; false at its end, which is passed.
    fn next_item(&mut self, start: usize, close: u8, last: &mut Last) -> bool {
        loop {
            self.blanks();
            let at = self.at;
            match self.peek() {
                None => {
                    self.problem(start, start + 1, "bracket is not closed");
                    return false;
                }
                Some(b) if b == close => {
                    if let Last::Comma(comma) = *last {
                        self.problem(comma, comma + 1, "comma before the end");
                    }
                    self.at += 1;
                    return false;
                }
                Some(b',') => {
                    if matches!(last, Last::Comma(_) | Last::Opened) {
                        self.problem(at, at + 1, "expected a value");
                    }
                    *last = Last::Comma(at);
                    self.at += 1;
                }
                Some(b @ (b']' | b'}')) => {
                    let opened = if b == b']' { self.arrays } else { self.objects };
                    if opened > 0 {
                        self.problem(start, start + 1, "bracket is not closed");
                        return false;
                    }
                    self.problem(at, at + 1, "bracket that closes nothing");
                    self.at += 1;
                }
                Some(_) => {
                    if *last == Last::Item {
                        self.problem(at, at, "expected `,`");
                    }
                    // Until it turns out to be an item.
                    *last = Last::Bad;
                    return true;
                }
            }
        }
    }

    /// Passes over what is no item: to the end of its line, or to what ends the item before that.
    fn skip_item(&mut self) {
        let start = self.at;
        while let Some(b) = self.peek() {
            if self.at > start && matches!(b, b'\n' | b',' | b'"' | b'[' | b']' | b'{' | b'}') {
                return;
            }
            self.at += 1;
        }
    }

    /// Passes over a bracket with all that is in it.
    fn skip_nested(&mut self) {
        let mut open = 0usize;
        let mut in_string = false;
        while let Some(b) = self.peek() {
            self.at += 1;
            match b {
                b'\\' if in_string => {
                    // The byte after it ends no string. A letter of more bytes has none that would.
                    self.at += usize::from(self.peek().is_some_and(|next| next.is_ascii() && next != b'\n'));
                }
                b'"' => in_string = !in_string,
                b'\n' => in_string = false,
                b'[' | b'{' if !in_string => open += 1,
                b']' | b'}' if !in_string => {
                    open = open.saturating_sub(1);
                    if open == 0 {
                        return;
                    }
                }
                _ => {}
            }
        }
    }
}
