//! What could not be read, as SARIF says it: notifications of the run, with their places.

use super::model::{Location, Notice, NoticeKind, Reference, Text};
use super::{limits, line, place};
use crate::audit::{Audit, Status};
use crate::report::escape::{sarif as clean, shorten};
use crate::report::gate;
use crate::report::tally::{count, lost};

/// Notifications of a run, the last one counting what is left out.
const MOST: usize = 1000;

/// Ids and descriptions; the constants below are positions in it.
const KINDS: &[(&str, &str)] = &[
    ("results-left-out", "More was found than code scanning keeps"),
    ("unread-file", "A file of a known kind could not be read"),
    ("partial-file", "A file was read in part"),
    ("gap", "A place in a file could not be read"),
    ("passed-over", "A folder was not looked at"),
    ("unknown", "A rule or a look-up could not tell"),
    ("notices-left-out", "More could not be read than is listed"),
    ("forced-open", "Somebody forced the gate open"),
    ("needs-approval", "A change brings what excuses findings"),
    ("unknown-before", "Neither the base nor the change could be told"),
    ("details-left-out", "Details were left out to keep the file small"),
    ("excused-left-out", "Findings that are excused have no result here"),
];
const RESULTS_LEFT_OUT: usize = 0;
const UNREAD: usize = 1;
const PARTIAL: usize = 2;
const GAP: usize = 3;
const PASSED_OVER: usize = 4;
const UNKNOWN: usize = 5;
const NOTICES_LEFT_OUT: usize = 6;
const FORCED: usize = 7;
const APPROVAL: usize = 8;
const UNKNOWN_BEFORE: usize = 9;
const DETAILS_LEFT_OUT: usize = 10;
const EXCUSED_LEFT_OUT: usize = 11;

pub(super) fn kinds() -> Vec<NoticeKind> {
    KINDS.iter().map(|(id, text)| NoticeKind { id, short_description: Text::plain(*text) }).collect()
}

/// What a file does not hold, and why it is to be said.
pub(super) struct LeftOut {
    /// Findings beyond the limit.
    pub results: usize,
    /// Findings that are excused, of which code scanning would make open alerts.
    pub excused: usize,
    /// Details that went so that the file is small enough, in words.
    pub details: &'static str,
}

pub(super) fn notices(audit: &Audit, left: &LeftOut) -> Vec<Notice> {
    let mut out = Vec::new();
    if let Some(words) = audit.gate.as_ref().and_then(gate::forced) {
        out.push(notice(FORCED, "error", words, None));
    }
    if left.results > 0 {
        let text =
            format!("{} left out, the least severe; the audit as JSON has all of them", count(left.results, "result"));
        out.push(notice(RESULTS_LEFT_OUT, "warning", text, None));
    }
    if !left.details.is_empty() {
        out.push(notice(DETAILS_LEFT_OUT, "warning", left.details.to_owned(), None));
    }
    if left.excused > 0 {
        let text = format!("{} excused, as the audit as JSON says", count(left.excused, "finding"));
        out.push(notice(EXCUSED_LEFT_OUT, "note", text, None));
    }
    let coverage = &audit.coverage;
    let files = lost(audit).map(|f| {
        let kind = if f.status == Status::Partial { PARTIAL } else { UNREAD };
        let text = format!("{}: {}", f.path, f.why.as_deref().unwrap_or("not read"));
        notice(kind, weight(f.counts), text, Some((&f.path, 1)))
    });
    let gaps = coverage
        .gaps
        .iter()
        .map(|g| notice(GAP, weight(g.counts), format!("{}:{}: {}", g.path, g.line, g.why), Some((&g.path, g.line))));
    let folders = coverage
        .passed_over
        .iter()
        .filter(|p| p.counts)
        .map(|p| notice(PASSED_OVER, "error", format!("{}: {}", p.path, p.why), Some((&p.path, 1))));
    let unknown = coverage.unknown.iter().map(|text| notice(UNKNOWN, "warning", text.clone(), None));
    let before = coverage.unknown_before.iter().map(|text| notice(UNKNOWN_BEFORE, "note", text.clone(), None));
    let approvals = audit.gate.iter().flat_map(|of| &of.approvals).map(|a| {
        let level = if a.by.is_none() { "warning" } else { "note" };
        let text = format!("{}:{}: {}, {}", a.path, a.line, a.text, gate::excuses(audit, a));
        notice(APPROVAL, level, text, Some((&a.path, a.line)))
    });
    let mut rest: Vec<Notice> =
        files.chain(folders).chain(gaps).chain(unknown).chain(approvals).chain(before).collect();
    // What makes the audit incomplete is told first, so that a limit never hides it behind trifles.
    rest.sort_by_key(|n| n.level != "error");
    let over = (out.len() + rest.len()).saturating_sub(MOST);
    if over > 0 {
        rest.truncate(MOST - out.len() - 1);
    }
    out.extend(rest);
    if over > 0 {
        out.push(notice(NOTICES_LEFT_OUT, "warning", format!("{} left out", count(over + 1, "notification")), None));
    }
    out
}

fn weight(counts: bool) -> &'static str {
    if counts { "error" } else { "note" }
}

fn notice(kind: usize, level: &'static str, text: String, at: Option<(&str, u32)>) -> Notice {
    let location =
        at.map(|(path, number)| Location { id: None, physical_location: place(path, line(number)), message: None });
    Notice {
        descriptor: Reference { id: KINDS[kind].0, index: kind },
        level,
        message: Text::plain(shorten(&clean(&text), limits::MESSAGE)),
        locations: location.into_iter().collect(),
    }
}
