//! The same of Python's locks: a name that PyPI answers on one platform and an index of the owners' on
//! another. uv lets a binding have a marker, and where the marker does not hold it asks PyPI.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Confidence, Severity};
use crate::graph::indexes::IndexKind;
use crate::graph::kinds::python::{LockedDistribution, LockedOrigin, PythonLock};
use crate::graph::python::PythonLockView;
use crate::rules::python::lookup::shown;
use crate::rules::{Reporter, Scene, python};
use crate::source::Place;

/// Lines one finding stands for.
const PLACES: usize = 20;

pub(super) fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for view in &scene.python.locks {
        let Some(lock) = scene.python_lock(view.document) else { continue };
        let mut found: BTreeMap<String, Vec<&LockedDistribution>> = BTreeMap::new();
        for (packages, address) in of_lock(scene, lock) {
            found.entry(address).or_default().extend(packages);
        }
        for (address, packages) in found {
            say(scene, report, view, &address, &packages);
        }
    }
}

/// Packages of a name that comes from PyPI and from an index that is not known to be public, and the
/// address of that. A publisher's builds of a release beside the release are how such builds are used.
fn of_lock<'l>(scene: &Scene<'_>, lock: &'l PythonLock) -> Vec<(Vec<&'l LockedDistribution>, String)> {
    let mut by_name: BTreeMap<String, Vec<&LockedDistribution>> = BTreeMap::new();
    for package in &lock.packages {
        by_name.entry(python::normal(&package.name.value)).or_default().push(package);
    }
    let other = |package: &LockedDistribution| match &package.source {
        LockedOrigin::Registry(address)
            if matches!(scene.indexes.kind(address), IndexKind::Other | IndexKind::Trial | IndexKind::Unknown) =>
        {
            Some(shown(address))
        }
        _ => None,
    };
    let several = by_name.into_values().filter(|packages| packages.len() > 1);
    several
        .filter(|packages| packages.iter().any(|p| scene.indexes.is_from_pypi(&p.source)))
        .filter_map(|packages| {
            let address = packages.iter().find_map(|p| other(p))?;
            Some((packages, address))
        })
        .collect()
}

fn say(
    scene: &Scene<'_>,
    report: &mut Reporter<'_>,
    view: &PythonLockView,
    address: &str,
    packages: &[&LockedDistribution],
) {
    let at = |package: &LockedDistribution| Place::new(view.file, package.source_span.unwrap_or(package.name.span));
    // The half that a stranger may answer is where it goes wrong.
    let Some(first) = packages.iter().find(|p| scene.indexes.is_from_pypi(&p.source)) else { return };
    let names: BTreeSet<&str> = packages.iter().map(|p| p.name.value.as_str()).collect();
    let verb = if names.len() == 1 { "comes" } else { "come" };
    let mut draft = report
        .at(at(first), "from PyPI")
        .about("distribution", first.name.value.clone(), None)
        .severity(Severity::Medium)
        .confidence(Confidence::Medium)
        .role(view.role)
        .also(packages.iter().take(PLACES).map(|p| at(p)))
        .content(format!("{} {address}", first.name.value))
        .evidence("the lock; who owns the name on PyPI is not known here");
    if let Some(other) = packages.iter().find(|p| !scene.indexes.is_from_pypi(&p.source)) {
        draft = draft.related(at(other), format!("from {address}"));
    }
    draft
        .advise(
            "bind the name to its index on every platform, without a marker; or give the private one a name of its own",
        )
        .say(format!("{} {verb} from PyPI and from {address} at once, as the platform has it", python::list(names)));
}
