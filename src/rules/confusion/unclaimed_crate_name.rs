//! A name that a published crate is about to need and that nobody seems to hold.
//!
//! Whether a name is taken is not known offline, so the rule speaks in one case only: a package that
//! is known to be published needs, always, a package of this tree that no lock has ever brought
//! along. Where the first stood in a lock, the second would have stood beside it.

use std::collections::BTreeSet;

use crate::diag::{Confidence, Severity};
use crate::graph::cargo::{Member, Workspace, declaration};
use crate::graph::identity::lock_source;
use crate::graph::kinds::cargo::{LockSource, Table};
use crate::impostor::{List, Names};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Role};

pub(super) static RULE: Rule = Rule {
    id: "unclaimed-crate-name",
    title: "crate name that nobody seems to hold",
    many: "{n} crate names seem to be free",
    severity: Severity::Info,
    since: "0.1",
    docs: include_str!("unclaimed_crate_name.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let locked: BTreeSet<&str> = locked_names(scene);
    let popular = Names::embedded();
    // A sample: a name that is missing from it is not free.
    let known = |name: &str| locked.contains(name) || popular.find(List::Crates, name).is_some();
    for workspace in &scene.cargo.workspaces {
        let publishable = workspace.members.iter().filter(|m| is_publishable(scene, m));
        let (published, others): (Vec<&Member>, Vec<&Member>) = publishable.partition(|m| known(&m.name));
        for needed in others {
            let Some((by, place)) = published.iter().find_map(|m| Some((m, line(scene, workspace, m, needed)?))) else {
                continue;
            };
            let Some(manifest) = scene.manifest(needed.document) else { continue };
            let Some(package) = &manifest.package else { continue };
            report
                .at(Place::new(manifest.file, package.name.span), "seems to be free on crates.io")
                .about("crate", needed.name.clone(), None)
                .confidence(Confidence::Low)
                .related(place, format!("`{}` needs it by name and version", by.name))
                .evidence(format!(
                    "`{}` is known to be on crates.io and `{}` is in no lock beside it; crates.io was not asked",
                    by.name, needed.name
                ))
                .advise(format!(
                    "look it up, and publish `{0}` before the next release of `{1}`, which needs it",
                    needed.name, by.name
                ))
                .say(format!(
                    "`{}` is needed by the published `{}` and may be free for anybody to take on crates.io",
                    needed.name, by.name
                ));
        }
    }
}

/// Names that some lock of the tree takes from crates.io.
fn locked_names<'a>(scene: &Scene<'a>) -> BTreeSet<&'a str> {
    let locks = scene.cargo.locks.iter().filter_map(|v| scene.lock(v.document));
    locks
        .flat_map(|l| &l.packages)
        .filter(|p| lock_source(p.source.as_ref().map(|s| s.value.as_str())) == LockSource::CratesIo)
        .map(|p| p.name.value.as_str())
        .collect()
}

fn is_publishable(scene: &Scene<'_>, member: &Member) -> bool {
    let elsewhere =
        scene.manifest(member.document).and_then(|m| m.package.as_ref()).is_some_and(|p| !p.publish_to.is_empty());
    member.role == Role::Product && !member.unpublished && !elsewhere
}

/// Where `by` needs `needed` in every build: by path and version, not optional, not for tests.
fn line(scene: &Scene<'_>, workspace: &Workspace, by: &Member, needed: &Member) -> Option<Place> {
    let manifest = scene.manifest(by.document)?;
    manifest.dependencies.iter().find_map(|own| {
        let (document, declared) = declaration(scene.documents, workspace, by.document, own);
        let always =
            matches!(own.table, Table::Normal | Table::Build) && !own.optional && declared.requirement.is_some();
        let base = if document == by.document { &by.folder } else { &workspace.folder };
        let folder = base.join(&declared.path.as_ref()?.value)?;
        (always && folder == needed.folder).then(|| Place::new(manifest.file, own.span))
    })
}
