//! What images that the tree builds are called, and which names stay on the machine that builds them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::images::built_id;
use super::images::is_written;
use super::maker::Maker;
use crate::graph::identity;
use crate::graph::images::ImageFile;

/// What the image of a Dockerfile is called: as whoever builds it tags it, else after its folder, with what the file's
/// name says besides.
pub(super) fn named(maker: &Maker<'_>, image: &ImageFile, local: &Local) -> (Option<String>, String) {
    let path = maker.path(image.file);
    let tags = image.builds.iter().flat_map(|build| &build.tags).map(String::as_str);
    let tag = tags.chain(local.names_of(&built_id(path))).find(|tag| is_written(tag)).map(identity::image);
    if let Some(name) = tag {
        // A name that no registry has is told as it is.
        if name.host.is_none() && !name.repository.contains('/') {
            return (None, name.repository.to_owned());
        }
        let whole = identity::image_repository(&name);
        if let Some((group, name)) = whole.rsplit_once('/') {
            return (Some(group.to_owned()), name.to_owned());
        }
    }
    let file = path.rsplit('/').next().unwrap_or(path);
    let folder = maker.scene.sources.get(image.file).map(|f| f.path.parent()).unwrap_or_default();
    let folder = match folder.parts().last() {
        Some(last) => last.to_owned(),
        None => maker.components.get(&maker.root).map_or_else(|| path.to_owned(), |root| root.name.clone()),
    };
    let rest = ["Dockerfile", "dockerfile", "Containerfile", "containerfile"]
        .iter()
        .find_map(|word| file.strip_prefix(word).or_else(|| file.strip_suffix(word)))
        .map(|rest| rest.trim_matches(['.', '-', '_']));
    match rest.filter(|rest| !rest.is_empty()) {
        Some(rest) => (None, format!("{folder}-{rest}")),
        None => (None, folder),
    }
}

/// Names that images of the tree are built under.
#[derive(Debug, Default)]
pub(super) struct Local {
    /// The ids of the images that are built under each repository.
    by_name: BTreeMap<String, BTreeSet<String>>,
    /// What Compose files call the images that they build, by the id of the image.
    composed: BTreeMap<String, BTreeSet<String>>,
}

impl Local {
    /// What whoever builds the tree's Dockerfiles calls the images.
    pub(super) fn of(maker: &Maker<'_>) -> Self {
        let mut out = Self::default();
        for image in &maker.scene.images.files {
            let id = built_id(maker.path(image.file));
            for tag in image.builds.iter().flat_map(|build| &build.tags).filter(|tag| is_written(tag)) {
                let name = identity::image_repository(&identity::image(tag));
                out.by_name.entry(name).or_default().insert(id.clone());
            }
        }
        out
    }

    /// A name that a Compose file gives to an image that it builds.
    pub(super) fn composed(&mut self, reference: &str, id: &str) {
        if is_written(reference) {
            let name = identity::image_repository(&identity::image(reference));
            self.by_name.entry(name).or_default().insert(id.to_owned());
            self.composed.entry(id.to_owned()).or_default().insert(reference.to_owned());
        }
    }

    /// The images of the tree that are built under the name of a reference.
    pub(super) fn built(&self, reference: &str) -> impl Iterator<Item = &str> {
        let name = identity::image_repository(&identity::image(reference));
        self.by_name.get(&name).into_iter().flatten().map(String::as_str)
    }

    /// Whether a reference names what is built here and stays here: a bare name, or one that a Compose file gives.
    pub(super) fn is_kept(&self, reference: &str) -> bool {
        let name = identity::image(reference);
        let whole = identity::image_repository(&name);
        let is_bare = name.host.is_none() && !name.repository.contains('/');
        let is_composed = || {
            let same = |other: &String| identity::image_repository(&identity::image(other)) == whole;
            self.by_name
                .get(&whole)
                .into_iter()
                .flatten()
                .any(|id| self.composed.get(id).into_iter().flatten().any(same))
        };
        self.by_name.contains_key(&whole) && (is_bare || is_composed())
    }

    fn names_of(&self, id: &str) -> impl Iterator<Item = &str> {
        self.composed.get(id).into_iter().flatten().map(String::as_str)
    }
}
