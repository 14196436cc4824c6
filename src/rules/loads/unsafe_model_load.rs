//! Loaders that are told to run what a file says: pickles, lambdas, objects in arrays.

use super::group::{self, Group};
use crate::diag::{Confidence, Severity};
use crate::references::{Loader, Pin, Said};
use crate::rules::models::told;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Span};

pub(super) static RULE: Rule = Rule {
    id: "unsafe-model-load",
    title: "a model is loaded in a way that lets it run code",
    many: "{n} models are loaded in a way that lets them run code",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unsafe_model_load.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for group in group::groups(scene, |load| unsafe_by(&load.loaded.reference.loader).is_some()) {
        say(report, &group);
    }
    for (call, place) in &scene.assets.unresolved {
        let Some((said, span)) = unsafe_by(&call.loader) else { continue };
        let loader = &call.loader.by;
        report
            .at(*place, said)
            .severity(Severity::Info)
            .confidence(Confidence::Medium)
            .role(told::role(scene, place.file))
            .about(call.kind.word(), call.text.clone(), None)
            .content(format!("{loader} {}", call.text))
            .related(Place::new(place.file, span), "said here")
            .evidence(format!("`{}` gives the file", call.text))
            .advise(instead(loader))
            .say(format!("`{loader}` runs whatever the file says that it is told to load"));
    }
}

/// What is said that lets a file run code, and where.
fn unsafe_by(loader: &Loader) -> Option<(&'static str, Span)> {
    match loader {
        Loader { weights_only: Some(Said::Off(span)), .. } => Some(("`weights_only=False`", *span)),
        Loader { safe_mode: Some(Said::Off(span)), .. } => Some(("`safe_mode=False`", *span)),
        Loader { allow_pickle: Some(Said::On(span)), .. } => Some(("`allow_pickle=True`", *span)),
        _ => None,
    }
}

fn say(report: &mut Reporter<'_>, group: &Group<'_>) {
    let main = group.main();
    let reference = &main.loaded.reference;
    let Some((said, span)) = unsafe_by(&reference.loader) else { return };
    let is_held = group.loads.iter().all(|load| load.pin() == Pin::Commit || load.loaded.reference.digest.is_some());
    let severity = if is_held { Severity::Low } else { Severity::Medium };
    let loader = &reference.loader.by;
    let noun = group::noun(reference.kind);
    group::draft(report, group, said, severity)
        .related(Place::new(main.loaded.call.file, span), "said here")
        .evidence(if is_held { "the content is named by a digest" } else { "nothing holds the content" })
        .advise(instead(loader))
        .say(format!("`{loader}` runs whatever the {noun} `{}` says", reference.name));
}

/// What to do instead.
fn instead(loader: &str) -> &'static str {
    if loader.contains("torch") || loader.ends_with("load_state_dict_from_url") {
        "load weights with `weights_only=True`, or from safetensors"
    } else if loader.contains("keras") || loader.ends_with("load_model") {
        "leave `safe_mode` on, and register the layers that it asks for by name"
    } else {
        "keep the data in a format that holds no code: safetensors, `.npz` without objects, JSON, skops"
    }
}
