//! One crate name, two sources, in one lock.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Confidence, Severity};
use crate::graph::identity::lock_source;
use crate::graph::kinds::cargo::{Lock, LockPackage, LockSource};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "two-sources-one-name",
    title: "one crate name from two sources",
    many: "{n} locks hold one name from two sources",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("two_sources_one_name.md"),
    check,
};

/// Names in the message.
const NAMED: usize = 3;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for view in &scene.cargo.locks {
        let Some(lock) = scene.lock(view.document) else { continue };
        // Crates that share the same pair of sources are one decision of somebody.
        let mut found: BTreeMap<BTreeSet<String>, Vec<&LockPackage>> = BTreeMap::new();
        for (sources, package) in of_lock(lock) {
            found.entry(sources).or_default().push(package);
        }
        for (sources, packages) in found {
            let Some(first) = packages.first() else { continue };
            let registries = sources.iter().filter(|s| !s.starts_with("git ")).count();
            let names: Vec<String> = packages.iter().take(NAMED).map(|p| format!("`{}`", p.name.value)).collect();
            let more = packages.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let verb = if packages.len() == 1 { "comes" } else { "come" };
            let list: Vec<&str> = sources.iter().map(String::as_str).collect();
            let places = lock.packages.iter().filter(|p| packages.iter().any(|q| q.name.value == p.name.value));
            report
                .at(Place::new(lock.file, first.name.span), list.join(" and "))
                .about("crate", first.name.value.clone(), None)
                // Two registries that answer to one name are how a private name is taken over; a
                // fork beside the release is a choice the manifest shows.
                .severity(if registries > 1 { Severity::Medium } else { Severity::Low })
                .confidence(Confidence::Medium)
                .role(view.role)
                .also(places.map(|p| Place::new(lock.file, p.name.span)))
                .content(format!("{} {}", first.name.value, list.join(" ")))
                .evidence("the lock; who owns the name on either side is not known here")
                .advise("check that both are meant; give a private crate a name of its own, or use one source for all")
                .say(format!("{}{more} {verb} from {} at once", names.join(", "), list.join(" and ")));
        }
    }
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
            LockSource::Git { url, .. } => format!("git {}", url.trim_end_matches('/').trim_end_matches(".git")),
        };
        by_name.entry(&package.name.value).or_insert_with(|| (BTreeSet::new(), package)).0.insert(source);
    }
    by_name.into_values().filter(|(sources, _)| sources.len() > 1).collect()
}
