//! Which check of another tool looks for what a rule of ours looks for. Facts for people who move from one to
//! the other, and for comparing both; nothing is decided by it. Source: zizmor's documentation of its
//! audits, glsec's of its rules.

/// A rule of ours, the tool, and what it calls its check. One rule may stand for several checks, and one
/// check be spread over several rules.
pub const PEERS: &[(&str, &str, &str)] = &[
    ("broad-permissions", "zizmor", "excessive-permissions"),
    ("compromised-action", "zizmor", "known-vulnerable-actions"),
    ("download-then-execute", "glsec", "GL020"),
    ("evaluated-variable", "glsec", "GL002"),
    ("extra-index", "glsec", "GL079"),
    ("fetch-to-interpreter", "glsec", "GL011"),
    ("lookalike-action", "zizmor", "typosquat-uses"),
    ("merge-request-checkout", "glsec", "GL044"),
    ("missing-permissions", "zizmor", "excessive-permissions"),
    ("script-injection", "zizmor", "template-injection"),
    ("token-to-another-host", "glsec", "GL004"),
    ("unlocked-npm-install", "zizmor", "adhoc-packages"),
    ("unpinned-action", "zizmor", "unpinned-uses"),
    ("unpinned-artifact", "glsec", "GL072"),
    ("unpinned-component", "glsec", "GL041"),
    ("unpinned-image", "glsec", "GL001"),
    ("unpinned-image", "zizmor", "unpinned-images"),
    ("unpinned-include", "glsec", "GL003"),
    ("untrusted-checkout", "zizmor", "dangerous-triggers"),
    ("unverified-git-clone", "glsec", "GL026"),
    ("verification-disabled", "glsec", "GL042"),
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
