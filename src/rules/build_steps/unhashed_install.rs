//! Python packages installed at a version, without the hash of what comes.

use std::collections::BTreeMap;

use crate::diag::Severity;
use crate::graph::kinds::python::{IndexOptionKind, Requirement};
use crate::graph::python::Install;
use crate::rules::python;
use crate::rules::python::site::{self, Sites};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place};

pub(super) static RULE: Rule = Rule {
    id: "unhashed-install",
    title: "Python packages at a version, without hashes",
    many: "{n} files install Python packages at a version, without hashes",
    severity: Severity::Info,
    since: "0.1",
    docs: include_str!("unhashed_install.md"),
    check,
};

/// Lines one finding stands for.
const PLACES: usize = 100;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let sites = Sites::of(scene);
    let own = python::own_names(scene);
    let mut found: BTreeMap<FileId, Vec<(&Install, &Requirement)>> = BTreeMap::new();
    for install in &scene.python.installs {
        let offline = install.options.iter().any(|(_, o)| o.kind == IndexOptionKind::NoIndex);
        if !install.purpose.wants_pins() || install.is_locked || offline || install.conda.is_some() {
            continue;
        }
        let named: Vec<&Requirement> =
            install.requirements.iter().filter(|r| !own.contains(&python::normal(&r.name.value))).collect();
        // What is left open is the matter of `unpinned-requirement`.
        let exact = |r: &&Requirement| r.origin.is_none() && r.hashes.is_empty() && python::open(r).is_none();
        if named.iter().all(exact) {
            found.entry(install.place.file).or_default().extend(named.into_iter().map(|r| (install, r)));
        }
    }
    for (file, lines) in &found {
        let Some((install, first)) = lines.first() else { continue };
        let path = scene.sources.path(*file).to_owned();
        let names = python::list(lines.iter().map(|(_, r)| r.name.value.as_str()));
        let command = site::command(install);
        let place = |r: &Requirement| Place::new(*file, r.span);
        let draft = report
            .at(place(first), "no hash")
            .role(install.role)
            .also(lines.iter().take(PLACES).map(|(_, r)| place(r)))
            .about("requirements", path, None)
            .each(lines.iter().map(|(_, r)| python::words(r)))
            .evidence("the index says which file belongs to the version; what they need in turn is open as well");
        let advice = match install.manager.as_str() {
            "uvx" | "pipx" => {
                "list it in a project with a lock, and run it from there: uv run --locked <tool>".to_owned()
            }
            _ => format!(
                "list them in a file with the hashes of everything: uv pip compile --generate-hashes requirements.in -o \
                 requirements.txt, then {command} --require-hashes -r requirements.txt"
            ),
        };
        sites
            .route(install, draft)
            .advise(advice)
            .say(format!("`{command}` takes {names} by version alone: no hash holds which files come"));
    }
}
