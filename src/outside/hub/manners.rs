//! How a site is asked: a few questions at once, and not again once it failed too often in a row.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::Ask;
use super::Manner;
use super::Reply;
use super::Request;
use super::Site;

/// Failures in a row after which a site is left alone.
const FAILURES: usize = 4;

/// Asks sites as long as they answer.
pub(super) struct Manners<'a> {
    pub(super) ask: &'a dyn Ask,
    pub(super) manner: Manner,
    /// Failures in a row, and the last of them, by site.
    failures: Mutex<BTreeMap<Site, (usize, String)>>,
}

impl<'a> Manners<'a> {
    pub(super) fn new(ask: &'a dyn Ask, manner: Manner) -> Self {
        Self { ask, manner, failures: Mutex::default() }
    }

    /// An answer of any code, unless its site failed too often.
    pub(super) fn ask(&self, request: &Request) -> Result<Reply, String> {
        if let Ok(failures) = self.failures.lock()
            && let Some((count, why)) = failures.get(&request.site)
            && *count >= FAILURES
        {
            return Err(format!("{why}; after {FAILURES} failures it was left alone"));
        }
        let reply = self.ask.ask(request);
        if let Ok(mut failures) = self.failures.lock() {
            match &reply {
                Ok(_) => {
                    if failures.get(&request.site).is_some_and(|(count, _)| *count < FAILURES) {
                        failures.remove(&request.site);
                    }
                }
                Err(why) => {
                    let (count, last) = failures.entry(request.site.clone()).or_default();
                    *count += 1;
                    last.clone_from(why);
                }
            }
        }
        reply
    }
}

/// Does something with each item, several at once. What comes out is in no order.
pub(super) fn at_once<T: Send, R: Send>(threads: usize, items: Vec<T>, each: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = threads.clamp(1, items.len().max(1));
    let (items, results) = (Mutex::new(items.into_iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(item) = items.lock().ok().and_then(|mut items| items.next()) {
                    let result = each(item);
                    if let Ok(mut results) = results.lock() {
                        results.push(result);
                    }
                }
            });
        }
    });
    results.into_inner().unwrap_or_default()
}
