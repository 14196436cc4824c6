//! Which check of another tool looks for what a rule of ours looks for. Facts for people who move from one to
//! the other, and for comparing both; nothing is decided by it. Sources: zizmor's documentation of its audits,
//! and that of the rules of poutine, octoscan, glsec and hadolint.

/// A rule of ours, the tool, and what it calls its check. One rule may stand for several checks, and one
/// check be spread over several rules.
pub const PEERS: &[(&str, &str, &str)] = &[
    ("adhoc-package", "glsec", "GL022"),
    ("adhoc-package", "hadolint", "DL3028"),
    ("adhoc-package", "zizmor", "adhoc-packages"),
    ("archived-action", "zizmor", "archived-uses"),
    ("broad-permissions", "zizmor", "excessive-permissions"),
    ("cache-poisoning", "zizmor", "cache-poisoning"),
    ("compromised-action", "zizmor", "known-vulnerable-actions"),
    ("confused-auto-merge", "poutine", "confused_deputy_auto_merge"),
    ("confused-auto-merge", "zizmor", "bot-conditions"),
    ("dangerous-trigger", "zizmor", "dangerous-triggers"),
    ("debug-logging", "poutine", "debug_enabled"),
    ("download-then-execute", "glsec", "GL020"),
    ("environment-file-injection", "zizmor", "github-env"),
    ("evaluated-variable", "glsec", "GL002"),
    ("extra-index", "glsec", "GL079"),
    ("fetch-to-interpreter", "glsec", "GL011"),
    ("forbidden-action", "zizmor", "forbidden-uses"),
    ("hardcoded-registry-password", "zizmor", "hardcoded-container-credentials"),
    ("impostor-commit", "zizmor", "impostor-commit"),
    ("inherited-secrets", "zizmor", "secrets-inherit"),
    ("insecure-commands", "zizmor", "insecure-commands"),
    ("insecure-hook-source", "zizmor", "insecure-url-scheme"),
    ("local-action-path", "zizmor", "self-repository"),
    ("long-lived-publish-token", "zizmor", "use-trusted-publishing"),
    ("lookalike-action", "zizmor", "typosquat-uses"),
    ("merge-request-checkout", "glsec", "GL044"),
    ("missing-concurrency", "zizmor", "concurrency-limits"),
    ("missing-permissions", "zizmor", "excessive-permissions"),
    ("missing-update-cooldown", "zizmor", "dependabot-cooldown"),
    ("misused-feature", "zizmor", "misfeature"),
    ("obfuscated-workflow", "zizmor", "obfuscation"),
    ("overprovisioned-secrets", "poutine", "job_all_secrets"),
    ("overprovisioned-secrets", "zizmor", "obfuscation"),
    ("overprovisioned-secrets", "zizmor", "overprovisioned-secrets"),
    ("persisted-credentials", "zizmor", "artipacked"),
    ("ref-confusion", "zizmor", "ref-confusion"),
    ("script-injection", "zizmor", "template-injection"),
    ("secrets-outside-environment", "zizmor", "secrets-outside-env"),
    ("self-hosted-runner", "poutine", "pr_runs_on_self_hosted"),
    ("self-hosted-runner", "zizmor", "self-hosted-runner"),
    ("spoofable-actor", "zizmor", "bot-conditions"),
    ("stale-action-pin", "zizmor", "stale-action-refs"),
    ("superfluous-action", "zizmor", "superfluous-actions"),
    ("template-expansion", "zizmor", "template-injection"),
    ("token-to-another-host", "glsec", "GL004"),
    ("undocumented-permissions", "zizmor", "undocumented-permissions"),
    ("unlocked-go-install", "hadolint", "DL3062"),
    ("unlocked-install", "glsec", "GL023"),
    ("unlocked-npm-install", "hadolint", "DL3016"),
    ("unlocked-npm-install", "zizmor", "adhoc-packages"),
    ("unnamed-workflow", "zizmor", "anonymous-definition"),
    ("unpinned-action", "zizmor", "unpinned-uses"),
    ("unpinned-artifact", "glsec", "GL072"),
    ("unpinned-component", "glsec", "GL041"),
    ("unpinned-image", "glsec", "GL001"),
    ("unpinned-image", "zizmor", "unpinned-images"),
    ("unpinned-include", "glsec", "GL003"),
    ("unpinned-inside-pinned", "poutine", "unpinnable_action"),
    ("unpinned-requirement", "hadolint", "DL3013"),
    ("unpinned-tool", "zizmor", "unpinned-tools"),
    ("unredacted-secrets", "zizmor", "unredacted-secrets"),
    ("unscoped-app-token", "zizmor", "github-app"),
    ("unsound-condition", "poutine", "if_always_true"),
    ("unsound-condition", "zizmor", "unsound-condition"),
    ("unsound-contains", "zizmor", "unsound-contains"),
    ("unsound-ternary", "zizmor", "unsound-ternary"),
    ("untrusted-artifact", "octoscan", "dangerous-artefact"),
    ("untrusted-checkout", "octoscan", "dangerous-checkout"),
    ("untrusted-checkout", "poutine", "untrusted_checkout_exec"),
    ("untrusted-checkout", "zizmor", "dangerous-triggers"),
    ("unverified-git-clone", "glsec", "GL026"),
    ("unversioned-system-package", "hadolint", "DL3008"),
    ("unversioned-system-package", "hadolint", "DL3018"),
    ("unversioned-system-package", "hadolint", "DL3033"),
    ("unversioned-system-package", "hadolint", "DL3037"),
    ("unversioned-system-package", "hadolint", "DL3041"),
    ("update-executes-code", "zizmor", "dependabot-execution"),
    ("verification-disabled", "glsec", "GL042"),
    ("version-comment-mismatch", "zizmor", "ref-version-mismatch"),
    ("vulnerable-action", "zizmor", "known-vulnerable-actions"),
    ("written-token", "glsec", "GL006"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_names_a_rule_and_stands_once() {
        for (rule, tool, check) in PEERS {
            assert!(crate::rules::find(rule).is_some(), "{rule}");
            assert!(!tool.is_empty() && !check.is_empty());
        }
        let mut sorted = PEERS.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted, PEERS, "sorted, each once");
    }
}
