//! Audits of changes, built by hand.

use std::collections::BTreeMap;

use cargo_custody::audit::{
    Approval, Audit, Baseline, Decision, Finding, Fixed, Gate, Mode, Override, Revision, ServiceVerdict, State, Verdict,
};
use cargo_custody::diag::fingerprint::{Identity, of_identity};
use cargo_custody::diag::{Severity, WaivedBy};

use super::{HOSTILE, HOSTILE_PATH, empty, finding, group, rich};

fn revision(name: &str, commit: Option<&str>, how: &str) -> Revision {
    Revision { name: name.to_owned(), commit: commit.map(str::to_owned), how: how.to_owned() }
}

fn counts(audit: &Audit, fixed: usize) -> BTreeMap<State, usize> {
    let mut out = BTreeMap::new();
    for finding in &audit.findings {
        *out.entry(finding.state).or_default() += 1;
    }
    if fixed > 0 {
        out.insert(State::Fixed, fixed);
    }
    out
}

fn known(rule: &str, decision: Decision, state: State, path: &str, line: u32) -> Finding {
    let mut out = finding(rule, Severity::High, decision, path, line);
    let topic = &line.to_string();
    out.fingerprint =
        of_identity(Identity { rule, topic, path, subject: "step", anchor: "", content: "x" }).to_string();
    out.state = state;
    out
}

fn gone(message: &str, path: &str, line: u32) -> Fixed {
    Fixed {
        rule: "unpinned-action".to_owned(),
        severity: Severity::High,
        decision: Decision::Block,
        message: message.to_owned(),
        path: path.to_owned(),
        line,
        fingerprint: of_identity(Identity {
            rule: "unpinned-action",
            topic: "",
            path,
            subject: "gone",
            anchor: "",
            content: &line.to_string(),
        })
        .to_string(),
    }
}

/// A change that has everything: each state, approvals, services, what the base could not tell either.
pub fn gate() -> Audit {
    let mut audit = rich();
    audit.findings[0].state = State::New;
    audit.findings[1].state = State::Changed;
    audit.findings[2].state = State::New;
    audit.findings[3].state = State::Spread;
    let ci = ".github/workflows/ci.yml";
    let expired = known("unpinned-action", Decision::Block, State::Expired, ci, 40);
    let mut waiting = known("unpinned-action", Decision::Block, State::NeedsApproval, ci, 50);
    waiting.waiver = Some("waived in custody.toml line 14: ours".to_owned());
    waiting.waived_by = Some(WaivedBy::Policy);
    let mut old = known("unpinned-action", Decision::Note, State::Existing, ci, 60);
    old.alone = Some(Decision::Block);
    let mut waived = known("unpinned-action", Decision::Note, State::Suppressed, ci, 70);
    waived.alone = Some(Decision::Advise);
    waived.waiver = Some(format!("waived in custody.toml line 3: {HOSTILE}"));
    waived.waived_by = Some(WaivedBy::Policy);
    let approvals = vec![
        Approval {
            path: "custody.toml".to_owned(),
            line: 14,
            text: format!("waiver of unpinned-action {HOSTILE}"),
            findings: vec![waiting.fingerprint.clone()],
            by: None,
        },
        Approval {
            path: HOSTILE_PATH.to_owned(),
            line: 20,
            text: "comment on curl".to_owned(),
            findings: vec!["0".repeat(32), "1".repeat(32)],
            by: Some("label custody-approved".to_owned()),
        },
    ];
    let note = audit.findings.pop().expect("a note");
    audit.findings.extend([expired, waiting, note, old, waived]);
    audit.groups.insert(1, group(Decision::Block, "2 uses of actions whose excuse is over or not agreed to", &[4, 5]));
    let fixed = vec![
        gone("`example/old@v1` can be moved", ci, 9),
        gone(HOSTILE, HOSTILE_PATH, 10),
        gone("`example/older@v1` can be moved", ci, 11),
    ];
    audit.coverage.unknown_before = vec![format!("rule x cannot tell: {HOSTILE}"), "another".to_owned()];
    audit.services = vec![
        service("api", Verdict::Fail, 4, 2),
        service(HOSTILE, Verdict::Incomplete, 0, 0),
        service("web", Verdict::Pass, 0, 0),
        service("jobs", Verdict::Pass, 0, 1),
    ];
    audit.gate = Some(Gate {
        mode: Mode::New,
        base: Some(revision(
            "HEAD^1",
            Some("1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b"),
            "first parent of the merge commit",
        )),
        head: revision("HEAD", Some("0123456789abcdef0123456789abcdef01234567"), ""),
        baseline: None,
        changed_files: 12,
        counts: counts(&audit, fixed.len()),
        fixed,
        approvals,
        forced: None,
    });
    audit
}

fn service(name: &str, verdict: Verdict, block: usize, advise: usize) -> ServiceVerdict {
    ServiceVerdict {
        name: name.to_owned(),
        owner: (name == "api").then(|| "@team-api".to_owned()),
        ships: if name == "api" { vec!["Dockerfile".to_owned()] } else { Vec::new() },
        verdict,
        block,
        advise,
    }
}

/// The same change, forced open.
pub fn forced() -> Audit {
    let mut audit = gate();
    if let Some(gate) = &mut audit.gate {
        gate.forced = Some(Override {
            by: "label custody-break-glass".to_owned(),
            reason: format!("the pager is ringing {HOSTILE}"),
            verdict: Verdict::Fail,
        });
    }
    audit
}

/// A change that brings nothing, beside a baseline in place of a base.
pub fn quiet() -> Audit {
    let mut audit = empty();
    let mut old = known("unpinned-action", Decision::Note, State::Existing, ".github/workflows/ci.yml", 60);
    old.alone = Some(Decision::Block);
    audit.findings = vec![old];
    audit.gate = Some(Gate {
        mode: Mode::New,
        base: None,
        head: revision("work tree", None, ""),
        baseline: Some(Baseline {
            path: "custody-baseline.json".to_owned(),
            digest: "b".repeat(64),
            written: "2026-02-01".to_owned(),
            age_days: 202,
            entries: 41,
            gone: 5,
            blocking: 3,
        }),
        changed_files: 0,
        counts: counts(&audit, 0),
        fixed: Vec::new(),
        approvals: Vec::new(),
        forced: None,
    });
    audit
}

/// An old tree and a small change: of many findings the last three are new.
pub fn old_and_new(findings: u32) -> Audit {
    let mut audit = super::many(findings);
    let total = audit.findings.len();
    for (index, finding) in audit.findings.iter_mut().enumerate() {
        finding.state = if index + 3 >= total { State::New } else { State::Existing };
        if finding.state == State::Existing {
            finding.alone = Some(finding.decision);
            finding.decision = Decision::Note;
        } else {
            finding.decision = Decision::Block;
        }
    }
    audit.groups = vec![group(Decision::Block, "three are new", &[total - 3, total - 2, total - 1])];
    audit.verdict = Verdict::Fail;
    audit.gate = gate().gate;
    let counts = counts(&audit, 3);
    if let Some(gate) = &mut audit.gate {
        gate.counts = counts;
        gate.approvals.clear();
    }
    audit
}
