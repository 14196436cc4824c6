//! The superblock, and reading at addresses that count from it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::numbers::Reader;
use crate::source::Bytes;

/// What every HDF5 file has at one of its places.
pub(super) const SIGNATURE: &[u8; 8] = b"\x89HDF\r\n\x1a\n";
/// The most bytes of one structure: a block of a heap, a node of an index, a header.
const LARGEST: u64 = 8 << 20;
/// Pieces that are read of one file, and their bytes. Structures may name each other as often as they like, so
/// what is read again counts again.
const READS: u64 = 1_000_000;
/// See [`READS`].
const READ_BYTES: u64 = 512 << 20;

/// Where the superblock stands: at 0, 512, 1024 and so on, twice as far each time.
pub(super) fn superblock(bytes: &dyn Bytes) -> Option<u64> {
    let mut at = 0;
    while at + 8 <= bytes.len() {
        let mut held = [0; 8];
        if bytes.read_at(at, &mut held) == Ok(8) && held == *SIGNATURE {
            return Some(at);
        }
        at = if at == 0 { 512 } else { at.checked_mul(2)? };
    }
    None
}

/// Where the objects of a heap of texts are, by their numbers: address, length.
pub(super) type Collection = BTreeMap<u64, (u64, u64)>;

/// An HDF5 file that is read by addresses.
pub(super) struct File<'b> {
    bytes: &'b dyn Bytes,
    /// Where its superblock stands, from which addresses count.
    pub(super) base: u64,
    /// Bytes of an address.
    pub(super) offset_size: usize,
    /// Bytes of a length.
    pub(super) length_size: usize,
    /// The header of the root group.
    pub(super) root: u64,
    /// The tree and heap of the root group, as the superblock remembers them.
    pub(super) root_table: Option<(u64, u64)>,
    /// The header of what extends the superblock.
    pub(super) extension: Option<u64>,
    /// Says how the file is cut into several.
    pub(super) driver: Option<u64>,
    /// Where the file ends by its own word.
    pub(super) end: u64,
    /// Where the objects of heaps of texts are, of those that were asked for last: address, length.
    pub(super) collections: RefCell<BTreeMap<u64, Collection>>,
    reads: Cell<u64>,
    read_bytes: Cell<u64>,
}

impl<'b> File<'b> {
    /// Reads the superblock at a place.
    pub(super) fn open(bytes: &'b dyn Bytes, base: u64) -> Result<Self, String> {
        let head = bytes.up_to(base, 256)?;
        Self::superblock(bytes, base, &head).ok_or_else(|| "the superblock ends early or is of an unknown kind".into())
    }

    fn superblock(bytes: &'b dyn Bytes, base: u64, head: &[u8]) -> Option<Self> {
        let version = *head.get(8)?;
        let is_old = version < 2;
        let (offset_size, length_size) =
            if is_old { (*head.get(13)?, *head.get(14)?) } else { (*head.get(9)?, *head.get(10)?) };
        let sizes = [2, 4, 8, 16, 32];
        if version > 3 || !sizes.contains(&offset_size) || !sizes.contains(&length_size) {
            return None;
        }
        let (offset_size, length_size) = (usize::from(offset_size), usize::from(length_size));
        let start = match version {
            0 => 24,
            1 => 28,
            _ => 12,
        };
        let mut reader = Reader::new(head.get(start..)?, offset_size, length_size);
        let own_base = reader.address()?.unwrap_or(0);
        let second = reader.address()?;
        let end = reader.address()??;
        let mut file = Self {
            bytes,
            base,
            offset_size,
            length_size,
            root: 0,
            root_table: None,
            extension: None,
            driver: None,
            // A file that was moved within another still says where it stood.
            end: end.saturating_sub(own_base).saturating_add(base),
            collections: RefCell::default(),
            reads: Cell::new(0),
            read_bytes: Cell::new(0),
        };
        if is_old {
            file.driver = reader.address()?;
            reader.length_or_offset()?;
            file.root = reader.address()??;
            let cache = reader.word()?;
            reader.skip(4)?;
            if cache == 1 {
                file.root_table = reader.address()?.zip(reader.address()?);
            }
        } else {
            file.extension = second;
            file.root = reader.address()??;
        }
        Some(file)
    }

    /// Exactly so many bytes at an address.
    pub(super) fn at(&self, address: u64, length: u64) -> Result<Vec<u8>, String> {
        if length > LARGEST {
            return Err(format!("a structure of {length} bytes is larger than is read"));
        }
        let place = self.base.checked_add(address).ok_or("an address lies outside of the file")?;
        if place > self.bytes.len() {
            return Err(format!("address {address} lies outside of the file"));
        }
        self.charge(length)?;
        self.bytes.exactly(place, usize::try_from(length).unwrap_or(usize::MAX))
    }

    /// Up to so many bytes at an address.
    pub(super) fn up_to(&self, address: u64, length: usize) -> Result<Vec<u8>, String> {
        let place = self.base.checked_add(address).ok_or("an address lies outside of the file")?;
        if place >= self.bytes.len() {
            return Err(format!("address {address} lies outside of the file"));
        }
        self.charge(length as u64)?;
        self.bytes.up_to(place, length)
    }

    /// Whether all reads are made that are.
    pub(super) fn is_spent(&self) -> bool {
        self.reads.get() > READS || self.read_bytes.get() > READ_BYTES
    }

    /// Counts a read.
    fn charge(&self, length: u64) -> Result<(), String> {
        self.reads.set(self.reads.get() + 1);
        self.read_bytes.set(self.read_bytes.get().saturating_add(length));
        if self.is_spent() { Err("its structures take more reads than are made".to_owned()) } else { Ok(()) }
    }

    /// A reader of a piece.
    pub(super) fn reader<'p>(&self, piece: &'p [u8]) -> Reader<'p> {
        Reader::new(piece, self.offset_size, self.length_size)
    }

    /// Where an address is in the bytes.
    pub(super) fn place(&self, address: u64) -> u64 {
        self.base.saturating_add(address)
    }

    /// The bytes.
    pub(super) fn bytes(&self) -> &'b dyn Bytes {
        self.bytes
    }
}

impl Reader<'_> {
    /// Passes the offset of a name, which is as long as an address.
    fn length_or_offset(&mut self) -> Option<()> {
        self.skip(self.offset_size)
    }
}
