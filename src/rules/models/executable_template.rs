//! Chat templates that reach out of the sandbox of Jinja.

use super::told::{self, Kind, Uses};
use crate::diag::{Confidence, Impact, Severity};
use crate::rules::{Reporter, Rule, Scene};
use crate::scan::Verdict;
use crate::source::Role;

pub(super) static RULE: Rule = Rule {
    id: "executable-template",
    title: "a chat template reaches for more than text",
    many: "{n} chat templates reach for more than text",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("executable_template.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let all = told::all(scene, Kind::Template);
    if all.is_empty() {
        return;
    }
    let uses = Uses::of(scene, &all);
    for one in &all {
        let Some((place, finding)) = one.first() else { continue };
        let is_near = told::role(scene, one.file) <= Role::Development;
        let is_dangerous = finding.rule.verdict == Verdict::Dangerous;
        let severity = told::severity(finding.rule.severity);
        let severity = match finding.rule.verdict {
            Verdict::Dangerous if is_near => severity,
            Verdict::Dangerous => severity.min(Severity::High),
            _ => severity.min(Severity::Medium),
        };
        let draft = told::draft(scene, report, one, (place, finding))
            .severity(severity)
            .confidence(if is_dangerous { Confidence::High } else { Confidence::Medium })
            .impact(is_dangerous.then_some(Impact::StrangerExecutes));
        uses.route(scene, one, draft)
            .advise("take the template of the model's publisher, and compare it with the one here")
            .advise("render templates in `jinja2.sandbox.ImmutableSandboxedEnvironment` only")
            .say(told::sentence(one.path, &finding.message));
    }
}
