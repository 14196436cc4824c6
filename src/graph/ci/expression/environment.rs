//! Where an expression stands: the workflow, job and step around it, the action and who uses it.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::graph::Document;
use crate::graph::ci::calls::Calls;
use crate::graph::kinds::commands::CommandForm;
use crate::graph::kinds::workflow::{ActionDefinition, Job, Script, Service, Step, Uses, Workflow};
use crate::source::{FileId, RepoPath, Sources};

/// Uses of one action looked at; more of them hand over the same.
const MAX_USES: usize = 24;
/// Actions followed into actions. GitHub allows ten levels.
const MAX_LEVELS: usize = 10;

/// Work that all questions about a tree may cost together. Large real trees take a tenth.
const MAX_TREE_WORK: usize = 4_000_000;
/// What a question may cost once that is spent: enough for a context and what hands it on.
const LEAST_WORK: usize = 64;

/// The workflows and actions of a tree, by where they are.
#[derive(Debug, Default)]
pub(crate) struct Tree<'a> {
    /// Who calls which reusable workflow.
    pub(crate) calls: Calls<'a>,
    workflows: BTreeMap<RepoPath, &'a Workflow>,
    actions: BTreeMap<RepoPath, &'a ActionDefinition>,
    users: BTreeMap<FileId, Vec<User<'a>>>,
    scripts: BTreeMap<FileId, &'a Script>,
    /// Work that questions have cost.
    spent: Cell<usize>,
}

/// A step that uses an action of the tree.
#[derive(Debug, Clone, Copy)]
struct User<'a> {
    holder: Holder<'a>,
    step: &'a Step,
}

/// Whose steps they are.
#[derive(Debug, Clone, Copy)]
enum Holder<'a> {
    Job(&'a Workflow, &'a Job),
    Action(&'a ActionDefinition),
}

/// Where an expression stands.
#[derive(Debug, Clone)]
pub(crate) struct Environment<'a> {
    pub(super) tree: &'a Tree<'a>,
    /// The file it stands in.
    pub(crate) file: FileId,
    /// The workflow, its own or that of the job that uses the action.
    pub(crate) workflow: Option<&'a Workflow>,
    /// The job, its own or the one that uses the action.
    pub(crate) job: Option<&'a Job>,
    /// The composite action it stands in.
    pub(crate) action: Option<&'a ActionDefinition>,
    /// The steps beside it.
    pub(super) steps: &'a [Step],
    /// Its step; none for what holds for the whole job, which sees all steps.
    pub(super) step: Option<&'a Step>,
    /// Which `env` is seen: values of `env` themselves see those outside of them.
    pub(super) level: Level,
    /// The step that uses the action.
    pub(super) user: Option<Rc<Environment<'a>>>,
    /// Called by others than the jobs of the tree as well.
    pub(super) is_open: bool,
}

/// The innermost `env` that is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Step,
    Job,
    Workflow,
    Outside,
}

impl<'a> Tree<'a> {
    /// Reads it off the documents.
    pub(crate) fn of(documents: &'a [Document], sources: &Sources) -> Self {
        let mut out = Self { calls: Calls::of(documents, sources), ..Self::default() };
        for document in documents {
            match document {
                Document::Workflow(workflow) if workflow.service == Service::GitHub => {
                    if let Some(file) = sources.get(workflow.file) {
                        out.workflows.insert(file.path.clone(), workflow);
                    }
                }
                Document::Action(action) => {
                    if let Some(file) = sources.get(action.file) {
                        out.actions.insert(file.path.parent(), action);
                    }
                }
                Document::Commands(found) if found.form == CommandForm::Shell => {
                    if let Some(script) = found.blocks.iter().find_map(|block| block.script.as_ref()) {
                        out.scripts.insert(found.file, script);
                    }
                }
                _ => {}
            }
        }
        let jobs = out.workflows.values().flat_map(|w| w.jobs.iter().map(|job| (Holder::Job(w, job), &job.steps)));
        let actions = out.actions.values().map(|action| (Holder::Action(action), &action.steps));
        let all: Vec<_> =
            jobs.chain(actions).flat_map(|(holder, steps)| steps.iter().map(move |s| (holder, s))).collect();
        for (holder, step) in all {
            let Some(action) = out.action(step) else { continue };
            let users = out.users.entry(action.file).or_default();
            if users.len() < MAX_USES {
                users.push(User { holder, step });
            }
        }
        out
    }

    /// What a question may cost that wants to cost `most`.
    pub(super) fn may_cost(&self, most: usize) -> usize {
        MAX_TREE_WORK.saturating_sub(self.spent.get()).clamp(LEAST_WORK.min(most), most)
    }

    /// Charges what a question cost.
    pub(super) fn charge(&self, cost: usize) {
        self.spent.set(self.spent.get().saturating_add(cost));
    }

    /// What was left out, in a sentence; none where every question was answered as far as it goes.
    pub(crate) fn cut(&self) -> Option<String> {
        (self.spent.get() >= MAX_TREE_WORK).then(|| {
            "expressions of workflows lead to more outputs and variables than are followed; what some of them hold is \
             unknown"
                .to_owned()
        })
    }

    /// The action of the tree that a step uses.
    pub(crate) fn action(&self, step: &Step) -> Option<&'a ActionDefinition> {
        match &step.uses.as_ref()?.value {
            Uses::Local(path) => self.actions.get(&RepoPath::new(path)?).copied(),
            _ => None,
        }
    }

    /// The shell script in a file of the tree.
    pub(crate) fn script(&self, file: FileId) -> Option<&'a Script> {
        self.scripts.get(&file).copied()
    }

    /// The reusable workflow of the tree that a job calls.
    pub(crate) fn called(&self, job: &Job) -> Option<&'a Workflow> {
        match &job.uses.as_ref()?.value {
            Uses::Local(path) => self.workflows.get(&RepoPath::new(path)?).copied(),
            _ => None,
        }
    }
}

impl<'a> Environment<'a> {
    /// Of a job, seen from one of its steps or from the job itself.
    pub(crate) fn of_job(tree: &'a Tree<'a>, workflow: &'a Workflow, job: &'a Job, step: Option<&'a Step>) -> Self {
        let level = if step.is_some() { Level::Step } else { Level::Job };
        Self {
            tree,
            file: workflow.file,
            workflow: Some(workflow),
            job: Some(job),
            action: None,
            steps: &job.steps,
            step,
            level,
            user: None,
            is_open: false,
        }
    }

    /// Of a composite action that nobody in the tree uses.
    pub(crate) fn of_action(tree: &'a Tree<'a>, action: &'a ActionDefinition) -> Self {
        Self {
            tree,
            file: action.file,
            workflow: None,
            job: None,
            action: Some(action),
            steps: &action.steps,
            step: None,
            level: Level::Step,
            user: None,
            is_open: false,
        }
    }

    /// Of a workflow itself.
    pub(crate) fn of_workflow(tree: &'a Tree<'a>, workflow: &'a Workflow) -> Self {
        Self {
            tree,
            file: workflow.file,
            workflow: Some(workflow),
            job: None,
            action: None,
            steps: &[],
            step: None,
            level: Level::Workflow,
            user: None,
            is_open: false,
        }
    }

    /// Of a composite action, once for each step that leads to it from a job.
    pub(crate) fn uses(tree: &'a Tree<'a>, action: &'a ActionDefinition) -> Vec<Self> {
        let mut out = Vec::new();
        collect(tree, action, MAX_LEVELS, &mut out);
        out
    }

    /// The same, where anybody may call the reusable workflow: what its inputs hold is then not in the files.
    pub(crate) fn open(self) -> Self {
        Self { is_open: true, ..self }
    }

    /// The same, seen from a step.
    pub(crate) fn at(&self, step: &'a Step) -> Self {
        Self { step: Some(step), level: Level::Step, ..self.clone() }
    }

    /// The step of the job that leads here: its own, or the one that uses the action.
    pub(crate) fn outer_step(&self) -> Option<&'a Step> {
        self.user.as_ref().map_or(self.step, |user| user.outer_step())
    }

    pub(super) fn seen_from(&self, level: Level) -> Self {
        Self { level, ..self.clone() }
    }

    /// Inside of an action that a step of this environment uses.
    pub(super) fn inside(&self, action: &'a ActionDefinition, step: &'a Step) -> Self {
        Self {
            file: action.file,
            action: Some(action),
            steps: &action.steps,
            step: None,
            level: Level::Step,
            user: Some(Rc::new(self.at(step))),
            ..self.clone()
        }
    }

    /// Steps that ran before.
    pub(super) fn before(&self) -> &'a [Step] {
        let end = self.step.and_then(|own| self.steps.iter().position(|s| std::ptr::eq(s, own)));
        end.and_then(|end| self.steps.get(..end)).unwrap_or(self.steps)
    }
}

fn collect<'a>(tree: &'a Tree<'a>, action: &'a ActionDefinition, depth: usize, out: &mut Vec<Environment<'a>>) {
    if depth == 0 {
        return;
    }
    for user in tree.users.get(&action.file).into_iter().flatten() {
        if out.len() >= MAX_USES {
            return;
        }
        match user.holder {
            Holder::Job(workflow, job) => {
                out.push(Environment::of_job(tree, workflow, job, None).inside(action, user.step));
            }
            Holder::Action(outer) if outer.file != action.file => {
                let mut above = Vec::new();
                collect(tree, outer, depth - 1, &mut above);
                out.extend(above.into_iter().map(|environment| environment.inside(action, user.step)));
            }
            Holder::Action(_) => {}
        }
    }
    out.truncate(MAX_USES);
}
