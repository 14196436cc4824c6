//! Flags of `verify-signature`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::ListFormat;

/// Flags of `verify-signature`.
#[derive(Debug, Clone, Args)]
#[command(
    group(ArgGroup::new("trust").required(true).multiple(false).args(["key", "certificate_chain", "trust_root"])),
    after_help = "Exit codes: 0 the files are what the trusted one signed, 1 they are not, or somebody else signed, \
2 usage, 3 it could not be told, 101 our own error."
)]
pub(crate) struct SignatureOptions {
    /// The model: a folder, or the one file that it is
    #[arg(value_name = "MODEL")]
    pub model: PathBuf,
    /// The bundle; without it, `model.sig` in the model's folder
    #[arg(long, value_name = "FILE")]
    pub signature: Option<PathBuf>,
    /// Trust the holder of this public key, in PEM: P-256, P-384 or P-521
    #[arg(long, value_name = "FILE", help_heading = "Trust")]
    pub key: Option<PathBuf>,
    /// Trust who holds a certificate that leads to one of these, in PEM; may repeat
    #[arg(long, value_name = "FILE", help_heading = "Trust")]
    pub certificate_chain: Vec<PathBuf>,
    /// Trust whom Sigstore saw, by this trusted_root.json
    #[arg(long, value_name = "FILE", requires = "identity", requires = "issuer", help_heading = "Trust")]
    pub trust_root: Option<PathBuf>,
    /// Who signed through Sigstore, letter for letter: an address of mail, or of a workflow
    #[arg(long, value_name = "IDENTITY", requires = "trust_root", help_heading = "Trust")]
    pub identity: Option<String>,
    /// Who vouched for that identity, letter for letter: an address of OpenID Connect
    #[arg(long, value_name = "URL", requires = "trust_root", help_heading = "Trust")]
    pub issuer: Option<String>,
    /// The subject of the certificate that has to have signed, letter for letter: `CN=signer,O=example.com`
    #[arg(long, value_name = "NAME", conflicts_with_all = ["key", "trust_root"], help_heading = "Trust")]
    pub subject: Option<String>,
    /// Take a certificate that has run out, although nothing proves that it signed before
    #[arg(long, requires = "certificate_chain", help_heading = "Trust")]
    pub allow_expired: bool,
    /// Pass over this path below the model, and all below it; may repeat
    #[arg(long, value_name = "PATH", help_heading = "Files")]
    pub ignore: Vec<String>,
    /// Allow files that are there and were not signed
    #[arg(long, help_heading = "Files")]
    pub ignore_unsigned_files: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value = "text", help_heading = "Report")]
    pub format: ListFormat,
    /// Threads that hash files; the result does not depend on it
    #[arg(long, short, value_name = "N", help_heading = "Run")]
    pub jobs: Option<std::num::NonZeroUsize>,
}
