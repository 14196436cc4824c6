//! What the rules on waivers share. They are told once all findings are known.

use crate::advisory::Date;
use crate::config::WaiverEntry;
use crate::diag::{Diagnostic, Severity};
use crate::rules::{Reporter, Scene};
use crate::source::Place;

use super::{expired_waiver, expiring_waiver, unjustified_waiver, unused_waiver};

/// A waiver of the tree's own policy and what it met.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    /// The waiver.
    pub(crate) entry: &'a WaiverEntry,
    /// Findings that it speaks of.
    pub(crate) met: usize,
    /// The gravest finding that it may not excuse, since its end is missing or too far.
    pub(crate) refused: Option<Severity>,
}

/// What is known of the audit beside the waivers.
pub(crate) struct Around<'a> {
    /// Files that were not read in full, by what is known of their paths.
    pub(crate) lost: &'a [String],
    /// Whether a rule ran.
    pub(crate) ran: &'a dyn Fn(&str) -> bool,
    /// Whether all rules ran.
    pub(crate) all_ran: bool,
    /// Days that an end may lie ahead.
    pub(crate) max_days: u32,
}

/// What is to be said of the tree's own waivers.
pub(crate) fn of_waivers(scene: &Scene<'_>, entries: &[Entry<'_>], around: &Around<'_>) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let mut told = |rule, tell: &dyn Fn(&Entry<'_>, &mut Reporter<'_>)| {
        let mut report = Reporter::new(rule, scene.graph);
        entries.iter().for_each(|entry| tell(entry, &mut report));
        out.extend(report.finish());
    };
    told(&expired_waiver::RULE, &|entry, report| expired_waiver::tell(scene, entry, report));
    told(&expiring_waiver::RULE, &|entry, report| expiring_waiver::tell(scene, entry, report));
    told(&unjustified_waiver::RULE, &|entry, report| unjustified_waiver::tell(entry, around, report));
    told(&unused_waiver::RULE, &|entry, report| unused_waiver::tell(scene, entry, around, report));
    out
}

/// Nothing is known of waivers before all other rules have spoken.
pub(super) fn later(_: &Scene<'_>, _: &mut Reporter<'_>) {}

/// The end of a waiver, and the days that are left until then.
pub(super) fn end(entry: &WaiverEntry, today: Option<Date>) -> Option<(Place, &str, i64)> {
    let until = entry.until.as_ref()?;
    let left = Date::parse(until.as_str())?.days() - today?.days();
    Some((Place::new(entry.file, until.span), until.as_str(), left))
}

/// The first thing that a waiver names: its kind, what it is, and where.
pub(super) fn name(entry: &WaiverEntry) -> (&'static str, &str, Place) {
    let parts = [("rule", &entry.rule), ("advisory", &entry.advisory), ("fingerprint", &entry.fingerprint)];
    let first = parts.into_iter().find_map(|(kind, part)| Some((kind, part.as_ref()?)));
    match first {
        Some((kind, part)) => (kind, part.as_str(), Place::new(entry.file, part.span)),
        None => ("rule", "", Place::new(entry.file, entry.span)),
    }
}

/// What a waiver is about, in a few words: "`unpinned-action` for `example/a`".
pub(super) fn about(entry: &WaiverEntry) -> String {
    let (_, name, _) = name(entry);
    match (&entry.subject, &entry.path) {
        (Some(subject), _) => format!("`{name}` for `{}`", subject.value),
        (None, Some(path)) => format!("`{name}` in `{}`", path.value),
        (None, None) => format!("`{name}`"),
    }
}

/// What makes a waiver itself, for its fingerprint.
pub(super) fn content(entry: &WaiverEntry) -> String {
    let parts = [&entry.fingerprint, &entry.rule, &entry.advisory, &entry.subject, &entry.path, &entry.content];
    let words: Vec<&str> = parts.into_iter().flatten().map(|part| part.as_str()).collect();
    words.join(" ")
}

/// ` by @owner`, where it has one.
pub(super) fn owner(entry: &WaiverEntry) -> String {
    entry.owner.as_ref().map(|owner| format!(" by {}", owner.value)).unwrap_or_default()
}
