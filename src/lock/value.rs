//! Values of a lock's lines: what they have to be.

use super::Digest;
use super::FileDigest;

/// `sha256:..`.
pub(super) fn digest(value: &str) -> Result<Digest, String> {
    let digest = value.strip_prefix("sha256:").and_then(Digest::from_hex);
    digest.ok_or_else(|| format!("a digest is `sha256:` and 64 digits, not `{}`", cut(value)))
}

/// `sha256:.. SIZE`.
pub(super) fn content(value: &str) -> Result<FileDigest, String> {
    let (sha256, size) = value.split_once(' ').unwrap_or((value, ""));
    let sha256 = digest(sha256)?;
    let is_number = size.bytes().all(|b| b.is_ascii_digit());
    let size = size.parse().ok().filter(|_| is_number);
    let size = size.ok_or_else(|| format!("behind a digest stands the size in bytes, not `{}`", cut(value)))?;
    Ok(FileDigest { sha256, size })
}

/// `sha256:..` or `sha512:..`, as registries write it.
pub(super) fn is_image_digest(value: &str) -> bool {
    let is_hex = |hex: &str, length: usize| hex.len() == length && hex.bytes().all(|b| b.is_ascii_hexdigit());
    value.strip_prefix("sha256:").is_some_and(|hex| is_hex(hex, 64))
        || value.strip_prefix("sha512:").is_some_and(|hex| is_hex(hex, 128))
}

/// A commit or what else a hub calls a state.
pub(super) fn is_revision(text: &str) -> bool {
    !text.is_empty() && text.len() <= 256 && !text.contains(|c: char| c.is_control() || c.is_whitespace())
}

/// Whether a revision names content: a commit in full or a digest.
pub(super) fn is_firm(revision: &str) -> bool {
    let digits = revision.strip_prefix("sha256:").unwrap_or(revision);
    let is_long = digits.len() == 64 || digits.len() == 40 && digits.len() == revision.len();
    is_long && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

/// `2026-11-27`.
pub(super) fn is_day(text: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| {
        text.get(range).is_some_and(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    };
    text.len() == 10
        && text.is_ascii()
        && digits(0..4)
        && digits(5..7)
        && digits(8..10)
        && text.as_bytes().get(4) == Some(&b'-')
        && text.as_bytes().get(7) == Some(&b'-')
}

/// What is wrong with the path of a file: it is one below the folder of what is held, and nowhere else.
pub(super) fn wrong_path(path: &str) -> Option<&'static str> {
    let is_odd = path.is_empty()
        || path.contains(['\\', '\0'])
        || path.split('/').any(|part| matches!(part, "" | "." | ".."))
        || path.get(1..2) == Some(":");
    is_odd.then_some("is no path of a file below a folder")
}

/// A stranger's text, short enough for a message.
pub(super) fn cut(text: &str) -> String {
    const SHOWN: usize = 60;
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}..", text.get(..at).unwrap_or("")),
        None => text,
    }
}
