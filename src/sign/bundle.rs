//! The outer form of a bundle: whom it says it is by, what is signed, and the signature.
//!
//! As strict as both readers that exist: unknown and doubled fields are mistakes, base64 is the standard one with
//! its padding, and one way of signing is named, not two. What belongs to Sigstore's log is only kept as it stands.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::failure::Failure;
use super::{LARGEST_BUNDLE, Method};

/// Type of the one payload that model signing knows.
pub(super) const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// Most certificates in a chain.
const CERTIFICATES: usize = 32;

/// A bundle as it was read; nothing of it is believed yet.
#[derive(Debug)]
pub(super) struct Bundle {
    /// Whom it says it is by.
    pub material: Material,
    /// What is signed.
    pub envelope: Envelope,
    /// Whether it is of the first forms, which name the key itself.
    pub old: bool,
}

/// Whom a bundle says it is by.
#[derive(Debug)]
pub(super) enum Material {
    /// A key, with its fingerprint where the bundle names it.
    Key(Option<String>),
    /// Certificates in DER, the signer's first.
    Chain(Vec<Vec<u8>>),
    /// A certificate of Sigstore in DER.
    Sigstore(Vec<u8>),
}

impl Material {
    pub(super) fn method(&self) -> Method {
        match self {
            Self::Key(_) => Method::Key,
            Self::Chain(_) => Method::Certificate,
            Self::Sigstore(_) => Method::Sigstore,
        }
    }
}

/// What is signed.
#[derive(Debug)]
pub(super) struct Envelope {
    /// The bytes that are signed.
    pub payload: Vec<u8>,
    /// The signature, in DER.
    pub signature: Vec<u8>,
}

impl Envelope {
    /// The bytes that the signature is over: DSSE's encoding before it is signed.
    pub(super) fn encoded(&self) -> Vec<u8> {
        let mut out = format!("DSSEv1 {} {PAYLOAD_TYPE} {} ", PAYLOAD_TYPE.len(), self.payload.len()).into_bytes();
        out.extend_from_slice(&self.payload);
        out
    }

    /// The bytes that the first releases of `model-signing` signed by mistake: the payload as Python shows bytes.
    pub(super) fn encoded_by_mistake(&self) -> Vec<u8> {
        let mut out = format!("DSSEV1 {} {PAYLOAD_TYPE} {} ", PAYLOAD_TYPE.len(), self.payload.len()).into_bytes();
        let quote = if self.payload.contains(&b'\'') && !self.payload.contains(&b'"') { b'"' } else { b'\'' };
        out.extend([b'b', quote]);
        for byte in &self.payload {
            match byte {
                b'\\' => out.extend(b"\\\\"),
                b'\t' => out.extend(b"\\t"),
                b'\n' => out.extend(b"\\n"),
                b'\r' => out.extend(b"\\r"),
                byte if *byte == quote => out.extend([b'\\', quote]),
                0x20..=0x7e => out.push(*byte),
                byte => out.extend(format!("\\x{byte:02x}").into_bytes()),
            }
        }
        out.push(quote);
        out
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RawBundle {
    media_type: String,
    verification_material: RawMaterial,
    dsse_envelope: RawEnvelope,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RawMaterial {
    public_key: Option<RawKey>,
    x509_certificate_chain: Option<RawChain>,
    certificate: Option<RawCertificate>,
    #[serde(default)]
    tlog_entries: Vec<IgnoredAny>,
    #[serde(rename = "timestampVerificationData")]
    _timestamps: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RawKey {
    hint: Option<String>,
    raw_bytes: Option<String>,
    #[serde(rename = "keyDetails")]
    _details: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RawChain {
    certificates: Vec<RawCertificate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RawCertificate {
    raw_bytes: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RawEnvelope {
    payload: String,
    payload_type: String,
    signatures: Vec<RawSignature>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSignature {
    sig: String,
    // Names no key that anybody goes by, whatever it says.
    #[serde(rename = "keyid")]
    _key: Option<String>,
}

/// Reads the outer form of a bundle.
///
/// # Errors
/// [`Failure::Malformed`].
pub(super) fn parse(bytes: &[u8]) -> Result<Bundle, Failure> {
    if bytes.len() > LARGEST_BUNDLE {
        return Err(malformed(format!("it has more than {LARGEST_BUNDLE} bytes")));
    }
    let raw: RawBundle = serde_json::from_slice(bytes).map_err(|error| malformed(error.to_string()))?;
    let media = raw.media_type.as_str();
    let material = raw.verification_material;
    let logged = material.tlog_entries.len();
    let (material, old) = match (material.public_key, material.x509_certificate_chain, material.certificate) {
        (Some(key), None, None) => {
            let hint = key.hint.filter(|hint| !hint.is_empty());
            if hint.is_none() && key.raw_bytes.is_none() {
                return Err(malformed("`publicKey` has neither `hint` nor `rawBytes`".to_owned()));
            }
            let old = hint.is_none();
            (Material::Key(hint), old)
        }
        (None, Some(chain), None) => {
            if chain.certificates.is_empty() || chain.certificates.len() > CERTIFICATES {
                return Err(malformed(format!(
                    "`x509CertificateChain` holds {} certificates",
                    chain.certificates.len()
                )));
            }
            let certificates = chain.certificates.iter().map(|one| decode("rawBytes", &one.raw_bytes));
            (Material::Chain(certificates.collect::<Result<_, _>>()?), false)
        }
        (None, None, Some(certificate)) => {
            match logged {
                1 => {}
                0 => return Err(malformed("a signature of Sigstore needs an entry in `tlogEntries`".to_owned())),
                // Each would have to be of a known log; no other verifier takes them, and no signer makes them.
                several => return Err(Failure::Unsupported(format!("{several} entries in `tlogEntries`"))),
            }
            (Material::Sigstore(decode("rawBytes", &certificate.raw_bytes)?), false)
        }
        _ => {
            return Err(malformed(
                "`verificationMaterial` names none or several of `publicKey`, `x509CertificateChain` and `certificate`"
                    .to_owned(),
            ));
        }
    };
    // Before 0.3 a certificate of Sigstore stood in a chain, which here is another way of signing.
    let known: &[&str] = match material {
        Material::Sigstore(_) => {
            &["application/vnd.dev.sigstore.bundle.v0.3+json", "application/vnd.dev.sigstore.bundle+json;version=0.3"]
        }
        _ => &["application/vnd.dev.sigstore.bundle.v0.3+json"],
    };
    if !known.contains(&media) {
        return Err(malformed(format!("its `mediaType` is `{media}`")));
    }
    Ok(Bundle { material, envelope: envelope(&raw.dsse_envelope)?, old })
}

fn envelope(raw: &RawEnvelope) -> Result<Envelope, Failure> {
    if raw.payload_type != PAYLOAD_TYPE {
        return Err(malformed(format!("its `payloadType` is `{}`", raw.payload_type)));
    }
    // The key or certificate vouches for one signature: of several, nobody could say whose the others are.
    let [signature] = raw.signatures.as_slice() else {
        return Err(malformed(format!("it has {} signatures, and not one", raw.signatures.len())));
    };
    Ok(Envelope { payload: decode("payload", &raw.payload)?, signature: decode("sig", &signature.sig)? })
}

fn decode(what: &str, text: &str) -> Result<Vec<u8>, Failure> {
    let bytes = BASE64_STANDARD.decode(text).map_err(|error| malformed(format!("`{what}` is no base64: {error}")))?;
    if bytes.is_empty() { Err(malformed(format!("`{what}` is empty"))) } else { Ok(bytes) }
}

fn malformed(why: String) -> Failure {
    Failure::Malformed(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_encoded_as_dsse_says() {
        let envelope = Envelope { payload: b"{}".to_vec(), signature: Vec::new() };
        assert_eq!(envelope.encoded(), b"DSSEv1 28 application/vnd.in-toto+json 2 {}");
    }

    #[test]
    fn the_mistake_of_the_first_releases_is_pythons_way_to_show_bytes() {
        let cases: &[(&[u8], &str)] = &[
            (b"{}", "b'{}'"),
            (b"a'b", "b\"a'b\""),
            (b"a'\"b", "b'a\\'\"b'"),
            (b"\\\t\n\r\x00\x7f\xff", "b'\\\\\\t\\n\\r\\x00\\x7f\\xff'"),
        ];
        for (payload, shown) in cases {
            let envelope = Envelope { payload: payload.to_vec(), signature: Vec::new() };
            let expected = format!("DSSEV1 28 application/vnd.in-toto+json {} {shown}", payload.len());
            assert_eq!(String::from_utf8_lossy(&envelope.encoded_by_mistake()), expected);
        }
    }
}
