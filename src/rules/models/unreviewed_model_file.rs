//! Model files with parts that are not known to be harmless.

use super::own;
use super::told::{self, Kind, Uses};
use crate::diag::{Confidence, Severity};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "unreviewed-model-file",
    title: "a model file uses what is not known to be harmless",
    many: "{n} model files use what is not known to be harmless",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unreviewed_model_file.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let all = told::all(scene, Kind::Unreviewed);
    if all.is_empty() {
        return;
    }
    let uses = Uses::of(scene, &all);
    for one in &all {
        let Some((place, finding)) = one.first() else { continue };
        let scanned = &one.model.report;
        let is_own = own::are_all_known(scene, scanned)
            && one.found.iter().all(|(_, finding)| finding.rule.id == "pickle-unknown-global");
        let usual = told::severity(finding.rule.severity).min(Severity::Medium);
        let mut draft = told::draft(scene, report, one, (place, finding))
            .severity(if is_own { Severity::Low } else { usual })
            .confidence(Confidence::Medium);
        if is_own {
            draft = draft.evidence("what it names are modules of this tree");
        }
        draft = uses.route(scene, one, draft);
        if let Some(text) = told::restricted(scanned) {
            draft = draft.advise(text);
        }
        if scanned.pickle.is_some() {
            draft = draft.advise("write what it holds anew in a format without code, safetensors for weights, in a place where nothing is to be gained");
        }
        draft
            .advise("find out where it came from, and read what it names")
            .say(told::sentence(one.path, &finding.message));
    }
}
