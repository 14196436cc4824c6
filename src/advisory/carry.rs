//! An index in one file, to be carried to where there is no network, and its signature.
//!
//! # Layout
//!
//! | part | content |
//! |---|---|
//! | magic | 8 bytes, [`MAGIC`] |
//! | header | `u32` length, little-endian, and JSON, a [`Header`] |
//! | index | `u64` length, little-endian, and the table |
//! | mark | one byte: 0 is unsigned and ends the file, 1 is Ed25519 |
//! | signature | the public key, 32 bytes; the signature of everything before it, 64 bytes |
//!
//! The key in the file says who is asked for, never who is trusted: that is decided by keys the caller
//! has. Nothing is believed of a file whose signature does not hold.

use std::fmt;

use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// First bytes of a file.
pub const MAGIC: &[u8; 8] = b"CCEXP\0\0\x01";
/// Largest header, in bytes.
const MAX_HEADER: usize = 64 << 10;
/// Largest index, in bytes.
pub const MAX_INDEX: usize = 512 << 20;
/// Length of keys and signatures, in bytes.
const KEY: usize = 32;
const SIGNATURE: usize = 64;

/// What a file says of the index in it. Text of strangers until the signature was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Version of the program that wrote it.
    pub program: String,
    /// The day it was written, `YYYY-MM-DD`.
    pub written: String,
    /// SHA-256 of the index, hexadecimal.
    pub sha256: String,
}

/// Why a file is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CarryError {
    /// It begins with other bytes.
    #[error("not an exported index of this version")]
    NotAnExport,
    /// It ends too early, has more than it should, or its parts do not fit.
    #[error("the file is damaged: {0}")]
    Damaged(&'static str),
    /// There is no signature, and one was asked for.
    #[error("the file is not signed")]
    Unsigned,
    /// The signature is by a key that was not given.
    #[error("the file is signed by {0}, which is not the key that is trusted")]
    OtherKey(PublicKey),
    /// The signature does not belong to these bytes.
    #[error("the signature does not hold: the file was changed, or signed by somebody else")]
    Forged,
    /// No random bytes, or a key that the library does not take.
    #[error("the key cannot be used")]
    Key,
}

/// A key to check signatures with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; KEY]);

/// A key to sign with.
pub struct SecretKey([u8; KEY]);

/// Which files are taken.
#[derive(Debug, Clone, Copy)]
pub enum Trust<'a> {
    /// Those signed by one of these keys.
    Keys(&'a [PublicKey]),
    /// Any. A signature is not looked at.
    Anybody,
}

/// A file that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried<'a> {
    /// What it says of itself.
    pub header: Header,
    /// The table.
    pub index: &'a [u8],
    /// Whose signature was checked.
    pub signed_by: Option<PublicKey>,
}

const PUBLIC: &str = "custody-ed25519";
const SECRET: &str = "custody-secret-ed25519";

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC}:{}", hex(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Shows nothing of the key.
impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey")
    }
}

impl PublicKey {
    /// Reads `custody-ed25519:` and 64 hexadecimal digits; blanks around it do not count.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        key(text, PUBLIC).map(Self)
    }
}

impl SecretKey {
    /// A new key.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn generate() -> Result<Self, CarryError> {
        let mut seed = [0; KEY];
        SystemRandom::new().fill(&mut seed).map_err(|_| CarryError::Key)?;
        Ok(Self(seed))
    }

    /// Reads what [`SecretKey::text`] gave.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        key(text, SECRET).map(Self)
    }

    /// The key as text, to be kept where nobody else reads it.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{SECRET}:{}", hex(&self.0))
    }

    /// The key that checks this one's signatures.
    ///
    /// # Errors
    /// When the library does not take the key.
    pub fn public(&self) -> Result<PublicKey, CarryError> {
        let bytes = self.pair()?.public_key().as_ref().try_into().map_err(|_| CarryError::Key)?;
        Ok(PublicKey(bytes))
    }

    fn pair(&self) -> Result<Ed25519KeyPair, CarryError> {
        Ed25519KeyPair::from_seed_unchecked(&self.0).map_err(|_| CarryError::Key)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn key(text: &str, word: &str) -> Option<[u8; KEY]> {
    let digits = text.trim().strip_prefix(word)?.strip_prefix(':')?;
    if digits.len() != 2 * KEY || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut out = [0; KEY];
    for (i, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * i..2 * i + 2)?, 16).ok()?;
    }
    Some(out)
}

/// Puts an index into a file. `written` is the day, `YYYY-MM-DD`.
///
/// # Errors
/// When the key cannot be used.
pub fn pack(index: &[u8], written: &str, key: Option<&SecretKey>) -> Result<Vec<u8>, CarryError> {
    let header = Header {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        written: written.to_owned(),
        sha256: hex(&Sha256::digest(index)),
    };
    let header = serde_json::to_vec(&header).map_err(|_| CarryError::Damaged("its header cannot be written"))?;
    let length = u32::try_from(header.len()).map_err(|_| CarryError::Damaged("its header is too long"))?;
    let mut out = Vec::with_capacity(index.len() + header.len() + 256);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&header);
    out.extend_from_slice(&(index.len() as u64).to_le_bytes());
    out.extend_from_slice(index);
    match key {
        None => out.push(0),
        Some(key) => {
            out.push(1);
            out.extend_from_slice(&key.public()?.0);
            let signature = key.pair()?.sign(&out);
            out.extend_from_slice(signature.as_ref());
        }
    }
    Ok(out)
}

/// Takes an index out of a file. The signature is checked before anything in the file is believed.
///
/// # Errors
/// See [`CarryError`].
pub fn unpack<'a>(bytes: &'a [u8], trust: Trust<'_>) -> Result<Carried<'a>, CarryError> {
    let mut rest = bytes.strip_prefix(MAGIC.as_slice()).ok_or(CarryError::NotAnExport)?;
    let length = u32::from_le_bytes(array(&mut rest)?) as usize;
    if length > MAX_HEADER {
        return Err(CarryError::Damaged("its header is too long"));
    }
    let header = take(&mut rest, length)?;
    let length = usize::try_from(u64::from_le_bytes(array(&mut rest)?)).unwrap_or(usize::MAX);
    if length > MAX_INDEX {
        return Err(CarryError::Damaged("its index is too long"));
    }
    let index = take(&mut rest, length)?;
    let [mark] = array(&mut rest)?;
    let signature = match mark {
        0 => None,
        1 => {
            let key = PublicKey(array(&mut rest)?);
            let signed = &bytes[..bytes.len() - rest.len()];
            Some((key, signed, array::<SIGNATURE>(&mut rest)?))
        }
        _ => return Err(CarryError::Damaged("it is signed in a way this version does not know")),
    };
    if !rest.is_empty() {
        return Err(CarryError::Damaged("something follows its end"));
    }
    let signed_by = match (trust, signature) {
        (Trust::Anybody, _) => None,
        (Trust::Keys(_), None) => return Err(CarryError::Unsigned),
        (Trust::Keys(keys), Some((key, signed, signature))) => {
            if !keys.contains(&key) {
                return Err(CarryError::OtherKey(key));
            }
            UnparsedPublicKey::new(&ED25519, &key.0).verify(signed, &signature).map_err(|_| CarryError::Forged)?;
            Some(key)
        }
    };
    let header: Header =
        serde_json::from_slice(header).map_err(|_| CarryError::Damaged("its header cannot be read"))?;
    if header.sha256 != hex(&Sha256::digest(index)) {
        return Err(CarryError::Damaged("its index is not the one its header names"));
    }
    Ok(Carried { header, index, signed_by })
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], CarryError> {
    let (head, tail) = rest.split_at_checked(length).ok_or(CarryError::Damaged("it ends too early"))?;
    *rest = tail;
    Ok(head)
}

fn array<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], CarryError> {
    take(rest, N)?.try_into().map_err(|_| CarryError::Damaged("it ends too early"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn secret(digit: &str) -> SecretKey {
        SecretKey::parse(&format!("{SECRET}:{}", digit.repeat(64))).unwrap()
    }

    #[test]
    fn a_signed_file_comes_back() {
        let (key, other) = (secret("1"), secret("2"));
        let file = pack(b"table", "2026-11-23", Some(&key)).unwrap();
        let trusted = [other.public().unwrap(), key.public().unwrap()];
        let carried = unpack(&file, Trust::Keys(&trusted)).unwrap();
        assert_eq!((carried.index, carried.signed_by), (b"table".as_slice(), Some(trusted[1])));
        assert_eq!(carried.header.written, "2026-11-23");
        let wrong = unpack(&file, Trust::Keys(&trusted[..1]));
        assert_eq!(wrong, Err(CarryError::OtherKey(trusted[1])));
    }

    #[test]
    fn an_unsigned_file_is_taken_only_from_anybody() {
        let file = pack(b"table", "2026-11-23", None).unwrap();
        assert_eq!(unpack(&file, Trust::Keys(&[])), Err(CarryError::Unsigned));
        assert_eq!(unpack(&file, Trust::Anybody).unwrap().signed_by, None);
    }

    #[test]
    fn no_byte_can_be_changed_and_none_left_out_or_added() {
        let key = secret("1");
        let trusted = [key.public().unwrap()];
        let file = pack(b"table", "2026-11-23", Some(&key)).unwrap();
        for at in 0..file.len() {
            let mut changed = file.clone();
            changed[at] ^= 1;
            assert!(unpack(&changed, Trust::Keys(&trusted)).is_err(), "byte {at}");
            assert!(unpack(&file[..at], Trust::Keys(&trusted)).is_err(), "cut at {at}");
        }
        let longer = [file.as_slice(), b"x"].concat();
        assert_eq!(unpack(&longer, Trust::Keys(&trusted)), Err(CarryError::Damaged("something follows its end")));
        // Signed by another, with the trusted key's name written over the other's.
        let mut forged = pack(b"evil!", "2026-11-23", Some(&secret("2"))).unwrap();
        let at = forged.len() - SIGNATURE - KEY;
        forged[at..at + KEY].copy_from_slice(&trusted[0].0);
        assert_eq!(unpack(&forged, Trust::Keys(&trusted)), Err(CarryError::Forged));
    }

    #[test]
    fn keys_are_text_and_do_not_show_themselves() {
        let key = SecretKey::generate().unwrap();
        assert_eq!(SecretKey::parse(&format!(" {}\n", key.text())).unwrap().0, key.0);
        let public = key.public().unwrap();
        assert_eq!(PublicKey::parse(&public.to_string()), Some(public));
        assert_eq!(PublicKey::parse(&key.text()), None, "a secret is no public key");
        assert_eq!(format!("{key:?}"), "SecretKey");
        assert_eq!(PublicKey::parse("custody-ed25519:é"), None);
    }

    proptest! {
        #[test]
        fn any_index_comes_back(index in proptest::collection::vec(any::<u8>(), 0..300)) {
            let file = pack(&index, "2026-11-23", None).unwrap();
            prop_assert_eq!(unpack(&file, Trust::Anybody).unwrap().index, index.as_slice());
        }
    }
}
