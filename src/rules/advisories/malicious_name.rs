//! A name of which every release is an attack, where none is held.

use std::collections::BTreeMap;

use super::releases;
use super::topic::topic;
use crate::advisory::{Ecosystem, Match};
use crate::diag::{Impact, Severity};
use crate::graph::distributions::{Held, Named, Whose};
use crate::graph::{Document, NodeKind};
use crate::rules::python::site::Sites;
use crate::rules::{Draft, Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "malicious-name",
    title: "name of which every release is an attack",
    many: "{n} names are known to be attacks in every release",
    severity: Severity::Critical,
    since: "0.1",
    docs: include_str!("malicious_name.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    distributions(scene, report);
    crates(scene, report);
}

/// Requirements that leave the release open; a release that is held is told of by its version.
fn distributions(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut by_name: BTreeMap<&str, Vec<&Named>> = BTreeMap::new();
    for named in &scene.distributions.named {
        if matches!(named.held, Held::Within(_))
            && named.whose == Whose::PyPi
            && !scene.known.malware(Ecosystem::PyPi, &named.name).is_empty()
        {
            by_name.entry(&named.name).or_default().push(named);
        }
    }
    if by_name.is_empty() {
        return;
    }
    let sites = Sites::of(scene);
    for (name, all) in by_name {
        let Some(speaker) = releases::speaker(scene, &all) else { continue };
        for attack in scene.known.malware(Ecosystem::PyPi, name) {
            let draft = report.at(speaker.at, format!("asks for `{name}`")).about("distribution", name, None);
            let draft = draft.role(speaker.role).also(all.iter().map(|named| named.place));
            let draft = releases::route(scene, &sites, speaker.named, draft);
            say(draft, name, "installed it", attack);
        }
    }
}

/// Lines of manifests that no lock answers, and commands that install a crate.
fn crates(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let attacks = |name: &str| scene.known.malware(Ecosystem::CratesIo, name);
    let mut by_name: BTreeMap<&str, Vec<Place>> = BTreeMap::new();
    for (_, node) in scene.graph.of(NodeKind::Crate).filter(|(_, node)| node.asks_crates_io()) {
        if !attacks(&node.name).is_empty() {
            by_name.entry(&node.name).or_default().extend(&node.sightings);
        }
    }
    let scripts = scene.documents.iter().flat_map(|d| Document::scripts(d).into_iter().map(|s| (d.file(), s)));
    for (file, script) in scripts {
        for (name, span) in script.installed_crates().filter(|(name, _)| !attacks(name).is_empty()) {
            by_name.entry(name).or_default().push(Place::new(file, span));
        }
    }
    for (name, mut places) in by_name {
        places.sort_by_key(|place| (scene.role(place.file), *place));
        let Some(place) = places.first() else { continue };
        for attack in attacks(name) {
            let draft = report.at(*place, format!("asks for `{name}`")).about("crate", name, None);
            let draft = draft.role(scene.role(place.file)).also(places.iter().copied());
            say(draft, name, "built it", attack);
        }
    }
}

fn say(draft: Draft<'_, '_>, name: &str, done: &str, attack: &Match) {
    draft
        .impact(Some(Impact::Malicious))
        .topic(topic(attack))
        .content(format!("{} {name}", attack.id))
        .evidence(format!("{} names every release, and no good one", attack.id))
        .advise(format!(
            "take `{name}` out, and treat each machine that {done} as taken over: renew the secrets it held and look at what it published since"
        ))
        .say(format!("every release of `{name}` is known to be malicious ({})", attack.id));
}
