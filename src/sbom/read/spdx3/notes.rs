//! Annotations of our own writer: where the tree says that something is there, and what is not known.

use std::collections::BTreeMap;

use ring::digest;

use crate::parse::Budget;
use crate::parse::json;
use crate::parse::json::Value;
use crate::sbom::Bom;
use crate::sbom::model::Kind;
use crate::sbom::model::Occurrence;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;
use crate::sbom::model::Unknown;
use crate::sbom::write::spdx::names;

use super::graph;
use super::graph::Graph;

/// Places of relations by a digest of what they relate, so that no names are kept twice.
type Relations = BTreeMap<[u8; 32], usize>;

fn ends(from: &str, kind: RelationKind, to: &str, scope: Scope) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&from.len().to_le_bytes());
    for part in [from, kind.word(), names::scope(scope), to] {
        context.update(part.as_bytes());
    }
    let mut all = [0; 32];
    all.copy_from_slice(context.finish().as_ref());
    all
}

/// Reads every annotation that tells something in our words.
pub(super) fn read(graph: &Graph<'_>, bom: &mut Bom) {
    let components: BTreeMap<String, usize> =
        bom.components.iter().enumerate().rev().map(|(at, one)| (one.id.clone(), at)).collect();
    let processes: BTreeMap<String, usize> =
        bom.processes.iter().enumerate().rev().map(|(at, one)| (one.id.clone(), at)).collect();
    let relations: Relations =
        bom.relations.iter().enumerate().map(|(at, one)| (ends(&one.from, one.kind, &one.to, one.scope), at)).collect();
    for note in graph.of_types(&["Annotation"]) {
        let Some(statement) = graph::text(note, "statement").filter(|text| text.starts_with('{')) else { continue };
        let Some(subject) = note.get("subject").and_then(graph::reference) else { continue };
        let mut budget = Budget { bytes: statement.len(), items: statement.len(), ..Budget::default() };
        let Some(told) = json::parse(statement, &mut budget).root else { continue };
        let own = graph.own(subject);
        let places = told.get("evidence").map(Value::items).unwrap_or_default();
        for one in told.get("unknown").map(Value::items).unwrap_or_default() {
            let owner = components.get(&own).map(|_| own.clone());
            bom.unknowns.extend(unknown(one, owner));
        }
        if let Some(at) = components.get(&own) {
            let component = &mut bom.components[*at];
            component.evidence.extend(places.iter().filter_map(place));
            if let (Some(card), Some(sources)) = (&mut component.card, told.get("card")) {
                card.sources.extend(sources.items().iter().filter_map(place));
            }
        } else if let Some(at) = processes.get(&own) {
            bom.processes[*at].evidence.extend(places.iter().filter_map(place));
        } else if let Some((kind, relation)) = graph.get(subject)
            && super::relations::TYPES.contains(&kind)
        {
            evidence(graph, relation, places, &relations, bom);
        }
    }
}

/// Gives the relations that one element holds their places.
fn evidence(graph: &Graph<'_>, relation: &Value, places: &[Value], relations: &Relations, bom: &mut Bom) {
    let Some(from) = relation.get("from").and_then(graph::reference).map(|id| graph.own(id)) else { return };
    let kind = graph::text(relation, "relationshipType").map(graph::term).unwrap_or_default();
    let Some((kind, is_backward, scope)) = super::relations::meaning(relation, &kind) else { return };
    let other = graph::references(relation, "to").next().map(|id| graph.own(id)).unwrap_or_default();
    for one in places {
        let (Some(to), Some(place)) = (graph::owned(one, "to"), place(one)) else { continue };
        // One that is told from its other end has a single one, which is ours.
        let from = if is_backward { &other } else { &from };
        if let Some(at) = relations.get(&ends(from, kind, &to, scope)) {
            bom.relations[*at].evidence.push(place);
        }
    }
}

fn place(value: &Value) -> Option<Occurrence> {
    let line = value.get("line").and_then(Value::as_integer).and_then(|line| u32::try_from(line).ok());
    Some(Occurrence { path: graph::owned(value, "path")?, line: line.unwrap_or(0), how: graph::owned(value, "how") })
}

fn unknown(value: &Value, owner: Option<String>) -> Option<Unknown> {
    Some(Unknown {
        kind: Kind::of_word(graph::text(value, "kind")?)?,
        text: graph::owned(value, "text").unwrap_or_default(),
        why: graph::owned(value, "why").unwrap_or_default(),
        owner,
        at: place(value)?,
    })
}
