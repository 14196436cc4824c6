//! Model files that run, load or read what whoever made them chose.

use super::told::{self, Kind, Uses};
use crate::diag::{Confidence, Impact, Severity};
use crate::rules::{Reporter, Rule, Scene};
use crate::scan;
use crate::source::Role;

pub(super) static RULE: Rule = Rule {
    id: "dangerous-model-file",
    title: "a model file runs code when it is loaded",
    many: "{n} model files run code when they are loaded",
    severity: Severity::Critical,
    since: "0.1",
    docs: include_str!("dangerous_model_file.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let all = told::all(scene, Kind::Dangerous);
    if all.is_empty() {
        return;
    }
    let uses = Uses::of(scene, &all);
    for one in &all {
        let Some((place, finding)) = one.first() else { continue };
        let is_near = told::role(scene, one.file) <= Role::Development;
        let severity = told::severity(finding.rule.severity);
        // Trees of scanners and of loaders hold such files to test with.
        let severity = if is_near { severity } else { severity.min(Severity::High) };
        let runs = finding.rule.severity == scan::Severity::Critical;
        let draft = told::draft(scene, report, one, (place, finding))
            .severity(severity)
            .confidence(Confidence::High)
            .impact(runs.then_some(Impact::StrangerExecutes));
        uses.route(scene, one, draft)
            .advise("load it nowhere; find out who put it there, and delete it")
            .advise("take the weights from where they were trained, as safetensors")
            .say(told::sentence(one.path, &finding.message));
    }
}
