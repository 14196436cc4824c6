//! The identity of a finding across commits.
//!
//! Scheme `custody/v2`: SHA-256 over the scheme, the rule, the advisory, the path, the subject's kind and name
//! without its version, and the anchor: what a person would call the same place inside the file. So a finding
//! survives line moves, other ways of writing the same, and version bumps that stay affected. A second hash covers
//! the content the finding is about: changed content never hides behind an old fingerprint. Equal findings of one
//! file are counted, not merged.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::Diagnostic;
use super::redact::redact;
use crate::source::Sources;

/// Name of the scheme; a new one gets a new name, since fingerprints are a promise.
pub const SCHEME: &str = "custody/v2";

/// What makes a finding itself.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// Rule id.
    pub rule: &'a str,
    /// Advisory id, or empty.
    pub topic: &'a str,
    /// File of the primary place.
    pub path: &'a str,
    /// Kind and name of the subject, or what stands for it.
    pub subject: &'a str,
    /// The place inside the file by what it is called, or empty.
    pub anchor: &'a str,
    /// The content the finding is about.
    pub content: &'a str,
}

/// What a finding is known by, in its parts. Displayed as `identity:content`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint {
    /// What it is and where: 32 hex digits.
    pub identity: String,
    /// The content it is about: 16 hex digits.
    pub content: String,
    /// What it is, wherever it stands: 32 hex digits.
    pub kin: String,
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.identity, self.content)
    }
}

/// Shortest path that is looked for in texts; a shorter one stands in many that do not name it.
const SHORTEST: usize = 6;

/// The fingerprint of what a rule said. Texts of the tree that stand in it are redacted first, so that no digest
/// tells whether a guessed secret is the right one.
#[must_use]
pub fn of(diagnostic: &Diagnostic, sources: &Sources) -> Fingerprint {
    let path = sources.path(diagnostic.primary.place.file);
    // Some findings are about their file, or name it: with a file that is moved they stay what they are.
    let without = |text: &str| if path.len() < SHORTEST { text.to_owned() } else { text.replace(path, "\0") };
    let subject = match &diagnostic.subject {
        Some(subject) => format!("{}:{}", subject.kind, without(&subject.name)),
        None => redact(&diagnostic.primary.text),
    };
    of_identity(Identity {
        rule: diagnostic.rule,
        topic: diagnostic.topic.as_ref().map_or("", |topic| &topic.id),
        path,
        subject: &subject,
        anchor: if diagnostic.joins { "" } else { &diagnostic.anchor },
        content: &without(&diagnostic.content),
    })
}

/// The fingerprint of an identity.
#[must_use]
pub fn of_identity(identity: Identity<'_>) -> Fingerprint {
    let Identity { rule, topic, path, subject, anchor, content } = identity;
    Fingerprint {
        identity: hex(&digest(&[SCHEME, rule, topic, path, subject, anchor])[..16]),
        content: part(content),
        kin: hex(&digest(&[SCHEME, rule, topic, subject])[..16]),
    }
}

/// The digest of a piece of content, 16 hex digits.
#[must_use]
pub fn part(content: &str) -> String {
    hex(&digest(&[SCHEME, content])[..8])
}

/// SHA-256 over parts, each preceded by its length so that no two lists give the same bytes.
#[must_use]
pub fn digest(parts: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

/// Lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| char::from(DIGITS[usize::from(n & 15)]);
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(*b)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BASE: Identity<'_> =
        Identity { rule: "r", topic: "t", path: "p", subject: "crate:x", anchor: "a", content: "1.0.0" };

    #[test]
    fn content_changes_the_second_half_only() {
        let one = of_identity(BASE);
        let two = of_identity(Identity { content: "1.0.1", ..BASE });
        assert_eq!(one.identity, two.identity);
        assert_ne!(one.content, two.content);
        assert_eq!(one.kin, two.kin);
    }

    #[test]
    fn kin_knows_neither_file_nor_place() {
        let (one, two) = (of_identity(BASE), of_identity(Identity { path: "q", anchor: "b", ..BASE }));
        assert_ne!(one.identity, two.identity);
        assert_eq!((one.content, one.kin), (two.content, two.kin));
    }

    proptest! {
        #[test]
        fn no_part_can_be_moved_into_its_neighbour(a in ".{0,8}", b in ".{0,8}", c in ".{0,8}", d in ".{0,8}") {
            let one = of_identity(Identity { rule: &a, topic: &b, ..BASE });
            let two = of_identity(Identity { rule: &c, topic: &d, ..BASE });
            prop_assert_eq!(one.identity == two.identity, (&a, &b) == (&c, &d));
            let one = of_identity(Identity { subject: &a, anchor: &b, ..BASE });
            let two = of_identity(Identity { subject: &c, anchor: &d, ..BASE });
            prop_assert_eq!(one.identity == two.identity, (a, b) == (c, d));
        }
    }
}
