//! Hooks under a revision that can move.

use std::collections::BTreeSet;

use super::hooks;
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::upkeep::{HookConfig, HookRepository};
use crate::graph::kinds::workflow::Uses;
use crate::rules::versionless::versionless;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-hook",
    title: "hooks under a revision that can move",
    many: "{n} files have hooks under revisions that can move",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unpinned_hook.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for config in hooks(scene) {
        let mut tags: Vec<&Spanned<String>> = Vec::new();
        for repository in &config.repositories {
            let Some(revision) = revision(repository) else { continue };
            if is_version(&revision.value) {
                tags.push(revision);
            } else {
                say_branch(scene, report, config, repository, revision);
            }
        }
        say_tags(scene, report, config, &tags);
        say_dependencies(scene, report, config);
    }
}

/// The revision of a repository of somebody else's, where it is no commit.
fn revision(repository: &HookRepository) -> Option<&Spanned<String>> {
    let revision = repository.revision.as_ref()?;
    let foreign = !matches!(repository.repository.value.as_str(), "local" | "meta" | "builtin" | ".");
    let value = revision.value.trim();
    // A short commit is what it says for whoever has it, and no name.
    let short =
        value.len() >= 7 && value.bytes().all(|b| b.is_ascii_hexdigit()) && !value.bytes().all(|b| b.is_ascii_digit());
    (foreign && !value.is_empty() && !Uses::is_commit(value) && !short).then_some(revision)
}

/// `v1.2.3`, `24.1.0`, `frozen-2.0`: a name with a number, as tags of releases are.
fn is_version(revision: &str) -> bool {
    let moving = ["main", "master", "head", "develop", "trunk", "stable", "latest"];
    let lower = revision.to_ascii_lowercase();
    !moving
        .iter()
        .any(|word| lower == *word || lower.starts_with(&format!("{word}/")) || lower.ends_with(&format!("/{word}")))
        && revision.bytes().any(|b| b.is_ascii_digit())
}

fn say_branch(
    scene: &Scene<'_>,
    report: &mut Reporter<'_>,
    config: &HookConfig,
    repository: &HookRepository,
    revision: &Spanned<String>,
) {
    let address = repository.repository.value.as_str();
    let draft = report
        .at(Place::new(config.file, revision.span), "moves with every push")
        .confidence(Confidence::High)
        .content(format!("{address} {}", versionless(&revision.value)))
        .evidence("a branch, or a name without a version");
    let draft = match scene.graph.find(&format!("hook-repository:{address}@{}", revision.value)) {
        Some(node) => draft.on(node),
        None => draft.about("hook-repository", address, Some(revision.value.clone())),
    };
    draft
        .advise("name the commit of a release, with its tag as a comment: pre-commit autoupdate --freeze")
        .say(format!("hooks of {} run at whatever `{}` is", short(address), revision.value));
}

/// One note for all: pre-commit's own way is to name tags.
fn say_tags(scene: &Scene<'_>, report: &mut Reporter<'_>, config: &HookConfig, tags: &[&Spanned<String>]) {
    let Some(first) = tags.first() else { return };
    let what = if tags.len() == 1 { "one repository" } else { "repositories" };
    let count = if tags.len() == 1 { String::new() } else { format!("{} ", tags.len()) };
    report
        .at(Place::new(config.file, first.span), "a tag")
        .severity(Severity::Low)
        .confidence(Confidence::High)
        .also(tags.iter().map(|tag| Place::new(config.file, tag.span)))
        .about("hooks", scene.sources.path(config.file), None)
        .each(tags.iter().map(|tag| versionless(&tag.value)))
        .evidence("tags of versions, which their owners can move; pre-commit keeps what it fetched once")
        .advise("name commits, with the tags as comments: pre-commit autoupdate --freeze")
        .say(format!("hooks of {count}{what} run under tags that can be moved"));
}

fn say_dependencies(scene: &Scene<'_>, report: &mut Reporter<'_>, config: &HookConfig) {
    let of = |r: &'_ HookRepository| -> Vec<Spanned<String>> {
        let all = r.hooks.iter().flat_map(|h| &h.dependencies);
        all.filter(|d| is_open(&d.value) && !is_its_own(&r.repository.value, &d.value)).cloned().collect()
    };
    let open: Vec<Spanned<String>> = config.repositories.iter().flat_map(of).collect();
    let Some(first) = open.first() else { return };
    // Hooks that share a list by an anchor need each package once.
    let count = open.iter().map(|d| d.value.trim()).collect::<BTreeSet<_>>().len();
    let what = if count == 1 { "a package".to_owned() } else { format!("{count} packages") };
    let verb = if count == 1 { "is" } else { "are" };
    report
        .at(Place::new(config.file, first.span), "no exact version")
        .severity(Severity::Low)
        .confidence(Confidence::High)
        .also(open.iter().map(|d| Place::new(config.file, d.span)))
        .about("hooks", scene.sources.path(config.file), None)
        .each(open.iter().map(|d| d.value.trim()))
        .evidence("`additional_dependencies` are installed at whatever is newest that fits")
        .advise(format!(
            "name one version of each, beginning with `{}`: `==<version>` for packages of Python, `@<version>` for those of npm and Go",
            bare(&first.value)
        ))
        .say(format!("{what} that hooks need {verb} installed at whatever is newest"));
}

/// The hook's own package, to which extras are added: it comes from the repository, at its `rev`.
fn is_its_own(address: &str, dependency: &str) -> bool {
    let end = |text: &str| text.find(['[', '<', '>', '=', '~', '!', ' ', ';']).unwrap_or(text.len());
    let plain = |text: &str| text.to_ascii_lowercase().replace(['_', '.'], "-");
    let name = dependency.trim();
    let name = name.get(..end(name)).unwrap_or(name);
    plain(short(address).rsplit('/').next().unwrap_or_default()) == plain(name)
}

/// The name of a dependency, without what limits its version.
fn bare(dependency: &str) -> &str {
    let text = dependency.trim();
    text.get(..text.find(['<', '>', '~', '!', ' ', ';']).unwrap_or(text.len())).unwrap_or(text)
}

/// Whether a dependency of a hook names no release: a requirement of Python's, a package of npm's (`a@1.2.3`), or
/// a module of Go's (`host/a@v1`).
fn is_open(text: &str) -> bool {
    let text = text.trim();
    let local = text.starts_with(['.', '/', '-', '$']);
    let exact = text.contains("==") || text.contains("===");
    let after = text.get(1..).and_then(|rest| rest.rsplit_once('@')).map(|(_, version)| version);
    let versioned = after
        .is_some_and(|v| v.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()) || Uses::is_commit(v));
    // Rust's are written `cli:name:version`.
    let rust = text.split(':').nth(1).is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit()));
    let rust = rust || text.split(':').nth(2).is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit()));
    !text.is_empty() && !local && !exact && !versioned && !rust
}

/// An address in a few words.
fn short(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.strip_suffix(".git").unwrap_or(rest).trim_start_matches("github.com/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_number_are_versions() {
        for (revision, version) in [
            ("v1.2.3", true),
            ("24.1.0", true),
            ("main", false),
            ("stable", false),
            ("HEAD", false),
            ("release/2", true),
        ] {
            assert_eq!(is_version(revision), version, "{revision}");
        }
    }

    #[test]
    fn a_hooks_own_package_comes_with_its_revision() {
        for (address, dependency, own) in [
            ("https://github.com/PyCQA/bandit", "bandit[toml]", true),
            ("https://github.com/example/some_tool.git", "some-tool", true),
            ("https://github.com/example/mirrors-mypy", "types-requests", false),
        ] {
            assert_eq!(is_its_own(address, dependency), own, "{address} {dependency}");
        }
        assert_eq!(bare("types-requests>=2"), "types-requests");
        assert_eq!(bare("@scope/a"), "@scope/a");
    }

    #[test]
    fn dependencies_of_every_language_name_a_release_or_none() {
        for (text, open) in [
            ("types-requests", true),
            ("black>=23", true),
            ("black==23.1.0", false),
            (".[dev]", false),
            ("prettier@3.1.0", false),
            ("@scope/a@3.1.0", false),
            ("@scope/a", true),
            ("github.com/a/b@v1.2.3", false),
            ("cli:taplo-cli:0.9.0", false),
            ("https://example.com/a@main", true),
        ] {
            assert_eq!(is_open(text), open, "{text}");
        }
    }
}
