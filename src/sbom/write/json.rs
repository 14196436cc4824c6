//! JSON, written piece by piece: nothing of a document is kept but what waits to be written.

use std::io;
use std::io::Write;

use crate::parse::plain_json;

/// Bytes that wait to be written.
const PIECE: usize = 1 << 16;

/// A writer of JSON with two spaces for each depth.
pub(super) struct Json<'w> {
    out: &'w mut dyn Write,
    waiting: Vec<u8>,
    depth: usize,
    is_first: bool,
}

impl<'w> Json<'w> {
    /// Writes to `out`.
    pub(super) fn new(out: &'w mut dyn Write) -> Self {
        Self { out, waiting: Vec::with_capacity(PIECE + 1024), depth: 0, is_first: true }
    }

    /// Writes what waits, after a last line break.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.waiting.push(b'\n');
        self.out.write_all(&self.waiting)?;
        self.out.flush()
    }

    fn apart(&mut self) -> io::Result<()> {
        if !self.is_first {
            self.waiting.push(b',');
        }
        self.is_first = false;
        if self.waiting.len() > PIECE {
            self.out.write_all(&self.waiting)?;
            self.waiting.clear();
        }
        self.line();
        Ok(())
    }

    fn line(&mut self) {
        self.waiting.push(b'\n');
        for _ in 0..self.depth {
            self.waiting.extend_from_slice(b"  ");
        }
    }

    fn begin(&mut self, bracket: u8) {
        self.waiting.push(bracket);
        self.depth += 1;
        self.is_first = true;
    }

    fn end(&mut self, bracket: u8) {
        self.depth = self.depth.saturating_sub(1);
        if !self.is_first {
            self.line();
        }
        self.waiting.push(bracket);
        self.is_first = false;
    }

    fn quoted(&mut self, text: &str) -> io::Result<()> {
        // Only what JSON must escape, and what a terminal would obey, leaves the fast way.
        if text.bytes().all(|byte| (b' '..0x7f).contains(&byte) && byte != b'"' && byte != b'\\') {
            self.waiting.push(b'"');
            self.waiting.extend_from_slice(text.as_bytes());
            self.waiting.push(b'"');
            return Ok(());
        }
        let quoted = serde_json::to_string(text).map_err(io::Error::from)?;
        self.waiting.extend_from_slice(plain_json::json(&quoted).as_bytes());
        Ok(())
    }

    fn key(&mut self, key: &str) -> io::Result<()> {
        self.apart()?;
        self.quoted(key)?;
        self.waiting.extend_from_slice(b": ");
        Ok(())
    }

    /// An object that stands by itself or in a list.
    pub(super) fn object(&mut self, inside: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        if self.depth > 0 {
            self.apart()?;
        }
        self.begin(b'{');
        inside(self)?;
        self.end(b'}');
        Ok(())
    }

    /// An object under a key.
    pub(super) fn object_at(&mut self, key: &str, inside: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        self.key(key)?;
        self.begin(b'{');
        inside(self)?;
        self.end(b'}');
        Ok(())
    }

    /// A list under a key: nothing at all where there are no items.
    pub(super) fn list<T>(
        &mut self,
        key: &str,
        items: impl IntoIterator<Item = T>,
        mut each: impl FnMut(&mut Self, T) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut items = items.into_iter().peekable();
        if items.peek().is_none() {
            return Ok(());
        }
        self.key(key)?;
        self.begin(b'[');
        for item in items {
            each(self, item)?;
        }
        self.end(b']');
        Ok(())
    }

    /// A list of texts under a key: nothing where there are none.
    pub(super) fn texts<'t>(&mut self, key: &str, items: impl IntoIterator<Item = &'t str>) -> io::Result<()> {
        self.list(key, items, |json, item| {
            json.apart()?;
            json.quoted(item)
        })
    }

    /// A text under a key.
    pub(super) fn text(&mut self, key: &str, value: &str) -> io::Result<()> {
        self.key(key)?;
        self.quoted(value)
    }

    /// A text under a key: nothing where there is none or it is empty.
    pub(super) fn maybe(&mut self, key: &str, value: Option<&str>) -> io::Result<()> {
        value.filter(|value| !value.is_empty()).map_or(Ok(()), |value| self.text(key, value))
    }

    /// A whole number under a key.
    pub(super) fn number(&mut self, key: &str, value: u64) -> io::Result<()> {
        self.key(key)?;
        write!(self.waiting, "{value}")
    }

    /// A truth under a key.
    pub(super) fn truth(&mut self, key: &str, value: bool) -> io::Result<()> {
        self.key(key)?;
        write!(self.waiting, "{value}")
    }
}
