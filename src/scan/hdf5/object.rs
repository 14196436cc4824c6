//! Object headers: lists of messages, which continue in other places of the file.

use std::collections::BTreeSet;

use super::file::File;

/// Messages of one object at most; attributes beyond a few dozen are stored elsewhere.
const MESSAGES: usize = 100_000;
/// Bytes of the messages of one object at most.
const HELD: usize = 24 << 20;
/// Pieces of one header at most.
const PIECES: usize = 10_000;

/// Kinds of messages that are looked at.
pub(super) mod kind {
    /// Where links are that do not fit into the header.
    pub(in crate::scan::hdf5) const LINK_INFO: u16 = 0x02;
    /// A link.
    pub(in crate::scan::hdf5) const LINK: u16 = 0x06;
    /// Files that hold the values.
    pub(in crate::scan::hdf5) const EXTERNAL_FILES: u16 = 0x07;
    /// Where values are.
    pub(in crate::scan::hdf5) const LAYOUT: u16 = 0x08;
    /// What values go through.
    pub(in crate::scan::hdf5) const FILTERS: u16 = 0x0B;
    /// An attribute.
    pub(in crate::scan::hdf5) const ATTRIBUTE: u16 = 0x0C;
    /// A table of messages that objects share.
    pub(in crate::scan::hdf5) const SHARED_TABLE: u16 = 0x0F;
    /// More of the header.
    pub(in crate::scan::hdf5) const CONTINUATION: u16 = 0x10;
    /// The tree and heap of a group.
    pub(in crate::scan::hdf5) const SYMBOL_TABLE: u16 = 0x11;
    /// How the file is cut into several.
    pub(in crate::scan::hdf5) const DRIVER: u16 = 0x14;
    /// Where attributes are that do not fit into the header.
    pub(in crate::scan::hdf5) const ATTRIBUTE_INFO: u16 = 0x15;
    /// The highest that is known.
    pub(in crate::scan::hdf5) const LAST: u16 = 0x18;
}

/// One message.
pub(super) struct Message {
    /// Its kind.
    pub(super) kind: u16,
    /// Whether its body only says where it is.
    pub(super) is_shared: bool,
    /// Where its body starts, counted from the base.
    pub(super) address: u64,
    /// Its body.
    pub(super) body: Vec<u8>,
}

/// The messages of the object at an address, as far as they could be read, and why not further.
pub(super) fn messages(file: &File<'_>, address: u64) -> (Vec<Message>, Option<String>) {
    let mut reading =
        Reading { file, out: Vec::new(), pieces: Vec::new(), seen: BTreeSet::new(), has_order: false, held: 0 };
    let failure = reading.all(address).err();
    (reading.out, failure)
}

struct Reading<'f, 'b> {
    file: &'f File<'b>,
    out: Vec<Message>,
    pieces: Vec<(u64, u64)>,
    seen: BTreeSet<u64>,
    has_order: bool,
    held: usize,
}

impl Reading<'_, '_> {
    fn all(&mut self, address: u64) -> Result<(), String> {
        let early = || "an object header ends early".to_owned();
        let head = self.file.up_to(address, 64)?;
        let is_new = head.starts_with(b"OHDR");
        let (start, length) = if is_new {
            self.new_head(&head).ok_or_else(early)?
        } else {
            if head.first() != Some(&1) {
                return Err("an object header is of an unknown kind".to_owned());
            }
            let mut reader = self.file.reader(&head);
            reader.skip(8).ok_or_else(early)?;
            (16, reader.word().ok_or_else(early)?)
        };
        self.seen.insert(address + start);
        self.piece(address + start, length, is_new)?;
        while let Some((address, length)) = self.pieces.pop() {
            if !self.seen.insert(address) || self.seen.len() > PIECES {
                return Err("an object header continues in itself".to_owned());
            }
            if !is_new {
                self.piece(address, length, false)?;
                continue;
            }
            if self.file.up_to(address, 4)? != b"OCHK" {
                return Err("an object header continues in something else".to_owned());
            }
            self.piece(address + 4, length.checked_sub(8).ok_or_else(early)?, true)?;
        }
        Ok(())
    }

    /// Where the messages of a header of the second version start, and how many bytes they have.
    fn new_head(&mut self, head: &[u8]) -> Option<(u64, u64)> {
        let mut reader = self.file.reader(head);
        reader.skip(4)?;
        if reader.byte()? != 2 {
            return None;
        }
        let flags = reader.byte()?;
        self.has_order = flags & 0x04 != 0;
        if flags & 0x20 != 0 {
            reader.skip(16)?;
        }
        if flags & 0x10 != 0 {
            reader.skip(4)?;
        }
        let length = reader.number(1 << (flags & 3))?;
        Some((reader.position() as u64, length))
    }

    /// Reads the messages of one piece.
    fn piece(&mut self, address: u64, length: u64, is_new: bool) -> Result<(), String> {
        let held = self.file.at(address, length)?;
        let mut reader = self.file.reader(&held);
        let head = if is_new { 4 + 2 * usize::from(self.has_order) } else { 8 };
        while reader.left() >= head {
            let Some((kind, size, flags)) = (if is_new {
                let kind = reader.byte().map(u16::from);
                kind.zip(reader.short()).zip(reader.byte()).map(|((k, s), f)| (k, s, f))
            } else {
                let kind = reader.short().and_then(|kind| u16::try_from(kind).ok());
                kind.zip(reader.short()).zip(reader.byte()).map(|((k, s), f)| (k, s, f))
            }) else {
                break;
            };
            reader.skip(head - if is_new { 4 } else { 5 });
            let start = address + reader.position() as u64;
            let Some(body) = reader.take(size) else {
                return Err("a message is longer than its object header".to_owned());
            };
            if kind == kind::CONTINUATION {
                let mut body = self.file.reader(body);
                let next = body.address().flatten().zip(body.length());
                self.pieces.push(next.ok_or("an object header continues nowhere")?);
                continue;
            }
            if kind == 0 {
                continue;
            }
            self.held += body.len();
            if self.out.len() >= MESSAGES || self.held > HELD {
                return Err("an object header has more messages than are read".to_owned());
            }
            self.out.push(Message { kind, is_shared: flags & 2 != 0, address: start, body: body.to_vec() });
        }
        Ok(())
    }
}
