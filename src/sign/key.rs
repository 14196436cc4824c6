//! Signatures by a key of a long life.

use super::bundle::{Bundle, Material};
use super::ecdsa::{Hash, Kind, Spki};
use super::failure::Failure;
use super::{Method, Signed, pem, sha256};

/// A public key on one of the curves of the specification: P-256, P-384 or P-521.
#[derive(Debug, Clone)]
pub struct PublicKey {
    spki: Spki,
    /// SHA-256 over its DER.
    fingerprint: String,
    /// SHA-256 over its PEM, which is what bundles name it by.
    hint: String,
}

impl PublicKey {
    /// Reads a key from PEM (`PUBLIC KEY`).
    ///
    /// # Errors
    /// [`Failure::Trust`] where it is none, [`Failure::Unsupported`] where it is of another kind.
    pub fn from_pem(text: &str) -> Result<Self, Failure> {
        let blocks = pem::blocks(text).map_err(Failure::Trust)?;
        let Some((_, der)) = blocks.iter().find(|(label, _)| *label == "PUBLIC KEY") else {
            return Err(Failure::Trust("there is no `PUBLIC KEY` in PEM".to_owned()));
        };
        let spki = Spki::from_der(der).map_err(Failure::Trust)?;
        match &spki.kind {
            Kind::Ec(_) => {}
            other => return Err(unsupported(other)),
        }
        let hint = sha256(pem::write("PUBLIC KEY", &spki.der).as_bytes());
        Ok(Self { fingerprint: sha256(&spki.der), hint, spki })
    }

    /// SHA-256 over the key's DER, small hexadecimal.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// A key that model signing does not know.
pub(super) fn unsupported(kind: &Kind) -> Failure {
    let kind = match kind {
        Kind::Ec(curve) => format!("{curve:?}"),
        Kind::Rsa => "RSA".to_owned(),
        Kind::Ed25519 => "Ed25519".to_owned(),
        Kind::Other(other) => other.clone(),
    };
    Failure::Unsupported(format!("a key of the kind {kind}, where model signing knows P-256, P-384 and P-521"))
}

/// Checks a bundle against a key.
pub(super) fn check(bundle: &Bundle, key: &PublicKey) -> Result<Signed, Failure> {
    let Material::Key(hint) = &bundle.material else {
        return Err(Failure::OtherMethod { wanted: Method::Key, found: bundle.material.method() });
    };
    // Said by the bundle, and no proof of anything; but a bundle that names another key is not meant.
    if let Some(hint) = hint.as_ref().filter(|hint| **hint != key.hint && **hint != key.fingerprint) {
        return Err(Failure::OtherKey(hint.clone()));
    }
    let signer = key.fingerprint.clone();
    let mistaken = signature(bundle, &key.spki, &signer, None)?;
    Ok(Signed {
        method: Method::Key,
        fingerprint: signer.clone(),
        signer,
        old: bundle.old || mistaken,
        notes: Vec::new(),
    })
}

/// Checks the signature of a bundle, also over the bytes that the first releases of `model-signing` signed by
/// mistake, with the digest that they took; whether it is over those.
pub(super) fn signature(bundle: &Bundle, key: &Spki, signer: &str, mistaken: Option<Hash>) -> Result<bool, Failure> {
    let Kind::Ec(curve) = key.kind else { return Err(unsupported(&key.kind)) };
    let envelope = &bundle.envelope;
    let unsupported = Failure::Unsupported;
    if key.verify(curve.hash(), &envelope.encoded(), &envelope.signature).map_err(unsupported)? {
        return Ok(false);
    }
    let hash = mistaken.unwrap_or(curve.hash());
    if key.verify(hash, &envelope.encoded_by_mistake(), &envelope.signature).map_err(unsupported)? {
        return Ok(true);
    }
    Err(Failure::Signature(signer.to_owned()))
}
