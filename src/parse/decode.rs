//! Compressed streams as bytes that can be read anywhere, in constant memory.
//!
//! What is small is held whole; of what is large a piece is held, and reading backwards decodes it again from
//! its start.

use crate::source::Bytes;

/// How a stream is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// Deflate without a header (RFC 1951), as in zips.
    Deflate,
    /// zlib (RFC 1950).
    Zlib,
    /// gzip (RFC 1952), members one after the other.
    Gzip,
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
    /// LZMA alone.
    Lzma,
    /// Zstandard (RFC 8878).
    Zstd,
    /// LZ4 frames.
    Lz4,
}

/// A decoded stream.
pub struct Decoded<'b> {
    _inner: &'b dyn Bytes,
}
