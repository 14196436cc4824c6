//! `pixi.lock`, versions 4 to 7. Source: rattler's `rattler_lock` and pixi's "Lock file".

use std::collections::BTreeSet;

use super::{explicit, lock, spec};
use crate::graph::Document;
use crate::graph::kinds::conda::{CondaLock, LockedConda};
use crate::graph::kinds::python::{Artifact, LockedDependency, LockedDistribution, PythonLock, Tool};
use crate::parse::yaml::Node;
use crate::parse::{Budget, Problems, pep508};
use crate::read::yaml_help::{document, keyed, text, texts};
use crate::read::{Facts, Format, Reader};
use crate::source::{Embedded, RepoPath, SourceFile, Spanned};

/// Versions that this reader knows.
const KNOWN: std::ops::RangeInclusive<u32> = 4..=7;

/// Reads pixi's lock.
#[derive(Debug)]
pub struct PixiLockReader;

impl Reader for PixiLockReader {
    fn id(&self) -> &'static str {
        "pixi-lock"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "pixi.lock"
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`pixi.lock` (versions 4 to 7)",
            read: "packages of conda and PyPI for every environment and platform, those that only build others included; addresses, digests, edges",
            not_read: "-",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let Some(root) = document(file, budget, out) else { return };
        let mut problems = Problems::new(budget);
        let version = text(root.get("version"));
        match &version {
            Some(v) if v.value.parse::<u32>().is_ok_and(|v| KNOWN.contains(&v)) => {}
            Some(v) => problems.push(v.span, format!("lock version {} is not known; it is read as version 6", v.value)),
            None => problems.push(root.span, "a lock without a version"),
        }
        let (channels, indexes) = places(&root);
        let mut lock =
            CondaLock { file: file.id, tool: "pixi", version: version.clone(), channels, ..CondaLock::default() };
        let mut python =
            PythonLock { file: file.id, tool: Tool::Pixi, version, packages: Vec::new(), content_hash: None };
        if root.get("packages").is_none_or(|p| p.as_scalar().is_some() || !p.entries().is_empty()) {
            problems.push(root.span, "a lock without `packages`");
        }
        for entry in root.get("packages").map(Node::items).unwrap_or_default() {
            if !budget.take_entry(0) {
                problems.push(entry.span, "too many locked packages; the rest is not read");
                break;
            }
            let address = |kind: &str| {
                let own = text(entry.get(kind));
                let is_kind = entry.get("kind").and_then(Node::as_str) == Some(kind);
                own.or_else(|| is_kind.then(|| text(entry.get("url")).or_else(|| text(entry.get("path"))))?)
            };
            if let Some(url) = address("conda") {
                match package(entry, url) {
                    Some(one) => lock.packages.push(one),
                    None => problems.push(entry.span, "a locked package without a name"),
                }
            } else if let Some(url) = address("pypi") {
                match distribution(entry, &url, &indexes) {
                    Some(one) => python.packages.push(one),
                    None => problems.push(url.span, "a locked package without a name"),
                }
            } else if let Some(source) = text(entry.get("conda_source")) {
                lock.packages.push(built(entry, &source));
            } else {
                problems.push(entry.span, "a locked package that is neither `conda` nor `pypi`");
            }
        }
        out.problems.extend(problems.finish());
        joined(&mut python);
        out.documents.push(Document::CondaLock(lock));
        if !python.packages.is_empty() {
            out.documents.push(Document::PythonLock(python));
        }
    }
}

/// The channels and indexes of all environments, each once, in order.
fn places(root: &Node) -> (Vec<Spanned<String>>, Vec<Spanned<String>>) {
    let (mut channels, mut indexes) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    let mut add = |one: Spanned<String>, to: &mut Vec<Spanned<String>>| {
        if seen.insert(one.value.clone()) {
            to.push(one);
        }
    };
    for (_, environment) in root.get("environments").into_iter().flat_map(keyed) {
        for channel in environment.get("channels").map(Node::items).unwrap_or_default() {
            if let Some(one) = text(Some(channel)).or_else(|| text(channel.get("url"))) {
                add(one, &mut channels);
            }
        }
        for index in texts(environment.get("indexes")) {
            add(index, &mut indexes);
        }
    }
    (channels, indexes)
}

fn hashes(entry: &Node) -> Vec<String> {
    let of = |kind: &str| Some(format!("{kind}:{}", entry.get(kind)?.as_str()?));
    ["sha256", "md5"].iter().filter_map(|kind| of(kind)).collect()
}

fn package(entry: &Node, url: Spanned<String>) -> Option<LockedConda> {
    let file = explicit::file_name(&url.value);
    let of_file =
        |part: fn(&explicit::FileName) -> &String| file.as_ref().map(|f| Spanned::new(part(f).clone(), url.span));
    let name = text(entry.get("name")).or_else(|| of_file(|f| &f.name))?;
    // What is built from a folder or a repository is no channel's.
    let is_built = file.is_none();
    // The list of what it is on PyPI; empty where it is nothing there.
    let purls = entry.get("purls");
    let pypi = if is_built { Some(String::new()) } else { None };
    let pypi = pypi.or_else(|| {
        purls.map(|list| {
            let names = list.items().iter().filter_map(|p| p.as_str()?.strip_prefix("pkg:pypi/"));
            let name = names.map(|rest| rest.split(['@', '?']).next().unwrap_or(rest)).next();
            name.unwrap_or_default().to_owned()
        })
    });
    Some(LockedConda {
        version: text(entry.get("version")).or_else(|| of_file(|f| &f.version)),
        build: text(entry.get("build")).map(|b| b.value).or_else(|| file.as_ref().map(|f| f.build.clone())),
        pypi,
        platform: text(entry.get("subdir"))
            .map(|s| s.value)
            .or_else(|| explicit::folder_of(&url.value).map(str::to_owned)),
        hashes: hashes(entry),
        dependencies: entry
            .get("depends")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|d| spec::parse(&d.as_scalar()?.text, d.span))
            .map(|d| d.name.value)
            .filter(|name| !name.starts_with("__"))
            .collect(),
        name,
        url: Some(url),
        span: entry.span,
    })
}

/// A package that is built from a folder or a repository: `name[hash] @ .`.
fn built(entry: &Node, source: &Spanned<String>) -> LockedConda {
    let (name, from) = source.value.split_once(" @ ").unwrap_or((&source.value, ""));
    let name = name.split('[').next().unwrap_or(name).trim();
    LockedConda {
        name: Spanned::new(name.to_owned(), source.span),
        version: text(entry.get("version")),
        pypi: Some(String::new()),
        url: Some(Spanned::new(from.trim().to_owned(), source.span)),
        span: entry.span,
        ..LockedConda::default()
    }
}

fn distribution(entry: &Node, url: &Spanned<String>, indexes: &[Spanned<String>]) -> Option<LockedDistribution> {
    let requires = entry.get("requires_dist").map(Node::items).unwrap_or_default();
    Some(LockedDistribution {
        name: text(entry.get("name"))?,
        version: text(entry.get("version")),
        source: lock::origin(&url.value, indexes),
        source_span: Some(url.span),
        artifacts: vec![Artifact {
            file: url.value.clone(),
            hash: text(entry.get("sha256")).map(|h| format!("sha256:{}", h.value)),
            is_wheel: url.value.ends_with(".whl"),
        }],
        dependencies: requires.iter().filter_map(|r| dependency(&r.as_scalar()?.text)).collect(),
        span: entry.span,
        ..LockedDistribution::default()
    })
}

fn dependency(requirement: &Embedded) -> Option<LockedDependency> {
    let parsed = pep508::parse(&requirement.text).ok()?;
    let part = |range: &std::ops::Range<usize>| requirement.text.get(range.clone()).unwrap_or("").to_owned();
    let marker = parsed.marker.as_ref().map(part);
    // What an extra asks for is there only if the extra is.
    if marker.as_ref().is_some_and(|m| m.contains("extra ==")) {
        return None;
    }
    Some(LockedDependency {
        name: Spanned::new(part(&parsed.name), requirement.host_span(parsed.name.clone())),
        extras: parsed.extras.iter().map(part).collect(),
        marker,
        ..LockedDependency::default()
    })
}

/// The files of one release become one package: the lock lists a wheel for each platform.
fn joined(python: &mut PythonLock) {
    let mut at = std::collections::BTreeMap::new();
    let mut kept: Vec<LockedDistribution> = Vec::with_capacity(python.packages.len());
    for package in std::mem::take(&mut python.packages) {
        let key =
            (package.name.value.clone(), package.version.as_ref().map(|v| v.value.clone()), package.source.clone());
        let first: usize = *at.entry(key).or_insert(kept.len());
        match kept.get_mut(first) {
            Some(known) => known.artifacts.extend(package.artifacts),
            None => kept.push(package),
        }
    }
    python.packages = kept;
}
