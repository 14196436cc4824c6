//! Data sets that are loaded at whatever their publisher last pushed.

use super::advice;
use super::group::{self, Group};
use super::pin;
use crate::diag::Severity;
use crate::graph::assets::Load;
use crate::references::{AssetKind, Pin};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-dataset",
    title: "a data set is loaded under a name that can move",
    many: "{n} data sets are loaded under names that can move",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unpinned_dataset.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for group in group::groups(scene, is_open) {
        say(scene, report, &group);
    }
}

fn is_open(load: &Load) -> bool {
    let reference = &load.loaded.reference;
    // Where its code is trusted too, the rule on that says both.
    reference.kind == AssetKind::Dataset
        && load.pin() != Pin::Commit
        && group::can_be_pinned(reference.hub)
        && !group::trusts_code(load)
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, group: &Group<'_>) {
    let main = group.main();
    let at = group::at(main);
    let (subject, is) = group::subject(group);
    let draft = group::draft(report, group, at.clone(), Severity::Low);
    pin::fixed(scene, group, draft)
        .evidence(
            "what is trained or measured with it changes when its publisher pushes, and nothing in the tree shows it",
        )
        .advise(advice::hold(scene, main))
        .say(format!("{subject} {is} loaded {at}"));
}
