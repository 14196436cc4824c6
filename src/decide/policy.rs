//! The built-in policy, and what the tree's own makes of it. Every report names both.
//!
//! Whatever a file says, malicious code blocks, and fixtures and vendored copies never do for anything else.

use crate::audit::Decision;
use crate::config::{Effective, Level, Threshold};
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
    /// Whether it can be put right: there is an edit, or a release to move to.
    pub fixable: bool,
    /// Whether it is known to be reached.
    pub reached: bool,
    /// Whether the project asks for it itself.
    pub direct: bool,
}

/// The decision of the policy in force, and why where it blocks. `service` is the word of the part of the tree that
/// the finding lies in.
#[must_use]
pub fn decide(
    case: Case,
    policy: Option<&Effective>,
    family: &str,
    rule: &str,
    service: Option<&Threshold>,
) -> (Decision, Option<String>) {
    let built_in = || {
        let (decision, because) = decide_built_in(case);
        (decision, because.map(str::to_owned))
    };
    let Some(policy) = policy else { return built_in() };
    let own = policy.gate.threshold(family, rule, service);
    let Some(above) = &policy.inherited else {
        return if own.is_empty() { built_in() } else { weigh(case, &own) };
    };
    let above = above.threshold(family, rule, None);
    let joined = own.over(&above);
    if joined.is_empty() {
        return built_in();
    }
    let may_loosen = above.may_loosen.as_ref().is_some_and(|may| may.value);
    let found = weigh(case, &joined);
    if above.is_empty() || may_loosen {
        return found;
    }
    // What is inherited holds where the tree's own says less. `Block` is the least of decisions.
    let least = weigh(case, &above);
    if least.0 < found.0 { least } else { found }
}

/// What a threshold makes of a finding.
fn weigh(case: Case, threshold: &Threshold) -> (Decision, Option<String>) {
    let (usual, why) = decide_built_in(case);
    let why = why.map(str::to_owned);
    // Nothing makes an attack lighter, and nothing that is set aside heavier.
    if case.impact == Some(Impact::Malicious) || case.role.is_set_aside() {
        return (usual, why);
    }
    let word = |text: &Option<crate::source::Spanned<String>>| text.as_ref().map(|text| text.value.clone());
    let live = matches!(case.role, Role::Product | Role::Ci);
    let near = live || case.role == Role::Development;
    let is_sure = |least: &str| sureness(case.confidence) >= of_confidence(least);
    let at_least = |severity: &str| of_severity(severity).is_some_and(|least| case.severity >= least);
    let (mut decision, mut because) = (usual, why);
    if let Some(level) = &threshold.level {
        (decision, because) = match level.value {
            Level::Block => (Decision::Block, Some("the policy blocks whatever this rule finds".to_owned())),
            Level::Advise => (Decision::Advise, None),
            Level::Note => (Decision::Note, None),
        };
    } else {
        if let Some(least) = word(&threshold.block) {
            let sure = word(&threshold.confidence).unwrap_or_else(|| "medium".to_owned());
            (decision, because) = match live && at_least(&least) && is_sure(&sure) {
                // What blocks anyway does so for its own reason.
                true if usual == Decision::Block => (decision, because),
                true => (Decision::Block, Some(format!("the policy blocks from {least} severity on"))),
                false => (if usual == Decision::Block { Decision::Advise } else { usual }, None),
            };
        }
        if let Some(least) = word(&threshold.advise).filter(|_| decision != Decision::Block) {
            let advises = near && at_least(&least) && case.confidence >= Confidence::Medium;
            decision = if advises { Decision::Advise } else { Decision::Note };
        }
    }
    let holds = |flag: &Option<crate::source::Spanned<bool>>| flag.as_ref().is_some_and(|flag| flag.value);
    let spared = word(&threshold.confidence).is_some_and(|least| !is_sure(&least))
        || (holds(&threshold.fixable_only) && !case.fixable)
        || (holds(&threshold.reachable_only) && !case.reached)
        || (holds(&threshold.direct_only) && !case.direct);
    if spared && decision == Decision::Block {
        return (Decision::Advise, None);
    }
    (decision, because)
}

fn of_severity(word: &str) -> Option<Severity> {
    let all = [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    all.into_iter().find(|severity| severity.as_str() == word)
}

fn of_confidence(word: &str) -> u8 {
    match word {
        "high" => 2,
        "medium" => 1,
        _ => 0,
    }
}

fn sureness(confidence: Confidence) -> u8 {
    of_confidence(confidence.as_str())
}

/// The decision of the built-in policy, and why where it blocks.
#[must_use]
pub fn decide_built_in(case: Case) -> (Decision, Option<&'static str>) {
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
pub fn name(honours_ignores: bool, ignores_no_comments: bool, policy: Option<&Effective>) -> String {
    let own = policy.filter(|policy| !policy.name.is_empty()).map(|policy| format!(" and {}", policy.name));
    let own = own.unwrap_or_default();
    let files = if honours_ignores { ", ignore files honoured" } else { "" };
    let comments = if ignores_no_comments { ", inline ignores off" } else { "" };
    format!("{NAME}{own}{files}{comments}")
}

/// SHA-256 of the policy, hex.
#[must_use]
pub fn policy_digest(honours_ignores: bool, ignores_no_comments: bool, policy: Option<&Effective>) -> String {
    let added = [(honours_ignores, HONOURED), (ignores_no_comments, NO_COMMENTS)];
    let added = added.into_iter().filter(|(is_in, _)| *is_in).map(|(_, text)| text);
    let own = policy.map(|policy| policy.text.as_str()).filter(|text| !text.is_empty());
    let parts: Vec<&str> = std::iter::once(TEXT).chain(added).chain(own).collect();
    hex(&digest(&parts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::source::{FileId, Sources};

    const CASE: Case = Case {
        severity: Severity::High,
        confidence: Confidence::High,
        role: Role::Product,
        impact: None,
        known_flaw: false,
        fixable: false,
        reached: false,
        direct: false,
    };

    fn config(text: &str, home: config::Home) -> config::Config {
        let parsed = crate::parse::toml::parse(text, &mut crate::parse::Budget::default());
        let (config, problems) = config::of(&parsed, FileId(0), home);
        assert_eq!(problems, [], "{text}");
        config
    }

    fn policy(own: &str, above: &str) -> Effective {
        let own = config(own, config::Home::Root);
        let above = (!above.is_empty()).then(|| config(above, config::Home::Inherited));
        Effective::of(Some(&own), above.as_ref(), &Sources::default(), None)
    }

    fn found(case: Case, own: &str, above: &str) -> Decision {
        decide(case, Some(&policy(own, above)), "pinning", "unpinned-action", None).0
    }

    #[test]
    fn a_rule_stands_before_its_family_and_that_before_all() {
        use Decision::{Advise, Block, Note};
        let medium = Case { severity: Severity::Medium, ..CASE };
        for (own, wanted) in [
            ("", Advise),
            ("[gate]\nblock = \"medium\"\n", Block),
            ("[gate]\nblock = \"high\"\n", Advise),
            ("[gate]\nblock = \"off\"\nadvise = \"off\"\n", Note),
            ("[gate]\nblock = \"medium\"\n[gate.family]\npinning = \"high\"\n", Advise),
            ("[gate.family]\npinning = \"high\"\n[gate.rule]\nunpinned-action = \"medium\"\n", Block),
            ("[gate.family]\npinning = \"note\"\n[gate.rule]\nunpinned-action = \"medium\"\n", Block),
            ("[gate.family]\npinning = \"medium\"\n[gate.rule]\nunpinned-action = \"note\"\n", Note),
            ("[gate.family]\nworkflow = \"medium\"\n", Advise),
            ("[gate.rule.unpinned-action]\nlevel = \"block\"\nfixable-only = true\n", Advise),
            ("[gate]\nblock = \"low\"\nconfidence = \"high\"\n", Block),
        ] {
            assert_eq!(found(medium, own, ""), wanted, "{own}");
        }
        let unsure = Case { confidence: Confidence::Medium, ..CASE };
        assert_eq!(found(unsure, "[gate]\nblock = \"low\"\nconfidence = \"high\"\n", ""), Advise);
    }

    #[test]
    fn what_is_spared_advises() {
        let gate = |key: &str| format!("[gate]\n{key} = true\n");
        for (key, case) in [
            ("fixable-only", Case { fixable: true, ..CASE }),
            ("reachable-only", Case { reached: true, ..CASE }),
            ("direct-only", Case { direct: true, ..CASE }),
        ] {
            assert_eq!(found(case, &gate(key), ""), Decision::Block, "{key}");
            assert_eq!(found(CASE, &gate(key), ""), Decision::Advise, "{key}");
        }
    }

    #[test]
    fn an_attack_blocks_and_a_fixture_does_not_whatever_a_file_says() {
        let attack = Case { impact: Some(Impact::Malicious), role: Role::Test, ..CASE };
        let off = "[gate]\nblock = \"off\"\nfixable-only = true\n[gate.rule]\nunpinned-action = \"note\"\n";
        assert_eq!(found(attack, off, ""), Decision::Block);
        let fixture = Case { role: Role::Fixture, ..CASE };
        assert_eq!(found(fixture, "[gate.rule]\nunpinned-action = \"block\"\n", ""), Decision::Note);
    }

    #[test]
    fn a_tree_may_tighten_what_it_inherits_and_loosen_what_that_allows() {
        use Decision::{Advise, Block, Note};
        let note = "[gate.rule]\nunpinned-action = \"note\"\n";
        let high = "[gate.family.pinning]\nblock = \"high\"\n";
        let loose = "[gate.family.pinning]\nblock = \"high\"\nmay-loosen = true\n";
        assert_eq!(found(CASE, note, high), Block, "a rule of the tree does not go round a family of the organisation");
        assert_eq!(found(CASE, note, loose), Note);
        assert_eq!(found(CASE, note, "[gate.family]\nworkflow = \"high\"\n"), Note, "of this nothing is inherited");
        let medium = Case { severity: Severity::Medium, ..CASE };
        assert_eq!(found(medium, "", high), Advise);
        assert_eq!(found(medium, "[gate]\nblock = \"medium\"\n", "[gate]\nblock = \"high\"\n"), Block, "tighter");
        assert_eq!(found(CASE, "", "[gate.family]\npinning = \"note\"\n"), Note, "an organisation may say less");
    }

    fn case(severity: Severity, confidence: Confidence, role: Role, impact: Option<Impact>) -> Decision {
        decide_built_in(Case { severity, confidence, role, impact, ..CASE }).0
    }

    #[test]
    fn a_known_flaw_blocks_only_if_it_is_critical() {
        let flaw = |severity, confidence, role| {
            decide_built_in(Case { severity, confidence, role, known_flaw: true, ..CASE }).0
        };
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
