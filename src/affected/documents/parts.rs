//! What a part of a bill of materials may be to a question: by each of its package URLs, by its name and kind where it
//! has none, by the files that it is handed over as, by digests and hosts.

use super::files;
use crate::affected::Asked;
use crate::affected::Fit;
use crate::affected::Target;
use crate::affected::Thing;
use crate::affected::target::host_of_authority;
use crate::affected::target::name_and_versions;
use crate::affected::target::package_url;
use crate::sbom::model::Component;
use crate::sbom::model::Kind;
use crate::sbom::model::LinkKind;

/// How a part stands to a question.
pub(in crate::affected) fn fit(component: &Component, asked: &Asked) -> Fit {
    let of = |(thing, trust): &(Owned, Trust)| match (asked.fit(&thing.thing()), trust) {
        (fit, Trust::Full) => fit,
        (Fit::Admits, Trust::ByVersion) => Fit::Unclear,
        (fit, Trust::ByVersion) => fit,
        (Fit::Elsewhere | Fit::Different, Trust::Alike) => Fit::Different,
        (_, Trust::Alike) => Fit::Unclear,
    };
    things(component).iter().map(of).max().unwrap_or(Fit::Different)
}

/// What a part is called.
pub(super) fn full_name(component: &Component) -> String {
    match component.group.as_deref().filter(|group| !group.is_empty()) {
        Some(group) => format!("{group}/{}", component.name),
        None => component.name.clone(),
    }
}

/// How far what a part is taken for counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// It is that.
    Full,
    /// It is that where the version fits as well.
    ByVersion,
    /// It is called alike.
    Alike,
}

/// A thing with its own text.
pub(super) enum Owned {
    Package { ecosystem: String, name: String, version: Option<String>, range: Option<String> },
    Action { name: String, reference: Option<String> },
    Asset { name: String, revision: Option<String> },
    Image { name: String, tag: Option<String>, digest: Option<String> },
    Digest(String),
    Host(String),
}

impl Owned {
    pub(super) fn thing(&self) -> Thing<'_> {
        match self {
            Self::Package { ecosystem, name, version, range } => {
                Thing::Package { ecosystem, name, version: version.as_deref(), requirement: range.as_deref() }
            }
            Self::Action { name, reference } => Thing::Action { name, reference: reference.as_deref(), comment: None },
            Self::Asset { name, revision } => Thing::Asset { name, revision: revision.as_deref() },
            Self::Image { name, tag, digest } => Thing::Image { name, tag: tag.as_deref(), digest: digest.as_deref() },
            Self::Digest(digest) => Thing::Digest(digest),
            Self::Host(host) => Thing::Host(host),
        }
    }
}

/// Everything that a part may be to a question.
fn things(component: &Component) -> Vec<(Owned, Trust)> {
    let mut out = Vec::new();
    let others = component.identifiers.iter().filter(|(scheme, _)| scheme == "purl").map(|(_, url)| url.as_str());
    let mut is_told = false;
    for (number, url) in component.purl.as_deref().into_iter().chain(others).enumerate() {
        let before = out.len();
        by_url(component, url, number == 0, &mut out);
        is_told |= out.len() > before;
    }
    if !is_told {
        by_name(component, &mut out);
    }
    let names = component.files.iter().map(|file| file.path.as_str());
    let names =
        names.chain(component.distributions.iter().flat_map(|one| one.name.iter().chain(&one.url)).map(String::as_str));
    let links = component.links.iter().filter(|link| link.kind == LinkKind::Distribution).map(|link| link.url.as_str());
    for text in names.chain(links.clone()).chain([component.name.as_str()]) {
        out.extend(files::package(text).map(|package| (package, Trust::Full)));
    }
    let hashes = component.hashes.iter();
    let of_files = component.files.iter().flat_map(|file| &file.hashes);
    let of_distributions = component.distributions.iter().flat_map(|one| &one.hashes);
    let all = hashes.chain(of_files).chain(of_distributions);
    out.extend(all.map(|hash| (Owned::Digest(hash.value.clone()), Trust::Full)));
    let urls = component.distributions.iter().filter_map(|one| one.url.as_deref());
    let urls = urls.chain(component.endpoints.iter().map(String::as_str)).chain(links);
    let hosts = urls.filter_map(|url| url.split_once("://")).filter_map(|(_, rest)| host_of_authority(rest));
    out.extend(hosts.map(|host| (Owned::Host(host), Trust::Full)));
    out
}

/// What a package URL of a part says. The version of the part is asked, too, where the two differ.
fn by_url(component: &Component, url: &str, is_first: bool, out: &mut Vec<(Owned, Trust)>) {
    let range = component.range.clone();
    let version = component.version.clone().filter(|_| is_first);
    let either = || version.clone().or_else(|| range.clone());
    match package_url(url) {
        Some(Target::Package { ecosystem, name, versions }) => {
            let ecosystem = ecosystem.unwrap_or_default();
            let package = |version| Owned::Package {
                ecosystem: ecosystem.clone(),
                name: name.clone(),
                version,
                range: range.clone(),
            };
            if versions.is_some() && version.is_some() && versions != version {
                out.push((package(versions), Trust::Full));
                out.push((package(version), Trust::Full));
            } else {
                out.push((package(versions.or_else(|| component.version.clone())), Trust::Full));
            }
        }
        Some(Target::Action { repository, path, reference }) => {
            if component.kind != Kind::Action {
                let name = repository.rsplit('/').next().unwrap_or(&repository).to_owned();
                let version = reference.clone().or_else(|| version.clone());
                out.push((
                    Owned::Package { ecosystem: "github".to_owned(), name, version, range: range.clone() },
                    Trust::Full,
                ));
            }
            let name = path.map_or(repository.clone(), |path| format!("{repository}/{path}"));
            out.push((Owned::Action { name, reference: reference.or_else(either) }, Trust::Full));
        }
        Some(Target::Asset { name, revision }) => {
            out.push((Owned::Asset { name, revision: revision.or_else(either) }, Trust::Full));
        }
        Some(Target::Image { name, reference }) => {
            // The name in the package URL lacks the host, which stands beside it.
            let host = qualifier(url, "repository_url");
            let name = host.filter(|host| host.contains('/') || host.contains('.')).unwrap_or(name);
            let tag = qualifier(url, "tag").or(range);
            out.push((image(name, reference.or(version), tag), Trust::Full));
        }
        _ => {}
    }
}

/// What a part without a package URL is: by its name, and what kind of thing it is said to be.
fn by_name(component: &Component, out: &mut Vec<(Owned, Trust)>) {
    let range = component.range.clone();
    let named = || full_name(component);
    let either = || component.version.clone().or_else(|| range.clone());
    let trust = match component.kind {
        Kind::Library | Kind::Framework | Kind::Tool => Trust::Full,
        Kind::Application | Kind::File | Kind::Other | Kind::Platform => Trust::ByVersion,
        _ => Trust::Alike,
    };
    match component.kind {
        Kind::Action => out.push((Owned::Action { name: named(), reference: either() }, Trust::Full)),
        kind if kind.is_model() || matches!(kind, Kind::Dataset | Kind::Kernel) => {
            out.push((Owned::Asset { name: named(), revision: either() }, Trust::Full));
        }
        Kind::Image => out.push((image(named(), component.version.clone(), range.clone()), Trust::Full)),
        _ => {}
    }
    let group = component.group.as_deref().map(str::trim).filter(|group| !group.is_empty());
    let of_group = group.and_then(|group| registry(&group.to_ascii_lowercase()));
    let mut package = |ecosystem: &str, text: &str, trust| {
        let is_version = |text: &str| text.starts_with(|c: char| c.is_ascii_digit() || "=<>!~^".contains(c));
        let (name, own) = match name_and_versions(trimmed(text)) {
            (name, own) if own.is_none_or(is_version) => (name, own),
            _ => (text, None),
        };
        let version = own.map(str::to_owned).or_else(|| component.version.clone());
        let (ecosystem, name) = (ecosystem.to_owned(), trimmed(name).to_owned());
        out.push((Owned::Package { ecosystem, name, version, range: range.clone() }, trust));
    };
    let (ecosystem, name) = spelt(&component.name);
    match (ecosystem.or(of_group), group) {
        (Some(ecosystem), _) => package(ecosystem, name, trust),
        (None, Some(group)) => {
            package("", &format!("{group}/{name}"), trust);
            package("", name, Trust::Alike);
        }
        (None, None) => package("", name, trust),
    }
}

/// A name without the registry that some write before it: `pip:requests`, `pypi/requests`.
pub(super) fn spelt(name: &str) -> (Option<&'static str>, &str) {
    let name = trimmed(name);
    let parts = name.split_once([':', '/']);
    let found = parts.and_then(|(word, rest)| Some((registry(&word.to_ascii_lowercase())?, rest)));
    found.map_or((None, name), |(registry, rest)| (Some(registry), rest))
}

/// The registry that a word stands for.
fn registry(word: &str) -> Option<&'static str> {
    Some(match word {
        "pypi" | "pip" | "python" => "pypi",
        "cargo" | "crate" | "crates" | "crates.io" | "rust" => "cargo",
        "npm" => "npm",
        "conda" => "conda",
        "gem" | "rubygems" => "gem",
        "nuget" => "nuget",
        _ => return None,
    })
}

/// A text without spaces around it, those that take no room among them.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
    })
}

fn image(name: String, version: Option<String>, tag: Option<String>) -> Owned {
    let digest = version.clone().filter(|version| version.contains(':'));
    let tag = tag.or_else(|| version.filter(|version| !version.contains(':')));
    Owned::Image { name, tag, digest }
}

/// A qualifier of a package URL.
fn qualifier(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split('#').next()?.split_once('?')?;
    let value = query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name))?.1;
    let value = value.replace("%2F", "/").replace("%2f", "/").replace("%3A", ":").replace("%3a", ":");
    (!value.is_empty()).then_some(value)
}
