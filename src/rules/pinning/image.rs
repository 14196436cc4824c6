//! Whose an image is, for the rules on images.

use std::collections::BTreeSet;

use crate::graph::Document;
use crate::graph::identity::{self, ImageName};
use crate::rules::Scene;
use crate::source::FileId;

/// The reference with room for a tag where it has none.
pub(super) fn tagged(name: &str, image: &ImageName<'_>) -> String {
    if image.tag.is_some() { name.to_owned() } else { format!("{name}:<tag>") }
}

/// Whether a name stands for whatever its publisher built last: no tag, `latest` and its kin. `nonroot`
/// and `bookworm` are variants.
pub(super) fn is_newest(image: &ImageName<'_>) -> bool {
    const WORDS: &[&str] = &["latest", "nightly", "main", "master", "edge", "dev", "devel", "develop", "stable"];
    image.tag.is_none_or(|tag| WORDS.contains(&tag.to_ascii_lowercase().as_str()))
}

/// Publishers of systems and tools that other images are made of. Their images move too, and are not
/// what a gate should stop for.
pub(super) fn is_vendor(image: &ImageName<'_>) -> bool {
    const ACCOUNTS: &[&str] = &[
        "amazonlinux",
        "astral-sh",
        "continuumio",
        "distroless",
        "intel",
        "nvidia",
        "pypa",
        "pytorch",
        "rocm",
        "tensorflow",
    ];
    let account = image.repository.split('/').next().unwrap_or("");
    let host = image.host.unwrap_or("");
    image.repository.contains('/') && ACCOUNTS.contains(&account)
        || matches!(host, "registry.access.redhat.com" | "registry.redhat.io" | "nvcr.io" | "vault.habana.ai")
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
    /// Accounts they are pushed to, with their hosts, in lower case.
    accounts: BTreeSet<String>,
}

impl<'a> Own<'a> {
    /// Those of a tree.
    pub(super) fn of(scene: &Scene<'a>) -> Self {
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let builds = || scene.images.files.iter().flat_map(|f| &f.builds);
        let building: BTreeSet<FileId> =
            builds().filter(|b| b.pushes).filter_map(|b| scene.documents.get(b.document)).map(Document::file).collect();
        let pushing = scene.pipelines().filter(|workflow| {
            building.contains(&workflow.file)
                || workflow.jobs.iter().any(|job| scene.privilege(workflow, job).pushes_image.is_some())
        });
        let lines = pushing.filter_map(|w| scene.sources.get(w.file)).flat_map(|f| f.text.lines());
        let lines =
            lines.filter(|l| !l.contains("image:") && !l.contains("container:") && !l.trim_start().starts_with('#'));
        let words = lines.flat_map(|l| l.split(move |c| !word(c))).collect();
        let tags = builds().flat_map(|b| &b.tags);
        let built = tags.map(|tag| repository(&identity::image(tag)).to_ascii_lowercase()).collect();
        let pushed = builds().filter(|b| b.pushes).flat_map(|b| &b.tags);
        let accounts = pushed.filter_map(|tag| account(&identity::image(tag))).collect();
        Self { words, built, accounts }
    }

    /// Whether a workflow that pushes images names this one: whole, or its last part where the account is
    /// put in by an expression.
    pub(super) fn names(&self, image: &ImageName<'_>) -> bool {
        let last = image.repository.rsplit('/').next().unwrap_or(image.repository);
        self.words.contains(last)
    }

    /// Whether a step of the tree builds it, or pushes others to its account.
    pub(super) fn builds(&self, image: &ImageName<'_>) -> bool {
        self.built.contains(&repository(image).to_ascii_lowercase())
            || account(image).is_some_and(|account| self.accounts.contains(&account))
    }
}

/// The account an image belongs to, with its host; none for Docker's own, and where an expression puts
/// it in.
fn account(image: &ImageName<'_>) -> Option<String> {
    let (account, _) = image.repository.split_once('/')?;
    if account.contains(['$', '{']) || account == "library" {
        return None;
    }
    Some(format!("{}/{account}", image.host.unwrap_or("docker.io")).to_ascii_lowercase())
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
        // GitLab's own, on GitLab.
        Some("registry.gitlab.com") => image.repository.starts_with("gitlab-org/"),
        Some(_) => false,
    }
}

/// Whether a registry is one that a company keeps for itself, as far as its name tells: none of those that
/// everybody pushes to. What is pulled from there is as much the company's as the machines that pull it.
pub(super) fn is_of_house(image: &ImageName<'_>) -> bool {
    const PUBLIC: &[&str] = &[
        "docker.elastic.co",
        "docker.io",
        "gcr.io",
        "ghcr.io",
        "index.docker.io",
        "lscr.io",
        "mcr.microsoft.com",
        "nvcr.io",
        "public.ecr.aws",
        "quay.io",
        "registry-1.docker.io",
        "registry.access.redhat.com",
        "registry.gitlab.com",
        "registry.k8s.io",
    ];
    image.host.is_some_and(|host| !PUBLIC.contains(&host))
}
