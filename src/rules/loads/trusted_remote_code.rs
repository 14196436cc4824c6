//! Loads that run the code which a repository of a hub brings.

use std::collections::BTreeMap;

use super::advice;
use super::group::{self, Group};
use super::pin;
use crate::diag::{Confidence, Severity};
use crate::references::{AssetKind, Pin, Said, Unresolved};
use crate::rules::models::told;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place};

pub(super) static RULE: Rule = Rule {
    id: "trusted-remote-code",
    title: "code of a hub's repository is run",
    many: "code of {n} repositories of a hub is run",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("trusted_remote_code.md"),
    check,
};

/// Lines of other calls that are told.
const LINES: usize = 8;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for group in group::groups(scene, group::trusts_code) {
        say(scene, report, &group);
    }
    unnamed(scene, report);
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, group: &Group<'_>) {
    let main = group.main();
    let reference = &main.loaded.reference;
    let (subject, _) = group::subject(group);
    let is_held = group.loads.iter().all(|load| load.pin() == Pin::Commit);
    let severity = if is_held { Severity::Info } else { Severity::Medium };
    let mut draft = group::draft(report, group, "its code is trusted", severity);
    if let Some(said) = reference.loader.remote_code {
        draft = draft.related(Place::new(main.loaded.call.file, said.span()), "trusted here");
    }
    if is_held {
        draft
            .evidence("the commit is named, so the code is what was reviewed, if somebody did")
            .advise("read the modules that its config.json names under `auto_map` at that commit")
            .say(format!("the code of {subject} is run, at a commit"));
        return;
    }
    let at = group::at(main);
    pin::fixed(scene, group, draft)
        .evidence("whoever can push to the repository has their code run wherever this is loaded")
        .advise(format!("{}; else {}", without(reference.kind), advice::hold(scene, main)))
        .say(format!("the code of {subject} is run {at}"));
}

/// How to do without.
fn without(kind: AssetKind) -> &'static str {
    match kind {
        AssetKind::Dataset => "use a release of the data set without a script, such as its parquet files",
        _ => "leave trust out where the library knows the architecture",
    }
}

/// Calls that run the code of whatever they are told to load; those of a file together, since one list of names that
/// are trusted mends them all.
fn unnamed(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut by_file: BTreeMap<FileId, Vec<(&Unresolved, Place, Place)>> = BTreeMap::new();
    for (call, place) in &scene.assets.unresolved {
        let Some(Said::On(span)) = call.loader.remote_code else { continue };
        if !call.loader.by.starts_with("GenerationConfig.") {
            by_file.entry(place.file).or_default().push((call, *place, Place::new(place.file, span)));
        }
    }
    for calls in by_file.into_values() {
        let Some((call, place, said)) = calls.first().copied() else { continue };
        let loader = &call.loader.by;
        let mut draft = report
            .at(place, "whatever the name leads to")
            .severity(Severity::Low)
            .confidence(Confidence::Medium)
            .role(told::role(scene, place.file))
            .about(call.kind.word(), call.text.clone(), None)
            .content(format!("{loader} {}", call.text))
            .related(said, "trusted here")
            .also(calls.iter().map(|(_, place, _)| *place))
            .evidence(format!("`{}` gives the name", call.text));
        if calls.len() > 1 {
            let lines: Vec<String> =
                calls.iter().skip(1).take(LINES).map(|(_, at, _)| scene.sources.start(*at).line.to_string()).collect();
            let more = if calls.len() > LINES + 1 { " and more" } else { "" };
            draft = draft.evidence(format!("so do calls in lines {}{more}", lines.join(", ")));
        }
        draft
            .advise(
                "let the caller say it, with trust off by default, or keep a list of names at commits that are trusted",
            )
            .say(format!("`{loader}` runs the code of whatever model it is told to load"));
    }
}
