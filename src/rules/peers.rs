//! Which check of another tool looks for what a rule of ours looks for. Facts for people who move from one to
//! the other, and for comparing both; nothing is decided by it. Source: zizmor's documentation of its audits.

/// A rule of ours, the tool, and what it calls its check. One rule may stand for several checks, and one
/// check be spread over several rules.
pub const PEERS: &[(&str, &str, &str)] = &[
    ("broad-permissions", "zizmor", "excessive-permissions"),
    ("compromised-action", "zizmor", "known-vulnerable-actions"),
    ("environment-file-injection", "zizmor", "github-env"),
    ("lookalike-action", "zizmor", "typosquat-uses"),
    ("missing-permissions", "zizmor", "excessive-permissions"),
    ("script-injection", "zizmor", "template-injection"),
    ("template-expansion", "zizmor", "template-injection"),
    ("unlocked-npm-install", "zizmor", "adhoc-packages"),
    ("unpinned-action", "zizmor", "unpinned-uses"),
    ("unpinned-image", "zizmor", "unpinned-images"),
    ("untrusted-checkout", "zizmor", "dangerous-triggers"),
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
