//! `report`: renders a saved audit again.
#![allow(clippy::disallowed_methods, reason = "reads the saved audit that a person named")]

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::args::Show;
use super::{Surroundings, output, shown};
use crate::audit::{Audit, SCHEMA};
use crate::report::{Format, render};

pub(super) fn run(file: &Path, format: Format, show: &Show, around: &Surroundings, as_cargo: bool) -> Result<u8> {
    let name = shown(file);
    let text = if file == Path::new("-") {
        std::io::read_to_string(std::io::stdin()).context("failed to read standard input")?
    } else {
        std::fs::read_to_string(around.directory.join(file)).with_context(|| format!("failed to read `{name}`"))?
    };
    let audit: Audit =
        serde_json::from_str(&text).with_context(|| format!("failed to read `{name}` as a saved audit"))?;
    if audit.schema != SCHEMA {
        bail!("`{name}` is of schema `{}`; this version reads `{SCHEMA}`", audit.schema);
    }
    let mut options = output::options(show, around, as_cargo, true);
    // The saved audit took its time somewhere else.
    options.elapsed = None;
    let mut out = Vec::new();
    render(&audit, format, &options, &mut out)?;
    output::print(&out)?;
    Ok(audit.exit_code())
}
