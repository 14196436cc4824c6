//! The folded end of a page: what was not read, and what the audit rests on.

use super::page::{Limits, Page, at, text};
use crate::audit::{Audit, Status};
use crate::report::tally::{count, lost};

pub(super) fn coverage(audit: &Audit, limits: Limits, page: &mut Page) {
    let coverage = &audit.coverage;
    let mut entries: Vec<String> = Vec::new();
    for file in lost(audit).chain(coverage.files.iter().filter(|f| f.status == Status::Skipped)) {
        let status = match file.status {
            Status::Partial => "in part",
            Status::Unread => "unread",
            Status::Skipped | Status::Read => "skipped",
        };
        let aside = if file.counts || file.status == Status::Skipped { "" } else { ", set aside" };
        let why = file.why.as_deref().unwrap_or("");
        entries.push(format!("- {status}{aside}: {} ({}): {}", text(&file.path), file.role.as_str(), text(why)));
    }
    entries.extend(coverage.gaps.iter().map(|g| format!("- gap: {}: {}", at(&g.path, g.line), text(&g.why))));
    entries.extend(coverage.passed_over.iter().map(|p| format!("- passed over: {}: {}", text(&p.path), text(&p.why))));
    entries.extend(coverage.unknown.iter().map(|u| format!("- unknown: {}", text(u))));
    let before = coverage.unknown_before.iter();
    entries.extend(before.map(|u| format!("- unknown, and the base could not tell either: {}", text(u))));
    entries.extend(coverage.not_auditable.iter().map(|a| {
        let more = if a.names.len() < a.count { " and more" } else { "" };
        let line = a.because.as_ref().map(|spot| format!(" ({})", at(&spot.path, spot.line))).unwrap_or_default();
        let hint = a.hint.as_ref().map(|hint| format!("; {}", text(hint))).unwrap_or_default();
        format!("- no advisories for: {} {}{line}: {}{more}{hint}", a.count, text(&a.what), text(&a.names.join(", ")))
    }));
    if !entries.is_empty() {
        page.line(&format!(
            "\n<details><summary>Coverage: {} not read in full or not known</summary>\n",
            count(entries.len(), "item")
        ));
        let left = page.entries(entries.into_iter(), limits.coverage);
        if left > 0 {
            page.line(&format!("\nThe list was cut: {left} more are left out; the audit as JSON has all of them."));
        }
        page.line("\n</details>");
    }
    let sources: Vec<String> = audit
        .knowledge
        .sources
        .iter()
        .map(|s| format!("- {}: {} at {}", text(&s.ecosystem), text(&s.name), text(&s.commit)))
        .collect();
    page.line("\n<details><summary>What this rests on</summary>\n");
    page.line(&format!(
        "- {} {}, on {}",
        text(&audit.tool.name),
        text(&audit.tool.version),
        text(&audit.knowledge.today)
    ));
    page.line(&format!("- policy: {}, SHA-256 {}", text(&audit.policy), text(&audit.policy_digest)));
    page.line(&format!("- index: {}, SHA-256 {}", text(&audit.knowledge.index), text(&audit.knowledge.digest)));
    let left = page.entries(sources.into_iter(), limits.whole);
    if left > 0 {
        page.line(&format!("- and {}", count(left, "more source")));
    }
    page.line("\n</details>");
}
