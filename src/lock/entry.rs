//! What a lock holds.

use std::collections::BTreeMap;
use std::fmt;

use crate::references::AssetKind;

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// From 64 hexadecimal digits; none where they are not.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut out = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (at, byte) in out.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
        }
        Some(Self(out))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A whole lock. Everything is in the order it is written in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lock {
    /// Models, data sets, tokenizers, adapters and kernels.
    pub entries: BTreeMap<Key, Entry>,
    /// Container images by the reference that is written: `docker.io/library/python:3.12`.
    pub images: BTreeMap<String, Image>,
    /// Tools that build steps fetch, by address.
    pub tools: BTreeMap<String, Tool>,
    /// Other locks of the tree that this one points to and does not repeat, by path: what they lock.
    pub elsewhere: BTreeMap<String, String>,
}

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// What it is.
    pub kind: AssetKind,
    /// Who resolves the name, as [`crate::references::Hub::word`] spells it.
    pub hub: String,
    /// The name, as the hub spells it.
    pub name: String,
    /// The branch or tag that the project asks for; none where it asks for none, or for a commit.
    pub requested: Option<String>,
}

/// A model, data set, tokenizer, adapter or kernel that is held.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// The commit, in full; none where the hub knows none and the files alone are held.
    pub revision: Option<String>,
    /// Licence, as the hub or the model card spells it.
    pub licence: Option<String>,
    /// What a scan said.
    pub scan: Option<Scanned>,
    /// Who signed it, where a signature was verified when it was locked.
    pub signer: Option<String>,
    /// Its files by path.
    pub files: BTreeMap<String, FileDigest>,
    /// Who reviewed this very state.
    pub approvals: Vec<Approval>,
}

/// A file that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileDigest {
    /// Its content.
    pub sha256: Digest,
    /// Bytes.
    pub size: u64,
}

/// What a scan said of an entry's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// The worst verdict, as the scan spells it: `clean`, `unread`, `malformed`, `suspicious`, `dangerous`.
    pub verdict: String,
    /// The version of cargo-custody that said it.
    pub by: String,
}

/// A review of an entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Approval {
    /// The day, `2026-11-27`.
    pub on: String,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// A digest over the revision and files that were reviewed, so that it lapses when they change.
    pub of: Digest,
    /// Reports by their kind or file name, each with its digest.
    pub evidence: BTreeMap<String, Digest>,
}

/// An image that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// `sha256:..` of its index or manifest.
    pub digest: String,
}

/// A tool that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// Its content.
    pub sha256: Digest,
    /// Bytes.
    pub size: u64,
}
