//! What is made from the table of flags: a script for a shell, and the manual page.

use anyhow::Result;
use clap::CommandFactory as _;

use super::args::Cli;

pub(super) fn run(shell: clap_complete::Shell) -> Result<u8> {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "cargo-custody", &mut out);
    std::io::Write::write_all(&mut std::io::stdout().lock(), &out)?;
    Ok(0)
}

/// The page of the program and those of its subcommands, one after the other.
pub(super) fn man() -> Result<u8> {
    let mut out = Vec::new();
    let mut command = Cli::command().bin_name("cargo-custody");
    command.build();
    clap_mangen::Man::new(command.clone()).title("CARGO-CUSTODY").render(&mut out)?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let name = format!("cargo-custody-{}", sub.get_name());
        clap_mangen::Man::new(sub.clone()).title(name.to_uppercase()).render(&mut out)?;
    }
    super::output::print(&out)?;
    Ok(0)
}
