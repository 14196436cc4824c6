//! `graph`: prints the graph of a tree.

use std::path::PathBuf;

use anyhow::Result;

use super::args::{EvidenceOptions, GraphFormat};
use super::{Surroundings, audit};
use crate::report::graph::{dot, json, mermaid};

pub(super) fn run(
    path: Option<PathBuf>,
    format: GraphFormat,
    evidence: EvidenceOptions,
    around: &Surroundings,
) -> Result<u8> {
    let (_, reading, checked) = audit::read_graph(path, evidence, around)?;
    let mut out = Vec::new();
    match format {
        GraphFormat::Json => json(&checked.graph, &reading.sources, &mut out)?,
        GraphFormat::Dot => dot(&checked.graph, &mut out)?,
        GraphFormat::Mermaid => mermaid(&checked.graph, &mut out)?,
    }
    std::io::Write::write_all(&mut std::io::stdout().lock(), &out)?;
    Ok(0)
}
