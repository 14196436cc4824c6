//! What is right, in sentences. Said only of what was looked at in full.

use crate::graph::identity::lock_source;
use crate::graph::kinds::cargo::LockSource;
use crate::graph::kinds::workflow::{Grant, Uses};
use crate::rules::Scene;
use crate::source::Role;

/// Looks for what deserves to be kept.
#[must_use]
pub fn observe(scene: &Scene<'_>) -> Vec<String> {
    [checksums(scene), pinned_actions(scene), permissions(scene), git_pins(scene)].into_iter().flatten().collect()
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
        format!("all {total} registry crates of {locks} lock{} carry a checksum", if locks == 1 { "" } else { "s" })
    })
}

fn pinned_actions(scene: &Scene<'_>) -> Option<String> {
    let mut total = 0;
    for (_, job) in scene.jobs() {
        for uses in job.uses.iter().chain(job.steps.iter().filter_map(|s| s.uses.as_ref())) {
            if let Uses::Repository { reference, .. } = &uses.value {
                if !Uses::is_commit(reference) {
                    return None;
                }
                total += 1;
            }
        }
    }
    (total > 0).then(|| format!("all {total} uses of actions are pinned to a commit"))
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
    (total > 0).then(|| format!("all {total} workflows start with a token that only reads"))
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
    (total > 0).then(|| format!("all {total} git dependencies name a commit"))
}
