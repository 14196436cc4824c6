//! A release without the proof of its origin that the releases before it had.

use super::subject::releases;
use crate::diag::{Confidence, Severity};
use crate::rules::python::site::Sites;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "lost-provenance",
    title: "release without the proof of origin that those before it had",
    many: "{n} releases lack the proof of origin that those before them had",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("lost_provenance.md"),
    check,
};

/// Days within which nobody may have noticed.
const YOUNG: i64 = 30;
/// Days after which somebody would have.
const OLD: i64 = 180;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let sites = Sites::of(scene);
    for subject in releases(scene) {
        let facts = subject.facts;
        if facts.attested != Some(false) || facts.attested_before != Some(true) {
            continue;
        }
        let age = subject.age(scene, facts.released);
        let severity = match age {
            Some(age) if age < YOUNG && !subject.is_for_developers() => Severity::High,
            Some(age) if age >= OLD => Severity::Low,
            _ => Severity::Medium,
        };
        let mut draft = subject.draft(scene, &sites, report).severity(severity).confidence(Confidence::Medium);
        if let Some(day) = facts.released {
            draft = draft.evidence(format!("it came out on {day}"));
        }
        draft
            .advise(format!(
                "stay with the release before it until the project of `{}` says who published this one and how",
                subject.name
            ))
            .say(format!(
                "{} was published without proof of where it was built, which the releases before it have",
                subject.shown()
            ));
    }
}
