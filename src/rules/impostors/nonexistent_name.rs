//! A name that its registry does not know. Speaks only where the registry was asked.

use std::collections::BTreeMap;

use crate::advisory::Ecosystem;
use crate::diag::{Confidence, Severity};
use crate::graph::distributions::{Held, Named, Whose};
use crate::graph::identity::lock_source;
use crate::graph::kinds::cargo::LockSource;
use crate::impostor::{List, Names, resembles};
use crate::outside::facts::ReleaseFacts;
use crate::rules::advisories::{route, speaker};
use crate::rules::python::own_names;
use crate::rules::python::site::Sites;
use crate::rules::{Draft, Reporter, Rule, Scene};
use crate::source::{Place, Role};

pub(super) static RULE: Rule = Rule {
    id: "nonexistent-name",
    title: "name that its registry does not know",
    many: "{n} names are not known to their registries",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("nonexistent_name.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    distributions(scene, report);
    crates(scene, report);
}

/// What a registry says of a name that it does not know, whichever release was asked about.
fn missing<'a>(
    scene: &'a Scene<'_>,
    ecosystem: Ecosystem,
    name: &str,
    version: Option<&str>,
) -> Option<&'a ReleaseFacts> {
    let of_name = scene.known.release(ecosystem, name, None);
    let facts = of_name.or_else(|| scene.known.release(ecosystem, name, version))?;
    (facts.name_exists == Some(false)).then_some(facts)
}

fn distributions(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut by_name: BTreeMap<&str, (Vec<&Named>, &ReleaseFacts)> = BTreeMap::new();
    for named in scene.distributions.named.iter().filter(|n| n.whose == Whose::PyPi) {
        let version = match &named.held {
            Held::At(version) => Some(version.as_str()),
            Held::Within(_) => None,
        };
        if let Some(facts) = missing(scene, Ecosystem::PyPi, &named.name, version) {
            by_name.entry(&named.name).or_insert_with(|| (Vec::new(), facts)).0.push(named);
        }
    }
    if by_name.is_empty() {
        return;
    }
    let (own, sites) = (own_names(scene), Sites::of(scene));
    for (name, (all, facts)) in by_name {
        let Some(speaker) = speaker(scene, &all).filter(|_| !own.contains(name)) else { continue };
        let draft = report
            .at(speaker.at, format!("asks for `{name}`"))
            .about("distribution", name, None)
            .role(speaker.role)
            .also(all.iter().map(|named| named.place));
        say(route(scene, &sites, speaker.named, draft), List::PyPi, name, facts);
    }
}

/// Where a name stands, and what its registry says of it.
type Missing<'a> = (Vec<(Role, Place)>, &'a ReleaseFacts);

fn crates(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut by_name: BTreeMap<&str, Missing<'_>> = BTreeMap::new();
    let mut add = |name, role, place, facts| {
        by_name.entry(name).or_insert_with(|| (Vec::new(), facts)).0.push((role, place));
    };
    for view in &scene.cargo.locks {
        let Some(lock) = scene.lock(view.document) else { continue };
        for (package, reached) in lock.packages.iter().zip(&view.reached) {
            let source = lock_source(package.source.as_ref().map(|s| s.value.as_str()));
            let name = package.name.value.as_str();
            if source == LockSource::CratesIo
                && let Some(facts) = missing(scene, Ecosystem::CratesIo, name, Some(&package.version.value))
            {
                let own = Place::new(view.file, package.name.span);
                add(name, reached.role, reached.enters_at.unwrap_or(own), facts);
            }
        }
    }
    for (_, node) in scene.graph.of(crate::graph::NodeKind::Crate).filter(|(_, node)| node.asks_crates_io()) {
        if let Some(facts) = missing(scene, Ecosystem::CratesIo, &node.name, None) {
            node.sightings.iter().for_each(|place| add(&node.name, scene.role(place.file), *place, facts));
        }
    }
    for (name, (mut places, facts)) in by_name {
        places.sort_unstable();
        let Some((role, place)) = places.first().copied() else { continue };
        let draft = report
            .at(place, format!("asks for `{name}`"))
            .about("crate", name, None)
            .role(role)
            .also(places.iter().map(|(_, place)| *place));
        say(draft, List::Crates, name, facts);
    }
}

fn say(draft: Draft<'_, '_>, list: List, name: &str, facts: &ReleaseFacts) {
    let names = Names::embedded();
    let registry = if list == List::PyPi { "PyPI" } else { "crates.io" };
    let day = facts.as_of.map_or(String::new(), |day| format!(" on {day}"));
    let meant = resembles(&names, list, name).map_or(String::new(), |near| format!("; `{}` may be meant", near.target));
    draft
        // Who installs it gets an error today. What decides is who registers it tomorrow.
        .confidence(Confidence::Medium)
        .content(format!("{name} {registry}"))
        .evidence(format!("{} knew no such name{day}", if facts.source.is_empty() { registry } else { &facts.source }))
        .evidence("language models invent such names, and strangers register what they invent")
        .advise(format!(
            "take `{name}` out or write the name that was meant{meant}; if it is yours and private, bind it to its own index"
        ))
        .say(format!("`{name}` is not on {registry}, so anybody can register it and is then installed"));
}
