//! Numbers and texts of HDF5, read from a piece of it: every one of them may be what a stranger chose.

/// A piece of a file that is read forward. What is behind its end is none, and stays none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    /// Bytes of an address.
    pub(super) offset_size: usize,
    /// Bytes of a length.
    pub(super) length_size: usize,
}

impl<'b> Reader<'b> {
    /// Reads from the start of some bytes.
    pub(super) fn new(bytes: &'b [u8], offset_size: usize, length_size: usize) -> Self {
        Self { bytes, at: 0, offset_size, length_size }
    }

    /// Where it stands.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// So many bytes.
    pub(super) fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let piece = self.bytes.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(piece)
    }

    /// Passes so many bytes.
    pub(super) fn skip(&mut self, count: usize) -> Option<()> {
        self.take(count).map(|_| ())
    }

    /// A number of so many bytes, the lowest first.
    pub(super) fn number(&mut self, count: usize) -> Option<u64> {
        let bytes = self.take(count)?;
        let low = bytes.get(..8).unwrap_or(bytes);
        if bytes.get(8..).is_some_and(|high| high.iter().any(|b| *b != 0)) {
            return None;
        }
        Some(low.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// One byte.
    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }

    /// Two bytes.
    pub(super) fn short(&mut self) -> Option<usize> {
        self.number(2).and_then(|n| usize::try_from(n).ok())
    }

    /// Four bytes.
    pub(super) fn word(&mut self) -> Option<u64> {
        self.number(4)
    }

    /// An address; none also where it says that there is none.
    pub(super) fn address(&mut self) -> Option<Option<u64>> {
        let bytes = self.take(self.offset_size)?;
        if bytes.iter().all(|b| *b == 0xFF) {
            return Some(None);
        }
        let mut again = Reader::new(bytes, self.offset_size, self.length_size);
        Some(Some(again.number(self.offset_size)?))
    }

    /// A length.
    pub(super) fn length(&mut self) -> Option<u64> {
        self.number(self.length_size)
    }

    /// A text up to a zero byte, which is passed.
    pub(super) fn text(&mut self) -> Option<String> {
        let rest = self.bytes.get(self.at..)?;
        let end = rest.iter().position(|b| *b == 0)?;
        self.at += end + 1;
        Some(String::from_utf8_lossy(&rest[..end]).into_owned())
    }

    /// All that is left.
    pub(super) fn rest(&self) -> &'b [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }
}
