//! What the steps of a job release, where to, and what vouches for it. Shared by the rules on releases.

use std::collections::BTreeSet;

use super::reach::{Calls, Holder, Run};
use crate::commands::ActKind;
use crate::graph::kinds::workflow::{Script, Service, Step, Uses, Workflow};
use crate::rules::Scene;
use crate::source::{FileId, Place, RepoPath};

/// Where a release goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shelf {
    /// The Python Package Index.
    PyPi,
    /// npm's registry.
    Npm,
    /// crates.io, which keeps no provenance.
    Crates,
    /// Files of a GitHub release.
    Files,
    /// A registry of images.
    Images,
    /// Anything else.
    Other,
}

/// One step or command that releases.
#[derive(Debug)]
pub(super) struct Release<'a> {
    pub(super) shelf: Shelf,
    /// The action or command.
    pub(super) what: String,
    pub(super) place: Place,
    pub(super) step: &'a Step,
}

/// Actions that release, and where to. Lower case.
const ACTIONS: &[(&str, Shelf)] = &[
    ("pypa/gh-action-pypi-publish", Shelf::PyPi),
    ("python-semantic-release/python-semantic-release", Shelf::Other),
    ("cycjimmy/semantic-release-action", Shelf::Other),
    ("js-devtools/npm-publish", Shelf::Npm),
    ("katyo/publish-crates", Shelf::Crates),
    ("rust-lang/crates-io-auth-action", Shelf::Crates),
    ("release-plz/action", Shelf::Crates),
    ("marcoieni/release-plz-action", Shelf::Crates),
    ("changesets/action", Shelf::Npm),
    ("softprops/action-gh-release", Shelf::Files),
    ("ncipollo/release-action", Shelf::Files),
    ("svenstaro/upload-release-action", Shelf::Files),
    ("actions/upload-release-asset", Shelf::Files),
    ("taiki-e/upload-rust-binary-action", Shelf::Files),
    ("goreleaser/goreleaser-action", Shelf::Files),
    ("helm/chart-releaser-action", Shelf::Other),
    ("rubygems/release-gem", Shelf::Other),
    ("haaleo/publish-vscode-extension", Shelf::Other),
];

/// The job of a list of steps, where it is GitHub's and the steps are its own.
pub(super) fn holder<'r, 'a>(run: &'r Run<'a>) -> Option<&'r Holder<'a>> {
    run.holder.as_ref().filter(|h| run.action.is_none() && h.workflow.service == Service::GitHub)
}

/// What a job releases, in order. A trial run and an index for trials are no release.
pub(super) fn releases<'a>(run: &Run<'a>) -> Vec<Release<'a>> {
    let mut out = Vec::new();
    for step in run.steps {
        if let Some(Uses::Repository { owner, repo, .. }) = step.uses.as_ref().map(|u| &u.value) {
            let name = format!("{owner}/{repo}").to_ascii_lowercase();
            let span = step.uses.as_ref().map(|u| u.span).unwrap_or_default();
            let given = |input: &str| step.input(input).filter(|v| !v.value.trim().is_empty());
            let shelf = ACTIONS.iter().find(|(known, _)| *known == name).map(|(_, shelf)| *shelf).or_else(|| {
                let pushes = given("push").is_some_and(|v| v.value != "false");
                let image = matches!(name.as_str(), "docker/build-push-action" | "docker/bake-action") && pushes;
                let maturin = name == "pyo3/maturin-action"
                    && given("command").is_some_and(|v| matches!(v.value.as_str(), "publish" | "upload"));
                if image { Some(Shelf::Images) } else { maturin.then_some(Shelf::PyPi) }
            });
            // A release of which no files are given is a page of notes.
            let files = ["files", "artifacts", "file", "asset_path", "artifact"];
            let is_notes = shelf == Some(Shelf::Files)
                && !name.starts_with("taiki-e/")
                && !name.starts_with("goreleaser/")
                && !files.iter().any(|input| given(input).is_some());
            let trial = given("repository-url").or(given("repository_url")).is_some_and(|v| v.value.contains("test."));
            if let Some(shelf) = shelf.filter(|_| !is_notes && !trial) {
                out.push(Release { shelf, what: format!("{owner}/{repo}"), place: Place::new(run.file, span), step });
            }
        }
        let Some(script) = &step.run else { continue };
        for act in &script.acts {
            let ActKind::Publish { what, subjects } = &act.kind else { continue };
            let Some(shelf) = shelf_of(what, subjects) else { continue };
            let text = script.program.commands.get(act.command).and_then(|c| script.text.text.get(c.range.clone()));
            if text.is_some_and(|text| text.contains("testpypi") || text.contains("test.")) {
                continue;
            }
            let place = Place::new(run.file, script.text.host_span(act.range.clone()));
            out.push(Release { shelf, what: (*what).to_owned(), place, step });
        }
    }
    out
}

fn shelf_of(what: &str, subjects: &[String]) -> Option<Shelf> {
    Some(match what {
        "twine upload" | "uv publish" | "poetry publish" | "pdm publish" | "hatch publish" | "flit publish"
        | "maturin publish" | "maturin upload" => Shelf::PyPi,
        "npm publish" | "pnpm publish" | "yarn publish" | "bun publish" => Shelf::Npm,
        "cargo publish" | "cargo release" => Shelf::Crates,
        "gh release upload" | "goreleaser release" => Shelf::Files,
        // The first operand is the tag, files come behind it.
        "gh release create" if subjects.len() > 1 => Shelf::Files,
        "docker push" | "podman push" | "docker build --push" | "crane push" | "skopeo copy" => Shelf::Images,
        "gem push" | "nuget push" | "vsce publish" | "ovsx publish" | "helm push" | "anaconda upload" => Shelf::Other,
        _ => return None,
    })
}

/// Whether a step makes or signs a statement of what something was built from.
pub(super) fn attests(step: &Step) -> bool {
    const ACTIONS: &[&str] = &[
        "actions/attest",
        "actions/attest-build-provenance",
        "actions/attest-sbom",
        "astral-sh/attest-action",
        "sigstore/gh-action-sigstore-python",
        "sigstore/cosign-installer",
        "ghcr.io/slsa-framework",
        "github-early-access/generate-build-provenance",
    ];
    if let Some(Uses::Repository { owner, repo, .. }) = step.uses.as_ref().map(|u| &u.value) {
        let name = format!("{owner}/{repo}").to_ascii_lowercase();
        if ACTIONS.contains(&name.as_str()) || name.starts_with("slsa-framework/") {
            return true;
        }
    }
    let says = |script: &Script| {
        let text = &script.text.text;
        [
            "cosign sign",
            "cosign attest",
            "sigstore sign",
            "slsa-generator",
            "gh attestation sign",
            "minisign -S",
            "gpg --detach",
        ]
        .iter()
        .any(|sign| text.contains(sign))
    };
    step.run.as_ref().is_some_and(says)
}

/// Whether something in a workflow vouches for what it releases: its own steps, those of the actions and workflows
/// of the tree that it calls, or of those that call it.
pub(super) fn vouches(scene: &Scene<'_>, calls: &Calls<'_>, workflow: &Workflow) -> bool {
    let mut files: BTreeSet<FileId> = BTreeSet::from([workflow.file]);
    let callers = calls.to(workflow);
    let around = std::iter::once(workflow).chain(callers.iter().map(|(caller, _)| *caller));
    let mut folders: BTreeSet<RepoPath> = BTreeSet::new();
    for one in around {
        files.insert(one.file);
        let uses = one.jobs.iter().flat_map(|j| j.uses.iter().chain(j.steps.iter().filter_map(|s| s.uses.as_ref())));
        for uses in uses {
            match &uses.value {
                Uses::Local(path) => folders.extend(RepoPath::new(path)),
                Uses::Repository { owner, .. } if owner.eq_ignore_ascii_case("slsa-framework") => return true,
                _ => {}
            }
        }
    }
    files.extend(folders.iter().filter_map(|path| scene.sources.by_path(path)).map(|file| file.id));
    let in_workflows = scene.workflows().filter(|w| files.contains(&w.file)).any(does_vouch);
    let parent = |file: FileId| scene.sources.get(file).map(|f| f.path.parent());
    let mut actions = scene.actions().filter(|a| parent(a.file).is_some_and(|folder| folders.contains(&folder)));
    in_workflows || actions.any(|action| action.steps.iter().any(attests))
}

/// Whether a workflow itself vouches for anything.
pub(super) fn does_vouch(workflow: &Workflow) -> bool {
    let by_call =
        |uses: &Uses| matches!(uses, Uses::Repository { owner, .. } if owner.eq_ignore_ascii_case("slsa-framework"));
    workflow
        .jobs
        .iter()
        .any(|job| job.uses.as_ref().is_some_and(|u| by_call(&u.value)) || job.steps.iter().any(attests))
}

/// Actions that build what is checked out, with what it depends on. Lower case.
const BUILDERS: &[&str] = &[
    "pyo3/maturin-action",
    "pypa/cibuildwheel",
    "hynek/build-and-inspect-python-package",
    "actions-rs/cargo",
    "gradle/gradle-build-action",
    "taiki-e/upload-rust-binary-action",
    "goreleaser/goreleaser-action",
];

/// The first step that builds or installs what others wrote: packages by name or by lock, crates with their build
/// scripts, hooks of packages.
pub(super) fn builds(run: &Run<'_>) -> Option<(String, Place)> {
    run.steps.iter().find_map(|step| {
        if let Some(Uses::Repository { owner, repo, .. }) = step.uses.as_ref().map(|u| &u.value) {
            let name = format!("{owner}/{repo}").to_ascii_lowercase();
            let command = step.input("command").map(|v| v.value.as_str());
            let uploads = name == "pyo3/maturin-action" && matches!(command, Some("upload"));
            let span = step.uses.as_ref().map(|u| u.span).unwrap_or_default();
            return (BUILDERS.contains(&name.as_str()) && !uploads)
                .then(|| (format!("{owner}/{repo}"), Place::new(run.file, span)));
        }
        let script = step.run.as_ref()?;
        let found = script.acts.iter().find_map(|act| {
            let what = match &act.kind {
                ActKind::CargoBuild { subcommand, .. }
                    if matches!(
                        subcommand.as_str(),
                        "build" | "test" | "run" | "check" | "clippy" | "bench" | "doc"
                    ) =>
                {
                    format!("cargo {subcommand}")
                }
                ActKind::CargoInstall { name: Some(name), .. } => format!("cargo install {name}"),
                ActKind::PackageInstall { manager, verb, names, .. }
                    if is_of_others(manager, names.iter().map(|n| n.text.as_str())) =>
                {
                    format!("{manager} {verb}")
                }
                _ => return None,
            };
            Some((what, Place::new(run.file, script.text.host_span(act.range.clone()))))
        });
        found.or_else(|| {
            let at = script.text.text.find("python -m build").or_else(|| script.text.text.find("uv build"))?;
            let place = Place::new(run.file, script.text.host_span(at..at + 8));
            Some(("the build of a Python project".to_owned(), place))
        })
    })
}

/// Whether an install brings more than the tools that release: those come from the index that is released to.
fn is_of_others<'n>(manager: &str, names: impl Iterator<Item = &'n str>) -> bool {
    const RELEASERS: &[&str] = &[
        "pip",
        "twine",
        "build",
        "uv",
        "flit",
        "hatch",
        "poetry",
        "wheel",
        "setuptools",
        "maturin",
        "awscli",
        "pdm",
        "npm",
    ];
    if matches!(manager, "rustup" | "apt" | "apt-get" | "brew" | "dnf" | "yum" | "apk" | "choco" | "winget") {
        return false;
    }
    let names: Vec<&str> = names.collect();
    let bare = |name: &&str| name.split(|c: char| !(c.is_alphanumeric() || c == '-')).next().unwrap_or("").to_owned();
    names.is_empty() || !names.iter().all(|name| RELEASERS.contains(&bare(name).as_str()))
}
