//! Words for a hit: message, way, evidence and advice.

use super::advice::advice;
use super::{Hit, Locked, Stand};
use crate::advisory::{FixedIn, Kind};
use crate::diag::{Confidence, Impact, Severity, Topic};
use crate::graph::Document;
use crate::graph::conda;
use crate::graph::distributions::{CondaHolder, Holder, Named, Whose};
use crate::graph::kinds::python::Group;
use crate::graph::python::{Need, Project, Purpose, Site};
use crate::rules::advisories::topic::topic;
use crate::rules::python::site::{Sites, command};
use crate::rules::{Draft, Reporter, Scene};
use crate::source::{FileId, Place, Role};

/// Hops of a way through a lock that are told.
const MAX_HOPS: usize = 32;

/// Characters of a marker that are shown.
const MARKER: usize = 60;
/// Locks and files that are shown beside the main one.
const RELATED: usize = 4;

/// Reports a hit. `verdict` follows the release in the message.
pub(in crate::rules::advisories) fn say(
    scene: &Scene<'_>,
    sites: &Sites<'_, '_>,
    report: &mut Reporter<'_>,
    hit: &Hit<'_>,
    severity: Severity,
    verdict: &str,
) {
    let main = hit.main();
    let (name, version) = (hit.name, hit.version);
    let is_malicious = hit.flaw.kind == Kind::Malicious;
    let of_channel = main.named.whose == Whose::Channel;
    // Another place of it that does ship weighs as much as it would alone.
    let ships = |stand: &Stand<'_>| {
        stand.role <= Role::Development
            && stand.confidence() >= Confidence::Medium
            && passing(scene, sites, stand).is_none()
    };
    let passing = passing(scene, sites, main).filter(|_| !is_malicious && !hit.at.iter().any(ships));
    let confidence = match passing {
        _ if is_malicious && !of_channel => Confidence::High,
        Some(_) => Confidence::Low,
        None => main.confidence(),
    };
    let own = main.named.place;
    let written = written(scene, main.named);
    let declared = Locked::of(scene, main.named).and_then(|locked| locked.reached().enters_at);
    let (at, label) = match declared {
        Some(place) => (place, format!("lets `{name}` {version} in")),
        None if main.named.is_locked() => (own, format!("{written} {version}")),
        None if matches!(main.named.holder, Holder::Built(_)) => (own, format!("is `{name}` {version}")),
        None => (own, format!("asks for `{written}` {version}")),
    };
    // The release that clears all that can be cleared, so that one change is enough.
    let upgrade = match (&hit.flaw.clear, &hit.flaw.fixed) {
        (Some(clear), _) => Some(clear.clone()),
        (None, Some(FixedIn::At(version))) => Some(version.clone()),
        _ => None,
    };
    let draft = report.at(at, label);
    let draft = match hit.node {
        Some(node) => draft.on(node),
        None => draft.about("distribution", name, Some(version.to_owned())),
    };
    let mut draft = draft
        .severity(severity)
        .confidence(confidence)
        .role(main.role)
        .impact(is_malicious.then_some(Impact::Malicious))
        // A flaw outlives a release; another release of what attacks is another attack.
        .content(if is_malicious { format!("{} {version}", hit.flaw.id) } else { hit.flaw.id.clone() })
        .also(hit.at.iter().map(|stand| stand.named.place).chain(hit.beside.iter().copied()))
        .topic(Topic { upgrade, ..topic(hit.flaw) });
    if own != at {
        draft = draft.related(own, format!("{name} {version}"));
    }
    let mut seen = vec![at.file, own.file];
    for place in hit.at[1..].iter().map(|stand| stand.named.place) {
        if seen.len() < RELATED + 2 && !seen.contains(&place.file) {
            seen.push(place.file);
            draft = draft.related(place, format!("{name} {version} as well"));
        }
    }
    draft = route(scene, sites, main.named, draft);
    if !main.named.is_locked() {
        draft = draft.via(format!("distribution {name} {version}"), Some(own));
    }
    for text in evidence(scene, hit).into_iter().chain(passing.map(str::to_owned)) {
        draft = draft.evidence(text);
    }
    draft.advise(advice(scene, hit)).say(format!("`{name}` {version} {verdict}{}", circumstances(scene, hit)));
}

/// Why a release that a command of a job names does little harm there: nothing that comes of it is kept, or
/// the job is there to try the oldest releases.
fn passing(scene: &Scene<'_>, sites: &Sites<'_, '_>, stand: &Stand<'_>) -> Option<&'static str> {
    let (Holder::Install(install, _) | Holder::Conda(CondaHolder::Install(install), _)) = stand.named.holder else {
        return None;
    };
    let install = scene.python.installs.get(install).filter(|i| i.purpose == Purpose::Ci)?;
    if let Site::Step { document, job, .. } = install.starts_at()
        && let Some(Document::Workflow(workflow)) = scene.documents.get(document)
        && let Some(job) = workflow.jobs.get(job)
        && job.id.value.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| OLDEST.contains(&word))
    {
        return Some("the job's name says that it tries the oldest releases");
    }
    sites.impact(install).is_none().then_some("the job holds no secret and publishes nothing")
}

/// Words of names of jobs that try the oldest releases that are supported.
const OLDEST: &[&str] = &["min", "minimal", "minimum", "oldest", "lowest"];

pub(super) fn path<'a>(scene: &Scene<'a>, file: FileId) -> &'a str {
    scene.sources.get(file).map_or("", |f| f.path.as_str())
}

/// The name as it is written where it stands: a conda package may go by another than PyPI's.
pub(super) fn written<'a>(scene: &Scene<'a>, named: &'a Named) -> &'a str {
    let Holder::Conda(holder, index) = named.holder else { return &named.name };
    let conda = &scene.python.conda;
    let document = match holder {
        CondaHolder::Lock(lock) => conda.locks.get(lock).map(|view| view.document),
        CondaHolder::Environment(environment) => conda.environments.get(environment).map(|view| view.document),
        CondaHolder::Install(_) => None,
    };
    let name = match (holder, document.and_then(|document| scene.documents.get(document))) {
        (_, Some(Document::CondaLock(lock))) => lock.packages.get(index).map(|p| &p.name.value),
        (_, Some(Document::CondaEnvironment(found))) => found.packages.get(index).map(|p| &p.name.value),
        (CondaHolder::Install(install), _) => {
            let conda = scene.python.installs.get(install).and_then(|install| install.conda.as_ref());
            conda.and_then(|conda| conda.packages.get(index)).map(|p| &p.name.value)
        }
        _ => None,
    };
    name.map_or(named.name.as_str(), String::as_str)
}

/// Adds the hops from what installs it to the requirement, or to the entry of a lock.
pub(in crate::rules) fn route<'r, 'g>(
    scene: &Scene<'_>,
    sites: &Sites<'_, '_>,
    named: &Named,
    draft: Draft<'r, 'g>,
) -> Draft<'r, 'g> {
    let python = scene.python;
    match named.holder {
        Holder::Lock(..) => match Locked::of(scene, named) {
            Some(locked) => by_lock(scene, &locked, draft),
            None => draft,
        },
        Holder::Set(set, _) => {
            let Some(set) = python.sets.get(set) else { return draft };
            let draft = match set.used_by.first() {
                Some(by) => draft.via(by.text.clone(), Some(by.place)),
                None => draft,
            };
            draft.via(path(scene, set.file), Some(named.place))
        }
        Holder::Project(project, _) => match python.projects.get(project) {
            Some(project) => draft.via(project_name(scene, project), Some(named.place)),
            None => draft,
        },
        Holder::Install(install, _) => match python.installs.get(install) {
            Some(install) => sites.route(install, draft).via(command(install), Some(install.place)),
            None => draft,
        },
        Holder::Built(_) => draft.via(path(scene, named.place.file), Some(named.place)),
        Holder::Conda(CondaHolder::Install(install), _) => match python.installs.get(install) {
            Some(install) => sites.route(install, draft).via(command(install), Some(install.place)),
            None => draft,
        },
        Holder::Conda(holder, _) => {
            let Some(found) = conda::standing(python, holder) else { return draft };
            let draft = match found.used_by {
                Some(by) => draft.via(by.text.clone(), Some(by.place)),
                None => draft,
            };
            draft.via(path(scene, found.file), Some(named.place))
        }
    }
}

fn by_lock<'r, 'g>(scene: &Scene<'_>, locked: &Locked<'_>, mut draft: Draft<'r, 'g>) -> Draft<'r, 'g> {
    let reached = locked.reached();
    if let Some(by) = locked.view.used_by.first() {
        draft = draft.via(by.text.clone(), Some(by.place));
    }
    if let Some(project) = reached.project.and_then(|p| scene.python.projects.get(p)) {
        draft = draft.via(project_name(scene, project), reached.enters_at);
    }
    let way = locked.way();
    // A chain of thousands is told by its ends, for every flaw of what it leads to.
    let left_out = way.len().saturating_sub(MAX_HOPS);
    for (hop, &index) in way.iter().enumerate() {
        if left_out > 0 && hop == MAX_HOPS / 2 {
            draft = draft.via(format!("{left_out} more"), None);
        }
        if (MAX_HOPS / 2..MAX_HOPS / 2 + left_out).contains(&hop) {
            continue;
        }
        let package = &locked.lock.packages[index];
        let version = package.version.as_ref().map_or("", |v| v.value.as_str());
        let text = format!("distribution {} {version}", package.name.value);
        draft = draft.via(text, Some(Place::new(locked.lock.file, package.name.span)));
    }
    draft
}

fn project_name(scene: &Scene<'_>, project: &Project) -> String {
    format!("project {}", project.name.as_deref().unwrap_or_else(|| path(scene, project.file)))
}

fn circumstances(scene: &Scene<'_>, hit: &Hit<'_>) -> String {
    let main = hit.main();
    let mut out = String::new();
    match (main.need, &main.group) {
        (Need::Extra, Group::Extra(extra)) => out.push_str(&format!(", behind the extra `{extra}`")),
        (Need::Extra, _) => out.push_str(", behind an extra"),
        (Need::Build, _) => out.push_str(", used only while building"),
        (Need::Development, Group::Named(group)) => out.push_str(&format!(", only in the group `{group}`")),
        (Need::Development, _) => out.push_str(", only for those who work on the tree"),
        (Need::Unknown, _) if main.named.is_locked() && main.hops > 0 => {
            out.push_str(", in the lock but needed by no project of the tree")
        }
        (Need::Unknown, _) if !main.named.is_locked() => out.push_str(", as a bound on what others ask for"),
        (Need::Runtime | Need::Unknown, _) => {}
    }
    if main.purpose == Purpose::Library && main.named.is_locked() && main.need == Need::Runtime {
        out.push_str(", in the lock of a library, which its users do not install");
    }
    if let Some(marker) = main.marker.filter(|m| !is_own_extra(m, &main.group)) {
        let nowhere = if super::is_nowhere(marker) { ", which holds on no common platform" } else { "" };
        out.push_str(&format!(", only where {}{nowhere}", short(marker)));
    }
    match hit.files() {
        0 | 1 => {}
        n => out.push_str(&format!(", in {n} files")),
    }
    match main.named.whose {
        Whose::Publisher => out.push_str("; it is a publisher's own build of that release"),
        Whose::Channel => match written(scene, main.named) {
            written if written == main.named.name => out.push_str("; it is a conda build of that release"),
            written => out.push_str(&format!("; conda's `{written}` is a build of that release")),
        },
        _ => {}
    }
    out
}

/// Whether a marker only says what the group says: `extra == "x"`, alone or as one of several extras.
fn is_own_extra(marker: &str, group: &Group) -> bool {
    let Group::Extra(extra) = group else { return false };
    let value = |part: &str| {
        let value = part.trim().strip_prefix("extra")?.trim_start().strip_prefix("==")?;
        Some(value.trim().trim_matches(['"', '\'']).to_owned())
    };
    let values: Option<Vec<String>> = marker.split(" or ").map(value).collect();
    values.is_some_and(|values| values.contains(extra))
}

fn short(marker: &str) -> String {
    if marker.chars().count() <= MARKER {
        return marker.to_owned();
    }
    let head: String = marker.chars().take(MARKER).collect();
    format!("{} …", head.trim_end())
}

fn evidence(scene: &Scene<'_>, hit: &Hit<'_>) -> Vec<String> {
    let main = hit.main();
    let file = path(scene, main.named.place.file);
    let mut out = vec![match main.named.holder {
        Holder::Lock(..) if main.need == Need::Unknown => format!("{file} holds this release"),
        Holder::Lock(..) => format!("{file} holds this release, {}", group(&main.group)),
        Holder::Set(..) => format!("{file} asks for exactly this release{}", used(scene, main)),
        Holder::Project(..) => format!("{file} asks for exactly this release, {}", group(&main.group)),
        Holder::Built(_) => format!("{file} says that it is this release, and lies in the tree"),
        Holder::Conda(CondaHolder::Lock(_), _) => format!("{file} holds this release"),
        Holder::Conda(CondaHolder::Environment(_), _) => format!("{file} asks for exactly this release"),
        Holder::Conda(CondaHolder::Install(_), _) | Holder::Install(..) => {
            "the command asks for exactly this release".to_owned()
        }
    }];
    if main.named.whose == Whose::Channel {
        out.push("a conda build of the same software; its recipe may carry the fix as a patch".to_owned());
    }
    if main.marker.is_some_and(|m| !is_own_extra(m, &main.group)) {
        out.push("environment markers were not evaluated".to_owned());
    }
    out
}

fn used(scene: &Scene<'_>, stand: &Stand<'_>) -> String {
    let Holder::Set(set, _) = stand.named.holder else { return String::new() };
    let Some(set) = scene.python.sets.get(set) else { return String::new() };
    match set.used_by.first() {
        Some(by) => format!(", for {}", by.text),
        None => String::new(),
    }
}

fn group(group: &Group) -> String {
    match group {
        Group::Runtime => "needed to run".to_owned(),
        Group::Extra(extra) => format!("needed for the extra `{extra}`"),
        Group::Build => "needed to build".to_owned(),
        Group::Named(group) => format!("needed for the group `{group}`"),
        Group::Constraint => "as a constraint".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_that_names_the_extra_says_nothing_new() {
        let extra = Group::Extra("all".to_owned());
        for (marker, expected) in [
            ("extra == \"all\"", true),
            ("extra == 'llms' or extra == 'all'", true),
            ("extra == 'llms'", false),
            ("extra == 'all' and python_version < '3.12'", false),
            ("sys_platform == 'linux' or extra == 'all'", false),
        ] {
            assert_eq!(is_own_extra(marker, &extra), expected, "{marker}");
        }
        assert!(!is_own_extra("extra == 'all'", &Group::Runtime));
    }
}
