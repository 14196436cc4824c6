//! A distribution whose name is almost that of one everybody knows.

use std::collections::BTreeMap;

use super::recorded;
use super::words::{fame, is_known_attack, weight, what};
use crate::advisory::Ecosystem;
use crate::diag::Severity;
use crate::graph::distributions::{Named, Whose};
use crate::graph::identity::distribution_name;
use crate::graph::kinds::sbom::Registry;
use crate::impostor::{List, NOTE, Names, REPORT, Resemblance, resembles};
use crate::rules::advisories::{route, speaker};
use crate::rules::python::own_names;
use crate::rules::python::site::Sites;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "lookalike-distribution",
    title: "distribution whose name is almost that of a well known one",
    many: "{n} names are almost those of well known distributions",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("lookalike_distribution.md"),
    check,
};

/// Points taken from a name that no person of this project wrote: who did may have meant it.
const BROUGHT_ALONG: u8 = 15;
/// Level up to which a distribution that asks for a name vouches for it: many would have seen the slip.
const VOUCHES: u8 = 6;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    recorded::in_documents(scene, report, Registry::PyPi);
    let names = Names::embedded();
    let mut by_name: BTreeMap<&str, Vec<&Named>> = BTreeMap::new();
    // Names of other indexes, of repositories and files are their owners' to choose.
    for named in scene.distributions.named.iter().filter(|n| n.whose == Whose::PyPi) {
        by_name.entry(&named.name).or_default().push(named);
    }
    let near: Vec<(&str, Vec<&Named>, Resemblance<'_>)> = by_name
        .iter()
        .filter_map(|(name, all)| {
            let found = resembles(&names, List::PyPi, name).filter(|found| found.points >= NOTE)?;
            Some((*name, all.clone(), found))
        })
        .collect();
    if near.is_empty() {
        return;
    }
    let (own, sites) = (own_names(scene), Sites::of(scene));
    for (name, all, mut found) in near {
        let Some(speaker) = speaker(scene, &all) else { continue };
        if let Some(parent) = speaker.parent {
            found.points = found.points.saturating_sub(BROUGHT_ALONG);
            let vouches = names.find(List::PyPi, parent).is_some_and(|known| known.level <= VOUCHES);
            if vouches || found.points < NOTE {
                continue;
            }
        }
        let is_told = is_known_attack(scene, Ecosystem::PyPi, name);
        if is_told || own.contains(name) || own.contains(found.target) {
            continue;
        }
        // Nobody names a file after a slip.
        if found.points < REPORT && is_file(scene, name) {
            continue;
        }
        let (severity, confidence) = weight(found.points);
        let draft = report
            .at(speaker.at, format!("almost `{}`", found.target))
            .about("distribution", name, None)
            .severity(severity)
            .confidence(confidence)
            .role(speaker.role)
            .also(all.iter().map(|named| named.place))
            .content(format!("{name} {}", found.target));
        let mut draft = route(scene, &sites, speaker.named, draft)
            .evidence(format!(
                "`{}` is {}; `{name}` is not on the list of {}, which has {}",
                found.target,
                fame(List::PyPi, found.level),
                names.day(List::PyPi),
                names.len(List::PyPi)
            ))
            .evidence(format!("likeness {} of 100", found.points));
        if let Some(beside) = by_name.get(found.target).and_then(|all| all.first()) {
            draft = draft.related(beside.place, format!("the tree asks for `{}` as well", found.target));
        }
        draft
            .advise(format!(
                "write `{}` if that is meant; else look up who publishes `{name}`, since when, and what its code does, before it is installed again",
                found.target
            ))
            .say(format!("`{name}` is {}", what(&found)));
    }
}

/// Whether a file or a folder of the tree goes by a name: `requirements/ktransformers.txt`.
fn is_file(scene: &Scene<'_>, name: &str) -> bool {
    let is_named = |part: &str| {
        let stem = part.rsplit_once('.').map_or(part, |(stem, _)| stem);
        stem.len() == name.len() && distribution_name(stem) == name
    };
    scene.files.iter().any(|path| path.as_str().split('/').any(is_named))
}
