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
    }
}
