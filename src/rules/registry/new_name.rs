//! A name that its registry has not had for long.

use super::subject::{days, names};
use crate::diag::{Confidence, Severity};
use crate::rules::python::site::Sites;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "new-name",
    title: "dependency whose name is new in its registry",
    many: "{n} dependencies have names that are new in their registries",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("new_name.md"),
    check,
};

/// Days for which a name is new.
const NEW: i64 = 30;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let sites = Sites::of(scene);
    for subject in names(scene) {
        let Some(first) = subject.facts.first_released else { continue };
        let Some(age) = subject.age(scene, Some(first)).filter(|age| *age < NEW) else { continue };
        let severity = if subject.is_for_developers() { Severity::Low } else { Severity::Medium };
        subject
            .draft(scene, &sites, report)
            .severity(severity)
            .confidence(Confidence::Medium)
            .content(subject.name)
            .evidence(format!("its first release is of {first}"))
            .advise(format!(
                "make sure that `{}` is the package you mean and who publishes it; a name that somebody made up, or a \
                 language model did, is taken by others within days",
                subject.name
            ))
            .say(format!(
                "`{}` is a new name on {}: its first release came out {} ago",
                subject.name,
                subject.facts.source,
                days(age)
            ));
    }
}
