//! `sbom diff`: how two documents differ.

use anyhow::{Result, bail};

use crate::cli::Surroundings;
use crate::cli::args::SbomDiffOptions;

pub(super) fn run(_options: &SbomDiffOptions, _around: &Surroundings) -> Result<u8> {
    bail!("not built yet")
}
