//! A release that is known to be an attack.

use super::hits;
use super::recorded::in_documents;
use crate::advisory::{Kind, Match};
use crate::diag::Severity;
use crate::graph::kinds::sbom::Registry;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "malicious-crate",
    title: "a crate that is known to be an attack",
    many: "{n} crates are known to be attacks",
    severity: Severity::Critical,
    since: "0.1",
    docs: include_str!("malicious_crate.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for hit in hits::hits(scene, Kind::Malicious) {
        hits::say(scene, report, &hit, Severity::Critical, &verdict(hit.flaw));
    }
    in_documents(scene, report, Registry::CratesIo, Kind::Malicious, &|flaw| (Severity::Critical, verdict(flaw)));
    hits::in_binaries(scene, report, Kind::Malicious, &|flaw| (Severity::Critical, verdict(flaw)));
}

fn verdict(flaw: &Match) -> String {
    format!("is known to be malicious ({})", flaw.id)
}
