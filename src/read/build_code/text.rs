//! Digests and commits as build files write them.

use crate::commands::UrlText;
use crate::graph::kinds::build_code::Fixed;

/// Whether a text is a whole commit.
pub(super) fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether an address decides by itself what it serves: a commit or digest is a part of it.
pub(super) fn names_content(address: &str) -> bool {
    address.split(|c: char| !c.is_ascii_alphanumeric()).any(is_commit)
}

/// What a digest says, by the name of its function.
pub(super) fn digest(function: &str) -> Fixed {
    match function.to_ascii_uppercase().as_str() {
        "MD5" => Fixed::Weak("MD5"),
        "SHA1" | "SHA-1" => Fixed::Weak("SHA-1"),
        _ => Fixed::Content,
    }
}

/// Whether a text is an address of something elsewhere.
pub(super) fn is_address(text: &str) -> bool {
    ["https://", "http://", "ftp://", "git@", "ssh://", "git://", "git+"].iter().any(|start| text.starts_with(start))
}

/// An address of which parts may be `${name}`.
pub(super) fn url(text: &str) -> UrlText {
    UrlText::new(text, !text.contains("${"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_and_digests_are_known_by_their_form() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        assert!(is_commit(commit) && !is_commit("v1.2.3") && !is_commit(&commit[1..]));
        assert!(names_content(&format!("https://example.com/archive/{commit}.zip")));
        assert!(!names_content("https://example.com/archive/v1.zip"));
        assert_eq!((digest("md5"), digest("SHA256")), (Fixed::Weak("MD5"), Fixed::Content));
    }
}
