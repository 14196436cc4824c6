//! A crate whose name is almost that of one everybody knows.

use std::collections::{BTreeMap, BTreeSet};

use super::recorded;
use super::words::{fame, is_known_attack, weight, what};
use crate::advisory::Ecosystem;
use crate::diag::Severity;
use crate::graph::identity::lock_source;
use crate::graph::kinds::cargo::LockSource;
use crate::graph::kinds::sbom::Registry;
use crate::impostor::{List, NOTE, Names, Resemblance, resembles};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Role};

pub(super) static RULE: Rule = Rule {
    id: "lookalike-crate",
    title: "crate whose name is almost that of a well known one",
    many: "{n} names are almost those of well known crates",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("lookalike_crate.md"),
    check,
};

/// Points taken from a name that no manifest of the tree holds: who wrote it may have meant it.
const BROUGHT_ALONG: u8 = 15;

/// A place that names a crate of crates.io.
struct Named<'a> {
    role: Role,
    place: Place,
    /// The package of the tree whose manifest says so.
    package: Option<&'a str>,
    /// The locked crate that asks for it; none where a manifest of the tree does.
    parent: Option<&'a str>,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    recorded::in_documents(scene, report, Registry::CratesIo);
    let names = Names::embedded();
    let mut all: BTreeMap<&str, Vec<Named<'_>>> = BTreeMap::new();
    declared(scene, &mut all);
    locked(scene, &mut all);
    let own: BTreeSet<&str> =
        scene.cargo.workspaces.iter().flat_map(|w| &w.members).map(|member| member.name.as_str()).collect();
    for (name, mut places) in all {
        let Some(mut found) = resembles(&names, List::Crates, name).filter(|found| found.points >= NOTE) else {
            continue;
        };
        if own.contains(name) || is_known_attack(scene, Ecosystem::CratesIo, name) {
            continue;
        }
        places.sort_by_key(|named| (named.parent.is_some(), named.role, named.place));
        let Some(main) = places.first() else { continue };
        if let Some(parent) = main.parent {
            found.points = found.points.saturating_sub(BROUGHT_ALONG);
            if found.points < NOTE || names.find(List::Crates, parent).is_some() {
                continue;
            }
        }
        say(report, &names, name, &found, main, &places);
    }
}

fn say(
    report: &mut Reporter<'_>,
    names: &Names,
    name: &str,
    found: &Resemblance<'_>,
    main: &Named<'_>,
    places: &[Named<'_>],
) {
    let (severity, confidence) = weight(found.points);
    let mut draft = report
        .at(main.place, format!("almost `{}`", found.target))
        .about("crate", name, None)
        .severity(severity)
        .confidence(confidence)
        .role(main.role)
        .also(places.iter().map(|named| named.place))
        .content(format!("{name} {}", found.target));
    if let Some(package) = main.package {
        draft = draft.via(format!("crate {package}"), Some(main.place));
    }
    if let Some(parent) = main.parent {
        draft = draft.via(format!("crate {parent}"), None);
    }
    draft
        .evidence(format!(
            "`{}` is {}; `{name}` is not on the list of {}, which is a sample",
            found.target,
            fame(List::Crates, found.level),
            names.day(List::Crates)
        ))
        .evidence(format!("likeness {} of 100", found.points))
        .advise(format!(
            "write `{}` if that is meant; else look up who publishes `{name}`, since when, and what its build script does, before it is built again",
            found.target
        ))
        .say(format!("`{name}` is {}", what(found)));
}

/// Lines of manifests that crates.io answers.
fn declared<'a>(scene: &Scene<'a>, all: &mut BTreeMap<&'a str, Vec<Named<'a>>>) {
    for (document, manifest) in scene.manifests() {
        let role = scene.role(manifest.file);
        let package = scene.cargo.of_document(document).and_then(|(_, member)| Some(member?.name.as_str()));
        for dependency in &manifest.dependencies {
            let elsewhere = [&dependency.git, &dependency.path, &dependency.registry];
            if dependency.inherited || elsewhere.iter().any(|place| place.is_some()) {
                continue;
            }
            let name = dependency.package.as_ref().unwrap_or(&dependency.key);
            let place = Place::new(manifest.file, dependency.span);
            all.entry(&name.value).or_default().push(Named { role, place, package, parent: None });
        }
    }
}

/// Crates that a lock brings along and that no line names.
fn locked<'a>(scene: &Scene<'a>, all: &mut BTreeMap<&'a str, Vec<Named<'a>>>) {
    for view in &scene.cargo.locks {
        let Some(lock) = scene.lock(view.document) else { continue };
        for (package, reached) in lock.packages.iter().zip(&view.reached) {
            let source = lock_source(package.source.as_ref().map(|s| s.value.as_str()));
            if source != LockSource::CratesIo {
                continue;
            }
            let parent = reached.parent.and_then(|parent| lock.packages.get(parent)).filter(|_| reached.hops > 1);
            let place = reached.enters_at.unwrap_or(Place::new(view.file, package.name.span));
            // A direct one that no line names stands under another name there, or in a lock alone.
            all.entry(&package.name.value).or_default().push(Named {
                role: reached.role,
                place,
                package: None,
                parent: parent.map(|parent| parent.name.value.as_str()),
            });
        }
    }
}
