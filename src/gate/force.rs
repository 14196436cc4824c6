//! What somebody other than the change says about its gate: that they agree to what it excuses, or that it has to
//! be let in all the same. Both are written down and shown by every report; neither covers malicious code.

use std::collections::{BTreeMap, BTreeSet};

use crate::audit::{Approval, Audit, Decision, Override, State};
use crate::diag::Impact;

/// What a change brings to excuse its own findings: they wait, as many as are named, until somebody agrees. To be
/// called between comparing and deciding.
pub fn await_approval(audit: &mut Audit, approvals: Vec<Approval>) {
    let Some(gate) = &mut audit.gate else { return };
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for print in approvals.iter().flat_map(|approval| &approval.findings) {
        *named.entry(print).or_default() += 1;
    }
    for finding in audit.findings.iter_mut().filter(|f| f.state.is_brought() && f.impact != Some(Impact::Malicious)) {
        if let Some(left) = named.get_mut(finding.fingerprint.as_str()).filter(|left| **left > 0) {
            *left -= 1;
            finding.state = State::NeedsApproval;
        }
    }
    gate.approvals.extend(approvals);
}

/// Somebody agrees to everything that the change brings to excuse findings. To be called between comparing and
/// deciding.
pub fn agree(audit: &mut Audit, by: &str) {
    let Some(gate) = &mut audit.gate else { return };
    for approval in &mut gate.approvals {
        approval.by = Some(by.to_owned());
    }
    let agreed: BTreeSet<&str> = gate.approvals.iter().flat_map(|a| &a.findings).map(String::as_str).collect();
    for finding in &mut audit.findings {
        if finding.state != State::NeedsApproval || !agreed.contains(finding.fingerprint.as_str()) {
            continue;
        }
        if finding.impact == Some(Impact::Malicious) {
            finding.state = State::New;
        } else {
            finding.state = State::Suppressed;
            finding.evidence.push(format!("agreed to: {by}"));
        }
    }
}

/// Forces a gate open that would not pass. To be called once everything is decided.
///
/// # Errors
/// Why it stays shut, in a sentence: there is no gate, nobody says why, or malicious code is what blocks.
pub fn force_open(audit: &mut Audit, by: &str, reason: &str) -> Result<(), String> {
    let verdict = audit.judged();
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    if reason.is_empty() {
        return Err(format!("{by} gives no reason, and nothing is forced open without one"));
    }
    let is_attack = |f: &&crate::audit::Finding| f.impact == Some(Impact::Malicious) && f.decision == Decision::Block;
    if let Some(attack) = audit.findings.iter().find(is_attack) {
        return Err(format!(
            "{by} does not cover malicious code ({} in {}): it has to go first",
            attack.rule, attack.path
        ));
    }
    let Some(gate) = &mut audit.gate else {
        return Err(format!("{by} forces a gate open, and there is none: nothing is compared"));
    };
    // What passes by itself needs nobody.
    if verdict != crate::audit::Verdict::Pass {
        gate.forced = Some(Override { by: by.to_owned(), reason, verdict });
    }
    Ok(())
}

#[cfg(test)]
#[path = "force_tests.rs"]
mod tests;
