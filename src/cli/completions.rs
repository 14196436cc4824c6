//! `completions`: a script for a shell, made from the table of flags.

use anyhow::Result;
use clap::CommandFactory as _;

use super::args::Cli;

pub(super) fn run(shell: clap_complete::Shell) -> Result<u8> {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "cargo-custody", &mut out);
    std::io::Write::write_all(&mut std::io::stdout().lock(), &out)?;
    Ok(0)
}
