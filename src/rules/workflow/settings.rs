//! Variables that switch something of the runner's on, wherever workflows and actions set them.

use crate::diag::Edit;
use crate::graph::kinds::workflow::Pair;
use crate::rules::Scene;
use crate::rules::edits;
use crate::source::{FileId, Place, Span};

use super::written::{self, Written};

/// A variable that is set.
#[derive(Debug, Clone)]
pub(crate) struct Switched<'a> {
    /// Where the file stands among those with texts.
    pub(crate) file: Written<'a>,
    /// The name.
    pub(crate) name: String,
    /// Name and value.
    pub(crate) place: Place,
    /// Taking it out.
    pub(crate) fix: Option<Edit>,
}

/// The variables of some names that are set to something true, in `env` or by a line written to `GITHUB_ENV`.
pub(crate) fn switched<'a>(scene: &Scene<'a>, names: &[&str]) -> Vec<Switched<'a>> {
    let mut out = Vec::new();
    for file in written::files(scene) {
        for pairs in tables(&file) {
            for (key, value) in pairs {
                let Some(name) = names.iter().find(|n| key.value.eq_ignore_ascii_case(n)) else { continue };
                if !is_true(&value.value) {
                    continue;
                }
                let host = scene.sources.get(file.file);
                let fix = host.and_then(|host| edits::line_of(host, key.span, value.span));
                out.push(Switched {
                    file,
                    name: (*name).to_owned(),
                    place: file.at(key.span.to(value.span)),
                    fix: fix.map(|span| Edit { place: file.at(span), text: String::new() }),
                });
            }
        }
        out.extend(by_script(&file, names));
    }
    out
}

/// Every `env` of a file.
fn tables<'a>(file: &Written<'a>) -> Vec<&'a [Pair]> {
    let mut out: Vec<&[Pair]> = Vec::new();
    if let Some(workflow) = file.workflow {
        out.push(&workflow.env);
        for job in &workflow.jobs {
            out.push(&job.env);
            out.extend(job.steps.iter().map(|step| step.env.as_slice()));
        }
    }
    if let Some(action) = file.action {
        out.push(&action.env);
        out.extend(action.steps.iter().map(|step| step.env.as_slice()));
    }
    out
}

/// `echo "NAME=true" >> $GITHUB_ENV`.
fn by_script<'a>(file: &Written<'a>, names: &[&str]) -> Vec<Switched<'a>> {
    let mut out = Vec::new();
    for script in file.steps().filter_map(|step| step.run.as_ref()) {
        let mut start = 0;
        for line in script.text.text.split_inclusive('\n') {
            let at = start;
            start += line.len();
            if !line.contains("GITHUB_ENV") || line.trim_start().starts_with('#') {
                continue;
            }
            let Some((name, found)) = names.iter().find_map(|n| Some((*n, line.find(&format!("{n}=true"))?))) else {
                continue;
            };
            let span: Span = script.text.host_span(at + found..at + found + name.len() + "=true".len());
            out.push(Switched { file: *file, name: name.to_owned(), place: file.at(span), fix: None });
        }
    }
    out
}

/// What the runner takes for true: the word in any case, with space around.
fn is_true(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("true")
}

/// The switched variables file by file, in the order of the files.
pub(crate) fn by_file(found: Vec<Switched<'_>>) -> Vec<(FileId, Vec<Switched<'_>>)> {
    let mut out: Vec<(FileId, Vec<Switched<'_>>)> = Vec::new();
    for one in found {
        match out.last_mut() {
            Some((file, list)) if *file == one.place.file => list.push(one),
            _ => out.push((one.place.file, vec![one])),
        }
    }
    out
}
