//! What an address says of what it serves.

use super::act::UrlText;

/// How far an address fixes what it serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fixity {
    /// It holds a commit or digest.
    Content,
    /// It holds a version: its publisher can replace it, and is not expected to.
    Version,
    /// It serves what is newest.
    Moving,
}

impl Fixity {
    /// It as the graph's JSON spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Version => "version",
            Self::Moving => "moving",
        }
    }
}

/// How far an address fixes what it serves, by its words alone.
#[must_use]
pub fn fixity(url: &UrlText) -> Fixity {
    let (text, query) = url.text.split_once(['?', '#']).unwrap_or((&url.text, ""));
    let path = text.split_once("://").or_else(|| text.split_once(':')).map_or(text, |(_, rest)| rest);
    let mut parts = path.split('/').skip(1);
    // `raw/<commit>/x`, `archive/<commit>.tar.gz`, `x@sha256:<digest>`, `?ref=<commit>`
    let asked = query.split('&').filter_map(|q| q.split_once('=')).map(|(_, value)| value);
    let words = parts.clone().chain(asked).flat_map(|part| part.split(['.', '@', ':', '-', '_']));
    if words.into_iter().any(is_digest) {
        return Fixity::Content;
    }
    // A branch by its full name, and what a host calls its newest.
    if path.contains("/refs/heads/") || parts.clone().any(|p| matches!(p, "HEAD" | "trunk")) {
        return Fixity::Moving;
    }
    // `archive/refs/tags/b4827.tar.gz`, `releases/download/nightly-3/x`: a tag without dots is one too.
    let release = path.split_once("/releases/download/").map(|(_, rest)| rest);
    // A release that is made anew under one name moves, whatever its files are called.
    if release.is_some_and(|rest| ROLLING.contains(&rest.split('/').next().unwrap_or(rest))) {
        return Fixity::Moving;
    }
    let tagged = path.contains("/refs/tags/") || release.is_some_and(|rest| !rest.starts_with("latest"));
    let file = path.rsplit('/').next().unwrap_or(path);
    if tagged || parts.any(is_version) || is_numbered(file) { Fixity::Version } else { Fixity::Moving }
}

/// A commit, or a SHA-256.
fn is_digest(word: &str) -> bool {
    matches!(word.len(), 40 | 64) && word.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Names of releases that are made anew with every build.
const ROLLING: &[&str] = &["continuous", "edge", "latest", "main", "master", "nightly", "rolling", "snapshot", "tip"];

/// `sqlite-autoconf-3500400.tar.gz`, `snapshot-20240601.zip`: a version or a day without dots.
fn is_numbered(file: &str) -> bool {
    file.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() >= 6)
}

/// `v1.2.3`, `uv-0.8.2.tar.gz`, `$UV_VERSION`
fn is_version(part: &str) -> bool {
    // `3.12`, `3.${{ inputs.minor }}`, and the `26.Q1` of a vendor
    let dotted = part
        .as_bytes()
        .windows(3)
        .any(|w| w[0].is_ascii_digit() && w[1] == b'.' && (w[2].is_ascii_digit() || matches!(w[2], b'$' | b'Q')));
    let lower = part.to_ascii_lowercase();
    // `v${{ matrix.torch }}`
    let prefixed = part.starts_with("v$");
    dotted
        || prefixed
        || (part.contains('$') && (lower.contains("version") || lower.contains("_ver") || lower.contains("tag")))
}
