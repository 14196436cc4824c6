//! Events of XML in constant memory: elements, attributes, texts, and what a document type declares.
//!
//! No entity is resolved, no address followed. One event is held at a time, and none larger than the limit;
//! UTF-16 is read as what it says, since readers of XML do.

use std::cell::Cell;
use std::io;
use std::io::BufRead;
use std::io::Read;
use std::rc::Rc;

use quick_xml::Reader;
use quick_xml::events::Event as Raw;

use crate::source::Bytes;

/// Bytes that are read at once.
const PIECE: usize = 16 << 10;
/// Elements within elements.
const DEPTH: usize = 1000;
/// Bytes of the names of all elements that are open: the parser keeps them to compare them with the ends.
const NAMES: usize = 1 << 20;

/// What stands next in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An element begins: its name, prefix included, its attributes with their values as they are written, and
    /// whether it ends at once.
    Open(String, Vec<(String, String)>, bool),
    /// An element ends.
    Close,
    /// Text or a section of characters, as it is written.
    Text(String),
    /// A reference to an entity, by its name.
    Reference(String),
    /// A document type, with all that it declares.
    Doctype(String),
    /// The declaration at the beginning.
    Declaration(String),
    /// An instruction for some program.
    Instruction(String),
}

/// Why a document cannot be read on: where, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Offset in bytes of the text as it was decoded.
    pub at: u64,
    /// One sentence fragment.
    pub why: String,
    /// A limit or the disk stopped it, rather than an error of the document.
    pub is_unread: bool,
}

/// Bytes as a stream that gives no more than it was allowed.
struct Source<'b> {
    bytes: &'b dyn Bytes,
    at: u64,
    held: Vec<u8>,
    used: usize,
    allowed: Rc<Cell<usize>>,
    /// UTF-16, and whether its first byte is the high one.
    wide: Option<bool>,
}

impl Source<'_> {
    fn fill(&mut self) -> Result<(), String> {
        let piece = self.bytes.up_to(self.at, PIECE)?;
        self.at += piece.len() as u64;
        self.used = 0;
        self.held = match self.wide {
            None => piece,
            Some(is_big) => {
                let units = piece.chunks_exact(2).map(|pair| {
                    if is_big { u16::from_be_bytes([pair[0], pair[1]]) } else { u16::from_le_bytes([pair[0], pair[1]]) }
                });
                char::decode_utf16(units)
                    .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                    .collect::<String>()
                    .into_bytes()
            }
        };
        Ok(())
    }
}

impl Read for Source<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let held = self.fill_buf()?;
        let count = held.len().min(into.len());
        into[..count].copy_from_slice(&held[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Source<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.used >= self.held.len() {
            self.fill().map_err(io::Error::other)?;
        }
        if self.allowed.get() == 0 && self.used < self.held.len() {
            return Err(io::Error::other("one element or text is larger than is looked at"));
        }
        Ok(&self.held[self.used..])
    }

    fn consume(&mut self, count: usize) {
        self.used += count;
        self.allowed.set(self.allowed.get().saturating_sub(count));
    }
}

/// Reads events.
pub struct Events<'b> {
    reader: Reader<Source<'b>>,
    buffer: Vec<u8>,
    allowed: Rc<Cell<usize>>,
    most: usize,
    /// Bytes of the names of the elements that are open.
    open: Vec<usize>,
    names: usize,
}

impl std::fmt::Debug for Events<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events").field("depth", &self.open.len()).finish_non_exhaustive()
    }
}

/// Whether bytes are UTF-16, and whether the first byte of each character is the high one.
#[must_use]
pub fn wide(head: &[u8]) -> Option<bool> {
    match head {
        [0xfe, 0xff, ..] | [0, b'<', 0, ..] => Some(true),
        [0xff, 0xfe, ..] | [b'<', 0, _, 0, ..] => Some(false),
        _ => None,
    }
}

impl<'b> Events<'b> {
    /// Reads a document; no event may be larger than `most` bytes.
    #[must_use]
    pub fn new(bytes: &'b dyn Bytes, most: usize) -> Self {
        let allowed = Rc::new(Cell::new(most));
        let wide = wide(&bytes.up_to(0, 4).unwrap_or_default());
        let source = Source { bytes, at: 0, held: Vec::new(), used: 0, allowed: Rc::clone(&allowed), wide };
        let mut reader = Reader::from_reader(source);
        reader.config_mut().check_end_names = true;
        reader.config_mut().expand_empty_elements = false;
        Self { reader, buffer: Vec::new(), allowed, most, open: Vec::new(), names: 0 }
    }

    /// Where the next event begins, in bytes of the decoded text.
    #[must_use]
    pub fn at(&self) -> u64 {
        self.reader.buffer_position()
    }

    /// The next event; none at the end.
    ///
    /// # Errors
    /// Where the document is broken, larger than the limits, or cannot be had.
    pub fn event(&mut self) -> Result<Option<Event>, Fault> {
        loop {
            let at = self.reader.buffer_position();
            self.buffer.clear();
            self.buffer.shrink_to(PIECE);
            // What the source has read ahead was charged to the event before.
            self.allowed.set(self.most);
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event,
                Err(error) => {
                    let is_unread = matches!(error, quick_xml::Error::Io(_));
                    return Err(Fault { at, why: error.to_string(), is_unread });
                }
            };
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let found = match &event {
                Raw::Eof if !self.open.is_empty() => {
                    let why = "it ends within an element".to_owned();
                    return Err(Fault { at, why, is_unread: false });
                }
                Raw::Eof => return Ok(None),
                Raw::Comment(_) => continue,
                Raw::Start(element) | Raw::Empty(element) => {
                    let mut attributes = Vec::new();
                    for attribute in element.attributes().with_checks(false) {
                        match attribute {
                            Ok(found) => attributes.push((text(found.key.as_ref()), text(&found.value))),
                            Err(error) => return Err(Fault { at, why: error.to_string(), is_unread: false }),
                        }
                    }
                    let is_empty = matches!(event, Raw::Empty(_));
                    let name = element.name();
                    if !is_empty {
                        self.open.push(name.as_ref().len());
                        self.names += name.as_ref().len();
                    }
                    Event::Open(text(name.as_ref()), attributes, is_empty)
                }
                Raw::End(_) => {
                    self.names -= self.open.pop().unwrap_or(0);
                    Event::Close
                }
                Raw::Text(found) => Event::Text(text(found)),
                Raw::CData(found) => Event::Text(text(found)),
                Raw::GeneralRef(found) => Event::Reference(text(found)),
                Raw::DocType(found) => Event::Doctype(text(found)),
                Raw::Decl(found) => Event::Declaration(text(found)),
                Raw::PI(found) => Event::Instruction(text(found)),
            };
            if self.open.len() > DEPTH || self.names > NAMES {
                let why = "elements are nested deeper, or have longer names, than is looked at".to_owned();
                return Err(Fault { at, why, is_unread: true });
            }
            return Ok(Some(found));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(input: &[u8]) -> Result<Vec<String>, Fault> {
        let mut events = Events::new(&input, 1000);
        let mut out = Vec::new();
        while let Some(event) = events.event()? {
            if let Event::Open(name, ..) = event {
                out.push(name);
            }
        }
        Ok(out)
    }

    #[test]
    fn elements_are_read_in_any_width() {
        let text = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x \"y\">]><a b='c'><d/>&x;</a>";
        assert_eq!(names(text.as_bytes()), Ok(vec!["a".to_owned(), "d".to_owned()]));
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(names(&wide), Ok(vec!["a".to_owned(), "d".to_owned()]));
        let wide: Vec<u8> = "\u{feff}<a/>".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(names(&wide), Ok(vec!["a".to_owned()]));
    }

    #[test]
    fn broken_deep_and_large_documents_end() {
        for input in ["<a>", "<a></b>", "<a", "<a b=c/>", "<!DOCTYPE a [", "<a><![CDATA["] {
            assert!(names(input.as_bytes()).is_err_and(|fault| !fault.is_unread), "{input}");
        }
        assert!(names("<a>".repeat(5000).as_bytes()).is_err_and(|fault| fault.is_unread));
        let long = format!("<a{}>", "b".repeat(9000)).repeat(200);
        let long = long.as_bytes();
        let mut events = Events::new(&long, 10_000);
        let end = std::iter::from_fn(|| Some(events.event())).find(|event| !matches!(event, Ok(Some(_))));
        assert!(end.is_some_and(|end| end.is_err_and(|fault| fault.is_unread)));
        let large = format!("<a b='{}'/>", "x".repeat(100_000));
        assert!(names(large.as_bytes()).is_err_and(|fault| fault.is_unread));
        let many = format!("<a>{}</a>", "<b>text</b>".repeat(10_000));
        assert_eq!(names(many.as_bytes()).map(|names| names.len()), Ok(10_001));
    }
}
