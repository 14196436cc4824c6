//! Who runs a list of steps, by which events, and what it could gain there: jobs, composite actions
//! of the tree with the jobs that use them, reusable workflows with their callers. Shared by the
//! rules on workflows.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::{Passage, passage};
use crate::diag::Impact;
use crate::graph::ci::{self, Privilege};
use crate::graph::kinds::workflow::{ActionDefinition, Job, Script, Step, Uses, Workflow};
use crate::rules::{Draft, Scene};
use crate::source::{FileId, Place, RepoPath, Spanned};

/// Whether a secret lets its thief do no more than add a report or a message: tokens of coverage
/// and benchmark services, addresses of chat channels. They do not make a finding block.
fn is_minor_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    const REPORTS: &[&str] = &["CODECOV", "CODSPEED", "COVERALLS", "CODACY"];
    REPORTS.iter().any(|r| name.contains(r))
        || name.contains("WEBHOOK")
        || ["_CHANNEL", "_CHANNEL_ID", "_PROJECT_ID", "_USERNAME"].iter().any(|end| name.ends_with(end))
}

/// Callers of one workflow looked at; more of them would be generated, and say the same.
const MAX_CALLERS: usize = 64;
/// Calls followed into calls. GitHub allows ten levels of actions.
const MAX_CALLS: usize = 10;

/// Steps that run one after another, and the weightiest job that runs them.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    /// The file they stand in.
    pub(crate) file: FileId,
    /// The steps.
    pub(crate) steps: &'a [Step],
    /// Who runs them; nobody for an action that no workflow uses.
    pub(crate) holder: Option<Holder<'a>>,
    /// Set where they are those of a composite action.
    pub(crate) action: Option<&'a ActionDefinition>,
}

/// A job and what code in it could gain.
#[derive(Debug, Clone)]
pub(crate) struct Holder<'a> {
    /// Its workflow.
    pub(crate) workflow: &'a Workflow,
    /// The job.
    pub(crate) job: &'a Job,
    /// What it holds.
    pub(crate) privilege: Privilege,
}

impl Holder<'_> {
    /// What movable or unverified code in this job reaches.
    pub(crate) fn impact(&self) -> Option<Impact> {
        let privilege = &self.privilege;
        if privilege.secrets.iter().any(|s| !is_minor_secret(&s.value)) || privilege.has_weighty_scope() {
            Some(Impact::ReachesSecrets)
        } else if !privilege.publishes.is_empty() {
            Some(Impact::ReachesRelease)
        } else if privilege.pushes_image.is_some() {
            Some(Impact::ReachesImage)
        } else {
            None
        }
    }

    /// How much there is to gain, for a choice among several.
    pub(crate) fn weight(&self) -> u8 {
        match self.impact() {
            Some(Impact::ReachesSecrets) => 3,
            Some(_) => 2,
            None => 1,
        }
    }
}

impl<'a> Run<'a> {
    /// What movable or unverified code among the steps reaches.
    pub(crate) fn impact(&self) -> Option<Impact> {
        self.holder.as_ref().and_then(Holder::impact)
    }

    /// How much there is to gain.
    pub(crate) fn weight(&self) -> u8 {
        self.holder.as_ref().map_or(0, Holder::weight)
    }

    /// What is held, where it matters: ` in a job that holds ...`.
    pub(crate) fn held(&self) -> String {
        match &self.holder {
            Some(holder) if holder.impact().is_some() => {
                format!(" in a job that holds {}", holder.privilege.describe())
            }
            _ => String::new(),
        }
    }

    /// Adds the hops from the trigger to the steps.
    pub(crate) fn route<'r, 'g>(&self, scene: &Scene<'_>, mut draft: Draft<'r, 'g>) -> Draft<'r, 'g> {
        if let Some(Holder { workflow, job, privilege }) = &self.holder {
            draft = draft.via(ci::events(workflow), ci::trigger_place(workflow));
            draft = draft.via(format!("job {}", job.id.value), Some(Place::new(workflow.file, job.id.span)));
            if let Some(action) = self.action {
                let folder = scene.sources.get(action.file).map(|f| f.path.parent()).unwrap_or_default();
                draft = draft.via(format!("action ./{folder}"), None);
            }
            if privilege.is_weighty() {
                draft =
                    draft.via(privilege.describe(), privilege.shown_at().map(|span| Place::new(workflow.file, span)));
            }
        }
        draft
    }

    /// The scripts of the steps.
    pub(crate) fn scripts(&self) -> impl Iterator<Item = (&'a Step, &'a Script)> {
        self.steps.iter().filter_map(|step| step.run.as_ref().map(|run| (step, run)))
    }
}

/// All lists of steps of the tree: every job's, and every composite action's.
pub(crate) fn runs<'a>(scene: &Scene<'a>) -> Vec<Run<'a>> {
    let calls = Calls::of(scene);
    let mut out: Vec<Run<'a>> = scene
        .jobs()
        .map(|(workflow, job)| Run {
            file: workflow.file,
            steps: &job.steps,
            holder: Some(holder(&calls, workflow, job)),
            action: None,
        })
        .collect();
    let users: Vec<(Holder<'a>, BTreeSet<RepoPath>)> = scene
        .jobs()
        .filter(|(_, job)| local_actions(&job.steps).next().is_some())
        .map(|(workflow, job)| (holder(&calls, workflow, job), reached(scene, &job.steps)))
        .collect();
    for action in scene.actions() {
        let folder = scene.sources.get(action.file).map(|f| f.path.parent()).unwrap_or_default();
        let callers = users.iter().filter(|(_, folders)| folders.contains(&folder)).map(|(holder, _)| holder);
        // The first of the weightiest, so that the answer does not depend on more than the files.
        let best = callers.reduce(|best, next| if next.weight() > best.weight() { next } else { best });
        out.push(Run { file: action.file, steps: &action.steps, holder: best.cloned(), action: Some(action) });
    }
    out
}

/// Folders of the actions that steps use, through other actions of the tree too.
fn reached(scene: &Scene<'_>, steps: &[Step]) -> BTreeSet<RepoPath> {
    let mut seen = BTreeSet::new();
    let mut queue: Vec<RepoPath> = local_actions(steps).collect();
    while let Some(folder) = queue.pop() {
        if !seen.insert(folder.clone()) {
            continue;
        }
        let inside = scene.actions().filter(|a| scene.sources.get(a.file).is_some_and(|f| f.path.parent() == folder));
        queue.extend(inside.flat_map(|a| local_actions(&a.steps)));
    }
    seen
}

fn local_actions(steps: &[Step]) -> impl Iterator<Item = RepoPath> {
    steps.iter().filter_map(|s| match &s.uses.as_ref()?.value {
        Uses::Local(path) => RepoPath::new(path),
        _ => None,
    })
}

/// A job with what it holds. A reusable workflow that says nothing of permissions has its caller's.
pub(crate) fn holder<'a>(calls: &Calls<'a>, workflow: &'a Workflow, job: &'a Job) -> Holder<'a> {
    let mut privilege = ci::privilege(workflow, job);
    if privilege.token_unknown {
        let granted: Vec<_> =
            calls.to(workflow).iter().map(|(w, j)| j.permissions.as_ref().or(w.permissions.as_ref())).collect();
        if !granted.is_empty() {
            privilege.token_unknown = granted.iter().any(Option::is_none);
            for scope in granted.into_iter().flatten().flat_map(|p| p.writes()) {
                if !privilege.writes.iter().any(|known| known == scope) {
                    privilege.writes.push(scope.to_owned());
                }
            }
        }
    }
    if let Some(uses) = job.uses.as_ref().filter(|u| job.inherits_secrets && matches!(u.value, Uses::Repository { .. }))
    {
        privilege.secrets.push(Spanned::new("of the repository, all inherited".to_owned(), uses.span));
    }
    Holder { workflow, job, privilege }
}

/// Which jobs of the tree call which of its reusable workflows.
#[derive(Debug, Default)]
pub(crate) struct Calls<'a>(BTreeMap<FileId, Vec<(&'a Workflow, &'a Job)>>);

impl<'a> Calls<'a> {
    /// Reads them off the workflows.
    pub(crate) fn of(scene: &Scene<'a>) -> Self {
        let mut out: BTreeMap<FileId, Vec<(&'a Workflow, &'a Job)>> = BTreeMap::new();
        for (workflow, job) in scene.jobs() {
            let Some(Uses::Local(path)) = job.uses.as_ref().map(|u| &u.value) else { continue };
            let Some(file) = RepoPath::new(path).and_then(|path| scene.sources.by_path(&path)) else { continue };
            let callers = out.entry(file.id).or_default();
            if callers.len() < MAX_CALLERS {
                callers.push((workflow, job));
            }
        }
        Self(out)
    }

    /// The jobs that call a workflow.
    pub(crate) fn to(&self, called: &Workflow) -> &[(&'a Workflow, &'a Job)] {
        if called.triggers.iter().any(|t| t.name.value == "workflow_call") {
            self.0.get(&called.file).map_or(&[], Vec::as_slice)
        } else {
            &[]
        }
    }
}

/// An event that leads to a job.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    /// The event.
    pub(crate) event: String,
    /// Where it is written.
    pub(crate) place: Place,
    /// Jobs that call the reusable workflow the job stands in, outermost first.
    pub(crate) through: Vec<(String, Place)>,
    /// What the conditions along the way leave of it for a stranger.
    pub(crate) passage: Passage,
}

/// The events that lead to a job, its callers' for a reusable workflow; those that the conditions
/// rule out for a stranger are left out.
pub(crate) fn causes(calls: &Calls<'_>, workflow: &Workflow, job: &Job) -> Vec<Cause> {
    let mut out = Vec::new();
    let mut seen = BTreeSet::new();
    collect(calls, workflow, job, MAX_CALLS, &mut seen, &mut out);
    out
}

fn collect(
    calls: &Calls<'_>,
    workflow: &Workflow,
    job: &Job,
    depth: usize,
    seen: &mut BTreeSet<(FileId, u64)>,
    out: &mut Vec<Cause>,
) {
    if depth == 0 || !seen.insert((workflow.file, job.id.span.start)) {
        return;
    }
    for trigger in workflow.triggers.iter().filter(|t| t.name.value != "workflow_call") {
        let passage = job_passage(workflow, job, &trigger.name.value);
        if passage != Passage::Closed {
            let place = Place::new(workflow.file, trigger.name.span);
            out.push(Cause { event: trigger.name.value.clone(), place, through: Vec::new(), passage });
        }
    }
    for (caller, call) in calls.to(workflow) {
        let mut above = Vec::new();
        collect(calls, caller, call, depth - 1, seen, &mut above);
        for mut cause in above {
            let own = job_passage(workflow, job, &cause.event);
            if own == Passage::Closed {
                continue;
            }
            cause.passage = narrower(cause.passage, own);
            cause.through.push((format!("job {}", call.id.value), Place::new(caller.file, call.id.span)));
            out.push(cause);
        }
    }
}

/// The narrower of two.
pub(crate) fn narrower(a: Passage, b: Passage) -> Passage {
    match (a, b) {
        (Passage::Closed, _) | (_, Passage::Closed) => Passage::Closed,
        (Passage::Gated, _) | (_, Passage::Gated) => Passage::Gated,
        _ => Passage::Open,
    }
}

/// What the condition of a job and those of the jobs it needs leave of an event.
fn job_passage(workflow: &Workflow, job: &Job, event: &str) -> Passage {
    let mut sum = Passage::Open;
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut queue = vec![job];
    while let Some(next) = queue.pop() {
        if !seen.insert(&next.id.value) {
            continue;
        }
        let condition = next.condition.as_ref().map_or("", |c| c.value.as_str());
        sum = narrower(sum, passage(condition, event));
        // A needed job that looks up what the person may do, and fails or says so, holds this one back.
        if !std::ptr::eq(next, job) && checks_permission(&next.steps, next.steps.len()) {
            sum = narrower(sum, Passage::Gated);
        }
        // A job that runs whatever became of the others is not held back by them.
        if condition.contains("always()") || condition.contains("!cancelled()") {
            continue;
        }
        queue.extend(next.needs.iter().filter_map(|need| workflow.jobs.iter().find(|j| j.id.value == need.value)));
    }
    sum
}

/// Whether one of the steps before `end` looks up what the person who acted may do.
pub(crate) fn checks_permission(steps: &[Step], end: usize) -> bool {
    const SIGNS: &[&str] = &[
        "getcollaboratorpermissionlevel",
        "/permission",
        "author_association",
        "/memberships/",
        "checkmembership",
        "getmembershipforuserinorg",
        "actor-permission",
        "require-permission",
        "collaborators/",
    ];
    steps.iter().take(end).any(|step| {
        let run = step.run.as_ref().map(|r| r.text.text.as_str());
        let with = step.with.iter().map(|(_, value)| value.value.as_str());
        let uses = step.uses.as_ref().map(|u| u.value.to_string());
        run.into_iter().chain(with).chain(uses.as_deref()).any(|text| {
            let text = text.to_ascii_lowercase();
            SIGNS.iter().any(|sign| text.contains(sign))
        })
    })
}

/// Whether an event is one that a stranger causes and that runs with the repository's own rights.
pub(crate) fn is_stranger_event(event: &str) -> bool {
    ci::STRANGER_EVENTS.contains(&event)
}

/// Whether a character may stand in a name of an expression.
pub(crate) fn identifier(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}
