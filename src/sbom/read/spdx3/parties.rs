//! People, organisations and programs.

use crate::parse::json::Value;
use crate::sbom::model::About;
use crate::sbom::model::Party;
use crate::sbom::model::Tool;
use crate::sbom::write::spdx::names::property;

use super::first_of;
use super::graph;
use super::graph::Graph;

/// Ways to reach someone that are kept.
const CONTACTS: usize = 16;

/// Someone that a value names or is; none for a program, and for what the document does not have.
pub(super) fn party(graph: &Graph<'_>, id: &str) -> Option<Party> {
    let (kind, element) = graph.get(id)?;
    if !matches!(kind, "Person" | "Organization" | "Agent") {
        return None;
    }
    let mut party = Party { is_person: kind == "Person", ..Party::default() };
    for identifier in graph::list(element.get("externalIdentifier")).iter().take(CONTACTS) {
        let Some(text) = graph::owned(identifier, "identifier") else { continue };
        match graph::text(identifier, "externalIdentifierType").unwrap_or_default() {
            "email" => party.emails.insert(text),
            "urlScheme" => party.urls.insert(text),
            _ => false,
        };
    }
    for link in graph::list(element.get("externalRef")).iter().take(CONTACTS) {
        party.urls.extend(graph::texts(link, "locator").map(str::to_owned));
    }
    let address = || party.emails.first().or_else(|| party.urls.first()).cloned();
    party.name = graph::owned(element, "name").or_else(address)?;
    Some(party)
}

/// Who made a document, and with what.
pub(super) fn makers(graph: &Graph<'_>, creation: &Value, about: &mut About) {
    let mut agents = Vec::new();
    for id in graph::references(creation, "createdBy") {
        match graph.get(id) {
            Some(("SoftwareAgent", element)) => agents.extend(tool(element)),
            _ => about.authors.extend(party(graph, id)),
        }
    }
    let tools = graph::references(creation, "createdUsing").filter_map(|id| tool(graph.get(id)?.1));
    about.tools = tools.collect();
    // A program that answers for its document is told once, and with its version where that is known.
    if about.tools.is_empty() {
        about.tools = agents;
    }
}

fn tool(element: &Value) -> Option<Tool> {
    let mut properties = first_of(&graph::properties(element));
    let name = properties.remove(property::NAME).or_else(|| graph::owned(element, "name"))?;
    let version = properties.remove(property::VERSION);
    let producer = properties.remove(property::PRODUCER);
    Some(Tool { name, version, producer, properties })
}
