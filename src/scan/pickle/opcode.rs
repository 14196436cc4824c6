//! The opcodes of pickle, protocols 0 to 5, and what stands behind each.

/// What follows an opcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scan) enum Argument {
    /// Nothing.
    None,
    /// So many bytes.
    Fixed(u8),
    /// A line, its end included.
    Line,
    /// Two lines.
    Lines,
    /// A length of so many bytes, little-endian, and as many bytes as it says.
    Counted(u8),
    /// The same, but the length is signed.
    Signed,
}

/// What stands behind an opcode; none where the byte is no opcode.
pub(in crate::scan) const fn argument(opcode: u8) -> Option<Argument> {
    Some(match opcode {
        b'I' | b'L' | b'S' | b'V' | b'F' | b'g' | b'p' | b'P' => Argument::Line,
        b'c' | b'i' => Argument::Lines,
        b'K' | b'h' | b'q' | PROTO | EXT1 => Argument::Fixed(1),
        b'M' | EXT2 => Argument::Fixed(2),
        b'J' | b'j' | b'r' | EXT4 => Argument::Fixed(4),
        b'G' | FRAME => Argument::Fixed(8),
        b'U' | b'C' | LONG1 | SHORT_BINUNICODE => Argument::Counted(1),
        b'B' | b'X' => Argument::Counted(4),
        b'T' | LONG4 => Argument::Signed,
        BINUNICODE8 | BINBYTES8 | BYTEARRAY8 => Argument::Counted(8),
        b'N' | b']' | b'a' | b'e' | b'l' | b')' | b't' | b'}' | b'd' | b's' | b'u' | b'0' | b'2' | b'(' | b'1' => {
            Argument::None
        }
        b'R' | b'b' | b'o' | b'.' | b'Q' => Argument::None,
        NEWOBJ | TUPLE1 | TUPLE2 | TUPLE3 | NEWTRUE | NEWFALSE => Argument::None,
        EMPTY_SET | ADDITEMS | FROZENSET | NEWOBJ_EX | STACK_GLOBAL | MEMOIZE | NEXT_BUFFER | READONLY_BUFFER => {
            Argument::None
        }
        _ => return None,
    })
}

pub(in crate::scan) const PROTO: u8 = 0x80;
pub(in crate::scan) const NEWOBJ: u8 = 0x81;
pub(in crate::scan) const EXT1: u8 = 0x82;
pub(in crate::scan) const EXT2: u8 = 0x83;
pub(in crate::scan) const EXT4: u8 = 0x84;
pub(in crate::scan) const TUPLE1: u8 = 0x85;
pub(in crate::scan) const TUPLE2: u8 = 0x86;
pub(in crate::scan) const TUPLE3: u8 = 0x87;
pub(in crate::scan) const NEWTRUE: u8 = 0x88;
pub(in crate::scan) const NEWFALSE: u8 = 0x89;
pub(in crate::scan) const LONG1: u8 = 0x8a;
pub(in crate::scan) const LONG4: u8 = 0x8b;
pub(in crate::scan) const SHORT_BINUNICODE: u8 = 0x8c;
pub(in crate::scan) const BINUNICODE8: u8 = 0x8d;
pub(in crate::scan) const BINBYTES8: u8 = 0x8e;
pub(in crate::scan) const EMPTY_SET: u8 = 0x8f;
pub(in crate::scan) const ADDITEMS: u8 = 0x90;
pub(in crate::scan) const FROZENSET: u8 = 0x91;
pub(in crate::scan) const NEWOBJ_EX: u8 = 0x92;
pub(in crate::scan) const STACK_GLOBAL: u8 = 0x93;
pub(in crate::scan) const MEMOIZE: u8 = 0x94;
pub(in crate::scan) const FRAME: u8 = 0x95;
pub(in crate::scan) const BYTEARRAY8: u8 = 0x96;
pub(in crate::scan) const NEXT_BUFFER: u8 = 0x97;
pub(in crate::scan) const READONLY_BUFFER: u8 = 0x98;

#[cfg(test)]
mod tests {
    use super::*;

    /// Opcode, bytes of its argument (`l` a line, `n` a signed count), by the table of CPython's `pickletools`.
    const FACTS: &[(u8, &str)] = &[
        (b'I', "l"),
        (b'J', "4"),
        (b'K', "1"),
        (b'M', "2"),
        (b'L', "l"),
        (0x8a, "c1"),
        (0x8b, "n"),
        (b'S', "l"),
        (b'T', "n"),
        (b'U', "c1"),
        (b'B', "c4"),
        (b'C', "c1"),
        (0x8e, "c8"),
        (0x96, "c8"),
        (0x97, ""),
        (0x98, ""),
        (b'N', ""),
        (0x88, ""),
        (0x89, ""),
        (b'V', "l"),
        (0x8c, "c1"),
        (b'X', "c4"),
        (0x8d, "c8"),
        (b'F', "l"),
        (b'G', "8"),
        (b']', ""),
        (b'a', ""),
        (b'e', ""),
        (b'l', ""),
        (b')', ""),
        (b't', ""),
        (0x85, ""),
        (0x86, ""),
        (0x87, ""),
        (b'}', ""),
        (b'd', ""),
        (b's', ""),
        (b'u', ""),
        (0x8f, ""),
        (0x90, ""),
        (0x91, ""),
        (b'0', ""),
        (b'2', ""),
        (b'(', ""),
        (b'1', ""),
        (b'g', "l"),
        (b'h', "1"),
        (b'j', "4"),
        (b'p', "l"),
        (b'q', "1"),
        (b'r', "4"),
        (0x94, ""),
        (0x82, "1"),
        (0x83, "2"),
        (0x84, "4"),
        (b'c', "ll"),
        (0x93, ""),
        (b'R', ""),
        (b'b', ""),
        (b'i', "ll"),
        (b'o', ""),
        (0x81, ""),
        (0x92, ""),
        (0x80, "1"),
        (b'.', ""),
        (0x95, "8"),
        (b'P', "l"),
        (b'Q', ""),
    ];

    #[test]
    fn the_table_is_that_of_pickletools() {
        for byte in 0..=255_u8 {
            let known = FACTS.iter().find(|(opcode, _)| *opcode == byte).map(|(_, shape)| match *shape {
                "" => Argument::None,
                "l" => Argument::Line,
                "ll" => Argument::Lines,
                "n" => Argument::Signed,
                counted if counted.starts_with('c') => Argument::Counted(counted.as_bytes()[1] - b'0'),
                fixed => Argument::Fixed(fixed.as_bytes()[0] - b'0'),
            });
            assert_eq!(argument(byte), known, "{byte:#x}");
        }
        assert_eq!(FACTS.len(), 68);
    }
}
