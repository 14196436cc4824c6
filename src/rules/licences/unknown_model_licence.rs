//! A model or data set whose licence nobody states, where the policy wants one to be known.

use super::licensed;
use super::licensed::Asked;
use crate::diag::Severity;
use crate::rules::Reporter;
use crate::rules::Rule;
use crate::rules::Scene;
use crate::rules::loads::group;

pub(super) static RULE: Rule = Rule {
    id: "unknown-model-licence",
    title: "model or data set without a known licence",
    many: "of {n} models and data sets nobody states the licence",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unknown_model_licence.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(asked) = Asked::of(scene) else { return };
    for one in licensed::all(scene) {
        let Some(taken) = asked.taken(one.kind).filter(|taken| taken.required) else { continue };
        if !one.is_knowable || !one.is_unknown() {
            continue;
        }
        let message = format!("nobody states the licence of the {} `{}`", group::noun(one.kind), one.name);
        let advice = "`cargo custody lock` writes down the licence that a hub's card states; where none is stated, ask \
                      whoever made it and write the answer into custody.toml, as `licence` of a `[[sbom.component]]` \
                      with that name as `match`";
        one.say(report, &asked, taken, ("no known licence", message, advice));
    }
}
