//! Flags of `db`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{IndexChoice, ListFormat, index};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DbCommand {
    /// Say where the index comes from and how old it is
    Status {
        /// How to say it
        #[arg(long, value_enum, default_value = "text")]
        format: ListFormat,
    },
    /// Fetch the advisory feeds and keep a local index of them
    Update(UpdateOptions),
    /// Put the previous local index back in use
    Rollback,
    /// Write the index in use into one file, to be carried elsewhere
    Export {
        /// The file
        file: PathBuf,
        /// Sign it with this key
        #[arg(long, value_name = "KEYFILE")]
        key: Option<PathBuf>,
        /// Which index: `embedded`, `local`, or a file; without it, the one an audit would use
        #[arg(long, value_name = "INDEX", value_parser = index)]
        index: Option<IndexChoice>,
    },
    /// Put an exported index in use
    Import {
        /// The file
        file: PathBuf,
        /// Whose signature is trusted: a public key, or a file that holds it; may repeat
        #[arg(long, value_name = "PUBKEY", required_unless_present = "allow_unsigned")]
        trusted_key: Vec<String>,
        /// Take the file without looking at a signature
        #[arg(long, conflicts_with = "trusted_key")]
        allow_unsigned: bool,
        /// Take it though it holds fewer advisories than the index in use
        #[arg(long)]
        allow_shrink: bool,
        /// Take it though it is older than the index in use
        #[arg(long)]
        allow_older: bool,
    },
    /// Make a key to sign exported indexes with; the public half goes to FILE.pub and standard output
    Keygen {
        /// Where the secret half goes; must not exist
        file: PathBuf,
    },
    /// Build the index's text from advisory feeds
    Build {
        /// A RustSec advisory-db checkout
        #[arg(long, value_name = "DIR")]
        rustsec: Option<PathBuf>,
        /// OSV records: a folder of YAML or JSON, or a zip as OSV publishes it; may repeat
        #[arg(long, value_name = "PATH")]
        osv: Vec<PathBuf>,
        /// Where a feed came from: `PATH=NAME,COMMIT,YYYY-MM-DD,LICENCE,URL`; may repeat
        #[arg(long, value_name = "ORIGIN", value_parser = origin)]
        origin: Vec<(PathBuf, Vec<String>)>,
        /// Folder the text is written to
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Also write the compiled table here
        #[arg(long, value_name = "FILE")]
        table: Option<PathBuf>,
    },
    /// Build the lists of popular names that impostors are compared with
    Names {
        /// PyPI's names: a line `name, tab, rank`, then such lines
        #[arg(long, value_name = "FILE")]
        pypi: Option<PathBuf>,
        /// Names of crates, with a rank or a count of what uses them
        #[arg(long, value_name = "FILE")]
        crates: Option<PathBuf>,
        /// Actions and reusable workflows as `owner/repository`, with a rank or a count
        #[arg(long, value_name = "FILE")]
        actions: Option<PathBuf>,
        /// Models of Hugging Face as `owner/name`, with a rank or a count
        #[arg(long, value_name = "FILE")]
        models: Option<PathBuf>,
        /// The day the tables stand for; without it, today
        #[arg(long, value_name = "YYYY-MM-DD")]
        as_of: Option<String>,
        /// Folder the lists are written to
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

/// Flags of `db update`.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct UpdateOptions {
    /// A mirror of OSV's layout, `ECOSYSTEM/all.zip` below an address or folder; without it, OSV itself
    #[arg(long, value_name = "URL|DIR")]
    pub from: Option<String>,
    /// The day a folder's feeds stand for; without it, the day of their newest change
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<String>,
    /// Take feeds that hold fewer advisories than the index in use, or than this program brings
    #[arg(long)]
    pub allow_shrink: bool,
    /// Allow a mirror to be asked over http, where anybody on the way can change the answer
    #[arg(long)]
    pub allow_http: bool,
    /// Certificates, as PEM, that are trusted beside the system's
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Seconds to wait for a connection, an answer or the next bytes
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
    /// Further tries after a failure that may pass
    #[arg(long, value_name = "N", default_value = "2", value_parser = clap::value_parser!(u32).range(0..=10))]
    pub retries: u32,
    /// Largest feed that is taken, packed, in MiB
    #[arg(long, value_name = "MIB", default_value = "512", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub max_size: u64,
    /// Show no progress
    #[arg(long, short)]
    pub quiet: bool,
}

fn origin(text: &str) -> Result<(PathBuf, Vec<String>), String> {
    let (path, rest) = text.split_once('=').ok_or("expected PATH=NAME,COMMIT,YYYY-MM-DD,LICENCE,URL")?;
    let words: Vec<String> = rest.splitn(5, ',').map(str::to_owned).collect();
    if words.len() != 5 {
        return Err("expected five words: NAME,COMMIT,YYYY-MM-DD,LICENCE,URL".to_owned());
    }
    Ok((PathBuf::from(path), words))
}
