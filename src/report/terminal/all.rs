//! Everything, one by one: what `--all` shows.

use std::fmt::Write as _;

use super::groups::route;
use super::paint::Paint;
use crate::audit::{Audit, Decision, Finding, Status};
use crate::report::escape::terminal as clean;
use crate::report::{Options, gate, snippet, tally};

/// Findings one by one and the coverage whole: nothing is left out.
pub(super) fn all(
    audit: &Audit,
    options: &Options<'_>,
    paint: Paint<'_>,
    mut between: Vec<String>,
    lines: &mut Vec<String>,
) {
    for (decision, title) in [
        (Decision::Block, paint.red("BLOCK")),
        (Decision::Advise, paint.yellow("ADVISE")),
        (Decision::Note, paint.bold("NOTE")),
    ] {
        if decision == Decision::Advise {
            lines.append(&mut between);
        }
        let of = gate::in_order(audit, decision);
        if of.is_empty() {
            continue;
        }
        lines.push(String::new());
        lines.push(format!("{title}  {}", of.len()));
        for finding in of {
            full(audit, finding, options, paint, lines);
        }
    }
    lines.push(String::new());
    lines.push(paint.bold("COVERAGE"));
    for file in audit.coverage.files.iter().filter(|f| f.status != Status::Read) {
        let status = match file.status {
            Status::Partial => "in part",
            Status::Unread => "unread",
            Status::Skipped | Status::Read => "skipped",
        };
        let aside = if file.counts || file.status == Status::Skipped { "" } else { ", set aside" };
        lines.push(format!(
            "   {status:<8} {} ({}){aside}: {}",
            clean(&file.path),
            file.role.as_str(),
            clean(file.why.as_deref().unwrap_or(""))
        ));
    }
    for gap in &audit.coverage.gaps {
        lines.push(format!("   gap      {}: {}", paint.place(&gap.path, gap.line), clean(&gap.why)));
    }
    for passed in &audit.coverage.passed_over {
        lines.push(format!("   passed   {}: {}", clean(&passed.path), clean(&passed.why)));
    }
    for unknown in &audit.coverage.unknown {
        lines.push(format!("   unknown  {}", clean(unknown)));
    }
    for unknown in &audit.coverage.unknown_before {
        lines.push(format!("   unknown  {} (the base cannot tell either)", clean(unknown)));
    }
    for apart in &audit.coverage.not_auditable {
        let more = if apart.names.len() < apart.count { " and more" } else { "" };
        let names = clean(&apart.names.join(", "));
        let line = apart.because.as_ref().map(|at| format!(" ({}:{})", clean(&at.path), at.line)).unwrap_or_default();
        lines.push(format!("   apart    {} {}{line}: {names}{more}", apart.count, clean(&apart.what)));
        if let Some(hint) = &apart.hint {
            lines.push(format!("            {}", clean(hint)));
        }
    }
    let read = audit.coverage.files.iter().filter(|f| f.status == Status::Read).count();
    lines.push(format!("   read     {read} files in full"));
}

pub(super) fn full(audit: &Audit, finding: &Finding, options: &Options<'_>, paint: Paint<'_>, lines: &mut Vec<String>) {
    lines.push(String::new());
    lines.push(format!("{}  {}", paint.bold(&clean(&finding.rule)), clean(&finding.message)));
    let place = format!("{}:{}:{}", clean(&finding.path), finding.line, finding.column);
    let place = paint.linked(&finding.path, finding.line, &place);
    lines.push(format!("   {place}    {}", clean(&finding.label)));
    let mut facts = format!(
        "{} severity, {} confidence, {}",
        finding.severity.as_str(),
        finding.confidence.as_str(),
        finding.role.as_str()
    );
    if let Some(because) = &finding.because {
        let _ = write!(facts, "; blocks: {}", clean(because));
    }
    if audit.gate.is_some() {
        let _ = write!(facts, "; {}", finding.state.as_str().replace('-', " "));
    }
    if let Some(alone) = finding.alone {
        let _ = write!(facts, "; by itself {}", tally::decided(alone));
    }
    lines.push(format!("   {}", paint.dim(&facts)));
    if let Some(remark) = gate::remark(finding).filter(|_| audit.gate.is_some()) {
        lines.push(format!("   {remark}"));
    }
    if let Some(title) = tally::published_title(finding) {
        lines.push(format!("   {}", clean(title)));
    }
    lines.extend(route(finding));
    if finding.places.len() > 1 {
        let places: Vec<_> = finding.places.iter().skip(1).map(|p| paint.place(&p.path, p.line)).collect();
        lines.push(format!("   also at {}", places.join(", ")));
    }
    for related in &finding.related {
        lines.push(format!("   see {}    {}", paint.place(&related.path, related.line), clean(&related.why)));
    }
    for evidence in &finding.evidence {
        let is_excuse = finding.waiver.as_ref() == Some(evidence);
        let front = if is_excuse { "excused:" } else { "rests on" };
        lines.push(format!("   {front} {}", clean(evidence)));
    }
    for advice in &finding.advice {
        lines.push(format!("   {} {}", paint.green("fix:"), clean(advice)));
    }
    lines.push(format!("   {}", paint.dim(&clean(&finding.fingerprint))));
    if options.snippets {
        let shown = snippet::snippet(audit, finding, options.colour);
        lines.extend(shown.iter().flat_map(|s| s.lines()).map(|line| format!("   {line}")));
    }
}
