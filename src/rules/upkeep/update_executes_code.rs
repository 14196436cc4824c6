//! Updates for which Dependabot runs code of others.

use super::dependabots;
use crate::diag::{Confidence, Edit, Severity};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "update-executes-code",
    title: "Dependabot runs code of dependencies",
    many: "{n} updates have Dependabot run code of dependencies",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("update_executes_code.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for bot in dependabots(scene) {
        for update in &bot.updates {
            let Some(executes) = update.executes.as_ref().filter(|e| e.value.trim() == "allow") else { continue };
            let place = Place::new(bot.file, executes.span);
            let written = scene.sources.get(bot.file).map_or("", |f| f.text_at(executes.span));
            let mut draft = report
                .at(place, "code of dependencies runs")
                .confidence(Confidence::High)
                .about("updates", update.ecosystem.value.clone(), None)
                .content(update.ecosystem.value.clone())
                .evidence("the code runs beside the passwords of the registries that the file names");
            if written == "allow" {
                draft = draft.fix([Edit { place, text: "deny".to_owned() }]);
            }
            draft
                .advise("deny it, and update by hand what cannot be resolved without running code")
                .say(format!("Dependabot runs code of dependencies to update {}", update.ecosystem.value));
        }
    }
}
