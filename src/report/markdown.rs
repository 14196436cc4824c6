//! The summary of a job in Markdown: verdict and coverage first, then what blocks as a table, what
//! advises by group, and the rest folded away. A comment on a pull request is the same page in less room.
//!
//! A page beyond its limit is refused as a whole, so every part has its share of the room and
//! says what it had to leave out.

mod brought;
mod coverage;
mod page;

use std::io::{self, Write};

use super::gate;
use super::tally::{Tally, count, evidence, excused, known, missing, net, route, word};
use crate::audit::{Audit, Decision, Finding, Group, Verdict};
use page::{COMMENT, Limits, Page, SUMMARY, at, text};

/// Places named under a group.
const PLACES: usize = 5;
/// Reasons named beside the verdict of an incomplete audit.
const REASONS: usize = 5;

/// The summary of a job.
pub(super) fn render(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(written(audit, SUMMARY).as_bytes())
}

/// The body of a comment, known again by its first line.
pub(super) fn comment(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", super::COMMENT_MARKER)?;
    out.write_all(written(audit, COMMENT).as_bytes())
}

fn written(audit: &Audit, limits: Limits) -> String {
    let mut page = Page { text: String::new() };
    head(audit, &mut page);
    blocking(audit, limits, &mut page);
    brought::approvals(audit, limits, &mut page);
    advising(audit, limits, &mut page);
    brought::fixed(audit, limits, &mut page);
    good(audit, limits, &mut page);
    coverage::coverage(audit, limits, &mut page);
    if page.text.len() < limits.most { page.text } else { least(audit) }
}

/// What is said where strangers' texts fill even the first lines: numbers, and nothing of theirs.
fn least(audit: &Audit) -> String {
    let mut page = Page { text: String::new() };
    let tally = Tally::of(audit);
    let opened = audit.gate.as_ref().is_some_and(|g| g.forced.is_some());
    page.line(&format!("## {}{}\n", word(audit.judged()), if opened { ", FORCED OPEN" } else { "" }));
    page.line(&format!("**{} block** · **{} advise** · {} note\n", tally.block, tally.advise, tally.note));
    if let Some(of) = &audit.gate {
        page.line(&format!("Findings: {}\n", gate::counts(audit, of)));
    }
    if !audit.complete {
        page.line(&format!("Not everything could be read: {}\n", count(missing(audit).len(), "reason")));
    }
    page.line("The page was too long and is left out; the audit as JSON has all of it.");
    page.text
}

fn head(audit: &Audit, page: &mut Page) {
    let tally = Tally::of(audit);
    let commit = audit.commit.as_deref().map(|c| format!(" @ {}", text(c.get(..12).unwrap_or(c)))).unwrap_or_default();
    let opened = if audit.gate.as_ref().is_some_and(|g| g.forced.is_some()) { ", FORCED OPEN" } else { "" };
    page.line(&format!(
        "## {}{opened}: {}{commit}\n",
        word(audit.judged()),
        text(audit.name.as_deref().unwrap_or("repository"))
    ));
    page.line(&format!(
        "**{} block** ({}) · **{} advise** · {} note\n",
        tally.block,
        text(&audit.policy),
        tally.advise,
        tally.note
    ));
    brought::compared(audit, page);
    let reasons = missing(audit);
    if !audit.complete {
        let also = if audit.judged() == Verdict::Incomplete { "Not" } else { "Also incomplete: not" };
        page.line(&format!("{also} everything could be read, so nothing found does not mean nothing there:\n"));
        for (what, why) in reasons.iter().take(REASONS) {
            let what = if what.is_empty() { String::new() } else { format!("{}: ", text(what)) };
            page.line(&format!("- {what}{}", text(why)));
        }
        if reasons.len() > REASONS {
            page.line(&format!("- and {} more, see coverage below", reasons.len() - REASONS));
        }
        page.line("");
    }
    let mut read = format!("Read {} of {}", tally.read, count(tally.due(), "file"));
    for (n, what) in [(tally.partial, "in part"), (tally.unread, "unread"), (tally.skipped, "skipped")] {
        if n > 0 {
            read.push_str(&format!(" · {n} {what}"));
        }
    }
    page.line(&format!("{read}  "));
    if !audit.coverage.out_of_scope.is_empty() {
        let parts: Vec<String> =
            audit.coverage.out_of_scope.iter().map(|(name, n)| format!("{} {n}", text(name))).collect();
        page.line(&format!("Out of scope: {}  ", parts.join(", ")));
    }
    if let Some(words) = evidence(audit) {
        page.line(&format!("{}  ", text(&words)));
    }
    // A gate counts them among its states.
    if let Some(words) = excused(audit).filter(|_| audit.gate.is_none()) {
        page.line(&format!("{}  ", text(&words)));
    }
    let sources: Vec<String> = known(audit)
        .iter()
        .map(|k| {
            let (age, records) = (gate::days(k.age_days), count(k.records, "record"));
            format!("{} as of {} ({age} old, {records})", text(k.ecosystem), text(k.as_of))
        })
        .collect();
    let sources = if sources.is_empty() { "none".to_owned() } else { sources.join(", ") };
    let digest = audit.knowledge.digest.get(..12).unwrap_or(&audit.knowledge.digest);
    let whence = text(&net(audit));
    page.line(&format!("Advisories: {sources} · index {} {} · {whence}", text(&audit.knowledge.index), text(digest)));
}

fn blocking(audit: &Audit, limits: Limits, page: &mut Page) {
    let of = gate::in_order(audit, Decision::Block);
    if of.is_empty() {
        return;
    }
    page.line("\n### What blocks\n");
    page.line("| Severity | What | Where | Route | Fix |\n| --- | --- | --- | --- | --- |");
    let left = page.entries(of.iter().map(|f| row(f)), limits.block);
    if left > 0 {
        page.line(&format!(
            "\nThe table was cut: {} that block are left out; the audit as JSON has all of them.",
            count(left, "more finding")
        ));
    }
}

fn row(finding: &Finding) -> String {
    let mut what = text(&finding.message);
    if let Some(topic) = &finding.advisory {
        what.push_str(&format!("<br>{}", text(&topic.id)));
        if let Some(title) = &topic.title {
            what.push_str(&format!(": {}", text(title)));
        }
    }
    if let Some(because) = &finding.because {
        what.push_str(&format!("<br>blocks: {}", text(because)));
    }
    if let Some(remark) = gate::remark(finding) {
        what.push_str(&format!("<br>{remark}"));
    }
    let mut place = at(&finding.path, finding.line);
    let others = finding.places.len().saturating_sub(1);
    if others > 0 {
        place.push_str(&format!("<br>and {}", count(others, "more place")));
    }
    let route = route(finding).map(|r| text(&r)).unwrap_or_default();
    let fix = finding.advice.first().map(|a| text(a)).unwrap_or_default();
    format!("| {} | {what} | {place} | {route} | {fix} |", finding.severity.as_str())
}

fn advising(audit: &Audit, limits: Limits, page: &mut Page) {
    let of: Vec<&Group> = audit.groups.iter().filter(|g| g.decision == Decision::Advise).collect();
    if of.is_empty() {
        return;
    }
    page.line("\n### What advises\n");
    let left = page.entries(of.iter().map(|g| group(audit, g)), limits.advise);
    if left > 0 {
        page.line(&format!(
            "\nThe list was cut: {} left out; the audit as JSON has all of them.",
            count(left, "more group")
        ));
    }
}

fn group(audit: &Audit, group: &Group) -> String {
    let members: Vec<&Finding> = group.findings.iter().filter_map(|i| audit.findings.get(*i)).collect();
    let severity = members.iter().map(|f| f.severity).max().map_or("", |s| s.as_str());
    let mut out = format!("- **{}** ({severity})", text(&group.title));
    for line in &group.lines {
        out.push_str(&format!("<br>{}", text(line)));
    }
    let places: Vec<String> = members.iter().take(PLACES).map(|f| at(&f.path, f.line)).collect();
    if !places.is_empty() {
        let more = members.len() - places.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        out.push_str(&format!("<br>{}{more}", places.join(", ")));
    }
    if let Some(fix) = &group.fix {
        out.push_str(&format!("<br>fix: {}", text(fix)));
    }
    out
}

fn good(audit: &Audit, limits: Limits, page: &mut Page) {
    // Of a change it is not asked what else is right.
    if audit.good.is_empty() || audit.gate.is_some() {
        return;
    }
    page.line("\n### What is right\n");
    let left = page.entries(audit.good.iter().map(|g| format!("- {}", text(g))), limits.right);
    if left > 0 {
        page.line(&format!("- and {left} more"));
    }
}
