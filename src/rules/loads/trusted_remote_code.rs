//! Loads that run the code which a repository of a hub brings.

use super::group::{self, Group};
use super::pin;
use crate::diag::{Confidence, Severity};
use crate::graph::assets::Load;
use crate::references::{Pin, Said};
use crate::rules::models::told;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "trusted-remote-code",
    title: "code of a model's repository is run",
    many: "code of {n} models' repositories is run",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("trusted_remote_code.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for group in group::groups(scene, trusts) {
        say(scene, report, &group);
    }
    unnamed(scene, report);
}

fn trusts(load: &Load) -> bool {
    matches!(load.loaded.reference.loader.remote_code, Some(Said::On(_)))
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, group: &Group<'_>) {
    let main = group.main();
    let reference = &main.loaded.reference;
    let noun = group::noun(reference.kind);
    let is_held = group.loads.iter().all(|load| load.pin() == Pin::Commit);
    let severity = if is_held { Severity::Info } else { Severity::Medium };
    let mut draft = group::draft(report, group, "its code is trusted", severity);
    if let Some(said) = reference.loader.remote_code {
        draft = draft.related(Place::new(main.loaded.call.file, said.span()), "trusted here");
    }
    let name = &reference.name;
    if is_held {
        draft
            .evidence("the commit is named, so the code is what was reviewed, if somebody did")
            .advise("read the modules that its config.json names under `auto_map` at that commit")
            .say(format!("the code of the {noun} `{name}` is run, at a commit"));
        return;
    }
    let at = group::at(main);
    pin::fixed(scene, group, draft)
        .evidence("whoever can push to the repository has their code run wherever this is loaded")
        .advise(format!("leave trust out where the library knows the architecture; else {}", group::advice(main)))
        .say(format!("the code of the {noun} `{name}` is run {at}"));
}

/// Calls that run the code of whatever they are told to load.
fn unnamed(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for (call, place) in &scene.assets.unresolved {
        let Some(Said::On(span)) = call.loader.remote_code else { continue };
        let loader = &call.loader.by;
        report
            .at(*place, "whatever the name leads to")
            .severity(Severity::Low)
            .confidence(Confidence::Medium)
            .role(told::role(scene, place.file))
            .about(call.kind.word(), call.text.clone(), None)
            .content(format!("{loader} {}", call.text))
            .related(Place::new(place.file, span), "trusted here")
            .evidence(format!("`{}` gives the name", call.text))
            .advise(
                "let the caller say it, with trust off by default, or keep a list of names at commits that are trusted",
            )
            .say(format!("`{loader}` runs the code of whatever model it is told to load"));
    }
}
