//! Gzip as a stream: a few kilobytes at a time, so that a small file cannot fill the memory.

use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};

/// Bytes unpacked at a time.
const CHUNK: usize = 32 << 10;
/// Bytes that a member stands for beside its own: what holds its state has tens of kilobytes, and a file may be
/// millions of members with nothing in them.
const MEMBER: u64 = 4 << 10;

/// Unpacks gzip, one member after the other.
pub(super) struct Gunzip<'a> {
    rest: &'a [u8],
    state: Option<Box<InflateState>>,
    chunk: Vec<u8>,
    at: usize,
    /// Bytes that may still come out.
    left: u64,
}

impl<'a> Gunzip<'a> {
    /// Starts; at most `limit` bytes will come out.
    pub(super) fn new(bytes: &'a [u8], limit: u64) -> Self {
        Self { rest: bytes, state: None, chunk: Vec::new(), at: 0, left: limit }
    }

    /// Fills as much of `out` as there is; less only at the end.
    pub(super) fn read(&mut self, out: &mut [u8]) -> Result<usize, &'static str> {
        let mut done = 0;
        while done < out.len() {
            if self.at == self.chunk.len() && !self.fill()? {
                break;
            }
            let from = self.chunk.get(self.at..).unwrap_or_default();
            let into = out.get_mut(done..).unwrap_or_default();
            let n = from.len().min(into.len());
            if let (Some(from), Some(into)) = (from.get(..n), into.get_mut(..n)) {
                into.copy_from_slice(from);
            }
            self.at += n;
            done += n;
        }
        Ok(done)
    }

    /// Passes over bytes; false where there are not so many.
    pub(super) fn skip(&mut self, mut n: u64) -> Result<bool, &'static str> {
        while n > 0 {
            if self.at == self.chunk.len() && !self.fill()? {
                return Ok(false);
            }
            let here = ((self.chunk.len() - self.at) as u64).min(n);
            self.at += usize::try_from(here).unwrap_or(usize::MAX);
            n -= here;
        }
        Ok(true)
    }

    /// The next chunk; false at the end.
    fn fill(&mut self) -> Result<bool, &'static str> {
        loop {
            if self.state.is_none() {
                // Zeros after the last member are padding.
                if self.rest.is_empty() || self.rest.iter().all(|byte| *byte == 0) {
                    return Ok(false);
                }
                self.rest = body(self.rest).ok_or("it is no gzip")?;
                self.left = self.left.checked_sub(MEMBER).ok_or("it unpacks to too many bytes")?;
                self.state = Some(InflateState::new_boxed(DataFormat::Raw));
            }
            let Some(state) = &mut self.state else { return Ok(false) };
            self.chunk.resize(CHUNK, 0);
            self.at = 0;
            let result = inflate(state, self.rest, &mut self.chunk, MZFlush::None);
            self.rest = self.rest.get(result.bytes_consumed..).unwrap_or_default();
            self.chunk.truncate(result.bytes_written);
            self.left = self.left.checked_sub(result.bytes_written as u64).ok_or("it unpacks to too many bytes")?;
            match result.status {
                Ok(MZStatus::StreamEnd) => {
                    self.state = None;
                    // Checksum and length.
                    self.rest = self.rest.get(8..).unwrap_or_default();
                }
                Ok(_) if result.bytes_written == 0 && result.bytes_consumed == 0 => return Err("its end is missing"),
                Err(MZError::Buf) if result.bytes_written == 0 => return Err("its end is missing"),
                Ok(_) | Err(MZError::Buf) => {}
                Err(_) => return Err("it cannot be unpacked"),
            }
            if !self.chunk.is_empty() {
                return Ok(true);
            }
        }
    }
}

/// What follows the header of a gzip member.
fn body(bytes: &[u8]) -> Option<&[u8]> {
    let [0x1f, 0x8b, 8, flags, _, _, _, _, _, _, rest @ ..] = bytes else { return None };
    let mut rest = rest;
    if flags & 4 != 0 {
        let length = usize::from(u16::from_le_bytes([*rest.first()?, *rest.get(1)?]));
        rest = rest.get(2 + length..)?;
    }
    // Name and comment end in a zero.
    for flag in [8, 16] {
        if flags & flag != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = rest.get(end + 1..)?;
        }
    }
    if flags & 2 != 0 {
        rest = rest.get(2..)?;
    }
    Some(rest)
}
