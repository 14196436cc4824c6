//! Tags, branches, commits and digests held against those that are asked for.

use super::Fit;
use super::digest_fit;
use crate::affected::versions::Versions;

/// Whether a reference is a commit in full.
#[must_use]
pub fn is_commit(reference: &str) -> bool {
    matches!(reference.len(), 40 | 64) && reference.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether it may be the beginning of a commit.
#[must_use]
pub fn is_short_commit(reference: &str) -> bool {
    (7..40).contains(&reference.len())
        && reference.bytes().all(|b| b.is_ascii_hexdigit())
        // `20250314` is a tag.
        && reference.bytes().any(|b| b.is_ascii_alphabetic())
}

/// Whether what is asked for is a range of versions: `<=45.0.7`.
#[must_use]
pub fn is_range(asked: &str) -> bool {
    asked.starts_with(['<', '>', '=', '^', '~', '!']) || asked.contains("||")
}

pub(super) fn action(asked: Option<&str>, own: Option<&str>) -> Fit {
    let Some(own) = own else { return Fit::Unclear };
    let Some(asked) = asked else { return if is_commit(own) { Fit::Exact } else { Fit::Admits } };
    let is_id = |text: &str| is_commit(text) || is_short_commit(text);
    match (is_id(asked), is_id(own)) {
        (true, true) => {
            let (asked, own) = (asked.to_ascii_lowercase(), own.to_ascii_lowercase());
            let is = own.starts_with(&asked) || asked.starts_with(&own);
            if is { Fit::Exact } else { Fit::Elsewhere }
        }
        // A tag or branch may have led to any commit.
        (true, false) => Fit::Admits,
        // Which tags led to a commit nobody can tell from it, and a comment beside it is anybody's word.
        (false, true) => Fit::Unclear,
        (false, false) if is_range(asked) => {
            if covers_tag(asked, own) {
                Fit::Admits
            } else {
                Fit::Elsewhere
            }
        }
        (false, false) => {
            let (asked, own) = (bare_reference(asked), bare_reference(own));
            if agrees(asked, own) || is_moving(own) {
                Fit::Admits
            } else if is_release(own) {
                Fit::Elsewhere
            } else {
                // A branch may have led to what the tag did.
                Fit::Unclear
            }
        }
    }
}

/// A tag or branch without the folders that it lies in: `refs/tags/v4`, `release/v4`.
fn bare_reference(reference: &str) -> &str {
    let bare =
        reference.strip_prefix("refs/tags/").or_else(|| reference.strip_prefix("refs/heads/")).unwrap_or(reference);
    bare.rsplit('/').next().unwrap_or(bare)
}

/// Whether a name is led on to each new release.
fn is_moving(reference: &str) -> bool {
    const MOVING: &[&str] = &["latest", "stable", "release", "releases", "head"];
    MOVING.iter().any(|name| reference.eq_ignore_ascii_case(name))
}

/// Whether a tag is that of a release: `v4`, `4.1.2`, `v45.x`.
fn is_release(reference: &str) -> bool {
    let bare = reference.strip_prefix(['v', 'V']).unwrap_or(reference);
    bare.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether two tags may be one: `v4` leads to what `v4.1.2` names more exactly, and the other way round.
fn agrees(one: &str, other: &str) -> bool {
    let bare = |text: &str| {
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text).to_ascii_lowercase();
        text.trim_end_matches(".x").trim_end_matches(".*").to_owned()
    };
    let (one, other) = (bare(one), bare(other));
    let leads = |short: &str, long: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('.'));
    one == other || leads(&one, &other) || leads(&other, &one)
}

/// Whether a tag, or a release that a short tag or a branch may lead to, lies in a range.
fn covers_tag(range: &str, tag: &str) -> bool {
    // The first number of a day, which is a year.
    const YEAR: u64 = 1900;
    let Some(versions) = Versions::parse(range) else { return true };
    let tag = bare_reference(tag);
    let bare = tag.strip_prefix(['v', 'V']).unwrap_or(tag);
    let bare = bare.trim_end_matches(".x").trim_end_matches(".X").trim_end_matches(".*");
    let numbers: Vec<Option<u64>> = bare.split('.').map(|part| part.parse().ok()).collect();
    let is_number = numbers.iter().all(Option::is_some);
    // A branch that is named after a day may lead to any release, unless these are, too.
    let is_day = is_number && numbers.first().copied().flatten().is_some_and(|first| first >= YEAR);
    let has_days = range.split(|c: char| !c.is_ascii_digit()).any(|n| n.parse::<u64>().is_ok_and(|n| n >= YEAR));
    if is_day && numbers.len() < 3 && !has_days {
        return true;
    }
    if is_number && numbers.len() < 3 {
        return versions.admitted_by(None, &format!("~{bare}")).unwrap_or(true);
    }
    // A branch may lead to any of them.
    versions.covers(None, bare) || !is_release(tag) || crate::advisory::ranges::lenient(bare).is_none()
}

pub(super) fn image(asked: Option<&str>, tag: Option<&str>, digest: Option<&str>) -> Fit {
    let Some(asked) = asked else { return if digest.is_some() { Fit::Exact } else { Fit::Admits } };
    let asks_digest = asked.contains(':');
    match digest {
        Some(own) if asks_digest => {
            if digest_fit(asked, own) == Fit::Exact {
                Fit::Exact
            } else {
                Fit::Elsewhere
            }
        }
        Some(_) => match tag {
            Some(tag) if !leads(tag, asked) => Fit::Elsewhere,
            // Which image the tag was, the digest does not say.
            _ => Fit::Unclear,
        },
        None if asks_digest => Fit::Admits,
        None => {
            let own = tag.unwrap_or("latest");
            if leads(own, asked) {
                Fit::Admits
            } else if asked == "latest" && own.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
                // The newest of some day.
                Fit::Unclear
            } else {
                Fit::Elsewhere
            }
        }
    }
}

/// Whether a tag may lead to the image of another one: `3` and `latest` to that of `3.12`, `slim` to that of
/// `3.12-slim`, and `3.12` was that of `3.12.1`.
fn leads(own: &str, asked: &str) -> bool {
    let parts = |tag: &str| -> (String, String) {
        let bare = tag.strip_prefix('v').unwrap_or(tag).to_ascii_lowercase();
        if !bare.starts_with(|c: char| c.is_ascii_digit()) {
            return (String::new(), if bare == "latest" { String::new() } else { bare });
        }
        let (numbers, rest) = bare.split_once('-').unwrap_or((&bare, ""));
        (numbers.to_owned(), rest.to_owned())
    };
    let ((own_numbers, own_rest), (numbers, rest)) = (parts(own), parts(asked));
    own.eq_ignore_ascii_case(asked)
        || own_rest == rest && !numbers.is_empty() && (own_numbers.is_empty() || agrees(&own_numbers, &numbers))
}
