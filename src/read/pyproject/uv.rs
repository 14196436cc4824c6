//! `[tool.uv]`: sources, indexes, workspace, options. Source: uv's "Settings" and "Managing
//! dependencies".

use super::{Joinable, Reading, entry_span, one_or_more};
use crate::graph::kinds::python::{
    DeclaredIndex, Group, IndexOption, IndexOptionKind, Origin, Priority, Requirement, Tool,
};
use crate::parse::toml::{Entry, Table, Value};
use crate::read::toml_help::{table, text, texts};
use crate::source::{Span, Spanned};

/// Keys whose values are texts or lists of texts.
const TEXTS: &[(&str, IndexOptionKind)] = &[
    ("index-url", IndexOptionKind::Index),
    ("extra-index-url", IndexOptionKind::ExtraIndex),
    ("find-links", IndexOptionKind::FindLinks),
    ("index-strategy", IndexOptionKind::IndexStrategy),
    ("prerelease", IndexOptionKind::Pre),
    ("allow-insecure-host", IndexOptionKind::TrustedHost),
    ("trusted-host", IndexOptionKind::TrustedHost),
    ("no-binary-package", IndexOptionKind::NoBinary),
    ("no-binary", IndexOptionKind::NoBinary),
    ("no-build-package", IndexOptionKind::OnlyBinary),
    ("only-binary", IndexOptionKind::OnlyBinary),
    ("no-build-isolation-package", IndexOptionKind::NoBuildIsolation),
];

/// Keys that are on where they are true.
const FLAGS: &[(&str, IndexOptionKind)] = &[
    ("no-index", IndexOptionKind::NoIndex),
    ("no-binary", IndexOptionKind::NoBinary),
    ("no-build", IndexOptionKind::OnlyBinary),
    ("no-build-isolation", IndexOptionKind::NoBuildIsolation),
    ("require-hashes", IndexOptionKind::RequireHashes),
];

impl Reading {
    pub(super) fn uv(&mut self, uv: &Table) {
        self.found.unpublished |= uv.get("package").and_then(Value::as_bool) == Some(false);
        self.list("dev-dependencies", uv.get("dev-dependencies"), &Group::Named("dev".to_owned()));
        for key in ["constraint-dependencies", "override-dependencies", "build-constraint-dependencies"] {
            self.list(key, uv.get(key), &Group::Constraint);
        }
        if let Some(extra) = table(uv, &["extra-build-dependencies"]) {
            for (_, list) in extra.iter() {
                for item in list.as_array().unwrap_or_default() {
                    self.item(item.get("requirement").unwrap_or(item), &Group::Build);
                }
            }
        }
        if let Some(workspace) = table(uv, &["workspace"]) {
            self.found.workspace_members = texts(workspace.get("members"));
            self.found.workspace_exclude = texts(workspace.get("exclude"));
        }
        let (mut indexes, mut options) = settings(uv);
        self.found.indexes.append(&mut indexes);
        self.found.options.append(&mut options);
        if let Some(sources) = table(uv, &["sources"]) {
            let mut to = self.joinable(|group| *group != Group::Constraint);
            sources.entries().iter().for_each(|entry| self.source(entry, &mut to));
        }
    }

    /// `name = { index = ".." }`, or a list of such with markers, of which the first speaks for all.
    fn source(&mut self, entry: &Entry, to: &mut Joinable) {
        let first = entry.value.as_table().or_else(|| entry.value.tables().next());
        let Some(from) = first else {
            self.problems.push(entry.span(), format!("source of `{}` is no table", entry.key.value));
            return;
        };
        let Some(says) = says(from) else {
            self.problems.push(entry.span(), format!("source of `{}` is of no known kind", entry.key.value));
            return;
        };
        if !self.join(to, &entry.key.value, &says) {
            // It binds what others ask for.
            self.keep(Requirement { name: entry.key.clone(), group: Group::Constraint, span: entry.span(), ..says });
        }
    }
}

/// What chooses where uv looks: the same keys stand in `[tool.uv]` and in `uv.toml`.
pub(in crate::read) fn settings(uv: &Table) -> (Vec<DeclaredIndex>, Vec<IndexOption>) {
    let indexes = uv.get("index").into_iter().flat_map(Value::tables).map(declared).collect();
    let mut found = Vec::new();
    options(uv, &mut found);
    if let Some(pip) = table(uv, &["pip"]) {
        options(pip, &mut found);
    }
    (indexes, found)
}

fn options(table: &Table, found: &mut Vec<IndexOption>) {
    for (key, kind) in TEXTS {
        let span = entry_span(table, key);
        for value in one_or_more(table.get(key)) {
            found.push(IndexOption { kind: *kind, value, span });
        }
    }
    for (key, kind) in FLAGS {
        if table.get(key).and_then(Value::as_bool) == Some(true) {
            let span = entry_span(table, key);
            found.push(IndexOption { kind: *kind, value: Spanned::new(String::new(), span), span });
        }
    }
}

fn says(from: &Table) -> Option<Requirement> {
    let mut out = Requirement { index: text(from.get("index")), span: from.span, ..Requirement::default() };
    out.editable = from.get("editable").and_then(Value::as_bool) == Some(true);
    out.marker = text(from.get("marker"));
    out.origin = if let Some(url) = text(from.get("git")) {
        let revision = ["rev", "tag", "branch"].iter().find_map(|key| text(from.get(key)));
        Some(Origin::Vcs { kind: "git".to_owned(), url, revision })
    } else if let Some(url) = text(from.get("url")) {
        Some(Origin::Url { url })
    } else if let Some(path) = text(from.get("path")) {
        Some(Origin::Path { path })
    } else if from.get("workspace").and_then(Value::as_bool) == Some(true) {
        Some(Origin::Workspace)
    } else {
        None
    };
    let is_known = out.origin.is_some() || out.index.is_some() || from.get("workspace").is_some();
    is_known.then_some(out)
}

fn declared(index: &Table) -> DeclaredIndex {
    let flag = |key: &str| index.get(key).and_then(Value::as_bool) == Some(true);
    let priority = match () {
        () if flag("explicit") => Priority::Explicit,
        () if flag("default") => Priority::Default,
        () => Priority::Normal,
    };
    DeclaredIndex {
        tool: Tool::Uv,
        name: text(index.get("name")).unwrap_or_else(|| Spanned::new(String::new(), head(index))),
        url: text(index.get("url")),
        priority,
        tls_off: None,
        ignored_errors: index.entry("ignore-error-codes").map(Entry::span),
        is_filtered: false,
        span: index.span,
    }
}

/// A table's header, or all of it where it has none.
pub(super) fn head(table: &Table) -> Span {
    table.header.unwrap_or(table.span)
}
