//! Numbers in records of a fixed layout.

/// Little-endian numbers of some bytes; zero beyond their end.
#[derive(Clone, Copy)]
pub(super) struct Fields<'f>(pub(super) &'f [u8]);

impl Fields<'_> {
    pub(super) fn u16(self, at: usize) -> u16 {
        self.0.get(at..at + 2).map_or(0, |b| u16::from_le_bytes([b[0], b[1]]))
    }

    pub(super) fn u32(self, at: usize) -> u32 {
        u32::from(self.u16(at)) | u32::from(self.u16(at + 2)) << 16
    }

    pub(super) fn u64(self, at: usize) -> u64 {
        u64::from(self.u32(at)) | u64::from(self.u32(at + 4)) << 32
    }
}
