//! What the jobs of a workflow wait for, by position: a workflow may have thousands of jobs, and each is
//! asked about for each event.

use std::collections::{BTreeMap, BTreeSet};

use super::causes::{checks_permission, narrower};
use super::condition::{Condition, Passage};
use crate::graph::kinds::workflow::{Job, Workflow};

/// Jobs looked at along `needs`.
const MAX_NEEDS: usize = 64;

/// What the jobs of one workflow wait for.
#[derive(Debug)]
pub(super) struct Needs {
    /// By the start of a job's name: its position among the jobs.
    at: BTreeMap<u64, usize>,
    /// For each job, the jobs it needs.
    of: Vec<Vec<usize>>,
    /// For each job, whether it looks up what the person may do.
    checks: Vec<bool>,
    /// For each job, its condition.
    conditions: Vec<Condition>,
}

impl Needs {
    /// Reads them off a workflow.
    pub(super) fn of(workflow: &Workflow) -> Self {
        let jobs = || workflow.jobs.iter().enumerate();
        let mut by_name: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, job) in jobs() {
            by_name.entry(&job.id.value).or_insert(index);
        }
        let needed =
            |job: &Job| job.needs.iter().filter_map(|need| by_name.get(need.value.as_str()).copied()).collect();
        let condition = |job: &Job| Condition::of(job.condition.as_ref().map_or("", |c| c.value.as_str()));
        Self {
            conditions: workflow.jobs.iter().map(condition).collect(),
            at: jobs().map(|(index, job)| (job.id.span.start, index)).collect(),
            of: workflow.jobs.iter().map(needed).collect(),
            checks: workflow.jobs.iter().map(|job| checks_permission(&job.steps, job.steps.len())).collect(),
        }
    }

    /// What the condition of a job and those of the jobs it needs leave of an event.
    pub(super) fn passage(&self, job: &Job, event: &str) -> Passage {
        let mut sum = Passage::Open;
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        let first = self.at.get(&job.id.span.start).copied();
        let mut queue: Vec<usize> = first.into_iter().collect();
        while let Some(index) = queue.pop() {
            let Some(condition) = self.conditions.get(index) else { continue };
            // Real chains are short. Beyond the bound nothing more is excused, so that a long one costs
            // no cubic time and silences nothing.
            if seen.len() >= MAX_NEEDS {
                break;
            }
            if !seen.insert(index) {
                continue;
            }
            sum = narrower(sum, condition.passage(event));
            // A needed job that looks up what the person may do, and fails or says so, holds this one back.
            if Some(index) != first && self.checks.get(index) == Some(&true) {
                sum = narrower(sum, Passage::Gated);
            }
            // A job that runs whatever became of the others is not held back by them.
            if condition.runs_anyway() {
                continue;
            }
            queue.extend(self.of.get(index).into_iter().flatten());
        }
        sum
    }
}
