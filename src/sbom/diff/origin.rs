//! Where parts come from, as far as that does not move with every release: hosts, repositories, registries.

use std::collections::BTreeSet;

use super::Change;
use super::Others;
use super::Weight;
use super::What;
use crate::sbom::model::Component;
use crate::sbom::model::LinkKind;

/// A package URL without its version; its qualifiers tell where it comes from and stay.
pub(super) fn without_version(purl: &str) -> Option<String> {
    let path = purl.split(['?', '#']).next()?;
    let rest = purl.get(path.len()..)?;
    let last = path.rfind('/')?;
    let end = path.get(last..)?.rfind('@').filter(|at| *at > 1).map_or(path.len(), |at| last + at);
    Some(format!("{}{rest}", path.get(..end)?))
}

/// A package URL without its version, with those qualifiers that tell where it comes from.
pub(super) fn of_purl(purl: &str) -> Option<String> {
    let purl = without_version(purl)?;
    let (bare, rest) = purl.split_once('?').unwrap_or((&purl, ""));
    let bare = bare.split('#').next().unwrap_or(bare);
    let mut from = BTreeSet::new();
    for one in rest.split('#').next().unwrap_or("").split('&') {
        let (name, value) = one.split_once('=').unwrap_or((one, ""));
        let value = value.replace("%3A", ":").replace("%2F", "/").replace("%40", "@").replace("%2B", "+");
        let kept = match name {
            "repository_url" => value.trim_end_matches('/').to_owned(),
            "vcs_url" => repository(&value),
            "download_url" => host(&value),
            _ => continue,
        };
        from.insert(format!("{name}={kept}"));
    }
    let from: Vec<String> = from.into_iter().collect();
    Some(if from.is_empty() { bare.to_owned() } else { format!("{bare}?{}", from.join("&")) })
}

/// What stands in an address behind its scheme and user.
fn behind(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    rest.get(..end).and_then(|authority| authority.rfind('@')).and_then(|at| rest.get(at + 1..)).unwrap_or(rest)
}

/// The host of an address.
fn host(url: &str) -> String {
    behind(url).split(['/', '?', '#', ':']).next().unwrap_or("").to_ascii_lowercase()
}

/// Host and path of a repository: `git@host:owner/name.git`, `git+https://host/owner/name@commit` are one.
fn repository(url: &str) -> String {
    let rest = behind(url).split(['?', '#']).next().unwrap_or("");
    let rest = match rest.split_once('@') {
        Some((path, _)) => path,
        None => rest,
    };
    let rest = rest.trim_end_matches('/');
    rest.strip_suffix(".git").unwrap_or(rest).replacen(':', "/", 1).to_ascii_lowercase()
}

/// Tells where a part comes from now and did not before.
pub(super) fn compare(
    old: &Component,
    new: &Component,
    is_same: bool,
    others: &mut Others,
    mut tell: impl FnMut(Change),
) {
    let mut moved = |before: String, after: String| {
        tell(Change::of(new, Weight::Heavy, What::Origin, Some(before), Some(after)));
    };
    if let (Some(was), Some(is)) = (&old.purl, &new.purl) {
        match (of_purl(was), of_purl(is)) {
            (Some(before), Some(after)) if before != after => moved(before, after),
            _ if without_version(was) != without_version(is) => others.note("package URL"),
            _ => {}
        }
    } else if old.purl != new.purl {
        others.note("package URL");
    }
    let told = |set: &BTreeSet<String>| set.iter().take(super::NAMED).cloned().collect::<Vec<_>>().join(", ");
    let (was, is) = (repositories(old), repositories(new));
    if !was.is_empty() && !is.is_empty() && is.difference(&was).next().is_some() {
        moved(told(&was), told(&is));
    }
    let (was, is) = (hosts(old), hosts(new));
    if !was.is_empty() && !is.is_empty() && is.difference(&was).next().is_some() {
        moved(told(&was), told(&is));
    } else if is_same && files(old) != files(new) {
        others.note("download address");
    }
    if is_same && old.links != new.links {
        others.note("links");
    }
}

fn repositories(part: &Component) -> BTreeSet<String> {
    part.links.iter().filter(|link| link.kind == LinkKind::Vcs).map(|link| repository(&link.url)).collect()
}

fn files(part: &Component) -> BTreeSet<&str> {
    let links = part.links.iter().filter(|link| link.kind == LinkKind::Distribution).map(|link| link.url.as_str());
    part.distributions.iter().filter_map(|file| file.url.as_deref()).chain(links).collect()
}

/// Hosts that hand it over.
fn hosts(part: &Component) -> BTreeSet<String> {
    files(part).into_iter().filter(|url| url.contains("://")).map(host).filter(|host| !host.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_repository_has_many_spellings() {
        for url in [
            "https://git.example.com/Acme/app",
            "https://git.example.com/acme/app.git",
            "git+https://jo@git.example.com/acme/app@607a30d783df",
            "git@git.example.com:acme/app.git",
            "ssh://git@git.example.com/acme/app.git#main",
        ] {
            assert_eq!(repository(url), "git.example.com/acme/app", "{url}");
        }
        assert_eq!(host("https://jo:pw@Files.example.com:8080/x"), "files.example.com");
    }

    #[test]
    fn package_urls_keep_where_they_come_from() {
        let of = |text| of_purl(text).unwrap();
        assert_eq!(of("pkg:pypi/a@1?checksum=sha256:ab"), "pkg:pypi/a");
        assert_eq!(of("pkg:pypi/a?vcs_url=git%2Bhttps://h.example/x/a%40abc"), "pkg:pypi/a?vcs_url=h.example/x/a");
        assert_ne!(of("pkg:pypi/a@1?repository_url=https://x.example"), of("pkg:pypi/a@1"));
        assert_eq!(of_purl("no purl"), None);
    }
}
