//! What an artifact's file says, handed from the job that reads it to one that waits for it: an output of the first,
//! pasted into a script of the second.

use super::JobTrust;
use super::taken::{How, Taken};
use crate::graph::Document;
use crate::graph::ci::expression::{expressions, step_output};
use crate::graph::kinds::workflow::{Job, Step, Uses, Workflow};
use crate::source::Place;

/// Actions whose outputs are what a file says. Source: their `action.yml`.
const READERS: &[&str] = &[
    "actionstools/read-json-action",
    "andstor/file-reader-action",
    "christian-draeger/read-properties",
    "gradio-app/github/actions/json-to-output",
    "igorskyflyer/action-readfile",
    "jaywcjlove/github-action-read-file",
    "juliangruber/read-file-action",
    "komorebitech/read-files-action",
    "nichmor/minimal-read-yaml",
    "notiz-dev/github-action-json-property",
    "zoexx/github-action-json-file-properties",
];
/// Outputs of a job that are followed.
const MAX_OUTPUTS: usize = 64;

/// Whether the outputs of an action are what a file says.
pub(super) fn reads(action: &str) -> bool {
    READERS.contains(&action)
}

/// For each download that its own job only reads, the first paste in a job that waits for it.
pub(super) fn follow(documents: &[Document], jobs: &mut [JobTrust]) {
    for reader in 0..jobs.len() {
        let Some(own) = jobs.get(reader) else { continue };
        for download in 0..own.says.len() {
            let Some(found) = jobs.get(reader).and_then(|job| paste(documents, jobs, job, download)) else { continue };
            if let Some(place) = jobs.get_mut(reader).and_then(|job| job.taken.get_mut(download)) {
                *place = Some(found);
            }
        }
    }
}

fn paste(documents: &[Document], jobs: &[JobTrust], own: &JobTrust, download: usize) -> Option<Taken> {
    let steps = own.says.get(download).filter(|steps| !steps.is_empty())?;
    if own.taken.get(download)?.is_some() {
        return None;
    }
    let Some(Document::Workflow(workflow)) = documents.get(own.document) else { return None };
    let job = workflow.jobs.get(own.job)?;
    let names: Vec<String> = outputs(job, steps).map(|name| format!("needs.{}.outputs.{name}", job.id.value)).collect();
    if names.is_empty() {
        return None;
    }
    let waits = |other: &Job| other.needs.iter().any(|n| n.value.eq_ignore_ascii_case(&job.id.value));
    let mut best: Option<(u8, Taken)> = None;
    // Jobs of one workflow stand next to each other.
    for (at, other) in jobs.iter().enumerate().filter(|(_, other)| other.document == own.document) {
        let Some(waiting) = workflow.jobs.get(other.job).filter(|job| waits(job)) else { continue };
        let together = other.causes.iter().any(|cause| own.causes.iter().any(|c| c.event == cause.event));
        let weight = other.privilege.weight();
        if !together || best.as_ref().is_some_and(|(known, _)| *known >= weight) {
            continue;
        }
        if let Some((what, place)) = waiting.steps.iter().find_map(|step| pasted(workflow, step, &names)) {
            let taken = Taken { how: How::Script, what, place, files: &[], folder: String::new(), by: Some(at) };
            best = Some((weight, taken));
        }
    }
    best.map(|(_, taken)| taken)
}

/// Outputs of a job that are outputs of one of the steps.
fn outputs<'j>(job: &'j Job, steps: &'j [String]) -> impl Iterator<Item = &'j str> {
    let of_steps = move |value: &str| {
        let found = expressions(value);
        found.iter().any(|(_, inner)| step_output(inner).is_some_and(|(id, _)| steps.iter().any(|s| s == id)))
    };
    job.outputs
        .iter()
        .filter(move |(_, value)| of_steps(&value.value))
        .map(|(name, _)| name.value.as_str())
        .take(MAX_OUTPUTS)
}

/// One of the outputs that becomes part of a script's text, as it is: what is compared is no text of a stranger.
fn pasted(workflow: &Workflow, step: &Step, names: &[String]) -> Option<(String, Place)> {
    let is_one =
        |inner: &str| inner.split("||").any(|part| names.iter().any(|name| name.eq_ignore_ascii_case(part.trim())));
    if let Some(script) = &step.run {
        let (range, inner) = expressions(&script.text.text).into_iter().find(|(_, inner)| is_one(inner))?;
        return Some((inner.trim().to_owned(), Place::new(workflow.file, script.text.host_span(range))));
    }
    let is_script = matches!(&step.uses.as_ref()?.value, Uses::Repository { owner, repo, .. }
        if owner.eq_ignore_ascii_case("actions") && repo.eq_ignore_ascii_case("github-script"));
    let script = step.input("script").filter(|_| is_script)?;
    let (_, inner) = expressions(&script.value).into_iter().find(|(_, inner)| is_one(inner))?;
    Some((inner.trim().to_owned(), Place::new(workflow.file, script.span)))
}
