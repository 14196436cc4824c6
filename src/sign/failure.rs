//! Why a signature does not hold, or cannot be judged.

use std::fmt;

use super::Method;

/// Most files that are named in one message.
const NAMED: usize = 10;

/// How the files of a model differ from what was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Listed, and another content.
    Changed(String),
    /// Listed, and not there.
    Missing(String),
    /// There, and neither listed nor ignored.
    Unsigned(String),
    /// A link, where the signature allows none.
    Link(String),
    /// Neither a file nor a folder.
    Special(String),
    /// Listed and ignored at once.
    Ignored(String),
    /// Listed in pieces that are not those of the file as it is.
    Pieces(String),
}

impl Difference {
    /// What it is, in one word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Changed(_) => "changed",
            Self::Missing(_) => "missing",
            Self::Unsigned(_) => "unsigned",
            Self::Link(_) => "link",
            Self::Special(_) => "special",
            Self::Ignored(_) => "ignored",
            Self::Pieces(_) => "pieces",
        }
    }

    /// Where, below the model.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Changed(path)
            | Self::Missing(path)
            | Self::Unsigned(path)
            | Self::Link(path)
            | Self::Special(path)
            | Self::Ignored(path)
            | Self::Pieces(path) => path,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed(path) => write!(f, "`{path}` is not what was signed"),
            Self::Missing(path) => write!(f, "`{path}` was signed and is not there"),
            Self::Unsigned(path) => write!(f, "`{path}` is there and was not signed"),
            Self::Link(path) => write!(f, "`{path}` is a link, and the signature allows none"),
            Self::Special(path) => write!(f, "`{path}` is neither a file nor a folder"),
            Self::Ignored(path) => write!(f, "`{path}` was signed and is to be ignored"),
            Self::Pieces(path) => write!(f, "`{path}` was signed in pieces that do not cover it as it is"),
        }
    }
}

/// Why a model cannot be called signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The bundle is none, or not one of model signing.
    #[error("the bundle is malformed: {0}")]
    Malformed(String),
    /// The bundle was signed in another way than the one that is asked for.
    #[error("the bundle was signed by {found}, and a signature by {wanted} is asked for")]
    OtherMethod {
        /// What trust is given for.
        wanted: Method,
        /// What the bundle holds.
        found: Method,
    },
    /// The bundle names another key.
    #[error("the bundle names the key {0}, which is not the one that is trusted")]
    OtherKey(String),
    /// The signature is not by the key.
    #[error("the signature is not by the key of {0}")]
    Signature(String),
    /// The certificate does not lead to a trusted one, or may not sign.
    #[error("the certificate is not to be trusted: {0}")]
    Certificate(String),
    /// Sigstore's evidence does not hold.
    #[error("the evidence of Sigstore does not hold: {0}")]
    Sigstore(String),
    /// What was signed says something else than model signing allows.
    #[error("what was signed is no list of a model's files: {0}")]
    Statement(String),
    /// The files are not those that were signed; never empty.
    #[error("{}", said(.0))]
    Files(Vec<Difference>),
    /// A kind of key, curve or algorithm that nothing here can check.
    #[error("could not be verified: {0}")]
    Unsupported(String),
    /// Something of the model cannot be read.
    #[error("could not be verified: `{path}`: {why}")]
    Unread {
        /// Below the model.
        path: String,
        /// A sentence fragment.
        why: String,
    },
    /// What is given to trust is unusable.
    #[error("{0}")]
    Trust(String),
}

impl Failure {
    /// Whether nothing is known to be wrong, and nothing known to be right: what is asked could not be looked at.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        matches!(self, Self::Unsupported(_) | Self::Unread { .. } | Self::Trust(_))
    }
}

fn said(differences: &[Difference]) -> String {
    let mut out = String::new();
    for (at, difference) in differences.iter().take(NAMED).enumerate() {
        if at > 0 {
            out.push_str("; ");
        }
        out.push_str(&difference.to_string());
    }
    if differences.len() > NAMED {
        out.push_str(&format!("; and {} more", differences.len() - NAMED));
    }
    out
}
