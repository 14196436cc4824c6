//! What is right, in sentences. Said only of what was looked at in full.

use crate::graph::Document;
use crate::graph::flow::{Checked, UseKind};
use crate::graph::identity::{self, lock_source};
use crate::graph::kinds::cargo::LockSource;
use crate::graph::kinds::docker::{Base, InstructionKind};
use crate::graph::kinds::python::{IndexOptionKind, LockedOrigin, Priority};
use crate::graph::kinds::workflow::{Grant, Uses};
use crate::graph::python::Purpose;
use crate::rules::Scene;
use crate::scan::{Format, Verdict, WeightsOnly};
use crate::source::Role;

/// Looks for what deserves to be kept.
#[must_use]
pub fn observe(scene: &Scene<'_>) -> Vec<String> {
    let found = [
        checksums(scene),
        hashes(scene),
        hash_mode(scene),
        base_images(scene),
        bound_indexes(scene),
        pinned_actions(scene),
        permissions(scene),
        git_pins(scene),
        checked_downloads(scene),
        models(scene),
    ];
    found.into_iter().flatten().collect()
}

fn checksums(scene: &Scene<'_>) -> Option<String> {
    let mut total = 0;
    let mut locks = 0;
    for view in scene.cargo.locks.iter().filter(|v| v.role <= Role::Development) {
        let lock = scene.lock(view.document)?;
        locks += 1;
        for package in &lock.packages {
            let source = lock_source(package.source.as_ref().map(|s| s.value.as_str()));
            if matches!(source, LockSource::CratesIo | LockSource::Registry(_)) {
                package.checksum.as_ref()?;
                total += 1;
            }
        }
    }
    (total > 0).then(|| {
        let locks = counted(locks, "lock", "locks");
        match total {
            1 => format!("the one registry crate of {locks} carries a checksum"),
            n => format!("all {n} registry crates of {locks} carry a checksum"),
        }
    })
}

fn hashes(scene: &Scene<'_>) -> Option<String> {
    let mut total = 0;
    let mut locks = 0;
    for view in scene.python.locks.iter().filter(|v| v.role <= Role::Development) {
        let lock = scene.python_lock(view.document)?;
        locks += 1;
        for package in &lock.packages {
            if matches!(package.source, LockedOrigin::PyPi | LockedOrigin::Registry(_)) {
                let all = !package.artifacts.is_empty() && package.artifacts.iter().all(|a| a.hash.is_some());
                all.then_some(())?;
                total += 1;
            }
        }
    }
    (total > 0).then(|| {
        let locks = counted(locks, "Python lock", "Python locks");
        match total {
            1 => format!("the one distribution of {locks} carries hashes"),
            n => format!("all {n} distributions of {locks} carry hashes"),
        }
    })
}

/// Said of images only where everything they install from lists is checked by hashes.
fn hash_mode(scene: &Scene<'_>) -> Option<String> {
    let mut total = 0;
    let shipped = scene.python.installs.iter().filter(|i| i.purpose == Purpose::Image && i.role <= Role::Ci);
    for install in shipped.filter(|i| i.files.iter().any(|(.., constraint)| !constraint)) {
        let asked = install.options.iter().any(|(_, o)| o.kind == IndexOptionKind::RequireHashes);
        let held = install.files.iter().filter(|(.., constraint)| !constraint).all(|(_, set, _)| {
            let set = set.and_then(|s| scene.python.sets.get(s)).and_then(|s| scene.requirements(s.document));
            set.is_some_and(|file| {
                file.require_hashes.is_some()
                    || (!file.requirements.is_empty() && file.requirements.iter().all(|r| !r.hashes.is_empty()))
            })
        });
        (asked || held).then_some(())?;
        total += 1;
    }
    (total > 0).then(|| {
        let commands = if total == 1 { "the one command that installs" } else { "all commands that install" };
        format!("{commands} from requirements files into images check{} hashes", if total == 1 { "s" } else { "" })
    })
}

/// Said only where every download that runs is checked, in what ships and in what builds it.
fn checked_downloads(scene: &Scene<'_>) -> Option<String> {
    let mut total = 0;
    for download in scene.flows.downloads.iter().filter(|d| !d.url.local) {
        if scene.role(download.at.file()) > Role::Ci {
            continue;
        }
        let runs = |kind: UseKind| !matches!(kind, UseKind::InImage | UseKind::Published | UseKind::Loaded);
        let uses: Vec<_> = download.uses.iter().filter(|u| runs(u.kind)).collect();
        if uses.is_empty() {
            continue;
        }
        uses.iter().all(|u| matches!(u.check, Checked::Yes { .. })).then_some(())?;
        total += 1;
    }
    all(total, "the one download that runs is checked before it does", "all {n} downloads that run are checked before")
}

fn base_images(scene: &Scene<'_>) -> Option<String> {
    let mut total = 0;
    for image in scene.images.files.iter().filter(|i| i.role <= Role::Ci) {
        let file = scene.dockerfile(image.document)?;
        let copies = file.stages.iter().flat_map(|s| &s.instructions).filter_map(|i| match &i.kind {
            InstructionKind::Copy(copy) => copy.from.as_ref().map(|(_, base)| base),
            _ => None,
        });
        for base in file.stages.iter().map(|s| &s.base).chain(copies) {
            match base {
                Base::Image { reference, .. } => {
                    identity::image(reference).digest?;
                    total += 1;
                }
                Base::Unknown(_) | Base::Context(_) => return None,
                Base::Stage(_) | Base::Scratch => {}
            }
        }
    }
    all(total, "the one base image is pinned to a digest", "all {n} base images are pinned to a digest")
}

fn bound_indexes(scene: &Scene<'_>) -> Option<String> {
    let mut total = 0;
    for project in scene.python.projects.iter().filter(|p| p.role <= Role::Development) {
        for index in &scene.pyproject(project.document)?.indexes {
            (index.priority == Priority::Explicit || index.is_filtered).then_some(())?;
            total += 1;
        }
    }
    all(
        total,
        "the one declared package index serves only what is bound to it",
        "all {n} declared package indexes serve only what is bound to them",
    )
}

fn pinned_actions(scene: &Scene<'_>) -> Option<String> {
    let mut total = 0;
    for (workflow, job) in scene.jobs() {
        let path = scene.sources.get(workflow.file).map(|file| &file.path);
        for uses in job.uses.iter().chain(job.steps.iter().filter_map(|s| s.uses.as_ref())) {
            if let Uses::Repository { reference, .. } = &uses.value {
                let is_held = path.is_some_and(|path| scene.pins.is_held(path, &uses.value));
                if !Uses::is_commit(reference) && !is_held {
                    return None;
                }
                total += 1;
            }
        }
    }
    all(total, "the one use of an action is pinned to a commit", "all {n} uses of actions are pinned to a commit")
}

/// Said only where every model file was read in full and holds nothing but data, or is a pickle that torch loads
/// without running anything of it.
fn models(scene: &Scene<'_>) -> Option<String> {
    let mut total = 0;
    let mut pickles = 0;
    for document in scene.documents {
        let Document::Model(model) = document else { continue };
        let report = &model.report;
        let is_weights = !matches!(report.format, Format::Tokenizer | Format::ModelConfig | Format::Template);
        if scene.role(model.file) > Role::Development || !is_weights {
            continue;
        }
        let loads = report.weights_only == Some(WeightsOnly::Loads);
        (report.verdict == Verdict::Clean && (report.pickle.is_none() || loads)).then_some(())?;
        pickles += usize::from(report.pickle.is_some());
        total += 1;
    }
    match pickles {
        0 => all(total, "the one model file holds data and no pickle", "all {n} model files hold data and no pickle"),
        _ => all(
            total,
            "the one model file loads with `weights_only=True`",
            "all {n} model files hold no pickle or load with `weights_only=True`",
        ),
    }
}

fn permissions(scene: &Scene<'_>) -> Option<String> {
    let mut total = 0;
    for workflow in scene.workflows().filter(|w| scene.role(w.file) == Role::Ci) {
        total += 1;
        let restrictive = workflow.permissions.as_ref().is_some_and(|p| match &p.grant {
            Grant::ReadAll => true,
            Grant::Scopes(scopes) => scopes.iter().all(|(_, level)| level != "write"),
            _ => false,
        });
        if !restrictive {
            return None;
        }
    }
    all(
        total,
        "the one workflow starts with a token that only reads",
        "all {n} workflows start with a token that only reads",
    )
}

fn git_pins(scene: &Scene<'_>) -> Option<String> {
    let mut total = 0;
    for (_, manifest) in scene.manifests() {
        for dependency in manifest.dependencies.iter().filter(|d| d.git.is_some()) {
            if !dependency.rev.as_ref().is_some_and(|r| Uses::is_commit(&r.value)) {
                return None;
            }
            total += 1;
        }
    }
    all(total, "the one git dependency names a commit", "all {n} git dependencies name a commit")
}
/// What is true of all of them: a sentence for one, and one for many in which `{n}` is their number.
fn all(total: usize, one: &str, many: &str) -> Option<String> {
    match total {
        0 => None,
        1 => Some(one.to_owned()),
        n => Some(many.replace("{n}", &n.to_string())),
    }
}

fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
