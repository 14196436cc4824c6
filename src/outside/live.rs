//! The network: where advisory feeds are published, and how one is fetched.
//!
//! The only sockets of the product, opened by `db update` and by what is run with `--online` alone. It fetches bytes
//! of a named address within limits and knows neither what is in them nor where they are kept. Whatever it says of an
//! address leaves out credentials and queries.

mod address;
mod ask;
mod exchange;
mod fetch;
mod hub;
pub mod netrc;

use std::time::{Duration, Instant};

use crate::advisory::Date;
use crate::advisory::Ecosystem;

pub use address::{Address, AddressError};
pub use ask::{Asker, Bases};
pub use fetch::{Client, Progress};
pub use hub::HubAsker;
pub use netrc::Netrc;

/// Where OSV publishes: below it, per ecosystem, a folder with `all.zip`.
pub const OSV: &str = "https://osv-vulnerabilities.storage.googleapis.com";

/// The folder of an ecosystem below [`OSV`] or a mirror; `None` where OSV publishes none.
#[must_use]
pub fn folder(ecosystem: Ecosystem) -> Option<&'static str> {
    match ecosystem {
        Ecosystem::CratesIo => Some("crates.io"),
        Ecosystem::PyPi => Some("PyPI"),
        Ecosystem::GitHubActions => Some("GitHub Actions"),
        Ecosystem::Rust => None,
    }
}

/// Certificates as PEM. A certificate authority of a company signs what its proxy opens.
#[derive(Debug, Clone, Default)]
pub struct Authorities {
    /// Trusted beside those of the system.
    pub also: Option<Vec<u8>>,
    /// Trusted instead of those of the system, as `SSL_CERT_FILE` is read everywhere.
    pub only: Option<Vec<u8>>,
}

/// Proxies, as the variables of the same names give them.
#[derive(Clone, Default)]
pub struct Proxies {
    /// For `https` addresses.
    pub https: Option<String>,
    /// For `http` addresses.
    pub http: Option<String>,
    /// Hosts that are reached without one.
    pub none_for: Option<String>,
}

/// Shows whether there are proxies; their addresses may hold credentials.
impl std::fmt::Debug for Proxies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let is_set = |proxy: &Option<String>| proxy.as_ref().map(|_| "set");
        f.debug_struct("Proxies")
            .field("https", &is_set(&self.https))
            .field("http", &is_set(&self.http))
            .field("none_for", &self.none_for)
            .finish()
    }
}

/// How to fetch.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whom to trust.
    pub authorities: Authorities,
    /// What stands between.
    pub proxies: Proxies,
    /// Credentials by host.
    pub netrc: Netrc,
    /// Longest wait for a connection, an answer or the next bytes.
    pub patience: Duration,
    /// Further tries after a failure that may pass.
    pub retries: u32,
    /// Most bytes of one answer.
    pub most: u64,
    /// The longest that one answer may take: a server that sends a byte a minute is never done.
    pub whole: Duration,
    /// Whether `http` may be used beyond this machine.
    pub allow_http: bool,
    /// When the process started; time is measured from it.
    pub started: Instant,
}

/// What an earlier answer said of itself, so that the same need not be sent twice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Version {
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub modified: Option<String>,
}

impl Version {
    /// The day of `Last-Modified`. Source: RFC 9110, 5.6.7; only the form that servers must write.
    #[must_use]
    pub fn day(&self) -> Option<Date> {
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let mut words = self.modified.as_deref()?.split(' ').skip(1);
        let (day, month, year) = (words.next()?, words.next()?, words.next()?);
        let month = MONTHS.iter().position(|m| *m == month)? + 1;
        Date::new(year.parse().ok()?, u8::try_from(month).ok()?, day.parse().ok()?)
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// The same as before.
    Unchanged,
    /// New bytes.
    New {
        /// All of them.
        bytes: Vec<u8>,
        /// What they say of themselves.
        version: Version,
    },
}

/// Why something could not be fetched. No text holds credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// The settings cannot work.
    #[error("{0}")]
    Setup(String),
    /// The server answers something else than the file.
    #[error("{address} answers {status}{hint}")]
    Status {
        /// What was asked.
        address: String,
        /// The code.
        code: u16,
        /// Code and words.
        status: String,
        /// What it may mean, with a separator, or nothing.
        hint: String,
    },
    /// No answer, or not all of it.
    #[error("{address} could not be fetched, {tries}: {why}")]
    Failed {
        /// What was asked.
        address: String,
        /// `tried once`, `tried 3 times`.
        tries: String,
        /// The last reason.
        why: String,
    },
    /// More than is taken.
    #[error("{address} is larger than {most} MiB, which is the most that is taken (`--max-size`)")]
    TooLarge {
        /// What was asked.
        address: String,
        /// The limit.
        most: u64,
    },
    /// It leads somewhere that is not followed.
    #[error("{address} leads {whither}")]
    Redirect {
        /// What was asked.
        address: String,
        /// Where, and why that is not followed.
        whither: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_answers() {
        for (text, day) in [
            ("Wed, 21 Oct 2026 07:28:00 GMT", Date::new(2026, 10, 21)),
            ("Wed, 21 Okt 2026 07:28:00 GMT", None),
            ("2026-10-21", None),
            ("", None),
        ] {
            let version = Version { etag: None, modified: Some(text.to_owned()) };
            assert_eq!(version.day(), day, "{text}");
        }
    }

    #[test]
    fn settings_do_not_show_credentials() {
        let secret = Some("http://user:secret@proxy.example.com:3128".to_owned());
        let proxies = Proxies { https: secret.clone(), http: secret, none_for: None };
        let shown = format!("{proxies:?}");
        assert!(shown.contains("set") && !shown.contains("secret") && !shown.contains("user"), "{shown}");
    }
}
