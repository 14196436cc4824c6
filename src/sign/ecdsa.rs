//! Signatures of keys as they stand in certificates: ECDSA on the three curves of the specification, and what
//! authorities sign certificates with.

use p521::ecdsa::signature::hazmat::PrehashVerifier as _;
use ring::digest;
use ring::signature as ring_signature;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

/// `id-ecPublicKey`.
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// `rsaEncryption`.
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// `id-Ed25519`.
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// Curves that a model may be signed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    /// The digest that goes with it.
    pub(super) fn hash(self) -> Hash {
        match self {
            Self::P256 => Hash::Sha256,
            Self::P384 => Hash::Sha384,
            Self::P521 => Hash::Sha512,
        }
    }
}

/// Digests below signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// A key as it stands in DER, and what kind it is.
#[derive(Debug, Clone)]
pub(super) struct Spki {
    pub der: Vec<u8>,
    pub kind: Kind,
    /// The point or the modulus and exponent.
    point: Vec<u8>,
}

/// What kind of key it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Ec(Curve),
    Rsa,
    Ed25519,
    /// One that nothing here can check, by its name or number.
    Other(String),
}

impl Spki {
    /// Reads a key.
    ///
    /// # Errors
    /// A sentence fragment, where the DER is none of a key.
    pub(super) fn from_der(der: &[u8]) -> Result<Self, String> {
        let info = SubjectPublicKeyInfoOwned::from_der(der).map_err(|error| format!("it is no public key: {error}"))?;
        Self::from_info(&info)
    }

    pub(super) fn from_info(info: &SubjectPublicKeyInfoOwned) -> Result<Self, String> {
        let der = info.to_der().map_err(|error| format!("it is no public key: {error}"))?;
        let point = info.subject_public_key.as_bytes().ok_or("a key that does not end with a byte")?.to_vec();
        let kind = match info.algorithm.oid {
            EC => curve(info).map_or_else(Kind::Other, Kind::Ec),
            RSA => Kind::Rsa,
            ED25519 => Kind::Ed25519,
            other => Kind::Other(other.to_string()),
        };
        // A point that is written short is the same key, and nothing below takes it.
        let kind = match kind {
            Kind::Ec(_) if point.first() != Some(&4) => Kind::Other("a compressed point".to_owned()),
            kind => kind,
        };
        Ok(Self { der, kind, point })
    }

    /// Whether a signature over a message is by this key.
    ///
    /// # Errors
    /// What cannot be checked, as a sentence fragment.
    pub(super) fn verify(&self, hash: Hash, message: &[u8], signature: &[u8]) -> Result<bool, String> {
        use ring_signature as ring;
        let algorithm: &dyn ring::VerificationAlgorithm = match (&self.kind, hash) {
            (Kind::Ec(Curve::P256), Hash::Sha256) => &ring::ECDSA_P256_SHA256_ASN1,
            (Kind::Ec(Curve::P256), Hash::Sha384) => &ring::ECDSA_P256_SHA384_ASN1,
            (Kind::Ec(Curve::P384), Hash::Sha256) => &ring::ECDSA_P384_SHA256_ASN1,
            (Kind::Ec(Curve::P384), Hash::Sha384) => &ring::ECDSA_P384_SHA384_ASN1,
            (Kind::Ec(Curve::P521), hash) => return Ok(self.verify_p521(hash, message, signature)),
            (Kind::Rsa, Hash::Sha256) => &ring::RSA_PKCS1_2048_8192_SHA256,
            (Kind::Rsa, Hash::Sha384) => &ring::RSA_PKCS1_2048_8192_SHA384,
            (Kind::Rsa, Hash::Sha512) => &ring::RSA_PKCS1_2048_8192_SHA512,
            (Kind::Ed25519, _) => &ring::ED25519,
            (Kind::Ec(_), Hash::Sha512) => return Err("SHA-512 below a signature on a short curve".to_owned()),
            (Kind::Other(kind), _) => return Err(format!("keys of the kind {kind}")),
        };
        let key = ring::UnparsedPublicKey::new(algorithm, &self.point);
        Ok(key.verify(message, signature).is_ok())
    }

    fn verify_p521(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        let algorithm = match hash {
            Hash::Sha256 => &digest::SHA256,
            Hash::Sha384 => &digest::SHA384,
            Hash::Sha512 => &digest::SHA512,
        };
        let hashed = digest::digest(algorithm, message);
        let Ok(key) = p521::ecdsa::VerifyingKey::from_sec1_bytes(&self.point) else { return false };
        let Ok(signature) = p521::ecdsa::Signature::from_der(signature) else { return false };
        key.verify_prehash(hashed.as_ref(), &signature).is_ok()
    }

    /// Whether a signature that stands beside its algorithm, as in a certificate, is by this key.
    ///
    /// # Errors
    /// What cannot be checked, as a sentence fragment.
    pub(super) fn verify_as(
        &self,
        algorithm: &AlgorithmIdentifierOwned,
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, String> {
        let (ec, hash) = match algorithm.oid.to_string().as_str() {
            "1.2.840.10045.4.3.2" => (true, Hash::Sha256),
            "1.2.840.10045.4.3.3" => (true, Hash::Sha384),
            "1.2.840.10045.4.3.4" => (true, Hash::Sha512),
            "1.2.840.113549.1.1.11" => (false, Hash::Sha256),
            "1.2.840.113549.1.1.12" => (false, Hash::Sha384),
            "1.2.840.113549.1.1.13" => (false, Hash::Sha512),
            "1.3.101.112" => {
                return if self.kind == Kind::Ed25519 {
                    self.verify(Hash::Sha512, message, signature)
                } else {
                    Ok(false)
                };
            }
            other => return Err(format!("signatures by the algorithm {other}")),
        };
        match (&self.kind, ec) {
            (Kind::Ec(_), true) | (Kind::Rsa, false) => self.verify(hash, message, signature),
            (Kind::Other(kind), _) => Err(format!("keys of the kind {kind}")),
            _ => Ok(false),
        }
    }
}

/// The curve of a key, or what it names instead of one of the three.
fn curve(info: &SubjectPublicKeyInfoOwned) -> Result<Curve, String> {
    let Some(Ok(oid)) = info.algorithm.parameters.as_ref().map(|any| any.decode_as::<ObjectIdentifier>()) else {
        return Err("a curve without a name".to_owned());
    };
    match oid.to_string().as_str() {
        "1.2.840.10045.3.1.7" => Ok(Curve::P256),
        "1.3.132.0.34" => Ok(Curve::P384),
        "1.3.132.0.35" => Ok(Curve::P521),
        other => Err(format!("the curve {other}")),
    }
}
