//! Models, tokenizers and adapters that are loaded at whatever their publisher last pushed.

use super::advice;
use super::group::{self, Group};
use super::pickle_preferred::is_ggml;
use super::pickle_preferred::is_pickle;
use super::pin;
use crate::diag::Severity;
use crate::graph::assets::Load;
use crate::references::{AssetKind, Hub, Pin, Said};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-model",
    title: "a model is loaded under a name that can move",
    many: "{n} models are loaded under names that can move",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unpinned_model.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for group in group::groups(scene, is_open) {
        say(scene, report, &group);
    }
}

fn is_open(load: &Load) -> bool {
    let reference = &load.loaded.reference;
    let is_kind = matches!(reference.kind, AssetKind::Model | AssetKind::Tokenizer | AssetKind::Adapter);
    // Where its code is trusted too, the rule on that says both.
    is_kind && load.pin() != Pin::Commit && group::can_be_pinned(reference.hub) && !group::trusts_code(load)
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, group: &Group<'_>) {
    let main = group.main();
    let reference = &main.loaded.reference;
    let at = group::at(main);
    let runs = |load: &&Load| {
        let reference = &load.loaded.reference;
        let is_pickle = !is_ggml(&reference.name) && reference.files.iter().any(|file| is_pickle(file));
        is_pickle || matches!(load.loaded.reference.loader.safetensors, Some(Said::Off(_)))
    };
    // What `torch.hub` names is code that is run.
    let (severity, why) = if reference.hub == Hub::TorchHub {
        (Severity::Medium, "`torch.hub` runs the code of the repository, as whoever can push there last left it")
    } else if group.loads.iter().any(runs) {
        (Severity::Medium, "its file is a pickle, which runs code when it is loaded")
    } else {
        (Severity::Low, "a branch or tag of the hub is what its publisher, or whoever can push there, makes of it")
    };
    let (subject, is) = group::subject(group);
    let draft = group::draft(report, group, at.clone(), severity);
    pin::fixed(scene, group, draft)
        .evidence(why)
        .advise(advice::hold(scene, main))
        .say(format!("{subject} {is} loaded {at}"));
}
