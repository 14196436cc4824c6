//! `db build`: text and tables from advisory feeds that lie here.
#![allow(clippy::disallowed_methods, reason = "writes the index that a person asked for")]

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};

use crate::advisory::Date;
use crate::advisory::build::{self, Built, Origin, Report};
use crate::cli::{Surroundings, shown};
use crate::decide::knowledge;

pub(super) fn run(
    rustsec: Option<PathBuf>,
    osv: &[PathBuf],
    origins: &[(PathBuf, Vec<String>)],
    out: &Path,
    table: Option<&Path>,
    around: &Surroundings,
) -> Result<u8> {
    if rustsec.is_none() && osv.is_empty() {
        bail!("nothing to build from: give --rustsec or --osv");
    }
    let mut sections = Vec::new();
    let mut refused = 0;
    if let Some(path) = rustsec {
        let built = build::from_rustsec(&path, &origin_of(&path, origins, around)?)
            .with_context(|| format!("failed to read `{}`", shown(&path)))?;
        refused += tell(&path, &built)?;
        sections.extend(built.sections);
    }
    for path in osv {
        let path = around.directory.join(path);
        let built = build::from_osv(&path, &origin_of(&path, origins, around)?)
            .with_context(|| format!("failed to read `{}`", shown(&path)))?;
        refused += tell(&path, &built)?;
        sections.extend(built.sections);
    }
    let files = build::files(&sections);
    let out = around.directory.join(out);
    std::fs::create_dir_all(&out).with_context(|| format!("failed to make `{}`", shown(&out)))?;
    for (name, text) in &files {
        std::fs::write(out.join(name), text).with_context(|| format!("failed to write `{name}`"))?;
    }
    if let Some(table) = table {
        let bytes = build::table(&files).map_err(|e| anyhow!("failed to compile the table: {e}"))?;
        std::fs::write(around.directory.join(table), bytes)
            .with_context(|| format!("failed to write `{}`", shown(table)))?;
    }
    // Records that could not be used make the index incomplete, and the exit code says so.
    Ok(if refused > 0 { 3 } else { 0 })
}

fn tell(path: &Path, built: &Built) -> Result<usize> {
    let mut out = std::io::stderr().lock();
    let kept: usize = built.sections.iter().map(|s| s.advisories.len()).sum();
    writeln!(
        out,
        "{}: {} records read, {kept} package entries kept, {} of other ecosystems",
        crate::report::escape::terminal(&shown(path)),
        built.report.records,
        built.report.other_ecosystems
    )?;
    tell_unusable(&built.report, usize::MAX, &mut out)?;
    Ok(built.report.malformed.len())
}

/// Names records that could not be used, up to so many of them.
pub(super) fn tell_unusable(report: &Report, most: usize, out: &mut impl std::io::Write) -> std::io::Result<()> {
    for bad in report.malformed.iter().take(most) {
        writeln!(
            out,
            "  not used: {}: {}",
            crate::report::escape::terminal(&bad.path),
            crate::report::escape::terminal(&bad.reason)
        )?;
    }
    match report.malformed.len().saturating_sub(most) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more"),
    }
}

fn origin_of(path: &Path, origins: &[(PathBuf, Vec<String>)], around: &Surroundings) -> Result<Origin> {
    let words = origins.iter().find(|(of, _)| of == path).map(|(_, words)| words.clone());
    let [name, commit, day, licence, url] = match words {
        Some(words) => <[String; 5]>::try_from(words).map_err(|_| anyhow!("an origin has five words"))?,
        // Without word of where it came from the feed is named after its folder, as of today.
        None => {
            let name = path
                .file_name()
                .map_or_else(|| "feed".to_owned(), |n| n.to_string_lossy().replace(char::is_whitespace, "-"));
            [name, "-".to_owned(), knowledge::day(around.seconds()), "-".to_owned(), "-".to_owned()]
        }
    };
    let as_of = Date::parse(&day).ok_or_else(|| anyhow!("`{day}` is no date of the form YYYY-MM-DD"))?;
    Ok(Origin { name, commit, as_of, licence, url })
}
