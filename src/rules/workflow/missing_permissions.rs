//! A workflow that leaves the token's rights to the repository's settings.

use super::scopes::{self, Needs};
use crate::diag::{Confidence, Edit, Severity};
use crate::graph::ci;
use crate::graph::kinds::workflow::{Job, Uses, Workflow};
use crate::rules::{Reporter, Rule, Scene, edits};
use crate::source::{Place, RepoPath, SourceFile, Span};

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
            .also(open.iter().map(|job| Place::new(workflow.file, job.id.span)))
            .each(open.iter().map(|j| j.id.value.as_str()));
        for job in open.iter().take(5) {
            draft = draft.related(Place::new(workflow.file, job.id.span), format!("job {}", job.id.value));
        }
        let name = scene.sources.path(workflow.file);
        let fix = fix(scene, workflow, &open);
        let evidence = match &fix {
            Some(_) => "every step of the jobs is known, and so is what it needs",
            None => "not every step is known, so that what the jobs need is for a person to say",
        };
        draft
            .evidence(evidence)
            .fix(fix.into_iter().flatten())
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
    let file = scene.sources.get(workflow.file)?;
    let key = edits::top_key(file, &["on", "\"on\"", "'on'"]).or_else(|| edits::top_key(file, &["jobs"]))?;
    Some(Place::new(workflow.file, key))
}

/// What the jobs need, at the top and in those that need more than to read. None where a step is not known.
fn fix(scene: &Scene<'_>, workflow: &Workflow, open: &[&Job]) -> Option<Vec<Edit>> {
    let file = scene.sources.get(workflow.file)?;
    // A call that leaves it to what it calls gets what the top grants.
    let closed = |job: &&Job| job.permissions.is_none() && !open.iter().any(|o| std::ptr::eq(*o, *job));
    let all: Vec<(&Job, Needs)> = open
        .iter()
        .copied()
        .chain(workflow.jobs.iter().filter(closed))
        .map(|job| Some((job, scopes::needs(scene, workflow, job)?)))
        .collect::<Option<_>>()?;
    let jobs = edits::top_key(file, &["jobs"])?;
    if let ([(_, needs)], 1) = (all.as_slice(), workflow.jobs.len()) {
        return Some(vec![edits::before_key(file, jobs, &needs.lines(), true)?]);
    }
    let top = ["permissions:".to_owned(), "  contents: read".to_owned()];
    let mut out = vec![edits::before_key(file, jobs, &top, true)?];
    for (job, needs) in all.iter().filter(|(_, needs)| !needs.is_plain()) {
        out.push(edits::before_key(file, job_key(file, job)?, &needs.lines(), false)?);
    }
    Some(out)
}

/// The key of a job before which its rights are written: `runs-on` or `uses`, where the job is a mapping on lines
/// of its own.
pub(super) fn job_key(file: &SourceFile, job: &Job) -> Option<Span> {
    let (start, end) = (usize::try_from(job.id.span.end).ok()?, usize::try_from(job.span.end).ok()?);
    let mut at = start;
    let mut column = None;
    for line in file.text.get(start..end)?.split_inclusive('\n') {
        let bare = line.trim_start_matches(' ');
        let indent = line.len() - bare.len();
        let says = !bare.trim().is_empty() && !bare.starts_with('#');
        // The rest of the line of the job's name.
        if says && at > start {
            let column = *column.get_or_insert(indent);
            let key = ["runs-on", "uses"].iter().find(|k| bare.strip_prefix(**k).is_some_and(|r| r.starts_with(':')));
            if let Some(key) = key.filter(|_| indent == column) {
                return Some(Span::new(at + indent, at + indent + key.len()));
            }
        }
        at += line.len();
    }
    None
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
