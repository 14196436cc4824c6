//! A commit of an action with a comment that names another version, or none.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Confidence, Edit, Severity};
use crate::graph::ci::pins::{agree, comment, version};
use crate::graph::kinds::workflow::Uses;
use crate::rules::used::{Used, address, by_reference, short, weightiest};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Span};

pub(super) static RULE: Rule = Rule {
    id: "version-comment-mismatch",
    title: "commit of an action with the comment of another version",
    many: "{n} commits of actions do not fit the comments behind them",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("version_comment_mismatch.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut exact: BTreeMap<(String, String), BTreeMap<String, Vec<Used<'_, '_>>>> = BTreeMap::new();
    for ((repository, commit), found) in by_reference(scene) {
        if !Uses::is_commit(&commit) {
            continue;
        }
        let mut by: BTreeMap<&str, Vec<Used<'_, '_>>> = BTreeMap::new();
        let mut bare = Vec::new();
        for used in found {
            match scene.sources.get(used.place.file).and_then(|file| comment(file, used.place.span)) {
                Some("") => bare.push(used),
                Some(remark) => {
                    if let Some(version) = version(remark) {
                        by.entry(version).or_default().push(used);
                    }
                }
                None => {}
            }
        }
        for (version, found) in &by {
            if let Some(truth) = truth(scene, &repository, &commit, version) {
                say(scene, report, &repository, &commit, version, found, &truth);
            } else if is_exact(version) {
                let of = (repository.clone(), version.trim_start_matches(['v', 'V']).to_owned());
                exact.entry(of).or_default().entry(commit.clone()).or_default().extend(found);
            }
        }
        unnamed(scene, report, &repository, &commit, &bare);
    }
    for ((repository, version), commits) in exact.into_iter().filter(|(_, commits)| commits.len() > 1) {
        disagree(scene, report, &repository, &version, &commits);
    }
}

/// Whether a version names one release: `v4` and `v4.1` move on.
fn is_exact(version: &str) -> bool {
    version.matches('.').count() >= 2
}

/// What a commit is in truth, or where a version leads, and who says so.
struct Truth {
    is: String,
    by: String,
    place: Option<Place>,
}

/// What contradicts a comment: the lock or the repository. None where nothing does.
fn truth(scene: &Scene<'_>, repository: &str, commit: &str, version: &str) -> Option<Truth> {
    let lock = "GitHub's lock of actions";
    if let Some((name, place)) = scene.pins.locked_name(repository, commit) {
        let is_version = crate::graph::ci::pins::version(name).is_some();
        return (is_version && !agree(name, version)).then(|| Truth {
            is: format!("the commit of `{name}`"),
            by: lock.to_owned(),
            place: Some(place),
        });
    }
    let url = address(repository);
    let facts = scene.known.commit(&url, commit);
    let tags: Vec<&String> = facts.map(|facts| facts.tags.iter().collect()).unwrap_or_default();
    if tags.iter().any(|tag| agree(tag, version)) {
        return None;
    }
    let day = |day: Option<crate::advisory::Date>| day.map(|day| format!(", on {day}")).unwrap_or_default();
    if let Some(tag) = tags.first() {
        let by = format!("what the repository answered{}", day(facts.and_then(|facts| facts.as_of)));
        return Some(Truth { is: format!("the commit of `{tag}`"), by, place: None });
    }
    // A commit without a tag is no release of any version; a tag that moves on may have been there.
    let named = scene.known.revision(&url, Some(version)).filter(|_| is_exact(version))?;
    let by = format!("what the repository answered{}", day(named.as_of));
    let is = match &named.commit {
        Some(other) if other.eq_ignore_ascii_case(commit) => return None,
        Some(other) => format!("not its commit, which is {}", short(other)),
        None => "of no tag, and there is none of that name".to_owned(),
    };
    Some(Truth { is, by, place: None })
}

fn say(
    scene: &Scene<'_>,
    report: &mut Reporter<'_>,
    repository: &str,
    commit: &str,
    version: &str,
    found: &[Used<'_, '_>],
    truth: &Truth,
) {
    let Some(main) = weightiest(found) else { return };
    let mut draft = report
        .at(main.place, format!("the comment says {version}"))
        .about("action", repository, Some(commit.to_owned()))
        .also(found.iter().map(|used| used.place))
        .content(format!("{repository} {commit} {version}"))
        .evidence(truth.by.clone())
        .advise("find out which of the two is meant, look at what the commit holds, and put commit and comment together again");
    if let Some(place) = truth.place {
        draft = draft.related(place, "what the lock says");
    }
    let message = format!("`{repository}` at {} is said to be {version} and is {}", short(commit), truth.is);
    main.run.route(scene, draft).say(message);
}

/// One release at two commits: at least one of the lines is wrong.
fn disagree(
    scene: &Scene<'_>,
    report: &mut Reporter<'_>,
    repository: &str,
    version: &str,
    commits: &BTreeMap<String, Vec<Used<'_, '_>>>,
) {
    // The rarest is the one to look at first.
    let Some((odd, found)) = commits.iter().min_by_key(|(_, found)| found.len()) else { return };
    let Some(main) = weightiest(found) else { return };
    let mut draft = report
        .at(main.place, format!("{version} at {}", short(odd)))
        .about("action", repository, Some(version.to_owned()))
        .confidence(Confidence::Medium)
        .also(found.iter().map(|used| used.place))
        .content(format!("{repository} {version}"))
        .evidence("a release has one commit; which of them is right, the files do not tell")
        .advise(format!("look up the commit of {version} in the repository, and put it in all places"));
    for (commit, others) in commits.iter().filter(|(commit, _)| *commit != odd) {
        if let Some(other) = others.first() {
            draft = draft.related(other.place, format!("{version} at {}", short(commit)));
        }
    }
    let n = commits.len();
    main.run.route(scene, draft).say(format!("`{repository}` {version} stands for {n} commits in this tree"));
}

/// A commit without any comment. Where its version is known, it can be written behind it.
fn unnamed(scene: &Scene<'_>, report: &mut Reporter<'_>, repository: &str, commit: &str, bare: &[Used<'_, '_>]) {
    let Some(main) = weightiest(bare) else { return };
    let others: BTreeSet<String> = scene.pins.other_names(main.name).into_iter().map(|other| other.reference).collect();
    let known = others.iter().max_by_key(|tag| (tag.matches('.').count(), tag.len()));
    // Two names that do not agree are for a person to choose from.
    let known = known.filter(|known| others.iter().all(|other| agree(other, known)));
    let mut draft = report
        .at(main.place, "no version beside it")
        .about("action", repository, Some(commit.to_owned()))
        .severity(Severity::Info)
        .also(bare.iter().map(|used| used.place))
        .content(format!("unnamed {repository} {commit}"))
        .advise(format!(
            "name the release behind it, so that update tools and readers know it: # {}",
            known.map_or("v1.x.y", String::as_str)
        ));
    if let Some(known) = known {
        let edits: Option<Vec<Edit>> = bare.iter().map(|used| remark(scene, used, known)).collect();
        draft = draft.fix(edits.unwrap_or_default());
    }
    main.run
        .route(scene, draft)
        .say(format!("`{repository}` at {} has no comment that names its version", short(commit)));
}

/// The comment behind one use.
fn remark(scene: &Scene<'_>, used: &Used<'_, '_>, name: &str) -> Option<Edit> {
    let file = scene.sources.get(used.place.file)?;
    let end = usize::try_from(used.place.span.end).ok()?;
    let rest = file.text.get(end..)?.split(['\r', '\n']).next()?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'')).map_or(0, |_| 1);
    rest.get(quote..)?.trim().is_empty().then(|| Edit {
        place: Place::new(used.place.file, Span::new(end + quote, end + rest.len())),
        text: format!(" # {name}"),
    })
}
