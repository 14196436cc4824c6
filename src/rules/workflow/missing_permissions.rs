//! A workflow that leaves the token's rights to the repository's settings.

use crate::diag::{Confidence, Severity};
use crate::graph::ci;
use crate::graph::kinds::workflow::{Job, Uses, Workflow};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, RepoPath, Span};

pub(super) static RULE: Rule = Rule {
    id: "missing-permissions",
    title: "a workflow without permissions",
    many: "{n} workflows leave the token's rights to the repository's settings",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("missing_permissions.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for workflow in scene.workflows().filter(|w| w.permissions.is_none()) {
        // A workflow that is only called gets what its caller grants, and the caller is reported.
        if workflow.triggers.iter().all(|t| t.name.value == "workflow_call") {
            continue;
        }
        let open: Vec<&Job> =
            workflow.jobs.iter().filter(|job| job.permissions.is_none() && !leaves_it_to_callee(scene, job)).collect();
        let Some(first) = open.first() else { continue };
        let place = insertion(scene, workflow)
            .or_else(|| ci::trigger_place(workflow))
            .unwrap_or(Place::new(workflow.file, first.id.span));
        let mut draft = report
            .at(place, "no `permissions` here or in the job")
            .confidence(Confidence::Medium)
            .evidence("the repository's setting decides, and it is not in the files")
            .content(open.iter().map(|j| j.id.value.as_str()).collect::<Vec<_>>().join(" "));
        for job in open.iter().take(5) {
            draft = draft.related(Place::new(workflow.file, job.id.span), format!("job {}", job.id.value));
        }
        let name = scene.sources.path(workflow.file);
        draft
            .about("workflow", name, None)
            .advise("add to the workflow, and grant more in the jobs that need it: permissions: { contents: read }")
            .say(if open.len() == workflow.jobs.len() {
                format!("`{}` does not say what its token may do", file_name(name))
            } else {
                format!("`{}` does not say what the token of {} may do", file_name(name), jobs(&open))
            });
    }
}

/// The key beside which a person would write `permissions`: `on`, else `jobs`.
fn insertion(scene: &Scene<'_>, workflow: &Workflow) -> Option<Place> {
    let text = scene.sources.get(workflow.file)?.text.as_str();
    let key = |names: &[&str]| {
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let found = names.iter().find(|n| line.strip_prefix(**n).is_some_and(|r| r.trim_start().starts_with(':')));
            if let Some(name) = found {
                return Some(Place::new(workflow.file, Span { start, end: start + name.len() as u64 }));
            }
            start += line.len() as u64;
        }
        None
    };
    key(&["on", "\"on\"", "'on'"]).or_else(|| key(&["jobs"]))
}

/// A call of a workflow of the tree that says in every job what it needs.
fn leaves_it_to_callee(scene: &Scene<'_>, job: &Job) -> bool {
    let Some(Uses::Local(path)) = job.uses.as_ref().map(|u| &u.value) else { return false };
    let file = RepoPath::new(path).and_then(|path| scene.sources.by_path(&path));
    let called = scene.workflows().find(|w| file.is_some_and(|f| f.id == w.file));
    called.is_some_and(|w| w.permissions.is_some() || w.jobs.iter().all(|j| j.permissions.is_some()))
}

fn jobs(open: &[&Job]) -> String {
    match open {
        [one] => format!("job {}", one.id.value),
        many => format!("{} jobs", many.len()),
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
