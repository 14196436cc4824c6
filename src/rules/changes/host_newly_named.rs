//! Something fetches from a host that the tree before named nowhere.

use std::collections::{BTreeMap, BTreeSet};

use super::compared::{Compared, listed};
use crate::commands::ActKind;
use crate::diag::{Confidence, Severity};
use crate::graph::Document;
use crate::graph::indexes::{bare, is_publisher};
use crate::rules::workflow::reach;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place, Span};

pub(super) static RULE: Rule = Rule {
    id: "host-newly-named",
    title: "fetches from a host that was named nowhere",
    many: "{n} hosts are fetched from that were named nowhere",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("host_newly_named.md"),
    check,
};

/// Hosts that everybody fetches from: forges, registries, package sources of systems.
const USUAL: &[&str] = &[
    "github.com",
    "raw.githubusercontent.com",
    "objects.githubusercontent.com",
    "api.github.com",
    "ghcr.io",
    "gitlab.com",
    "codeberg.org",
    "crates.io",
    "static.crates.io",
    "static.rust-lang.org",
    "sh.rustup.rs",
    "files.pythonhosted.org",
    "bootstrap.pypa.io",
    "astral.sh",
    "registry.npmjs.org",
    "huggingface.co",
    "hf.co",
    "docker.io",
    "quay.io",
    "download.docker.com",
    "deb.debian.org",
    "archive.ubuntu.com",
    "apt.llvm.org",
    "developer.download.nvidia.com",
    "storage.googleapis.com",
    "go.dev",
    "proxy.golang.org",
    "nodejs.org",
    "deb.nodesource.com",
    "repo.anaconda.com",
    "conda.anaconda.org",
    "cli.github.com",
    "packages.microsoft.com",
    "awscli.amazonaws.com",
];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(compared) = Compared::of(scene) else { return };
    let mut found: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    for (document, _) in compared.touched() {
        for (host, span) in hosts(document) {
            found.entry(host).or_default().push(Place::new(document.file(), span));
        }
    }
    let mut by_file: BTreeMap<FileId, Vec<(String, Vec<Place>)>> = BTreeMap::new();
    for (host, places) in found {
        let is_known = compared.base().sources.iter().any(|file| file.text.contains(&host));
        if let Some(first) = places.first().filter(|_| !is_known) {
            by_file.entry(first.file).or_default().push((host, places));
        }
    }
    for (file, hosts) in by_file {
        say(&compared, report, file, &hosts);
    }
}

/// Hosts that a document's commands and build code fetch from.
fn hosts(document: &Document) -> BTreeSet<(String, Span)> {
    let mut out = BTreeSet::new();
    for script in document.scripts() {
        for act in &script.acts {
            let url = match &act.kind {
                ActKind::Fetch { url, .. } | ActKind::Clone { url, .. } | ActKind::AddSource { source: url, .. } => url,
                _ => continue,
            };
            if let Some(host) = host(&url.text).filter(|_| !url.local) {
                out.insert((host, script.text.host_span(act.range.clone())));
            }
        }
    }
    if let Document::BuildCode(code) = document {
        out.extend(code.fetches.iter().filter_map(|fetch| Some((host(&fetch.url.text)?, fetch.span))));
    }
    out
}

/// The host of an address, unless it is one of those that everybody fetches from, or not known.
fn host(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let bare = bare(url);
    let host = bare.split(['/', ':']).next()?.to_owned();
    let is_plain = host.contains('.') && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    let is_usual = USUAL.contains(&host.as_str()) || is_publisher(url) || crate::graph::indexes::is_pypi(url);
    (is_plain && !is_usual && !rest.starts_with('$')).then_some(host)
}

fn say(compared: &Compared<'_>, report: &mut Reporter<'_>, file: FileId, hosts: &[(String, Vec<Place>)]) {
    let Some((_, places)) = hosts.first() else { return };
    let Some(first) = places.first() else { return };
    let scene = compared.scene;
    let runs = reach::all_runs(scene).iter().filter(|run| run.file == file);
    let run = runs.max_by_key(|run| run.weight());
    let names: Vec<&str> = hosts.iter().map(|(host, _)| host.as_str()).collect();
    let is_weighty = run.is_some_and(|run| run.impact().is_some());
    let draft = report
        .at(*first, "named nowhere before")
        .about("host", names.join(" "), None)
        .severity(if is_weighty { Severity::Medium } else { Severity::Low })
        .confidence(Confidence::Medium)
        .also(hosts.iter().flat_map(|(_, places)| places.iter().copied()))
        .content(names.join(" "))
        .evidence("no file that was read of the tree before names it")
        .advise("look who is behind it, and hold what is fetched by its digest");
    let draft = match run {
        Some(run) => run.route(scene, draft),
        None => draft.via(scene.sources.path(file).to_owned(), Some(*first)),
    };
    draft.say(format!("{} newly fetches from {}", scene.sources.path(file), listed(&names)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_everybody_fetches_from_are_not_told() {
        assert_eq!(host("https://files.example.com/a.tgz").as_deref(), Some("files.example.com"));
        assert_eq!(host("https://user@files.example.com:8443/a").as_deref(), Some("files.example.com"));
        for url in ["https://github.com/a/b", "https://$HOST/a", "./a", "https://crates.io/x"] {
            assert_eq!(host(url), None, "{url}");
        }
    }
}
