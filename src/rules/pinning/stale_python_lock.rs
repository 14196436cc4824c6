//! A lock of uv or Poetry that does not answer its project.
//!
//! Both lock every requirement of every extra and group. What a marker may rule out on every platform is
//! left alone, as a lock need not hold it.

use std::collections::{BTreeMap, BTreeSet};

use crate::advisory::pep440::Allowed;
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::python::{
    Form, Group, LockedDistribution, LockedOrigin, PyProject, PythonLock, Requirement, Tool,
};
use crate::rules::{Reporter, Rule, Scene, python};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "stale-python-lock",
    title: "Python lock that does not answer its project",
    many: "{n} Python locks do not answer their projects",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("stale_python_lock.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for (index, view) in scene.python.locks.iter().enumerate() {
        let Some(lock) = scene.python_lock(view.document) else { continue };
        let mut locked: BTreeMap<String, Vec<&LockedDistribution>> = BTreeMap::new();
        for package in &lock.packages {
            locked.entry(python::normal(&package.name.value)).or_default().push(package);
        }
        let projects = scene.python.projects.iter().filter(|p| p.lock == Some(index));
        let files: Vec<&PyProject> =
            projects.filter_map(|p| scene.pyproject(p.document)).filter(|f| is_answered(lock.tool, f.form)).collect();
        // An override replaces what a requirement says, of all members where it stands at the root; a
        // constraint is not locked by itself.
        let overridden: BTreeSet<String> = files
            .iter()
            .flat_map(|f| &f.requirements)
            .filter(|r| r.group == Group::Constraint)
            .map(|r| python::normal(&r.name.value))
            .collect();
        let mut gaps: Vec<(Place, String)> =
            files.iter().flat_map(|file| of_project(lock, file, &locked, &overridden)).collect();
        gaps.sort_by_key(|(place, _)| *place);
        let Some((first, text)) = gaps.first() else { continue };
        let more = match gaps.len() - 1 {
            0 => String::new(),
            n => format!(", and {n} more"),
        };
        let path = scene.sources.path(view.file).to_owned();
        let folder = scene.sources.get(view.file).map(|f| f.path.parent()).unwrap_or_default();
        let at = if folder.is_root() { String::new() } else { format!("cd {} && ", folder.shell_word()) };
        let (relock, install) = match lock.tool {
            Tool::Uv => ("uv lock", "uv sync --locked"),
            Tool::Poetry => ("poetry lock", "poetry check --lock && poetry install"),
            Tool::Pdm => ("pdm lock", "pdm sync"),
            Tool::Pipenv => ("pipenv lock", "pipenv install --deploy"),
            Tool::Pip => ("pip lock", "uv pip sync pylock.toml"),
            Tool::Pixi => ("pixi lock", "pixi install --locked"),
            Tool::CondaLock => ("conda-lock lock", "conda-lock install"),
        };
        // Left behind by a change of tools: the project is built by another, and nothing installs from the lock.
        let is_left = lock.tool == Tool::Poetry
            && view.used_by.is_empty()
            && files.iter().all(|file| {
                !file.tools.contains(&Tool::Poetry)
                    && file.build_backend.as_ref().is_some_and(|backend| !backend.value.starts_with("poetry"))
            });
        let or = if is_left {
            "take the lock out if nothing uses it any more, as nothing in the tree does; else "
        } else {
            ""
        };
        let top = lock.packages.first().map(|p| p.name.span).unwrap_or_default();
        report
            .at(*first, text.clone())
            .about("lock", path.clone(), None)
            .severity(if view.purpose.wants_pins() { Severity::Medium } else { Severity::Low })
            // What a tool locks is worked out without running it.
            .confidence(Confidence::Medium)
            .role(view.role)
            .also(gaps.iter().take(20).map(|(place, _)| *place))
            .related(Place::new(view.file, top), "the lock")
            .each(gaps.iter().map(|(_, text)| text.as_str()))
            .evidence("the lock and the project files it answers")
            .advise(format!("{or}lock again, and install with `{install}`, which checks: {at}{relock}"))
            .say(format!("{path} does not answer its project: {text}{more}"));
    }
}

/// Whether a lock of a tool answers what a file of this form asks for.
fn is_answered(tool: Tool, form: Form) -> bool {
    match form {
        Form::Project => tool != Tool::Pipenv,
        Form::Pipfile => tool == Tool::Pipenv,
        // uv alone asks the build for what is not written in `pyproject.toml`.
        Form::SetupCfg | Form::SetupPy => tool == Tool::Uv,
        Form::Script => false,
    }
}

fn of_project(
    lock: &PythonLock,
    file: &PyProject,
    locked: &BTreeMap<String, Vec<&LockedDistribution>>,
    overridden: &BTreeSet<String>,
) -> Vec<(Place, String)> {
    let own = file.name.as_ref().map(|n| python::normal(&n.value));
    let mut out = Vec::new();
    for requirement in &file.requirements {
        let name = python::normal(&requirement.name.value);
        let asked = !matches!(requirement.group, Group::Build | Group::Constraint);
        let plain = requirement.origin.is_none() && requirement.marker.is_none() && !name.is_empty();
        if !asked || !plain || own.as_ref() == Some(&name) || overridden.contains(&name) {
            continue;
        }
        // Poetry before 2.2 does not know groups of PEP 735, and hatch has groups of its own. A lock of PDM or
        // in the common format may be of some groups and extras only.
        let is_group = match lock.tool {
            Tool::Uv | Tool::Pipenv => false,
            Tool::Poetry => matches!(requirement.group, Group::Named(_)),
            Tool::Pdm | Tool::Pip | Tool::Pixi | Tool::CondaLock => requirement.group != Group::Runtime,
        };
        let place = Place::new(file.file, requirement.span);
        match locked.get(&name) {
            None if is_group => {}
            None => out.push((place, format!("`{}` is required and not locked", requirement.name.value))),
            Some(packages) => out.extend(outside(requirement, packages).map(|text| (place, text))),
        }
    }
    out
}

/// What is wrong with the locked versions of one requirement. A repository, a file or a project of the
/// tree is bound elsewhere, and its version is its own.
fn outside(requirement: &Requirement, packages: &[&LockedDistribution]) -> Option<String> {
    let specifiers = requirement.specifiers.as_ref()?;
    let allowed = Allowed::parse(specifiers.value.trim_start_matches('(').trim_end_matches(')'))?;
    let mut versions = Vec::new();
    for package in packages {
        match (&package.source, &package.version) {
            (LockedOrigin::PyPi | LockedOrigin::Registry(_), Some(version)) => versions.push(version.value.as_str()),
            _ => return None,
        }
    }
    if versions.is_empty() || versions.iter().any(|v| allowed.admits(v)) {
        return None;
    }
    // A version that cannot be read is compared with nothing.
    if versions.iter().any(|v| crate::advisory::pep440::compare(v, v).is_none()) {
        return None;
    }
    Some(format!(
        "`{}` is required as `{}` and locked at {}",
        requirement.name.value,
        specifiers.value.trim(),
        versions.join(", ")
    ))
}
