//! The decoders of all codecs behind one face, stream after stream.

use std::io;
use std::io::Read;

use lzma_rust2::{LzmaReader, XzReader};
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use super::Codec;
use super::inflate::Inflater;
use super::source::Source;
use crate::parse::metadata::fence::fenced;
use crate::source::{Bytes, Part};

/// KiB that a decoder may take for what it looks back at; as much as the presets of xz and 7z ask for.
const MEMORY: u32 = 66 << 10;

/// One stream in the works.
enum Stream<'b> {
    Inflate(Box<Inflater<'b>>),
    Bzip2(Box<bzip2::bufread::BzDecoder<Source<'b>>>),
    Xz(Box<XzReader<Source<'b>>>),
    Lzma(Box<LzmaReader<Source<'b>>>),
    Zstd(Box<StreamingDecoder<Source<'b>, FrameDecoder>>),
    Lz4(Box<lz4_flex::frame::FrameDecoder<Source<'b>>>),
}

impl<'b> Stream<'b> {
    fn open(codec: Codec, source: Source<'b>) -> io::Result<Self> {
        Ok(match codec {
            Codec::Deflate => Self::Inflate(Box::new(Inflater::raw(source))),
            Codec::Zlib => Self::Inflate(Box::new(Inflater::zlib(source))),
            Codec::Gzip => Self::Inflate(Box::new(Inflater::gzip(source)?)),
            Codec::Bzip2 => Self::Bzip2(Box::new(bzip2::bufread::BzDecoder::new(source))),
            Codec::Xz => Self::Xz(Box::new(XzReader::new_mem_limit(source, false, MEMORY))),
            Codec::Lzma => {
                let mut reader = LzmaReader::new_mem_limit(source, MEMORY, None)?;
                reader.set_defer_errors(true);
                Self::Lzma(Box::new(reader))
            }
            Codec::Zstd => {
                let reader = StreamingDecoder::new_with_max_window_size(source, u64::from(MEMORY) << 10);
                Self::Zstd(Box::new(reader.map_err(io::Error::other)?))
            }
            Codec::Lz4 => Self::Lz4(Box::new(lz4_flex::frame::FrameDecoder::new(source))),
        })
    }

    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Inflate(reader) => reader.read(into),
            Self::Bzip2(reader) => reader.read(into),
            Self::Xz(reader) => reader.read(into),
            Self::Lzma(reader) => reader.read(into),
            Self::Zstd(reader) => reader.read(into),
            Self::Lz4(reader) => reader.read(into),
        }
    }

    /// Where the next packed byte lies.
    fn consumed(&self) -> u64 {
        match self {
            Self::Inflate(reader) => reader.source.consumed(),
            Self::Bzip2(reader) => reader.get_ref().consumed(),
            Self::Xz(reader) => reader.inner().consumed(),
            Self::Lzma(reader) => reader.inner().consumed(),
            Self::Zstd(reader) => reader.get_ref().consumed(),
            Self::Lz4(reader) => reader.get_ref().consumed(),
        }
    }

    /// Where the next packed byte lies, at the end of the stream.
    fn close(self) -> u64 {
        match self {
            // It reads ahead and hands back what it did not need.
            Self::Lzma(reader) => {
                let (source, unused) = reader.into_parts();
                source.consumed().saturating_sub(unused.len() as u64)
            }
            other => other.consumed(),
        }
    }
}

/// Decodes all streams of some packed bytes.
pub(super) struct Unpacker<'b> {
    codec: Codec,
    part: Part<'b>,
    stream: Option<Stream<'b>>,
    /// Where the next stream begins.
    next: u64,
    /// Streams that ended.
    streams: usize,
    /// Where the stream that is read begins.
    start: u64,
    /// Bytes that came out of it.
    out: u64,
    /// How it breaks off, told when what came before is out.
    broken: Option<String>,
    is_over: bool,
}

impl<'b> Unpacker<'b> {
    pub(super) fn new(codec: Codec, part: Part<'b>) -> Self {
        Self { codec, part, stream: None, next: 0, streams: 0, start: 0, out: 0, broken: None, is_over: false }
    }

    /// Where the next packed byte lies.
    pub(super) fn consumed(&self) -> u64 {
        self.stream.as_ref().map_or(self.next, Stream::consumed)
    }

    /// The next bytes; none at the end.
    ///
    /// # Errors
    /// A sentence fragment that says how the stream breaks off.
    pub(super) fn read(&mut self, into: &mut [u8]) -> Result<usize, String> {
        while !self.is_over {
            if self.stream.is_none() && !self.open()? {
                self.is_over = true;
                break;
            }
            let Some(stream) = &mut self.stream else { break };
            match fenced(|| stream.read(into)) {
                Some(Ok(0)) if self.broken.is_some() => {
                    self.is_over = true;
                    return Err(self.broken.take().unwrap_or_default());
                }
                Some(Ok(0)) => self.close(),
                Some(Ok(read)) => {
                    self.out += read as u64;
                    return Ok(read);
                }
                Some(Err(error)) => {
                    let why = said(&error);
                    if self.broken.is_some() || !self.mend()? {
                        self.is_over = true;
                        return Err(self.broken.take().unwrap_or(why));
                    }
                    self.broken = Some(why);
                }
                None => {
                    self.is_over = true;
                    return Err("its decoder cannot take it".to_owned());
                }
            }
        }
        Ok(0)
    }

    fn close(&mut self) {
        if let Some(stream) = self.stream.take() {
            self.next = stream.close();
            self.streams += 1;
        }
    }

    /// Opens the next stream; false where there is none.
    fn open(&mut self) -> Result<bool, String> {
        let at = match self.streams {
            0 => Some(self.next),
            _ => self.following()?,
        };
        let Some(at) = at else { return Ok(false) };
        let at = if self.codec == Codec::Zstd { self.skip_frames(at)? } else { at };
        if self.codec == Codec::Zstd && at >= self.part.len() && self.streams + 1 > 1 {
            self.next = at;
            return Ok(false);
        }
        (self.start, self.out) = (at, 0);
        self.open_at(Source::new(self.part, at))
    }

    fn open_at(&mut self, source: Source<'b>) -> Result<bool, String> {
        match fenced(|| Stream::open(self.codec, source)) {
            Some(Ok(stream)) => self.stream = Some(stream),
            Some(Err(error)) => return Err(said(&error)),
            None => return Err("its decoder cannot take it".to_owned()),
        }
        Ok(true)
    }

    /// Where another stream begins behind the one that ended.
    fn following(&mut self) -> Result<Option<u64>, String> {
        let magic: &[u8] = match self.codec {
            Codec::Deflate | Codec::Zlib | Codec::Lzma => return Ok(None),
            Codec::Gzip => &[0x1f, 0x8b, 8],
            Codec::Bzip2 => b"BZh",
            Codec::Xz => b"\xfd7zXZ\0",
            Codec::Zstd => &[0x28, 0xb5, 0x2f, 0xfd],
            Codec::Lz4 => &[4, 0x22, 0x4d, 0x18],
        };
        let mut at = self.next;
        if matches!(self.codec, Codec::Gzip | Codec::Xz) {
            at = self.padding(at)?;
        }
        let there = self.part.up_to(at, magic.len())?;
        let is_skipped = self.codec == Codec::Zstd && is_skippable(&self.part.up_to(at, 4)?);
        if there == magic || is_skipped {
            return Ok(Some(at));
        }
        if at == self.part.len() {
            self.next = at;
        }
        Ok(None)
    }

    /// Goes over zeros that fill up a file.
    fn padding(&self, from: u64) -> Result<u64, String> {
        let mut at = from;
        loop {
            let piece = self.part.up_to(at, 4096)?;
            let zeros = piece.iter().take_while(|byte| **byte == 0).count();
            at += zeros as u64;
            if zeros < piece.len() || piece.is_empty() {
                return Ok(at);
            }
        }
    }

    /// The decoder of Zstandard holds back as much as its window until a frame is done: a broken frame is read
    /// again as one that ends with its last good block. False where that gives nothing more.
    fn mend(&mut self) -> Result<bool, String> {
        let Some(Stream::Zstd(reader)) = &self.stream else { return Ok(false) };
        let good = reader.decoder.blocks_decoded();
        let Some(mended) = frame_of(&self.part, self.start, good)? else { return Ok(false) };
        let mut left = self.out;
        if !self.open_at(Source::new(self.part, self.start).mend(mended))? {
            return Ok(false);
        }
        let mut buffer = vec![0; 64 << 10];
        while left > 0 {
            let Some(stream) = &mut self.stream else { return Ok(false) };
            let step = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            match fenced(|| stream.read(&mut buffer[..step])) {
                Some(Ok(read)) if read > 0 => left -= read as u64,
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Goes over frames of Zstandard that hold what is no content.
    fn skip_frames(&self, from: u64) -> Result<u64, String> {
        let mut source = Source::new(self.part, from);
        loop {
            let head = source.peek(8).map_err(|error| said(&error))?;
            if !is_skippable(&head) || head.len() < 8 {
                return Ok(source.consumed());
            }
            let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
            source.skip(8 + u64::from(length));
        }
    }
}

/// What must be read otherwise for a frame of Zstandard to end after so many blocks, without a checksum.
fn frame_of(part: &Part<'_>, start: u64, blocks: usize) -> Result<Option<Vec<(u64, u8)>>, String> {
    let head = part.up_to(start, 5)?;
    let (Some(descriptor), true) = (head.get(4), blocks > 0) else { return Ok(None) };
    let is_single = descriptor & 0x20 != 0;
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let size = [u64::from(is_single), 2, 4, 8][usize::from(descriptor >> 6)];
    let mut at = start + 5 + u64::from(!is_single) + dictionary + size;
    for left in (0..blocks).rev() {
        let block = part.up_to(at, 3)?;
        let &[low, middle, high] = block.as_slice() else { return Ok(None) };
        if left == 0 {
            return Ok(Some(vec![(start + 4, descriptor & !4), (at, low | 1)]));
        }
        let content = u64::from(u32::from_le_bytes([low, middle, high, 0]) >> 3);
        at += 3 + if low >> 1 & 3 == 1 { 1 } else { content };
    }
    Ok(None)
}

fn is_skippable(head: &[u8]) -> bool {
    matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

/// An error of a decoder as a sentence fragment.
fn said(error: &io::Error) -> String {
    let text = error.to_string();
    match error.kind() {
        io::ErrorKind::UnexpectedEof => super::source::EARLY.to_owned(),
        io::ErrorKind::OutOfMemory => "it needs more memory than it is given".to_owned(),
        _ if text.contains("UnexpectedEof") => super::source::EARLY.to_owned(),
        // The texts of one decoder hold names of its own types.
        _ if text.contains(['{', '(']) => "it is broken".to_owned(),
        _ if text.is_empty() => "it is broken".to_owned(),
        _ => text.trim_end_matches('.').to_owned(),
    }
}
