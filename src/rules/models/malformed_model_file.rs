//! Model files that break the rules of their format, so that readers may see different things.

use super::told::{self, Kind, Uses};
use crate::diag::{Confidence, Severity};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "malformed-model-file",
    title: "a model file breaks the rules of its format",
    many: "{n} model files break the rules of their format",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("malformed_model_file.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let all = told::all(scene, Kind::Malformed);
    if all.is_empty() {
        return;
    }
    let uses = Uses::of(scene, &all);
    for one in &all {
        let Some((place, finding)) = one.first() else { continue };
        let draft = told::draft(scene, report, one, (place, finding))
            .severity(told::severity(finding.rule.severity))
            .confidence(Confidence::Medium);
        uses.route(scene, one, draft)
            .advise(
                "write it anew with the framework that made it; if that is not possible, find out where it came from",
            )
            .say(told::sentence(one.path, &finding.message));
    }
}
