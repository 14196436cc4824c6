//! Steps that put a stranger's commit into the workspace.

use super::steps::Placed;
use super::version;
use crate::graph::ci::calls::Calls;
use crate::graph::ci::expression::{Tree, expressions, plain_name};
use crate::graph::kinds::workflow::{Job, Pair, Script, Workflow};
use crate::parse::shell::Invocation;
use crate::source::{Place, Sources, Spanned};

/// What stands around the steps of a job.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Around<'a, 's> {
    /// Files that were read.
    pub(crate) sources: &'s Sources,
    /// The workflows and actions of the tree.
    pub(crate) tree: &'a Tree<'a>,
    /// Who calls the workflow.
    pub(crate) calls: &'a Calls<'a>,
    /// The workflow.
    pub(crate) workflow: &'a Workflow,
    /// The job.
    pub(crate) job: &'a Job,
}

/// A step that fetches a stranger's commit.
#[derive(Debug, Clone)]
pub(crate) struct Checkout {
    /// The line to change.
    pub(crate) place: Place,
    /// What is fetched, as written.
    pub(crate) what: String,
    /// The folder it goes to, empty for the workspace itself.
    pub(crate) folder: String,
    /// Moves with the branch: what is checked out need not be what was looked at.
    pub(crate) moving: bool,
    /// Whether this `actions/checkout` refuses forks by itself.
    pub(crate) guard: Guard,
    /// The head is named by an output of another step, not by the event.
    pub(crate) indirect: bool,
    /// `actions/checkout` leaves the token in the folder.
    pub(crate) keeps_token: bool,
}

/// Whether `actions/checkout` refuses commits of forks under `pull_request_target` and `workflow_run`.
/// It does since 7.0.0, 6.1.0, 5.1.0, 4.4.0, 3.7.0 and 2.8.0 (July 2026), unless told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guard {
    /// It is older, is told otherwise, or is no `actions/checkout`.
    Absent,
    /// It refuses.
    Present,
    /// A commit whose version is not written beside it.
    Unknown,
}

/// A step's fetch of a stranger's commit, if it is one.
pub(crate) fn checkout(around: &Around<'_, '_>, steps: &[Placed<'_>], at: usize) -> Option<Checkout> {
    let placed = steps.get(at)?;
    if let Some(script) = &placed.step.run {
        return by_script(around, placed, script);
    }
    let (action, reference) = placed.action()?;
    if action != "actions/checkout" {
        return None;
    }
    let input = |name: &str| placed.step.input(name);
    let resolve =
        |value: Option<&Spanned<String>>| value.map(|value| (resolved(around, placed, &value.value, 4), value.span));
    let wanted = resolve(input("ref"));
    let repository = resolve(input("repository")).map(|(text, _)| text.to_ascii_lowercase());
    let foreign = repository.as_deref().is_some_and(is_foreign);
    let (text, span) = wanted?;
    let (moving, indirect) = head(&text, foreign)?;
    let allowed = input("allow-unsafe-pr-checkout").is_some_and(|v| v.value.trim() != "false");
    let version = placed
        .step
        .uses
        .as_ref()
        .and_then(|uses| version::written(around.sources.get(placed.file), uses.span, reference));
    Some(Checkout {
        place: Place::new(placed.file, span),
        what: text,
        folder: input("path").map(|p| p.value.trim_matches(['.', '/']).to_owned()).unwrap_or_default(),
        moving,
        guard: if allowed { Guard::Absent } else { version.map_or(Guard::Unknown, |v| guard(&v)) },
        indirect,
        keeps_token: input("persist-credentials").is_none_or(|v| v.value.trim() != "false"),
    })
}

/// Whether a `repository` may be a stranger's: that of a pull request, or one that an output names as such.
fn is_foreign(repository: &str) -> bool {
    const SIGNS: &[&str] = &["head", "source", "fork", "pr_", "pr-"];
    let by_output =
        |text: &str| text.split_once(".outputs.").is_some_and(|(_, name)| SIGNS.iter().any(|s| name.contains(s)));
    repository.contains("head.repo") || repository.contains("head_repository") || by_output(repository)
}

/// Whether a `ref` is a stranger's, whether it moves, and whether it comes from a step.
fn head(text: &str, foreign: bool) -> Option<(bool, bool)> {
    let lower = text.to_ascii_lowercase();
    let pull = lower.contains("refs/pull/") || lower.contains("pull/${{");
    if pull && (lower.ends_with("/head") || lower.ends_with("/merge")) {
        return Some((true, false));
    }
    const COMMITS: &[&str] = &[
        "github.event.pull_request.head.sha",
        "github.event.pull_request.merge_commit_sha",
        "github.event.workflow_run.head_sha",
        "github.event.workflow_run.head_commit.id",
    ];
    if COMMITS.iter().any(|c| lower.contains(c)) {
        return Some((false, false));
    }
    // A branch's name alone is looked up in this repository: it takes the fork to make it a stranger's.
    const BRANCHES: &[&str] =
        &["github.head_ref", "github.event.pull_request.head.ref", "github.event.workflow_run.head_branch"];
    if foreign && BRANCHES.iter().any(|b| lower.contains(b)) {
        return Some((true, false));
    }
    let output = expressions(&lower).into_iter().find(|(_, inner)| inner.contains(".outputs."))?.1.to_owned();
    let name = output.rsplit(".outputs.").next().unwrap_or("").to_owned();
    let sha = name.contains("sha") || name.contains("commit");
    let named = name.contains("head") || name.starts_with("pr_") || name.starts_with("pr-");
    (foreign || (named && sha && !name.contains("base"))).then_some((!sha, true))
}

/// A value with `env` and the inputs of reusable workflows and actions put in, where they are written out.
pub(crate) fn resolved(around: &Around<'_, '_>, placed: &Placed<'_>, text: &str, depth: usize) -> String {
    if depth == 0 {
        return text.to_owned();
    }
    for (range, inner) in expressions(text) {
        let Some(found) = constant(around, placed, inner) else { continue };
        let mut out = text.to_owned();
        out.replace_range(range, &found);
        // What a caller hands over is read where the caller stands.
        let mut above = placed.clone();
        if plain_name(inner, "inputs").is_some() {
            above.through.pop();
        }
        return resolved(around, &above, &out, depth - 1);
    }
    text.to_owned()
}

/// A text with the constants put in that its expressions name, once.
pub(crate) fn put_in(text: &str, known: &dyn Fn(&str) -> Option<String>) -> String {
    let (mut out, mut from) = (String::new(), 0);
    for (range, inner) in expressions(text) {
        let Some(found) = known(inner) else { continue };
        out.push_str(text.get(from..range.start).unwrap_or(""));
        out.push_str(&found);
        from = range.end;
    }
    out.push_str(text.get(from..).unwrap_or(""));
    out
}

/// The text behind `env.NAME` or `inputs.NAME`, where the files say it.
pub(crate) fn constant(around: &Around<'_, '_>, placed: &Placed<'_>, expression: &str) -> Option<String> {
    let of = |pairs: &[Pair], name: &str| {
        pairs.iter().find(|(key, _)| key.value.eq_ignore_ascii_case(name)).map(|(_, value)| value.value.clone())
    };
    if let Some(name) = plain_name(expression, "env") {
        let steps = std::iter::once(placed.step).chain(placed.through.iter().rev().copied());
        return steps
            .filter_map(|step| of(&step.env, name))
            .next()
            .or_else(|| of(&around.job.env, name))
            .or_else(|| of(&around.workflow.env, name));
    }
    let name = plain_name(expression, "inputs")?;
    if !placed.through.is_empty() {
        return placed.handed(name).map(|value| value.value.clone());
    }
    // The first caller that hands over a stranger's commit speaks for them, else the first that says anything.
    let handed = || around.calls.to(around.workflow).iter().filter_map(|(_, job)| of(&job.with, name));
    handed().find(|value| head(value, true).is_some()).or_else(|| handed().next())
}

fn by_script(around: &Around<'_, '_>, placed: &Placed<'_>, script: &Script) -> Option<Checkout> {
    let mut fetched: Option<String> = None;
    for command in &script.program.commands {
        let Some(call) = Invocation::of(&script.program, command) else { continue };
        let words: Vec<&str> = call.args.iter().map(|a| a.text.as_str()).collect();
        let place = Place::new(placed.file, script.text.host_span(command.range.clone()));
        let made = |what: String| {
            let folder = String::new();
            let (moving, guard) = (true, Guard::Absent);
            Some(Checkout { place, what, folder, moving, guard, indirect: false, keeps_token: false })
        };
        match call.name.as_str() {
            "gh" if words.starts_with(&["pr", "checkout"]) => return made("gh pr checkout".to_owned()),
            "git" => {
                let verb = call.operands(&["-C", "-c"]).first().map(|a| a.text.clone()).unwrap_or_default();
                let names_head = words.iter().any(|w| is_pull_ref(around, placed, w));
                match verb.as_str() {
                    "fetch" if names_head => fetched = Some(words.join(" ")),
                    "pull" if names_head => return made(format!("git {}", words.join(" "))),
                    // Only a checkout puts the fetched tree into the workspace; a diff does not, and
                    // neither does a checkout of named files of the base.
                    "checkout" | "switch" | "reset" | "merge" if fetched.is_some() && !words.contains(&"--") => {
                        let branch = fetched.as_ref().and_then(|f| f.rsplit_once(':').map(|(_, to)| to.to_owned()));
                        let target = words.iter().skip(1).any(|w| {
                            *w == "FETCH_HEAD"
                                || is_pull_ref(around, placed, w)
                                || branch.as_deref().is_some_and(|b| b.ends_with(w))
                        });
                        if target {
                            return made(fetched.map(|text| format!("git {text}")).unwrap_or_default());
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    None
}

fn is_pull_ref(around: &Around<'_, '_>, placed: &Placed<'_>, word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let numbered = lower.split("pull/").nth(1).is_some_and(|rest| rest.contains("/head") || rest.contains("/merge"));
    let direct = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains("pull_request.head.sha") || text.contains("workflow_run.head_sha")
    };
    // `git fetch origin $SHA` with the variable set by `env`.
    let name = word.trim_start_matches('$').trim_matches(['{', '}']);
    let by_env = word.starts_with('$')
        && placed.step.env.iter().chain(&around.job.env).any(|(key, value)| key.value == name && direct(&value.value));
    numbered || direct(word) || by_env
}

fn guard(written: &str) -> Guard {
    let (major, minor) = version::parts(written);
    let Some(major) = major else {
        return if written == "main" { Guard::Present } else { Guard::Unknown };
    };
    let Some(minor) = minor else {
        return if (2..=7).contains(&major) { Guard::Present } else { Guard::Unknown };
    };
    let first = match major {
        0 | 1 => return Guard::Absent,
        2 => 8,
        3 => 7,
        4 => 4,
        5 | 6 => 1,
        _ => 0,
    };
    if minor >= first { Guard::Present } else { Guard::Absent }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_told_from_bases() {
        assert_eq!(head("refs/pull/${{ github.event.number }}/merge", false), Some((true, false)));
        assert_eq!(head("${{ github.event.pull_request.head.sha }}", false), Some((false, false)));
        assert_eq!(head("${{ github.event.pull_request.base.sha }}", false), None);
        assert_eq!(head("${{ github.head_ref }}", false), None);
        assert_eq!(head("${{ github.head_ref }}", true), Some((true, false)));
        assert_eq!(head("${{ steps.x.outputs.headSha }}", true), Some((false, true)));
        assert_eq!(head("${{ steps.x.outputs.sha }}", false), None);
        assert_eq!(head("main", false), None);
    }

    #[test]
    fn the_guard_follows_versions() {
        for (written, expected) in [
            ("v4", Guard::Present),
            ("v4.3.1", Guard::Absent),
            ("v7.0.0", Guard::Present),
            ("v1", Guard::Unknown),
            ("v6.0.2", Guard::Absent),
            ("v6.1.0", Guard::Present),
            ("main", Guard::Present),
            ("feature", Guard::Unknown),
        ] {
            assert_eq!(guard(written), expected, "{written}");
        }
    }
}
