//! What a job holds once its callers are followed: they bound the token of a reusable workflow and decide which
//! secrets it is handed.

use super::calls::Calls;
use super::causes::may_start;
use super::{COMPUTED_SECRET, Privilege, privilege};
use crate::graph::kinds::workflow::{Job, Uses, Workflow};
use crate::source::Spanned;

/// Calls followed into calls. GitHub allows ten levels of actions.
const MAX_CALLS: usize = 10;

/// What a job holds, and the jobs that call its workflow.
#[derive(Debug, Clone)]
pub(crate) struct Held<'a> {
    /// What it holds.
    pub(crate) privilege: Privilege,
    /// The jobs that call its workflow, outermost first; none where the workflow starts by itself.
    pub(crate) through: Vec<(&'a Workflow, &'a Job)>,
}

/// What a job holds. Each caller of its reusable workflow is judged by itself, and the one that hands over most is
/// told; callers under whose events `condition` never holds come last.
pub(crate) fn held<'a>(calls: &Calls<'a>, workflow: &'a Workflow, job: &'a Job, condition: &str) -> Held<'a> {
    let mut own = privilege(workflow, job);
    if let Some(uses) = job.uses.as_ref().filter(|u| job.inherits_secrets && matches!(u.value, Uses::Repository { .. }))
    {
        own.secrets.push(Spanned::new("of the repository, all inherited".to_owned(), uses.span));
    }
    let callers = calls.to(workflow);
    let alone = workflow.triggers.iter().any(|t| t.name.value != "workflow_call") || callers.is_empty();
    let by_itself = alone.then(|| Held { privilege: own.clone(), through: Vec::new() });
    let called = callers.iter().map(|(caller, call)| {
        let mut privilege = own.clone();
        let (writes, through) = granted(calls, caller, call);
        if privilege.token_unknown {
            privilege.token_unknown = writes.is_none();
            privilege.writes = writes.unwrap_or_default();
        } else if let Some(bound) = writes.filter(|w| !w.iter().any(|scope| scope == "*")) {
            // A called workflow can narrow what it is granted and not widen it.
            if privilege.writes.iter().any(|scope| scope == "*") {
                privilege.writes = bound;
            } else {
                privilege.writes.retain(|scope| bound.contains(scope));
            }
        }
        // What is not handed over is empty, except for what an environment of the job holds.
        if !call.inherits_secrets && job.environment.is_none() {
            let handed = |name: &str| call.secrets.iter().any(|(known, _)| known.value.eq_ignore_ascii_case(name));
            privilege.secrets.retain(|secret| match secret.value.as_str() {
                "*" | COMPUTED_SECRET => !call.secrets.is_empty(),
                name => handed(name),
            });
        }
        Held { privilege, through }
    });
    let starts = |held: &Held<'_>| may_start(held.through.first().map_or(workflow, |(caller, _)| *caller), condition);
    let rank = |held: &Held<'_>| {
        (starts(held), held.privilege.weight(), held.privilege.secrets.len() + held.privilege.writes.len())
    };
    let best =
        by_itself.into_iter().chain(called).reduce(|best, next| if rank(&next) > rank(&best) { next } else { best });
    best.unwrap_or(Held { privilege: own, through: Vec::new() })
}

/// What a call may hand over of the token, none where the files do not say, and the calls that lead
/// to it, itself last. Calls above that say nothing are followed through their first caller.
fn granted<'a>(
    calls: &Calls<'a>,
    workflow: &'a Workflow,
    job: &'a Job,
) -> (Option<Vec<String>>, Vec<(&'a Workflow, &'a Job)>) {
    let mut through = vec![(workflow, job)];
    let mut writes = None;
    for _ in 0..MAX_CALLS {
        let Some(&(workflow, job)) = through.last() else { break };
        if writes.is_none() {
            let permissions = job.permissions.as_ref().or(workflow.permissions.as_ref());
            writes = permissions.map(|p| p.writes().into_iter().map(str::to_owned).collect());
        }
        let starts = workflow.triggers.iter().any(|t| t.name.value != "workflow_call");
        match calls.to(workflow).first() {
            Some(above) if !starts && !through.iter().any(|(w, _)| w.file == above.0.file) => through.push(*above),
            _ => break,
        }
    }
    through.reverse();
    (writes, through)
}
