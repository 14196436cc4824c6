//! A release whose metadata points at a repository of somebody else than the one it was built from.

use super::subject::releases;
use crate::diag::{Confidence, Severity};
use crate::outside::registry::repository::normal;
use crate::rules::python::site::Sites;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "foreign-repository",
    title: "release that points at a repository it was not built from",
    many: "{n} releases point at repositories they were not built from",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("foreign_repository.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let sites = Sites::of(scene);
    for subject in releases(scene) {
        let facts = subject.facts;
        let (Some(said), Some(proven)) = (&facts.repository, &facts.attested_repository) else { continue };
        let (Some(said), Some(proven)) = (normal(said), normal(proven)) else { continue };
        // Whoever owns both may point from one to the other.
        let (Some((said_owner, said_name)), Some((proven_owner, proven_name))) = (split(&said), split(&proven)) else {
            continue;
        };
        if said_owner == proven_owner {
            continue;
        }
        // The same name with another owner is mostly a project that moved.
        let severity = if said_name == proven_name { Severity::Low } else { Severity::Medium };
        subject
            .draft(scene, &sites, report)
            .severity(severity)
            .confidence(Confidence::Medium)
            .evidence(format!("its proof of origin names {proven}"))
            .advise(format!("judge `{}` by {proven}, the code it was built from, and not by {said}", subject.name))
            .say(format!("{} says that it is of {said}, but was built and published from {proven}", subject.shown()));
    }
}

/// Host with owner, and name.
fn split(repository: &str) -> Option<(&str, &str)> {
    let (rest, _) = repository.split_once('/').and_then(|(host, path)| {
        let owner = path.split('/').next()?;
        Some((host.len() + 1 + owner.len(), path))
    })?;
    Some((repository.get(..rest)?, repository.rsplit('/').next()?))
}
