//! What only the page of a gate has: what was compared, who forced it open, what needs approval, what is fixed.

use super::page::{Limits, Page, at, text};
use crate::audit::{Audit, Verdict};
use crate::report::gate;
use crate::report::tally::count;

/// Room that is kept for what comes after the approvals, in parts of what advises may fill.
const SHARE: usize = 2;

/// Under the heading: an override first, then base and head, states, baseline and services.
pub(super) fn compared(audit: &Audit, page: &mut Page) {
    if let Some(of) = &audit.gate {
        if let Some(forced) = gate::forced(of) {
            page.line(&format!("> **{}**\n", text(&forced)));
        }
        page.line(&format!("Compared: {}  ", text(&gate::compared(of))));
        page.line(&format!("Findings: {}  ", text(&gate::counts(audit, of))));
        if let Some(words) = gate::baseline(of) {
            page.line(&format!("Baseline: {}  ", text(&words)));
        }
    }
    // Those that do not pass come first, since the line may be cut.
    let mut services: Vec<_> = audit.services.iter().collect();
    services.sort_by_key(|s| s.verdict == Verdict::Pass);
    if !services.is_empty() {
        let parts: Vec<String> = services.iter().map(|s| gate::service(s)).collect();
        page.line(&format!("Services: {}  ", text(&parts.join(" · "))));
    }
    if audit.gate.is_some() || !audit.services.is_empty() {
        page.line("");
    }
}

/// Lines that excuse findings and that the change itself brings.
pub(super) fn approvals(audit: &Audit, limits: Limits, page: &mut Page) {
    let Some(of) = &audit.gate else { return };
    let (open, agreed) = gate::approvals(of);
    for (title, list) in [("What needs approval", open), ("What was approved", agreed)] {
        if list.is_empty() {
            continue;
        }
        page.line(&format!("\n### {title}\n"));
        let entries = list.iter().map(|approval| {
            let (path, what) = (at(&approval.path, approval.line), text(&approval.text));
            format!("- {path}: {what}<br>{}", text(&gate::excuses(audit, approval)))
        });
        let end = page.text.len() + (limits.advise.saturating_sub(page.text.len())) / SHARE;
        cut(page, entries, end, "more line");
    }
}

/// What the base has and the change takes away.
pub(super) fn fixed(audit: &Audit, limits: Limits, page: &mut Page) {
    let Some(of) = audit.gate.as_ref().filter(|g| !g.fixed.is_empty()) else { return };
    page.line("\n### What this fixes\n");
    let entries = of.fixed.iter().map(|f| format!("- {} ({} of the base)", text(&f.message), at(&f.path, f.line)));
    cut(page, entries, limits.right, "more finding");
}

fn cut(page: &mut Page, entries: impl ExactSizeIterator<Item = String>, end: usize, what: &str) {
    let left = page.entries(entries, end);
    if left > 0 {
        page.line(&format!("\nThe list was cut: {} left out; the audit as JSON has all of them.", count(left, what)));
    }
}
