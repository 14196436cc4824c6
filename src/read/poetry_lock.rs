//! `poetry.lock`, versions 1 and 2. Source: poetry `packages/locker.py` and what its releases wrote.

use std::collections::BTreeMap;

use super::toml_help::{document, table, text, texts};
use super::uv_lock::written;
use super::{Facts, Format, Reader};
use crate::graph::Document;
use crate::graph::indexes::is_pypi;
use crate::graph::kinds::python::{
    Artifact, Group, LockedDependency, LockedDistribution, LockedOrigin, PythonLock, Tool,
};
use crate::parse::pep508::{self, normalise};
use crate::parse::toml::{Entry, Table, Value};
use crate::parse::{Budget, Problems};
use crate::source::{RepoPath, SourceFile, Spanned};

/// Reads `poetry.lock`.
#[derive(Debug)]
pub struct PoetryLockReader;

impl Reader for PoetryLockReader {
    fn id(&self) -> &'static str {
        "poetry-lock"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "poetry.lock"
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`poetry.lock`",
            read: "packages, sources, files with hashes, groups, extras, markers, edges",
            not_read: "-",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let mut problems = Problems::new(budget);
        let toml = document(file, budget, out);
        let metadata = table(&toml.root, &["metadata"]);
        let version = metadata.and_then(|m| m.entry("lock-version")).map(|entry| written(file, entry));
        if let Some(version) = version.as_ref().filter(|v| !v.value.starts_with("1.") && !v.value.starts_with("2.")) {
            problems
                .push(version.span, format!("lock version {} is not known; it is read as version 2", version.value));
        }
        let mut lock = PythonLock {
            file: file.id,
            tool: Tool::Poetry,
            version,
            packages: Vec::new(),
            content_hash: metadata.and_then(|m| text(m.get("content-hash"))),
        };
        for found in toml.root.get("package").into_iter().flat_map(Value::tables) {
            if budget.is_spent() {
                problems.push(found.header.unwrap_or(found.span), "too many locked packages; the rest is not read");
                break;
            }
            match package(found, budget) {
                Some(package) => lock.packages.push(package),
                None => problems.push(found.header.unwrap_or(found.span), "a locked package without name or version"),
            }
        }
        if let Some(files) = metadata.and_then(|m| table(m, &["files"]).or_else(|| table(m, &["hashes"]))) {
            files_of_v1(files, &mut lock, budget, &mut problems);
        }
        if metadata.is_none() && !file.text.trim().is_empty() && out.problems.is_empty() {
            problems.push(toml.root.span, "a lock without `[metadata]`");
        }
        out.problems.extend(problems.finish());
        if file.text.trim().is_empty() {
            out.unread = Some("it is empty".to_owned());
            return;
        }
        out.documents.push(Document::PythonLock(lock));
    }
}

/// One package; what does not fit into the budget ends the file.
fn package(table_: &Table, budget: &mut Budget) -> Option<LockedDistribution> {
    budget.take_entry(0);
    let mut out = LockedDistribution {
        name: text(table_.get("name"))?,
        version: Some(text(table_.get("version"))?),
        optional: table_.get("optional").and_then(Value::as_bool) == Some(true),
        artifacts: files(table_.get("files")),
        span: table_.span,
        ..LockedDistribution::default()
    };
    out.groups = texts(table_.get("groups")).into_iter().map(|group| group.value).collect();
    // Version 1 has one word for it.
    out.groups.extend(text(table_.get("category")).map(|category| category.value));
    out.marker = markers(table_.get("markers"));
    if let Some(source) = table(table_, &["source"]) {
        out.source = origin(source);
        out.source_span = Some(source.span);
    }
    let extras = extras(table_);
    for entry in table(table_, &["dependencies"]).into_iter().flat_map(Table::entries) {
        if !edges(entry, &extras, budget, &mut out.dependencies) {
            break;
        }
    }
    Some(out)
}

/// One marker for all groups, or one for each: any of them.
fn markers(value: Option<&Value>) -> Option<Spanned<String>> {
    let value = value?;
    if value.as_str().is_some() {
        return text(Some(value));
    }
    let each: Vec<Spanned<String>> = value.as_table()?.iter().filter_map(|(_, marker)| text(Some(marker))).collect();
    // A group without a marker installs it everywhere.
    let span = each.first()?.span.to(each.last()?.span);
    let joined = each.iter().map(|m| format!("({})", m.value)).collect::<Vec<_>>().join(" or ");
    Some(Spanned::new(joined, span))
}

fn origin(source: &Table) -> LockedOrigin {
    let part = |key: &str| source.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
    let url = part("url");
    match part("type").as_str() {
        "legacy" | "" if is_pypi(&url) => LockedOrigin::PyPi,
        "legacy" | "" => LockedOrigin::Registry(url),
        "pypi" => LockedOrigin::PyPi,
        "git" => {
            let commit = Some(part("resolved_reference")).filter(|commit| !commit.is_empty());
            LockedOrigin::Vcs { url, commit }
        }
        "url" => LockedOrigin::Url(url),
        "directory" | "file" => LockedOrigin::Local(url),
        other => LockedOrigin::Unknown(other.to_owned()),
    }
}

/// Which extras of the package ask for a distribution: jsonschema has one for all formats and one for
/// those under free licences.
fn extras(package: &Table) -> BTreeMap<String, Vec<String>> {
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (extra, list) in table(package, &["extras"]).into_iter().flat_map(Table::iter) {
        for item in texts(Some(list)) {
            // `name (>=1)`, or in old locks with a marker of Poetry's own behind it.
            let name = item.value.split([' ', '(', '[', ';', '<', '>', '=', '!', '~']).next().unwrap_or("");
            if pep508::is_name(name) {
                let asking = out.entry(normalise(name)).or_default();
                // One extra may name it for each platform.
                if asking.last().is_none_or(|last| last != extra) {
                    asking.push(extra.to_owned());
                }
            }
        }
    }
    out
}

/// False where the copies of the names do not fit into the budget.
fn edges(
    entry: &Entry,
    extras: &BTreeMap<String, Vec<String>>,
    budget: &mut Budget,
    into: &mut Vec<LockedDependency>,
) -> bool {
    let alternatives: Vec<&Value> = match entry.value.as_array() {
        Some(items) => items.iter().collect(),
        None => vec![&entry.value],
    };
    let none = [String::new()];
    let asking = extras.get(&normalise(&entry.key.value)).map_or(&none[..], Vec::as_slice);
    for item in alternatives {
        let is_optional = item.get("optional").and_then(Value::as_bool) == Some(true);
        // An edge for each extra that asks for it.
        for extra in asking.iter().take(if is_optional { usize::MAX } else { 1 }) {
            if !budget.take_entry(entry.key.value.len() + extra.len()) {
                return false;
            }
            into.push(LockedDependency {
                name: entry.key.clone(),
                version: None,
                extras: texts(item.get("extras")).into_iter().map(|extra| extra.value).collect(),
                group: if is_optional { Group::Extra(extra.clone()) } else { Group::Runtime },
                marker: item.get("markers").and_then(Value::as_str).map(str::to_owned),
            });
        }
    }
    true
}

/// `{ file, hash }` for each file; before that, hashes alone.
fn files(value: Option<&Value>) -> Vec<Artifact> {
    let items = value.and_then(Value::as_array).unwrap_or_default().iter();
    let one = |item: &Value| {
        if let Some(hash) = item.as_str() {
            return Some(Artifact { file: String::new(), hash: Some(format!("sha256:{hash}")), is_wheel: false });
        }
        let part = |key: &str| item.get(key).and_then(Value::as_str).map(str::to_owned);
        let file = part("file").or_else(|| part("url"))?;
        let is_wheel = file.ends_with(".whl");
        Some(Artifact { file, hash: part("hash"), is_wheel })
    };
    items.filter_map(one).collect()
}

/// `[metadata.files]` of version 1, by name: all versions of a name share a list there.
fn files_of_v1(table: &Table, lock: &mut PythonLock, budget: &mut Budget, problems: &mut Problems) {
    let found: BTreeMap<String, &Value> = table.iter().map(|(name, list)| (normalise(name), list)).collect();
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for package in &lock.packages {
        *count.entry(normalise(&package.name.value)).or_default() += 1;
    }
    for package in lock.packages.iter_mut().filter(|p| p.artifacts.is_empty()) {
        let name = normalise(&package.name.value);
        let Some(list) = found.get(&name) else { continue };
        if !budget.take_items(list.as_array().map_or(0, <[Value]>::len)) {
            problems.push(list.span, "too many files for one name; the rest is not read");
            return;
        }
        let mut artifacts = files(Some(list));
        if count.get(&name).is_some_and(|n| *n > 1) {
            // Each version keeps the files whose names hold it.
            let version = package.version.as_ref().map_or("", |v| v.value.as_str());
            artifacts.retain(|a| a.file.contains(&format!("-{version}-")) || a.file.contains(&format!("-{version}.")));
        }
        package.artifacts = artifacts;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::Problem;
    use crate::source::FileId;

    const V2: &str = r#"[[package]]
name = "torch"
version = "2.1.0+cpu"
description = ""
optional = true
python-versions = ">=3.8"
groups = ["main", "dev"]
markers = "sys_platform == 'linux'"
files = [
    {file = "torch-2.1.0-py3-none-any.whl", hash = "sha256:00"},
    {file = "torch-2.1.0.tar.gz", hash = "sha256:11"},
]

[package.dependencies]
filelock = "*"
opt = {version = ">=1", optional = true, markers = "extra == 'fast'"}
two = [
    {version = "<2", markers = "python_version < '3.9'"},
    {version = ">=2", extras = ["x"]},
]

[package.extras]
fast = ["opt (>=1)", "other[x]"]
faster = ["opt", "opt (>=2)"]

[package.source]
type = "legacy"
url = "https://example.com/whl/cpu"
reference = "torch"

[[package]]
name = "vcs"
version = "0.1"
groups = ["main"]
files = []
markers = {main = "os_name == 'nt'", dev = "os_name == 'posix'"}

[package.source]
type = "git"
url = "https://example.com/vcs.git"
reference = "main"
resolved_reference = "0123abcd"

[[package]]
name = "nameless"

[metadata]
lock-version = "2.1"
python-versions = "^3.9"
content-hash = "ff"
"#;

    const V1: &str = r#"[[package]]
name = "Flask_Cors"
version = "4.0.0"
category = "dev"
optional = false

[[package]]
name = "numpy"
version = "1.0"
category = "main"

[[package]]
name = "numpy"
version = "2.0"
category = "main"

[metadata]
lock-version = "1.1"
content-hash = "aa"

[metadata.files]
flask-cors = [{file = "Flask_Cors-4.0.0-py2.py3-none-any.whl", hash = "sha256:00"}]
numpy = [
    {file = "numpy-1.0.tar.gz", hash = "sha256:11"},
    {file = "numpy-2.0-py3-none-any.whl", hash = "sha256:22"},
]
"#;

    fn read(text: &str) -> (PythonLock, Vec<String>) {
        let file = SourceFile::new(FileId(0), RepoPath::new("poetry.lock").unwrap(), text.as_bytes().to_vec());
        let mut facts = Facts::default();
        PoetryLockReader.read(&file, &mut Budget::default(), &mut facts);
        let Some(Document::PythonLock(lock)) = facts.documents.pop() else { panic!("no lock") };
        (lock, facts.problems.into_iter().map(|p: Problem| p.message).collect())
    }

    #[test]
    fn version_2_is_read() {
        let (lock, problems) = read(V2);
        assert_eq!(problems, ["a locked package without name or version"]);
        assert_eq!(lock.content_hash.map(|h| h.value).as_deref(), Some("ff"));
        let torch = &lock.packages[0];
        assert!(torch.optional && torch.groups == ["main", "dev"]);
        assert_eq!(torch.source, LockedOrigin::Registry("https://example.com/whl/cpu".to_owned()));
        assert!(torch.artifacts[0].is_wheel && !torch.artifacts[1].is_wheel);
        let edges: Vec<String> = torch
            .dependencies
            .iter()
            .map(|e| format!("{} {:?} {:?} {:?}", e.name.value, e.extras, e.group, e.marker))
            .collect();
        assert_eq!(
            edges,
            [
                "filelock [] Runtime None",
                r#"opt [] Extra("fast") Some("extra == 'fast'")"#,
                r#"opt [] Extra("faster") Some("extra == 'fast'")"#,
                r#"two [] Runtime Some("python_version < '3.9'")"#,
                r#"two ["x"] Runtime None"#,
            ]
        );
        let vcs = &lock.packages[1];
        assert_eq!(
            vcs.source,
            LockedOrigin::Vcs { url: "https://example.com/vcs.git".to_owned(), commit: Some("0123abcd".to_owned()) }
        );
        assert_eq!(vcs.marker.as_ref().map(|m| m.value.as_str()), Some("(os_name == 'nt') or (os_name == 'posix')"));
    }

    #[test]
    fn version_1_keeps_files_apart() {
        let (lock, problems) = read(V1);
        assert!(problems.is_empty(), "{problems:?}");
        let files: Vec<String> = lock
            .packages
            .iter()
            .map(|p| {
                format!("{} {:?} {:?}", p.name.value, p.groups, p.artifacts.iter().map(|a| &a.file).collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(
            files,
            [
                r#"Flask_Cors ["dev"] ["Flask_Cors-4.0.0-py2.py3-none-any.whl"]"#,
                r#"numpy ["main"] ["numpy-1.0.tar.gz"]"#,
                r#"numpy ["main"] ["numpy-2.0-py3-none-any.whl"]"#,
            ]
        );
    }

    #[test]
    fn many_versions_and_files_of_a_name_are_bounded() {
        let packages = "[[package]]\nname = \"a\"\nversion = \"1\"\n".repeat(20_000);
        let files = "{file = \"a\", hash = \"b\"},".repeat(20_000);
        let (_, problems) = read(&format!("{packages}[metadata]\n[metadata.files]\na = [{files}]\n"));
        assert_eq!(problems, ["too many files for one name; the rest is not read"]);
    }
}
