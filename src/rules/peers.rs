//! Which check of another tool looks for what a rule of ours looks for. Facts for people who move from one to
//! the other, and for comparing both; nothing is decided by it. Sources: zizmor's documentation of its audits;
//! poutine's documentation of its rules.

/// A rule of ours, the tool, and what it calls its check. One rule may stand for several checks, and one
/// check be spread over several rules.
pub const PEERS: &[(&str, &str, &str)] = &[
    ("adhoc-package", "zizmor", "adhoc-packages"),
    ("archived-action", "zizmor", "archived-uses"),
    ("broad-permissions", "zizmor", "excessive-permissions"),
    ("cache-poisoning", "zizmor", "cache-poisoning"),
    ("compromised-action", "zizmor", "known-vulnerable-actions"),
    ("dangerous-trigger", "zizmor", "dangerous-triggers"),
    ("environment-file-injection", "zizmor", "github-env"),
    ("forbidden-action", "zizmor", "forbidden-uses"),
    ("local-action-path", "zizmor", "self-repository"),
    ("long-lived-publish-token", "zizmor", "use-trusted-publishing"),
    ("insecure-hook-source", "zizmor", "insecure-url-scheme"),
    ("impostor-commit", "zizmor", "impostor-commit"),
    ("lookalike-action", "zizmor", "typosquat-uses"),
    ("missing-concurrency", "zizmor", "concurrency-limits"),
    ("missing-permissions", "zizmor", "excessive-permissions"),
    ("persisted-credentials", "zizmor", "artipacked"),
    ("missing-update-cooldown", "zizmor", "dependabot-cooldown"),
    ("script-injection", "zizmor", "template-injection"),
    ("superfluous-action", "zizmor", "superfluous-actions"),
    ("template-expansion", "zizmor", "template-injection"),
    ("undocumented-permissions", "zizmor", "undocumented-permissions"),
    ("ref-confusion", "zizmor", "ref-confusion"),
    ("script-injection", "zizmor", "template-injection"),
    ("stale-action-pin", "zizmor", "stale-action-refs"),
    ("unlocked-npm-install", "zizmor", "adhoc-packages"),
    ("unnamed-workflow", "zizmor", "anonymous-definition"),
    ("unpinned-action", "zizmor", "unpinned-uses"),
    ("unpinned-image", "zizmor", "unpinned-images"),
    ("unpinned-tool", "zizmor", "unpinned-tools"),
    ("untrusted-artifact", "octoscan", "dangerous-artefact"),
    ("untrusted-checkout", "octoscan", "dangerous-checkout"),
    ("untrusted-checkout", "poutine", "untrusted_checkout_exec"),
    ("untrusted-checkout", "zizmor", "dangerous-triggers"),
    ("update-executes-code", "zizmor", "dependabot-execution"),
    ("unpinned-inside-pinned", "poutine", "unpinnable_action"),
    ("untrusted-checkout", "zizmor", "dangerous-triggers"),
    ("version-comment-mismatch", "zizmor", "ref-version-mismatch"),
    ("vulnerable-action", "zizmor", "known-vulnerable-actions"),
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
