//! `setup.py`, as far as its text says what it declares. It is never run.
//!
//! The file is gone through once, from top to bottom, with what is known of each name; what the one call
//! of `setup` is given is then a project like others. A list that code works out, from the machine it
//! runs on or from what it downloads, is a gap with a place.

mod evaluate;
mod files;
#[cfg(test)]
mod tests;
mod value;
mod walk;

use std::collections::BTreeSet;

use super::pyproject::Reading;
use super::pyproject::about;
use super::requirement::{lenient, strict};
use super::{Facts, Format, Reader, build_code};
use crate::graph::kinds::build_code::BuildForm;
use crate::graph::kinds::python::{Form, Group, PyProject};
use crate::parse::{Budget, python};
use crate::source::{RepoPath, SourceFile, Span, Spanned};

use value::Known;
use walk::Walk;

/// Reads `setup.py`.
#[derive(Debug)]
pub struct SetupPyReader;

impl Reader for SetupPyReader {
    fn id(&self) -> &'static str {
        "setup-py"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "setup.py"
    }

    fn decodes(&self) -> bool {
        true
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`setup.py`",
            read: "what one call of `setup` is given: literals, names, lists put together, files that lists are read from; never run",
            not_read: "lists that code works out, which are gaps",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let mut module = python::parse(&file.text, budget);
        out.problems.append(&mut module.problems);
        build_code::of_module(file, BuildForm::SetupPy, &module, budget, out);
        let mut walk = Walk::new(budget);
        walk.run(&module.statements);
        // A module of this name that calls no `setup` is somebody's own.
        let Some(call) = walk.finish() else { return };
        let mut reading =
            Reading::new(PyProject { file: file.id, form: Form::SetupPy, ..PyProject::default() }, budget);
        project(&call, &mut reading);
        reading.finish(file, out);
    }
}

fn project(call: &Known, reading: &mut Reading) {
    let text = |key: &str| call.get(key).and_then(Known::as_text);
    reading.found.name = text("name");
    reading.found.version = text("version");
    reading.found.requires_python = text("python_requires");
    let classes = call.get("classifiers").map(Known::all_texts).unwrap_or_default();
    let named: Vec<Spanned<String>> =
        classes.iter().map(|class| Spanned::new(class.text.text.clone(), class.span)).collect();
    about::setuptools(&text, &named, &mut reading.found.about);
    let is_private = |class: &str| class.to_ascii_lowercase().starts_with("private ::");
    reading.found.unpublished = classes.iter().any(|class| is_private(&class.text.text));
    reading.found.is_described = ["url", "project_urls", "download_url"].iter().any(|key| call.get(key).is_some())
        || classes.iter().any(|class| !is_private(&class.text.text));
    reading.found.has_scripts = call.get("entry_points").is_some() || call.get("scripts").is_some();
    let mut out = Lists { reading, seen: BTreeSet::new(), files: BTreeSet::new(), told: BTreeSet::new() };
    for (key, group) in [
        ("install_requires", Group::Runtime),
        ("requires", Group::Runtime),
        ("setup_requires", Group::Build),
        ("tests_require", Group::Named("tests".to_owned())),
    ] {
        if let Some(list) = call.get(key) {
            out.list(key, list, &group);
        }
    }
    if let Some(extras) = call.get("extras_require") {
        out.gap("extras_require", extras);
        for (name, list) in &extras.entries {
            // `"web:python_version < '3'"` and `":.."` carry a marker behind the name.
            let extra = name.split(':').next().unwrap_or(name).trim();
            let group = if extra.is_empty() { Group::Runtime } else { Group::Extra(extra.to_owned()) };
            out.list("extras_require", list, &group);
        }
    }
    for link in call.get("dependency_links").map(Known::all_texts).unwrap_or_default() {
        if let Ok(found) = lenient(&link.text, link.span, Group::Constraint) {
            out.reading.keep(found);
        }
    }
    if let Some(span) = call.computed {
        out.reading.problems.push(span, "what `setup` is given is worked out by code");
    }
}

struct Lists<'r> {
    reading: &'r mut Reading,
    /// Places of what stands in an earlier list: an extra `all` names nothing new.
    seen: BTreeSet<Span>,
    files: BTreeSet<String>,
    /// Lists whose gap is told.
    told: BTreeSet<String>,
}

impl Lists<'_> {
    fn gap(&mut self, key: &str, list: &Known) {
        // One place of a list is enough to find it by.
        if let Some(span) = list.computed.filter(|_| self.told.insert(key.to_owned())) {
            self.reading.problems.push(span, format!("`{key}` is worked out by code; what it holds is not known"));
        }
    }

    fn list(&mut self, key: &str, list: &Known, group: &Group) {
        self.gap(key, list);
        for file in &list.files {
            if self.files.insert(file.value.clone()) {
                self.reading.found.dynamic_files.push(file.clone());
            }
        }
        for item in &list.texts {
            // One text may hold a requirement a line.
            let mut at = 0;
            for line in item.text.text.split('\n') {
                let start = at + (line.len() - line.trim_start().len());
                at += line.len() + 1;
                let line = line.trim();
                if line.is_empty() || line.starts_with('#') {
                    continue;
                }
                let length = line.find(" #").map_or(line.len(), |at| line.get(..at).unwrap_or("").trim_end().len());
                let part = item.text.part(start..start + length);
                let is_whole = item.text.text.trim() == line;
                let span = if is_whole { item.span } else { part.host_span(0..part.text.len()) };
                if !self.seen.insert(span) {
                    continue;
                }
                match strict(&part, span, group.clone()) {
                    Ok(found) => self.reading.keep(found),
                    Err(problem) => {
                        let span = if problem.span.is_empty() { item.span } else { problem.span };
                        self.reading.problems.push(span, problem.message);
                    }
                }
            }
        }
    }
}

/// A text with the place of the literal it stands in.
type Text = Spanned<String>;
