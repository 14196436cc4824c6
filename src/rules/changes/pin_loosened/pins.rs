//! Pins that files write: of actions, images, crates, distributions, hooks, and the digests of locks.

use std::collections::BTreeMap;

use super::{Firm, Loosened};
use crate::graph::Document;
use crate::graph::ci::pins::all_uses;
use crate::graph::distributions::exact;
use crate::graph::identity;
use crate::graph::kinds::cargo::Dependency;
use crate::graph::kinds::docker::Base;
use crate::graph::kinds::python::{Group, Origin, Requirement};
use crate::graph::kinds::workflow::Uses;
use crate::rules::Scene;
use crate::rules::changes::compared::Compared;
use crate::rules::changes::packages::Packages;
use crate::source::{Place, Span};

/// A pin as it is written.
struct Pin {
    firm: Firm,
    /// What holds it, in words.
    by: String,
    span: Span,
}

type Pins = BTreeMap<String, Vec<Pin>>;

/// What of a document is held less than before.
pub(super) fn loosened(compared: &Compared<'_>, document: &Document, was: &Document) -> (&'static str, Vec<Loosened>) {
    let (what, now) = pins(compared.scene, document);
    let (_, old) = pins(compared.base(), was);
    let mut out = Vec::new();
    for (name, places) in now {
        let Some(weakest) = old.get(&name).and_then(|known| known.iter().min_by_key(|pin| pin.firm)) else { continue };
        // From a commit of a repository to a release of its registry is a way forward.
        let is_release = |pin: &Pin| pin.firm == Firm::Version && weakest.by == "pinned to a commit";
        for pin in places.iter().filter(|pin| pin.firm < weakest.firm && !is_release(pin)) {
            out.push(Loosened {
                name: name.clone(),
                from: weakest.by.clone(),
                to: pin.by.clone(),
                was: weakest.firm,
                place: Place::new(document.file(), pin.span),
                old: Place::new(was.file(), weakest.span),
            });
        }
    }
    (what, out)
}

fn pins(scene: &Scene<'_>, document: &Document) -> (&'static str, Pins) {
    let mut out = Pins::new();
    let mut put = |name: String, firm: Firm, by: String, span: Span| {
        out.entry(name).or_default().push(Pin { firm, by, span });
    };
    let what = match document {
        Document::Workflow(workflow) => {
            actions(scene, document, &mut put);
            for image in workflow.jobs.iter().flat_map(|job| &job.images) {
                of_image(&image.reference.value, image.reference.span, &mut put);
            }
            "action"
        }
        Document::Action(_) => {
            actions(scene, document, &mut put);
            "action"
        }
        Document::Dockerfile(file) => {
            for stage in &file.stages {
                if let Base::Image { reference, .. } = &stage.base {
                    of_image(reference, stage.from.span, &mut put);
                }
            }
            "image"
        }
        Document::CargoManifest(manifest) => {
            let dependencies = manifest.dependencies.iter().filter(|d| !d.inherited && d.path.is_none());
            for one in dependencies.chain(manifest.patches.iter().map(|p| &p.with).filter(|d| d.git.is_some())) {
                let (firm, by) = of_dependency(one);
                put(one.package_name().to_owned(), firm, by, one.span);
            }
            "crate"
        }
        Document::Requirements(file) => {
            file.requirements.iter().for_each(|one| of_requirement(one, &mut put));
            "distribution"
        }
        Document::PyProject(project) => {
            project.requirements.iter().for_each(|one| of_requirement(one, &mut put));
            "distribution"
        }
        Document::Hooks(config) => {
            for one in &config.repositories {
                let Some(revision) = &one.revision else { continue };
                let (firm, by) = of_reference(&revision.value);
                put(one.repository.value.clone(), firm, by, revision.span);
            }
            "hook-repository"
        }
        _ => {
            let Some(packages) = Packages::of(document, scene.indexes) else { return ("", out) };
            for one in packages.all.iter().filter(|one| !is_git(one)) {
                let (firm, by) = match one.digests.is_empty() {
                    true => (Firm::Moves, "locked without a digest".to_owned()),
                    false => (Firm::Content, "locked by its digest".to_owned()),
                };
                put(one.name.clone(), firm, by, one.span);
            }
            packages.what
        }
    };
    (what, out)
}

/// What comes from a repository is held by its commit and has no digest.
fn is_git(one: &crate::rules::changes::packages::Locked<'_>) -> bool {
    matches!(one.origin, crate::rules::changes::origin::Origin::Repository(_))
}

fn of_reference(reference: &str) -> (Firm, String) {
    match Uses::is_commit(reference) {
        true => (Firm::Content, "pinned to a commit".to_owned()),
        false => (Firm::Moves, format!("taken at `{reference}`, which can move")),
    }
}

fn actions(scene: &Scene<'_>, document: &Document, put: &mut impl FnMut(String, Firm, String, Span)) {
    let path = scene.sources.get(document.file()).map(|file| &file.path);
    for (place, used) in all_uses(std::slice::from_ref(document)) {
        let Uses::Repository { owner, repo, path: inner, reference } = used else { continue };
        let (firm, by) = match path.is_some_and(|path| scene.pins.is_held(path, used)) {
            true => (Firm::Content, "held by actions.lock".to_owned()),
            false => of_reference(reference),
        };
        let inner = if inner.is_empty() { String::new() } else { format!("/{inner}") };
        put(format!("{owner}/{repo}{inner}"), firm, by, place.span);
    }
}

fn of_image(reference: &str, span: Span, put: &mut impl FnMut(String, Firm, String, Span)) {
    if reference.contains(['$', '{']) {
        return;
    }
    let image = identity::image(reference);
    let host = image.host.map_or_else(String::new, |host| format!("{host}/"));
    let (firm, by) = match (image.digest, image.tag) {
        (Some(_), _) => (Firm::Content, "pinned to a digest".to_owned()),
        (None, Some(tag)) => (Firm::Moves, format!("taken by the tag `{tag}`, which can move")),
        (None, None) => (Firm::Moves, "taken by no tag at all".to_owned()),
    };
    put(format!("{host}{}", image.repository), firm, by, span);
}

fn of_dependency(one: &Dependency) -> (Firm, String) {
    if one.git.is_some() {
        let other = one.tag.as_ref().or(one.branch.as_ref());
        return match (&one.rev, other) {
            (Some(rev), _) if rev.value.len() >= 7 && rev.value.bytes().all(|b| b.is_ascii_hexdigit()) => {
                (Firm::Content, "pinned to a commit".to_owned())
            }
            (Some(name), _) | (None, Some(name)) => (Firm::Moves, format!("taken at `{}`, which can move", name.value)),
            (None, None) => (Firm::Moves, "taken at the newest commit".to_owned()),
        };
    }
    match &one.requirement {
        Some(asked) if asked.value.trim_start().starts_with('=') => {
            (Firm::Version, format!("held at {}", asked.value.trim()))
        }
        Some(asked) => (Firm::Moves, format!("asked for as {}", asked.value.trim())),
        None => (Firm::Moves, "asked for in any version".to_owned()),
    }
}

fn of_requirement(one: &Requirement, put: &mut impl FnMut(String, Firm, String, Span)) {
    if one.name.value.is_empty() || one.group == Group::Constraint && one.specifiers.is_none() {
        return;
    }
    let specifiers = one.specifiers.as_ref().map_or("", |s| s.value.as_str());
    let (firm, by) = match &one.origin {
        Some(Origin::Vcs { revision, .. }) => match revision {
            Some(revision) => of_reference(&revision.value),
            None => (Firm::Moves, "taken at the newest commit".to_owned()),
        },
        Some(_) => return,
        None if !one.hashes.is_empty() => (Firm::Content, "held by its hashes".to_owned()),
        None if exact(specifiers).is_some() => (Firm::Version, format!("held at {specifiers} without a hash")),
        None if specifiers.is_empty() => (Firm::Moves, "asked for in any version".to_owned()),
        None => (Firm::Moves, format!("asked for as {specifiers}")),
    };
    put(identity::distribution_name(&one.name.value), firm, by, one.span);
}
