//! A licence of a model that the policy does not take.

use super::licensed;
use crate::diag::Severity;
use crate::references::AssetKind;
use crate::rules::Reporter;
use crate::rules::Rule;
use crate::rules::Scene;

pub(super) static RULE: Rule = Rule {
    id: "denied-model-licence",
    title: "licence of a model that the policy does not take",
    many: "{n} licences of models are not taken by the policy",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("denied_model_licence.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    licensed::tell_denied(scene, report, |kind| kind != AssetKind::Dataset);
}
