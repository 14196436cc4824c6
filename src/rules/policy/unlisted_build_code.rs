//! A crate whose code runs while others are built, and that nobody put on the list.

use crate::config::BuildCode;
use crate::diag::Severity;
use crate::graph::Node;
use crate::graph::identity::lock_source;
use crate::graph::kinds::cargo::{LockPackage, LockSource};
use crate::rules::{Reporter, Rule, Scene, locked};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "unlisted-build-code",
    title: "build-time code that is not on the list",
    many: "{n} crates run build-time code that is not on the list",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unlisted_build_code.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(custody) = scene.custody() else { return };
    let Some(list) = &custody.policy.build_code else { return };
    for found in locked::crates(scene, |known, _| !code(known).is_empty()) {
        let package = found.package();
        let name = &package.name.value;
        let digest = digest(package);
        let of_name: Vec<&BuildCode> = list.iter().filter(|entry| entry.name.value == *name).collect();
        if digest.is_some_and(|own| of_name.iter().any(|entry| entry.checksum.value.eq_ignore_ascii_case(own))) {
            continue;
        }
        let what = code(found.known).join(" and ");
        let version = &package.version.value;
        let shown = digest.unwrap_or("none");
        let mut draft = report
            .at(found.place(scene), format!("lets `{name}` {version} in"))
            .on(found.node)
            .role(found.role())
            .also(found.lock_places())
            .related(found.lock_place(), format!("{name} {version}"))
            .content(format!("{name} {shown}"))
            .evidence(format!("its manifest, by {}", told_by(found.known)));
        for entry in &of_name {
            let place = Place::new(custody.file, entry.checksum.span);
            draft = draft.related(place, format!("another release of `{name}` is listed"));
        }
        draft = found.route(scene, draft);
        let says = if of_name.is_empty() {
            format!("`{name}` {version} runs {what} at build time and is not on the list of custody.toml")
        } else {
            format!("`{name}` {version} runs {what} at build time, and custody.toml lists another checksum of it")
        };
        draft
            .advise(match digest {
                Some(digest) => format!(
                    "look at what it runs, then list it: [[build-code]] name = \"{name}\", checksum = \"{digest}\""
                ),
                None => {
                    "lock it by checksum or commit first; without one nothing says which code was looked at".to_owned()
                }
            })
            .say(says);
    }
}

/// What of it runs at build time.
fn code(known: &Node) -> Vec<&'static str> {
    let is = |attribute: &str| known.attributes.get(attribute).is_some_and(|value| value == "true");
    let kinds = [("build-script", "a build script"), ("proc-macro", "a procedural macro")];
    kinds.into_iter().filter(|(attribute, _)| is(attribute)).map(|(_, words)| words).collect()
}

fn told_by(known: &Node) -> &str {
    known.attributes.get("facts-from").map_or("what is known of it", String::as_str)
}

/// What holds its code in place: the checksum of a release, the commit of a repository.
fn digest(package: &LockPackage) -> Option<&str> {
    match lock_source(package.source.as_ref().map(|s| s.value.as_str())) {
        LockSource::Git { commit, .. } => commit,
        _ => package.checksum.as_ref().map(|c| c.value.as_str()),
    }
}
