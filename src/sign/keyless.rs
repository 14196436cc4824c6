//! Signatures through Sigstore: a certificate of minutes, an entry in a public log, and a trust root that is given.
//!
//! The checks are those of `sigstore-verify`: the certificate leads to the root's authority and was in force when the
//! log or a time stamp says that it signed, its own log vouches for it, the entry is in the log, is about this
//! signature, and the signature is over this list.

use sigstore_verify::trust_root::TrustedRoot;
use sigstore_verify::types::bundle::TransparencyLogEntry;
use sigstore_verify::types::{Bundle as SigstoreBundle, Sha256Hash};
use sigstore_verify::{Error, VerificationPolicy, Verifier};

use super::bundle::{Bundle, Material};
use super::certificate::Certificate;
use super::failure::Failure;
use super::{Method, Signed, provider, sha256, statement};

/// Largest trust root that is read.
const LARGEST_ROOT: usize = 4 << 20;

/// Who must have signed through Sigstore, and by which trust root.
pub struct Keyless {
    verifier: Verifier,
    identity: String,
    issuer: String,
}

impl std::fmt::Debug for Keyless {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keyless({} {})", self.identity, self.issuer)
    }
}

impl Keyless {
    /// Takes a trust root as JSON (`trusted_root.json`, or a client's configuration that holds one), and the identity
    /// and issuer that the certificate must name, letter for letter.
    ///
    /// # Errors
    /// [`Failure::Trust`], where the trust root cannot be used.
    pub fn new(root: &str, identity: &str, issuer: &str) -> Result<Self, Failure> {
        provider::install();
        let wrong = |why: String| Failure::Trust(format!("the trust root cannot be used: {why}"));
        if root.len() > LARGEST_ROOT {
            return Err(wrong(format!("it has more than {LARGEST_ROOT} bytes")));
        }
        let mut value: serde_json::Value = serde_json::from_str(root).map_err(|error| wrong(error.to_string()))?;
        let root = match value.get_mut("trustedRoot") {
            Some(inner) => inner.take().to_string(),
            None => root.to_owned(),
        };
        let root = TrustedRoot::from_json(&root).map_err(|error| wrong(error.to_string()))?;
        let verifier = Verifier::new(&root).map_err(|error| wrong(error.to_string()))?;
        Ok(Self { verifier, identity: identity.to_owned(), issuer: issuer.to_owned() })
    }
}

/// Checks a bundle against a trust root.
pub(super) fn check(bytes: &[u8], bundle: &Bundle, keyless: &Keyless) -> Result<Signed, Failure> {
    let Material::Sigstore(certificate) = &bundle.material else {
        return Err(Failure::OtherMethod { wanted: Method::Sigstore, found: bundle.material.method() });
    };
    let text = std::str::from_utf8(bytes).map_err(|_| Failure::Malformed("it is no UTF-8".to_owned()))?;
    let whole = SigstoreBundle::from_json(text).map_err(|error| Failure::Malformed(plain(&error.to_string())))?;
    // Sigstore binds what is signed to an artifact's digest: here that of the list itself, as its subject gives it.
    let subject = statement::subject(&bundle.envelope.payload)?;
    let subject =
        Sha256Hash::from_hex(&subject).map_err(|_| Failure::Statement("its `subject` has no SHA-256".to_owned()))?;
    let policy = VerificationPolicy::new(keyless.identity.as_str(), keyless.issuer.as_str());
    let result = keyless.verifier.verify(subject, &whole, &policy).map_err(|error| match error {
        Error::UnsupportedBundle(why) | Error::UnsupportedArtifact(why) => Failure::Unsupported(plain(&why)),
        Error::SignatureInvalid(_) => Failure::Signature(keyless.identity.clone()),
        Error::IdentityMismatch { actual, .. } => Failure::Sigstore(match actual {
            Some(actual) => format!("`{}` signed, and not `{}`", actual.as_str(), keyless.identity),
            None => "the certificate names nobody".to_owned(),
        }),
        Error::IssuerMismatch { actual, .. } => Failure::Sigstore(format!(
            "the signer's identity comes from `{}`, and not from `{}`",
            actual.as_deref().unwrap_or("nobody"),
            keyless.issuer
        )),
        error => Failure::Sigstore(plain(&error.to_string())),
    })?;
    // Two things that the library leaves to others.
    let signer = Certificate::from_der(certificate).map_err(Failure::Malformed)?;
    if signer.signs != Some(true) {
        return Err(Failure::Certificate("its key may not sign".to_owned()));
    }
    if !whole.verification_material.tlog_entries.iter().all(is_what_it_says) {
        return Err(Failure::Sigstore("an entry of the log is of another kind than the bundle says".to_owned()));
    }
    // A policy of the library that was relaxed by mistake would say so here.
    if !(result.certificate_verified() && result.sct_verified() && result.tlog_verified()) {
        return Err(Failure::Unsupported("Sigstore's evidence was not checked as a whole".to_owned()));
    }
    Ok(Signed {
        method: Method::Sigstore,
        signer: format!("{} {}", keyless.identity, keyless.issuer),
        fingerprint: sha256(certificate),
        old: bundle.old,
        notes: Vec::new(),
    })
}

/// Whether the body of an entry, which the log signed, names the kind and version that the bundle gives for it.
fn is_what_it_says(entry: &TransparencyLogEntry) -> bool {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        kind: String,
        api_version: String,
    }
    let Ok(body) = serde_json::from_slice::<Body>(entry.canonicalized_body.as_bytes()) else { return false };
    let Ok(said) = serde_json::to_value(entry.kind_version) else { return false };
    said["kind"] == body.kind.as_str() && said["version"] == body.api_version.as_str()
}

/// A message of a library on one line, and not longer than a person reads.
fn plain(text: &str) -> String {
    const LONGEST: usize = 300;
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).take(LONGEST).collect()
}
