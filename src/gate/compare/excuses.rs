//! Whether what excuses a finding was agreed to before the change.

use std::collections::BTreeMap;

use super::Brought;
use super::ground::{Ground, Was};
use crate::audit::{Approval, Finding, Spot, State};
use crate::diag::WaivedBy;

/// The state of a finding, once it is known what the change brings about it and what excuses it. Findings that need
/// the agreement of somebody else are noted beside what would excuse them.
pub(super) fn state(
    before: Option<&Finding>,
    finding: &mut Finding,
    brought: &Brought,
    ground: &Ground<'_>,
    approvals: &mut BTreeMap<Spot, Approval>,
) -> State {
    // Both trees are judged on the same day.
    if finding.state == State::Expired {
        return State::Expired;
    }
    // An entry of the policy that only the change has. What the base has as well it need not excuse to be let in, so
    // that an exception can be a change of its own; the entry is noted all the same.
    if finding.state == State::NeedsApproval {
        let text = finding.waiver.clone().unwrap_or_default();
        let own = Spot { path: finding.path.clone(), line: finding.line };
        note(finding.waived_at.clone().unwrap_or(own), &text, &finding.fingerprint, approvals);
        let stood = before.is_some_and(|before| before.state == State::Existing) && brought.state == State::Existing;
        return if stood { State::Existing } else { State::NeedsApproval };
    }
    let excused_before = before.filter(|before| before.waiver.is_some() && before.state == State::Suppressed);
    let Some(waiver) = finding.waiver.clone() else {
        return match excused_before.and_then(|before| before.waiver.as_ref()) {
            Some(waiver) => {
                finding.evidence.push(format!("the base excuses it, the change does not: {waiver}"));
                State::New
            }
            None => brought.state,
        };
    };
    let is_in_tree = matches!(finding.waived_by, Some(WaivedBy::Comment | WaivedBy::IgnoreFile));
    let is_old = finding.waived_at.as_ref().is_some_and(|at| matches!(ground.was(&at.path, at.line), Was::At(_)));
    let is_agreed = match (excused_before, finding.waived_by) {
        // What does not stand in the tree that is judged was not brought by it.
        _ if !is_in_tree => true,
        (Some(before), by) if brought.state == State::Existing => before.waived_by == by || is_old,
        // An ignore file speaks of an advisory wherever it is met, and so it did before.
        (_, Some(WaivedBy::IgnoreFile)) => is_old && !brought.state.eq(&State::Changed),
        // A comment speaks of what stood beside it, and that is another thing now.
        _ => false,
    };
    if is_agreed {
        return State::Suppressed;
    }
    let stands = finding.waived_at.clone().filter(|_| !is_old);
    let own = Spot { path: finding.path.clone(), line: finding.line };
    let spots = match stands {
        Some(at) => vec![at],
        None if !brought.places.is_empty() => brought.places.clone(),
        None => vec![finding.waived_at.clone().unwrap_or(own)],
    };
    for at in spots {
        note(at, &waiver, &finding.fingerprint, approvals);
    }
    State::NeedsApproval
}

/// Notes what would excuse a finding.
fn note(at: Spot, text: &str, fingerprint: &str, approvals: &mut BTreeMap<Spot, Approval>) {
    let entry = approvals.entry(at.clone()).or_insert_with(|| Approval {
        path: at.path,
        line: at.line,
        text: text.to_owned(),
        findings: Vec::new(),
        by: None,
    });
    if !entry.findings.iter().any(|known| known == fingerprint) {
        entry.findings.push(fingerprint.to_owned());
    }
}
