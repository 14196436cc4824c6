//! What PyPI's documents say.
//!
//! Sources: PyPI's "Index API" (PEP 503, 592, 691, 700, 740), "JSON API" and "Integrity API"; PEP 427 and
//! 625 for the names of files.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::record::{About, MAX_RELEASES, Release, cut, key, listed, time};
use crate::advisory::Ecosystem;
use crate::parse::pep508::normalise;

/// The media type of the index in JSON.
pub const SIMPLE: &str = "application/vnd.pypi.simple.v1+json";
/// Labels of addresses that lead to a repository, normalised. Source: PyPA's "Well-known Project URLs".
const LABELS: &[&str] = &["source", "sourcecode", "repository", "github", "code", "gitlab", "homepage"];

/// An answer that cannot be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it answers something else than {0}")]
pub struct Garbled(pub &'static str);

#[derive(Deserialize)]
struct Simple {
    name: String,
    files: Vec<File>,
    #[serde(default)]
    versions: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    filename: String,
    #[serde(default)]
    yanked: Yanked,
    #[serde(default, rename = "upload-time")]
    upload_time: Option<String>,
    /// Absent where the index has no attestations at all, null where the file has none.
    #[serde(default, deserialize_with = "present")]
    provenance: Option<Option<String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Yanked {
    Is(bool),
    Because(String),
}

impl Default for Yanked {
    fn default() -> Self {
        Self::Is(false)
    }
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The releases of a name, from its page of the index in JSON.
///
/// # Errors
/// When it is no such page, or that of another name.
pub fn releases(bytes: &[u8], name: &str) -> Result<BTreeMap<String, Release>, Garbled> {
    let page: Simple = serde_json::from_slice(bytes).map_err(|_| Garbled("the index in JSON (PEP 691)"))?;
    if normalise(&page.name) != name {
        return Err(Garbled("the page of the name that was asked"));
    }
    let mut out: BTreeMap<String, Release> = BTreeMap::new();
    // A release without files is one that was yanked as a whole or never uploaded; it is known by name.
    for version in page.versions.iter().take(MAX_RELEASES) {
        out.entry(key(Ecosystem::PyPi, version)).or_default();
    }
    let mut yanked: BTreeMap<String, bool> = BTreeMap::new();
    for file in &page.files {
        let Some((version, is_source)) = version_of(&file.filename, name) else { continue };
        let key = key(Ecosystem::PyPi, &version);
        if out.len() >= MAX_RELEASES && !out.contains_key(&key) {
            continue;
        }
        let release = out.entry(key.clone()).or_default();
        let is_yanked = match &file.yanked {
            Yanked::Is(is) => *is,
            Yanked::Because(reason) => {
                release.reason.get_or_insert_with(|| cut(reason.trim()));
                true
            }
        };
        // One file that stands is enough for the release to stand.
        let all = yanked.entry(key).or_insert(true);
        *all &= is_yanked;
        release.yanked = *all;
        if let Some(time) = file.upload_time.as_deref().and_then(time)
            && release.released.as_ref().is_none_or(|known| time < *known)
        {
            release.released = Some(time);
        }
        if let Some(provenance) = &file.provenance {
            let attested = release.attested.get_or_insert(false);
            *attested |= provenance.is_some();
            if provenance.is_some() && release.attested_file.is_none() && file.filename.len() <= 512 {
                release.attested_file = Some(file.filename.clone());
            }
        }
        let only_source = release.only_source.get_or_insert(true);
        *only_source &= is_source;
    }
    for release in out.values_mut().filter(|r| !r.yanked) {
        release.reason = None;
    }
    Ok(out)
}

/// The version in the name of a file, and whether it is a source distribution; none for a file of a kind
/// that no installer takes any more.
pub(super) fn version_of(filename: &str, name: &str) -> Option<(String, bool)> {
    const SOURCES: &[&str] = &[".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".tar.z", ".tar"];
    if let Some(stem) = filename.strip_suffix(".whl") {
        return Some((stem.split('-').nth(1)?.replace('_', "-"), false));
    }
    if let Some(stem) = filename.strip_suffix(".egg") {
        return Some((stem.split('-').nth(1)?.to_owned(), false));
    }
    let lower = filename.to_ascii_lowercase();
    let end = SOURCES.iter().find(|end| lower.ends_with(**end))?;
    let stem = filename.get(..filename.len() - end.len())?;
    // Names hold `-`, too; what stands before the version is the name in some spelling.
    let at = stem.match_indices('-').map(|(at, _)| at).find(|at| normalise(&stem[..*at]) == name)?;
    Some((stem[at + 1..].to_owned(), true))
}

#[derive(Deserialize)]
struct Project {
    info: Info,
    #[serde(default)]
    ownership: Option<Ownership>,
}

#[derive(Deserialize)]
struct Info {
    #[serde(default)]
    home_page: Option<String>,
    #[serde(default)]
    project_urls: Option<BTreeMap<String, Option<String>>>,
}

#[derive(Deserialize)]
struct Ownership {
    #[serde(default)]
    organization: Option<String>,
    #[serde(default)]
    roles: Vec<Owner>,
}

#[derive(Deserialize)]
struct Owner {
    user: String,
}

/// Owners and addresses of a name, from its JSON document.
///
/// # Errors
/// When it is no such document.
pub fn about(bytes: &[u8]) -> Result<About, Garbled> {
    let project: Project = serde_json::from_slice(bytes).map_err(|_| Garbled("the JSON API"))?;
    let label = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let mut urls: Vec<(usize, String)> = Vec::new();
    for (name, url) in project.info.project_urls.into_iter().flatten() {
        let rank = LABELS.iter().position(|known| *known == label(&name)).unwrap_or(LABELS.len());
        urls.extend(url.map(|url| (rank, url)));
    }
    urls.extend(project.info.home_page.filter(|url| !url.is_empty()).map(|url| (LABELS.len(), url)));
    urls.sort();
    urls.retain(|(_, url)| super::repository::normal(url).is_some());
    let mut repositories: Vec<String> = Vec::new();
    for (_, url) in urls.into_iter().take(16) {
        let url = cut(&url);
        if !repositories.contains(&url) {
            repositories.push(url);
        }
    }
    let owners = project.ownership.into_iter().flat_map(|ownership| {
        let organisation = ownership.organization.map(|name| format!("organisation {name}"));
        organisation.into_iter().chain(ownership.roles.into_iter().map(|owner| owner.user))
    });
    Ok(About { repositories, owners: listed(owners), ..About::default() })
}

#[derive(Deserialize)]
struct Provenance {
    attestation_bundles: Vec<Bundle>,
}

#[derive(Deserialize)]
struct Bundle {
    publisher: Publisher,
}

#[derive(Deserialize)]
struct Publisher {
    kind: String,
    #[serde(default)]
    repository: Option<String>,
}

/// The repository whose workflow published a file, from its provenance; none where the publisher is of
/// another kind.
///
/// # Errors
/// When it is no such document.
pub fn publisher(bytes: &[u8]) -> Result<Option<String>, Garbled> {
    let provenance: Provenance = serde_json::from_slice(bytes).map_err(|_| Garbled("attestations (PEP 740)"))?;
    let repository = |publisher: &Publisher| {
        let host = match publisher.kind.as_str() {
            "GitHub" => "github.com",
            "GitLab" => "gitlab.com",
            _ => return None,
        };
        let path = publisher.repository.as_deref()?;
        Some(cut(&format!("https://{host}/{path}")))
    };
    Ok(provenance.attestation_bundles.iter().find_map(|bundle| repository(&bundle.publisher)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_files() {
        for (file, name, version) in [
            ("demo-1.2.0-py3-none-any.whl", "demo", Some(("1.2.0", false))),
            ("Demo_Kit-1.2.0+cu118-1-cp310-cp310-linux_x86_64.whl", "demo-kit", Some(("1.2.0+cu118", false))),
            ("demo-kit-1.2.tar.gz", "demo-kit", Some(("1.2", true))),
            ("demo_kit-1.2.0rc1.zip", "demo-kit", Some(("1.2.0rc1", true))),
            ("demo.kit-1.2-1.tar.bz2", "demo-kit", Some(("1.2-1", true))),
            ("demo-1.2-py2.7.egg", "demo", Some(("1.2", false))),
            ("demo-1.2.win32.exe", "demo", None),
            ("other-1.2.tar.gz", "demo", None),
            ("é.tar.gz", "demo", None),
            ("", "demo", None),
        ] {
            let found = version_of(file, name);
            assert_eq!(found.as_ref().map(|(v, s)| (v.as_str(), *s)), version, "{file}");
        }
    }

    #[test]
    fn a_page_of_the_index() {
        let page = br#"{"meta": {"api-version": "1.4"}, "name": "Demo", "versions": ["1.0", "1.1", "1.2", "0.9"], "files": [
            {"filename": "demo-1.0.tar.gz", "url": "x", "hashes": {}, "yanked": "broken", "upload-time": "2026-01-02T10:00:00.5Z", "provenance": null},
            {"filename": "demo-1.0-py3-none-any.whl", "url": "x", "hashes": {}, "yanked": true, "upload-time": "2026-01-01T10:00:00.5Z", "provenance": null},
            {"filename": "demo-1.1.tar.gz", "url": "x", "hashes": {}, "yanked": "one file", "provenance": null},
            {"filename": "demo-1.1-py3-none-any.whl", "url": "x", "hashes": {}, "yanked": false, "provenance": "https://example.com/p"},
            {"filename": "demo-1.2.tar.gz", "url": "x", "hashes": {}}
        ]}"#;
        let releases = releases(page, "demo").unwrap();
        let one = &releases["1"];
        assert!(one.yanked && one.reason.as_deref() == Some("broken") && one.only_source == Some(false));
        assert_eq!((one.released.as_deref(), one.attested), (Some("2026-01-01T10:00:00"), Some(false)));
        let next = &releases["1.1"];
        assert!(!next.yanked && next.reason.is_none() && next.attested == Some(true));
        assert_eq!(next.attested_file.as_deref(), Some("demo-1.1-py3-none-any.whl"));
        assert_eq!((releases["1.2"].only_source, releases["1.2"].attested), (Some(true), None));
        assert_eq!(releases["0.9"], Release::default());
    }

    #[test]
    fn something_else_is_an_error() {
        for page in [
            &b"<!doctype html>"[..],
            b"",
            b"{}",
            b"[]",
            br#"{"name": "demo"}"#,
            br#"{"name": "other", "files": []}"#,
            br#"{"name": "demo", "files": [{"yanked": 1}]}"#,
        ] {
            assert!(releases(page, "demo").is_err(), "{}", String::from_utf8_lossy(page));
        }
        assert_eq!(about(b"{}"), Err(Garbled("the JSON API")));
        assert_eq!(publisher(b"{}"), Err(Garbled("attestations (PEP 740)")));
    }

    #[test]
    fn owners_and_addresses() {
        let document = br#"{"info": {"name": "demo", "home_page": "https://example.com", "project_urls":
            {"Homepage": "https://github.com/pages/demo", "Source Code": "https://github.com/owner/demo", "Issues": null}},
            "ownership": {"organization": "acme", "roles": [{"role": "Owner", "user": "zoe"}, {"role": "Maintainer", "user": "amy"}, {"role": "Owner", "user": "amy"}]}}"#;
        let about = about(document).unwrap();
        assert_eq!(about.repositories, ["https://github.com/owner/demo", "https://github.com/pages/demo"]);
        assert_eq!(about.owners, ["amy", "organisation acme", "zoe"]);
    }

    #[test]
    fn the_repository_of_a_publisher() {
        for (publisher_json, found) in [
            (
                r#"{"kind": "GitHub", "repository": "owner/demo", "workflow": "x.yml"}"#,
                Some("https://github.com/owner/demo"),
            ),
            (r#"{"kind": "GitLab", "repository": "group/demo"}"#, Some("https://gitlab.com/group/demo")),
            (r#"{"kind": "Google", "email": "x@example.com"}"#, None),
        ] {
            let text = format!(
                r#"{{"version": 1, "attestation_bundles": [{{"publisher": {publisher_json}, "attestations": []}}]}}"#
            );
            assert_eq!(publisher(text.as_bytes()).unwrap().as_deref(), found);
        }
    }
}
