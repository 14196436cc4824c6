//! What a job of a workflow holds: the token's rights, secrets, what it publishes; and who can
//! cause it to run. [`privilege`] reads one file; [`calls`] knows who calls a reusable workflow, [`gitlab`]
//! who takes over whose parts.

pub(crate) mod calls;
pub(crate) mod causes;
pub(crate) mod condition;
pub(crate) mod expression;
pub(crate) mod files;
pub(crate) mod gitlab;
pub(crate) mod held;
mod needs;
pub(crate) mod other;
pub mod pins;
mod privilege;
pub(crate) mod trust;

pub use privilege::Privilege;

use super::kinds::workflow::{Job, Pair, Service, Step, Uses, Workflow};
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

/// Actions whose very use publishes a release or a package. Lower case.
const PUBLISHERS: &[&str] = &[
    "pypa/gh-action-pypi-publish",
    "softprops/action-gh-release",
    "ncipollo/release-action",
    "svenstaro/upload-release-action",
    "actions/create-release",
    "actions/upload-release-asset",
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
    "release-drafter/release-drafter",
    "cycjimmy/semantic-release-action",
    "google-github-actions/release-please-action",
    "haaleo/publish-vscode-extension",
    "helm/chart-releaser-action",
    "python-semantic-release/python-semantic-release",
    "rubygems/release-gem",
];

/// Actions that put out a site. Lower case.
const SITES: &[&str] = &[
    "actions/deploy-pages",
    "peaceiris/actions-gh-pages",
    "jamesives/github-pages-deploy-action",
    "cloudflare/wrangler-action",
    "cloudflare/pages-action",
    "nwtgck/actions-netlify",
];

/// Actions that push commits. Lower case.
const PUSHERS: &[&str] = &[
    "peter-evans/create-pull-request",
    "stefanzweifel/git-auto-commit-action",
    "endbug/add-and-commit",
    "ad-m/github-push-action",
];

/// Actions that ask for the job's identity, the use of `id-token: write`. Lower case.
const IDENTITY: &[&str] = &[
    "actions/attest",
    "actions/attest-build-provenance",
    "actions/attest-sbom",
    "actions/deploy-pages",
    "anthropics/claude-code-action",
    "astral-sh/attest-action",
    "aws-actions/configure-aws-credentials",
    "azure/login",
    "codspeedhq/action",
    "depot/build-push-action",
    "depot/setup-action",
    "google-github-actions/auth",
    "nuget/login",
    "octo-sts/action",
    "ossf/scorecard-action",
    "pypa/gh-action-pypi-publish",
    "rubygems/configure-rubygems-credentials",
    "rubygems/release-gem",
    "rust-lang/crates-io-auth-action",
    "sigstore/cosign-installer",
    "sigstore/gh-action-sigstore-python",
];

/// Whether steps are known to write with a scope. What is not known may still do so.
#[must_use]
pub fn writes_with(workflow: &Workflow, job: &Job, scope: &str) -> bool {
    let held = privilege(workflow, job);
    let uses = |known: &[&str]| {
        let names = job.steps.iter().filter_map(|s| action_name(s.uses.as_ref()?));
        names.map(|n| n.to_ascii_lowercase()).any(|n| known.contains(&n.as_str()))
    };
    let publishes = |known: &[&str]| {
        held.publishes.iter().any(|p| {
            let name = p.value.to_ascii_lowercase();
            known.iter().any(|k| name.starts_with(k))
        })
    };
    match scope {
        "contents" => {
            let elsewhere = ["pypa/", "js-devtools/", "katyo/", "rust-lang/"];
            let by_action = held.publishes.iter().any(|p| {
                p.value.contains('/') && !elsewhere.iter().any(|e| p.value.to_ascii_lowercase().starts_with(e))
            });
            by_action
                || publishes(&["gh release", "goreleaser"])
                || held.pushes_commits.is_some()
                || uses(&["peaceiris/actions-gh-pages", "jamesives/github-pages-deploy-action"])
        }
        "packages" => {
            held.pushes_image.is_some()
                || publishes(&["npm ", "pnpm ", "yarn ", "nuget ", "helm ", "oras ", "crane ", "skopeo ", "gem "])
        }
        "id-token" => {
            uses(IDENTITY)
                || publishes(&["uv publish"])
                || publishes(&["npm ", "pnpm "]) && asks_provenance(workflow, job)
        }
        _ => false,
    }
}

/// Whether npm is told to sign what it publishes with the job's identity: by option, setting or variable.
fn asks_provenance(workflow: &Workflow, job: &Job) -> bool {
    let is_on = |pairs: &[Pair]| {
        pairs.iter().any(|(n, v)| n.value.eq_ignore_ascii_case("npm_config_provenance") && v.value == "true")
    };
    let said = |step: &Step| {
        let says = step.run.as_ref().is_some_and(|run| {
            run.text.text.lines().any(|line| {
                let line = line.trim_start();
                !line.starts_with('#') && (line.contains("--provenance") || line.contains("set provenance"))
            })
        });
        says || is_on(&step.env)
    };
    is_on(&workflow.env) || is_on(&job.env) || job.steps.iter().any(said)
}

/// `owner/repo` of an action, as written.
fn action_name(uses: &Spanned<Uses>) -> Option<String> {
    match &uses.value {
        Uses::Repository { owner, repo, .. } => Some(format!("{owner}/{repo}")),
        _ => None,
    }
}

/// What the code of a job could gain.
#[must_use]
pub fn privilege(workflow: &Workflow, job: &Job) -> Privilege {
    if workflow.service != Service::GitHub {
        return other::privilege(workflow, job);
    }
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
    for (_, secret) in &job.secrets {
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
                published(what, span, out);
            }
        }
    }
    let Some((uses, name)) = step.uses.as_ref().and_then(|u| Some((u, action_name(u)?))) else { return };
    let lower = name.to_ascii_lowercase();
    let named = Spanned::new(name, uses.span);
    if PUBLISHERS.contains(&lower.as_str()) {
        // It labels pull requests as well, and can be told to do no more.
        if step.input("disable-releaser").is_some_and(|v| v.value == "true") {
            return;
        }
        // Told to open the pull request of a release, it releases nothing.
        if step.input("command").is_some_and(|v| v.value == "release-pr") {
            out.pushes_commits.get_or_insert(uses.span);
            return;
        }
        out.publishes.push(named);
    } else if SITES.contains(&lower.as_str()) {
        out.sites.push(named);
    } else if PUSHERS.contains(&lower.as_str()) {
        out.pushes_commits.get_or_insert(uses.span);
    } else if matches!(lower.as_str(), "docker/build-push-action" | "docker/bake-action") && pushes(step) {
        out.pushes_image.get_or_insert(named);
    }
}

/// What a command puts out, by its fixed name.
fn published(what: &str, span: Span, out: &mut Privilege) {
    if what.starts_with("docker") || what.starts_with("podman") {
        out.pushes_image.get_or_insert(Spanned::new(what.to_owned(), span));
    } else if what == "git push" {
        out.pushes_commits.get_or_insert(span);
    } else if what == "wrangler deploy" {
        out.sites.push(Spanned::new(what.to_owned(), span));
    } else if !matches!(what, "aws s3 upload" | "gs upload" | "s3 upload") {
        // A copy to a bucket may be a release or a table of timings; the bucket's name does not say.
        out.publishes.push(Spanned::new(what.to_owned(), span));
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

/// Stands for the name of a secret that an expression computes: `secrets[matrix.token]`.
pub const COMPUTED_SECRET: &str = "of a computed name";

/// Names that expressions in a text read from the `secrets` context; `*` for all of them.
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
                match name.trim_start().strip_prefix('\'') {
                    Some(name) => name.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-')).collect(),
                    None => COMPUTED_SECRET.to_owned(),
                }
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
    match workflow.service {
        Service::GitHub => {}
        Service::GitLab => return "GitLab pipeline".to_owned(),
        Service::Azure => return "Azure pipeline".to_owned(),
    }
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

    fn named(text: &str) -> Spanned<String> {
        Spanned::new(text.to_owned(), Span::default())
    }

    #[test]
    fn what_is_held_and_what_is_done_are_told_apart() {
        let publishes = vec![named("a/b"), named("a/b"), named("c")];
        let job = Privilege { publishes: publishes.clone(), ..Privilege::default() };
        assert_eq!(job.clause(), "publishes by a/b, c");
        let job = Privilege { publishes, secrets: vec![named("A")], writes: vec!["contents".into()], ..job };
        assert_eq!(job.clause(), "holds secrets A; contents: write and publishes by a/b, c");
        assert_eq!(job.describe(), "secrets A; contents: write; publishes by a/b, c");
        let site = Privilege { sites: vec![named("JamesIves/x")], ..Privilege::default() };
        assert_eq!(site.clause(), "publishes a site by JamesIves/x");
        let mut bucket = Privilege::default();
        published("aws s3 upload", Span::default(), &mut bucket);
        assert!(!bucket.is_weighty());
    }

    #[test]
    fn secrets_are_found_in_expressions_only() {
        assert_eq!(secret_names("a ${{ secrets.A }} secrets.B ${{ secrets['C'] || env.secrets.D }}"), ["A", "C"]);
        assert_eq!(secret_names("${{ toJSON(secrets) }}"), ["*"]);
        assert_eq!(secret_names("${{ secrets[matrix.token] }}"), [COMPUTED_SECRET]);
        assert!(secret_names("no_secrets.X").is_empty());
    }
}
