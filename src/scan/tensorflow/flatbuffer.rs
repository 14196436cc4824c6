//! Flat buffers: tables found by offsets, each of which is checked before it is followed.

use crate::source::{Bytes, Window};

/// Bytes that are read at once.
const PIECE: usize = 4096;

/// Why something cannot be read: where, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: u64,
    pub(super) why: String,
    /// The bytes cannot be had, rather than being wrong.
    pub(super) is_unread: bool,
}

type Read<T> = Result<T, Fault>;

/// A table, with the places that its fields have in it.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) at: u64,
    fields: Vec<u16>,
}

/// A vector: the place of its first item, and how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Vector {
    pub(super) at: u64,
    pub(super) count: u64,
}

/// Reads tables and vectors.
#[derive(Debug)]
pub(super) struct Flat<'b> {
    window: Window<'b>,
}

impl<'b> Flat<'b> {
    pub(super) fn new(bytes: &'b dyn Bytes) -> Self {
        Self { window: Window::new(bytes, PIECE) }
    }

    /// What is read.
    pub(super) fn bytes(&self) -> &'b dyn Bytes {
        self.window.bytes()
    }

    fn exactly<const N: usize>(&mut self, at: u64) -> Read<[u8; N]> {
        let held = self.window.at(at, N).map_err(|why| Fault { at, why, is_unread: true })?;
        let found = held.get(..N).and_then(|bytes| bytes.try_into().ok());
        found.ok_or_else(|| Fault { at, why: "an offset leads out of the file".to_owned(), is_unread: false })
    }

    fn u16(&mut self, at: u64) -> Read<u16> {
        self.exactly(at).map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self, at: u64) -> Read<u32> {
        self.exactly(at).map(u32::from_le_bytes)
    }

    /// Follows the offset that stands at a place.
    fn follow(&mut self, at: u64) -> Read<u64> {
        self.u32(at).map(|offset| at.saturating_add(u64::from(offset)))
    }

    /// The table that the file begins with.
    pub(super) fn root(&mut self) -> Read<Table> {
        let at = self.follow(0)?;
        self.table(at)
    }

    fn table(&mut self, at: u64) -> Read<Table> {
        let back = i32::from_le_bytes(self.exactly(at)?);
        let wrong = |why: &str| Fault { at, why: why.to_owned(), is_unread: false };
        let places = i64::try_from(at).ok().and_then(|at| at.checked_sub(i64::from(back)));
        let places =
            places.and_then(|at| u64::try_from(at).ok()).ok_or_else(|| wrong("a table's fields lie nowhere"))?;
        let size = self.u16(places)?;
        if size < 4 || size % 2 != 0 {
            return Err(wrong("a table's fields have no sensible number"));
        }
        let count = usize::from(size / 2 - 2);
        let held = self.window.at(places + 4, count * 2).map_err(|why| Fault { at, why, is_unread: true })?;
        if held.len() < count * 2 {
            return Err(wrong("a table's fields lead out of the file"));
        }
        let fields = held[..count * 2].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        Ok(Table { at, fields })
    }

    /// Where a field of a table stands; none where it has its default.
    pub(super) fn field(table: &Table, index: usize) -> Option<u64> {
        table.fields.get(index).filter(|place| **place != 0).map(|place| table.at + u64::from(*place))
    }

    /// A number of one byte; 0 where it has its default.
    pub(super) fn byte(&mut self, table: &Table, index: usize) -> Read<u8> {
        Self::field(table, index).map_or(Ok(0), |at| self.exactly::<1>(at).map(|[byte]| byte))
    }

    /// A number of four bytes; 0 where it has its default.
    pub(super) fn int(&mut self, table: &Table, index: usize) -> Read<u32> {
        Self::field(table, index).map_or(Ok(0), |at| self.u32(at))
    }

    /// A number of eight bytes; 0 where it has its default.
    pub(super) fn long(&mut self, table: &Table, index: usize) -> Read<u64> {
        Self::field(table, index).map_or(Ok(0), |at| self.exactly(at).map(u64::from_le_bytes))
    }

    /// A vector of items of so many bytes, all of which are there.
    pub(super) fn vector(&mut self, table: &Table, index: usize, item: u64) -> Read<Option<Vector>> {
        let Some(at) = Self::field(table, index) else { return Ok(None) };
        let at = self.follow(at)?;
        let count = u64::from(self.u32(at)?);
        let first = at + 4;
        if count.saturating_mul(item) > self.bytes().len().saturating_sub(first) {
            let why = format!("{count} items are more than the file has");
            return Err(Fault { at, why, is_unread: false });
        }
        Ok(Some(Vector { at: first, count }))
    }

    /// A text; what is beyond so many bytes is cut off.
    pub(super) fn text(&mut self, table: &Table, index: usize) -> Read<Option<String>> {
        /// Bytes of a name.
        const TEXT: u64 = 4096;
        let Some(vector) = self.vector(table, index, 1)? else { return Ok(None) };
        let length = vector.count.min(TEXT) as usize;
        let held = self.window.at(vector.at, length).map_err(|why| Fault { at: vector.at, why, is_unread: true })?;
        Ok(Some(String::from_utf8_lossy(&held[..length.min(held.len())]).into_owned()))
    }

    /// A table of a vector of tables.
    pub(super) fn item(&mut self, vector: Vector, index: u64) -> Read<Table> {
        let at = self.follow(vector.at + 4 * index)?;
        self.table(at)
    }
}
