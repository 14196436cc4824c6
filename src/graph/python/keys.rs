//! The graph's keys of locked and required distributions, for those who come from a view or a document.

use super::{PythonLockView, PythonView};
use crate::graph::identity::{self, DistributionSource};
use crate::graph::indexes::{self, IndexTable};
use crate::graph::kinds::python::{
    DeclaredIndex, IndexOption, IndexOptionKind, LockedOrigin, Origin, Priority, PythonLock, Requirement,
};
use crate::source::{Place, Sources};

/// Key in the graph of a package of a lock: that of the project where it is one of the tree.
#[must_use]
pub fn lock_key(
    view: &PythonView,
    lock_view: &PythonLockView,
    lock: &PythonLock,
    index: usize,
    sources: &Sources,
) -> String {
    let Some(package) = lock.packages.get(index) else { return String::new() };
    let version = package.version.as_ref().map(|v| v.value.as_str());
    let LockedOrigin::Local(path) = &package.source else {
        let source = DistributionSource::from(&package.source).known_by(&view.indexes);
        return identity::distribution(&package.name.value, version, &source);
    };
    let own = lock_view.reached.get(index).and_then(|r| r.project.filter(|_| r.hops == 0));
    if let Some(project) = own.and_then(|p| view.projects.get(p)) {
        return identity::local_distribution(&project.folder, &package.name.value);
    }
    // A path means what it means from the lock's folder.
    let folder = sources.get(lock_view.file).map(|f| f.path.parent()).unwrap_or_default();
    match folder.join(path) {
        Some(path) => identity::distribution(&package.name.value, version, &DistributionSource::Path(path.as_str())),
        None => identity::distribution(&package.name.value, version, &DistributionSource::Unknown(path)),
    }
}

/// The one version a requirement allows; none for a range, and where a variable holds it.
#[must_use]
pub fn pinned_version(requirement: &Requirement) -> Option<&str> {
    let specifiers = &requirement.specifiers.as_ref()?.value;
    let mut parts = specifiers.split(',').map(str::trim).filter(|p| !p.is_empty());
    let version = parts.find_map(|part| part.strip_prefix("===").or_else(|| part.strip_prefix("==")))?.trim();
    (!version.is_empty() && !version.contains(['*', '$', ' '])).then_some(version)
}

/// Where a requirement is answered from: its own address, the index it is bound to, the index in force
/// in place of PyPI, else PyPI. An index beside PyPI may answer too; which one does, nobody can tell.
#[must_use]
pub fn source_of<'a>(
    requirement: &'a Requirement,
    options: &'a [(Place, IndexOption)],
    declared: &'a [DeclaredIndex],
) -> DistributionSource<'a> {
    match &requirement.origin {
        Some(Origin::Url { url }) => return DistributionSource::Url(&url.value),
        Some(Origin::Vcs { url, revision, .. }) => {
            let commit = revision.as_ref().map(|r| r.value.as_str());
            return DistributionSource::Repository { url: &url.value, commit };
        }
        Some(Origin::Path { path }) => return DistributionSource::Path(&path.value),
        Some(Origin::Workspace) => return DistributionSource::Path(""),
        None => {}
    }
    let of = |address: &'a str| {
        if indexes::is_pypi(address) { DistributionSource::PyPi } else { DistributionSource::Index(address) }
    };
    if let Some(bound) = &requirement.index {
        let named = declared.iter().find(|i| i.name.value.eq_ignore_ascii_case(&bound.value));
        let address = named.and_then(|i| i.url.as_ref()).map_or(bound.value.as_str(), |url| url.value.as_str());
        return of(address);
    }
    // The last one wins, as on a command line.
    let chosen = options.iter().rev().find(|(_, o)| o.kind == IndexOptionKind::Index);
    if let Some((_, option)) = chosen.filter(|(_, o)| o.value.value.contains("://")) {
        return of(&option.value.value);
    }
    let default = declared.iter().find(|i| i.priority == Priority::Default);
    default.and_then(|i| i.url.as_ref()).map_or(DistributionSource::PyPi, |url| of(&url.value))
}

/// Key in the graph of a requirement that no lock resolves; none where it names nothing or a path.
#[must_use]
pub fn requirement_key(
    requirement: &Requirement,
    options: &[(Place, IndexOption)],
    declared: &[DeclaredIndex],
    indexes: &IndexTable,
) -> Option<String> {
    let source = source_of(requirement, options, declared).known_by(indexes);
    let name = requirement.name.value.as_str();
    (!name.is_empty() && !matches!(source, DistributionSource::Path(_)))
        .then(|| identity::distribution(name, pinned_version(requirement), &source))
}
