//! What the rules on releases of PyPI share: which of them an advisory names, by which way each comes
//! in, and how sure that makes us.
//!
//! The same release in several locks, requirements files and commands is one hit; the place in which it
//! weighs most speaks for it.

mod advice;
mod words;

use std::collections::BTreeMap;

use crate::advisory::{Kind, Match};
use crate::diag::Confidence;
use crate::graph::distributions::{Held, Holder, Named, Whose};
use crate::graph::identity::distribution_name;
use crate::graph::kinds::python::{Group, PythonLock, Requirement};
use crate::graph::python::{Need, Purpose, PythonLockView, ReachedDistribution};
use crate::graph::{NodeId, NodeKind};
use crate::parse::marker::{self, Environment, Platform};
use crate::rules::Scene;
use crate::source::{Place, Role};

pub(in crate::rules) use words::route;
pub(super) use words::say;

/// A release that an advisory names, over all files of the tree.
pub(super) struct Hit<'a> {
    /// Its name, normalised.
    pub(super) name: &'a str,
    /// Its version, as written.
    pub(super) version: &'a str,
    /// The flaw.
    pub(super) flaw: &'a Match,
    /// Its node in the graph.
    node: Option<NodeId>,
    /// Where it stands, the weightiest first; never empty.
    at: Vec<Stand<'a>>,
    /// Requirements that fix it beside a lock that holds it: one change moves both.
    beside: Vec<Place>,
}

/// One place of a release, with what decides its weight.
#[derive(Clone)]
struct Stand<'a> {
    named: &'a Named,
    role: Role,
    purpose: Purpose,
    need: Need,
    group: Group,
    /// The first marker on the way, if any.
    marker: Option<&'a str>,
    /// Number of hops from what a person writes; 1 where a person names it.
    hops: usize,
}

impl<'a> Stand<'a> {
    fn of(scene: &Scene<'a>, named: &'a Named) -> Option<Self> {
        let python = scene.python;
        let written = |role, purpose, need| {
            let marker = requirement(scene, named).and_then(|r| r.marker.as_ref()).map(|m| m.value.as_str());
            let marker = marker.filter(|m| !is_everywhere(m));
            Self { named, role, purpose, need, group: named.group.clone(), marker, hops: 1 }
        };
        match named.holder {
            Holder::Lock(..) => {
                let locked = Locked::of(scene, named)?;
                let reached = locked.reached();
                Some(Self {
                    named,
                    role: reached.role,
                    purpose: locked.view.purpose,
                    need: reached.need,
                    group: reached.group.clone(),
                    marker: locked.marker().filter(|m| !is_everywhere(m)),
                    hops: reached.hops,
                })
            }
            Holder::Set(set, _) => {
                let set = python.sets.get(set)?;
                let need = match set.purpose {
                    // Bounds alone install nothing.
                    _ if set.only_constrains => Need::Unknown,
                    Purpose::Development => Need::Development,
                    _ => Need::Runtime,
                };
                Some(written(set.role, set.purpose, need))
            }
            Holder::Project(project, _) => {
                let project = python.projects.get(project)?;
                let need = match &named.group {
                    Group::Runtime => Need::Runtime,
                    Group::Extra(_) => Need::Extra,
                    Group::Build => Need::Build,
                    Group::Named(_) => Need::Development,
                    Group::Constraint => Need::Unknown,
                };
                Some(written(project.role, project.purpose, need))
            }
            Holder::Install(install, _) => {
                let install = python.installs.get(install)?;
                Some(written(install.role, install.purpose, Need::Runtime))
            }
            Holder::Built(built) => {
                let built = python.built.get(built)?;
                Some(written(scene.role(built.file), Purpose::Library, Need::Runtime))
            }
        }
    }

    fn weight(&self) -> (Role, Purpose, Need, bool, usize, Holder) {
        (self.role, self.purpose, self.need, self.marker.is_some(), self.hops, self.named.holder)
    }

    fn confidence(&self) -> Confidence {
        if self.named.whose == Whose::Publisher {
            return Confidence::Medium;
        }
        match self.need {
            // Only those who work on the tree install it.
            Need::Development => Confidence::Low,
            Need::Extra if matches!(&self.group, Group::Extra(extra) if is_for_developers(extra)) => Confidence::Low,
            Need::Unknown if matches!(self.named.holder, Holder::Set(..)) => Confidence::Low,
            Need::Unknown if self.hops > 0 || matches!(self.named.holder, Holder::Project(..)) => Confidence::Low,
            Need::Runtime if self.purpose.wants_pins() && self.marker.is_none() => Confidence::High,
            _ => Confidence::Medium,
        }
    }
}

/// The place of a distribution that speaks for all of them.
pub(in crate::rules) struct Speaker<'a> {
    /// Who names it there.
    pub(in crate::rules) named: &'a Named,
    /// What it is for.
    pub(in crate::rules) role: Role,
    /// The line a person would change.
    pub(in crate::rules) at: Place,
    /// The locked distribution that asks for it; none where a person does.
    pub(in crate::rules) parent: Option<&'a str>,
}

/// The weightiest place among those of one distribution; one where a person names it comes before those
/// where a lock brings it along.
pub(in crate::rules) fn speaker<'a>(scene: &Scene<'a>, named: &[&'a Named]) -> Option<Speaker<'a>> {
    let stands = named.iter().filter_map(|named| Stand::of(scene, named));
    let main = stands.min_by_key(|stand| (stand.hops > 1, stand.weight()))?;
    let locked = Locked::of(scene, main.named);
    let parent = locked.as_ref().filter(|_| main.hops > 1).and_then(|locked| {
        let package = locked.lock.packages.get(locked.reached().parent?)?;
        Some(package.name.value.as_str())
    });
    let at = locked.and_then(|locked| locked.reached().enters_at).unwrap_or(main.named.place);
    Some(Speaker { named: main.named, role: main.role, at, parent })
}

/// Names that extras for developers go by.
fn is_for_developers(extra: &str) -> bool {
    const NAMES: &[&str] = &[
        "bench",
        "benchmark",
        "benchmarks",
        "ci",
        "dev",
        "develop",
        "development",
        "doc",
        "docs",
        "lint",
        "linting",
        "quality",
        "test",
        "testing",
        "tests",
        "type",
        "types",
        "typing",
    ];
    NAMES.contains(&distribution_name(extra).as_str())
}

/// Whether a marker holds wherever most programs run: CPython 3.10 to 3.13 on Linux.
fn is_everywhere(marker: &str) -> bool {
    let usual = |e: &Environment| e.platform == Platform::Linux && (10..=13).contains(&e.minor);
    marker::parse(marker).is_ok_and(|m| Environment::common().filter(usual).all(|e| m.holds(&e) == Some(true)))
}

/// An entry of a lock.
struct Locked<'a> {
    view: &'a PythonLockView,
    lock: &'a PythonLock,
    index: usize,
}

impl<'a> Locked<'a> {
    fn of(scene: &Scene<'a>, named: &Named) -> Option<Self> {
        let Holder::Lock(view, index) = named.holder else { return None };
        let view = scene.python.locks.get(view)?;
        let lock = scene.python_lock(view.document)?;
        (index < lock.packages.len() && index < view.reached.len()).then_some(Self { view, lock, index })
    }

    fn reached(&self) -> &'a ReachedDistribution {
        &self.view.reached[self.index]
    }

    /// From the project to the package: indices in the lock, the direct dependency first.
    fn way(&self) -> Vec<usize> {
        let mut way = vec![self.index];
        while let Some(parent) = way.last().and_then(|&last| self.view.reached.get(last)?.parent) {
            // Parents are given once, from what is reached already; the bound is for peace of mind.
            if way.len() > self.view.reached.len() {
                break;
            }
            way.push(parent);
        }
        way.reverse();
        way
    }

    /// The first marker on the way to the package.
    fn marker(&self) -> Option<&'a str> {
        let reached = self.reached();
        let way = self.way();
        let package = |index: usize| &self.lock.packages[index];
        let of_edge = |pair: &[usize]| {
            let (&[from, to], named) = (pair, &package(*pair.last()?).name.value) else { return None };
            let edge = package(from).dependencies.iter().find(|d| {
                d.name.value == *named
                    && d.version.as_ref().is_none_or(|v| package(to).version.as_ref().is_none_or(|own| own.value == *v))
            })?;
            edge.marker.as_deref()
        };
        reached
            .marker
            .as_deref()
            .or_else(|| way.windows(2).find_map(of_edge))
            .or_else(|| package(self.index).marker.as_ref().map(|m| m.value.as_str()))
    }
}

/// The requirement that names a distribution; none for what a lock names.
pub(super) fn requirement<'a>(scene: &Scene<'a>, named: &Named) -> Option<&'a Requirement> {
    let python = scene.python;
    match named.holder {
        Holder::Lock(..) | Holder::Built(_) => None,
        Holder::Set(set, index) => scene.requirements(python.sets.get(set)?.document)?.requirements.get(index),
        Holder::Project(project, index) => {
            scene.pyproject(python.projects.get(project)?.document)?.requirements.get(index)
        }
        Holder::Install(install, index) => python.installs.get(install)?.requirements.get(index),
    }
}

/// The requirement at the start of the way to a locked package, with the name it gives.
fn entry<'a>(scene: &Scene<'a>, reached: &ReachedDistribution) -> Option<&'a Requirement> {
    let at = reached.enters_at?;
    let project = scene.python.projects.get(reached.project?)?;
    let file = scene.pyproject(project.document)?;
    file.requirements.iter().find(|r| file.file == at.file && r.span == at.span)
}

/// Nodes of distributions by the places they were seen in.
pub(super) fn nodes(scene: &Scene<'_>) -> BTreeMap<Place, NodeId> {
    let all = scene.graph.of(NodeKind::Distribution);
    all.flat_map(|(id, node)| node.sightings.iter().map(move |place| (*place, id))).collect()
}

/// The flaws of a release and where it stands.
type Flawed<'a> = (&'a [Match], Vec<Stand<'a>>);

/// Advisories of one kind that name releases of the tree, by name and version.
pub(super) fn hits<'a>(scene: &Scene<'a>, kind: Kind) -> Vec<Hit<'a>> {
    let known = scene.known.releases();
    let mut flawed: BTreeMap<(&str, &str), Flawed<'a>> = known
        .filter(|(_, _, matches)| matches.iter().any(|m| m.kind == kind))
        .map(|(name, version, matches)| ((name, version), (matches, Vec::new())))
        .collect();
    for named in scene.distributions.named.iter().filter(|n| n.whose.is_published()) {
        let Held::At(version) = &named.held else { continue };
        if let Some((_, at)) = flawed.get_mut(&(named.name.as_str(), version.as_str())) {
            at.extend(Stand::of(scene, named));
        }
    }
    let nodes = nodes(scene);
    let mut out = Vec::new();
    for ((name, version), (matches, mut at)) in flawed {
        at.sort_by_key(Stand::weight);
        let locks: Vec<usize> = at
            .iter()
            .filter_map(|s| if let Holder::Lock(lock, _) = s.named.holder { Some(lock) } else { None })
            .collect();
        let is_beside = |stand: &Stand<'_>| match stand.named.holder {
            Holder::Project(project, _) => {
                scene.python.projects.get(project).and_then(|p| p.lock).is_some_and(|lock| locks.contains(&lock))
            }
            _ => false,
        };
        let beside: Vec<Place> = at.iter().filter(|s| is_beside(s)).map(|s| s.named.place).collect();
        at.retain(|stand| !is_beside(stand));
        let node = at.iter().find_map(|stand| nodes.get(&stand.named.place).copied());
        if at.is_empty() {
            continue;
        }
        for flaw in matches.iter().filter(|m| m.kind == kind) {
            out.push(Hit { name, version, flaw, node, at: at.clone(), beside: beside.clone() });
        }
    }
    out
}

impl<'a> Hit<'a> {
    fn main(&self) -> &Stand<'a> {
        &self.at[0]
    }

    /// How many files hold the release.
    fn files(&self) -> usize {
        let mut files: Vec<_> = self.at.iter().map(|stand| stand.named.place.file).collect();
        files.sort_unstable();
        files.dedup();
        files.len()
    }
}

#[cfg(test)]
mod tests;
