//! How the network is asked, from flags and surroundings, for every command that asks it.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};

use super::store::read_up_to;
use super::{Surroundings, shown};
use crate::outside::live::{self, Authorities, Netrc, Settings};

/// Largest file of certificates, in bytes.
const MAX_PEM: u64 = 16 << 20;

/// What a command was told of the network.
pub(super) struct Network<'a> {
    /// Certificates that are trusted beside the system's.
    pub(super) ca_file: Option<&'a Path>,
    /// Seconds to wait for a connection, an answer or the next bytes.
    pub(super) timeout: u64,
    /// Further tries after a failure that may pass.
    pub(super) retries: u32,
    /// Whether `http` may be used beyond this machine.
    pub(super) allow_http: bool,
    /// Most bytes of one answer.
    pub(super) most: u64,
    /// The longest that one answer may take.
    pub(super) whole: Duration,
}

impl Network<'_> {
    /// Everything a client needs to know.
    ///
    /// # Errors
    /// A file of certificates or credentials that cannot be read or understood.
    pub(super) fn settings(self, around: &Surroundings) -> Result<Settings> {
        Ok(Settings {
            authorities: Authorities {
                also: self.ca_file.map(|path| pem(path, around)).transpose()?,
                only: around.certificates.as_deref().map(|path| pem(path, around)).transpose()?,
            },
            proxies: around.proxies.clone(),
            netrc: netrc(around)?,
            patience: Duration::from_secs(self.timeout),
            retries: self.retries,
            most: self.most,
            whole: self.whole,
            allow_http: self.allow_http,
            started: around.started,
        })
    }
}

/// A file of certificates.
fn pem(path: &Path, around: &Surroundings) -> Result<Vec<u8>> {
    read_up_to(&around.directory.join(path), MAX_PEM).with_context(|| format!("failed to read `{}`", shown(path)))
}

/// The netrc file, where there is one.
fn netrc(around: &Surroundings) -> Result<Netrc> {
    let Some(path) = &around.netrc else { return Ok(Netrc::default()) };
    let path = around.directory.join(path);
    let bytes =
        read_up_to(&path, live::netrc::MOST as u64).with_context(|| format!("failed to read `{}`", shown(&path)))?;
    let text = String::from_utf8(bytes).map_err(|_| anyhow!("`{}` is not UTF-8", shown(&path)))?;
    Netrc::parse(&text).with_context(|| format!("`{}` cannot be understood", shown(&path)))
}
