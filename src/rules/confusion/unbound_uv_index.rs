//! An index of a project that uv asks for every name.
//!
//! uv asks declared indexes in their order and PyPI last, and takes a name from the first that has it.
//! So the index answers for whatever it likes to hold, and what it does not hold falls through to PyPI.

use std::collections::BTreeSet;

use crate::diag::{Confidence, Severity};
use crate::graph::indexes::{IndexKind, bare};
use crate::graph::kinds::python::{DeclaredIndex, LockedOrigin, Priority, Tool};
use crate::graph::python::resolve::Asked;
use crate::rules::python::lookup::{self, Tables, shown};
use crate::rules::{Reporter, Rule, Scene, edits, python};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "unbound-uv-index",
    title: "uv index that is asked for every name",
    many: "{n} uv indexes are asked for every name",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unbound_uv_index.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for tables in lookup::tables(scene).iter().filter(|t| t.tool == Tool::Uv) {
        let open: Vec<Asked<'_>> = tables.told.for_any_name().all().collect();
        for (_, index) in &tables.told.declared {
            let place = Place::new(tables.file, index.span);
            if open.iter().any(|one| one.place == Some(place)) {
                of_index(scene, report, tables, index);
            }
        }
    }
}

fn of_index(scene: &Scene<'_>, report: &mut Reporter<'_>, tables: &Tables<'_>, index: &DeclaredIndex) {
    let Some(url) = &index.url else { return };
    let kind = scene.indexes.kind(&url.value);
    let replaces = index.priority == Priority::Default;
    let severity = match (kind, &index.ignored_errors) {
        (IndexKind::PyPi | IndexKind::Mirror | IndexKind::Machine, _) => return,
        (IndexKind::Trial, _) => Severity::High,
        // In place of PyPI: one index answers.
        _ if replaces => return,
        (IndexKind::Other | IndexKind::Unknown, Some(_)) => Severity::Medium,
        _ => Severity::Low,
    };
    let address = shown(&url.value);
    let label = if index.name.value.is_empty() { address.clone() } else { index.name.value.clone() };
    let served = served(scene, tables, &url.value);
    let what = match (kind, &index.ignored_errors) {
        (IndexKind::Trial, _) => "anybody may take any name there, and uv asks it before PyPI",
        (_, Some(_)) => "where it refuses to answer, uv asks PyPI for the same name",
        _ => "uv asks it for every name before PyPI, and what it does not hold falls through to PyPI",
    };
    let mut draft = report
        .at(
            Place::new(tables.file, index.ignored_errors.filter(|_| severity >= Severity::Medium).unwrap_or(url.span)),
            "asked for every name",
        )
        .about("index", address.clone(), None)
        .severity(severity)
        .confidence(Confidence::Medium)
        .role(tables.role)
        .content(address.clone())
        .evidence("the tables of uv; what the index holds is not known here");
    let binding = match served.iter().next() {
        Some(name) => {
            draft =
                draft.evidence(format!("the lock takes {} from it", python::list(served.iter().map(String::as_str))));
            format!("{name} = {{ index = \"{label}\" }}")
        }
        None => format!("<package> = {{ index = \"{label}\" }}"),
    };
    if let [project] = tables.projects.as_slice()
        && tables.file == project.file
    {
        draft = draft.fix(edits::to_index(scene, project, index, &served).unwrap_or_default());
    }
    draft
        .advise(format!("add explicit = true to the index, and bind its packages in [tool.uv.sources]: {binding}"))
        .say(format!("uv index `{label}` is bound to no package: {what}"));
}

/// Names that the locks of the projects take from an index.
fn served(scene: &Scene<'_>, tables: &Tables<'_>, url: &str) -> BTreeSet<String> {
    let locks: BTreeSet<usize> = tables.projects.iter().filter_map(|p| p.lock).collect();
    let locks =
        locks.into_iter().filter_map(|l| scene.python.locks.get(l)).filter_map(|l| scene.python_lock(l.document));
    let wanted = bare(url);
    let from =
        locks.flat_map(|l| &l.packages).filter(|p| matches!(&p.source, LockedOrigin::Registry(u) if bare(u) == wanted));
    from.map(|p| python::normal(&p.name.value)).collect()
}
