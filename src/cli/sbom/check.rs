//! `sbom check`: whether a document is valid, and how much it tells.

use anyhow::{Result, bail};

use crate::cli::Surroundings;
use crate::cli::args::SbomCheckOptions;

pub(super) fn run(_options: &SbomCheckOptions, _around: &Surroundings) -> Result<u8> {
    bail!("not built yet")
}
