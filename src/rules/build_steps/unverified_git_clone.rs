//! A repository that is cloned at a branch or tag, and then built.

use std::collections::BTreeMap;

use super::building::builds_after;
use super::clones::{self, At, Clone};
use super::download;
use crate::commands::UrlText;
use crate::diag::{Confidence, Severity};
use crate::rules::workflow::reach::{self, Piece, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "unverified-git-clone",
    title: "a repository is built at whatever its branch or tag is",
    many: "{n} repositories are built at whatever their branches or tags are",
    severity: Severity::Low,
    since: "0.2",
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
    let mut found: BTreeMap<String, Vec<Found<'_, '_>>> = BTreeMap::new();
    for run in &runs {
        let pieces = run.scripts();
        for (index, piece) in pieces.iter().enumerate() {
            for clone in clones::of(piece.script) {
                if clone.at == At::Commit || !is_foreign(&clone.address) {
                    continue;
                }
                let Some(used_at) = built(run, &pieces, index, &clone) else { continue };
                let range = piece.script.program.commands.get(clone.command).map(|c| c.range.clone());
                let place = Place::new(run.file, piece.script.text.host_span(range.unwrap_or_default()));
                let key = clone.address.trim_end_matches('/').trim_end_matches(".git").to_ascii_lowercase();
                found.entry(key).or_default().push(Found { place, used_at, run, step: piece.title(), clone });
            }
        }
    }
    for places in found.values() {
        say(scene, report, places);
    }
}

/// Whether the address is one of another host, as far as it is written.
fn is_foreign(address: &str) -> bool {
    let rest = address.split_once("://").map(|(_, rest)| rest).or_else(|| address.strip_prefix("git@"));
    let Some(rest) = rest else { return false };
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    // What an expression names, this repository or another, is not in the file.
    !host.starts_with('$') && !address.contains("${{") && !UrlText::new(address, true).local
}

/// Where what was cloned is built: later in the script, or in a later one that goes into its folder.
fn built(run: &Run<'_>, pieces: &[Piece<'_>], index: usize, clone: &Clone) -> Option<Place> {
    let place = |piece: &Piece<'_>, command: usize| {
        let range = piece.script.program.commands.get(command).map(|c| c.range.clone()).unwrap_or_default();
        Place::new(run.file, piece.script.text.host_span(range))
    };
    let own = pieces.get(index)?;
    let inside = |piece: &Piece<'_>| {
        let text = piece.script.text.text.as_str();
        let named = piece.folder.rsplit('/').any(|part| part == clone.folder);
        !clone.folder.is_empty() && (named || text.contains(&clone.folder))
    };
    let rest = own.script.text.text.get(own.script.program.commands.get(clone.command)?.range.end..).unwrap_or("");
    if rest.contains(clone.folder.as_str())
        && let Some(command) = builds_after(own.script, clone.command)
    {
        return Some(place(own, command));
    }
    let later = pieces.get(index + 1..).unwrap_or_default().iter().take(MAX_LATER);
    later.filter(|p| inside(p)).find_map(|piece| {
        let first = piece.script.program.commands.first()?;
        // A build may be the first command of its script, in the folder `WORKDIR` names.
        let call = crate::parse::shell::Invocation::of(&piece.script.program, first)?;
        let at_once = matches!(call.name.as_str(), "make" | "cmake" | "ninja" | "pip" | "cargo");
        let command = if at_once { Some(0) } else { builds_after(piece.script, 0) };
        Some(place(piece, command?))
    })
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, found: &[Found<'_, '_>]) {
    let rank = |f: &Found<'_, '_>| (matches!(f.clone.at, At::Branch(_)), f.run.weight());
    let Some(main) = found.iter().reduce(|best, next| if rank(next) > rank(best) { next } else { best }) else {
        return;
    };
    let reaches = main.run.impact();
    let (severity, impact) = match (&main.clone.at, reaches) {
        (At::Branch(_), Some(impact)) => (Severity::High, Some(impact)),
        (At::Branch(_), None) | (_, Some(_)) => (Severity::Medium, None),
        _ => (Severity::Low, None),
    };
    let how = match &main.clone.at {
        At::Branch(None) => "its default branch".to_owned(),
        At::Branch(Some(name)) | At::Tag(name) => format!("`{name}`"),
        At::Commit => "a commit".to_owned(),
    };
    let name = main.clone.folder.as_str();
    let url = UrlText::new(main.clone.address.clone(), !main.clone.address.contains('$'));
    let name = if name.is_empty() { download::host(&url) } else { name.to_owned() };
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
        .evidence(format!("{how} is what its publisher, or whoever can push there, makes of it"));
    let draft = main.run.route(scene, draft).via(main.step.clone(), Some(main.place));
    draft
        .advise(format!("check a commit out before it is built: git -C {name} checkout <commit>"))
        .say(format!("`{name}` is cloned at {how} and built{held}"));
}
