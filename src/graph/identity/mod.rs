//! Keys and package URLs. Computed here and nowhere else: merging two spellings of one thing is a
//! convenience, merging two things of one spelling hides an attack.

mod conda;
mod distribution;

pub use crate::sbom::purl::encode;
pub use conda::CondaRelease;
pub use distribution::{DistributionSource, distribution, distribution_name, distribution_purl, local_distribution};

use super::kinds::cargo::LockSource;
use crate::references::AssetKind;
use crate::references::Hub;
use crate::references::Pin;
use crate::references::Reference;
use crate::sbom::purl::Purl;
use crate::source::RepoPath;

/// The two index addresses of crates.io, and the words lock files use for them.
/// Source: the Cargo book, "Registry Protocols"; cargo `CRATES_IO_INDEX`, `CRATES_IO_HTTP_INDEX`.
const CRATES_IO: &[&str] = &[
    "registry+https://github.com/rust-lang/crates.io-index",
    "sparse+https://index.crates.io/",
    "registry+sparse+https://index.crates.io/",
];

/// Whether an index address is that of crates.io.
#[must_use]
pub fn is_crates_io(source: &str) -> bool {
    CRATES_IO.contains(&source)
        || CRATES_IO.iter().any(|known| known.split_once('+').is_some_and(|(_, address)| address == source))
}

/// Reads the `source` of a locked package.
#[must_use]
pub fn lock_source(source: Option<&str>) -> LockSource<'_> {
    let Some(source) = source else { return LockSource::Local };
    if is_crates_io(source) {
        return LockSource::CratesIo;
    }
    if let Some(rest) = source.strip_prefix("git+") {
        let (rest, commit) = match rest.split_once('#') {
            Some((rest, commit)) => (rest, Some(commit)),
            None => (rest, None),
        };
        let (url, asked) = match rest.split_once('?') {
            Some((url, asked)) => (url, Some(asked)),
            None => (rest, None),
        };
        return LockSource::Git { url, asked, commit };
    }
    if let Some(rest) = source.strip_prefix("registry+") {
        return LockSource::Registry(rest);
    }
    if source.starts_with("sparse+") {
        return LockSource::Registry(source);
    }
    LockSource::Unknown(source)
}

/// A short name of where a crate comes from.
#[must_use]
pub fn source_name(source: &LockSource<'_>) -> String {
    match source {
        LockSource::Local => "path".to_owned(),
        LockSource::CratesIo => "crates.io".to_owned(),
        LockSource::Registry(url) => (*url).to_owned(),
        LockSource::Git { url, commit, .. } => format!("git {url}#{}", commit.unwrap_or("?")),
        LockSource::Unknown(text) => (*text).to_owned(),
    }
}

/// Key of a locked crate.
#[must_use]
pub fn locked_crate(name: &str, version: &str, source: &LockSource<'_>) -> String {
    format!("crate:{}:{name}@{version}", source_name(source))
}

/// Key of a package of the tree: its folder is its identity, as two may share a name.
#[must_use]
pub fn local_crate(folder: &RepoPath, name: &str) -> String {
    format!("crate:path {folder}:{name}")
}

/// Key of a crate that is required but not resolved.
#[must_use]
pub fn required_crate(name: &str, source: &str) -> String {
    format!("crate:{source}:{name}")
}

/// Package URL of a crate, `pkg:cargo/name@version` with qualifiers for other origins.
/// Source: purl specification, type `cargo`; qualifiers `vcs_url` and `repository_url`.
#[must_use]
pub fn crate_purl(name: &str, version: Option<&str>, source: &LockSource<'_>) -> String {
    let purl = Purl::new("cargo", None, name).at(version.unwrap_or_default());
    let purl = match source {
        LockSource::Git { url, commit, .. } => purl.with("vcs_url", &repository(url, *commit)),
        LockSource::Registry(url) | LockSource::Unknown(url) => purl.with("repository_url", &without_user(url)),
        LockSource::Local | LockSource::CratesIo => purl,
    };
    purl.to_string()
}

/// The qualifier `vcs_url` of a commit: `git+https://..@commit`.
fn repository(url: &str, commit: Option<&str>) -> String {
    let at = commit.map_or_else(String::new, |commit| format!("@{commit}"));
    format!("git+{}{at}", without_user(url))
}

/// An address without its user part and query: a package URL is published, and never holds a
/// credential.
fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let end = rest.find('/').unwrap_or(rest.len());
    let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
    format!("{scheme}://{}", &rest[host..])
}

/// Key of an action or reusable workflow. GitHub's names are case-insensitive; refs are not.
#[must_use]
pub fn action(owner: &str, repo: &str, path: &str, reference: &str) -> String {
    let (owner, repo) = (owner.to_ascii_lowercase(), repo.to_ascii_lowercase());
    let path = if path.is_empty() { String::new() } else { format!("/{path}") };
    format!("action:{owner}/{repo}{path}@{reference}")
}

/// Package URL of an action, `pkg:githubactions/owner/repo@ref#path`, as OSV writes it.
#[must_use]
pub fn action_purl(owner: &str, repo: &str, path: &str, reference: &str) -> String {
    Purl::new("githubactions", Some(owner), repo).at(reference).part(path).to_string()
}

/// Package URL of a repository on GitHub; none where there is no owner. Source: purl specification, type `github`, whose
/// names are in lower case.
#[must_use]
pub fn github_purl(owner: &str, name: &str, reference: Option<&str>) -> Option<String> {
    if owner.is_empty() || owner.contains('/') || name.is_empty() {
        return None;
    }
    Some(Purl::new("github", Some(owner), name).at(reference.unwrap_or_default()).to_string())
}

/// Key of an action of the tree.
#[must_use]
pub fn local_action(folder: &RepoPath) -> String {
    format!("action:./{folder}")
}

/// The part of a step's key that names its job.
#[must_use]
pub fn job_steps(workflow: &RepoPath, job: &str) -> String {
    format!("{workflow}:{job}")
}

/// Key of a step; `owner` is [`job_steps`] or the path of an action.
#[must_use]
pub fn step(owner: &str, index: usize) -> String {
    format!("step:{owner}:{index}")
}

/// Key of a job.
#[must_use]
pub fn job(workflow: &RepoPath, id: &str) -> String {
    format!("job:{workflow}:{id}")
}

/// Key of a cache, by the words that stand in its key.
#[must_use]
pub fn cache(words: &str) -> String {
    format!("cache:{words}")
}

/// Key of an artifact of a workflow's runs, by its name as written.
#[must_use]
pub fn artifact(workflow: &RepoPath, name: &str) -> String {
    format!("artifact:{workflow}:{name}")
}

/// Key of something that scripts download, by its address as far as known.
#[must_use]
pub fn download(url: &str) -> String {
    format!("download:{url}")
}

/// Key of a script of the tree.
#[must_use]
pub fn script(path: &RepoPath) -> String {
    format!("script:{path}")
}

/// Key of a Dockerfile.
#[must_use]
pub fn dockerfile(path: &RepoPath) -> String {
    format!("dockerfile:{path}")
}

/// Key of a stage of a Dockerfile.
#[must_use]
pub fn stage(path: &RepoPath, index: usize) -> String {
    format!("stage:{path}:{index}")
}

/// Key of something that is loaded by name: its kind, its hub, its name and the revision that is written or held.
#[must_use]
pub fn asset(reference: &Reference, commit: Option<&str>) -> String {
    let revision = commit.or(reference.revision.as_deref()).map_or_else(String::new, |revision| format!("@{revision}"));
    // A revision that nobody knows is none of that name.
    let dynamic = if reference.pin == Pin::Dynamic && commit.is_none() { "?" } else { "" };
    let name = format!("{}{dynamic}{revision}", encode(&reference.name));
    format!("{}:{}:{name}", reference.kind.word(), reference.hub.word())
}

/// Package URL of a model of Hugging Face, whose version is a commit; other hubs and data sets have no type of their
/// own, and a name without its owner is none that the type allows. Source: purl specification, type `huggingface`,
/// which keeps the case of names.
#[must_use]
pub fn asset_purl(reference: &Reference, commit: Option<&str>) -> Option<String> {
    hub_purl(reference.kind, reference.hub.word(), &reference.name, commit)
}

/// The same of what a lock holds, with the hub as it spells it.
#[must_use]
pub fn hub_purl(kind: AssetKind, hub: &str, name: &str, commit: Option<&str>) -> Option<String> {
    if hub != Hub::HuggingFace.word() || kind == AssetKind::Dataset {
        return None;
    }
    let (owner, name) = name.split_once('/')?;
    let purl = Purl::new("huggingface", Some(owner), name).at(commit.unwrap_or_default());
    purl.problem().is_none().then(|| purl.to_string())
}

/// The parts of an image reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageName<'a> {
    /// Registry host; none for Docker Hub's short names.
    pub host: Option<&'a str>,
    /// Repository, without the host.
    pub repository: &'a str,
    /// Tag.
    pub tag: Option<&'a str>,
    /// Digest with its algorithm.
    pub digest: Option<&'a str>,
}

/// Splits `[host/]repository[:tag][@digest]`. Source: distribution reference grammar.
#[must_use]
pub fn image(reference: &str) -> ImageName<'_> {
    let (rest, digest) = match reference.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (reference, None),
    };
    let slash = rest.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = match rest.get(slash..).and_then(|last| last.find(':')) {
        Some(colon) => (rest.get(..slash + colon).unwrap_or(rest), rest.get(slash + colon + 1..)),
        None => (rest, None),
    };
    match name.split_once('/') {
        Some((host, repository)) if host.contains(['.', ':']) || host == "localhost" => {
            ImageName { host: Some(host), repository, tag, digest }
        }
        _ => ImageName { host: None, repository: name, tag, digest },
    }
}

/// Package URL of an image, see [`Purl::image`]; none where it has no name.
#[must_use]
pub fn image_purl(name: &ImageName<'_>) -> Option<String> {
    let is_named = name.repository.rsplit('/').next().is_some_and(|last| !last.is_empty());
    is_named.then(|| Purl::image(name.host, name.repository, name.tag, name.digest).to_string())
}

/// The repository of an image with its host, as docker completes short names: `docker.io/library/python`.
#[must_use]
pub fn image_repository(name: &ImageName<'_>) -> String {
    match name.host {
        None | Some("docker.io" | "index.docker.io") if !name.repository.contains('/') => {
            format!("docker.io/library/{}", name.repository)
        }
        None | Some("docker.io" | "index.docker.io") => format!("docker.io/{}", name.repository),
        Some(host) => format!("{host}/{}", name.repository),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sources_are_told_apart() {
        assert_eq!(lock_source(None), LockSource::Local);
        assert_eq!(lock_source(Some("registry+https://github.com/rust-lang/crates.io-index")), LockSource::CratesIo);
        assert_eq!(lock_source(Some("sparse+https://index.crates.io/")), LockSource::CratesIo);
        assert_eq!(
            lock_source(Some("git+https://example.com/a/b?branch=main#0123")),
            LockSource::Git { url: "https://example.com/a/b", asked: Some("branch=main"), commit: Some("0123") }
        );
        assert!(matches!(lock_source(Some("registry+https://example.com/index")), LockSource::Registry(_)));
        assert!(matches!(lock_source(Some("ftp://example.com")), LockSource::Unknown(_)));
    }

    #[test]
    fn package_urls_are_legal_and_in_their_one_spelling() {
        let model = |name, commit| hub_purl(AssetKind::Model, "huggingface", name, commit);
        let git = LockSource::Git { url: "https://u:p@example.com/a/b", asked: None, commit: Some("0123") };
        let commit = "0123456789abcdef0123456789abcdef01234567";
        for (purl, wanted) in [
            (crate_purl("a", Some("1.0.0+b"), &LockSource::CratesIo), "pkg:cargo/a@1.0.0%2Bb"),
            (
                crate_purl("a", Some("1.0.0"), &git),
                "pkg:cargo/a@1.0.0?vcs_url=git%2Bhttps:%2F%2Fexample.com%2Fa%2Fb%400123",
            ),
            (
                crate_purl("a", None, &LockSource::Registry("sparse+https://example.com/index")),
                "pkg:cargo/a?repository_url=sparse%2Bhttps:%2F%2Fexample.com%2Findex",
            ),
            (
                action_purl("Example", "Upload", "sub/folder", "refs/heads/main"),
                "pkg:githubactions/example/upload@refs%2Fheads%2Fmain#sub/folder",
            ),
        ] {
            assert_eq!(purl, wanted);
            assert_eq!(Purl::legal(&purl).map(|one| one.to_string()), Ok(purl));
        }
        assert_eq!(model("Example/Base", Some(commit)), Some(format!("pkg:huggingface/Example/Base@{commit}")));
        assert_eq!((model("base", Some(commit)), model("a/b/c", None)), (None, None));
    }

    #[test]
    fn images_split_as_registries_do() {
        let name = image("localhost:5000/a/b:1@sha256:00");
        assert_eq!((name.host, name.repository), (Some("localhost:5000"), "a/b"));
        assert_eq!((name.tag, name.digest), (Some("1"), Some("sha256:00")));
        assert_eq!(image("ubuntu").tag, None);
        assert_eq!(image("library/ubuntu:22.04").repository, "library/ubuntu");
    }

    proptest! {
        #[test]
        fn two_crates_share_a_key_only_if_they_are_one(
            a in ("[a-z]{1,3}", "[0-9]\\.[0-9]", "https://[a-z]{1,3}"),
            b in ("[a-z]{1,3}", "[0-9]\\.[0-9]", "https://[a-z]{1,3}"),
        ) {
            let key = |x: &(String, String, String)| locked_crate(&x.0, &x.1, &LockSource::Registry(&x.2));
            prop_assert_eq!(key(&a) == key(&b), a == b);
        }
    }
}
