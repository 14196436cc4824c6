//! `.cargo-checksum.json`: the files of a vendored crate with their digests. Source: cargo,
//! `sources/directory.rs`, `struct Checksum`.

use std::collections::BTreeMap;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{Budget, Problem};
use crate::source::Span;

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checksums {
    /// SHA-256 of the packed release, in hexadecimal, and where it stands; none for a copy of a repository.
    pub package: Option<(String, Span)>,
    /// The files it lists with the SHA-256 of each in hexadecimal, as written; sorted by path.
    pub files: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct Json {
    #[serde(default)]
    package: Option<String>,
    files: BTreeMap<String, String>,
}

/// The SHA-256 of bytes as the list spells it, in hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| DIGITS.get(usize::from(half)).copied().map_or('0', char::from);
    Sha256::digest(bytes).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Reads the list.
///
/// # Errors
/// It is too large, no JSON, or of another shape.
pub fn parse(text: &str, budget: &mut Budget) -> Result<Checksums, Problem> {
    let whole = Span::new(0, text.len());
    if text.len() > budget.bytes {
        return Err(Problem::new(whole, format!("larger than {} bytes", budget.bytes)));
    }
    let json: Json = serde_json::from_str(text)
        .map_err(|error| Problem::new(whole, format!("no list of files with digests: {error}")))?;
    if !budget.take_items(json.files.len()) {
        return Err(Problem::new(whole, "too many files"));
    }
    let package = json.package.map(|sum| {
        // The last of the key is where cargo writes it; its text stands once.
        let at = text.rfind(&sum).map_or(whole, |start| Span::new(start, start + sum.len()));
        (sum, at)
    });
    Ok(Checksums { package, files: json.files.into_iter().collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_as_cargo_writes_them() {
        let text = r#"{"files":{"Cargo.toml":"aa","src/lib.rs":"bb"},"package":"cc11"}"#;
        let read = parse(text, &mut Budget::default()).unwrap();
        let files: Vec<_> = read.files.iter().map(|(path, digest)| (path.as_str(), digest.as_str())).collect();
        assert_eq!(files, [("Cargo.toml", "aa"), ("src/lib.rs", "bb")]);
        let (sum, span) = read.package.unwrap();
        assert_eq!((sum.as_str(), &text[span.range(text.len())]), ("cc11", "cc11"));
        let of_repository = parse(r#"{"files":{},"package":null}"#, &mut Budget::default()).unwrap();
        assert_eq!(of_repository, Checksums { package: None, files: Vec::new() });
    }

    #[test]
    fn digests_are_spelled_as_cargo_does() {
        assert_eq!(sha256(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn what_is_none_is_told() {
        for text in ["", "[]", "{}", r#"{"files":[]}"#, r#"{"files":{},"package":1}"#, r#"{"files":{"a":1}}"#] {
            assert!(parse(text, &mut Budget::default()).is_err(), "{text}");
        }
        let mut small = Budget { items: 1, ..Budget::default() };
        assert!(parse(r#"{"files":{"a":"","b":""}}"#, &mut small).unwrap_err().message.contains("too many"));
    }
}
