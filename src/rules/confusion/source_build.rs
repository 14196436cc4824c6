//! Locked distributions without a wheel, and commands that ask for source: code of theirs runs when they
//! are installed.
//!
//! A lock holds the source distribution by its hash, but not what is needed to build it: that is looked up
//! while it is installed, newest first.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Confidence, Severity};
use crate::graph::kinds::python::{Artifact, IndexOptionKind, LockedDistribution, LockedOrigin, PythonLock};
use crate::graph::python::{Need, Purpose, PythonLockView};
use crate::rules::python::lookup;
use crate::rules::python::site::Sites;
use crate::rules::{Reporter, Rule, Scene, python};
use crate::source::{Place, Role};

pub(super) static RULE: Rule = Rule {
    id: "source-build",
    title: "distributions that are built where they are installed",
    many: "{n} installs build distributions from source",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("source_build.md"),
    check,
};

/// Lines one finding stands for.
const PLACES: usize = 20;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for view in &scene.python.locks {
        if !matches!(view.purpose, Purpose::Image | Purpose::Application | Purpose::Ci) || view.role > Role::Ci {
            continue;
        }
        let Some(lock) = scene.python_lock(view.document) else { continue };
        let packages: Vec<&LockedDistribution> = built(view, lock).collect();
        if !packages.is_empty() {
            of_lock(scene, report, view, &packages);
        }
    }
    by_option(scene, report);
}

/// What is needed to run, comes from an index and has files, none of which is a wheel.
fn built<'l>(view: &'l PythonLockView, lock: &'l PythonLock) -> impl Iterator<Item = &'l LockedDistribution> {
    lock.packages.iter().enumerate().filter_map(|(index, package)| {
        let is_of_index = matches!(package.source, LockedOrigin::PyPi | LockedOrigin::Registry(_));
        let has_source_alone = !package.artifacts.is_empty() && package.artifacts.iter().all(Artifact::is_source);
        let is_run = view.reached.get(index).is_some_and(|r| r.need == Need::Runtime);
        (is_of_index && has_source_alone && is_run).then_some(package)
    })
}

fn of_lock(scene: &Scene<'_>, report: &mut Reporter<'_>, view: &PythonLockView, packages: &[&LockedDistribution]) {
    let Some(first) = packages.first() else { return };
    let path = scene.sources.path(view.file);
    let names = python::list(packages.iter().map(|p| p.name.value.as_str()));
    let is_one = packages.len() == 1;
    let (verb, whose, them) = if is_one { ("has no wheel", "its", "it") } else { ("have no wheels", "their", "them") };
    let wheels = if is_one { "the wheel" } else { "the wheels" };
    let (severity, whom) = match view.purpose {
        Purpose::Image => (Severity::Low, "whoever builds the image"),
        _ => (Severity::Info, "whoever installs from it"),
    };
    let mut draft = report
        .at(Place::new(view.file, first.name.span), "source alone")
        .about("distribution", first.name.value.clone(), None)
        .severity(severity)
        .confidence(Confidence::High)
        .role(view.role)
        .also(packages.iter().take(PLACES).map(|p| Place::new(view.file, p.name.span)))
        .each(packages.iter().map(|p| p.name.value.as_str()));
    if let Some(user) = view.used_by.first() {
        draft = draft.via(user.text.clone(), Some(user.place));
    }
    draft
        .evidence("the files that the lock lists")
        .advise(format!("build {them} once in a stage of its own and install {wheels}, and forbid the rest: --no-build of uv, --only-binary :all: of pip, with what may be built named"))
        .say(format!("{names} in {path} {verb}: {whom} runs {whose} build code, with build tools that no lock holds"));
}

/// Where an option stands, with what it counts for and its look-up where that is a command.
type Places = BTreeMap<Place, (Role, Purpose, Option<usize>)>;

/// `--no-binary`: wheels are passed over.
fn by_option(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<String, Places> = BTreeMap::new();
    let lookups = lookup::all(scene);
    for (number, lookup) in lookups.iter().enumerate() {
        if lookup.role > Role::Ci || !matches!(lookup.purpose, Purpose::Image | Purpose::Application | Purpose::Ci) {
            continue;
        }
        for (place, option) in lookup.options.iter().filter(|(_, o)| o.kind == IndexOptionKind::NoBinary) {
            let what = option.value.value.trim();
            if matches!(what, ":none:") || what.contains('$') {
                continue;
            }
            let what = if what.is_empty() { ":all:" } else { what };
            let install = lookup.install.is_some().then_some(number);
            found.entry(what.to_owned()).or_default().entry(*place).or_insert((lookup.role, lookup.purpose, install));
        }
    }
    if found.is_empty() {
        return;
    }
    let sites = Sites::of(scene);
    for (what, places) in found {
        let Some((first, (role, purpose, install))) = places.iter().min_by_key(|(place, (role, ..))| (*role, **place))
        else {
            continue;
        };
        let named: BTreeSet<&str> = what.split(',').map(str::trim).collect();
        let names = if what == ":all:" { "everything".to_owned() } else { python::list(named) };
        let mut draft = report
            .at(*first, "wheels are passed over")
            .about("setting", format!("no-binary {what}"), None)
            .severity(if *purpose == Purpose::Image && what == ":all:" { Severity::Low } else { Severity::Info })
            .confidence(Confidence::High)
            .role(*role)
            .also(places.keys().take(PLACES).copied())
            .content(format!("no-binary {what}"))
            .evidence("the options in force");
        let install = install.and_then(|number| lookups.get(number)?.install);
        if let Some(install) = install {
            draft = sites.route(install, draft);
        }
        // Whoever asks for one name rarely means all that it needs.
        let asked = install.map_or(&[][..], |install| install.requirements.as_slice());
        let advice = match asked {
            [one] if what == ":all:" && python::is_plain(&one.name.value) => format!(
                "if `{0}` alone is meant to be built: --no-binary {0}, so that what it needs comes as wheels; its build tools are held by PIP_CONSTRAINT",
                one.name.value
            ),
            _ => "take the wheels, or build once in a stage of its own with build tools that constraints hold: PIP_CONSTRAINT".to_owned(),
        };
        draft
            .advise(advice)
            .say(format!("{names} is built from source here: build code runs, with build tools that no lock holds"));
    }
}
