//! Whose an image is, for the rules on images.

use std::collections::BTreeSet;

use crate::graph::identity::{self, ImageName};
use crate::rules::Scene;

/// The reference with room for a tag where it has none.
pub(super) fn tagged(name: &str, image: &ImageName<'_>) -> String {
    if image.tag.is_some() { name.to_owned() } else { format!("{name}:<tag>") }
}

/// Whether a tag is one that its publisher moves: none, `latest`, a word.
pub(super) fn floats(image: &ImageName<'_>) -> bool {
    image.tag.is_none_or(|tag| !tag.chars().any(|c| c.is_ascii_digit()))
}

/// Names of images that the tree makes itself.
#[derive(Debug)]
pub(super) struct Own<'a> {
    /// Words of workflows that push images.
    words: BTreeSet<&'a str>,
    /// Repositories of images that steps of the tree build, in lower case.
    built: BTreeSet<String>,
}

impl<'a> Own<'a> {
    /// Those of a tree.
    pub(super) fn of(scene: &Scene<'a>) -> Self {
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let pushing = scene
            .workflows()
            .filter(|workflow| workflow.jobs.iter().any(|job| scene.privilege(workflow, job).pushes_image.is_some()));
        let lines = pushing.filter_map(|w| scene.sources.get(w.file)).flat_map(|f| f.text.lines());
        let lines =
            lines.filter(|l| !l.contains("image:") && !l.contains("container:") && !l.trim_start().starts_with('#'));
        let words = lines.flat_map(|l| l.split(move |c| !word(c))).collect();
        let tags = scene.images.files.iter().flat_map(|f| &f.builds).flat_map(|b| &b.tags);
        let built = tags.map(|tag| repository(&identity::image(tag)).to_ascii_lowercase()).collect();
        Self { words, built }
    }

    /// Whether a workflow that pushes images names this one: whole, or its last part where the account is
    /// put in by an expression.
    pub(super) fn names(&self, image: &ImageName<'_>) -> bool {
        let last = image.repository.rsplit('/').next().unwrap_or(image.repository);
        self.words.contains(last)
    }

    /// Whether a step of the tree builds it.
    pub(super) fn builds(&self, image: &ImageName<'_>) -> bool {
        self.built.contains(&repository(image).to_ascii_lowercase())
    }
}

/// The name without tag and digest.
pub(super) fn repository(image: &ImageName<'_>) -> String {
    image.host.map_or_else(|| image.repository.to_owned(), |host| format!("{host}/{}", image.repository))
}

/// Docker's own images, and those of the runner's maker.
pub(super) fn is_official(image: &ImageName<'_>) -> bool {
    match image.host {
        None | Some("docker.io" | "index.docker.io") => {
            !image.repository.contains('/') || image.repository.starts_with("library/")
        }
        Some("mcr.microsoft.com") => true,
        Some(_) => false,
    }
}
