//! Numbers and texts of GGUF, one after the other.

use crate::source::{Bytes, Window};

/// Bytes read at a time.
const PIECE: usize = 64 << 10;

/// Why reading stopped.
pub(super) enum Stop {
    /// The bytes end.
    CutShort,
    /// The bytes cannot be had.
    Unreadable(String),
    /// It was told.
    Told,
}

/// Where reading is.
pub(super) struct Cursor<'b> {
    window: Window<'b>,
    length: u64,
    pub(super) at: u64,
    pub(super) is_big: bool,
    pub(super) version: u32,
}

impl<'b> Cursor<'b> {
    pub(super) fn new(bytes: &'b dyn Bytes) -> Self {
        Self { window: Window::new(bytes, PIECE), length: bytes.len(), at: 0, is_big: false, version: 3 }
    }

    pub(super) fn bytes(&self) -> &'b dyn Bytes {
        self.window.bytes()
    }

    /// Bytes that are left.
    pub(super) fn left(&self) -> u64 {
        self.length.saturating_sub(self.at)
    }

    /// The next bytes; few, for they are held.
    pub(super) fn take(&mut self, count: usize) -> Result<&[u8], Stop> {
        let held = self.window.at(self.at, count).map_err(Stop::Unreadable)?;
        let taken = held.get(..count).ok_or(Stop::CutShort)?;
        self.at += count as u64;
        Ok(taken)
    }

    /// Goes over bytes.
    pub(super) fn skip(&mut self, count: u64) -> Result<(), Stop> {
        if count > self.left() {
            return Err(Stop::CutShort);
        }
        self.at += count;
        Ok(())
    }

    pub(super) fn u32(&mut self) -> Result<u32, Stop> {
        let is_big = self.is_big;
        let bytes = self.take(4)?.first_chunk().copied().unwrap_or_default();
        Ok(if is_big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    pub(super) fn u64(&mut self) -> Result<u64, Stop> {
        let is_big = self.is_big;
        let bytes = self.take(8)?.first_chunk().copied().unwrap_or_default();
        Ok(if is_big { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) })
    }

    /// A count or length, which has half as many bytes in the first version.
    pub(super) fn count(&mut self) -> Result<u64, Stop> {
        if self.version == 1 { self.u32().map(u64::from) } else { self.u64() }
    }
}
