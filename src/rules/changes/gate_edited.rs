//! The change edits what runs this audit: the step goes, its failure is let pass, it starts less often, or another
//! program takes its place.

mod calls;
mod weaker;

use super::compared::Compared;
use crate::diag::{Impact, Severity};
use crate::graph::Document;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place, RepoPath};
use calls::Call;
use weaker::{Change, Weight};

pub(super) static RULE: Rule = Rule {
    id: "gate-edited",
    title: "the change edits what runs this audit",
    many: "{n} files that run this audit are edited by the change",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("gate_edited.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(compared) = Compared::of(scene) else { return };
    let before = calls::all(compared.base());
    if before.is_empty() {
        return;
    }
    let now = calls::all(scene);
    let mut files: Vec<FileId> = before.iter().map(|call| call.file).collect();
    files.dedup();
    for old_file in files {
        let Some(old) = compared.base().sources.get(old_file) else { continue };
        let was: Vec<&Call<'_>> = before.iter().filter(|call| call.file == old_file).collect();
        let path = now_at(&compared, &old.path);
        let file = scene.sources.by_path(&path);
        if file.is_some_and(|file| file.text == old.text) {
            continue;
        }
        let own: Vec<&Call<'_>> = now.iter().filter(|call| file.is_some_and(|file| file.id == call.file)).collect();
        let mut changes = Vec::new();
        if own.is_empty() {
            changes.extend(gone(&compared, &old.path, &was, &before, &now));
        } else if let Some(file) = file {
            changes.extend(weaker::changes(&compared, file.id, &was, &own));
        }
        say(&compared, report, &was, &changes);
    }
}

/// Where a file of the tree before is now.
fn now_at(compared: &Compared<'_>, old: &RepoPath) -> RepoPath {
    let moved = compared.before.moved.iter().find(|(_, was)| *was == old);
    moved.map_or_else(|| old.clone(), |(now, _)| now.clone())
}

/// What a file that no longer calls it means.
fn gone(
    compared: &Compared<'_>,
    old: &RepoPath,
    was: &[&Call<'_>],
    before: &[Call<'_>],
    now: &[Call<'_>],
) -> Option<Change> {
    let old_place = was.first().map(|call| call.place())?;
    let judged = was.iter().any(|call| call.judges());
    // Another file has it, as the change says: it may have been moved there.
    let fresh = now.iter().find(|call| {
        let path = compared.scene.sources.get(call.file).map(|file| &file.path);
        let known = path.and_then(|path| compared.before.file(path));
        !known.is_some_and(|known| before.iter().any(|b| b.file == known.id))
    });
    if let Some(call) = fresh.filter(|call| call.judges() || !judged) {
        let text = format!("the audit no longer runs in {old}, and runs in a file that did not run it before");
        return Some(Change { weight: Weight::Edits, text, place: call.place(), old: old_place });
    }
    let others = now.iter().any(Call::judges);
    let path = now_at(compared, old);
    let place = compared.scene.sources.by_path(&path).map(|file| compared.head_of(file.id));
    let place = place.or_else(|| stays(compared))?;
    let (weight, text) = match (judged && !others, now.is_empty()) {
        (_, true) => {
            (Weight::Takes, format!("the step in {old} that runs this audit is gone, and nothing else runs it"))
        }
        (true, false) => (
            Weight::Takes,
            format!("the step in {old} that runs this audit for changes is gone; what is left does not start for them"),
        ),
        (false, false) => (Weight::Edits, format!("the step in {old} that runs this audit is gone; others are left")),
    };
    Some(Change { weight, text, place, old: old_place })
}

/// A file that stays, to show what has no place any more: a workflow, the policy, else the first that was read.
fn stays(compared: &Compared<'_>) -> Option<Place> {
    let scene = compared.scene;
    let rank = |document: &&Document| match document {
        Document::Workflow(_) | Document::Gitlab(_) => 0,
        Document::Custody(_) => 1,
        Document::CargoManifest(_) | Document::PyProject(_) => 2,
        _ => 3,
    };
    scene.documents.iter().min_by_key(rank).map(|document| compared.head_of(document.file()))
}

fn say(compared: &Compared<'_>, report: &mut Reporter<'_>, was: &[&Call<'_>], changes: &[Change]) {
    let Some(main) = changes.iter().reduce(|best, next| if next.weight > best.weight { next } else { best }) else {
        return;
    };
    let path = compared.scene.sources.path(main.place.file);
    let (severity, impact) = match main.weight {
        Weight::Takes => (Severity::High, Some(Impact::TakesGateAway)),
        Weight::Edits => (Severity::Medium, None),
        Weight::Notes => (Severity::Info, None),
    };
    let more = match changes.len() - 1 {
        0 => String::new(),
        1 => ", and one more edit".to_owned(),
        n => format!(", and {n} more edits"),
    };
    let content: Vec<&str> = changes.iter().map(|change| change.text.as_str()).collect();
    let mut draft = report
        .at(main.place, "this runs the audit of the change")
        .about("gate", was.first().map_or(path, |call| compared.base().sources.path(call.file)), None)
        .severity(severity)
        .impact(impact)
        .also(changes.iter().map(|change| change.place))
        .content(content.join("; "))
        .via(path.to_owned(), Some(main.place))
        .evidence(compared.was(main.old));
    for change in changes.iter().filter(|change| change.text != main.text) {
        draft = draft.evidence(change.text.clone());
    }
    draft
        .advise("have the owners of the gate look at this edit by itself; a ruleset or a required workflow of the organisation keeps the gate out of a change's reach")
        .say(format!("{}{more}", main.text));
}
