//! What a gate has to say beyond its findings, in words that the terminal and the pages share: what was compared,
//! how many findings have which state, what needs somebody's approval. Unescaped: whoever shows it escapes it.

use std::fmt::Write as _;

use super::tally::{count, word};
use crate::audit::{Approval, Audit, Decision, Finding, Gate, Mode, Revision, ServiceVerdict, State};

/// Characters of a commit that are shown.
const SHORT: usize = 7;

/// Positions of findings, sorted by weight, so that those that the change brings come first.
pub(super) fn brought_first(audit: &Audit, of: &mut [usize]) {
    if audit.gate.is_some() {
        // A stable sort: by weight within.
        of.sort_by_key(|index| !audit.findings[*index].state.is_brought());
    }
}

/// Findings of a decision, those that a change brings before those that stood there.
pub(super) fn in_order(audit: &Audit, decision: Decision) -> Vec<&Finding> {
    let mut of: Vec<usize> = (0..audit.findings.len()).filter(|i| audit.findings[*i].decision == decision).collect();
    brought_first(audit, &mut of);
    of.into_iter().map(|index| &audit.findings[index]).collect()
}

/// Whether a report of what matters now names a finding. A gate is silent on what it is not held against.
pub(super) fn is_told(audit: &Audit, finding: &Finding) -> bool {
    audit.gate.is_none() || finding.decision != Decision::Note || finding.state.is_brought()
}

/// `base 1a2b3c4 (first parent of the merge commit) .. head 5d6e7f8 · 12 changed files`.
pub(super) fn compared(gate: &Gate) -> String {
    let base = match (&gate.base, &gate.baseline) {
        (Some(base), _) => format!("base {}", revision(base)),
        (None, Some(baseline)) => format!("baseline {}", baseline.path),
        (None, None) => "nothing".to_owned(),
    };
    let mut out = format!("{base} .. head {}", revision(&gate.head));
    if gate.base.is_some() {
        let _ = write!(out, " · {}", count(gate.changed_files, "changed file"));
    }
    if gate.mode == Mode::All {
        out.push_str(" · held against all findings");
    }
    out
}

fn revision(of: &Revision) -> String {
    let called = match &of.commit {
        // The name says no more than the commit, or than how it was found.
        Some(commit) if commit.starts_with(&of.name) || of.name.starts_with("HEAD") => short(commit).to_owned(),
        Some(commit) => format!("{} {}", of.name, short(commit)),
        None => of.name.clone(),
    };
    if of.how.is_empty() { called } else { format!("{called} ({})", of.how) }
}

fn short(commit: &str) -> &str {
    commit.get(..SHORT).unwrap_or(commit)
}

/// How many findings have which state: `2 new block · 1 fixed · 14 existing (3 would block by themselves)`.
pub(super) fn counts(audit: &Audit, gate: &Gate) -> String {
    let mut parts = Vec::new();
    for state in State::ALL.iter().filter(|s| s.is_brought() || **s == State::Spread) {
        for (decision, called) in [(Decision::Block, "block"), (Decision::Advise, "advise"), (Decision::Note, "note")] {
            let n = audit.findings.iter().filter(|f| f.state == *state && f.decision == decision).count();
            parts.extend((n > 0).then(|| match state {
                State::Expired => format!("{n} {called} no longer excused"),
                State::NeedsApproval => format!("{n} {called} needs approval"),
                _ => format!("{n} {} {called}", state.as_str()),
            }));
        }
    }
    if parts.is_empty() {
        parts.push("nothing new".to_owned());
    }
    if !gate.fixed.is_empty() {
        parts.push(format!("{} fixed", gate.fixed.len()));
    }
    let existing: Vec<&Finding> = audit.findings.iter().filter(|f| f.state == State::Existing).collect();
    if !existing.is_empty() {
        let held = existing.iter().filter(|f| f.decision == Decision::Block).count();
        let alone = existing.iter().filter(|f| f.alone == Some(Decision::Block)).count();
        let aside = match (held, alone) {
            (0, 0) => String::new(),
            (0, n) => format!(" ({n} would block by {})", if n == 1 { "itself" } else { "themselves" }),
            (n, _) => format!(" ({n} block)"),
        };
        parts.push(format!("{} existing{aside}", existing.len()));
    }
    let waived = audit.findings.iter().filter(|f| f.state == State::Suppressed).count();
    if waived > 0 {
        parts.push(format!("{waived} waived"));
    }
    parts.join(" · ")
}

/// Size and age of the baseline, where one stands in for the base.
pub(super) fn baseline(gate: &Gate) -> Option<String> {
    gate.baseline.as_ref().map(|b| {
        format!(
            "{} with {}, {} of them blocking by themselves, {} no longer found; written {}, {} ago",
            b.path,
            if b.entries == 1 { "1 entry".to_owned() } else { format!("{} entries", b.entries) },
            b.blocking,
            b.gone,
            b.written,
            days(b.age_days)
        )
    })
}

/// `1 day`, `3 days`.
pub(super) fn days(days: i64) -> String {
    format!("{days} day{}", if days == 1 { "" } else { "s" })
}

/// Who forced the gate open, and what it would have said.
pub(super) fn forced(gate: &Gate) -> Option<String> {
    gate.forced.as_ref().map(|f| {
        let reason = if f.reason.is_empty() { "no reason given" } else { &f.reason };
        format!("FORCED OPEN by {}: {reason} (the verdict without it is {})", f.by, word(f.verdict))
    })
}

/// How a finding stands to the base, where that is worth a word beside a new one.
pub(super) fn remark(finding: &Finding) -> Option<&'static str> {
    match finding.state {
        State::Changed => Some("changed: the base has it in another form"),
        State::Expired => Some("what excused it has come to its end"),
        State::NeedsApproval => Some("needs approval: the change itself brings what excuses it"),
        State::Spread => Some("spread: the base has the same in a sibling file"),
        State::New | State::Existing | State::Suppressed | State::Fixed => None,
    }
}

/// What the change brings to excuse findings and nobody agreed to, then what somebody agreed to.
pub(super) fn approvals(gate: &Gate) -> (Vec<&Approval>, Vec<&Approval>) {
    gate.approvals.iter().partition(|a| a.by.is_none())
}

/// `would excuse unpinned-action at .github/workflows/a.yml:12 and 2 more`.
pub(super) fn excuses(audit: &Audit, approval: &Approval) -> String {
    let verb = if approval.by.is_some() { "excuses" } else { "would excuse" };
    let known: Vec<&Finding> =
        approval.findings.iter().filter_map(|id| audit.findings.iter().find(|f| f.fingerprint == *id)).collect();
    let by = approval.by.as_ref().map(|by| format!(", approved by {by}")).unwrap_or_default();
    match known.first() {
        Some(first) => {
            let more = approval.findings.len() - 1;
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("{verb} {} at {}:{}{more}{by}", first.rule, first.path, first.line)
        }
        None => format!("{verb} {}{by}", count(approval.findings.len(), "finding")),
    }
}

/// `api FAIL (2 block, @team-api)`.
pub(super) fn service(of: &ServiceVerdict) -> String {
    let mut told = Vec::new();
    if of.block > 0 {
        told.push(format!("{} block", of.block));
    }
    if of.advise > 0 {
        told.push(format!("{} advise", of.advise));
    }
    told.extend(of.owner.clone());
    if !of.ships.is_empty() {
        told.push(format!("ships {}", of.ships.join(", ")));
    }
    let told = if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) };
    format!("{} {}{told}", of.name, word(of.verdict))
}
