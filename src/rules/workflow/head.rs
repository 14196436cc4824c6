//! Steps that put a stranger's commit into the workspace.

use super::reach::{Calls, Run};
use crate::graph::ci::expression::{expressions, plain_name};
use crate::graph::kinds::workflow::{Pair, Step, Uses};
use crate::parse::shell::Invocation;
use crate::rules::Scene;
use crate::source::{SourceFile, Span};

/// A step that fetches a stranger's commit.
#[derive(Debug)]
pub(crate) struct Checkout {
    /// The line to change.
    pub(crate) span: Span,
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

/// The step's fetch of a stranger's commit, if it is one.
pub(crate) fn checkout(scene: &Scene<'_>, calls: &Calls<'_>, run: &Run<'_>, step: &Step) -> Option<Checkout> {
    if let Some(script) = &step.run {
        return by_script(run, step, script);
    }
    let uses = step.uses.as_ref()?;
    let Uses::Repository { owner, repo, reference, .. } = &uses.value else { return None };
    if !owner.eq_ignore_ascii_case("actions") || !repo.eq_ignore_ascii_case("checkout") {
        return None;
    }
    let resolve = |pair: Option<&crate::source::Spanned<String>>| {
        pair.map(|value| (resolved(calls, run, step, &value.value, 4), value.span))
    };
    let wanted = resolve(step.input("ref"));
    let repository = resolve(step.input("repository")).map(|(text, _)| text.to_ascii_lowercase());
    let foreign = repository.as_deref().is_some_and(|r| {
        r.contains("head.repo") || r.contains("head_repository") || (r.contains(".outputs.") && r.contains("head"))
    });
    let (text, span) = wanted?;
    let (moving, indirect) = head(&text, foreign)?;
    let allowed = step.input("allow-unsafe-pr-checkout").is_some_and(|v| v.value.trim() != "false");
    let comment = scene.sources.get(run.file).and_then(|f| version_comment(f, uses.span));
    Some(Checkout {
        span,
        what: text,
        folder: step.input("path").map(|p| p.value.trim_matches(['.', '/']).to_owned()).unwrap_or_default(),
        moving,
        guard: if allowed { Guard::Absent } else { guard(reference, comment.as_deref()) },
        indirect,
    })
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

/// A value with `env` and the inputs of a reusable workflow put in, where they are written out.
fn resolved(calls: &Calls<'_>, run: &Run<'_>, step: &Step, text: &str, depth: usize) -> String {
    let (Some(holder), true) = (&run.holder, depth > 0 && run.action.is_none()) else { return text.to_owned() };
    for (range, inner) in expressions(text) {
        let of = |pairs: &[Pair], name: &str| {
            pairs.iter().find(|(key, _)| key.value.eq_ignore_ascii_case(name)).map(|(_, value)| value.value.clone())
        };
        let found = if let Some(name) = plain_name(inner, "env") {
            of(&step.env, name).or_else(|| of(&holder.job.env, name)).or_else(|| of(&holder.workflow.env, name))
        } else if let Some(name) = plain_name(inner, "inputs") {
            // The first caller that hands over a stranger's commit speaks for them.
            calls
                .to(holder.workflow)
                .iter()
                .filter_map(|(_, job)| of(&job.with, name))
                .find(|value| head(value, true).is_some())
        } else {
            None
        };
        if let Some(found) = found {
            let mut out = text.to_owned();
            out.replace_range(range, &found);
            return resolved(calls, run, step, &out, depth - 1);
        }
    }
    text.to_owned()
}

fn by_script(run: &Run<'_>, step: &Step, script: &crate::graph::kinds::workflow::Script) -> Option<Checkout> {
    let mut fetched: Option<(String, Span)> = None;
    for command in &script.program.commands {
        let Some(call) = Invocation::of(&script.program, command) else { continue };
        let words: Vec<&str> = call.args.iter().map(|a| a.text.as_str()).collect();
        let span = script.text.host_span(command.range.clone());
        let made = |what: String| {
            Some(Checkout { span, what, folder: String::new(), moving: true, guard: Guard::Absent, indirect: false })
        };
        match call.name.as_str() {
            "gh" if words.starts_with(&["pr", "checkout"]) => return made("gh pr checkout".to_owned()),
            "git" => {
                let verb = call.operands(&["-C", "-c"]).first().map(|a| a.text.clone()).unwrap_or_default();
                let names_head = words.iter().any(|w| is_pull_ref(run, step, w));
                match verb.as_str() {
                    "fetch" if names_head => fetched = Some((words.join(" "), span)),
                    "pull" if names_head => return made(format!("git {}", words.join(" "))),
                    // Only a checkout puts the fetched tree into the workspace; a diff does not, and
                    // neither does a checkout of named files of the base.
                    "checkout" | "switch" | "reset" | "merge" if fetched.is_some() && !words.contains(&"--") => {
                        let branch =
                            fetched.as_ref().and_then(|(f, _)| f.rsplit_once(':').map(|(_, to)| to.to_owned()));
                        let target = words.iter().skip(1).any(|w| {
                            *w == "FETCH_HEAD"
                                || is_pull_ref(run, step, w)
                                || branch.as_deref().is_some_and(|b| b.ends_with(w))
                        });
                        if target {
                            return made(fetched.map(|(text, _)| format!("git {text}")).unwrap_or_default());
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

fn is_pull_ref(run: &Run<'_>, step: &Step, word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let numbered = lower.split("pull/").nth(1).is_some_and(|rest| rest.contains("/head") || rest.contains("/merge"));
    let direct = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains("pull_request.head.sha") || text.contains("workflow_run.head_sha")
    };
    // `git fetch origin $SHA` with the variable set by `env`.
    let name = word.trim_start_matches('$').trim_matches(['{', '}']);
    let job = run.holder.as_ref().map_or(&[][..], |h| h.job.env.as_slice());
    let by_env = word.starts_with('$')
        && step.env.iter().chain(job).any(|(key, value)| key.value == name && direct(&value.value));
    numbered || direct(word) || by_env
}

fn guard(reference: &str, comment: Option<&str>) -> Guard {
    let text = if Uses::is_commit(reference) {
        match comment {
            Some(comment) => comment,
            None => return Guard::Unknown,
        }
    } else {
        reference
    };
    let mut parts = text.trim_start_matches(['v', 'V']).split('.').map(|p| p.parse::<u32>().ok());
    let Some(major) = parts.next().flatten() else {
        return if text == "main" { Guard::Present } else { Guard::Unknown };
    };
    let Some(minor) = parts.next().flatten() else {
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

/// The version written as a comment behind a pinned action: `# v4.2.2`.
fn version_comment(file: &SourceFile, span: Span) -> Option<String> {
    let line = file.line(file.position(span.start).line)?;
    let (_, comment) = line.split_once(" #")?;
    let word = comment.trim().trim_start_matches("tag=").split_whitespace().next()?;
    word.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()).then(|| word.to_owned())
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
    fn the_guard_follows_versions_and_comments() {
        let sha = "0123456789abcdef0123456789abcdef01234567";
        for (reference, comment, expected) in [
            ("v4", None, Guard::Present),
            ("v4.3.1", None, Guard::Absent),
            ("v7.0.0", None, Guard::Present),
            ("v1", None, Guard::Unknown),
            (sha, Some("v6.0.2"), Guard::Absent),
            (sha, Some("v6.1.0"), Guard::Present),
            (sha, None, Guard::Unknown),
        ] {
            assert_eq!(guard(reference, comment), expected, "{reference} {comment:?}");
        }
    }
}
