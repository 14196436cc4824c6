//! Who runs a list of steps, by which events, and what it could gain there: jobs, composite actions
//! of the tree with the jobs that use them, reusable workflows with their callers. Shared by the
//! rules on workflows.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::images::{StageRun, stage_runs};
use super::local::{LocalRun, local_runs};
use super::parts::{PartRun, part_runs};
use crate::diag::Impact;
use crate::graph::Document;
pub(crate) use crate::graph::ci::calls::Calls;
pub(crate) use crate::graph::ci::causes::{Cause, causes, checks_permission, narrower, permission_check};
use crate::graph::ci::expression::{Environment, Tree};
use crate::graph::ci::gitlab::{GitlabJobs, Whole};
use crate::graph::ci::held::{Held, held};
use crate::graph::ci::{self, Privilege};
use crate::graph::flow::Home;
use crate::graph::kinds::commands::CommandForm;
use crate::graph::kinds::docker::InstructionKind;
use crate::graph::kinds::workflow::{ActionDefinition, Job, Script, Step, Uses, Workflow};
use crate::rules::{Draft, Scene};
use crate::source::{FileId, Place, RepoPath, Role};

/// Longest folder of `WORKDIR` followed.
const MAX_FOLDER: usize = 1 << 10;

/// Steps that run one after another, and the weightiest job that runs them.
#[derive(Debug, Clone)]
pub(crate) struct Run<'a> {
    /// Which list of scripts it is.
    pub(crate) home: Home,
    /// The file they stand in.
    pub(crate) file: FileId,
    /// The steps.
    pub(crate) steps: &'a [Step],
    /// Who runs them; nobody for an action that no workflow uses.
    pub(crate) holder: Option<Holder<'a>>,
    /// Set where they are those of a composite action.
    pub(crate) action: Option<&'a ActionDefinition>,
    /// Set where they are those of a job that others take over: GitLab's hidden jobs and `default`.
    pub(crate) template: Option<(&'a Workflow, &'a Job)>,
    /// Set where they are no steps but the instructions of a Dockerfile's stage.
    pub(crate) stage: Option<StageRun<'a>>,
    /// Set where it is a command that a hook, an agent or an editor runs on a developer's machine.
    pub(crate) local: Option<LocalRun<'a>>,
    /// Set where it is a part of a file of commands: a script, a target. `holder` is that of its caller.
    pub(crate) part: Option<PartRun<'a>>,
    /// Where strangers' texts are pasted into its scripts: one rule tells them and another leaves them to it.
    pub(crate) pasted: OnceCell<BTreeSet<Place>>,
}

/// One script of a run.
#[derive(Debug, Clone)]
pub(crate) struct Piece<'a> {
    /// The script.
    pub(crate) script: &'a Script,
    /// Its step; none in a Dockerfile.
    pub(crate) step: Option<&'a Step>,
    /// The folder it starts in, where that is written; empty elsewhere.
    pub(crate) folder: String,
    /// What to call it.
    name: Cow<'a, str>,
}

impl Piece<'_> {
    /// What to call it in a route.
    pub(crate) fn title(&self) -> String {
        self.step.map_or_else(|| self.name.clone().into_owned(), Step::title)
    }

    /// Whether the run goes on when it fails.
    pub(crate) fn may_fail(&self) -> bool {
        self.step.is_some_and(|s| s.continue_on_error)
    }
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
    /// The jobs that call its workflow, outermost first; none where the workflow starts by itself.
    pub(crate) through: Vec<(&'a Workflow, &'a Job)>,
}

impl Holder<'_> {
    /// What movable or unverified code in this job reaches.
    pub(crate) fn impact(&self) -> Option<Impact> {
        let privilege = &self.privilege;
        if privilege.reaches_secrets() {
            Some(Impact::ReachesSecrets)
        } else if !privilege.publishes.is_empty() {
            Some(Impact::ReachesRelease)
        } else if privilege.pushes_image.is_some() {
            Some(Impact::ReachesImage)
        } else {
            None
        }
    }

    /// Adds the hops from the trigger to the job.
    pub(crate) fn hops<'r, 'g>(&self, draft: Draft<'r, 'g>) -> Draft<'r, 'g> {
        let first = self.through.first().map_or(self.workflow, |(caller, _)| *caller);
        let mut draft = draft.via(ci::events(first), ci::trigger_place(first));
        for (caller, call) in self.through.iter().chain([&(self.workflow, self.job)]) {
            draft = draft.via(format!("job {}", call.id.value), Some(Place::new(caller.file, call.id.span)));
        }
        draft
    }

    /// The weight, then how many things are held: between two who run the same steps.
    fn rank(&self) -> (u8, usize) {
        (self.weight(), self.privilege.secrets.len() + self.privilege.writes.len())
    }

    /// How much there is to gain, for a choice among several. A release goes to everyone; what only
    /// holds secrets comes after it.
    pub(crate) fn weight(&self) -> u8 {
        self.privilege.weight()
    }
}

impl<'a> Run<'a> {
    /// One without anybody who runs it.
    pub(crate) fn new(home: Home, file: FileId) -> Self {
        Self {
            home,
            file,
            steps: &[],
            holder: None,
            action: None,
            template: None,
            stage: None,
            local: None,
            part: None,
            pasted: OnceCell::new(),
        }
    }

    /// Who runs it: its caller where it is a part of a file of commands.
    fn top(&self) -> &Self {
        self.part.as_ref().and_then(|part| part.caller.as_deref()).unwrap_or(self)
    }

    /// What movable or unverified code among the steps reaches.
    pub(crate) fn impact(&self) -> Option<Impact> {
        let top = self.top();
        match &top.stage {
            Some(stage) => stage.impact(),
            None => top.holder.as_ref().and_then(Holder::impact),
        }
    }

    /// How much there is to gain.
    pub(crate) fn weight(&self) -> u8 {
        if let Some(stage) = &self.top().stage {
            return stage.weight();
        }
        self.holder.as_ref().map_or(0, Holder::weight)
    }

    /// What is held and done, where it matters: ` in a job that holds ... and publishes by ...`.
    pub(crate) fn held(&self) -> String {
        if let Some(stage) = &self.top().stage {
            return stage.held();
        }
        match &self.holder {
            Some(holder) if holder.impact().is_some() => {
                format!(" in a job that {}", holder.privilege.clause())
            }
            _ => String::new(),
        }
    }

    /// Adds the hops from the trigger to the steps. Of a part of a file of commands it says what it is for,
    /// and keeps what people run by hand from weighing more than a note; see [`PartRun::route`].
    pub(crate) fn route<'r, 'g>(&self, scene: &Scene<'_>, mut draft: Draft<'r, 'g>) -> Draft<'r, 'g> {
        if let Some(part) = &self.part {
            return part.route(scene, draft);
        }
        if let Some(stage) = &self.stage {
            return stage.route(draft);
        }
        if let Some(local) = &self.local {
            return draft.via(local.title.clone(), Some(Place::new(self.file, local.script.span)));
        }
        if let Some(holder) = &self.holder {
            draft = holder.hops(draft);
            let Holder { workflow, job, privilege, .. } = holder;
            if let Some(action) = self.action {
                let folder = scene.sources.get(action.file).map(|f| f.path.parent()).unwrap_or_default();
                // The job's own step, also where that action uses this one.
                let step = job.steps.iter().find(|s| reached(scene, std::slice::from_ref(s)).contains(&folder));
                let place = step.and_then(|s| s.uses.as_ref()).map(|u| Place::new(workflow.file, u.span));
                draft = draft.via(format!("action ./{folder}"), place);
            }
            if let Some((_, template)) = self.template {
                draft =
                    draft.via(format!("template {}", template.id.value), Some(Place::new(self.file, template.id.span)));
            }
            if privilege.is_weighty() {
                draft =
                    draft.via(privilege.describe(), privilege.shown_at().map(|span| Place::new(workflow.file, span)));
            }
        }
        draft
    }

    /// The job that the steps are written in; none for those of actions and stages.
    pub(crate) fn job(&self) -> Option<(&'a Workflow, &'a Job)> {
        let own = self.holder.as_ref().filter(|_| self.action.is_none() && self.part.is_none());
        self.template.or_else(|| own.map(|holder| (holder.workflow, holder.job)))
    }

    /// The file, for findings that are gathered by file. Dockerfiles of one tree repeat each other, and
    /// what is said of one holds for all.
    pub(crate) fn one_file(&self) -> Option<FileId> {
        self.stage.is_none().then_some(self.file)
    }

    /// Whether nothing of a runner of CI is at hand: in an image, and on a developer's machine.
    pub(crate) fn is_off_runner(&self) -> bool {
        let top = self.top();
        top.stage.is_some() || top.local.is_some() || self.is_by_hand()
    }

    /// Whether it runs while an image is built, or in one.
    pub(crate) fn is_in_image(&self) -> bool {
        self.top().stage.is_some()
    }

    /// Whether nothing of the tree runs it, and no pipeline by its place: people do, on their machines.
    pub(crate) fn is_by_hand(&self) -> bool {
        self.part.as_ref().is_some_and(PartRun::is_by_hand)
    }

    /// Whether it runs where the tree's packages have been installed, as far as anybody runs it at all: on a
    /// developer's machine, and as a script of a package.
    pub(crate) fn is_after_install(&self) -> bool {
        let of_package = self.part.as_ref().is_some_and(|part| part.form == CommandForm::Package);
        self.top().local.is_some() || self.is_by_hand() || of_package
    }

    /// Whether an agent or editor runs it by itself, of which `agent-auto-command` speaks.
    pub(crate) fn is_of_agent(&self) -> bool {
        self.top().local.as_ref().is_some_and(|local| local.is_of_agent)
    }

    /// The scripts, in the order they run.
    pub(crate) fn scripts(&self) -> Vec<Piece<'a>> {
        let steps = self.steps.iter().flat_map(|step| {
            let scripts = step.run.iter().chain(&step.given);
            scripts.map(move |script| Piece {
                script,
                step: Some(step),
                folder: String::new(),
                name: Cow::Borrowed(""),
            })
        });
        let mut out: Vec<Piece<'a>> = steps.collect();
        out.extend(self.local.iter().map(|local| Piece {
            script: local.script,
            step: None,
            folder: String::new(),
            name: Cow::Borrowed("command"),
        }));
        out.extend(self.part.iter().map(|part| Piece {
            script: part.script,
            step: None,
            folder: String::new(),
            name: Cow::Owned(part.title.clone()),
        }));
        let mut folder = String::new();
        for instruction in self.stage.iter().flat_map(|s| &s.stage.instructions) {
            let (script, name) = match &instruction.kind {
                InstructionKind::Run { script, .. } => (script, "RUN"),
                InstructionKind::Start(script) => (script, "start of the image"),
                InstructionKind::Workdir(to) => {
                    // One that does not begin at the root goes on from the one before.
                    let rooted = to.value.starts_with(['/', '$']);
                    folder = if rooted { to.value.clone() } else { format!("{folder}/{}", to.value) };
                    if folder.len() > MAX_FOLDER {
                        folder.clear();
                    }
                    continue;
                }
                _ => continue,
            };
            out.push(Piece { script, step: None, folder: folder.clone(), name: Cow::Borrowed(name) });
        }
        out
    }
}

/// Who runs what, read off a scene once for all rules.
#[derive(Debug, Default)]
pub(crate) struct Runs<'a> {
    /// GitLab's jobs.
    gitlab: GitlabJobs<'a>,
    /// Every job's steps and every composite action's, then the stages of every Dockerfile, what runs on
    /// developers' machines, and the parts of files of commands.
    runs: Vec<Run<'a>>,
    /// How many of them are steps.
    of_steps: usize,
    /// Their indices.
    by_home: BTreeMap<Home, usize>,
}

impl<'a> Runs<'a> {
    /// Those of a scene, which need not hold them yet.
    pub(crate) fn of(scene: &Scene<'a>) -> Self {
        let calls = &scene.ci.calls;
        let gitlab = GitlabJobs::of(scene.documents);
        let of_gitlab = gitlab_holders(&gitlab);
        let mut runs: Vec<Run<'a>> = Vec::new();
        for (document, what) in scene.documents.iter().enumerate() {
            let Document::Workflow(workflow) = what else { continue };
            // Nobody runs the pipelines of a copy of somebody else's tree.
            if scene.role(workflow.file) == Role::Vendored {
                continue;
            }
            for (index, job) in workflow.jobs.iter().enumerate() {
                let found = of_gitlab.get(&(workflow.file, job.id.value.as_str())).cloned();
                let (holder, template) = found.unwrap_or_else(|| (holder(calls, workflow, job), None));
                let home = Home::Job { document, job: index };
                let run = Run::new(home, workflow.file);
                runs.push(Run { steps: &job.steps, holder: Some(holder), template, ..run });
            }
        }
        let holders = action_holders(scene, calls);
        for (document, what) in scene.documents.iter().enumerate() {
            let Document::Action(action) = what else { continue };
            let folder = scene.sources.get(action.file).map(|f| f.path.parent()).unwrap_or_default();
            let holder = holders.get(&folder).cloned();
            let run = Run::new(Home::Action { document }, action.file);
            runs.push(Run { steps: &action.steps, holder, action: Some(action), ..run });
        }
        let of_steps = runs.len();
        runs.extend(stage_runs(scene, calls));
        runs.extend(local_runs(scene));
        let parts = part_runs(scene, &runs);
        runs.extend(parts);
        let by_home = runs.iter().enumerate().map(|(index, run)| (run.home, index)).collect();
        Self { gitlab, runs, of_steps, by_home }
    }
}

impl Runs<'_> {
    /// What was left out, in sentences.
    pub(crate) fn cut(&self) -> impl Iterator<Item = &String> {
        self.gitlab.cut.iter()
    }
}

/// All lists of steps of the tree: every job's, and every composite action's.
pub(crate) fn runs<'a>(scene: &Scene<'a>) -> &'a [Run<'a>] {
    scene.runs.runs.get(..scene.runs.of_steps).unwrap_or(&[])
}

/// The same, the stages of every Dockerfile, the commands of hooks, agents and editors, and the parts of scripts,
/// Makefiles and their kin: each part once, under its weightiest caller.
pub(crate) fn all_runs<'a>(scene: &Scene<'a>) -> &'a [Run<'a>] {
    &scene.runs.runs
}

/// The run of a list of scripts; for a part of a file of commands that under its weightiest caller.
pub(crate) fn run_at<'a>(scene: &Scene<'a>, home: Home) -> Option<&'a Run<'a>> {
    scene.runs.runs.get(*scene.runs.by_home.get(&home)?)
}

/// Which jobs of the tree call which of its reusable workflows.
pub(crate) fn calls<'a>(scene: &Scene<'a>) -> &'a Calls<'a> {
    &scene.ci.calls
}

/// What the expressions of a run see: its job, or each job that uses the action.
pub(crate) fn environments<'a>(scene: &Scene<'a>, run: &Run<'a>) -> Vec<Environment<'a>> {
    let tree = tree(scene);
    match (run.action, &run.holder) {
        (Some(action), _) => {
            let uses = Environment::uses(tree, action);
            if uses.is_empty() { vec![Environment::of_action(tree, action)] } else { uses }
        }
        (None, Some(holder)) => vec![Environment::of_job(tree, holder.workflow, holder.job, None)],
        (None, None) => Vec::new(),
    }
}

/// The workflows and actions of the tree, for what their expressions may hold.
pub(crate) fn tree<'a>(scene: &Scene<'a>) -> &'a Tree<'a> {
    scene.ci
}

/// GitLab's jobs of the tree.
pub(crate) fn gitlab<'a>(scene: &Scene<'a>) -> &'a GitlabJobs<'a> {
    &scene.runs.gitlab
}

/// By file and job: who runs its steps, and the job itself where others take it over.
type GitlabHolders<'a> = BTreeMap<(FileId, &'a str), (Holder<'a>, Option<(&'a Workflow, &'a Job)>)>;

/// Who runs the steps of each GitLab job: itself, and for one that others take over the weightiest of
/// these, with the job that was taken over.
fn gitlab_holders<'a>(jobs: &GitlabJobs<'a>) -> GitlabHolders<'a> {
    let mut out = GitlabHolders::new();
    for whole in jobs.iter() {
        let Whole { workflow, job, .. } = whole;
        let privilege = jobs.privilege(workflow, job);
        let own = Holder { workflow, job, privilege, through: Vec::new() };
        if !whole.more.is_hidden {
            for taken in jobs.above(workflow, job) {
                let key = (taken.workflow.file, taken.job.id.value.as_str());
                let is_hidden = taken.more.is_hidden;
                let lighter =
                    |known: &(Holder<'_>, Option<(&Workflow, &Job)>)| known.1.is_none() || known.0.rank() < own.rank();
                if is_hidden && out.get(&key).is_none_or(lighter) {
                    out.insert(key, (own.clone(), Some((taken.workflow, taken.job))));
                }
            }
        }
        let key = (workflow.file, job.id.value.as_str());
        out.entry(key).or_insert((own, None));
    }
    out
}

/// For each folder of an action, the weightiest job that reaches it, through other actions of the
/// tree too. Jobs go in order of weight and each folder is entered once, so that ten thousand jobs
/// over a chain of actions cost no more than the files they stand in.
fn action_holders<'a>(scene: &Scene<'a>, calls: &Calls<'a>) -> BTreeMap<RepoPath, Holder<'a>> {
    let mut inside: BTreeMap<RepoPath, Vec<RepoPath>> = BTreeMap::new();
    for action in scene.actions() {
        if let Some(file) = scene.sources.get(action.file) {
            inside.entry(file.path.parent()).or_default().extend(local_actions(&action.steps));
        }
    }
    let users = scene.jobs().filter(|(_, job)| local_actions(&job.steps).next().is_some());
    let mut users: Vec<Holder<'a>> = users.map(|(workflow, job)| holder(calls, workflow, job)).collect();
    // Stable: of equals the first of the files speaks.
    users.sort_by_key(|holder| std::cmp::Reverse(holder.weight()));
    let mut out = BTreeMap::new();
    for holder in users {
        let mut queue: Vec<RepoPath> = local_actions(&holder.job.steps).collect();
        while let Some(folder) = queue.pop() {
            if out.contains_key(&folder) {
                continue;
            }
            queue.extend(inside.get(&folder).into_iter().flatten().cloned());
            out.insert(folder, holder.clone());
        }
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

/// A job with what it holds. Who calls its reusable workflow decides what is handed to it; each
/// caller is judged by itself, and the one that hands over most is told.
pub(crate) fn holder<'a>(calls: &Calls<'a>, workflow: &'a Workflow, job: &'a Job) -> Holder<'a> {
    holder_under(calls, workflow, job, "")
}

/// The same for one step: callers under whose events its condition never holds come last.
pub(crate) fn holder_under<'a>(calls: &Calls<'a>, workflow: &'a Workflow, job: &'a Job, condition: &str) -> Holder<'a> {
    let Held { privilege, through } = held(calls, workflow, job, condition);
    Holder { workflow, job, privilege, through }
}

/// Whether an event is one that a stranger causes and that runs with the repository's own rights.
pub(crate) fn is_stranger_event(event: &str) -> bool {
    ci::STRANGER_EVENTS.contains(&event)
}
