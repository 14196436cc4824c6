//! `conda-lock.yml`, version 1. Source: conda-lock's `lockfile/v1/models.py`.

use super::explicit;
use crate::graph::Document;
use crate::graph::indexes::is_file_of_pypi;
use crate::graph::kinds::conda::{CondaLock, LockedConda};
use crate::graph::kinds::python::{Artifact, LockedDependency, LockedDistribution, LockedOrigin, PythonLock, Tool};
use crate::parse::yaml::Node;
use crate::parse::{Budget, Problems};
use crate::read::yaml_help::{document, keyed, text, texts};
use crate::read::{Facts, Format, Reader};
use crate::source::{RepoPath, SourceFile, Spanned};

/// The newest version of the format that this reader knows.
const NEWEST: &str = "1";

/// Bytes of a file's beginning that hold the lock's head: conda-lock puts a note before it.
const HEAD: usize = 8 << 10;

/// Reads conda-lock's locks of all platforms.
#[derive(Debug)]
pub struct CondaLockReader;

impl Reader for CondaLockReader {
    fn id(&self) -> &'static str {
        "conda-lock"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        let name = path.name().to_ascii_lowercase();
        ["conda-lock.yml", "conda-lock.yaml"]
            .iter()
            .any(|end| name.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with(['.', '-', '_'])))
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        // `conda-lock-python-3.10.yaml`: a name given by `--lockfile`.
        let name = path.name().to_ascii_lowercase();
        (name.contains("conda-lock") && (name.ends_with(".yml") || name.ends_with(".yaml"))).then_some(HEAD)
    }

    fn claims_head(&self, _path: &RepoPath, head: &[u8]) -> bool {
        let head = String::from_utf8_lossy(head);
        head.lines().any(|line| line == "metadata:") && head.lines().any(|line| line.trim() == "content_hash:")
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`conda-lock.yml`, `NAME.conda-lock.yml`, and files that have `conda-lock` in their name and its head",
            read: "packages of conda and pip for every platform, addresses, digests, categories, edges",
            not_read: "-",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let Some(root) = document(file, budget, out) else { return };
        let mut problems = Problems::new(budget);
        let version = text(root.get("version"));
        if let Some(other) = version.as_ref().filter(|v| v.value != NEWEST) {
            let message = format!("lock version {} is not known; it is read as version {NEWEST}", other.value);
            problems.push(other.span, message);
        }
        let Some(list) = root.get("package") else {
            out.problems.extend(problems.finish());
            out.unread = Some("a lock of conda-lock without `package`".to_owned());
            return;
        };
        let metadata = root.get("metadata");
        let channels = metadata.and_then(|m| m.get("channels")).map(Node::items).unwrap_or_default();
        let mut lock = CondaLock {
            file: file.id,
            tool: "conda-lock",
            version: version.clone(),
            channels: channels.iter().filter_map(|c| text(Some(c)).or_else(|| text(c.get("url")))).collect(),
            made_from: texts(metadata.and_then(|m| m.get("sources"))),
            packages: Vec::new(),
        };
        let mut python =
            PythonLock { file: file.id, tool: Tool::CondaLock, version, packages: Vec::new(), content_hash: None };
        for entry in list.items() {
            if !budget.take_entry(0) {
                problems.push(entry.span, "too many locked packages; the rest is not read");
                break;
            }
            let Some(name) = text(entry.get("name")) else {
                problems.push(entry.span, "a locked package without a name");
                continue;
            };
            match entry.get("manager").and_then(Node::as_str) {
                Some("pip") => distribution(entry, name, &mut python),
                None | Some("conda") => lock.packages.push(package(entry, name)),
                Some(other) => problems.push(name.span, format!("what `{other}` installs is not read")),
            }
        }
        out.problems.extend(problems.finish());
        out.documents.push(Document::CondaLock(lock));
        if !python.packages.is_empty() {
            out.documents.push(Document::PythonLock(python));
        }
    }
}

fn hashes(entry: &Node) -> Vec<String> {
    let of = |(kind, value): (Spanned<String>, &Node)| Some(format!("{}:{}", kind.value, value.as_str()?));
    entry.get("hash").into_iter().flat_map(keyed).filter_map(of).collect()
}

fn names(entry: &Node) -> Vec<Spanned<String>> {
    let listed = entry.get("dependencies");
    let mapped = listed.into_iter().flat_map(keyed).map(|(name, _)| name);
    mapped.filter(|name| !name.value.starts_with("__")).collect()
}

fn package(entry: &Node, name: Spanned<String>) -> LockedConda {
    let url = text(entry.get("url"));
    LockedConda {
        version: text(entry.get("version")),
        build: url.as_ref().and_then(|u| explicit::file_name(&u.value)).map(|f| f.build),
        pypi: None,
        // The folder of the file tells what is built for all platforms.
        platform: url
            .as_ref()
            .and_then(|u| explicit::folder_of(&u.value).map(str::to_owned))
            .or_else(|| text(entry.get("platform")).map(|p| p.value)),
        hashes: hashes(entry),
        dependencies: names(entry).into_iter().map(|n| n.value).collect(),
        url,
        name,
        span: entry.span,
    }
}

/// A distribution for pip. It stands once for each platform: one release is one package.
fn distribution(entry: &Node, name: Spanned<String>, python: &mut PythonLock) {
    let version = text(entry.get("version"));
    let url = text(entry.get("url"));
    let artifact = url.as_ref().map(|url| {
        let hash = hashes(entry).into_iter().find(|h| h.starts_with("sha256:"));
        Artifact { file: url.value.clone(), hash, is_wheel: url.value.ends_with(".whl") }
    });
    // Platforms follow each other, or stand in blocks; the names are sorted either way.
    let same = |known: &&mut LockedDistribution| {
        known.name.value == name.value && known.version.as_ref().map(|v| &v.value) == version.as_ref().map(|v| &v.value)
    };
    if let Some(known) = python.packages.last_mut().filter(|k| same(k)) {
        known.artifacts.extend(artifact);
        return;
    }
    python.packages.push(LockedDistribution {
        source: url.as_ref().map_or(LockedOrigin::PyPi, |u| origin(&u.value, &[])),
        source_span: url.as_ref().map(|u| u.span),
        version,
        artifacts: artifact.into_iter().collect(),
        dependencies: names(entry)
            .into_iter()
            .map(|name| LockedDependency { name, ..LockedDependency::default() })
            .collect(),
        groups: text(entry.get("category")).into_iter().map(|c| c.value).collect(),
        optional: entry.get("optional").and_then(Node::as_bool) == Some(true),
        name,
        span: entry.span,
        ..LockedDistribution::default()
    });
}

/// Where a distribution comes from, by the address of its file and the indexes the lock names.
pub(super) fn origin(url: &str, indexes: &[Spanned<String>]) -> LockedOrigin {
    if let Some(rest) = url.strip_prefix("git+") {
        let (address, commit) = rest.split_once('#').map_or((rest, None), |(a, c)| (a, Some(c.to_owned())));
        let (bare, revision) = address.rsplit_once('@').filter(|(_, r)| !r.contains('/')).unwrap_or((address, ""));
        let commit = commit.or_else(|| Some(revision.to_owned()).filter(|r| !r.is_empty()));
        return LockedOrigin::Vcs { url: bare.split('?').next().unwrap_or(bare).to_owned(), commit };
    }
    if is_file_of_pypi(url) {
        return LockedOrigin::PyPi;
    }
    if !url.contains("://") || url.starts_with("file:") {
        return LockedOrigin::Local(url.to_owned());
    }
    let host = |address: &str| address.split("://").nth(1).and_then(|r| r.split('/').next()).map(str::to_owned);
    let index = indexes.iter().find(|index| host(&index.value) == host(url));
    index.map_or_else(|| LockedOrigin::Url(url.to_owned()), |index| LockedOrigin::Registry(index.value.clone()))
}
