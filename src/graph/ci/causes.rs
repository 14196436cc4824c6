//! Which events lead to a job, and what the conditions along the way leave of them for a stranger.

use std::collections::BTreeSet;

use super::calls::Calls;
use super::condition::{Passage, passage};
use crate::graph::kinds::workflow::{Job, Step, Trigger, Workflow};
use crate::source::{FileId, Place};

/// Calls followed into calls. GitHub allows ten levels.
const MAX_LEVELS: usize = 10;

/// An event that leads to a job.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    /// The event.
    pub(crate) event: String,
    /// Where it is written.
    pub(crate) place: Place,
    /// Jobs that call the reusable workflow the job stands in, outermost first.
    pub(crate) through: Vec<(String, Place)>,
    /// What the conditions along the way leave of it for a stranger.
    pub(crate) passage: Passage,
}

/// The events that lead to a job, its callers' for a reusable workflow; those that the conditions
/// rule out for a stranger are left out.
pub(crate) fn causes(calls: &Calls<'_>, workflow: &Workflow, job: &Job) -> Vec<Cause> {
    let mut out = Vec::new();
    let mut seen = BTreeSet::new();
    collect(calls, workflow, job, MAX_LEVELS, &mut seen, &mut out);
    out
}

fn collect(
    calls: &Calls<'_>,
    workflow: &Workflow,
    job: &Job,
    depth: usize,
    seen: &mut BTreeSet<(FileId, u64)>,
    out: &mut Vec<Cause>,
) {
    if depth == 0 || !seen.insert((workflow.file, job.id.span.start)) {
        return;
    }
    for trigger in workflow.triggers.iter().filter(|t| t.name.value != "workflow_call") {
        let passage = narrower(by_types(trigger), calls.passage(workflow, job, &trigger.name.value));
        if passage != Passage::Closed {
            let place = Place::new(workflow.file, trigger.name.span);
            out.push(Cause { event: trigger.name.value.clone(), place, through: Vec::new(), passage });
        }
    }
    for (caller, call) in calls.to(workflow) {
        let mut above = Vec::new();
        collect(calls, caller, call, depth - 1, seen, &mut above);
        for mut cause in above {
            let own = calls.passage(workflow, job, &cause.event);
            if own == Passage::Closed {
                continue;
            }
            cause.passage = narrower(cause.passage, own);
            cause.through.push((format!("job {}", call.id.value), Place::new(caller.file, call.id.span)));
            out.push(cause);
        }
    }
}

/// What the `types` of a trigger leave of it for a stranger: to label or assign a pull request takes a role. An
/// issue is labelled by its form as well.
fn by_types(trigger: &Trigger) -> Passage {
    const ROLES: &[&str] = &[
        "labeled",
        "unlabeled",
        "assigned",
        "unassigned",
        "milestoned",
        "demilestoned",
        "auto_merge_enabled",
        "enqueued",
    ];
    let held = trigger.name.value == "pull_request_target"
        && !trigger.types.is_empty()
        && trigger.types.iter().all(|kind| ROLES.contains(&kind.as_str()));
    if held { Passage::Gated } else { Passage::Open }
}

/// Whether a condition may hold under one of the events that start a workflow.
pub(crate) fn may_start(workflow: &Workflow, condition: &str) -> bool {
    let mut events = workflow.triggers.iter().map(|t| t.name.value.as_str()).peekable();
    events.peek().is_none() || events.any(|event| passage(condition, event) != Passage::Closed)
}

/// The narrower of two.
pub(crate) fn narrower(a: Passage, b: Passage) -> Passage {
    match (a, b) {
        (Passage::Closed, _) | (_, Passage::Closed) => Passage::Closed,
        (Passage::Gated, _) | (_, Passage::Gated) => Passage::Gated,
        _ => Passage::Open,
    }
}

/// Whether one of the steps before `end` looks up what the person who acted may do.
pub(crate) fn checks_permission(steps: &[Step], end: usize) -> bool {
    permission_check(steps.get(..end).unwrap_or(steps)).is_some()
}

/// The first of some steps that looks up what the person who acted may do.
pub(crate) fn permission_check(steps: &[Step]) -> Option<usize> {
    const SIGNS: &[&str] = &[
        "getcollaboratorpermissionlevel",
        "/permission",
        "author_association",
        "/memberships/",
        "checkmembership",
        "getmembershipforuserinorg",
        "actor-permission",
        "require-permission",
        "collaborators/",
    ];
    steps.iter().position(|step| {
        let run = step.run.as_ref().map(|r| r.text.text.as_str());
        let with = step.with.iter().map(|(_, value)| value.value.as_str());
        let uses = step.uses.as_ref().map(|u| u.value.to_string());
        run.into_iter().chain(with).chain(uses.as_deref()).any(|text| {
            let text = text.to_ascii_lowercase();
            SIGNS.iter().any(|sign| text.contains(sign))
        })
    })
}
