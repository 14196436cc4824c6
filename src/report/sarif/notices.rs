//! What could not be read, as SARIF says it: notifications of the run, with their places.

use super::model::{Location, Notice, NoticeKind, Reference, Text};
use super::{line, place};
use crate::audit::{Audit, Status};
use crate::report::escape::sarif as clean;
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
];
const RESULTS_LEFT_OUT: usize = 0;
const UNREAD: usize = 1;
const PARTIAL: usize = 2;
const GAP: usize = 3;
const PASSED_OVER: usize = 4;
const UNKNOWN: usize = 5;
const NOTICES_LEFT_OUT: usize = 6;

pub(super) fn kinds() -> Vec<NoticeKind> {
    KINDS.iter().map(|(id, text)| NoticeKind { id, short_description: Text::plain(*text) }).collect()
}

pub(super) fn notices(audit: &Audit, results_left_out: usize) -> Vec<Notice> {
    let mut out = Vec::new();
    if results_left_out > 0 {
        let text = format!(
            "{} left out, the least severe; the audit as JSON has all of them",
            count(results_left_out, "result")
        );
        out.push(notice(RESULTS_LEFT_OUT, "warning", text, None));
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
    let mut rest: Vec<Notice> = files.chain(folders).chain(gaps).chain(unknown).collect();
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
        message: Text::plain(clean(&text)),
        locations: location.into_iter().collect(),
    }
}
