//! `graph`: prints the graph of a tree.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Result;

use super::args::{EvidenceOptions, GraphFormat};
use super::{Surroundings, audit};
use crate::diag::redact::redact;
use crate::report::escape::terminal;
use crate::report::graph::{dot, json, mermaid};

pub(super) fn run(
    path: Option<PathBuf>,
    format: GraphFormat,
    evidence: EvidenceOptions,
    around: &Surroundings,
) -> Result<u8> {
    let (_, reading, checked) = audit::read_graph(path, evidence, around)?;
    // The graph has no place for what could not be told.
    for unknown in &checked.unknown {
        writeln!(std::io::stderr(), "could not tell: {}", terminal(&redact(unknown)))?;
    }
    let mut out = Vec::new();
    match format {
        GraphFormat::Json => json(&checked.graph, &reading.sources, &mut out)?,
        GraphFormat::Dot => dot(&checked.graph, &mut out)?,
        GraphFormat::Mermaid => mermaid(&checked.graph, &mut out)?,
    }
    std::io::Write::write_all(&mut std::io::stdout().lock(), &out)?;
    Ok(0)
}
