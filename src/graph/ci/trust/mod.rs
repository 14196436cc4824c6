//! What continuous integration trusts, over all workflow files of a tree: who can cause a job, whose code it
//! runs, what it holds, which caches and artifacts it writes and reads, and which jobs take them from it.
//!
//! Made once, like the view of images. It says what is there and what leads where; that something is bad is
//! said by rules.

pub(in crate::graph) mod artifacts;
mod caches;
mod checkout;
mod executed;
mod flows;
mod handed;
mod intrusions;
mod keys;
mod readers;
mod scope;
mod steps;
mod taken;
#[cfg(test)]
mod tests;
mod tools;
mod version;

use std::collections::BTreeMap;

pub(crate) use artifacts::{Download, From, Upload};
pub(crate) use caches::CacheUse;
pub(crate) use checkout::{Checkout, Guard};
pub(crate) use executed::{Course, executes};
pub(crate) use flows::{ArtifactFlow, CacheFlow, Origin};
pub(crate) use intrusions::{Brought, Intrusion};
pub(crate) use scope::CacheToken;
pub(crate) use steps::{Actions, Placed};
pub(crate) use taken::{How, Taken};

use self::checkout::{Around, constant};
use super::causes::{Cause, causes};
use super::condition::Passage;
use super::expression::Tree;
use super::held::{Held, held};
use super::{Privilege, STRANGER_EVENTS};
use crate::graph::Document;
use crate::graph::kinds::workflow::{Job, Service, Step, Workflow};
use crate::source::{FileId, Place, Sources};

/// Checkouts, downloads and texts of one job that are followed; longer jobs are made by machines.
const MAX_FOLLOWED: usize = 64;

/// Who can cause a job, the least trusted of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    /// Anybody, and it runs with the repository's rights.
    Stranger,
    /// Anybody, once somebody trusted has agreed: a label, a role, a comment by a member.
    StrangerAfterGate,
    /// Anybody, without rights and secrets: the pull request of a fork.
    Fork,
    /// Who may push.
    Contributor,
    /// A clock.
    Schedule,
    /// Nobody, as far as the files say.
    Nobody,
}

impl Who {
    /// In words.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Stranger => "a stranger",
            Self::StrangerAfterGate => "a stranger, once somebody trusted agrees",
            Self::Fork => "a stranger, without rights",
            Self::Contributor => "who may push",
            Self::Schedule => "a schedule",
            Self::Nobody => "nobody",
        }
    }
}

/// A job and what it trusts.
#[derive(Debug, Clone)]
pub(crate) struct JobTrust {
    /// Index of the workflow's document.
    pub(crate) document: usize,
    /// Index of the job.
    pub(crate) job: usize,
    /// The workflow's file.
    pub(crate) file: FileId,
    /// The job's name and where it stands.
    pub(crate) id: (String, Place),
    /// The events that lead to it.
    pub(crate) causes: Vec<Cause>,
    /// The least trusted who can cause it.
    pub(crate) who: Who,
    /// What it holds, its callers considered.
    pub(crate) privilege: Privilege,
    /// A stranger's code that runs in it, the worst first.
    pub(crate) intrusions: Vec<Intrusion>,
    /// Strangers' commits that lie in it and that nothing known runs.
    pub(crate) brought: Vec<Brought>,
    /// What it does with the cache.
    pub(crate) caches: Vec<CacheUse>,
    /// Artifacts it leaves.
    pub(crate) uploads: Vec<Upload>,
    /// Artifacts it takes.
    pub(crate) downloads: Vec<Download>,
    /// For each of these what it does with it, if that is more than reading.
    pub(crate) taken: Vec<Option<Taken>>,
    /// For each of these the steps whose outputs hold what a file of it says, where it is only read.
    says: Vec<Vec<String>>,
    /// It is longer than is followed.
    is_cut: bool,
}

impl JobTrust {
    /// The events under which a stranger causes the job with the repository's rights.
    pub(crate) fn stranger_causes(&self) -> impl Iterator<Item = (usize, &Cause)> {
        self.causes.iter().enumerate().filter(|(_, cause)| STRANGER_EVENTS.contains(&cause.event.as_str()))
    }
}

/// What continuous integration trusts.
#[derive(Debug, Default)]
pub(crate) struct TrustView {
    /// Every job of GitHub's workflows, in the order of documents and jobs.
    pub(crate) jobs: Vec<JobTrust>,
    /// Caches that a stranger's code can fill and a job of weight takes.
    pub(crate) caches: Vec<CacheFlow>,
    /// Artifacts that a stranger can make and a job does more with than reading.
    pub(crate) artifacts: Vec<ArtifactFlow>,
    /// What was left out, in sentences.
    pub(crate) cut: Vec<String>,
    by_place: BTreeMap<(FileId, u64), usize>,
    /// The workflows whose runs start another by `workflow_run`, by that one's file.
    causing: BTreeMap<FileId, Vec<usize>>,
}

impl TrustView {
    /// Reads it off the documents.
    pub(crate) fn build<'a>(documents: &'a [Document], sources: &Sources, tree: &'a Tree<'a>) -> Self {
        let calls = &tree.calls;
        let mut actions = Actions::of(documents, sources);
        let mut out = Self::default();
        for (document, workflow) in workflows(documents) {
            for (index, job) in workflow.jobs.iter().enumerate() {
                let steps = actions.placed(workflow.file, &job.steps);
                let around = Around { sources, tree, calls, workflow, job };
                out.by_place.insert((workflow.file, job.id.span.start), out.jobs.len());
                out.jobs.push(job_trust(&around, document, index, &steps));
            }
        }
        if actions.is_cut {
            out.cut.push(
                "workflows use more steps of composite actions than are followed; caches, artifacts and checkouts in the rest are unknown"
                    .to_owned(),
            );
        }
        let long = out.jobs.iter().filter(|job| job.is_cut).map(|job| job.id.0.as_str());
        let long: Vec<&str> = long.take(3).collect();
        if !long.is_empty() {
            out.cut.push(format!(
                "jobs have more checkouts, downloads or steps than are followed, {} among them; what strangers reach in the rest is unknown",
                long.join(", ")
            ));
        }
        out.cut.extend(tree.cut());
        handed::follow(documents, &mut out.jobs);
        let flows = flows::Flows::new(documents, sources, &out.jobs);
        (out.caches, out.artifacts) = (flows.caches(), flows.artifacts());
        out.causing = flows.causing;
        out
    }

    /// The job that stands at a place.
    pub(crate) fn of(&self, workflow: &Workflow, job: &Job) -> Option<&JobTrust> {
        self.jobs.get(*self.by_place.get(&(workflow.file, job.id.span.start))?)
    }

    /// The workflows, by index of their documents, whose runs a download of a job takes from.
    pub(crate) fn sources_of(&self, job: &JobTrust, download: &Download) -> &[usize] {
        let started = job.causes.iter().filter(|_| download.from == From::Cause).find(|c| c.event == "workflow_run");
        started.and_then(|cause| self.causing.get(&cause.place.file)).map_or(&[], Vec::as_slice)
    }

    /// The workflows, by index of their documents, whose runs start those of a file by `workflow_run`.
    pub(crate) fn causing(&self, file: FileId) -> &[usize] {
        self.causing.get(&file).map_or(&[], Vec::as_slice)
    }

    /// The job at a position among [`Self::jobs`].
    pub(crate) fn job(&self, at: usize) -> Option<&JobTrust> {
        self.jobs.get(at)
    }
}

/// The steps of a job where they stand: actions of the tree count as one step.
pub(crate) fn as_written(file: FileId, steps: &[Step]) -> Vec<Placed<'_>> {
    let placed = |(top, step)| Placed { step, file, top, through: Vec::new() };
    steps.iter().enumerate().map(placed).collect()
}

/// Whether a program runs what lies in the folder it is started in.
pub(crate) fn runs_tree(program: &str) -> bool {
    program == "cargo" || tools::program(program).is_some()
}

/// GitHub's workflows with the index of their documents.
fn workflows(documents: &[Document]) -> impl Iterator<Item = (usize, &Workflow)> {
    documents.iter().enumerate().filter_map(|(index, document)| match document {
        Document::Workflow(workflow) if workflow.service == Service::GitHub => Some((index, workflow)),
        _ => None,
    })
}

fn job_trust(around: &Around<'_, '_>, document: usize, index: usize, steps: &[Placed<'_>]) -> JobTrust {
    let (workflow, job) = (around.workflow, around.job);
    let causes = causes(around.calls, workflow, job);
    let Held { privilege, .. } = held(around.calls, workflow, job, "");
    let mut out = JobTrust {
        document,
        job: index,
        file: workflow.file,
        id: (job.id.value.clone(), Place::new(workflow.file, job.id.span)),
        who: who(&causes),
        privilege,
        intrusions: Vec::new(),
        brought: Vec::new(),
        caches: Vec::new(),
        uploads: Vec::new(),
        downloads: Vec::new(),
        taken: Vec::new(),
        says: Vec::new(),
        is_cut: false,
        causes,
    };
    for (at, placed) in steps.iter().enumerate() {
        let known = |name: &str| constant(around, placed, name);
        out.caches.extend(caches::uses(placed, around.sources, &known, &job.id.value));
        out.uploads.extend(artifacts::upload(placed));
        out.downloads.extend(artifacts::downloads(placed, at, around.sources, &known));
    }
    let course = Course::of(steps);
    if out.stranger_causes().next().is_some() {
        intrusions::find(around, &course, &mut out);
    }
    let followed =
        |(at, download)| if at < MAX_FOLLOWED { taken::taken(&course, download) } else { (None, Vec::new()) };
    (out.taken, out.says) = out.downloads.iter().enumerate().map(followed).unzip();
    let long = !out.downloads.is_empty() && steps.len() > taken::MAX_STEPS;
    out.is_cut |= long || out.downloads.len().max(out.intrusions.len() + out.brought.len()) >= MAX_FOLLOWED;
    out
}

fn who(causes: &[Cause]) -> Who {
    let of = |cause: &Cause| match (cause.event.as_str(), cause.passage) {
        (event, Passage::Open) if STRANGER_EVENTS.contains(&event) => Who::Stranger,
        (event, _) if STRANGER_EVENTS.contains(&event) => Who::StrangerAfterGate,
        ("pull_request" | "pull_request_review" | "pull_request_review_comment", _) => Who::Fork,
        ("schedule", _) => Who::Schedule,
        _ => Who::Contributor,
    };
    causes.iter().map(of).min().unwrap_or(Who::Nobody)
}
