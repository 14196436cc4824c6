//! `pdm.lock`, versions 2 to 4. Sources: PDM `project/lockfile/` and what its releases wrote.

use std::collections::BTreeMap;

use super::toml_help::{document, table, text, texts};
use super::uv_lock::written;
use super::{Facts, Reader};
use crate::graph::Document;
use crate::graph::kinds::python::{
    Artifact, Group, LockedDependency, LockedDistribution, LockedOrigin, PythonLock, Tool,
};
use crate::parse::pep508::{self, normalise};
use crate::parse::toml::{Entry, Table, Value};
use crate::parse::{Budget, Problems};
use crate::source::{RepoPath, SourceFile};

/// Reads `pdm.lock`.
#[derive(Debug)]
pub struct PdmLockReader;

impl Reader for PdmLockReader {
    fn id(&self) -> &'static str {
        "pdm-lock"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        // `pdm.NAME.lock` is a lock for one kind of machine.
        let name = path.name();
        name == "pdm.lock" || (name.starts_with("pdm.") && name.ends_with(".lock"))
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let mut problems = Problems::new(budget);
        let toml = document(file, budget, out);
        let metadata = table(&toml.root, &["metadata"]);
        let entry = |keys: [&str; 2]| keys.into_iter().find_map(|key| metadata?.entry(key));
        let version = entry(["lock_version", "lock-version"]).map(|entry| written(file, entry));
        let is_known = |version: &str| ["2", "3", "4"].contains(&version.split('.').next().unwrap_or(version));
        if let Some(version) = version.as_ref().filter(|v| !is_known(&v.value)) {
            problems
                .push(version.span, format!("lock version {} is not known; it is read as version 4", version.value));
        }
        let mut lock = PythonLock {
            file: file.id,
            tool: Tool::Pdm,
            version,
            packages: Vec::new(),
            content_hash: text(entry(["content_hash", "content-hash"]).map(|entry| &entry.value)),
        };
        let mut extras = Vec::new();
        for found in toml.root.get("package").into_iter().flat_map(Value::tables) {
            if budget.is_spent() {
                problems.push(found.header.unwrap_or(found.span), "too many locked packages; the rest is not read");
                break;
            }
            let at = found.header.unwrap_or(found.span);
            let Some(package) = package(found, budget, &mut problems) else {
                problems.push(at, "a locked package without a name");
                continue;
            };
            let of_extras: Vec<String> = texts(found.get("extras")).into_iter().map(|extra| extra.value).collect();
            if of_extras.is_empty() { lock.packages.push(package) } else { extras.push((of_extras, package)) }
        }
        for (names, package) in join(&mut lock, extras, budget) {
            problems.push(package.name.span, format!("`{}[{names}]` is locked without `{0}`", package.name.value));
        }
        if let Some(files) = metadata.and_then(|m| table(m, &["files"])) {
            files_of_metadata(files, &mut lock);
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
fn package(found: &Table, budget: &mut Budget, problems: &mut Problems) -> Option<LockedDistribution> {
    budget.take_entry(0);
    let mut out = LockedDistribution {
        name: text(found.get("name"))?,
        version: text(found.get("version")),
        artifacts: files(found.get("files")),
        groups: texts(found.get("groups")).into_iter().map(|group| group.value).collect(),
        marker: text(found.get("marker")),
        span: found.span,
        ..LockedDistribution::default()
    };
    let part = |key: &str| found.get(key).and_then(Value::as_str).map(str::to_owned);
    let from = ["git", "hg", "svn", "bzr", "url", "path"].iter().find_map(|key| found.entry(key));
    if let Some(entry) = from {
        let target = entry.value.as_str().unwrap_or("").to_owned();
        out.source = match entry.key.as_str() {
            "url" => LockedOrigin::Url(target),
            "path" => LockedOrigin::Local(target),
            _ => LockedOrigin::Vcs { url: target, commit: part("revision") },
        };
        out.source_span = Some(entry.span());
    }
    for item in found.get("dependencies").and_then(Value::as_array).unwrap_or_default() {
        match item.as_text().map(|text| (text, pep508::parse(&text.text))) {
            Some((text, Ok(parsed))) => out.dependencies.push(edge(text, &parsed)),
            _ => problems.push(item.span, "a dependency that is no requirement"),
        }
    }
    Some(out)
}

fn edge(text: &crate::source::Embedded, parsed: &pep508::Parsed) -> LockedDependency {
    let part = |range: &std::ops::Range<usize>| text.text.get(range.clone()).unwrap_or("").to_owned();
    let exact = parsed.specifiers.as_ref().map(part).and_then(|s| s.strip_prefix("==").map(|v| v.trim().to_owned()));
    LockedDependency {
        name: crate::source::Spanned::new(part(&parsed.name), text.host_span(parsed.name.clone())),
        version: exact.filter(|version| !version.contains(['*', ',', '='])),
        extras: parsed.extras.iter().map(part).collect(),
        group: Group::Runtime,
        marker: parsed.marker.as_ref().map(part),
    }
}

/// PDM writes a package with extras once more, with what the extras need; here they are one. Those that
/// stand for themselves are handed back.
fn join(
    lock: &mut PythonLock,
    extras: Vec<(Vec<String>, LockedDistribution)>,
    budget: &mut Budget,
) -> Vec<(String, LockedDistribution)> {
    let key = |package: &LockedDistribution| {
        (normalise(&package.name.value), package.version.as_ref().map(|version| version.value.clone()))
    };
    let known: BTreeMap<_, usize> =
        lock.packages.iter().enumerate().rev().map(|(index, package)| (key(package), index)).collect();
    let mut alone = Vec::new();
    for (names, package) in extras {
        let Some(base) = known.get(&key(&package)).and_then(|index| lock.packages.get_mut(*index)) else {
            alone.push((names.join(","), package));
            continue;
        };
        let own = normalise(&package.name.value);
        let bytes: usize = package.dependencies.iter().map(|d| d.name.value.len()).sum();
        for extra in &names {
            if !budget.take_copies(bytes + extra.len(), package.dependencies.len()) {
                break;
            }
            let others = package.dependencies.iter().filter(|d| normalise(&d.name.value) != own);
            let group = Group::Extra(extra.clone());
            base.dependencies.extend(others.map(|d| LockedDependency { group: group.clone(), ..d.clone() }));
        }
        for group in package.groups {
            if !base.groups.contains(&group) {
                base.groups.push(group);
            }
        }
    }
    alone
}

fn files(value: Option<&Value>) -> Vec<Artifact> {
    let one = |item: &Table| {
        let part = |key: &str| item.get(key).and_then(Value::as_str).map(str::to_owned);
        let file = part("file").or_else(|| part("url"))?;
        let is_wheel = file.split('#').next().is_some_and(|name| name.ends_with(".whl"));
        Some(Artifact { file, hash: part("hash"), is_wheel })
    };
    value.into_iter().flat_map(Value::tables).filter_map(one).collect()
}

/// `[metadata.files]` of versions before 4.3, by `name version`.
fn files_of_metadata(table: &Table, lock: &mut PythonLock) {
    let mut by_key: BTreeMap<String, Vec<Artifact>> =
        table.entries().iter().map(|Entry { key, value }| (key.value.clone(), files(Some(value)))).collect();
    for package in lock.packages.iter_mut().filter(|package| package.artifacts.is_empty()) {
        let version = package.version.as_ref().map_or("", |version| version.value.as_str());
        // Each is asked for once: a name and version stand once in a lock.
        package.artifacts = by_key.remove(&format!("{} {version}", package.name.value)).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    const LOCK: &str = r#"[metadata]
groups = ["default", "test"]
strategy = ["inherit_metadata"]
lock_version = "4.5.0"
content_hash = "sha256:ab"

[[package]]
name = "requests"
version = "2.31.0"
groups = ["default"]
marker = "python_version >= \"3.8\""
dependencies = ["idna<4,>=2.5", "win-inet-pton; sys_platform == \"win32\""]
files = [
    {file = "requests-2.31.0-py3-none-any.whl", hash = "sha256:00"},
    {file = "requests-2.31.0.tar.gz", hash = "sha256:11"},
]

[[package]]
name = "requests"
version = "2.31.0"
extras = ["socks"]
groups = ["default", "test"]
dependencies = ["PySocks!=1.5.7,>=1.5.6", "requests==2.31.0"]
files = [{file = "requests-2.31.0-py3-none-any.whl", hash = "sha256:00"}]

[[package]]
name = "vcs"
version = "0.1"
git = "https://example.com/vcs.git"
ref = "main"
revision = "0123abcd"
groups = ["test"]

[[package]]
name = "own"
version = "0.2"
path = "./own"
editable = true
groups = ["default"]

[[package]]
name = "file"
version = "0.3"
url = "https://example.com/file-0.3.tar.gz"
dependencies = ["=="]

[[package]]
version = "1"
"#;

    fn read(text: &str) -> (PythonLock, Vec<String>) {
        let file = SourceFile::new(FileId(0), RepoPath::new("pdm.lock").unwrap(), text.as_bytes().to_vec());
        let mut facts = Facts::default();
        PdmLockReader.read(&file, &mut Budget::default(), &mut facts);
        let Some(Document::PythonLock(lock)) = facts.documents.pop() else { panic!("no lock") };
        (lock, facts.problems.into_iter().map(|p| p.message).collect())
    }

    #[test]
    fn a_lock_is_read_with_extras_joined() {
        let (lock, problems) = read(LOCK);
        assert_eq!(problems, ["a dependency that is no requirement", "a locked package without a name"]);
        let shown: Vec<String> = lock
            .packages
            .iter()
            .map(|p| format!("{} {:?} {:?} {}", p.name.value, p.groups, p.source, p.artifacts.len()))
            .collect();
        assert_eq!(
            shown,
            [
                r#"requests ["default", "test"] PyPi 2"#,
                r#"vcs ["test"] Vcs { url: "https://example.com/vcs.git", commit: Some("0123abcd") } 0"#,
                r#"own ["default"] Local("./own") 0"#,
                r#"file [] Url("https://example.com/file-0.3.tar.gz") 0"#,
            ]
        );
        let edges: Vec<String> = lock.packages[0]
            .dependencies
            .iter()
            .map(|d| format!("{} {:?} {:?}", d.name.value, d.group, d.marker))
            .collect();
        assert_eq!(
            edges,
            [
                "idna Runtime None",
                r#"win-inet-pton Runtime Some("sys_platform == \"win32\"")"#,
                r#"PySocks Extra("socks") None"#,
            ]
        );
    }

    #[test]
    fn older_versions_keep_their_files_apart() {
        let (lock, problems) = read(
            "[[package]]\nname = \"a\"\nversion = \"1\"\n[metadata]\nlock_version = \"4.2\"\n[metadata.files]\n\
             \"a 1\" = [{url = \"https://example.com/a-1-py3-none-any.whl\", hash = \"sha256:00\"}]\n",
        );
        assert!(problems.is_empty(), "{problems:?}");
        assert!(lock.packages[0].artifacts[0].is_wheel && lock.packages[0].artifacts[0].hash.is_some());
        let (_, problems) = read("[metadata]\nlock_version = \"9.0\"\n");
        assert_eq!(problems, ["lock version 9.0 is not known; it is read as version 4"]);
    }
}
