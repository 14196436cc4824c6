//! A stranger's code in a job: their commit, checked out and run, or their text in a script.

use super::checkout::{self, Around, Checkout, Guard};
use super::executed::{self, Course, Executed};
use super::scope::{self, CacheToken};
use super::steps::Placed;
use super::{JobTrust, MAX_FOLLOWED, readers};
use crate::graph::ci::causes::{Cause, narrower, permission_check};
use crate::graph::ci::condition::Passage;
use crate::graph::ci::expression::{Environment, Value, expressions, value};
use crate::source::Place;

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
    /// What the job's token may do with the default branch's cache under this event.
    pub(crate) token: CacheToken,
}

/// Steps looked at in one job for what runs of its checkouts. Real jobs have a few dozen and one or two checkouts.
const MAX_VISITS: usize = 1 << 15;

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

/// Finds a stranger's code in a job.
pub(super) fn find(around: &Around<'_, '_>, course: &Course<'_, '_>, out: &mut JobTrust) {
    let steps = course.steps;
    // The first of the job's own steps that looks up what the person may do.
    let checked = permission_check(&around.job.steps);
    let left = |placed: &Placed<'_>, cause: &Cause| {
        let at = narrower(cause.passage, placed.passage(&cause.event));
        if checked.is_some_and(|first| first < placed.top) { narrower(at, Passage::Gated) } else { at }
    };
    let stranger: Vec<(usize, &Cause)> = out.stranger_causes().collect();
    let (mut intrusions, mut brought) = (Vec::new(), Vec::new());
    let mut left_to_visit = MAX_VISITS;
    for (at, placed) in steps.iter().enumerate() {
        if intrusions.len() + brought.len() >= MAX_FOLLOWED {
            break;
        }
        if let Some(found) = checkout::checkout(around, steps, at) {
            // What is left of the event, and whether the newer versions of the action refuse it.
            let each = stranger.iter().map(|(index, cause)| {
                let guarded = matches!(cause.event.as_str(), "pull_request_target" | "workflow_run");
                (*index, left(placed, cause), guarded && found.guard == Guard::Present)
            });
            let rank = |(_, passage, refused): &(usize, Passage, bool)| (!refused, *passage == Passage::Open);
            let best = each
                .filter(|(_, passage, _)| *passage != Passage::Closed)
                .reduce(|a, b| if rank(&b) > rank(&a) { b } else { a });
            let Some((cause, passage, is_refused)) = best else { continue };
            let event = out.causes.get(cause).map_or("", |c| c.event.as_str());
            match first_run(around, course, at, &found, event, &mut left_to_visit) {
                Some(runs) => {
                    let token = scope::token(around.calls, around.workflow, around.job, event);
                    intrusions.push(Intrusion { cause, passage, checkout: Some(found), is_refused, runs, token });
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
        intrusions.extend(injection(around, placed, &stranger, &left));
    }
    out.is_cut |= left_to_visit == 0;
    (out.intrusions, out.brought) = (intrusions, brought);
}

/// The first that is run of what a step checked out, unless something else took its place.
fn first_run(
    around: &Around<'_, '_>,
    course: &Course<'_, '_>,
    at: usize,
    found: &Checkout,
    event: &str,
    left: &mut usize,
) -> Option<Executed> {
    let steps = course.steps;
    let own = steps.get(at).and_then(|placed| placed.step.run.as_ref()).and_then(|_| {
        executed::executes(course, at, &found.folder, at).filter(|runs| runs.place.span.start > found.place.span.start)
    });
    if own.is_some() {
        return own;
    }
    for (index, placed) in steps.iter().enumerate().skip(at + 1) {
        *left = left.saturating_sub(1);
        if *left == 0 {
            return None;
        }
        if placed.passage(event) == Passage::Closed {
            continue;
        }
        let again = placed.action().is_some_and(|(action, _)| action == "actions/checkout")
            && placed.step.input("path").map_or("", |p| p.value.trim_matches(['.', '/'])) == found.folder
            && checkout::checkout(around, steps, index).is_none();
        if again {
            return None;
        }
        if let Some(runs) = executed::executes(course, index, &found.folder, at) {
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
fn injection<'a>(
    around: &Around<'a, '_>,
    placed: &Placed<'a>,
    stranger: &[(usize, &Cause)],
    left: &dyn Fn(&Placed<'_>, &Cause) -> Passage,
) -> Option<Intrusion> {
    let step = placed.step;
    let is_script = || placed.action().is_some_and(|(action, _)| action == "actions/github-script");
    let input = step.input("script").filter(|_| step.run.is_none() && is_script());
    let text = step.run.as_ref().map(|run| run.text.text.as_str()).or(input.map(|script| script.value.as_str()))?;
    let place = |range| {
        let span = step.run.as_ref().map(|run| run.text.host_span(range)).or(input.map(|script| script.span));
        Place::new(placed.file, span.unwrap_or(step.span))
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
        let passages = carried.map(|(index, cause)| (*index, left(placed, cause)));
        let best = passages
            .filter(|(_, passage)| *passage != Passage::Closed)
            .reduce(|a, b| if b.1 == Passage::Open && a.1 != Passage::Open { b } else { a });
        let Some((cause, passage)) = best else { continue };
        let event = stranger.iter().find(|(index, _)| *index == cause).map_or("", |(_, cause)| cause.event.as_str());
        let token = scope::token(around.calls, around.workflow, around.job, event);
        let runs = Executed { what: inner.to_owned(), place: place(range), files: &[] };
        return Some(Intrusion { cause, passage, checkout: None, is_refused: false, runs, token });
    }
    None
}
