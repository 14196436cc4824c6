//! Which caches and artifacts lead from a stranger's code to a job of weight.

use std::collections::{BTreeMap, BTreeSet};

use super::artifacts::{Download, From};
use super::caches::CacheUse;
use super::keys::{Words, may_be_one};
use super::scope::{self, CacheToken};
use super::{JobTrust, workflows};
use crate::graph::Document;
use crate::graph::ci::calls::Calls;
use crate::graph::ci::causes::narrower;
use crate::graph::ci::condition::{Passage, passage};
use crate::graph::kinds::workflow::Workflow;
use crate::source::{FileId, Sources};

/// A cache that a stranger's code can fill and another job takes.
#[derive(Debug, Clone)]
pub(crate) struct CacheFlow {
    /// The job that can fill it, by position among the view's.
    pub(crate) writer: usize,
    /// Its use of the cache; none where it uses none under such a key, and only its token could.
    pub(crate) save: Option<usize>,
    /// How the stranger's code comes to run there, by position among the job's intrusions.
    pub(crate) intrusion: usize,
    /// What its token may do.
    pub(crate) token: CacheToken,
    /// The job that takes it, by position among the view's.
    pub(crate) reader: usize,
    /// Its use of the cache.
    pub(crate) restore: usize,
}

/// An artifact of a run that a stranger can cause, of which a job does more than read it.
#[derive(Debug, Clone)]
pub(crate) struct ArtifactFlow {
    /// The job, by position among the view's.
    pub(crate) reader: usize,
    /// Its download.
    pub(crate) download: usize,
    /// The event, by position among the job's causes.
    pub(crate) cause: usize,
    /// What conditions leave of it.
    pub(crate) passage: Passage,
    /// Index of the workflow's document whose run it is, and how a stranger decides over it.
    pub(crate) source: Option<(usize, Origin)>,
}

/// How a stranger decides over what a run leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// It runs for pull requests, with the workflow as the stranger's commit has it.
    PullRequest,
    /// A stranger's code runs in it.
    Intrusion,
    /// It takes artifacts of such a run and leaves others.
    HandedOn,
}

/// What is looked at to find them.
pub(super) struct Flows<'v> {
    documents: &'v [Document],
    calls: &'v Calls<'v>,
    jobs: &'v [JobTrust],
    /// Jobs of each workflow.
    by_document: BTreeMap<usize, Vec<usize>>,
    /// Workflows by their names and by their files' names.
    by_name: BTreeMap<&'v str, Vec<usize>>,
    /// By a workflow's file, the workflows whose runs start it by `workflow_run`.
    pub(super) causing: BTreeMap<FileId, Vec<usize>>,
    /// Workflows whose runs a stranger decides over.
    origins: BTreeMap<usize, Origin>,
    /// By workflow, jobs in which a stranger's code runs.
    entered: BTreeMap<usize, Vec<usize>>,
}

/// Rounds of workflows that hand on what they took.
const MAX_ROUNDS: usize = 4;
/// Workflows of one name looked at.
const MAX_SAME_NAME: usize = 4;
/// Workflows looked at that start one.
const MAX_CAUSING: usize = 16;
/// Jobs of a workflow looked at in which a stranger's code runs.
const MAX_ENTERED: usize = 32;

impl<'v> Flows<'v> {
    pub(super) fn new(
        documents: &'v [Document],
        sources: &'v Sources,
        calls: &'v Calls<'v>,
        jobs: &'v [JobTrust],
    ) -> Self {
        let mut by_document: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, job) in jobs.iter().enumerate() {
            by_document.entry(job.document).or_default().push(at);
        }
        let mut entered: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, job) in jobs.iter().enumerate().filter(|(_, job)| !job.intrusions.is_empty()) {
            let known = entered.entry(job.document).or_default();
            if known.len() < MAX_ENTERED {
                known.push(at);
            }
        }
        let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, workflow) in workflows(documents) {
            let file = sources.get(workflow.file).map(|file| file.path.name());
            let names = workflow.name.as_ref().map(|name| name.value.as_str()).into_iter().chain(file);
            for name in names {
                let known = by_name.entry(name).or_default();
                if known.len() < MAX_SAME_NAME {
                    known.push(index);
                }
            }
        }
        let (origins, causing) = (BTreeMap::new(), BTreeMap::new());
        let mut out = Self { documents, calls, jobs, by_document, by_name, causing, origins, entered };
        for (_, workflow) in workflows(documents) {
            let named = workflow.triggers.iter().filter(|t| t.name.value == "workflow_run").flat_map(|t| &t.workflows);
            let found = named.filter_map(|name| out.by_name.get(name.value.as_str())).flatten().copied();
            let found: BTreeSet<usize> = found.take(MAX_CAUSING).collect();
            out.causing.insert(workflow.file, found.into_iter().collect());
        }
        out.origins = out.find_origins();
        out
    }

    fn workflow(&self, document: usize) -> Option<&'v Workflow> {
        match self.documents.get(document) {
            Some(Document::Workflow(workflow)) => Some(workflow),
            _ => None,
        }
    }

    fn find_origins(&self) -> BTreeMap<usize, Origin> {
        let mut out = BTreeMap::new();
        for (index, workflow) in workflows(self.documents) {
            if workflow.triggers.iter().any(|t| t.name.value == "pull_request") {
                out.insert(index, Origin::PullRequest);
            } else if self.jobs_of(index).any(|(_, job)| !job.intrusions.is_empty()) {
                out.insert(index, Origin::Intrusion);
            }
        }
        for _ in 0..MAX_ROUNDS {
            let mut more = Vec::new();
            for (index, workflow) in workflows(self.documents) {
                if out.contains_key(&index) {
                    continue;
                }
                let takes = self.jobs_of(index).any(|(_, job)| job.downloads.iter().any(|d| d.from == From::Cause));
                let leaves = self.jobs_of(index).any(|(_, job)| !job.uploads.is_empty());
                if takes && leaves && self.causing(workflow.file).iter().any(|cause| out.contains_key(cause)) {
                    more.push(index);
                }
            }
            if more.is_empty() {
                break;
            }
            out.extend(more.into_iter().map(|index| (index, Origin::HandedOn)));
        }
        out
    }

    fn jobs_of(&self, document: usize) -> impl Iterator<Item = (usize, &'v JobTrust)> {
        let jobs = self.jobs;
        self.by_document.get(&document).into_iter().flatten().filter_map(move |&at| Some((at, jobs.get(at)?)))
    }

    /// The workflows whose runs start this one.
    fn causing(&self, file: FileId) -> &[usize] {
        self.causing.get(&file).map_or(&[], Vec::as_slice)
    }

    /// Caches that a stranger's code can fill and a job of weight takes: one flow for each that takes.
    pub(super) fn caches(&self) -> Vec<CacheFlow> {
        // The worst that can fill a key, and the worst of all.
        let mut by_key: BTreeMap<&Words, Writer> = BTreeMap::new();
        let mut any: Option<Writer> = None;
        for (at, job) in self.jobs.iter().enumerate() {
            for (intrusion, found) in job.intrusions.iter().enumerate() {
                let Some((workflow, cause)) = self.workflow(job.document).zip(job.causes.get(found.cause)) else {
                    continue;
                };
                let Some(own) = workflow.jobs.get(job.job) else { continue };
                let token = scope::token(self.calls, workflow, own, &cause.event);
                if token == CacheToken::Reads {
                    continue;
                }
                let saves = job.caches.iter().enumerate().filter(|(_, cache)| may_save(cache, &cause.event));
                let made = |save| Writer {
                    job: at,
                    save,
                    intrusion,
                    rank: (matches!(token, CacheToken::Writes(_)), !found.is_refused, found.passage == Passage::Open),
                    token: token.clone(),
                };
                for (index, cache) in saves {
                    let writer = made(Some(index));
                    let known = by_key.entry(&cache.key).or_insert_with(|| writer.clone());
                    if writer.rank > known.rank {
                        *known = writer;
                    }
                }
                // Whose token writes can fill any key.
                let writer = made(None);
                if matches!(token, CacheToken::Writes(_)) && any.as_ref().is_none_or(|known| writer.rank > known.rank) {
                    any = Some(writer);
                }
            }
        }
        if by_key.is_empty() && any.is_none() {
            return Vec::new();
        }
        let mut out = Vec::new();
        for (reader, job) in self.jobs.iter().enumerate() {
            if job.privilege.weight() < 2 && job.privilege.sites.is_empty() {
                continue;
            }
            let reads = self.workflow(job.document).and_then(|w| Some((w, w.jobs.get(job.job)?)));
            if !reads.is_some_and(|(workflow, job)| scope::may_read(workflow, job)) {
                continue;
            }
            let mut best: Option<(usize, &Writer)> = None;
            for (restore, cache) in job.caches.iter().enumerate().filter(|(_, cache)| cache.restores) {
                let same = cache.takes.iter().flat_map(|asked| {
                    by_key
                        .range::<&Words, _>(asked..)
                        .take_while(move |(key, _)| key.begins_with(asked))
                        .take(MAX_SAME_KEY)
                });
                let found = same.map(|(_, writer)| writer).chain(any.as_ref()).filter(|w| w.job != reader);
                for writer in found {
                    if best.is_none_or(|(_, known)| {
                        (writer.rank, writer.save.is_some()) > (known.rank, known.save.is_some())
                    }) {
                        best = Some((restore, writer));
                    }
                }
            }
            if let Some((restore, writer)) = best {
                let Writer { job, save, intrusion, token, .. } = writer.clone();
                out.push(CacheFlow { writer: job, save, intrusion, token, reader, restore });
            }
        }
        out
    }

    /// Artifacts that a stranger can make and a job does more with than reading.
    pub(super) fn artifacts(&self) -> Vec<ArtifactFlow> {
        let mut out = Vec::new();
        for (reader, job) in self.jobs.iter().enumerate() {
            for (index, download) in job.downloads.iter().enumerate() {
                let Some(Some(_)) = job.taken.get(index) else { continue };
                if let Some((cause, passage, source)) = self.source(job, download) {
                    out.push(ArtifactFlow { reader, download: index, cause, passage, source });
                }
            }
        }
        out
    }

    /// Under which event a download takes what a stranger made, and from where.
    fn source(&self, job: &JobTrust, download: &Download) -> Option<(usize, Passage, Option<(usize, Origin)>)> {
        let workflow = self.workflow(job.document)?;
        let condition = workflow
            .jobs
            .get(job.job)
            .and_then(|own| own.steps.get(download.top))
            .and_then(|step| step.condition.as_ref())
            .map_or("", |c| c.value.as_str());
        let under = |event: &str| {
            let (index, cause) = job.causes.iter().enumerate().find(|(_, cause)| cause.event == event)?;
            let left = narrower(cause.passage, passage(condition, event));
            (left != Passage::Closed).then_some((index, left))
        };
        match &download.from {
            From::Cause => {
                let (cause, left) = under("workflow_run")?;
                // The workflow that starts by itself is the caller's, for a reusable one.
                let causing = self.causing(job.causes.get(cause)?.place.file);
                let decided = causing.iter().filter_map(|at| Some((*at, *self.origins.get(at)?)));
                let decided = decided.min_by_key(|(_, origin)| *origin);
                match decided {
                    Some(found) => Some((cause, left, Some(found))),
                    // Those the tree has are known to be nobody's; one it has not may be anybody's.
                    None if !causing.is_empty() => None,
                    None => Some((cause, left, None)),
                }
            }
            From::Own => {
                let name = download.name.as_deref().unwrap_or("*");
                let entered = self.entered.get(&job.document).into_iter().flatten();
                entered.filter_map(|at| self.jobs.get(*at)).find_map(|other| {
                    let intrusion = other.intrusions.iter().find(|i| !i.is_refused)?;
                    let event = &other.causes.get(intrusion.cause)?.event;
                    let leaves = other.id.1 != job.id.1 && other.uploads.iter().any(|u| may_be_one(&u.name, name));
                    let (cause, left) = under(event).filter(|_| leaves)?;
                    Some((cause, narrower(left, intrusion.passage), Some((job.document, Origin::Intrusion))))
                })
            }
            From::Newest(name, forks) => {
                if !forks {
                    return None;
                }
                let file = name.rsplit('/').next().unwrap_or(name);
                let at = *self.by_name.get(file)?.first()?;
                let origin = *self.origins.get(&at)?;
                (!job.causes.is_empty()).then_some((0, Passage::Open, Some((at, origin))))
            }
            From::Unknown => None,
        }
    }
}

/// Caches of one beginning looked at.
const MAX_SAME_KEY: usize = 64;

/// A job that can fill a cache.
#[derive(Debug, Clone)]
struct Writer {
    job: usize,
    save: Option<usize>,
    intrusion: usize,
    token: CacheToken,
    rank: (bool, bool, bool),
}

/// Whether a use saves under an event, as far as its condition tells.
fn may_save(cache: &CacheUse, event: &str) -> bool {
    let open = |condition: &Option<String>| condition.as_ref().is_none_or(|c| passage(c, event) != Passage::Closed);
    cache.saves && open(&cache.asked) && open(&cache.saves_if)
}
