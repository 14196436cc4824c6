//! `sbom --cache DIR`: what cards and headers in a hub's cache tell of models and data sets that are held at a commit.

use std::path::{Path, PathBuf};

use crate::cli::{Surroundings, output};
use crate::inventory::cards;
use crate::read;
use crate::references::AssetKind;
use crate::sbom::Bom;
use crate::source::DiskFolder;

/// Puts what caches tell onto the parts of a document. Nothing else than the very commit is looked at.
pub(super) fn add(bom: &mut Bom, caches: &[PathBuf], around: &Surroundings) {
    let roots: Vec<PathBuf> = caches.iter().map(|dir| around.directory.join(dir)).collect();
    let wanted: Vec<(String, AssetKind, String, String)> = bom
        .components
        .iter()
        .filter_map(|part| cards::wanted_of(part).map(|(kind, name, commit)| (part.id.clone(), kind, name, commit)))
        .collect();
    for (id, kind, name, commit) in wanted {
        let Some(place) = snapshot(&roots, kind, &name, &commit) else { continue };
        let folder = match DiskFolder::walk(&place) {
            Ok(folder) => folder,
            Err(why) => {
                output::say("warning", &format!("the cached state of {name} could not be read: {why}"));
                continue;
            }
        };
        let told = read::cards::of_folder(&folder);
        for (path, why) in &told.unread {
            output::say("warning", &format!("{path} of {name} in the cache could not be read: {why}"));
        }
        cards::add_folder(bom, &id, &told);
    }
    bom.settle();
}

/// Where a cache keeps the files of a commit, as `huggingface_hub` lays them out. Names of hubs hold one `/` at most and
/// commits are digits, so that nothing outside of the cache is named.
fn snapshot(roots: &[PathBuf], kind: AssetKind, name: &str, commit: &str) -> Option<PathBuf> {
    let is_plain = |text: &str| {
        !text.is_empty()
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
            && text != ".."
    };
    if !name.split('/').all(is_plain) || !commit.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let kind = if kind == AssetKind::Dataset { "datasets" } else { "models" };
    let folder = format!("{kind}--{}", name.replace('/', "--"));
    let below = |root: &Path| [root.to_owned(), root.join("hub")];
    let places =
        roots.iter().flat_map(|root| below(root)).map(|root| root.join(&folder).join("snapshots").join(commit));
    places.into_iter().find(|place| place.is_dir())
}
