//! Names of members: where they lead when an archive is unpacked.

use crate::scan::quote;

/// A name for people. Bytes that are no UTF-8 are replaced.
pub(super) fn shown(name: &[u8]) -> String {
    quote::shown(&String::from_utf8_lossy(name))
}

/// Why a name leads out of the folder that the archive is unpacked to, a sentence fragment; none where it
/// does not.
pub(super) fn escape(name: &[u8]) -> Option<&'static str> {
    if name.starts_with(b"/") || name.starts_with(b"\\") {
        return Some("is absolute");
    }
    if name.get(1) == Some(&b':') && name[0].is_ascii_alphabetic() {
        return Some("begins with a drive");
    }
    if name.contains(&0) {
        return Some("holds a zero byte, where some programs end it");
    }
    name.split(|byte| matches!(byte, b'/' | b'\\')).any(|part| part == b"..").then_some("leads upwards")
}

/// Why the target of a link leads out of the archive, if it does. `from` is where the link lies.
pub(super) fn link_escape(from: &[u8], target: &[u8]) -> Option<&'static str> {
    if target.starts_with(b"/") || target.starts_with(b"\\") || target.get(1) == Some(&b':') {
        return Some("is absolute");
    }
    // Folders around the link.
    let parts = |name: &[u8]| -> Vec<Vec<u8>> {
        name.split(|byte| matches!(byte, b'/' | b'\\'))
            .filter(|p| !p.is_empty() && *p != b".")
            .map(<[u8]>::to_vec)
            .collect()
    };
    let mut depth = parts(from).len().saturating_sub(1);
    for part in parts(target) {
        if part == b".." {
            let Some(less) = depth.checked_sub(1) else { return Some("leads upwards") };
            depth = less;
        } else {
            depth += 1;
        }
    }
    None
}

/// A name as the most forgiving reader compares it: without regard to case, separators and `./`.
pub(super) fn folded(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    // Some readers end it at a zero byte.
    let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
    for part in name.split(|byte| matches!(byte, b'/' | b'\\')).filter(|part| !part.is_empty() && *part != b".") {
        if !out.is_empty() {
            out.push(b'/');
        }
        out.extend(part.iter().map(u8::to_ascii_lowercase));
    }
    out
}

/// Whether bytes at the beginning of a file start a program: ELF, PE, Mach-O.
pub(super) fn is_program(head: &[u8]) -> bool {
    head.starts_with(b"\x7fELF")
        || head.starts_with(b"MZ")
        || [&b"\xfe\xed\xfa\xce"[..], b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"]
            .iter()
            .any(|magic| head.starts_with(magic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_links_that_lead_out_are_told() {
        for (name, leads) in [
            ("a/b", false),
            ("/etc/passwd", true),
            ("..", true),
            ("a/../b", true),
            ("a\\..\\b", true),
            ("C:\\x", true),
            ("a\0b", true),
            ("..a/b..", false),
            ("\\\\host\\share", true),
        ] {
            assert_eq!(escape(name.as_bytes()).is_some(), leads, "{name}");
        }
        for (from, target, leads) in [
            ("a/b", "c", false),
            ("a/b", "../c", false),
            ("a/b", "../../c", true),
            ("b", "../c", true),
            ("b", "/c", true),
            ("./a/b", "x/../../y", false),
        ] {
            assert_eq!(link_escape(from.as_bytes(), target.as_bytes()).is_some(), leads, "{from} {target}");
        }
        assert_eq!(folded(b"./A\\b//C\0d"), b"a/b/c");
        assert_eq!(shown(b"a`\n"), "a'\\n");
    }
}
