//! Steps that are known to run nothing of what lies in the workspace.

use super::steps::Placed;
use crate::parse::shell::Invocation;

/// Owners whose actions bring, store, report or sign in, and run nothing of the tree but what the table of tools
/// names.
const OWNERS: &[&str] =
    &["actions", "docker", "github", "aws-actions", "google-github-actions", "azure", "peter-evans"];

/// Other actions that only read: changed files, labels, comments, titles.
const ACTIONS: &[&str] = &[
    "dorny/paths-filter",
    "tj-actions/changed-files",
    "step-security/changed-files",
    "step-security/harden-runner",
    "marocchino/sticky-pull-request-comment",
    "amannn/action-semantic-pull-request",
    "astral-sh/setup-uv",
    "astral-sh/ruff-action",
    "psf/black",
    "crate-ci/typos",
    "codespell-project/actions-codespell",
    "dtolnay/rust-toolchain",
    "anthropics/claude-code-action",
    "pnpm/action-setup",
    "oven-sh/setup-bun",
    "slackapi/slack-github-action",
    "thollander/actions-comment-pull-request",
    "mshick/add-pr-comment",
    "codecov/codecov-action",
    "trufflesecurity/trufflehog",
    "gitleaks/gitleaks-action",
    "returntocorp/semgrep-action",
    "semgrep/semgrep-action",
];

/// Programs of scripts that only read or report.
const PROGRAMS: &[&str] = &[
    "git",
    "gh",
    "echo",
    "printf",
    "cat",
    "ls",
    "grep",
    "sed",
    "awk",
    "jq",
    "yq",
    "curl",
    "wget",
    "diff",
    "find",
    "head",
    "tail",
    "sort",
    "uniq",
    "wc",
    "cut",
    "tr",
    "tee",
    "test",
    "[",
    "[[",
    "mkdir",
    "cp",
    "mv",
    "rm",
    "cd",
    "exit",
    "set",
    "export",
    "true",
    "false",
    "date",
    "sleep",
    "read",
    "tar",
    "zip",
    "unzip",
    "gzip",
    "basename",
    "dirname",
    "xargs",
    "sha256sum",
    "pwd",
    "local",
    "return",
    "aws",
    "gcloud",
    "az",
    "kubectl",
    "ruff",
    "black",
    "shopt",
    "declare",
    "seq",
    "exec",
    "pip",
    "apt-get",
    "sudo",
    "touch",
    "chmod",
];

/// Whether a step is known to run nothing of the workspace, or does nothing by itself.
pub(super) fn only_reads(placed: &Placed<'_>) -> bool {
    if let Some((action, _)) = placed.action() {
        let mut parts = action.splitn(3, '/');
        let owner = parts.next().unwrap_or("");
        let name = parts.next().map(|repo| format!("{owner}/{repo}")).unwrap_or_default();
        return OWNERS.contains(&owner) || ACTIONS.contains(&name.as_str());
    }
    let Some(script) = &placed.step.run else { return true };
    script.program.commands.iter().all(|command| {
        Invocation::of(&script.program, command).is_none_or(|call| PROGRAMS.contains(&call.name.as_str()))
    })
}
