//! The graph as JSON (the contract `custody/graph/v1`), Graphviz and Mermaid.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::escape;
use crate::diag::redact::{redact, value};
use crate::graph::{self, Graph, NodeId};
use crate::source::{Place, Sources};

#[derive(Serialize)]
struct Whole<'g> {
    schema: &'static str,
    nodes: Vec<Node<'g>>,
    edges: Vec<Edge<'g>>,
}

#[derive(Serialize)]
struct Node<'g> {
    id: String,
    kind: &'static str,
    name: String,
    version: Option<String>,
    purl: Option<String>,
    /// Null where a kind always says something and this one does not.
    attributes: BTreeMap<&'g str, Option<String>>,
    sightings: Vec<Spot<'g>>,
}

#[derive(Serialize)]
struct Edge<'g> {
    from: String,
    to: String,
    kind: &'static str,
    attributes: BTreeMap<&'g str, String>,
    sightings: Vec<Spot<'g>>,
}

#[derive(Serialize)]
struct Spot<'g> {
    path: &'g str,
    line: u32,
}

/// JSON; the same bytes for the same tree.
///
/// # Errors
/// Whatever the writer says.
pub fn json(graph: &Graph, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
    let spots = |places: &[Place]| {
        places.iter().map(|p| Spot { path: sources.path(p.file), line: sources.start(*p).line }).collect()
    };
    let number = numbers(graph);
    // Two keys may differ in what is taken out only; the number keeps them apart.
    let id = |node: NodeId| {
        let key = &graph.node(node).key;
        let shown = value(key);
        if shown == *key { shown } else { format!("{shown} ~{}", number[&node]) }
    };
    let redacted = |map: &BTreeMap<&'static str, String>| map.iter().map(|(k, v)| (*k, redact(v))).collect();
    let nodes = graph
        .nodes()
        .map(|(key, node)| Node {
            id: id(key),
            kind: node.kind.as_str(),
            name: value(&node.name),
            version: node.version.as_deref().map(value),
            purl: node.purl.as_deref().map(value),
            attributes: attributes(node),
            sightings: spots(&node.sightings),
        })
        .collect();
    let edges = graph
        .edges()
        .into_iter()
        .map(|(from, to, edge)| Edge {
            from: id(from),
            to: id(to),
            kind: edge.kind.as_str(),
            attributes: redacted(&edge.attributes),
            sightings: spots(&edge.sightings),
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &Whole { schema: "custody/graph/v1", nodes, edges })
        .map_err(io::Error::from)?;
    out.write_all(b"\n")
}

/// What is claimed of a node. What is loaded by name always says its revision: null where none is written.
fn attributes(node: &graph::Node) -> BTreeMap<&'static str, Option<String>> {
    let mut out: BTreeMap<&str, Option<String>> =
        node.attributes.iter().map(|(key, value)| (*key, Some(redact(value)))).collect();
    if node.kind.is_asset() {
        out.entry("revision").or_insert(None);
    }
    out
}

fn label(graph: &Graph, id: NodeId) -> String {
    let node = graph.node(id);
    let version = node.version.as_ref().map(|v| format!(" {v}")).unwrap_or_default();
    escape::terminal(&value(&format!("{} {}{version}", node.kind.as_str(), node.name))).replace(['"', '\\'], "'")
}

fn numbers(graph: &Graph) -> BTreeMap<NodeId, usize> {
    graph.nodes().enumerate().map(|(number, (id, _))| (id, number)).collect()
}

/// Graphviz.
///
/// # Errors
/// Whatever the writer says.
pub fn dot(graph: &Graph, out: &mut dyn Write) -> io::Result<()> {
    let number = numbers(graph);
    writeln!(out, "digraph custody {{\n  rankdir=LR;\n  node [shape=box];")?;
    for (id, _) in graph.nodes() {
        writeln!(out, "  n{} [label=\"{}\"];", number[&id], label(graph, id))?;
    }
    for (from, to, edge) in graph.edges() {
        writeln!(out, "  n{} -> n{} [label=\"{}\"];", number[&from], number[&to], edge.kind.as_str())?;
    }
    writeln!(out, "}}")
}

/// Mermaid.
///
/// # Errors
/// Whatever the writer says.
pub fn mermaid(graph: &Graph, out: &mut dyn Write) -> io::Result<()> {
    let number = numbers(graph);
    writeln!(out, "flowchart LR")?;
    for (id, _) in graph.nodes() {
        // `#` and `;` begin entities in Mermaid's labels.
        writeln!(out, "  n{}[\"{}\"]", number[&id], label(graph, id).replace('#', "#35;").replace(['<', '>'], "'"))?;
    }
    for (from, to, edge) in graph.edges() {
        writeln!(out, "  n{} -->|{}| n{}", number[&from], edge.kind.as_str(), number[&to])?;
    }
    Ok(())
}
