//! `sbom --statement FILE`: an in-toto statement that binds the document to what it describes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::cli::{Surroundings, output, shown};
use crate::graph::Document;
use crate::rules::Scene;
use crate::sbom::Bom;
use crate::sbom::model::{Algorithm, Hash};
use crate::sbom::statement::{Predicate, Subject, subjects, write};
use crate::source::digest;
use crate::source::{FileId, RepoPath, Tree};

/// Names of locks, whose bytes are bound. Lists of requirements and of conda are locks by what they hold.
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
const LONGEST: u64 = 512 << 20;

/// A lock of the tree: its digest, or why there is none.
#[derive(Debug)]
pub(super) struct Lock {
    path: RepoPath,
    digest: Result<String, String>,
}

/// The locks of a tree by their digests.
pub(super) fn locks(scene: &Scene<'_>, tree: &Tree) -> Vec<Lock> {
    let named = tree.entries.iter().map(|entry| &entry.path).filter(|path| LOCKS.contains(&path.name()));
    let mut paths: BTreeSet<RepoPath> = named.cloned().collect();
    let mut put = |file: FileId| paths.extend(scene.sources.get(file).map(|file| file.path.clone()));
    for set in &scene.python.sets {
        let has_hashes = scene.requirements(set.document).is_some_and(|list| {
            !list.requirements.is_empty() && list.requirements.iter().all(|one| !one.hashes.is_empty())
        });
        if set.is_locked || has_hashes {
            put(set.file);
        }
    }
    for document in scene.documents {
        if let Document::CondaLock(lock) = document {
            put(lock.file);
        }
    }
    paths.into_iter().map(|path| Lock { digest: digest_of(tree, &path), path }).collect()
}

fn digest_of(tree: &Tree, path: &RepoPath) -> Result<String, String> {
    digest::sha256(tree, path, |length| {
        if length > LONGEST {
            return Err(format!("{length} bytes are over the limit of {LONGEST}"));
        }
        Ok(())
    })
}

/// The locks that a document speaks of: those that its parts are told by. Of an artefact (`is_part`) those that hold for
/// a folder of its own, the nearest of each name.
fn described(bom: &Bom, locks: Vec<Lock>, is_part: bool) -> Vec<Lock> {
    let parts = bom.components.iter().flat_map(|part| &part.evidence);
    let ties = bom.relations.iter().flat_map(|tie| &tie.evidence);
    let unknown = bom.unknowns.iter().map(|one| &one.at);
    let told: BTreeSet<&str> = parts.chain(ties).chain(unknown).map(|at| at.path.as_str()).collect();
    let own = if is_part { nearest(bom, &locks) } else { locks.iter().map(|lock| lock.path.clone()).collect() };
    locks.into_iter().filter(|lock| told.contains(lock.path.as_str()) && own.contains(&lock.path)).collect()
}

/// For every folder of the tree that a document describes, the nearest lock of each name in it or above it.
fn nearest(bom: &Bom, locks: &[Lock]) -> BTreeSet<RepoPath> {
    let mut by_name: BTreeMap<&str, BTreeSet<RepoPath>> = BTreeMap::new();
    for lock in locks {
        by_name.entry(lock.path.name()).or_default().insert(lock.path.parent());
    }
    let mut out = BTreeSet::new();
    for folder in bom.components.iter().filter_map(|part| folder(&part.id)) {
        for (name, folders) in &by_name {
            let mut at = folder.clone();
            loop {
                if folders.contains(&at) {
                    out.extend(at.child(name));
                    break;
                }
                if at.is_root() {
                    break;
                }
                at = at.parent();
            }
        }
    }
    out
}

/// The folder of a package of the tree, or of the Dockerfile of an image, by the id of its part.
fn folder(id: &str) -> Option<RepoPath> {
    let (path, rest) = id.strip_prefix("tree:")?.split_once('#')?;
    let path = if path == "." { RepoPath::default() } else { RepoPath::new(path)? };
    Some(if rest == "image" { path.parent() } else { path })
}

/// Writes the statement that binds a document.
pub(super) fn save(
    bom: &Bom,
    (locks, is_part): (Vec<Lock>, bool),
    (predicate, document): (Predicate, &[u8]),
    to: &Path,
    around: &Surroundings,
) -> Result<()> {
    let mut all = subjects(bom);
    for lock in described(bom, locks, is_part) {
        match &lock.digest {
            Ok(digest) => {
                let hash = Hash::new(Algorithm::Sha256, digest);
                all.extend(hash.and_then(|hash| Subject::of_hash(lock.path.as_str(), &hash)));
            }
            Err(why) => output::say("not bound", &format!("{}: {why}", lock.path)),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sbom::model::{Component, Occurrence};

    #[test]
    fn an_artefact_is_bound_to_its_own_locks() {
        let lock = |path: &str| Lock { path: RepoPath::new(path).unwrap(), digest: Ok("00".repeat(32)) };
        let locks = || vec![lock("a/uv.lock"), lock("b/uv.lock"), lock("uv.lock"), lock("tests/uv.lock")];
        let at = |path: &str| Occurrence { path: path.to_owned(), line: 1, how: None };
        let part =
            |id: &str, evidence: Vec<Occurrence>| Component { id: id.to_owned(), evidence, ..Component::default() };
        let of = |id: &str, is_part: bool| {
            let shared = part("pkg:pypi/one@1", ["a/uv.lock", "b/uv.lock", "uv.lock"].map(at).to_vec());
            let bom = Bom { components: vec![part(id, Vec::new()), shared], ..Bom::default() };
            let all = described(&bom, locks(), is_part);
            all.iter().map(|lock| lock.path.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(of("tree:a#pypi:one", true), ["a/uv.lock"]);
        assert_eq!(of("tree:b/Dockerfile#image", true), ["b/uv.lock"]);
        assert_eq!(of("tree:c#pypi:one", true), ["uv.lock"]);
        assert_eq!(of("tree:.#pypi:one", false), ["a/uv.lock", "b/uv.lock", "uv.lock"]);
    }
}
