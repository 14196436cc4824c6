//! Debug output of the runner, switched on for good.

use super::settings::{self, Switched};
use super::written::and_others;
use crate::diag::{Edit, Severity};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "debug-logging",
    title: "debug output that is always on",
    many: "{n} files have debug output always on",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("debug_logging.md"),
    check,
};

/// Source: GitHub Docs, "Enabling debug logging".
const NAMES: &[&str] = &["ACTIONS_RUNNER_DEBUG", "ACTIONS_STEP_DEBUG"];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for (_, found) in settings::by_file(settings::switched(scene, NAMES)) {
        let Some(first) = found.first() else { continue };
        let Switched { file, place, name, .. } = first;
        let edits: Option<Vec<Edit>> = found.iter().map(|f| f.fix.clone()).collect();
        report
            .at(*place, "always on")
            .about("variable", name.clone(), None)
            .also(found.iter().map(|f| f.place))
            .fix(edits.unwrap_or_default())
            .advise(format!("take {name} out; a single run can be repeated with debug logging when it is needed"))
            .say(format!("{name} is on in {}{}", file.owner(place.span), and_others(found.len())));
    }
}
