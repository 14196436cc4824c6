//! The verdicts of a monorepo's parts.

use crate::audit::{Audit, CoveredFile, Decision, ServiceVerdict, Status, Verdict};
use crate::config::Effective;

/// One verdict for each part that the policy names, in its order. It follows from the decisions as they stand, so it
/// is asked for again once a gate has changed them. What is known of no single file, such as a look-up that failed,
/// keeps every part from passing.
#[must_use]
pub fn verdicts(audit: &Audit, policy: &Effective) -> Vec<ServiceVerdict> {
    let of = |path: &str| policy.service([path], None).map(|service| service.name.as_str());
    let coverage = &audit.coverage;
    let lost = |f: &&CoveredFile| f.counts && !matches!(f.status, Status::Read | Status::Skipped);
    let gaps: Vec<Option<&str>> = coverage
        .files
        .iter()
        .filter(lost)
        .map(|f| of(&f.path))
        .chain(coverage.passed_over.iter().filter(|p| p.counts).map(|p| of(&p.path)))
        .collect();
    // What is missing and lies in no part is missing for all.
    let everywhere = !audit.complete && (gaps.is_empty() || gaps.contains(&None) || !coverage.unknown.is_empty());
    let verdict = |name: &str| {
        let shown = crate::diag::redact::redact(name);
        let own = || audit.findings.iter().filter(|finding| finding.service.as_deref() == Some(shown.as_str()));
        let count = |decision| own().filter(|finding| finding.decision == decision).count();
        let (block, advise) = (count(Decision::Block), count(Decision::Advise));
        let verdict = match () {
            () if block > 0 => Verdict::Fail,
            () if everywhere || gaps.contains(&Some(name)) => Verdict::Incomplete,
            () => Verdict::Pass,
        };
        (verdict, block, advise)
    };
    let services = policy.services.iter().map(|service| {
        let (verdict, block, advise) = verdict(service.name.as_str());
        ServiceVerdict {
            name: service.name.value.clone(),
            owner: service.owner.as_ref().map(|owner| owner.value.clone()),
            ships: service.ships.iter().map(|ships| ships.value.clone()).collect(),
            verdict,
            block,
            advise,
        }
    });
    services.collect()
}
