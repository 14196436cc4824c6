//! Rights to write given to more than what needs them.

use crate::diag::{Confidence, Severity};
use crate::graph::kinds::workflow::{Grant, Job, Permissions, Workflow};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Span};

pub(super) static RULE: Rule = Rule {
    id: "broad-permissions",
    title: "rights to write for more than needs them",
    many: "{n} grants of rights to write are broader than a job",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("broad_permissions.md"),
    check,
};

/// Scopes worth stealing.
const WEIGHTY: &[&str] = &["contents", "packages", "id-token"];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for workflow in scene.workflows() {
        if let Some(granted) = &workflow.permissions {
            everything(report, workflow, granted, None);
            shared(report, workflow, granted);
        }
        for job in &workflow.jobs {
            if let Some(granted) = &job.permissions {
                everything(report, workflow, granted, Some(job));
            }
        }
    }
}

fn everything(report: &mut Reporter<'_>, workflow: &Workflow, granted: &Permissions, job: Option<&Job>) {
    if granted.grant != Grant::WriteAll {
        return;
    }
    let owner = job.map_or("every job of the workflow".to_owned(), |j| format!("job {}", j.id.value));
    report
        .at(Place::new(workflow.file, granted.span), "every scope")
        .about("permissions", job.map_or("workflow", |j| j.id.value.as_str()), None)
        .content("write-all")
        .advise("name the scopes that are written, for example: permissions: { contents: read, packages: write }")
        .say(format!("`write-all` lets {owner} write everything the repository has"));
}

/// Scopes at the top that several jobs inherit.
fn shared(report: &mut Reporter<'_>, workflow: &Workflow, granted: &Permissions) {
    let Grant::Scopes(scopes) = &granted.grant else { return };
    let weighty: Vec<_> =
        scopes.iter().filter(|(scope, level)| level == "write" && WEIGHTY.contains(&scope.as_str())).collect();
    let heirs: Vec<&Job> = workflow.jobs.iter().filter(|j| j.permissions.is_none()).collect();
    let (Some((first, _)), true) = (weighty.first(), heirs.len() > 1) else { return };
    let names: Vec<String> = weighty.iter().map(|(scope, _)| format!("{}: write", scope.value)).collect();
    let span =
        Span { start: first.span.start, end: weighty.last().map_or(first.span.end, |(scope, _)| scope.span.end) };
    let mut draft = report
        .at(Place::new(workflow.file, span), "inherited by the jobs")
        .severity(Severity::Low)
        .confidence(Confidence::Medium)
        .about("permissions", "workflow", None)
        .content(names.join(" "))
        .evidence("which of the jobs write is not followed; each of them could");
    for job in heirs.iter().take(5) {
        draft = draft.related(Place::new(workflow.file, job.id.span), format!("job {}", job.id.value));
    }
    let reads = if names.iter().any(|n| n == "contents: write") { "" } else { "contents: read, " };
    draft
        .advise(format!("move it into the jobs that write: permissions: {{ {reads}{} }}", names.join(", ")))
        .say(format!("{} is handed to {} jobs at once", names.join(", "), heirs.len()));
}
