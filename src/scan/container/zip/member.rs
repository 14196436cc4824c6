//! One member of a zip: what comes out of it for each way to read it.

use super::directory::Entry;
use super::local::Local;
use crate::parse::decode::{Codec, Decoded};
use crate::scan::container::names::shown;
use crate::scan::container::rules::{
    ARCHIVE_ENCRYPTED, STREAM_BROKEN, ZIP_CHECKSUM, ZIP_HIDDEN_BYTES, ZIP_PASSWORD_FLAG, ZIP_TWO_READINGS,
};
use crate::scan::container::stream::seen;
use crate::scan::fields::Fields;
use crate::scan::{Context, Limits};
use crate::source::{Bytes, Part};

/// Stored bytes up to which a checksum is verified.
const CHECKED: u64 = 16 << 20;

/// One member.
#[derive(Debug, Clone)]
pub(in crate::scan::container) struct Member {
    pub(super) entry: Entry,
    pub(super) local: Option<Local>,
    /// Its bytes, header and descriptor included.
    pub(super) start: u64,
    pub(super) end: u64,
}

/// One way to read a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reading {
    method: u16,
    data: u64,
    packed: u64,
}

impl Member {
    /// Bytes that it has once it is unpacked, as the directory says.
    pub(in crate::scan::container) fn size(&self) -> u64 {
        self.entry.size
    }

    pub(super) fn new(entry: Entry, local: Option<Local>) -> Self {
        let start = entry.offset;
        let end = local.as_ref().map_or(start, |local| local.data.saturating_add(entry.packed));
        Self { entry, local, start, end }
    }

    /// Its name as the directory has it.
    pub(in crate::scan::container) fn name(&self) -> String {
        String::from_utf8_lossy(&self.entry.name).into_owned()
    }

    /// Its name as it stands before its bytes.
    pub(in crate::scan::container) fn local_name(&self) -> String {
        self.local
            .as_ref()
            .map_or_else(|| self.name(), |local| String::from_utf8_lossy(local.name(&self.entry)).into_owned())
    }

    /// Whether it is a folder and nothing else.
    pub(in crate::scan::container) fn is_folder(&self) -> bool {
        self.entry.name.ends_with(b"/") && self.entry.packed == 0 && self.entry.size == 0
    }

    /// Whether directory and header say the same.
    pub(super) fn is_agreed(&self) -> bool {
        self.local.as_ref().is_some_and(|local| local.differences(&self.entry).is_empty())
            && self.entry.other_name.is_none()
    }

    /// A number for its bytes and what is said of them, without its name.
    pub(super) fn digest(&self) -> u64 {
        let local = self.local.as_ref().map(|local| (local.data, local.method, local.packed, local.flags));
        let entry = &self.entry;
        super::digest(&(entry.offset, entry.method, entry.packed, entry.size, entry.crc, entry.flags, local))
    }

    fn readings(&self) -> Vec<Reading> {
        let Some(local) = &self.local else { return Vec::new() };
        let central = Reading { method: self.entry.method, data: local.data, packed: self.entry.packed };
        let mut out = vec![central];
        for (method, packed) in
            [(local.method, central.packed), (central.method, local.packed), (local.method, local.packed)]
        {
            let reading = Reading { method, data: local.data, packed };
            if !out.contains(&reading) && (packed > 0 || !local.is_streamed()) && packed != 0xffff_ffff {
                out.push(reading);
            }
        }
        out
    }

    /// What comes out of it; an error where its packing is not read.
    pub(in crate::scan::container) fn open<'b>(
        &self,
        bytes: &'b dyn Bytes,
        limits: &Limits,
    ) -> Result<Box<dyn Bytes + 'b>, String> {
        let Some(reading) = self.readings().first().copied() else {
            return Err("no member is where it should be".to_owned());
        };
        let limit = reading.packed.saturating_mul(limits.ratio).saturating_add(limits.decoded_free).min(limits.decoded);
        reading.open(bytes, &self.entry, limit).map(|opened| match opened {
            Opened::Stored(part) => Box::new(part) as Box<dyn Bytes + 'b>,
            Opened::Packed(decoded) => decoded,
            Opened::Held(held, _) => Box::new(held),
        })
    }

    /// Its first bytes.
    pub(super) fn start_of(&self, bytes: &dyn Bytes, limits: &Limits, length: usize) -> Vec<u8> {
        self.open(bytes, limits).and_then(|bytes| bytes.up_to(0, length)).unwrap_or_default()
    }

    /// Scans it in all its readings.
    pub(super) fn scan(&self, bytes: &dyn Bytes, context: &mut Context<'_>) {
        if self.is_folder() {
            return;
        }
        let is_marked = (self.entry.flags | self.local.as_ref().map_or(0, |local| local.flags)) & 1 != 0;
        for reading in self.readings() {
            self.read(reading, is_marked, bytes, context);
        }
    }

    fn read(&self, reading: Reading, is_marked: bool, bytes: &dyn Bytes, context: &mut Context<'_>) {
        let (name, at) = (shown(&self.entry.name), self.start);
        if is_marked && matches!(reading.method, 99) {
            return context.find(&ARCHIVE_ENCRYPTED, at, format!("`{name}` is encrypted"));
        }
        let opened = match reading.open(bytes, &self.entry, context.may_decode(reading.packed)) {
            Ok(opened) => opened,
            Err(why) => return context.unread(at, format!("`{name}` {why}")),
        };
        let content = opened.bytes();
        let crc = match &opened {
            Opened::Packed(decoded) => Ok(Some(decoded.crc())),
            Opened::Stored(_) | Opened::Held(..) => checksum(content),
        };
        let crc = match crc {
            Ok(crc) => crc,
            Err(why) => return context.unread(at, format!("`{name}` cannot be read: {why}")),
        };
        let is_right = crc.is_none_or(|crc| crc == self.entry.crc) && content.len() == self.entry.size;
        if is_marked {
            if is_right {
                context.find(&ZIP_PASSWORD_FLAG, at, format!("`{name}` is marked as encrypted and is not"));
            } else {
                context.find(&ARCHIVE_ENCRYPTED, at, format!("`{name}` is encrypted"));
                // A loader that ignores the mark takes it as it is.
                if !crate::scan::formats(content).is_empty() {
                    context.part(&name, content);
                }
                return;
            }
        }
        if let Some(end) = opened.end() {
            if !context.take_decoded(content.len()) {
                return;
            }
            if end.is_cut {
                context.find(
                    &crate::scan::context::OVER_BUDGET,
                    at,
                    format!("`{name}` unpacks to more bytes than are looked at"),
                );
            }
            if let Some(why) = &end.broken {
                context.find(
                    &STREAM_BROKEN,
                    at,
                    format!("the packed bytes of `{name}` break off at {}: {why}", content.len()),
                );
            } else if end.consumed < reading.packed && !end.is_cut {
                let message =
                    format!("`{name}` ends {} bytes before its packed bytes do", reading.packed - end.consumed);
                context.find(&ZIP_HIDDEN_BYTES, at, message);
                let rest = Part::new(bytes, reading.data + end.consumed, reading.packed - end.consumed);
                context.part(&format!("{name} (behind its end)"), &rest);
            }
        }
        let is_cut = opened.end().is_some_and(|end| end.is_cut || end.broken.is_some());
        if content.len() != self.entry.size && !is_cut && !self.is_sizeless() {
            let message = format!("`{name}` has {} bytes and says that it has {}", content.len(), self.entry.size);
            context.find(&ZIP_TWO_READINGS, at, message);
        } else if !is_right && !is_cut && crc.is_some_and(|crc| crc != self.entry.crc) && !self.is_sizeless() {
            context.find(&ZIP_CHECKSUM, at, format!("`{name}` does not fit its checksum"));
        }
        let seen = match &opened {
            Opened::Packed(decoded) => seen(decoded),
            Opened::Stored(_) | Opened::Held(..) => u64::MAX,
        };
        context.part(&name, &Part::new(&content, 0, seen));
    }

    /// Whether only a streamed header tells of it, which says neither size nor checksum.
    fn is_sizeless(&self) -> bool {
        self.entry.at == self.entry.offset && self.local.as_ref().is_some_and(Local::is_streamed)
    }
}

/// CRC-32 of stored bytes; none of large ones.
fn checksum(bytes: &dyn Bytes) -> Result<Option<u32>, String> {
    if bytes.len() > CHECKED {
        return Ok(None);
    }
    let mut crc = crc32fast::Hasher::new();
    let mut at = 0;
    while at < bytes.len() {
        let piece = bytes.up_to(at, 64 << 10)?;
        crc.update(&piece);
        at += piece.len() as u64;
    }
    Ok(Some(crc.finalize()))
}

/// What comes out of a member.
enum Opened<'b> {
    Stored(Part<'b>),
    Packed(Box<Decoded<'b>>),
    Held(Vec<u8>, crate::parse::decode::End),
}

impl Opened<'_> {
    fn bytes(&self) -> &dyn Bytes {
        match self {
            Self::Stored(part) => part,
            Self::Packed(decoded) => &**decoded,
            Self::Held(held, _) => held,
        }
    }

    fn end(&self) -> Option<&crate::parse::decode::End> {
        match self {
            Self::Stored(_) => None,
            Self::Packed(decoded) => Some(decoded.end()),
            Self::Held(_, end) => Some(end),
        }
    }
}

impl Reading {
    /// Opens it, up to so many bytes.
    fn open<'b>(self, bytes: &'b dyn Bytes, entry: &Entry, limit: u64) -> Result<Opened<'b>, String> {
        let part = Part::new(bytes, self.data, self.packed);
        let codec = match self.method {
            0 => return Ok(Opened::Stored(part)),
            8 => Codec::Deflate,
            12 => Codec::Bzip2,
            14 => return lzma(&part, entry, limit),
            93 => Codec::Zstd,
            95 => Codec::Xz,
            other => return Err(format!("is packed by method {other}, which is not read")),
        };
        Ok(Opened::Packed(Box::new(Decoded::open(codec, part, limit))))
    }
}

/// LZMA has a header of its own in zips.
fn lzma<'b>(part: &Part<'_>, entry: &Entry, limit: u64) -> Result<Opened<'b>, String> {
    /// Bytes, packed and not, that are held.
    const MOST: u64 = 16 << 20;
    let packed = part.up_to(0, 1 << 24)?;
    let properties = usize::from(Fields(&packed).u16(2));
    if properties != 5 || packed.len() < 9 || part.len() > MOST {
        return Err("is packed by LZMA in a form that is not read".to_owned());
    }
    let size = if entry.flags & 2 != 0 { u64::MAX } else { entry.size };
    let mut alone = packed[4..9].to_vec();
    alone.extend(size.to_le_bytes());
    alone.extend_from_slice(&packed[9..]);
    let decoded = Decoded::open(Codec::Lzma, Part::from(&alone, 0), limit.min(MOST));
    let mut end = decoded.end().clone();
    // Its header there is four bytes longer than here.
    end.consumed = end.consumed.saturating_sub(4);
    let held = decoded.up_to(0, MOST as usize)?;
    Ok(Opened::Held(held, end))
}
