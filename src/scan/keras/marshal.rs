//! Names in byte code that `marshal` wrote: enough to say what a function calls, without decoding it.

/// The longest name that is kept, and how many.
const LONGEST: usize = 40;
const MOST: usize = 400;
/// Names that say what code is up to; those are told first.
const TELLING: &[&str] = &[
    "system",
    "popen",
    "exec",
    "eval",
    "subprocess",
    "Popen",
    "check_output",
    "call",
    "run",
    "__import__",
    "os",
    "socket",
    "urlopen",
    "requests",
    "urllib",
    "open",
    "write",
    "b64decode",
    "compile",
    "spawn",
    "fork",
    "builtins",
    "pty",
    "importlib",
    "import_module",
    "getattr",
    "loads",
    "pickle",
    "environ",
    "remove",
    "rmtree",
    "connect",
];

/// Bytes that a text in base 64 stands for; blanks are passed over. None where it is something else.
pub(in crate::scan) fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' | b'\n' | b'\r' | b' ' | b'\t' => continue,
            _ => return None,
        };
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits & 0xFF) as u8);
        }
    }
    Some(out)
}

/// Names in byte code, the telling ones first, ten at most.
pub(super) fn names(code: &[u8]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut at = 0;
    while at < code.len() && all.len() < MOST {
        // The highest bit of a kind says that it may be referred to.
        let text = match code[at] & 0x7F {
            b'z' | b'Z' => code.get(at + 1).map(|length| (at + 2, usize::from(*length))),
            b'a' | b'A' | b'u' | b't' => {
                let length = code.get(at + 1..at + 5).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
                length.map(|length| (at + 5, usize::try_from(length).unwrap_or(usize::MAX)))
            }
            _ => None,
        };
        let name = text
            .filter(|(_, length)| (1..=LONGEST).contains(length))
            .and_then(|(start, length)| code.get(start..start + length))
            .filter(|name| name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b == b'.'));
        if let Some(name) = name {
            let text = String::from_utf8_lossy(name).into_owned();
            if !all.contains(&text) {
                all.push(text);
            }
            at += name.len();
        }
        at += 1;
    }
    all.sort_by_key(|name| !TELLING.contains(&name.as_str()));
    all.truncate(10);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_out_of_byte_code() {
        let code = b"\xe3\x01\x00\x00\x00\xda\x01x\xda\x06system\xfa\x04/tmp\x5a\x02osu\x03\x00\x00\x00abc";
        assert_eq!(names(code), ["system", "os", "x", "abc"]);
        assert!(names(b"z\xff").is_empty());
        assert_eq!(base64("4wEA\nAAA="), Some(vec![0xE3, 1, 0, 0, 0]));
        assert_eq!(base64("a*b"), None);
    }
}
