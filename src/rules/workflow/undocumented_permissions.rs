//! Rights that are granted without a word on what needs them.

use crate::diag::Severity;
use crate::graph::kinds::workflow::{Grant, Permissions, Workflow};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, SourceFile, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "undocumented-permissions",
    title: "rights granted without a word why",
    many: "{n} workflows grant rights without a word why",
    severity: Severity::Info,
    since: "0.1",
    docs: include_str!("undocumented_permissions.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for workflow in scene.workflows() {
        let Some(file) = scene.sources.get(workflow.file) else { continue };
        let silent: Vec<&Spanned<String>> = granted(workflow).filter(|scope| !is_explained(file, scope)).collect();
        let Some(first) = silent.first() else { continue };
        let mut names: Vec<&str> = silent.iter().map(|s| s.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let verb = if names.len() == 1 { "is" } else { "are" };
        let what: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        report
            .at(Place::new(workflow.file, first.span), "no comment says what needs it")
            .also(silent.iter().map(|s| Place::new(workflow.file, s.span)))
            .about("permissions", "workflow", None)
            .each(names.iter().map(|one| one.to_string()))
            .advise(format!("say behind it what needs it: {0}: write # {1}", first.value, reason(&first.value)))
            .say(format!("{} {verb} granted by `{}` without a comment", what.join(", "), file.path.name()));
    }
}

/// Scopes that are granted by name and let somebody write. What only reads explains itself.
fn granted(workflow: &Workflow) -> impl Iterator<Item = &Spanned<String>> {
    let all = workflow.permissions.iter().chain(workflow.jobs.iter().filter_map(|j| j.permissions.as_ref()));
    all.flat_map(scopes).filter(|(_, level)| level == "write").map(|(scope, _)| scope)
}

fn scopes(permissions: &Permissions) -> &[(Spanned<String>, String)] {
    match &permissions.grant {
        Grant::Scopes(scopes) => scopes,
        _ => &[],
    }
}

/// What a scope is mostly granted for, as an example of a comment.
fn reason(scope: &str) -> &'static str {
    match scope {
        "actions" => "cancels what a newer run has overtaken",
        "attestations" => "stores where the release comes from",
        "checks" | "statuses" => "reports the result",
        "contents" => "uploads the release",
        "deployments" => "marks the deployment",
        "id-token" => "logs in elsewhere with the job's identity",
        "issues" => "labels issues",
        "packages" => "pushes the image",
        "pages" => "deploys the site",
        "pull-requests" => "comments on the pull request",
        "security-events" => "uploads what the scan found",
        _ => "what the step does with it",
    }
}

/// Lines of a block of permissions, one a scope and some of comments.
const MAX_LINES: usize = 64;

/// Whether a comment stands on the line, on the line above it, or at the head of its block.
fn is_explained(file: &SourceFile, scope: &Spanned<String>) -> bool {
    let line = file.position(scope.span.start).line;
    let ends_in_comment = |text: &str| text.contains(" #");
    let is_comment = |text: &str| text.trim_start().starts_with('#');
    let above = |of: u32| of.checked_sub(1).and_then(|above| file.line(above));
    if file.line(line).is_some_and(ends_in_comment) || above(line).is_some_and(is_comment) {
        return true;
    }
    let mut up = (0..line).rev().take(MAX_LINES).filter_map(|at| Some((at, file.line(at)?)));
    let head = up.find(|(_, text)| text.trim_start().starts_with("permissions:"));
    head.is_some_and(|(at, text)| ends_in_comment(text) || above(at).is_some_and(is_comment))
}
