//! Kernels of a hub: native code that is loaded into the process.

use super::advice;
use super::group::{self, Group};
use super::pin;
use crate::diag::Severity;
use crate::graph::assets::Load;
use crate::references::{AssetKind, Pin};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-kernel",
    title: "native code of a hub is loaded under a name that can move",
    many: "{n} kernels of a hub are loaded under names that can move",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("unpinned_kernel.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for group in group::groups(scene, is_open) {
        say(scene, report, &group);
    }
}

fn is_open(load: &Load) -> bool {
    load.loaded.reference.kind == AssetKind::Kernel && load.pin() != Pin::Commit
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, group: &Group<'_>) {
    let main = group.main();
    let at = group::at(main);
    let name = &main.loaded.reference.name;
    // A version is a range of commits, and `kernels lock` holds it. What the hub publishes itself weighs what its
    // libraries weigh, which run as well.
    let is_of_hub = name.starts_with("kernels-community/");
    let severity = if main.pin() == Pin::Tag || is_of_hub { Severity::Medium } else { Severity::High };
    let path = scene.sources.path(main.loaded.call.file);
    let advice = if path.ends_with(".py") || path.ends_with(".ipynb") {
        "name the commit: revision=\"<commit>\", or lock it: `kernels lock`, and load it with `get_locked_kernel`"
            .to_owned()
    } else {
        advice::hold(scene, main)
    };
    let draft = group::draft(report, group, at.clone(), severity);
    pin::fixed(scene, group, draft)
        .evidence("a kernel is native code that runs with the rights of the process, as its publisher last pushed it")
        .advise(advice)
        .say(format!("the kernel `{name}` is loaded {at}"));
}
