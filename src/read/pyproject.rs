//! `pyproject.toml`. Sources: PEP 517, 518, 621, 735; the manuals of uv, Poetry, PDM, setuptools,
//! hatch and maturin.

pub(super) mod about;
mod backends;
mod caret;
mod poetry;
mod uv;

pub(super) use uv::settings as uv_settings;

use std::collections::{BTreeMap, BTreeSet};

use super::command_files::tox_of_pyproject;
use super::requirement::{editable, strict};
use super::requirements::RequirementsReader;
use super::toml_help::{document, table, text, texts};
use super::{Facts, Format, Mention, Reader};
use crate::graph::Document;
use crate::graph::kinds::python::{Form, Group, PyProject, Requirement, Tool};
use crate::parse::pep508::normalise;
use crate::parse::toml::{Table, Value};
use crate::parse::{Budget, Problem, Problems};
use crate::source::{RepoPath, SourceFile, Span};

/// Reads `pyproject.toml`.
#[derive(Debug)]
pub struct PyProjectReader;

impl Reader for PyProjectReader {
    fn id(&self) -> &'static str {
        "pyproject"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "pyproject.toml"
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`pyproject.toml`",
            read: "`[project]`, `[build-system]`, `[dependency-groups]`, the tables of uv, Poetry, PDM, setuptools, hatch, flit, maturin",
            not_read: "what a build backend works out (`dynamic` without a file)",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let toml = document(file, budget, out);
        super::custody_toml::of_project(file, &toml.root, out);
        let mut reading = Reading::new(PyProject { file: file.id, ..PyProject::default() }, budget);
        reading.build_system(&toml.root);
        reading.project(&toml.root);
        reading.dependency_groups(&toml.root);
        if let Some(tools) = table(&toml.root, &["tool"]) {
            reading.tools(tools);
        }
        reading.finish(file, out);
        super::build_code::named_hooks(file, &toml.root, out);
        tox_of_pyproject(file, &toml.root, budget, out);
        if let Some(pixi) = table(&toml.root, &["tool", "pixi"]) {
            super::conda::pixi::manifest(file, pixi, budget, out);
        }
    }
}

/// The `[tool.uv]` table and the requirements of a script's inline metadata.
pub(super) fn script(file: &SourceFile, root: &Table, budget: &Budget, out: &mut Facts) {
    let mut reading = Reading::new(PyProject { file: file.id, form: Form::Script, ..PyProject::default() }, budget);
    reading.found.requires_python = text(root.get("requires-python"));
    reading.list("dependencies", root.get("dependencies"), &Group::Runtime);
    if let Some(tools) = table(root, &["tool"]) {
        reading.tools(tools);
    }
    reading.finish(file, out);
}

/// A project file on its way to a document; what is kept of it is bounded.
pub(super) struct Reading {
    pub(super) found: PyProject,
    pub(super) problems: Problems,
    /// What is left of the file's budget once its TOML is read.
    budget: Budget,
    /// Set once a requirement did not fit, which is said once.
    is_full: bool,
}

impl Reading {
    pub(super) fn new(found: PyProject, budget: &Budget) -> Self {
        Self { found, problems: Problems::new(budget), budget: budget.clone(), is_full: false }
    }

    /// Keeps a requirement, as long as there is room for it.
    pub(super) fn keep(&mut self, requirement: Requirement) {
        let fits = !self.is_full && self.budget.take_entry(requirement.text_bytes());
        if self.affords(fits, requirement.span) {
            self.found.requirements.push(requirement);
        }
    }

    /// Whether something fits; the first that does not is a problem.
    fn affords(&mut self, fits: bool, span: Span) -> bool {
        if !fits && !self.is_full {
            self.is_full = true;
            self.problems.push(span, "too many requirements; the rest is not read");
        }
        fits
    }

    pub(super) fn finish(self, file: &SourceFile, out: &mut Facts) {
        let folder = file.path.parent();
        for named in &self.found.dynamic_files {
            if let Some(path) = folder.join(&named.value) {
                out.mentions.push(Mention { path, reader: RequirementsReader::ID, needed_at: Some(named.span) });
            }
        }
        out.problems.extend(self.problems.finish());
        out.documents.push(Document::PyProject(self.found));
    }

    fn build_system(&mut self, root: &Table) {
        let Some(found) = table(root, &["build-system"]) else { return };
        self.found.has_build_system = true;
        self.found.build_backend = text(found.get("build-backend"));
        self.list("requires", found.get("requires"), &Group::Build);
    }

    fn project(&mut self, root: &Table) {
        let Some(project) = table(root, &["project"]) else { return };
        self.found.name = text(project.get("name"));
        self.found.version = text(project.get("version"));
        self.found.requires_python = text(project.get("requires-python"));
        about::project(project, &mut self.found.about);
        let is_private = |class: &str| class.trim_start().to_ascii_lowercase().starts_with("private ::");
        let classes = texts(project.get("classifiers"));
        self.found.unpublished = classes.iter().any(|class| is_private(&class.value));
        self.found.is_described = has_entries(project, "urls") || classes.iter().any(|class| !is_private(&class.value));
        self.found.has_scripts = has_entries(project, "scripts") || has_entries(project, "gui-scripts");
        self.list("dependencies", project.get("dependencies"), &Group::Runtime);
        self.lists("optional-dependencies", project.get("optional-dependencies"), Group::Extra);
    }

    /// PEP 735. What a group includes stands in the group that is included.
    fn dependency_groups(&mut self, root: &Table) {
        let Some(groups) = root.get("dependency-groups") else { return };
        let Some(groups) = groups.as_table() else {
            self.problems.push(groups.span, "`dependency-groups` should be a table");
            return;
        };
        let known: BTreeSet<String> = groups.iter().map(|(name, _)| normalise(name)).collect();
        for (name, items) in groups.iter() {
            let group = Group::Named(name.to_owned());
            let Some(list) = items.as_array() else {
                self.problems.push(items.span, format!("group `{name}` should be a list"));
                continue;
            };
            for item in list {
                match item.get("include-group").and_then(Value::as_str) {
                    Some(other) if known.contains(&normalise(other)) => self.include(name, other, item.span),
                    Some(other) => self.problems.push(item.span, format!("group `{other}` is not defined")),
                    None => self.item(item, &group),
                }
            }
        }
    }

    fn include(&mut self, group: &str, other: &str, span: Span) {
        let fits = !self.is_full && self.budget.take_entry(group.len() + other.len());
        if self.affords(fits, span) {
            self.found.includes.push((group.to_owned(), other.to_owned()));
        }
    }

    fn tools(&mut self, tools: &Table) {
        // Poetry first: uv's sources may speak of what Poetry asks for, never the other way round.
        if let Some(poetry) = table(tools, &["poetry"]) {
            self.found.tools.push(Tool::Poetry);
            self.poetry(poetry);
        }
        if let Some(pdm) = table(tools, &["pdm"]) {
            self.found.tools.push(Tool::Pdm);
            self.pdm(pdm);
        }
        self.backends(tools);
        if let Some(uv) = table(tools, &["uv"]) {
            self.found.tools.push(Tool::Uv);
            self.uv(uv);
        }
        self.found.tools.sort_unstable();
    }

    /// A table of lists, each for a group of its own.
    fn lists(&mut self, what: &str, value: Option<&Value>, group: fn(String) -> Group) {
        let Some(value) = value else { return };
        let Some(lists) = value.as_table() else {
            self.problems.push(value.span, format!("`{what}` should be a table"));
            return;
        };
        for (name, list) in lists.iter() {
            self.list(name, Some(list), &group(name.to_owned()));
        }
    }

    /// A list of requirements.
    fn list(&mut self, what: &str, value: Option<&Value>, group: &Group) {
        let Some(value) = value else { return };
        match value.as_array() {
            Some(items) => items.iter().for_each(|item| self.item(item, group)),
            None => self.problems.push(value.span, format!("`{what}` should be a list")),
        }
    }

    /// One requirement of a list.
    fn item(&mut self, item: &Value, group: &Group) {
        if self.is_full {
            return;
        }
        let Some(text) = item.as_text() else {
            // What could not be read has its problem already.
            if item.kind != crate::parse::toml::Kind::Unreadable {
                self.problems.push(item.span, "a requirement should be a text");
            }
            return;
        };
        // PDM and hatch take `-e` here.
        let short = text.text.strip_prefix("-e ").map(|rest| text.text.len() - rest.trim_start().len());
        if let Some(start) = short {
            let path = text.part(start..text.text.len());
            self.keep(editable(&path, item.span, group.clone()));
            return;
        }
        match strict(text, item.span, group.clone()) {
            Ok(requirement) => self.keep(requirement),
            Err(Problem { span, message, .. }) => {
                self.problems.push(if span.is_empty() { item.span } else { span }, message)
            }
        }
    }

    /// The requirements that a later table may say more of, by name.
    fn joinable(&self, of: fn(&Group) -> bool) -> Joinable {
        let mut out = Joinable::default();
        for (index, requirement) in self.found.requirements.iter().enumerate().filter(|(_, r)| of(&r.group)) {
            out.waiting.entry(normalise(&requirement.name.value)).or_default().push(index);
        }
        out
    }

    /// What a table says beside the requirements of a name, such as where they come from. True where
    /// there is one; what is said again of a name is passed over.
    fn join(&mut self, to: &mut Joinable, name: &str, says: &Requirement) -> bool {
        let name = normalise(name);
        let Some(indices) = to.waiting.remove(&name) else { return to.joined.contains(&name) };
        // Each gets a copy.
        let fits = !self.is_full && self.budget.take_copies(says.text_bytes(), indices.len());
        if !self.affords(fits, says.span) {
            return true;
        }
        for index in indices {
            let Some(requirement) = self.found.requirements.get_mut(index) else { continue };
            if requirement.origin.is_none() {
                requirement.origin.clone_from(&says.origin);
            }
            if requirement.index.is_none() {
                requirement.index.clone_from(&says.index);
            }
            requirement.editable |= says.editable;
        }
        to.joined.insert(name);
        true
    }
}

/// Requirements by their normalised names. Each is joined once, so that a file of nothing but
/// repetitions costs no more than its length.
#[derive(Default)]
struct Joinable {
    waiting: BTreeMap<String, Vec<usize>>,
    joined: BTreeSet<String>,
}

fn has_entries(table: &Table, key: &str) -> bool {
    table.get(key).and_then(Value::as_table).is_some_and(|found| !found.is_empty())
}

/// The texts of a list, or the only one where no list is.
fn one_or_more(value: Option<&Value>) -> Vec<crate::source::Spanned<String>> {
    text(value).map_or_else(|| texts(value), |only| vec![only])
}

/// The span of a key with its value.
fn entry_span(table: &Table, key: &str) -> Span {
    table.entry(key).map_or(table.span, crate::parse::toml::Entry::span)
}

#[cfg(test)]
mod tests;
