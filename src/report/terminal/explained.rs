//! Some findings and all that is known of them: what `explain` shows.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::paint::Paint;
use super::{all, groups, paint_of};
use crate::audit::{Audit, Decision, Finding};
use crate::report::escape::{line as guarded, terminal as clean};
use crate::report::{Options, tally};

/// How many groups have a number on the first screen.
pub(in crate::report) fn groups_shown(audit: &Audit) -> usize {
    groups::numbered(audit).len()
}

/// The group of this number; whether there is one.
pub(in crate::report) fn explain_group(
    audit: &Audit,
    number: usize,
    options: &Options<'_>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let numbered = groups::numbered(audit);
    let Some(group) = number.checked_sub(1).and_then(|at| numbered.get(at)) else { return Ok(false) };
    let paint = paint_of(options);
    let findings: Vec<&Finding> = group.findings.iter().filter_map(|i| audit.findings.get(*i)).collect();
    let decision = match group.decision {
        Decision::Block => paint.red("BLOCK"),
        Decision::Advise => paint.yellow("ADVISE"),
        Decision::Note => paint.bold("NOTE"),
    };
    let mut lines = vec![format!("{number:<2} {decision}")];
    // Of one finding, the message says it already.
    if findings.len() > 1 || findings.first().is_some_and(|f| f.message != group.title) {
        lines = vec![format!("{number:<2} {decision}  {}", paint.bold(&clean(&group.title)))];
    }
    lines.extend(group.lines.iter().map(|line| format!("   {}", clean(line))));
    if let Some(fix) = group.fix.as_ref().filter(|_| findings.len() > 1) {
        lines.push(format!("   {} {}", paint.green("fix:"), clean(fix)));
    }
    if findings.len() > 1 {
        lines.push(format!("   {}", tally::count(findings.len(), "finding")));
    }
    tell(audit, &findings, options, paint, &mut lines);
    print(&lines, out)?;
    Ok(true)
}

/// These findings.
pub(in crate::report) fn explain_findings(
    audit: &Audit,
    findings: &[&Finding],
    options: &Options<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = paint_of(options);
    let mut lines = Vec::new();
    tell(audit, findings, options, paint, &mut lines);
    // Nothing stands before them.
    lines.remove(0);
    print(&lines, out)
}

/// Findings in full, then where to read on.
fn tell(audit: &Audit, findings: &[&Finding], options: &Options<'_>, paint: Paint<'_>, lines: &mut Vec<String>) {
    for finding in findings {
        all::full(audit, finding, options, paint, lines);
    }
    let call = if options.as_cargo { "cargo custody" } else { "cargo-custody" };
    let rules: BTreeSet<&str> = findings.iter().map(|f| f.rule.as_str()).collect();
    lines.push(String::new());
    let mut title = paint.bold("RULE");
    for rule in rules {
        lines.push(format!("{title}  {call} explain {}", clean(rule)));
        "    ".clone_into(&mut title);
    }
    if let Some(first) = findings.first() {
        let digits = clean(first.fingerprint.get(..12).unwrap_or(&first.fingerprint));
        lines.push(format!("{}  {call} waive {digits} --reason TEXT, where it is none here", paint.bold("SAFE")));
    }
}

fn print(lines: &[String], out: &mut dyn Write) -> io::Result<()> {
    for line in lines {
        writeln!(out, "{}", guarded(line))?;
    }
    Ok(())
}
