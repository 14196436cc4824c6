//! Which names GitHub's lock holds for whom. It holds them for the workflows it lists, and for no others; an
//! action of the tree runs in the workflows that use it.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::kinds::workflow::{Step, Uses};
use crate::rules::Scene;
use crate::rules::workflow::reach::Run;
use crate::source::{FileId, RepoPath};

/// For each folder of an action of the tree, the workflows that come to use it.
#[derive(Debug, Default)]
pub(super) struct Held {
    users: BTreeMap<RepoPath, BTreeSet<FileId>>,
}

impl Held {
    pub(super) fn of(scene: &Scene<'_>) -> Self {
        let mut out = Self::default();
        if scene.actions_lock().is_none() {
            return out;
        }
        let mut inside: BTreeMap<RepoPath, Vec<RepoPath>> = BTreeMap::new();
        for action in scene.actions() {
            if let Some(file) = scene.sources.get(action.file) {
                inside.entry(file.path.parent()).or_default().extend(local(&action.steps));
            }
        }
        for workflow in scene.workflows() {
            let mut queue: Vec<RepoPath> = workflow.jobs.iter().flat_map(|job| local(&job.steps)).collect();
            while let Some(folder) = queue.pop() {
                if out.users.entry(folder.clone()).or_default().insert(workflow.file) {
                    queue.extend(inside.get(&folder).into_iter().flatten().cloned());
                }
            }
        }
        out
    }

    /// Whether the lock holds what a run uses, wherever it runs.
    pub(super) fn is_held(&self, scene: &Scene<'_>, run: &Run<'_>, used: &Uses) -> bool {
        let path = |file: FileId| scene.sources.get(file).map(|file| &file.path);
        let holds = |file: FileId| path(file).is_some_and(|path| scene.pins.is_held(path, used));
        if run.action.is_none() {
            return holds(run.file);
        }
        let users = path(run.file).and_then(|path| self.users.get(&path.parent()));
        users.is_some_and(|users| users.iter().all(|file| holds(*file)))
    }
}

fn local(steps: &[Step]) -> impl Iterator<Item = RepoPath> {
    steps.iter().filter_map(|step| match &step.uses.as_ref()?.value {
        Uses::Local(path) => RepoPath::new(path),
        _ => None,
    })
}
