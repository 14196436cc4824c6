//! An archive of a branch, or of whatever is newest, that is unpacked and built.

use std::collections::{BTreeMap, BTreeSet};

use super::building::builds_after;
use super::download::{self, Fixity};
use crate::commands::{Act, ActKind, Output, UrlText};
use crate::diag::Severity;
use crate::graph::flow::UseKind;
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::basename;
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place, RepoPath};

pub(super) static RULE: Rule = Rule {
    id: "mutable-url",
    title: "what an address serves today is built",
    many: "{n} addresses whose content moves are built from",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("mutable_url.md"),
    check,
};

struct Found<'a, 'r> {
    place: Place,
    used_at: Place,
    /// `built` or `run`.
    how: &'static str,
    run: &'r Run<'a>,
    step: String,
    url: UrlText,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let runs = reach::all_runs(scene);
    // Those that other rules follow to their use are theirs.
    let is_followed =
        |kind: UseKind| matches!(kind, UseKind::Executed | UseKind::Interpreted | UseKind::Installed | UseKind::OnPath);
    let downloads = scene.flows.downloads.iter().filter(|d| d.uses.iter().any(|u| is_followed(u.kind)));
    let taken: BTreeSet<Place> = downloads.map(|d| d.at.place).collect();
    let mut found: BTreeMap<String, Vec<Found<'_, '_>>> = BTreeMap::new();
    for run in runs {
        for piece in run.scripts() {
            for (fetch, used, url) in built(piece.script, run.file, &taken) {
                if is_of_tree(scene, run.file, piece.script, used) {
                    continue;
                }
                let at = |range: std::ops::Range<usize>| Place::new(run.file, piece.script.text.host_span(range));
                let used_at = piece.script.program.commands.get(used).map(|c| c.range.clone()).unwrap_or_default();
                let range = piece.script.acts.get(fetch).map(|a| a.range.clone()).unwrap_or_default();
                found.entry(url.text.clone()).or_default().push(Found {
                    place: at(range),
                    used_at: at(used_at),
                    how: if is_run(piece.script, used) { "run" } else { "built" },
                    run,
                    step: piece.title(),
                    url,
                });
            }
        }
    }
    for places in found.values() {
        say(scene, report, places);
    }
}

/// Fetches of something that moves, each with the command that builds it.
fn built(script: &Script, file: FileId, taken: &BTreeSet<Place>) -> Vec<(usize, usize, UrlText)> {
    let place = |range: std::ops::Range<usize>| Place::new(file, script.text.host_span(range));
    let moving = |kind: &ActKind| match kind {
        ActKind::Fetch { url, .. } if !url.local && (moves(&url.text) || download::is_plain(url)) => {
            Some(url.clone()).filter(|url| download::fixity(url) != Fixity::Content || download::is_plain(url))
        }
        _ => None,
    };
    if !script.acts.iter().any(|a| moving(&a.kind).is_some()) {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (index, act) in script.acts.iter().enumerate() {
        let Some(url) = moving(&act.kind).filter(|_| !taken.contains(&place(act.range.clone()))) else { continue };
        let later = script.acts.get(index + 1..).unwrap_or_default();
        let extract = later.iter().find(|a| unpacks(script, act, a));
        let checked = later.iter().any(|a| matches!(a.kind, ActKind::Verify { .. }));
        if let Some(extract) = extract.filter(|_| !checked)
            && let Some(command) = builds_after(script, extract.command)
        {
            out.push((index, command, url));
        }
    }
    out
}

/// Whether a command runs a file that stands in the tree, beside its own file or at the root: it came with no archive.
fn is_of_tree(scene: &Scene<'_>, file: FileId, script: &Script, command: usize) -> bool {
    if script.acts.iter().any(|act| matches!(act.kind, ActKind::ChangeDir { .. }) && act.command < command) {
        return false;
    }
    let folder = scene.sources.get(file).map(|file| file.path.parent()).unwrap_or_default();
    let runs = script.acts.iter().filter(|act| act.command == command).find_map(|act| match &act.kind {
        ActKind::Execute { path } => Some(path),
        _ => None,
    });
    runs.is_some_and(|path| {
        [folder, RepoPath::default()].iter().filter_map(|f| f.join(path)).any(|path| scene.files.contains(&path))
    })
}

/// Whether a command starts a program of the folder, `./configure` and its kin aside.
fn is_run(script: &Script, command: usize) -> bool {
    script.acts.iter().filter(|a| a.command == command).any(|act| match &act.kind {
        ActKind::Execute { path } => {
            !matches!(basename(path), "configure" | "autogen.sh" | "bootstrap.sh" | "build.sh")
        }
        _ => false,
    })
}

/// Whether an act unpacks what another fetched.
fn unpacks(script: &Script, fetch: &Act, act: &Act) -> bool {
    let (ActKind::Fetch { to, url, .. }, ActKind::Extract { archive, .. }) = (&fetch.kind, &act.kind) else {
        return false;
    };
    let pipeline = |command: usize| script.program.commands.get(command).map(|c| c.pipeline);
    match (to, archive) {
        (Output::Stdout, None) => pipeline(fetch.command) == pipeline(act.command),
        (Output::File(path), Some(archive)) => basename(path) == basename(archive),
        (Output::Dir(_), Some(archive)) => url.file_name() == Some(basename(archive)),
        _ => false,
    }
}

/// Whether an address serves a branch or whatever is newest.
pub(super) fn moves(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let parts = path.split('/').skip(3);
    if path.contains("/refs/heads/") {
        return true;
    }
    for part in parts {
        let stem = part.split('.').next().unwrap_or(part);
        let branch = matches!(
            stem,
            "main" | "master" | "HEAD" | "head" | "develop" | "dev" | "trunk" | "nightly" | "tip" | "snapshot"
        );
        if branch || part == "latest" || stem.ends_with("-latest") || stem.ends_with("_latest") || stem == "latest" {
            return true;
        }
    }
    false
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, found: &[Found<'_, '_>]) {
    let Some(main) = found.iter().reduce(|best, next| if next.run.weight() > best.run.weight() { next } else { best })
    else {
        return;
    };
    let impact = main.run.impact();
    let severity = if impact.is_some() { Severity::High } else { Severity::Medium };
    let host = download::host(&main.url);
    let draft = report
        .at(main.place, download::shown(&main.url))
        .severity(severity)
        .impact(impact)
        .also(found.iter().map(|f| f.place))
        .related(main.used_at, format!("{} here", main.how))
        .about("download", host.clone(), None)
        .content(main.url.text.clone())
        .evidence(if download::is_plain(&main.url) {
            "anyone on the way can change what comes over this connection; nothing is compared before it is used"
        } else {
            "the address serves a branch, or what is newest; nothing is compared before it is used"
        });
    let draft = main.run.route(scene, draft).via(main.step.clone(), Some(main.place));
    draft
        .advise("fetch one version or commit, and compare it with a digest before it is unpacked: echo \"<sha256>  <file>\" | sha256sum -c -")
        .say(format!("what {host} serves today is unpacked and {}{}", main.how, main.run.held()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_move() {
        for (url, expected) in [
            ("https://example.com/o/r/archive/refs/heads/main.tar.gz", true),
            ("https://example.com/o/r/archive/master.zip", true),
            ("https://example.com/o/r/releases/latest/download/x.tar.gz", true),
            ("https://example.com/x-latest.tar.gz", true),
            ("https://example.com/o/r/archive/refs/tags/v1.2.tar.gz", false),
            ("https://example.com/o/main-tool/v1/x.tar.gz", false),
            ("https://main.example.com/x.tar.gz", false),
        ] {
            assert_eq!(moves(url), expected, "{url}");
        }
    }
}
