//! A lock whose sources its project does not explain.
//!
//! Several sources of one name are right where the project binds them (`torch` for CPU and for CUDA). A
//! source that nothing in the tree names came from the machine of whoever wrote the lock, or from
//! somebody who edited it.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Confidence, Severity};
use crate::graph::indexes::{IndexKind, bare};
use crate::graph::kinds::python::{LockedDistribution, LockedOrigin, Origin, PythonLock};
use crate::graph::python::PythonLockView;
use crate::rules::python::lookup::{self, shown};
use crate::rules::{Reporter, Rule, Scene, python};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "mixed-lock-sources",
    title: "Python lock with sources that its project does not name",
    many: "{n} sources of Python locks are named by no project",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("mixed_lock_sources.md"),
    check,
};

/// Lines one finding stands for.
const PLACES: usize = 20;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for (index, view) in scene.python.locks.iter().enumerate() {
        let Some(lock) = scene.python_lock(view.document) else { continue };
        // Without its project a lock explains nothing.
        if !scene.python.projects.iter().any(|p| p.lock == Some(index)) {
            continue;
        }
        of_lock(scene, report, index, view, lock);
    }
}

/// What a project names: addresses of indexes, and repositories or files by name.
#[derive(Default)]
struct Named {
    indexes: BTreeSet<String>,
    elsewhere: BTreeSet<String>,
}

fn named(scene: &Scene<'_>, lock: usize) -> Named {
    let mut out = Named::default();
    // A workspace's root may declare for its members, and a command or a file for all.
    for project in &scene.python.projects {
        let Some(file) = scene.pyproject(project.document) else { continue };
        out.indexes.extend(file.indexes.iter().filter_map(|i| i.url.as_ref()).map(|u| bare(&u.value)));
        let bound = file.requirements.iter().filter_map(|r| r.index.as_ref()).filter(|i| i.value.contains("://"));
        out.indexes.extend(bound.map(|i| bare(&i.value)));
        if project.lock == Some(lock) {
            let from = file
                .requirements
                .iter()
                .filter(|r| matches!(r.origin, Some(Origin::Vcs { .. } | Origin::Url { .. } | Origin::Path { .. })));
            out.elsewhere.extend(from.map(|r| python::normal(&r.name.value)));
        }
    }
    let declared = lookup::settings(scene).flat_map(|(_, settings)| &settings.indexes);
    out.indexes.extend(declared.filter_map(|i| i.url.as_ref()).map(|u| bare(&u.value)));
    for lookup in lookup::all(scene) {
        for (_, option) in &lookup.options {
            out.indexes.extend(lookup::addresses(option).map(bare));
        }
    }
    out
}

fn of_lock(scene: &Scene<'_>, report: &mut Reporter<'_>, index: usize, view: &PythonLockView, lock: &PythonLock) {
    let named = named(scene, index);
    let mut by_index: BTreeMap<&str, Vec<&LockedDistribution>> = BTreeMap::new();
    let mut elsewhere: BTreeMap<String, Vec<&LockedDistribution>> = BTreeMap::new();
    let needed: BTreeSet<usize> =
        (0..lock.packages.len()).filter(|p| view.reached.get(*p).is_some_and(|r| r.hops == 1)).collect();
    for (position, package) in lock.packages.iter().enumerate() {
        match &package.source {
            LockedOrigin::Registry(address) if !named.indexes.contains(&bare(address)) => {
                by_index.entry(address).or_default().push(package);
            }
            // What a repository brings along may well come from another repository; what the project itself
            // asks an index for may not.
            LockedOrigin::Vcs { url, .. } | LockedOrigin::Url(url)
                if needed.contains(&position) && !named.elsewhere.contains(&python::normal(&package.name.value)) =>
            {
                elsewhere.entry(shown(url)).or_default().push(package);
            }
            _ => {}
        }
    }
    for (address, packages) in by_index {
        let severity = match scene.indexes.kind(address) {
            IndexKind::PyPi | IndexKind::Machine => continue,
            // A mirror hands on what PyPI has; the hashes say whether it did.
            IndexKind::Mirror => Severity::Info,
            IndexKind::Publisher => Severity::Low,
            IndexKind::Trial => Severity::High,
            IndexKind::Unknown | IndexKind::Other => Severity::Medium,
        };
        say(scene, report, view, &packages, severity, &lookup::words(scene.indexes.kind(address), address));
    }
    for (url, packages) in elsewhere {
        say(scene, report, view, &packages, Severity::Medium, &url);
    }
}

fn say(
    scene: &Scene<'_>,
    report: &mut Reporter<'_>,
    view: &PythonLockView,
    packages: &[&LockedDistribution],
    severity: Severity,
    source: &str,
) {
    let Some(first) = packages.first() else { return };
    let at = |package: &LockedDistribution| Place::new(view.file, package.source_span.unwrap_or(package.name.span));
    let path = scene.sources.path(view.file);
    let names = python::list(packages.iter().map(|p| p.name.value.as_str()));
    report
        .at(at(first), "named by no project of the lock")
        .about("source", source, None)
        .severity(severity)
        .confidence(Confidence::Medium)
        .role(view.role)
        .also(packages.iter().take(PLACES).map(|p| at(p)))
        .content(source)
        .evidence("the lock, and the indexes and repositories that projects, files and commands of the tree name")
        .advise("declare the source in the project and bind the packages to it, or write the lock anew without the settings of one machine")
        .say(format!("{path} takes {names} from {source}, which nothing in the tree names"));
}
