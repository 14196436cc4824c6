//! A setting that makes another tool blind.

use crate::diag::{Confidence, Severity};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

use super::ignoring::files;

pub(super) static RULE: Rule = Rule {
    id: "blinding-setting",
    title: "setting that makes an auditing tool blind",
    many: "{n} settings make auditing tools blind",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("blinding_setting.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for file in files(scene) {
        for blinding in &file.blinding {
            report
                .at(Place::new(file.file, blinding.span), blinding.effect)
                .about("setting", blinding.setting.clone(), None)
                .severity(if blinding.is_grave { Severity::Medium } else { Severity::Low })
                .confidence(Confidence::Medium)
                .content(blinding.setting.clone())
                .evidence("the configuration; how the tool is called may override it")
                .advise("take the setting out of the tree, and ignore single advisories with a reason in its place")
                .say(format!("with `{}` {} {}", blinding.setting, file.tool.as_str(), blinding.effect));
        }
    }
}
