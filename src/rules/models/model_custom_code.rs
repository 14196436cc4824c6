//! Models that bring code which their loader imports.

use super::told::{self, Kind, Uses};
use crate::diag::{Confidence, Severity};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "model-custom-code",
    title: "a model brings code that its loader runs",
    many: "{n} models bring code that their loader runs",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("model_custom_code.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let all = told::all(scene, Kind::Code);
    if all.is_empty() {
        return;
    }
    let uses = Uses::of(scene, &all);
    for one in &all {
        let Some((place, finding)) = one.first() else { continue };
        let draft =
            told::draft(scene, report, one, (place, finding)).severity(Severity::Medium).confidence(Confidence::Medium);
        uses.route(scene, one, draft)
            .advise("read that code as you would read a dependency, and pin the revision it is taken from")
            .advise("leave `trust_remote_code` off where the model is loaded; a model of a known kind needs none")
            .say(told::sentence(one.path, &finding.message));
    }
}
