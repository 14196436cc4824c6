//! A release that came out so recently that nobody had time to look at it.

use super::subject::{days, releases};
use crate::diag::Severity;
use crate::rules::python::site::Sites;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "new-release",
    title: "release that is only days old",
    many: "{n} releases are only days old",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("new_release.md"),
    check,
};

/// Days that a release is to be out where nobody says: most malicious releases were found within.
const USUAL: u32 = 7;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let sites = Sites::of(scene);
    let custody = scene.custody();
    let declared = custody.and_then(|custody| custody.policy.cooldown.as_ref().map(|days| (custody.file, days)));
    // The tree may ask for more patience than whoever runs the audit, never for less.
    let own = scene.cooldown.unwrap_or(USUAL);
    let wanted = declared.map_or(own, |(_, days)| days.value.max(own));
    let because = declared.filter(|(_, days)| days.value > own);
    let is_wanted = scene.cooldown.is_some() || because.is_some();
    for subject in releases(scene) {
        let Some(age) = subject.age(scene, subject.facts.released) else { continue };
        if age >= i64::from(wanted) {
            continue;
        }
        let severity = match (is_wanted, subject.is_direct() && !subject.is_for_developers()) {
            (true, true) => Severity::Medium,
            (true, false) | (false, true) => Severity::Low,
            (false, false) => Severity::Info,
        };
        let mut draft = subject.draft(scene, &sites, report).severity(severity);
        if let Some((file, days)) = because {
            draft = draft.related(Place::new(file, days.span), "releases are to be out that long");
        }
        draft
            .advise(format!(
                "stay with the release before it until {} have passed, unless it mends a flaw you have",
                days(i64::from(wanted))
            ))
            .say(format!(
                "{} came out {} ago, while releases are to be out {}",
                subject.shown(),
                days(age),
                days(i64::from(wanted))
            ));
    }
}
