//! Evidence beyond the files of the tree: metadata from files that were named, or asked of cargo.
#![allow(clippy::disallowed_methods, reason = "reads the metadata that a person named")]

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::args::{EvidenceOptions, Level};
use super::{Surroundings, shown};
use crate::check::Evidence;
use crate::graph::build_class::{Metadata, Named};
use crate::outside::cargo_home::CargoHome;
use crate::outside::metadata::Cargo;
use crate::parse::metadata;
use crate::source::RepoPath;

/// Reads the files that were named. One that cannot be read is a mistake in how we were called, not
/// a gap in the tree: whoever made it should hear of it at once.
pub(super) fn given(options: &EvidenceOptions, around: &Surroundings) -> Result<Vec<Named>> {
    options
        .metadata
        .iter()
        .map(|file| {
            let name = shown(file);
            let mut bytes = Vec::new();
            let limit = metadata::budget().bytes as u64;
            std::fs::File::open(around.directory.join(file))
                .and_then(|open| open.take(limit + 1).read_to_end(&mut bytes))
                .with_context(|| format!("failed to read `{name}`"))?;
            let Ok(text) = String::from_utf8(bytes) else { bail!("failed to read `{name}`: it is not UTF-8") };
            match metadata::parse(&text, &mut metadata::budget()) {
                // An audit holds no path of this machine.
                Ok(metadata) => {
                    Ok(Named { name: file.file_name().map_or(name, |f| f.display().to_string()), metadata })
                }
                Err(problem) => bail!("failed to read `{name}` as metadata of cargo: {}", problem.message),
            }
        })
        .collect()
}

/// The folder of cargo, where that was asked for.
///
/// # Errors
/// There is none that can be believed. Whoever asked for it should hear of it at once.
pub(super) fn home(options: &EvidenceOptions, root: &Path, around: &Surroundings) -> Result<Option<CargoHome>> {
    match options.evidence {
        Level::Files | Level::Metadata => Ok(None),
        Level::Cache => match CargoHome::open(root, &around.cargo) {
            Ok(home) => Ok(Some(home)),
            Err(why) => bail!("`--evidence cache` is not possible: {why}"),
        },
    }
}

/// Calls `audit` with the evidence that was asked for.
pub(super) fn with<T>(
    given: Vec<Named>,
    options: &EvidenceOptions,
    home: Option<&CargoHome>,
    root: &Path,
    around: &Surroundings,
    audit: impl FnOnce(&Evidence<'_>) -> T,
) -> T {
    let dated = || Evidence { today: around.today(), ..Evidence::default() };
    if let Some(home) = home {
        let kept = |name: &str, version: &str, checksum: &str| home.facts(name, version, checksum);
        return audit(&Evidence { given, kept: Some(&kept), ..dated() });
    }
    if options.evidence != Level::Metadata {
        return audit(&Evidence { given, ..dated() });
    }
    let cargo = Cargo::new(root, &around.cargo);
    let ask = |folder: &RepoPath| -> Result<Metadata, String> {
        let cargo = cargo.as_ref().map_err(Clone::clone)?;
        let text = cargo.ask(folder)?;
        metadata::parse(&text, &mut metadata::budget()).map_err(|problem| problem.message)
    };
    audit(&Evidence { given, ask: Some(&ask), ..dated() })
}
