//! Sources of Poetry, PDM and Pipenv beside PyPI that no package is bound to.

use crate::diag::{Confidence, Severity};
use crate::graph::indexes::IndexKind;
use crate::graph::kinds::python::{DeclaredIndex, Priority, PyProject, Requirement, Tool};
use crate::graph::python::Project;
use crate::rules::python::lookup::{self, shown};
use crate::rules::{Reporter, Rule, Scene, python};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "unbound-package-source",
    title: "Package source that no name is bound to",
    many: "{n} package sources have no name bound to them",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unbound_package_source.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for project in &scene.python.projects {
        let Some(file) = scene.pyproject(project.document) else { continue };
        for tool in [Tool::Poetry, Tool::Pdm] {
            let open: Vec<&DeclaredIndex> = lookup::open_indexes(file, tool).collect();
            for index in &open {
                of_source(scene, report, project, file, index, &open);
            }
        }
        of_pipfile(scene, report, project, file);
    }
}

fn of_source(
    scene: &Scene<'_>,
    report: &mut Reporter<'_>,
    project: &Project,
    file: &PyProject,
    index: &DeclaredIndex,
    open: &[&DeclaredIndex],
) {
    let Some(url) = &index.url else { return };
    let kind = scene.indexes.kind(&url.value);
    if kind.is_pypi() || kind == IndexKind::Machine || index.is_filtered {
        return;
    }
    // Poetry asks PyPI no more once there is a primary source, and PDM none where a source has its name.
    let replaces = match index.tool {
        Tool::Poetry => index.priority == Priority::Default,
        _ => index.priority == Priority::Default || index.name.value == "pypi",
    };
    let beside_pypi = open.iter().filter(|other| !std::ptr::eq(**other, index)).any(|other| {
        other.name.value.eq_ignore_ascii_case("pypi")
            || other.url.as_ref().is_some_and(|u| scene.indexes.kind(&u.value).is_pypi())
    });
    if replaces && !beside_pypi {
        return;
    }
    // PDM puts PyPI first unless a source has its name; what stands before that has its own names.
    let pypi = open.iter().position(|other| other.name.value.eq_ignore_ascii_case("pypi"));
    let own = open.iter().position(|other| std::ptr::eq(*other, index));
    let in_order = index.tool == Tool::Pdm && file.keeps_source_order;
    if in_order && pypi.zip(own).is_some_and(|(pypi, own)| own < pypi) {
        return;
    }
    let severity = match kind {
        IndexKind::Trial => Severity::High,
        IndexKind::Publisher => Severity::Low,
        _ => Severity::Medium,
    };
    let address = shown(&url.value);
    let name = index.name.value.clone();
    let how = match (index.tool, index.priority) {
        (Tool::Poetry, Priority::Supplemental) => {
            "Poetry asks PyPI first, so whoever takes one of its names there is installed instead"
        }
        (Tool::Poetry, _) => "Poetry takes the best version of either",
        _ if in_order => "PDM asks PyPI first, so whoever takes one of its names there is installed instead",
        _ => "PDM takes the best version of either",
    };
    let bound = bound(file, index);
    let evidence = if bound.is_empty() {
        "the tables of the project; no package names the source".to_owned()
    } else {
        format!("the tables of the project; {} names it, which binds that package and no other", python::list(bound))
    };
    let advice = match index.tool {
        Tool::Poetry => format!("give the source priority = \"explicit\" and its packages source = \"{name}\""),
        _ => "give the source include_packages with the names it serves".to_owned(),
    };
    report
        .at(Place::new(file.file, url.span), "beside PyPI")
        .about("index", address.clone(), None)
        .severity(severity)
        .confidence(Confidence::Medium)
        .role(project.role)
        .content(address.clone())
        .evidence(evidence)
        .advise(advice)
        .say(format!("source `{name}` ({address}) answers for every name, beside PyPI: {how}"));
}

/// A source of a Pipfile after the first that no package names: today's Pipenv asks it for nothing, and the
/// first for everything.
fn of_pipfile(scene: &Scene<'_>, report: &mut Reporter<'_>, project: &Project, file: &PyProject) {
    let sources: Vec<&DeclaredIndex> = file.indexes.iter().filter(|index| index.tool == Tool::Pipenv).collect();
    let Some((first, others)) = sources.split_first() else { return };
    let is_public = |index: &DeclaredIndex| index.url.as_ref().is_some_and(|u| scene.indexes.kind(&u.value).is_pypi());
    if !is_public(first) {
        return;
    }
    for index in others.iter().filter(|index| !is_public(index) && bound(file, index).is_empty()) {
        let Some(url) = &index.url else { continue };
        let kind = scene.indexes.kind(&url.value);
        if kind == IndexKind::Machine {
            continue;
        }
        let severity = match kind {
            IndexKind::Trial => Severity::High,
            IndexKind::Publisher => Severity::Low,
            _ => Severity::Medium,
        };
        let (address, name) = (shown(&url.value), index.name.value.clone());
        report
            .at(Place::new(file.file, url.span), "after PyPI, named by no package")
            .about("index", address.clone(), None)
            .severity(severity)
            .confidence(Confidence::Medium)
            .role(project.role)
            .content(address.clone())
            .evidence("the sources and packages of the Pipfile")
            .advise(format!("give each package that comes from it index = \"{name}\", or take the source out"))
            .say(format!(
                "source `{name}` ({address}) stands after PyPI and no package names it: Pipenv looks for every name on \
                 PyPI, and before 2022.3.23 took the best version of either"
            ));
    }
}

/// Packages that name the source.
fn bound<'f>(file: &'f PyProject, index: &DeclaredIndex) -> Vec<&'f str> {
    let names = |r: &&Requirement| r.index.as_ref().is_some_and(|i| i.value == index.name.value);
    file.requirements.iter().filter(names).map(|r| r.name.value.as_str()).collect()
}
