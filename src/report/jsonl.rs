//! The audit as lines of JSON, for programs that read as it comes: what was audited and compared first, a line for every
//! finding, for what a change takes away and for every gap, and the verdict last. Texts are as in the audit, unescaped.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::audit::{
    Approval, Audit, Baseline, CoveredFile, Finding, Fixed, Gap, Knowledge, Mode, Override, Passed, Revision,
    ServiceVerdict, State, Status, Tool, Verdict,
};

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Line<'a> {
    Audit {
        schema: &'a str,
        tool: &'a Tool,
        name: &'a Option<String>,
        commit: &'a Option<String>,
        policy: &'a str,
        policy_digest: &'a str,
        knowledge: &'a Knowledge,
    },
    Gate {
        mode: Mode,
        base: &'a Option<Revision>,
        head: &'a Revision,
        baseline: &'a Option<Baseline>,
        changed_files: usize,
        counts: &'a BTreeMap<State, usize>,
        forced: &'a Option<Override>,
    },
    Finding(&'a Finding),
    Approval(&'a Approval),
    Fixed(&'a Fixed),
    File(&'a CoveredFile),
    Gap(&'a Gap),
    PassedOver(&'a Passed),
    Unknown {
        why: &'a str,
        counts: bool,
    },
    Service(&'a ServiceVerdict),
    Verdict {
        verdict: Verdict,
        complete: bool,
        exit_code: u8,
        forced: bool,
    },
}

pub(super) fn render(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    let mut put = |line: &Line<'_>| {
        serde_json::to_writer(&mut *out, line).map_err(io::Error::from)?;
        out.write_all(b"\n")
    };
    put(&Line::Audit {
        schema: &audit.schema,
        tool: &audit.tool,
        name: &audit.name,
        commit: &audit.commit,
        policy: &audit.policy,
        policy_digest: &audit.policy_digest,
        knowledge: &audit.knowledge,
    })?;
    if let Some(of) = &audit.gate {
        put(&Line::Gate {
            mode: of.mode,
            base: &of.base,
            head: &of.head,
            baseline: &of.baseline,
            changed_files: of.changed_files,
            counts: &of.counts,
            forced: &of.forced,
        })?;
    }
    let coverage = &audit.coverage;
    audit.findings.iter().try_for_each(|f| put(&Line::Finding(f)))?;
    audit.gate.iter().flat_map(|of| &of.approvals).try_for_each(|a| put(&Line::Approval(a)))?;
    audit.gate.iter().flat_map(|of| &of.fixed).try_for_each(|f| put(&Line::Fixed(f)))?;
    // A file that was read in full has nothing to say.
    coverage.files.iter().filter(|f| f.status != Status::Read).try_for_each(|f| put(&Line::File(f)))?;
    coverage.gaps.iter().try_for_each(|g| put(&Line::Gap(g)))?;
    coverage.passed_over.iter().try_for_each(|p| put(&Line::PassedOver(p)))?;
    coverage.unknown.iter().try_for_each(|why| put(&Line::Unknown { why, counts: true }))?;
    coverage.unknown_before.iter().try_for_each(|why| put(&Line::Unknown { why, counts: false }))?;
    audit.services.iter().try_for_each(|s| put(&Line::Service(s)))?;
    put(&Line::Verdict {
        verdict: audit.judged(),
        complete: audit.complete,
        exit_code: audit.exit_code(),
        forced: audit.gate.as_ref().is_some_and(|of| of.forced.is_some()),
    })
}
