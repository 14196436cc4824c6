//! `sbom`: bills of materials, written, checked and compared.

mod beside;
mod cached;
mod check;
mod colour;
mod diff;
mod file;
mod statement;
mod told;
mod write;

use anyhow::Result;

use super::Surroundings;
use super::args::{SbomCommand, SbomOptions};

pub(super) fn run(options: &SbomOptions, around: &Surroundings) -> Result<u8> {
    write::run(options, around)
}

pub(super) fn sub(command: &SbomCommand, around: &Surroundings) -> Result<u8> {
    match command {
        SbomCommand::Check { options } => check::run(options, around),
        SbomCommand::Diff { options } => diff::run(options, around),
    }
}
