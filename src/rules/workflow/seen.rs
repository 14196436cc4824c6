//! Steps as each job sees them that runs them, and by what event a stranger's text comes to them.

use std::collections::BTreeMap;

use super::reach::{self, Cause, Holder, Run};
use crate::graph::Document;
use crate::graph::ci::condition::{Passage, passage};
use crate::graph::ci::expression::{Environment, Origin};
use crate::graph::kinds::workflow::{Service, Step};
use crate::rules::{Draft, Scene};
use crate::source::{FileId, Place};

/// Steps as one job sees them.
#[derive(Debug, Clone)]
pub(super) struct Seen<'a> {
    pub(super) environment: Environment<'a>,
    /// The job; none for an action that nobody in the tree uses.
    pub(super) holder: Option<Holder<'a>>,
    pub(super) causes: Vec<Cause>,
    /// The first step that looks up what the person may do, of the job's where it is an action that runs.
    checked: Option<usize>,
}

/// A job, the events that lead to it, and its first step that looks up what the person may do.
type OfJob<'a> = (Holder<'a>, Vec<Cause>, Option<usize>);

impl<'a> Seen<'a> {
    /// A job sees its own steps; those of an action are seen by every job that uses it.
    pub(super) fn of(scene: &Scene<'a>, run: &Run<'a>) -> Vec<Self> {
        let (tree, calls) = (reach::tree(scene), reach::calls(scene));
        let Some(action) = run.action else {
            let Some(holder) = run.holder.clone().filter(|h| h.workflow.service == Service::GitHub) else {
                return Vec::new();
            };
            let causes = reach::causes(calls, holder.workflow, holder.job);
            let environment = Environment::of_job(tree, holder.workflow, holder.job, None);
            let checked = reach::permission_check(run.steps);
            return vec![Self { environment, holder: Some(holder), causes, checked }];
        };
        let uses = Environment::uses(tree, action);
        if uses.is_empty() {
            let (environment, checked) = (Environment::of_action(tree, action), reach::permission_check(run.steps));
            return vec![Self { environment, holder: None, causes: Vec::new(), checked }];
        }
        // Many steps of one job may use an action; what the job holds is worked out once.
        let mut known: BTreeMap<(FileId, u64), OfJob<'a>> = BTreeMap::new();
        let of_use = |environment: Environment<'a>| {
            let (workflow, job) = (environment.workflow?, environment.job?);
            let found = known.entry((workflow.file, job.id.span.start));
            let looked = || {
                let checked = reach::permission_check(&job.steps);
                (reach::holder(calls, workflow, job), reach::causes(calls, workflow, job), checked)
            };
            let (holder, causes, checked) = found.or_insert_with(looked).clone();
            Some(Self { environment, holder: Some(holder), causes, checked })
        };
        uses.into_iter().filter_map(of_use).collect()
    }
}

/// The gravest of the events that carry the text to a step, and what conditions leave of it.
pub(super) fn cause_of<'c>(
    run: &Run<'_>,
    step: &Step,
    seen: &'c Seen<'_>,
    origin: &Origin,
) -> Option<(&'c Cause, Passage)> {
    let outer = seen.environment.outer_step();
    let own = |c: &Cause| {
        let at = [Some(step), outer].into_iter().flatten().fold(c.passage, |at, step| {
            let condition = step.condition.as_ref().map_or("", |c| c.value.as_str());
            reach::narrower(at, passage(condition, &c.event))
        });
        // An earlier step that looks up what the person may do stops the job for others.
        let index = match (&seen.holder, outer) {
            (Some(_), Some(outer)) if run.action.is_some() => outer.index,
            _ => step.index,
        };
        let earlier = seen.checked.is_some_and(|at| at < index);
        if earlier { reach::narrower(at, Passage::Gated) } else { at }
    };
    let comes = |c: &&Cause| {
        let through = |place: &Place| c.through.iter().any(|(_, at)| at == place);
        origin.comes_with(&c.event) && origin.calls.iter().all(through)
    };
    // A pull request from a fork runs with its own, powerless token; what a merged commit or a page of the wiki
    // says was looked at by somebody, or could be.
    let lesser = |event: &str| {
        matches!(event, "pull_request" | "pull_request_review" | "pull_request_review_comment" | "gollum")
            || (event == "push" && !origin.events.is_empty())
    };
    let ranked = seen
        .causes
        .iter()
        .filter(comes)
        .map(|c| (c, own(c)))
        .filter(|(c, at)| *at != Passage::Closed && (reach::is_stranger_event(&c.event) || lesser(&c.event)));
    let rank = |(cause, at): &(&Cause, Passage)| (reach::is_stranger_event(&cause.event), *at == Passage::Open);
    ranked.reduce(|a, b| if rank(&b) > rank(&a) { b } else { a })
}

/// Whether the runs that start a workflow by `workflow_run` are all known and none of them comes of a stranger:
/// what such a run is called was written by who may push.
pub(super) fn is_after_own_runs(scene: &Scene<'_>, cause: &Cause) -> bool {
    if cause.event != "workflow_run" {
        return false;
    }
    let causing = scene.trust.causing(cause.place.file);
    let mut documents =
        scene.documents.iter().filter_map(|d| if let Document::Workflow(w) = d { Some(w) } else { None });
    let named = documents
        .find(|w| w.file == cause.place.file)
        .and_then(|w| w.triggers.iter().find(|t| t.name.value == "workflow_run"))
        .map_or(0, |t| t.workflows.len());
    let is_own = |index: &usize| match scene.documents.get(*index) {
        Some(Document::Workflow(w)) => {
            const OWN: &[&str] = &["push", "schedule", "workflow_dispatch", "release", "workflow_call"];
            w.triggers.iter().all(|t| OWN.contains(&t.name.value.as_str()))
        }
        _ => false,
    };
    named > 0 && causing.len() >= named && causing.iter().all(is_own)
}

/// Adds the hops from the event to the job, and through the action to its steps.
pub(super) fn route<'r, 'g>(mut draft: Draft<'r, 'g>, seen: &Seen<'_>, cause: Option<&Cause>) -> Draft<'r, 'g> {
    if let Some(cause) = cause {
        draft = draft.via(cause.event.clone(), Some(cause.place));
        for (text, place) in &cause.through {
            draft = draft.via(text.clone(), Some(*place));
        }
    }
    let Some(holder) = &seen.holder else { return draft };
    let job = Place::new(holder.workflow.file, holder.job.id.span);
    draft = draft.via(format!("job {}", holder.job.id.value), Some(job));
    if let Some(outer) = seen.environment.outer_step().filter(|_| seen.environment.action.is_some()) {
        let place = outer.uses.as_ref().map(|u| Place::new(holder.workflow.file, u.span));
        draft = draft.via(format!("step {}", outer.title()), place);
    }
    match holder.privilege.shown_at() {
        Some(span) if holder.privilege.is_weighty() => {
            draft.via(holder.privilege.describe(), Some(Place::new(holder.workflow.file, span)))
        }
        _ => draft,
    }
}
