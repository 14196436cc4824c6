//! `custody/graph/v1` as it was saved.

use std::collections::BTreeMap;

use super::Net;
use super::Part;
use super::Tie;
use super::digests;
use crate::parse::json::Value;
use crate::sbom::model::Occurrence;

/// The schema that is read.
const SCHEMA: &str = "custody/graph/v1";

/// Reads a saved graph. None where it is none.
#[must_use]
pub fn read(root: &Value) -> Option<Net> {
    if root.get("schema").and_then(Value::as_str) != Some(SCHEMA) {
        return None;
    }
    let mut at = BTreeMap::new();
    let mut parts = Vec::new();
    for node in root.get("nodes").map(Value::items).unwrap_or_default() {
        let Some(key) = text(node, "id") else { continue };
        at.insert(key.clone(), parts.len());
        let attributes = node.get("attributes").map(Value::entries).unwrap_or_default();
        let attributes: BTreeMap<String, String> = attributes
            .iter()
            .filter_map(|entry| Some((entry.key.value.clone(), entry.value.as_str()?.to_owned())))
            .collect();
        parts.push(Part {
            kind: text(node, "kind").unwrap_or_default(),
            key,
            name: text(node, "name").unwrap_or_default(),
            version: text(node, "version"),
            digests: digests(&attributes),
            attributes,
            spots: spots(node),
            comment: None,
        });
    }
    let ties = root.get("edges").map(Value::items).unwrap_or_default().iter().filter_map(|edge| {
        Some(Tie {
            from: *at.get(&text(edge, "from")?)?,
            to: *at.get(&text(edge, "to")?)?,
            kind: text(edge, "kind")?,
            requirement: edge.get("attributes").and_then(|attributes| text(attributes, "requirement")),
            spots: spots(edge),
        })
    });
    let ties = ties.collect();
    Some(Net::new(parts, ties))
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn spots(value: &Value) -> Vec<Occurrence> {
    let all = value.get("sightings").map(Value::items).unwrap_or_default();
    all.iter()
        .filter_map(|spot| {
            let line = spot.get("line").and_then(Value::as_integer).and_then(|line| u32::try_from(line).ok());
            Some(Occurrence { path: text(spot, "path")?, line: line.unwrap_or(0), how: None })
        })
        .collect()
}
