//! A dependency that others may publish than when its registry was last asked.

use super::subject::names;
use crate::diag::Severity;
use crate::rules::python::site::Sites;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "owners-changed",
    title: "dependency whose owners changed",
    many: "{n} dependencies have other owners than before",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("owners_changed.md"),
    check,
};

/// Owners named in a message.
const NAMED: usize = 3;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let sites = Sites::of(scene);
    for subject in names(scene) {
        let now = &subject.facts.owners;
        // A registry that says nothing of owners has not lost them.
        let Some(before) = subject.facts.owners_before.as_ref().filter(|b| !b.is_empty() && !now.is_empty()) else {
            continue;
        };
        let added: Vec<&str> = now.iter().filter(|o| !before.contains(o)).map(String::as_str).collect();
        let removed: Vec<&str> = before.iter().filter(|o| !now.contains(o)).map(String::as_str).collect();
        if added.is_empty() && removed.is_empty() {
            continue;
        }
        let is_taken_over = !added.is_empty() && removed.len() == before.len();
        let severity = match (is_taken_over, added.is_empty()) {
            (true, _) => Severity::Medium,
            (false, false) => Severity::Low,
            (false, true) => Severity::Info,
        };
        let mut said = Vec::new();
        if !added.is_empty() {
            said.push(format!("{} may publish it now", list(&added)));
        }
        if !removed.is_empty() {
            said.push(format!("{} may not any more", list(&removed)));
        }
        let all = if is_taken_over { ", so that nobody is left of those before" } else { "" };
        subject
            .draft(scene, &sites, report)
            .severity(severity)
            .content(format!("{} {}", subject.name, now.join(" ")))
            .advise(format!(
                "see whether the project of `{}` announced it before you take its next release",
                subject.name
            ))
            .say(format!("the owners of `{}` changed: {}{all}", subject.name, said.join(", ")));
    }
}

fn list(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        n => format!("{} and {n} more", shown.join(", ")),
    }
}
