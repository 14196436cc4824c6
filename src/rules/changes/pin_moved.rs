//! A pin whose commit and version no longer tell the same story: one of the two changed and the other did not.

use std::collections::BTreeMap;

use super::compared::Compared;
use crate::diag::{Confidence, Impact, Severity};
use crate::graph::ci::pins::{agree, comment, version};
use crate::graph::kinds::workflow::Uses;
use crate::rules::used::{self, Used, short, weightiest};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "pin-moved",
    title: "commit of an action changed under the same version",
    many: "{n} commits of actions changed under the same version",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("pin_moved.md"),
    check,
};

/// By repository and version: the commits it stands for, each with its first place.
type Commits = BTreeMap<(String, String), BTreeMap<String, Place>>;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(compared) = Compared::of(scene) else { return };
    let before = commits(compared.base());
    let uses = used::all(scene);
    let mut moved: BTreeMap<(String, String, String), Vec<Used<'_, '_>>> = BTreeMap::new();
    for one in uses.iter().filter(|one| one.is_pinned() && compared.is_touched(one.place.file)) {
        let Some(named) = named(scene, one.place) else { continue };
        let commit = one.reference().to_ascii_lowercase();
        let key = (one.repository(), named.to_owned());
        // A version that the tree before did not know is an update like any other.
        if before.get(&key).is_some_and(|known| !known.contains_key(&commit)) {
            moved.entry((key.0, key.1, commit)).or_default().push(*one);
        }
    }
    for ((repository, named, commit), found) in &moved {
        let Some(known) = before.get(&(repository.clone(), named.clone())) else { continue };
        let Some((old, place)) = known.first_key_value() else { continue };
        let change = Change { repository, from: (old, named), to: (commit, named), old: *place };
        say(&compared, report, &change, found);
    }
    renamed(&compared, report, &uses);
}

/// What changed: commit and version before, and after.
struct Change<'c> {
    repository: &'c str,
    from: (&'c str, &'c str),
    to: (&'c str, &'c str),
    old: Place,
}

/// The version in the comment behind a place.
fn named<'s>(scene: &'s Scene<'_>, place: Place) -> Option<&'s str> {
    version(comment(scene.sources.get(place.file)?, place.span)?)
}

fn commits(scene: &Scene<'_>) -> Commits {
    let mut out = Commits::new();
    for (place, used) in crate::graph::ci::pins::all_uses(scene.documents) {
        let Uses::Repository { owner, repo, reference, .. } = used else { continue };
        if let Some(named) = named(scene, place).filter(|_| Uses::is_commit(reference)) {
            let key = (format!("{owner}/{repo}").to_ascii_lowercase(), named.to_owned());
            out.entry(key).or_default().entry(reference.to_ascii_lowercase()).or_insert(place);
        }
    }
    out
}

/// The same commit under another version.
fn renamed(compared: &Compared<'_>, report: &mut Reporter<'_>, uses: &[Used<'_, '_>]) {
    let mut before: BTreeMap<(String, String), BTreeMap<String, Place>> = BTreeMap::new();
    for ((repository, named), known) in commits(compared.base()) {
        for (commit, place) in known {
            before.entry((repository.clone(), commit)).or_default().insert(named.clone(), place);
        }
    }
    let mut found: BTreeMap<(String, String, String), Vec<Used<'_, '_>>> = BTreeMap::new();
    for one in uses.iter().filter(|one| one.is_pinned() && compared.is_touched(one.place.file)) {
        let Some(named) = named(compared.scene, one.place) else { continue };
        let key = (one.repository(), one.reference().to_ascii_lowercase());
        // A comment that is made more exact says the same.
        if before.get(&key).is_some_and(|known| !known.keys().any(|old| agree(old, named))) {
            found.entry((key.0, key.1, named.to_owned())).or_default().push(*one);
        }
    }
    for ((repository, commit, named), uses) in &found {
        let known = before.get(&(repository.clone(), commit.clone())).and_then(|known| known.first_key_value());
        let Some((old, place)) = known else { continue };
        let change = Change { repository, from: (commit, old), to: (commit, named), old: *place };
        say(compared, report, &change, uses);
    }
}

/// Whether a version names one release: `v4` and `v4.1` move on, and an update of their commit is usual.
fn is_exact(version: &str) -> bool {
    version.matches('.').count() >= 2
}

/// How much it weighs. A commit that the tree has had in another file is no stranger, whatever the comment: a bot left
/// the old comment behind a commit that it moved.
fn weight(
    same_commit: bool,
    is_elsewhere: bool,
    is_exact: bool,
    reaches: Option<Impact>,
) -> (Severity, Option<Impact>) {
    match (same_commit, is_exact, reaches) {
        (true, ..) if is_elsewhere => (Severity::Low, None),
        (true, ..) => (Severity::Medium, None),
        (false, true, Some(impact)) => (Severity::High, Some(impact)),
        (false, true, None) => (Severity::Medium, None),
        (false, false, _) => (Severity::Info, None),
    }
}

fn say(compared: &Compared<'_>, report: &mut Reporter<'_>, change: &Change<'_>, found: &[Used<'_, '_>]) {
    let Some(main) = weightiest(found) else { return };
    let Change { repository, from, to, old } = change;
    let same_commit = from.0 == to.0;
    let there = compared.base().sources.path(old.file);
    let is_elsewhere = there != compared.scene.sources.path(main.place.file);
    let (severity, impact) = weight(same_commit, is_elsewhere, is_exact(to.1), main.run.impact());
    let (message, advice) = match same_commit {
        true => (
            match is_elsewhere {
                true => format!(
                    "the comment behind `{repository}` says {}, and {there} says {} of the same commit {}",
                    to.1,
                    from.1,
                    short(to.0)
                ),
                false => format!(
                    "the comment behind `{repository}` says {} and said {}, at the same commit {}",
                    to.1,
                    from.1,
                    short(to.0)
                ),
            },
            format!("look up the commit of {} in the repository, and put the two together", to.1),
        ),
        false => (
            format!("`{repository}` {} is pinned to {} and was pinned to {}", to.1, short(to.0), short(from.0)),
            format!("look up the commit of {} in the repository; where it is neither, keep the old one", to.1),
        ),
    };
    let draft = report
        .at(main.place, format!("was {} # {}", short(from.0), from.1))
        .about("action", *repository, Some(to.0.to_owned()))
        .severity(severity)
        // A release that was made anew before it was immutable looks the same.
        .confidence(Confidence::Medium)
        .impact(impact)
        .also(found.iter().map(|one| one.place))
        .content(format!("{repository} {} {} {} {}", from.0, from.1, to.0, to.1))
        .evidence(compared.was(*old))
        .advise(advice);
    main.run.route(compared.scene, draft).say(message);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_that_another_file_has_is_no_stranger() {
        let reaches = Some(Impact::ReachesSecrets);
        assert_eq!(weight(true, true, true, reaches), (Severity::Low, None));
        assert_eq!(weight(true, false, true, reaches), (Severity::Medium, None));
        // Another commit under an exact version weighs the same wherever the old one stood.
        assert_eq!(weight(false, true, true, reaches), (Severity::High, reaches));
        assert_eq!(weight(false, true, false, reaches), (Severity::Info, None));
    }
}
