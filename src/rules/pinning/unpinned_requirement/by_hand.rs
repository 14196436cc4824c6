//! The same of commands that people run on their machines: one note a file.

use std::collections::{BTreeMap, BTreeSet};

use super::{PLACES, listed};
use crate::diag::Severity;
use crate::graph::kinds::python::{IndexOptionKind, Requirement};
use crate::graph::python::Install;
use crate::rules::python;
use crate::rules::python::site::{self, Sites};
use crate::rules::{Reporter, Scene};
use crate::source::{FileId, Place};

/// A command and what it leaves open.
struct Call<'a> {
    install: &'a Install,
    place: Place,
    /// Its own words, then those of the files it installs.
    names: Vec<String>,
}

pub(super) fn of_commands(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<FileId, Vec<Call<'_>>> = BTreeMap::new();
    for install in &scene.python.installs {
        let offline = install.options.iter().any(|(_, o)| o.kind == IndexOptionKind::NoIndex);
        if install.purpose.wants_pins() || install.is_locked || offline || install.conda.is_some() {
            continue;
        }
        let held = python::constraints_of(scene, &install.files);
        let is_open = |r: &&Requirement| {
            let name = python::normal(&r.name.value);
            !held.contains(&name) && python::open(r).is_some()
        };
        let named: Vec<&Requirement> = install.requirements.iter().filter(is_open).collect();
        let sets = install.files.iter().filter(|(.., constraint)| !constraint).filter_map(|(_, set, _)| *set);
        let listed: Vec<&Requirement> = sets.flat_map(|set| listed::requirements(scene, set)).filter(is_open).collect();
        let place = match named.first() {
            Some(first) => Place::new(install.place.file, first.span),
            None if listed.is_empty() => continue,
            None => install.place,
        };
        let names = named.iter().chain(&listed).map(|r| r.name.value.clone()).collect();
        found.entry(install.place.file).or_default().push(Call { install, place, names });
    }
    let sites = Sites::of(scene);
    for (file, calls) in &found {
        let Some(main) = calls.first() else { continue };
        let mut seen = BTreeSet::new();
        let names: Vec<&str> = calls
            .iter()
            .flat_map(|call| &call.names)
            .map(String::as_str)
            .filter(|name| seen.insert(python::normal(name)))
            .collect();
        let path = scene.sources.path(*file).to_owned();
        let command = site::command(main.install);
        let draft = report
            .at(main.place, "the newest release of that day")
            .about("commands", path, None)
            .severity(Severity::Info)
            .role(main.install.role)
            .also(calls.iter().take(PLACES).map(|call| call.place))
            .each(names.iter().map(|one| one.to_string()))
            .evidence("the commands and the lists they name; no lock or hash holds what comes");
        sites
            .route(main.install, draft)
            .advise("install from a lock, so that everybody who works on this runs the same: uv sync --locked, or pip install --require-hashes -r <file>")
            .say(format!("`{command}` takes whatever is newest of {} for who runs it by hand", python::list(names.iter().copied())));
    }
}
