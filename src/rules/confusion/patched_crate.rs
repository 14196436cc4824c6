//! Code that stands in for a crate of a registry.

use std::collections::BTreeMap;

use crate::diag::{Confidence, Severity};
use crate::graph::kinds::cargo::{Dependency, Patch};
use crate::graph::kinds::workflow::Uses;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place, RepoPath, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "patched-crate",
    title: "crate replaced by other code",
    many: "{n} sets of crates are replaced by other code",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("patched_crate.md"),
    check,
};

/// What stands in a crate's place.
enum Origin {
    /// A package of this tree that is built here anyway.
    Own,
    /// A folder of the tree.
    Inside(String),
    /// A folder outside of it.
    Outside(String),
    /// A commit of a repository.
    Commit(String),
    /// A reference of a repository that can move, in words.
    Moving(String),
    /// Another version or registry.
    Other,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for (_, manifest) in scene.manifests() {
        let base = scene.sources.get(manifest.file).map(|f| f.path.parent()).unwrap_or_default();
        patches(scene, report, manifest.file, &manifest.patches, &base, false);
        for replaced in &manifest.replaces {
            let name = replaced.value.split(':').next().unwrap_or(&replaced.value);
            report
                .at(Place::new(manifest.file, replaced.span), "deprecated in favour of [patch]")
                .about("crate", name, None)
                .evidence("the manifest")
                .advise("use `[patch]`: cargo deprecates `[replace]`")
                .say(format!("`{}` is replaced by other code under the same name and version", replaced.value));
        }
    }
    for config in scene.configs() {
        let base = scene.sources.get(config.file).map(|f| f.path.parent().parent()).unwrap_or_default();
        patches(scene, report, config.file, &config.patches, &base, true);
        for path in &config.paths {
            override_path(scene, report, config.file, path, &base);
        }
    }
}

fn patches(
    scene: &Scene<'_>,
    report: &mut Reporter<'_>,
    file: FileId,
    patches: &[Patch],
    base: &RepoPath,
    in_config: bool,
) {
    let mut groups: BTreeMap<(Severity, String), Vec<&Patch>> = BTreeMap::new();
    for patch in patches {
        let (severity, words) = match origin(scene, base, &patch.with) {
            // A package of the tree under its own name is the tree's own code.
            Origin::Own => continue,
            Origin::Inside(folder) => (Severity::Info, format!("the folder `{folder}` of this tree")),
            Origin::Commit(url) => (Severity::Info, format!("a commit of {url}")),
            // That the reference can move is what `unpinned-git-dependency` says.
            Origin::Moving(reference) => (Severity::Info, reference),
            Origin::Outside(folder) => {
                (Severity::Medium, format!("the folder `{folder}`, which is not part of this tree"))
            }
            Origin::Other => (Severity::Low, "another release".to_owned()),
        };
        // Who reads the manifest sees a patch there; in a configuration nobody looks for it.
        let severity = if in_config { severity.max(Severity::Medium) } else { severity };
        groups.entry((severity, words)).or_default().push(patch);
    }
    for ((severity, words), group) in groups {
        let Some(first) = group.first() else { continue };
        let name = first.with.package_name();
        let (what, verb) = match group.len() {
            1 => (format!("`{name}`"), "comes"),
            n => (format!("`{name}` and {} more", n - 1), "come"),
        };
        let of = if first.of.value == "crates-io" { "crates.io".to_owned() } else { first.of.value.clone() };
        let hidden = if in_config { "; the manifest does not show it" } else { "" };
        report
            .at(Place::new(file, first.with.span), format!("in place of {of}"))
            .about("crate", name, None)
            .severity(severity)
            .also(group.iter().map(|p| Place::new(file, p.with.span)))
            .content(format!("{what} {words}"))
            .evidence(if in_config { "the configuration" } else { "the manifest" })
            .advise("advisories speak of the published release: look whether the replacement has its fixes, and drop it once upstream has released")
            .say(format!("{what} {verb} from {words} in place of {of}{hidden}"));
    }
}

fn override_path(scene: &Scene<'_>, report: &mut Reporter<'_>, file: FileId, path: &Spanned<String>, base: &RepoPath) {
    let inside = base.join(&path.value).is_some_and(|folder| holds_files(scene, &folder));
    let (severity, side) =
        if inside { (Severity::Medium, "of this tree") } else { (Severity::High, "outside of this tree") };
    report
        .at(Place::new(file, path.span), "paths override")
        .about("path", path.value.clone(), None)
        .severity(severity)
        .confidence(Confidence::High)
        .evidence("the configuration")
        .advise("use `[patch]` in the manifest, where readers look for it")
        .say(format!("packages in the folder `{}` {side} replace crates of the same name", path.value));
}

fn origin(scene: &Scene<'_>, base: &RepoPath, with: &Dependency) -> Origin {
    if let Some(git) = &with.git {
        let pinned = with.rev.as_ref().is_some_and(|r| Uses::is_commit(&r.value));
        if pinned {
            return Origin::Commit(git.value.clone());
        }
        let reference = match (&with.branch, &with.tag, &with.rev) {
            (Some(branch), ..) => format!("the branch `{}`", branch.value),
            (None, Some(tag), _) => format!("the tag `{}`", tag.value),
            (None, None, Some(rev)) => format!("`{}`", rev.value),
            (None, None, None) => "the default branch".to_owned(),
        };
        return Origin::Moving(format!("{reference} of {}", git.value));
    }
    let Some(path) = &with.path else { return Origin::Other };
    let Some(folder) = base.join(&path.value) else { return Origin::Outside(path.value.clone()) };
    let is_member =
        scene.cargo.workspaces.iter().flat_map(|w| &w.members).any(|m| m.folder == folder && !m.role.is_set_aside());
    match () {
        () if is_member => Origin::Own,
        () if holds_files(scene, &folder) => Origin::Inside(path.value.clone()),
        () => Origin::Outside(path.value.clone()),
    }
}

fn holds_files(scene: &Scene<'_>, folder: &RepoPath) -> bool {
    scene.files.range(folder.clone()..).next().is_some_and(|path| path.is_under(folder))
}
