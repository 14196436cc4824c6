//! A job that may ask for its identity, runs what others wrote and never asks.

use super::reach;
use super::releasing;
use crate::commands::ActKind;
use crate::diag::{Confidence, Severity};
use crate::graph::ci;
use crate::graph::kinds::workflow::{Grant, Job, Step, Uses};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Span};

pub(super) static RULE: Rule = Rule {
    id: "broad-id-token",
    title: "a job may ask for an identity that it does not use",
    many: "{n} jobs may ask for an identity that they do not use",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("broad_id_token.md"),
    check,
};

/// Owners and actions that ask for no identity. Lower case.
const INERT: &[&str] = &[
    "actions/checkout",
    "actions/setup-",
    "actions/cache",
    "actions/upload-artifact",
    "actions/download-artifact",
    "actions/github-script",
    "docker/setup-",
    "docker/login-action",
    "docker/metadata-action",
    "docker/build-push-action",
    "dtolnay/rust-toolchain",
    "swatinem/rust-cache",
    "taiki-e/install-action",
    "astral-sh/setup-uv",
    "pnpm/action-setup",
    "softprops/action-gh-release",
    "mozilla-actions/sccache-action",
    "actions-rust-lang/setup-rust-toolchain",
];
/// Words of scripts that speak of an identity or of a cloud.
const SIGNS: &[&str] = &[
    "ID_TOKEN",
    "oidc",
    "OIDC",
    "id-token",
    "cosign",
    "sigstore",
    "attest",
    "provenance",
    "aws ",
    "gcloud",
    "az ",
    "vault",
    "publish",
    "upload",
    "terraform",
    "pulumi",
    "twine",
    "kubectl",
];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for run in reach::runs(scene) {
        let Some(holder) = releasing::holder(run) else { continue };
        let (workflow, job) = (holder.workflow, holder.job);
        let Some(span) = granted(job) else { continue };
        if ci::writes_with(workflow, job, "id-token") || !job.steps.iter().all(is_inert) {
            continue;
        }
        let Some((built, place)) = releasing::builds(run) else { continue };
        let draft = report
            .at(Place::new(workflow.file, span), "granted here")
            .confidence(Confidence::Medium)
            .about("permissions", job.id.value.clone(), None)
            .content("id-token")
            .related(place, format!("runs what others wrote: {built}"));
        holder
            .hops(draft)
            .evidence("no step is known to ask for it")
            .advise("take `id-token: write` out, or move what needs it into a job of its own")
            .say(format!(
                "job {} may ask for an identity that it does not use, and `{built}` runs there",
                job.id.value
            ));
    }
}

/// Where the job's own permissions grant it. What the workflow grants to all jobs is `broad-permissions`.
fn granted(job: &Job) -> Option<Span> {
    let Grant::Scopes(scopes) = &job.permissions.as_ref()?.grant else { return None };
    scopes.iter().find(|(scope, level)| scope.value == "id-token" && level == "write").map(|(scope, _)| scope.span)
}

/// Whether a step is known to ask for no identity.
fn is_inert(step: &Step) -> bool {
    if let Some(uses) = &step.uses {
        let Uses::Repository { owner, repo, .. } = &uses.value else { return false };
        let name = format!("{owner}/{repo}").to_ascii_lowercase();
        return INERT.iter().any(|known| if known.ends_with('-') { name.starts_with(known) } else { name == *known });
    }
    let Some(script) = &step.run else { return true };
    let calls = script.acts.iter().any(|act| matches!(act.kind, ActKind::CallsScript { .. } | ActKind::Publish { .. }));
    !calls && !SIGNS.iter().any(|sign| script.text.text.contains(sign))
}
