//! A locked crate with a known vulnerability.

use super::hits;
use super::recorded::in_documents;
use crate::advisory::{Kind, Match, score};
use crate::diag::Severity;
use crate::graph::kinds::sbom::Registry;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "vulnerable-crate",
    title: "crate with a known vulnerability",
    many: "{n} crates have known vulnerabilities",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("vulnerable_crate.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for hit in hits::hits(scene, Kind::Vulnerability) {
        let verdict = verdict(hit.flaw);
        hits::say(scene, report, &hit, severity(hit.flaw), &verdict);
    }
    in_documents(scene, report, Registry::CratesIo, Kind::Vulnerability, &|flaw| (severity(flaw), verdict(flaw)));
    hits::in_binaries(scene, report, Kind::Vulnerability, &|flaw| (severity(flaw), verdict(flaw)));
}

/// The band of the score. What nobody scored is taken for medium: it is not harmless, only unscored.
pub(super) fn severity(flaw: &Match) -> Severity {
    match flaw.score.as_ref().map(|s| s.severity) {
        Some(score::Severity::Critical) => Severity::Critical,
        Some(score::Severity::High) => Severity::High,
        Some(score::Severity::Medium) | None => Severity::Medium,
        Some(score::Severity::Low) => Severity::Low,
        Some(score::Severity::None) => Severity::Info,
    }
}

/// `has RUSTSEC-2020-0071 (CVE-2020-26235), score 6.2`.
pub(super) fn verdict(flaw: &Match) -> String {
    let cve = flaw.aliases.iter().find(|a| a.starts_with("CVE-")).map_or_else(String::new, |a| format!(" ({a})"));
    let score = flaw.score.as_ref().map_or_else(|| "unscored".to_owned(), |s| format!("score {:.1}", s.value));
    let fix = if flaw.fixed.is_none() && flaw.patched.is_empty() { ", without a fixed release" } else { "" };
    format!("has {}{cve}, {score}{fix}", flaw.id)
}
