//! Compressed streams as bytes that can be read anywhere, in constant memory.
//!
//! A stream is decoded once when it is opened, to learn how long it is and whether it is whole. What is small is
//! held; of what is large the beginning, the end and a piece are held, and reading backwards decodes it again from
//! its start. A stream that breaks off keeps what came before the break: programs that read it piece by piece have
//! used it by then.

mod inflate;
mod source;
#[cfg(test)]
mod tests;
mod unpack;

use std::fmt;
use std::sync::Mutex;

use crate::source::{Bytes, Part};
use unpack::Unpacker;

/// How a stream is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// Deflate without a header (RFC 1951), as in zips.
    Deflate,
    /// zlib (RFC 1950).
    Zlib,
    /// gzip (RFC 1952), members one after the other.
    Gzip,
    /// bzip2, streams one after the other.
    Bzip2,
    /// xz, streams one after the other.
    Xz,
    /// LZMA alone.
    Lzma,
    /// Zstandard (RFC 8878), frames one after the other.
    Zstd,
    /// LZ4 frames.
    Lz4,
}

/// Up to so many bytes are held whole.
const HELD: u64 = 8 << 20;
/// Bytes at the beginning that stay at hand.
const HEAD: usize = 256 << 10;
/// Bytes at the end that stay at hand: where zips keep their directory.
const TAIL: usize = 192 << 10;
/// Bytes before the place that is read that stay at hand.
const PIECE: usize = 1 << 20;
/// Bytes decoded at a time.
const STEP: usize = 64 << 10;
/// How often a stream is decoded from its start, the first time aside.
const PASSES: usize = 24;

/// Whether bytes are zeros only.
#[must_use]
pub fn is_zeros(bytes: &[u8]) -> bool {
    static ZEROS: [u8; 4096] = [0; 4096];
    bytes.chunks(ZEROS.len()).all(|chunk| *chunk == ZEROS[..chunk.len()])
}

/// How a stream ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// Packed bytes up to the end or the break: what lies behind belongs to no stream.
    pub consumed: u64,
    /// Why it breaks off, a sentence fragment; none where it is whole.
    pub broken: Option<String>,
    /// Whether it goes on beyond the limit.
    pub is_cut: bool,
}

/// A decoded stream.
pub struct Decoded<'b> {
    codec: Codec,
    packed: Part<'b>,
    length: u64,
    crc: u32,
    end: End,
    is_whole: bool,
    head: Vec<u8>,
    tail: Vec<u8>,
    /// Where the zeros begin that it ends with: what is packed best needs no decoding again.
    zeros: u64,
    forward: Mutex<Forward<'b>>,
}

/// Where the decoding of a large stream stands.
#[derive(Default)]
struct Forward<'b> {
    unpacker: Option<Unpacker<'b>>,
    position: u64,
    piece: Vec<u8>,
    passes: usize,
}

impl fmt::Debug for Decoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes out of {:?}", self.length, self.codec)
    }
}

impl<'b> Decoded<'b> {
    /// Decodes a stream once; up to `limit` bytes of it are there.
    #[must_use]
    pub fn open(codec: Codec, packed: Part<'b>, limit: u64) -> Self {
        let mut pass = Pass::run(codec, packed, limit, STEP);
        if pass.end.broken.is_some() {
            // Some decoders give up what they have in hand when they meet the break: asked byte by byte they
            // hand out all that comes before it.
            let last = pass.length;
            let again = Pass::run_to(codec, packed, limit, last);
            if again.length > last {
                pass = again;
            }
        }
        pass.close(codec, packed)
    }

    /// How it ended.
    #[must_use]
    pub fn end(&self) -> &End {
        &self.end
    }

    /// CRC-32 of all that came out.
    #[must_use]
    pub fn crc(&self) -> u32 {
        self.crc
    }
}

/// The first decoding of a stream.
struct Pass {
    length: u64,
    crc: crc32fast::Hasher,
    end: End,
    held: Vec<u8>,
    tail: Vec<u8>,
    /// Behind the last byte that is no zero.
    zeros: u64,
}

impl Pass {
    fn run(codec: Codec, packed: Part<'_>, limit: u64, step: usize) -> Self {
        Self::new().go(&mut Unpacker::new(codec, packed), limit, |_| step)
    }

    /// Byte by byte from an offset on.
    fn run_to(codec: Codec, packed: Part<'_>, limit: u64, from: u64) -> Self {
        /// Bytes asked for one by one.
        const ONE_BY_ONE: u64 = 2 * STEP as u64;
        Self::new().go(&mut Unpacker::new(codec, packed), limit.min(from + ONE_BY_ONE), |at| {
            from.checked_sub(at).filter(|left| *left > 0).map_or(1, |left| left.min(STEP as u64) as usize)
        })
    }

    fn new() -> Self {
        let end = End { consumed: 0, broken: None, is_cut: false };
        Self { length: 0, crc: crc32fast::Hasher::new(), end, held: Vec::new(), tail: Vec::new(), zeros: 0 }
    }

    fn go(mut self, unpacker: &mut Unpacker<'_>, limit: u64, step: impl Fn(u64) -> usize) -> Self {
        let mut buffer = vec![0; STEP];
        loop {
            match unpacker.read(&mut buffer[..step(self.length)]) {
                Ok(0) => break,
                Ok(read) => {
                    let room = usize::try_from(limit - self.length).unwrap_or(usize::MAX);
                    self.take(&buffer[..read.min(room)]);
                    if read > room {
                        self.end.is_cut = true;
                        break;
                    }
                }
                Err(why) => {
                    self.end.broken = Some(why);
                    break;
                }
            }
        }
        self.end.consumed = unpacker.consumed();
        self
    }

    fn take(&mut self, bytes: &[u8]) {
        self.crc.update(bytes);
        let before = self.length;
        if !is_zeros(bytes) {
            let last = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0);
            self.zeros = before + last as u64 + 1;
        }
        self.length += bytes.len() as u64;
        if before <= HELD {
            self.held.extend_from_slice(bytes);
            if self.length > HELD {
                self.tail = self.held.split_off(self.held.len() - TAIL);
                self.held.truncate(HEAD);
                self.held.shrink_to_fit();
            }
        } else {
            self.tail.extend_from_slice(bytes);
            if self.tail.len() > 2 * TAIL {
                self.tail.drain(..self.tail.len() - TAIL);
            }
        }
    }

    fn close(self, codec: Codec, packed: Part<'_>) -> Decoded<'_> {
        let is_whole = self.length <= HELD;
        let (length, end, head, tail) = (self.length, self.end, self.held, self.tail);
        let (crc, zeros) = (self.crc.finalize(), self.zeros);
        Decoded { codec, packed, length, crc, end, is_whole, head, tail, zeros, forward: Mutex::default() }
    }
}

impl<'b> Forward<'b> {
    /// Goes on to where a byte lies in the piece that is held.
    fn reach(&mut self, of: &Decoded<'b>, offset: u64) -> Result<(), String> {
        let start = self.position - self.piece.len() as u64;
        if offset < start || self.unpacker.is_none() {
            if self.passes >= PASSES {
                return Err("it is packed and was read back and forth too often".to_owned());
            }
            self.passes += 1;
            self.unpacker = Some(Unpacker::new(of.codec, of.packed));
            self.position = 0;
            self.piece.clear();
        }
        let Some(unpacker) = &mut self.unpacker else { return Ok(()) };
        let mut buffer = vec![0; STEP];
        while self.position <= offset {
            // Before a break as on the first pass: what comes last only comes byte by byte.
            let left = of.length - self.position;
            let step = if of.end.broken.is_some() && left <= 2 * STEP as u64 { 1 } else { left.min(STEP as u64) };
            let read = match unpacker.read(&mut buffer[..usize::try_from(step).unwrap_or(STEP)]) {
                Ok(0) => Err("it ended earlier than before".to_owned()),
                other => other,
            };
            let read = match read {
                Ok(read) => read,
                Err(why) => {
                    self.unpacker = None;
                    return Err(why);
                }
            };
            self.position += read as u64;
            self.piece.extend_from_slice(&buffer[..read]);
            if self.piece.len() > 2 * PIECE {
                self.piece.drain(..self.piece.len() - PIECE);
            }
        }
        Ok(())
    }
}

impl Bytes for Decoded<'_> {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, String> {
        if self.is_whole {
            return self.head.as_slice().read_at(offset, into);
        }
        let left = usize::try_from(self.length.saturating_sub(offset)).unwrap_or(usize::MAX);
        let count = into.len().min(left);
        let tail = self.length - self.tail.len() as u64;
        let mut done = 0;
        while done < count {
            let at = offset + done as u64;
            let into = &mut into[done..count];
            done += if at >= self.zeros {
                into.fill(0);
                into.len()
            } else if at < self.head.len() as u64 {
                self.head.as_slice().read_at(at, into)?
            } else if at >= tail {
                self.tail.as_slice().read_at(at - tail, into)?
            } else {
                let mut forward = self.forward.lock().map_err(|_| "its decoder failed".to_owned())?;
                forward.reach(self, at)?;
                let start = forward.position - forward.piece.len() as u64;
                forward.piece.as_slice().read_at(at - start, into)?
            };
        }
        Ok(done)
    }
}
