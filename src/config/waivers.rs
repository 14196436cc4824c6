//! `[[waiver]]`: what is excused, why, by whom and until when; and `[waivers]`: how far that may go.

use super::effective::{WaiverEntry, WaiverRules};
use super::words::{day, flag, only, pattern, text, word};
use crate::parse::Problem;
use crate::parse::toml::{Entry, Table};
use crate::source::{FileId, Spanned};

/// Keys of a waiver.
pub(super) const KEYS: &[&str] = &[
    "fingerprint",
    "rule",
    "advisory",
    "subject",
    "path",
    "content",
    "reason",
    "owner",
    "until",
    "until-reason",
    "status",
    "justification",
];
/// What a flaw does, in the words of OpenVEX.
pub const STATUSES: &[&str] = &["not_affected", "affected", "under_investigation", "fixed"];
/// Why one does not matter, in the words of OpenVEX.
pub const JUSTIFICATIONS: &[&str] = &[
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
];
/// Keys of `[waivers]`.
pub(super) const RULES: &[&str] = &["max-days", "local"];
/// Waivers of a file. The longest real lists of ignores have a few hundred.
const MANY: usize = 2_000;

/// Reads `[[waiver]]`. An entry with a mistake is left out whole.
pub(super) fn read(entry: &Entry, file: FileId, problems: &mut Vec<Problem>) -> Vec<WaiverEntry> {
    let mut out = Vec::new();
    let Some(items) = entry.value.as_array() else {
        problems.push(Problem::new(entry.span(), "`waiver` is a list of tables, `[[waiver]]`"));
        return out;
    };
    for item in items {
        if out.len() == MANY {
            problems.push(Problem::new(item.span, format!("a policy has at most {MANY} waivers")));
            break;
        }
        let Some(table) = item.as_table() else {
            problems.push(Problem::new(item.span, "a waiver is a table with `reason` and what it excuses"));
            continue;
        };
        let before = problems.len();
        let waiver = one(table, file, problems);
        if problems.len() == before {
            out.push(waiver);
        }
    }
    out
}

fn one(table: &Table, file: FileId, problems: &mut Vec<Problem>) -> WaiverEntry {
    only(table, "`[[waiver]]`", KEYS, problems);
    let waiver = WaiverEntry {
        fingerprint: text(table, "fingerprint", problems),
        rule: text(table, "rule", problems),
        advisory: text(table, "advisory", problems),
        subject: text(table, "subject", problems),
        path: text(table, "path", problems).and_then(|path| pattern(path, problems)),
        content: text(table, "content", problems),
        reason: text(table, "reason", problems),
        owner: text(table, "owner", problems),
        until: day(table, "until", problems),
        until_reason: text(table, "until-reason", problems),
        status: word(table, "status", STATUSES, problems),
        justification: word(table, "justification", JUSTIFICATIONS, problems),
        file,
        from: String::new(),
        span: table.header.unwrap_or(table.span),
    };
    let here = waiver.span;
    if table.get("reason").is_none() {
        problems.push(Problem::new(here, "a waiver without `reason`: say why this is safe"));
    }
    if ["fingerprint", "rule", "advisory"].iter().all(|key| table.get(key).is_none()) {
        problems.push(Problem::new(here, "a waiver names a `fingerprint`, a `rule` or an `advisory`"));
    }
    if waiver.until_reason.is_some() && table.get("until").is_none() {
        problems.push(Problem::new(here, "`until-reason` without `until`"));
    }
    let is_harmless = waiver.status.as_ref().is_some_and(|status| status.as_str() == "not_affected");
    if let Some(value) = table.get("justification").filter(|_| !is_harmless) {
        problems.push(Problem::new(value.span, "`justification` without `status = \"not_affected\"`"));
    }
    for part in [&waiver.rule, &waiver.advisory, &waiver.subject].into_iter().flatten() {
        if part.as_str().contains('*') {
            problems.push(Problem::new(part.span, "`*` means nothing here: a waiver names what it excuses"));
        }
    }
    let digits = |text: &str, length: usize| text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit());
    if let Some(print) = &waiver.fingerprint {
        let (identity, content) = print.as_str().split_once(':').map_or((print.as_str(), None), |(a, b)| (a, Some(b)));
        if !digits(identity, 32) || content.is_some_and(|content| !digits(content, 16)) {
            let why = "a fingerprint is 32 hexadecimal digits, with a colon and 16 more where the content counts";
            problems.push(Problem::new(print.span, why));
        } else if content.is_some() && waiver.content.is_some() {
            problems.push(Problem::new(print.span, "the content stands in `fingerprint` and in `content`"));
        }
    }
    if let Some(content) = waiver.content.as_ref().filter(|content| !digits(content.as_str(), 16)) {
        problems
            .push(Problem::new(content.span, "`content` is the second half of a fingerprint, 16 hexadecimal digits"));
    }
    waiver
}

/// Reads `[waivers]`.
pub(super) fn rules(table: &Table, problems: &mut Vec<Problem>) -> WaiverRules {
    only(table, "`[waivers]`", RULES, problems);
    let mut out = WaiverRules { local: flag(table, "local", problems), ..WaiverRules::default() };
    if let Some(value) = table.get("max-days") {
        let days =
            value.as_integer().and_then(|days| u32::try_from(days).ok()).filter(|days| (1..=3_650).contains(days));
        match days {
            Some(days) => out.max_days = Some(Spanned::new(days, value.span)),
            None => problems.push(Problem::new(value.span, "`max-days` is a number of days, from 1 to 3650")),
        }
    }
    out
}
