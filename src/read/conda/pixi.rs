//! `pixi.toml`, and `[tool.pixi]` of a `pyproject.toml`. Source: pixi's "Manifest reference".

use crate::graph::Document;
use crate::graph::kinds::conda::{CondaEnvironment, CondaRequirement};
use crate::graph::kinds::python::{Group, IndexOption, IndexOptionKind, Origin, Requirement, RequirementsFile};
use crate::parse::toml::{Entry, Table, Value};
use crate::parse::{Budget, Problems};
use crate::read::toml_help::{document, table, text, texts};
use crate::read::{Facts, Format, Reader};
use crate::source::{RepoPath, SourceFile, Spanned};

/// Reads `pixi.toml`.
#[derive(Debug)]
pub struct PixiReader;

impl Reader for PixiReader {
    fn id(&self) -> &'static str {
        "pixi"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "pixi.toml"
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`pixi.toml`, `[tool.pixi]` of `pyproject.toml`",
            read: "channels, dependencies of conda and PyPI for every feature, target and package; indexes",
            not_read: "commands of tasks",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let toml = document(file, budget, out);
        if out.unread.is_none() {
            manifest(file, &toml.root, budget, out);
        }
    }
}

/// Reads a manifest's table, wherever it stands.
pub(crate) fn manifest(file: &SourceFile, root: &Table, budget: &mut Budget, out: &mut Facts) {
    let mut reading = Reading {
        found: CondaEnvironment { file: file.id, tool: "pixi", ..CondaEnvironment::default() },
        pip: RequirementsFile { file: file.id, ..RequirementsFile::default() },
        problems: Problems::new(budget),
        is_full: false,
    };
    // `[project]` is the older name of `[workspace]`.
    for workspace in ["workspace", "project"].iter().filter_map(|key| table(root, &[key])) {
        reading.found.name = reading.found.name.take().or_else(|| text(workspace.get("name")));
        reading.channels(workspace);
        reading.options(workspace.get("pypi-options"));
    }
    reading.scope(root, None, budget);
    for (name, feature) in tables(root, "feature") {
        reading.channels(feature);
        reading.scope(feature, Some(name), budget);
    }
    // What the tree's own package needs to run, and to be built.
    if let Some(package) = table(root, &["package"]) {
        for (key, feature) in
            [("run-dependencies", None), ("host-dependencies", Some("host")), ("build-dependencies", Some("build"))]
        {
            reading.packages(package.get(key), feature, budget);
        }
    }
    out.problems.extend(reading.problems.finish());
    out.documents.push(Document::CondaEnvironment(reading.found));
    out.documents.push(Document::Requirements(reading.pip));
}

struct Reading {
    found: CondaEnvironment,
    pip: RequirementsFile,
    problems: Problems,
    is_full: bool,
}

impl Reading {
    /// The top level, a feature, or either for one platform.
    fn scope(&mut self, scope: &Table, feature: Option<&str>, budget: &mut Budget) {
        self.lists(scope, feature, budget);
        for (platform, target) in tables(scope, "target") {
            let of = feature.map_or_else(|| platform.to_owned(), |feature| format!("{feature} on {platform}"));
            self.lists(target, Some(&of), budget);
        }
    }

    fn lists(&mut self, scope: &Table, feature: Option<&str>, budget: &mut Budget) {
        self.packages(scope.get("dependencies"), feature, budget);
        for (key, name) in [("host-dependencies", "host"), ("build-dependencies", "build"), ("dev", "dev")] {
            self.packages(scope.get(key), Some(feature.unwrap_or(name)), budget);
        }
        self.pypi(scope.get("pypi-dependencies"), feature, budget);
        self.options(scope.get("pypi-options"));
    }

    fn channels(&mut self, scope: &Table) {
        for channel in scope.get("channels").and_then(Value::as_array).unwrap_or_default() {
            let found = text(Some(channel)).or_else(|| text(channel.get("channel")));
            self.found.channels.extend(found);
        }
        if self.found.channel_priority.is_none() {
            self.found.channel_priority = text(scope.get("channel-priority"));
        }
    }

    fn affords(&mut self, entry: &Entry, bytes: usize, budget: &mut Budget) -> bool {
        let fits = !self.is_full && budget.take_entry(bytes);
        if !fits && !self.is_full {
            self.is_full = true;
            self.problems.push(entry.span(), "too many packages; the rest is not read");
        }
        fits
    }

    fn packages(&mut self, value: Option<&Value>, feature: Option<&str>, budget: &mut Budget) {
        let Some(value) = value else { return };
        let Some(list) = value.as_table() else {
            self.problems.push(value.span, "dependencies should be a table");
            return;
        };
        for entry in list.entries() {
            let version = text(Some(&entry.value)).or_else(|| text(entry.value.get("version")));
            if !self.affords(entry, entry.key.value.len() + version.as_ref().map_or(0, |v| v.value.len()), budget) {
                return;
            }
            let from = entry.value.as_table();
            if version.is_none() && from.is_none() {
                let name = &entry.key.value;
                self.problems.push(entry.span(), format!("dependency `{name}` is neither a version nor a table"));
                continue;
            }
            // A package of the tree or of a repository is built, and no channel is asked.
            if from.is_some_and(|f| f.get("path").is_some() || f.get("git").is_some()) {
                continue;
            }
            self.found.packages.push(CondaRequirement {
                name: entry.key.clone(),
                channel: from.and_then(|f| text(f.get("channel")).or_else(|| text(f.get("url")))),
                version,
                build: from.and_then(|f| text(f.get("build"))),
                feature: feature.map(str::to_owned),
                span: entry.span(),
            });
        }
    }

    fn pypi(&mut self, value: Option<&Value>, feature: Option<&str>, budget: &mut Budget) {
        let Some(value) = value else { return };
        let Some(list) = value.as_table() else {
            self.problems.push(value.span, "dependencies should be a table");
            return;
        };
        for entry in list.entries() {
            match distribution(entry, feature) {
                Some(one) if self.affords(entry, one.text_bytes(), budget) => self.pip.requirements.push(one),
                Some(_) => return,
                None => {
                    let name = &entry.key.value;
                    self.problems.push(entry.span(), format!("dependency `{name}` is neither a version nor a table"));
                }
            }
        }
    }

    /// `[pypi-options]`. pixi asks indexes as uv does.
    fn options(&mut self, value: Option<&Value>) {
        let Some(options) = value.and_then(Value::as_table) else { return };
        let mut add = |kind, key: &str| {
            let Some(entry) = options.entry(key) else { return };
            let values = text(Some(&entry.value)).map_or_else(|| texts(Some(&entry.value)), |only| vec![only]);
            let of_tables = entry.value.tables().filter_map(|t| text(t.get("url")).or_else(|| text(t.get("path"))));
            for value in values.into_iter().chain(of_tables) {
                self.pip.options.push(IndexOption { kind, value, span: entry.span() });
            }
        };
        add(IndexOptionKind::Index, "index-url");
        add(IndexOptionKind::ExtraIndex, "extra-index-urls");
        add(IndexOptionKind::FindLinks, "find-links");
        add(IndexOptionKind::IndexStrategy, "index-strategy");
        add(IndexOptionKind::NoBuildIsolation, "no-build-isolation");
        // uv's order holds unless another is asked for: the first index that has a name answers.
    }
}

/// The tables below a key, each with its name.
fn tables<'t>(root: &'t Table, key: &str) -> impl Iterator<Item = (&'t str, &'t Table)> {
    let found = root.get(key).and_then(Value::as_table);
    found.into_iter().flat_map(Table::iter).filter_map(|(name, value)| Some((name, value.as_table()?)))
}

fn distribution(entry: &Entry, feature: Option<&str>) -> Option<Requirement> {
    let group = feature.map_or(Group::Runtime, |name| Group::Named(name.to_owned()));
    let mut out = Requirement { name: entry.key.clone(), span: entry.span(), group, ..Requirement::default() };
    let specifiers = |version: Option<Spanned<String>>| version.filter(|v| v.value.trim() != "*");
    if entry.value.as_str().is_some() {
        out.specifiers = specifiers(text(Some(&entry.value)));
        return Some(out);
    }
    let from = entry.value.as_table()?;
    out.specifiers = specifiers(text(from.get("version")));
    out.extras = texts(from.get("extras")).into_iter().map(|extra| extra.value).collect();
    out.index = text(from.get("index"));
    out.marker = text(from.get("env-markers"));
    out.editable = from.get("editable").and_then(Value::as_bool) == Some(true);
    out.origin = if let Some(url) = text(from.get("git")) {
        let revision = ["rev", "tag", "branch"].iter().find_map(|key| text(from.get(key)));
        Some(Origin::Vcs { kind: "git".to_owned(), url, revision })
    } else if let Some(url) = text(from.get("url")) {
        Some(Origin::Url { url })
    } else {
        text(from.get("path")).map(|path| Origin::Path { path })
    };
    Some(out)
}
