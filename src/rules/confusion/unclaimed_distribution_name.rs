//! Names that this tree has from somewhere else and that something in it looks up on PyPI all the same.
//!
//! Whether a name is taken on PyPI is not known offline, so the rule speaks only where a line of the tree
//! asks PyPI for a name that the tree's own files know to be private: locked from an index of their own,
//! taken from a repository, or a project of the tree that is never to be published. Names that stand on
//! the list of well known ones, or that a lock takes from PyPI, are taken; an index from which a lock takes
//! such names as well hands on what PyPI has.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Confidence, Severity};
use crate::graph::distributions::{Holder, Named, Whose};
use crate::graph::kinds::python::{LockedOrigin, Origin, Requirement};
use crate::graph::python::Project;
use crate::impostor::{List, Names};
use crate::rules::advisories::route;
use crate::rules::python::lookup::shown;
use crate::rules::python::site::Sites;
use crate::rules::{Reporter, Rule, Scene, python};
use crate::source::{FileId, Place, Role};

pub(super) static RULE: Rule = Rule {
    id: "unclaimed-distribution-name",
    title: "private name that is looked up on PyPI",
    many: "{n} private names are looked up on PyPI",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unclaimed_distribution_name.md"),
    check,
};

/// Where a name is private, the weightiest first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum From {
    /// An index of the tree's owners, by its address.
    Index(String),
    /// A project of the tree.
    Project,
    /// A repository.
    Repository(String),
}

/// A name's private origin and the line that shows it.
struct Private {
    from: From,
    place: Place,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let named = &scene.distributions.named;
    let known = Names::embedded();
    let locked: BTreeSet<&str> =
        named.iter().filter(|n| n.is_locked() && n.whose == Whose::PyPi).map(|n| n.name.as_str()).collect();
    let is_taken = |name: &str| locked.contains(name) || known.find(List::PyPi, name).is_some();
    let mut private = of_locks(scene, &is_taken);
    of_repositories(scene, &mut private);
    of_tree(scene, &mut private);
    if private.is_empty() {
        return;
    }
    // One decision of one file: what it asks for and should not.
    let mut found: BTreeMap<(&From, FileId), Vec<(&Named, &Private)>> = BTreeMap::new();
    // What lies in the tree already built is looked up nowhere.
    let is_looked_up = |n: &&Named| n.whose == Whose::PyPi && !n.is_locked() && !matches!(n.holder, Holder::Built(_));
    for one in named.iter().filter(is_looked_up) {
        let Some(private) = private.get(one.name.as_str()).filter(|_| !is_taken(&one.name)) else { continue };
        if private.from == From::Project && is_at_hand(scene, one) {
            continue;
        }
        found.entry((&private.from, one.place.file)).or_default().push((one, private));
    }
    if found.is_empty() {
        return;
    }
    let sites = Sites::of(scene);
    for ((from, _), all) in found {
        say(scene, report, &sites, from, &all);
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, sites: &Sites<'_, '_>, from: &From, all: &[(&Named, &Private)]) {
    let Some((first, private)) = all.first() else { return };
    let names = python::list(all.iter().map(|(named, _)| named.name.as_str()));
    let (severity, confidence, origin, label) = match from {
        From::Index(address) => {
            (Severity::Medium, Confidence::Medium, format!("from {address}"), "taken from another index")
        }
        From::Project => (Severity::Low, Confidence::Low, "as a project of its own".to_owned(), "the project"),
        From::Repository(url) => (Severity::Low, Confidence::Low, format!("from {url}"), "taken from a repository"),
    };
    let role = role(scene, first);
    let draft = report
        .at(first.place, "looked up on PyPI")
        .about("distribution", first.name.clone(), None)
        .severity(severity)
        .confidence(confidence)
        .role(role)
        .also(all.iter().map(|(named, _)| named.place))
        .related(private.place, label)
        .content(&first.name);
    route(scene, sites, first, draft)
        .evidence("the names that the tree has from elsewhere; PyPI was not asked, and no list here knows the name there")
        .advise(match from {
            From::Index(address) => format!(
                "ask that index alone for it: --index-url {address} in a call of its own, or bind it in [tool.uv.sources]; and register the name on PyPI"
            ),
            From::Project => {
                "install it by its path, or as a member of the workspace".to_owned()
            }
            From::Repository(_) => {
                format!("take it from the repository here as well: {} @ git+..", first.name)
            }
        })
        .say(format!("PyPI is asked for {names} here, where whoever takes the name is installed; the tree has {} {origin}", if all.iter().all(|(n, _)| n.name == first.name) { "it" } else { "them" }));
}

/// Names that locks take from an index of the owners'.
fn of_locks<'a>(scene: &Scene<'a>, is_taken: &dyn Fn(&str) -> bool) -> BTreeMap<&'a str, Private> {
    let mut out = BTreeMap::new();
    let mut hands_on: BTreeSet<From> = BTreeSet::new();
    for named in scene.distributions.named.iter().filter(|n| n.whose == Whose::OtherIndex) {
        let Holder::Lock(lock, package) = named.holder else { continue };
        let lock = scene.python.locks.get(lock).and_then(|view| scene.python_lock(view.document));
        let Some(package) = lock.and_then(|lock| lock.packages.get(package)) else { continue };
        if let LockedOrigin::Registry(address) = &package.source {
            let from = From::Index(shown(address));
            if is_taken(&named.name) {
                hands_on.insert(from);
            } else {
                out.entry(named.name.as_str()).or_insert(Private { from, place: named.place });
            }
        }
    }
    out.retain(|_, private| !hands_on.contains(&private.from));
    out
}

fn of_repositories<'a>(scene: &Scene<'a>, out: &mut BTreeMap<&'a str, Private>) {
    for named in scene.distributions.named.iter().filter(|n| n.whose == Whose::Repository) {
        let Some(Origin::Vcs { url, .. }) = requirement(scene, named).and_then(|r| r.origin.as_ref()) else { continue };
        let private = Private { from: From::Repository(shown(&url.value)), place: named.place };
        out.entry(named.name.as_str()).or_insert(private);
    }
}

/// The requirement of a name, where no lock holds it.
fn requirement<'a>(scene: &Scene<'a>, named: &Named) -> Option<&'a Requirement> {
    let python = scene.python;
    match named.holder {
        Holder::Set(set, index) => scene.requirements(python.sets.get(set)?.document)?.requirements.get(index),
        Holder::Project(project, index) => {
            scene.pyproject(python.projects.get(project)?.document)?.requirements.get(index)
        }
        Holder::Install(install, index) => python.installs.get(install)?.requirements.get(index),
        Holder::Lock(..) | Holder::Built(_) | Holder::Conda(..) => None,
    }
}

/// Projects of the tree that say they are never to be published.
fn of_tree<'a>(scene: &Scene<'a>, out: &mut BTreeMap<&'a str, Private>) {
    for project in scene.python.projects.iter().filter(|p| p.role <= Role::Development) {
        let Some(file) = scene.pyproject(project.document).filter(|file| file.unpublished) else { continue };
        let (Some(name), Some(written)) = (&project.name, &file.name) else { continue };
        let place = Place::new(project.file, written.span);
        out.entry(name.as_str()).or_insert(Private { from: From::Project, place });
    }
}

/// Whether the project of the name is installed by the same file or command, or asks for itself.
fn is_at_hand(scene: &Scene<'_>, named: &Named) -> bool {
    let python = scene.python;
    let of_name = |p: &Project| p.name.as_deref() == Some(named.name.as_str());
    match named.holder {
        // Extras of a project name the project.
        Holder::Project(project, _) => python
            .projects
            .get(project)
            .is_some_and(|p| of_name(p) || p.root.is_some_and(|root| python.member(root, &named.name).is_some())),
        Holder::Set(set, _) => {
            let file = python.sets.get(set).and_then(|set| scene.requirements(set.document));
            file.is_some_and(|file| file.requirements.iter().any(|r| matches!(r.origin, Some(Origin::Path { .. }))))
        }
        Holder::Install(install, _) => {
            let Some(install) = python.installs.get(install) else { return true };
            // A command before it in the same script may have put it there.
            let before = |other: &&crate::graph::python::Install| other.place.file == install.place.file;
            python
                .installs
                .iter()
                .filter(before)
                .any(|other| other.projects.iter().filter_map(|p| python.projects.get(*p)).any(of_name))
        }
        Holder::Lock(..) | Holder::Built(_) | Holder::Conda(..) => true,
    }
}

fn role(scene: &Scene<'_>, named: &Named) -> Role {
    let python = scene.python;
    let role = match named.holder {
        Holder::Set(set, _) => python.sets.get(set).map(|set| set.role),
        Holder::Project(project, _) => python.projects.get(project).map(|project| project.role),
        Holder::Install(install, _) => python.installs.get(install).map(|install| install.role),
        Holder::Lock(..) | Holder::Built(_) | Holder::Conda(..) => None,
    };
    role.unwrap_or(Role::Product)
}
