//! Beginnings by which packed streams and archives are told.

use crate::parse::decode::{Codec, Decoded};
use crate::scan::Format;
use crate::source::{Bytes, Part};

/// The codec of a stream, and at which byte it begins.
pub(super) fn stream(head: &[u8], bytes: &dyn Bytes) -> Option<(Format, Codec, u64)> {
    let found = match head {
        [0x1f, 0x8b, 8, ..] => (Format::Gzip, Codec::Gzip),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..]
        | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => (Format::Bzip2, Codec::Bzip2),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => (Format::Xz, Codec::Xz),
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => (Format::Zstd, Codec::Zstd),
        [0x04, 0x22, 0x4d, 0x18, ..] => (Format::Lz4, Codec::Lz4),
        // What joblib wrote of old: a size in text, then zlib.
        [b'Z', b'F', b'0', b'x', ..] => return zfile(head, bytes),
        [first, second, ..] if is_zlib(*first, *second) && begins(Codec::Zlib, head, 1) => (Format::Zlib, Codec::Zlib),
        _ if is_lzma(head) && begins(Codec::Lzma, head, 1) => (Format::Lzma, Codec::Lzma),
        _ => return None,
    };
    Some((found.0, found.1, 0))
}

/// The header of zlib: its method, a window, and a check of both (RFC 1950, 2.2). A preset dictionary is none
/// that a loader has.
fn is_zlib(first: u8, second: u8) -> bool {
    first & 0xf == 8 && first >> 4 <= 7 && (u16::from(first) << 8 | u16::from(second)) % 31 == 0 && second & 0x20 == 0
}

/// The header of LZMA alone, by what `lzma_alone_decoder` of xz asks of it, and the first byte of its coder.
fn is_lzma(head: &[u8]) -> bool {
    let Some(&[properties, a, b, c, d, ref size @ ..]) = head.get(..13) else { return false };
    let Ok(size) = <[u8; 8]>::try_from(size) else { return false };
    let (dictionary, size) = (u32::from_le_bytes([a, b, c, d]), u64::from_le_bytes(size));
    let is_round = dictionary == u32::MAX
        || dictionary.count_ones() == 1
        || (dictionary.count_ones() == 2 && dictionary & (dictionary >> 1) != 0);
    properties < 225
        && dictionary >= 4096
        && is_round
        && (size == u64::MAX || size < 1 << 38)
        && head.get(13) == Some(&0)
}

/// Whether the first bytes decode to something.
fn begins(codec: Codec, head: &[u8], least: u64) -> bool {
    let owned = head.to_vec();
    let decoded = Decoded::open(codec, Part::from(&owned, 0), 1 << 16);
    let is_fine = decoded.end().broken.as_deref().is_none_or(|why| why == "it ends early");
    decoded.len() >= least || is_fine && head.len() < 64
}

fn zfile(head: &[u8], bytes: &dyn Bytes) -> Option<(Format, Codec, u64)> {
    // The size is filled up with blanks to as many characters as the largest one has, which were 19 or 20.
    let at = if head.get(21) == Some(&b' ') { 22 } else { 21 };
    let text = head.get(4..at)?.trim_ascii_end();
    let is_size = text.strip_suffix(b"L").unwrap_or(text).iter().all(u8::is_ascii_hexdigit);
    (is_size && bytes.len() > at as u64).then_some((Format::Zlib, Codec::Zlib, at as u64))
}

/// Archives that are not opened, by name.
pub(super) fn other_archive(head: &[u8], bytes: &dyn Bytes) -> Option<&'static str> {
    let begins: &[(&[u8], &'static str)] = &[
        (b"Rar!\x1a\x07", "RAR"),
        (b"RE~^", "RAR"),
        (b"MSCF\0\0\0\0", "cab"),
        (b"ISc(", "InstallShield cabinet"),
        (b"LZIP", "lzip"),
        (&[0x1f, 0x9d], "compress"),
        (&[0x1f, 0xa0], "compress"),
        (b"xar!", "xar"),
        (b"070701", "cpio"),
        (b"070702", "cpio"),
        (b"070707", "cpio"),
        (b"hsqs", "squashfs"),
        (b"sqsh", "squashfs"),
        (&[0x02, 0x21, 0x4c, 0x18], "LZ4 in its first form"),
        (b"\xff\x06\0\0sNaPpY", "snappy"),
        (b"LRZI", "lrzip"),
        (b"zPQ", "zpaq"),
        (b"7kSt", "zpaq"),
        (b"ZOO ", "zoo"),
        (b"MSWIM\0\0\0", "Windows image"),
        (b"\x89LZO\0\r\n\x1a\n", "lzop"),
        (b"ArC\x01", "FreeArc"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "compound document"),
    ];
    let found = begins.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, name)| *name);
    let at = |offset: usize, magic: &[u8]| head.get(offset..offset + magic.len()) == Some(magic);
    found
        .or_else(|| (at(2, b"-lh") && at(6, b"-")).then_some("LHA"))
        .or_else(|| at(7, b"**ACE**").then_some("ACE"))
        .or_else(|| (bytes.len() > 0x8806 && bytes.exactly(0x8001, 5).ok()? == b"CD001").then_some("ISO 9660"))
}
