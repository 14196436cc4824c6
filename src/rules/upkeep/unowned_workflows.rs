//! Owners are named, and not for what decides what CI does, what is installed and what is let through.

use super::{code_owners, owned};
use crate::diag::{Confidence, Severity};
use crate::graph::Document;
use crate::graph::kinds::upkeep::CodeOwners;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place, Role, Span};

pub(super) static RULE: Rule = Rule {
    id: "unowned-workflows",
    title: "nobody owns the files that decide what CI does",
    many: "{n} files of owners leave out what decides what CI does",
    severity: Severity::Low,
    since: "0.1",
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
    /// What it decides.
    kind: Kind,
    /// A job of it publishes or holds secrets.
    weighty: bool,
    /// The line that takes its owners away.
    line: Option<Span>,
}

/// What an unowned file decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// What CI does.
    Pipeline,
    /// What is let through: this tool's file, and the ignores of others.
    Policy,
    /// What is installed.
    Lock,
    /// Who is asked.
    Owners,
}

impl Kind {
    fn why(self) -> &'static str {
        match self {
            Self::Pipeline => "decides what CI does; owned by nobody",
            Self::Policy => "decides what is let through; owned by nobody",
            Self::Lock => "decides what is installed; owned by nobody",
            Self::Owners => "owned by nobody",
        }
    }
}

/// What a document decides, where its owners matter.
fn kind(document: &Document, owners: &CodeOwners) -> Option<Kind> {
    match document {
        Document::Workflow(_) | Document::Action(_) => Some(Kind::Pipeline),
        Document::Custody(_) | Document::Ignores(_) => Some(Kind::Policy),
        Document::CargoLock(_)
        | Document::PythonLock(_)
        | Document::CondaLock(_)
        | Document::ActionsLock(_)
        | Document::CustodyLock(_) => Some(Kind::Lock),
        Document::CodeOwners(own) if own.file == owners.file => Some(Kind::Owners),
        _ => None,
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, owners: &CodeOwners) {
    let guarded = scene.documents.iter().filter_map(|document| {
        let weighty = match document {
            Document::Workflow(workflow) => workflow.jobs.iter().any(|job| scene.privilege(workflow, job).is_weighty()),
            _ => false,
        };
        Some((document.file(), kind(document, owners)?, weighty))
    });
    let lines = owned::Owners::of(owners);
    let unowned: Vec<Unowned<'_>> = guarded
        .filter_map(|(file, kind, weighty)| {
            let path = scene.sources.path(file);
            let line = lines.line(path);
            let is_owned = line.is_some_and(|line| !line.owners.is_empty());
            (!is_owned).then(|| Unowned { file, path, kind, weighty, line: line.map(|l| l.pattern.span) })
        })
        // A lock that only tests and examples take is no one's way in.
        .filter(|one| match one.kind {
            Kind::Lock => scene.role(one.file) <= Role::Development,
            _ => !scene.role(one.file).is_set_aside(),
        })
        .collect();
    // What holds most first. The file of owners alone guards nothing worth a word.
    let others = unowned.iter().filter(|one| one.kind != Kind::Owners);
    let Some(first) = others.min_by_key(|one| (!one.weighty, one.kind)) else { return };
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
        .each(unowned.iter().map(|one| one.path))
        .evidence("the last line that matches decides; whether a review by owners is asked for is a setting of the repository");
    // One of each kind before more of the first.
    let mut shown: Vec<&Unowned<'_>> = unowned.iter().collect();
    shown.sort_by_key(|one| unowned.iter().filter(|o| o.kind == one.kind).position(|o| o.file == one.file));
    for one in shown.into_iter().take(5) {
        let why = if one.weighty { "holds secrets or a release; owned by nobody" } else { one.kind.why() };
        draft = draft.related(Place::new(one.file, Span::default()), why);
    }
    draft.advise(format!("name owners for what decides, as the last lines: {}", patterns(&unowned))).say(format!(
        "{} names no owner for {}{more}",
        scene.sources.path(owners.file),
        first.path
    ));
}

/// Lines that own them, in a few words.
fn patterns(unowned: &[Unowned<'_>]) -> String {
    const MOST: usize = 4;
    let mut out: Vec<String> = Vec::new();
    for one in unowned {
        let pattern = match one.path.strip_prefix(".github/") {
            Some(_) => "/.github/ @owners".to_owned(),
            // A name alone holds at every depth.
            None if one.kind == Kind::Lock => format!("{} @owners", one.path.rsplit('/').next().unwrap_or(one.path)),
            None => format!("/{} @owners", one.path),
        };
        if !out.contains(&pattern) {
            out.push(pattern);
        }
        if out.len() == MOST {
            break;
        }
    }
    out.join(", ")
}
