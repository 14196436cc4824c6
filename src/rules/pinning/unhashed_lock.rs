//! Locked distributions whose files no hash holds.

use std::collections::BTreeSet;

use crate::diag::{Confidence, Severity};
use crate::graph::indexes::IndexKind;
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
}

/// Whether some file of a package may be swapped without the lock noticing.
fn is_loose(lock: &PythonLock, package: &LockedDistribution) -> bool {
    if package.artifacts.is_empty() {
        // uv lists no files for what no platform of the project can install.
        return lock.tool != Tool::Uv;
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
    // PyPI gives a hash for every file, and both tools write it: somebody took these out.
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
        .content(named.iter().map(|p| p.name.value.as_str()).collect::<Vec<_>>().join(" "))
        .evidence("the files that the lock lists")
        .advise(match lock.tool {
            Tool::Uv => {
                let may = if of_pypi == 0 { ", for the index may give them by now" } else { ", and compare" };
                format!("lock these packages again{may}: uv lock{}", upgrades(&named))
            }
            Tool::Pixi => "write the lock anew and compare the versions: delete it, then pixi lock".to_owned(),
            Tool::CondaLock => "write the lock anew and compare the versions: conda-lock lock".to_owned(),
            _ => "write the lock anew and compare the versions: poetry lock --regenerate".to_owned(),
        })
        .say(format!(
            "{path} holds {} without a hash: {why}",
            python::list(named.iter().map(|p| p.name.value.as_str()))
        ));
}

/// Names of packages put into a command.
const UPGRADES: usize = 4;

/// The options that make uv lock the same versions anew.
fn upgrades(packages: &[&LockedDistribution]) -> String {
    // The local part names a build, which the index may call otherwise.
    let release = |p: &&LockedDistribution| {
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
