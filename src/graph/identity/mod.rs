//! Keys and package URLs. Computed here and nowhere else: merging two spellings of one thing is a
//! convenience, merging two things of one spelling hides an attack.

mod conda;
mod distribution;

pub use conda::CondaRelease;
pub use distribution::{DistributionSource, distribution, distribution_name, distribution_purl, local_distribution};

use super::kinds::cargo::LockSource;
use crate::references::AssetKind;
use crate::references::Hub;
use crate::references::Pin;
use crate::references::Reference;
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
    let mut purl = format!("pkg:cargo/{}", encode(name));
    if let Some(version) = version {
        purl.push('@');
        purl.push_str(&encode(version));
    }
    match source {
        LockSource::Git { url, commit, .. } => {
            let at = commit.map_or_else(String::new, |c| format!("@{c}"));
            purl.push_str(&format!("?vcs_url={}", encode(&format!("git+{}{at}", without_user(url)))));
        }
        LockSource::Registry(url) | LockSource::Unknown(url) => {
            purl.push_str(&format!("?repository_url={}", encode(&without_user(url))));
        }
        LockSource::Local | LockSource::CratesIo => {}
    }
    purl
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
    let sub = if path.is_empty() {
        String::new()
    } else {
        format!("#{}", path.split('/').map(encode).collect::<Vec<_>>().join("/"))
    };
    format!(
        "pkg:githubactions/{}/{}@{}{sub}",
        encode(&owner.to_ascii_lowercase()),
        encode(&repo.to_ascii_lowercase()),
        encode(reference)
    )
}

/// Package URL of a repository on GitHub; none where there is no owner. Source: purl specification, type `github`, whose
/// names are in lower case.
#[must_use]
pub fn github_purl(owner: &str, name: &str, reference: Option<&str>) -> Option<String> {
    if owner.is_empty() || owner.contains('/') || name.is_empty() {
        return None;
    }
    let version = reference.map_or_else(String::new, |reference| format!("@{}", encode(reference)));
    let (owner, name) = (owner.to_ascii_lowercase(), name.to_ascii_lowercase());
    Some(format!("pkg:github/{}/{}{version}", encode(&owner), encode(&name)))
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
/// own. Source: purl specification, type `huggingface`, which keeps the case of names.
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
    let name: Vec<String> = name.split('/').map(encode).collect();
    let version = commit.map_or_else(String::new, |commit| format!("@{}", commit.to_ascii_lowercase()));
    Some(format!("pkg:huggingface/{}{version}", name.join("/")))
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

/// Package URL of an image: `pkg:oci/name@sha256:..?repository_url=host/path/name&tag=..`. Source: purl specification,
/// type `oci`, whose version is a digest and whose names are in lower case.
#[must_use]
pub fn image_purl(name: &ImageName<'_>) -> Option<String> {
    let last = name.repository.rsplit('/').next().filter(|last| !last.is_empty())?;
    let version = name.digest.map_or_else(String::new, |digest| format!("@{}", encode(digest)));
    let tag = name.tag.filter(|tag| !tag.is_empty()).map_or_else(String::new, |tag| format!("&tag={}", encode(tag)));
    let repository = encode(&image_repository(name));
    Some(format!("pkg:oci/{}{version}?repository_url={repository}{tag}", encode(&last.to_ascii_lowercase())))
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

/// Percent-encodes for a package URL: unreserved characters stand, and `:` as the specification
/// allows.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b':') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
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
