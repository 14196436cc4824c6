//! A locked release that its publisher withdrew.

use crate::advisory::Ecosystem;
use crate::diag::Severity;
use crate::graph::cargo::Reach;
use crate::graph::identity::lock_source;
use crate::graph::kinds::cargo::{LockPackage, LockSource};
use crate::rules::{Reporter, Rule, Scene, locked};

pub(super) static RULE: Rule = Rule {
    id: "yanked-crate",
    title: "crate whose release was withdrawn",
    many: "{n} crates are locked in a release that was withdrawn",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("yanked_crate.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let facts = |package: &LockPackage| {
        let is_published = lock_source(package.source.as_ref().map(|s| s.value.as_str())) == LockSource::CratesIo;
        let known = scene.known.release(Ecosystem::CratesIo, &package.name.value, Some(package.version.value.as_str()));
        known.filter(|facts| is_published && facts.yanked == Some(true))
    };
    for found in locked::crates(scene, |_, package| facts(package).is_some()) {
        let package = found.package();
        let Some(facts) = facts(package) else { continue };
        let (name, version) = (&package.name.value, &package.version.value);
        let day = facts.as_of.map(|day| format!(" of {day}")).unwrap_or_default();
        let reason = facts.yanked_reason.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        let by = if found.reach() == Reach::Dev { ", reached by dev-dependencies alone" } else { "" };
        let mut draft = report
            .at(found.place(scene), format!("lets `{name}` {version} in"))
            .on(found.node)
            .severity(if found.reach() == Reach::Dev { Severity::Info } else { Severity::Low })
            .role(found.role())
            .also(found.lock_places())
            .related(found.lock_place(), format!("{name} {version}"))
            .content(format!("{name} {version}"))
            .evidence(format!("{}{day}", facts.source));
        draft = found.route(scene, draft);
        draft
            .advise(format!(
                "move to a release that was not withdrawn: cargo update -p {name}@{version}; cargo takes none that was, unless a lock holds it"
            ))
            .say(format!("`{name}` {version} was withdrawn by its publisher{by}{reason}"));
    }
}
