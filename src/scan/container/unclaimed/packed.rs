//! Data that is told by its structure to the end: MessagePack, records of TensorFlow.

use crate::scan::Context;
use crate::source::{Bytes, Window};

/// Whether bytes are one map or list of MessagePack and nothing else, as flax and spaCy write it.
pub(super) fn is_messagepack(bytes: &dyn Bytes, context: &mut Context<'_>) -> bool {
    let mut window = Window::new(bytes, 64 << 10);
    if !window.at(0, 1).is_ok_and(|first| matches!(first.first(), Some(0x80..=0x9f | 0xdc..=0xdf))) {
        return false;
    }
    /// Items that are looked at.
    const MOST: u64 = 2_000_000;
    let (mut at, mut left, mut seen) = (0_u64, 1_u64, 0_u64);
    while left > 0 {
        seen += 1;
        if seen > MOST || seen % 4096 == 0 && !context.take_nodes(4096) {
            return false;
        }
        let Ok(item) = window.at(at, 9) else { return false };
        let Some((length, inner)) = item.first().and_then(|kind| extent(*kind, &item[1..])) else { return false };
        left = left - 1 + inner;
        at = match at.checked_add(length) {
            Some(next) if next <= bytes.len() => next,
            _ => return false,
        };
    }
    at == bytes.len() && (seen > 1 || at == 1)
}

/// Bytes of an item of MessagePack, its head included, and how many items are in it.
fn extent(kind: u8, rest: &[u8]) -> Option<(u64, u64)> {
    let number =
        |length: usize| rest.get(..length).map(|bytes| bytes.iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte)));
    Some(match kind {
        0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => (1, 0),
        0x80..=0x8f => (1, 2 * u64::from(kind & 0xf)),
        0x90..=0x9f => (1, u64::from(kind & 0xf)),
        0xa0..=0xbf => (1 + u64::from(kind & 0x1f), 0),
        0xc1 => return None,
        0xc4 | 0xd9 => (2 + number(1)?, 0),
        0xc5 | 0xda => (3 + number(2)?, 0),
        0xc6 | 0xdb => (5 + number(4)?, 0),
        0xc7 => (3 + number(1)?, 0),
        0xc8 => (4 + number(2)?, 0),
        0xc9 => (6 + number(4)?, 0),
        0xca | 0xce | 0xd2 => (5, 0),
        0xcb | 0xcf | 0xd3 => (9, 0),
        0xcc | 0xd0 => (2, 0),
        0xcd | 0xd1 => (3, 0),
        0xd4..=0xd8 => (2 + (1 << (kind - 0xd4)), 0),
        0xdc => (3, number(2)?),
        0xdd => (5, number(4)?),
        0xde => (3, 2 * number(2)?),
        0xdf => (5, 2 * number(4)?),
    })
}

/// Whether bytes are records of TensorFlow one after the other: a length, its checksum, bytes, their checksum.
pub(super) fn is_records(bytes: &dyn Bytes) -> bool {
    /// Records that are looked at.
    const MOST: usize = 100_000;
    let mut at = 0;
    for count in 0..MOST {
        if at == bytes.len() {
            return count > 0;
        }
        let Ok(head) = bytes.exactly(at, 12) else { return false };
        let (Ok(length), Ok(check)) = (<[u8; 8]>::try_from(&head[..8]), <[u8; 4]>::try_from(&head[8..])) else {
            return false;
        };
        if masked(crc32c(&length)) != u32::from_le_bytes(check) {
            return false;
        }
        let Some(next) = u64::from_le_bytes(length).checked_add(16).and_then(|whole| at.checked_add(whole)) else {
            return false;
        };
        // A log that is being written ends in the middle of a record.
        if next > bytes.len() {
            return count > 0;
        }
        at = next;
    }
    true
}

/// Whether bytes are values of TensorFlow, by the names of a checkpoint that stand among them.
pub(super) fn is_checkpoint(bytes: &dyn Bytes) -> bool {
    /// Bytes at each end that are looked through.
    const NEAR: usize = 64 << 10;
    let names: [&[u8]; 3] = [b".ATTRIBUTES/", b"serving_default", b"signatures*"];
    [0, bytes.len().saturating_sub(NEAR as u64)].into_iter().any(|at| {
        let near = bytes.up_to(at, NEAR).unwrap_or_default();
        names.iter().any(|name| near.as_slice().windows(<[u8]>::len(name)).any(|there| there == *name))
    })
}

/// CRC-32C, of a few bytes.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |mut crc, byte| {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 != 0 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 };
        }
        crc
    })
}

/// As those records carry it.
fn masked(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}
