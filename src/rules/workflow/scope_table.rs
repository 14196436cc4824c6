//! Which rights of the token known actions and commands need. Facts, from the README and `action.yml` of each and
//! the manual of GitHub's command line; lower case; November 2026.

/// A level of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// `read`.
    Read,
    /// `write`.
    Write,
}

use Level::{Read, Write};

/// What an action needs where it uses the job's own token.
type Wanted = &'static [(&'static str, Level)];

/// Sorted by action.
const NEEDS: &[(&str, Wanted)] = &[
    ("actions/attest", &[("attestations", Write), ("id-token", Write)]),
    ("actions/attest-build-provenance", &[("attestations", Write), ("id-token", Write)]),
    ("actions/attest-sbom", &[("attestations", Write), ("id-token", Write)]),
    ("actions/create-release", &[("contents", Write)]),
    ("actions/dependency-review-action", &[("contents", Read)]),
    ("actions/deploy-pages", &[("id-token", Write), ("pages", Write)]),
    ("actions/first-interaction", &[("issues", Write), ("pull-requests", Write)]),
    // Labels that are not there yet are made as those of issues.
    ("actions/labeler", &[("contents", Read), ("issues", Write), ("pull-requests", Write)]),
    // What it has seen it keeps in a cache, which it replaces.
    ("actions/stale", &[("actions", Write), ("issues", Write), ("pull-requests", Write)]),
    ("actions/upload-release-asset", &[("contents", Write)]),
    ("amannn/action-semantic-pull-request", &[("pull-requests", Read)]),
    ("dessant/lock-threads", &[("issues", Write), ("pull-requests", Write)]),
    ("dorny/paths-filter", &[("contents", Read), ("pull-requests", Read)]),
    ("endbug/add-and-commit", &[("contents", Write)]),
    ("enricomi/publish-unit-test-result-action", &[("checks", Write), ("pull-requests", Write)]),
    ("github/codeql-action/analyze", &[("actions", Read), ("contents", Read), ("security-events", Write)]),
    ("github/codeql-action/autobuild", &[("contents", Read)]),
    ("github/codeql-action/init", &[("actions", Read), ("contents", Read), ("security-events", Write)]),
    ("github/codeql-action/upload-sarif", &[("actions", Read), ("contents", Read), ("security-events", Write)]),
    ("golangci/golangci-lint-action", &[("contents", Read), ("pull-requests", Read)]),
    ("helm/chart-releaser-action", &[("contents", Write)]),
    ("jamesives/github-pages-deploy-action", &[("contents", Write)]),
    ("marocchino/sticky-pull-request-comment", &[("pull-requests", Write)]),
    ("mshick/add-pr-comment", &[("pull-requests", Write)]),
    ("ncipollo/release-action", &[("contents", Write)]),
    ("peaceiris/actions-gh-pages", &[("contents", Write)]),
    ("peter-evans/create-issue-from-file", &[("issues", Write)]),
    ("peter-evans/create-or-update-comment", &[("issues", Write), ("pull-requests", Write)]),
    ("peter-evans/create-pull-request", &[("contents", Write), ("pull-requests", Write)]),
    ("py-cov-action/python-coverage-comment-action", &[("contents", Write), ("pull-requests", Write)]),
    ("release-drafter/release-drafter", &[("contents", Write), ("pull-requests", Write)]),
    ("softprops/action-gh-release", &[("contents", Write)]),
    ("stefanzweifel/git-auto-commit-action", &[("contents", Write)]),
    ("svenstaro/upload-release-action", &[("contents", Write)]),
    ("taiki-e/create-gh-release-action", &[("contents", Write)]),
    ("taiki-e/upload-rust-binary-action", &[("contents", Write)]),
    ("tj-actions/changed-files", &[("contents", Read), ("pull-requests", Read)]),
];

/// Actions that do not use the job's token, or only to be let through faster. Sorted.
const NOTHING: &[&str] = &[
    "1password/load-secrets-action",
    "actions-rs/cargo",
    "actions-rs/toolchain",
    "actions/cache",
    "actions/cache/restore",
    "actions/cache/save",
    "actions/create-github-app-token",
    "actions/download-artifact",
    "actions/upload-artifact",
    "actions/upload-artifact/merge",
    "actions/upload-pages-artifact",
    "alisajid/random-wait-action",
    "aquasecurity/trivy-action",
    "astral-sh/ruff-action",
    "aws-actions/amazon-ecr-login",
    "cachix/cachix-action",
    "cargo-bins/cargo-binstall",
    "codecov/codecov-action",
    "crate-ci/typos",
    "docker/metadata-action",
    "dtolnay/install",
    "dtolnay/rust-toolchain",
    "easimon/maximize-build-space",
    "embarkstudios/cargo-deny-action",
    "google-github-actions/upload-cloud-storage",
    "hadolint/hadolint-action",
    "helm/kind-action",
    "hynek/build-and-inspect-python-package",
    "ilammy/msvc-dev-cmd",
    "jlumbroso/free-disk-space",
    "mozilla-actions/sccache-action",
    "nick-fields/retry",
    "obi1kenobi/cargo-semver-checks-action",
    "pnpm/action-setup",
    "pre-commit/action",
    "pyo3/maturin-action",
    "pypa/cibuildwheel",
    "pypa/gh-action-pip-audit",
    "re-actors/alls-green",
    "sigstore/cosign-installer",
    "slackapi/slack-github-action",
    "step-security/harden-runner",
    "swatinem/rust-cache",
    "taiki-e/cache-cargo-install-action",
    "taiki-e/install-action",
    "trufflesecurity/trufflehog",
];

/// Inputs by which an action needs more than the tables say. Sorted.
const MORE: &[(&str, &str)] = &[
    ("actions/dependency-review-action", "comment-summary-in-pr"),
    ("actions/stale", "delete-branch"),
    ("amannn/action-semantic-pull-request", "wip"),
    ("aquasecurity/trivy-action", "github-pat"),
    ("codecov/codecov-action", "use_oidc"),
    ("golangci/golangci-lint-action", "annotations"),
    ("pre-commit/action", "token"),
];

/// The inputs by which an action needs more than the tables say.
pub(super) fn asks_for_more(action: &str) -> impl Iterator<Item = &'static str> {
    MORE.iter().filter(move |(name, _)| *name == action).map(|(_, input)| *input)
}

/// What an action needs of the job's token, where it needs any.
pub(super) fn of(action: &str) -> Option<Wanted> {
    NEEDS.binary_search_by(|(name, _)| (*name).cmp(action)).ok().and_then(|at| NEEDS.get(at)).map(|(_, wanted)| *wanted)
}

/// Whether an action is in one of the tables.
pub(super) fn is_known(action: &str) -> bool {
    of(action).is_some() || needs_nothing(action)
}

/// Whether an action is known not to need the token, or sets a tool up.
pub(super) fn needs_nothing(action: &str) -> bool {
    let last = action.rsplit('/').next().unwrap_or(action);
    let sets_up = ["setup-", "install-", "ghaction-setup-"].iter().any(|start| last.starts_with(start));
    sets_up || NOTHING.binary_search(&action).is_ok()
}

/// Whether an action uses a token it is handed only to read what is public.
pub(super) fn only_reads(action: &str) -> bool {
    const READERS: &[&str] = &["cargo-bins/cargo-binstall", "taiki-e/install-action"];
    let last = action.rsplit('/').next().unwrap_or(action);
    last.starts_with("setup-") || READERS.contains(&action)
}

/// What a call of GitHub's command line needs: none where that is not known, an inner none where it needs nothing.
/// `words` are its arguments without options.
pub(super) fn of_gh(words: &[&str]) -> Option<Option<(&'static str, Level)>> {
    let found = match words {
        ["release", "view" | "list" | "download", ..] | ["repo", "clone" | "view", ..] => ("contents", Read),
        ["release", "create" | "upload" | "edit" | "delete" | "delete-asset", ..] => ("contents", Write),
        ["pr", "view" | "list" | "diff" | "checkout" | "status", ..] => ("pull-requests", Read),
        ["pr", "comment" | "edit" | "review" | "close" | "reopen" | "ready", ..] => ("pull-requests", Write),
        ["issue", "view" | "list" | "status", ..] => ("issues", Read),
        ["issue", "create" | "comment" | "edit" | "close" | "reopen", ..] => ("issues", Write),
        ["label", "create" | "edit" | "delete", ..] => ("issues", Write),
        ["run", "view" | "list" | "download" | "watch", ..] | ["workflow", "view" | "list", ..] => ("actions", Read),
        ["run", "rerun" | "cancel" | "delete", ..] | ["workflow", "run" | "enable" | "disable", ..] => {
            ("actions", Write)
        }
        ["cache", "list", ..] => ("actions", Read),
        ["cache", "delete", ..] => ("actions", Write),
        ["auth" | "config" | "--version" | "version" | "extension" | "alias", ..] => return Some(None),
        _ => return None,
    };
    Some(Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_apart() {
        assert!(NEEDS.is_sorted_by_key(|(name, _)| *name));
        assert!(NOTHING.is_sorted());
        for (name, wanted) in NEEDS {
            assert!(!NOTHING.contains(name), "{name}");
            assert!(wanted.is_sorted_by_key(|(scope, _)| *scope), "{name}");
        }
    }

    #[test]
    fn calls_of_the_command_line() {
        for (words, wanted) in [
            (vec!["release", "create", "v1"], Some(Some(("contents", Write)))),
            (vec!["pr", "view"], Some(Some(("pull-requests", Read)))),
            (vec!["auth", "status"], Some(None)),
            (vec!["api", "repos/x"], None),
            (vec!["pr", "merge"], None),
        ] {
            assert_eq!(of_gh(&words), wanted, "{words:?}");
        }
        assert!(needs_nothing("actions/setup-python") && needs_nothing("astral-sh/setup-uv"));
        assert!(!needs_nothing("actions/github-script"));
    }
}
