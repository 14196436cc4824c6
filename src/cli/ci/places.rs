//! Where things go: the folder of reports, and the files that a service names for values and for the job's page.
#![allow(clippy::disallowed_methods, reason = "writes the files that the service named")]

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::ci::Run;
use crate::ci::deliver;
use crate::cli::args::CiOptions;
use crate::cli::{Surroundings, output, shown};

/// Where things of one run go.
pub(super) struct Places {
    /// The folder of reports, absolute.
    reports: Option<PathBuf>,
    values: Option<PathBuf>,
    summary: Option<PathBuf>,
}

impl Places {
    pub(super) fn of(run: &Run, options: &CiOptions, around: &Surroundings) -> Self {
        let here = |path: &PathBuf| around.directory.join(path);
        Self {
            reports: options.report_dir.as_ref().or(run.places.reports.as_ref()).map(here),
            values: run.places.values.as_ref().map(here),
            summary: run.places.summary.as_ref().map(here),
        }
    }

    /// The folder of reports, where there is one.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.reports.as_deref()
    }

    /// Makes the folder. One that is a link was perhaps put there by the tree under audit and leads elsewhere.
    pub(super) fn prepare(&self) -> Result<()> {
        let Some(folder) = &self.reports else { return Ok(()) };
        refuse_link(folder)?;
        std::fs::create_dir_all(folder).with_context(|| format!("failed to make `{}`", shown(folder)))
    }

    /// Writes a report into the folder and says where it is.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<Option<PathBuf>> {
        let Some(folder) = &self.reports else { return Ok(None) };
        let file = folder.join(name);
        output::save(&file, bytes).with_context(|| format!("failed to write `{}`", shown(&file)))?;
        Ok(Some(file))
    }

    /// Hands values to later steps.
    pub(super) fn give(&self, values: &[(&str, String)]) -> Result<()> {
        match &self.values {
            Some(file) => append(file, &deliver::values(values)),
            None => Ok(()),
        }
    }

    /// Puts the first of these texts that fits on the page of the job.
    pub(super) fn summarize(&self, texts: &[&str]) -> Result<()> {
        let Some(file) = &self.summary else { return Ok(()) };
        let there = file.metadata().map_or(0, |meta| meta.len());
        match deliver::summary(there, texts) {
            Some(text) => append(file, text),
            None => {
                output::say("note", "the page of the job is full, so the summary is left out");
                Ok(())
            }
        }
    }
}

fn append(file: &Path, text: &str) -> Result<()> {
    refuse_link(file)?;
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(file)
        .and_then(|mut out| out.write_all(text.as_bytes()))
        .with_context(|| format!("failed to write `{}`", shown(file)))
}

/// Services make plain files and folders. A link leads where somebody else wants us to write.
fn refuse_link(path: &Path) -> Result<()> {
    if path.symlink_metadata().is_ok_and(|meta| meta.is_symlink()) {
        bail!("`{}` is a link and is not written through", shown(path));
    }
    Ok(())
}
