//! What continuous integration trusts, over all workflow files of a tree: who can cause a job, whose code it
//! runs, what it holds, which caches and artifacts it writes and reads, and which jobs take them from it.
//!
//! Made once, like the view of images. It says what is there and what leads where; that something is bad is
//! said by rules.

mod artifacts;
mod caches;
mod checkout;
mod executed;
mod flows;
mod keys;
mod readers;
mod scope;
mod steps;
mod taken;
mod tools;
mod version;

use std::collections::BTreeMap;

pub(crate) use artifacts::{Download, From, Upload};
pub(crate) use caches::CacheUse;
pub(crate) use checkout::{Checkout, Guard};
pub(crate) use executed::Executed;
pub(crate) use flows::{ArtifactFlow, CacheFlow, Origin};
pub(crate) use scope::CacheToken;
pub(crate) use taken::{How, Taken};

use self::checkout::{Around, constant};
use self::steps::{Actions, Placed};
use super::causes::{Cause, causes, checks_permission, narrower};
use super::condition::Passage;
use super::expression::{Environment, Tree, Value, expressions, value};
use super::held::{Held, held};
use super::{Privilege, STRANGER_EVENTS};
use crate::graph::Document;
use crate::graph::kinds::workflow::{Job, Service, Step, Workflow};
use crate::source::{FileId, Place, Sources};

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

/// How a stranger's code comes to run in a job.
#[derive(Debug, Clone)]
pub(crate) struct Intrusion {
    /// The event, by position among the job's causes.
    pub(crate) cause: usize,
    /// What conditions leave of it.
    pub(crate) passage: Passage,
    /// The checkout of the stranger's commit; none where a text of theirs becomes code.
    pub(crate) checkout: Option<Checkout>,
    /// The newer versions of `actions/checkout` refuse it.
    pub(crate) is_refused: bool,
    /// What runs.
    pub(crate) runs: Executed,
}

/// A stranger's commit that a job checks out and that nothing known runs.
#[derive(Debug, Clone)]
pub(crate) struct Brought {
    /// The event, by position among the job's causes.
    pub(crate) cause: usize,
    /// What conditions leave of it.
    pub(crate) passage: Passage,
    /// The checkout.
    pub(crate) checkout: Checkout,
    /// The newer versions of `actions/checkout` refuse it.
    pub(crate) is_refused: bool,
    /// A later step uses something of which is not known what it does with it.
    pub(crate) is_unclear: bool,
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
    pub(crate) fn build(documents: &[Document], sources: &Sources) -> Self {
        let tree = Tree::of(documents, sources);
        let calls = &tree.calls;
        let mut actions = Actions::of(documents, sources);
        let mut out = Self::default();
        for (document, workflow) in workflows(documents) {
            for (index, job) in workflow.jobs.iter().enumerate() {
                let steps = actions.placed(workflow.file, &job.steps);
                let around = Around { sources, tree: &tree, calls, workflow, job };
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
        let flows = flows::Flows::new(documents, sources, calls, &out.jobs);
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

/// What a step of a job runs of the tree in `folder`, which the step at the position `since` put there. Actions
/// of the tree count as one step.
pub(crate) fn executed(file: FileId, steps: &[Step], at: usize, folder: &str, since: usize) -> Option<Executed> {
    let placed = |(top, step)| Placed { step, file, top, through: Vec::new() };
    let steps: Vec<Placed<'_>> = steps.iter().enumerate().map(placed).collect();
    executed::executes(&steps, at, folder, since)
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
        causes,
    };
    for (at, placed) in steps.iter().enumerate() {
        let known = |name: &str| constant(around, placed, name);
        out.caches.extend(caches::uses(placed, around.sources, &known, &job.id.value));
        out.uploads.extend(artifacts::upload(placed));
        out.downloads.extend(artifacts::downloads(placed, at, around.sources, &known));
    }
    if out.stranger_causes().next().is_some() {
        intrude(around, steps, &mut out);
    }
    out.taken = out.downloads.iter().map(|download| taken::taken(steps, download)).collect();
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

/// Finds a stranger's code in a job.
fn intrude(around: &Around<'_, '_>, steps: &[Placed<'_>], out: &mut JobTrust) {
    let stranger: Vec<(usize, &Cause)> = out.stranger_causes().collect();
    let (mut intrusions, mut brought) = (Vec::new(), Vec::new());
    for (at, placed) in steps.iter().enumerate() {
        if let Some(found) = checkout::checkout(around, steps, at) {
            // What is left of the event, and whether the newer versions of the action refuse it.
            let each = stranger.iter().map(|(index, cause)| {
                let guarded = matches!(cause.event.as_str(), "pull_request_target" | "workflow_run");
                (*index, left(around, placed, cause), guarded && found.guard == Guard::Present)
            });
            let rank = |(_, passage, refused): &(usize, Passage, bool)| (!refused, *passage == Passage::Open);
            let best = each
                .filter(|(_, passage, _)| *passage != Passage::Closed)
                .reduce(|a, b| if rank(&b) > rank(&a) { b } else { a });
            let Some((cause, passage, is_refused)) = best else { continue };
            let event = out.causes.get(cause).map_or("", |c| c.event.as_str());
            match first_run(around, steps, at, &found, event) {
                Some(runs) => {
                    intrusions.push(Intrusion { cause, passage, checkout: Some(found), is_refused, runs });
                }
                None => {
                    let is_unclear = steps
                        .iter()
                        .skip(at + 1)
                        .any(|later| later.passage(event) != Passage::Closed && !readers::only_reads(later));
                    brought.push(Brought { cause, passage, checkout: found, is_refused, is_unclear });
                }
            }
        }
        intrusions.extend(injection(around, steps, at, &stranger));
    }
    (out.intrusions, out.brought) = (intrusions, brought);
}

/// What conditions leave of an event at a step, those of the steps around it and of earlier ones that look up
/// what the person may do.
fn left(around: &Around<'_, '_>, placed: &Placed<'_>, cause: &Cause) -> Passage {
    let at = narrower(cause.passage, placed.passage(&cause.event));
    if checks_permission(&around.job.steps, placed.top) { narrower(at, Passage::Gated) } else { at }
}

/// The first that is run of what a step checked out, unless something else took its place.
fn first_run(
    around: &Around<'_, '_>,
    steps: &[Placed<'_>],
    at: usize,
    found: &Checkout,
    event: &str,
) -> Option<Executed> {
    let own = steps.get(at).and_then(|placed| placed.step.run.as_ref()).and_then(|_| {
        executed::executes(steps, at, &found.folder, at).filter(|runs| runs.place.span.start > found.place.span.start)
    });
    if own.is_some() {
        return own;
    }
    for (index, placed) in steps.iter().enumerate().skip(at + 1) {
        if placed.passage(event) == Passage::Closed {
            continue;
        }
        let again = placed.action().is_some_and(|(action, _)| action == "actions/checkout")
            && placed.step.input("path").map_or("", |p| p.value.trim_matches(['.', '/'])) == found.folder
            && checkout::checkout(around, steps, index).is_none();
        if again {
            return None;
        }
        if let Some(runs) = executed::executes(steps, index, &found.folder, at) {
            return Some(runs);
        }
    }
    None
}

/// What the expressions of a step see: its job, or that of each use of the action it stands in.
fn seen_from<'a>(around: &Around<'a, '_>, placed: &Placed<'a>) -> Vec<Environment<'a>> {
    if placed.through.is_empty() {
        return vec![Environment::of_job(around.tree, around.workflow, around.job, Some(placed.step))];
    }
    let action = placed.through.last().and_then(|step| around.tree.action(step));
    let uses = action.map(|action| Environment::uses(around.tree, action)).unwrap_or_default();
    let here = uses.into_iter().filter(|u| u.job.is_some_and(|job| std::ptr::eq(job, around.job)));
    here.map(|environment| environment.at(placed.step)).collect()
}

/// A stranger's text that becomes part of a script.
fn injection(
    around: &Around<'_, '_>,
    steps: &[Placed<'_>],
    at: usize,
    stranger: &[(usize, &Cause)],
) -> Option<Intrusion> {
    let placed = steps.get(at)?;
    let step = placed.step;
    let (text, place): (&str, Box<dyn Fn(std::ops::Range<usize>) -> Place>) = if let Some(script) = &step.run {
        (&script.text.text, Box::new(|range| Place::new(placed.file, script.text.host_span(range))))
    } else {
        let is_script = placed.action().is_some_and(|(action, _)| action == "actions/github-script");
        let script = step.input("script").filter(|_| is_script)?;
        (&script.value, Box::new(|_| Place::new(placed.file, script.span)))
    };
    let written = expressions(text);
    if written.is_empty() {
        return None;
    }
    let seen = seen_from(around, placed);
    for (range, inner) in written {
        let texts: Vec<_> = seen.iter().map(|environment| value(inner, environment)).collect();
        let comes = |event: &str| texts.iter().flat_map(Value::strangers).any(|origin| origin.comes_with(event));
        let carried = stranger.iter().filter(|(_, cause)| comes(&cause.event));
        let left = carried.map(|(index, cause)| (*index, left(around, placed, cause)));
        let best = left
            .filter(|(_, passage)| *passage != Passage::Closed)
            .reduce(|a, b| if b.1 == Passage::Open && a.1 != Passage::Open { b } else { a });
        let Some((cause, passage)) = best else { continue };
        let runs = Executed { what: inner.to_owned(), place: place(range), files: &[] };
        return Some(Intrusion { cause, passage, checkout: None, is_refused: false, runs });
    }
    None
}
