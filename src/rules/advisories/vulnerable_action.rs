//! An action with a known flaw at the reference that is used.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::topic::topic;
use crate::advisory::{Basis, Kind, Match, score};
use crate::diag::{Confidence, Severity};
use crate::graph::ci::pins::{By, Other};
use crate::graph::identity;
use crate::graph::kinds::workflow::Uses;
use crate::graph::{NodeId, NodeKind};
use crate::rules::used::{Used, all};
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "vulnerable-action",
    title: "action with a known vulnerability",
    many: "{n} flaws of actions are known",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("vulnerable_action.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let runs = reach::runs(scene);
    // Parts of one repository at one reference are raised together.
    let mut found: Found<'_, '_> = BTreeMap::new();
    for (id, places) in used(scene, runs) {
        let node = scene.graph.node(id);
        let (repository, part) = parts(&node.name);
        for flaw in scene.known.advisories(id).iter().filter(|m| m.kind == Kind::Vulnerability) {
            let reference = node.version.clone().unwrap_or_default();
            let one = found.entry((repository.to_ascii_lowercase(), reference, &flaw.id)).or_insert_with(|| Flawed {
                id,
                flaw,
                parts: Vec::new(),
                places: Vec::new(),
                named: None,
            });
            one.parts.push(part);
            one.places.extend(places.iter().copied());
        }
    }
    for used in all(scene) {
        named(scene, used, &mut found);
    }
    for (_, mut flawed) in found {
        flawed.places.sort_by_key(|(place, run)| (scene.role(place.file), Reverse(run.weight()), *place));
        say(scene, report, &flawed);
    }
}

/// A flaw of one repository at one reference.
struct Flawed<'a, 'r> {
    id: NodeId,
    flaw: &'a Match,
    /// The folders of the repository that are used, empty for its root.
    parts: Vec<&'a str>,
    places: Vec<(Place, &'r Run<'a>)>,
    /// The tag of the commit that is used, and who says so.
    named: Option<Other>,
}

type Found<'a, 'r> = BTreeMap<(String, String, &'r str), Flawed<'a, 'r>>;

/// A commit is what the lock, the repository or the comment behind it says.
fn named<'a, 's: 'a>(scene: &'s Scene<'a>, used: Used<'a, 'a>, found: &mut Found<'a, 's>) {
    let Uses::Repository { owner, repo, path, reference } = used.name else { return };
    let Some(id) = scene.graph.find(&identity::action(owner, repo, path, reference)) else { return };
    let repository = format!("{owner}/{repo}");
    for other in scene.pins.other_names(used.name) {
        for flaw in scene.known.action(&repository, path, &other.reference) {
            let is_known = scene.known.advisories(id).iter().any(|m| m.id == flaw.id);
            if flaw.kind != Kind::Vulnerability || is_known {
                continue;
            }
            let key = (repository.to_ascii_lowercase(), reference.clone(), flaw.id.as_str());
            let (_, part) = parts(&scene.graph.node(id).name);
            let one = found.entry(key).or_insert_with(|| Flawed {
                id,
                flaw,
                parts: Vec::new(),
                places: Vec::new(),
                named: Some(other.clone()),
            });
            if !one.parts.contains(&part) {
                one.parts.push(part);
            }
            one.places.push((used.place, used.run));
        }
    }
}

/// The repository and the folder in it.
fn parts(name: &str) -> (&str, &str) {
    let end = name.match_indices('/').nth(1).map_or(name.len(), |(at, _)| at);
    name.split_at_checked(end).map_or((name, ""), |(repository, part)| (repository, part.trim_start_matches('/')))
}

/// Actions of other repositories with the places that use them, the weightiest first.
fn used<'a, 'r>(scene: &Scene<'_>, runs: &'r [Run<'a>]) -> Vec<(NodeId, Vec<(Place, &'r Run<'a>)>)> {
    let run_of = |place: &Place| {
        runs.iter().find(|run| {
            let called = run.holder.as_ref().filter(|_| run.action.is_none()).and_then(|h| h.job.uses.as_ref());
            run.file == place.file
                && called
                    .into_iter()
                    .chain(run.steps.iter().filter_map(|s| s.uses.as_ref()))
                    .any(|u| u.span == place.span)
        })
    };
    let actions = scene.graph.of(NodeKind::Action).filter(|(id, _)| !scene.known.advisories(*id).is_empty());
    actions
        .map(|(id, node)| {
            let mut places: Vec<_> = node.sightings.iter().filter_map(|p| Some((*p, run_of(p)?))).collect();
            places.sort_by_key(|(place, run)| (scene.role(place.file), Reverse(run.weight()), *place));
            (id, places)
        })
        .filter(|(_, places)| !places.is_empty())
        .collect()
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, flawed: &Flawed<'_, '_>) {
    let Flawed { id, flaw, places, .. } = flawed;
    let Some((place, run)) = places.first() else { return };
    let node = scene.graph.node(*id);
    let (repository, _) = parts(&node.name);
    // One part is named as it is written; of several, the repository and what is used of it.
    let several = flawed.parts.len() > 1;
    let name = if several { repository } else { node.name.as_str() };
    let of = if several { format!(" ({})", flawed.parts.join(", ").trim_start_matches(", ")) } else { String::new() };
    let reference = node.version.as_deref().unwrap_or_default();
    let topic = topic(flaw);
    let severity = match flaw.score.as_ref().map(|s| s.severity) {
        Some(score::Severity::Critical | score::Severity::High) => Severity::High,
        Some(score::Severity::Low | score::Severity::None) => Severity::Low,
        Some(score::Severity::Medium) | None => Severity::Medium,
    };
    let basis = match flaw.basis {
        Basis::Commit => "the advisory lists this commit",
        _ => "the tag names an affected version; whether the flawed part is used was not looked at",
    };
    let advice = match &topic.upgrade {
        Some(version) => {
            let name = if several { format!("{repository}/..") } else { node.name.clone() };
            format!("take a release that has the fix, by its commit: {name}@<commit> # {version} or later")
        }
        None => "no release fixes it; see the advisory, and look for another action".to_owned(),
    };
    let known = flaw.aliases.iter().find(|a| a.starts_with("CVE-")).map_or(String::new(), |cve| format!(" ({cve})"));
    let (reference, said) = match &flawed.named {
        Some(other) => (other.reference.as_str(), format!(" at the commit of {}", other.reference)),
        None => (reference, String::new()),
    };
    let written = if flawed.named.is_some() { format!("`{name}`{said}") } else { format!("`{name}@{reference}`") };
    let message = format!("{written}{of} has a known flaw, {}{known}", flaw.id);
    let before = PARTS.iter().find(|part| part.covers(&flaw.id, &flaw.aliases, reference));
    let by = flawed.named.as_ref().map(|other| match other.by {
        By::Lock(_) => "GitHub's lock of actions says which version the commit is",
        By::Asked(_) => "the repository says which version the commit is",
        By::Tree(_) => "the comment behind the commit says which version it is",
    });
    let mut draft = report
        .at(*place, format!("affected by {}", flaw.id))
        .on(*id)
        .severity(severity)
        .confidence(if before.is_some() { Confidence::Low } else { Confidence::Medium })
        .also(places.iter().map(|(place, _)| *place))
        .content(flaw.id.clone())
        .evidence(before.map_or(basis, |part| part.why))
        .topic(topic)
        .advise(advice);
    if let Some(by) = by {
        draft = draft.evidence(by);
    }
    run.route(scene, draft).say(message);
}

/// A flaw of a part that older releases, which the record covers too, did not have.
struct Part {
    advisory: &'static str,
    /// The first release with the part.
    since: (u32, u32),
    why: &'static str,
}

const PARTS: &[Part] = &[Part {
    advisory: "GHSA-vxmw-7h4f-hqxh",
    since: (1, 11),
    why: "the record covers this version; the flaw is in a step of the composite action, and before 1.11.0 it was a container",
}];

impl Part {
    fn covers(&self, id: &str, aliases: &[String], reference: &str) -> bool {
        let mut numbers = reference.trim_start_matches('v').split('.').map(|n| n.parse::<u32>().ok());
        let version = numbers.next().flatten().zip(numbers.next().flatten());
        (id == self.advisory || aliases.iter().any(|a| a == self.advisory)) && version.is_some_and(|v| v < self.since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_releases_need_not_have_the_part() {
        let part = &PARTS[0];
        for (reference, covered) in
            [("v1.4.2", true), ("v1.10.3", true), ("v1.11.0", false), ("v1", false), ("main", false)]
        {
            assert_eq!(part.covers(part.advisory, &[], reference), covered, "{reference}");
        }
        assert!(!part.covers("GHSA-other", &[], "v1.4.2"));
    }
}
