//! A lock that does not answer its manifests.
//!
//! Cargo locks every dependency of every member: of all targets, optional or not, for tests and
//! builds too. So each registry requirement must find a locked version of its name.

use crate::diag::{Confidence, Severity};
use crate::graph::cargo::satisfies;
use crate::graph::cargo::{Member, Workspace, declaration};
use crate::graph::identity::lock_source;
use crate::graph::kinds::cargo::{Dependency, Lock, LockPackage, LockSource, Table};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "stale-lockfile",
    title: "lock that does not answer its manifests",
    many: "{n} locks do not answer their manifests",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("stale_lockfile.md"),
    check,
};

/// Something the manifests say and the lock does not.
struct Gap {
    place: Place,
    text: String,
    /// Whether cargo would take in code that the lock does not hold.
    moves: bool,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for view in &scene.cargo.locks {
        let (Some(lock), Some(workspace)) =
            (scene.lock(view.document), view.workspace.and_then(|w| scene.cargo.workspaces.get(w)))
        else {
            continue;
        };
        let mut gaps: Vec<Gap> = workspace.members.iter().flat_map(|m| of_member(scene, workspace, m, lock)).collect();
        gaps.sort_by_key(|g| (!g.moves, g.place));
        let Some(first) = gaps.first() else { continue };
        let more = match gaps.len() - 1 {
            0 => String::new(),
            n => format!(", and {n} more"),
        };
        let path = scene.sources.path(view.file).to_owned();
        let beside = if workspace.folder.is_root() {
            String::new()
        } else {
            format!(" --manifest-path {}", workspace.folder.child("Cargo.toml").unwrap_or_default().shell_word())
        };
        let top = Place::new(view.file, lock.packages.first().map(|p| p.name.span).unwrap_or_default());
        report
            .at(first.place, first.text.clone())
            .about("lock", path.clone(), None)
            .severity(if first.moves { Severity::Medium } else { Severity::Low })
            // Which packages are members is worked out without cargo.
            .confidence(Confidence::Medium)
            .role(view.role)
            .also(gaps.iter().map(|g| g.place))
            .each(gaps.iter().map(|g| g.text.as_str()))
            .related(top, "the lock")
            .evidence("the lock and the manifests of its members")
            .advise(format!("refresh the lock and build with --locked: cargo update --workspace{beside}"))
            .say(format!("{path} does not answer its manifests: {}{more}", first.text));
    }
}

fn of_member(scene: &Scene<'_>, workspace: &Workspace, member: &Member, lock: &Lock) -> Vec<Gap> {
    let Some(manifest) = scene.manifest(member.document) else { return Vec::new() };
    let Some(package) = &manifest.package else { return Vec::new() };
    let at_name = Place::new(manifest.file, package.name.span);
    let Some(own) = lock.packages.iter().find(|p| p.source.is_none() && p.name.value == member.name) else {
        return vec![Gap { place: at_name, text: format!("package `{}` is not in it", member.name), moves: false }];
    };
    let mut out = Vec::new();
    let shared = scene.manifest(workspace.document).and_then(|m| m.workspace.as_ref()).and_then(|w| w.version.as_ref());
    if let Some(version) = package.version.as_ref().or(shared)
        && version.value != own.version.value
        && semver::Version::parse(&version.value).is_ok()
    {
        let text =
            format!("`{}` is {} in the manifest and {} in the lock", member.name, version.value, own.version.value);
        out.push(Gap { place: at_name, text, moves: false });
    }
    for dependency in manifest.dependencies.iter().filter(|d| d.table != Table::Workspace) {
        let (_, declared) = declaration(scene.documents, workspace, member.document, dependency);
        if let Some(text) = unanswered(declared, lock) {
            out.push(Gap { place: Place::new(manifest.file, dependency.span), text, moves: true });
        }
    }
    out
}

/// What is wrong with one dependency. Paths are members or nothing that a lock could hold elsewhere;
/// an inheritance without a declaration is cargo's to complain about.
fn unanswered(declared: &Dependency, lock: &Lock) -> Option<String> {
    if declared.path.is_some() || declared.inherited {
        return None;
    }
    let name = declared.package_name();
    let locked: Vec<&LockPackage> = lock.packages.iter().filter(|p| p.name.value == name).collect();
    let named: Vec<&str> = locked.iter().map(|p| p.version.value.as_str()).collect();
    if named.is_empty() {
        return Some(format!("`{name}` is required and not locked"));
    }
    if declared.git.is_some() || named.iter().any(|v| satisfies(declared, v)) {
        return None;
    }
    let requirement = declared.requirement.as_ref().map_or("", |r| &r.value);
    // The manifest asks a registry; a lock that took a repository was written for another manifest.
    let elsewhere = locked.iter().find_map(|p| match lock_source(p.source.as_ref().map(|s| s.value.as_str())) {
        LockSource::Git { url, .. } => Some(format!(" from git {url}, though the manifest asks for a release")),
        _ => None,
    });
    let elsewhere = elsewhere.unwrap_or_default();
    Some(format!("`{name}` is required as `{requirement}` and locked at {}{elsewhere}", named.join(", ")))
}
