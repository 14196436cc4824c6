//! An action whose tags, or the very commit that is used, were malicious; by its own name, by what the lock or the
//! repository knows of it, or inside another action.

use std::collections::BTreeMap;

use super::topic::topic;
use crate::advisory::{Basis, Kind, Match};
use crate::diag::{Confidence, Impact, Severity};
use crate::graph::ci::pins::{By, Shown};
use crate::graph::identity;
use crate::graph::kinds::workflow::Uses;
use crate::rules::used::{Used, all};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "compromised-action",
    title: "action that was malicious",
    many: "{n} actions were malicious",
    severity: Severity::Critical,
    since: "0.1",
    docs: include_str!("compromised_action.md"),
    check,
};

/// One way in which a malicious action is used.
struct Hit<'a, 'r> {
    attack: &'r Match,
    /// What is malicious: `owner/repo/path` and the reference by which it is known.
    name: String,
    reference: String,
    /// What is written, where that is another reference.
    written: Option<(String, &'static str)>,
    /// The actions that lead to it, the one that is written first; empty where it is written itself.
    through: Vec<Uses>,
    shown: Option<String>,
    found: Vec<Used<'a, 'a>>,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut all_hits = Vec::new();
    for used in all(scene) {
        direct(scene, used, &mut all_hits);
        inside(scene, used, &mut all_hits);
    }
    let mut hits: BTreeMap<[String; 4], Hit<'_, '_>> = BTreeMap::new();
    for hit in all_hits {
        let outer = hit.through.first().map(ToString::to_string).unwrap_or_default();
        let written = hit.written.as_ref().map(|(written, _)| written.clone()).unwrap_or_default();
        let key = [format!("{}@{}", hit.name, hit.reference), hit.attack.id.clone(), written, outer];
        let found = hit.found.clone();
        hits.entry(key).and_modify(|known| known.found.extend(found)).or_insert(hit);
    }
    for hit in hits.values_mut() {
        hit.found.sort_by_key(|used| (scene.role(used.place.file), std::cmp::Reverse(used.run.weight()), used.place));
        say(scene, report, hit);
    }
}

fn direct<'a, 's>(scene: &'s Scene<'a>, used: Used<'a, 'a>, out: &mut Vec<Hit<'a, 's>>) {
    let Uses::Repository { owner, repo, path, reference } = used.name else { return };
    let Some(node) = scene.graph.find(&identity::action(owner, repo, path, reference)) else { return };
    let name = scene.graph.node(node).name.clone();
    let hit = |attack, reference: &str, written| Hit {
        attack,
        name: name.clone(),
        reference: reference.to_owned(),
        written,
        through: Vec::new(),
        shown: None,
        found: vec![used],
    };
    for attack in malicious(scene.known.advisories(node)) {
        out.push(hit(attack, reference, None));
    }
    // A tag that is known to be of a commit is what that commit is. The other way says nothing: a tag was
    // moved, and a commit was not.
    let repository = format!("{owner}/{repo}");
    for other in scene.pins.other_names(used.name).iter().filter(|other| Uses::is_commit(&other.reference)) {
        let by =
            if matches!(other.by, By::Lock(_)) { "GitHub's lock of actions" } else { "what the repository answered" };
        let attacks = malicious(scene.known.action(&repository, path, &other.reference));
        for attack in attacks.filter(|attack| attack.basis == Basis::Commit) {
            out.push(hit(attack, &other.reference, Some((reference.clone(), by))));
        }
    }
}

/// What an action comes to use itself.
fn inside<'a, 's>(scene: &'s Scene<'a>, used: Used<'a, 'a>, out: &mut Vec<Hit<'a, 's>>) {
    for reached in scene.pins.reached(used.name) {
        let Uses::Repository { owner, repo, path, reference } = &reached.uses else { continue };
        let repository = format!("{owner}/{repo}");
        let name = if path.is_empty() { repository.clone() } else { format!("{repository}/{path}") };
        let others = scene.pins.other_names(&reached.uses).into_iter().map(|other| other.reference);
        for (at, known) in std::iter::once(reference.clone()).chain(others).enumerate() {
            for attack in malicious(scene.known.action(&repository, path, &known)) {
                if at > 0 && attack.basis != Basis::Commit {
                    continue;
                }
                let shown = match &reached.shown {
                    Shown::Lock(_) => "GitHub's lock of actions lists it among what the action uses".to_owned(),
                    Shown::File(file, line, _) => format!("the action's own `{file}`, line {line}, uses it"),
                };
                let through = std::iter::once(used.name.clone()).chain(reached.through.iter().cloned()).collect();
                let (name, reference) = (name.clone(), known.clone());
                out.push(Hit {
                    attack,
                    name,
                    reference,
                    written: None,
                    through,
                    shown: Some(shown),
                    found: vec![used],
                });
            }
        }
    }
}

fn malicious(matches: &[Match]) -> impl Iterator<Item = &Match> {
    matches.iter().filter(|m| m.kind == Kind::Malicious)
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, hit: &Hit<'_, '_>) {
    let Some(main) = hit.found.first() else { return };
    let attack = hit.attack;
    let topic = topic(attack);
    let release = topic.upgrade.clone().map_or("a release after it".to_owned(), |v| format!("{v} or later"));
    let name = match (&hit.written, hit.through.first()) {
        (Some((written, _)), _) => format!("`{}@{written}` stands for {}, which", hit.name, hit.reference),
        (None, Some(outer)) => format!("`{outer}` uses `{}@{}`, which", hit.name, hit.reference),
        (None, None) => format!("`{}@{}`", hit.name, hit.reference),
    };
    let places: Vec<Place> = hit.found.iter().map(|used| used.place).collect();
    let mut draft = report.at(main.place, attack.id.clone()).also(places).content(match &hit.written {
        Some((written, _)) => format!("{} {written} {}", attack.id, hit.reference),
        None => format!("{} {}", attack.id, hit.reference),
    });
    let written = hit.through.first().unwrap_or(main.name);
    if let Uses::Repository { owner, repo, path, reference } = written
        && let Some(node) = scene.graph.find(&identity::action(owner, repo, path, reference))
    {
        draft = draft.on(node);
    }
    draft = main.run.route(scene, draft).topic(topic);
    for outer in &hit.through {
        draft = draft.via(format!("action {outer}"), None);
    }
    if let Some(by) = hit.written.as_ref().map(|(_, by)| (*by).to_owned()).or_else(|| hit.shown.clone()) {
        draft = draft.evidence(by);
    }
    match &attack.basis {
        Basis::Commit => draft
            .impact(Some(Impact::Malicious))
            .evidence(format!("{} lists this commit as malicious", attack.id))
            .advise(format!("take it out, change every secret its jobs could read, and look through their logs; then pin {release}"))
            .say(format!("{name} is a commit known to be malicious ({})", attack.id)),
        // Put back long ago, as a rule: what is left is to know whether it ran.
        Basis::TagDuring(window) => draft
            .severity(Severity::Medium)
            .confidence(Confidence::Low)
            .evidence(format!("this tag, or one it stands for, pointed to malicious code from {} to {} (UTC)", window.from, window.until))
            .evidence("where the tag points today, and whether a job ran then, is not in the files")
            .advise(format!(
                "look for runs of this workflow between {} and {}: gh run list --created {}..{} --workflow <file>; if there is one, change the secrets it could read; and pin the commit of {release}",
                window.from,
                window.until,
                window.from.get(..10).unwrap_or_default(),
                window.until.get(..10).unwrap_or_default(),
            ))
            .say(format!("{name} was malicious from {} to {} ({})", day(&window.from), day(&window.until), attack.id)),
        Basis::Tag | Basis::Version => draft
            .severity(Severity::High)
            .confidence(Confidence::Medium)
            .evidence("the tag names a version that was malicious; where it points today is not in the files")
            .advise(format!("look through the runs that used it, change the secrets they could read, and pin the commit of {release}"))
            .say(format!("{name} names a malicious version ({})", attack.id)),
    }
}

fn day(moment: &str) -> &str {
    moment.get(..10).unwrap_or(moment)
}
