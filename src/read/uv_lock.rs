//! `uv.lock`, version 1. Source: uv `crates/uv-resolver/src/lock/mod.rs`.

use super::toml_help::{document, table, text, texts};
use super::{Facts, Format, Reader};
use crate::graph::Document;
use crate::graph::indexes::is_pypi;
use crate::graph::kinds::python::{
    Artifact, Group, LockedDependency, LockedDistribution, LockedOrigin, PythonLock, Tool,
};
use crate::parse::toml::{Entry, Table, Value};
use crate::parse::{Budget, Problems};
use crate::source::{RepoPath, SourceFile, Spanned};

/// The newest lock version this reader knows.
const NEWEST: i64 = 1;

/// Reads `uv.lock` and the locks of scripts.
#[derive(Debug)]
pub struct UvLockReader;

impl Reader for UvLockReader {
    fn id(&self) -> &'static str {
        "uv-lock"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        // Beside a script with inline metadata uv keeps `NAME.py.lock`.
        path.name() == "uv.lock" || path.name().ends_with(".py.lock")
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`uv.lock`, `NAME.py.lock`",
            read: "packages, sources, files with hashes, groups, extras, forks, edges",
            not_read: "-",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let mut problems = Problems::new(budget);
        let toml = document(file, budget, out);
        let version = toml.root.entry("version");
        if let Some((entry, number)) = version.and_then(|e| Some((e, e.value.as_integer()?)))
            && number != NEWEST
        {
            problems.push(entry.span(), format!("lock version {number} is not known; it is read as version {NEWEST}"));
        }
        if let Some(entry) = version.filter(|e| e.value.as_integer().is_none()) {
            problems.push(entry.span(), format!("the version of a lock should be a number; it is read as {NEWEST}"));
        }
        if version.is_none() && !file.text.trim().is_empty() && out.problems.is_empty() {
            problems.push(toml.root.span, "a lock without a version");
        }
        let mut lock = PythonLock {
            file: file.id,
            tool: Tool::Uv,
            version: version.map(|entry| written(file, entry)),
            packages: Vec::new(),
            content_hash: None,
        };
        // The first form of the format had `[[distribution]]`.
        let tables = ["package", "distribution"].into_iter().filter_map(|key| toml.root.get(key));
        for found in tables.flat_map(Value::tables) {
            if budget.is_spent() {
                problems.push(found.header.unwrap_or(found.span), "too many locked packages; the rest is not read");
                break;
            }
            match package(found, budget) {
                Some(package) => lock.packages.push(package),
                None => problems.push(found.header.unwrap_or(found.span), "a locked package without a name"),
            }
        }
        out.problems.extend(problems.finish());
        if file.text.trim().is_empty() {
            out.unread = Some("it is empty".to_owned());
            return;
        }
        out.documents.push(Document::PythonLock(lock));
    }
}

/// A value as it stands in the file.
pub(super) fn written(file: &SourceFile, entry: &Entry) -> Spanned<String> {
    let span = entry.value.span;
    let value = entry.value.as_str().map_or_else(|| file.text_at(span).to_owned(), str::to_owned);
    Spanned::new(value, span)
}

/// One package; what does not fit into the budget ends the file.
fn package(table: &Table, budget: &mut Budget) -> Option<LockedDistribution> {
    budget.take_entry(0);
    let mut out = LockedDistribution {
        name: text(table.get("name"))?,
        version: text(table.get("version")),
        span: table.span,
        ..LockedDistribution::default()
    };
    if let Some(entry) = table.entry("source") {
        out.source = source(&entry.value);
        out.source_span = Some(entry.span());
    }
    let sdist = table.get("sdist").map(|found| artifact(found, false));
    let wheels = table.get("wheels").and_then(Value::as_array).unwrap_or_default();
    out.artifacts = sdist.into_iter().chain(wheels.iter().map(|wheel| artifact(wheel, true))).collect();
    edges(table.get("dependencies"), &Group::Runtime, &mut out.dependencies);
    groups(table, "optional-dependencies", Group::Extra, budget, &mut out.dependencies);
    for key in ["dev-dependencies", "dependency-groups"] {
        groups(table, key, Group::Named, budget, &mut out.dependencies);
    }
    // Where a resolution forks, each of its ways has a marker; one of them holds.
    let markers = texts(table.get("resolution-markers"));
    if let (Some(first), Some(last)) = (markers.first(), markers.last()) {
        let span = first.span.to(last.span);
        let value = match markers.as_slice() {
            [only] => only.value.clone(),
            many => many.iter().map(|m| format!("({})", m.value)).collect::<Vec<_>>().join(" or "),
        };
        out.marker = Some(Spanned::new(value, span));
    }
    Some(out)
}

fn source(value: &Value) -> LockedOrigin {
    let part = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    if let Some(registry) = part("registry") {
        return match () {
            () if is_pypi(&registry) => LockedOrigin::PyPi,
            () if registry.contains("://") => LockedOrigin::Registry(registry),
            () => LockedOrigin::Local(registry),
        };
    }
    if let Some(git) = part("git") {
        let (address, commit) = git.split_once('#').map_or((git.as_str(), None), |(a, c)| (a, Some(c.to_owned())));
        let url = address.split('?').next().unwrap_or(address).to_owned();
        return LockedOrigin::Vcs { url, commit };
    }
    if let Some(url) = part("url") {
        return LockedOrigin::Url(url);
    }
    match ["path", "directory", "editable", "virtual"].iter().find_map(|key| part(key)) {
        Some(path) => LockedOrigin::Local(path),
        None => {
            let keys: Vec<&str> = value.as_table().into_iter().flat_map(Table::iter).map(|(key, _)| key).collect();
            LockedOrigin::Unknown(keys.join(", "))
        }
    }
}

fn artifact(value: &Value, is_wheel: bool) -> Artifact {
    let part = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let file = ["url", "path", "filename"].iter().find_map(|key| part(key)).unwrap_or_default();
    Artifact { file, hash: part("hash"), is_wheel }
}

fn groups(
    table_: &Table,
    key: &str,
    group: fn(String) -> Group,
    budget: &mut Budget,
    into: &mut Vec<LockedDependency>,
) {
    for (name, list) in table(table_, &[key]).into_iter().flat_map(Table::iter) {
        // Each edge gets a copy of the name.
        if !budget.take_copies(name.len(), list.as_array().map_or(0, <[Value]>::len)) {
            return;
        }
        edges(Some(list), &group(name.to_owned()), into);
    }
}

fn edges(list: Option<&Value>, group: &Group, into: &mut Vec<LockedDependency>) {
    for edge in list.into_iter().flat_map(Value::tables) {
        let Some(name) = text(edge.get("name")) else { continue };
        let part = |key: &str| edge.get(key).and_then(Value::as_str).map(str::to_owned);
        into.push(LockedDependency {
            name,
            version: part("version"),
            extras: texts(edge.get("extra")).into_iter().map(|extra| extra.value).collect(),
            group: group.clone(),
            marker: part("marker"),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    const LOCK: &str = r#"version = 1
revision = 2
requires-python = ">=3.10"

[[package]]
name = "app"
version = "0.1.0"
source = { editable = "." }
dependencies = [
    { name = "torch", version = "2.1.0", source = { registry = "https://pypi.example/simple" }, marker = "sys_platform == 'darwin'" },
    { name = "torch", version = "2.1.0+cpu", extra = ["x"] },
]

[package.optional-dependencies]
web = [{ name = "flask" }]

[package.dev-dependencies]
dev = [{ name = "ruff" }]

[[package]]
name = "torch"
version = "2.1.0"
source = { registry = "https://pypi.example/simple" }
resolution-markers = ["sys_platform == 'darwin'", "sys_platform == 'win32'"]
sdist = { url = "https://example.com/torch-2.1.0.tar.gz", hash = "sha256:00", size = 1 }
wheels = [
    { url = "https://example.com/torch-2.1.0-cp310-none-any.whl", hash = "sha256:11" },
]

[[package]]
name = "torch"
version = "2.1.0+cpu"
source = { registry = "https://example.com/whl/cpu" }
wheels = [{ filename = "torch.whl" }]

[[package]]
name = "flask"
source = { git = "https://example.com/flask?rev=main#0123abcd" }

[[package]]
name = "odd"
version = "1"
source = { moon = "x" }

[[package]]
version = "1"
"#;

    #[test]
    fn a_lock_is_read_with_all_its_sources() {
        let file = SourceFile::new(
            FileId(0),
            RepoPath::new("uv.lock").unwrap(),
            crate::graph::indexes::put_in(LOCK).into_bytes(),
        );
        let mut facts = Facts::default();
        UvLockReader.read(&file, &mut Budget::default(), &mut facts);
        let [Document::PythonLock(lock)] = facts.documents.as_slice() else { panic!("no lock") };
        let shown: Vec<String> = lock
            .packages
            .iter()
            .map(|p| format!("{} {:?} {:?}", p.name.value, p.version.as_ref().map(|v| v.value.as_str()), p.source))
            .collect();
        assert_eq!(
            shown,
            [
                r#"app Some("0.1.0") Local(".")"#,
                r#"torch Some("2.1.0") PyPi"#,
                r#"torch Some("2.1.0+cpu") Registry("https://example.com/whl/cpu")"#,
                r#"flask None Vcs { url: "https://example.com/flask", commit: Some("0123abcd") }"#,
                r#"odd Some("1") Unknown("moon")"#,
            ]
        );
        let edges: Vec<String> = lock.packages[0]
            .dependencies
            .iter()
            .map(|e| format!("{} {:?} {:?} {:?} {:?}", e.name.value, e.version, e.extras, e.group, e.marker))
            .collect();
        assert_eq!(
            edges,
            [
                r#"torch Some("2.1.0") [] Runtime Some("sys_platform == 'darwin'")"#,
                r#"torch Some("2.1.0+cpu") ["x"] Runtime None"#,
                r#"flask None [] Extra("web") None"#,
                r#"ruff None [] Named("dev") None"#,
            ]
        );
        let torch = &lock.packages[1];
        assert_eq!(torch.artifacts.len(), 2);
        assert!(torch.artifacts[1].is_wheel && torch.artifacts[1].hash.as_deref() == Some("sha256:11"));
        assert_eq!(
            torch.marker.as_ref().map(|m| m.value.as_str()),
            Some("(sys_platform == 'darwin') or (sys_platform == 'win32')")
        );
        assert_eq!(lock.packages[2].artifacts[0].file, "torch.whl");
        assert_eq!(lock.version.as_ref().map(|v| v.value.as_str()), Some("1"));
        let problems: Vec<&str> = facts.problems.iter().map(|p| p.message.as_str()).collect();
        assert_eq!(problems, ["a locked package without a name"]);
    }
}
