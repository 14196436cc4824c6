//! Signatures of models: bundles of OpenSSF Model Signing v1.0, verified offline against files.
//!
//! A bundle lists every file of a model by its digest, and whoever made the list signed it. [`verify`] answers two
//! questions at once: did the one that is trusted sign this list, and is the list what lies there, no file more and
//! none less. Nothing is fetched: keys, certificates and the trust root of Sigstore are given. What cannot be
//! decided (a digest nobody here can compute, a file that cannot be read) is told apart from what is wrong, and
//! neither is success.
//!
//! Nothing here knows of rules, of the graph or of the lock.
//!
//! Source: the model signing specification, v1.0 (`ossf/model-signing-spec`); the bundle format of Sigstore; DSSE.

mod bundle;
mod certificate;
mod chain;
mod compare;
mod digest;
mod ecdsa;
mod failure;
mod key;
mod keyless;
mod pem;
mod provider;
mod statement;
mod tree;

pub use certificate::Certificate;
pub use chain::Roots;
pub use failure::{Difference, Failure};
pub use key::PublicKey;
pub use keyless::Keyless;
pub use tree::Model;

use std::fmt;

/// Most bytes of a bundle that is read; a list of 300,000 files takes less.
pub const LARGEST_BUNDLE: usize = 96 << 20;

/// Most links out of a model that are named.
const OUT: usize = 20;

/// Whom to believe.
#[derive(Debug)]
pub enum Trust {
    /// Whoever holds the other half of a key.
    Key(PublicKey),
    /// Whoever holds a certificate that leads to one of these.
    Certificates(Roots),
    /// A person or workflow that Sigstore's authority saw, as a given trust root allows to check.
    Sigstore(Keyless),
}

/// How a bundle was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// With a key.
    Key,
    /// With a certificate of a long life.
    Certificate,
    /// Through Sigstore, with a certificate of minutes and an entry in a public log.
    Sigstore,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key => "key",
            Self::Certificate => "certificate",
            Self::Sigstore => "sigstore",
        })
    }
}

/// What is asked of a bundle beside whom to believe.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// Seconds since 1970.
    pub now: i64,
    /// Where the bundle lies below the model, with `/` between parts: it cannot list itself.
    pub bundle: Option<String>,
    /// Paths below the model that may be there without being signed, beside those that the bundle names.
    pub ignore: Vec<String>,
    /// Whether files that the bundle does not list may be there.
    pub unsigned_files: bool,
    /// Whether a certificate may have run out: nothing in a bundle that is signed with one proves when that was.
    pub expired: bool,
    /// The subject of the certificate that has to have signed, as RFC 4514 writes it; none for whoever holds one.
    pub subject: Option<String>,
    /// Threads that hash; at least one is used.
    pub threads: usize,
}

/// A file that a bundle lists and that is what the bundle says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedFile {
    /// Path below the model, with `/` between parts; the file's own name where the model is one file.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// `sha256`, `blake2b` or `blake3`.
    pub algorithm: &'static str,
    /// Digest in small hexadecimal; none where the bundle lists the file in pieces.
    pub digest: Option<String>,
}

/// What was found good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How it was signed.
    pub method: Method,
    /// Who signed: the fingerprint of a key (SHA-256 of its DER), the subject of a certificate, or identity and
    /// issuer with a space between, as Sigstore's authority saw them.
    pub signer: String,
    /// The SHA-256 of the key's or certificate's DER, small hexadecimal.
    pub fingerprint: String,
    /// All signed files, by path.
    pub files: Vec<SignedFile>,
    /// What names the whole list: SHA-256 over all its digests. None for bundles of the old format.
    pub root: Option<String>,
    /// Whether the bundle is of a form that must no longer be made.
    pub old_format: bool,
    /// What holds and is worth saying all the same, one sentence each.
    pub notes: Vec<String>,
    /// What is there and was not compared, by path; without the bundle itself.
    pub passed_over: Vec<PassedOver>,
}

/// A path of a model that is ignored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PassedOver {
    /// Below the model.
    pub path: String,
    /// Files, links and oddities there and below; where they were not all counted, at least so many.
    pub files: usize,
    /// Whether all were counted.
    pub counted: bool,
}

/// Verifies that the one that is trusted signed the files of a model as they are.
///
/// # Errors
/// Why not. [`Failure::is_undecided`] tells what could not be looked at from what is wrong.
pub fn verify(bundle: &[u8], model: &Model<'_>, trust: &Trust, terms: &Terms) -> Result<Verified, Failure> {
    let (signed, statement) = authenticate(bundle, trust, terms)?;
    let compare::Compared { files, passed_over, out, .. } = compare::compare(&statement, model, terms)?;
    let mut notes = signed.notes;
    notes.extend(out.iter().take(OUT).map(|(path, to)| format!("`{path}` is a link out of the model, to `{to}`")));
    if out.len() > OUT {
        notes.push(format!("{} more links lead out of the model", out.len() - OUT));
    }
    let old_format = signed.old || statement.old;
    Ok(Verified {
        method: signed.method,
        signer: signed.signer,
        fingerprint: signed.fingerprint,
        files,
        root: statement.root,
        old_format,
        notes,
        passed_over,
    })
}

/// Verifies only who signed, and says what they signed: without any file.
fn authenticate(bytes: &[u8], trust: &Trust, terms: &Terms) -> Result<(Signed, statement::Statement), Failure> {
    let bundle = bundle::parse(bytes)?;
    let signed = match trust {
        Trust::Key(key) => key::check(&bundle, key)?,
        Trust::Certificates(roots) => chain::check(&bundle, roots, terms)?,
        Trust::Sigstore(keyless) => keyless::check(bytes, &bundle, keyless)?,
    };
    // Only what is signed is looked into.
    let statement = statement::parse(&bundle.envelope.payload)?;
    Ok((signed, statement))
}

/// Who signed a bundle.
#[derive(Debug)]
struct Signed {
    method: Method,
    signer: String,
    fingerprint: String,
    /// Whether the form of the envelope is one that must no longer be made.
    old: bool,
    notes: Vec<String>,
}

/// What a bundle says, believed by nobody: good for telling what it is, and for nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// How it says it was signed.
    pub method: Method,
    /// The subject of the certificate it holds, or the fingerprint that it names its key by.
    pub signer: Option<String>,
    /// The files that it lists, by path, each once; empty where the model is one file.
    pub files: Vec<String>,
    /// Whether it is of a form that must no longer be made.
    pub old_format: bool,
}

/// Reads what a bundle says, without any check of who says it.
///
/// # Errors
/// As [`verify`], where it is no bundle or lists no files.
pub fn claims(bytes: &[u8]) -> Result<Claims, Failure> {
    let bundle = bundle::parse(bytes)?;
    let statement = statement::parse(&bundle.envelope.payload)?;
    let subject =
        |der: &[u8]| Certificate::from_der(der).map(|certificate| certificate.shown).map_err(Failure::Malformed);
    let signer = match &bundle.material {
        bundle::Material::Key(hint) => hint.clone(),
        bundle::Material::Chain(certificates) => certificates.first().map(|der| subject(der)).transpose()?,
        // Such a certificate has no subject; whom it names stands in extensions that only its check reads.
        bundle::Material::Sigstore(der) => Some(subject(der)?).filter(|subject| !subject.is_empty()),
    };
    let mut files: Vec<String> = statement.resources.into_iter().map(|one| one.path).collect();
    files.sort_unstable();
    files.dedup();
    Ok(Claims { method: bundle.material.method(), signer, files, old_format: bundle.old || statement.old })
}

/// Small hexadecimal.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The SHA-256 of bytes in small hexadecimal.
fn sha256(bytes: &[u8]) -> String {
    hex(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref())
}
