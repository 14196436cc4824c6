//! Packages of manifests and locks.

use std::collections::{BTreeMap, BTreeSet};

use super::{Departure, Weight, weigh};
use crate::graph::Document;
use crate::graph::identity;
use crate::graph::kinds::cargo::{Dependency, Manifest};
use crate::graph::kinds::python::Requirement;
use crate::rules::Scene;
use crate::rules::changes::compared::Compared;
use crate::rules::changes::origin::{Origin, repository};
use crate::rules::changes::packages::Packages;
use crate::source::{Place, Span};

/// Where names come from in one document, with the place that says so.
type Origins = BTreeMap<String, Vec<(Origin, Span)>>;

pub(super) fn departures(compared: &Compared<'_>) -> Vec<Departure> {
    let mut out = Vec::new();
    for (document, was) in compared.touched() {
        let Some(was) = was else { continue };
        let (now, old) = (origins(document, compared.scene), origins(was, compared.base()));
        let (Some((what, in_lock, now)), Some((_, _, old))) = (now, old) else { continue };
        for (name, places) in &now {
            let Some(known) = old.get(name) else { continue };
            let before: BTreeSet<&Origin> = known.iter().map(|(origin, _)| origin).collect();
            for (to, span) in places.iter().filter(|(to, _)| !before.contains(to)) {
                // Another of several sources that stays is no move.
                let gone = known.iter().find(|(from, _)| !places.iter().any(|(to, _)| to == from));
                let Some((from, old_span)) = gone.or(known.first()) else { continue };
                if !Origin::is_departure(from, to) {
                    continue;
                }
                let weight = match weigh(compared, to) {
                    // The tree took the package from its own fork before.
                    Weight::Anybody if is_same_owner(from, to) => Weight::Relied,
                    weight => weight,
                };
                out.push(Departure {
                    what,
                    name: name.clone(),
                    from: from.say(),
                    to: to.say(),
                    place: Place::new(document.file(), *span),
                    old: Place::new(was.file(), *old_span),
                    weight,
                    in_lock,
                    many: true,
                });
            }
        }
    }
    out
}

/// `host/owner` of two origins.
fn is_same_owner(from: &Origin, to: &Origin) -> bool {
    let owner = |origin: &Origin| match origin {
        Origin::Repository(name) | Origin::File(name) => super::named::owner(name).map(str::to_owned),
        _ => None,
    };
    owner(from).is_some() && owner(from) == owner(to)
}

fn origins(document: &Document, scene: &Scene<'_>) -> Option<(&'static str, bool, Origins)> {
    let mut out = Origins::new();
    match document {
        Document::CargoManifest(manifest) => {
            for (name, origin, span) in of_manifest(manifest) {
                out.entry(name).or_default().push((origin, span));
            }
            Some(("crate", false, out))
        }
        Document::PyProject(project) => {
            requirements(&project.requirements, &mut out);
            Some(("distribution", false, out))
        }
        Document::Requirements(file) if file.generated_by.is_none() => {
            requirements(&file.requirements, &mut out);
            Some(("distribution", false, out))
        }
        _ => {
            let packages = Packages::of(document, scene.indexes)?;
            for one in packages.all {
                out.entry(one.name).or_default().push((one.origin, one.span));
            }
            Some((packages.what, true, out))
        }
    }
}

fn of_manifest(manifest: &Manifest) -> impl Iterator<Item = (String, Origin, Span)> {
    let dependencies = manifest.dependencies.iter().filter(|d| !d.inherited);
    let asked = dependencies.map(|d| (d.package_name().to_owned(), of_dependency(d), d.span));
    let patched = manifest
        .patches
        .iter()
        .map(|patch| (format!("{} (patched)", patch.with.package_name()), of_dependency(&patch.with), patch.with.span));
    asked.chain(patched)
}

fn of_dependency(dependency: &Dependency) -> Origin {
    if let Some(git) = &dependency.git {
        Origin::Repository(repository(&git.value))
    } else if let Some(registry) = &dependency.registry {
        Origin::Index(registry.value.clone())
    } else if dependency.path.is_some() {
        Origin::Tree
    } else {
        Origin::Public("crates.io")
    }
}

fn requirements(all: &[Requirement], out: &mut Origins) {
    for one in all.iter().filter(|one| !one.name.value.is_empty()) {
        let Some(origin) = Origin::of_requirement(one.origin.as_ref()) else { continue };
        out.entry(identity::distribution_name(&one.name.value)).or_default().push((origin, one.span));
    }
}
