//! Actions taken from the workspace, whatever lies there by then.

use std::collections::BTreeMap;

use super::reach::{self, Run};
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::workflow::{Step, Uses};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place, RepoPath, Span};

pub(super) static RULE: Rule = Rule {
    id: "local-action-path",
    title: "action taken from what lies in the workspace",
    many: "{n} workflows take actions from what lies in the workspace",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("local_action_path.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut plain: BTreeMap<FileId, Plain> = BTreeMap::new();
    let mut foreign: BTreeMap<(String, Option<String>, &str), Vec<Foreign<'_, '_>>> = BTreeMap::new();
    for run in reach::runs(scene) {
        let call = run.holder.as_ref().filter(|_| run.action.is_none()).and_then(|h| h.job.uses.as_ref());
        if let Some(uses) = call.filter(|u| is_by_workspace(scene, run.file, u.span)) {
            plain.entry(run.file).or_default().calls.push((uses.span, uses.value.to_string()));
        }
        for step in run.steps {
            let Some(uses) = &step.uses else { continue };
            let Uses::Local(path) = &uses.value else { continue };
            if !is_by_workspace(scene, run.file, uses.span) {
                continue;
            }
            match brought(scene, run, step, path) {
                Some(other) => {
                    let key = (other.repository.clone(), other.reference.clone(), path.as_str());
                    foreign.entry(key).or_default().push(Foreign { run, step, other });
                }
                None => plain.entry(run.file).or_default().steps.push((uses.span, path.clone())),
            }
        }
    }
    for ((_, _, path), found) in &foreign {
        say_foreign(scene, report, path, found);
    }
    for (file, found) in &plain {
        say_plain(scene, report, *file, found);
    }
}

/// What one file names by `./`.
#[derive(Default)]
struct Plain {
    /// Actions, which are read from the workspace.
    steps: Vec<(Span, String)>,
    /// Workflows that jobs call, which are read from the commit of the caller.
    calls: Vec<(Span, String)>,
}

fn say_plain(scene: &Scene<'_>, report: &mut Reporter<'_>, file: FileId, found: &Plain) {
    let all = || found.steps.iter().chain(&found.calls);
    let Some((first, path)) = all().next() else { return };
    let name = scene.sources.path(file).rsplit('/').next().unwrap_or_default();
    let rest = path.strip_prefix("./").unwrap_or(path);
    let is_read_there = !found.steps.is_empty();
    let (label, evidence, told) = if is_read_there {
        (
            "from the workspace",
            "no step is known to put anything else there",
            format!("`{name}` takes `{path}` from the workspace, and not from its own commit"),
        )
    } else {
        (
            "the older form",
            "a called workflow comes from the caller's commit either way; only `$/` passes where pinned actions are asked for",
            format!("`{name}` names `{path}` in a form that does not count as pinned"),
        )
    };
    report
        .at(Place::new(file, *first), label)
        .severity(Severity::Info)
        .also(all().map(|(span, _)| Place::new(file, *span)))
        .about("local actions", name, None)
        .each(all().map(|(_, path)| path.as_str()))
        .evidence(evidence)
        .advise(format!("on GitHub itself, name this repository at the workflow's own commit: uses: $/{rest}"))
        .say(told);
}

/// `./x`, and not the form that names the repository, `$/x`, which is told alike.
fn is_by_workspace(scene: &Scene<'_>, file: FileId, span: Span) -> bool {
    let Some(file) = scene.sources.get(file) else { return false };
    file.text_at(span).trim_start_matches(['"', '\'']).trim_start().starts_with("./")
}

/// Another repository whose checkout filled the folder that a local action is read from.
struct Other {
    repository: String,
    reference: Option<String>,
    place: Place,
}

/// A use of such a folder.
struct Foreign<'a, 'r> {
    run: &'r Run<'a>,
    step: &'a Step,
    other: Other,
}

fn brought(scene: &Scene<'_>, run: &Run<'_>, step: &Step, path: &str) -> Option<Other> {
    let wanted = RepoPath::new(path)?;
    // The last checkout that fills the folder is what lies there.
    let before = run.steps.iter().filter(|s| s.index < step.index).rev();
    for checkout in before {
        let Some(Uses::Repository { owner, repo, .. }) = checkout.uses.as_ref().map(|u| &u.value) else { continue };
        if !format!("{owner}/{repo}").eq_ignore_ascii_case("actions/checkout") {
            continue;
        }
        let folder = RepoPath::new(checkout.input("path").map_or("", |p| p.value.as_str()));
        let Some(folder) = folder.filter(|folder| wanted.is_under(folder)) else { continue };
        // A tree that has the action at that place is most likely the one that is checked out.
        let inner = wanted.as_str().get(folder.as_str().len()..).unwrap_or_default().trim_start_matches('/');
        let own = |name: &str| RepoPath::new(&format!("{inner}/{name}")).is_some_and(|p| scene.files.contains(&p));
        if own("action.yml") || own("action.yaml") {
            return None;
        }
        let repository = checkout.input("repository")?;
        // What an expression names may be this very repository.
        if repository.value.contains("${{") || !repository.value.contains('/') {
            return None;
        }
        let reference = checkout.input("ref").map(|r| r.value.clone()).filter(|r| !r.is_empty());
        return Some(Other {
            repository: repository.value.clone(),
            reference,
            place: Place::new(run.file, repository.span),
        });
    }
    None
}

fn say_foreign(scene: &Scene<'_>, report: &mut Reporter<'_>, path: &str, found: &[Foreign<'_, '_>]) {
    let main = found.iter().reduce(|best, next| if next.run.weight() > best.run.weight() { next } else { best });
    let Some(Foreign { run, step, other }) = main else { return };
    let Some(uses) = &step.uses else { return };
    let places = found.iter().filter_map(|f| Some(Place::new(f.run.file, f.step.uses.as_ref()?.span)));
    let pinned = other.reference.as_deref().is_some_and(Uses::is_commit);
    let (severity, moves) = match &other.reference {
        Some(_) if pinned => (Severity::Low, String::new()),
        Some(reference) => (Severity::Medium, format!(", at `{reference}`, which can move")),
        None => (Severity::Medium, ", at the newest commit of its branch".to_owned()),
    };
    let impact = if pinned { None } else { run.impact() };
    let held = if impact.is_some() { run.held() } else { String::new() };
    let draft = report
        .at(Place::new(run.file, uses.span), format!("read from the checkout of {}", other.repository))
        .severity(severity)
        .confidence(Confidence::Medium)
        .impact(impact)
        .also(places)
        .about("action", format!("{} {path}", other.repository), other.reference.clone())
        .content(format!("{} {} {path}", other.repository, other.reference.as_deref().unwrap_or("")))
        .related(other.place, "what fills the folder");
    run.route(scene, draft)
        .advise(format!("check out one commit of it, or use it as an action: uses: {}/...@<commit>", other.repository))
        .say(format!("action `{path}` comes from `{}`{moves}{held}", other.repository));
}
