//! GitHub workflow commands: annotations beside the lines, then one line that says what they leave
//! out.
//!
//! The runner keeps ten annotations of a level and step and drops the rest in silence, so the
//! choice is made here: one of every group first, the weightiest first, and the rest is counted.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::escape::{line as guarded, shorten, terminal as clean, workflow_data, workflow_property};
use super::gate;
use super::tally::{Tally, count, lost, missing, published_title, route, word};
use crate::audit::{Audit, Decision, Finding, Gate, Verdict};

/// Annotations of a level that GitHub shows for one step.
const PER_LEVEL: usize = 10;
/// Length of a message and of a title; the runner cuts at 4,096 and the page at 255.
const MESSAGE: usize = 2000;
const TITLE: usize = 200;
/// Annotations of lines that need approval.
const APPROVALS: usize = 3;
/// Reasons named in the annotation of an incomplete audit.
const REASONS: usize = 5;

pub(super) fn render(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let incomplete = incomplete(audit);
    let fails = audit.judged() == Verdict::Incomplete;
    let mut errors = Vec::new();
    let mut warnings = Vec::new();
    errors.extend(audit.gate.as_ref().and_then(opened));
    if let Some(annotation) = incomplete {
        if fails { errors.push(annotation) } else { warnings.push(annotation) }
    }
    warnings.extend(waiting(audit));
    let mut left = 0;
    for (decision, level, list) in
        [(Decision::Block, "error", &mut errors), (Decision::Advise, "warning", &mut warnings)]
    {
        let mut of: Vec<usize> =
            (0..audit.findings.len()).filter(|i| audit.findings[*i].decision == decision).collect();
        gate::brought_first(audit, &mut of);
        let chosen = choose(audit, &of, PER_LEVEL - list.len());
        left += of.len() - chosen.len();
        list.extend(chosen.into_iter().map(|i| annotation(level, &audit.findings[i])));
    }
    let mut notices = gaps(audit);
    let shown: Vec<usize> = (0..audit.findings.len())
        .filter(|i| {
            let finding = &audit.findings[*i];
            finding.decision == Decision::Note && finding.shown && gate::is_told(audit, finding)
        })
        .collect();
    left += shown.len();
    let unseen = notices.len().saturating_sub(PER_LEVEL);
    notices.truncate(PER_LEVEL);
    for index in choose(audit, &shown, PER_LEVEL - notices.len()) {
        left -= 1;
        notices.push(annotation("notice", &audit.findings[index]));
    }
    for line in errors.iter().chain(&warnings).chain(&notices) {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "{}", guarded(&summary(audit, left, unseen)))
}

/// At most `room` of the findings, in their order: one of every group before a second of any.
fn choose(audit: &Audit, of: &[usize], room: usize) -> Vec<usize> {
    if of.len() <= room {
        return of.to_vec();
    }
    let known: BTreeSet<usize> = of.iter().copied().collect();
    let leaders = audit.groups.iter().filter_map(|g| g.findings.first()).filter(|i| known.contains(i));
    let mut chosen = BTreeSet::new();
    for index in leaders.chain(of) {
        if chosen.len() == room {
            break;
        }
        chosen.insert(*index);
    }
    of.iter().copied().filter(|index| chosen.contains(index)).collect()
}

fn annotation(level: &str, finding: &Finding) -> String {
    let line = finding.line.max(1);
    let end = finding.end_line.max(line);
    let mut at = format!("file={},line={line},endLine={end}", workflow_property(&finding.path));
    // GitHub takes columns only where a finding stays on its line.
    if end == line {
        at.push_str(&format!(",col={}", finding.column.max(1)));
    }
    let title = match &finding.advisory {
        Some(topic) => format!("{} ({}, {})", topic.id, finding.rule, finding.severity.as_str()),
        None => format!("{} ({})", finding.rule, finding.severity.as_str()),
    };
    let mut message = finding.message.clone();
    if let Some(called) = published_title(finding) {
        message.push_str(&format!("\n{called}"));
    }
    if let Some(because) = &finding.because {
        message.push_str(&format!("\nblocks: {because}"));
    }
    if let Some(remark) = gate::remark(finding) {
        message.push_str(&format!("\n{remark}"));
    }
    if let Some(route) = route(finding) {
        message.push_str(&format!("\n{route}"));
    }
    if let Some(advice) = finding.advice.first() {
        message.push_str(&format!("\nfix: {advice}"));
    }
    command(level, &at, &title, &message)
}

fn command(level: &str, at: &str, title: &str, message: &str) -> String {
    let comma = if at.is_empty() { "" } else { "," };
    let title = workflow_property(&shorten(title, TITLE));
    format!("::{level} {at}{comma}title={title}::{}", workflow_data(&shorten(message, MESSAGE)))
}

/// That somebody forced the gate open. The job is green, so it is said as an error.
fn opened(of: &Gate) -> Option<String> {
    gate::forced(of).map(|words| command("error", "", "gate forced open", &words))
}

/// Lines that somebody other than the change has to agree to. The findings they would excuse are told by themselves.
fn waiting(audit: &Audit) -> Vec<String> {
    let Some(of) = &audit.gate else { return Vec::new() };
    let (open, _) = gate::approvals(of);
    open.iter()
        .take(APPROVALS)
        .map(|approval| {
            let at = format!("file={},line={}", workflow_property(&approval.path), approval.line.max(1));
            let message = format!("{}\n{}", approval.text, gate::excuses(audit, approval));
            command("warning", &at, "needs approval", &message)
        })
        .collect()
}

/// What the audit is incomplete for. An error where that decides the verdict.
fn incomplete(audit: &Audit) -> Option<String> {
    if audit.complete {
        return None;
    }
    let reasons = missing(audit);
    let named: Vec<String> = reasons
        .iter()
        .take(REASONS)
        .map(|(what, why)| if what.is_empty() { (*why).to_owned() } else { format!("{what}: {why}") })
        .collect();
    let more = reasons.len().saturating_sub(REASONS);
    let more = if more > 0 { format!("\nand {more} more") } else { String::new() };
    let level = if audit.judged() == Verdict::Incomplete { "error" } else { "warning" };
    let message = format!(
        "not everything could be read, so nothing found does not mean nothing there\n{}{more}",
        named.join("\n")
    );
    Some(command(level, "", "incomplete", &message))
}

/// What was not read, the places first. A file whose places are listed is not repeated.
fn gaps(audit: &Audit) -> Vec<String> {
    let placed: BTreeSet<&str> = audit.coverage.gaps.iter().map(|g| g.path.as_str()).collect();
    let mut found: Vec<(bool, &str, u32, &str)> =
        audit.coverage.gaps.iter().map(|g| (!g.counts, g.path.as_str(), g.line.max(1), g.why.as_str())).collect();
    let files = lost(audit).filter(|f| !placed.contains(f.path.as_str()));
    found.extend(files.map(|f| (!f.counts, f.path.as_str(), 1, f.why.as_deref().unwrap_or("not read"))));
    if audit.gate.is_some() {
        // The change is not asked about what it did not touch.
        found.retain(|(aside, ..)| !aside);
    }
    // What the verdict is held against comes first.
    found.sort_by_key(|(aside, ..)| *aside);
    found
        .into_iter()
        .map(|(aside, path, line, why)| {
            let title = if aside { "not read, set aside" } else { "not read" };
            command("notice", &format!("file={},line={line}", workflow_property(path)), title, why)
        })
        .collect()
}

fn summary(audit: &Audit, left: usize, unseen: usize) -> String {
    let tally = Tally::of(audit);
    let mut line = format!(
        "cargo-custody: {} ({}): {} block, {} advise, {} note; read {}/{}",
        word(audit.judged()),
        clean(&audit.policy),
        tally.block,
        tally.advise,
        tally.note,
        tally.read,
        count(tally.due(), "file")
    );
    if !audit.complete && audit.judged() != Verdict::Incomplete {
        line.push_str("; incomplete");
    }
    if let Some(of) = &audit.gate {
        line.push_str(&format!("; {}", clean(&gate::counts(audit, of))));
        if of.forced.is_some() {
            line.push_str("; FORCED OPEN");
        }
    }
    if left > 0 {
        line.push_str(&format!("; {} not annotated", count(left, "more finding")));
    }
    if unseen > 0 {
        line.push_str(&format!("; {} not annotated", count(unseen, "more gap")));
    }
    line
}
