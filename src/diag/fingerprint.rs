//! The identity of a finding across commits.
//!
//! Scheme `custody/v1`: SHA-256 over the scheme, the rule, the advisory, the path, and the
//! subject's kind and name without its version; so a finding survives line moves and version bumps
//! that stay affected. A second hash covers the content the finding is about: changed content never
//! hides behind an old fingerprint. Equal findings of one file are counted, not merged.

use sha2::{Digest as _, Sha256};

/// Name of the scheme; a new one gets a new name, since fingerprints are a promise.
pub const SCHEME: &str = "custody/v1";

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
    /// The content the finding is about.
    pub content: &'a str,
}

/// Hex digits of a fingerprint: 128 bits of identity, 64 of content, joined by a colon.
#[must_use]
pub fn fingerprint(identity: Identity<'_>) -> String {
    let id = digest(&[SCHEME, identity.rule, identity.topic, identity.path, identity.subject]);
    let content = digest(&[SCHEME, identity.content]);
    format!("{}:{}", hex(&id[..16]), hex(&content[..8]))
}

/// The identity without the path, and the content: what a finding is known by where its file was moved. 32 hex
/// digits.
#[must_use]
pub fn kin(identity: Identity<'_>) -> String {
    hex(&digest(&[SCHEME, identity.rule, identity.topic, identity.subject, identity.content])[..16])
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

    const BASE: Identity<'_> = Identity { rule: "r", topic: "t", path: "p", subject: "crate:x", content: "1.0.0" };

    #[test]
    fn content_changes_the_second_half_only() {
        let one = fingerprint(BASE);
        let two = fingerprint(Identity { content: "1.0.1", ..BASE });
        assert_eq!(one.split_once(':').unwrap().0, two.split_once(':').unwrap().0);
        assert_ne!(one, two);
    }

    proptest! {
        #[test]
        fn no_part_can_be_moved_into_its_neighbour(a in ".{0,8}", b in ".{0,8}", c in ".{0,8}", d in ".{0,8}") {
            let one = fingerprint(Identity { rule: &a, topic: &b, ..BASE });
            let two = fingerprint(Identity { rule: &c, topic: &d, ..BASE });
            prop_assert_eq!(one == two, (a, b) == (c, d));
        }
    }
}
