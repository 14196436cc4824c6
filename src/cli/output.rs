//! Where reports go: files that were asked for, and standard output.
#![allow(clippy::disallowed_methods, reason = "writes the report files that a person asked for")]

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::args::{Colour, Show};
use super::{Surroundings, shown};
use crate::audit::Audit;
use crate::report::escape;
use crate::report::{Again, Format, Options, render};

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

/// What the screen of a person tells besides the audit.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told<'a> {
    /// The folder's name.
    pub folder: Option<&'a str>,
    /// The folder's address, for links.
    pub links: Option<&'a str>,
    /// How the same screen is asked for again.
    pub again: Option<Again<'a>>,
}

pub(super) fn write(
    audit: &Audit,
    outputs: &[(Format, PathBuf)],
    show: &Show,
    around: &Surroundings,
    as_cargo: bool,
    told: Told<'_>,
) -> Result<()> {
    // Files first: who reads standard output may go away, and the files were asked for.
    let (to_stdout, to_files): (Vec<_>, Vec<_>) = outputs.iter().partition(|(_, file)| file == Path::new("-"));
    for (format, file) in to_files.into_iter().chain(to_stdout) {
        let to_stdout = file == Path::new("-");
        let plain = options(show, around, as_cargo, to_stdout);
        let links = told.links.filter(|_| to_stdout && plain.colour);
        let options = Options { folder: told.folder, links, again: told.again, ..plain };
        let mut bytes = Vec::new();
        render(audit, *format, &options, &mut bytes)?;
        if to_stdout {
            print(&bytes)?;
        } else {
            save(&around.directory.join(file), &bytes).with_context(|| format!("failed to write `{}`", shown(file)))?;
        }
    }
    Ok(())
}

/// Writes a report file. A link that lies there, perhaps put there by the audited tree, is replaced
/// and not written through; a device is written to.
pub(super) fn save(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let is_link = path.symlink_metadata().is_ok_and(|meta| meta.is_symlink());
    let is_device = path.metadata().is_ok_and(|meta| !meta.is_file() && !meta.is_dir());
    if is_link && !is_device {
        std::fs::remove_file(path)?;
    }
    std::fs::write(path, bytes)
}

/// A line on standard error, made of strangers' words. Who closed it wants to hear nothing.
pub(super) fn say(kind: &str, text: &str) {
    let line = escape::line(&format!("{kind}: {}", escape::terminal(text)));
    let _ = writeln!(io::stderr(), "{line}");
}

/// Writes to standard output. A reader that goes away changes nothing about the verdict.
pub(super) fn print(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

pub(super) fn options<'a>(show: &'a Show, around: &Surroundings, as_cargo: bool, to_stdout: bool) -> Options<'a> {
    let (colour, width) = paint(show.color, around, to_stdout);
    Options {
        all: show.all,
        snippets: show.verbose,
        colour,
        width,
        elapsed: Some(around.started.elapsed()),
        as_cargo,
        folder: None,
        links: None,
        bom_link: show.bom_link.as_deref(),
        again: None,
    }
}

/// Whether colours are used, and how wide lines may be.
pub(super) fn paint(color: Colour, around: &Surroundings, to_stdout: bool) -> (bool, Option<usize>) {
    let terminal = to_stdout && around.stdout_is_terminal;
    let colour = match color {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => !around.no_colour && (terminal || (to_stdout && around.force_colour)),
    };
    (colour, terminal.then(|| around.columns.unwrap_or(WIDTH)))
}
