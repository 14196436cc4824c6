//! Code Quality: a list of issues with a place and a fingerprint each.
//! Source: GitLab Docs, "Code Quality report format". GitLab stops reading at the first issue it does not
//! understand, and shows one of several that have the same fingerprint.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::audit::{Audit, Decision, Finding};
use crate::diag::Severity;
use crate::diag::fingerprint::{digest, hex};
use crate::report::escape::{shorten, terminal as clean};
use crate::report::excused::is_excused;
use crate::report::{gate, tally};

/// Characters of a description: ours.
const DESCRIPTION: usize = 2000;
/// Name of what could not be read, in place of a rule's.
const INCOMPLETE: &str = "incomplete";
/// The tree itself, for what has no file.
const TREE: &str = ".";

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

pub(in crate::report) fn render(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let mut seen = BTreeMap::new();
    let mut issues: Vec<Issue> = Vec::new();
    let forced = audit.gate.as_ref().and_then(gate::forced);
    issues.extend(forced.map(|words| issue("forced-open", &words, "blocker", (TREE, 1), "forced", &mut seen)));
    let findings = audit.findings.iter().filter(|f| !is_excused(f));
    issues.extend(
        findings.map(|f| issue(&f.rule, &description(f), severity(f), (&f.path, f.line), &f.fingerprint, &mut seen)),
    );
    // An issue of its own, so that an audit that could not look does not pass for one that found nothing.
    for (path, why) in tally::missing(audit) {
        let path = if path.is_empty() { TREE } else { path };
        let words = format!("could not be read: {why}");
        issues.push(issue(INCOMPLETE, &words, "major", (path, 1), &format!("{path}:{why}"), &mut seen));
    }
    serde_json::to_writer(&mut *out, &issues).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

/// `basis` is what it is known by; equal ones are counted.
fn issue(
    name: &str,
    words: &str,
    severity: &'static str,
    (path, line): (&str, u32),
    basis: &str,
    seen: &mut BTreeMap<String, usize>,
) -> Issue {
    let known = seen.entry(format!("{name}\n{basis}")).or_default();
    *known += 1;
    let fingerprint = hex(&digest(&[name, basis, &known.to_string()])[..16]);
    Issue {
        description: shorten(&clean(words), DESCRIPTION),
        check_name: clean(name),
        fingerprint,
        severity,
        location: Location { path: path.to_owned(), lines: Lines { begin: line.max(1) } },
    }
}

/// What is wrong, why it blocks, and what to do: the widget shows nothing else.
fn description(finding: &Finding) -> String {
    let mut out = finding.message.clone();
    if let Some(title) = tally::published_title(finding) {
        out.push_str(&format!(": {title}"));
    }
    if let Some(because) = &finding.because {
        out.push_str(&format!("; blocks: {because}"));
    }
    if let Some(remark) = gate::remark(finding) {
        out.push_str(&format!("; {remark}"));
    }
    if let Some(advice) = finding.advice.first() {
        out.push_str(&format!("; fix: {advice}"));
    }
    out
}

/// What blocks is a blocker, whatever its severity: the decision is what a reader of the widget acts on.
fn severity(finding: &Finding) -> &'static str {
    match (finding.decision, finding.severity) {
        (Decision::Block, _) => "blocker",
        (_, Severity::Critical) => "critical",
        (_, Severity::High) => "major",
        (_, Severity::Medium) => "minor",
        (_, Severity::Low | Severity::Info) => "info",
    }
}
