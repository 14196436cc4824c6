//! Which advisories speak of a `uses:` reference.
//!
//! - A commit matches when it is listed as bad. Nothing else is known of a commit offline; a caller
//!   that knows its tag (a version comment, a lock file) asks again with the tag.
//! - An exact tag (`v4.1.2`, `4.1.2`) matches when the version is affected.
//! - A floating tag (`v4`, `v4.1`) is read as the newest release it can stand for. One that has moved
//!   past the fix is therefore not affected, and one whose whole line is affected is.
//! - A version list names tags as they are written, without a leading `v`: `5` is the tag `v5`.
//! - Tags of a compromised action matched during the attack whatever they floated to, so there a
//!   floating tag matches when any release under it is affected, with the time in the basis.
//! - A branch, or a tag that is no version, matches nothing here: what it points to is not known.

use std::sync::Arc;

use semver::Version;

use super::index::{Index, IndexError};
use super::matching::{Basis, LAST, Match, by_version, collapse};
use super::model::{Advisory, Ecosystem, Kind, Range};
use super::ranges::{self, Bound, FixedIn, Interval};

/// What stands after `@`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reference {
    /// The tag without `refs/tags/` and a leading `v`.
    tag: String,
    form: Form,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    Commit(String),
    Exact(Version),
    /// First and last release the tag can stand for.
    Floating(Version, Version),
    Other,
}

/// Advisories that affect an action or reusable workflow. `repository` is `owner/repo` in any case;
/// `path` is what follows it in `uses:`, empty for the repository's root; `reference` is what follows
/// `@`. Advisories on the repository cover its paths.
///
/// # Errors
/// When the table is damaged where it was read.
pub fn match_action(index: &Index, repository: &str, path: &str, reference: &str) -> Result<Vec<Match>, IndexError> {
    let mut advisories = index.lookup(Ecosystem::GitHubActions, repository)?;
    let path = path.trim_matches('/');
    if !path.is_empty() {
        advisories.extend(index.lookup(Ecosystem::GitHubActions, &format!("{repository}/{path}"))?);
    }
    let reference = parse(reference);
    let hits = advisories
        .into_iter()
        .filter(|a| a.withdrawn.is_none())
        .filter_map(|a| basis(&a, &reference).map(|b| (Arc::new(a), b)))
        .collect();
    let from = match &reference.form {
        Form::Exact(v) | Form::Floating(v, _) => v.clone(),
        // The version behind a commit is not known; any fix is above nothing.
        Form::Commit(_) | Form::Other => Version::new(0, 0, 0),
    };
    Ok(collapse(hits, |a| fixed_for_good(&a.ranges, &from), by_version))
}

/// A release from which on nothing is affected, so that it "or later" is true. A fix of the reference's own
/// line is near enough; a newer line that is affected again is passed over.
fn fixed_for_good(all: &[Range], from: &Version) -> Option<FixedIn> {
    let nearest = ranges::fixed_above(all, from)?;
    let FixedIn::At(text) = &nearest else { return Some(nearest) };
    let Some(version) = ranges::lenient(text).filter(|v| v.major != from.major) else { return Some(nearest) };
    let starts = all.iter().flat_map(intervals_of).filter_map(|interval| match interval.start {
        Bound::Inclusive(start) | Bound::Exclusive(start) if start > version => Some(start),
        _ => None,
    });
    match starts.max() {
        Some(start) => ranges::fixed_above(all, &start),
        None => Some(nearest),
    }
}

fn parse(reference: &str) -> Reference {
    let name = reference.strip_prefix("refs/tags/").unwrap_or(reference);
    let tag = name.strip_prefix(['v', 'V']).unwrap_or(name);
    Reference { tag: tag.to_owned(), form: form(name, tag) }
}

fn form(name: &str, tag: &str) -> Form {
    if name.len() == 40 && name.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Form::Commit(name.to_ascii_lowercase());
    }
    if let Ok(version) = Version::parse(tag) {
        return Form::Exact(version);
    }
    let parts: Option<Vec<u64>> = tag.split('.').map(|p| p.parse().ok()).collect();
    match parts.as_deref() {
        Some(&[major]) => Form::Floating(Version::new(major, 0, 0), Version::new(major, LAST, LAST)),
        Some(&[major, minor]) => Form::Floating(Version::new(major, minor, 0), Version::new(major, minor, LAST)),
        // `v1.2-beta` and the like: one release, spelt short.
        _ => ranges::lenient(tag).map_or(Form::Other, Form::Exact),
    }
}

fn basis(a: &Advisory, reference: &Reference) -> Option<Basis> {
    let tag = || match (&a.window, a.kind) {
        (Some(window), Kind::Malicious) => Basis::TagDuring(window.clone()),
        _ => Basis::Tag,
    };
    if let Form::Commit(sha) = &reference.form {
        return a.commits.contains(sha).then_some(Basis::Commit);
    }
    let listed = a.ranges.iter().any(|r| matches!(r, Range::Versions(list) if list.contains(&reference.tag)));
    if listed {
        return Some(tag());
    }
    match &reference.form {
        Form::Exact(v) => intervals(a).any(|i| i.contains(v)).then(tag),
        Form::Floating(first, last) if a.kind == Kind::Malicious => {
            intervals(a).any(|i| overlaps(&i, first, last)).then(tag)
        }
        Form::Floating(_, last) => intervals(a).any(|i| i.contains(last)).then(tag),
        Form::Commit(_) | Form::Other => None,
    }
}

fn intervals(a: &Advisory) -> impl Iterator<Item = Interval> {
    a.ranges.iter().flat_map(intervals_of)
}

fn intervals_of(range: &Range) -> Vec<Interval> {
    match range {
        Range::Ecosystem(events) | Range::Semver(events) => ranges::intervals(events),
        Range::RustSec { .. } | Range::Git { .. } | Range::Versions(_) => Vec::new(),
    }
}

fn overlaps(interval: &Interval, first: &Version, last: &Version) -> bool {
    let ends_before = match &interval.end {
        Bound::Open => false,
        Bound::Inclusive(e) => e < first,
        Bound::Exclusive(e) => e <= first,
    };
    let starts_after = match &interval.start {
        Bound::Open => false,
        Bound::Inclusive(s) => s > last,
        Bound::Exclusive(s) => s >= last,
    };
    !ends_before && !starts_after
}

#[cfg(test)]
#[path = "actions_tests.rs"]
mod tests;
