//! The audit of one bill of materials, from a file or from standard input.
#![allow(clippy::disallowed_methods, reason = "reads the document that a person named")]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::cli::shown;
use crate::sbom::read::is_name;
use crate::source::{Limits, RepoPath, Tree};

/// The policy of a folder.
const POLICY: &str = "custody.toml";
/// What a document that comes from standard input is called.
const UNNAMED: &str = "bom.json";

/// The file that is named in place of a folder: `-` for standard input. None where it is a folder, or not there.
pub(super) fn is_one(root: &Path) -> bool {
    is_input(root) || root.is_file()
}

fn is_input(root: &Path) -> bool {
    root.file_name().is_some_and(|name| name == "-") && !root.is_dir()
}

/// A tree that holds one document.
pub(super) fn tree(root: &Path) -> Result<Tree> {
    let limits = Limits::default();
    let (name, bytes) = if is_input(root) {
        (
            UNNAMED.to_owned(),
            bytes(std::io::stdin().lock(), limits.file_bytes).context("failed to read standard input")?,
        )
    } else {
        let name = root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if !is_name(&name) {
            bail!(
                "`{0}` is no folder, and not called like a bill of materials (`*.cdx.json`, `*.spdx.json`, `*.spdx`): if it \
                 is one, say `audit - < {0}`",
                shown(Path::new(&name))
            );
        }
        let open =
            std::fs::File::open(root).with_context(|| format!("failed to read `{}`", shown(Path::new(&name))))?;
        (name, bytes(open, limits.file_bytes)?)
    };
    let Some(path) = RepoPath::new(&name) else { bail!("`{}` is no name of a file", shown(Path::new(&name))) };
    let mut files = BTreeMap::from([(path, bytes)]);
    // The policy beside it holds for it, as it would for the folder.
    if let (Some(beside), Some(path)) = (root.parent(), RepoPath::new(POLICY))
        && let Ok(open) = std::fs::File::open(beside.join(POLICY))
    {
        files.insert(path, self::bytes(open, limits.file_bytes)?);
    }
    Ok(Tree::from_memory(&name, files))
}

/// All bytes, and one more than are read where there are more: the reader says so then.
fn bytes(from: impl Read, limit: u64) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    from.take(limit.saturating_add(1)).read_to_end(&mut out)?;
    Ok(out)
}

/// Says that nothing of a known kind was read of a document.
pub(super) fn refuse(reading: &crate::read::Reading) -> Result<()> {
    if !reading.files.iter().any(|file| file.reader == "sbom") {
        bail!("what was given is no bill of materials: CycloneDX and SPDX are read, as JSON, and SPDX 2 as tag-value");
    }
    Ok(())
}
