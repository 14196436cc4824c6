//! What stands before the members of a zip, and which bytes they take up.

use super::directory::{Entry, wide};
use crate::scan::fields::Fields;
use crate::source::Bytes;

/// A local header without its names.
const RECORD: u64 = 30;

/// What stands before a member.
#[derive(Debug, Clone)]
pub(super) struct Local {
    /// None where it is that of the directory.
    pub(super) name: Option<Box<[u8]>>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    /// Where its bytes begin.
    pub(super) data: u64,
}

impl Local {
    /// Reads a local header; none where there is none.
    ///
    /// # Errors
    /// Why the bytes cannot be read.
    pub(super) fn read(bytes: &dyn Bytes, offset: u64) -> Result<Option<Self>, String> {
        /// Enough for most headers in one read.
        const GUESS: usize = 256;
        let mut record = bytes.up_to(offset, GUESS)?;
        if !record.starts_with(b"PK\x03\x04") || record.len() < RECORD as usize {
            return Ok(None);
        }
        let fields = Fields(&record);
        let (name, block) = (usize::from(fields.u16(26)), usize::from(fields.u16(28)));
        let whole = RECORD as usize + name + block;
        if whole > record.len() {
            record = bytes.up_to(offset, whole)?;
            if record.len() < whole {
                return Ok(None);
            }
        }
        let fields = Fields(&record);
        let (mut size, mut packed) = (u64::from(fields.u32(22)), u64::from(fields.u32(18)));
        wide(&record[RECORD as usize + name..whole], &mut [&mut size, &mut packed]);
        Ok(Some(Self {
            name: Some(record[RECORD as usize..RECORD as usize + name].into()),
            flags: fields.u16(6),
            method: fields.u16(8),
            crc: fields.u32(14),
            packed,
            size,
            data: offset + whole as u64,
        }))
    }

    /// The name that stands here.
    pub(super) fn name<'n>(&'n self, entry: &'n Entry) -> &'n [u8] {
        self.name.as_deref().unwrap_or(&entry.name)
    }

    /// Keeps a name once where both are the same.
    pub(super) fn settle(&mut self, entry: &Entry) {
        if self.name.as_deref() == Some(&*entry.name) {
            self.name = None;
        }
    }

    /// Whether sizes and checksum stand behind the bytes.
    pub(super) fn is_streamed(&self) -> bool {
        self.flags & 8 != 0
    }

    /// How it differs from what the directory says, sentence fragments.
    pub(super) fn differences(&self, entry: &Entry) -> Vec<String> {
        let mut out = Vec::new();
        if self.name(entry) != &*entry.name {
            out.push(format!("is called `{}` before its bytes", super::super::names::shown(self.name(entry))));
        }
        if self.method != entry.method {
            out.push(format!(
                "is packed by method {} in the directory and {} before its bytes",
                entry.method, self.method
            ));
        }
        if (self.flags ^ entry.flags) & 1 != 0 {
            out.push("is marked as encrypted in one place only".to_owned());
        }
        let differs =
            |local: u64, central: u64| local != central && !(self.is_streamed() && matches!(local, 0 | 0xffff_ffff));
        if differs(self.packed, entry.packed) || differs(self.size, entry.size) {
            out.push(format!(
                "has {} bytes packed to {} in the directory and {} packed to {} before its bytes",
                entry.size, entry.packed, self.size, self.packed
            ));
        }
        if differs(u64::from(self.crc), u64::from(entry.crc)) {
            out.push("has two checksums".to_owned());
        }
        out
    }

    /// Bytes of the descriptor behind a streamed member. `next` is where the next record begins.
    ///
    /// # Errors
    /// Why the bytes cannot be read.
    pub(super) fn descriptor(&self, bytes: &dyn Bytes, end: u64, entry: &Entry, next: u64) -> Result<u64, String> {
        if !self.is_streamed() {
            return Ok(0);
        }
        let there = bytes.up_to(end, 24)?;
        let signed = if there.starts_with(b"PK\x07\x08") { 4 } else { 0 };
        let fields = Fields(&there[signed.min(there.len())..]);
        let is_short = fields.u32(4) == entry.packed as u32 && fields.u32(8) == entry.size as u32;
        let is_long = fields.u64(4) == entry.packed && fields.u64(12) == entry.size;
        let lengths = [(is_long, signed as u64 + 20), (is_short, signed as u64 + 12)];
        let fits = lengths.iter().find(|(is_it, length)| *is_it && end.checked_add(*length) == Some(next));
        let any = fits.or_else(|| lengths.iter().find(|(is_it, _)| *is_it));
        Ok(any.filter(|_| fields.u32(0) == entry.crc).map_or(0, |(_, length)| *length))
    }
}
