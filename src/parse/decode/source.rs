//! Packed bytes as a reader that knows exactly how far it was read.

use std::io;
use std::io::{BufRead, Read};

use crate::source::{Bytes, Part};

/// Bytes read at a time.
const STEP: usize = 32 << 10;

/// Reads packed bytes one after the other.
pub(super) struct Source<'b> {
    part: Part<'b>,
    buffer: Vec<u8>,
    used: usize,
    /// Where the buffer ends.
    position: u64,
    /// Bytes that are read as others, to let a broken stream end before its break.
    mended: Vec<(u64, u8)>,
}

impl<'b> Source<'b> {
    pub(super) fn new(part: Part<'b>, at: u64) -> Self {
        Self { part, buffer: Vec::new(), used: 0, position: at, mended: Vec::new() }
    }

    /// Reads bytes at some offsets as others.
    pub(super) fn mend(mut self, bytes: Vec<(u64, u8)>) -> Self {
        self.mended = bytes;
        self
    }

    /// Where the next byte lies.
    pub(super) fn consumed(&self) -> u64 {
        self.position - (self.buffer.len() - self.used) as u64
    }

    /// The bytes that come next, without taking them; fewer at the end.
    pub(super) fn peek(&self, length: usize) -> io::Result<Vec<u8>> {
        self.part.up_to(self.consumed(), length).map_err(io::Error::other)
    }

    /// Takes one byte.
    pub(super) fn byte(&mut self) -> io::Result<u8> {
        let first = self.fill_buf()?.first().copied();
        self.consume(1);
        first.ok_or_else(|| io::Error::other(EARLY))
    }

    /// Takes so many bytes without looking at them.
    pub(super) fn skip(&mut self, length: u64) {
        let at = self.consumed().saturating_add(length).min(self.part.len());
        (self.buffer, self.used, self.position) = (Vec::new(), 0, at);
    }
}

/// What is said of a stream that ends before its end.
pub(super) const EARLY: &str = "it ends early";

impl BufRead for Source<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.used >= self.buffer.len() {
            let start = self.position;
            self.buffer.resize(STEP, 0);
            self.used = 0;
            let read = self.part.read_at(start, &mut self.buffer);
            self.buffer.truncate(*read.as_ref().unwrap_or(&0));
            self.position = start + self.buffer.len() as u64;
            read.map_err(io::Error::other)?;
            for (at, instead) in &self.mended {
                let inside = at.checked_sub(start).and_then(|at| usize::try_from(at).ok());
                if let Some(byte) = inside.and_then(|at| self.buffer.get_mut(at)) {
                    *byte = *instead;
                }
            }
        }
        Ok(&self.buffer[self.used..])
    }

    fn consume(&mut self, count: usize) {
        self.used = (self.used + count).min(self.buffer.len());
    }
}

impl Read for Source<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let there = self.fill_buf()?;
        let count = there.len().min(into.len());
        into[..count].copy_from_slice(&there[..count]);
        self.consume(count);
        Ok(count)
    }
}
