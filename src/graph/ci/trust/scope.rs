//! What a job's token may do with the default branch's cache. Sources: GitHub Changelog, 2026-06-26, "Read-only
//! Actions cache for untrusted triggers", and 2026-09-10, "Control GitHub Actions cache access with cache-mode";
//! GitHub Docs, "Dependency caching reference".

use crate::graph::ci::STRANGER_EVENTS;
use crate::graph::ci::calls::Calls;
use crate::graph::kinds::workflow::{Job, Workflow};
use crate::source::Place;

/// Calls followed into calls.
const MAX_CALLS: usize = 4;

/// What a job may do with the cache of the default branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CacheToken {
    /// It may write: `cache-mode` says so, at this place.
    Writes(Place),
    /// It may only read, because GitHub gives no more to events that strangers cause, since June 2026. Servers
    /// of one's own may be older.
    ReadsByDefault,
    /// It may only read, or nothing: `cache-mode` says so.
    Reads,
}

/// The `cache-mode` of a job, and where it is written.
pub(crate) fn mode<'a>(workflow: &'a Workflow, job: &'a Job) -> Option<(&'a str, Place)> {
    let written = job.cache_mode.as_ref().or(workflow.cache_mode.as_ref())?;
    Some((written.value.as_str(), Place::new(workflow.file, written.span)))
}

/// Whether a job may take from the cache.
pub(crate) fn may_read(workflow: &Workflow, job: &Job) -> bool {
    mode(workflow, job).is_none_or(|(mode, _)| !matches!(mode, "none" | "write-only"))
}

/// What a job may do under an event that strangers cause. A called workflow gets no more than its caller.
pub(crate) fn token(calls: &Calls<'_>, workflow: &Workflow, job: &Job, event: &str) -> CacheToken {
    token_at(calls, workflow, job, event, MAX_CALLS)
}

fn token_at(calls: &Calls<'_>, workflow: &Workflow, job: &Job, event: &str, depth: usize) -> CacheToken {
    debug_assert!(STRANGER_EVENTS.contains(&event) || !event.is_empty());
    let starts = workflow.triggers.iter().any(|t| t.name.value == event);
    let own = match mode(workflow, job) {
        None => None,
        Some(("write" | "write-only", place)) => Some(CacheToken::Writes(place)),
        Some(("read" | "none", _)) => return CacheToken::Reads,
        // An expression or a mistake.
        Some(_) => None,
    };
    if starts || depth == 0 {
        return own.unwrap_or(CacheToken::ReadsByDefault);
    }
    let above = calls.to(workflow).iter().map(|(caller, call)| token_at(calls, caller, call, event, depth - 1));
    let rank = |token: &CacheToken| match token {
        CacheToken::Writes(_) => 2,
        CacheToken::ReadsByDefault => 1,
        CacheToken::Reads => 0,
    };
    above.max_by_key(rank).map_or(CacheToken::ReadsByDefault, |above| match (above, own) {
        (CacheToken::Writes(_), Some(own)) => own,
        (above, _) => above,
    })
}
