//! Jobs that build what another job of the same run puts out: what runs in them goes where that goes.

use std::collections::BTreeSet;

use crate::diag::Impact;
use crate::graph::Document;
use crate::graph::ci::trust::{From, JobTrust, Upload};
use crate::graph::kinds::workflow::Workflow;
use crate::rules::workflow::reach::Run;
use crate::rules::{Draft, Scene};
use crate::source::Place;

/// Jobs of one run looked at for one that puts out.
const MAX_JOBS: usize = 256;
/// Jobs looked at along `needs`.
const MAX_NEEDS: usize = 64;

/// The job that puts out what another built.
#[derive(Debug, Clone, Copy)]
pub(super) struct Released<'s> {
    job: &'s JobTrust,
    /// Where it takes the artifact.
    taken_at: Place,
}

impl<'s> Released<'s> {
    /// The weightiest job that waits for the one of a run, takes an artifact of it, and puts something out.
    pub(super) fn of(scene: &Scene<'s>, run: &Run<'_>) -> Option<Self> {
        let holder = run.holder.as_ref().filter(|_| !run.is_in_image())?;
        let own = scene.trust.of(holder.workflow, holder.job)?;
        let kept: Vec<&Upload> = own.uploads.iter().filter(|upload| is_product(&upload.name)).collect();
        if kept.is_empty() {
            return None;
        }
        // Artifacts belong to the run: the callers' jobs take them too.
        let levels = holder.through.iter().copied().chain([(holder.workflow, holder.job)]);
        let mut best: Option<Self> = None;
        for (workflow, call) in levels {
            let waiting = waiting(workflow, &call.id.value);
            for job in jobs_of(scene, workflow).filter(|job| waiting.contains(job.id.0.as_str())) {
                if job.privilege.publishes.is_empty() && job.privilege.pushes_image.is_none() {
                    continue;
                }
                let takes = job.downloads.iter().filter(|taken| taken.from == From::Own);
                let mut takes = takes.filter(|taken| kept.iter().any(|upload| taken.may_be(&upload.name)));
                let Some(taken) = takes.next() else { continue };
                if best.is_none_or(|known| job.privilege.weight() > known.job.privilege.weight()) {
                    best = Some(Self { job, taken_at: taken.place });
                }
            }
        }
        best
    }

    /// What running something in the building job reaches.
    pub(super) fn impact(&self) -> Impact {
        if self.job.privilege.publishes.is_empty() { Impact::ReachesImage } else { Impact::ReachesRelease }
    }

    /// ` in a job whose artifacts go to job publish, which publishes by uv publish`
    pub(super) fn held(&self) -> String {
        format!(" in a job whose artifacts go to job {}, which {}", self.job.id.0, self.deed())
    }

    fn deed(&self) -> String {
        let privilege = &self.job.privilege;
        match (privilege.publishes.first(), &privilege.pushes_image) {
            (Some(by), _) => format!("publishes by {}", by.value),
            (None, Some(by)) => format!("pushes images by {}", by.value),
            (None, None) => "puts it out".to_owned(),
        }
    }

    /// Adds the hop that says where the artifact goes, as others say what a job holds: the way ends at the download.
    pub(super) fn hop<'r, 'g>(&self, draft: Draft<'r, 'g>) -> Draft<'r, 'g> {
        let privilege = &self.job.privilege;
        let by = privilege.publishes.first().or(privilege.pushes_image.as_ref());
        let place = by.map_or(self.taken_at, |by| Place::new(self.job.file, by.span));
        draft.via(format!("artifact for job {}, which {}", self.job.id.0, self.deed()), Some(place))
    }

    /// Adds where the artifact is taken.
    pub(super) fn seen<'r, 'g>(&self, draft: Draft<'r, 'g>) -> Draft<'r, 'g> {
        draft.related(self.taken_at, format!("job {} takes the artifact here", self.job.id.0))
    }
}

/// Whether an artifact may be what is put out: reports of tests and coverage are not.
fn is_product(name: &str) -> bool {
    const REPORTS: &[&str] = &["coverage", "report", "result", "log", "junit", "screenshot", "trace", "benchmark"];
    let lower = name.to_ascii_lowercase();
    !REPORTS.iter().any(|word| lower.contains(word))
}

/// The jobs of a workflow, which stand in the order of the documents.
fn jobs_of<'s>(scene: &Scene<'s>, workflow: &Workflow) -> impl Iterator<Item = &'s JobTrust> {
    let jobs = &scene.trust.jobs;
    let is_it = |document: usize| match scene.documents.get(document) {
        Some(Document::Workflow(own)) => own.file == workflow.file,
        _ => false,
    };
    let first = workflow.jobs.first().and_then(|job| scene.trust.of(workflow, job)).map(|job| job.document);
    let from = first.map_or(jobs.len(), |document| jobs.partition_point(|job| job.document < document));
    let of_it = first.is_some_and(is_it);
    jobs.get(from..)
        .unwrap_or_default()
        .iter()
        .take_while(move |job| of_it && Some(job.document) == first)
        .take(MAX_JOBS)
}

/// The jobs of a workflow that wait for one, over others too.
fn waiting<'w>(workflow: &'w Workflow, id: &'w str) -> BTreeSet<&'w str> {
    let mut out: BTreeSet<&str> = BTreeSet::new();
    let mut queue = vec![id];
    while let Some(needed) = queue.pop() {
        for job in workflow.jobs.iter().take(MAX_JOBS) {
            let waits = job.needs.iter().any(|need| need.value == needed);
            if waits && out.len() < MAX_NEEDS && out.insert(&job.id.value) {
                queue.push(&job.id.value);
            }
        }
    }
    out
}
