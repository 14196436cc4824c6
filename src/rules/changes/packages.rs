//! Locked packages of all locks in one shape, for a comparison of two trees.

use std::collections::{BTreeMap, BTreeSet};

use super::origin::Origin;
use crate::graph::Document;
use crate::graph::identity;
use crate::graph::indexes::IndexTable;
use crate::graph::kinds::cargo::LockPackage;
use crate::graph::kinds::conda::LockedConda;
use crate::graph::kinds::python::{LockedDistribution, Requirement};
use crate::source::Span;

/// A package of a lock.
#[derive(Debug, Clone)]
pub(super) struct Locked<'a> {
    /// Its name in its one spelling.
    pub(super) name: String,
    /// Its version.
    pub(super) version: &'a str,
    /// Where it comes from.
    pub(super) origin: Origin,
    /// Digests of its files, each with the file's name; empty where the lock does not say which.
    pub(super) digests: Vec<(String, String)>,
    /// Whether it has a wheel.
    pub(super) has_wheel: bool,
    /// Whether it has a source distribution.
    pub(super) has_source: bool,
    /// What a person looks at.
    pub(super) span: Span,
}

/// A lock.
#[derive(Debug, Clone)]
pub(super) struct Packages<'a> {
    /// What its packages are: `crate`, `distribution`, `conda-package`.
    pub(super) what: &'static str,
    /// Them.
    pub(super) all: Vec<Locked<'a>>,
}

impl<'a> Packages<'a> {
    /// Those of a document; none where it is no lock. A requirements file is one as far as it holds digests or says
    /// that a tool wrote it.
    pub(super) fn of(document: &'a Document, indexes: &IndexTable) -> Option<Self> {
        match document {
            Document::CargoLock(lock) => {
                let all = lock.packages.iter().filter(|p| p.source.is_some()).filter_map(of_crate);
                Some(Self { what: "crate", all: all.collect() })
            }
            Document::PythonLock(lock) => {
                let all = lock.packages.iter().filter_map(|one| of_distribution(one, indexes));
                Some(Self { what: "distribution", all: all.collect() })
            }
            Document::CondaLock(lock) => {
                let all = lock.packages.iter().filter_map(of_conda);
                Some(Self { what: "conda-package", all: all.collect() })
            }
            Document::Requirements(file)
                if file.generated_by.is_some() || file.requirements.iter().any(|r| !r.hashes.is_empty()) =>
            {
                let all = file.requirements.iter().filter_map(of_requirement);
                Some(Self { what: "distribution", all: all.collect() })
            }
            _ => None,
        }
    }

    /// By name.
    pub(super) fn by_name(&self) -> BTreeMap<&str, Vec<&Locked<'a>>> {
        let mut out: BTreeMap<&str, Vec<&Locked<'a>>> = BTreeMap::new();
        for one in &self.all {
            out.entry(&one.name).or_default().push(one);
        }
        out
    }

    /// By name, version and origin: one release of one publisher, with the digests of all its entries.
    pub(super) fn by_release(&self) -> BTreeMap<(&str, &str, &Origin), Release<'_>> {
        let mut out: BTreeMap<(&str, &str, &Origin), Release<'_>> = BTreeMap::new();
        for one in &self.all {
            let key = (one.name.as_str(), one.version, &one.origin);
            let release = out.entry(key).or_insert_with(|| Release { span: one.span, digests: BTreeSet::new() });
            release.digests.extend(one.digests.iter().map(|(file, digest)| (file.as_str(), digest.as_str())));
        }
        out
    }
}

/// The digests of one release.
#[derive(Debug)]
pub(super) struct Release<'p> {
    /// Its first entry.
    pub(super) span: Span,
    /// File and digest.
    pub(super) digests: BTreeSet<(&'p str, &'p str)>,
}

fn of_crate(package: &LockPackage) -> Option<Locked<'_>> {
    let origin = Origin::of_crate(package.source.as_ref().map(|s| s.value.as_str()))?;
    let digests = package.checksum.iter().map(|sum| (String::new(), sum.value.clone())).collect();
    Some(Locked {
        name: package.name.value.clone(),
        version: &package.version.value,
        origin,
        digests,
        has_wheel: false,
        has_source: true,
        span: package.checksum.as_ref().map_or(package.name.span, |sum| sum.span),
    })
}

fn of_distribution<'a>(one: &'a LockedDistribution, indexes: &IndexTable) -> Option<Locked<'a>> {
    let origin = Origin::of_distribution(&one.source, indexes).filter(|origin| *origin != Origin::Tree)?;
    let name = |file: &str| file.split(['?', '#']).next().unwrap_or(file).rsplit('/').next().unwrap_or(file).to_owned();
    let digests = one.artifacts.iter().filter_map(|a| Some((name(&a.file), a.hash.clone()?)));
    Some(Locked {
        name: identity::distribution_name(&one.name.value),
        version: one.version.as_ref().map_or("", |v| v.value.as_str()),
        origin,
        digests: digests.collect(),
        has_wheel: one.artifacts.iter().any(|a| a.is_wheel),
        has_source: one.artifacts.iter().any(crate::graph::kinds::python::Artifact::is_source),
        span: one.name.span,
    })
}

fn of_conda(one: &LockedConda) -> Option<Locked<'_>> {
    let url = one.url.as_ref()?;
    let file = url.value.rsplit('/').next().unwrap_or(&url.value);
    // `CHANNEL/linux-64/FILE`: the platform is no other place.
    let folder = url.value.rsplit_once('/').map_or(url.value.as_str(), |(folder, _)| folder);
    let channel = folder.rsplit_once('/').map_or(folder, |(channel, _)| channel);
    Some(Locked {
        // The same release stands once for each platform; the file's name tells the builds apart.
        name: one.name.value.clone(),
        version: one.version.as_ref().map_or("", |v| v.value.as_str()),
        origin: Origin::Index(crate::graph::indexes::bare(channel)),
        digests: one.hashes.iter().map(|hash| (file.to_owned(), hash.clone())).collect(),
        has_wheel: false,
        has_source: false,
        span: url.span,
    })
}

fn of_requirement(one: &Requirement) -> Option<Locked<'_>> {
    let version = one.specifiers.as_ref().and_then(|s| crate::graph::distributions::exact(&s.value))?;
    let origin = Origin::of_requirement(one.origin.as_ref())?;
    Some(Locked {
        name: identity::distribution_name(&one.name.value),
        version,
        origin,
        digests: one.hashes.iter().map(|hash| (String::new(), hash.value.clone())).collect(),
        has_wheel: false,
        has_source: false,
        span: one.name.span,
    })
}
