//! What each context of GitHub holds, and who writes it. Sources: GitHub Docs, "Contexts reference" and
//! "Webhook events and payloads"; git-check-ref-format(1); GitHub Security Lab, "Untrusted input".

use super::value::{Nature, Origin};

const PULL: &[&str] = &["pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment"];
const ISSUE: &[&str] = &["issues", "issue_comment"];
const COMMENT: &[&str] = &["issue_comment", "discussion_comment", "pull_request_review_comment", "commit_comment"];
const DISCUSSION: &[&str] = &["discussion", "discussion_comment"];
const RUN: &[&str] = &["workflow_run"];
const PUSH: &[&str] = &["push"];

/// Texts of strangers: contexts, whether they may hold line breaks, and the events that fill them. Names of
/// branches hold no spaces, but `$(...)`, `;` and `"` are allowed in them (git-check-ref-format). What a merged
/// commit says was written by whoever proposed it. `*` stands for a position.
const STRANGERS: &[(&str, bool, &[&str])] = &[
    ("github.head_ref", false, &["pull_request", "pull_request_target"]),
    ("github.event.pull_request.title", false, PULL),
    ("github.event.pull_request.body", true, PULL),
    ("github.event.pull_request.head.ref", false, PULL),
    ("github.event.pull_request.head.label", false, PULL),
    ("github.event.pull_request.head.repo.default_branch", false, PULL),
    ("github.event.pull_request.head.repo.description", false, PULL),
    ("github.event.pull_request.head.repo.homepage", false, PULL),
    ("github.event.changes.title.from", false, &["issues", "pull_request", "pull_request_target"]),
    ("github.event.changes.body.from", true, &["issues", "issue_comment", "pull_request", "pull_request_target"]),
    ("github.event.issue.title", false, ISSUE),
    ("github.event.issue.body", true, ISSUE),
    ("github.event.comment.body", true, COMMENT),
    ("github.event.comment.path", false, COMMENT),
    ("github.event.review.body", true, &["pull_request_review"]),
    ("github.event.review_comment.body", true, &["pull_request_review_comment"]),
    ("github.event.discussion.title", false, DISCUSSION),
    ("github.event.discussion.body", true, DISCUSSION),
    ("github.event.forkee.description", false, &["fork"]),
    ("github.event.forkee.homepage", false, &["fork"]),
    ("github.event.forkee.default_branch", false, &["fork"]),
    ("github.event.pages.*.page_name", false, &["gollum"]),
    ("github.event.pages.*.title", false, &["gollum"]),
    ("github.event.pages.*.summary", false, &["gollum"]),
    ("github.event.workflow_run.head_branch", false, RUN),
    ("github.event.workflow_run.display_title", false, RUN),
    ("github.event.workflow_run.head_commit.message", true, RUN),
    ("github.event.workflow_run.head_commit.author.name", false, RUN),
    ("github.event.workflow_run.head_commit.author.email", false, RUN),
    ("github.event.workflow_run.head_commit.committer.name", false, RUN),
    ("github.event.workflow_run.head_commit.committer.email", false, RUN),
    ("github.event.workflow_run.head_repository.description", false, RUN),
    ("github.event.workflow_run.pull_requests.*.head.ref", false, RUN),
    ("github.event.head_commit.message", true, PUSH),
    ("github.event.head_commit.author.name", false, PUSH),
    ("github.event.head_commit.author.email", false, PUSH),
    ("github.event.head_commit.committer.name", false, PUSH),
    ("github.event.head_commit.committer.email", false, PUSH),
    ("github.event.head_commit.added.*", false, PUSH),
    ("github.event.head_commit.modified.*", false, PUSH),
    ("github.event.head_commit.removed.*", false, PUSH),
    ("github.event.commits.*.message", true, PUSH),
    ("github.event.commits.*.author.name", false, PUSH),
    ("github.event.commits.*.author.email", false, PUSH),
    ("github.event.commits.*.committer.name", false, PUSH),
    ("github.event.commits.*.committer.email", false, PUSH),
];

/// Contexts of `github` and `runner` that hold what GitHub itself makes up: numbers, commits, names of
/// accounts and repositories (letters, digits, `-`, `_`, `.`), and folders of the runner.
const FIXED: &[(&str, Nature)] = &[
    ("github.action", Nature::Fixed),
    ("github.action_path", Nature::Fixed),
    ("github.action_repository", Nature::Fixed),
    ("github.action_status", Nature::Identifier),
    ("github.actor", Nature::Fixed),
    ("github.actor_id", Nature::Identifier),
    ("github.api_url", Nature::Fixed),
    ("github.env", Nature::Fixed),
    ("github.event_name", Nature::Identifier),
    ("github.event_path", Nature::Fixed),
    ("github.graphql_url", Nature::Fixed),
    ("github.job", Nature::Fixed),
    ("github.output", Nature::Fixed),
    ("github.path", Nature::Fixed),
    ("github.ref_protected", Nature::Identifier),
    ("github.ref_type", Nature::Identifier),
    ("github.repository", Nature::Fixed),
    ("github.repository_id", Nature::Identifier),
    ("github.repository_name", Nature::Fixed),
    ("github.repository_owner", Nature::Fixed),
    ("github.repository_owner_id", Nature::Identifier),
    ("github.repository_visibility", Nature::Identifier),
    ("github.repositoryurl", Nature::Fixed),
    ("github.retention_days", Nature::Identifier),
    ("github.run_attempt", Nature::Identifier),
    ("github.run_id", Nature::Identifier),
    ("github.run_number", Nature::Identifier),
    ("github.secret_source", Nature::Identifier),
    ("github.server_url", Nature::Fixed),
    ("github.sha", Nature::Identifier),
    ("github.step_summary", Nature::Fixed),
    ("github.token", Nature::Secret),
    ("github.triggering_actor", Nature::Fixed),
    ("github.workflow_sha", Nature::Identifier),
    ("github.workspace", Nature::Fixed),
    ("github.workflow", Nature::Constant),
    ("github.workflow_ref", Nature::Maintainer),
    ("github.action_ref", Nature::Maintainer),
    ("github.ref", Nature::Maintainer),
    ("github.ref_name", Nature::Maintainer),
    ("github.base_ref", Nature::Maintainer),
    ("runner.arch", Nature::Identifier),
    ("runner.debug", Nature::Identifier),
    ("runner.environment", Nature::Identifier),
    ("runner.os", Nature::Identifier),
    ("runner.name", Nature::Fixed),
    ("runner.temp", Nature::Fixed),
    ("runner.tool_cache", Nature::Fixed),
    ("runner.workspace", Nature::Fixed),
    ("job.status", Nature::Identifier),
    ("job.container.id", Nature::Identifier),
    ("job.container.network", Nature::Fixed),
    ("job.workflow_sha", Nature::Identifier),
    ("strategy.fail-fast", Nature::Identifier),
    ("strategy.job-index", Nature::Identifier),
    ("strategy.job-total", Nature::Identifier),
    ("strategy.max-parallel", Nature::Identifier),
    ("github.event.action", Nature::Identifier),
    ("github.event.before", Nature::Identifier),
    ("github.event.after", Nature::Identifier),
    ("github.event.compare", Nature::Fixed),
    ("github.event.schedule", Nature::Constant),
    ("github.event.workflow", Nature::Constant),
    ("github.event.ref_type", Nature::Identifier),
];

/// Last names of a context of `github.event` that hold nothing a person chose freely.
const LEAVES: &[(&str, Nature)] = &[
    ("archived", Nature::Identifier),
    ("author_association", Nature::Identifier),
    ("additions", Nature::Identifier),
    ("changed_files", Nature::Identifier),
    ("comments", Nature::Identifier),
    ("commits", Nature::Identifier),
    ("conclusion", Nature::Identifier),
    ("created", Nature::Identifier),
    ("deleted", Nature::Identifier),
    ("deletions", Nature::Identifier),
    ("digest", Nature::Identifier),
    ("draft", Nature::Identifier),
    ("event", Nature::Identifier),
    ("fork", Nature::Identifier),
    ("forced", Nature::Identifier),
    ("full_name", Nature::Fixed),
    ("href", Nature::Fixed),
    ("id", Nature::Identifier),
    ("locked", Nature::Identifier),
    ("login", Nature::Fixed),
    ("mergeable", Nature::Identifier),
    ("mergeable_state", Nature::Identifier),
    ("merged", Nature::Identifier),
    ("node_id", Nature::Identifier),
    ("number", Nature::Identifier),
    ("prerelease", Nature::Identifier),
    ("private", Nature::Identifier),
    ("run_attempt", Nature::Identifier),
    ("run_number", Nature::Identifier),
    ("sha", Nature::Identifier),
    ("site_admin", Nature::Identifier),
    ("size", Nature::Identifier),
    ("state", Nature::Identifier),
    ("state_reason", Nature::Identifier),
    ("status", Nature::Identifier),
    ("type", Nature::Identifier),
    ("url", Nature::Fixed),
    ("visibility", Nature::Identifier),
];

/// Ends of such names.
const ENDS: &[(&str, Nature)] = &[
    ("_at", Nature::Identifier),
    ("_count", Nature::Identifier),
    ("_id", Nature::Identifier),
    ("_sha", Nature::Identifier),
    ("_url", Nature::Fixed),
];

/// What a context of `github`, `runner`, `job` or `strategy` holds, by its names in lower case with `*` for
/// positions. `None` where it is not one of these. A whole object yields its texts only through `toJSON`.
pub(super) fn origin(name: &str, json: bool) -> Option<Origin> {
    let root = name.split('.').next().unwrap_or("");
    if !matches!(root, "github" | "runner" | "job" | "strategy") {
        return None;
    }
    let of = |nature| Some(Origin::new(nature, name));
    if let Some((_, multiline, events)) = STRANGERS.iter().find(|(context, ..)| *context == name) {
        // JSON writes a line break as `\n`.
        let multiline = *multiline && !json;
        return Some(Origin { multiline, events: events.to_vec(), ..Origin::new(Nature::Stranger, name) });
    }
    if let Some((_, nature)) = FIXED.iter().find(|(context, _)| *context == name) {
        return of(*nature);
    }
    if root != "github" {
        return of(Nature::Unknown);
    }
    let inside = |context: &str| context.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    let mut within = STRANGERS.iter().filter(|(context, ..)| inside(context)).peekable();
    if within.peek().is_some() {
        if !json && !name.ends_with(".*") {
            // Without `toJSON` an object becomes the word `Object`.
            return of(Nature::Constant);
        }
        let mut events: Vec<&'static str> = within.flat_map(|(_, _, events)| events.iter().copied()).collect();
        events.sort_unstable();
        events.dedup();
        let whole = name == "github" || name == "github.event";
        let events = if whole { Vec::new() } else { events };
        return Some(Origin { multiline: true, events, ..Origin::new(Nature::Stranger, name) });
    }
    if name == "github.event.inputs" || name.starts_with("github.event.inputs.") {
        return of(Nature::Maintainer);
    }
    let leaf = name.rsplit('.').next().unwrap_or("");
    if let Some((_, nature)) = LEAVES.iter().find(|(known, _)| *known == leaf) {
        return of(*nature);
    }
    if let Some((_, nature)) = ENDS.iter().find(|(end, _)| leaf.ends_with(end)) {
        return of(*nature);
    }
    // Names of repositories are of few characters; names of all else here (labels, milestones, releases, tags,
    // environments) are given by those who may write.
    if leaf == "name" && (name.ends_with("repository.name") || name.ends_with("repo.name")) {
        return of(Nature::Fixed);
    }
    of(Nature::Maintainer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_tell_who_writes_them() {
        for (name, json, expected) in [
            ("github.head_ref", false, Some(Nature::Stranger)),
            ("github.event.pull_request.user.login", false, Some(Nature::Fixed)),
            ("github.event.pull_request.head.sha", false, Some(Nature::Identifier)),
            ("github.event.pull_request.base.ref", false, Some(Nature::Maintainer)),
            ("github.event.pull_request.html_url", false, Some(Nature::Fixed)),
            ("github.event.pull_request", false, Some(Nature::Constant)),
            ("github.event.pull_request", true, Some(Nature::Stranger)),
            ("github.event.pull_request.labels", true, Some(Nature::Maintainer)),
            ("github.event.pull_request.labels.*.name", false, Some(Nature::Maintainer)),
            ("github.event.repository.name", false, Some(Nature::Fixed)),
            ("github.event.release.tag_name", false, Some(Nature::Maintainer)),
            ("github.event.client_payload.text", false, Some(Nature::Maintainer)),
            ("github.event.commits.*.message", false, Some(Nature::Stranger)),
            ("github.event.inputs.name", false, Some(Nature::Maintainer)),
            ("github.token", false, Some(Nature::Secret)),
            ("github.ref_name", false, Some(Nature::Maintainer)),
            ("runner.os", false, Some(Nature::Identifier)),
            ("steps.a.outputs.b", false, None),
        ] {
            assert_eq!(origin(name, json).map(|o| o.nature), expected, "{name}");
        }
    }
}
