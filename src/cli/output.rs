//! Where reports go: files that were asked for, and standard output.
#![allow(clippy::disallowed_methods, reason = "writes the report files that a person asked for")]

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::args::{Colour, Show};
use super::{Surroundings, shown};
use crate::audit::Audit;
use crate::report::{Format, Options, render};

/// Columns where nobody says how wide the terminal is.
const WIDTH: usize = 120;

/// Refuses what cannot work before the audit is run.
pub(super) fn check(outputs: &[(Format, PathBuf)]) -> Result<()> {
    for (index, (_, file)) in outputs.iter().enumerate() {
        if outputs[..index].iter().any(|(_, other)| other == file) {
            bail!("two reports go to `{}`", shown(file));
        }
    }
    Ok(())
}

pub(super) fn write(
    audit: &Audit,
    outputs: &[(Format, PathBuf)],
    show: &Show,
    around: &Surroundings,
    as_cargo: bool,
) -> Result<()> {
    for (format, file) in outputs {
        let to_stdout = file == Path::new("-");
        let options = options(show, around, as_cargo, to_stdout);
        let mut bytes = Vec::new();
        render(audit, *format, &options, &mut bytes)?;
        if to_stdout {
            let mut out = io::stdout().lock();
            out.write_all(&bytes)?;
            out.flush()?;
        } else {
            std::fs::write(around.directory.join(file), &bytes)
                .with_context(|| format!("failed to write `{}`", shown(file)))?;
        }
    }
    Ok(())
}

pub(super) fn options(show: &Show, around: &Surroundings, as_cargo: bool, to_stdout: bool) -> Options {
    let terminal = to_stdout && around.stdout_is_terminal;
    let colour = match show.color {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => !around.no_colour && (terminal || (to_stdout && around.force_colour)),
    };
    Options {
        all: show.all,
        snippets: show.verbose,
        colour,
        width: terminal.then(|| around.columns.unwrap_or(WIDTH)),
        elapsed: Some(around.started.elapsed()),
        as_cargo,
    }
}
