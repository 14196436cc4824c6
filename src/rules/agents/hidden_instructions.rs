//! Text in instructions that a person does not see.

use std::collections::BTreeMap;

use super::files;
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::agents::{Hidden, HiddenKind};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "hidden-instructions",
    title: "instructions that a person does not see",
    many: "{n} files hold instructions that a person does not see",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("hidden_instructions.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for agent in files(scene) {
        let mut by_kind: BTreeMap<HiddenKind, Vec<&Hidden>> = BTreeMap::new();
        for hidden in &agent.hidden {
            by_kind.entry(hidden.kind).or_default().push(hidden);
        }
        let name = scene.sources.path(agent.file);
        for (kind, found) in by_kind {
            let Some(first) = found.first() else { continue };
            let count: usize = found.iter().map(|h| h.count).sum();
            let (what, severity, confidence) = match kind {
                HiddenKind::Tags => ("tag characters, which stand for letters", Severity::High, Confidence::High),
                HiddenKind::Selectors => {
                    ("variation selectors in a row, which may stand for bytes", Severity::High, Confidence::Medium)
                }
                HiddenKind::Directions => {
                    ("marks that turn the direction of writing around", Severity::Medium, Confidence::Medium)
                }
                HiddenKind::NoWidth => ("characters without width in a row", Severity::Medium, Confidence::Medium),
            };
            let mut draft = report
                .at(Place::new(agent.file, first.span), what)
                .severity(severity)
                .confidence(confidence)
                .also(found.iter().map(|h| Place::new(agent.file, h.span)))
                .about("instructions", name, None)
                .each(found.iter().map(|h| format!("{what} {}", h.spells)))
                .evidence(format!("{count} characters that editors and diffs do not show"));
            let spelled: String = found.iter().map(|h| h.spells.as_str()).collect();
            if spelled.chars().filter(char::is_ascii_alphabetic).count() > 2 {
                draft = draft.evidence(format!("they spell: {}", spelled.replace('`', "'")));
            }
            draft
                .advise("delete the characters, and look in the history of the file who put them there")
                .say(format!("{name} holds text for the agent that a person does not see: {count} {what}"));
        }
    }
}
