//! Whose a requirement is that nothing binds: that of the indexes its resolver asks for any name.

use std::collections::BTreeSet;

use super::Whose;
use crate::graph::Document;
use crate::graph::indexes::{IndexKind, IndexTable};
use crate::graph::kinds::python::{IndexOption, IndexOptionKind, PyProject, Tool};
use crate::graph::python::resolve::{Resolver, TABLES, Told};
use crate::graph::python::{Project, PythonView};
use crate::source::Place;

/// Requirements files that are followed from commands, over the whole tree. What is not followed counts as
/// PyPI's, so that nothing goes unmatched for it.
const STEPS: usize = 100_000;

/// Whose a release is, and the line that makes it another's than PyPI's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) whose: Whose,
    pub(super) because: Option<Place>,
}

impl Owner {
    pub(super) const PYPI: Self = Self { whose: Whose::PyPi, because: None };

    pub(super) fn is_pypi(self) -> bool {
        self.whose == Whose::PyPi
    }
}

/// What an index's releases are.
pub(super) fn of_index(indexes: &IndexTable, address: &str) -> Whose {
    match indexes.kind(address) {
        IndexKind::PyPi | IndexKind::Mirror => Whose::PyPi,
        IndexKind::Publisher => Whose::Publisher,
        IndexKind::Machine => Whose::File,
        IndexKind::Unknown => Whose::UnknownIndex,
        IndexKind::Trial | IndexKind::Other => Whose::OtherIndex,
    }
}

/// What a resolver is told decides. Where PyPI is one of several, a release may be PyPI's, and it is taken
/// for that.
fn of_told(indexes: &IndexTable, told: &Told<'_>) -> Owner {
    let candidates = told.for_any_name();
    let whose = |address: Option<&str>| address.map_or(Whose::PyPi, |address| of_index(indexes, address));
    if candidates.all().any(|one| whose(one.address) == Whose::PyPi) {
        return Owner::PYPI;
    }
    match candidates.all().next() {
        Some(first) => Owner { whose: whose(first.address), because: first.place },
        // No index at all, and no page of links.
        None => {
            let off = told.options.iter().find(|(_, option)| option.kind == IndexOptionKind::NoIndex);
            Owner { whose: Whose::File, because: off.map(|(place, _)| *place) }
        }
    }
}

/// That of options in force.
pub(super) fn of_options<'a>(
    indexes: &IndexTable,
    resolver: Resolver,
    options: impl IntoIterator<Item = &'a (Place, IndexOption)>,
) -> Owner {
    of_told(indexes, &Told::by_options(resolver, options))
}

/// That of a project: its tools' tables, and the `uv.toml` that counts in place of uv's.
pub(super) fn of_project(
    indexes: &IndexTable,
    documents: &[Document],
    python: &PythonView,
    project: &Project,
    file: &PyProject,
) -> Owner {
    let root = project.root.and_then(|root| python.projects.get(root));
    let tables = match root.and_then(|root| documents.get(root.document)) {
        // Members of a workspace have no tables of their own that count.
        Some(Document::PyProject(root)) if file.indexes.is_empty() && file.options.is_empty() => root,
        _ => file,
    };
    let settings = project.uv_settings.and_then(|at| python.settings.get(at)).and_then(|s| documents.get(s.document));
    let settings = if let Some(Document::ManagerSettings(settings)) = settings { Some(settings) } else { None };
    let mut owners = Vec::new();
    for tool in TABLES {
        let told = match settings {
            Some(settings) if tool == Tool::Uv => Told::by_settings(Resolver::Uv, settings),
            _ => Told::by_tables(tables, tool),
        };
        if !told.is_empty() {
            owners.push(of_told(indexes, &told));
        }
    }
    // Where two tools are set up, either may be used.
    if owners.iter().any(|owner| owner.is_pypi()) {
        Owner::PYPI
    } else {
        owners.first().copied().unwrap_or(Owner::PYPI)
    }
}

/// For each requirements file whose that is what commands install by it, where all of them agree that it is
/// not PyPI's; none where no command of the tree installs it.
pub(super) fn of_sets(indexes: &IndexTable, python: &PythonView) -> Vec<Option<Owner>> {
    let mut out: Vec<Option<Owner>> = vec![None; python.sets.len()];
    let mut steps = STEPS;
    for install in &python.installs {
        let mut queue: Vec<usize> =
            install.files.iter().filter(|(.., constrains)| !constrains).filter_map(|(_, set, _)| *set).collect();
        let resolver = Resolver::of_manager(&install.manager);
        let mut seen = BTreeSet::new();
        while let Some(at) = queue.pop() {
            let Some(set) = python.sets.get(at).filter(|_| seen.insert(at)) else { continue };
            steps = steps.saturating_sub(1 + install.options.len() + set.options.len());
            let is_told = !install.options.is_empty() && steps > 0;
            let owner = match is_told {
                true => of_options(indexes, resolver, install.options.iter().chain(&set.options)),
                // The file's own options decide.
                false => of_options(indexes, resolver, &set.options),
            };
            if let Some(slot) = out.get_mut(at) {
                *slot = Some(slot.filter(|before| before.is_pypi()).unwrap_or(owner));
                if owner.is_pypi() {
                    *slot = Some(Owner::PYPI);
                }
            }
            queue.extend(set.includes.iter().filter(|(_, constrains)| !constrains).map(|(set, _)| *set));
        }
    }
    out
}
