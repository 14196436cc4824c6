//! Who installs a list, and the lists of a library that an image or a job installs: the list itself stays open
//! for those who use the library, the command need not.

use std::collections::{BTreeMap, BTreeSet};

use super::PLACES;
use crate::diag::Severity;
use crate::graph::kinds::python::{IndexOptionKind, Requirement};
use crate::graph::python::{Install, Purpose};
use crate::rules::python;
use crate::rules::python::site::{self, Sites};
use crate::rules::{Reporter, Scene};
use crate::source::Place;

/// Lists followed from one along what includes what.
const MAX_LISTS: usize = 64;

/// By list those that include it.
pub(super) fn includers(scene: &Scene<'_>) -> BTreeMap<usize, Vec<usize>> {
    let mut out: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, set) in scene.python.sets.iter().enumerate() {
        for (inner, _) in set.includes.iter().filter(|(_, constraint)| !constraint) {
            out.entry(*inner).or_default().push(index);
        }
    }
    out
}

/// Where a list is installed from, by itself or as a part of others.
pub(super) fn users(scene: &Scene<'_>, includers: &BTreeMap<usize, Vec<usize>>, index: usize) -> Vec<Place> {
    let mut out = Vec::new();
    let mut queue = vec![index];
    let mut seen = BTreeSet::new();
    while let Some(at) = queue.pop() {
        if seen.len() >= MAX_LISTS || !seen.insert(at) {
            continue;
        }
        let Some(set) = scene.python.sets.get(at) else { continue };
        let uses = set.used_by.iter().filter(|u| !u.constraint && u.purpose.wants_pins());
        out.extend(uses.take(PLACES).map(|u| u.place));
        queue.extend(includers.get(&at).into_iter().flatten());
    }
    out
}

/// What a list asks for, that of those it includes behind.
pub(super) fn requirements<'a>(scene: &Scene<'a>, set: usize) -> Vec<&'a Requirement> {
    let mut out = Vec::new();
    let mut queue = vec![set];
    let mut seen = BTreeSet::new();
    while let Some(at) = queue.pop() {
        if seen.len() >= MAX_LISTS || !seen.insert(at) {
            continue;
        }
        let Some(set) = scene.python.sets.get(at) else { continue };
        let file = scene.requirements(set.document).filter(|file| file.require_hashes.is_none());
        out.extend(file.into_iter().flat_map(|file| &file.requirements));
        queue.extend(set.includes.iter().filter(|(_, constraint)| !constraint).map(|(inner, _)| *inner));
    }
    out
}

/// A command and the names it leaves open.
struct Call<'a> {
    install: &'a Install,
    names: Vec<&'a str>,
}

pub(super) fn of_commands(scene: &Scene<'_>, report: &mut Reporter<'_>, own: &BTreeSet<String>) {
    let mut found: BTreeMap<usize, Vec<Call<'_>>> = BTreeMap::new();
    for install in &scene.python.installs {
        let offline = install.options.iter().any(|(_, o)| o.kind == IndexOptionKind::NoIndex);
        if !install.purpose.wants_pins() || install.is_locked || offline || install.conda.is_some() {
            continue;
        }
        let mut held: Option<BTreeSet<String>> = None;
        for set in install.files.iter().filter(|(.., constraint)| !constraint).filter_map(|(_, set, _)| *set) {
            // What is told of the list names the command.
            if scene.python.sets.get(set).is_none_or(|set| set.purpose.wants_pins() || set.is_locked) {
                continue;
            }
            let held = held.get_or_insert_with(|| python::constraints_of(scene, &install.files));
            let is_open = |r: &&Requirement| {
                let name = python::normal(&r.name.value);
                !held.contains(&name) && !own.contains(&name) && python::open(r).is_some()
            };
            let names: Vec<&str> =
                requirements(scene, set).into_iter().filter(is_open).map(|r| r.name.value.as_str()).collect();
            if !names.is_empty() {
                found.entry(set).or_default().push(Call { install, names });
            }
        }
    }
    let sites = Sites::of(scene);
    for (set, mut calls) in found {
        calls.sort_by_key(|c| (c.install.purpose, c.install.role, c.install.place));
        let (Some(main), Some(set)) = (calls.first(), scene.python.sets.get(set)) else { continue };
        let path = scene.sources.path(set.file);
        let command = site::command(main.install);
        let severity = if main.install.purpose == Purpose::Image { Severity::Low } else { Severity::Info };
        let draft = report
            .at(main.install.place, "the newest release of that day")
            .about("list", path, None)
            .severity(severity)
            .role(main.install.role)
            .also(calls.iter().take(PLACES).map(|call| call.install.place))
            .content(format!("{path} installed"))
            .evidence("the command and the list it names; no constraints, lock or hash hold what comes");
        sites
            .route(main.install, draft)
            .advise(format!(
                "leave {path} open for those who use it, and install a lock of it: \
                 uv pip compile --generate-hashes {path} -o <lock>"
            ))
            .say(format!(
                "`{command}` takes whatever is newest of what {path} lists, {}, for {}",
                python::list(main.names.iter().copied()),
                site::purpose(main.install.purpose)
            ));
    }
}
