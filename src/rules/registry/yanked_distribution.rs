//! A release that PyPI withdrew, or does not have any more.

use super::subject::{releases, short};
use crate::diag::{Confidence, Severity};
use crate::rules::python::site::Sites;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "yanked-distribution",
    title: "Python distribution that was withdrawn",
    many: "{n} Python distributions were withdrawn",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("yanked_distribution.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let sites = Sites::of(scene);
    for subject in releases(scene).iter().filter(|subject| !subject.is_crate()) {
        let facts = subject.facts;
        // A range that happens to read `==` may mean a build of somebody else; a lock had the file.
        let is_gone = facts.name_exists == Some(true) && facts.release_exists == Some(false) && subject.is_locked();
        if facts.yanked != Some(true) && !is_gone {
            continue;
        }
        let severity = if subject.is_for_developers() { Severity::Low } else { Severity::Medium };
        let draft = subject.draft(scene, &sites, report).severity(severity).confidence(Confidence::High);
        if is_gone {
            draft
                .advise(format!(
                    "find out why it is gone, then lock another release of `{}`: what PyPI removes was often malicious",
                    subject.name
                ))
                .say(format!("{} is locked from PyPI, which does not have it any more", subject.shown()));
            continue;
        }
        let reason = facts.yanked_reason.as_deref().map(short).filter(|reason| !reason.is_empty());
        let reason = reason.map_or_else(|| ", without a reason".to_owned(), |reason| format!(": {reason}"));
        draft
            .advise(format!("take another release of `{}`; installers skip this one unless it is pinned", subject.name))
            .say(format!("{} was withdrawn from PyPI by its publisher{reason}", subject.shown()));
    }
}
