//! JSON of any size as a stream of events, in constant memory.
//!
//! Headers of weights and vocabularies of tokenizers are tens of megabytes of JSON of which a few keys
//! matter. Nothing is kept but the string or number that was read last, and of that no more than asked for.

mod scalar;
#[cfg(test)]
mod tests;

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
}
