//! `secrets: inherit`: every secret of the repository for a workflow that needs a few.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Confidence, Edit, Severity};
use crate::graph::kinds::workflow::{Job, Uses, Workflow};
use crate::parse::expression::{ExpressionKind, Part};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, RepoPath, Span};

pub(super) static RULE: Rule = Rule {
    id: "inherited-secrets",
    title: "all secrets handed to another workflow",
    many: "{n} workflows are handed all secrets",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("inherited_secrets.md"),
    check,
};

/// Names of secrets listed in a message.
const LISTED: usize = 6;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    // One finding for each workflow of the tree that is called, and for each repository whose workflows are.
    let mut found: BTreeMap<String, Vec<(&Workflow, &Job)>> = BTreeMap::new();
    for (workflow, job) in scene.jobs().filter(|(_, job)| job.inherits_secrets) {
        let name = match job.uses.as_ref().map(|u| &u.value) {
            Some(Uses::Repository { owner, repo, .. }) => format!("{owner}/{repo}"),
            Some(Uses::Local(path)) => RepoPath::new(path).map_or_else(|| path.clone(), |p| p.to_string()),
            Some(other) => other.to_string(),
            None => continue,
        };
        found.entry(name).or_default().push((workflow, job));
    }
    for (name, calls) in &found {
        match calls.first().and_then(|(_, job)| job.uses.as_ref()).map(|u| &u.value) {
            Some(Uses::Local(path)) => local(scene, report, path, calls),
            Some(_) => remote(report, name, calls),
            None => {}
        }
    }
}

fn place((workflow, job): &(&Workflow, &Job)) -> Place {
    Place::new(workflow.file, job.secrets_span.unwrap_or(job.id.span))
}

fn times(calls: &[(&Workflow, &Job)]) -> String {
    if calls.len() > 1 { format!(", by {} jobs", calls.len()) } else { String::new() }
}

fn remote(report: &mut Reporter<'_>, name: &str, calls: &[(&Workflow, &Job)]) {
    let moves = |job: &Job| match job.uses.as_ref().map(|u| &u.value) {
        Some(Uses::Repository { reference, .. }) => !Uses::is_commit(reference),
        _ => true,
    };
    let first = calls.iter().find(|(_, job)| moves(job)).or(calls.first());
    let Some(first) = first else { return };
    let is_moving = moves(first.1);
    let mut called: Vec<&str> = calls
        .iter()
        .filter_map(|(_, job)| match &job.uses.as_ref()?.value {
            Uses::Repository { path, .. } => Some(path.rsplit('/').next().unwrap_or(path)),
            _ => None,
        })
        .collect();
    called.sort_unstable();
    called.dedup();
    let mut draft = report
        .at(place(first), "every secret of the repository and organisation")
        .severity(if is_moving { Severity::Medium } else { Severity::Low })
        .about("repository", name, None)
        .content("inherit")
        .also(calls.iter().map(place))
        .via(format!("job {}", first.1.id.value), Some(Place::new(first.0.file, first.1.id.span)));
    if let Some(uses) = &first.1.uses {
        draft = draft.via(uses.value.to_string(), Some(Place::new(first.0.file, uses.span)));
    }
    let evidence = if is_moving {
        "its reference can move: what it does with them can change without a change here"
    } else {
        "it is held by a commit, and does with them what that commit says"
    };
    draft.evidence(evidence).advise("hand over by name what it declares under `on: workflow_call: secrets`").say(
        match called.as_slice() {
            [one] => format!("`{one}` of `{name}` is handed every secret{}", times(calls)),
            many => format!("{} workflows of `{name}` are handed every secret{}", many.len(), times(calls)),
        },
    );
}

/// What a called workflow of the tree reads.
struct Reads {
    /// Names, as written first.
    names: Vec<String>,
    /// Whether the files tell: no name is computed, nothing is handed on as a whole, and no environment adds its own.
    is_known: bool,
    /// Whether all of them are declared, so that they can be handed over.
    is_declared: bool,
}

fn reads(called: &Workflow) -> Reads {
    let mut names: Vec<String> = Vec::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut is_known = called.jobs.iter().all(|job| !job.inherits_secrets && job.environment.is_none());
    for part in called.templates.iter().flat_map(|t| &t.expressions).flat_map(|e| e.tree.all()) {
        let ExpressionKind::Context(parts) = &part.kind else { continue };
        match parts.as_slice() {
            [Part::Name(first), Part::Name(name), ..] if first.eq_ignore_ascii_case("secrets") => {
                let upper = name.to_ascii_uppercase();
                if upper != "GITHUB_TOKEN" && known.insert(upper) {
                    names.push(name.clone());
                }
            }
            [Part::Name(first), ..] if first.eq_ignore_ascii_case("secrets") => is_known = false,
            _ => {}
        }
    }
    let declares = |name: &String| called.declared_secrets.iter().any(|d| d.value.eq_ignore_ascii_case(name));
    let is_declared = names.iter().all(declares);
    Reads { names, is_known, is_declared }
}

fn local(scene: &Scene<'_>, report: &mut Reporter<'_>, path: &str, calls: &[(&Workflow, &Job)]) {
    let file = RepoPath::new(path).and_then(|path| scene.sources.by_path(&path));
    let called = scene.workflows().find(|w| file.is_some_and(|f| f.id == w.file));
    let Some(first) = calls.first() else { return };
    let reads = called.map(reads);
    let mut draft = report
        .at(place(first), "every secret of the repository and organisation")
        .severity(Severity::Low)
        .confidence(Confidence::Medium)
        .about("workflow", path, None)
        .content("inherit")
        .also(calls.iter().map(place));
    if let Some(workflow) = called {
        draft = draft.related(Place::new(workflow.file, Span::default()), "the called workflow");
    }
    let Some(reads) = reads.filter(|r| r.is_known) else {
        let is_kept = called.is_some_and(|w| w.jobs.iter().any(|job| job.environment.is_some()));
        let (why, what) = if is_kept {
            (
                "which of them it reads from its environments, and which it is handed, is not in the files",
                "hand over by name what it reads; secrets of an environment come with the job that names it",
            )
        } else {
            ("which of them it reads is not in the files", "hand over by name what it reads")
        };
        draft.evidence(why).advise(what).say(format!("`{path}` is handed every secret{}", times(calls)));
        return;
    };
    if reads.names.is_empty() {
        let edits: Option<Vec<Edit>> = calls.iter().map(|call| without(scene, call)).collect();
        draft
            .fix(edits.unwrap_or_default())
            .advise("leave `secrets: inherit` out")
            .say(format!("`{path}` is handed every secret and reads none{}", times(calls)));
        return;
    }
    let edits: Option<Vec<Edit>> =
        if reads.is_declared { calls.iter().map(|call| named(scene, call, &reads.names)).collect() } else { None };
    let more = reads.names.len().saturating_sub(LISTED);
    let listed = reads.names.get(..LISTED).unwrap_or(&reads.names).join(", ");
    let listed = if more > 0 { format!("{listed} and {more} more") } else { listed };
    draft = draft.fix(edits.unwrap_or_default()).advise(format!("hand over by name what it reads: {listed}"));
    if !reads.is_declared {
        draft = draft.advise("and declare each of them there under `on: workflow_call: secrets`");
    }
    draft.say(format!("`{path}` is handed every secret and reads {listed}{}", times(calls)));
}

/// Where the value of `secrets: inherit` stands, where it stands on a line of its own, and the indent of the key.
fn line(scene: &Scene<'_>, (workflow, job): &(&Workflow, &Job)) -> Option<(Span, Span, usize)> {
    let value = job.secrets_span?;
    let text = scene.sources.get(workflow.file)?.text.as_str();
    let at = usize::try_from(value.start).ok()?;
    let start = text.get(..at)?.rfind('\n').map_or(0, |at| at + 1);
    let end = text.get(at..)?.find('\n').map_or(text.len(), |length| at + length + 1);
    let whole = text.get(start..end)?.trim_end();
    let indent = whole.len() - whole.trim_start().len();
    let is_plain = whole.trim_start().strip_prefix("secrets:").is_some_and(|rest| {
        let value = rest.split(" #").next().unwrap_or(rest);
        value.trim() == "inherit"
    });
    is_plain.then_some((value, Span::new(start, end), indent))
}

fn without(scene: &Scene<'_>, call: &(&Workflow, &Job)) -> Option<Edit> {
    let (_, whole, _) = line(scene, call)?;
    Some(Edit { place: Place::new(call.0.file, whole), text: String::new() })
}

fn named(scene: &Scene<'_>, call: &(&Workflow, &Job), names: &[String]) -> Option<Edit> {
    let (value, _, indent) = line(scene, call)?;
    // The space before the value goes as well.
    let span = Span { start: value.start.checked_sub(1)?, end: value.end };
    let pad = " ".repeat(indent + 2);
    let lines = names.iter().map(|name| format!("\n{pad}{name}: ${{{{ secrets.{name} }}}}"));
    Some(Edit { place: Place::new(call.0.file, span), text: lines.collect() })
}
