//! Properties of a run: what the audit says of itself that SARIF has no place for.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::audit::{Audit, Gate, Knowledge, Mode, Revision, State, Verdict};
use crate::report::escape::sarif as clean;
use crate::report::tally::Tally;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunProperties {
    pub name: String,
    pub commit: Option<String>,
    pub verdict: Verdict,
    pub complete: bool,
    pub policy: String,
    pub policy_digest: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<GateProperties>,
    pub findings: FindingCounts,
    pub coverage: CoverageCounts,
    pub knowledge: Knowledge,
}

/// What was compared.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GateProperties {
    pub mode: Mode,
    pub base: Option<Tree>,
    pub head: Tree,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    pub changed_files: usize,
    pub counts: BTreeMap<State, usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forced_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forced_because: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Tree {
    pub name: String,
    pub commit: Option<String>,
    pub how: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FindingCounts {
    pub block: usize,
    pub advise: usize,
    pub note: usize,
    /// Findings without a result, because of limits.
    pub left_out: usize,
    /// Findings without a result, because they are excused and code scanning would open them.
    #[serde(skip_serializing_if = "super::model::is_zero")]
    pub excused: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CoverageCounts {
    pub read: usize,
    pub partial: usize,
    pub unread: usize,
    pub skipped: usize,
    pub gaps: usize,
    pub passed_over: usize,
    pub unknown: usize,
    pub out_of_scope: BTreeMap<String, usize>,
}

pub(super) fn properties(audit: &Audit, left_out: usize, excused: usize) -> RunProperties {
    let tally = Tally::of(audit);
    let coverage = &audit.coverage;
    RunProperties {
        name: clean(audit.name.as_deref().unwrap_or("repository")),
        commit: audit.commit.clone(),
        verdict: audit.judged(),
        complete: audit.complete,
        policy: clean(&audit.policy),
        policy_digest: audit.policy_digest.clone(),
        gate: audit.gate.as_ref().map(of_gate),
        findings: FindingCounts { block: tally.block, advise: tally.advise, note: tally.note, left_out, excused },
        coverage: CoverageCounts {
            read: tally.read,
            partial: tally.partial,
            unread: tally.unread,
            skipped: tally.skipped,
            gaps: coverage.gaps.len(),
            passed_over: coverage.passed_over.len(),
            unknown: coverage.unknown.len(),
            out_of_scope: coverage.out_of_scope.clone(),
        },
        knowledge: audit.knowledge.clone(),
    }
}

fn of_gate(gate: &Gate) -> GateProperties {
    GateProperties {
        mode: gate.mode,
        base: gate.base.as_ref().map(tree),
        head: tree(&gate.head),
        baseline: gate.baseline.as_ref().map(|b| clean(&b.path)),
        changed_files: gate.changed_files,
        counts: gate.counts.clone(),
        forced_by: gate.forced.as_ref().map(|f| clean(&f.by)),
        forced_because: gate.forced.as_ref().map(|f| clean(&f.reason)),
    }
}

fn tree(of: &Revision) -> Tree {
    Tree { name: clean(&of.name), commit: of.commit.as_deref().map(clean), how: clean(&of.how) }
}
