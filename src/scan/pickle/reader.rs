//! Reads opcodes and their arguments forward through bytes of any size.

use super::opcode::{self, Argument};
use crate::source::Bytes;

/// Bytes read at once.
const PIECE: usize = 64 << 10;
/// Bytes of a text that are looked at, where one is looked at.
pub(super) const TEXT: usize = 4096;

/// Why an argument cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::scan) enum Fault {
    /// The bytes end before it does.
    Truncated,
    /// Its length is negative.
    Negative,
    /// The bytes cannot be read.
    Unread(String),
}

/// A position in bytes, and a piece of them that is held.
#[derive(Debug)]
pub(in crate::scan) struct Reader<'b> {
    bytes: &'b dyn Bytes,
    length: u64,
    piece: usize,
    start: u64,
    held: Vec<u8>,
    at: usize,
}

impl<'b> Reader<'b> {
    pub(in crate::scan) fn new(bytes: &'b dyn Bytes, from: u64) -> Self {
        Self { bytes, length: bytes.len(), piece: PIECE, start: from, held: Vec::new(), at: 0 }
    }

    /// One that reads little at once.
    pub(super) fn small(bytes: &'b dyn Bytes, from: u64) -> Self {
        Self { piece: 256, ..Self::new(bytes, from) }
    }

    pub(in crate::scan) fn bytes(&self) -> &'b dyn Bytes {
        self.bytes
    }

    /// Where the next byte stands.
    #[inline]
    pub(in crate::scan) fn offset(&self) -> u64 {
        self.start + self.at as u64
    }

    /// Bytes from here to the end.
    #[inline]
    pub(in crate::scan) fn left(&self) -> u64 {
        self.length.saturating_sub(self.offset())
    }

    /// Goes elsewhere.
    pub(in crate::scan) fn go(&mut self, offset: u64) {
        match offset.checked_sub(self.start).and_then(|at| usize::try_from(at).ok()) {
            Some(at) if at <= self.held.len() => self.at = at,
            _ => {
                self.start = offset;
                self.held.clear();
                self.at = 0;
            }
        }
    }

    /// Holds so many bytes, fewer only where the bytes end.
    fn hold(&mut self, count: usize) -> Result<&[u8], Fault> {
        if self.held.len() - self.at < count {
            let offset = self.offset();
            let left = usize::try_from(self.length.saturating_sub(offset)).unwrap_or(usize::MAX);
            if self.held.len() - self.at < count.min(left) {
                let wanted = count.max(self.piece).min(left);
                self.held.resize(wanted, 0);
                self.start = offset;
                self.at = 0;
                match self.bytes.read_at(offset, &mut self.held) {
                    Ok(read) => self.held.truncate(read),
                    Err(why) => {
                        self.held.clear();
                        return Err(Fault::Unread(why));
                    }
                }
            }
        }
        Ok(&self.held[self.at..])
    }

    /// What is held from an offset on, where it is held.
    #[inline]
    pub(super) fn held_at(&self, offset: u64) -> Option<&[u8]> {
        let at = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        self.held.get(at..)
    }

    /// The next byte; none at the end.
    #[inline]
    pub(in crate::scan) fn byte(&mut self) -> Result<Option<u8>, Fault> {
        if let Some(byte) = self.held.get(self.at) {
            self.at += 1;
            return Ok(Some(*byte));
        }
        let byte = self.hold(1)?.first().copied();
        self.at += usize::from(byte.is_some());
        Ok(byte)
    }

    /// A number of so many bytes, eight at most, little-endian.
    #[inline]
    pub(in crate::scan) fn number(&mut self, width: u8) -> Result<u64, Fault> {
        let width = usize::from(width);
        let held = match self.held.get(self.at..self.at + width) {
            Some(held) => held,
            None => self.hold(width)?.get(..width).ok_or(Fault::Truncated)?,
        };
        let mut value = 0;
        for byte in held.iter().rev() {
            value = value << 8 | u64::from(*byte);
        }
        self.at += width;
        Ok(value)
    }

    /// The next bytes, which stay: so many, or more, and fewer only where the bytes end.
    #[inline]
    pub(super) fn ahead(&mut self, count: usize) -> Result<&[u8], Fault> {
        self.hold(count)
    }

    /// Passes over so many bytes.
    ///
    /// # Errors
    /// Where fewer are left; the position is then the end.
    #[inline]
    pub(in crate::scan) fn skip(&mut self, count: u64) -> Result<(), Fault> {
        let is_there = count <= self.left();
        let to = if is_there { self.offset() + count } else { self.length };
        self.go(to);
        if is_there { Ok(()) } else { Err(Fault::Truncated) }
    }

    /// The length that stands here, and then as many bytes, passed over.
    #[inline]
    pub(in crate::scan) fn counted(&mut self, width: u8, is_signed: bool) -> Result<u64, Fault> {
        let count = self.number(width)?;
        if is_signed && count > i32::MAX as u64 {
            return Err(Fault::Negative);
        }
        self.skip(count)?;
        Ok(count)
    }

    /// A line without its end, at most [`TEXT`] bytes of it. A last line without an end is given too, with
    /// `false`.
    pub(in crate::scan) fn line(&mut self) -> Result<(Vec<u8>, bool), Fault> {
        let mut line = Vec::new();
        loop {
            let held = self.hold(1)?;
            if held.is_empty() {
                return if line.is_empty() { Err(Fault::Truncated) } else { Ok((line, false)) };
            }
            let end = held.iter().position(|byte| *byte == b'\n');
            let piece = &held[..end.unwrap_or(held.len())];
            line.extend(piece.iter().take(TEXT - line.len().min(TEXT)));
            let passed = piece.len();
            self.at += passed + usize::from(end.is_some());
            if end.is_some() {
                return Ok((line, true));
            }
        }
    }

    /// A line of at most so many bytes, each of them allowed at its place, and at most [`TEXT`] bytes of it; none
    /// where it is another. A last line without an end is given too, with `false`.
    pub(in crate::scan) fn short_line(
        &mut self,
        most: usize,
        is_allowed: impl Fn(usize, u8) -> bool,
    ) -> Result<Option<(Vec<u8>, bool)>, Fault> {
        let (mut line, mut first) = (Vec::new(), 0);
        loop {
            let held = self.hold(1)?;
            if held.is_empty() {
                return if first == 0 { Err(Fault::Truncated) } else { Ok(Some((line, false))) };
            }
            let end = held.iter().position(|byte| *byte == b'\n');
            let piece = &held[..end.unwrap_or(held.len())];
            let is_right = piece.iter().enumerate().all(|(at, byte)| is_allowed(first + at, *byte));
            if !is_right || piece.len() > most - first.min(most) {
                return Ok(None);
            }
            line.extend(piece.iter().take(TEXT - line.len().min(TEXT)));
            first += piece.len();
            let passed = piece.len();
            self.at += passed + usize::from(end.is_some());
            if end.is_some() {
                return Ok(Some((line, true)));
            }
        }
    }

    /// Passes over a line.
    #[inline]
    pub(in crate::scan) fn skip_line(&mut self) -> Result<(), Fault> {
        loop {
            let held = self.hold(1)?;
            if held.is_empty() {
                return Err(Fault::Truncated);
            }
            match held.iter().position(|byte| *byte == b'\n') {
                Some(end) => {
                    self.at += end + 1;
                    return Ok(());
                }
                None => self.at = self.held.len(),
            }
        }
    }

    /// Passes over what stands behind an opcode.
    pub(in crate::scan) fn skip_argument(&mut self, argument: Argument) -> Result<(), Fault> {
        match argument {
            Argument::None => Ok(()),
            Argument::Fixed(count) => self.skip(u64::from(count)),
            Argument::Line => self.skip_line(),
            Argument::Lines => self.skip_line().and_then(|()| self.skip_line()),
            Argument::Counted(width) => self.counted(width, false).map(|_| ()),
            Argument::Signed => self.counted(4, true).map(|_| ()),
        }
    }
}

/// A constant that an opcode pushes, read again at the offset of the opcode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Constant {
    /// Its first bytes, escapes undone.
    pub(super) bytes: Vec<u8>,
    /// Where they stand, where they stand there as they are.
    pub(super) start: u64,
    /// How many there are.
    pub(super) length: u64,
    /// Whether all of them are here.
    pub(super) is_whole: bool,
}

impl Constant {
    /// The text, where it is whole and is one.
    pub(super) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok().filter(|_| self.is_whole)
    }

    /// Reads a short one out of bytes that begin with its opcode; none where it is no short one.
    pub(super) fn short(held: &[u8], offset: u64) -> Option<Self> {
        let (length, head) = match held {
            [b'U' | b'C' | opcode::SHORT_BINUNICODE, length, ..] => (usize::from(*length), 2),
            [b'X' | b'B' | b'T', length, 0, 0, 0, ..] => (usize::from(*length), 5),
            _ => return None,
        };
        let bytes = held.get(head..head + length)?.to_vec();
        Some(Self { bytes, start: offset + head as u64, length: length as u64, is_whole: true })
    }

    /// Reads it as [`Constant::read`] does, but of a line not to its end where it is longer than [`TEXT`]: its length
    /// is not known then. For names, which may be asked for again and again.
    pub(super) fn brief(bytes: &dyn Bytes, offset: u64) -> Option<Self> {
        /// The opcode and a length before the bytes.
        const HEAD: u64 = 9;
        Self::within(bytes, offset, offset.saturating_add(HEAD + TEXT as u64 + 1))
    }

    /// Reads it.
    pub(super) fn read(bytes: &dyn Bytes, offset: u64) -> Option<Self> {
        Self::within(bytes, offset, u64::MAX)
    }

    fn within(bytes: &dyn Bytes, offset: u64, end: u64) -> Option<Self> {
        // Small pieces: texts are short, and are read again one by one.
        let mut reader = Reader { piece: TEXT, length: bytes.len().min(end), ..Reader::new(bytes, offset) };
        reader.held = bytes.up_to(offset, 256).ok()?;
        let code = reader.byte().ok()??;
        match opcode::argument(code)? {
            Argument::Line => {
                let start = reader.offset();
                let (line, _) = reader.line().ok()?;
                let length = (reader.offset() - start).saturating_sub(1);
                let is_whole = line.len() < TEXT;
                let undone = match code {
                    b'S' => unescape(unquote(&line)),
                    b'V' => raw_unicode(&line),
                    _ => line,
                };
                Some(Self { bytes: undone, start, length, is_whole })
            }
            Argument::Counted(width) => Self::counted(&mut reader, width, false),
            Argument::Signed => Self::counted(&mut reader, 4, true),
            _ => None,
        }
    }

    fn counted(reader: &mut Reader<'_>, width: u8, is_signed: bool) -> Option<Self> {
        let length = reader.number(width).ok()?;
        if is_signed && length > i32::MAX as u64 {
            return None;
        }
        let start = reader.offset();
        let wanted = usize::try_from(length).unwrap_or(TEXT).min(TEXT);
        let held = reader.hold(wanted).ok()?;
        let bytes = held[..wanted.min(held.len())].to_vec();
        Some(Self { is_whole: bytes.len() as u64 == length, bytes, start, length })
    }
}

/// A quoted text without its quotes; as it is where it has none.
fn unquote(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii_end();
    match line {
        [first, inner @ .., last] if first == last && matches!(first, b'\'' | b'"') => inner,
        _ => line,
    }
}

/// The escapes of a literal of bytes.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        let Some(escape) = text.get(at).copied() else { break };
        at += 1;
        match escape {
            b'\n' => {}
            b'\\' | b'\'' | b'"' => out.push(escape),
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'v' => out.push(11),
            b'0'..=b'7' => {
                let mut value = u32::from(escape - b'0');
                for _ in 0..2 {
                    let Some(digit) = text.get(at).filter(|digit| matches!(digit, b'0'..=b'7')) else { break };
                    value = value * 8 + u32::from(*digit - b'0');
                    at += 1;
                }
                out.push((value & 0xff) as u8);
            }
            b'x' => match hex(text, at, 2) {
                Some(value) => {
                    out.push((value & 0xff) as u8);
                    at += 2;
                }
                None => out.extend(b"\\x"),
            },
            other => out.extend([b'\\', other]),
        }
    }
    out
}

/// The two escapes of `raw-unicode-escape`; other bytes are Latin-1.
fn raw_unicode(text: &[u8]) -> Vec<u8> {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        let width = match (byte, text.get(at)) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            _ => 0,
        };
        match hex(text, at + 1, width).filter(|_| width > 0).and_then(char::from_u32) {
            Some(character) => {
                out.push(character);
                at += 1 + width;
            }
            None => out.push(char::from(*byte)),
        }
    }
    out.into_bytes()
}

/// So many hexadecimal digits.
fn hex(text: &[u8], at: usize, width: usize) -> Option<u32> {
    let digits = text.get(at..at.checked_add(width)?)?;
    digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_read_as_python_reads_them() {
        for (bytes, text) in [
            (&b"S'a\\x62\\143\\n'\n"[..], "abc\n"),
            (b"S\"a'b\"\n", "a'b"),
            (b"Vo\\u0073\n", "os"),
            (b"V\\U0000006fs\n", "os"),
            (b"X\x02\x00\x00\x00os", "os"),
            (b"\x8c\x02os", "os"),
            (b"\x8d\x02\x00\x00\x00\x00\x00\x00\x00os", "os"),
            (b"U\x02os", "os"),
            (b"T\x02\x00\x00\x00os", "os"),
            (b"C\x02os", "os"),
        ] {
            assert_eq!(Constant::read(&bytes, 0).unwrap().text(), Some(text), "{bytes:?}");
        }
        let long = [b"S'", &[b'a'; 100_000][..], b"'\n"].concat();
        let (whole, brief) = (Constant::read(&long, 0).unwrap(), Constant::brief(&long, 0).unwrap());
        assert_eq!((whole.is_whole, whole.length, brief.is_whole), (false, 100_002, false));
        assert!(!Constant::read(&&b"X\xff\x00\x00\x00os"[..], 0).unwrap().is_whole);
        assert_eq!(Constant::read(&&b"T\xff\xff\xff\xffos"[..], 0), None);
    }

    #[test]
    fn a_reader_passes_piece_borders() {
        let mut bytes = vec![b'x'; PIECE + 10];
        bytes.push(b'\n');
        bytes.extend([1, 2, 3]);
        let mut reader = Reader::new(&bytes, 0);
        assert_eq!(reader.line().map(|(line, is_ended)| (line.len(), is_ended)), Ok((TEXT, true)));
        assert_eq!(reader.number(2), Ok(0x201));
        assert_eq!(reader.number(2), Err(Fault::Truncated));
        assert_eq!(reader.byte(), Ok(Some(3)));
        assert_eq!(reader.byte(), Ok(None));
        reader.go(5);
        assert_eq!(reader.skip(u64::MAX), Err(Fault::Truncated));
        assert_eq!(reader.left(), 0);
    }
}
