//! A registry whose answers nobody vouches for.

use std::collections::BTreeMap;

use super::registry_variables;
use crate::diag::{Confidence, Severity};
use crate::graph::identity::{is_crates_io, lock_source};
use crate::graph::kinds::cargo::{LockSource, Table};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "untrusted-registry",
    title: "registry that nobody vouches for",
    many: "{n} registries are not to be trusted as they are set up",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("untrusted_registry.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for config in scene.configs() {
        let indexes = config.registries.iter().filter_map(|r| r.index.as_ref());
        for address in indexes.chain(config.sources.iter().filter_map(|s| s.remote.as_ref())) {
            unencrypted(report, Place::new(config.file, address.span), address);
        }
        for registry in &config.registries {
            if let Some(token) = &registry.token {
                report
                    .at(Place::new(config.file, token.span), "a token in the tree")
                    .about("registry", registry.name.value.clone(), None)
                    .evidence("the configuration")
                    .content(format!("token of {}", registry.name.value))
                    .advise("revoke the token; keep the next one in a credential provider or the environment")
                    .say(format!("the token of registry `{}` stands in the file", registry.name.value));
            }
        }
        for setting in &config.weakened {
            let decides = setting.value.starts_with("http.cainfo");
            report
                .at(Place::new(config.file, setting.span), setting.value.clone())
                .about("setting", setting.value.clone(), None)
                .severity(if decides { Severity::Medium } else { Severity::Low })
                .evidence("the configuration")
                .advise("leave the setting to the machines that need it")
                .say(format!(
                    "`{}` weakens how cargo knows its registries, for everybody who builds this tree",
                    setting.value
                ));
        }
    }
    for (_, manifest) in scene.manifests() {
        for address in manifest.dependencies.iter().filter_map(|d| d.registry.as_ref()) {
            unencrypted(report, Place::new(manifest.file, address.span), address);
        }
    }
    for variable in registry_variables::all(scene) {
        unencrypted(report, variable.place, variable.address);
    }
    undeclared(scene, report);
}

fn unencrypted(report: &mut Reporter<'_>, place: Place, address: &Spanned<String>) {
    let bare = bare(&address.value);
    if !bare.starts_with("http://") && !bare.starts_with("git://") || is_this_machine(bare) {
        return;
    }
    report
        .at(place, "unencrypted")
        .about("registry", bare, None)
        .evidence("the address")
        .advise("use the https address of the registry")
        .say(format!(
            "the index {bare} is read unencrypted: whoever sits on the way chooses the versions and their checksums"
        ));
}

/// Registries in locks that nothing in the tree declares.
fn undeclared(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<&str, Vec<Place>> = BTreeMap::new();
    for view in &scene.cargo.locks {
        for package in scene.lock(view.document).into_iter().flat_map(|l| &l.packages) {
            let Some(source) = &package.source else { continue };
            if let LockSource::Registry(url) = lock_source(Some(&source.value)) {
                found.entry(url).or_default().push(Place::new(view.file, source.span));
            }
        }
    }
    // A name in a manifest may be declared on the machine of whoever builds.
    let named =
        scene.manifests().flat_map(|(_, m)| &m.dependencies).any(|d| d.registry.is_some() && d.table != Table::Dev);
    for (url, places) in found {
        if is_declared(scene, url) {
            continue;
        }
        let Some(first) = places.first() else { continue };
        let address = bare(url);
        let plain = address.starts_with("http://") || address.starts_with("git://");
        let severity = match (plain && !is_this_machine(address), named) {
            (true, _) => Severity::High,
            (false, true) => Severity::Low,
            (false, false) => Severity::Medium,
        };
        report
            .at(*first, "declared nowhere in the tree")
            .about("registry", address, None)
            .severity(severity)
            .confidence(Confidence::Medium)
            .role(scene.role(first.file))
            .also(places.iter().copied())
            .content(address)
            .evidence("the lock, the manifests and the cargo configurations of the tree")
            .advise("declare the registry in .cargo/config.toml, and name it in the manifest line that needs it")
            .say(format!(
                "the lock takes {} from {address}, a registry that nothing in the tree declares",
                crates(places.len())
            ));
    }
}

fn is_declared(scene: &Scene<'_>, url: &str) -> bool {
    let same =
        |other: &str| is_crates_io(other) || bare(other).trim_end_matches('/') == bare(url).trim_end_matches('/');
    let in_config = scene.configs().any(|c| {
        c.registries
            .iter()
            .filter_map(|r| r.index.as_ref())
            .chain(c.sources.iter().filter_map(|s| s.remote.as_ref()))
            .any(|a| same(&a.value))
    });
    in_config
        || registry_variables::all(scene).iter().any(|v| same(&v.address.value))
        || scene
            .manifests()
            .any(|(_, m)| m.dependencies.iter().filter_map(|d| d.registry.as_ref()).any(|r| same(&r.value)))
}

fn bare(url: &str) -> &str {
    let url = url.strip_prefix("registry+").unwrap_or(url);
    url.strip_prefix("sparse+").unwrap_or(url)
}

/// A registry on the loopback interface is a test's.
fn is_this_machine(url: &str) -> bool {
    let host = url.split("://").nth(1).unwrap_or("");
    let host = host.split(['/', ':']).next().unwrap_or("");
    matches!(host, "localhost" | "127.0.0.1") || host.is_empty()
}

fn crates(n: usize) -> String {
    if n == 1 { "a crate".to_owned() } else { format!("{n} crates") }
}
