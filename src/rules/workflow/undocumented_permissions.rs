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
    since: "0.2",
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
            .content(names.join(" "))
            .advise(format!("say behind it what needs it: {}: write # uploads the release", first.value))
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

/// Whether a comment stands on the line, or on the line above it.
fn is_explained(file: &SourceFile, scope: &Spanned<String>) -> bool {
    let line = file.position(scope.span.start).line;
    let own = file.line(line).is_some_and(|text| text.contains(" #"));
    let above = line.checked_sub(1).and_then(|above| file.line(above));
    own || above.is_some_and(|text| text.trim_start().starts_with('#'))
}
