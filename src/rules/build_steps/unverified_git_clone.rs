//! A repository that is cloned at a branch or tag, and then built.

use std::collections::BTreeMap;

use super::building::builds_after;
use super::clones::{self, At, Clone};
use super::download;
use crate::commands::{ActKind, NEWEST_OF_SUBMODULES, UrlText};
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::Invocation;
use crate::rules::python;
use crate::rules::workflow::reach::{self, Piece, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "unverified-git-clone",
    title: "a repository is built at whatever its branch or tag is",
    many: "{n} repositories are built at whatever their branches or tags are",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unverified_git_clone.md"),
    check,
};

/// Later scripts looked at for the build of a clone.
const MAX_LATER: usize = 32;

struct Found<'a, 'r> {
    place: Place,
    used_at: Place,
    run: &'r Run<'a>,
    step: String,
    clone: Clone,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let runs = reach::all_runs(scene);
    // A branch in one file says nothing of a version in another.
    let mut found: BTreeMap<(String, bool), Vec<Found<'_, '_>>> = BTreeMap::new();
    for run in runs {
        let pieces = run.scripts();
        for (index, piece) in pieces.iter().enumerate() {
            for clone in clones::of(piece.script) {
                if clone.at == At::Commit || !is_foreign(&clone.address) {
                    continue;
                }
                let Some((used_at, at)) = built(run, &pieces, index, &clone) else { continue };
                if at == At::Commit {
                    continue;
                }
                let moved = clone.moved || at != clone.at;
                let clone = Clone { at, moved, ..clone };
                let range = piece.script.program.commands.get(clone.command).map(|c| c.range.clone());
                let place = Place::new(run.file, piece.script.text.host_span(range.unwrap_or_default()));
                let key = clone.address.trim_end_matches('/').trim_end_matches(".git").to_ascii_lowercase();
                let key = (key, matches!(clone.at, At::Branch(_)));
                found.entry(key).or_default().push(Found { place, used_at, run, step: piece.title(), clone });
            }
            for (place, used_at) in submodules(run, piece) {
                let clone = Clone::of_submodules();
                let key = (clone.address.clone(), true);
                found.entry(key).or_default().push(Found { place, used_at, run, step: piece.title(), clone });
            }
        }
    }
    for places in found.values() {
        say(scene, report, places);
    }
}

/// `git submodule update --remote`, where the script then builds: the commits that the tree holds are left for
/// whatever the branches are.
fn submodules(run: &Run<'_>, piece: &Piece<'_>) -> Vec<(Place, Place)> {
    let script = piece.script;
    let place = |command: usize| {
        let range = script.program.commands.get(command).map(|c| c.range.clone()).unwrap_or_default();
        Place::new(run.file, script.text.host_span(range))
    };
    let newest = script
        .acts
        .iter()
        .filter(|a| matches!(&a.kind, ActKind::Checkout { reference, .. } if reference == NEWEST_OF_SUBMODULES));
    newest.filter_map(|a| Some((place(a.command), place(builds_after(script, a.command)?)))).collect()
}

/// Whether the address is one of another host, as far as it is written.
fn is_foreign(address: &str) -> bool {
    let rest = address.split_once("://").map(|(_, rest)| rest).or_else(|| address.strip_prefix("git@"));
    let Some(rest) = rest else { return false };
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    // What an expression names, this repository or another, is not in the file; behind a host that a variable
    // names, a repository may still be.
    let is_named = host.split_once('/').is_some_and(|(_, path)| path.contains('/') && !path.contains('$'));
    (!host.starts_with('$') || is_named) && !address.contains("${{") && !UrlText::new(address, true).local
}

/// Where what was cloned is built, and what it stands at then: later in the script, or in a later one
/// that is in its folder.
fn built(run: &Run<'_>, pieces: &[Piece<'_>], index: usize, clone: &Clone) -> Option<(Place, At)> {
    let place = |piece: &Piece<'_>, command: usize| {
        let range = piece.script.program.commands.get(command).map(|c| c.range.clone()).unwrap_or_default();
        Place::new(run.file, piece.script.text.host_span(range))
    };
    let own = pieces.get(index)?;
    if clone.folder.is_empty() {
        return None;
    }
    if let Some(command) = built_within(own.script, clone, clone.command) {
        return Some((place(own, command), clone.at.clone()));
    }
    let mut at = clone.at.clone();
    for piece in pieces.get(index + 1..).unwrap_or_default().iter().take(MAX_LATER) {
        let there = piece.folder.rsplit('/').any(|part| part == clone.folder);
        let entered = enters(piece.script, clone, 0);
        if !there && entered.is_none() {
            continue;
        }
        at = clones::permission_checkout(piece.script).unwrap_or(at);
        // A build may be the first command of its script, in the folder `WORKDIR` names.
        let first = piece.script.program.commands.first().and_then(|c| Invocation::of(&piece.script.program, c));
        let at_once = there && first.is_some_and(|call| builds_at_once(&call));
        let command = if at_once { Some(0) } else { builds_after(piece.script, entered.unwrap_or(0)) };
        if let Some(command) = command {
            return Some((place(piece, command), at));
        }
    }
    None
}

/// Whether a call builds the folder that it stands in.
fn builds_at_once(call: &Invocation<'_>) -> bool {
    match call.name.as_str() {
        "make" | "cmake" | "ninja" | "pip" | "cargo" | "mvn" => true,
        "go" => call.args.first().is_some_and(|arg| matches!(arg.text.as_str(), "build" | "install" | "run")),
        "npm" | "yarn" | "pnpm" => call.args.iter().any(|arg| matches!(arg.text.as_str(), "install" | "ci" | "build")),
        _ => false,
    }
}

/// The command that goes into the clone's folder.
fn enters(script: &Script, clone: &Clone, from: usize) -> Option<usize> {
    let named = |path: &str| path.split('/').any(|part| part == clone.folder);
    let found = script
        .acts
        .iter()
        .find(|a| a.command >= from && matches!(&a.kind, ActKind::ChangeDir { path: Some(path) } if named(path)));
    found.map(|a| a.command)
}

/// Builds looked at for one that names the folder.
const MAX_BUILDS: usize = 32;

/// The build behind a clone in one script: in its folder, or of a path that names it.
fn built_within(script: &Script, clone: &Clone, from: usize) -> Option<usize> {
    if let Some(entered) = enters(script, clone, from + 1) {
        return builds_after(script, entered);
    }
    let mut at = from;
    for _ in 0..MAX_BUILDS {
        at = builds_after(script, at)?;
        let range = script.program.commands.get(at).map(|c| c.range.clone()).unwrap_or_default();
        let text = script.text.text.get(range).unwrap_or("");
        if text.split(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '=')).any(|w| w == clone.folder) {
            return Some(at);
        }
    }
    None
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, found: &[Found<'_, '_>]) {
    let rank = |f: &Found<'_, '_>| (matches!(f.clone.at, At::Branch(_)), f.run.weight());
    let Some(main) = found.iter().reduce(|best, next| if rank(next) > rank(best) { next } else { best }) else {
        return;
    };
    let own = python::own_names(scene);
    let is_own = python::is_of_tree(scene, &own, &main.clone.name);
    let reaches = main.run.impact();
    let address = UrlText::new(main.clone.address.clone(), true);
    let (severity, impact) = match (&main.clone.at, reaches) {
        // A project that builds itself from its own repository; that it is its own is not known here.
        _ if is_own => (Severity::Low, None),
        // Where anyone on the way can answer, a tag is no more than a branch.
        (At::Branch(_), Some(impact)) => (Severity::High, Some(impact)),
        (_, Some(impact)) if download::is_plain(&address) => (Severity::High, Some(impact)),
        // A job that holds nothing tests against another project on purpose; so does who runs it by hand.
        (At::Branch(_), None) if main.run.is_by_hand() || !main.run.is_off_runner() => (Severity::Low, None),
        (At::Branch(_), None) | (_, Some(_)) => (Severity::Medium, None),
        _ => (Severity::Low, None),
    };
    let how = match &main.clone.at {
        At::Branch(None) => "its default branch".to_owned(),
        At::Branch(Some(name)) | At::Tag(name) => format!("`{name}`"),
        At::Commit => "a commit".to_owned(),
    };
    let name = main.clone.name.as_str();
    let url = UrlText::new(main.clone.address.clone(), !main.clone.address.contains('$'));
    let name = if name.is_empty() { download::host(&url) } else { name.to_owned() };
    let plain = download::is_plain(&url);
    let held = if severity >= Severity::Medium { main.run.held() } else { String::new() };
    let confidence = if how.contains('$') { Confidence::Medium } else { Confidence::High };
    let draft = report
        .at(main.place, format!("at {how}"))
        .severity(severity)
        .confidence(confidence)
        .impact(impact)
        .also(found.iter().map(|f| f.place))
        .related(main.used_at, "built here")
        .about("repository", download::shown(&url), None)
        .content(main.clone.address.clone())
        .evidence(if how.contains('$') {
            format!("{how} is known only when it runs; unless it is a commit, whoever can push there decides")
        } else {
            format!("{how} is what its publisher, or whoever can push there, makes of it")
        });
    let draft = match plain {
        true => draft.evidence("anyone on the way can change what comes over this connection"),
        false => draft,
    };
    let draft = match is_own {
        true => draft.evidence("the tree holds a package of this name, so the repository is taken for its own"),
        false => draft,
    };
    let draft = main.run.route(scene, draft).via(main.step.clone(), Some(main.place));
    let path = &main.clone.path;
    let advice = match &main.clone.at {
        _ if main.clone.address == clones::SUBMODULES => {
            "leave `--remote` out: git submodule update --init checks out the commits that the tree holds".to_owned()
        }
        _ if main.clone.moved => format!("name a commit in place of {how}"),
        _ if main.clone.shallow => format!(
            "fetch a commit and check it out before it is built: \
             git -C {path} fetch --depth 1 origin <commit> && git -C {path} checkout FETCH_HEAD"
        ),
        _ => format!("check a commit out before it is built: git -C {path} checkout <commit>"),
    };
    draft.advise(advice).say(match main.clone.address == clones::SUBMODULES {
        true => format!("submodules are moved to the newest commits of their branches and built{held}"),
        false => format!("`{name}` is cloned at {how} and built{held}"),
    });
}
