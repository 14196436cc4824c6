//! `affected`: who has it, where, by which path.

use anyhow::{Result, bail};

use super::Surroundings;
use super::args::AffectedOptions;

pub(super) fn run(_options: &AffectedOptions, _around: &Surroundings) -> Result<u8> {
    bail!("not built yet")
}
