//! `sbom --statement FILE`: an in-toto statement that binds the document to what it describes.

use std::path::Path;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::cli::{Surroundings, output, shown};
use crate::sbom::Bom;
use crate::sbom::model::{Algorithm, Hash};
use crate::sbom::statement::{Predicate, Subject, subjects, write};
use crate::source::{RepoPath, Tree};

/// Names of locks, whose bytes are bound.
const LOCKS: &[&str] = &[
    "Cargo.lock",
    "Pipfile.lock",
    "conda-lock.yml",
    "custody.lock",
    "kernels.lock",
    "pdm.lock",
    "pixi.lock",
    "poetry.lock",
    "pylock.toml",
    "uv.lock",
];
/// Bytes of a lock that are read at most.
const LONGEST: u64 = 64 << 20;

/// The locks of a tree by their digests.
pub(super) fn locks(tree: &Tree) -> Vec<Subject> {
    let locks = tree.entries.iter().map(|entry| &entry.path).filter(|path| LOCKS.contains(&path.name()));
    let subject = |path: &RepoPath| {
        let bytes = tree.read_within(path, LONGEST).ok()?;
        let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Subject::of_hash(path.as_str(), &Hash::new(Algorithm::Sha256, &digest)?)
    };
    locks.filter_map(subject).collect()
}

/// Writes the statement that binds a document.
pub(super) fn save(
    bom: &Bom,
    locks: Vec<Subject>,
    (predicate, document): (Predicate, &[u8]),
    to: &Path,
    around: &Surroundings,
) -> Result<()> {
    let mut all = subjects(bom);
    all.extend(locks);
    all.sort();
    all.dedup();
    let mut bytes = Vec::new();
    let name = shown(to);
    write(&all, predicate, document, &mut bytes).with_context(|| format!("failed to write the statement `{name}`"))?;
    if to == Path::new("-") {
        output::print(&bytes)?;
        return Ok(());
    }
    output::save(&around.directory.join(to), &bytes).with_context(|| format!("failed to write `{name}`"))
}
