//! `db names`: the lists of popular names, from tables that lie here.
#![allow(clippy::disallowed_methods, reason = "reads and writes the files that a person named")]

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};

use crate::advisory::Date;
use crate::cli::{Surroundings, shown};
use crate::impostor::{List, gather};

pub(super) fn run(
    tables: [(List, Option<PathBuf>); 4],
    as_of: Option<&str>,
    out: &Path,
    around: &Surroundings,
) -> Result<u8> {
    let day = match as_of {
        Some(day) => Date::parse(day).with_context(|| format!("`{day}` is no date of the form YYYY-MM-DD"))?,
        None => super::today(around)?,
    };
    if tables.iter().all(|(_, table)| table.is_none()) {
        bail!("nothing to build from: give --pypi, --crates, --actions or --models");
    }
    let out = around.directory.join(out);
    std::fs::create_dir_all(&out).with_context(|| format!("failed to make `{}`", shown(&out)))?;
    let mut told = std::io::stderr().lock();
    for (list, table) in tables.into_iter().filter_map(|(list, table)| Some((list, table?))) {
        let path = around.directory.join(table);
        let text = std::fs::read_to_string(&path).with_context(|| format!("failed to read `{}`", shown(&path)))?;
        let popular = gather::popular(list, &day.to_string(), &text)
            .map_err(|why| anyhow!("failed to read `{}`: {why}", shown(&path)))?;
        let to = out.join(format!("{}.tsv", list.as_str()));
        std::fs::write(&to, popular.text()).with_context(|| format!("failed to write `{}`", shown(&to)))?;
        writeln!(told, "{}: {} names", list.as_str(), popular.names.len())?;
    }
    Ok(0)
}
