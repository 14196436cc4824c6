//! A pinned action that uses others under names that can move.

use std::collections::BTreeMap;

use super::held::Held;
use super::reference::{PLATFORM, Reference};
use crate::diag::Severity;
use crate::graph::ci::pins::{Reached, Shown};
use crate::graph::identity;
use crate::graph::kinds::workflow::Uses;
use crate::rules::used::{Used, all, weightiest};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "unpinned-inside-pinned",
    title: "pinned action that uses others under names that can move",
    many: "{n} pinned actions use others under names that can move",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unpinned_inside_pinned.md"),
    check,
};

/// Inner actions that a message names; more are counted.
const NAMED: usize = 2;

/// Something inside that can move.
struct Loose {
    what: String,
    /// The actions between, the outermost first.
    through: Vec<Uses>,
    shown: String,
    place: Option<Place>,
    /// Whether it is GitHub's own, or of an immutable release.
    is_trusted: bool,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let held = Held::of(scene);
    let mut by: BTreeMap<String, Vec<Used<'_, '_>>> = BTreeMap::new();
    for used in all(scene) {
        let Uses::Repository { owner, repo, path, reference } = used.name else { continue };
        if used.is_pinned() || held.is_held(scene, used.run, used.name) {
            by.entry(identity::action(owner, repo, path, reference)).or_default().push(used);
        }
    }
    for found in by.values() {
        // Where it is held with all it uses for one workflow and not for another, the other counts.
        let loose = |used: &Used<'_, '_>| -> Vec<Loose> { loose(scene, used, &held) };
        let open: Vec<Used<'_, '_>> = found.iter().filter(|used| !loose(used).is_empty()).copied().collect();
        let Some(main) = weightiest(&open) else { continue };
        say(scene, report, main, &open, &loose(main));
    }
}

/// What can move inside one use.
fn loose(scene: &Scene<'_>, used: &Used<'_, '_>, held: &Held) -> Vec<Loose> {
    let reached = scene.pins.reached(used.name);
    let mut out: Vec<Loose> =
        reached.iter().filter(|inner| !held.is_held(scene, used.run, &inner.uses)).filter_map(of_reached).collect();
    // An action may be an image as a whole.
    let own = std::iter::once((used.name, &[][..])).chain(reached.iter().map(|r| (&r.uses, r.through.as_slice())));
    for (uses, through) in own {
        let Some(definition) = scene.pins.definition(uses) else { continue };
        let Some(image) = definition.image.as_deref().and_then(|image| image.strip_prefix("docker://")) else {
            continue;
        };
        if moves(image) {
            out.push(Loose {
                what: format!("the image `{image}`"),
                through: through.to_vec(),
                shown: shown(&Shown::File(definition.file.clone(), 0, definition.day.clone())),
                place: None,
                is_trusted: false,
            });
        }
    }
    out
}

fn of_reached(inner: &Reached) -> Option<Loose> {
    let (what, is_trusted) = match &inner.uses {
        Uses::Repository { owner, repo, reference, .. } if !Uses::is_commit(reference) => {
            let is_immutable = Reference::of(owner, repo, reference) == Reference::Immutable;
            (format!("`{}`", inner.uses), is_immutable || PLATFORM.contains(&owner.to_ascii_lowercase().as_str()))
        }
        Uses::Docker(image) if moves(image) => (format!("the image `{image}`"), false),
        _ => return None,
    };
    let place = if let Shown::Lock(place) = inner.shown { Some(place) } else { None };
    Some(Loose { what, through: inner.through.clone(), shown: shown(&inner.shown), place, is_trusted })
}

/// Whether an image is named by what can move; one that is computed names nothing yet.
fn moves(image: &str) -> bool {
    !image.contains("@sha256:") && !image.contains("${{")
}

fn shown(shown: &Shown) -> String {
    match shown {
        Shown::Lock(_) => "GitHub's lock of actions lists it among what the action uses".to_owned(),
        Shown::File(file, line, day) => {
            let line = if *line == 0 { String::new() } else { format!(", line {line}") };
            let day = day.as_ref().map(|day| format!(", read on {day}")).unwrap_or_default();
            format!("its own `{file}`{line}{day}")
        }
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, main: &Used<'_, '_>, found: &[Used<'_, '_>], loose: &[Loose]) {
    // What is not of GitHub itself is told first.
    let mut loose: Vec<&Loose> = loose.iter().collect();
    loose.sort_by_key(|one| (one.is_trusted, one.through.len()));
    let Some(first) = loose.first() else { return };
    let named: Vec<&str> = loose.iter().take(NAMED).map(|one| one.what.as_str()).collect();
    let more = match loose.len().saturating_sub(NAMED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let Uses::Repository { owner, repo, path, .. } = main.name else { return };
    let name = if path.is_empty() { format!("{owner}/{repo}") } else { format!("{owner}/{repo}/{path}") };
    let mut draft = report
        .at(main.place, "pinned, and what it uses is not")
        .about("action", name.clone(), Some(main.reference().to_owned()))
        .severity(if first.is_trusted { Severity::Low } else { Severity::Medium })
        .also(found.iter().map(|used| used.place))
        .each(loose.iter().map(|one| format!("{} {}", main.name, one.what)))
        .evidence(first.shown.clone())
        .advise(
            "let `gh actions-lock` hold what it uses for this workflow, take a release that pins it, or take another \
             action; a pin cannot reach inside",
        );
    draft = main.run.route(scene, draft).via(format!("action {}", main.name), Some(main.place));
    for between in &first.through {
        draft = draft.via(format!("action {between}"), None);
    }
    draft = draft.via(first.what.replace('`', ""), first.place);
    let held = main.run.held();
    draft.say(format!("`{name}` is pinned and uses {}{more}, which can move{held}", named.join(" and ")));
}
