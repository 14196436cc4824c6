//! Tar in gzip: headers of `ustar`, GNU's long names, and `pax` paths and sizes.

use super::gzip::Gunzip;
use super::{Kind, Limits, Member, TOO_MANY, Visit, Wants, take_member};
use crate::parse::Budget;

const BLOCK: usize = 512;
/// Bytes of a name or of the settings before a member.
const LONG: u64 = 64 << 10;

/// Walks a `.tar.gz`; `wants` says of which files the bytes are kept for `visit`.
///
/// # Errors
/// Why not all of it could be walked; what came before was visited.
pub fn tar_gz(
    bytes: &[u8],
    limits: Limits,
    budget: &mut Budget,
    wants: &Wants<'_>,
    visit: &mut Visit<'_>,
) -> Result<(), String> {
    let mut walk = Walk { stream: Gunzip::new(bytes, limits.total), long: None, size: None };
    let mut header = [0; BLOCK];
    let mut content = Vec::new();
    loop {
        match walk.stream.read(&mut header)? {
            0 => return Ok(()),
            BLOCK if header.iter().all(|byte| *byte == 0) => return Ok(()),
            BLOCK => {}
            _ => return Err("its end is missing".to_owned()),
        }
        let Some(entry) = Header::of(&header) else { return Err("a header in it is damaged".to_owned()) };
        if walk.settings(&entry)? {
            continue;
        }
        let path = walk.long.take().unwrap_or(entry.path);
        let size = walk.size.take().unwrap_or(entry.size);
        if !take_member(budget, &path) {
            return Err(TOO_MANY.to_owned());
        }
        let mut result = Ok(&[][..]);
        if entry.kind != Kind::File || !wants(&path) {
            walk.skip(size)?;
        } else if size > limits.member {
            walk.skip(size)?;
            result = Err("it is too large");
        } else {
            walk.content(size, &mut content)?;
            result = Ok(&content);
        }
        visit(Member { path: &path, kind: entry.kind, content: result });
    }
}

/// The path of the first member, from the first bytes of a `.tar.gz`.
pub(super) fn first_path(head: &[u8]) -> Option<String> {
    let mut walk = Walk { stream: Gunzip::new(head, LONG * 2), long: None, size: None };
    let mut header = [0; BLOCK];
    loop {
        if walk.stream.read(&mut header).ok()? < BLOCK {
            return None;
        }
        let entry = Header::of(&header)?;
        if !walk.settings(&entry).ok()? {
            return Some(walk.long.take().unwrap_or(entry.path));
        }
    }
}

struct Walk<'a> {
    stream: Gunzip<'a>,
    /// The path of the next member, where it does not fit its header.
    long: Option<String>,
    /// Its size, likewise.
    size: Option<u64>,
}

impl Walk<'_> {
    /// Takes a header that speaks of the next member; false where it is a member of its own.
    fn settings(&mut self, entry: &Header) -> Result<bool, String> {
        if !matches!(entry.flag, b'L' | b'K' | b'x' | b'g') {
            return Ok(false);
        }
        if entry.size > LONG {
            return Err("a name in it is too long".to_owned());
        }
        let mut content = Vec::new();
        self.content(entry.size, &mut content)?;
        match entry.flag {
            b'L' => self.long = Some(text(&content)),
            b'x' => {
                for (key, value) in pax(&content) {
                    match key {
                        b"path" => self.long = Some(text(value)),
                        b"size" => self.size = text(value).parse().ok(),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        Ok(true)
    }

    fn content(&mut self, size: u64, out: &mut Vec<u8>) -> Result<(), String> {
        out.clear();
        let size = usize::try_from(size).map_err(|_| "it is too large")?;
        // Grown as bytes come, not by what the header claims.
        let mut piece = [0; BLOCK];
        while out.len() < size {
            let n = self.stream.read(&mut piece)?;
            if n < BLOCK {
                return Err("its end is missing".to_owned());
            }
            out.extend_from_slice(piece.get(..(size - out.len()).min(n)).unwrap_or_default());
        }
        Ok(())
    }

    fn skip(&mut self, size: u64) -> Result<(), String> {
        let whole = size.checked_next_multiple_of(BLOCK as u64).ok_or("a header in it is damaged")?;
        if self.stream.skip(whole)? { Ok(()) } else { Err("its end is missing".to_owned()) }
    }
}

struct Header {
    path: String,
    size: u64,
    flag: u8,
    kind: Kind,
}

impl Header {
    fn of(block: &[u8; BLOCK]) -> Option<Self> {
        let field = |from: usize, length: usize| block.get(from..from + length).unwrap_or_default();
        let sum: u64 =
            block.iter().enumerate().map(|(i, byte)| if (148..156).contains(&i) { 32 } else { u64::from(*byte) }).sum();
        if number(field(148, 8)) != Some(sum) {
            return None;
        }
        let flag = block[156];
        let kind = match flag {
            0 | b'0' | b'7' => Kind::File,
            b'5' => Kind::Folder,
            b'1' | b'2' => Kind::Link,
            _ => Kind::Other,
        };
        let (name, prefix) = (text(field(0, 100)), text(field(345, 155)));
        let is_ustar = field(257, 6) == b"ustar\0";
        let path = if is_ustar && !prefix.is_empty() { format!("{prefix}/{name}") } else { name };
        // Links, folders and devices have no bytes, whatever the header claims.
        let size = number(field(124, 12))?;
        let size = if matches!(flag, b'1'..=b'6') { 0 } else { size };
        Some(Self { path, size, flag, kind })
    }
}

/// Up to the first zero.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}

/// Octal digits, or binary behind a set first bit.
fn number(field: &[u8]) -> Option<u64> {
    if field.first()? & 0x80 != 0 {
        let mut out: u64 = 0;
        for (index, byte) in field.iter().enumerate() {
            let byte = if index == 0 { byte & 0x7f } else { *byte };
            out = out.checked_mul(256)?.checked_add(u64::from(byte))?;
        }
        return Some(out);
    }
    let digits: Vec<u8> = field.iter().copied().filter(|b| !matches!(b, b' ' | 0)).collect();
    if digits.is_empty() {
        return Some(0);
    }
    u64::from_str_radix(std::str::from_utf8(&digits).ok()?, 8).ok()
}

/// `LENGTH KEY=VALUE\n`, one after the other.
fn pax(mut bytes: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut out = Vec::new();
    while let Some(blank) = bytes.iter().position(|byte| *byte == b' ') {
        let length: Option<usize> = std::str::from_utf8(&bytes[..blank]).ok().and_then(|text| text.parse().ok());
        let Some(length) = length.filter(|n| *n > blank + 1) else { break };
        let Some(record) = bytes.get(blank + 1..length - 1) else { break };
        if let Some(equals) = record.iter().position(|byte| *byte == b'=') {
            out.push((&record[..equals], &record[equals + 1..]));
        }
        bytes = bytes.get(length..).unwrap_or_default();
    }
    out
}
