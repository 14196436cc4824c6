//! The version that a lock of the tree holds of a tool, for advice that names it.

use crate::rules::{Scene, python};

/// That of a crate: the highest that a `Cargo.lock` of the tree holds.
pub(super) fn of_crate(scene: &Scene<'_>, name: &str) -> Option<String> {
    let locks = scene.cargo.locks.iter().filter_map(|view| scene.lock(view.document));
    let found = locks.flat_map(|lock| &lock.packages).filter(|p| p.name.value == name && p.source.is_some());
    let versions = found.filter_map(|p| semver::Version::parse(&p.version.value).ok());
    versions.max().map(|version| version.to_string())
}

/// That of a distribution: of the first lock of the tree that holds one version of it.
pub(in crate::rules) fn of_distribution(scene: &Scene<'_>, name: &str) -> Option<String> {
    let name = python::normal(name);
    scene.python.locks.iter().find_map(|view| {
        let lock = scene.python_lock(view.document)?;
        let mut held = lock.packages.iter().filter(|p| python::normal(&p.name.value) == name);
        let (one, None) = (held.next()?, held.next()) else { return None };
        one.version.as_ref().map(|version| version.value.clone())
    })
}
