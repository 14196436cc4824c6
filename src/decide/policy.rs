//! The built-in policy. It is in force where no other is, and every report names it.

use crate::audit::Decision;
use crate::diag::fingerprint::{digest, hex};
use crate::diag::{Confidence, Impact, Severity};
use crate::source::Role;

/// Name of the policy.
pub const NAME: &str = "built-in policy";

/// The policy in words; its digest is the policy's identity, so a change of meaning must change
/// this text.
pub const TEXT: &str = "custody/policy/built-in/3
block: malicious code, in any role but fixture and vendored copies
block: code a stranger can get executed; unverified or movable code that reaches secrets, a release or an image: confidence medium or higher, roles product and ci
block: severity high or higher with confidence high in the product; a known flaw only if it is critical
advise: severity medium or higher with confidence medium or higher, roles product, ci and development
advise: severity critical in any role but fixture and vendored copies; malicious code in those
note: the rest, and what a comment in the file excuses, but for malicious code
incomplete: a file of a known kind that was not read in full, unless it is a fixture or a vendored copy that nothing reaches; a look-up that could not be answered; a rule that failed; no index; nothing to look at
";

/// What the policy judges.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What the affected thing is for.
    pub role: Role,
    /// What it reaches.
    pub impact: Option<Impact>,
    /// Whether an advisory is behind it. New ones appear every day and hold up whoever comes next, so
    /// short of a critical one they advise.
    pub known_flaw: bool,
}

/// The decision, and why where it blocks.
#[must_use]
pub fn decide(case: Case) -> (Decision, Option<&'static str>) {
    let live = matches!(case.role, Role::Product | Role::Ci);
    match case.impact {
        Some(Impact::Malicious) if !case.role.is_set_aside() => {
            return (Decision::Block, Some(Impact::Malicious.as_str()));
        }
        Some(impact) if live && case.confidence >= Confidence::Medium && impact != Impact::Malicious => {
            return (Decision::Block, Some(impact.as_str()));
        }
        _ => {}
    }
    let grave = if case.known_flaw { Severity::Critical } else { Severity::High };
    if case.role == Role::Product && case.severity >= grave && case.confidence == Confidence::High {
        let because = if case.known_flaw { "a critical flaw in the product" } else { "high severity in the product" };
        return (Decision::Block, Some(because));
    }
    let near = live || case.role == Role::Development;
    if near && case.severity >= Severity::Medium && case.confidence >= Confidence::Medium {
        return (Decision::Advise, None);
    }
    if case.severity == Severity::Critical && (!case.role.is_set_aside() || case.impact == Some(Impact::Malicious)) {
        return (Decision::Advise, None);
    }
    (Decision::Note, None)
}

/// What is added to the policy where ignore files of other tools are honoured.
const HONOURED: &str = "note: advisories that deny.toml, audit.toml or osv-scanner.toml ignore, but for malicious code
";

/// What is added where comments in files excuse nothing.
const NO_COMMENTS: &str = "comments in files excuse nothing
";

/// The name of the policy in force.
#[must_use]
pub fn name(honours_ignores: bool, ignores_no_comments: bool) -> String {
    let files = if honours_ignores { ", ignore files honoured" } else { "" };
    let comments = if ignores_no_comments { ", inline ignores off" } else { "" };
    format!("{NAME}{files}{comments}")
}

/// SHA-256 of the policy, hex.
#[must_use]
pub fn policy_digest(honours_ignores: bool, ignores_no_comments: bool) -> String {
    let added = [(honours_ignores, HONOURED), (ignores_no_comments, NO_COMMENTS)];
    let parts: Vec<&str> =
        std::iter::once(TEXT).chain(added.into_iter().filter(|(is_in, _)| *is_in).map(|(_, text)| text)).collect();
    hex(&digest(&parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(severity: Severity, confidence: Confidence, role: Role, impact: Option<Impact>) -> Decision {
        decide(Case { severity, confidence, role, impact, known_flaw: false }).0
    }

    #[test]
    fn a_known_flaw_blocks_only_if_it_is_critical() {
        let flaw =
            |severity, confidence, role| decide(Case { severity, confidence, role, impact: None, known_flaw: true }).0;
        assert_eq!(flaw(Severity::Critical, Confidence::High, Role::Product), Decision::Block);
        assert_eq!(flaw(Severity::Critical, Confidence::Medium, Role::Product), Decision::Advise);
        assert_eq!(flaw(Severity::Critical, Confidence::High, Role::Ci), Decision::Advise);
        assert_eq!(flaw(Severity::High, Confidence::High, Role::Product), Decision::Advise);
    }

    #[test]
    fn the_words_of_the_policy_hold() {
        use Confidence as C;
        use Severity as S;
        assert_eq!(case(S::Low, C::Low, Role::Test, Some(Impact::Malicious)), Decision::Block);
        assert_eq!(case(S::Critical, C::High, Role::Fixture, Some(Impact::Malicious)), Decision::Advise);
        assert_eq!(case(S::Critical, C::High, Role::Fixture, Some(Impact::StrangerExecutes)), Decision::Note);
        assert_eq!(case(S::Critical, C::High, Role::Example, None), Decision::Advise);
        assert_eq!(case(S::High, C::Medium, Role::Ci, Some(Impact::ReachesSecrets)), Decision::Block);
        assert_eq!(case(S::High, C::Low, Role::Ci, Some(Impact::ReachesSecrets)), Decision::Note);
        assert_eq!(case(S::High, C::High, Role::Product, None), Decision::Block);
        assert_eq!(case(S::High, C::High, Role::Ci, None), Decision::Advise);
        assert_eq!(case(S::High, C::High, Role::Fixture, None), Decision::Note);
        assert_eq!(case(S::Medium, C::Medium, Role::Product, None), Decision::Advise);
        assert_eq!(case(S::Low, C::High, Role::Product, None), Decision::Note);
    }
}
