//! What follows from the states: decisions, groups and the verdict.

use std::collections::{BTreeMap, BTreeSet};

use crate::audit::{Audit, Decision, Finding, Mode, State};
use crate::config::{Effective, Level};
use crate::decide::{assemble, groups, services};
use crate::diag::Impact;

/// Decides by state, as the policy says, and draws the verdict anew.
pub fn settle(audit: &mut Audit, mode: Mode, policy: Option<&Effective>) {
    let spread = policy.and_then(|p| p.gate.spread.as_ref()).map_or(Level::Advise, |level| level.value);
    let approved: BTreeSet<&str> = audit
        .gate
        .iter()
        .flat_map(|gate| gate.approvals.iter().filter(|a| a.by.is_some()))
        .flat_map(|a| a.findings.iter().map(String::as_str))
        .collect();
    for finding in &mut audit.findings {
        if finding.state == State::NeedsApproval && approved.contains(finding.fingerprint.as_str()) {
            finding.state = State::Suppressed;
        }
        weigh(finding, mode, spread);
    }
    let mut counts: BTreeMap<State, usize> = BTreeMap::new();
    for finding in &audit.findings {
        *counts.entry(finding.state).or_default() += 1;
    }
    if let Some(gate) = &mut audit.gate {
        // What was agreed to since is no longer waiting.
        let is_fixed = |(state, _): &(State, usize)| *state == State::Fixed;
        counts.extend(std::mem::take(&mut gate.counts).into_iter().filter(is_fixed));
        gate.counts = counts;
    }
    audit.findings.sort_by(assemble::order);
    audit.groups = groups::group(&audit.findings);
    audit.complete = audit.completeness();
    audit.verdict = audit.judged();
    if let Some(policy) = policy {
        audit.services = services::verdicts(audit, policy);
    }
}

fn weigh(finding: &mut Finding, mode: Mode, spread: Level) {
    let alone = finding.alone.unwrap_or(finding.decision);
    let decision = match finding.state {
        // Code that is known to attack is no debt that a project may carry.
        State::Existing | State::Spread if finding.impact == Some(Impact::Malicious) => alone,
        State::New | State::Changed | State::Expired => alone,
        // What the change brings to excuse itself excuses nothing until somebody agrees.
        State::NeedsApproval => alone,
        State::Spread => alone.max(of_level(spread)),
        State::Existing if mode == Mode::All => alone,
        State::Existing | State::Suppressed | State::Fixed => Decision::Note,
    };
    finding.alone = (alone != decision).then_some(alone);
    finding.decision = decision;
    finding.shown = decision != Decision::Note;
    if decision != Decision::Block {
        finding.because = None;
    }
}

/// Decisions are ordered from the weightiest down.
fn of_level(level: Level) -> Decision {
    match level {
        Level::Block => Decision::Block,
        Level::Advise => Decision::Advise,
        Level::Note => Decision::Note,
    }
}
