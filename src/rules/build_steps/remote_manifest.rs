//! A manifest or chart that goes into a cluster straight from an address whose content can change.

use std::collections::BTreeMap;

use super::clones::{At, at};
use super::download::{self, Fixity};
use crate::commands::{Act, ActKind, UrlText};
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::Invocation;
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "remote-manifest",
    title: "a manifest goes into a cluster from an address that can change",
    many: "{n} manifests go into clusters from addresses that can change",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("remote_manifest.md"),
    check,
};

/// How far what is put in is fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Open {
    /// An address with a version.
    Version,
    /// A chart at no version.
    Chart,
    /// What is newest, or a branch.
    Moving,
    /// Anyone on the way can change it.
    Plain,
}

struct Found<'a, 'r> {
    place: Place,
    run: &'r Run<'a>,
    step: String,
    by: &'static str,
    what: String,
    open: Open,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<(String, Open), Vec<Found<'_, '_>>> = BTreeMap::new();
    for run in reach::all_runs(scene) {
        for piece in run.scripts() {
            for act in &piece.script.acts {
                let Some((by, what, open)) = remote(piece.script, act) else { continue };
                let place = Place::new(run.file, piece.script.text.host_span(act.range.clone()));
                let places = found.entry((source(&what, open), open)).or_default();
                if !places.iter().any(|f| f.place == place) {
                    places.push(Found { place, run, step: piece.title(), by, what, open });
                }
            }
        }
    }
    for places in found.values() {
        say(scene, report, places);
    }
}

/// What findings are gathered by: the repository that manifests come from, and each chart by itself.
fn source(what: &str, open: Open) -> String {
    if open == Open::Chart {
        return what.to_owned();
    }
    let rest = what.split_once("://").map_or(what, |(_, rest)| rest);
    rest.split('/').take(3).collect::<Vec<_>>().join("/")
}

/// What an act puts into a cluster from elsewhere, and how far that is fixed.
fn remote(script: &Script, act: &Act) -> Option<(&'static str, String, Open)> {
    let ActKind::Load { by, path } = &act.kind else { return None };
    let by = *by;
    if by == "helm install" {
        return chart(script, act, path).map(|open| (by, path.clone(), open));
    }
    if !matches!(by, "kubectl apply" | "kustomize build" | "docker compose") {
        return None;
    }
    let url = UrlText::new(path.clone(), !path.contains('$'));
    if url.local {
        return None;
    }
    let is_address = path.starts_with("https://") || path.starts_with("http://");
    // `github.com/o/r//base?ref=v1`, as kustomize reads it.
    let is_repository = !is_address
        && path
            .split('/')
            .next()
            .is_some_and(|host| host.contains('.') && !host.starts_with('.') && path.matches('/').count() > 1);
    if !is_address && !is_repository {
        return None;
    }
    if path.starts_with("http://") {
        return Some((by, path.clone(), Open::Plain));
    }
    let reference = path.split_once('?').and_then(|(_, query)| query.split('&').find_map(|q| q.strip_prefix("ref=")));
    let open = match reference.map(at) {
        Some(At::Commit) => return None,
        Some(At::Tag(_)) => Open::Version,
        Some(At::Branch(_)) => Open::Moving,
        None => match download::fixity(&url) {
            Fixity::Content => return None,
            Fixity::Version => Open::Version,
            Fixity::Moving => Open::Moving,
        },
    };
    Some((by, path.clone(), open))
}

/// A chart of a repository or registry that is named without its version.
fn chart(script: &Script, act: &Act, path: &str) -> Option<Open> {
    let call = script.program.commands.get(act.command).and_then(|c| Invocation::of(&script.program, c))?;
    if path.starts_with("http://") && !UrlText::new(path, true).local {
        return Some(Open::Plain);
    }
    let is_archive = path.ends_with(".tgz");
    // A folder of the tree, a file, or a name that a variable holds.
    let local = path.starts_with(['.', '/', '~', '$']) || (is_archive && !path.contains("://"));
    let registry = path.starts_with("oci://") || path.starts_with("https://");
    let named = path.split('/').count() == 2 || call.value(None, "repo").is_some();
    if local || !(registry || named) || call.flag(None, "version") || is_archive {
        return None;
    }
    // `charts/x` is a folder as much as a chart of a repository called so: only one that the script adds is one.
    let repository = path.split('/').next().unwrap_or(path);
    let added = script.program.calls_of(|name| name == "helm").any(|(_, c)| {
        let words: Vec<&str> = c.args.iter().map(|a| a.text.as_str()).collect();
        words.starts_with(&["repo", "add"]) && words.contains(&repository)
    });
    (registry || added || call.value(None, "repo").is_some()).then_some(Open::Chart)
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, found: &[Found<'_, '_>]) {
    let Some(main) = found.iter().reduce(|best, next| if next.run.weight() > best.run.weight() { next } else { best })
    else {
        return;
    };
    let reaches = main.run.impact().is_some();
    let severity = match (main.open, reaches) {
        (Open::Plain, _) | (Open::Moving, true) => Severity::Medium,
        (Open::Chart, _) | (Open::Version, _) | (Open::Moving, false) => Severity::Low,
    };
    let url = UrlText::new(main.what.clone(), !main.what.contains('$'));
    let host = download::host(&url);
    let shown = download::shown(&url);
    let evidence = match main.open {
        Open::Plain => "it comes over http: anyone on the way can change it",
        Open::Moving => "the address serves a branch, or what is newest",
        Open::Version => "the address names a version, which its publisher can replace",
        Open::Chart => "without `--version` the newest chart is taken",
    };
    let confidence = if main.what.contains('$') { Confidence::Medium } else { Confidence::High };
    let held = if severity >= Severity::Medium { main.run.held() } else { String::new() };
    let draft = report
        .at(main.place, shown.clone())
        .severity(severity)
        .confidence(confidence)
        .also(found.iter().map(|f| f.place))
        .about("manifest", main.what.clone(), None)
        .content(main.what.clone())
        .evidence(evidence);
    let draft = main.run.route(scene, draft).via(main.step.clone(), Some(main.place));
    let advice = match (main.by, main.open) {
        (_, Open::Chart) => {
            "name the chart's version: --version <version>, or an `oci://` address with its digest".to_owned()
        }
        ("kustomize build", _) => "name a commit: ?ref=<commit>".to_owned(),
        _ => "keep the manifest in the tree, or take it at a commit and compare it with a digest before it is applied"
            .to_owned(),
    };
    let into = if main.by == "docker compose" { "started" } else { "put into a cluster" };
    draft.advise(advice).say(match main.open {
        Open::Chart => format!("the chart `{shown}` is put into a cluster at whatever version is newest"),
        Open::Version => format!("a manifest from {host} is {into}, compared with nothing"),
        Open::Moving | Open::Plain => format!("what {host} serves today is {into}{held}"),
    });
}
