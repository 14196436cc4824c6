//! Programs, and objects that come to life when they are read.

/// What kind of machine code or byte code bytes begin with.
pub(super) fn kind(head: &[u8]) -> Option<&'static str> {
    let word = |at: usize| head.get(at..at + 4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]));
    Some(match head {
        [0x7f, b'E', b'L', b'F', ..] => "a program or library (ELF)",
        // An APE is a script, an MZ and an ELF at once.
        _ if head.starts_with(b"MZqFpD='") || head.starts_with(b"jartsr='") => "a program for several systems (APE)",
        [b'M', b'Z', ..] if is_pe(head) => "a program or library (PE)",
        [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..] | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..] => "a program or library (Mach-O)",
        [0xca, 0xfe, 0xba, 0xbe, ..] if word(4).is_some_and(|count| count < 40) => "a program or library (Mach-O)",
        [0xca, 0xfe, 0xba, 0xbe, ..] => "byte code of Java",
        [0, b'a', b's', b'm', _, 0, 0, 0, ..] => "WebAssembly",
        [b'd', b'e', b'x', b'\n', b'0', ..] => "byte code of Android",
        [b'B', b'C', 0xc0, 0xde, ..] | [0xde, 0xc0, 0x17, 0x0b, ..] => "code of LLVM",
        [0x50, 0xed, 0x55, 0xba, ..] => "code of CUDA",
        [0x1b, b'L', b'u', b'a', ..] => "byte code of Lua",
        _ if head.starts_with(b"!<arch>\n") => "a library of machine code",
        _ if is_object(head) => "machine code that is not linked yet (COFF)",
        _ if is_pyc(head) => "byte code of Python",
        // What `marshal` writes of a code object.
        [0xe3, 0, 0, 0, 0, ..] if head.len() > 40 => "byte code of Python",
        _ if head.starts_with(b"ptrt") || head.starts_with(b"ftrt") => {
            "an engine of TensorRT, which carries code of a GPU"
        }
        _ if head.starts_with(b"RKNN\0\0\0\0") => "a model of RKNN, which carries code of an NPU",
        _ => return None,
    })
}

/// Whether the header of DOS leads to one of Windows, or at least says sizes of pages that can be.
fn is_pe(head: &[u8]) -> bool {
    let Some(at) = head.get(0x3c..0x40) else { return false };
    let at = u32::from_le_bytes([at[0], at[1], at[2], at[3]]) as usize;
    let leads =
        head.get(at..at.saturating_add(2)).is_none_or(|magic| magic == b"PE" || magic == b"NE" || magic == b"LE");
    leads && head[..64].contains(&0)
}

/// A header of COFF: a machine, some sections, a time, where the symbols are, no header of a program.
fn is_object(head: &[u8]) -> bool {
    let Some(header) = head.get(..60) else { return false };
    let half = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
    let is_machine = matches!(half(0), 0x014c | 0x8664 | 0xaa64 | 0x01c4);
    // The name of the first section.
    is_machine && (1..200).contains(&half(2)) && half(16) == 0 && matches!(header[20], b'.' | b'_' | b'/')
}

/// The magic of a compiled module: a number of the version, `\r\n`, flags.
fn is_pyc(head: &[u8]) -> bool {
    let Some(&[low, high, b'\r', b'\n', flags, 0, 0, 0]) = head.get(..8) else {
        return head.get(..4).is_some_and(|b| {
            b[2..] == *b"\r\n" && matches!(u16::from_le_bytes([b[0], b[1]]), 62_000..=62_300 | 3000..=3390)
        });
    };
    matches!(u16::from_le_bytes([low, high]), 3000..=3999) && flags < 4
}

/// The language whose objects bytes begin with: reading them creates what they name.
pub(super) fn objects(head: &[u8]) -> Option<&'static str> {
    Some(match head {
        [0xac, 0xed, 0, 5, ..] => "Java",
        [0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0, ..] => ".NET",
        [b'X' | b'A', b'\n', 0, 0, 0, 2 | 3, ..] => "R",
        [b'R', b'D', b'X' | b'A', b'2' | b'3', b'\n', ..] => "R",
        _ => return None,
    })
}
