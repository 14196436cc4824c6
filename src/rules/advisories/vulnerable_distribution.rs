//! A release of PyPI with a known vulnerability.

use super::recorded::in_documents;
use super::releases;
use super::vulnerable_crate::{severity, verdict};
use crate::advisory::Kind;
use crate::diag::Severity;
use crate::graph::kinds::sbom::Registry;
use crate::rules::python::site::Sites;
use crate::rules::python::tools::is_tool;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "vulnerable-distribution",
    title: "Python distribution with a known vulnerability",
    many: "{n} Python distributions have known vulnerabilities",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("vulnerable_distribution.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    in_documents(scene, report, Registry::PyPi, Kind::Vulnerability, &|flaw| (severity(flaw), verdict(flaw)));
    let sites = Sites::of(scene);
    for hit in releases::hits(scene, Kind::Vulnerability) {
        let verdict = verdict(hit.flaw);
        // A formatter in an image is no part of what serves there.
        let most = if is_tool(hit.name) { Severity::Medium } else { Severity::Critical };
        releases::say(scene, &sites, report, &hit, severity(hit.flaw).min(most), &verdict);
    }
}
