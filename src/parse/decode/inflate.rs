//! Deflate by itself, in zlib and in gzip.

use std::io;
use std::io::BufRead;

use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};

use super::source::{EARLY, Source};

/// What is out of the decoder at a time: as much as its window, or it would be lost at a break.
const OUT: usize = 64 << 10;

/// Inflates.
pub(super) struct Inflater<'b> {
    pub(super) source: Source<'b>,
    state: Box<InflateState>,
    out: Vec<u8>,
    used: usize,
    filled: usize,
    /// The check of what came out, where it is gzip.
    check: Option<(crc32fast::Hasher, u32)>,
    is_done: bool,
    failure: Option<String>,
}

impl<'b> Inflater<'b> {
    pub(super) fn raw(source: Source<'b>) -> Self {
        Self::new(source, DataFormat::Raw)
    }

    pub(super) fn zlib(source: Source<'b>) -> Self {
        Self::new(source, DataFormat::Zlib)
    }

    /// A member of gzip: its header is taken.
    pub(super) fn gzip(mut source: Source<'b>) -> io::Result<Self> {
        header(&mut source)?;
        let mut new = Self::new(source, DataFormat::Raw);
        new.check = Some((crc32fast::Hasher::new(), 0));
        Ok(new)
    }

    fn new(source: Source<'b>, format: DataFormat) -> Self {
        let state = InflateState::new_boxed(format);
        Self { source, state, out: vec![0; OUT], used: 0, filled: 0, check: None, is_done: false, failure: None }
    }

    pub(super) fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.used == self.filled {
            if let Some(why) = &self.failure {
                return Err(io::Error::other(why.clone()));
            }
            if self.is_done {
                return Ok(0);
            }
            self.step()?;
        }
        let count = into.len().min(self.filled - self.used);
        into[..count].copy_from_slice(&self.out[self.used..self.used + count]);
        self.used += count;
        Ok(count)
    }

    fn step(&mut self) -> io::Result<()> {
        let input = self.source.fill_buf()?;
        let is_at_end = input.is_empty();
        let result = inflate(&mut self.state, input, &mut self.out, MZFlush::None);
        self.source.consume(result.bytes_consumed);
        (self.used, self.filled) = (0, result.bytes_written);
        if let Some((crc, length)) = &mut self.check {
            crc.update(&self.out[..self.filled]);
            *length = length.wrapping_add(u32::try_from(self.filled).unwrap_or_default());
        }
        match result.status {
            Ok(MZStatus::StreamEnd) => {
                self.is_done = true;
                self.failure = self.trailer().err().map(|error| error.to_string());
            }
            Ok(_) | Err(MZError::Buf) if is_at_end && self.filled == 0 => self.failure = Some(EARLY.to_owned()),
            Ok(_) | Err(MZError::Buf) => {}
            Err(_) => self.failure = Some("it is no valid deflate".to_owned()),
        }
        Ok(())
    }

    /// What gzip says of itself at the end of a member.
    fn trailer(&mut self) -> io::Result<()> {
        let Some((crc, length)) = self.check.take() else { return Ok(()) };
        let mut said = [0; 8];
        for byte in &mut said {
            *byte = self.source.byte()?;
        }
        let [a, b, c, d, e, f, g, h] = said;
        if u32::from_le_bytes([a, b, c, d]) != crc.finalize() || u32::from_le_bytes([e, f, g, h]) != length {
            return Err(io::Error::other("its checksum is wrong"));
        }
        Ok(())
    }
}

/// Takes the header of a member of gzip.
fn header(source: &mut Source<'_>) -> io::Result<()> {
    let mut fixed = [0; 10];
    for byte in &mut fixed {
        *byte = source.byte()?;
    }
    let flags = fixed[3];
    if !fixed.starts_with(&[0x1f, 0x8b, 8]) {
        return Err(io::Error::other("it is no gzip"));
    }
    if flags & 4 != 0 {
        let length = u16::from_le_bytes([source.byte()?, source.byte()?]);
        source.skip(u64::from(length));
    }
    for text in [8, 16] {
        if flags & text != 0 {
            while source.byte()? != 0 {}
        }
    }
    if flags & 2 != 0 {
        source.skip(2);
    }
    Ok(())
}
