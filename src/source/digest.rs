//! Digests of files, read piece by piece.

use sha2::{Digest as _, Sha256};

use super::{RepoPath, Tree};

/// Bytes read at once.
const PIECE: usize = 1 << 20;

/// The SHA-256 of a file of the tree, in hexadecimal digits, where `allow` takes its length in bytes.
///
/// # Errors
///
/// Why it has none: it cannot be read, ends early, or `allow` says why it is too long.
pub fn sha256(tree: &Tree, path: &RepoPath, allow: impl FnOnce(u64) -> Result<(), String>) -> Result<String, String> {
    let bytes = tree.open(path)?;
    let length = bytes.len();
    allow(length)?;
    let mut digest = Sha256::new();
    let mut piece = vec![0; PIECE];
    let mut at = 0;
    while at < length {
        let read = bytes.read_at(at, &mut piece)?;
        let got = piece.get(..read).filter(|got| !got.is_empty()).ok_or("it ends early")?;
        digest.update(got);
        at += read as u64;
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
