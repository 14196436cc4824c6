//! A cargo configuration that serves a registry from somewhere else.

use crate::diag::Severity;
use crate::graph::kinds::cargo::{Config, ConfigSource};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, RepoPath};

pub(super) static RULE: Rule = Rule {
    id: "source-replacement",
    title: "registry served from somewhere else",
    many: "{n} registries are served from somewhere else",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("source_replacement.md"),
    check,
};

/// Replacements followed at most; cargo refuses cycles.
const HOPS: usize = 8;

/// Where the crates come from in the end.
enum Ends<'a> {
    /// A folder of the tree.
    Inside(&'a str),
    /// A folder that is not in the tree.
    Outside(&'a str),
    /// An address.
    Remote(&'a str),
    /// A name that this file does not declare.
    Undeclared(&'a str),
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for config in scene.configs() {
        for source in &config.sources {
            let Some(by) = &source.replace_with else { continue };
            let mut mirror = None;
            let (severity, where_to) = match end(scene, config, source) {
                Ends::Inside(folder) => (Severity::Medium, format!("the folder `{folder}` of this tree")),
                Ends::Outside(folder) => {
                    (Severity::High, format!("the folder `{folder}`, which is not part of this tree"))
                }
                Ends::Remote(url) if url.contains("http://") || url.contains("git://") => {
                    (Severity::High, format!("{url}, unencrypted"))
                }
                Ends::Remote(url) => {
                    mirror = scene.indexes.declared_of_crates_io(url).filter(|_| source.name.value == "crates-io");
                    (if mirror.is_some() { Severity::Info } else { Severity::Medium }, url.to_owned())
                }
                Ends::Undeclared(name) => (Severity::Medium, format!("`{name}`, which is declared elsewhere")),
            };
            let mut draft = report
                .at(Place::new(config.file, by.span), format!("replaces `{}`", source.name.value))
                .about("registry", source.name.value.clone(), None)
                .severity(severity)
                .content(format!("{} {where_to}", source.name.value))
                .evidence("the configuration; locks go on naming the source that is replaced");
            if let Some(declared) = mirror {
                draft = draft.related(declared, "declared a mirror of crates.io here").evidence(
                    "custody.toml declares the registry a mirror of crates.io; whether it is one was not looked at",
                );
            }
            draft
                .advise("keep the replacement out of the repository where it is meant for one machine; where it is meant for all, build with a lock that carries checksums and compare the folder with `cargo vendor`")
                .say(format!("crates of `{}` come from {where_to}, and no lock shows it", source.name.value));
        }
    }
}

/// Follows `replace-with` from name to name.
fn end<'a>(scene: &Scene<'a>, config: &'a Config, from: &'a ConfigSource) -> Ends<'a> {
    // Paths start at the file that holds them.
    let (mut by, mut at) = (config, from);
    let mut name = from.name.value.as_str();
    for _ in 0..HOPS {
        let Some(next) = &at.replace_with else { break };
        name = &next.value;
        let declared = |config: &'a Config| config.sources.iter().find(|s| s.name.value == name).map(|s| (config, s));
        match merged(scene, config).find_map(declared) {
            Some((config, source)) => (by, at) = (config, source),
            None => {
                // A replacement may name one of `[registries]` as well.
                let index = merged(scene, config)
                    .flat_map(|c| &c.registries)
                    .find(|r| r.name.value == name)
                    .and_then(|r| r.index.as_ref());
                return index.map_or(Ends::Undeclared(name), |i| Ends::Remote(&i.value));
            }
        }
    }
    match (&at.directory, &at.remote) {
        (Some(folder), _) if is_inside(scene, by, &folder.value) => Ends::Inside(&folder.value),
        (Some(folder), _) => Ends::Outside(&folder.value),
        (None, Some(remote)) => Ends::Remote(&remote.value),
        (None, None) => Ends::Undeclared(name),
    }
}

/// What cargo merges with a configuration: it, and those of the folders above and of the files it includes.
/// Source: the Cargo book, "Hierarchical structure".
fn merged<'a>(scene: &Scene<'a>, own: &'a Config) -> impl Iterator<Item = &'a Config> {
    let base = |config: &Config| scene.sources.get(config.file).map(|f| f.path.parent().parent()).unwrap_or_default();
    let start = base(own);
    let is_above = move |config: &&'a Config| config.file != own.file && start.is_under(&base(config));
    std::iter::once(own).chain(scene.configs().filter(is_above))
}

/// Paths of a configuration start where its `.cargo` folder stands.
fn is_inside(scene: &Scene<'_>, config: &Config, folder: &str) -> bool {
    let base = scene.sources.get(config.file).map(|f| f.path.parent().parent()).unwrap_or_default();
    let Some(folder) = base.join(folder) else { return false };
    let under = |path: &&RepoPath| path.is_under(&folder);
    scene.files.range(folder.clone()..).next().filter(under).is_some()
}
