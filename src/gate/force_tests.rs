use std::collections::BTreeMap;

use super::*;
use crate::audit::{Approval, Finding, Gate, Mode, Revision, Verdict};
use crate::gate::baseline::tests::{audit, finding};

fn gated(findings: Vec<Finding>) -> Audit {
    let approvals = vec![Approval {
        path: "a.yml".to_owned(),
        line: 2,
        text: "a comment".to_owned(),
        findings: findings.iter().map(|f| f.fingerprint.clone()).collect(),
        by: None,
    }];
    let counts = BTreeMap::from([(State::NeedsApproval, findings.len())]);
    let head = Revision { name: "HEAD".to_owned(), commit: None, how: "given".to_owned() };
    let gate = Gate {
        mode: Mode::New,
        base: None,
        head,
        baseline: None,
        changed_files: 1,
        counts,
        fixed: Vec::new(),
        approvals,
        forced: None,
    };
    Audit { gate: Some(gate), ..audit(findings) }
}

fn waiting(impact: Option<Impact>) -> Finding {
    Finding { state: State::NeedsApproval, decision: Decision::Block, impact, ..finding("a.yml", 3, 1, 1) }
}

#[test]
fn who_agrees_is_written_down() {
    let mut audit = gated(vec![waiting(None)]);
    agree(&mut audit, "label custody-approved");
    assert_eq!(audit.findings[0].state, State::Suppressed);
    let gate = audit.gate.unwrap();
    assert_eq!(gate.approvals[0].by.as_deref(), Some("label custody-approved"));
    // Nobody can agree to an attack.
    let mut audit = gated(vec![waiting(Some(Impact::Malicious))]);
    agree(&mut audit, "label custody-approved");
    assert_eq!(audit.findings[0].state, State::New);
}

#[test]
fn what_a_change_excuses_itself_waits() {
    let new = |impact| Finding { state: State::New, impact, ..finding("a.yml", 3, 1, 1) };
    let attack = Finding { fingerprint: "x:y".to_owned(), ..new(Some(Impact::Malicious)) };
    let known = Finding { state: State::Existing, ..finding("a.yml", 9, 2, 1) };
    let mut audit = gated(vec![new(None), new(None), attack.clone(), known]);
    let approvals = std::mem::take(&mut audit.gate.as_mut().unwrap().approvals);
    let one = Approval { findings: vec![new(None).fingerprint, attack.fingerprint], ..approvals[0].clone() };
    await_approval(&mut audit, vec![one]);
    let states: Vec<State> = audit.findings.iter().map(|f| f.state).collect();
    assert_eq!(states, [State::NeedsApproval, State::New, State::New, State::Existing], "as many as are named");
    assert_eq!(audit.gate.unwrap().approvals.len(), 1);
}

#[test]
fn a_forced_gate_lets_in_and_says_so() {
    let mut audit = gated(vec![waiting(None)]);
    assert_eq!(audit.exit_code(), 1);
    assert_eq!(force_open(&mut audit, "--break-glass", "outage\n 12"), Ok(()));
    let forced = audit.gate.as_ref().unwrap().forced.clone().unwrap();
    assert_eq!((forced.reason.as_str(), forced.verdict), ("outage 12", Verdict::Fail));
    assert_eq!((audit.exit_code(), audit.judged()), (0, Verdict::Fail));
}

#[test]
fn what_cannot_be_forced() {
    for (audit, reason, why) in [
        (gated(vec![waiting(None)]), " \n", "gives no reason"),
        (gated(vec![waiting(Some(Impact::Malicious))]), "outage", "does not cover malicious code"),
        (audit(vec![waiting(None)]), "outage", "there is none"),
    ] {
        let mut forced = audit.clone();
        let told = force_open(&mut forced, "--break-glass", reason).unwrap_err();
        assert!(told.contains(why), "{told}");
        assert_eq!(forced, audit);
    }
    // What passes needs nobody.
    let mut passes = gated(Vec::new());
    assert_eq!(force_open(&mut passes, "--break-glass", "outage"), Ok(()));
    assert!(passes.gate.unwrap().forced.is_none());
}
