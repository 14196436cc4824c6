//! A release of PyPI that is known to be an attack.

use super::recorded::in_documents;
use super::releases;
use crate::advisory::Kind;
use crate::diag::Severity;
use crate::graph::kinds::sbom::Registry;
use crate::rules::python::site::Sites;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "malicious-distribution",
    title: "a Python distribution that is known to be an attack",
    many: "{n} Python distributions are known to be attacks",
    severity: Severity::Critical,
    since: "0.1",
    docs: include_str!("malicious_distribution.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    in_documents(scene, report, Registry::PyPi, Kind::Malicious, &|flaw| {
        (Severity::Critical, format!("is known to be malicious ({})", flaw.id))
    });
    let sites = Sites::of(scene);
    for hit in releases::hits(scene, Kind::Malicious) {
        releases::say(
            scene,
            &sites,
            report,
            &hit,
            Severity::Critical,
            &format!("is known to be malicious ({})", hit.flaw.id),
        );
    }
}
