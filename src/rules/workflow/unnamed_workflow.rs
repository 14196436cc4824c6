//! Workflows without a name.

use crate::diag::Severity;
use crate::graph::ci;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Span};

pub(super) static RULE: Rule = Rule {
    id: "unnamed-workflow",
    title: "workflow without a name",
    many: "{n} workflows have no name",
    severity: Severity::Info,
    since: "0.1",
    docs: include_str!("unnamed_workflow.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for workflow in scene.workflows().filter(|w| w.name.is_none() && !w.jobs.is_empty()) {
        let place = ci::trigger_place(workflow).unwrap_or(Place::new(workflow.file, Span::new(0, 0)));
        let path = scene.sources.path(workflow.file);
        let name = path.rsplit('/').next().unwrap_or(path);
        report
            .at(place, "no `name` beside it")
            .about("workflow", path, None)
            .content("unnamed")
            .advise("name it by what it is for, at the top: name: release")
            .say(format!("`{name}` has no name"));
    }
}
