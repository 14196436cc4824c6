//! What outputs of well known actions hold. Sources: their documentation; GHSA-mcph-m25j-8j63,
//! GHSA-8v8w-v8xg-79rf and GHSA-gq52-6phf-x2r6 on outputs that were pasted into scripts.

use super::outputs;
use super::value::{Nature, Origin, Value};
use crate::graph::kinds::workflow::{Step, Uses};

const PULL: &[&str] = &["pull_request", "pull_request_target", "pull_request_review", "issue_comment"];
const ISSUE: &[&str] = &["issues", "issue_comment"];

/// Outputs that hold a stranger's text: the action in lower case, the output (`*` at an end stands for the rest),
/// what it is, whether it may hold line breaks, and the events that fill it. Lists of changed files hold names
/// that a pull request chose.
const STRANGERS: &[(&str, &str, &str, bool, &[&str])] = &[
    ("alessbell/pull-request-comment-branch", "head_ref", "a branch name", false, PULL),
    ("amannn/action-semantic-pull-request", "error_message", "a message with the title", true, PULL),
    ("eficode/resolve-pr-refs", "head_ref", "a branch name", false, PULL),
    ("gotson/pull-request-comment-branch", "head_ref", "a branch name", false, PULL),
    ("jitterbit/get-changed-files", "*", "names of changed files", false, PULL),
    ("khan/pull-request-comment-trigger", "comment_body", "a comment", true, ISSUE),
    ("lots0logs/gh-action-get-changed-files", "*", "names of changed files", false, PULL),
    ("peter-evans/find-comment", "comment-body", "a comment", true, ISSUE),
    ("peter-murray/issue-body-parser-action", "payload", "fields of an issue", true, ISSUE),
    ("peter-murray/issue-forms-body-parser", "payload", "fields of an issue", true, ISSUE),
    ("potiuk/get-workflow-origin", "sourceHeadBranch", "a branch name", false, &["workflow_run"]),
    ("stefanbuck/github-issue-parser", "*", "fields of an issue", true, ISSUE),
    ("trilom/file-changes-action", "*", "names of changed files", false, PULL),
    ("tzkhan/pr-update-action", "headMatch", "a branch name", false, PULL),
    ("xt0rted/pull-request-comment-branch", "head_ref", "a branch name", false, PULL),
    ("zentered/issue-forms-body-parser", "data", "fields of an issue", true, ISSUE),
];

/// The same for versions that do not escape what they hand on, with the first major version that does.
const UNESCAPED: &[(&str, &str, &str, u32)] = &[
    ("tj-actions/changed-files", "*_files", "names of changed files", 41),
    ("tj-actions/verify-changed-files", "changed_files", "names of changed files", 17),
    ("tj-actions/branch-names", "*branch", "a branch name", 9),
];

/// Last parts of names of outputs that hold ids, numbers and results with whoever hands them on.
const PLAIN: &[&str] =
    &["cache-hit", "sha", "digest", "imageid", "number", "pull-request-number", "issue-number", "exit_code"];

/// What an output of a step that uses an action from elsewhere holds; nothing where that is not known.
pub(super) fn output(step: &Step, name: &str) -> Value {
    let Some(Uses::Repository { owner, repo, reference, .. }) = step.uses.as_ref().map(|u| &u.value) else {
        return Value::default();
    };
    let action = format!("{owner}/{repo}").to_ascii_lowercase();
    let told = |what: &str, multiline: bool, events: &[&'static str]| {
        let context = format!("{what} by {action}");
        Value::of(Origin { multiline, events: events.to_vec(), ..Origin::new(Nature::Stranger, context) })
    };
    if action == "actions/github-script" {
        return step.input("script").map(|s| outputs::of_javascript(&s.value, name)).unwrap_or_default();
    }
    let known = STRANGERS.iter().find(|(own, output, ..)| *own == action && fits(output, name));
    if let Some((_, _, what, multiline, events)) = known {
        return told(what, *multiline, events);
    }
    if let Some((_, _, what, escaped)) = UNESCAPED.iter().find(|(own, output, ..)| *own == action && fits(output, name))
    {
        let major = reference.strip_prefix('v').and_then(|v| v.split('.').next()).and_then(|v| v.parse::<u32>().ok());
        let asked = step.input("safe_output").is_some_and(|v| v.value == "false");
        // Lists come with pull requests from anybody.
        return if asked || major.is_some_and(|major| major < *escaped) {
            told(what, false, PULL)
        } else {
            Value::default()
        };
    }
    // Names of filters: `true` or `false`; lists are escaped for the shell only where that is asked for.
    if action == "dorny/paths-filter" {
        let listed = step.input("list-files").map(|v| v.value.as_str());
        return match name.strip_suffix("_files") {
            Some(_) if matches!(listed, Some("csv" | "json")) => told("names of changed files", false, PULL),
            Some(_) => Value::new(Nature::Fixed, name),
            None if name.ends_with("_count") => Value::new(Nature::Identifier, name),
            None => Value::bool(),
        };
    }
    if action == "actions/checkout" && name == "commit" || PLAIN.contains(&name.to_ascii_lowercase().as_str()) {
        return Value::new(Nature::Identifier, name);
    }
    Value::default()
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(end) => name.ends_with(end),
        None => pattern.eq_ignore_ascii_case(name),
    }
}
