//! Who pushes or fetches by the credentials that a checkout leaves behind.

use crate::commands::ActKind;
use crate::graph::kinds::workflow::{Script, Step, Uses};

/// Actions that push or fetch by what the checkout left. Lower case.
const USERS: &[&str] = &[
    "ad-m/github-push-action",
    "anothrnick/github-tag-action",
    "anthropics/claude-code-action",
    "benchmark-action/github-action-benchmark",
    "changesets/action",
    "cycjimmy/semantic-release-action",
    "dorny/paths-filter",
    "endbug/add-and-commit",
    "helm/chart-releaser-action",
    "marcoieni/release-plz-action",
    "peter-evans/create-pull-request",
    "pre-commit-ci/lite-action",
    "py-cov-action/python-coverage-comment-action",
    "python-semantic-release/python-semantic-release",
    "release-plz/action",
    "stefanzweifel/git-auto-commit-action",
    "tj-actions/changed-files",
];

/// Programs that commit, tag and push by themselves.
const PUSHERS: &[&str] = &[
    "semantic-release",
    "release-it",
    "lerna",
    "standard-version",
    "changeset",
    "np",
    "cargo-release",
    "release-plz",
    "bump2version",
    "bump-my-version",
    "mike",
    "mkdocs",
    "ghp-import",
    "gh-pages",
    "cz",
];

/// Words in the names of scripts that may push.
const NAMES: &[&str] = &["push", "release", "deploy", "publish", "bump", "tag", "commit", "sync", "update"];

/// Whether a step pushes or fetches, or may.
pub(super) fn step_uses_credentials(step: &Step) -> bool {
    if let Some(Uses::Repository { owner, repo, .. }) = step.uses.as_ref().map(|u| &u.value) {
        let name = format!("{owner}/{repo}").to_ascii_lowercase();
        return USERS.contains(&name.as_str());
    }
    let Some(script) = &step.run else { return false };
    let pushes = script.acts.iter().any(|act| matches!(&act.kind, ActKind::Publish { what: "git push", .. }));
    pushes || names_author(&script.text.text) || may_push(script) || calls_git(script)
}

/// Whether a script gives commits an author: whoever does means to push them, by a program of the tree if not here.
pub(super) fn names_author(script: &str) -> bool {
    script.lines().any(|line| line.contains("git config") && line.contains("user.email"))
}

/// Whether a script reaches the repository by git.
fn calls_git(script: &Script) -> bool {
    script.program.calls_of(|name| matches!(name, "git" | "gh")).any(|(_, call)| {
        let words = || call.args.iter().map(|a| a.text.as_str());
        let mut verbs = words().filter(|w| !w.starts_with('-'));
        match call.name.as_str() {
            "git" => words().any(|w| {
                matches!(w, "push" | "fetch" | "pull" | "submodule" | "lfs" | "ls-remote" | "clone" | "remote")
            }),
            "gh" => matches!(
                (verbs.next(), verbs.next()),
                (Some("pr"), Some("create" | "checkout")) | (Some("repo"), Some("sync"))
            ),
            _ => false,
        }
    })
}

/// Whether a script runs a program or a script of the tree that pushes by itself, or may.
pub(super) fn may_push(script: &Script) -> bool {
    let acts = script.acts.iter().any(|act| match &act.kind {
        ActKind::Publish { what, .. } => *what == "cargo release",
        ActKind::CallsScript { path, .. } => {
            let name = path.to_ascii_lowercase();
            NAMES.iter().any(|word| name.contains(word))
        }
        _ => false,
    });
    let named = |word: &str| PUSHERS.contains(&word.split('@').next().unwrap_or(word));
    let starts = |name: &str| {
        matches!(name, "npx" | "yarn" | "pnpm" | "bunx" | "uvx" | "pipx" | "uv" | "poetry" | "npm") || named(name)
    };
    acts || script.program.calls_of(starts).any(|(_, call)| {
        let mut words = call.args.iter().map(|a| a.text.as_str());
        match call.name.as_str() {
            "npx" | "yarn" | "pnpm" | "bunx" | "uvx" | "pipx" | "uv" | "poetry" => words.any(named),
            "npm" => words.next() == Some("version"),
            name => named(name),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_actions_are_sorted_and_lower_case() {
        assert!(USERS.is_sorted(), "{USERS:?}");
        assert!(USERS.iter().all(|name| *name == name.to_ascii_lowercase()));
    }
}
