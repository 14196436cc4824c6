//! What a job of a workflow holds: the token's rights, secrets, what it publishes; and who can
//! cause it to run. Read from one file; callers of reusable workflows come later.

use super::kinds::workflow::{Job, Pair, Step, Uses, Workflow};
use crate::commands::ActKind;
use crate::source::{Place, Span, Spanned};

/// Events that a stranger can cause and that run with the repository's own token and secrets.
/// Source: GitHub Docs, "Events that trigger workflows"; GitHub Security Lab on pwn requests.
pub const STRANGER_EVENTS: &[&str] = &[
    "pull_request_target",
    "issue_comment",
    "issues",
    "discussion",
    "discussion_comment",
    "workflow_run",
    "fork",
    "watch",
];

/// What can be gained by running code in a job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Privilege {
    /// Scopes the token may write, `*` for all; empty where permissions are unknown.
    pub writes: Vec<String>,
    /// Where the rights are granted.
    pub granted_at: Option<Span>,
    /// Secrets the job can read, GITHUB_TOKEN excluded, with the first place of each.
    pub secrets: Vec<Spanned<String>>,
    /// What it publishes, with the place.
    pub publishes: Vec<Spanned<String>>,
    /// What it pushes images with, with the place.
    pub pushes_image: Option<Spanned<String>>,
    /// No `permissions` anywhere: the repository's setting decides.
    pub token_unknown: bool,
}

impl Privilege {
    /// Whether code in the job gains something that matters outside it. Scopes that let a bot
    /// comment or label are not enough.
    #[must_use]
    pub fn is_weighty(&self) -> bool {
        !self.secrets.is_empty()
            || !self.publishes.is_empty()
            || self.pushes_image.is_some()
            || self.has_weighty_scope()
    }

    /// Whether the token can change code, packages, releases or pages, or be exchanged for a
    /// cloud identity.
    #[must_use]
    pub fn has_weighty_scope(&self) -> bool {
        self.writes.iter().any(|scope| {
            matches!(
                scope.as_str(),
                "*" | "contents" | "packages" | "id-token" | "actions" | "deployments" | "pages" | "attestations"
            )
        })
    }

    /// One fragment that says what is held, weightiest first.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut parts = Vec::new();
        if !self.secrets.is_empty() {
            let names: Vec<_> = self.secrets.iter().take(3).map(|s| s.value.as_str()).collect();
            let more = self.secrets.len().saturating_sub(3);
            parts.push(format!(
                "secrets {}{}",
                names.join(", "),
                if more > 0 { format!(" and {more} more") } else { String::new() }
            ));
        }
        if !self.writes.is_empty() {
            let scopes: Vec<_> = self
                .writes
                .iter()
                .map(|s| if s == "*" { "everything: write".to_owned() } else { format!("{s}: write") })
                .collect();
            parts.push(scopes.join(", "));
        }
        if let Some(what) = self.publishes.first() {
            parts.push(format!("publishes by {}", what.value));
        }
        if let Some(what) = &self.pushes_image {
            parts.push(format!("pushes images by {}", what.value));
        }
        parts.join("; ")
    }

    /// The place that shows best what is held.
    #[must_use]
    pub fn shown_at(&self) -> Option<Span> {
        let secret = self.secrets.first().map(|s| s.span);
        let publish = self.publishes.first().map(|s| s.span);
        secret.or(publish).or(self.pushes_image.as_ref().map(|s| s.span)).or(self.granted_at)
    }
}

/// Actions whose very use publishes or deploys. Lower case.
const PUBLISHERS: &[&str] = &[
    "pypa/gh-action-pypi-publish",
    "softprops/action-gh-release",
    "ncipollo/release-action",
    "svenstaro/upload-release-action",
    "actions/create-release",
    "actions/upload-release-asset",
    "actions/deploy-pages",
    "peaceiris/actions-gh-pages",
    "jamesives/github-pages-deploy-action",
    "js-devtools/npm-publish",
    "goreleaser/goreleaser-action",
    "katyo/publish-crates",
    "rust-lang/crates-io-auth-action",
    "release-plz/action",
    "marcoieni/release-plz-action",
    "changesets/action",
    "taiki-e/upload-rust-binary-action",
    "taiki-e/create-gh-release-action",
    "googleapis/release-please-action",
];

/// What the code of a job could gain.
#[must_use]
pub fn privilege(workflow: &Workflow, job: &Job) -> Privilege {
    let mut out = Privilege::default();
    let permissions = job.permissions.as_ref().or(workflow.permissions.as_ref());
    match permissions {
        Some(granted) => {
            out.writes = granted.writes().into_iter().map(str::to_owned).collect();
            out.granted_at = Some(granted.span);
        }
        None => out.token_unknown = true,
    }
    for pair in workflow.env.iter().chain(&job.env) {
        secrets_in(&pair.1, &mut out.secrets);
    }
    for pair in &job.with {
        secrets_in(&pair.1, &mut out.secrets);
    }
    for secret in &job.secrets {
        secrets_in(secret, &mut out.secrets);
    }
    for step in &job.steps {
        step_privilege(step, &mut out);
    }
    out
}

fn step_privilege(step: &Step, out: &mut Privilege) {
    let pairs = step.env.iter().chain(&step.with);
    for pair in pairs {
        secrets_in(&pair.1, &mut out.secrets);
    }
    if let Some(run) = &step.run {
        for name in secret_names(&run.text.text) {
            add_secret(&mut out.secrets, name, run.span);
        }
        for act in &run.acts {
            if let ActKind::Publish { what, .. } = &act.kind {
                let span = run.text.host_span(act.range.clone());
                if what.starts_with("docker") || what.starts_with("podman") {
                    out.pushes_image.get_or_insert(Spanned::new((*what).to_owned(), span));
                } else {
                    out.publishes.push(Spanned::new((*what).to_owned(), span));
                }
            }
        }
    }
    let Some(uses) = &step.uses else { return };
    let Uses::Repository { owner, repo, .. } = &uses.value else { return };
    let name = format!("{owner}/{repo}").to_ascii_lowercase();
    if PUBLISHERS.contains(&name.as_str()) {
        out.publishes.push(Spanned::new(name, uses.span));
    } else if matches!(name.as_str(), "docker/build-push-action" | "docker/bake-action") && pushes(step) {
        out.pushes_image.get_or_insert(Spanned::new(name, uses.span));
    }
}

/// Whether an image build sends its image away; an expression may say yes.
fn pushes(step: &Step) -> bool {
    step.input("push").is_some_and(|push| push.value != "false")
        || step.input("outputs").is_some_and(|outputs| outputs.value.contains("push=true"))
}

fn secrets_in(value: &Spanned<String>, out: &mut Vec<Spanned<String>>) {
    for name in secret_names(&value.value) {
        add_secret(out, name, value.span);
    }
}

fn add_secret(out: &mut Vec<Spanned<String>>, name: String, span: Span) {
    if !name.eq_ignore_ascii_case("GITHUB_TOKEN") && !out.iter().any(|known| known.value == name) {
        out.push(Spanned::new(name, span));
    }
}

/// Names that expressions in a text read from the `secrets` context.
#[must_use]
pub fn secret_names(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("${{") {
        let (expression, tail) = after.split_once("}}").unwrap_or((after, ""));
        let mut part = expression;
        while let Some((before, found)) = part.split_once("secrets") {
            let fresh = !before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'));
            let found = found.trim_start();
            let name: String = if let Some(name) = found.strip_prefix('.') {
                name.trim_start().chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-')).collect()
            } else if let Some(name) = found.strip_prefix('[') {
                name.trim_start()
                    .trim_start_matches('\'')
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
                    .collect()
            } else if fresh && (found.starts_with(')') || found.is_empty()) {
                "*".to_owned()
            } else {
                String::new()
            };
            if fresh && !name.is_empty() {
                out.push(name);
            }
            part = found;
        }
        rest = tail;
    }
    out
}

/// Events of a workflow that a stranger can cause while it holds the repository's secrets.
#[must_use]
pub fn stranger_events(workflow: &Workflow) -> Vec<&Spanned<String>> {
    workflow.triggers.iter().map(|t| &t.name).filter(|name| STRANGER_EVENTS.contains(&name.value.as_str())).collect()
}

/// The events in words, for a route.
#[must_use]
pub fn events(workflow: &Workflow) -> String {
    let names: Vec<_> = workflow.triggers.iter().map(|t| t.name.value.as_str()).collect();
    match names.len() {
        0 => "no readable trigger".to_owned(),
        1..=4 => names.join(", "),
        n => format!("{} and {} more", names[..3].join(", "), n - 3),
    }
}

/// Where the first trigger stands.
#[must_use]
pub fn trigger_place(workflow: &Workflow) -> Option<Place> {
    workflow.triggers.first().map(|t| Place::new(workflow.file, t.name.span))
}

/// All `with` and `env` values of a step.
pub fn values(step: &Step) -> impl Iterator<Item = &Pair> {
    step.with.iter().chain(&step.env)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_in_expressions_only() {
        assert_eq!(secret_names("a ${{ secrets.A }} secrets.B ${{ secrets['C'] || env.secrets.D }}"), ["A", "C"]);
        assert_eq!(secret_names("${{ toJSON(secrets) }}"), ["*"]);
        assert!(secret_names("no_secrets.X").is_empty());
    }
}
