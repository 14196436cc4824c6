//! Owners are named, and not for what decides what CI does.

use super::{code_owners, owned};
use crate::diag::{Confidence, Severity};
use crate::graph::Document;
use crate::graph::kinds::upkeep::CodeOwners;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place, Span};

pub(super) static RULE: Rule = Rule {
    id: "unowned-workflows",
    title: "nobody owns the files that decide what CI does",
    many: "{n} files of owners leave out what decides what CI does",
    severity: Severity::Low,
    since: "0.5",
    docs: include_str!("unowned_workflows.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    // The first of these counts; GitLab looks into its own folder last.
    const PLACES: &[&str] = &[".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];
    let found =
        PLACES.iter().find_map(|place| code_owners(scene).find(|owners| scene.sources.path(owners.file) == *place));
    if let Some(owners) = found.filter(|owners| owners.lines.iter().any(|line| !line.owners.is_empty())) {
        say(scene, report, owners);
    }
}

/// A file that nobody owns.
struct Unowned<'a> {
    file: FileId,
    path: &'a str,
    /// A job of it publishes or holds secrets.
    weighty: bool,
    /// The line that takes its owners away.
    line: Option<Span>,
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, owners: &CodeOwners) {
    let guarded = scene.documents.iter().filter_map(|document| match document {
        Document::Workflow(workflow) => {
            let weighty = workflow.jobs.iter().any(|job| scene.privilege(workflow, job).is_weighty());
            Some((workflow.file, weighty))
        }
        Document::Action(action) => Some((action.file, false)),
        Document::Custody(custody) => Some((custody.file, false)),
        Document::CodeOwners(own) if own.file == owners.file => Some((own.file, false)),
        _ => None,
    });
    let lines = owned::Owners::of(owners);
    let unowned: Vec<Unowned<'_>> = guarded
        .filter_map(|(file, weighty)| {
            let path = scene.sources.path(file);
            let line = lines.line(path);
            let is_owned = line.is_some_and(|line| !line.owners.is_empty());
            (!is_owned).then(|| Unowned { file, path, weighty, line: line.map(|l| l.pattern.span) })
        })
        .filter(|one| !scene.role(one.file).is_set_aside())
        .collect();
    // The file of owners alone guards nothing worth a word.
    let others = unowned.iter().filter(|one| one.file != owners.file).count();
    let Some(first) = unowned
        .iter()
        .find(|one| one.weighty)
        .or_else(|| unowned.iter().find(|one| one.file != owners.file))
        .filter(|_| others > 0)
    else {
        return;
    };
    let weighty = first.weighty;
    let taken = unowned.iter().find_map(|one| one.line);
    let start = owners.lines.first().map(|line| line.pattern.span).unwrap_or_default();
    let more = match unowned.len() - 1 {
        0 => String::new(),
        1 => " and one more file".to_owned(),
        n => format!(" and {n} more files"),
    };
    let mut draft = report
        .at(Place::new(owners.file, taken.unwrap_or(start)), "names no owner for them")
        .severity(if weighty { Severity::Medium } else { Severity::Low })
        // Whether a review of owners is asked for at all is no part of the tree.
        .confidence(Confidence::Low)
        .about("owners", scene.sources.path(owners.file), None)
        .content(unowned.iter().map(|one| one.path).collect::<Vec<_>>().join(" "))
        .evidence("the last line that matches decides; whether a review by owners is asked for is a setting of the repository");
    for one in unowned.iter().take(5) {
        let why = if one.weighty { "holds secrets or a release" } else { "owned by nobody" };
        draft = draft.related(Place::new(one.file, Span::default()), why);
    }
    draft
        .advise(
            "name owners for what decides what CI does, as the last lines: /.github/ @owners, /custody.toml @owners",
        )
        .say(format!("{} names no owner for {}{more}", scene.sources.path(owners.file), first.path));
}
