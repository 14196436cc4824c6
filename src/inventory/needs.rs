//! What files ask for by name, and what they need it for.

use std::collections::BTreeMap;

use crate::graph::Document;
use crate::graph::Edge;
use crate::graph::identity::distribution_name;
use crate::graph::kinds::cargo::Table;
use crate::graph::kinds::python::Group;
use crate::sbom::model::Scope;
use crate::source::FileId;

/// What an edge says that something is needed for.
pub(super) fn of_edge(edge: &Edge) -> Scope {
    let said = |key: &str| edge.attributes.get(key).map_or("", String::as_str);
    let group = said("group");
    match said("table") {
        "dev" | "build" => Scope::Excluded,
        _ if group == "build" || group.starts_with("group ") => Scope::Excluded,
        _ if said("optional") == "true" || group.starts_with("extra ") || group.starts_with("feature ") => {
            Scope::Optional
        }
        _ => Scope::Required,
    }
}

/// What each file asks for by name, and what for. One name may stand in several tables, of which an edge knows one.
pub(super) fn asked(documents: &[Document]) -> BTreeMap<FileId, BTreeMap<String, Scope>> {
    let mut out: BTreeMap<FileId, BTreeMap<String, Scope>> = BTreeMap::new();
    let mut ask = |file: FileId, name: String, scope: Scope| {
        let known = out.entry(file).or_default().entry(name).or_insert(scope);
        *known = scope.min(*known);
    };
    for document in documents {
        match document {
            Document::CargoManifest(manifest) => {
                for dependency in manifest.dependencies.iter().filter(|d| d.table != Table::Workspace) {
                    let scope = match dependency.table {
                        Table::Normal | Table::Workspace if dependency.optional => Scope::Optional,
                        Table::Normal | Table::Workspace => Scope::Required,
                        Table::Build | Table::Dev => Scope::Excluded,
                    };
                    ask(manifest.file, dependency.package_name().to_owned(), scope);
                }
            }
            Document::PyProject(project) => {
                for requirement in &project.requirements {
                    let scope = match requirement.group {
                        Group::Runtime => Scope::Required,
                        Group::Extra(_) => Scope::Optional,
                        Group::Build | Group::Named(_) => Scope::Excluded,
                        Group::Constraint => continue,
                    };
                    ask(project.file, distribution_name(&requirement.name.value), scope);
                }
            }
            _ => {}
        }
    }
    out
}
