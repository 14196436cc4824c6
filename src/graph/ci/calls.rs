//! Which jobs call which reusable workflows of the tree.

use std::collections::BTreeMap;

use super::condition::Passage;
use super::needs::Needs;
use crate::graph::Document;
use crate::graph::kinds::workflow::{Job, Uses, Workflow};
use crate::source::{FileId, RepoPath, Sources};

/// Callers of one workflow looked at; more of them would be generated, and say the same.
const MAX_CALLERS: usize = 64;

/// Which jobs call which reusable workflows, and wait for which jobs.
#[derive(Debug, Default)]
pub(crate) struct Calls<'a> {
    /// Callers, by the called file.
    callers: BTreeMap<FileId, Vec<(&'a Workflow, &'a Job)>>,
    /// What jobs wait for, by the file of their workflow.
    needs: BTreeMap<FileId, Needs>,
}

impl<'a> Calls<'a> {
    /// Reads them off the workflows.
    pub(crate) fn of(documents: &'a [Document], sources: &Sources) -> Self {
        let mut out: BTreeMap<FileId, Vec<(&'a Workflow, &'a Job)>> = BTreeMap::new();
        let workflows = || documents.iter().filter_map(|d| if let Document::Workflow(w) = d { Some(w) } else { None });
        for (workflow, job) in workflows().flat_map(|w| w.jobs.iter().map(move |j| (w, j))) {
            let Some(Uses::Local(path)) = job.uses.as_ref().map(|u| &u.value) else { continue };
            let Some(file) = RepoPath::new(path).and_then(|path| sources.by_path(&path)) else { continue };
            let callers = out.entry(file.id).or_default();
            if callers.len() < MAX_CALLERS {
                callers.push((workflow, job));
            }
        }
        let needs = workflows().map(|workflow| (workflow.file, Needs::of(workflow))).collect();
        Self { callers: out, needs }
    }

    /// What the condition of a job and those of the jobs it needs leave of an event.
    pub(crate) fn passage(&self, workflow: &Workflow, job: &Job, event: &str) -> Passage {
        self.needs.get(&workflow.file).map_or(Passage::Open, |needs| needs.passage(job, event))
    }

    /// The jobs that call a workflow.
    pub(crate) fn to(&self, called: &Workflow) -> &[(&'a Workflow, &'a Job)] {
        if called.triggers.iter().any(|t| t.name.value == "workflow_call") {
            self.callers.get(&called.file).map_or(&[], Vec::as_slice)
        } else {
            &[]
        }
    }
}
