//! When a host is left alone: one that failed too often in a row is not asked again in the same audit.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::{Fetch, Host, Lack, Target};

/// Failures in a row after which a host is left alone.
const FAILURES: usize = 4;

/// Asks hosts as long as they answer.
pub(super) struct Patience<'a> {
    fetch: &'a dyn Fetch,
    /// Failures in a row, and the last of them, by host.
    failures: Mutex<BTreeMap<String, (usize, String)>>,
}

impl<'a> Patience<'a> {
    pub(super) fn new(fetch: &'a dyn Fetch) -> Self {
        Self { fetch, failures: Mutex::default() }
    }

    /// A document, unless its host failed too often. Says which host a reason is about.
    pub(super) fn get(&self, target: &Target) -> Result<Vec<u8>, Lack> {
        if let Ok(failures) = self.failures.lock()
            && let Some((count, why)) = failures.get(&whose(&target.host))
            && *count >= FAILURES
        {
            return Err(Lack::Why(format!("{why}; after {FAILURES} failures it was left alone")));
        }
        match self.fetch.get(target) {
            Err(Lack::Why(why)) => Err(Lack::Why(self.failed(&target.host, why))),
            other => other,
        }
    }

    /// Notes that a host answered what it was asked.
    pub(super) fn well(&self, host: &Host) {
        let host = whose(host);
        if let Ok(mut failures) = self.failures.lock()
            && failures.get(&host).is_some_and(|(count, _)| *count < FAILURES)
        {
            failures.remove(&host);
        }
    }

    /// Notes a failure of a host and gives the reason back.
    pub(super) fn failed(&self, host: &Host, why: String) -> String {
        if let Ok(mut failures) = self.failures.lock() {
            let (count, last) = failures.entry(whose(host)).or_default();
            if *count < FAILURES {
                *count += 1;
                last.clone_from(&why);
            }
        }
        why
    }
}

/// The host, whatever of it is asked for.
fn whose(host: &Host) -> String {
    match host {
        Host::Repository(url) => url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/"),
        other => format!("{other:?}"),
    }
}
