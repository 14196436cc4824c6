//! Paths that a model says another file lies at.

/// How a path leads out of the folder that it is taken from, if it does, on any system.
pub(super) fn leads_out(path: &str) -> Option<&'static str> {
    let plain = path.replace('\\', "/");
    let bytes = plain.as_bytes();
    let lower = plain.to_ascii_lowercase();
    if path.contains("_ORT_MEM_ADDR_") {
        return Some("stands for an address in memory");
    }
    if path.contains('\0') {
        return Some("has a NUL that cuts it");
    }
    if lower.contains("://") || lower.starts_with("file:") {
        return Some("is an address");
    }
    if plain.starts_with('/') {
        return Some("is absolute");
    }
    if bytes.get(1) == Some(&b':') && bytes[0].is_ascii_alphabetic() {
        return Some("names a drive");
    }
    if plain.split('/').any(|part| matches!(part.trim(), "..")) {
        return Some("leads to a folder above");
    }
    if plain.starts_with('~') || plain.starts_with('$') || plain.starts_with('%') {
        return Some("starts at a folder of whoever loads it");
    }
    lower.contains("%2e%2e").then_some("leads to a folder above")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_out_are_told_on_any_system() {
        for path in [
            "/etc/passwd",
            "../x",
            "a/../../x",
            "..\\x",
            "a\\..\\x",
            "C:\\x",
            "c:x",
            "\\\\host\\share",
            "file:///x",
            "http://example.com/x",
            "a\0b",
            "~/.ssh/id",
            "$HOME/x",
            "*/_ORT_MEM_ADDR_/*",
            "%2e%2e/x",
            "a/..",
            ".. /x",
        ] {
            assert!(leads_out(path).is_some(), "{path}");
        }
        for path in ["model.onnx.data", "weights/a.bin", "a..b", "...", "./x", "onnx__MatMul_12"] {
            assert_eq!(leads_out(path), None, "{path}");
        }
    }
}
