//! SPDX 3.0 as JSON-LD in its compact form, as its schema has it: a graph of elements, or one element. Source: SPDX
//! 3.0.1, its model and JSON-LD context.
//!
//! Elements name each other by addresses, or stand within each other. What a short text is named by, it may be named
//! by a million times: texts that are copied for it are counted.

mod cards;
mod components;
mod graph;
mod licences;
mod notes;
mod parties;
mod relations;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::Told;
use super::spdx2::Copies;
use crate::parse::json::Value;
use crate::sbom::Bom;
use crate::sbom::model::Format;
use crate::sbom::model::Licence;
use crate::sbom::model::LicenceStanding;
use crate::sbom::time;
use crate::sbom::write::spdx::names;
use crate::sbom::write::spdx::names::property;

use graph::Graph;

/// Reads a document.
pub fn read(root: &Value, told: &mut Told<'_>) -> Bom {
    let graph = Graph::of(root, told);
    let mut bom = Bom::default();
    let mut copies = Copies::new();
    about(&graph, &mut bom, told);
    let files = components::read(&graph, &mut bom, &mut copies, told);
    relations::read(&graph, &files, &mut bom, &mut copies, told);
    notes::read(&graph, &mut bom);
    bom.root = graph.root().map(|id| graph.own(id));
    if let Some(root) = bom.components.iter().find(|one| Some(&one.id) == bom.root.as_ref()) {
        bom.about.supplier = root.supplier.clone();
        bom.about.producer = root.producer.clone();
    }
    bom.settle();
    bom
}

/// What the document says of itself.
fn about(graph: &Graph<'_>, bom: &mut Bom, told: &mut Told<'_>) {
    let about = &mut bom.about;
    let document = graph.first("SpdxDocument");
    let boms: Vec<&Value> = graph.of_types(&["software_Sbom", "Bom"]).collect();
    let creation = document.or(boms.first().copied()).and_then(|one| graph.object(one.get("creationInfo")?));
    let creation = creation.or_else(|| graph.first("CreationInfo"));
    let version = creation.and_then(|one| graph::text(one, "specVersion"));
    about.format = Some(Format::Spdx3(version.unwrap_or("3").to_owned()));
    about.id = document.and_then(graph::id).map(str::to_owned);
    if let Some(creation) = creation {
        let is_unknown = graph::text(creation, "comment") == Some(names::NO_TIME);
        if let Some(created) = creation.get("created").filter(|_| !is_unknown) {
            about.time = created.as_str().and_then(time::seconds);
            if about.time.is_none() {
                told.at(created.span, "`created` is no moment as SPDX writes one");
            }
        }
        parties::makers(graph, creation, about);
    }
    for one in &boms {
        about.phases.extend(graph::texts(one, "software_sbomType").filter_map(names::of_phase));
    }
    if let Some(licence) = document.and_then(|one| one.get("dataLicense")) {
        let name = graph::reference(licence).and_then(|id| licences::Licences::of(graph).named(id));
        about.licences.extend(name.map(|(name, url)| Licence { name, url, standing: LicenceStanding::Declared }));
    }
    let properties = document.map(graph::properties).unwrap_or_default();
    for (name, text) in properties {
        if let Some(statement) = name.strip_prefix(property::STATEMENT) {
            about.statements.insert(statement.to_owned(), text.to_owned());
        } else if name == property::REVISION {
            about.revision = text.parse().ok();
        } else {
            about.properties.insert(name.to_owned(), text.to_owned());
        }
    }
    about.has_vulnerabilities = graph.has_vulnerabilities();
}

/// Names with values, the first of each name.
fn first_of(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (name, text) in pairs {
        all.entry((*name).to_owned()).or_insert_with(|| (*text).to_owned());
    }
    all
}
