//! One name, two sources, in one lock.

mod distributions;

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Confidence, Severity};
use crate::graph::cargo::{LockView, Workspace};
use crate::graph::identity::lock_source;
use crate::graph::kinds::cargo::{Lock, LockPackage, LockSource};
use crate::graph::kinds::workflow::Uses;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Role};

pub(super) static RULE: Rule = Rule {
    id: "two-sources-one-name",
    title: "one name from two sources",
    many: "{n} locks hold one name from two sources",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("two_sources_one_name.md"),
    check,
};

/// Names in the message.
const NAMED: usize = 3;

/// Locks that are told as one, related places included.
const LOCKS: usize = 10;

/// Crates of one lock that share a pair of sources.
struct Found<'a> {
    view: &'a LockView,
    lock: &'a Lock,
    packages: Vec<&'a LockPackage>,
    chosen: Option<Chosen>,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    // Crates that share the same pair of sources are one decision of somebody, in all locks that hold them.
    let mut all: BTreeMap<(BTreeSet<String>, BTreeSet<&str>), Vec<Found<'_>>> = BTreeMap::new();
    for view in &scene.cargo.locks {
        let Some(lock) = scene.lock(view.document) else { continue };
        let mut found: BTreeMap<BTreeSet<String>, Vec<&LockPackage>> = BTreeMap::new();
        for (sources, package) in of_lock(lock) {
            found.entry(sources).or_default().push(package);
        }
        for (sources, packages) in found {
            let workspace = view.workspace.and_then(|w| scene.cargo.workspaces.get(w));
            let chosen = workspace.and_then(|workspace| chosen(scene, workspace, &packages, &sources));
            let names = packages.iter().map(|p| p.name.value.as_str()).collect();
            all.entry((sources, names)).or_default().push(Found { view, lock, packages, chosen });
        }
    }
    for ((sources, _), mut found) in all {
        // Where a manifest chose it there is a line to change; the other locks follow from that.
        found.sort_by_key(|f| (f.chosen.is_none(), f.view.role, f.lock.file));
        say(report, &sources, &found);
    }
    distributions::check(scene, report);
}

fn say(report: &mut Reporter<'_>, sources: &BTreeSet<String>, found: &[Found<'_>]) {
    let Some(Found { lock, packages, chosen, .. }) = found.first() else { return };
    let Some(first) = packages.first() else { return };
    let role = found.iter().map(|f| f.view.role).min().unwrap_or(Role::Product);
    let registries = sources.iter().filter(|s| !s.starts_with("git ")).count();
    let names: Vec<String> = packages.iter().take(NAMED).map(|p| format!("`{}`", p.name.value)).collect();
    let more = packages.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let verb = if packages.len() == 1 { "comes" } else { "come" };
    let locks = if found.len() > 1 { format!(", in {} locks", found.len()) } else { String::new() };
    let list: Vec<&str> = sources.iter().map(String::as_str).collect();
    let at = chosen.as_ref().map_or(Place::new(lock.file, first.name.span), |c| c.place);
    let places = found.iter().take(LOCKS).flat_map(|f| {
        let held = f.lock.packages.iter().filter(|p| f.packages.iter().any(|q| q.name.value == p.name.value));
        held.map(|p| Place::new(f.lock.file, p.name.span))
    });
    let mut draft = report
        .at(at, list.join(" and "))
        .about("crate", first.name.value.clone(), None)
        // Two registries that answer to one name are how a private name is taken over; a
        // fork beside the release is a choice the manifest shows.
        .severity(match chosen {
            _ if registries > 1 => Severity::Medium,
            Some(chosen) if chosen.is_pinned => Severity::Info,
            _ => Severity::Low,
        })
        .confidence(Confidence::Medium)
        .role(role)
        .also(places)
        .each(list.iter().map(|one| format!("{} {one}", first.name.value)));
    for one in found.iter().take(LOCKS) {
        if let Some(package) = one.packages.first() {
            let place = Place::new(one.lock.file, package.name.span);
            draft = draft.related(place, format!("`{}` in the lock", package.name.value));
        }
    }
    draft
        .evidence("the lock; who owns the name on either side is not known here")
        .advise(match chosen {
            Some(chosen) if registries < 2 => chosen.advice,
            _ => "check that both are meant; give a private crate a name of its own, or use one source for all",
        })
        .say(format!("{}{more} {verb} from {} at once{locks}", names.join(", "), list.join(" and ")));
}

/// A line of a manifest that asks for one of the sources.
struct Chosen {
    place: Place,
    /// A commit is named.
    is_pinned: bool,
    advice: &'static str,
}

/// The patch or git dependency that brings a repository in. A repository holds many crates, so a line
/// for another crate of it explains them as well.
fn chosen(
    scene: &Scene<'_>,
    workspace: &Workspace,
    packages: &[&LockPackage],
    sources: &BTreeSet<String>,
) -> Option<Chosen> {
    let documents = std::iter::once(workspace.document).chain(workspace.members.iter().map(|m| m.document));
    let mut lines = Vec::new();
    for manifest in documents.filter_map(|document| scene.manifest(document)) {
        let patches = manifest.patches.iter().map(|p| (&p.with, true));
        for (line, is_patch) in patches.chain(manifest.dependencies.iter().map(|d| (d, false))) {
            let Some(git) = &line.git else { continue };
            if sources.contains(&repository(&git.value)) {
                let is_other = !packages.iter().any(|p| p.name.value == line.package_name());
                lines.push((is_other, Place::new(manifest.file, line.span), line, is_patch));
            }
        }
    }
    let (_, place, line, is_patch) = lines.into_iter().min_by_key(|(is_other, place, ..)| (*is_other, *place))?;
    let is_pinned = line.rev.as_ref().is_some_and(|r| Uses::is_commit(&r.value));
    Some(Chosen {
        place,
        is_pinned,
        advice: if is_patch {
            "the patch reaches only the versions it answers to; drop it once a release has its changes, or patch the other version too"
        } else if is_pinned {
            "go back to the release once it has what the repository is needed for"
        } else {
            "go back to the release once it has what the repository is needed for; until then name a commit"
        },
    })
}

fn repository(url: &str) -> String {
    format!("git {}", url.trim_end_matches('/').trim_end_matches(".git"))
}

/// Names with more than one source. Two commits of one repository are one source; a package of the
/// tree is none.
fn of_lock(lock: &Lock) -> Vec<(BTreeSet<String>, &LockPackage)> {
    let mut by_name: BTreeMap<&str, (BTreeSet<String>, &LockPackage)> = BTreeMap::new();
    for package in &lock.packages {
        let source = match lock_source(package.source.as_ref().map(|s| s.value.as_str())) {
            LockSource::Local => continue,
            LockSource::CratesIo => "crates.io".to_owned(),
            LockSource::Registry(url) | LockSource::Unknown(url) => url.to_owned(),
            LockSource::Git { url, .. } => repository(url),
        };
        by_name.entry(&package.name.value).or_insert_with(|| (BTreeSet::new(), package)).0.insert(source);
    }
    by_name.into_values().filter(|(sources, _)| sources.len() > 1).collect()
}
