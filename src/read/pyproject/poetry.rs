//! `[tool.poetry]`: dependencies with constraints of Poetry's own, groups, extras, sources. Source:
//! Poetry's "The pyproject.toml file" and "Dependency specification".

use std::collections::BTreeMap;

use super::uv::head;
use super::{Joinable, Reading, caret, has_entries};
use crate::graph::kinds::python::{DeclaredIndex, Group, Origin, Priority, Requirement, Tool};
use crate::parse::pep508::normalise;
use crate::parse::toml::{Entry, Table, Value};
use crate::read::toml_help::{table, text, texts};
use crate::source::{Span, Spanned};

/// Which extra asks for a distribution, by its normalised name.
type Extras = BTreeMap<String, String>;

impl Reading {
    pub(super) fn poetry(&mut self, poetry: &Table) {
        let found = &mut self.found;
        found.name = found.name.take().or_else(|| text(poetry.get("name")));
        found.version = found.version.take().or_else(|| text(poetry.get("version")));
        found.unpublished |= poetry.get("package-mode").and_then(Value::as_bool) == Some(false)
            || texts(poetry.get("classifiers")).iter().any(|class| class.value.starts_with("Private ::"));
        found.is_described |= has_entries(poetry, "urls")
            || ["homepage", "repository", "documentation"].iter().any(|key| poetry.get(key).is_some())
            || texts(poetry.get("classifiers")).iter().any(|class| !class.value.starts_with("Private ::"));
        found.has_scripts |= has_entries(poetry, "scripts");
        super::about::poetry(poetry, &mut found.about);
        let mut extras = Extras::new();
        if let Some(named) = table(poetry, &["extras"]) {
            for (extra, list) in named.iter() {
                for name in texts(Some(list)) {
                    extras.entry(normalise(&name.value)).or_insert_with(|| extra.to_owned());
                }
            }
        }
        if let Some(found) = table(poetry, &["dependencies"]) {
            self.poetry_table(found, &Group::Runtime, &extras);
        }
        // Before groups there were these.
        if let Some(found) = table(poetry, &["dev-dependencies"]) {
            self.poetry_table(found, &Group::Named("dev".to_owned()), &Extras::new());
        }
        for (name, group) in table(poetry, &["group"]).into_iter().flat_map(Table::iter) {
            if let Some(found) = group.get("dependencies").and_then(Value::as_table) {
                self.poetry_table(found, &Group::Named(name.to_owned()), &Extras::new());
            }
        }
        for source in poetry.get("source").into_iter().flat_map(Value::tables) {
            self.found.indexes.push(declared(source));
        }
    }

    fn poetry_table(&mut self, table: &Table, group: &Group, extras: &Extras) {
        // With PEP 621 beside it the table says more of what `[project]` asks for.
        let mut of_project = match group {
            Group::Runtime => self.joinable(|group| matches!(group, Group::Runtime | Group::Extra(_))),
            _ => Joinable::default(),
        };
        for entry in table.entries() {
            if entry.key.value == "python" {
                let python = || text(Some(&entry.value)).or_else(|| text(entry.value.get("version")));
                self.found.requires_python = self.found.requires_python.take().or_else(python);
                continue;
            }
            let items: Vec<&Value> = match entry.value.as_array() {
                Some(items) => items.iter().collect(),
                None => vec![&entry.value],
            };
            for item in items {
                if self.is_full {
                    return;
                }
                let span = if std::ptr::eq(item, &raw const entry.value) { entry.span() } else { item.span };
                match dependency(entry, item, span, group, extras) {
                    Some(found) if self.join(&mut of_project, &found.name.value, &found) => {}
                    Some(found) => self.keep(found),
                    None => self
                        .problems
                        .push(span, format!("dependency `{}` is neither a version nor a table", entry.key.value)),
                }
            }
        }
    }
}

/// One entry, or one of a list of alternatives.
fn dependency(entry: &Entry, item: &Value, span: Span, group: &Group, extras: &Extras) -> Option<Requirement> {
    let mut out = Requirement { name: entry.key.clone(), group: group.clone(), span, ..Requirement::default() };
    let specifiers = |version: Option<Spanned<String>>| {
        version.and_then(|v| caret::specifiers(&v.value).map(|value| Spanned::new(value, v.span)))
    };
    if item.as_str().is_some() {
        out.specifiers = specifiers(text(Some(item)));
        return Some(out);
    }
    let from = item.as_table()?;
    out.specifiers = specifiers(text(from.get("version")));
    out.extras = texts(from.get("extras")).into_iter().map(|extra| extra.value).collect();
    out.index = text(from.get("source"));
    out.editable = from.get("develop").and_then(Value::as_bool) == Some(true);
    out.marker = marker(from);
    if from.get("optional").and_then(Value::as_bool) == Some(true) && *group == Group::Runtime {
        // One that no extra names is never installed.
        out.group = Group::Extra(extras.get(&normalise(&entry.key.value)).cloned().unwrap_or_default());
    }
    out.origin = if let Some(url) = text(from.get("git")) {
        let revision = ["rev", "tag", "branch"].iter().find_map(|key| text(from.get(key)));
        Some(Origin::Vcs { kind: "git".to_owned(), url, revision })
    } else if let Some(url) = text(from.get("url")) {
        Some(Origin::Url { url })
    } else {
        text(from.get("path")).or_else(|| text(from.get("file"))).map(|path| Origin::Path { path })
    };
    Some(out)
}

/// `markers`, `python` and `platform` as one marker.
fn marker(from: &Table) -> Option<Spanned<String>> {
    let written = text(from.get("markers"));
    let python = text(from.get("python")).map(|v| v.map(|python| caret::python_marker(&python)));
    let platform = text(from.get("platform")).map(|v| v.map(|name| format!("sys_platform == \"{name}\"")));
    let mut all = [written, python, platform].into_iter().flatten().filter(|m| !m.value.is_empty());
    let first = all.next()?;
    Some(
        all.fold(first, |sum, next| {
            Spanned::new(format!("({}) and ({})", sum.value, next.value), sum.span.to(next.span))
        }),
    )
}

fn declared(source: &Table) -> DeclaredIndex {
    let flag = |key: &str| source.get(key).and_then(Value::as_bool) == Some(true);
    let priority = match source.get("priority").and_then(Value::as_str).map(str::to_ascii_lowercase).as_deref() {
        Some("explicit") => Priority::Explicit,
        Some("supplemental" | "secondary") => Priority::Supplemental,
        None if flag("secondary") => Priority::Supplemental,
        // `primary`, `default`, `default = true`, or nothing said: PyPI is not asked unless it is named.
        _ => Priority::Default,
    };
    DeclaredIndex {
        tool: Tool::Poetry,
        name: text(source.get("name")).unwrap_or_else(|| Spanned::new(String::new(), head(source))),
        url: text(source.get("url")),
        priority,
        tls_off: None,
        ignored_errors: None,
        is_filtered: false,
        span: source.span,
    }
}
