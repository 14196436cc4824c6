//! What crates.io's documents say.
//!
//! Sources: the Cargo book, "Registry Index" (lines of JSON, `yanked`, `pubtime`); crates.io's OpenAPI
//! description (`crate`, `versions`, `trustpub_data`, owners).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::pypi::Garbled;
use super::record::{About, MAX_RELEASES, Record, Release, cut, key, listed, time};
use crate::advisory::Ecosystem;

#[derive(Deserialize)]
struct Line {
    name: String,
    vers: String,
    #[serde(default)]
    yanked: bool,
    #[serde(default)]
    pubtime: Option<String>,
}

/// The path of a crate in an index. Source: the Cargo book, "Index files".
#[must_use]
pub fn index_path(name: &str) -> Vec<String> {
    let name = name.to_ascii_lowercase();
    let part = |range: std::ops::Range<usize>| name.get(range).unwrap_or_default().to_owned();
    let mut out = match name.len() {
        1 => vec!["1".to_owned()],
        2 => vec!["2".to_owned()],
        3 => vec!["3".to_owned(), part(0..1)],
        _ => vec![part(0..2), part(2..4)],
    };
    out.push(name);
    out
}

/// The releases of a crate, from its lines of the index. Lines of a newer form are passed over, as cargo
/// does; a document without any that can be read is none.
///
/// # Errors
/// When it is no such document, or that of another crate.
pub fn releases(bytes: &[u8], name: &str) -> Result<BTreeMap<String, Release>, Garbled> {
    let garbled = Garbled("lines of the index");
    let text = std::str::from_utf8(bytes).map_err(|_| garbled)?;
    let mut out = BTreeMap::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()).take(MAX_RELEASES) {
        let Ok(line) = serde_json::from_str::<Line>(line) else { continue };
        if !is_same(&line.name, name) {
            return Err(Garbled("the lines of the name that was asked"));
        }
        let release =
            Release { yanked: line.yanked, released: line.pubtime.as_deref().and_then(time), ..Release::default() };
        out.insert(key(Ecosystem::CratesIo, &line.vers), release);
    }
    if out.is_empty() { Err(garbled) } else { Ok(out) }
}

/// crates.io holds one crate for all spellings of a name. Source: the Cargo book, "Registry
/// Index", name restrictions: names that differ only in case or in `-` and `_` collide.
fn is_same(one: &str, other: &str) -> bool {
    let plain = |name: &str| name.to_ascii_lowercase().replace('_', "-");
    plain(one) == plain(other)
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "crate")]
    about: Crate,
    #[serde(default)]
    versions: Vec<Version>,
}

#[derive(Deserialize)]
struct Crate {
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default)]
    repository: Option<String>,
    #[serde(default)]
    homepage: Option<String>,
}

#[derive(Deserialize)]
struct Version {
    num: String,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default)]
    yank_message: Option<String>,
    #[serde(default)]
    license: Option<String>,
    /// Absent where the site does not know trusted publishing, null where it was not used.
    #[serde(default, deserialize_with = "present")]
    trustpub_data: Option<Option<Trusted>>,
}

#[derive(Deserialize)]
struct Trusted {
    #[serde(default)]
    provider: Option<String>,
    #[serde(default)]
    repository: Option<String>,
    #[serde(default)]
    project_path: Option<String>,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Trusted>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Adds what the site says of a crate and its releases to what the index said.
///
/// # Errors
/// When it is no such document.
pub fn about(bytes: &[u8], record: &mut Record) -> Result<About, Garbled> {
    let document: Document = serde_json::from_slice(bytes).map_err(|_| Garbled("the site's API"))?;
    let repositories = document.about.repository.into_iter().chain(document.about.homepage);
    let repositories = repositories.filter(|url| super::repository::normal(url).is_some()).map(|url| cut(&url));
    let about = About {
        repositories: repositories.collect(),
        created: document.about.created_at.as_deref().and_then(time),
        ..About::default()
    };
    for version in document.versions {
        let Some(release) = record.releases.get_mut(&key(Ecosystem::CratesIo, &version.num)) else { continue };
        release.released = release.released.take().or_else(|| version.created_at.as_deref().and_then(time));
        release.reason = version.yank_message.map(|text| cut(text.trim())).filter(|_| release.yanked);
        release.licence = version.license.map(|text| cut(&text));
        release.attested = version.trustpub_data.as_ref().map(Option::is_some);
        release.attested_repository = version.trustpub_data.flatten().and_then(|trusted| {
            let (host, path) = match trusted.provider.as_deref() {
                Some("github") => ("github.com", trusted.repository),
                Some("gitlab") => ("gitlab.com", trusted.project_path.or(trusted.repository)),
                _ => return None,
            };
            Some(cut(&format!("https://{host}/{}", path?)))
        });
    }
    Ok(about)
}

#[derive(Deserialize)]
struct Owners {
    users: Vec<Owner>,
}

#[derive(Deserialize)]
struct Owner {
    login: String,
}

/// Who may publish a crate.
///
/// # Errors
/// When it is no list of owners.
pub fn owners(bytes: &[u8]) -> Result<Vec<String>, Garbled> {
    let owners: Owners = serde_json::from_slice(bytes).map_err(|_| Garbled("a list of owners"))?;
    Ok(listed(owners.users.into_iter().map(|owner| owner.login)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advisory::Date;

    #[test]
    fn paths_in_the_index() {
        for (name, path) in [
            ("a", "1/a"),
            ("ab", "2/ab"),
            ("Abc", "3/a/abc"),
            ("serde", "se/rd/serde"),
            ("Inflector", "in/fl/inflector"),
        ] {
            assert_eq!(index_path(name).join("/"), path);
        }
    }

    #[test]
    fn lines_of_the_index() {
        let lines = b"{\"name\":\"Demo_x\",\"vers\":\"1.0.0+b\",\"deps\":[],\"cksum\":\"\",\"yanked\":true,\"pubtime\":\"2026-01-02T03:04:05Z\"}\n\nnot json\n{\"name\":\"demo_x\",\"vers\":\"1.1.0\",\"yanked\":false}\n";
        let found = releases(lines, "demo-x").unwrap();
        assert!(found["1.0.0"].yanked && found["1.0.0"].released.as_deref() == Some("2026-01-02T03:04:05"));
        assert!(!found["1.1.0"].yanked && found["1.1.0"].released.is_none());
        for lines in [&b""[..], b"<html>", b"\xff", b"{\"name\":\"other\",\"vers\":\"1.0.0\"}"] {
            assert!(releases(lines, "demo").is_err(), "{}", String::from_utf8_lossy(lines));
        }
    }

    #[test]
    fn what_the_site_adds() {
        let mut record = Record::new("https://example.com", Date::new(2026, 11, 23).unwrap(), true);
        record.releases = releases(
            b"{\"name\":\"demo\",\"vers\":\"1.0.0\",\"yanked\":true}\n{\"name\":\"demo\",\"vers\":\"1.1.0\"}",
            "demo",
        )
        .unwrap();
        let document = br#"{"crate": {"id": "demo", "created_at": "2025-01-02T03:04:05.6Z", "repository": "https://github.com/owner/demo"},
            "versions": [
                {"num": "1.1.0", "created_at": "2026-02-01T00:00:00Z", "license": "MIT", "trustpub_data": {"provider": "github", "repository": "owner/demo", "run_id": "1"}},
                {"num": "1.0.0", "created_at": "2026-01-01T00:00:00Z", "yank_message": "broken", "trustpub_data": null},
                {"num": "9.9.9"}]}"#;
        let found = about(document, &mut record).unwrap();
        let (old, new) = (&record.releases["1.0.0"], &record.releases["1.1.0"]);
        assert_eq!((old.attested, old.reason.as_deref()), (Some(false), Some("broken")));
        assert_eq!(
            (new.attested, new.attested_repository.as_deref()),
            (Some(true), Some("https://github.com/owner/demo"))
        );
        assert_eq!(record.releases.len(), 2);
        assert_eq!(found.created.as_deref(), Some("2025-01-02T03:04:05"));
        assert_eq!(about(b"[]", &mut record), Err(Garbled("the site's API")));
        assert_eq!(owners(br#"{"users": [{"login": "zoe"}, {"login": "amy"}]}"#).unwrap(), ["amy", "zoe"]);
        assert!(owners(b"{}").is_err());
    }
}
