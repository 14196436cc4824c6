//! A checkout that leaves the token where later steps read it.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::credentials::step_uses_credentials;
use super::leaks::{self, Checkout, Leak};
use super::reach::{self, Run};
use crate::diag::{Confidence, Edit, Impact, Severity};
use crate::graph::ci;
use crate::graph::kinds::workflow::{Step, Uses};
use crate::rules::{Reporter, Rule, Scene, edits};
use crate::source::{FileId, Place, RepoPath};

pub(super) static RULE: Rule = Rule {
    id: "persisted-credentials",
    title: "checkout that leaves the token behind",
    many: "{n} checkouts leave the token behind",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("persisted_credentials.md"),
    check,
};

/// A checkout that keeps its token, where nothing carries it away.
struct Kept {
    place: Place,
    edit: Option<Edit>,
}

/// What is said of one file: checkouts whose token nothing uses, and those whose token something may use.
#[derive(Default)]
struct OfFile {
    idle: Vec<Kept>,
    used: Vec<Kept>,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut by_file: std::collections::BTreeMap<FileId, OfFile> = std::collections::BTreeMap::new();
    for run in reach::runs(scene) {
        let last = OnceCell::new();
        let is_used = |step: &Step| {
            let last: &Option<usize> = last.get_or_init(|| last_user(scene, run));
            last.is_some_and(|at| at > step.index) || run.action.is_some() && step.input("token").is_some()
        };
        for checkout in run.steps.iter().filter_map(|step| keeping(scene, run, step)) {
            if let Some(leak) = leaks::find(scene, run, &checkout).filter(|l| l.sure > Confidence::Low) {
                say_leak(scene, report, run, &checkout, &leak, is_used(checkout.step));
                continue;
            }
            let used = is_used(checkout.step);
            let edit = if used { None } else { edit(scene, run.file, checkout.step) };
            let Some(uses) = &checkout.step.uses else { continue };
            let kept = Kept { place: Place::new(run.file, uses.span), edit };
            let of_file = by_file.entry(run.file).or_default();
            if used { of_file.used.push(kept) } else { of_file.idle.push(kept) }
        }
    }
    for (file, found) in &by_file {
        say(scene, report, *file, &found.idle, false);
        say(scene, report, *file, &found.used, true);
    }
}

/// A step that checks out and keeps the token.
fn keeping<'a>(scene: &Scene<'_>, run: &Run<'a>, step: &'a Step) -> Option<Checkout<'a>> {
    let uses = step.uses.as_ref()?;
    let Uses::Repository { owner, repo, path, reference } = &uses.value else { return None };
    if !path.is_empty() || !format!("{owner}/{repo}").eq_ignore_ascii_case("actions/checkout") {
        return None;
    }
    // Who writes it down either way has thought of it.
    if step.input("persist-credentials").is_some() {
        return None;
    }
    let folder = step.input("path").and_then(|p| RepoPath::new(&p.value)).unwrap_or_default();
    let major = leaks::version(scene.sources.get(run.file)?, uses.span, reference).map(|(major, _)| major);
    // The first version kept none.
    (major != Some(1)).then_some(Checkout { step, folder, major })
}

fn edit(scene: &Scene<'_>, file: FileId, step: &Step) -> Option<Edit> {
    edits::set_input(scene.sources.get(file)?, step, "persist-credentials", "false")
}

/// The last step that pushes or fetches, or may: by git, by an action or a program that does, by a script of the
/// tree that is named after it. All checkouts of a run before it are used.
///
/// What submodules and large files need is fetched by later steps too, in a private repository: an action that is
/// given a token counts as one that uses it.
fn last_user(scene: &Scene<'_>, run: &Run<'_>) -> Option<usize> {
    let inner = |step: &Step| match step.uses.as_ref().map(|uses| &uses.value) {
        Some(Uses::Local(path)) => scene.actions().find(|a| {
            let folder = scene.sources.get(a.file).map(|f| f.path.parent());
            folder.is_some() && folder == RepoPath::new(path)
        }),
        _ => None,
    };
    let uses = |step: &&Step| {
        step_uses_credentials(step) || inner(step).is_some_and(|a| a.steps.iter().any(step_uses_credentials))
    };
    run.steps.iter().rev().find(uses).map(|step| step.index)
}

/// What the checkout was given instead of the job's own token.
fn stored(step: &Step) -> Option<String> {
    let given = ["token", "ssh-key"].iter().filter_map(|key| step.input(key));
    let mut names = given.flat_map(|value| ci::secret_names(&value.value));
    names.find(|name| !name.eq_ignore_ascii_case("GITHUB_TOKEN"))
}

fn say_leak(
    scene: &Scene<'_>,
    report: &mut Reporter<'_>,
    run: &Run<'_>,
    checkout: &Checkout<'_>,
    leak: &Leak,
    used: bool,
) {
    let Some(uses) = &checkout.step.uses else { return };
    let stored = stored(checkout.step);
    let held = run.holder.as_ref().map(|h| &h.privilege);
    let severity = match (&stored, held) {
        (Some(_), _) => Severity::High,
        (None, Some(held)) if held.has_weighty_scope() || held.token_unknown => Severity::Medium,
        (None, Some(held)) if !held.writes.is_empty() => Severity::Medium,
        // A token that only reads opens what everybody may read, or what who downloads may read anyway.
        _ => Severity::Low,
    };
    let what = match &stored {
        Some(name) => format!("secret {name}"),
        None => "the job's token".to_owned(),
    };
    let ends = if stored.is_some() {
        "it is a stored secret, which stays valid after the job"
    } else {
        "the job's token is valid until the job ends, and what is uploaded can be had before"
    };
    let fix = if used { None } else { edit(scene, run.file, checkout.step) };
    let draft = report
        .at(Place::new(run.file, uses.span), "keeps the token in `.git/config`")
        .severity(severity)
        .confidence(leak.sure)
        .impact(stored.is_some().then_some(Impact::ReachesSecrets))
        .about("checkout", leak.how.clone(), None)
        .content(format!("{} {}", uses.value, leak.how))
        .related(leak.place, format!("the workspace {}", leak.how))
        .evidence(ends)
        .fix(fix);
    let advice = if used {
        "keep `.git` out of what is carried away, or set persist-credentials: false and hand the token to the step \
         that pushes"
    } else {
        "add to the checkout, with: { persist-credentials: false }"
    };
    run.route(scene, draft)
        .via(checkout.step.title(), Some(Place::new(run.file, uses.span)))
        .advise(advice)
        .say(format!("`{}` leaves {what} in a folder that {}", uses.value, leak.how));
}

/// `used`: something behind may need the token.
fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, file: FileId, found: &[Kept], used: bool) {
    let Some(first) = found.first() else { return };
    let name = scene.sources.path(file).rsplit('/').next().unwrap_or_default();
    let checkouts = match found.len() {
        1 => "a checkout".to_owned(),
        n => format!("{n} checkouts"),
    };
    let fix: Option<BTreeSet<Edit>> = found.iter().map(|k| k.edit.clone()).collect();
    let draft = report
        .at(first.place, "without persist-credentials: false")
        .confidence(Confidence::Low)
        .also(found.iter().map(|k| k.place))
        // A step more that may push makes it another finding about the same checkouts, and mends nothing.
        .about("checkouts", "kept", None)
        .content(if used { "used" } else { "idle" });
    let verb = if found.len() == 1 { "leaves" } else { "leave" };
    if used {
        draft
            .evidence("a later step pushes or fetches, or may")
            .advise(
                "hand the token to the step that pushes, and set persist-credentials: false; or write \
                 persist-credentials: true to say that it is meant",
            )
            .say(format!("{checkouts} of `{name}` {verb} the token to all later steps, of which one may push"));
    } else {
        draft
            .evidence("no later step is known to push or fetch; scripts of the tree are not followed")
            .fix(fix.into_iter().flatten())
            .advise("add to each checkout, with: { persist-credentials: false }")
            .say(format!(
                "{checkouts} of `{name}` {verb} the token in the workspace, where no step is known to need it"
            ));
    }
}
