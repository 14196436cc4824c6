//! What a person would call the place of a finding inside its file: the job and the step, the stage. It outlives
//! lines that come and go above it.

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::graph::Document;
use crate::graph::kinds::workflow::{Step, Uses};
use crate::source::{FileId, Span};

/// Named parts of a file: in order of their start, the inner ones after those they lie in.
type Parts = Vec<(Span, String)>;

/// Names the places of findings that stand for one place each.
pub(super) fn name(diagnostics: &mut [Diagnostic], documents: &[Document]) {
    let mut files: BTreeMap<FileId, Parts> = BTreeMap::new();
    for document in documents {
        let (file, parts) = match document {
            Document::Workflow(workflow) => {
                let jobs = workflow.jobs.iter().flat_map(|job| {
                    let own = std::iter::once((job.span, job.id.value.clone()));
                    own.chain(job.steps.iter().map(|s| (s.span, format!("{}/{}", job.id.value, called(s)))))
                });
                (workflow.file, jobs.collect::<Parts>())
            }
            Document::Action(action) => (action.file, action.steps.iter().map(|s| (s.span, called(s))).collect()),
            Document::Dockerfile(file) => {
                // A stage without a name is known by what it starts from, whatever its tag.
                let title = |name: Option<&String>, from: &str| {
                    name.cloned().unwrap_or_else(|| from.split(['@', ':']).next().unwrap_or("").to_owned())
                };
                let stages = file.stages.iter();
                let named = |name: &Option<crate::source::Spanned<String>>| name.as_ref().map(|n| n.value.clone());
                (file.file, stages.map(|s| (s.span, title(named(&s.name).as_ref(), &s.from.value))).collect())
            }
            _ => continue,
        };
        let all = files.entry(file).or_default();
        all.extend(parts);
        all.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
    }
    for diagnostic in diagnostics.iter_mut().filter(|d| !d.joins && d.anchor.is_empty()) {
        let place = diagnostic.primary.place;
        let Some(parts) = files.get(&place.file) else { continue };
        let before = parts.partition_point(|(span, _)| span.start <= place.span.start);
        // The last that starts before it is the innermost; a job stands few steps before its own end.
        let found = parts[..before].iter().rev().take(NEAR).find(|(span, _)| span.contains(place.span));
        if let Some((_, name)) = found {
            diagnostic.anchor.clone_from(name);
        }
    }
}

/// Parts that are looked back at: the steps of a job stand between its start and a place behind them.
const NEAR: usize = 200;

/// What a step is called whatever stands around it: by its id, its name, what it uses.
fn called(step: &Step) -> String {
    if let Some(name) = step.id.as_ref().or(step.name.as_ref()) {
        return name.value.clone();
    }
    match step.uses.as_ref().map(|uses| &uses.value) {
        Some(Uses::Repository { owner, repo, path, .. }) => format!("{owner}/{repo}/{path}"),
        Some(Uses::Docker(image)) => image.split(['@', ':']).next().unwrap_or("").to_owned(),
        Some(Uses::Local(path)) => path.clone(),
        Some(Uses::Other(_)) | None => "run".to_owned(),
    }
}
