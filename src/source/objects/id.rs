//! Names of objects.

use std::fmt;

use gix_hash::{Kind, ObjectId};

/// The name of an object: the digest of its content, 20 bytes (SHA-1) or 32 (SHA-256).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid(ObjectId);

impl Oid {
    /// Reads all 40 or 64 hex digits; `None` for anything else.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let is_whole = matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
        is_whole.then(|| ObjectId::from_hex(text.to_ascii_lowercase().as_bytes()).ok().map(Self)).flatten()
    }

    /// The first digits, as a person would write them.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string().chars().take(10).collect()
    }

    /// The name that git gives a blob of these bytes in a repository of the same kind as `self`.
    #[must_use]
    pub fn of_blob(&self, bytes: &[u8]) -> Option<Self> {
        Self::of_content(self.0.kind(), bytes)
    }

    /// The name that git gives a blob of these bytes.
    pub(super) fn of_content(kind: Kind, bytes: &[u8]) -> Option<Self> {
        gix_object::compute_hash(kind, gix_object::Kind::Blob, bytes).ok().map(Self)
    }

    /// From the library's type.
    pub(super) fn new(id: ObjectId) -> Self {
        Self(id)
    }

    /// As the library's type.
    pub(super) fn raw(&self) -> &gix_hash::oid {
        &self.0
    }

    /// Which digest it is.
    pub(super) fn kind(&self) -> Kind {
        self.0.kind()
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({})", self.0)
    }
}
