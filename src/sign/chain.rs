//! Signatures by a certificate of a long life, which must lead to one that is trusted.
//!
//! The path is built as RFC 5280 says and as OpenSSL does for the `model-signing` package: it ends at a given
//! certificate that signs itself, everyone on it was in force when the signer's certificate began, and every issuer
//! on it is an authority. Two rules are stricter. The signer's certificate must be in force now, as section 8.2 of
//! the specification demands, since nothing in such a bundle proves when it was made. And an authority whose issuer
//! restricts the names that it may give cannot be judged here.

use super::bundle::{Bundle, Material};
use super::certificate::Certificate;
use super::failure::Failure;
use super::{Method, Signed, Terms, ecdsa, key, pem};

/// Longest path, the signer's certificate and the trusted one counted.
const LONGEST: usize = 16;

/// Most signatures of certificates that are checked for one bundle.
const CHECKS: usize = 200;

/// Certificates that are trusted.
#[derive(Debug, Clone, Default)]
pub struct Roots(Vec<Certificate>);

impl Roots {
    /// Reads certificates from PEM; several may stand in one text.
    ///
    /// # Errors
    /// [`Failure::Trust`] where there are none, or one cannot be read.
    pub fn from_pem(text: &str) -> Result<Self, Failure> {
        let mut out = Self::default();
        for (label, der) in pem::blocks(text).map_err(Failure::Trust)? {
            if matches!(label, "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE") {
                out.0.push(Certificate::from_der(&der).map_err(Failure::Trust)?);
            }
        }
        if out.0.is_empty() { Err(Failure::Trust("there is no `CERTIFICATE` in PEM".to_owned())) } else { Ok(out) }
    }

    /// Adds those of another text.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

/// Checks a bundle against trusted certificates.
pub(super) fn check(bundle: &Bundle, roots: &Roots, terms: &Terms) -> Result<Signed, Failure> {
    let Material::Chain(chain) = &bundle.material else {
        return Err(Failure::OtherMethod { wanted: Method::Certificate, found: bundle.material.method() });
    };
    let mut certificates = Vec::new();
    for der in chain {
        certificates.push(Certificate::from_der(der).map_err(Failure::Malformed)?);
    }
    let Some((signer, others)) = certificates.split_first() else {
        return Err(Failure::Malformed("there is no certificate".to_owned()));
    };
    if let Some(oid) = &signer.strange {
        return Err(Failure::Unsupported(format!("the signer's certificate has the critical extension {oid}")));
    }
    let mut search = Search { roots: &roots.0, others, time: signer.not_before, checks: 0, undecided: None };
    if !search.leads(&mut vec![signer]) {
        return Err(search.undecided.map_or_else(
            || {
                Failure::Certificate(format!(
                    "`{}` does not lead to a trusted certificate that signs itself",
                    signer.shown
                ))
            },
            Failure::Unsupported,
        ));
    }
    if !signer.signs_content() {
        return Err(Failure::Certificate(format!("`{}` may not sign content", signer.shown)));
    }
    if let Some(subject) = terms.subject.as_ref().filter(|subject| **subject != signer.shown) {
        return Err(Failure::Certificate(format!("`{}` signed, and not `{subject}`", signer.shown)));
    }
    let mut notes = Vec::new();
    if terms.now < signer.not_before {
        return Err(Failure::Certificate(format!("`{}` is not in force yet", signer.shown)));
    }
    if !signer.holds_at(terms.now) {
        if !terms.expired {
            return Err(Failure::Certificate(format!(
                "`{}` has run out, and nothing in the bundle proves that it was signed before",
                signer.shown
            )));
        }
        notes.push(format!(
            "the certificate of `{}` has run out, and nothing proves that it signed before",
            signer.shown
        ));
    }
    let mistaken = key::signature(bundle, &signer.key, &signer.shown, Some(ecdsa::Hash::Sha256))?;
    Ok(Signed {
        method: Method::Certificate,
        signer: signer.shown.clone(),
        fingerprint: signer.fingerprint.clone(),
        old: bundle.old || mistaken,
        notes,
    })
}

/// A search for a path upwards.
struct Search<'c> {
    roots: &'c [Certificate],
    others: &'c [Certificate],
    time: i64,
    checks: usize,
    /// Why a path could not be judged that might have led.
    undecided: Option<String>,
}

impl<'c> Search<'c> {
    /// Whether the last of a path leads to a trusted certificate that signs itself.
    fn leads(&mut self, path: &mut Vec<&'c Certificate>) -> bool {
        let Some(&last) = path.last() else { return false };
        if !last.holds_at(self.time) {
            return false;
        }
        let trusted = self.roots.iter().any(|root| root.fingerprint == last.fingerprint);
        if trusted && last.subject == last.issuer && self.signs(last, last) {
            return true;
        }
        if path.len() >= LONGEST {
            return false;
        }
        let (roots, others) = (self.roots, self.others);
        for issuer in roots.iter().chain(others) {
            let again = path.iter().any(|one| one.fingerprint == issuer.fingerprint);
            if issuer.subject != last.issuer || again || !self.may_issue(issuer, path) || !self.signs(issuer, last) {
                continue;
            }
            path.push(issuer);
            if self.leads(path) {
                return true;
            }
            path.pop();
        }
        false
    }

    /// Whether a certificate may stand above a path.
    fn may_issue(&mut self, issuer: &Certificate, path: &[&Certificate]) -> bool {
        if !issuer.authority || issuer.signs_certificates == Some(false) {
            return false;
        }
        // The signer itself is not counted, and neither are authorities that issued for themselves.
        let between = path.iter().skip(1).filter(|one| one.subject != one.issuer).count();
        if issuer.below.is_some_and(|most| between > usize::from(most)) {
            return false;
        }
        if let Some(oid) = &issuer.strange {
            self.undecided = Some(format!("the certificate of `{}` has the critical extension {oid}", issuer.shown));
            return false;
        }
        true
    }

    fn signs(&mut self, issuer: &Certificate, below: &Certificate) -> bool {
        self.checks += 1;
        if self.checks > CHECKS {
            self.undecided = Some(format!("more than {CHECKS} signatures of certificates"));
            return false;
        }
        below.signed_by(issuer).unwrap_or_else(|why| {
            self.undecided = Some(why);
            false
        })
    }
}
