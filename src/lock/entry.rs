//! What a lock holds.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;

use sha2::Digest as _;
use sha2::Sha256;

use crate::references::AssetKind;

/// Kinds of assets, in the order of their words.
pub(super) const KINDS: [AssetKind; 5] =
    [AssetKind::Adapter, AssetKind::Dataset, AssetKind::Kernel, AssetKind::Model, AssetKind::Tokenizer];

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// From 64 hexadecimal digits; none where they are not.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut out = [0; 32];
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
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

impl Key {
    /// The key as the lock spells it behind the kind: `huggingface:owner/name`, `huggingface:owner/name@v2`.
    #[must_use]
    pub fn identity(&self) -> String {
        let requested = self.requested.as_ref().map(|requested| format!("@{}", quoted(requested)));
        format!("{}:{}{}", self.hub, quoted(&self.name), requested.unwrap_or_default())
    }

    /// The key of a kind and an identity; none where that names no hub or nothing on it.
    #[must_use]
    pub fn of_identity(kind: AssetKind, identity: &str) -> Option<Self> {
        let (hub, rest) = identity.split_once(':')?;
        let (name, requested) = match rest.split_once('@') {
            Some((name, requested)) => (name, Some(plain(requested)?)),
            None => (rest, None),
        };
        let name = plain(name)?;
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let is_named = !hub.is_empty() && hub.chars().all(is_word) && !name.is_empty();
        let key = Self { kind, hub: hub.to_owned(), name, requested: requested.filter(|r| !r.is_empty()) };
        // One spelling for each key, so that equal keys are equal lines.
        (is_named && key.identity() == identity).then_some(key)
    }
}

impl fmt::Display for Key {
    /// As messages name it, and as people name it to the commands: `huggingface:owner/name@v2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.identity())
    }
}

/// A text without `@`, which parts the name from what is requested.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let is_code = text.get(at + 1..at + 3).is_some_and(|code| code == "40" || code == "25");
        match c {
            '@' => out.push_str("%40"),
            '%' if is_code => out.push_str("%25"),
            c => out.push(c),
        }
    }
    out
}

/// The text again; none where it holds a bare `@`.
fn plain(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (sign, length) = match (c, rest.get(1..3)) {
            ('@', _) => return None,
            ('%', Some("40")) => ('@', 3),
            ('%', Some("25")) => ('%', 3),
            (c, _) => (c, c.len_utf8()),
        };
        out.push(sign);
        rest = rest.get(length..).unwrap_or("");
    }
    Some(out)
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
    /// Who signed it, as whoever wrote the line claims: nothing checks it against a signature here.
    pub signer: Option<String>,
    /// Its files by path.
    pub files: BTreeMap<String, FileDigest>,
    /// Who reviewed this very state.
    pub approvals: Vec<Approval>,
}

impl Entry {
    /// A digest over the revision and the files, which changes when one of them does. Approvals are bound to it.
    ///
    /// SHA-256 over `revision REVISION` (nothing behind the space where there is none) and for each file, in the order
    /// of paths, `file BYTES SHA-256 LENGTH PATH`, each with a line feed; LENGTH is that of the path, in bytes.
    #[must_use]
    pub fn state(&self) -> Digest {
        let mut hash = Sha256::new();
        let mut line = format!("revision {}\n", self.revision.as_deref().unwrap_or(""));
        hash.update(&line);
        for (path, file) in &self.files {
            line.clear();
            let _ = writeln!(line, "file {} {} {} {path}", file.size, file.sha256, path.len());
            hash.update(&line);
        }
        Digest(hash.finalize().into())
    }

    /// Approvals of this very state, in order.
    pub fn standing_approvals(&self) -> impl Iterator<Item = &Approval> {
        let state = if self.approvals.is_empty() { None } else { Some(self.state()) };
        self.approvals.iter().filter(move |approval| Some(approval.of) == state)
    }

    /// Bytes of all files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.values().fold(0, |sum: u64, file| sum.saturating_add(file.size))
    }
}

impl Approval {
    /// Kinds of the reports: what stands before `/` in their names, as `red-team/report.pdf` says.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.evidence.keys().filter_map(|name| name.split_once('/').map(|(kind, _)| kind))
    }
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
    /// Reports by their kind and file name, `red-team/report.pdf`, or their file name alone, each with its digest.
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
