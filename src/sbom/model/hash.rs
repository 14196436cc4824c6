//! Digests and how they were made.

/// A digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash {
    /// How it was made.
    pub algorithm: Algorithm,
    /// Lower-case hexadecimal.
    pub value: String,
}

/// How a digest was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// MD5, of DVC and old indexes.
    Md5,
    /// SHA-1, of git.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// SHA3-256.
    Sha3x256,
    /// SHA3-384.
    Sha3x384,
    /// SHA3-512.
    Sha3x512,
    /// BLAKE2b with 256 bits.
    Blake2b256,
    /// BLAKE2b with 384 bits.
    Blake2b384,
    /// BLAKE2b with 512 bits.
    Blake2b512,
    /// BLAKE3.
    Blake3,
}

impl Algorithm {
    /// Every one with its names: as CycloneDX, as SPDX 3 spells it, and how many hexadecimal digits it has.
    pub(super) const NAMES: &'static [(Self, &'static str, &'static str, usize)] = &[
        (Self::Md5, "MD5", "md5", 32),
        (Self::Sha1, "SHA-1", "sha1", 40),
        (Self::Sha224, "SHA-224", "sha224", 56),
        (Self::Sha256, "SHA-256", "sha256", 64),
        (Self::Sha384, "SHA-384", "sha384", 96),
        (Self::Sha512, "SHA-512", "sha512", 128),
        (Self::Sha3x256, "SHA3-256", "sha3_256", 64),
        (Self::Sha3x384, "SHA3-384", "sha3_384", 96),
        (Self::Sha3x512, "SHA3-512", "sha3_512", 128),
        (Self::Blake2b256, "BLAKE2b-256", "blake2b256", 64),
        (Self::Blake2b384, "BLAKE2b-384", "blake2b384", 96),
        (Self::Blake2b512, "BLAKE2b-512", "blake2b512", 128),
        (Self::Blake3, "BLAKE3", "blake3", 64),
    ];

    /// The algorithm of a name: `SHA-256`, `sha256`, `SHA256`.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let bare =
            |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        let wanted = bare(name);
        Self::NAMES.iter().find(|(_, cyclonedx, ..)| bare(cyclonedx) == wanted).map(|(own, ..)| *own)
    }

    fn row(self) -> Option<&'static (Self, &'static str, &'static str, usize)> {
        Self::NAMES.iter().find(|(own, ..)| *own == self)
    }

    /// As CycloneDX spells it: `SHA-256`.
    #[must_use]
    pub fn cyclonedx(self) -> &'static str {
        self.row().map_or("", |row| row.1)
    }

    /// As SPDX 3 spells it: `sha256`.
    #[must_use]
    pub fn spdx(self) -> &'static str {
        self.row().map_or("", |row| row.2)
    }

    /// How many hexadecimal digits a digest has.
    #[must_use]
    pub fn digits(self) -> usize {
        self.row().map_or(0, |row| row.3)
    }
}

impl Hash {
    /// A digest by its algorithm and hexadecimal text; none where that is no digest of it.
    #[must_use]
    pub fn new(algorithm: Algorithm, value: &str) -> Option<Self> {
        let is_whole = value.len() == algorithm.digits() && value.bytes().all(|b| b.is_ascii_hexdigit());
        is_whole.then(|| Self { algorithm, value: value.to_ascii_lowercase() })
    }

    /// A digest as locks write it: `sha256:0123…`.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        let (algorithm, value) = text.split_once(':')?;
        Self::new(Algorithm::of_name(algorithm)?, value)
    }
}
