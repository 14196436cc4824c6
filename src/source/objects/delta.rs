//! Deltas of packs: an object as edits of another.
//!
//! The format is `gitformat-pack(5)`, "Deltified representation".

/// The sizes a delta begins with: of the object it edits, of the object it makes, and how many
/// bytes say so.
pub(super) fn sizes(delta: &[u8]) -> Option<(u64, u64, usize)> {
    let (base, first) = size(delta)?;
    let (result, second) = size(delta.get(first..)?)?;
    Some((base, result, first + second))
}

fn size(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for (at, byte) in bytes.iter().enumerate().take(10) {
        let part = u64::from(byte & 0x7f);
        let shift = u32::try_from(at * 7).ok()?;
        let moved = part << shift;
        if moved >> shift != part {
            return None;
        }
        value |= moved;
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
    }
    None
}

/// Makes the object of `result` bytes that the instructions of a delta describe; `None` where they
/// do not make exactly that.
pub(super) fn apply(base: &[u8], instructions: &[u8], result: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(result);
    let mut rest = instructions;
    while let Some((command, after)) = rest.split_first() {
        rest = after;
        let bytes = match *command {
            0 => return None,
            command if command & 0x80 == 0 => {
                let (bytes, after) = rest.split_at_checked(usize::from(command))?;
                rest = after;
                bytes
            }
            command => {
                let (mut offset, mut length) = (0_usize, 0_usize);
                for bit in 0..7 {
                    if command & (1 << bit) == 0 {
                        continue;
                    }
                    let (byte, after) = rest.split_first()?;
                    rest = after;
                    if bit < 4 {
                        offset |= usize::from(*byte) << (bit * 8);
                    } else {
                        length |= usize::from(*byte) << ((bit - 4) * 8);
                    }
                }
                let length = if length == 0 { 0x1_0000 } else { length };
                base.get(offset..offset.checked_add(length)?)?
            }
        };
        if bytes.len() > result - out.len() {
            return None;
        }
        out.extend_from_slice(bytes);
    }
    (out.len() == result).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delta_makes_what_it_promises_or_nothing() {
        let base = b"abcdef";
        for (delta, made) in [
            (b"\x06\x04\x90\x04".as_slice(), Some("abcd")),
            (b"\x06\x05\x91\x04\x02\x03xyz", Some("efxyz")),
            (b"\x06\x04\x91\x04\x04", None),
            (b"\x06\x01\x90\x02", None),
            (b"\x06\x03\x90\x02", None),
            (b"\x06\x02\x00", None),
            (b"\x06\x02\x05ab", None),
            (b"\x06\x01\x91", None),
        ] {
            let (from, result, at) = sizes(delta).unwrap();
            assert_eq!(from, 6);
            let out = apply(base, &delta[at..], usize::try_from(result).unwrap());
            assert_eq!(out.as_deref(), made.map(str::as_bytes), "{delta:?}");
        }
    }

    #[test]
    fn a_size_fits_its_type() {
        assert_eq!(size(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), Some((u64::MAX, 10)));
        assert_eq!(size(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), None);
        assert_eq!(size(b"\x80\x80"), None);
        assert_eq!(size(b""), None);
    }
}
