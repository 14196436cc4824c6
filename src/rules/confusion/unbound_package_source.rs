//! Sources of Poetry, PDM and Pipenv beside PyPI that no package is bound to.

use crate::diag::{Confidence, Severity};
use crate::graph::indexes::IndexKind;
use crate::graph::kinds::python::{DeclaredIndex, Tool};
use crate::graph::python::resolve::{Asked, Candidates};
use crate::rules::python::lookup::{self, Tables, Takes, shown};
use crate::rules::{Reporter, Rule, Scene, python};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "unbound-package-source",
    title: "Poetry or PDM source that answers for every name",
    many: "{n} sources of Poetry or PDM answer for every name",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unbound_package_source.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for tables in lookup::tables(scene).iter().filter(|t| t.tool != Tool::Uv) {
        let candidates = tables.told.for_any_name();
        for (_, index) in &tables.told.declared {
            of_source(scene, report, tables, index, &candidates);
        }
    }
}

fn of_source(
    scene: &Scene<'_>,
    report: &mut Reporter<'_>,
    tables: &Tables<'_>,
    index: &DeclaredIndex,
    candidates: &Candidates<'_>,
) {
    let Some(url) = &index.url else { return };
    let kind = scene.indexes.kind(&url.value);
    if kind.is_pypi() || kind == IndexKind::Machine || index.is_filtered {
        return;
    }
    let place = Place::new(tables.file, index.span);
    let is_pypi = |one: &Asked<'_>| one.address.is_none_or(|address| scene.indexes.kind(address).is_pypi());
    let Some(pypi) = candidates.all().find(is_pypi) else { return };
    let bound = bound(tables, index);
    let takes = match candidates.all().find(|one| one.place == Some(place)) {
        Some(own) => candidates.takes(&pypi, &own),
        // Pipenv asks its first source alone, so a name meant for another one is PyPI's to answer.
        None if tables.tool == Tool::Pipenv && bound.is_empty() => Some(Takes::Before),
        None => None,
    };
    let Some(takes) = takes else { return };
    let severity = match (kind, takes) {
        (IndexKind::Trial, _) => Severity::High,
        (IndexKind::Publisher, Takes::Before | Takes::Higher) => Severity::Low,
        (IndexKind::Publisher, _) => return,
        (_, Takes::Before | Takes::Higher) => Severity::Medium,
        _ => Severity::Low,
    };
    let address = shown(&url.value);
    let name = index.name.value.clone();
    let tool = match tables.tool {
        Tool::Poetry => "Poetry",
        Tool::Pipenv => "Pipenv",
        _ => "PDM",
    };
    let how = match (tables.tool, takes) {
        (Tool::Pipenv, _) => "Pipenv asks the first source alone for it, which is PyPI".to_owned(),
        (_, Takes::Before) => {
            format!("{tool} asks PyPI first, so whoever takes one of its names there is installed instead")
        }
        (_, Takes::Higher) => format!("{tool} takes the best version of either"),
        _ => format!("{tool} goes on to PyPI for what it does not have in a version that fits"),
    };
    let evidence = if bound.is_empty() {
        "the tables of the project; no package names the source".to_owned()
    } else {
        format!("the tables of the project; {} names it, which binds that package and no other", python::list(bound))
    };
    let advice = match tables.tool {
        Tool::Poetry => format!("give the source priority = \"explicit\" and its packages source = \"{name}\""),
        Tool::Pipenv => format!("bind its packages: <package> = {{ version = \"..\", index = \"{name}\" }}"),
        _ => "give the source include_packages with the names it serves".to_owned(),
    };
    let what = match tables.tool {
        Tool::Pipenv => format!(
            "source `{name}` ({address}) is bound to no package: a name that is not bound is looked up elsewhere"
        ),
        _ => format!("source `{name}` ({address}) answers for every name, beside PyPI"),
    };
    report
        .at(Place::new(tables.file, url.span), "beside PyPI")
        .about("index", address.clone(), None)
        .severity(severity)
        .confidence(Confidence::Medium)
        .role(tables.role)
        .content(address.clone())
        .evidence(evidence)
        .advise(advice)
        .say(format!("{what}: {how}"));
}

/// Packages that name the source.
fn bound<'f>(tables: &Tables<'f>, index: &DeclaredIndex) -> Vec<&'f str> {
    let named = tables.requirements.iter().filter(|r| r.index.as_ref().is_some_and(|i| i.value == index.name.value));
    named.map(|r| r.name.value.as_str()).collect()
}
