//! Rows of a `RECORD`: path, digest and size, as CSV. Source: PyPA, "Recording installed projects"; the
//! reader is Python's `csv` with its usual settings.

use std::ops::Range;

use sha2::{Digest as _, Sha256};

use super::Budget;

/// The SHA-256 of bytes as a row spells it: `sha256=` and base64 of the URL alphabet without padding.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::from("sha256=");
    for three in Sha256::digest(bytes).chunks(3) {
        let at = |index: usize| three.get(index).copied().map_or(0, u32::from);
        let group = at(0) << 16 | at(1) << 8 | at(2);
        for letter in 0..=three.len() {
            let index = (group >> (18 - 6 * letter)) & 63;
            out.extend(ALPHABET.get(index as usize).map(|b| char::from(*b)));
        }
    }
    out
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// The path, as written.
    pub path: String,
    /// The digest, `algorithm=base64`; empty where there is none.
    pub digest: String,
    /// The size; empty where there is none.
    pub size: String,
    /// The bytes of the row.
    pub range: Range<usize>,
}

/// Reads all rows; what follows when the budget is used up is left out, and the second value says so.
#[must_use]
pub fn parse(text: &str, budget: &mut Budget) -> (Vec<Row>, bool) {
    let mut out = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let mut fields: [String; 3] = Default::default();
        let mut index = 0;
        loop {
            let field = field(text, &mut at);
            if let Some(slot) = fields.get_mut(index) {
                *slot = field;
            }
            index += 1;
            if bytes.get(at) == Some(&b',') {
                at += 1;
            } else {
                break;
            }
        }
        let end = at;
        while matches!(bytes.get(at), Some(b'\r' | b'\n')) {
            at += 1;
        }
        let [path, digest, size] = fields;
        if path.is_empty() && index == 1 {
            // No field may stand still: a stray quote is part of a field.
            at = at.max(start + 1);
            continue;
        }
        if !budget.take_entry(end - start) {
            return (out, true);
        }
        out.push(Row { path, digest, size, range: start..end });
    }
    (out, false)
}

/// One field; `at` stands behind it.
fn field(text: &str, at: &mut usize) -> String {
    let bytes = text.as_bytes();
    let mut out = String::new();
    if bytes.get(*at) == Some(&b'"') {
        *at += 1;
        let mut from = *at;
        while let Some(byte) = bytes.get(*at) {
            if *byte != b'"' {
                *at += 1;
                continue;
            }
            out.push_str(text.get(from..*at).unwrap_or(""));
            *at += 1;
            if bytes.get(*at) != Some(&b'"') {
                from = *at;
                break;
            }
            // Two quotes stand for one.
            from = *at;
            *at += 1;
        }
        if *at >= bytes.len() && from < *at {
            out.push_str(text.get(from..*at).unwrap_or(""));
            return out;
        }
    }
    let from = *at;
    while bytes.get(*at).is_some_and(|byte| !matches!(byte, b',' | b'\n' | b'\r')) {
        *at += 1;
    }
    out.push_str(text.get(from..*at).unwrap_or(""));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_fall_into_their_fields() {
        for (text, wanted) in [
            ("a.py,sha256=x,3\n", "a.py|sha256=x|3"),
            ("a.py,,\r\n", "a.py||"),
            ("\"a,\"\"b\"\".py\",sha256=x,3", "a,\"b\".py|sha256=x|3"),
            ("\"open", "open||"),
            ("a,b,c,d\n\nb,,\n", "a|b|c;b||"),
            ("\"\"\n", ""),
        ] {
            let (rows, cut) = parse(text, &mut Budget::default());
            let rows: Vec<String> = rows.iter().map(|r| format!("{}|{}|{}", r.path, r.digest, r.size)).collect();
            assert_eq!((rows.join(";").as_str(), cut), (wanted, false), "{text:?}");
        }
    }

    #[test]
    fn digests_are_spelled_as_pip_does() {
        assert_eq!(sha256(b""), "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
        assert_eq!(sha256(b"abc"), "sha256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
    }

    #[test]
    fn rows_end_with_the_budget() {
        let mut budget = Budget { items: 50, ..Budget::default() };
        let (rows, cut) = parse(&"a,,\n".repeat(10), &mut budget);
        assert_eq!((rows.len(), cut), (2, true));
    }
}
