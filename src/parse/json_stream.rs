//! JSON of any size as a stream of events, in constant memory.
//!
//! Headers of weights and vocabularies of tokenizers are tens of megabytes of JSON of which a few keys
//! matter. Nothing is kept but the string or number that was read last, and of that no more than asked for.

use crate::source::Bytes;

/// Bytes read at a time.
const PIECE: usize = 64 << 10;
/// Deepest nesting; Python's reader ends at about a thousand.
const DEPTH: usize = 512;

/// How strict the grammar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// RFC 8259 to the letter. Documents may follow each other in both: whoever wants one asks for the end.
    Strict,
    /// Also `NaN`, comments, trailing commas and control characters in strings.
    Lenient,
}

/// What comes next. Text of keys, strings and numbers is [`Reader::text`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// `{`.
    Object,
    /// `}`.
    EndObject,
    /// `[`.
    Array,
    /// `]`.
    EndArray,
    /// The key of a value that follows.
    Key,
    /// A string.
    Text,
    /// A number as it is written.
    Number,
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// Nothing is left.
    End,
}

/// Why reading stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is no JSON from here on.
    Broken {
        /// Where, in bytes.
        offset: u64,
        /// A sentence fragment.
        what: &'static str,
    },
    /// The bytes end within a document.
    CutShort,
    /// The bytes cannot be had, and why.
    Unreadable(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    FirstKey,
    NextKey,
    Value,
    FirstItem,
    AfterValue,
}

/// Reads events of JSON.
#[derive(Debug)]
pub struct Reader<'b> {
    bytes: &'b dyn Bytes,
    dialect: Dialect,
    keep: usize,
    held: Vec<u8>,
    at: usize,
    base: u64,
    open: Vec<bool>,
    state: State,
    text: Vec<u8>,
    length: u64,
    start: u64,
    is_utf8: bool,
}

type Read<T> = Result<T, Fault>;

impl<'b> Reader<'b> {
    /// Reads from the beginning of the bytes; of one string up to `keep` bytes are kept.
    #[must_use]
    pub fn new(bytes: &'b dyn Bytes, dialect: Dialect, keep: usize) -> Self {
        Self {
            bytes,
            dialect,
            keep,
            held: Vec::new(),
            at: 0,
            base: 0,
            open: Vec::new(),
            state: State::Start,
            text: Vec::new(),
            length: 0,
            start: 0,
            is_utf8: true,
        }
    }

    /// The key, string or number that was read last, as far as it was kept.
    #[must_use]
    pub fn text(&self) -> &str {
        match std::str::from_utf8(&self.text) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&self.text[..error.valid_up_to()]).unwrap_or_default(),
        }
    }

    /// Whether the last string was longer than what is kept of it.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.length > self.text.len() as u64
    }

    /// Whether all strings so far were UTF-8, as far as they were kept.
    #[must_use]
    pub fn is_utf8(&self) -> bool {
        self.is_utf8
    }

    /// Where the last event begins, in bytes.
    #[must_use]
    pub fn start(&self) -> u64 {
        self.start
    }

    /// Where reading is, in bytes.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.base + self.at as u64
    }

    /// How many objects and arrays are open.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// The next event.
    ///
    /// # Errors
    /// Where it is no JSON, or cannot be read; nothing more can be read then.
    pub fn next_event(&mut self) -> Read<Event> {
        loop {
            let byte = self.skip_space()?;
            self.start = self.offset();
            let Some(byte) = byte else {
                return if self.open.is_empty() && self.state == State::Start {
                    Ok(Event::End)
                } else {
                    Err(Fault::CutShort)
                };
            };
            match (self.state, byte) {
                (State::FirstKey, b'}') | (State::AfterValue, b'}') if self.open.last() == Some(&true) => {
                    return self.close(Event::EndObject);
                }
                (State::FirstItem, b']') | (State::AfterValue, b']') if self.open.last() == Some(&false) => {
                    return self.close(Event::EndArray);
                }
                (State::NextKey, b'}') if self.dialect == Dialect::Lenient => return self.close(Event::EndObject),
                (State::Value, b']') if self.dialect == Dialect::Lenient && self.open.last() == Some(&false) => {
                    return self.close(Event::EndArray);
                }
                (State::FirstKey | State::NextKey, b'"') => {
                    self.string()?;
                    if self.skip_space()? != Some(b':') {
                        return Err(if self.is_at_end() {
                            Fault::CutShort
                        } else {
                            self.broken("a key without a colon")
                        });
                    }
                    self.at += 1;
                    self.state = State::Value;
                    return Ok(Event::Key);
                }
                (State::FirstKey | State::NextKey, _) => return Err(self.broken("no key where one must be")),
                (State::AfterValue, b',') => {
                    self.at += 1;
                    self.state = if self.open.last() == Some(&true) { State::NextKey } else { State::Value };
                }
                (State::AfterValue, _) => return Err(self.broken("no comma between values")),
                (State::Start | State::Value | State::FirstItem, _) => return self.value(byte),
            }
        }
    }

    /// Skips until no more than `depth` objects and arrays are open.
    ///
    /// # Errors
    /// As [`Reader::next_event`].
    pub fn skip_to(&mut self, depth: usize) -> Read<()> {
        while self.open.len() > depth {
            self.next_event()?;
        }
        Ok(())
    }

    fn broken(&self, what: &'static str) -> Fault {
        Fault::Broken { offset: self.offset(), what }
    }

    fn is_at_end(&self) -> bool {
        self.offset() >= self.bytes.len()
    }

    fn close(&mut self, event: Event) -> Read<Event> {
        self.at += 1;
        self.open.pop();
        self.after();
        Ok(event)
    }

    fn after(&mut self) {
        self.state = if self.open.is_empty() { State::Start } else { State::AfterValue };
    }

    fn value(&mut self, byte: u8) -> Read<Event> {
        let event = match byte {
            b'{' | b'[' => {
                if self.open.len() >= DEPTH {
                    return Err(self.broken("it is nested too deeply"));
                }
                self.at += 1;
                self.open.push(byte == b'{');
                self.state = if byte == b'{' { State::FirstKey } else { State::FirstItem };
                return Ok(if byte == b'{' { Event::Object } else { Event::Array });
            }
            b'"' => {
                self.string()?;
                Event::Text
            }
            b'-' | b'0'..=b'9' => self.number()?,
            b't' => self.word(b"true", Event::Bool(true))?,
            b'f' => self.word(b"false", Event::Bool(false))?,
            b'n' => self.word(b"null", Event::Null)?,
            b'N' if self.dialect == Dialect::Lenient => self.word(b"NaN", Event::Number)?,
            b'I' if self.dialect == Dialect::Lenient => self.word(b"Infinity", Event::Number)?,
            _ => return Err(self.broken("no value where one must be")),
        };
        self.after();
        Ok(event)
    }

    fn peek(&mut self) -> Read<Option<u8>> {
        if self.at >= self.held.len() && !self.fill()? {
            return Ok(None);
        }
        Ok(self.held.get(self.at).copied())
    }

    fn fill(&mut self) -> Read<bool> {
        self.base += self.held.len() as u64;
        self.at = 0;
        self.held.resize(PIECE, 0);
        let read = self.bytes.read_at(self.base, &mut self.held);
        self.held.truncate(*read.as_ref().unwrap_or(&0));
        read.map(|read| read > 0).map_err(Fault::Unreadable)
    }

    fn skip_space(&mut self) -> Read<Option<u8>> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(b'/') if self.dialect == Dialect::Lenient => self.comment()?,
                // A byte order mark.
                Some(0xef) if self.offset() == 0 && self.dialect == Dialect::Lenient => {
                    for expected in [0xef, 0xbb, 0xbf] {
                        if self.peek()? != Some(expected) {
                            return Ok(Some(0xef));
                        }
                        self.at += 1;
                    }
                }
                other => return Ok(other),
            }
        }
    }

    fn comment(&mut self) -> Read<()> {
        self.at += 1;
        match self.peek()? {
            Some(b'/') => {
                while let Some(byte) = self.peek()? {
                    self.at += 1;
                    if byte == b'\n' {
                        break;
                    }
                }
                Ok(())
            }
            Some(b'*') => {
                self.at += 1;
                let mut last = 0;
                while let Some(byte) = self.peek()? {
                    self.at += 1;
                    if (last, byte) == (b'*', b'/') {
                        return Ok(());
                    }
                    last = byte;
                }
                Err(Fault::CutShort)
            }
            _ => Err(self.broken("no value where one must be")),
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        let left = self.keep.saturating_sub(self.text.len());
        self.text.extend_from_slice(&bytes[..bytes.len().min(left)]);
    }

    fn word(&mut self, word: &'static [u8], event: Event) -> Read<Event> {
        self.text.clear();
        self.length = 0;
        for expected in word {
            match self.peek()? {
                Some(byte) if byte == *expected => self.at += 1,
                Some(_) => return Err(self.broken("an unknown word")),
                None => return Err(Fault::CutShort),
            }
        }
        self.push(word);
        Ok(event)
    }

    fn number(&mut self) -> Read<Event> {
        self.text.clear();
        self.length = 0;
        while let Some(byte) = self.peek()? {
            match byte {
                b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9' => self.at += 1,
                b'I' if self.dialect == Dialect::Lenient && self.text == b"-" => {
                    return self.word(b"Infinity", Event::Number);
                }
                _ => break,
            }
            self.push(&[byte]);
        }
        if is_number(&self.text) || self.is_cut() { Ok(Event::Number) } else { Err(self.broken("an odd number")) }
    }

    fn string(&mut self) -> Read<()> {
        self.at += 1;
        self.text.clear();
        self.length = 0;
        loop {
            if self.at >= self.held.len() && !self.fill()? {
                return Err(Fault::CutShort);
            }
            let rest = &self.held[self.at..];
            let plain = rest.iter().position(|&b| b == b'"' || b == b'\\' || b < 0x20).unwrap_or(rest.len());
            let left = self.keep.saturating_sub(self.text.len());
            self.text.extend_from_slice(&rest[..plain.min(left)]);
            self.length += plain as u64;
            self.at += plain;
            match self.held.get(self.at) {
                None => {}
                Some(b'"') => {
                    self.at += 1;
                    self.is_utf8 &= self.is_cut() || std::str::from_utf8(&self.text).is_ok();
                    return Ok(());
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape()?;
                }
                Some(&byte) if self.dialect == Dialect::Lenient && byte != 0 => {
                    self.at += 1;
                    self.push(&[byte]);
                }
                Some(_) => return Err(self.broken("a control character in a string")),
            }
        }
    }

    fn escape(&mut self) -> Read<()> {
        let Some(byte) = self.peek()? else { return Err(Fault::CutShort) };
        self.at += 1;
        let plain = match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => return self.unicode(),
            _ => return Err(self.broken("an unknown escape")),
        };
        self.push(&[plain]);
        Ok(())
    }

    fn unicode(&mut self) -> Read<()> {
        let mut unit = self.four()?;
        // A high surrogate waits for the low one; alone it is what no text can hold.
        while (0xd800..0xdc00).contains(&unit) {
            if self.peek()? != Some(b'\\') {
                break;
            }
            self.at += 1;
            if self.peek()? != Some(b'u') {
                self.push("\u{fffd}".as_bytes());
                return self.escape();
            }
            self.at += 1;
            let low = self.four()?;
            if (0xdc00..0xe000).contains(&low) {
                unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            } else {
                self.push("\u{fffd}".as_bytes());
                unit = low;
            }
        }
        let character = char::from_u32(unit).unwrap_or('\u{fffd}');
        let mut buffer = [0; 4];
        let encoded = character.encode_utf8(&mut buffer).len();
        self.push(&buffer[..encoded]);
        Ok(())
    }

    fn four(&mut self) -> Read<u32> {
        let mut value = 0;
        for _ in 0..4 {
            let Some(byte) = self.peek()? else { return Err(Fault::CutShort) };
            let Some(digit) = char::from(byte).to_digit(16) else { return Err(self.broken("an odd escape")) };
            value = value * 16 + digit;
            self.at += 1;
        }
        Ok(value)
    }
}

/// Whether a text is a number by the grammar of JSON.
fn is_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|b| b.is_ascii_digit()).count();
    let mut rest = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest[0] == b'0') {
        return false;
    }
    rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = &fraction[count..];
    }
    if let Some(exponent) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
        let exponent = exponent.strip_prefix(b"+").or_else(|| exponent.strip_prefix(b"-")).unwrap_or(exponent);
        let count = digits(exponent);
        return count > 0 && count == exponent.len();
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, dialect: Dialect) -> Result<String, Fault> {
        let bytes = text.as_bytes().to_vec();
        let mut reader = Reader::new(&bytes, dialect, 1000);
        let mut out = String::new();
        loop {
            match reader.next_event()? {
                Event::Object => out.push('{'),
                Event::EndObject => out.push('}'),
                Event::Array => out.push('['),
                Event::EndArray => out.push(']'),
                Event::Key => out += &format!("{}:", reader.text()),
                Event::Text => out += &format!("'{}' ", reader.text()),
                Event::Number => out += &format!("{} ", reader.text()),
                Event::Bool(value) => out += &format!("{value} "),
                Event::Null => out += "null ",
                Event::End => return Ok(out),
            }
        }
    }

    #[test]
    fn events_come_in_order() {
        for (text, expected) in [
            (r#"{"a": [1, -2.5e3, "x"], "b": {}}"#, "{a:[1 -2.5e3 'x' ]b:{}}"),
            (r#"["\u0041\n\ud83d\ude00", true, false, null]"#, "['A\n\u{1f600}' true false null ]"),
            ("  []  ", "[]"),
        ] {
            assert_eq!(read(text, Dialect::Strict).as_deref(), Ok(expected), "{text}");
        }
        for (text, expected) in [
            ("\u{feff}{\"a\": NaN,} // end\n[1,]", "{a:NaN }[1 ]"),
            ("/* c */ {\"a\": -Infinity}", "{a:Infinity }"),
            (r#""\ud83d\ud83d\ude00\ud83dx""#, "'\u{fffd}\u{1f600}\u{fffd}x' "),
        ] {
            assert_eq!(read(text, Dialect::Lenient).as_deref(), Ok(expected), "{text}");
            assert!(read(text, Dialect::Strict).is_err() || text.starts_with('"'), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_told() {
        for (text, at) in [
            ("{a:1}", 1),
            ("{\"a\" 1}", 5),
            ("{\"a\":1 \"b\":2}", 7),
            ("[1,]", 3),
            ("[01]", 3),
            ("[1.]", 3),
            ("[\"\t\"]", 2),
            ("[tru3]", 4),
            ("[\"\\x\"]", 4),
            ("[}", 1),
            ("{]", 1),
        ] {
            let got = read(text, Dialect::Strict);
            assert!(matches!(got, Err(Fault::Broken { offset, .. }) if offset == at), "{text}: {got:?}");
        }
        for text in ["{", "{\"a", "{\"a\":", "[1", "[\"\\u12", "[tr", "{\"a\""] {
            assert_eq!(read(text, Dialect::Strict), Err(Fault::CutShort), "{text}");
        }
        assert!(matches!(read(&"[".repeat(5000), Dialect::Strict), Err(Fault::Broken { .. })));
    }

    #[test]
    fn long_strings_are_cut_and_counted() {
        let bytes = format!("[\"{}\"]", "x".repeat(200_000)).into_bytes();
        let mut reader = Reader::new(&bytes, Dialect::Strict, 10);
        assert_eq!(reader.next_event(), Ok(Event::Array));
        assert_eq!(reader.next_event(), Ok(Event::Text));
        assert_eq!((reader.text(), reader.is_cut(), reader.start()), ("xxxxxxxxxx", true, 1));
        assert_eq!(reader.next_event(), Ok(Event::EndArray));
        assert_eq!(reader.next_event(), Ok(Event::End));
    }
}
