//! The summary of a job in Markdown: verdict and coverage first, then what blocks as a table, what
//! advises by group, and the rest folded away.
//!
//! GitHub refuses a summary beyond 1 MiB as a whole, so every part has its share of the room and
//! says what it had to leave out.

use std::io::{self, Write};

use super::escape::{markdown as clean, shorten};
use super::tally::{Tally, count, evidence, excused, known, lost, missing, net, route, word};
use crate::audit::{Audit, Decision, Finding, Group, Status, Verdict};

/// Bytes that may be written: 1 MiB less what another step's text may need.
const ROOM: usize = 900_000;
/// Bytes up to which each part may fill the page. Later parts are never crowded out.
const BLOCK_ENDS: usize = 500_000;
const ADVISE_ENDS: usize = 700_000;
const COVERAGE_ENDS: usize = ROOM - 2000;
/// Length of one text of a stranger, before escaping.
const TEXT: usize = 600;
/// Places named under a group.
const PLACES: usize = 5;
/// Reasons named beside the verdict of an incomplete audit.
const REASONS: usize = 5;

pub(super) fn render(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { text: String::new() };
    head(audit, &mut page);
    blocking(audit, &mut page);
    advising(audit, &mut page);
    good(audit, &mut page);
    coverage(audit, &mut page);
    out.write_all(page.text.as_bytes())
}

/// The text so far.
struct Page {
    text: String,
}

impl Page {
    /// Adds a line of bounded length.
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Adds an entry, unless the part it belongs to is full.
    fn entry(&mut self, entry: &str, end: usize) -> bool {
        let fits = self.text.len() + entry.len() < end;
        if fits {
            self.line(entry);
        }
        fits
    }

    /// Adds entries while they fit and returns how many did not. The first that does not fit ends
    /// the part: a list with holes would be read as complete.
    fn entries(&mut self, entries: impl ExactSizeIterator<Item = String>, end: usize) -> usize {
        let total = entries.len();
        let written = entries.take_while(|entry| self.entry(entry, end)).count();
        total - written
    }
}

/// Text of a stranger: cut, then made inert.
fn text(text: &str) -> String {
    clean(&shorten(text, TEXT))
}

fn at(path: &str, line: u32) -> String {
    format!("{}:{line}", text(path))
}

fn head(audit: &Audit, page: &mut Page) {
    let tally = Tally::of(audit);
    let commit = audit.commit.as_deref().map(|c| format!(" @ {}", text(c.get(..12).unwrap_or(c)))).unwrap_or_default();
    page.line(&format!(
        "## {}: {}{commit}\n",
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
    if let Some(words) = excused(audit) {
        page.line(&format!("{}  ", text(&words)));
    }
    let sources: Vec<String> = known(audit)
        .iter()
        .map(|k| {
            let (age, records) = (count_days(k.age_days), count(k.records, "record"));
            format!("{} as of {} ({age} old, {records})", text(k.ecosystem), text(k.as_of))
        })
        .collect();
    let sources = if sources.is_empty() { "none".to_owned() } else { sources.join(", ") };
    let digest = audit.knowledge.digest.get(..12).unwrap_or(&audit.knowledge.digest);
    let whence = text(&net(audit));
    page.line(&format!("Advisories: {sources} · index {} {} · {whence}", text(&audit.knowledge.index), text(digest)));
}

fn count_days(days: i64) -> String {
    format!("{days} day{}", if days == 1 { "" } else { "s" })
}

fn blocking(audit: &Audit, page: &mut Page) {
    let of: Vec<&Finding> = audit.decided(Decision::Block).collect();
    if of.is_empty() {
        return;
    }
    page.line("\n### What blocks\n");
    page.line("| Severity | What | Where | Route | Fix |\n| --- | --- | --- | --- | --- |");
    let left = page.entries(of.iter().map(|f| row(f)), BLOCK_ENDS);
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
    let mut place = at(&finding.path, finding.line);
    let others = finding.places.len().saturating_sub(1);
    if others > 0 {
        place.push_str(&format!("<br>and {}", count(others, "more place")));
    }
    let route = route(finding).map(|r| text(&r)).unwrap_or_default();
    let fix = finding.advice.first().map(|a| text(a)).unwrap_or_default();
    format!("| {} | {what} | {place} | {route} | {fix} |", finding.severity.as_str())
}

fn advising(audit: &Audit, page: &mut Page) {
    let of: Vec<&Group> = audit.groups.iter().filter(|g| g.decision == Decision::Advise).collect();
    if of.is_empty() {
        return;
    }
    page.line("\n### What advises\n");
    let left = page.entries(of.iter().map(|g| group(audit, g)), ADVISE_ENDS);
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

fn good(audit: &Audit, page: &mut Page) {
    if audit.good.is_empty() {
        return;
    }
    page.line("\n### What is right\n");
    let left = page.entries(audit.good.iter().map(|g| format!("- {}", text(g))), ADVISE_ENDS + 20_000);
    if left > 0 {
        page.line(&format!("- and {left} more"));
    }
}

fn coverage(audit: &Audit, page: &mut Page) {
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
        let left = page.entries(entries.into_iter(), COVERAGE_ENDS);
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
    let left = page.entries(sources.into_iter(), ROOM);
    if left > 0 {
        page.line(&format!("- and {}", count(left, "more source")));
    }
    page.line("\n</details>");
}
