//! A dependency from a place that the tree's own policy does not list.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::SourcesAllowed;
use crate::diag::Severity;
use crate::graph::NodeKind;
use crate::graph::identity::{is_crates_io, lock_source};
use crate::graph::kinds::cargo::LockSource;
use crate::rules::{Reporter, Rule, Scene, locked};
use crate::source::{Place, Role, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "unlisted-source",
    title: "dependency from a source that is not on the list",
    many: "{n} sources are not on the list",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("unlisted_source.md"),
    check,
};

/// Names in the message.
const NAMED: usize = 3;
/// Places one finding stands for.
const PLACES: usize = 20;

/// Where something comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum From {
    /// A registry or index, by its address or the word for it.
    Registry(String),
    /// A repository.
    Repository(String),
    /// A file at an address.
    File(String),
}

/// One thing that comes from there; manifests before locks.
struct Taken<'a> {
    is_lock: bool,
    name: &'a str,
    place: Place,
    role: Role,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(custody) = scene.custody() else { return };
    let Some(allowed) = &custody.policy.sources else { return };
    let mut by: BTreeMap<From, Vec<Taken<'_>>> = BTreeMap::new();
    crates(scene, &mut by);
    distributions(scene, &mut by);
    for (from, mut taken) in by {
        if is_listed(&from, allowed) {
            continue;
        }
        taken.sort_by_key(|t| (t.role, t.is_lock, t.place));
        say(report, &from, &taken, Place::new(custody.file, allowed.span));
    }
}

fn crates<'a>(scene: &Scene<'a>, by: &mut BTreeMap<From, Vec<Taken<'a>>>) {
    for (document, manifest) in scene.manifests() {
        let role = scene.role(manifest.file);
        if role.is_set_aside() || scene.cargo.of_document(document).is_none() {
            continue;
        }
        for line in manifest.dependencies.iter().chain(manifest.patches.iter().map(|p| &p.with)) {
            if let Some(git) = &line.git {
                let place = Place::new(manifest.file, line.span);
                let taken = Taken { is_lock: false, name: line.package_name(), place, role };
                by.entry(From::Repository(plain(&git.value))).or_default().push(taken);
            }
        }
    }
    for found in locked::crates(scene, |_, _| true) {
        let package = found.package();
        let from = match lock_source(package.source.as_ref().map(|s| s.value.as_str())) {
            LockSource::Local => continue,
            LockSource::CratesIo => From::Registry("crates.io".to_owned()),
            LockSource::Registry(url) | LockSource::Unknown(url) => From::Registry(url.to_owned()),
            LockSource::Git { url, .. } => From::Repository(plain(url)),
        };
        let (place, role) = (found.lock_place(), found.role());
        by.entry(from).or_default().push(Taken { is_lock: true, name: &package.name.value, place, role });
    }
}

fn distributions<'a>(scene: &Scene<'a>, by: &mut BTreeMap<From, Vec<Taken<'a>>>) {
    for (_, node) in scene.graph.of(NodeKind::Distribution) {
        let (Some(source), Some(&place)) = (node.attributes.get("source"), node.sightings.first()) else { continue };
        let role = scene.role(place.file);
        if role.is_set_aside() {
            continue;
        }
        let from = match source.split_once(' ') {
            None if source == "pypi" => From::Registry(source.clone()),
            Some(("index", url)) => From::Registry(url.to_owned()),
            Some(("git", url)) => From::Repository(plain(url.split('#').next().unwrap_or(url))),
            Some(("url", url)) => From::File(url.to_owned()),
            _ => continue,
        };
        by.entry(from).or_default().push(Taken { is_lock: true, name: &node.name, place, role });
    }
}

fn is_listed(from: &From, allowed: &SourcesAllowed) -> bool {
    let any = |list: &Option<Vec<Spanned<String>>>, is: &dyn Fn(&str) -> bool| {
        list.as_ref().is_none_or(|list| list.iter().any(|entry| is(&entry.value)))
    };
    match from {
        From::Registry(url) => any(&allowed.registries, &|entry| same_registry(entry, url)),
        From::Repository(url) => any(&allowed.git, &|entry| is_of(entry, url)),
        From::File(url) => {
            any(&allowed.registries, &|entry| url.starts_with(&format!("{}/", entry.trim_end_matches('/'))))
        }
    }
}

/// Names stand for themselves; addresses are compared without the protocol's prefix and closing slash.
fn same_registry(entry: &str, url: &str) -> bool {
    let bare = |text: &str| {
        let text = text.strip_prefix("registry+").unwrap_or(text);
        text.strip_prefix("sparse+").unwrap_or(text).trim_end_matches('/').to_owned()
    };
    bare(entry) == bare(url) || (url == "crates.io" && (entry == "crates-io" || is_crates_io(entry)))
}

/// Whether a repository is one that an entry names; `*` stands for a part of the path. Who may read an
/// address over ssh proves more than over https, so an entry of the one covers the other; what is
/// unencrypted has to be named as such.
fn is_of(entry: &str, url: &str) -> bool {
    let (entry, url) = (split(&plain(entry)), split(url));
    let (Some((kind, pattern)), Some((of, path))) = (entry, url) else { return false };
    let is_safe = |kind: &str| matches!(kind, "https" | "ssh");
    if kind != of && !(is_safe(&kind) && is_safe(&of)) {
        return false;
    }
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    pattern.len() == path.len()
        && pattern.iter().zip(&path).all(|(want, part)| (*want == "*" && is_name(part)) || want == part)
}

fn is_name(part: &str) -> bool {
    !part.is_empty() && part != ".." && part != "."
}

/// Protocol, and host with path.
fn split(url: &str) -> Option<(String, String)> {
    let (kind, rest) = match url.split_once("://") {
        Some((kind, rest)) => (kind, rest.to_owned()),
        // `git@host:team/repository`, as ssh takes it.
        None => ("ssh", url.replacen(':', "/", 1)),
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
    Some((kind.to_ascii_lowercase(), rest[host..].to_owned())).filter(|(_, rest)| !rest.is_empty())
}

/// An address without what git hosts take for noise.
fn plain(url: &str) -> String {
    let url = url.strip_prefix("git+").unwrap_or(url).trim_end_matches('/').trim_end_matches(".git");
    if url.to_ascii_lowercase().contains("github.com") { url.to_ascii_lowercase() } else { url.to_owned() }
}

fn say(report: &mut Reporter<'_>, from: &From, taken: &[Taken<'_>], policy: Place) {
    let Some(main) = taken.first() else { return };
    let names: BTreeSet<&str> = taken.iter().map(|t| t.name).collect();
    let listed: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let verb = if names.len() == 1 { "comes" } else { "come" };
    let (url, key) = match from {
        From::Registry(url) | From::File(url) => (url, "registries"),
        From::Repository(url) => (url, "git"),
    };
    report
        .at(main.place, url.clone())
        .about("registry", url.clone(), None)
        .role(main.role)
        .also(taken.iter().take(PLACES).map(|t| t.place))
        .related(policy, "the sources that are allowed")
        .content(url.clone())
        .evidence("manifests, locks and commands of the tree, and its custody.toml")
        .advise(format!("look whether that is the address that was meant; if it is, add it to `{key}` of `[sources]` in custody.toml"))
        .say(format!("{}{more} {verb} from {url}, which custody.toml does not list", listed.join(", ")));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_by_host_team_and_name() {
        for (entry, url, yes) in [
            ("https://github.com/team/*", "https://github.com/Team/Tool.git", true),
            ("https://github.com/team/*", "ssh://git@github.com/team/tool", true),
            ("https://github.com/team/*", "git@github.com:team/tool.git", true),
            ("https://github.com/team/*", "http://github.com/team/tool", false),
            ("http://git.example.com/team/*", "http://git.example.com/team/tool", true),
            ("https://github.com/team/*", "https://github.com/teem/tool", false),
            ("https://github.com/team/*", "https://github.com.example.com/team/tool", false),
            ("https://github.com/team/*", "https://user@github.com/team/tool", true),
            ("https://github.com/team/*", "https://github.com/team/tool/more", false),
            ("https://github.com/team/*", "https://github.com/team/..", false),
            ("https://git.example.com/a", "https://git.example.com/a/", true),
            ("https://git.example.com/a", "https://git.example.com/A", false),
        ] {
            assert_eq!(is_of(entry, &plain(url)), yes, "{entry} {url}");
        }
    }

    #[test]
    fn registries_by_word_or_address() {
        for (entry, url, yes) in [
            ("crates.io", "crates.io", true),
            ("crates-io", "crates.io", true),
            ("sparse+https://index.crates.io/", "crates.io", true),
            ("sparse+https://registry.example.com/index/", "sparse+https://registry.example.com/index/", true),
            ("https://registry.example.com/index", "sparse+https://registry.example.com/index/", true),
            ("https://registry.example.com", "sparse+https://registry.example.com/index/", false),
            ("pypi", "pypi", true),
            ("pypi", "https://pypi.example.com/simple", false),
        ] {
            assert_eq!(same_registry(entry, url), yes, "{entry} {url}");
        }
    }
}
