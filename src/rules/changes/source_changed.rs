//! The same name from somebody else: a package, an action, an image, a repository of hooks.

mod named;
mod packages;

use std::collections::BTreeMap;

use super::compared::{Compared, listed};
use super::origin::Origin;
use crate::diag::{Confidence, Impact, Severity};
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "source-changed",
    title: "the same name from another place or owner",
    many: "{n} names come from another place or owner than before",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("source_changed.md"),
    check,
};

/// A name that comes from elsewhere, at one place.
struct Departure {
    /// What it is: `crate`, `action`.
    what: &'static str,
    name: String,
    from: String,
    to: String,
    place: Place,
    /// Where it stood before.
    old: Place,
    weight: Weight,
    /// The line is written by a tool, after one that a person writes.
    in_lock: bool,
    /// One place may give many names.
    many: bool,
}

/// What stands behind a name now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// A publisher that everybody knows.
    Known,
    /// One whom the tree before relied on already.
    Relied,
    /// Anybody.
    Anybody,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(compared) = Compared::of(scene) else { return };
    let mut found: BTreeMap<(&str, String, String, String), Vec<Departure>> = BTreeMap::new();
    let all = packages::departures(&compared).into_iter().chain(named::departures(&compared));
    for one in all {
        let name = if one.many { String::new() } else { one.name.clone() };
        found.entry((one.what, name, one.from.clone(), one.to.clone())).or_default().push(one);
    }
    for mut places in found.into_values() {
        // The line that a person writes before the lock that follows from it.
        places.sort_by_key(|one| (one.in_lock, one.place));
        say(&compared, report, &places);
    }
}

/// The weightiest list of steps or stages that holds a place.
fn run_of<'s>(scene: &'s Scene<'s>, place: Place) -> Option<&'s Run<'s>> {
    let holds = |run: &&Run<'_>| {
        let stage = run.stage.as_ref().is_some_and(|s| s.stage.span.contains(place.span));
        run.file == place.file
            && (stage
                || run.steps.iter().any(|step| step.span.contains(place.span))
                || run.job().is_some_and(|(_, job)| job.span.contains(place.span)))
    };
    reach::all_runs(scene).iter().filter(holds).max_by_key(|run| run.weight())
}

fn say(compared: &Compared<'_>, report: &mut Reporter<'_>, places: &[Departure]) {
    let Some(first) = places.first() else { return };
    let scene = compared.scene;
    let run = match first.what {
        "action" | "image" => run_of(scene, first.place),
        _ => None,
    };
    let impact: Option<Impact> = run.and_then(Run::impact).filter(|_| first.weight == Weight::Anybody);
    let weight = places.iter().map(|one| one.weight).max().unwrap_or(Weight::Anybody);
    let mut names: Vec<&str> = places.iter().map(|one| one.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mut draft = report
        .at(first.place, format!("came from {}", first.from))
        .about(first.what, names.join(" "), None)
        .severity(match weight {
            Weight::Known => Severity::Info,
            Weight::Relied => Severity::Low,
            Weight::Anybody if impact.is_some() => Severity::High,
            Weight::Anybody => Severity::Medium,
        })
        .confidence(Confidence::High)
        .impact(impact)
        .also(places.iter().map(|one| one.place))
        .content(format!("{} {} {}", names.join(" "), first.from, first.to))
        .evidence(compared.was(first.old));
    if weight == Weight::Relied {
        draft = draft.evidence("the tree before took other things from there");
    }
    draft = match run {
        Some(run) => run.route(scene, draft),
        None => draft.via(scene.sources.path(first.place.file).to_owned(), Some(first.place)),
    };
    let come = if names.len() == 1 { "comes" } else { "come" };
    draft
        .advise(format!(
            "find the announcement of the move at {}; else look at what {} holds, or keep the old place",
            first.from, first.to
        ))
        .say(format!("{} {} {come} from {} and came from {}", first.what, listed(&names), first.to, first.from));
}

/// What an origin weighs to a tree.
fn weigh(compared: &Compared<'_>, to: &Origin) -> Weight {
    match to {
        Origin::Index(address) if crate::graph::indexes::is_publisher(address) => Weight::Known,
        Origin::File(host) if crate::graph::indexes::is_publisher(host) => Weight::Known,
        Origin::Repository(name) | Origin::File(name) => match named::owner(name) {
            Some(owner) if named::is_relied_on(compared.base(), owner) => Weight::Relied,
            _ => Weight::Anybody,
        },
        _ => Weight::Anybody,
    }
}
