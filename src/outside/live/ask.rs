//! Documents of registries and repositories over the network: where each lies, and how often a host may
//! be asked.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::{Address, Client, Fetched, LiveError, Version};
use crate::graph::indexes::GITHUB;
use crate::outside::registry::{Fetch, Host, Lack, Target};

/// Where registries lie.
#[derive(Debug, Clone)]
pub struct Bases {
    /// PyPI or a mirror: `simple/`, `pypi/` and `integrity/` lie below it.
    pub pypi: Address,
    /// A sparse index of crates.io.
    pub crates_index: Address,
    /// Its site: `api/v1/` lies below it.
    pub crates_io: Address,
    /// GitHub, or a server that holds the same repositories.
    pub github: Address,
    /// Where their files lie, by commit.
    pub github_raw: Address,
    /// The wait between two questions to the site. Source: crates.io, "Data Access Policy".
    pub spacing: Duration,
}

/// Asks for documents.
#[derive(Debug)]
pub struct Asker {
    client: Arc<Client>,
    bases: Bases,
    started: Instant,
    /// When a host that wants waits may be asked next, from the start of the process.
    next: Mutex<BTreeMap<Host, Duration>>,
}

impl Asker {
    /// Asks by means of a client. `started` is when the process started.
    #[must_use]
    pub fn new(client: Arc<Client>, bases: Bases, started: Instant) -> Self {
        Self { client, bases, started, next: Mutex::default() }
    }

    /// Takes the next turn at a host and waits for it.
    fn wait(&self, host: &Host) {
        if *host != Host::CratesIo || self.bases.spacing.is_zero() {
            return;
        }
        let now = self.started.elapsed();
        let Ok(mut next) = self.next.lock() else { return };
        let turn = next.get(host).copied().unwrap_or_default().max(now);
        next.insert(host.clone(), turn + self.bases.spacing);
        drop(next);
        std::thread::sleep(turn.saturating_sub(now));
    }
}

impl Fetch for Asker {
    fn get(&self, target: &Target) -> Result<Vec<u8>, Lack> {
        let own;
        let base = match &target.host {
            Host::PyPi => &self.bases.pypi,
            Host::CratesIndex => &self.bases.crates_index,
            Host::CratesIo => &self.bases.crates_io,
            Host::GitHubRaw => &self.bases.github_raw,
            Host::Repository(url) => {
                own = match url.strip_prefix(GITHUB).and_then(|rest| rest.strip_prefix('/')) {
                    Some(path) => {
                        let path: Vec<String> = path.split('/').map(str::to_owned).collect();
                        self.bases.github.below(&path, None)
                    }
                    None => Address::parse(url, false).map_err(|error| Lack::Why(error.to_string()))?,
                };
                &own
            }
        };
        self.wait(&target.host);
        let address = base.below(&target.path, target.query);
        match self.client.fetch_as(&address, Some(target.accept), &Version::default(), &|_, _| {}) {
            Ok(Fetched::New { bytes, .. }) => Ok(bytes),
            Ok(Fetched::Unchanged) => Err(Lack::Why(format!("{} answers nothing", base.authority()))),
            Err(LiveError::Status { code: 404 | 410, .. }) => Err(Lack::NotThere),
            Err(error) => Err(Lack::Why(reason(&base.authority(), error))),
        }
    }
}

/// The reason without the document's address, so that it is the same for all documents of a host.
pub(super) fn reason(host: &str, error: LiveError) -> String {
    match error {
        LiveError::Setup(text) => text,
        LiveError::Status { status, .. } => format!("{host} answers {status}"),
        LiveError::Failed { tries, why, .. } => format!("{host} could not be asked, {tries}: {why}"),
        LiveError::TooLarge { most, .. } => format!("{host} sends more than {most} MiB"),
        LiveError::Redirect { .. } => format!("{host} leads where it is not followed"),
    }
}
