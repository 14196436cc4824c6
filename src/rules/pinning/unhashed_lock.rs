//! Locked distributions whose files no hash holds.

use std::collections::BTreeSet;

use crate::diag::{Confidence, Severity};
use crate::graph::Document;
use crate::graph::conda::CondaLockView;
use crate::graph::indexes::IndexKind;
use crate::graph::kinds::conda::{CondaLock, LockedConda};
use crate::graph::kinds::python::{LockedDistribution, LockedOrigin, PythonLock, RequirementsFile, Tool};
use crate::graph::python::{PythonLockView, RequirementSet};
use crate::rules::{Reporter, Rule, Scene, python};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "unhashed-lock",
    title: "Python lock without hashes",
    many: "{n} Python locks hold versions without hashes",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unhashed_lock.md"),
    check,
};

/// Lines one finding stands for.
const PLACES: usize = 20;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for view in &scene.python.locks {
        if let Some(lock) = scene.python_lock(view.document) {
            of_lock(scene, report, view, lock);
        }
    }
    for set in &scene.python.sets {
        if let Some(file) = scene.requirements(set.document) {
            of_file(scene, report, set, file);
        }
    }
    for view in &scene.python.conda.locks {
        if let Some(Document::CondaLock(lock)) = scene.documents.get(view.document) {
            of_conda(scene, report, view, lock);
        }
    }
}

/// A lock of conda's world. Channels give a digest for every file, and the tools write it.
fn of_conda(scene: &Scene<'_>, report: &mut Reporter<'_>, view: &CondaLockView, lock: &CondaLock) {
    let is_fetched = |p: &&LockedConda| {
        // What is built from a repository is held by its commit.
        p.url.as_ref().is_some_and(|u| u.value.contains("://") && !u.value.starts_with("git+"))
    };
    let asked: Vec<&LockedConda> = lock.packages.iter().filter(is_fetched).collect();
    let loose: Vec<&LockedConda> = asked.iter().copied().filter(|p| p.hashes.is_empty()).collect();
    let Some(first) = loose.first() else { return };
    let path = scene.sources.path(view.file).to_owned();
    let all = loose.len() == asked.len();
    let is_list = lock.tool == "conda";
    let (severity, why) = match (is_list, all) {
        // conda writes an explicit list without them unless it is asked for.
        (true, true) => (Severity::Low, "none of its lines has one"),
        (_, true) => (Severity::Medium, "none of its entries has one"),
        _ => (Severity::High, "the others have one, so they were taken out or never written"),
    };
    let place = |p: &LockedConda| Place::new(view.file, p.name.span);
    let names = python::list(loose.iter().map(|p| p.name.value.as_str()));
    let mut draft = report
        .at(place(first), "no digest")
        .about("lock", path.clone(), None)
        .severity(severity)
        .confidence(Confidence::Medium)
        .role(view.role)
        .also(loose.iter().take(PLACES).map(|p| place(p)))
        .each(loose.iter().map(|p| p.name.value.as_str()))
        .evidence("the addresses and digests that the lock lists");
    if let Some(user) = view.used_by.first() {
        draft = draft.via(user.text.clone(), Some(user.place));
    }
    draft
        .advise(match lock.tool {
            "pixi" => "write the lock anew and compare the versions: delete it, then pixi lock",
            "conda-lock" => "write the lock anew and compare the versions: conda-lock lock",
            _ => "write the list with digests: conda list --explicit --sha256",
        })
        .say(format!("{path} holds {names} without a digest: {why}"));
}

/// Whether some file of a package may be swapped without the lock noticing.
fn is_loose(lock: &PythonLock, package: &LockedDistribution) -> bool {
    if package.artifacts.is_empty() {
        // uv lists no files for what no platform of the project can install, and Pipenv gives it no version.
        return lock.tool != Tool::Uv && package.version.is_some();
    }
    package.artifacts.iter().any(|a| a.hash.as_ref().is_none_or(String::is_empty))
}

fn of_lock(scene: &Scene<'_>, report: &mut Reporter<'_>, view: &PythonLockView, lock: &PythonLock) {
    let kind = |package: &LockedDistribution| match &package.source {
        LockedOrigin::PyPi => Some(IndexKind::PyPi),
        LockedOrigin::Registry(address) => Some(scene.indexes.kind(address)),
        _ => None,
    };
    let asked: Vec<(&LockedDistribution, IndexKind)> =
        lock.packages.iter().filter_map(|p| Some((p, kind(p)?))).filter(|(_, k)| *k != IndexKind::Machine).collect();
    let loose: Vec<&(&LockedDistribution, IndexKind)> = asked.iter().filter(|(p, _)| is_loose(lock, p)).collect();
    let Some((first, _)) = loose.iter().min_by_key(|(p, k)| (*k, p.name.span.start)) else { return };
    let path = scene.sources.path(view.file).to_owned();
    let of_pypi = loose.iter().filter(|(_, k)| *k == IndexKind::PyPi).count();
    let all = loose.len() == asked.len();
    // PyPI gives a hash for every file, and every tool writes it: somebody took these out.
    let (severity, why) = match (of_pypi, all) {
        (0, _) => (Severity::Low, "the index gives none"),
        (_, true) => (Severity::Medium, "none of its entries has one"),
        _ => (Severity::High, "PyPI gives one for every file, so they were taken out"),
    };
    let of_lock = loose.iter().filter(|(_, k)| of_pypi == 0 || *k == IndexKind::PyPi);
    let named: Vec<&LockedDistribution> = of_lock.map(|(p, _)| *p).collect();
    report
        .at(Place::new(view.file, first.name.span), "no hash")
        .about("lock", path.clone(), None)
        .severity(severity)
        .confidence(if severity == Severity::High { Confidence::High } else { Confidence::Medium })
        .role(view.role)
        .also(named.iter().take(PLACES).map(|p| Place::new(view.file, p.name.span)))
        .each(named.iter().map(|p| p.name.value.as_str()))
        .evidence("the files that the lock lists")
        .advise(match lock.tool {
            Tool::Uv => {
                let may = if of_pypi == 0 { ", for the index may give them by now" } else { ", and compare" };
                format!("lock these packages again{may}: uv lock{}", upgrades(lock, &named))
            }
            tool => {
                let command = match tool {
                    Tool::Pdm => ": pdm lock --update-reuse",
                    Tool::Pipenv => ": pipenv lock",
                    Tool::Pip | Tool::Uv => " with the tool that wrote it",
                    Tool::Pixi => ": delete it, then pixi lock",
                    Tool::CondaLock => ": conda-lock lock",
                    Tool::Poetry => ": poetry lock --regenerate",
                };
                format!("write the lock anew and compare the versions{command}")
            }
        })
        .say(format!(
            "{path} holds {} without a hash: {why}",
            python::list(named.iter().map(|p| p.name.value.as_str()))
        ));
}

/// Names of packages put into a command.
const UPGRADES: usize = 4;

/// The options that make uv lock the same versions anew.
fn upgrades(lock: &PythonLock, packages: &[&LockedDistribution]) -> String {
    // The local part names a build, which the index may call otherwise.
    let release = |p: &&LockedDistribution| {
        // Where platforms have releases of their own, a version that is named would be asked of all of them.
        if lock.packages.iter().filter(|other| other.name.value == p.name.value).count() > 1 {
            return Some(format!(" --upgrade-package {}", p.name.value));
        }
        let version = p.version.as_ref().map(|v| v.value.split('+').next().unwrap_or(&v.value).to_owned())?;
        Some(format!(" --upgrade-package {}=={version}", p.name.value))
    };
    let all: BTreeSet<String> = packages.iter().filter_map(release).collect();
    if all.len() > UPGRADES { " --upgrade-package <name>==<version>".to_owned() } else { all.into_iter().collect() }
}

/// A file that a resolver wrote and that is installed where it should be the same each time.
fn of_file(scene: &Scene<'_>, report: &mut Reporter<'_>, set: &RequirementSet, file: &RequirementsFile) {
    let Some(tool) = &file.generated_by else { return };
    if !set.purpose.wants_pins() || set.only_constrains {
        return;
    }
    let asked: Vec<_> = file
        .requirements
        .iter()
        .filter(|r| r.origin.is_none() && !r.editable && python::is_plain(&r.name.value))
        .collect();
    let loose: Vec<_> = asked.iter().filter(|r| r.hashes.is_empty()).collect();
    let (Some(first), false) = (loose.first(), file.require_hashes.is_some()) else { return };
    let path = scene.sources.path(set.file).to_owned();
    let some = loose.len() < asked.len();
    let (at, label, severity, text) = if some {
        let names = python::list(loose.iter().map(|r| r.name.value.as_str()));
        let text = format!("{path} has hashes, but none for {names}: pip refuses the file, uv installs them unchecked");
        (first.span, "no hash", Severity::Medium, text)
    } else {
        let text = format!(
            "{path}, written by {}, holds {} versions without hashes: an index or a proxy may hand out other files under them",
            tool.value,
            loose.len()
        );
        (tool.span, "written without hashes", Severity::Low, text)
    };
    let mut draft = report
        .at(Place::new(set.file, at), label)
        .about("requirements", path, None)
        .severity(severity)
        .role(set.role)
        .content(if some { "some" } else { "all" })
        .evidence("the file");
    if some {
        draft = draft.also(loose.iter().take(PLACES).map(|r| Place::new(set.file, r.span)));
    }
    if let Some(user) = set.used_by.iter().min_by_key(|u| (u.purpose, u.role)) {
        // A file that includes this one is on the way from whoever installs that.
        let above = scene.python.sets.iter().find(|s| s.file == user.place.file && s.file != set.file);
        if let Some(first) = above.and_then(|s| s.used_by.iter().min_by_key(|u| (u.purpose, u.role))) {
            draft = draft.via(first.text.clone(), Some(first.place));
        }
        draft = draft.via(user.text.clone(), Some(user.place));
    }
    let advice = if tool.value.to_ascii_lowercase().contains("rye") {
        "let Rye write hashes: generate-hashes = true under [tool.rye], then rye lock"
    } else {
        "write it again with --generate-hashes, and install with --require-hashes"
    };
    draft.advise(advice).say(text);
}
