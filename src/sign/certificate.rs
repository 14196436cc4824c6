//! A certificate, as far as a signature of a model asks for it.

use std::collections::BTreeSet;

use x509_cert::der::asn1::OctetString;
use x509_cert::der::oid::{AssociatedOid, ObjectIdentifier};
use x509_cert::der::{Decode, Encode as _, Reader as _, SliceReader};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages};
use x509_cert::spki::AlgorithmIdentifierOwned;

use super::ecdsa::Spki;
use super::sha256;

/// `id-kp-codeSigning`.
const CODE_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3");

/// `anyExtendedKeyUsage`.
const ANY_USE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");

/// Largest certificate that is read.
const LARGEST: usize = 64 << 10;

/// Extensions that may be critical: each is looked at, or says nothing about who may sign.
const UNDERSTOOD: &[&str] = &[
    // Basic constraints, key usage, extended key usage: looked at.
    "2.5.29.19",
    "2.5.29.15",
    "2.5.29.37",
    // Other names of the subject and the issuer, policies, and identifiers of keys.
    "2.5.29.17",
    "2.5.29.18",
    "2.5.29.32",
    "2.5.29.14",
    "2.5.29.35",
];

/// A certificate.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The bytes that its signature is over.
    pub(super) signed: Vec<u8>,
    pub(super) algorithm: AlgorithmIdentifierOwned,
    pub(super) signature: Vec<u8>,
    /// DER of the names.
    pub(super) issuer: Vec<u8>,
    pub(super) subject: Vec<u8>,
    /// The subject's name as people write it, RFC 4514.
    pub(super) shown: String,
    /// Seconds since 1970.
    pub(super) not_before: i64,
    pub(super) not_after: i64,
    pub(super) key: Spki,
    /// Whether it may issue others.
    pub(super) authority: bool,
    /// How many authorities may stand between it and the signer.
    pub(super) below: Option<u8>,
    /// Whether its key may sign certificates, where it says so at all.
    pub(super) signs_certificates: Option<bool>,
    /// Whether its key may sign at all, where it says so.
    pub(super) signs: Option<bool>,
    /// Whether its key may sign code, where it says what it is for.
    pub(super) signs_code: Option<bool>,
    /// A critical extension that nothing here understands.
    pub(super) strange: Option<String>,
    /// SHA-256 of its DER.
    pub(super) fingerprint: String,
}

impl Certificate {
    /// Reads a certificate from DER.
    ///
    /// # Errors
    /// A sentence fragment.
    pub fn from_der(der: &[u8]) -> Result<Self, String> {
        if der.len() > LARGEST {
            return Err(format!("a certificate of {} bytes", der.len()));
        }
        let wrong = |error: x509_cert::der::Error| format!("it is no certificate: {error}");
        let read = x509_cert::Certificate::from_der(der).map_err(wrong)?;
        let tbs = &read.tbs_certificate;
        if tbs.signature != read.signature_algorithm {
            return Err("a certificate that names two algorithms of its signature".to_owned());
        }
        let mut out = Self {
            signed: signed_part(der).map_err(wrong)?,
            algorithm: read.signature_algorithm.clone(),
            signature: read.signature.as_bytes().ok_or("a signature that does not end with a byte")?.to_vec(),
            issuer: tbs.issuer.to_der().map_err(wrong)?,
            subject: tbs.subject.to_der().map_err(wrong)?,
            shown: tbs.subject.to_string(),
            not_before: seconds(tbs.validity.not_before),
            not_after: seconds(tbs.validity.not_after),
            key: Spki::from_info(&tbs.subject_public_key_info)?,
            authority: false,
            below: None,
            signs_certificates: None,
            signs: None,
            signs_code: None,
            strange: None,
            fingerprint: sha256(der),
        };
        let mut seen = BTreeSet::new();
        for extension in tbs.extensions.iter().flatten() {
            if !seen.insert(extension.extn_id) {
                return Err(format!("a certificate with the extension {} twice", extension.extn_id));
            }
            out.take(extension.extn_id, &extension.extn_value, extension.critical).map_err(wrong)?;
        }
        Ok(out)
    }

    fn take(
        &mut self,
        oid: ObjectIdentifier,
        value: &OctetString,
        critical: bool,
    ) -> Result<(), x509_cert::der::Error> {
        if oid == BasicConstraints::OID {
            let constraints = BasicConstraints::from_der(value.as_bytes())?;
            self.authority = constraints.ca;
            self.below = constraints.path_len_constraint;
        } else if oid == KeyUsage::OID {
            let usage = KeyUsage::from_der(value.as_bytes())?;
            self.signs_certificates = Some(usage.0.contains(KeyUsages::KeyCertSign));
            self.signs = Some(usage.0.contains(KeyUsages::DigitalSignature));
        } else if oid == ExtendedKeyUsage::OID {
            let usage = ExtendedKeyUsage::from_der(value.as_bytes())?;
            self.signs_code = Some(usage.0.iter().any(|use_| matches!(*use_, CODE_SIGNING | ANY_USE)));
        } else if critical && !UNDERSTOOD.contains(&oid.to_string().as_str()) {
            self.strange.get_or_insert_with(|| oid.to_string());
        }
        // Which names an authority may give bears on nothing here if it is not critical, but a reader that passes
        // over it would believe more than the authority's own issuer did.
        if oid.to_string() == "2.5.29.30" {
            self.strange = Some("2.5.29.30 (name constraints)".to_owned());
        }
        Ok(())
    }

    /// Whether its key may sign a model. Of what a key may do and what it is for, RFC 5280 (4.2.1.12) lets both decide:
    /// neither may forbid it, and one has to allow it.
    pub(super) fn signs_content(&self) -> bool {
        let said = [self.signs, self.signs_code];
        said.contains(&Some(true)) && !said.contains(&Some(false))
    }

    /// Whether it is in force.
    pub(super) fn holds_at(&self, time: i64) -> bool {
        (self.not_before..=self.not_after).contains(&time)
    }

    /// Whether it is signed by the key of another.
    ///
    /// # Errors
    /// What cannot be checked, as a sentence fragment.
    pub(super) fn signed_by(&self, issuer: &Self) -> Result<bool, String> {
        issuer.key.verify_as(&self.algorithm, &self.signed, &self.signature)
    }
}

/// The bytes that a certificate's signature is over, as they stand.
fn signed_part(der: &[u8]) -> Result<Vec<u8>, x509_cert::der::Error> {
    let mut reader = SliceReader::new(der)?;
    reader.sequence(|inner| {
        let signed = inner.tlv_bytes()?.to_vec();
        // The rest was read as a whole already.
        let rest = inner.remaining_len();
        inner.read_slice(rest)?;
        Ok(signed)
    })
}

fn seconds(time: x509_cert::time::Time) -> i64 {
    i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::bundle::{self, Material};

    /// The signer of a fixture with other bytes in place of some of its own.
    fn changed(from: &[u8], to: &[u8]) -> bool {
        let bundle = include_bytes!("../../tests/fixtures/signatures/certificate-p256.sig");
        let Ok(bundle::Bundle { material: Material::Chain(chain), .. }) = bundle::parse(bundle) else {
            panic!("a chain")
        };
        let mut der = chain[0].clone();
        let at = der.windows(from.len()).position(|part| part == from).expect("it is there");
        der[at..at + from.len()].copy_from_slice(to);
        Certificate::from_der(&der).expect("a certificate").signs_content()
    }

    #[test]
    fn what_a_key_may_do_and_what_it_is_for_must_both_allow_it() {
        let usage: &[u8] = &[0x03, 0x02, 0x07, 0x80];
        let code: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 3];
        let usage_oid: &[u8] = &[0x55, 0x1d, 0x0f];
        let purpose_oid: &[u8] = &[0x55, 0x1d, 0x25];
        for (from, to, expected) in [
            (usage, usage, true),
            // The key of a web server.
            (code, &[0x2b, 6, 1, 5, 5, 7, 3, 1], false),
            // One that may certify, and not sign.
            (usage, &[0x03, 0x02, 0x07, 0x04], false),
            // One of both is not said.
            (purpose_oid, &[0x55, 0x1d, 0x7f], true),
            (usage_oid, &[0x55, 0x1d, 0x20], true),
        ] {
            assert_eq!(changed(from, to), expected, "{to:?}");
        }
    }
}
