//! Binaries without a lock.

use crate::diag::{Confidence, Severity};
use crate::graph::cargo::{Member, Workspace, declaration};
use crate::graph::kinds::cargo::Table;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Role};

pub(super) static RULE: Rule = Rule {
    id: "missing-lockfile",
    title: "binary without Cargo.lock",
    many: "{n} workspaces build binaries without Cargo.lock",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("missing_lockfile.md"),
    check,
};

/// Binaries named in the message.
const NAMED: usize = 3;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for workspace in &scene.cargo.workspaces {
        let Some(beside) = workspace.folder.join("Cargo.lock") else { continue };
        // A lock that could not be read is a gap, not a missing file.
        if workspace.lock.is_some() || scene.files.contains(&beside) {
            continue;
        }
        let is_built = |m: &&Member| m.has_binary && m.role == Role::Product && needs_strangers(scene, workspace, m);
        let binaries: Vec<&Member> = workspace.members.iter().filter(is_built).collect();
        let Some(first) = binaries.first() else { continue };
        let Some(package) = scene.manifest(first.document).and_then(|m| Some((m.file, m.package.as_ref()?))) else {
            continue;
        };
        let libraries = workspace.members.iter().any(|m| m.role == Role::Product && is_library(scene, m));
        let names: Vec<String> = binaries.iter().take(NAMED).map(|m| format!("`{}`", m.name)).collect();
        let more = binaries.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let verb = if binaries.len() == 1 { "is" } else { "are" };
        let at = if workspace.folder.is_root() { "the root".to_owned() } else { format!("`{}`", workspace.folder) };
        report
            .at(Place::new(package.0, package.1.name.span), "builds a binary")
            .about("lock", beside.as_str(), None)
            // Libraries that keep no lock on purpose often have a small program beside them.
            .severity(if libraries { Severity::Low } else { Severity::Medium })
            .confidence(if libraries { Confidence::Medium } else { Confidence::High })
            .role(Role::Product)
            .evidence("the list of files: no Cargo.lock beside the manifest of the workspace")
            .advise("commit Cargo.lock and build with `--locked`; if it is ignored on purpose, have the release job keep the one it made")
            .say(format!("{}{more} {verb} built without a Cargo.lock in {at}", names.join(", ")));
    }
}

fn is_library(scene: &Scene<'_>, member: &Member) -> bool {
    let declared = scene.manifest(member.document).is_some_and(|m| m.declares_library);
    declared || member.folder.join("src/lib.rs").is_some_and(|path| scene.files.contains(&path))
}

/// Whether anything is resolved: packages of the tree alone need no lock.
fn needs_strangers(scene: &Scene<'_>, workspace: &Workspace, member: &Member) -> bool {
    let Some(manifest) = scene.manifest(member.document) else { return false };
    manifest
        .dependencies
        .iter()
        .filter(|d| !matches!(d.table, Table::Dev | Table::Workspace))
        .any(|d| declaration(scene.documents, workspace, member.document, d).1.path.is_none())
}
